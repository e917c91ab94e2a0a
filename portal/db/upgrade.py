"""Bringing a site's tables to the newest form, from nothing or from an older release."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from portal.settings import Settings

FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Return the revision this release of the portal works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current_revision(engine: Engine) -> str | None:
    """Return the revision the site's tables are at, or None for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, settings: Settings) -> None:
    """Bring the tables to the newest revision; safe to call at every start and from several processes at once."""
    if current_revision(engine) == newest_revision():
        return
    with _one_at_a_time(engine) as connection:
        if engine.dialect.name == "postgresql":
            _make_application_role(connection, settings.database_role)
        config = _config(connection)
        config.attributes["role"] = settings.database_role
        command.upgrade(config, "head")


@contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[Connection]:
    from portal.db.engine import writing

    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7277)"))
        yield connection


def _make_application_role(connection: Connection, role: str) -> None:
    exists = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar()
    if not exists:
        connection.execute(text(f'CREATE ROLE "{role}" NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE'))
        connection.execute(text(f'GRANT "{role}" TO CURRENT_USER'))
