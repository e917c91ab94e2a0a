"""「作業の状況」: one's own work with its bar, its file, a way to stop it; nobody else's."""

import pytest

from portal.models import Document
from portal.security.identity import Identity
from portal.services import jobs
from portal.services.jobs import Result, Work
from tests.support.browsing import Visitor
from tests.support.calling import Caller
from tests.support.office import Office
from tests.web.conftest import Visit


@pytest.fixture
def office(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(jobs, "_runs", dict(jobs._runs))
    jobs.job("test.letter")(letter)
    return sqlite_office


@pytest.fixture
def tanaka(office: Office) -> Identity:
    return office.person("higashinari", "coordinator", name="田中 一郎")


def letter(work: Work) -> Result:
    path = work.folder / "letter"
    path.write_text("手紙の中身", "utf-8")
    return Result(path, "手紙 東成区.txt", "text/plain")


def ask(office: Office, person: Identity, **payload: object) -> int:
    start = lambda uow: jobs.start(uow, "test.letter", title="手紙を書く", payload=payload, size=3).id  # noqa: E731
    return int(office.do(person, start))


def do_all(office: Office) -> None:
    while jobs.do_next(office.site, worker="here"):
        pass


def part(visitor: Visitor, path: str, name: str, **more: str) -> object:
    return visitor.client.get(path, headers={"X-Fragment": name, "Accept": "text/html", **more})


def test_work_is_listed_and_its_file_is_saved(office: Office, tanaka: Identity, visit: Visit) -> None:
    browser = visit(tanaka)
    assert "頼んだ作業はありません" in browser.get("/jobs").words
    number = ask(office, tanaka)
    assert "順番待ち" in browser.get("/jobs").words
    assert "まもなく始まります" in browser.get(f"/jobs/{number}").words
    do_all(office)
    page = browser.get(f"/jobs/{number}")
    assert "できました" in page.words
    (link,) = page.find("//main//a[text()='保存する']")
    got = browser.client.get(link.get("href"))
    assert got.text == "手紙の中身"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "%E6%89%8B%E7%B4%99" in got.headers["Content-Disposition"]
    browser.post(f"/jobs/{number}/cancel", {})
    assert browser.get(f"/jobs/{number}").status == 404


def test_the_part_of_the_page_that_asks_again_costs_nothing_while_nothing_changes(
    office: Office, tanaka: Identity, visit: Visit
) -> None:
    browser, number = visit(tanaka), ask(office, tanaka)
    first = part(browser, f"/jobs/{number}", "job")
    assert (first.status_code, first.headers["X-Fragment"]) == (200, "job")
    assert "<html" not in first.text
    assert part(browser, f"/jobs/{number}", "job", **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    do_all(office)
    last = part(browser, f"/jobs/{number}", "job", **{"If-None-Match": first.headers["ETag"]})
    assert last.status_code == 200
    assert "data-finished" in last.text
    assert "X-Fragment" in last.headers["Vary"]


def test_work_is_stopped_from_the_list(office: Office, tanaka: Identity, visit: Visit) -> None:
    browser, number = visit(tanaka), ask(office, tanaka)
    page = browser.get("/jobs")
    (button,) = page.find("//main//button[text()='取りやめる']")
    assert button.get("formaction") == f"/jobs/{number}/cancel"
    assert "取りやめました" in browser.post(button.get("formaction"), {}).follow().words
    assert "取りやめ" in browser.get("/jobs").words


def test_other_people_do_not_learn_of_it(office: Office, tanaka: Identity, visit: Visit) -> None:
    number = ask(office, tanaka)
    do_all(office)
    for ward, role in (("higashinari", "responsible"), ("ikuno", "coordinator"), ("city", "bureau_admin")):
        other = office.person(ward, role)
        browser, caller = visit(other), Caller.of(office, other)
        assert "手紙" not in browser.get("/jobs").text
        assert caller.get("/jobs").data == {"total": 0, "items": []}
        for path in (f"/jobs/{number}", f"/jobs/{number}/file"):
            assert browser.get(path).status == browser.get(path.replace(str(number), "999")).status == 404
            assert caller.get(path).status == 404
        assert browser.post(f"/jobs/{number}/cancel", {}).status == 404
        assert caller.delete(f"/jobs/{number}").status == 404
    with office.uow(tanaka) as uow:
        assert jobs.find(uow, number).state == "done"


def test_a_program_follows_its_work(office: Office, tanaka: Identity) -> None:
    caller, number = Caller.of(office, tanaka), ask(office, tanaka)
    told = caller.get("/jobs").data
    assert told["total"] == 1
    assert (told["items"][0]["state"], told["items"][0]["file"]) == ("waiting", None)
    do_all(office)
    told = caller.get(f"/jobs/{number}").data
    assert (told["state"], told["state_name"], told["file"]["name"]) == ("done", "できました", "手紙 東成区.txt")
    assert caller.get(told["file"]["url"].removeprefix("/api/v1")).text == "手紙の中身"
    assert caller.delete(f"/jobs/{number}").status == 204
    assert caller.get(f"/jobs/{number}").status == 404
    assert caller.get("/jobs/999999").status == 404


def test_a_file_is_kept_back_once_a_document_in_it_may_not_be_saved(office: Office, visit: Visit) -> None:
    report, neighbour = office.report("higashinari", state="shared"), office.person("ikuno", "coordinator")

    def titles(work: Work) -> Result:
        with work.acting(writes=False) as uow:
            seen = uow.session.query(Document).one()
        (work.folder / "titles").write_text(seen.title, "utf-8")
        return Result(work.folder / "titles", "題名.txt", "text/plain", [seen.id])

    jobs.job("test.titles")(titles)
    start = lambda uow: jobs.start(uow, "test.titles", title="題名", payload={}).id  # noqa: E731
    number = office.do(neighbour, start)
    do_all(office)
    browser, caller = visit(neighbour), Caller.of(office, neighbour)
    assert browser.get(f"/jobs/{number}/file").status == 200
    office.transition(office.person("city", "bureau"), report, "unshare")
    assert browser.get(f"/jobs/{number}/file").status == caller.get(f"/jobs/{number}/file").status == 400
