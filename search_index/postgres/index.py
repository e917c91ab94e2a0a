"""The index in PostgreSQL as its users see it: open, update, search, rebuild."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
from psycopg import Cursor

from search_index.caching import ArrayCache
from search_index.matching import STRICT, View
from search_index.planning import make_plan
from search_index.postgres.commits import (
    Commit,
    Place,
    alive,
    digests,
    merge_small,
    read_places,
    read_state,
    reading,
    searched_half,
    take_out,
    write_state,
    writing,
)
from search_index.postgres.locks import Connect
from search_index.postgres.remote import Reader, Stock, load_stocks, sight_of
from search_index.postgres.tables import HALVES, SCHEMA, sql
from search_index.postgres.writing import Pouring, build
from search_index.record import make_record
from search_index.searching import Searcher, scope_of
from search_index.segment import MAX_DOCUMENTS
from search_index.similar import similar
from search_index.spelling import spellings
from search_index.suggesting import suggest
from search_index.synonyms import Synonyms
from search_index.values import Entry, IndexDamaged, Query, Result, Spelling, Suggestion

Found = TypeVar("Found")
Act = Callable[[Commit, Reader, Sequence[View]], Found]

_ATTEMPTS = 5


class PostgresIndex:
    """A search index in PostgreSQL. One process of all hosts writes at a time; any number read.

    `connect` hands out connections with no transaction open. `synonyms` and `aliases` are those of `search_index.Index`.
    """

    def __init__(self, connect: Connect, *, schema: str = SCHEMA, cache_bytes: int = 150_000_000) -> None:
        self.synonyms: Synonyms = Synonyms.shipped()
        self.aliases: Mapping[str, Mapping[str, str]] = {}
        self._connect = connect
        self._schema = schema
        self._cache = ArrayCache(cache_bytes)
        self._loading = threading.Lock()
        self._known: tuple[Commit, dict[int, Stock]] = (Commit("", 0, 0, ()), {})
        self.refresh()

    @classmethod
    def open(cls, connect: Connect, *, schema: str = SCHEMA, cache_bytes: int = 150_000_000) -> "PostgresIndex":
        """Open the index.

        Raises IndexMissing or IndexOutdated; both are mended by `rebuild`.
        """
        return cls(connect, schema=schema, cache_bytes=cache_bytes)

    @classmethod
    def create(cls, connect: Connect, *, schema: str = SCHEMA, cache_bytes: int = 150_000_000) -> "PostgresIndex":
        """Make an empty index where there is none, and open it; one that is there is opened as it is."""
        with writing(connect) as cursor:
            if not searched_half(cursor, schema):
                write_state(cursor, HALVES[0], 0, schema)
        return cls(connect, schema=schema, cache_bytes=cache_bytes)

    def close(self) -> None:
        """Let go of what was kept."""
        self._known = (Commit("", 0, 0, ()), {})
        self._cache = ArrayCache(0)

    # --- reading ---

    @property
    def stamp(self) -> int:
        """The last outbox row this index holds, as of the last refresh."""
        return self._known[0].stamp

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._known[0])

    @property
    def places(self) -> tuple[Place, ...]:
        """The segments of the last commit seen."""
        return self._known[0].places

    def search(self, query: Query, *, synonyms: Synonyms | None = None) -> Result:
        """Answer a query from the latest commit; `synonyms` tries a table that is not in force."""
        return self._for_reader(query.tokens, lambda *index: self._searched(query, synonyms, *index)[0])

    def _searched(
        self, query: Query, synonyms: Synonyms | None, commit: Commit, reader: Reader, views: Sequence[View]
    ) -> tuple[Result, bool]:
        """Return the answer to a query, and whether it was met to the letter."""
        table = synonyms or self.synonyms
        reader.foresee(make_plan(query.text, table, query.without_synonyms, scope_of(query), query.without_words))
        searcher = Searcher(views, self._cache, query, table, self.aliases)
        reader.prepare(searcher.planned, len(commit))
        return searcher.search(commit.stamp), searcher.relaxed == STRICT

    def suggest(
        self, typed: str, tokens: frozenset[str], *, without: frozenset[int] = frozenset(), most: int = 7
    ) -> tuple[Suggestion, ...]:
        """Complete what a person is typing with words and titles of documents they may see."""
        return self._for_reader(
            tokens, lambda _, __, views: suggest(views, typed, tokens, without, most, self.synonyms)
        )

    def spellings(self, query: Query, *, most: int = 2) -> tuple[Spelling, ...]:
        """Propose what a person may have meant, for words that next to no visible document holds."""

        def propose(commit: Commit, reader: Reader, views: Sequence[View]) -> tuple[Spelling, ...]:
            def answer(asked: Query) -> tuple[int, bool]:
                result, strict = self._searched(asked, None, commit, reader, views)
                return result.total, strict

            return spellings(views, query, most, answer)

        return self._for_reader(query.tokens, propose)

    def similar(
        self, entry_id: int, tokens: frozenset[str], *, without: frozenset[int] = frozenset(), most: int = 5
    ) -> tuple[int, ...]:
        """Return the entries most like one, best first; none when the reader may not see that one."""
        return self._for_reader(tokens, lambda _, __, views: similar(views, entry_id, tokens, without, most))

    def refresh(self) -> bool:
        """Pick up what another process committed or rebuilt."""
        before = self._known[0]
        with reading(self._connect, frozenset()) as cursor:
            return self._look(cursor)[0] != before

    def ids(self) -> dict[int, str]:
        """Return the digest of every entry, to compare the index with the database."""
        with reading(self._connect, frozenset(), keeper=True) as cursor:
            commit, stocks = self._look(cursor)
            return digests(cursor, commit.half, commit.places, stocks, self._schema)

    def _for_reader(self, tokens: frozenset[str], act: Act[Found]) -> Found:
        """Do something on the latest commit with one reader's sight; again, when a rebuild emptied the tables meanwhile."""
        for _ in range(_ATTEMPTS):
            with suppress(_Emptied):
                return self._once_for_reader(tokens, act)
        raise IndexDamaged("索引を読んでいる間に何度も作り直されました。しばらくしてからやり直してください。")

    def _once_for_reader(self, tokens: frozenset[str], act: Act[Found]) -> Found:
        with reading(self._connect, tokens) as cursor:
            commit, stocks = self._look(cursor)
            sight = sight_of(cursor, commit.half, self._schema, tokens)
            try:
                there = {place.number: alive(place) for place in commit.places}
                reader = Reader(cursor, commit.half, self._schema, sight, list(stocks.values()), there)
                found = act(commit, reader, self._views(commit, reader))
            except KeyError:
                _check_whole(cursor, commit, self._schema)
                raise
            _check_whole(cursor, commit, self._schema)
            return found

    def _views(self, commit: Commit, reader: Reader) -> list[View]:
        return [
            View(segment, place.deleted, self._cache)
            for segment, place in zip(reader.segments, commit.places, strict=True)
        ]

    def _look(self, cursor: Cursor[Any]) -> tuple[Commit, dict[int, Stock]]:
        """Return the latest commit and its segments; what is known of them already is kept."""
        half, number, stamp = read_state(cursor, self._schema)
        with self._loading:
            commit, stocks = self._known
            if (half, number) != (commit.half, commit.number):
                commit = Commit(half, number, stamp, read_places(cursor, half, self._schema))
                new = [place.number for place in commit.places if place.number not in stocks]
                found = stocks | load_stocks(cursor, half, self._schema, new)
                stocks = {place.number: found[place.number] for place in commit.places}
                self._known = commit, stocks
            return commit, stocks

    # --- writing ---

    def update(self, entries: Iterable[Entry], delete: Iterable[int], stamp: int) -> None:
        """Put entries in, replacing those with the same id, and take others out, in one transaction."""
        wanted = {entry.id: entry for entry in entries}
        records = [make_record(entry) for entry in wanted.values()]
        gone = frozenset(wanted) | frozenset(delete)
        with writing(self._connect) as cursor:
            commit, stocks = self._look(cursor)
            pouring = Pouring(cursor, commit.half, self._schema)
            take_out(pouring, commit.places, stocks, gone)
            for start in range(0, len(records), MAX_DOCUMENTS):
                pouring.add(*build(records[start : start + MAX_DOCUMENTS]), np.zeros(0, np.uint16))
            merge_small(pouring, read_places(cursor, commit.half, self._schema))
            write_state(cursor, commit.half, stamp, self._schema)
        self.refresh()


class _Emptied(Exception):
    """The half this reader looked at was emptied meanwhile."""


def _check_whole(cursor: Cursor[Any], commit: Commit, schema: str) -> None:
    """Notice a half that was emptied under a reader: an emptied table is empty even to transactions that began before."""
    cursor.execute(sql("SELECT count(*) FROM {segment}", commit.half, schema))
    if cursor.fetchone() != (len(commit.places),):
        raise _Emptied
