"""The outline of a Word document that comes back after editing: traced by the limited child, told in plain values."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from portal.intake.extracting import MESSAGES, run_child
from portal.intake.limits import Damaged, Encrypted, Limits, Refused, TooLarge, Unsupported
from portal.intake.readers import outline

Outline = dict[str, Any]
"""What `portal.intake.readers.outline` tells: tokens, changes, comments, around, notes."""

_PROBLEMS: dict[str, type[Refused]] = {
    "encrypted": Encrypted, "damaged": Damaged, "timeout": TooLarge, "too_large": TooLarge, "unsupported": Unsupported,
}  # fmt: skip
_LIMITS = replace(Limits(), text_chars=5_000_000)


def trace_outline(path: Path, limits: Limits = _LIMITS) -> Outline:
    """Return the outline of a stranger's .docx. Raises Encrypted, Damaged, TooLarge or Refused with words."""
    with path.open("rb") as file:
        answer, _ = run_child(file, {"kind": "outline"}, limits, time.monotonic() + limits.wall_seconds)
    found: dict[str, Any] = json.loads(answer) if answer else {"status": "timeout" if answer is None else "damaged"}
    if found["status"] != "ok":
        status = found["status"]
        raise _PROBLEMS.get(status, Refused)(found.get("message") or MESSAGES.get(status, MESSAGES["damaged"]))
    return found


def own_outline(docx: bytes) -> Outline:
    """Return the outline of a .docx this portal has just written; it needs no walls around it."""
    return outline.trace(io.BytesIO(docx), {}, _LIMITS)
