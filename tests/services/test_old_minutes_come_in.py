"""Old minutes come in: read in a batch, checked by a person, registered with their file; nothing by itself."""

import io
import zipfile
from pathlib import Path

import pytest

from portal.intake.minutes import Found, Minutes
from portal.kinds import Invalid
from portal.models import Document, ImportBatch, ImportItem
from portal.security.identity import Identity
from portal.services import attaching, documents, jobs, old_minutes
from portal.services.attaching import FileRefused
from portal.services.errors import Forbidden, NotFound, WrongState
from portal.services.uow import UnitOfWork
from tests.support.office import Office

MINUTES = """第3回 病院連絡会　議事録

日時：令和元年11月20日（水）14:00～15:30
場所：区民センター 第2会議室
出席者：見本一郎、見本花子、例田太郎

議題
1 退院支援の流れ
2 年末年始の連絡先

内容
退院支援の流れについて話し合った。

決定事項
・連絡は退院の3日前までに行う。
"""

WINDOWS_NAME = "会議録/第1回.txt".encode("cp932")


def bring(office: Office, who: Identity, *files: tuple[str, bytes], name: str = "平成の会議録") -> ImportBatch:
    def act(uow: UnitOfWork) -> ImportBatch:
        batch = old_minutes.begin(uow, name)
        for path, data in files:
            old_minutes.bring(uow, batch, path, io.BytesIO(data))
        return batch

    return office.do(who, act)


def read(office: Office, who: Identity, batch: ImportBatch) -> list[ImportItem]:
    office.do(who, lambda uow: list(old_minutes.read_here(uow, old_minutes.find_batch(uow, batch.id))))
    return office.do(who, lambda uow: list(old_minutes.items(uow, batch)))


