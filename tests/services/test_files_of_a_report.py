"""Files brought to a report: kept, read, refused in words, shared only when marked so, and telling nothing to other wards."""

import io
from typing import Any

import pytest
from pypdf import PdfWriter
from sqlalchemy import select

from portal.db.base import now
from portal.models import Attachment, AuditEntry, Blob, Document
from portal.security.identity import Identity, SystemIdentity
from portal.security.workflows import Permission
from portal.services import attaching
from portal.services.errors import Forbidden, NotFound, Refused
from tests.intake import files
from tests.support.office import Office


def attach(
    office: Office, report: int, name: str, content: bytes, *, ward: str = "higashinari", shareable: bool = False
) -> Attachment:
    return office.do(
        office.person(ward, "coordinator"),
        lambda uow: attaching.attach(uow, report, name=name, source=io.BytesIO(content), shareable=shareable),
    )


def names(office: Office, report: int, ward: str, role: str = "coordinator") -> list[str]:
    with office.uow(office.person(ward, role)) as uow:
        return [one.name for one in attaching.attachments(uow, uow.access(report, Permission.VIEW))]


def word_file(text: str) -> bytes:
    return files.zipped(files.package("docx", files.document(files.paragraph(text))))


def locked_pdf() -> bytes:
    writer, buffer = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("himitsu", algorithm="AES-256")
    writer.write(buffer)
    return buffer.getvalue()


def test_a_word_file_is_kept_whole_and_read(office: Office) -> None:
    report, content = office.report("higashinari"), word_file("退院前カンファレンスの手順")
    made = attach(office, report, "手順書 <1>.docx", content)
    with office.uow(office.person("higashinari", "responsible")) as uow:
        found, path = attaching.open_file(uow, made.id)
        assert path.read_bytes() == content
        assert (found.name, found.size, found.text_status) == ("手順書 ＜1＞.docx", len(content), "ok")
        assert "退院前カンファレンスの手順" in found.text
        assert uow.access(report, Permission.VIEW).version_number == 1
    assert list((office.site.settings.data / "incoming").iterdir()) == []
    assert list(office.site.blobs.stray_files()) == []


def test_a_locked_or_damaged_file_is_kept_with_a_word_about_it(sqlite_office: Office) -> None:
    office = sqlite_office
    report, whole = office.report("higashinari"), word_file("ことば")
    damaged = files.zipped(files.package("docx", "<w:document><broken"))
    for name, content, status in [
        ("鍵.pdf", locked_pdf(), "encrypted"),
        ("壊れた.docx", damaged, "damaged"),
        ("空.txt", b" ", "empty"),
    ]:
        made = attach(office, report, name, content)
        assert made.text_status == status
        assert made.text_message
        assert office.site.blobs.is_whole(made.sha256)
    assert names(office, report, "higashinari") == ["鍵.pdf", "壊れた.docx", "空.txt"]
    assert attach(office, report, "よい.docx", whole).text_message == ""


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("run.exe", b"MZ\x00\x00", "受け付けていません"),
        ("page.html", b"<script>alert(1)</script>", "受け付けていません"),
        ("picture.svg", b"<svg onload=alert(1)>", "受け付けていません"),
        ("report.docx", b"MZ\x90\x00 not a document", "中身は 実行ファイル"),
        ("report.txt", b"<html><script>alert(1)</script>", "中身は HTML"),
        ("macro.docm", b"PK\x03\x04", "マクロ"),
        ("empty.txt", b"", "中身がありません"),
        ("no-extension", b"text", "受け付けていません"),
    ],
)
def test_a_file_that_may_not_come_in_is_refused_and_the_report_stays(
    sqlite_office: Office, name: str, content: bytes, reason: str
) -> None:
    office, report = sqlite_office, sqlite_office.report("higashinari")
    with pytest.raises(attaching.FileRefused, match=reason):
        attach(office, report, name, content)
    assert names(office, report, "higashinari") == []
    assert list((office.site.settings.data / "incoming").iterdir()) == []
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalars(select(Blob)).all() == []


def test_a_file_that_is_too_large_is_refused_before_it_fills_the_disk(sqlite_office: Office) -> None:
    class Endless(io.RawIOBase):
        sent = 0

        def read(self, size: int = -1) -> bytes:
            self.sent += size
            return b"a" * size

    source, report = Endless(), sqlite_office.report("higashinari")
    with (
        sqlite_office.uow(sqlite_office.person("higashinari", "coordinator")) as uow,
        pytest.raises(attaching.FileTooLarge, match="50MB"),
    ):
        attaching.attach(uow, report, name="a.txt", source=source)
    assert source.sent <= 52 << 20
    assert list((sqlite_office.site.settings.data / "incoming").iterdir()) == []


def test_the_same_bytes_in_two_wards_are_kept_once_and_tell_nobody(office: Office) -> None:
    ours, theirs = office.report("higashinari"), office.report("ikuno")
    content = "同じ名簿".encode()
    first = attach(office, ours, "東成の名簿.txt", content)
    second = attach(office, theirs, "生野の名簿.txt", content, ward="ikuno")
    assert (first.sha256, second.text_status, second.text_message) == (
        second.sha256,
        first.text_status,
        first.text_message,
    )
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        assert [one.name for one in uow.session.scalars(select(Attachment))] == ["生野の名簿.txt"]
        for act in (
            attaching.find,
            attaching.open_file,
            attaching.remove,
            lambda u, n: attaching.set_shareable(u, n, shareable=True),
        ):
            with pytest.raises(NotFound):
                act(uow, first.id)


