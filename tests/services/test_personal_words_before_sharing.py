"""Nothing that looks personal goes to the other wards unasked: asked, masked or kept with a reason, and recorded."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docx
import pytest
from sqlalchemy import select

from portal.models import AuditEntry, Document, PersonalAnswer, Version
from portal.security.identity import SystemIdentity
from portal.security.workflows import Edition, Permission
from portal.services import attaching, checking, documents, exporting, finding, privacy, reviewing
from portal.services.errors import NotFound, Refused, WrongState
from portal.services.finding import Filters
from portal.services.privacy import Given, PersonalFound
from tests.support.office import Office

NAME, PHONE, HIDDEN = "架空花代", "090-1111-2222", "例田タケ様"
RECORD = (
    f"<p>{NAME}様の退院後について、長女（{PHONE}）に連絡した。</p>"
    f"<p>架空<strong>花代</strong>は在宅を望んでいる。{HIDDEN}の件は別に話す。</p>"
)


def accepted(office: Office, **more: Any) -> int:
    return office.report("higashinari", state="accepted", **{"record": RECORD, "next_place": f"{NAME}様宅", **more})


def attach(office: Office, report: int, name: str, content: bytes) -> int:
    tanaka = office.person("higashinari", "coordinator")
    added = office.do(
        tanaka, lambda uow: attaching.attach(uow, report, name=name, source=io.BytesIO(content), shareable=True)
    )
    return int(added.id)


def asked(office: Office, report: int) -> dict[str, privacy.Question]:
    with office.uow(office.person("city", "bureau")) as uow:
        return {one.words: one for one in privacy.ask(uow, report).questions}


def share(office: Office, report: int, answers: dict[str, Given]) -> None:
    questions = asked(office, report)
    given = {questions[words].key: one for words, one in answers.items()}
    office.do(office.person("city", "bureau"), lambda uow: reviewing.transition(uow, report, "share", personal=given))


def all_masked(office: Office, report: int) -> dict[str, Given]:
    return {words: Given("mask") for words in asked(office, report)}


def theirs(office: Office, report: int) -> str:
    """Return everything another ward is handed of the report: pages, versions, difference, Word, files."""
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        document = uow.access(report, Permission.VIEW)
        told = [repr(vars(document)), documents.current_version(uow, document).content_json]
        versions = documents.versions(uow, document)
        told += [one.content_json for one in versions]
        told += [repr(documents.difference(uow, document, 1, len(versions)))]
        told += [repr((one.name, one.text, one.properties)) for one in attaching.attachments(uow, document)]
        with zipfile.ZipFile(io.BytesIO(exporting.as_word(uow, report)[1])) as package:
            told += [package.read(name).decode("utf-8", "ignore") for name in package.namelist()]
    return "\n".join(told)


def test_nothing_is_shared_until_each_place_is_answered(office: Office) -> None:
    report, bureau = accepted(office), office.person("city", "bureau")
    questions = asked(office, report)
    assert set(questions) == {f"{NAME}様", PHONE, HIDDEN}
    assert [place.label for place in questions[f"{NAME}様"].places] == ["議事の内容", "次回の場所"]
    with pytest.raises(PersonalFound, match="3件"):
        office.transition(bureau, report, "share")
    some = {questions[PHONE].key: Given("keep", "  "), questions[HIDDEN].key: Given("leave_out")}
    with office.uow(bureau) as uow, pytest.raises(PersonalFound) as refused:
        reviewing.transition(uow, report, "share", personal=some)
    assert set(refused.value.problems) == {one.key for one in questions.values()}
    with office.uow(office.person("ikuno", "coordinator")) as uow, pytest.raises(NotFound):
        uow.access(report, Permission.VIEW)
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalars(select(PersonalAnswer)).all() == []


def test_what_is_masked_is_in_nothing_another_ward_is_handed(office: Office) -> None:
    report = accepted(office)
    share(office, report, all_masked(office, report))
    shown = theirs(office, report)
    for word in (NAME, "花代", PHONE, "例田"):
        assert word not in shown
    assert "●●" in shown
    with office.uow(office.person("higashinari", "ward_office")) as uow:
        assert PHONE in documents.current_version(uow, uow.access(report, Permission.VIEW)).content_json
    office.catch_up()
    for ward, found in (("ikuno", 0), ("higashinari", 1)):
        with office.uow(office.person(ward, "coordinator")) as uow:
            assert finding.search(uow, f'"{PHONE}"', Filters()).total == found
    assert checking.check(office.site) == []


def test_what_is_kept_needs_a_reason_and_the_record_holds_who_and_why_but_no_words(office: Office) -> None:
    report = accepted(office)
    share(office, report, {**all_masked(office, report), PHONE: Given("keep", "相談室の番号のため")})
    assert PHONE in theirs(office, report)
    with office.uow(SystemIdentity()) as uow:
        rows = {one.kind: one for one in uow.session.scalars(select(PersonalAnswer))}
        assert (rows["phone"].decision, rows["phone"].reason) == ("keep", "相談室の番号のため")
        assert rows["phone"].account_id == office.person("city", "bureau").account_id
        entry = uow.session.scalars(select(AuditEntry).where(AuditEntry.action == "document.personal")).one()
        assert sorted(one["decision"] for one in entry.detail["answers"]) == ["keep", "mask", "mask"]
        told = repr([vars(one) for one in rows.values()]) + repr(entry.detail)
        assert not [word for word in (NAME, PHONE, "例田") if word in told]
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        assert uow.session.scalars(select(PersonalAnswer)).all() == []
        with pytest.raises(NotFound):
            privacy.ask(uow, report)


def test_answers_hold_for_the_same_words_and_a_changed_mind_leaves_no_old_version_behind(office: Office) -> None:
    report, bureau = accepted(office), office.person("city", "bureau")
    share(office, report, {**all_masked(office, report), PHONE: Given("keep", "相談室の番号のため")})
    office.transition(bureau, report, "unshare")
    office.transition(bureau, report, "share")
    assert NAME not in theirs(office, report)
    office.transition(bureau, report, "unshare")
    share(office, report, {PHONE: Given("mask")})
    assert PHONE not in theirs(office, report)
    with office.uow(SystemIdentity()) as uow:
        old, new = uow.session.scalars(select(Document).where(Document.source_id == report).order_by(Document.id))
        assert (old.edition, new.edition, new.version_number) == (Edition.RETIRED, Edition.SHARED, 1)
        assert old.audience.tokens == {"system"}
        retired = old.id
    for ward, role in (("ikuno", "coordinator"), ("higashinari", "coordinator"), ("city", "bureau")):
        with office.uow(office.person(ward, role)) as uow:
            assert uow.session.scalars(select(Version).where(Version.document_id == retired)).all() == []
            with pytest.raises(NotFound):
                uow.access(retired, Permission.VIEW)
    office.catch_up()
    assert checking.check(office.site) == []


def word_file(text: str, author: str) -> bytes:
    made, out = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.core_properties.author = author
    made.save(out)
    return out.getvalue()


def handed_over(office: Office, files: dict[str, bytes]) -> int:
    report = office.report("higashinari")
    for name, content in files.items():
        attach(office, report, name, content)
    people = (("higashinari", "coordinator"), ("higashinari", "responsible"), ("city", "bureau"))
    for who, step in zip(people, ("request_confirmation", "confirm", "accept"), strict=True):
        office.transition(office.person(*who), report, step)
    return report


def test_files_are_searched_with_their_properties_and_stay_behind_or_go_with_a_reason(office: Office) -> None:
    files = {
        "シート.docx": word_file("利用者氏名：例田タケ", ""),
        "作成者.docx": word_file("空床情報の集め方", "架空 太郎"),
        "案内.txt": "空床情報の集め方".encode(),
    }
    report = handed_over(office, files)
    questions = asked(office, report)
    assert {words: one.kind for words, one in questions.items()} == {"シート.docx": "sheet", "作成者.docx": "author"}
    assert questions["シート.docx"].choices == ("leave_out", "keep")
    share(office, report, {"シート.docx": Given("leave_out"), "作成者.docx": Given("keep", "公開の資料")})
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        document = uow.access(report, Permission.VIEW)
        assert {one.name for one in attaching.attachments(uow, document)} == {"作成者.docx", "案内.txt"}
    assert "例田" not in theirs(office, report)


def test_a_file_nobody_can_read_is_named_as_not_checked(sqlite_office: Office) -> None:
    report = handed_over(sqlite_office, {"図.png": PNG})
    with sqlite_office.uow(sqlite_office.person("city", "bureau")) as uow:
        assert list(privacy.ask(uow, report).unread) == ["図.png"]


def test_two_people_who_share_at_once_share_once(office: Office) -> None:
    report, bureau = accepted(office), office.person("city", "bureau")
    given = {one.key: Given("mask") for one in asked(office, report).values()}

    def one_shares(_: int) -> str:
        try:
            office.do(bureau, lambda uow: reviewing.transition(uow, report, "share", personal=given))
        except (WrongState, Refused) as refused:
            return type(refused).__name__
        return "shared"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(one_shares, range(2))) == ["WrongState", "shared"]
    with office.uow(SystemIdentity()) as uow:
        assert len(uow.session.scalars(select(PersonalAnswer)).all()) == 3
        assert len(uow.session.scalars(select(Document).where(Document.source_id == report)).all()) == 1


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)
