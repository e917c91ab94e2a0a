"""From an empty database to the newest tables, on both databases: the same as the models say, however often it is done."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import portal
from portal.db.base import Base
from portal.db.engine import make_owner_engine, writing
from portal.db.upgrade import current_revision, newest_revision, upgrade
from portal.settings import Settings
from tests.support.postgres import PostgresServer

START = """
import os, sys
from portal.db.engine import make_owner_engine
from portal.db.upgrade import upgrade
from portal.settings import Settings
sys.stdin.readline()
settings = Settings.from_environment(os.environ)
upgrade(make_owner_engine(settings), settings)
"""


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Yield the settings of a site that was never started."""
    if request.param == "sqlite":
        yield Settings(data=tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    database = server.create_database()
    plain = [url.replace("postgresql+psycopg://", "postgresql://") for url in (database.app_url, database.owner_url)]
    yield Settings(data=tmp_path, database_url=plain[0], owner_url=plain[1])
    server.drop_database(database)


def test_the_migrated_tables_are_those_of_the_models(empty: Settings) -> None:
    engine = make_owner_engine(empty)
    assert current_revision(engine) is None
    upgrade(engine, empty)
    assert current_revision(engine) == newest_revision()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_upgrading_again_changes_nothing_and_loses_nothing(empty: Settings) -> None:
    engine = make_owner_engine(empty)
    upgrade(engine, empty)
    with writing(engine).begin() as connection:
        connection.execute(text("INSERT INTO audience (id, name) VALUES (1, 'system')"))
    upgrade(engine, empty)
    with writing(engine).begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text(f"INSERT INTO alembic_version VALUES ('{newest_revision()}')"))
    upgrade(engine, empty)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM audience")).scalars().all() == ["system"]
    engine.dispose()


def test_a_site_started_by_three_processes_at_once_is_made_once(empty: Settings) -> None:
    environment = {
        "PORTAL_DATA": str(empty.data),
        "PORTAL_DATABASE_URL": empty.database_url,
        "PORTAL_OWNER_URL": empty.owner_url,
        "PYTHONPATH": str(Path(portal.__file__).parents[1]),
    }
    starts = [
        subprocess.Popen([sys.executable, "-c", START], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]  # fmt: skip
    for one in starts:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate(timeout=60)[1] for one in starts]
    assert [one.returncode for one in starts] == [0] * 3, "\n".join(said)
    engine = make_owner_engine(empty)
    assert current_revision(engine) == newest_revision()
    engine.dispose()


def test_an_upgrade_that_fails_half_way_leaves_nothing(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_owner_engine(empty)
    monkeypatch.setattr("portal.db.rowsecurity.protect_audit", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        upgrade(engine, empty)
    assert current_revision(engine) is None
    monkeypatch.undo()
    upgrade(engine, empty)
    assert current_revision(engine) == newest_revision()
    engine.dispose()
