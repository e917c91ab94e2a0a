"""The archive: each person sees the documents of a ward that the rights give, newest meeting first, and narrows them."""

from portal.web.app import create_app
from tests.support.browsing import Page, Visitor, counting_queries
from tests.support.office import Office
from tests.web.conftest import Visit

HOME, NEIGHBOUR = "higashinari", "ikuno"


def titles(page: Page) -> list[str]:
    return [one.text_content() for one in page.find("//tbody//a")]


def chips(page: Page) -> list[str]:
    return [one.text_content().removesuffix("×を外す") for one in page.find("//ul[@class='chips']//a")]


def fill(office: Office) -> None:
    office.report(HOME, title="十月の連絡会", state="accepted", held_on="2026-10-15", body_name="病院連絡会")
    office.report(HOME, title="三月の連絡会", state="draft", held_on="2026-03-15", body_name="ケア会議")
    office.report(HOME, title="研修の報告", kind="training_report", state="submitted")


def test_the_own_ward_comes_first_and_the_others_in_the_citys_order(office: Office, visit: Visit) -> None:
    fill(office)
    page = visit(office.person(HOME, "coordinator")).get("/wards")
    rows = [" ".join(row.text_content().split()) for row in page.find("//tbody/tr")]
    assert rows[0].startswith("★ 東成区（自分の区）3令和8年")
    assert [row[:-1] for row in rows[1:4]] == ["北区", "都島区", "福島区"]
    assert len(rows) == 25


def test_the_newest_meeting_stands_first(office: Office, visit: Visit) -> None:
    fill(office)
    page = visit(office.person(HOME, "coordinator")).get(f"/{HOME}/?kind=meeting_report")
    assert titles(page) == ["十月の連絡会", "三月の連絡会"]
    assert "令和8年10月15日（木）" in page.words


def test_the_ward_office_does_not_meet_the_draft_and_another_ward_meets_nothing(office: Office, visit: Visit) -> None:
    fill(office)
    assert "三月の連絡会" not in visit(office.person(HOME, "ward_office")).get(f"/{HOME}/").text
    page = visit(office.person(NEIGHBOUR, "coordinator")).get(f"/{HOME}/")
    assert titles(page) == []
    assert "あなたが見られるものはまだありません" in page.words
    assert page.find("//fieldset//input") == []


def test_a_condition_is_a_chip_that_can_be_taken_off(office: Office, visit: Visit) -> None:
    fill(office)
    tanaka = visit(office.person(HOME, "coordinator"))
    page = tanaka.get(f"/{HOME}/?year=2026&state=accepted&body=病院連絡会")
    assert titles(page) == ["十月の連絡会"]
    assert chips(page) == ["令和8年度", "受付済み", "病院連絡会", "条件をすべて外す"]
    without_state = page.find("//ul[@class='chips']//a[contains(., '受付済み')]/@href")[0]
    assert chips(tanaka.get(without_state)) == ["令和8年度", "病院連絡会", "条件をすべて外す"]
    assert titles(tanaka.get(page.find("//ul[@class='chips']//a/@href")[-1])) != []


def test_the_counts_say_what_choosing_another_value_gives(office: Office, visit: Visit) -> None:
    fill(office)
    page = visit(office.person(HOME, "coordinator")).get(f"/{HOME}/?state=draft")
    counts = {
        " ".join(one.text_content().split())
        for one in page.find("//fieldset[legend='状態' or legend='文書の種類']//li")
    }
    assert counts == {"受付済み1", "下書き1", "提出済み1", "会議等報告書（様式7）1"}


def test_nonsense_in_the_address_is_no_error(office: Office, visit: Visit) -> None:
    fill(office)
    tanaka = visit(office.person(HOME, "coordinator"))
    for query in ("year=99999999999999999999", "year=x&page=-3", "page=9999", "kind=<b>&state='&body=%00", "year=１"):
        page = tanaka.get(f"/{HOME}/?{query}")
        assert page.status == 200, query
    assert tanaka.get("/atlantis/").status == 404
    assert tanaka.get("/archive?ward=atlantis").status == 404
    assert tanaka.get(f"/archive?ward={NEIGHBOUR}").location == f"/{NEIGHBOUR}/"


def test_only_who_may_write_here_is_offered_to(office: Office, visit: Visit) -> None:
    buttons = "//div[@class='head']//a[contains(@class, 'button')]"
    own = visit(office.person(HOME, "coordinator"))
    assert own.get(f"/{HOME}/").find(buttons)[0].text_content() == "会議の報告を書く"
    assert own.get(f"/{NEIGHBOUR}/").find(buttons) == []
    assert visit(office.person(HOME, "responsible")).get(f"/{HOME}/").find(buttons) == []


def test_a_long_archive_asks_the_database_no_more_than_a_short_one(sqlite_office: Office) -> None:
    tanaka = Visitor.of(sqlite_office, sqlite_office.person(HOME, "coordinator"), create_app(sqlite_office.site))
    asked = []
    for _ in range(2):
        for number in range(3):
            sqlite_office.report(HOME, title=f"会議{number}", body_name=f"会議体{number}")
        tanaka.get(f"/{HOME}/")
        with counting_queries(sqlite_office.site.engine) as seen:
            tanaka.get(f"/{HOME}/")
        asked.append(len(seen))
        with counting_queries(sqlite_office.site.engine) as seen:
            tanaka.get("/wards")
        asked.append(len(seen))
    assert asked[:2] == asked[2:]
