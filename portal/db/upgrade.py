"""Bringing a site's tables to the newest form, from nothing or from an older release.

Alembic is imported when there is something to do: at nearly every start there is not, and it would cost a third of it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from portal.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
_REVISIONS = re.compile(r"""^(revision|down_revision)\b[^=\n]*= *["']([^"']+)["']""", re.MULTILINE)


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


class NewerDatabase(RuntimeError):
    """The tables were made by a newer release of the portal; nothing was changed."""


@cache
def _revisions() -> dict[str, str]:
    """Every revision this release knows, and the one it follows."""
    found = [dict(_REVISIONS.findall(file.read_text("utf-8"))) for file in (FOLDER / "versions").glob("*.py")]
    return {one["revision"]: one.get("down_revision", "") for one in found}


def newest_revision() -> str:
    """Return the revision this release of the portal works with: the one no other follows."""
    (newest,) = _revisions().keys() - _revisions().values()
    return newest


def current_revision(engine: Engine) -> str | None:
    """Return the revision the site's tables are at, or None for an empty database."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(revision) if revision else None


def upgrade(engine: Engine, settings: Settings) -> None:
    """Bring the tables to the newest revision; safe to call at every start and from several processes at once.

    Raises NewerDatabase for tables this release does not know.
    """
    current = current_revision(engine)
    if current == newest_revision():
        return
    if current is not None and current not in _revisions():
        raise NewerDatabase(current)
    from alembic import command

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
