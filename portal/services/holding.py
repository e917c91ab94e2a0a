"""Files of a report that is still being typed: taken in at once, kept for their writer, attached when the report is saved.

Each is a row of its own beside the draft it belongs to, so that two arriving at once do not meet.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import IO

from sqlalchemy import select

from portal.db.base import now
from portal.models import Attachment, Document, Draft
from portal.services import attaching
from portal.services.attaching import FileRefused, Taken
from portal.services.drafts import FILE
from portal.services.uow import UnitOfWork

MOST = 50
"""Files one unsaved report may hold."""


@dataclass(frozen=True)
class Held:
    """One file that waits for its report to be saved."""

    key: str
    taken: Taken


def hold(uow: UnitOfWork, nonce: str, *, kind_name: str, name: str, source: IO[bytes]) -> Held:
    """Take a file in for a report that is not saved yet. Raises what `attaching.take_in` raises."""
    if len(_rows(uow, nonce)) >= MOST:
        raise FileRefused(f"一度に添付できるのは{MOST}件までです。報告を保存してから続けてください。")
    taken = attaching.take_in(uow, name=name, source=source)
    key = f"{_stem(nonce)}{secrets.token_hex(8)}"
    uow.session.add(
        Draft(
            account_id=uow.identity.account_id,
            key=key,
            ward_id=uow.reader.ward,
            kind_name=kind_name,
            title=taken.name[:300],
            entries=[["file", json.dumps(asdict(taken), ensure_ascii=False)]],
            updated_at=now(),
        )
    )
    uow.flush()
    return Held(key, taken)


def held(uow: UnitOfWork, nonce: str) -> list[Held]:
    """Return the files that wait under that nonce, the first one first."""
    return [Held(row.key, Taken(**json.loads(row.entries[0][1]))) for row in _rows(uow, nonce)]


def attach_held(uow: UnitOfWork, document: Document, nonce: str) -> list[Attachment]:
    """Attach everything that waited under that nonce to the document made of it."""
    made = [attaching.attach_taken(uow, document.id, one.taken) for one in held(uow, nonce)]
    let_go(uow, nonce)
    return made


def let_go(uow: UnitOfWork, nonce: str, key: str = "") -> None:
    """Forget one file that waits under that nonce, or all of them."""
    for row in _rows(uow, nonce):
        if key in ("", row.key):
            uow.session.delete(row)
    uow.flush()


def _stem(nonce: str) -> str:
    return f"{FILE}{nonce}:"


def _rows(uow: UnitOfWork, nonce: str) -> Sequence[Draft]:
    own = Draft.account_id == uow.identity.account_id, Draft.ward_id == uow.reader.ward
    found = select(Draft).where(*own, Draft.key.startswith(_stem(nonce), autoescape=True))
    return uow.session.scalars(found.order_by(Draft.updated_at, Draft.key)).all()
