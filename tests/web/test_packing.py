"""Many documents at once: chosen ones as one ZIP, a month's reports as ZIP or bound; only what one may save, and said plainly."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.models import AuditEntry, Job
from portal.security.identity import Identity, SystemIdentity
from portal.services import jobs, packets, packing
from portal.services.errors import Refused
from portal.word import lint
from tests.isolation.planting import Garden, everything_in
from tests.support.browsing import Page, Visitor
from tests.support.calling import Caller
from tests.support.office import Office
from tests.web.conftest import Visit


def names_in(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as parcel:
        assert parcel.testzip() is None
        return parcel.namelist()


def do_all(office: Office) -> None:
    while jobs.do_next(office.site, worker="here"):
        pass


def pack(visitor: Visitor, *documents: int, ward: str = "higashinari", **more: str) -> Page:
    visitor.get(f"/{ward}/")
    return visitor.post("/pack", {"document": [str(one) for one in documents], **more})


def attach(office: Office, person: Identity, report: int, name: str, content: str) -> None:
    from portal.services import attaching

    source = io.BytesIO(content.encode())
    office.do(person, lambda uow: attaching.attach(uow, report, name=name, source=source))


def test_chosen_reports_come_as_one_zip_with_names_that_sort(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    first = office.report("higashinari", meeting_name="病院連絡会/第1部", held_on="2026-05-20")
    same = [office.report("higashinari", meeting_name="同じ会", held_on="2026-04-20") for _ in range(2)]
    attach(office, tanaka, first, "配布資料 令和8年度.txt", "配布した")
    browser = visit(tanaka)
    page = browser.get("/higashinari/")
    assert len(page.find("//input[@name='document']")) == 3
    got = pack(browser, first, *same, files="1").response
    assert (got.status_code, got.mimetype) == (200, "application/zip")
    assert got.headers["Content-Disposition"].startswith("attachment;")
    names = names_in(got.data)
    assert len(names) == len(set(names)) == 4
    assert names[0].startswith("R8-05_東成区_様式7")
    assert "/" not in names[0]
    assert names[1] == f"{names[0].removesuffix('.docx')}_添付/01_配布資料 令和8年度.txt"
    assert sorted(names)[0].startswith("R8-04_")
    with zipfile.ZipFile(io.BytesIO(got.data)) as parcel:
        assert all(lint(parcel.read(name)) == [] for name in names if name.endswith(".docx"))
        assert parcel.read(names[1]).decode() == "配布した"
    assert pack(browser, first, *same, files="1").response.data == got.data
    with office.uow(SystemIdentity()) as uow:
        rows = uow.session.scalars(select(AuditEntry).where(AuditEntry.action == "document.exported")).all()
        assert sorted((one.document_id, one.detail["format"]) for one in rows) == sorted(
            (one, "zip") for one in (first, *same) for _ in range(2)
        )


def test_what_may_not_be_saved_is_left_out_and_said(office: Office, visit: Visit) -> None:
    mine = office.report("higashinari", state="confirming")
    draft = office.report("higashinari", title="下書きの会", meeting_name="下書きの会")
    foreign = office.report("ikuno", meeting_name="生野の会")
    responsible = office.person("higashinari", "responsible")
    got = pack(visit(responsible), mine, draft, foreign, 999_999).response
    names = names_in(got.data)
    assert names[1:] == ["入っていない文書.txt"]
    with zipfile.ZipFile(io.BytesIO(got.data)) as parcel:
        told = parcel.read("入っていない文書.txt").decode("utf-8-sig")
    assert "下書きの会" in told
    assert told.count("\r\n") == 1
    assert "生野" not in str(everything_in(got))
    page = pack(visit(responsible), foreign, 999_999)
    assert (page.status, "保存できるものがありません" in page.words) == (400, True)
    assert "文書を選んでから" in pack(visit(responsible)).words


def test_no_word_of_another_ward_comes_with_a_zip_or_a_packet(office: Office, visit: Visit) -> None:
    garden = Garden(office)
    planted = [garden.report("higashinari", state) for state in ("draft", "submitted", "shared", "withdrawn")]
    planted += [garden.report("ikuno", "shared"), garden.report("kita", "draft")]
    everything = [one.id for one in planted]
    held = packets.forms()[0].example()["fields"]["held_on"]
    for ward, role in (
        ("ikuno", "coordinator"),
        ("higashinari", "ward_office"),
        ("city", "bureau"),
        ("city", "auditor"),
    ):
        person = office.person(ward, role)
        got = pack(visit(person), *everything, ward=ward, files="1").response
        assert got.status_code == 200
        assert garden.foreign_in(person, everything_in(got)) == []
        found = Caller.of(office, person).get("/packages/month", month=held[:7])
        assert garden.foreign_in(person, everything_in(found.response)) == []
        browser = visit(person)
        browser.get(f"/month?month={held[:7]}&ward=")
        assert garden.foreign_in(person, everything_in(browser.get(f"/month?month={held[:7]}&ward=").response)) == []
        sent = browser.post("/month", {"month": held[:7], "ward": "", "as": "docx"})
        do_all(office)
        bound = browser.client.get(f"{sent.location}/file")
        assert bound.status_code == 200, bound.text
        assert garden.foreign_in(person, everything_in(bound)) == []
        assert b"zq" in everything_in(bound)


def test_many_documents_are_work_one_can_watch(office: Office, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "AT_ONCE", 2)
    monkeypatch.setattr(packing, "_CHUNK", 2)
    tanaka, reports = office.person("higashinari", "coordinator"), [office.report("higashinari") for _ in range(5)]
    browser, caller = visit(tanaka), Caller.of(office, tanaka)
    browser.get("/higashinari/")
    page = browser.post("/higashinari/pack?kind=meeting_report", {})
    assert page.status == 303
    assert "5件をWordで保存" in page.follow().words
    told = caller.post("/packages", {"documents": reports})
    assert (told.status, told.data["total"]) == (202, 5)
    do_all(office)
    first, second = browser.client.get(f"{page.location}/file"), caller.get(f"/jobs/{told.data['id']}/file")
    assert len(names_in(first.data)) == 5
    assert sorted(names_in(first.data)) == sorted(names_in(second.response.data))


def test_large_attachments_make_it_work_one_can_watch(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_BYTES_AT_ONCE", 10)
    tanaka, report = office.person("higashinari", "coordinator"), office.report("higashinari")
    attach(office, tanaka, report, "大きい資料.txt", "十バイトより多い")
    caller = Caller.of(office, tanaka)
    assert caller.post("/packages", {"documents": [report]}).status == 200
    assert caller.post("/packages", {"documents": [report], "attachments": True}).status == 202


def test_a_months_reports_are_shown_with_the_wards_that_are_missing(office: Office, visit: Visit) -> None:
    may = office.report("higashinari", state="submitted", held_on="2026-05-20", meeting_name="五月の会")
    office.report("higashinari", state="draft", held_on="2026-05-21", meeting_name="下書きの会")
    office.report("ikuno", state="accepted", held_on="2026-05-01", meeting_name="生野の会")
    office.report("ikuno", state="accepted", held_on="2026-06-01", meeting_name="六月の会")
    bureau = visit(office.person("city", "bureau"))
    page = bureau.get("/month?month=2026-05&ward=&form=meeting_report")
    assert "五月の会" in page.words
    assert "生野の会" in page.words
    assert "六月の会" not in page.words
    assert "下書きの会" not in page.words
    assert "24区のうち2区" in page.words
    assert "見られる提出分のない区（22区）" in page.words
    own = visit(office.person("ikuno", "coordinator")).get("/month?month=2026-05")
    assert "生野の会" in own.words
    assert "五月の会" not in own.words
    got = bureau.post("/month", {"month": "2026-05", "ward": "higashinari", "form": "meeting_report", "as": "zip"})
    assert len(names_in(got.response.data)) == 1
    assert bureau.get("/month?month=令和八年").status == 400
    assert bureau.get("/month?month=2026-05&ward=nowhere").status == 404
    assert bureau.get("/month?month=2026-13").status == 400
    empty = bureau.post("/month", {"month": "2025-01", "ward": "", "as": "zip"})
    assert (empty.status, "この月に提出された文書はありません" in empty.words) == (400, True)
    told = Caller.of(office, office.person("city", "bureau")).get(
        "/packages/month", month="2026-05", ward="higashinari"
    )
    assert [one["id"] for one in told.data["wards"][0]["documents"]] == [may]


def test_without_libreoffice_a_month_is_bound_as_word_and_not_as_pdf(office: Office, visit: Visit) -> None:
    office.report("higashinari", state="submitted", held_on="2026-05-20", meeting_name="五月の会")
    person = office.person("city", "bureau")
    bureau, caller = visit(person), Caller.of(office, person)
    assert "ひとつのPDFに綴る" not in bureau.get("/month?month=2026-05&ward=").words
    asked: dict[str, Any] = {"month": "2026-05", "as": "pdf"}
    assert caller.post("/packages/month", asked).status == 406
    told = caller.post("/packages/month", {**asked, "as": "docx"})
    assert told.status == 202
    do_all(office)
    made = caller.get(f"/jobs/{told.data['id']}").data["file"]
    assert made["name"] == "R8-05_24区_様式7_提出分.docx"
    docx = caller.get(made["url"].removeprefix("/api/v1")).response.data
    assert lint(docx) == []
    text = everything_in(caller.get(made["url"].removeprefix("/api/v1")).response).decode("utf-8", "replace")
    assert (
        text.count("令和8年5月に開催した分の会議等報告書（様式7）は、提出されていません。") == 2 * 23
    )  # contents and page


def test_too_much_at_once_is_refused_in_words(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    with office.uow(tanaka) as uow:
        with pytest.raises(Refused, match=r"2,000件まで"):
            packing.start(uow, list(range(1, 2002)))
        with pytest.raises(Refused, match="300件まで"):
            packets.start(uow, packets.Wanted("題", "名", [packets.Slot("区", range(1, 302))]), "docx")
        with pytest.raises(Refused, match="ありません"):
            packets.start(uow, packets.Wanted("題", "名", [packets.Slot("区")]), "docx")
        assert uow.session.scalars(select(Job)).all() == []


def test_months_are_read_as_written() -> None:
    assert packets.read_month(" 2026-5 ") == date(2026, 5, 1)
    assert packets.month_in_words(date(2019, 5, 1)) == "令和元年5月"
    for wrong in ("2026", "2026-00", "26-5", "0001-01", "2026-10-01", ""):
        with pytest.raises(Refused, match="2026-10"):
            packets.read_month(wrong)
