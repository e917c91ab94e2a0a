"""The first screen of each role: what waits, what was begun, what is new, and what to do when there is nothing."""

import pytest

from portal.kinds import find_kind
from portal.services import documents, drafts
from tests.support.browsing import Page, Visitor, counting_queries
from tests.support.office import Office
from tests.web.conftest import Visit


def rows(page: Page, heading: str) -> list[str]:
    """Return the rows below a heading, each as one line."""
    found = page.find(f"//section[h2[starts-with(normalize-space(), '{heading}')]]//li")
    return [" ".join(one.text_content().split()) for one in found]


def buttons(page: Page) -> list[tuple[str, str]]:
    return [(one.text_content().strip(), one.get("href")) for one in page.find("//main//a[contains(@class, 'button')]")]


def test_a_coordinator_finds_returned_work_first_with_its_reason(office: Office, visit: Visit) -> None:
    draft = office.report("higashinari", title="書きかけの報告")
    returned = office.report("higashinari", state="submitted", title="戻った報告")
    office.transition(office.person("city", "bureau", name="市の担当"), returned, "return", "開催日を確かめてください")
    office.report("higashinari", state="confirming", title="責任者が見ている報告")
    office.report("ikuno", title="よその下書き")
    page = visit(office.person("higashinari", "coordinator")).get("/")
    first, second = rows(page, "今月やること")
    assert "戻った報告" in first
    assert "開催日を確かめてください（市の担当）" in first
    assert "書きかけの報告" in second
    assert ("直して出し直す", f"/documents/{returned}/edit") in buttons(page)
    assert ("続きを書く", f"/documents/{draft}/edit") in buttons(page)
    assert ("会議の報告を書く", "/higashinari/new/meeting_report") in buttons(page)
    assert "責任者が見ている報告" in rows(page, "ほかの人の確認を待っているもの")[0]
    assert "よその下書き" not in page.text


def test_each_role_finds_its_own_work(office: Office, visit: Visit) -> None:
    confirming = office.report("higashinari", state="confirming", title="確認待ちの報告")
    submitted = office.report("higashinari", state="submitted", title="提出した報告")
    office.report("ikuno", state="shared", title="共有された報告")
    page = visit(office.person("higashinari", "responsible")).get("/")
    assert ("内容を確認する", f"/documents/{confirming}") in buttons(page)
    page = visit(office.person("city", "bureau")).get("/")
    assert ("内容を見て受け付ける", f"/documents/{submitted}") in buttons(page)
    assert "確認待ちの報告" not in page.text
    page = visit(office.person("higashinari", "ward_office")).get("/")
    assert "24区共有版" in rows(page, "更新されたもの")[0]
    assert not page.find("//h2[@id='waiting']")
    page = visit(office.person("city", "auditor")).get("/")
    assert ("操作の記録を見る", "/audit") in buttons(page)
    page = visit(office.person("city", "system_admin")).get("/")
    assert ("利用者の管理", "/admin/people") in buttons(page)
    assert "報告" not in page.words.replace("会議の報告", "")


@pytest.mark.parametrize(
    ("ward", "role", "told"),
    [
        ("kita", "coordinator", "上のボタンから報告を書き始めて"),
        ("kita", "responsible", "「法人確認を依頼する」を押すと"),
        ("city", "bureau", "区から報告が提出されると"),
        ("kita", "ward_office", "まだ何もありません"),
    ],
)
def test_an_empty_screen_says_what_comes_next(sqlite_office: Office, ward: str, role: str, told: str) -> None:
    page = Visitor.of(sqlite_office, sqlite_office.person(ward, role)).get("/")
    assert told in page.words


