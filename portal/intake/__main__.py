"""Say what the portal reads out of files, and how long it takes: `python -m portal.intake FILE ... [--text]`."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from pathlib import Path

from portal.intake import Extracted, Refused, extract, sniff


def main() -> None:
    """Read each file named on the command line and print one line of JSON for it."""
    parser = argparse.ArgumentParser(prog="python -m portal.intake", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--text", action="store_true", help="print the text as well")
    parser.add_argument("--repeat", type=int, default=1, help="read each file so many times and give the median")
    chosen = parser.parse_args()
    for path in chosen.files:
        print(json.dumps(_described(path, chosen.repeat, with_text=chosen.text), ensure_ascii=False))


def _described(path: Path, times: int, *, with_text: bool) -> dict[str, object]:
    try:
        file_type = sniff(path, path.name)
    except (Refused, OSError) as refused:
        return {"file": path.name, "status": "refused", "message": str(refused)}
    walls, before = [], _used()
    for _ in range(max(1, times)):
        began = time.perf_counter()
        found = extract(path, file_type)
        walls.append(time.perf_counter() - began)
    cpu = (_used() - before) / len(walls)
    described = {"file": path.name, "type": file_type.label, **_summary(found)}
    described |= {"wall_ms": round(statistics.median(walls) * 1000), "cpu_ms": round(cpu * 1000)}
    return described | ({"text": found.text} if with_text else {})


def _summary(found: Extracted) -> dict[str, object]:
    return {
        "status": found.status,
        "message": found.message,
        "characters": len(found.text),
        "truncated": found.truncated,
        "isolated": found.isolated,
        "properties": found.properties,
    }


def _used() -> float:
    """Return the processor time of this process and of the children it has waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    main()
