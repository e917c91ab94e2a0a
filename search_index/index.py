"""The index as its users see it: open, update, search, rebuild."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from search_index import segment as segments
from search_index.caching import ArrayCache
from search_index.codec import WardSegment
from search_index.matching import View
from search_index.record import digest, make_record
from search_index.searching import Searcher
from search_index.segment import MAX_DOCUMENTS, Bools, Segment
from search_index.store import Commit, Store
from search_index.synonyms import Synonyms
from search_index.values import Entry, IndexDamaged, IndexMissing, Query, Result, SearchIndexError

__all__ = ["Index", "digest", "rebuild"]

_BATCH = 2_000
_SMALL = 64
_FRESH = 0.05  # seconds; a folder changed this recently may change again within one tick of its clock


class Index:
    """A search index in a folder. One process writes at a time; any number read, each through its own Index.

    `synonyms` and `aliases` belong to the reading side and may be replaced at any time. `aliases` tells the query
    language what field words mean: {"ward": {"東成": "higashinari"}, "kind": {"様式7": "meeting_report"}}.
    """

    def __init__(self, folder: Path, *, cache_bytes: int = 150_000_000) -> None:
        self.folder = Path(folder)
        self.synonyms: Synonyms = Synonyms.shipped()
        self.aliases: Mapping[str, Mapping[str, str]] = {}
        self._store = Store(self.folder)
        self._cache = ArrayCache(cache_bytes)
        self._loading = threading.Lock()
        self._mark: tuple[int, int, int] | None = None
        self._commit, self._views = self._load({})

    @classmethod
    def open(cls, folder: Path, *, cache_bytes: int = 150_000_000) -> "Index":
        """Open the index of a folder.

        Raises IndexMissing, IndexDamaged or IndexOutdated; each is mended by `rebuild`.
        """
        return cls(folder, cache_bytes=cache_bytes)

    @classmethod
    def create(cls, folder: Path, *, cache_bytes: int = 150_000_000) -> "Index":
        """Make an empty index in a folder that has none, and open it; one that is there is opened as it is."""
        store = Store(Path(folder))
        store.make_folder()
        with store.lock():
            try:
                store.generation()
            except IndexMissing:
                store.switch(store.start_generation(0))
        return cls(folder, cache_bytes=cache_bytes)

    def close(self) -> None:
        """Let go of the mapped files."""
        self._views = ()
        self._cache = ArrayCache(0)

    # --- reading ---

    @property
    def stamp(self) -> int:
        """The last outbox row this index holds, as of the last refresh."""
        return self._commit.stamp

    def __len__(self) -> int:
        """Return the number of entries."""
        return sum(int(view.alive.sum()) for view in self._views)

    def search(self, query: Query) -> Result:
        """Answer a query from the latest commit."""
        self.refresh()
        commit, views = self._commit, self._views
        return Searcher(views, self._cache, query, self.synonyms, self.aliases).search(commit.stamp)

    def refresh(self) -> bool:
        """Pick up what another process committed or rebuilt; costs one system call when there is nothing new."""
        try:
            mark = self._store.mark()
        except OSError:
            mark = (0, 0, 0)
        if mark == self._mark:
            return False
        before = self._commit
        return self._reload()[0] != before

    def _reload(self) -> tuple[Commit, tuple[View, ...]]:
        """Read the latest commit, keeping what is known of segments that are still in it."""
        with self._loading:
            self._commit, self._views = self._load({view.segment.name: view for view in self._views})
            return self._commit, self._views

    @property
    def views(self) -> tuple[View, ...]:
        """The segments of the last commit seen."""
        return self._views

    def ids(self) -> dict[int, str]:
        """Return the digest of every entry, to compare the index with the database."""
        self.refresh()
        found: dict[int, str] = {}
        for view in self._views:
            digests = view.segment.arrays["digest"].reshape(-1, 16)
            for document in np.flatnonzero(view.alive).tolist():
                found[int(view.segment.ids[document])] = digests[document].tobytes().hex()
        return found

    def _load(self, known: Mapping[str, View]) -> tuple[Commit, tuple[View, ...]]:
        for attempt in range(20):
            mark = self._look()
            commit = self._store.read()
            try:
                views = tuple(self._view(commit, named, known) for named in commit.segments)
            except FileNotFoundError:
                time.sleep(0.005 * attempt)  # a writer merged these files away; look again
                continue
            for name in set(known) - {view.segment.name for view in views}:
                self._cache.forget(name)
            self._mark = mark
            return commit, views
        raise IndexDamaged("索引のファイルが足りません。索引を作り直してください。")

    def _look(self) -> tuple[int, int, int] | None:
        """Return the folder's mark, unless it is so fresh that the next change could bear the same time."""
        try:
            mark = self._store.mark()
        except OSError:
            return None
        return mark if abs(time.time() - mark[2] / 1e9) > _FRESH else None

    def _view(self, commit: Commit, named: WardSegment, known: Mapping[str, View]) -> View:
        name = named.segment_id()
        view = known.get(name)
        if view is not None and view.deleted == named.deleted:
            return view
        segment = view.segment if view is not None else Segment(commit.generation / named.file_name, name)
        if segment.n != named.count:
            raise IndexDamaged("索引のファイルと目次が合いません。索引を作り直してください。")
        return View(segment, named.deleted, self._cache)

    # --- writing ---

    def update(self, entries: Iterable[Entry], delete: Iterable[int], stamp: int) -> None:
        """Put entries in, replacing those with the same id, and take others out, in one commit.

        The commit is on the disk when this returns. `stamp` is kept with it, so that after a crash the outbox is
        applied again from the right row.
        """
        wanted = {entry.id: entry for entry in entries}
        records = [make_record(entry) for entry in wanted.values()]
        gone = frozenset(wanted) | frozenset(delete)
        with self._store.lock():
            commit, views = self._reload()
            kept = [
                named.without(frozenset(view.places(gone).tolist()))
                for named, view in zip(commit.segments, views, strict=True)
            ]
            writing = _Writing(self._store, commit, {view.segment.name: view.segment for view in views})
            batches = (records[start : start + MAX_DOCUMENTS] for start in range(0, len(records), MAX_DOCUMENTS))
            kept.extend(writing.write(*segments.build(batch)) for batch in batches)
            self._store.commit(commit, writing.merged(kept), stamp)
        self.refresh()


