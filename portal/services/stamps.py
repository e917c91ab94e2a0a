"""The stamp in an exported Word file: which version of which document it is, signed by this site.

A file that comes back is believed by its stamp alone, so one made up or carried over from another site is told apart.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from portal.services.site import Site

_STAMP = re.compile(r"(\d{1,10})_(\d{1,5})_([fs])_([0-9a-f]{12})_([0-9a-f]{4})")


@dataclass(frozen=True)
class Stamp:
    """What a stamp says. `form` tells editions of the printed form apart; `genuine` that this site signed it."""

    document_id: int
    version: int
    is_shared: bool
    form: str
    genuine: bool


def write_stamp(site: Site, document_id: int, version: int, *, is_shared: bool) -> str:
    """Return the stamp of a version, without the form's own letters, which the export adds."""
    said = f"{document_id}_{version}_{'s' if is_shared else 'f'}"
    return f"{said}_{_signature(site, said)}"


def read_stamp(site: Site, text: str) -> Stamp | None:
    """Return what a stamp says, or None when it is none."""
    found = _STAMP.fullmatch(text)
    if found is None:
        return None
    said = f"{found[1]}_{found[2]}_{found[3]}"
    genuine = hmac.compare_digest(_signature(site, said), found[4])
    return Stamp(int(found[1]), int(found[2]), found[3] == "s", found[5], genuine)


def _signature(site: Site, said: str) -> str:
    return hmac.new(f"word-stamp:{site.secret_key}".encode(), said.encode(), hashlib.sha256).hexdigest()[:12]
