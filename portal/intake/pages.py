"""Pages of a PDF as pictures, drawn by the same limited child that reads text."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.intake.extracting import MESSAGES, run_child
from portal.intake.limits import Damaged, Encrypted, Limits, Refused, TooLarge

MOST = 20
"""Pages drawn at once."""
_PROBLEMS: dict[str, type[Refused]] = {"encrypted": Encrypted, "timeout": TooLarge}


@dataclass(frozen=True, slots=True)
class Pages:
    """Some pages of a file: `count` is how many it has in all, `pictures` those drawn, as WebP, from page `first` on."""

    count: int
    first: int
    pictures: tuple[bytes, ...]


def draw_pages(
    path: Path, *, first: int = 1, last: int = MOST, width: int = 900, limits: Limits | None = None
) -> Pages:
    """Draw pages `first` to `last` of a PDF, `width` pixels wide. Raises Damaged, Encrypted or TooLarge with words."""
    limits = limits or Limits()
    last = min(last, first + MOST - 1)
    request = {"kind": "pages", "first": first, "last": last, "width": width}
    with path.open("rb") as file:
        answer, _ = run_child(file, request, limits, time.monotonic() + limits.wall_seconds)
    found: dict[str, Any] = json.loads(answer) if answer else {"status": "damaged" if answer == b"" else "timeout"}
    if "pictures" not in found:
        status = found["status"]
        raise _PROBLEMS.get(status, Damaged)(MESSAGES.get(status, MESSAGES["damaged"]))
    return Pages(found["pages"], first, tuple(base64.b64decode(one) for one in found["pictures"]))
