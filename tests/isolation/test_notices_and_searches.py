"""Notices, saved searches, feeds and mail of a site full of canaries: nobody meets a word of another ward through them."""

import email
from collections.abc import Iterator
from datetime import timedelta
from email.policy import default
from functools import partial

import pytest
from sqlalchemy import select

from portal.db.base import now
from portal.models import KnownHit, Notice, SavedSearch
from portal.security.identity import Identity, SystemIdentity
from portal.services import accounts, mailing, noticing, saved_searches
from portal.services.saved_searches import Conditions
from portal.services.uow import UnitOfWork
from tests.isolation.knocking import Person, World, plant
from tests.isolation.planting import HOME, NEIGHBOUR
from tests.support.office import Office, make_site

PAGES = (
    "/notices",
    "/searches",
    "/notices?format=csv",
    "/api/v1/me/notices?size=100",
    "/api/v1/me/searches",
    "/notices/settings",
)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Yield a site whose people all keep a search for everything, before anything is planted, and want mail of all."""
    for site in make_site(request.param, tmp_path_factory.mktemp("told"), request):
        office = Office(site)
        everybody = [
            office.person(ward, role)
            for ward in (HOME, NEIGHBOUR)
            for role in ("coordinator", "responsible", "ward_office")
        ]
        everybody += [office.person("city", role) for role in ("bureau", "auditor", "system_admin")]
        office.catch_up()
        for number, person in enumerate(everybody):
            office.do(person, partial(_prepare, number=number))
        made = plant(office)
        assert saved_searches.look_for_news(site) > 20
        yield made


def _prepare(uow: UnitOfWork, *, number: int) -> None:
    accounts.set_mail_address(uow, f"p{number}@example.jp")
    noticing.choose(uow, dict.fromkeys(noticing.EVENTS, "mail"))
    saved_searches.save(uow, name="全部", conditions=Conditions(), notify="mail")


def searches_of(world: World, identity: Identity) -> list[SavedSearch]:
    with world.office.uow(identity) as uow:
        return list(saved_searches.mine(uow))


def test_no_page_of_notices_or_searches_holds_a_word_its_reader_may_not_meet(world: World) -> None:
    told = 0
    for person in world.people:
        for path in PAGES:
            response = person.get(path)
            world.no_canary_for(person, response)
            told += b"zq" in response.get_data()
    assert told > 10, "nothing was told"


def test_no_notice_or_search_of_another_person_opens(world: World) -> None:
    with world.office.uow(SystemIdentity()) as uow:
        notices = [(one.id, one.account_id) for one in uow.session.scalars(select(Notice).limit(40))]
        searches = [(one.id, one.account_id) for one in uow.session.scalars(select(SavedSearch))]
    for person in world.people[:-1]:
        me = person.identity.account_id if person.identity else 0
        for number, owner in notices:
            if owner != me:
                assert person.get(f"/notices/{number}").status_code == 404
        for number, owner in searches:
            if owner != me:
                for path in (
                    "/searches/{}",
                    "/searches/{}/edit",
                    "/api/v1/me/searches/{}",
                    "/api/v1/me/searches/{}/hits",
                ):
                    assert person.get(path.format(number)).status_code == 404
                assert person.open("POST", f"/searches/{number}/feed", form={}).status_code == 404
                assert person.open("DELETE", f"/api/v1/me/searches/{number}").status_code == 404


def test_a_feed_holds_what_its_owner_may_meet_and_opens_nothing_else(world: World) -> None:
    for person in world.people[:-1]:
        assert person.identity is not None
        for search in searches_of(world, person.identity):
            secret = world.office.do(person.identity, lambda uow, one=search.id: saved_searches.open_feed(uow, one))
            answer = world.nobody.get(f"/feeds/{secret}.atom")
            assert answer.status_code == 200
            world.no_canary_for(person, answer)
            _opens_nothing_else(world, secret)


def _opens_nothing_else(world: World, secret: str) -> None:
    thief = Person(None, world.app.test_client(use_cookies=False), cookie=f"portal_session={secret}", token=secret)
    assert thief.get("/").status_code == 302
    assert thief.get("/api/v1/me").status_code == 401


def test_a_feed_may_be_asked_whether_it_changed(world: World) -> None:
    owner = world.person(HOME, "coordinator").identity
    assert owner is not None
    (search,) = searches_of(world, owner)
    secret = world.office.do(owner, lambda uow: saved_searches.open_feed(uow, search.id))
    client = world.app.test_client(use_cookies=False)
    first = client.get(f"/feeds/{secret}.atom", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert first.mimetype == "application/atom+xml"
    assert "private" in first.headers["Cache-Control"]
    assert first.headers["X-Robots-Tag"] == "noindex"
    again = client.get(
        f"/feeds/{secret}.atom",
        headers={"If-None-Match": first.headers["ETag"]},
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    )
    assert (again.status_code, again.get_data()) == (304, b"")


def test_whoever_asks_too_often_waits(world: World) -> None:
    client = world.app.test_client(use_cookies=False)
    answers = [client.get("/feeds/guess.atom", environ_base={"REMOTE_ADDR": "192.0.2.9"}) for _ in range(70)]
    assert {one.status_code for one in answers} == {404, 429}
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_no_mail_holds_a_word_its_receiver_may_not_meet(world: World) -> None:
    assert mailing.bundle(world.office.site, now() + timedelta(days=1))
    assert mailing.send_due(world.office.site)
    by_address = {}
    with world.office.uow(SystemIdentity()) as uow:
        for account in accounts.all_accounts(uow):
            by_address[account.mail_address] = account.id
    people = {one.identity.account_id: one.identity for one in world.people if one.identity}
    for file in world.office.site.settings.mail_folder.glob("*.eml"):
        message = email.message_from_bytes(file.read_bytes(), policy=default)
        told = message.as_bytes() + message.get_content().encode()  # type: ignore[attr-defined]
        assert not world.garden.foreign_in(people[by_address[message["To"]]], told.lower())


def test_what_a_search_remembers_is_the_owners_alone(world: World) -> None:
    neighbour = world.person(NEIGHBOUR, "coordinator").identity
    assert neighbour is not None
    with world.office.uow(neighbour) as uow:
        owners = set(uow.session.scalars(select(KnownHit.account_id)))
        assert owners <= {neighbour.account_id}
