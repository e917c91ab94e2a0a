"""A new index beside the old one: entries are analysed by several processes, and one instant switches.

Each process writes what it analysed as a small segment; when a segment's worth of documents has gathered, one of them
merges it. The caller's process only reads entries and hands them out, a few batches ahead.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

from search_index import merging
from search_index import segment as segments
from search_index.caching import ArrayCache
from search_index.codec import WardSegment
from search_index.index import Index
from search_index.matching import View
from search_index.record import make_record
from search_index.segment import MAX_DOCUMENTS
from search_index.store import Commit, Store
from search_index.values import Entry, SearchIndexError
from search_index.writing import Writing

Progress = Callable[[int], None]

_BATCH = 1_000
_CHARACTERS = 2_000_000
_AHEAD = 2  # batches a process is given before the first is done


def rebuild(
    folder: Path, entries: Iterable[Entry], stamp: int, *, processes: int = 1, progress: Progress | None = None
) -> None:
    """Build a new index beside the old one and switch to it in one instant; searching and writing go on meanwhile.

    `stamp` is the outbox row the entries were read at. What is written to the old index during the rebuild is carried
    over before the switch, so a worker may drain the outbox all the while. With more than one of `processes`, the calling
    script must be importable (`if __name__ == "__main__"`). `progress` is told how many entries are done.
    """
    store = Store(Path(folder))
    store.make_folder()
    with store.lock("REBUILDLOCK"):
        store.sweep()
        before = _known(_opened(store.folder))
        generation = store.start_generation(stamp)
        try:
            with _executor(processes) as executor:
                named = _built(executor, generation, entries, processes * _AHEAD, progress or (lambda _: None))
            commit = store.commit(store.first_commit(generation), named, stamp)
            with store.lock():
                _carry_over(store, commit, before)
                store.switch(generation)
        finally:
            store.sweep()


# --- several processes -----------------------------------------------------------------------------


class _Here(Executor):
    """Does in this process, at once, what others would do later."""

    def submit(self, act: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do it."""
        future: Future[Any] = Future()
        future.set_result(act(*arguments, **named))
        return future


def _executor(processes: int) -> Executor:
    if processes == 1:
        return _Here()
    # A forked child would inherit the threads' locks of a server; a spawned one begins anew.
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Leave interruptions to the parent, and end when it does: a killed rebuild leaves nobody behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _built(
    executor: Executor, generation: Path, entries: Iterable[Entry], ahead: int, progress: Progress
) -> list[WardSegment]:
    """Return the segments of all entries, as few as may be."""
    merged: list[Future[WardSegment]] = []
    gathered: list[WardSegment] = []
    done = 0
    try:
        for named in _written(executor, generation, entries, ahead):
            if sum(one.count for one in gathered) + named.count > MAX_DOCUMENTS:
                merged.append(executor.submit(_joined, generation, gathered))
                gathered = []
            gathered.append(named)
            done += named.count
            progress(done)
        if gathered:
            merged.append(executor.submit(_joined, generation, gathered))
        return [future.result() for future in merged]
    except BaseException:
        executor.shutdown(wait=True, cancel_futures=True)
        raise


def _written(executor: Executor, generation: Path, entries: Iterable[Entry], ahead: int) -> Iterator[WardSegment]:
    """Yield a small segment for each batch; no more batches are read than are soon wanted."""
    waiting: deque[Future[WardSegment]] = deque()
    for batch in _batches(entries):
        waiting.append(executor.submit(_write, generation, batch))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    characters = 0
    for entry in entries:
        batch.append(entry)
        characters += sum(len(part.text) for part in entry.parts)
        if len(batch) == _BATCH or characters > _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _write(generation: Path, batch: list[Entry]) -> WardSegment:
    """Analyse entries into one small segment."""
    return Writing(generation, {}).write(*segments.build([make_record(entry) for entry in batch]))


def _joined(generation: Path, gathered: list[WardSegment]) -> WardSegment:
    """Merge small segments into one and remove them."""
    if len(gathered) == 1:
        return gathered[0]
    writing = Writing(generation, {})
    made = writing.joined(gathered)
    for named in gathered:
        writing.remove(named)
    return made


# --- what happened meanwhile -----------------------------------------------------------------------


def _opened(folder: Path) -> Index | None:
    """Open the index that is to be replaced, if it can still be read."""
    try:
        return Index(folder, cache_bytes=0)
    except SearchIndexError:
        return None


def _known(index: Index | None) -> dict[int, str]:
    return index.ids() if index is not None else {}


def _carry_over(store: Store, commit: Commit, before: Mapping[int, str]) -> None:
    """Bring what the old index took in since `before` into the new one; an old one nobody can read took nothing in."""
    old = _opened(store.folder)
    if old is None:
        return
    now = _known(old)
    changed = frozenset(number for number, mark in now.items() if before.get(number) != mark)
    gone = changed | (before.keys() - now.keys())
    if not gone:
        return
    writing = Writing(commit.generation, {})
    kept = []
    for named in commit.segments:
        view = View(writing.opened(named)[0], named.deleted, ArrayCache(0))
        kept.append(named.without(frozenset(view.places(gone).tolist())))
    taken = [(view.segment, view.alive & view.mask(view.places(changed))) for view in old.views]
    taken = [(segment, alive) for segment, alive in taken if alive.any()]
    if taken:
        kept.append(writing.write(*merging.merge(taken)))
    store.commit(commit, kept, max(commit.stamp, old.stamp))
