"""Where a site's search index lives: a folder of this host, or the site's PostgreSQL for several hosts (PORTAL_SEARCH)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Engine

from portal.settings import Settings, WrongSetting
from search_index import SearchIndexError
from search_index.engine import FolderHome, Home


def index_home(settings: Settings, engine: Engine) -> Home:
    """Return the home of a site's index."""
    cache = settings.index_cache_mb << 20
    if settings.search == "postgresql":
        from search_index.postgres import DatabaseHome

        return DatabaseHome(partial(_connection, engine), settings.index_folder, cache_bytes=cache)
    return FolderHome(settings.index_folder, cache)


def prepare_index(owner: Engine, settings: Settings) -> None:
    """Make the tables of an index that lives in the database, as their owner; tables that are there stay.

    Raises WrongSetting when the owner may not make them.
    """
    if settings.search == "postgresql":
        from search_index.postgres import prepare

        try:
            with _connection(owner) as connection:
                prepare(connection, settings.database_role)
        except SearchIndexError as problem:
            raise WrongSetting(str(problem)) from None


@contextmanager
def _connection(engine: Engine) -> Iterator[Any]:
    """Lend the driver's own connection out of the pool."""
    pooled = engine.raw_connection()
    try:
        yield pooled.driver_connection
    finally:
        pooled.close()
