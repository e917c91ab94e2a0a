"""A new index beside the old one."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from psycopg import Cursor
from psycopg.errors import LockNotAvailable
from psycopg.sql import SQL, Identifier

from search_index import rebuilding as folders
from search_index.index import Index
from search_index.postgres.commits import (
    alive,
    digests,
    read_places,
    read_state,
    reading,
    searched_half,
    take_out,
    write_state,
    writing,
)
from search_index.postgres.locks import Connect, rebuilding
from search_index.postgres.remote import load_stocks
from search_index.postgres.tables import HALVES, SCHEMA, TABLES
from search_index.postgres.writing import Pouring, joined
from search_index.rebuilding import Progress
from search_index.values import Entry, IndexMissing, IndexOutdated


def rebuild(
    connect: Connect,
    entries: Iterable[Entry],
    stamp: int,
    scratch: Path,
    *,
    schema: str = SCHEMA,
    processes: int = 1,
    progress: Progress | None = None,
) -> None:
    """Build a new index beside the old one and switch to it in one transaction; searching and writing go on meanwhile.

    The entries are analysed into a folder as the first engine does it, and poured into the half that is not searched.
    `stamp` is the outbox row they were read at; what is written meanwhile is carried over before the switch.
    `scratch` is a folder of this host that is the rebuild's own.
    """
    with rebuilding(connect), _cleared(scratch):
        half, before = _standing(connect, schema)
        beside = HALVES[half == HALVES[0]]
        _empty(connect, beside, schema)
        folders.rebuild(scratch, entries, stamp, processes=processes, progress=progress)
        _pour(connect, scratch, beside, schema)
        with writing(connect) as cursor:
            now = _carry_over(cursor, beside, before, schema)
            write_state(cursor, beside, max(stamp, now), schema)
        if half:
            with suppress(LockNotAvailable):  # a reader that does not end; the next rebuild empties it
                _empty(connect, half, schema)


@contextmanager
def _cleared(folder: Path) -> Iterator[None]:
    """Remove a folder before and after; a rebuild that was killed left its own."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pour(connect: Connect, folder: Path, half: str, schema: str) -> None:
    index = Index(folder, cache_bytes=0)
    for view in index.views:
        with writing(connect, alone=False) as cursor:
            Pouring(cursor, half, schema).add(view.segment.header, view.segment.arrays, np.array(sorted(view.deleted)))
    index.close()


def _standing(connect: Connect, schema: str) -> tuple[str, dict[int, str]]:
    """Return which half is searched now and the digests of its entries; one nobody can read has none."""
    try:
        with reading(connect, frozenset(), keeper=True) as cursor:
            half, _, _ = read_state(cursor, schema)
            return half, _known(cursor, half, schema)
    except IndexMissing:
        return "", {}
    except IndexOutdated:
        with reading(connect, frozenset()) as cursor:
            return searched_half(cursor, schema), {}


def _known(cursor: Cursor[Any], half: str, schema: str) -> dict[int, str]:
    places = read_places(cursor, half, schema)
    stocks = load_stocks(cursor, half, schema, [place.number for place in places])
    return digests(cursor, half, places, stocks, schema)


def _empty(connect: Connect, half: str, schema: str) -> None:
    with writing(connect, alone=False) as cursor:
        cursor.execute("SELECT set_config('lock_timeout', '10s', true)")
        names = SQL(", ").join(Identifier(schema, f"{table}_{half}") for table in TABLES)
        cursor.execute(SQL("TRUNCATE {}").format(names))


def _carry_over(cursor: Cursor[Any], beside: str, before: dict[int, str], schema: str) -> int:
    """Bring what the old half took in since `before` into the new one; return the last outbox row it had taken in."""
    try:
        half, _, stamp = read_state(cursor, schema)
    except (IndexMissing, IndexOutdated):
        return 0
    now = _known(cursor, half, schema)
    changed = frozenset(number for number, mark in now.items() if before.get(number) != mark)
    gone = changed | (before.keys() - now.keys())
    if gone:
        new = Pouring(cursor, beside, schema)
        places = read_places(cursor, beside, schema)
        take_out(new, places, load_stocks(cursor, beside, schema, [place.number for place in places]), gone)
        _copy(cursor, Pouring(cursor, half, schema), new, half, changed, schema)
    return stamp


def _copy(cursor: Cursor[Any], old: Pouring, new: Pouring, half: str, changed: frozenset[int], schema: str) -> None:
    """Copy entries from the old half as one segment."""
    places = read_places(cursor, half, schema)
    stocks = load_stocks(cursor, half, schema, [place.number for place in places])
    with tempfile.TemporaryDirectory() as folder:
        taken = []
        for place in places:
            kept = alive(place) & np.isin(stocks[place.number].arrays["id"], np.array(sorted(changed), dtype=np.int64))
            if kept.any():
                taken.append((old.take(place.number, Path(folder)), kept))
        if taken:
            made = joined(taken, Path(folder))
            new.add(made.header, made.arrays, np.zeros(0, np.uint16))
