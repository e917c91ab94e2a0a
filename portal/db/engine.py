"""One engine per site: embedded SQLite by default, PostgreSQL when a URL says so.

Parameters are hidden from errors: what people wrote must not come into the log with a failure.
"""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text

from portal.settings import Settings

WRITES = "portal_writes"
"""Execution option of connections that will write: SQLite then takes its write lock at BEGIN, not half-way."""


def make_engine(settings: Settings) -> Engine:
    """Return the engine the application works with."""
    if settings.database_url:
        return _postgres(settings.database_url, role=settings.database_role)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _sqlite(f"sqlite:///{settings.sqlite_path}")


def make_owner_engine(settings: Settings) -> Engine:
    """Return the engine migrations run with: on PostgreSQL the owner of the tables, which the application is not."""
    if settings.database_url:
        return _postgres(settings.owner_url or settings.database_url, role=None)
    return make_engine(settings)


def writing(engine: Engine) -> Engine:
    """Return the same engine (and pool) for transactions that write."""
    return engine.execution_options(**{WRITES: True})


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": 30, "check_same_thread": False},
        pool_size=8,
        max_overflow=24,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # takes no lock and cannot fail: told to the driver itself
            connection.connection.cursor().execute("BEGIN")

    return engine


def _postgres(url: str, *, role: str | None) -> Engine:
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(
        url, pool_size=8, max_overflow=8, pool_pre_ping=True, pool_recycle=1800, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.execute("SET lock_timeout = '15s'")
        connection.execute("SET idle_in_transaction_session_timeout = '60s'")
        if role:
            connection.execute(f'SET ROLE "{role}"')  # checked name; the login may be more, the session never is
        connection.commit()

    return engine


def role_is_powerless(engine: Engine) -> bool:
    """Say whether the application's PostgreSQL role is bound by row security (always true on SQLite)."""
    if engine.dialect.name == "sqlite":
        return True
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).scalar_one()
    return not row
