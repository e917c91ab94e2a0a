"""Measure completions, other spellings and similar entries: `python tests/bench/bench_words.py --documents 20000`.

Prints CPU milliseconds a call (p50 / p95), first touch and warm, for a coordinator of one ward, on the scale corpus.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from search_index import Index, Query, rebuild
from tests.bench.bench_search import READER, entries, lines, percentiles, timed

TYPED = (
    "た たい たいいん 退 退院 退院支 み 看 看取 か かい かいご 介護 介護支 け けあま ケア 会 会議 髙 高 acp c し しえん 研 けん "
    "東成 医 医師 薬 や くすり 第 訪 訪問 ほうもん に"
).split()
MISTYPED = (
    "退院四縁 たいいんしえん 退院支支援 連係 連形 認知性 けあまねじゃ 在宅医僚 薬財師 多食種 けんしゅう 看取 介護保研 "
    "ほうもんかんご ちいきほうかつ 会儀 研習 zzzz xyzzy 支縁 医帥 訪門看護 包活"
).split()


def main() -> None:
    """Build the index and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=20_000)
    count = parser.parse_args().documents
    with tempfile.TemporaryDirectory() as folder:
        rebuild(Path(folder) / "index", entries(lines(), count), 1)
        index = Index.open(Path(folder) / "index")
        index.search(Query("会議", READER))
        chance = random.Random(3)
        seen = [hit.id for hit in index.search(Query("", READER, limit=5_000)).hits]
        measure("completions", [lambda typed=typed: index.suggest(typed, READER) for typed in TYPED])
        measure("spellings", [lambda typed=typed: index.spellings(Query(typed, READER)) for typed in MISTYPED])
        measure("similar", [lambda one=one: index.similar(one, READER) for one in chance.sample(seen, 60)])
        words = sum(len(view.lexicon) for view in index.views)
        print(f"  {words:,} words in {len(index.views)} segments")


def measure(name: str, acts: list[Callable[[], object]]) -> None:
    """Print one line."""
    first = [timed(act) for act in acts]
    warm = [timed(act) for act in acts for _ in range(3)]
    print(f"  {name:12} first {percentiles(first)}   warm {percentiles(warm)}   slowest first {max(first) * 1e3:.1f}")


if __name__ == "__main__":
    began = time.process_time()
    main()
    print(f"  {time.process_time() - began:.0f} s CPU in all")
