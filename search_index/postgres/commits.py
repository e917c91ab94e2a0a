"""The state of the index at one commit, and the transactions in which it is read and written."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Connection, Cursor, IsolationLevel
from psycopg.errors import InvalidSchemaName, UndefinedTable

from search_index import analysis
from search_index.postgres import wire
from search_index.postgres.locks import Connect, lock_writer
from search_index.postgres.remote import Stock, load_array
from search_index.postgres.tables import sql
from search_index.postgres.writing import Pouring, merge
from search_index.values import IndexMissing, IndexOutdated

Array = npt.NDArray[Any]

_DIGIT = 2  # bits
_TOGETHER = 1 << _DIGIT
_MOST_MERGED = 8_192
_SEPARATOR = "\x1f"
_SETTINGS = {"jit": "off", "max_parallel_workers_per_gather": "0"}  # no query is worth a compiler or a second process


@dataclass(frozen=True, slots=True)
class Place:
    """A segment at one commit: how many documents it has and which of them are deleted."""

    number: int
    documents: int
    deleted: frozenset[int]


@dataclass(frozen=True, slots=True)
class Commit:
    """The state of the index at one commit."""

    half: str
    number: int
    stamp: int
    places: tuple[Place, ...]

    def __len__(self) -> int:
        """Return the number of entries."""
        return sum(place.documents - len(place.deleted) for place in self.places)


@contextmanager
def reading(connect: Connect, tokens: frozenset[str], *, keeper: bool = False) -> Iterator[Cursor[Any]]:
    """Open a transaction for one reader, or for the index itself, in which the tables stand still."""
    with connect() as connection, _standing_still(connection), connection.transaction():
        cursor = wire.open_cursor(connection)
        _tell(cursor, tokens, keeper=keeper)
        yield cursor


@contextmanager
def _standing_still(connection: Connection[Any]) -> Iterator[None]:
    """Let the next transaction see one state of the tables; said with its BEGIN, which saves a word."""
    before = connection.isolation_level, connection.read_only
    connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        yield
    finally:
        if not connection.closed:
            connection.isolation_level, connection.read_only = before


@contextmanager
def writing(connect: Connect, *, alone: bool = True) -> Iterator[Cursor[Any]]:
    """Open a transaction of the index itself; `alone`, as the only one that writes to what is searched."""
    with connect() as connection, connection.transaction():
        cursor = wire.open_cursor(connection)
        if alone:
            lock_writer(cursor)
        _tell(cursor, frozenset(), keeper=True)
        yield cursor


def _tell(cursor: Cursor[Any], tokens: frozenset[str], *, keeper: bool) -> None:
    told = {"search_index.tokens": _SEPARATOR.join(sorted(tokens)), "search_index.keeper": "yes" if keeper else ""}
    settings = [word for pair in (_SETTINGS | told).items() for word in pair]
    calls = ", ".join(["set_config(%s, %s, true)"] * (len(settings) // 2))
    cursor.execute(f"SELECT {calls}", settings)


def _state(cursor: Cursor[Any], schema: str) -> tuple[str, int, int, str]:
    try:
        cursor.execute(sql("SELECT half, number, stamp, analysis FROM {state}", schema=schema))
    except (UndefinedTable, InvalidSchemaName) as error:
        raise IndexMissing("検索の表がありません。portal を起動し直すと作られます。") from error
    (found,) = cursor.fetchall()
    half, number, stamp, made_with = found
    return half, number, stamp, made_with


def searched_half(cursor: Cursor[Any], schema: str) -> str:
    """Return which half is searched, or nothing when there is no index yet."""
    return _state(cursor, schema)[0]


def read_state(cursor: Cursor[Any], schema: str) -> tuple[str, int, int]:
    """Return which half is searched, its commit's number and stamp."""
    half, number, stamp, made_with = _state(cursor, schema)
    if not half:
        raise IndexMissing("検索の索引がまだありません。索引を作成してください。")
    if made_with != analysis.version():
        raise IndexOutdated("索引が古い辞書または表で作られています。索引を作り直してください。")
    return half, number, stamp


def read_places(cursor: Cursor[Any], half: str, schema: str) -> tuple[Place, ...]:
    """Return the segments of a half."""
    rows = cursor.execute(
        sql("SELECT number, documents, deleted FROM {segment} ORDER BY number", half, schema)
    ).fetchall()
    return tuple(
        Place(number, count, frozenset(np.frombuffer(deleted, dtype=np.uint16).tolist()))
        for number, count, deleted in rows
    )


def write_state(cursor: Cursor[Any], half: str, stamp: int, schema: str) -> None:
    """Make what was written the latest commit, searched in this half."""
    changed = "UPDATE {state} SET half = %s, number = number + 1, stamp = %s, analysis = %s"
    cursor.execute(sql(changed, schema=schema), (half, stamp, analysis.version()))


def digests(
    cursor: Cursor[Any], half: str, places: Sequence[Place], stocks: Mapping[int, Stock], schema: str
) -> dict[int, str]:
    """Return the digest of every entry."""
    found: dict[int, str] = {}
    for place in places:
        marks = load_array(cursor, half, schema, place.number, "digest").reshape(-1, 16)
        ids = stocks[place.number].arrays["id"]
        for document in np.flatnonzero(alive(place)).tolist():
            found[int(ids[document])] = marks[document].tobytes().hex()
    return found


def alive(place: Place) -> Array:
    """Say of each document of a segment whether it is still there."""
    there = np.ones(place.documents, dtype=bool)
    there[list(place.deleted)] = False
    return there


def take_out(pouring: Pouring, places: Sequence[Place], stocks: Mapping[int, Stock], gone: frozenset[int]) -> None:
    """Delete the entries of these ids wherever they stand."""
    ids = np.array([number for number in gone if -(2**63) <= number < 2**63], dtype=np.int64)
    for place in places:
        found = np.flatnonzero(np.isin(stocks[place.number].arrays["id"], ids) & alive(place))
        if len(found):
            pouring.delete(place.number, np.array(sorted({*place.deleted, *found.tolist()})), found)


def merge_small(pouring: Pouring, places: Sequence[Place]) -> None:
    """Merge segments of about the same size once there are four of them, and write those anew that are mostly deleted.

    Like a counter in base four: a document is written again once for each digit, and few segments are ever there.
    """
    sizes: dict[int, list[Place]] = {}
    for place in places:
        left = place.documents - len(place.deleted)
        if left < len(place.deleted):
            merge(pouring, [(place.number, alive(place))])
        elif left * _TOGETHER <= _MOST_MERGED:
            sizes.setdefault(left.bit_length() // _DIGIT, []).append(place)
    for together in sizes.values():
        if len(together) >= _TOGETHER:
            merge(pouring, [(place.number, alive(place)) for place in together])
