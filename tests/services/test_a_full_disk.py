"""A disk that is full: the person is told in words, nothing half-written stays, and work goes on when there is room again."""

import errno
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from portal.db.blobs import BlobStore
from portal.kinds import find_kind
from portal.models import Attachment, AuditEntry, Blob, Document, OutboxEntry, Version
from portal.security.identity import SystemIdentity
from portal.security.workflows import Permission
from portal.services import attaching, documents, drafts
from portal.services.checking import check
from portal.services.errors import StorageFull
from tests.support.office import Office

FULL = OSError(errno.ENOSPC, "No space left on device")
MEETING = find_kind("meeting_report")


def fields(**changed: object) -> dict[str, object]:
    return {**MEETING.example()["fields"], **changed}


def attach(office: Office, report: int, content: bytes) -> Attachment:
    return office.do(
        office.person("higashinari", "coordinator"),
        lambda uow: attaching.attach(uow, report, name="a.txt", source=io.BytesIO(content)),
    )


def files_in(office: Office) -> set[Path]:
    data = office.site.settings.data
    return {path for folder in ("blobs", "incoming") for path in (data / folder).rglob("*") if path.is_file()}


class FullFile:
    """A file on a full disk: takes nothing, or fails when it is closed."""

    def __init__(self, file: Any, at: str) -> None:
        self.file, self.at = file, at

    def __getattr__(self, name: str) -> Any:
        if name == self.at:
            return lambda *_: (_ for _ in ()).throw(FULL)
        return getattr(self.file, name)

    def __enter__(self) -> "FullFile":
        return self

    def __exit__(self, *failure: object) -> None:
        self.file.__exit__(*failure)


@pytest.mark.parametrize("prefix", ["", ".incoming-"])
@pytest.mark.parametrize("at", ["write", "flush"])
def test_a_file_that_finds_no_room_leaves_nothing(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, prefix: str, at: str
) -> None:
    office, report = sqlite_office, sqlite_office.report("higashinari")
    attach(office, report, b"first")
    before, really = files_in(office), tempfile.NamedTemporaryFile

    def opened(*arguments: Any, **more: Any) -> Any:
        file = really(*arguments, **more)
        return FullFile(file, at) if more.get("prefix", "") == prefix else file

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", opened)
    if (prefix, at) == ("", "flush"):
        monkeypatch.setattr(FullFile, "__exit__", lambda self, *failure: (_ for _ in ()).throw(FULL))
    with pytest.raises(StorageFull, match="空き容量が足りない"):
        attach(office, report, b"second")
    monkeypatch.undo()
    assert files_in(office) == before
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalar(select(func.count(Blob.sha256))) == 1
    assert attach(office, report, b"second").id


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_blob_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    store = BlobStore(tmp_path / "blobs")
    target = "os.fsync" if call == "fsync" else "pathlib.Path.replace"
    monkeypatch.setattr(target, lambda *_: (_ for _ in ()).throw(FULL))
    with pytest.raises(OSError, match="No space"):
        store.put(io.BytesIO(b"bytes"))
    monkeypatch.undo()
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []
    sha256, size = store.put(io.BytesIO(b"bytes"))
    assert (store.is_whole(sha256), size) == (True, 5)
    assert store.put(io.BytesIO(b"bytes")) == (sha256, 5)


@pytest.fixture
def no_room(sqlite_office: Office) -> Callable[[], None]:
    """Return how to fill the database: afterwards it takes no further page."""
    office = sqlite_office

    def fill() -> None:
        office.site.engine.dispose()
        with office.site.engine.connect() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()

        def limit(connection: Any, _: Any, __: Any) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

        event.listen(office.site.engine, "checkout", limit)

    return fill


def contents(office: Office) -> tuple[int | None, ...]:
    with office.uow(SystemIdentity()) as uow:
        return tuple(
            uow.session.scalar(select(func.count()).select_from(table))
            for table in (Document, Version, AuditEntry, OutboxEntry, Attachment, Blob)
        )


def test_a_database_that_finds_no_room_keeps_all_or_nothing(sqlite_office: Office, no_room: Callable[[], None]) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report = office.report("higashinari")
    before = contents(office)
    no_room()
    long = "退院支援の連絡について話し合った。" * 30_000
    for act in (
        lambda uow: documents.create(uow, ward="higashinari", kind=MEETING, title="", typed=fields(record=long)),
        lambda uow: documents.save_version(uow, report, title="", typed=fields(record=long), base=1),
        lambda uow: drafts.save(
            uow, "new-12345678", kind_name="meeting_report", title="", entries=[("record", long)], base=0
        ),
        lambda uow: attaching.attach(uow, report, name="a.txt", source=io.BytesIO(long.encode())),
    ):
        with pytest.raises(StorageFull):
            office.do(tanaka, act)
    assert contents(office) == before
    with office.uow(tanaka) as uow:
        assert uow.access(report, Permission.VIEW).version_number == 1
        assert drafts.mine(uow) == []
    office.catch_up()
    assert [problem for problem in check(office.site) if "文書" in problem] == []
