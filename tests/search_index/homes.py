"""Both homes an index can have, so that one suite says what either engine does.

`home` is a fresh, empty place in a folder and then in PostgreSQL; `homes` gives as many as a test or a module wants.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from search_index.engine import FolderHome, Home
from search_index.postgres import DatabaseHome, prepare
from tests.support.postgres import APP, OWNER, PostgresDatabase, PostgresServer

ENGINES = ("folder", "postgres")
_numbers = count(1)
Homes = Callable[[], Home]


class Connections:
    """Connections of the application's role, used again within a process."""

    def __init__(self, server: PostgresServer, database: PostgresDatabase) -> None:
        self._server, self._database = server, database
        self._idle: dict[int, list[psycopg.Connection]] = defaultdict(list)

    @contextmanager
    def __call__(self) -> Iterator[psycopg.Connection]:
        idle = self._idle[os.getpid()]
        connection = idle.pop() if idle else self._server.connect(self._database.name, APP)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        idle.append(connection)


@pytest.fixture(scope="session")
def search_database(postgres_server: PostgresServer) -> tuple[PostgresServer, PostgresDatabase, Connections]:
    database = postgres_server.create_database()
    return postgres_server, database, Connections(postgres_server, database)


def make_homes(engine: str, folder: Path, request: pytest.FixtureRequest, **settings: int) -> Homes:
    """Return what makes fresh homes for an engine."""
    if engine == "folder":
        return lambda: FolderHome(folder / f"index{next(_numbers)}", **settings)
    server, database, connections = request.getfixturevalue("search_database")

    def make() -> Home:
        schema = f"search{next(_numbers)}"
        with server.connect(database.name) as superuser:
            superuser.execute(f"CREATE SCHEMA {schema} AUTHORIZATION {OWNER}")
        with server.connect(database.name, OWNER) as owner:
            prepare(owner, APP, schema=schema)
        return DatabaseHome(connections, folder / schema, schema, **settings)

    return make


@pytest.fixture(params=ENGINES)
def homes(request: pytest.FixtureRequest, tmp_path: Path) -> Homes:
    return make_homes(request.param, tmp_path, request)


@pytest.fixture
def home(homes: Homes) -> Home:
    return homes()


@pytest.fixture(scope="module", params=ENGINES)
def module_homes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    return make_homes(request.param, tmp_path_factory.mktemp("search"), request)


@pytest.fixture(scope="module")
def module_home(module_homes: Homes) -> Home:
    return module_homes()
