"""Two hosts share one PostgreSQL and one search index in it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.services import finding, indexing
from portal.services.finding import Filters
from portal.services.site import Site
from portal.services.uow import UnitOfWork
from portal.settings import Settings, WrongSetting
from tests.support.office import Office, make_site
from tests.support.postgres import PostgresServer


@pytest.fixture
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Yield the office as the first host serves it."""
    for site in make_site("postgres-search", tmp_path, request):
        yield Office(site)


@pytest.fixture
def second_host(office: Office, tmp_path: Path) -> Iterator[Site]:
    """Yield the same site as another host opens it, with a data folder of its own."""
    site = Site.open(replace(office.site.settings, data=tmp_path / "second"))
    yield site
    site.engine.dispose()


def test_what_one_host_takes_in_the_other_finds(office: Office, second_host: Site) -> None:
    tanaka = office.person("higashinari", "coordinator")
    for number, word in enumerate(("一番星", "二番星", "三番星"), 1):
        office.report("higashinari", record=f"<p>{word}の会議</p>")
        office.catch_up()
        with UnitOfWork(second_host, tanaka) as uow:
            assert finding.search(uow, f'"{word}"', Filters()).total == 1
            assert finding.search(uow, "の会議", Filters()).total == number
    assert indexing.compare(second_host) == []


def test_one_host_keeps_the_index_and_the_other_waits_its_turn(office: Office, second_host: Site) -> None:
    with office.site.index_home.alone() as first, second_host.index_home.alone() as second:
        assert (first, second) == (True, False)
    with second_host.index_home.alone() as second:
        assert second


def test_a_host_that_rebuilds_does_not_disturb_the_other(office: Office, second_host: Site) -> None:
    office.report("higashinari", record="<p>一番星の会議</p>")
    office.catch_up()
    with UnitOfWork(office.site, office.person("higashinari", "coordinator")) as uow:
        assert finding.search(uow, "一番星", Filters()).total == 1
        indexing.rebuild(second_host)
        assert finding.search(uow, "一番星", Filters()).total == 1


@pytest.mark.parametrize(("value", "told"), [("postgresql", "PORTAL_DATABASE_URL"), ("solr", "whoosh か postgresql")])
def test_an_engine_that_cannot_be_had_is_refused_by_name(value: str, told: str) -> None:
    with pytest.raises(WrongSetting, match=f"PORTAL_SEARCH.*{told}"):
        Settings.from_environment({"PORTAL_SEARCH": value})


def test_a_database_that_was_never_prepared_for_it_says_what_to_run(
    postgres_server: PostgresServer, office: Office
) -> None:
    with postgres_server.connect(office.site.engine.url.database) as superuser:
        superuser.execute("DROP SCHEMA search CASCADE")
    with pytest.raises(WrongSetting, match=r"deploy/postgres\.sql"):
        Site.open(office.site.settings)
