"""Pages of a PDF as pictures, drawn by the same limited child that reads text."""

from __future__ import annotations

import base64
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.intake.extracting import MESSAGES, Extracted, convert, run_child
from portal.intake.limits import Damaged, Encrypted, Limits, Refused, TooLarge

MOST = 20
"""Pages drawn at once."""
OFFICE_SECONDS = 25.0
"""Seconds LibreOffice gets to lay out somebody's file."""
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


def as_pdf(path: Path, extension: str, program: str, limits: Limits | None = None) -> bytes:
    """Return an Office file as PDF, laid out by LibreOffice in the limited child. Raises Damaged or TooLarge."""
    limits = limits or Limits(cpu_seconds=20, wall_seconds=OFFICE_SECONDS)
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        deadline = time.monotonic() + limits.wall_seconds
        made = convert(path, extension, program, Path(folder), limits, deadline, to="pdf")
        if isinstance(made, Extracted):
            raise _PROBLEMS.get(made.status, Damaged)(made.message)
        return made.read_bytes()
