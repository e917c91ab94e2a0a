"""The index as its users see it: open, update, search."""

import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from search_index import segment as segments
from search_index.caching import ArrayCache
from search_index.codec import WardSegment
from search_index.matching import STRICT, View
from search_index.record import make_record
from search_index.searching import Prepared, Searcher
from search_index.segment import MAX_DOCUMENTS, Segment
from search_index.similar import similar
from search_index.spelling import spellings
from search_index.store import Commit, Store
from search_index.suggesting import suggest
from search_index.synonyms import Synonyms
from search_index.values import Entry, IndexDamaged, IndexMissing, Query, Result, Spelling, Suggestion
from search_index.writing import Writing

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
        self._prepared = Prepared(self._views)

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

    def search(self, query: Query, *, synonyms: Synonyms | None = None) -> Result:
        """Answer a query from the latest commit; `synonyms` tries a table that is not in force."""
        self.refresh()
        commit, views = self._commit, self._views
        if self._prepared.views is not views:
            self._prepared = Prepared(views)
        asked = query, synonyms or self.synonyms, self.aliases, self._prepared
        return Searcher(views, self._cache, *asked).search(commit.stamp)

    def suggest(
        self, typed: str, tokens: frozenset[str], *, without: frozenset[int] = frozenset(), most: int = 7
    ) -> tuple[Suggestion, ...]:
        """Complete what a person is typing with words and titles of documents they may see."""
        self.refresh()
        return suggest(self._views, typed, tokens, without, most, self.synonyms)

    def spellings(self, query: Query, *, most: int = 2) -> tuple[Spelling, ...]:
        """Propose what a person may have meant, for words that next to no visible document holds."""
        self.refresh()
        views = self._views

        def answer(asked: Query) -> tuple[int, bool]:
            searcher = Searcher(views, self._cache, asked, self.synonyms, self.aliases)
            return searcher.search(0).total, searcher.relaxed == STRICT

        return spellings(views, query, most, answer)

    def similar(
        self, entry_id: int, tokens: frozenset[str], *, without: frozenset[int] = frozenset(), most: int = 5
    ) -> tuple[int, ...]:
        """Return the entries most like one, best first; none when the reader may not see that one."""
        self.refresh()
        return similar(self._views, entry_id, tokens, without, most)

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
            writing = Writing(commit.generation, {view.segment.name: view.segment for view in views})
            batches = (records[start : start + MAX_DOCUMENTS] for start in range(0, len(records), MAX_DOCUMENTS))
            kept.extend(writing.write(*segments.build(batch)) for batch in batches)
            self._store.commit(commit, writing.merged(kept), stamp)
        self.refresh()
