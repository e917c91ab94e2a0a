"""The forms at the screen: the register, blank sheets, a template changed in Word and put in force."""

import io
import zipfile

import pytest

from portal import word
from portal.kinds.calendar import fiscal_year, today
from tests.services.test_word_templates import changed
from tests.support.browsing import Page, Visitor
from tests.support.office import Office
from tests.web.conftest import Visit


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


@pytest.fixture
def bureau(office: Office, visit: Visit) -> Visitor:
    return visit(office.person("city", "bureau", name="健康 花子"))


def send(visitor: Visitor, name: str, docx: bytes, comment: str = "") -> Page:
    visitor.get("/forms/form7")
    return visitor.post("/forms/form7", {"file": (io.BytesIO(docx), name), "comment": comment})


def test_the_register_tells_who_makes_each_form_and_when(bureau: Visitor) -> None:
    page = bureau.get("/forms")
    rows = {
        row.find("td").text_content().split("（様式")[0]: row.text_content()
        for row in page.find("//table[last()]//tr[td]")
    }
    assert "契約の日から14日以内" in rows["業務従事者届"]
    assert "電子メールと郵送" in rows["実績報告書（月報）"]
    assert "記録だけ" in rows["相談シート"]
    assert len([name for name in rows if name]) >= 20
    assert "平成29年度" in page.words
    assert bureau.get("/forms?year=1999").status == 200


def test_a_template_goes_from_word_to_print(bureau: Visitor, office: Office, visit: Visit) -> None:
    shipped = bureau.get("/forms/form7/file")
    assert "attachment" in shipped.response.headers["Content-Disposition"]
    docx = changed(shipped.response.data, document=("《場所》", "《ばしょ》"))
    page = send(bureau, "様式7 改訂.docx", docx, "宛名").follow()
    assert "《ばしょ》" in page.words
    assert "まだ使っていません" in page.words
    assert "宛名" in bureau.get("/forms/form7").words
    page = bureau.send(page.form("/forms/templates/1/force"), year=str(fiscal_year(today()))).follow()
    assert "この様式で印刷しています" in page.words
    east = visit(office.person("higashinari", "coordinator"))
    assert "様式7 改訂.docx" in east.get("/forms").words
    assert "使うのをやめる" not in east.get(page.response.request.path).words
    page = bureau.send(page.form("/forms/templates/1/withdraw")).follow()
    assert "に使うのをやめました" in page.words


def test_what_is_wrong_is_said_and_what_was_typed_stays(bureau: Visitor) -> None:
    for name, docx, told in [
        ("様式.docx", b"PK not really", "中身は"),
        ("様式.txt", "ただの文".encode(), "Wordのファイル（.docx）"),
    ]:
        page = send(bureau, name, docx, "宛名を直した")
        assert page.status == 422
        assert told in page.find("//p[@role='alert']")[0].text_content()
        assert page.find("//input[@name='comment']")[0].get("value") == "宛名を直した"
    page = bureau.post("/forms/form7", {"comment": "宛名"})
    assert "ファイルを選んでください" in page.words


def test_those_who_keep_no_templates_get_no_form(office: Office, visit: Visit) -> None:
    reader = visit(office.person("higashinari", "ward_office"))
    assert "直したひな形を登録する" not in reader.get("/forms/form7").words
    assert reader.get("/forms/nothing").status == 404


def test_samples_and_blank_sheets_open_in_word(bureau: Visitor) -> None:
    for path in ("/forms/form8/file?sample=full", "/forms/plain/file?sample=shared", "/forms/blank/sheet4"):
        answer = bureau.get(path)
        assert answer.status == 200
        assert word.lint(answer.response.data) == []
        assert zipfile.is_zipfile(io.BytesIO(answer.response.data))


def test_another_ward_meets_no_page_of_a_wards_template(office: Office, visit: Visit) -> None:
    east = visit(office.person("higashinari", "coordinator"))
    send(east, "カナリア様式.docx", word.shipped_file("form7"), "カナリア")
    for ward, role in (("ikuno", "coordinator"), ("ikuno", "responsible"), ("city", "auditor")):
        reader = visit(office.person(ward, role))
        for path in ("", "/file", "/file?sample=full", "/pages/1"):
            assert reader.get(f"/forms/templates/1{path}").status == 404
        assert "カナリア" not in reader.get("/forms/form7").text + reader.get("/forms").text
        for act in ("force", "withdraw"):
            reader.get("/forms")
            assert reader.post(f"/forms/templates/1/{act}", {"year": "2026"}).status in (403, 404)
    assert east.get("/forms/templates/1").status == 200
