"""An index in PostgreSQL for as long as a measurement lasts."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from search_index.postgres.home import DatabaseHome
from search_index.postgres.tables import prepare


@contextmanager
def temporary_home(url: str, scratch: Path) -> Iterator[DatabaseHome]:
    """Make a home in a schema of its own, over one connection, and remove it afterwards.

    The URL's role must be allowed to make a schema; row security holds for it unless it is a superuser.
    """
    schema = f"search_{secrets.token_hex(4)}"
    with psycopg.connect(url) as connection:
        prepare(connection, connection.info.user, schema=schema)
        try:
            yield DatabaseHome(lambda: nullcontext(connection), scratch, schema)
        finally:
            connection.rollback()
            connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(schema)))
