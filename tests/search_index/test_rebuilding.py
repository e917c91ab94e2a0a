"""A rebuild by several processes makes the same index as one, tells how far it is, and leaves nothing behind when it is killed."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from search_index import Entry, Index, digest, rebuild
from search_index.caching import ArrayCache
from tests.search_index.office import found, make_entry, random_entry


def office() -> Iterator[Entry]:
    chance = random.Random(8)
    return (random_entry(number, chance) for number in range(250))


def test_two_processes_make_the_index_one_would_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_index.rebuilding._BATCH", 40)
    told: list[int] = []
    rebuild(tmp_path / "one", office(), 3)
    rebuild(tmp_path / "two", office(), 3, processes=2, progress=told.append)
    one, two = Index.open(tmp_path / "one"), Index.open(tmp_path / "two")
    assert two.ids() == one.ids() == {entry.id: digest(entry) for entry in office()}
    assert [found(two, text) for text in ("退院支援", "高橋", "")] == [
        found(one, text) for text in ("退院支援", "高橋", "")
    ]
    assert len(two.views) == 1
    assert told == [40, 80, 120, 160, 200, 240, 250]


def test_documents_beyond_one_segment_go_into_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_index.rebuilding._BATCH", 20)
    monkeypatch.setattr("search_index.rebuilding.MAX_DOCUMENTS", 100)
    rebuild(tmp_path / "index", office(), 3)
    index = Index.open(tmp_path / "index")
    assert sorted(view.segment.n for view in index.views) == [50, 100, 100]
    assert len(list((tmp_path / "index" / "current").glob("*.wps"))) == 3


def test_an_entry_that_cannot_be_read_ends_the_rebuild_and_leaves_the_old_index(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    index = Index.create(folder)
    index.update([make_entry(1, "退院支援")], [], 4)

    def broken() -> Iterator[Entry]:
        yield from office()
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        rebuild(folder, broken(), 9)
    index.refresh()
    assert (index.stamp, found(index, "退院支援")) == (4, [1])
    assert len([path for path in folder.iterdir() if path.name.startswith("g-")]) == 1


def slow_rebuild(folder: Path) -> None:
    def slowly() -> Iterator[Entry]:
        for entry in office():
            time.sleep(0.05)
            yield entry

    import search_index.rebuilding as rebuilding

    rebuilding._BATCH = 5
    rebuild(folder, slowly(), 3, processes=2)


def children_of(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_a_killed_rebuild_takes_its_processes_with_it(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=slow_rebuild, args=(tmp_path / "index",))
    process.start()
    assert process.pid is not None
    until = time.monotonic() + 60
    while time.monotonic() < until and not list(tmp_path.glob("index/g-*/*.wps")):
        time.sleep(0.05)
    children = children_of(process.pid)
    assert len(children) >= 2
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    while time.monotonic() < until and any(Path(f"/proc/{child}/stat").exists() for child in children):
        time.sleep(0.05)
    assert not [child for child in children if Path(f"/proc/{child}/stat").exists()]


def test_the_cache_keeps_to_its_budget(tmp_path: Path) -> None:
    rebuild(tmp_path / "index", office(), 3)
    index = Index.open(tmp_path / "index", cache_bytes=20_000)
    for text in (
        "退院支援",
        "看取り 研修",
        "高橋",
        "サーバーの障害により延期した。",
        "訪問看護ステーションの空き状況",
        "会議",
    ) * 3:
        found(index, text)
        kept = sum(array.nbytes for array in index._cache._arrays.values())
        assert kept <= index._cache.used <= 20_000
    assert index._cache.used > 0


def test_what_is_too_large_for_the_cache_is_made_again() -> None:
    import numpy as np

    cache = ArrayCache(8_000)
    assert len(cache.get("large", lambda: np.zeros(1_000))) == 1_000
    assert cache.used == 0
    cache.get(("segment", "small"), lambda: np.zeros(10))
    assert cache.used > 0
    cache.forget("segment")
    assert cache.used == 0
