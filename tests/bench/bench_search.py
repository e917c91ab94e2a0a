"""Measure the search library on the scale corpus: `python tests/bench/bench_search.py --documents 20000`.

The documents are those of ../shared/scale (PORTAL_SHARED), repeated with new ids beyond 20,000. Prints CPU milliseconds per
query (p50, p95), first touch and warm, the time and memory of a rebuild, one document's way into the index, and sizes.
"""

import argparse
import gzip
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from search_index import Entry, Index, Part, Query, rebuild

WARDS = (
    "kita miyakojima fukushima konohana chuo nishi minato taisho tennoji naniwa nishiyodogawa yodogawa higashiyodogawa "
    "higashinari ikuno asahi joto tsurumi abeno suminoe sumiyoshi higashisumiyoshi hirano nishinari"
).split()
WORDS = "退院支援 看取り ケアマネジャー 訪問看護 地域包括支援センター 会議 研修 高橋 認知症 薬剤師".split()
READER = frozenset({"member@*", "member@higashinari", "group:2@higashinari", "account:u0203"})


def shared() -> Path:
    """Return the folder of shared data."""
    return Path(os.environ.get("PORTAL_SHARED", Path(__file__).parents[3] / "shared"))


def lines() -> list[dict]:
    """Read the scale corpus."""
    with gzip.open(shared() / "scale" / "minutes-20k.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def entries(source: list[dict], count: int) -> Iterator[Entry]:
    """Make entries of the corpus, repeated with new ids."""
    for number in range(count):
        line = source[number % len(source)]
        ward = WARDS[line["ward"]]
        held = date.fromisoformat(line["date"])
        visibility = ("member@*", f"member@{ward}", f"group:{line['group']}@{ward}", f"account:{line['author']}")
        yield Entry(
            id=number + 1,
            ward=ward,
            kind="meeting_report" if line["kind"] == "様式7" else "training_report",
            title=line["title"],
            parts=(Part("title", "題名", line["title"]), Part("text", "内容要旨", line["text"])),
            readers=frozenset({visibility[line["visibility"]], f"account:{line['author']}"}),
            date=held,
            fiscal_year=held.year - (held.month < 4),
            body_name=line["title"].split()[1],
            items=(f"({'アイウエオカキク'[number % 8]})",),
            state="accepted",
            has_decision=number % 3 == 0,
            has_issue=number % 5 == 0,
            updated=datetime(2026, 1, 1, tzinfo=UTC),
        )


def percentiles(times: list[float]) -> str:
    """Format p50 and p95 in milliseconds."""
    ordered = sorted(times)
    return f"{ordered[len(ordered) // 2] * 1e3:8.2f} /{ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)] * 1e3:8.2f}"


def timed(act: Callable[[], object]) -> float:
    """Return the CPU seconds of an act."""
    began = time.process_time()
    act()
    return time.process_time() - began


def texts(source: list[dict]) -> dict[str, list[str]]:
    """Draw queries from the corpus itself."""
    chance = random.Random(7)

    def cut(low: int, high: int) -> str:
        body = chance.choice(source)["text"].split("内容\n")[-1]
        start = chance.randrange(max(len(body) - high, 1))
        return body[start : start + chance.randint(low, high)].strip().replace('"', "") or "会議"

    return {
        "term": WORDS + [cut(2, 4) for _ in range(40)],
        "two words": [f"{chance.choice(WORDS)} {cut(2, 3)}" for _ in range(50)],
        "phrase": [f'"{cut(3, 12)}"' for _ in range(50)],
        "sentence": [cut(20, 45) for _ in range(50)],
        "empty": [""] * 10,
    }


def measure(index: Index, queries: dict[str, list[str]], *, facets: bool) -> None:
    """Print one line a kind of query: first touch, then warm."""
    for name, kind in queries.items():
        asked = [Query(text, READER, facets=facets, limit=10) for text in kind]
        first = [timed(lambda query=query: index.search(query)) for query in asked]
        warm = [timed(lambda query=query: index.search(query)) for query in asked for _ in range(3)]
        label = f"{name}{' + facets' if facets else ''}"
        print(f"  {label:24} first {percentiles(first)}   warm {percentiles(warm)}")


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="keep the index here and use it again")
    options = parser.parse_args()
    source = lines()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "index"
        if not (folder / "current").exists():
            wall = time.perf_counter()
            cpu = timed(lambda: rebuild(folder, entries(source, options.documents), 0))
            print(f"rebuild {options.documents}: {time.perf_counter() - wall:.1f} s wall, {cpu:.1f} s CPU")
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        print(f"size {size / 1e6:.1f} MB, {size / options.documents / 1e3:.2f} KB a document")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(f"peak memory {peak:.0f} MB")
        opened = time.process_time()
        index = Index.open(folder)
        print(f"open {1e3 * (time.process_time() - opened):.1f} ms; {len(index)} documents")
        queries = texts(source)
        measure(index, queries, facets=False)
        measure(index, queries, facets=True)
        idle = [timed(index.refresh) for _ in range(1000)]
        print(f"  refresh, nothing new     {percentiles(idle)}")
        more = list(entries(source, options.documents + 20))[-20:]
        saved = [timed(lambda entry=entry: index.update([entry], [], 1)) for entry in more]
        print(f"  one document to findable {percentiles(saved)}")
        index.update([], [entry.id for entry in more], 2)


if __name__ == "__main__":
    sys.exit(main())