def test_only_marked_files_go_with_the_shared_edition(office: Office) -> None:
    report = office.report("higashinari")
    attach(office, report, "共有.txt", b"open", shareable=True)
    inner = attach(office, report, "区内.txt", b"inner")
    for person, name in [
        (office.person("higashinari", "coordinator"), "request_confirmation"), (office.person("higashinari", "responsible"), "confirm"),
        (office.person("city", "bureau"), "accept"), (office.person("city", "bureau"), "share"),
    ]:  # fmt: skip
        office.transition(person, report, name)
    assert names(office, report, "ikuno") == ["共有.txt"]
    assert names(office, report, "higashinari") == ["共有.txt", "区内.txt"]
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        edition = uow.access(report, Permission.VIEW)
        (copy,) = attaching.attachments(uow, edition)
        assert copy.properties == {}
        assert attaching.open_file(uow, copy.id)[1].read_bytes() == b"open"
        with pytest.raises(NotFound):
            attaching.open_file(uow, inner.id)
        with pytest.raises(Forbidden):
            attaching.remove(uow, copy.id)


def test_sharing_again_takes_away_what_is_no_longer_shared(office: Office) -> None:
    report, bureau = office.report("higashinari"), office.person("city", "bureau")
    first, second = (attach(office, report, f"{n}.txt", n.encode(), shareable=n == "一") for n in "一二")
    for person, name in [
        (office.person("higashinari", "coordinator"), "request_confirmation"), (office.person("higashinari", "responsible"), "confirm"),
        (bureau, "accept"), (bureau, "share"), (bureau, "unshare"),
    ]:  # fmt: skip
        office.transition(person, report, name)
    with office.uow(SystemIdentity()) as uow:
        uow.session.get_one(Attachment, first.id).shareable = False
        uow.session.get_one(Attachment, second.id).shareable = True
        uow.commit()
    office.transition(bureau, report, "share")
    assert names(office, report, "ikuno") == ["二.txt"]


def test_the_bureau_chooses_what_goes_with_the_shared_edition_once_it_accepted(office: Office) -> None:
    report, bureau = office.report("higashinari"), office.person("city", "bureau")
    made = attach(office, report, "配布資料.txt", b"handout")
    tanaka, sato = office.person("higashinari", "coordinator"), office.person("higashinari", "responsible")

    def choose(person: Identity, *, shareable: bool) -> None:
        office.do(person, lambda uow: attaching.set_shareable(uow, made.id, shareable=shareable))

    office.transition(tanaka, report, "request_confirmation")
    office.transition(sato, report, "confirm")
    for person in (tanaka, sato, bureau):
        with pytest.raises(Forbidden):
            choose(person, shareable=True)
    office.transition(bureau, report, "accept")
    with pytest.raises(Forbidden):
        choose(tanaka, shareable=True)
    choose(bureau, shareable=True)
    with office.uow(SystemIdentity()) as uow:
        last = uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last is not None
        assert (last.action, last.account_id, last.detail) == (
            "attachment.shareable", bureau.account_id, {"attachment": made.id, "shareable": True},
        )  # fmt: skip
    office.transition(bureau, report, "share")
    assert names(office, report, "ikuno") == ["配布資料.txt"]
    with pytest.raises(Forbidden):
        choose(bureau, shareable=False)
    office.transition(bureau, report, "unshare")
    choose(bureau, shareable=False)
    office.transition(bureau, report, "share")
    assert names(office, report, "ikuno") == []


def test_a_file_that_was_removed_is_met_by_nobody(sqlite_office: Office) -> None:
    office, report = sqlite_office, sqlite_office.report("higashinari")
    made = attach(office, report, "a.txt", b"a")
    tanaka = office.person("higashinari", "coordinator")
    office.do(tanaka, lambda uow: attaching.remove(uow, made.id))
    assert names(office, report, "higashinari") == []
    with office.uow(tanaka) as uow:
        for act in (attaching.find, attaching.open_file, attaching.remove):
            with pytest.raises(NotFound):
                act(uow, made.id)
    assert office.site.blobs.is_whole(made.sha256)


def test_files_are_fixed_once_the_report_was_handed_over(sqlite_office: Office) -> None:
    office, report = sqlite_office, sqlite_office.report("higashinari")
    made = attach(office, report, "a.txt", b"a")
    office.transition(office.person("higashinari", "coordinator"), report, "request_confirmation")
    with pytest.raises(Forbidden):
        attach(office, report, "b.txt", b"b")
    for ward, role in [("higashinari", "coordinator"), ("higashinari", "responsible")]:
        with office.uow(office.person(ward, role)) as uow, pytest.raises(Forbidden):
            attaching.remove(uow, made.id)


def test_a_file_whose_report_is_gone_is_gone(sqlite_office: Office) -> None:
    office, report = sqlite_office, sqlite_office.report("higashinari")
    made = attach(office, report, "a.txt", b"a")
    with office.uow(SystemIdentity()) as uow:
        document = uow.session.get_one(Document, report)
        document.deleted_at = now()
        uow.set_readers(document)
        uow.commit()
    with office.uow(office.person("higashinari", "coordinator")) as uow, pytest.raises(NotFound):
        attaching.open_file(uow, made.id)


def test_a_file_whose_bytes_are_lost_is_said_to_be_lost(sqlite_office: Office) -> None:
    office, report = sqlite_office, sqlite_office.report("higashinari")
    made: Any = attach(office, report, "a.txt", b"a")
    office.site.blobs.path(made.sha256).unlink()
    with (
        office.uow(office.person("higashinari", "coordinator")) as uow,
        pytest.raises(Refused, match="中身が見つかりません"),
    ):
        attaching.open_file(uow, made.id)
