"""Lists saved as files are searched for canaries like every other answer: each list, both forms, every role."""

from collections.abc import Iterator

import pytest

from portal.models import AuditEntry
from portal.security.identity import SystemIdentity
from tests.isolation.knocking import World, plant
from tests.isolation.planting import CITY, HOME, NEIGHBOUR
from tests.support.office import Office, make_site

LISTS = (
    "/wards", "/{ward}/", "/search", "/search?ward={ward}", "/search?q=%E9%80%A3%E7%B5%A1%E4%BC%9A", "/waiting", "/audit", "/audit?ward={ward}",
    "/admin/people", "/account/acts", "/account/sign-ins", "/jobs", "/forms", "/imports", "/month", "/month?ward={ward}", "/notices", "/searches",
    "/documents/{document}/versions",
    "/api/v1/search", "/api/v1/wards/{ward}/documents", "/api/v1/audit", "/api/v1/me/acts", "/api/v1/accounts",
    "/api/v1/documents/{document}/versions",
)  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    for site in make_site(request.param, tmp_path_factory.mktemp("lists"), request):
        yield plant(Office(site))


def addresses(world: World) -> Iterator[str]:
    for path in LISTS:
        for ward in (HOME, NEIGHBOUR, CITY) if "{ward}" in path else ("",):
            for planted in world.planted.values() if "{document}" in path else (world.planted["draft"],):
                yield path.format(ward=ward, document=planted.id)


def test_no_saved_list_holds_a_word_its_reader_may_not_meet(world: World) -> None:
    answered = 0
    for person in world.people:
        for path in addresses(world):
            for form in ("xlsx", "csv") if person.identity and person.identity.ward == NEIGHBOUR else ("csv",):
                page, response = person.get(path), person.get(f"{path}{'&' if '?' in path else '?'}format={form}")
                assert (response.status_code == 200) <= (page.status_code in (200, 302)), (person.name, path)
                if response.status_code == 200:
                    world.no_canary_for(person, response)
                    answered += "attachment" in response.headers.get("Content-Disposition", "")
    assert answered > 200


def test_saving_a_list_is_in_the_audit_trail_and_looking_at_it_is_not(world: World) -> None:
    person = world.person(HOME, "coordinator")

    def saved() -> int:
        with world.office.uow(SystemIdentity()) as uow:
            found = uow.session.query(AuditEntry).filter_by(
                action="list.exported", account_id=person.identity.account_id
            )
            return found.count()

    before = saved()
    person.get(f"/{HOME}/")
    person.open("HEAD", f"/{HOME}/?format=csv")
    assert saved() == before
    person.get(f"/{HOME}/?format=csv")
    assert saved() == before + 1


def test_a_form_there_is_none_of_is_refused_in_words(world: World) -> None:
    person = world.person(HOME, "coordinator")
    assert person.get("/search?format=exe").status_code == 400
    assert person.get("/api/v1/search?format=exe").status_code == 422


def test_the_name_is_right_in_every_browser(world: World) -> None:
    response = world.person(HOME, "coordinator").get(f"/{HOME}/?format=xlsx")
    told = response.headers["Content-Disposition"]
    assert told.startswith('attachment; filename="')
    assert "filename*=UTF-8''%E6%9B%B8%E5%BA%AB_" in told
    assert told.isascii()
