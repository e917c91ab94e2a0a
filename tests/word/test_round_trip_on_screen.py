"""Given a report edited in Word, a person takes it in at the screen without script, and a program does it by the API."""

import io

import pytest

from portal.web.app import create_app
from tests.support.browser import DESK, PHONE, NewTab
from tests.support.browsing import Page, Visitor, axe_finds_nothing, open_tab, serving
from tests.support.calling import Caller
from tests.support.office import Office
from tests.word.test_round_trip_service import WARD, edited

PLACE = (">区役所<", ">区民センター<")


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


def exported(visitor: Visitor, report: int) -> bytes:
    return bytes(visitor.get(f"/documents/{report}/word").response.data)


def send(visitor: Visitor, report: int, docx: bytes, name: str = "直し.docx") -> Page:
    page = visitor.get(f"/documents/{report}").follow()
    assert "Wordで直したファイルを取り込む" in page.words
    visitor.get(f"/documents/{report}/word-file")
    return visitor.post(f"/documents/{report}/word-file", {"file": (io.BytesIO(docx), name)})


def test_a_file_is_chosen_compared_and_taken_over(office: Office) -> None:
    tanaka = Visitor.of(office, office.person(WARD, "coordinator"))
    report = office.report(WARD, place="区役所", held_on="2026-10-15")
    docx = edited(exported(tanaka, report), PLACE, ("令和8年10月15日（木）", "いつか"))
    page = send(tanaka, report, docx).follow()
    assert "「場所」を取り込む" in page.words
    assert "「いつか」は日付として読み取れません" in page.words
    form = page.form(f"/documents/{report}/word-file/accept")
    assert form.fields["take"] == ["place"]
    done = tanaka.send(form).follow()
    assert "1項目を取り込み、第2版として保存しました" in done.words
    assert "区民センター" in done.words


def test_nothing_ticked_says_so_and_closing_changes_nothing(office: Office) -> None:
    tanaka = Visitor.of(office, office.person(WARD, "coordinator"))
    report = office.report(WARD, place="区役所")
    page = send(tanaka, report, edited(exported(tanaka, report), PLACE)).follow()
    form = page.form(f"/documents/{report}/word-file/accept")
    form.fields["take"] = []
    refused = tanaka.send(form)
    assert (refused.status, "取り込む項目を選んでください" in refused.words) == (422, True)
    assert "「場所」を取り込む" in tanaka.get(f"/documents/{report}/word-file").words  # it waits
    closed = tanaka.post(f"/documents/{report}/word-file/let-go").follow()
    assert "文書は変わっていません" in closed.words
    assert "区民センター" not in closed.words


def test_a_disputed_field_is_shown_three_ways_and_left_unticked(office: Office) -> None:
    tanaka = Visitor.of(office, office.person(WARD, "coordinator"))
    report = office.report(WARD, place="区役所")
    docx = edited(exported(tanaka, report), PLACE)
    form = tanaka.get(f"/documents/{report}/edit").form(f"/documents/{report}/edit")
    tanaka.send(form, place="別館")
    page = send(tanaka, report, docx).follow()
    assert all(one in page.words for one in ("区役所", "別館", "区民センター", "両方で変わりました"))
    assert "take" not in page.form(f"/documents/{report}/word-file/accept").fields


def test_a_foreign_file_is_refused_with_what_to_do(office: Office) -> None:
    tanaka = Visitor.of(office, office.person(WARD, "coordinator"))
    report = office.report(WARD)
    refused = send(tanaka, report, b"%PDF-1.7", "報告.pdf")
    assert (refused.status, "PDFからは取り込めません" in refused.words) == (415, True)
    assert refused.find("//input[@type='file']")


def test_a_program_compares_and_takes_over(office: Office) -> None:
    tanaka = Caller.of(office, office.person(WARD, "coordinator"))
    report = office.report(WARD, place="区役所")
    docx = edited(tanaka.get(f"/documents/{report}/export").response.data, PLACE)
    read = tanaka.call("POST", f"/documents/{report}/word", data={"file": (io.BytesIO(docx), "直し.docx")})
    assert read.status == 200, read.text
    (one,) = read.data["fields"]
    assert (one["name"], one["label"], one["before"], one["after"], one["tracked"]) == (
        "place", "場所", "区役所", "区民センター", [],
    )  # fmt: skip
    assert (read.data["base_version"], read.data["warnings"]) == (1, [])
    assert tanaka.get(f"/documents/{report}/word").data == read.data
    choice = {"fields": ["place"], "base_version": 1, "comment": "会場"}
    none = tanaka.post(f"/documents/{report}/word/accept", {**choice, "fields": []})
    assert (none.status, none.data["version"]) == (200, 1)
    wrong = tanaka.post(f"/documents/{report}/word/accept", {**choice, "fields": ["reporter"]})
    assert wrong.status == 422
    made = tanaka.post(f"/documents/{report}/word/accept", choice)
    assert (made.status, made.data["version"], made.data["fields"]["place"]) == (200, 2, "区民センター")
    assert made.headers["ETag"] == '"2"'
    assert tanaka.get(f"/documents/{report}/word").status == 404
    assert tanaka.post(f"/documents/{report}/word/accept", choice).status == 409
    assert tanaka.delete(f"/documents/{report}/word").status == 204


def test_what_waits_is_nobody_elses(office: Office) -> None:
    tanaka, sato = (Visitor.of(office, office.person(WARD, "coordinator", name=name)) for name in ("田中", "佐藤"))
    report = office.report(WARD, place="区役所")
    send(tanaka, report, edited(exported(tanaka, report), (">区役所<", ">ひみつの会場<")))
    assert "ひみつの会場" in tanaka.get(f"/documents/{report}/word-file").words
    for path in (f"/documents/{report}/word-file", f"/documents/{report}", "/"):
        assert "ひみつの会場" not in sato.get(path).words
    other = Visitor.of(office, office.person("ikuno", "coordinator"))
    assert other.get(f"/documents/{report}/word-file").status == 404


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_comparison_is_readable_for_everybody(office: Office, new_tab: NewTab, size: tuple[int, int]) -> None:
    person = office.person(WARD, "coordinator")
    report = office.report(WARD, place="区役所", held_on="2026-10-15")
    tanaka = Visitor.of(office, person)
    send(tanaka, report, edited(exported(tanaka, report), PLACE, ("令和8年10月15日（木）", "いつか")))
    with serving(create_app(office.site)) as address:
        tab = open_tab(new_tab, address, office, person, size)
        tab.goto(f"/documents/{report}/word-file")
        assert tab.get_by_label("「場所」を取り込む").is_checked()
        axe_finds_nothing(tab)
