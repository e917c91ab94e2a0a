"""The wall between the wards, over HTTP, on both databases: every door is knocked on by everybody.

Each route, each state of a document, each role of the own ward, of another ward and of the city, and nobody: the answer is
compared with the table in doors.py, and whatever is answered is searched for words of other wards (planting.py).
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from portal.kinds import find_kind
from portal.services import documents
from tests.isolation.doors import (
    ADMIN,
    ASK,
    AUDIT,
    CREATE,
    DOORS,
    DRAFT,
    FULL,
    MOVE,
    NEXT_ACT,
    NOBODY,
    OF_A_DOCUMENT,
    OF_A_FILE,
    OF_THE_HOUSE,
    OWN_DRAFT,
    SYNONYMS,
    Door,
)  # fmt: skip
from tests.isolation.knocking import MISSING, Person, World, address, knock, nothing_lasts, plant, rows_of, seen_by
from tests.isolation.planting import (
    CITY,
    FOUND_BY_SEARCH,
    HOME,
    NEIGHBOUR,
    NEVER_PLANTED,
    Canary,
    Planted,
    everything_in,
    letters,
    may_meet,
    shared_letters,
)  # fmt: skip
from tests.support.office import Office, make_site


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    for site in make_site(request.param, tmp_path_factory.mktemp("wall"), request):
        yield plant(Office(site))


def test_every_route_has_a_row_in_the_table(world: World) -> None:
    there = set(rows_of(world.app))
    assert there - DOORS.keys() == set(), "new routes: say in tests/isolation/doors.py for whom they open"
    assert DOORS.keys() - there == set(), "rows of routes that are gone"


# -- doors of a document and of its files ----------------------------------------------------------------------------


def expected(person: Person, row: str, door: Door, planted: Planted) -> tuple[int, ...]:
    """Return the answers the table allows: 404 for what may not be seen, 403 for what may be seen and not done."""
    if person.identity is None:
        return (302,) if row.startswith("GET /") and "/api/" not in row else (401,)
    own = letters(person.identity, planted.ward, planted.state)
    seen = own or shared_letters(person.identity, planted.ward, planted.state)
    if door.asks == OWN_DRAFT:
        return door.opens if (person.identity.ward, person.identity.role) == (planted.ward, "coordinator") else (404,)
    if door.asks == FULL:
        return door.opens if "v" in own and planted.state != "kept" else (404,)
    if door.asks in (MOVE, ASK):
        return _move(door, planted.state, own, seen)
    asked = "e" if door.asks == DRAFT else door.asks
    if any(letter in seen for letter in asked.split(" or ")):
        return door.opens
    return (403,) if seen else (404,)


def _move(door: Door, state: str, own: str, seen: str) -> tuple[int, ...]:
    letter = NEXT_ACT.get(state, ("", "-"))[1]
    if letter in own:
        return door.opens
    refused = (400,) if door.asks == ASK or state == "kept" else (403, 409)
    return refused if seen else (404,)


def filled(door: Door, planted: Planted, number: int, attachment: int) -> dict[str, Any]:
    name = NEXT_ACT.get(planted.state, ("request_confirmation",))[0]
    ids = {"document_id": number, "attachment_id": attachment, "key": f"document-{number}", "name": name}
    return {**ids, **door.fill}


def sent(door: Door, planted: Planted) -> dict[str, Any]:
    """Return the body, with the transition that the state waits for."""
    if door.asks != MOVE or door.json is None:
        return {"json": door.json}
    return {"json": {**door.json, "name": NEXT_ACT.get(planted.state, ("request_confirmation",))[0]}}


def visit(
    world: World, person: Person, row: str, door: Door, planted: Planted, *, attachment: int = MISSING
) -> str | None:
    """Knock once; return what is wrong, or None. A closed door must look as if nothing were behind it."""
    path = address(row, **filled(door, planted, planted.id, attachment))
    response = knock(person, row, path, door, **sent(door, planted))
    world.no_canary_for(person, response)
    allowed = expected(person, row, door, planted)
    if response.status_code not in allowed:
        return f"{person.name}: {row} ({planted.state}) -> {response.status_code}, not {allowed}"
    if response.status_code == 404:
        nowhere = address(row, **filled(door, planted, MISSING, MISSING))
        if seen_by(response) != seen_by(knock(person, row, nowhere, door, **sent(door, planted))):
            return f"{person.name}: {row} ({planted.state}) does not look like a document that does not exist"
    return None


def people_at(world: World, number: int) -> list[Person]:
    """Return who knocks at one cell: on SQLite everybody; on PostgreSQL, whose walls are the same, people take turns."""
    if world.office.site.engine.dialect.name == "sqlite":
        return world.people
    neighbours = [one for one in world.people if one.identity and one.identity.ward == NEIGHBOUR]
    return [world.people[number % len(world.people)], neighbours[number % len(neighbours)]]


def test_a_documents_doors_open_for_whom_the_table_says(world: World) -> None:
    wrong, cells = [], [(row, door, one) for row, door in OF_A_DOCUMENT.items() for one in world.planted.values()]
    with nothing_lasts():
        for number, (row, door, planted) in enumerate(cells):
            if planted.state == "edition":
                continue
            wrong += [
                visit(world, one, row, door, planted)
                for one in people_at(world, number)
                if one.identity or planted.state in ("draft", "shared")
            ]
    assert [one for one in wrong if one] == []


def test_the_doors_of_files_open_for_whom_the_table_says(world: World) -> None:
    wrong = []
    with nothing_lasts():
        for row, door in OF_A_FILE.items():
            for number, planted in enumerate(world.planted.values()):
                for place, attachment in planted.files.items():
                    state = "removed" if place == "removed" else _STATE_OF_FILES.get(planted.state, planted.state)
                    file = Planted(planted.id, planted.ward, state)
                    wrong += [
                        visit(world, one, row, door, file, attachment=attachment) for one in people_at(world, number)
                    ]
    assert [one for one in wrong if one] == []


_STATE_OF_FILES = {"shared": "shared, met in full"}
"""The files of a shared report stay with it; the other wards get those of the edition."""


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_say_nothing_of_what_is_behind(world: World, method: str) -> None:
    person, draft = world.person(NEIGHBOUR, "coordinator"), world.planted["draft"]
    with nothing_lasts():
        for row, door in {**OF_A_DOCUMENT, **OF_A_FILE}.items():
            asked = (draft.id, draft.files["file"]), (MISSING, MISSING)
            paths = [address(row, **filled(door, draft, *ids)) for ids in asked]
            here, nowhere = (person.open(method, path) for path in paths)
            assert seen_by(here) == seen_by(nowhere), row
            world.no_canary_for(person, here)


# -- the other doors -------------------------------------------------------------------------------------------------


def opens_for(person: Person, door: Door) -> bool:
    if door.asks == NOBODY:
        return True
    if person.identity is None:
        return False
    role = person.identity.role
    if door.asks == CREATE:
        return (person.identity.ward, role) == (HOME, "coordinator")
    if door.asks == ADMIN:
        return role in ("bureau_admin", "system_admin")
    if door.asks == SYNONYMS:
        return role in ("bureau", "bureau_admin")
    return role in ("bureau", "bureau_admin", "auditor") if door.asks == AUDIT else True


def test_the_other_doors_open_for_whom_the_table_says(world: World) -> None:
    kind = find_kind("meeting_report")
    assert kind is not None
    example = {"kind": kind.name, **kind.example()}
    account, wrong = world.office.person(HOME, "coordinator").account_id, []
    with nothing_lasts():
        for row, door in OF_THE_HOUSE.items():
            values = {"ward": HOME, "account_id": account, "sign_in_id": 1, **door.fill}
            body = example if door.json == "example" else door.json
            for person in world.people:
                response = knock(person, row, address(row, **values), door, json=body)
                world.no_canary_for(person, response)
                nobody = (302,) if row.startswith("GET /") and "/api/" not in row else (401,)
                closed = (403,) if person.identity else nobody
                allowed = door.opens if opens_for(person, door) else closed
                if response.status_code not in allowed:
                    wrong.append(f"{person.name}: {row} -> {response.status_code}, not {allowed}")
    assert wrong == []


def test_an_administrators_closed_door_says_nothing_of_accounts(world: World) -> None:
    account = world.office.person(HOME, "coordinator").account_id
    for person in (world.person(NEIGHBOUR, "coordinator"), world.person(CITY, "auditor")):
        for path in ("/admin/people/{}", "/api/v1/accounts/{}"):
            here, nowhere = (person.get(path.format(number)) for number in (account, MISSING))
            assert here.status_code == nowhere.status_code == 403
            assert seen_by(here)[2] == seen_by(nowhere)[2]
        here, nowhere = (person.open("POST", f"/account/sign-ins/{number}/end", form={}) for number in (1, MISSING))
        assert here.status_code == nowhere.status_code == 403
        assert seen_by(here)[2] == seen_by(nowhere)[2]


def test_pages_that_list_are_searched_for_canaries_on_every_page_and_for_every_ward(world: World) -> None:
    wards = sorted({one.ward for one in world.garden.canaries.values()})
    for person in world.people[:-1]:
        mine = wards if person.identity and person.identity.ward == NEIGHBOUR else [HOME, NEIGHBOUR, CITY]
        for ward in mine:
            for path in (f"/{ward}/", f"/api/v1/wards/{ward}/documents?size=100", f"/api/v1/search?ward={ward}"):
                response = person.get(path)
                assert response.status_code == 200
                world.no_canary_for(person, response)
        for path in ("/", "/wards", "/search?q=", "/search?sort=date&q=zq", "/api/v1/search?size=100", "/api/v1/home"):
            world.no_canary_for(person, person.get(path))
        for path in ("/audit", "/account/acts", "/api/v1/audit?size=100", "/admin/people", "/no/such/page", "/zz/"):
            world.no_canary_for(person, person.get(path))


# -- what the search betrays -----------------------------------------------------------------------------------------


def asked_for(person: Person, path: str, word: str) -> tuple[int, str, Any]:
    """Return the answer to a question with a word in it, the word itself taken out."""
    status, headers, body = seen_by(person.get(path.format(word=word)))
    return status, body.replace(word, "WORD"), headers


QUESTIONS = (
    "/api/v1/search?q={word}", "/api/v1/search?q=%22{word}%22&title_only=true", "/search?q={word}",
    "/api/v1/search?body=%E4%BC%9A%E8%AD%B0%E4%BD%93+{word}", "/search?q=-{word}+%E5%8C%BB%E5%B8%AB",
    "/api/v1/search/suggestions?q={word}",
)  # fmt: skip


@pytest.mark.parametrize("ward_and_role", [(NEIGHBOUR, "coordinator"), (HOME, "ward_office"), (CITY, "system_admin")])
def test_a_word_of_a_closed_document_is_answered_like_a_word_nobody_ever_wrote(
    world: World, ward_and_role: tuple[str, str]
) -> None:
    person = world.person(*ward_and_role)
    never = {question: asked_for(person, question, NEVER_PLANTED) for question in QUESTIONS}
    hidden = [one for one in world.garden.canaries.values() if not may_meet(person.identity, one)]
    assert len(hidden) > 300
    every = 1 if world.office.site.engine.dialect.name == "sqlite" else 4  # the index is the same on both databases
    for number, canary in enumerate(hidden[::every]):
        question = QUESTIONS[0] if number % 4 else QUESTIONS[number // 4 % len(QUESTIONS)]
        assert asked_for(person, question, canary.word) == never[question], (canary, question)


def found(world: World, person: Person, word: str) -> int:
    """Return how many documents a word finds; nothing else of other wards may come with them."""
    response = person.get(f"/api/v1/search?q={word}")
    assert response.status_code == 200, response.text
    world.no_canary_for(person, response, but=word)
    return int(response.get_json()["total"])


@pytest.mark.parametrize("ward_and_role", [(HOME, "coordinator"), (NEIGHBOUR, "coordinator"), (CITY, "bureau")])
def test_whoever_may_see_a_document_finds_it_by_each_of_its_words(world: World, ward_and_role: tuple[str, str]) -> None:
    person = world.person(*ward_and_role)
    seen = [one for one in world.garden.all() if may_meet(person.identity, one)]
    assert len(seen) >= 6
    assert {one for one in seen if found(world, person, one.word) != 1} == set()


def test_old_versions_drafts_comments_and_properties_are_in_no_search(world: World) -> None:
    words = [one for one in world.garden.canaries.values() if one.place not in FOUND_BY_SEARCH and one.ward == HOME]
    people = [world.person(HOME, "coordinator"), world.person(CITY, "bureau")]
    assert [one for one in words for person in people if found(world, person, one.word)] == []


def documents_seen(world: World, person: Person) -> set[tuple[str, str]]:
    """Return ward and state of every planted document the person may see, by the table."""
    canaries = [one for one in world.garden.canaries.values() if one.place == "title"]
    return {(one.ward, one.state) for one in canaries if may_meet(person.identity, one)}


def test_the_search_offers_nobody_a_word_of_what_they_may_not_see(world: World) -> None:
    """Half a canary is never completed, a canary with a slip of the pen never put right, by a document one may not see."""
    canaries = world.garden.all()
    for person in (*world.people[:-1:3], world.person(NEIGHBOUR, "coordinator")):
        for one in canaries[::9]:
            for path in (f"/search/suggestions?q={one.word[:9]}", f"/search?q={one.word[:8]}x{one.word[9:]}"):
                response = person.get(path)
                assert response.status_code == 200
                told = everything_in(response)
                world.no_canary_for(person, response)
                assert may_meet(person.identity, one) or one.word.encode() not in told, (person.name, one)
    told = world.person(HOME, "coordinator").get(f"/search/suggestions?q={canaries[0].word[:9]}")
    assert canaries[0].word in told.text


def test_counts_and_facets_are_of_what_the_reader_may_see(world: World) -> None:
    for person in world.people[:-1]:
        seen = documents_seen(world, person)
        told = person.get("/api/v1/search?size=100").get_json()
        assert told["total"] == len(told["items"]) == len(seen), person.name
        by_ward = {one["value"]: one["count"] for one in told["facets"].get("ward", ())}
        assert by_ward == {ward: sum(one == ward for one, _ in seen) for ward, _ in seen}, person.name
        assert person.get(f"/api/v1/wards/{HOME}/documents").get_json()["total"] == by_ward.get(HOME, 0)
        page = person.get("/wards").text
        shown = re.findall(r'href="/(\w+)/">[^<]*</a>.*?class="number">(\d+)<', page, re.DOTALL)
        assert {ward: int(count) for ward, count in shown if int(count)} == by_ward, person.name


# -- editions --------------------------------------------------------------------------------------------------------


def canaries_in(world: World, told: bytes) -> list[Canary]:
    return [one for word, one in world.garden.canaries.items() if word.encode() in told]


def test_the_own_words_are_in_the_word_file_and_only_the_shared_ones_in_the_other_wards(world: World) -> None:
    shared = world.planted["shared"]
    for path in (f"/documents/{shared.id}/word", f"/api/v1/documents/{shared.id}/export"):
        own = canaries_in(world, everything_in(world.person(HOME, "coordinator").get(path)))
        other = canaries_in(world, everything_in(world.person(NEIGHBOUR, "coordinator").get(path)))
        assert {"title", "body", "hidden", "attendee", "file"} <= {one.place for one in own}
        assert (
            {"title", "body"} <= {one.place for one in other} <= {"title", "meeting", "body_name", "body", "open_file"}
        )


def test_the_other_wards_meet_no_version_but_those_of_the_edition(world: World) -> None:
    shared, neighbour = world.planted["shared"], world.person(NEIGHBOUR, "coordinator")
    for path in (
        "/documents/{}/versions/2",
        "/api/v1/documents/{}/versions/2",
        "/api/v1/documents/{}/diff?from=1&to=2",
    ):
        assert neighbour.get(path.format(shared.id)).status_code == 404
    assert neighbour.get(f"/api/v1/documents/{shared.id}/versions").get_json()["total"] == 1


def test_the_other_wards_cannot_ask_why_anybody_sees_a_report(world: World) -> None:
    shared, neighbour = world.planted["shared"], world.person(NEIGHBOUR, "coordinator")
    for path in ("/documents/{}/why?membership=1", "/api/v1/documents/{}/why?membership=1"):
        response = neighbour.get(path.format(shared.id))
        assert response.status_code == 403
        world.no_canary_for(neighbour, response)


def test_what_is_shared_no_more_is_found_no_more_before_the_index_has_heard_of_it(world: World) -> None:
    office, neighbour = world.office, world.person(NEIGHBOUR, "coordinator")
    planted = world.garden.report(HOME, "shared")
    office.catch_up()
    word = world.garden.word(HOME, "shared", "body")
    path = f"/documents/{planted.id}"
    assert (found(world, neighbour, word), neighbour.get(path).status_code) == (2, 200)
    office.transition(office.person(CITY, "bureau"), planted.id, "unshare")
    assert (found(world, neighbour, word), neighbour.get(path).status_code) == (1, 404)
    office.catch_up()
    assert found(world, neighbour, word) == 1


def test_what_is_deleted_is_found_no_more_before_the_index_has_heard_of_it(world: World) -> None:
    office, own = world.office, world.person(HOME, "coordinator")
    planted = world.garden.report(HOME, "draft")
    office.catch_up()
    word = world.garden.word(HOME, "draft", "body")
    assert found(world, own, word) == 2
    office.do(office.person(HOME, "coordinator"), lambda uow: documents.delete(uow, planted.id))
    assert found(world, own, word) == 1


def test_the_test_itself_notices_a_leak(world: World) -> None:
    draft, own = world.planted["draft"], world.person(HOME, "coordinator")
    response = own.get(f"/documents/{draft.id}")
    world.no_canary_for(own, response)
    with pytest.raises(AssertionError, match="met"):
        world.no_canary_for(world.person(NEIGHBOUR, "coordinator"), response)
