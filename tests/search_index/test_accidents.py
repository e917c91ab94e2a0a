"""The index survives what machines do to it: power cuts, full disks, lost and damaged folders, other processes."""

import multiprocessing
import os
import random
import signal
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from search_index import Index, IndexBusy, IndexDamaged, IndexMissing, IndexOutdated, Query, digest, rebuild
from search_index.engine import FolderHome, Home
from tests.search_index.office import EVERYONE, found, make_entry, random_entry

TRIALS = int(os.environ.get("KILL_TRIALS", "12"))
FORK = multiprocessing.get_context("fork")


def batch(stamp: int) -> list:
    """The entries commit number `stamp` writes; each commit rewrites some of the last one's."""
    chance = random.Random(stamp)
    return [random_entry(stamp * 3 + offset, chance) for offset in range(5)]


def write_for_ever(home: Home, acknowledged) -> None:
    index = home.open()
    stamp = index.stamp
    while True:
        stamp += 1
        index.update(batch(stamp), [stamp * 3] if stamp % 4 == 0 else [], stamp)
        acknowledged.value = stamp


def killed_after(seconds: float, target, *arguments) -> None:
    process = FORK.Process(target=target, args=arguments)
    process.start()
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def expected(stamp: int) -> dict[int, str]:
    """What the commits up to `stamp` leave: a commit that both writes and deletes an id keeps what it wrote."""
    entries = {}
    for number in range(1, stamp + 1):
        entries |= {entry.id: digest(entry) for entry in batch(number)}
    return entries


def test_a_killed_writer_loses_nothing_it_acknowledged(home: Home) -> None:
    home.create().close()
    acknowledged = FORK.Value("q", 0)
    chance = random.Random(5)
    for _ in range(TRIALS):
        killed_after(0.05 + chance.random() * 0.4, write_for_ever, home, acknowledged)
        index = home.open()
        assert index.stamp >= acknowledged.value
        assert index.ids() == expected(index.stamp)
        index.close()


def test_a_killed_rebuild_leaves_the_old_index_at_work(home: Home) -> None:
    index = home.create()
    index.update([make_entry(1, "退院支援")], [], 4)
    entries = [random_entry(number, random.Random(number)) for number in range(2, 300)]
    chance = random.Random(6)
    for _ in range(TRIALS // 2):
        killed_after(chance.random() * 0.5, home.rebuild, entries, 9)
        again = home.open()
        assert (again.stamp, len(again)) in ((4, 1), (9, 298))
        if again.stamp == 4:
            assert found(again, "退院支援") == [1]
    home.rebuild(entries, 10)
    if isinstance(home, FolderHome):
        assert len([path for path in home.folder.iterdir() if path.name.startswith("g-")]) == 1
    index.refresh()
    assert (index.stamp, len(index)) == (10, 298)


def test_what_is_written_during_a_rebuild_is_in_the_new_index(home: Home) -> None:
    worker = home.create()
    worker.update([make_entry(number, "退院") for number in range(10)], [], 1)

    def entries():
        for number in range(10):
            if number == 5:
                worker.update([make_entry(2, "看取り"), make_entry(77, "新しい報告")], [3], 8)
            yield make_entry(number, "退院")

    home.rebuild(entries(), 1)
    assert worker.search(Query("", EVERYONE)).stamp == 8
    assert set(found(worker, "退院")) == {0, 1, 4, 5, 6, 7, 8, 9}
    assert found(worker, "看取り") == [2]
    assert found(worker, "新しい報告") == [77]


def search_until(home: Home, stop, wrong) -> None:
    index = home.open()
    while not stop.is_set():
        total = index.search(Query("退院支援", EVERYONE)).total
        if total not in (1, 2):
            wrong.value += 1


def test_searching_goes_on_while_the_index_is_rebuilt_and_written(home: Home) -> None:
    index = home.create()
    first = make_entry(1, "退院支援")
    index.update([first], [], 1)
    stop, wrong = FORK.Event(), FORK.Value("q", 0)
    readers = [FORK.Process(target=search_until, args=(home, stop, wrong)) for _ in range(2)]
    for reader in readers:
        reader.start()
    for stamp in range(2, 5):
        home.rebuild([first, make_entry(2, "退院支援と看取り")], stamp)
        for number in range(12):
            index.update([make_entry(100 + number, "看取り")], [], stamp)
    stop.set()
    for reader in readers:
        reader.join(30)
    assert wrong.value == 0
    assert [reader.exitcode for reader in readers] == [0, 0]


def test_threads_share_one_index_while_it_changes(home: Home) -> None:
    index = replace(home, cache_bytes=200_000).create()
    writer = home.open()
    writer.update([make_entry(number, "退院支援と看取り") for number in range(50)], [], 1)

    def ask(number: int) -> set[int]:
        texts = ("退院支援", "看取りについての会議", '"支援と"', "退院 看取り")
        return {index.search(Query(texts[(number + turn) % 4], EVERYONE, limit=3)).total for turn in range(40)}

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, number) for number in range(4)]
        for stamp in range(2, 25):
            writer.update([make_entry(stamp, "退院支援と看取り")], [], stamp)
        assert set().union(*(one.result() for one in asked)) == {50}


