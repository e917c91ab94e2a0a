"""LibreOffice as a printer: many files in one start, and whatever it does, an answer in time.

What it prints are the portal's own exports. A template that would fetch something from elsewhere is not taken in
(portal/word/judging.py); the child has no network besides, where the system allows that.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FONTS = Path(__file__).resolve().parents[2] / "templates" / "word" / "fonts.conf"
NOT_FOR_PRINT = b""
"""In the place of a file that could not be printed."""
_CHILD = Path(__file__).with_name("child.py")
_MEMORY_BYTES = 4 << 30  # of addresses; LibreOffice really uses a twentieth of it
_FILE_BYTES = 200 << 20
_START_SECONDS, _SECONDS_EACH = 20.0, 5.0
_LOOK = 0.05
_SCRATCH = "portal-print-"


def find_program(setting: str = "") -> str | None:
    """Return the LibreOffice program: the one that was set, none for `none`, otherwise the one that is installed."""
    if setting:
        return None if setting == "none" else shutil.which(setting)
    return shutil.which("soffice") or shutil.which("libreoffice")


def to_pdf(
    documents: Sequence[bytes],
    program: str,
    *,
    bound: bool = False,
    seconds: float | None = None,
    beat: Callable[[], Any] = lambda: None,
) -> list[bytes]:
    """Print Word files in one start of LibreOffice; NOT_FOR_PRINT stands for one that could not be printed.

    `bound` files are made of many: their bookmarks become destinations, for `open_by_parts`.
    `beat` is called while waiting and may raise to give up; nothing is left running then. LibreOffice's exit code says
    nothing, so what it wrote is looked at.
    """
    allowed = seconds or _START_SECONDS + _SECONDS_EACH * len(documents)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copyfile(FONTS, folder / "fonts.conf")
        for number, document in enumerate(documents):
            (folder / f"{number:05}.docx").write_bytes(document)
        _run(folder, program, bound, allowed, beat)
        return [_written(folder / "out" / f"{number:05}.pdf") for number in range(len(documents))]


def forget_scratch(before: float) -> None:
    """Throw away what processes that were killed while printing left behind before a moment."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, program: str, bound: bool, seconds: float, beat: Callable[[], Any]) -> None:
    paths = [str(_CHILD.parents[2]), *(path for path in sys.path if Path(path).is_absolute())]
    order = {
        "paths": paths,
        "folder": str(folder),
        "program": program,
        "bound": bound,
        "memory_bytes": _MEMORY_BYTES,
        "cpu_seconds": int(seconds) + 1,
        "file_bytes": _FILE_BYTES,
    }
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_CHILD), json.dumps(order)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )
    deadline = time.monotonic() + seconds
    try:
        while child.poll() is None and time.monotonic() < deadline:
            beat()
            time.sleep(_LOOK)
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Leave nothing running: the child leads a session of its own, so its helpers go with it."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    child.wait()


def _written(path: Path) -> bytes:
    made = path.read_bytes() if path.is_file() else b""
    return made if made.startswith(b"%PDF-") and b"%%EOF" in made[-64:] else NOT_FOR_PRINT
