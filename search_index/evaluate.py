"""Measure the search on questions with known answers: `python -m search_index.evaluate --documents D.jsonl --queries Q.jsonl`.

Builds an index in a temporary folder, asks every question, and reports how high the right document stands, what a question
costs in CPU time (of this process), and whether quoted phrases of 1 to 20 characters agree with a scan of all texts.
"""

import argparse
import json
import random
import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from search_index.engine import Engine, FolderHome, Home
from search_index.values import Entry, Part, Query

_READER = frozenset({"everyone"})
_PHRASES = 400


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    documents: int
    queries: int
    mrr_at_10: float
    recall_at_1: float
    recall_at_10: float
    cpu_ms_p50: float
    cpu_ms_p95: float
    phrase_recall: float
    phrase_precision: float
    build_seconds: float


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read a file of one JSON object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def make_entry(number: int, document: dict[str, Any]) -> Entry:
    """Make an entry of an evaluation document; only its text is indexed, because titles are shared by many."""
    return Entry(
        id=number,
        ward="",
        kind="",
        title="",
        parts=(Part("text", "本文", document["text"]),),
        readers=_READER,
        date=None,
        fiscal_year=None,
        body_name="",
        items=(),
        state="",
        has_decision=False,
        has_issue=False,
        updated=datetime(2000, 1, 1, tzinfo=UTC),
    )


def evaluate(
    documents: Sequence[dict[str, Any]], queries: Sequence[dict[str, Any]], database: str | None = None
) -> Figures:
    """Build a temporary index, in a folder or in the database of a URL, and measure."""
    with _temporary_home(database) as home:
        began = time.perf_counter()
        home.rebuild((make_entry(n, document) for n, document in enumerate(documents)), 0)
        seconds = time.perf_counter() - began
        index = home.open()
        names = [document["id"] for document in documents]
        ranks, times = _ask(index, names, queries)
        recall, precision = _check_phrases(index, [document["text"] for document in documents])
        index.close()
    return Figures(
        documents=len(documents),
        queries=len(queries),
        mrr_at_10=round(sum(1 / rank for rank in ranks if rank) / max(len(ranks), 1), 4),
        recall_at_1=round(sum(rank == 1 for rank in ranks) / max(len(ranks), 1), 4),
        recall_at_10=round(sum(rank > 0 for rank in ranks) / max(len(ranks), 1), 4),
        cpu_ms_p50=_percentile(times, 0.50),
        cpu_ms_p95=_percentile(times, 0.95),
        phrase_recall=recall,
        phrase_precision=precision,
        build_seconds=round(seconds, 2),
    )


@contextmanager
def _temporary_home(database: str | None) -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        if database is None:
            yield FolderHome(Path(folder) / "index")
            return
        from search_index.postgres.temporary import temporary_home

        with temporary_home(database, Path(folder) / "index") as home:
            yield home


def _ask(index: Engine, names: Sequence[str], queries: Sequence[dict[str, Any]]) -> tuple[list[int], list[float]]:
    """Ask every question; return the rank of the first right document (0 when not among ten) and the CPU times in ms."""
    ranks, times = [], []
    for question in queries:
        began = time.process_time()
        result = index.search(Query(question["query"], _READER, limit=10, facets=False))
        times.append((time.process_time() - began) * 1000)
        right = set(question["rel"])
        ranks.append(next((n for n, hit in enumerate(result.hits, 1) if names[hit.id] in right), 0))
    return ranks, times


def _check_phrases(index: Engine, texts: Sequence[str]) -> tuple[float, float]:
    """Compare quoted phrases of 1 to 20 characters with a scan."""
    folded = [fold_plainly(text) for text in texts]
    found = wanted = right = 0
    for phrase in _phrases(folded):
        scanned = {number for number, text in enumerate(folded) if phrase in text}
        result = index.search(Query(f'"{phrase}"', _READER, limit=len(texts), facets=False))
        hits = {hit.id for hit in result.hits}
        found, wanted, right = found + len(hits), wanted + len(scanned), right + len(hits & scanned)
    return round(right / wanted, 4) if wanted else 1.0, round(right / found, 4) if found else 1.0


def _phrases(folded: Sequence[str]) -> list[str]:
    """Cut phrases out of the texts, the same ones every time; quotes cannot stand inside quotes."""
    chance = random.Random(1)
    phrases = []
    filled = [text for text in folded if text.strip()]
    for number in range(_PHRASES if filled else 0):
        text = chance.choice(filled)
        start = chance.randrange(len(text))
        phrase = text[start : start + 1 + number % 20].strip()
        if phrase and not re.search(r'["“”]', phrase):
            phrases.append(phrase)
    return phrases


def fold_plainly(text: str) -> str:
    """Fold width, case and white space without any help of the library, for the scan."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"\s+", " ", folded)


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values) or [0.0]
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 3)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m search_index.evaluate", description="検索の質と速さを測る")
    parser.add_argument("--documents", type=Path, required=True, help="文書の JSONL（id, text）")
    parser.add_argument("--queries", type=Path, required=True, help="質問の JSONL（query, rel）")
    parser.add_argument("--json", action="store_true", help="JSON で出力する")
    parser.add_argument("--engine", choices=("whoosh", "postgresql"), default="whoosh", help="測る検索エンジン")
    parser.add_argument("--database", help="--engine postgresql のときの URL。スキーマを作れる役割で接続する")
    options = parser.parse_args(arguments)
    if (options.engine == "postgresql") != bool(options.database):
        parser.error("--engine postgresql のときだけ、--database URL が要ります。")
    figures = asdict(evaluate(read_lines(options.documents), read_lines(options.queries), options.database))
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        for name, value in figures.items():
            print(f"{name:18} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
