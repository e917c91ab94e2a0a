"""Given a report saved as Word and edited at a desk, when the file comes back, then each change is offered and none is lost."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal import intake, word
from portal.db.base import now
from portal.kinds import Invalid, find_kind
from portal.models import AuditEntry, Draft
from portal.security.identity import Identity, SystemIdentity
from portal.services import attaching, documents, exporting, returning
from portal.services.attaching import FileRefused
from portal.services.errors import Forbidden, NotFound, WrongState
from portal.services.returning import Comparison
from portal.services.stamps import read_stamp, write_stamp
from portal.word.package import assemble, pack, read_parts
from tests.support.office import Office

MEETING = find_kind("meeting_report")
assert MEETING is not None
WARD = "higashinari"


def saved(office: Office, person: Identity, report: int) -> bytes:
    """Return the report as its Word file."""
    return bytes(office.do(person, lambda uow: exporting.as_word(uow, report))[1])


def edited(docx: bytes, *changes: tuple[str, str]) -> bytes:
    """Return the file after somebody typed in it."""
    parts = read_parts(docx)
    document = parts["word/document.xml"].decode()
    for before, after in changes:
        assert before in document, before
        document = document.replace(before, after, 1)
    parts["word/document.xml"] = document.encode()
    return assemble(pack(name, data) for name, data in parts.items())


def read(office: Office, person: Identity, report: int, docx: bytes, name: str = "報告.docx") -> Comparison:
    """Let a person hand the file in."""
    found: Comparison = office.do(
        person, lambda uow: returning.read_file(uow, report, name=name, source=io.BytesIO(docx))
    )
    return found


def content(office: Office, person: Identity, report: int) -> tuple[int, str, dict[str, Any]]:
    with office.uow(person) as uow:
        document = uow.access(report, documents.Permission.VIEW)
        version = documents.current_version(uow, document)
        return version.number, version.content.title, version.content.fields


def accept(office: Office, person: Identity, report: int, fields: list[str], base: int, **more: Any) -> None:
    office.do(person, lambda uow: returning.accept(uow, report, fields=fields, base=base, **more))


def test_a_changed_place_is_offered_and_becomes_a_version(office: Office) -> None:
    tanaka = office.person(WARD, "coordinator")
    report = office.report(WARD, place="区役所")
    docx = edited(saved(office, tanaka, report), (">区役所<", ">区民センター<"))
    found = read(office, tanaka, report, docx)
    assert [(one.name, one.before, one.after, one.disputed) for one in found.offered] == [
        ("place", "区役所", "区民センター", False)
    ]
    assert content(office, tanaka, report)[0] == 1
    accept(office, tanaka, report, ["place"], found.base)
    number, _, fields = content(office, tanaka, report)
    assert (number, fields["place"]) == (2, "区民センター")
    with office.uow(tanaka) as uow:
        document = uow.access(report, documents.Permission.VIEW)
        assert returning.pending(uow, document) is None
        assert documents.current_version(uow, document).comment == returning.COMMENT


def test_nothing_chosen_makes_no_version_and_the_file_waits_on(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, place="区役所")
    docx = edited(saved(office, tanaka, report), (">区役所<", ">区民センター<"))
    found = read(office, tanaka, report, docx)
    accept(office, tanaka, report, [], found.base)
    assert content(office, tanaka, report)[0] == 1
    with office.uow(tanaka) as uow:
        assert returning.pending(uow, uow.access(report, documents.Permission.VIEW)) is not None


def test_the_title_follows_its_fields(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, meeting_name="病院連絡会", body_name="連絡会")
    docx = edited(saved(office, tanaka, report), (">病院連絡会<", ">病院の会<"), (">4回<", ">５回<"))
    found = read(office, tanaka, report, docx)
    accept(office, tanaka, report, [one.name for one in found.offered], found.base)
    assert content(office, tanaka, report)[1] == "第5回 病院の会"


def test_an_unreadable_day_is_shown_with_what_to_do_and_cannot_be_chosen(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, held_on="2026-10-15")
    docx = edited(saved(office, tanaka, report), ("令和8年10月15日（木）", "十月なかば"))
    (found,) = read(office, tanaka, report, docx).offered
    assert (found.name, found.after) == ("held_on", "十月なかば")
    assert "読み取れません" in found.problem
    with pytest.raises(Invalid, match="取り込めません"):
        accept(office, tanaka, report, ["held_on"], 1)


def test_an_older_file_offers_what_it_changed_and_leaves_the_disputed_to_the_person(office: Office) -> None:
    tanaka, sato = office.person(WARD, "coordinator"), office.person(WARD, "coordinator", name="佐藤")
    report = office.report(WARD, place="区役所", organiser="医師会", next_place="未定")
    docx = edited(saved(office, tanaka, report), (">区役所<", ">区民センター<"), (">未定<", ">第2会議室<"))
    typed = {**content(office, sato, report)[2], "place": "別館", "organiser": "歯科医師会"}
    office.do(sato, lambda uow: documents.save_version(uow, report, title="", typed=typed, base=1))
    found = read(office, tanaka, report, docx)
    assert (found.base, found.current, found.is_older) == (1, 2, True)
    offered = {one.name: one for one in found.offered}
    assert set(offered) == {"place", "next_place"}  # 歯科医師会 stands in the newer version alone and stays
    assert (offered["place"].base, offered["place"].before, offered["place"].after) == (
        "区役所",
        "別館",
        "区民センター",
    )
    assert offered["place"].disputed
    assert not offered["next_place"].disputed
    accept(office, tanaka, report, ["next_place"], found.base)
    fields = content(office, tanaka, report)[2]
    assert (fields["place"], fields["organiser"], fields["next_place"]) == ("別館", "歯科医師会", "第2会議室")


def test_a_version_saved_after_the_comparison_asks_for_another_look(office: Office) -> None:
    tanaka, sato = office.person(WARD, "coordinator"), office.person(WARD, "coordinator", name="佐藤")
    report = office.report(WARD, place="区役所")
    found = read(office, tanaka, report, edited(saved(office, tanaka, report), (">区役所<", ">区民センター<")))
    typed = {**content(office, sato, report)[2], "place": "別館"}
    office.do(sato, lambda uow: documents.save_version(uow, report, title="", typed=typed, base=1))
    with pytest.raises(WrongState, match="第2版"):
        accept(office, tanaka, report, ["place"], found.base)
    accept(office, tanaka, report, ["place"], 2)  # they looked again
    assert content(office, tanaka, report)[2]["place"] == "区民センター"


def test_what_is_being_typed_in_the_form_stays_a_draft(sqlite_office: Office) -> None:
    from portal.services import drafts

    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, place="区役所")
    key = f"document-{report}"
    entries = [("reflections", "書きかけ")]
    office.do(tanaka, lambda u: drafts.save(u, key, kind_name="meeting_report", title="", entries=entries, base=1))
    found = read(office, tanaka, report, edited(saved(office, tanaka, report), (">区役所<", ">別館<")))
    accept(office, tanaka, report, ["place"], found.base)
    with office.uow(tanaka) as uow:
        assert drafts.find(uow, key) is not None
        assert [one.key for one in drafts.mine(uow)] == [key]


def test_the_file_becomes_an_attachment_only_when_asked(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, place="区役所")
    for place, keeps in (("別館", False), ("本館", True)):
        docx = saved(office, tanaka, report)
        old = content(office, tanaka, report)[2]["place"]
        found = read(office, tanaka, report, edited(docx, (f">{old}<", f">{place}<")), name="直し.docx")
        accept(office, tanaka, report, ["place"], found.base, keeps_file=keeps)
    with office.uow(tanaka) as uow:
        kept = attaching.attachments(uow, uow.access(report, documents.Permission.VIEW))
        assert [one.name for one in kept] == ["直し.docx"]


def test_a_file_waits_thirty_days_and_no_longer(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, place="区役所")
    read(office, tanaka, report, edited(saved(office, tanaka, report), (">区役所<", ">別館<")))

    def grow_old(uow: Any) -> None:
        row = uow.session.scalars(select(Draft)).one()
        row.updated_at = now() - returning.KEPT - timedelta(hours=1)

    office.do(tanaka, grow_old)
    with office.uow(tanaka) as uow:
        assert returning.pending(uow, uow.access(report, documents.Permission.VIEW)) is None
    returning.forget_old_files(office.site)
    with office.uow(tanaka) as uow:
        assert uow.session.scalars(select(Draft)).all() == []


def test_old_files_are_forgotten_on_both_databases_and_drafts_are_not(office: Office) -> None:
    from portal.services import drafts

    tanaka = office.person(WARD, "coordinator")
    report = office.report(WARD, place="区役所")
    read(office, tanaka, report, edited(saved(office, tanaka, report), (">区役所<", ">別館<")))
    entries = [("place", "x")]
    key = f"document-{report}"
    office.do(tanaka, lambda u: drafts.save(u, key, kind_name="meeting_report", title="", entries=entries, base=1))

    def grow_old(uow: Any) -> None:
        for row in uow.session.scalars(select(Draft)):
            row.updated_at = now() - returning.KEPT - timedelta(hours=1)

    office.do(tanaka, grow_old)
    returning.forget_old_files(office.site)
    with office.uow(tanaka) as uow:
        assert [one.key for one in uow.session.scalars(select(Draft))] == [key]


# --- files that are none of this document's -----------------------------------------------------------------------------


def test_a_foreign_file_is_named_as_such(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report, other = office.report(WARD, place="区役所"), office.report(WARD, title="別の会議", place="区役所")
    ours, theirs = saved(office, tanaka, report), saved(office, tanaka, other)
    training = saved(office, tanaka, office.report(WARD, kind="training_report"))
    unmarked = without_stamps(ours)
    forged = restamped(ours, lambda stamp: stamp.replace(f"{report}_1_f", f"{report}_2_f"))
    refused = {
        "別の文書「別の会議」から": (theirs, "a.docx"),
        "研修等報告書（様式8）": (training, "a.docx"),
        "このポータルで保存したWordファイルではない": (unmarked, "a.docx"),
        "別のポータルで保存された": (forged, "a.docx"),
        "PDFからは取り込めません": (b"%PDF-1.7", "a.pdf"),
        "中身は PDF のよう": (b"%PDF-1.7", "a.docx"),
        "マクロを含む": (ours, "a.docm"),
        "保存し直し": (ours[:-400], "a.docx"),
        "この形式からは": (b"{\\rtf1}", "a.rtf"),
        "画像（PNG）からは": (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\1\0\0\0\1", "a.png"),
    }
    for told, (docx, name) in refused.items():
        with pytest.raises(FileRefused, match=re.escape(told)):
            read(office, tanaka, report, docx, name)
    with office.uow(tanaka) as uow:
        assert uow.session.scalars(select(Draft)).all() == []


def test_a_locked_file_is_named_as_such(sqlite_office: Office) -> None:
    import msoffcrypto.format.ooxml  # type: ignore[import-untyped]

    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD)
    locked = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(saved(office, tanaka, report))).encrypt("himitsu", locked)
    with pytest.raises(FileRefused, match="パスワードを外して"):
        read(office, tanaka, report, locked.getvalue())


def test_another_wards_document_is_not_named(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report, secret = office.report(WARD), office.report("ikuno", title="ひみつの会議")
    foreign = saved(office, office.person("ikuno", "coordinator"), secret)
    with pytest.raises(FileRefused) as refusal:
        read(office, tanaka, report, foreign)
    assert "別の文書から" in str(refusal.value)
    assert "ひみつ" not in str(refusal.value)


def test_the_shared_editions_file_cannot_empty_what_it_does_not_hold(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, reflections="<p>区だけの所感</p>")
    stamp = write_stamp(office.site, report, 1, is_shared=True)
    shared = restamped(saved(office, tanaka, report), lambda old: f"{stamp}_{old[-4:]}")
    with pytest.raises(FileRefused, match="24区共有版"):
        read(office, tanaka, report, shared)
    assert content(office, tanaka, report)[2]["reflections"] == "<p>区だけの所感</p>"


def test_what_another_ward_saves_carries_the_stamp_of_the_shared_edition(sqlite_office: Office) -> None:
    office = sqlite_office
    report = office.report(WARD, state="shared")
    docx = saved(office, office.person("ikuno", "coordinator"), report)
    stamps = {read_stamp(office.site, text) for text in word.stamps_of(intake.own_outline(docx))}
    assert [(one.document_id, one.is_shared, one.genuine) for one in stamps if one] == [(report, True, True)]


def test_a_report_that_was_handed_in_takes_no_file(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, state="accepted")
    docx = saved(office, tanaka, report)
    with pytest.raises(Forbidden):
        read(office, tanaka, report, docx)


def test_nobody_else_meets_the_file_that_waits(office: Office) -> None:
    tanaka, sato = office.person(WARD, "coordinator"), office.person(WARD, "coordinator", name="佐藤")
    report = office.report(WARD, place="区役所")
    found = read(office, tanaka, report, edited(saved(office, tanaka, report), (">区役所<", ">ひみつの場所<")))
    with office.uow(sato) as uow:
        assert returning.pending(uow, uow.access(report, documents.Permission.VIEW)) is None
    with pytest.raises(WrongState):
        accept(office, sato, report, ["place"], found.base)
    with pytest.raises(NotFound):
        accept(office, office.person("ikuno", "coordinator"), report, ["place"], found.base)


def test_reading_and_taking_over_leave_one_row_each(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person(WARD, "coordinator")
    report = office.report(WARD, place="区役所")
    docx = edited(saved(office, tanaka, report), (">区役所<", ">ひみつの場所<"))
    found = read(office, tanaka, report, docx)
    accept(office, tanaka, report, ["place"], found.base)
    with office.uow(SystemIdentity()) as uow:
        rows = uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[2:]
    assert [row.action for row in rows] == ["document.word.read", "document.version.saved"]
    assert rows[1].detail["from_word"] == ["place"]
    assert "ひみつ" not in str([row.detail for row in rows])


def without_stamps(docx: bytes) -> bytes:
    return restamped(docx, lambda _: "x")


def restamped(docx: bytes, change: Callable[[str], str]) -> bytes:
    parts = read_parts(docx)
    document = parts["word/document.xml"].decode()
    parts["word/document.xml"] = re.sub(
        r"(_[dc]_)(\d+_\d+_[fs]_\w+)", lambda found: found[1] + change(found[2]), document
    ).encode()
    return assemble(pack(name, data) for name, data in parts.items())
