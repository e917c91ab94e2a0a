"""Reading old minutes from outside: one limited child a file, whatever the file is."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from portal.intake.extracting import MESSAGES, NEWER, Extracted, convert, office_program, run_child
from portal.intake.filetypes import ALLOWED, check_limits, sniff
from portal.intake.limits import Limits, Refused
from portal.intake.minutes.model import Found, Minutes

_READABLE = frozenset(("docx", "xlsx", "pdf", "txt", "csv", "doc", "xls", "rtf"))
_NO_MINUTES = "この種類のファイルからは会議の内容を読み取れません。Word・Excel・PDF・テキストの議事録を選んでください。"
LIMITS = Limits(text_chars=400_000, cells=60_000)
"""Minutes are shorter than what is kept for searching: no more than this is looked at."""


def read_minutes(path: Path, name: str = "", limits: Limits | None = None) -> Minutes:
    """Return what a file of old minutes says; whatever the file is, this answers in time and never raises because of it.

    A file that cannot be read is of kind unreadable, and its one warning says why. `name` is what people call the file,
    when `path` is only where it lies.
    """
    name = name or path.name
    limits = limits or LIMITS
    try:
        kind = sniff(path, name, limits).extension
        if kind not in _READABLE:
            return _unreadable(name, _NO_MINUTES)
        check_limits(path, ALLOWED[kind], limits)
        return _read(path, name, kind, limits)
    except Refused as refused:
        return _unreadable(name, str(refused) or MESSAGES[refused.status])
    except OSError:
        return _unreadable(name, "ファイルを読み取れませんでした。もう一度試してください。")


def _read(path: Path, name: str, kind: str, limits: Limits) -> Minutes:
    """Read a file; an old one by way of LibreOffice where that is installed and succeeds, since it knows the tables."""
    program = office_program()
    if kind in NEWER and program is not None:
        with tempfile.TemporaryDirectory(prefix="minutes-") as folder:
            deadline = time.monotonic() + limits.wall_seconds
            converted = convert(path, kind, program, Path(folder), limits, deadline)
            if not isinstance(converted, Extracted):
                check_limits(converted, ALLOWED[NEWER[kind]], limits)
                found = _in_child(converted, name, NEWER[kind], limits)
                if found.kind_guess != "unreadable":
                    return found
    return _in_child(path, name, kind, limits)


def _in_child(path: Path, name: str, kind: str, limits: Limits) -> Minutes:
    request = {"kind": "minutes", "of": kind, "name": name}
    with path.open("rb") as file:
        answer, code = run_child(file, request, limits, time.monotonic() + limits.wall_seconds)
    if answer is None:
        return _unreadable(name, MESSAGES["timeout"])
    if not answer:
        return _unreadable(name, MESSAGES["timeout" if code in (-signal.SIGXCPU, -signal.SIGKILL) else "damaged"])
    try:
        return _understood(name, json.loads(answer))
    except (ValueError, KeyError, TypeError, AttributeError):
        return _unreadable(name, MESSAGES["damaged"])


def _understood(name: str, answer: dict[str, Any]) -> Minutes:
    """Return the child's answer; it is taken as what a stranger says, so its form is checked."""
    if answer["status"] != "ok":
        return _unreadable(name, str(answer["message"] or MESSAGES[answer["status"]]))
    said = answer["minutes"]
    fields = {str(field): _found(found) for field, found in said["fields"].items()}
    warnings, rest = (tuple(map(str, said[part])) for part in ("warnings", "not_understood"))
    return Minutes(name, str(said["kind_guess"]), fields, warnings, rest)


def _found(said: dict[str, Any]) -> Found:
    value = said["value"]
    value = [str(item) for item in value] if isinstance(value, list) else str(value)
    found = Found(
        **{part: str(said[part]) for part in ("field", "text", "snippet", "place")}, value=value, confidence=0.0
    )
    return replace(found, confidence=float(said["confidence"]))


def _unreadable(name: str, why: str) -> Minutes:
    return Minutes(name, "unreadable", warnings=(why,))
