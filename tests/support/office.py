"""A small office for tests: people with roles in wards, and reports brought to the state a test needs.

office = request's fixture        # on SQLite and on PostgreSQL, one after the other
tanaka = office.person("higashinari", "coordinator", name="田中")
report = office.report("higashinari", state="submitted", record="退院支援")
with office.uow(tanaka) as uow: ...
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from portal.db.engine import make_owner_engine
from portal.db.upgrade import upgrade
from portal.kinds import find_kind
from portal.models import Account, Document, Membership
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import accounts, documents, reviewing
from portal.services.site import Site
from portal.services.uow import UnitOfWork
from portal.settings import Settings
from tests.support.postgres import PostgresServer

PASSWORD = "asagao himawari kosumosu"
REPORT_PATH = ("request_confirmation", "confirm", "accept", "share")
STATE_STEPS = {"draft": 0, "confirming": 1, "submitted": 2, "accepted": 3, "shared": 4}


@dataclass
class Office:
    """One site with people and documents."""

    site: Site
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _people: dict[tuple[str, str, str], Identity] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    logins: dict[int, str] = field(default_factory=dict)

    def person(self, ward: str, role: str, name: str = "") -> Identity:
        """Return a person of that role (the same one each time for the same name)."""
        key = (ward, role, name)
        if key not in self._people:
            number = next(self._numbers)
            login = f"{role}-{ward}-{number}"
            with UnitOfWork(self.site, SystemIdentity()) as uow:
                account = Account(
                    login=login,
                    name=name or f"{role}-{number}",
                    profession="看護師",
                    password_hash=accounts.hash_password(self.site, PASSWORD),
                )
                account.memberships = [Membership(ward_id=ward, role=role)]
                uow.session.add(account)
                uow.commit()
                self._people[key] = Identity(account.id, ward, Role(role))
                self.names[account.id], self.logins[account.id] = account.name, login
        return self._people[key]

    def uow(self, reader: Identity | SystemIdentity) -> UnitOfWork:
        """Return a unit of work of that person."""
        return UnitOfWork(self.site, reader, name=self.names.get(reader.account_id or 0, ""))

    def do(self, reader: Identity | SystemIdentity, act: Callable[[UnitOfWork], Any]) -> Any:
        """Let a person do one act and commit it; return what it returned."""
        with self.uow(reader) as uow:
            result = act(uow)
            uow.commit()
            return result

    def report(
        self, ward: str, *, state: str = "draft", kind: str = "meeting_report", title: str = "", **fields: Any
    ) -> int:
        """Make a report from the kind's example, with some fields changed, and bring it to a state; return its id."""
        declared = find_kind(kind)
        assert declared is not None
        typed = {**declared.example()["fields"], **fields}
        coordinator, responsible = self.person(ward, "coordinator"), self.person(ward, "responsible")
        bureau = self.person("city", "bureau")
        document: Document = self.do(
            coordinator, lambda uow: documents.create(uow, ward=ward, kind=declared, title=title, typed=typed)
        )
        for name, person in list(zip(REPORT_PATH, (coordinator, responsible, bureau, bureau), strict=True))[
            : STATE_STEPS[state]
        ]:
            self.transition(person, document.id, name)
        return document.id

    def transition(self, reader: Identity, document_id: int, name: str, comment: str = "") -> None:
        """Let a person do one transition."""
        self.do(reader, lambda uow: reviewing.transition(uow, document_id, name, comment=comment))

    def catch_up(self) -> None:
        """Bring the index up to the database, as the worker would within a second."""
        from portal.services import indexing

        index = indexing.open_or_rebuild(self.site)
        while indexing.drain_once(self.site, index):
            pass
        index.close()


def settings_for(folder: Path, **more: Any) -> Settings:
    """Return settings for a test site in a folder; it has no LibreOffice unless the test wants one."""
    return Settings(data=folder, **{"password_cost": "low", "soffice": "none", **more})


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated, empty SQLite file to be copied."""
    settings = settings_for(tmp_path_factory.mktemp("template"))
    engine = make_owner_engine(settings)
    upgrade(engine, settings)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return settings.sqlite_path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the name of a migrated, empty database to be copied."""
    database = postgres_server.create_database()
    settings = settings_for(
        tmp_path_factory.mktemp("pg"), database_url=_plain(database.app_url), owner_url=_plain(database.owner_url)
    )
    engine = make_owner_engine(settings)
    upgrade(engine, settings)
    engine.dispose()
    return database.name


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def make_site(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """Yield a fresh site on the named database: "sqlite", "postgres", or "postgres-search" with the index in it as well."""
    if kind == "sqlite":
        settings = settings_for(folder)
        shutil.copy(request.getfixturevalue("sqlite_template"), settings.sqlite_path)
        site = Site.open(settings)
        yield site
        site.engine.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    database = server.create_database(request.getfixturevalue("postgres_template"))
    urls = {"database_url": _plain(database.app_url), "owner_url": _plain(database.owner_url)}
    search = "postgresql" if kind == "postgres-search" else "whoosh"
    site = Site.open(settings_for(folder, **urls, search=search))
    yield site
    site.engine.dispose()
    server.drop_database(database)


@pytest.fixture(params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Yield a fresh office; every test that asks for it runs on both databases."""
    for site in make_site(request.param, tmp_path, request):
        yield Office(site)


@pytest.fixture
def sqlite_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Yield a fresh office on SQLite alone, for tests that do not touch the database's own ways."""
    for site in make_site("sqlite", tmp_path, request):
        yield Office(site)


__all__ = ["PASSWORD", "Office"]
