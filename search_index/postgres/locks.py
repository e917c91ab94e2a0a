"""Who may write: advisory locks of the database, which it lets go of with the connection, whatever became of the host."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from psycopg import Connection, Cursor, OperationalError
from psycopg.errors import LockNotAvailable

from search_index.values import IndexBusy

Connect = Callable[[], AbstractContextManager[Connection[Any]]]
"""Hands out a connection with no transaction open, and takes it back."""

PATIENCE = "30s"
_FAMILY = 7278
_WRITER, _REBUILD, _WORKER = 1, 2, 3
_BUSY = "ほかの処理が索引を更新しています。しばらくしてからやり直してください。"


def lock_writer(cursor: Cursor[Any]) -> None:
    """Be the only writer until this transaction ends. Raises IndexBusy when another one does not finish."""
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", (PATIENCE,))
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_FAMILY, _WRITER))
    except LockNotAvailable as error:
        raise IndexBusy(_BUSY) from error


@contextmanager
def rebuilding(connect: Connect, *, wait: float = 30.0) -> Iterator[None]:
    """Be the only rebuild. Raises IndexBusy when another one does not finish."""
    until = time.monotonic() + wait
    with connect() as connection:
        while not _take(connection, _REBUILD):
            if time.monotonic() > until:
                raise IndexBusy(_BUSY)
            time.sleep(0.1)
        try:
            yield
        finally:
            _give_back(connection, _REBUILD)


@contextmanager
def alone(connect: Connect) -> Iterator[bool]:
    """Yield True to the one process, on whatever host, that may keep this index; False while another one does."""
    with connect() as connection:
        taken = _take(connection, _WORKER)
        try:
            yield taken
        finally:
            if taken:
                _give_back(connection, _WORKER)


def _take(connection: Connection[Any], which: int) -> bool:
    with connection.transaction():
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_FAMILY, which)).fetchone()
    return row == (True,)


def _give_back(connection: Connection[Any], which: int) -> None:
    try:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_unlock(%s, %s)", (_FAMILY, which))
    except OperationalError:
        connection.close()  # the lock goes with the connection
