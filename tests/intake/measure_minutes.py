"""Measure how well old minutes are read: `python -m tests.intake.measure_minutes [SET ...] [--confidence 0.75] [--slips]`.

Sets: `real` (PORTAL_SHARED, or ../shared beside the repository); `layouts`, written by the hands that wrote the reader; `A` and `B`,
the halves of the set written without knowledge of the reader, `C` harder ones written with it,
`D` a last lot written after the mending. Each file goes through the limited child, as in the portal.
B is only counted: its slips are never named.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.intake.minutes import DEFAULT_CONFIDENCE, FIELDS, read_minutes
from tests.intake.minutes_by_others import every
from tests.intake.minutes_layouts import samples
from tests.intake.minutes_scores import Score, score


@dataclass
class Case:
    path: Path
    source: str
    gold: dict[str, Any]


def real_files() -> Path | None:
    """Return the folder of real old minutes, when this machine has it."""
    shared = os.environ.get("PORTAL_SHARED") or str(Path(__file__).parents[3] / "shared")
    folder = Path(shared) / "legacy-minutes"
    return folder if folder.is_dir() else None


def real_cases(folder: Path) -> Iterator[Case]:
    """Yield the real files with their labels and the repository each comes from."""
    for part in (folder, folder / "text"):
        rows = [line.split("\t") for line in (part / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]]
        for name, file, source, *_ in rows:
            gold = json.loads((part / "gold" / f"{name}.json").read_text(encoding="utf-8"))
            yield Case(part / "files" / file, source, gold)


def made_up_cases(folder: Path) -> Iterator[Case]:
    """Yield the made-up files, written into a folder."""
    for sample in samples():
        path = folder / sample.name
        path.write_bytes(sample.content)
        yield Case(path, "wordings the dictionary lacks" if sample.beyond else "wordings it knows", sample.gold())


def cases_by_others(folder: Path, half: str) -> Iterator[Case]:
    """Yield one half of the files written without knowledge of the reader, written into a folder."""
    for told in every():
        if told.half == half:
            path = folder / told.name
            path.write_bytes(told.draw().bytes())
            yield Case(path, f"others, {path.suffix[1:]}", told.gold())


def main() -> None:
    """Print right, wrong, missed and invented per field and per source."""
    parser = argparse.ArgumentParser(prog="python -m tests.intake.measure_minutes", description=__doc__)
    parser.add_argument("sets", nargs="*", default=["real", "layouts", "A", "B", "C", "D"], metavar="SET")
    parser.add_argument("--confidence", type=float, default=DEFAULT_CONFIDENCE)
    parser.add_argument("--slips", action="store_true", help="name every answer that is not right")
    chosen = parser.parse_args()
    folder = real_files()
    if "real" in chosen.sets and folder is None:
        print("Real files: not on this machine (PORTAL_SHARED).")
    elif "real" in chosen.sets and folder is not None:
        _measure("Real files", list(real_cases(folder)), chosen)
    with tempfile.TemporaryDirectory() as place:
        if "layouts" in chosen.sets:
            _measure("Made-up layouts", list(made_up_cases(Path(place))), chosen)
        for half in sorted({"A", "B", "C", "D"} & set(chosen.sets)):
            _measure(f"By others, half {half}", list(cases_by_others(Path(place), half)), chosen)


def _measure(title: str, cases: list[Case], chosen: argparse.Namespace) -> None:
    total, fields, sources = Score(), {name: Score() for name in FIELDS}, {}
    out_of_others, spent, began = 0, [], _used()
    for case in cases:
        start = time.perf_counter()
        minutes = read_minutes(case.path)
        spent.append(time.perf_counter() - start)
        if case.gold["kind"] in ("not-minutes", "log"):
            out_of_others += len(minutes.answers(chosen.confidence))
        for name, (verdict, slip) in score(minutes, case.gold, chosen.confidence).items():
            for tally in (total, fields[name], sources.setdefault(case.source, Score())):
                tally.add(verdict, f"{case.path.name} {slip}")
    cpu = (_used() - began) / len(cases)
    print(f"\n{title}: {len(cases)} files, confidence {chosen.confidence}")
    for name, tally in [*fields.items(), *sorted(sources.items()), ("all", total)]:
        print(_row(name, tally))
    print(f"answers out of files that are no minutes: {out_of_others}")
    print(f"median {1000 * sorted(spent)[len(spent) // 2]:.0f} ms wall, mean {1000 * cpu:.0f} ms CPU a file")
    if chosen.slips and not title.endswith("half B"):
        print(*total.slips, sep="\n")


def _row(name: str, tally: Score) -> str:
    counts = f"right {tally.right:3}  wrong {tally.wrong:2}  missed {tally.missed:2}  invented {tally.invented:2}"
    return f"  {name:42} {counts}  found {tally.found:4.0%}  false {tally.false:4.0%}"


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