def test_minutes_are_read_and_registered_by_a_person_with_their_file(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    batch = bring(office, tanaka, ("2019/病院連絡会.txt", MINUTES.encode()))
    (item,) = read(office, tanaka, batch)
    assert (item.state, item.kind_guess) == ("read", "minutes")
    typed = office.do(tanaka, lambda uow: old_minutes.form_values(uow, old_minutes.find_item(uow, item.id)))
    assert typed["held_on"] == "2019-11-20"
    assert (typed["starts_at"], typed["ends_at"]) == ("14:00", "15:30")
    assert [row["name"] for row in typed["attendees"]] == ["見本一郎", "見本花子", "例田太郎"]
    before = office.do(tanaka, lambda uow: uow.session.query(Document).count())
    assert before == 0, "nothing becomes a document by itself"
    made = office.do(
        tanaka, lambda uow: old_minutes.register(uow, item.id, title="", typed={**typed, "place": "直した場所"})
    )
    assert (made.title, made.state, str(made.held_on)) == (typed["meeting_name"], "kept", "2019-11-20")
    kept = office.do(tanaka, lambda uow: documents.current_version(uow, uow.session.get_one(Document, made.id)))
    assert kept.content.fields["place"] == "直した場所"
    files = office.do(tanaka, lambda uow: attaching.attachments(uow, uow.session.get_one(Document, made.id)))
    assert [one.name for one in files] == ["病院連絡会.txt"]
    with pytest.raises(WrongState, match="登録済み"):
        office.do(tanaka, lambda uow: old_minutes.register(uow, item.id, title="", typed=typed))


def test_what_cannot_be_read_is_said_and_the_file_still_waits(sqlite_office: Office) -> None:
    tanaka = sqlite_office.person("higashinari", "coordinator")
    (item,) = read(sqlite_office, tanaka, bring(sqlite_office, tanaka, ("a.txt", MINUTES.encode())))
    with pytest.raises(Invalid):
        sqlite_office.do(
            tanaka,
            lambda uow: old_minutes.register(uow, item.id, title="", typed={"meeting_name": "会", "held_on": "13月"}),
        )
    assert sqlite_office.do(tanaka, lambda uow: old_minutes.find_item(uow, item.id).state) == "read"


def test_the_same_file_is_taken_once(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    batch = bring(office, tanaka, ("a.txt", MINUTES.encode()), ("写し.txt", MINUTES.encode()))
    states = {one.path: one.state for one in read(office, tanaka, batch)}
    assert states == {"a.txt": "read", "写し.txt": "left"}
    first = office.do(tanaka, lambda uow: old_minutes.next_open(uow, batch.id))
    office.do(tanaka, lambda uow: old_minutes.keep_as_file(uow, first.id))
    (again,) = read(office, tanaka, bring(office, tanaka, ("また.txt", MINUTES.encode())))
    assert again.state == "left"
    assert again.document_id is not None
    ikuno = office.person("ikuno", "coordinator")
    (other,) = read(office, ikuno, bring(office, ikuno, ("a.txt", MINUTES.encode())))
    assert other.state == "read", "another ward learns nothing of the same file here"


def test_another_meeting_of_the_same_day_is_shown(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    (item,) = read(office, tanaka, bring(office, tanaka, ("a.txt", MINUTES.encode())))
    typed = office.do(tanaka, lambda uow: old_minutes.form_values(uow, old_minutes.find_item(uow, item.id)))
    made = office.do(tanaka, lambda uow: old_minutes.register(uow, item.id, title="", typed=typed))
    changed = MINUTES.replace("話し合った", "相談した").encode()
    (second,) = read(office, tanaka, bring(office, tanaka, ("b.txt", changed)))
    found = office.do(
        tanaka, lambda uow: [one.id for one in old_minutes.same_meetings(uow, old_minutes.find_item(uow, second.id))]
    )
    assert found == [made.id]


def test_a_zip_with_windows_names_is_opened_and_a_bomb_is_not(sqlite_office: Office) -> None:
    tanaka, sent = sqlite_office.person("higashinari", "coordinator"), io.BytesIO()
    with zipfile.ZipFile(sent, "w") as package:
        package.writestr("x" * len(WINDOWS_NAME), MINUTES)
        package.writestr("__MACOSX/junk", "x")
        package.writestr("無関係.png", "not a picture")
    batch = bring(sqlite_office, tanaka, ("全部.zip", sent.getvalue().replace(b"x" * len(WINDOWS_NAME), WINDOWS_NAME)))
    found = {one.path: one.state for one in read(sqlite_office, tanaka, batch)}
    assert found["会議録/第1回.txt"] == "read"
    assert found["無関係.png"] == "left"
    assert len(found) == 2
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("爆弾.txt", b"0" * 60_000_000)
        package.writestr("第2回.txt", MINUTES.replace("第3回", "第2回"))
    found = read(sqlite_office, tanaka, bring(sqlite_office, tanaka, ("爆弾.zip", bomb.getvalue())))
    assert {one.path: one.state for one in found} == {"爆弾.txt": "left", "第2回.txt": "read"}
    assert "大きすぎます" in next(one.message for one in found if one.state == "left")
    with pytest.raises(FileRefused, match="ZIP"):
        bring(sqlite_office, tanaka, ("壊れた.zip", b"PK not a zip"))


def test_the_job_goes_on_where_it_stopped(office: Office, tmp_path: Path) -> None:
    tanaka = office.person("higashinari", "coordinator")
    files = [(f"{number}.txt", MINUTES.replace("第3回", f"第{number}回").encode()) for number in range(1, 5)]
    batch = bring(office, tanaka, *files)
    job = office.do(tanaka, lambda uow: old_minutes.start_reading(uow, old_minutes.find_batch(uow, batch.id)))
    first = office.do(tanaka, lambda uow: old_minutes.items(uow, batch)[0].id)
    office.do(
        tanaka, lambda uow: old_minutes.take_reading(old_minutes.find_item(uow, first), Minutes("1.txt", "not-minutes"))
    )
    jobs.load()
    assert jobs.do_next(office.site, worker="w")
    done = office.do(tanaka, lambda uow: jobs.find(uow, job.id))
    assert (done.state, done.total) == ("done", 3)
    counts = office.do(tanaka, lambda uow: old_minutes.progress(uow, batch).counts)
    assert counts == {"read": 4}
    assert office.do(tanaka, lambda uow: old_minutes.find_item(uow, first).kind_guess) == "not-minutes"


def test_a_file_left_out_can_be_taken_back(sqlite_office: Office) -> None:
    tanaka = sqlite_office.person("higashinari", "coordinator")
    batch = bring(sqlite_office, tanaka, ("a.txt", MINUTES.encode()))
    (item,) = read(sqlite_office, tanaka, batch)
    sqlite_office.do(tanaka, lambda uow: old_minutes.leave_out(uow, item.id))
    assert sqlite_office.do(tanaka, lambda uow: old_minutes.next_open(uow, batch.id)) is None
    sqlite_office.do(tanaka, lambda uow: old_minutes.take_back(uow, item.id))
    assert sqlite_office.do(tanaka, lambda uow: old_minutes.next_open(uow, batch.id)).id == item.id


def test_a_day_without_a_year_is_left_to_the_person() -> None:
    found = [
        Found("開催日時", "--11-19T14:00/15:00", "11月19日 14時", 0.9, "日時 11月19日", "1行目"),
        Found("会議名", "病院連絡会", "病院連絡会", 0.9, "病院連絡会", "1行目"),
        Found("場所", "たぶん会議室", "会議室", 0.4, "会議室", "2行目"),
    ]
    item = ImportItem(findings=[
        {"field": one.field, "value": one.value, "text": one.text, "confidence": one.confidence, "snippet": one.snippet,
         "place": one.place} for one in found
    ])  # fmt: skip
    typed = old_minutes.typed_of(item, ["連絡会", "病院連絡会"])
    assert (typed["held_on"], typed["starts_at"], typed["ends_at"]) == ("", "14:00", "15:00")
    assert (typed["meeting_name"], typed["body_name"], typed["place"]) == ("病院連絡会", "病院連絡会", "")


def test_another_ward_meets_neither_batch_nor_file(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    batch = bring(office, tanaka, ("カナリア.txt", MINUTES.encode()), name="カナリア")
    (item,) = read(office, tanaka, batch)
    for ward, role in (
        ("ikuno", "coordinator"),
        ("city", "bureau"),
        ("city", "auditor"),
        ("higashinari", "responsible"),
    ):
        reader = office.person(ward, role)
        for act in (
            lambda uow: old_minutes.find_batch(uow, batch.id), lambda uow: old_minutes.find_item(uow, item.id),
            lambda uow: old_minutes.leave_out(uow, item.id),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                office.do(reader, act)
        assert office.do(reader, old_minutes.batches) == []
        assert office.do(reader, lambda uow: uow.session.query(ImportItem).count()) == 0
    with pytest.raises(Forbidden):
        bring(office, office.person("higashinari", "responsible"), ("a.txt", b"x"))
