"""An office draws its own Word form: it is judged, tried, put in force for a 年度, and prints what is saved from then on."""

import io
import zipfile
from datetime import timedelta

import pytest

from portal import word
from portal.db.base import now
from portal.kinds.calendar import fiscal_year, today
from portal.models import WordTemplate
from portal.security.identity import Identity
from portal.services import documents, exporting, templates
from portal.services.errors import Forbidden, NotFound, Refused
from tests.support.office import Office

YEAR = fiscal_year(today())


def changed(docx: bytes, **parts: tuple[str, str]) -> bytes:
    """Return a Word file with words of a part replaced, as an officer would in Word."""
    for name, (old, new) in parts.items():
        docx = changed_part(docx, f"word/{name}.xml", old, new)
    return docx


def changed_part(docx: bytes, part: str, old: str, new: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            data = before.read(entry)
            if entry.filename == part:
                assert old in data.decode(), f"{old} is not in {part}"
                data = data.decode().replace(old, new).encode()
            after.writestr(entry, data)
    return out.getvalue()


def our_form(mark: str = "わが区の", old: str = "大阪市健康局長") -> bytes:
    return changed(word.shipped_file("form7"), document=(old, mark + old))


def upload(office: Office, who: Identity, docx: bytes, name: str = "様式7.docx") -> WordTemplate:
    return office.do(who, lambda uow: templates.upload(uow, "form7", name=name, source=io.BytesIO(docx)))


def in_force(office: Office, who: Identity, docx: bytes, year: int = YEAR) -> WordTemplate:
    made = upload(office, who, docx)
    return office.do(who, lambda uow: templates.put_in_force(uow, made.id, year))


def printed(office: Office, who: Identity, document_id: int, number: int | None = None) -> str:
    _, docx = office.do(who, lambda uow: exporting.as_word(uow, document_id, number=number))
    assert word.lint(docx) == []
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return package.read("word/document.xml").decode()


def test_a_template_in_force_prints_what_is_saved_from_then_on(office: Office) -> None:
    tanaka, bureau = office.person("higashinari", "coordinator"), office.person("city", "bureau")
    report = office.report("higashinari")
    assert "わが市の大阪市健康局長" not in printed(office, tanaka, report)
    in_force(office, bureau, our_form("わが市の"))
    assert "わが市の" not in printed(office, tanaka, report), "a saved version keeps its form"
    later = office.report("higashinari")
    assert "わが市の大阪市健康局長" in printed(office, tanaka, later)


def test_a_ward_has_its_own_form_and_withdrawing_brings_the_citys_back(office: Office) -> None:
    bureau = office.person("city", "bureau")
    east, ikuno = office.person("higashinari", "coordinator"), office.person("ikuno", "coordinator")
    in_force(office, bureau, our_form("わが市の"))
    own = in_force(office, east, our_form("わが区の"))
    assert "わが区の" in printed(office, east, office.report("higashinari"))
    assert "わが市の" in printed(office, ikuno, office.report("ikuno"))
    printed_once = office.report("higashinari")
    office.do(east, lambda uow: templates.withdraw(uow, own.id))
    assert "わが市の" in printed(office, east, office.report("higashinari"))
    assert "わが区の" in printed(office, east, printed_once)


def test_a_form_for_next_year_waits_for_next_years_documents(office: Office) -> None:
    east, bureau = office.person("higashinari", "coordinator"), office.person("city", "bureau")
    in_force(office, bureau, our_form("来年度の"), YEAR + 1)
    assert "来年度の" not in printed(office, east, office.report("higashinari"))
    with pytest.raises(Refused, match="前年度から2年先"):
        in_force(office, bureau, our_form("遠い"), YEAR + 9)


def test_another_version_of_an_old_report_is_printed_on_its_own_form(office: Office) -> None:
    east, bureau = office.person("higashinari", "coordinator"), office.person("city", "bureau")
    report = office.report("higashinari")
    in_force(office, bureau, our_form("わが市の"))
    typed = {**templates.kinds_of("form7")[0].example()["fields"], "place": "別室"}
    office.do(east, lambda uow: documents.save_version(uow, report, title="", typed=typed, base=1))
    assert "わが市の" in printed(office, east, report)
    assert "わが市の" not in printed(office, east, report, number=1)


def test_unknown_marks_and_fields_without_a_mark_are_listed(office: Office) -> None:
    bureau = office.person("city", "bureau")
    made = upload(office, bureau, changed(word.shipped_file("form7"), document=("《場所》", "《ばしょ》")))
    found = office.do(bureau, lambda uow: templates.verdict(uow, templates.find(uow, made.id)))
    assert found.unknown == ("ばしょ",)
    assert "場所" in found.unmarked


@pytest.mark.parametrize(
    ("docx", "told"),
    [
        (b"not a file of Word at all", "中身|形式|Word"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_template_is_refused_in_words(sqlite_office: Office, docx: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        upload(sqlite_office, sqlite_office.person("city", "bureau"), docx)


def test_open_changes_and_foreign_parts_are_refused(sqlite_office: Office) -> None:
    bureau, shipped = sqlite_office.person("city", "bureau"), word.shipped_file("form7")
    tracked = changed(shipped, document=("<w:body>", '<w:body><w:p><w:ins w:id="1" w:author="a"><w:r/></w:ins></w:p>'))
    with pytest.raises(Refused, match="変更履歴"):
        upload(sqlite_office, bureau, tracked)
    chunk = changed(shipped, document=("<w:body>", '<w:body><w:altChunk r:id="rId1"/>'))
    with pytest.raises(Refused, match="読み込む指定"):
        upload(sqlite_office, bureau, chunk)
    linked = changed_part(
        shipped,
        "word/_rels/document.xml.rels",
        "</Relationships>",
        '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"'
        ' Target="http://example.invalid/a.png" TargetMode="External"/></Relationships>',
    )
    with pytest.raises(Refused, match="外部のファイル"):
        upload(sqlite_office, bureau, linked)


def test_who_may_keep_templates(office: Office) -> None:
    for ward, role in (("higashinari", "ward_office"), ("city", "auditor"), ("city", "system_admin")):
        with pytest.raises(Forbidden, match="コーディネーター"):
            upload(office, office.person(ward, role), our_form())
    own = upload(office, office.person("higashinari", "responsible"), our_form())
    assert own.ward_id == "higashinari"
    with pytest.raises(NotFound):
        office.do(office.person("ikuno", "coordinator"), lambda uow: templates.put_in_force(uow, own.id, YEAR))
    with pytest.raises(Forbidden, match="登録した区"):
        office.do(office.person("city", "bureau"), lambda uow: templates.put_in_force(uow, own.id, YEAR))


def test_another_wards_template_is_neither_listed_nor_handed_out(office: Office) -> None:
    own = upload(office, office.person("higashinari", "coordinator"), our_form(), name="カナリア様式.docx")
    for ward, role, sees in [
        ("higashinari", "ward_office", True), ("ikuno", "coordinator", False), ("city", "bureau", True),
        ("city", "auditor", False),
    ]:  # fmt: skip
        reader = office.person(ward, role)
        listed = office.do(reader, lambda uow: [one.id for one in templates.of_form(uow, "form7")])
        assert (own.id in listed) is sees, (ward, role)
        if not sees:
            with pytest.raises(NotFound):
                office.do(reader, lambda uow: templates.find(uow, own.id))


def test_another_wards_report_is_printed_on_that_wards_form(office: Office) -> None:
    in_force(office, office.person("higashinari", "coordinator"), our_form("わが区の"))
    report = office.report("higashinari", state="submitted")
    assert "わが区の" in printed(office, office.person("city", "bureau"), report)


def test_a_blank_sheet_bears_the_office_of_the_one_who_takes_it(sqlite_office: Office) -> None:
    name, docx = sqlite_office.do(
        sqlite_office.person("higashinari", "coordinator"), lambda uow: templates.blank(uow, "sheet2")
    )
    assert name == "転帰シート_東成区.docx"
    assert word.lint(docx) == []
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        assert "東成区" in package.read("word/document.xml").decode()
    with pytest.raises(NotFound):
        sqlite_office.do(sqlite_office.person("city", "bureau"), lambda uow: templates.blank(uow, "form7"))


def test_the_sample_is_made_up_and_the_shared_one_is_cut(sqlite_office: Office) -> None:
    bureau = sqlite_office.person("city", "bureau")
    full = sqlite_office.do(bureau, lambda uow: templates.sample(uow, "form8", None))
    shared = sqlite_office.do(bureau, lambda uow: templates.sample(uow, "form8", None, shared=True))
    assert word.lint(full) == word.lint(shared) == []
    assert full != shared


def test_time_decides_between_two_editions_of_one_year(sqlite_office: Office) -> None:
    bureau, east = sqlite_office.person("city", "bureau"), sqlite_office.person("higashinari", "coordinator")
    first = in_force(sqlite_office, bureau, our_form("一つ目の"))
    second = in_force(sqlite_office, bureau, our_form("二つ目の"))
    assert first.in_force_at is not None
    assert second.in_force_at is not None
    assert now() - second.in_force_at < timedelta(minutes=1)
    assert "二つ目の" in printed(sqlite_office, east, sqlite_office.report("higashinari"))
