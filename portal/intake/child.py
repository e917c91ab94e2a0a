"""The child process: one order as its argument, one file as its input, one JSON answer as its output, then the end.

It is started by path with `-I -S` (no environment, no site, no .pth code), so it sets its own import path.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import Any


def main() -> None:
    """Carry out the order given on the command line."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    sys.path[:0] = order["paths"]
    from portal.intake import sandbox
    from portal.intake.limits import Limits

    limits = Limits(**order["limits"])
    if order["kind"] == "convert":
        sandbox.limit_cost(limits.office_memory_bytes, limits.cpu_seconds)
        _convert(order, limits)
    sandbox.limit_cost(limits.memory_bytes, limits.cpu_seconds)
    from portal.intake import readers

    work = readers.load_work(order, limits)
    isolated = sandbox.leave_network()
    sandbox.give_up_root()
    sandbox.close_doors()
    # One file and then the end: collecting what is left behind would cost more than it gives.
    gc.set_threshold(100_000)
    answer = work(sys.stdin.buffer)
    answer["isolated"] = isolated
    # A half of a surrogate pair from a broken file must not cost the whole answer.
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", errors="replace"))
    sys.stdout.buffer.flush()
    # Nothing left to tidy up, and a broken file may have left a lot to tidy.
    os._exit(0)


def _convert(order: dict[str, Any], limits: Any) -> None:
    """Become LibreOffice, inside the same walls except that it may write into its own folder."""
    from portal.intake import sandbox

    folder = order["folder"]
    source = f"{folder}/{order['source']}"
    sandbox.hand_over(folder, source)
    sandbox.leave_network()
    sandbox.give_up_root()
    sandbox.limit_writing(limits.file_bytes * 2)
    os.chdir(folder)
    os.execve(  # noqa: S606 - there is no shell on purpose
        order["program"],
        [
            order["program"],
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--norestore",
            "--convert-to",
            order["to"],
            "--outdir",
            f"{folder}/out",
            source,
        ],
        {"HOME": folder, "TMPDIR": folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )


if __name__ == "__main__":
    main()