def test_another_process_sees_a_commit_with_its_next_search(home: Home) -> None:
    reader = home.create()
    writer = home.open()
    for number in range(1, 30):
        writer.update([make_entry(number, "退院支援")], [], number)
        assert reader.search(Query("退院支援", EVERYONE)).total == number
        assert reader.stamp == number


def test_refreshing_costs_next_to_nothing(tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index")
    time.sleep(0.1)
    index.refresh()
    began = time.process_time()
    for _ in range(1000):
        index.refresh()
    assert (time.process_time() - began) / 1000 < 0.0001


def test_a_missing_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="索引"):
        Index.open(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir(mode=0o700)
    with pytest.raises(IndexMissing):
        Index.open(tmp_path / "empty")


def only(folder: Path, pattern: str) -> Path:
    return next((folder / "current").resolve().glob(pattern))


@pytest.mark.parametrize("pattern", ["*.toc", "*.wps"])
@pytest.mark.parametrize("damage", ["truncated", "overwritten", "emptied", "gone"])
def test_a_damaged_index_says_so_and_is_mended_by_a_rebuild(tmp_path: Path, pattern: str, damage: str) -> None:
    folder = tmp_path / "index"
    entry = make_entry(1, "退院支援")
    Index.create(folder).update([entry], [], 1)
    path = only(folder, pattern)
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {"truncated": content[: len(content) // 2], "overwritten": b"x" * len(content), "emptied": b""}[damage]
        )
    with pytest.raises(IndexDamaged, match="索引"):
        Index.open(folder)
    rebuild(folder, [entry], 1)
    assert found(Index.open(folder), "退院支援") == [1]


def test_an_index_of_another_dictionary_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.create().close()
    monkeypatch.setattr("search_index.analysis.version", lambda: "another")
    with pytest.raises(IndexOutdated, match="索引"):
        home.open()
    home.rebuild([], 0)
    assert home.open().stamp == 0


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    Index.create(folder).update([make_entry(1, "退院")], [], 1)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    with pytest.raises(IndexDamaged, match="権限"):
        Index.open(folder)


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index.create(tmp_path / "index")
    with index._store.lock(), pytest.raises(IndexBusy, match="更新"), index._store.lock(wait=0.05):
        pass


def test_a_full_disk_leaves_the_last_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index.create(tmp_path / "index")
    index.update([make_entry(1, "退院")], [], 1)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("search_index.segment.write", full)
    with pytest.raises(OSError, match="No space"):
        index.update([make_entry(2, "退院")], [], 2)
    monkeypatch.undo()
    assert (index.stamp, found(index, "退院")) == (1, [1])
    index.update([make_entry(2, "退院")], [], 2)
    assert found(index, "退院") == [2, 1]
