"""Text out of an uploaded file, read by a child process that can neither grow, nor linger, nor call anyone.

The file is handed over as standard input and the answer comes back as one bounded JSON object, so whatever happens to
the child, the portal learns at worst that there is no text. See `sandbox.py` for the walls and `readers/` for the reading.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from portal.intake.filetypes import ALLOWED, FileType, check_limits
from portal.intake.limits import Limits, Refused

MESSAGES = {
    "ok": "",
    "empty": "文字が入っていないため、中の言葉では検索できません。",
    "encrypted": "パスワードで保護されているため、中を読めません。パスワードを外して保存し直すと、中の言葉でも探せます。",
    "damaged": "ファイルが壊れているため、中を読めません。元のファイルを開けるか確かめ、保存し直してください。",
    "too_large": "中身が大きすぎるため、文字を取り出せません。分けて保存し直してください。",
    "timeout": "中身が複雑で、時間内に文字を取り出せませんでした。PDF にするか、分けて保存し直してください。",
    "unsupported": "この形式は中を読めません。Word や Excel で新しい形式（.docx、.xlsx）に保存し直すと、中の言葉でも探せます。",
    "refused": "安全のため、このファイルの中は読みません。",
}
PICTURE = "画像のため、中の言葉では検索できません（名前では探せます）。"

_PACKAGE = Path(__file__).parent
_CHILD = _PACKAGE / "child.py"
NEWER = {"doc": "docx", "rtf": "docx", "xls": "xlsx"}


@dataclass(frozen=True, slots=True)
class Extracted:
    """What came out of a file: how it went, the text, and words for the person who added it.

    `status` is ok, empty, encrypted, damaged, too_large, timeout, unsupported or refused; `isolated` says whether the
    system allowed the child to be cut off from the network on top of its other limits.
    """

    status: str
    text: str = ""
    message: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    truncated: bool = False
    isolated: bool = True


def extract(path: Path, file_type: FileType, limits: Limits | None = None) -> Extracted:
    """Return the text of a file; whatever the file is, this answers in time and never raises because of it."""
    limits = limits or Limits()
    try:
        check_limits(path, file_type, limits)
        if file_type.media_type.startswith("image/"):
            return Extracted("empty", message=PICTURE)
        found = _read(path, file_type.extension, limits, time.monotonic() + limits.wall_seconds)
    except Refused as refused:
        return Extracted(refused.status, message=str(refused) or MESSAGES[refused.status])
    except OSError:
        return Extracted("damaged", message="ファイルを読み取れませんでした。もう一度追加してください。")
    return found


def office_program() -> str | None:
    """Return the LibreOffice program that reads the rarer old files, or None when it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def _read(path: Path, extension: str, limits: Limits, deadline: float) -> Extracted:
    with path.open("rb") as file:
        found = _in_child(file, {"kind": extension}, limits, deadline)
    program = office_program()
    if found.status != "unsupported" or extension not in NEWER or program is None:
        return found
    with tempfile.TemporaryDirectory(prefix="intake-") as folder:
        converted = convert(path, extension, program, Path(folder), limits, deadline)
        if isinstance(converted, Extracted):
            return converted
        check_limits(converted, ALLOWED[NEWER[extension]], limits)
        with converted.open("rb") as file:
            return _in_child(file, {"kind": NEWER[extension]}, limits, deadline)


def convert(
    path: Path, extension: str, program: str, folder: Path, limits: Limits, deadline: float, *, to: str = ""
) -> Path | Extracted:
    """Have LibreOffice write the file in its newer form, or another; its exit code says nothing, so look for the file."""
    source, to = folder / f"source.{extension}", to or NEWER[extension]
    shutil.copyfile(path, source)
    request = {
        "kind": "convert",
        "program": program,
        "folder": str(folder),
        "source": source.name,
        "to": to,
    }
    with Path(os.devnull).open("rb") as nothing:
        outcome = _in_child(nothing, request, limits, deadline)
    target = folder / "out" / f"source.{to}"
    if target.is_file() and target.stat().st_size:
        return target
    return Extracted(outcome.status if outcome.status == "timeout" else "damaged", message=MESSAGES["damaged"])


def _in_child(file: IO[bytes], request: dict[str, Any], limits: Limits, deadline: float) -> Extracted:
    return _understood(*run_child(file, request, limits, deadline))


def run_child(
    file: IO[bytes], request: dict[str, Any], limits: Limits, deadline: float
) -> tuple[bytes | None, int | None]:
    """Let the limited child carry out one order on a file; return what it said (None out of time) and how it ended."""
    paths = [str(_PACKAGE.parents[1]), *(p for p in sys.path if Path(p).is_absolute())]
    order = json.dumps({**request, "limits": asdict(limits), "paths": paths})
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_CHILD), order],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )
    try:
        answer = _answer(child, limits, deadline)
    finally:
        _end(child)
    return answer, child.returncode


def _answer(child: subprocess.Popen[bytes], limits: Limits, deadline: float) -> bytes | None:
    """Collect what the child says until it is done; None when its time ran out or it says more than it may."""
    assert child.stdout is not None
    most = limits.text_chars * 6 + 1024 * 1024
    collected = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while len(collected) <= most and (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                continue
            piece = os.read(child.stdout.fileno(), 1 << 18)
            if not piece:
                return bytes(collected)
            collected += piece
    return None


def _end(child: subprocess.Popen[bytes]) -> None:
    """Leave nothing running: the child leads a session of its own, so its helpers go with it."""
    if child.stdout is not None:
        child.stdout.close()
    # Not waited for yet, its number cannot have been given to anyone else; once its pipe closed, its exit code stands.
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    child.wait()


def _understood(answer: bytes | None, code: int | None) -> Extracted:
    if answer is None:
        return Extracted("timeout", message=MESSAGES["timeout"])
    if not answer:
        status = "timeout" if code in (-signal.SIGXCPU, -signal.SIGKILL) else "damaged"
        return Extracted(status, message=MESSAGES[status])
    try:
        found = json.loads(answer)
        status = str(found["status"])
        message = found["message"] or MESSAGES[status]
        properties = {str(name): str(value) for name, value in found["properties"].items()}
        return Extracted(
            status, str(found["text"]), str(message), properties, bool(found["truncated"]), bool(found["isolated"])
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Extracted("damaged", message=MESSAGES["damaged"])
