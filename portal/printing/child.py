"""Become LibreOffice, inside walls: no network, no root, bounded memory, time and files, a profile of its own.

Started by path with `-I -S` (no environment, no site, no .pth code), so it sets its own import path.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

# Tagged for screen readers (PDF/UA).
_TAGGED = {"PDFUACompliance": True}
# The bookmarks of a bound file become destinations, and the headings of its parts no bookmarks.
_BOUND = {"ExportBookmarks": False, "ExportBookmarksToPDFDestination": True}


def main() -> None:
    """Carry out the order given on the command line."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    sys.path[:0] = order["paths"]
    from portal.intake import sandbox

    folder = Path(order["folder"])
    sources = sorted(str(path) for path in folder.glob("*.docx"))
    sandbox.limit_cost(order["memory_bytes"], order["cpu_seconds"])
    sandbox.hand_over(str(folder), *sources)
    sandbox.leave_network()
    sandbox.give_up_root()
    sandbox.limit_writing(order["file_bytes"])
    os.chdir(folder)
    profile = f"-env:UserInstallation={folder.as_uri()}/profile"
    how = ["--headless", "--norestore", "--convert-to", _filter(bound=order["bound"]), "--outdir", str(folder / "out")]
    surroundings = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
    }
    os.execve(order["program"], [order["program"], profile, *how, *sources], surroundings)  # noqa: S606 (no shell on purpose)


def _filter(*, bound: bool) -> str:
    chosen = {**_TAGGED, **(_BOUND if bound else {})}
    options = {name: {"type": "boolean", "value": str(value).lower()} for name, value in chosen.items()}
    return f"pdf:writer_pdf_Export:{json.dumps(options)}"


if __name__ == "__main__":
    main()
