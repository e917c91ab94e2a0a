"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket nobody else can reach, gone afterwards.

Each pytest worker starts its server when a test first asks for it. The roles are those of a real site and come from
the very file an operator runs (`deploy/postgres.sql`): `portal_owner` owns the tables, `portal_app` is an ordinary
role without superuser and bypass rights, so row security holds for it as it does in service.
"""

import ctypes
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.support.packages import require_package

OWNER, APP, SUPERUSER = "portal_owner", "portal_app", "postgres"
ROLES_FILE = Path(__file__).parents[2] / "deploy" / "postgres.sql"
START_SECONDS = 30

# Nothing here has to survive a power cut, so the server may be as fast as it can.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class PostgresDatabase:
    """One database with its addresses for SQLAlchemy, by role."""

    name: str
    folder: Path

    def url(self, role: str) -> str:
        """Return the SQLAlchemy address of this database for a role."""
        return f"postgresql+psycopg://{role}@/{self.name}?host={quote(str(self.folder))}"

    @property
    def owner_url(self) -> str:
        """For migrations: the role that owns the tables."""
        return self.url(OWNER)

    @property
    def app_url(self) -> str:
        """For the portal itself: an ordinary role, under row security."""
        return self.url(APP)

    @property
    def superuser_url(self) -> str:
        """For looking behind the scenes in an assertion, never for the portal."""
        return self.url(SUPERUSER)


@dataclass
class PostgresServer:
    """A running private server; makes and drops databases."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def connect(self, database: str = "postgres", role: str = SUPERUSER) -> psycopg.Connection:
        """Open a plain connection that commits each statement."""
        return psycopg.connect(host=str(self.folder), user=role, dbname=database, autocommit=True)

    def create_database(self, template: str = "template0") -> PostgresDatabase:
        """Make a database as an operator would; a template (a migrated database, say) is copied in moments."""
        name = f"portal_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        with self.connect(name) as connection:
            connection.execute(ROLES_FILE.read_text(encoding="utf-8"))
        return PostgresDatabase(name, self.folder)

    def drop_database(self, database: PostgresDatabase) -> None:
        """Remove a database, closing what is still connected to it."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


def _programs() -> Path:
    """Return the folder of the newest installed server's programs."""
    require_package("postgresql")
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *Path("/usr").glob("pgsql-*/bin/initdb")]
    return max(found, key=lambda path: int(re.findall(r"\d+", str(path))[0])).parent


def _server_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: name the account that runs it instead, or None to run as ourselves."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _die_with_the_tests() -> None:
    """Have the kernel stop the server when the test process is gone, however it went."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _make_cluster(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> None:
    initdb = [programs / "initdb", "--pgdata", folder / "data", "--username", SUPERUSER, "--auth=trust"]
    initdb += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    made = subprocess.run(initdb, cwd=folder, capture_output=True, text=True, **_as(account))
    if made.returncode != 0:
        pytest.fail(f"PostgreSQL のデータ領域を作れませんでした:\n{made.stdout}{made.stderr}", pytrace=False)


def _start(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    command = [programs / "postgres", "-D", folder / "data", "-k", folder]
    for name, value in _SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, preexec_fn=_die_with_the_tests, **_as(account)
        )


def _wait_until_it_answers(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.connect().close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (server.folder / "log").read_text(encoding="utf-8", errors="replace")
                pytest.fail(f"PostgreSQL が起動しませんでした:\n{log}", pytrace=False)
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Yield a private PostgreSQL server, started on first use and stopped with the tests."""
    programs, account = _programs(), _server_account()
    # Not pytest's own folder: socket paths may hold about a hundred characters, and `postgres` must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    process = None
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        _make_cluster(programs, folder, account)
        process = _start(programs, folder, account)
        server = PostgresServer(folder)
        _wait_until_it_answers(server, process)
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: PostgresServer) -> PostgresDatabase:
    """Return this worker's database with the site's roles in place and no tables yet."""
    return postgres_server.create_database()


@pytest.fixture
def fresh_postgres_database(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Yield a database for one test alone."""
    database = postgres_server.create_database()
    yield database
    postgres_server.drop_database(database)