def test_what_was_typed_and_not_saved_is_one_press_away(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    report = office.report("higashinari", title="保存した報告")
    for key, document in [("new-abcdefgh", ""), (f"document-{report}", "1")]:
        office.do(
            tanaka,
            lambda uow, key=key, base=document: drafts.save(
                uow,
                key,
                kind_name="meeting_report",
                title="<b>途中</b>",
                entries=[("title", "途中")],
                base=int(base or 0),
            ),
        )
    visitor = visit(tanaka)
    page = visitor.get("/")
    assert ("続きを書く", "/higashinari/new/meeting_report?nonce=abcdefgh") in buttons(page)
    assert "&lt;b&gt;途中&lt;/b&gt;" in page.text
    assert len(rows(page, "保存していない書きかけ")) == 2
    office.transition(tanaka, report, "request_confirmation")
    page = visitor.get("/")
    assert any("いま編集できません" in row for row in rows(page, "保存していない書きかけ"))
    colleague = visit(office.person("higashinari", "coordinator", name="同僚")).get("/")
    assert "途中" not in colleague.text


def test_whoever_wrote_a_report_is_told_that_another_confirms_it(office: Office, visit: Visit) -> None:
    report = office.report("higashinari")
    kind = find_kind("meeting_report")
    assert kind
    sato, suzuki = (office.person("higashinari", "responsible", name=name) for name in ("佐藤", "鈴木"))
    typed = {**kind.example()["fields"], "place": "別の会場"}
    office.do(sato, lambda uow: documents.save_version(uow, report, title="", typed=typed, base=1))
    office.transition(office.person("higashinari", "coordinator"), report, "request_confirmation")
    assert "別の責任者が確認します" in visit(sato).get("/").words
    assert "別の責任者が確認します" not in visit(suzuki).get("/").words


def test_a_title_that_is_a_script_is_only_a_title(office: Office, visit: Visit) -> None:
    title = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    office.report("higashinari", title=title)
    page = visit(office.person("higashinari", "coordinator")).get("/")
    assert not page.find("//main//script | //main//img")
    assert "<script>alert(1)</script>" in page.words


def test_the_first_screen_asks_the_database_as_often_for_much_as_for_little(office: Office, visit: Visit) -> None:
    def returned(number: int) -> None:
        report = office.report("higashinari", state="submitted", title=f"報告{number}")
        office.transition(office.person("city", "bureau"), report, "return", "理由")

    returned(0)
    office.report("ikuno", state="shared")
    visitor = visit(office.person("higashinari", "coordinator"))
    visitor.get("/")
    with counting_queries(office.site.engine) as few:
        visitor.get("/")
    for number in range(1, 6):
        returned(number)
        office.report("higashinari", state="confirming")
    with counting_queries(office.site.engine) as many:
        visitor.get("/")
    assert len(many) == len(few)


def test_a_long_list_of_work_shows_its_beginning_and_the_rest_behind_one_press(office: Office, visit: Visit) -> None:
    reports = [office.report("higashinari", state="submitted", title=f"提出{number:02}") for number in range(12)]
    bureau = visit(office.person("city", "bureau"))
    page = bureau.get("/")
    assert len(rows(page, "今月やること")) == 10
    assert ("ほか2件を見る", "/waiting") in buttons(page)
    with counting_queries(office.site.engine) as few:
        every = bureau.get("/waiting")
    assert [address for act, address in buttons(every) if act == "内容を見て受け付ける"] == [
        f"/documents/{one}" for one in reports
    ]
    office.report("ikuno", state="submitted")
    with counting_queries(office.site.engine) as many:
        assert "13件" in bureau.get("/waiting").words
    assert len(many) == len(few)
    assert "いま待っている仕事はありません" in bureau.get("/waiting?page=9999999").words
    assert "待っている仕事はありません" in visit(office.person("city", "auditor")).get("/waiting").words


def test_the_first_screen_speaks_english(office: Office, visit: Visit) -> None:
    visitor = visit(office.person("higashinari", "coordinator"))
    visitor.client.set_cookie("portal_language", "en")
    page = visitor.get("/")
    assert page.heading == "Home"
    assert "Write a meeting report" in page.words
    assert "You are acting as Coordinator of 東成区." in page.words