class _Writing:
    """Writes segment files of one generation and decides which are merged."""

    def __init__(self, store: Store, commit: Commit, known: Mapping[str, Segment]) -> None:
        self._generation = commit.generation
        self._known = dict(known)

    def write(self, header: dict[str, object], arrays: dict[str, segments.Array]) -> WardSegment:
        """Write one segment."""
        named = WardSegment(len(arrays["id"]))
        segments.write(self._generation / named.file_name, header, arrays)
        return named

    def merged(self, kept: list[WardSegment]) -> list[WardSegment]:
        """Merge small segments into their neighbours, so that a query never meets many.

        Like a counter in base two: a segment joins when it is smaller than twice what has gathered so far, which keeps
        their number near the logarithm of the documents and rewrites each document about as often.
        """
        kept = sorted((named for named in kept if named.doc_count()), key=WardSegment.doc_count)
        gathered: list[WardSegment] = []
        size = 0
        for named in kept:
            count = named.doc_count()
            joins = count <= max(2 * size, _SMALL) and size + count <= MAX_DOCUMENTS
            if joins or (len(named.deleted) > count and size + count <= MAX_DOCUMENTS):
                gathered.append(named)
                size += count
        if len(gathered) < 2 and not any(len(named.deleted) > named.doc_count() for named in gathered):
            return kept
        rest = [named for named in kept if named not in gathered]
        return [*rest, self.write(*segments.merge([self.opened(named) for named in gathered]))]

    def opened(self, named: WardSegment) -> tuple[Segment, Bools]:
        """Return a segment and which of its documents are still there."""
        name = named.segment_id()
        segment = self._known.get(name) or Segment(self._generation / named.file_name, name)
        alive = np.ones(segment.n, dtype=bool)
        alive[list(named.deleted)] = False
        return segment, alive


def rebuild(folder: Path, entries: Iterable[Entry], stamp: int) -> None:
    """Build a new index beside the old one and switch to it in one instant; searching and writing go on meanwhile.

    `stamp` is the outbox row the entries were read at. What is written to the old index during the rebuild is carried
    over before the switch, so a worker may drain the outbox all the while.
    """
    store = Store(Path(folder))
    store.make_folder()
    with store.lock("REBUILDLOCK"):
        store.sweep()
        before = _known(_opened(store.folder))
        generation = store.start_generation(stamp)
        writing = _Writing(store, store.first_commit(generation), {})
        named = [writing.write(*segments.build([make_record(entry) for entry in batch])) for batch in _batches(entries)]
        commit = store.commit(store.first_commit(generation), _in_groups(writing, named), stamp)
        with store.lock():
            _carry_over(store, commit, writing, before)
            store.switch(generation)
        store.sweep()


def _opened(folder: Path) -> Index | None:
    """Open the index that is to be replaced, if it can still be read."""
    try:
        return Index(folder, cache_bytes=0)
    except SearchIndexError:
        return None


def _known(index: Index | None) -> dict[int, str]:
    return index.ids() if index is not None else {}


def _carry_over(store: Store, commit: Commit, writing: "_Writing", before: Mapping[int, str]) -> None:
    """Bring what the old index took in since `before` into the new one; an old one nobody can read took nothing in."""
    old = _opened(store.folder)
    if old is None:
        return
    now = _known(old)
    changed = frozenset(number for number, mark in now.items() if before.get(number) != mark)
    gone = changed | (before.keys() - now.keys())
    if not gone:
        return
    kept = []
    for named in commit.segments:
        view = View(writing.opened(named)[0], named.deleted, ArrayCache(0))
        kept.append(named.without(frozenset(view.places(gone).tolist())))
    taken = [(view.segment, view.alive & view.mask(view.places(changed))) for view in old.views]
    taken = [(segment, alive) for segment, alive in taken if alive.any()]
    if taken:
        kept.append(writing.write(*segments.merge(taken)))
    store.commit(commit, kept, max(commit.stamp, old.stamp))


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    source = iter(entries)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _in_groups(writing: _Writing, named: list[WardSegment]) -> list[WardSegment]:
    """Merge the batches of a rebuild into as few segments as may be."""
    groups: list[list[WardSegment]] = [[]]
    for segment in named:
        if sum(other.count for other in groups[-1]) + segment.count > MAX_DOCUMENTS:
            groups.append([])
        groups[-1].append(segment)
    return [
        group[0] if len(group) == 1 else writing.write(*segments.merge([writing.opened(one) for one in group]))
        for group in groups
        if group
    ]
