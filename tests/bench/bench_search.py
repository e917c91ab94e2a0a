"""Measure the search library on the scale corpus: `python -m tests.bench.bench_search --documents 20000` (make bench-search).

The documents are those of ../shared/scale (PORTAL_SHARED), repeated with new ids beyond 20,000. Prints CPU milliseconds per
query (p50, p95), first touch and warm, the time and memory of a rebuild, one document's way into the index, hostile queries,
sizes, and in the same run what Whoosh as it comes and tantivy need for the same questions.
"""

import argparse
import gzip
import json
import os
import random
import re
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from search_index import Entry, Index, Part, Query, rebuild
from tests.search_index.hostile import HOSTILE

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


def fastest(act: Callable[[], object]) -> float:
    """Return the least CPU seconds of five runs: others on the machine only ever add."""
    return min(timed(act) for _ in range(5))


def measure(index: Index, queries: dict[str, list[str]]) -> None:
    """Print one line a kind of query: first touch, then warm, ten ids and scores alone, then with snippets and facets."""
    for name, kind in queries.items():
        bare = [Query(text, READER, facets=False, snippets=False, limit=10) for text in kind]
        full = [Query(text, READER, limit=10) for text in kind]
        first = [timed(lambda query=query: index.search(query)) for query in bare]
        warm = [fastest(lambda query=query: index.search(query)) for query in bare]
        whole = [fastest(lambda query=query: index.search(query)) for query in full]
        shown = f"first {percentiles(first)}   warm {percentiles(warm)}   with snippets and facets {percentiles(whole)}"
        print(f"  {name:12} {shown}", flush=True)


def measure_hostile(folder: Path) -> None:
    """Print the slowest of the queries nobody types by accident, each with nothing in the cache."""
    slowest: list[tuple[float, str]] = []
    for text in HOSTILE:
        index = Index.open(folder)
        slowest.append((timed(lambda index=index, text=text: index.search(Query(text, READER))), text[:30]))
    seconds, text = max(slowest)
    print(f"  slowest of {len(HOSTILE)} hostile queries, first touch: {seconds * 1e3:.0f} ms ({text!r})")


def measure_saving(index: Index, source: list[dict], count: int) -> None:
    """Print what one document costs from its entry to being findable on the disk."""
    more = list(entries(source, count + 20))[-20:]
    cpu, wall = [], []
    for entry in more:
        began = time.perf_counter()
        cpu.append(timed(lambda entry=entry: index.update([entry], [], 1)))
        wall.append(time.perf_counter() - began)
    print(f"  one document to findable: {percentiles(cpu)} CPU   {percentiles(wall)} wall")
    index.update([], [entry.id for entry in more], 2)


def measure_yardsticks(source: list[dict], queries: dict[str, list[str]], sizes: tuple[int, int]) -> None:
    """Print what Whoosh as it comes and tantivy need for the same questions, without snippets and facets."""
    from tests.bench import yardsticks

    for make, size in zip((yardsticks.stock_whoosh, yardsticks.tantivy_index), sizes, strict=True):
        with tempfile.TemporaryDirectory() as scratch:
            began = time.process_time()
            ask = make(entries(source, size), Path(scratch))
            print(
                f"{make.__name__}, {size} documents, built in {time.process_time() - began:.0f} s CPU (analysis included)"
            )
            for name in ("term", "sentence"):
                runs = [min(timed(partial(ask, text)) for _ in range(2)) for text in queries[name][:30]]
                print(f"  {name:12} warm {percentiles(runs)}", flush=True)


class Memory:
    """Watches this process and its children while something runs: memory of their own, and what the folder holds."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.own, self.disk = folder, 0.0, 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Memory":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            self.own = max(self.own, sum(map(_own_memory, _family(os.getpid()))))
            self.disk = max(self.disk, _size(self.folder))


def _family(process: int) -> list[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [process, *(other for child in children for other in _family(int(child)))]


def _own_memory(process: int) -> float:
    """Return the megabytes of a process that are no mapped file."""
    try:
        found = re.search(r"^RssAnon:\s+(\d+)", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) / 1e3 if found else 0.0


def _size(folder: Path) -> float:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.lstat().st_size
    return total / 1e6


def build(folder: Path, source: list[dict], count: int) -> None:
    """Build the index with two processes, and print what that took."""
    before = [sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    began = time.perf_counter()
    with Memory(folder) as memory:
        rebuild(folder, entries(source, count), 0, processes=2)
    wall = time.perf_counter() - began
    after = [sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    load = os.getloadavg()[0]
    print(
        f"rebuild of {count} by two processes: {wall:.0f} s wall at load {load:.1f}, {sum(after) - sum(before):.0f} s CPU,"
    )
    print(
        f"  {memory.own:.0f} MB of memory besides mapped files, {memory.disk - _size(folder):.0f} MB of temporary files"
    )


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="keep the index here and use it again")
    parser.add_argument(
        "--yardsticks", type=int, nargs=2, default=(10_000, 20_000), help="documents for Whoosh and tantivy"
    )
    options = parser.parse_args()
    source = lines()
    queries = texts(source)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "index"
        if not (folder / "current").exists():
            build(folder, source, options.documents)
        index = Index.open(folder)
        print(
            f"{len(index)} documents, {_size(folder):.0f} MB; CPU ms p50 / p95, ten hits, access filter, load {os.getloadavg()[0]:.1f}"
        )
        measure(index, queries)
        print(f"  refresh, nothing new: {percentiles([timed(index.refresh) for _ in range(1000)])}")
        measure_hostile(folder)
        measure_saving(index, source, len(index))
    measure_yardsticks(source, queries, tuple(options.yardsticks))


if __name__ == "__main__":
    sys.exit(main())
