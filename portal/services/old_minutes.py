"""Minutes of earlier years, brought in: files come into a queue, are read, and become documents when a person says so.

Nothing that was read is final. The file itself stays attached to the document it became. A file may be read again at any
time; a batch that was interrupted goes on where it stopped.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import func, or_, select

from portal import intake
from portal.db.base import now
from portal.db.session import insert_if_absent
from portal.intake import bundles
from portal.intake.minutes import DEFAULT_CONFIDENCE, Found, Minutes, read_minutes
from portal.kinds import Kind, find_kind
from portal.models import Attachment, Blob, Document, ImportBatch, ImportItem, Job
from portal.security.policy import may_create
from portal.services import attaching, documents, finding, jobs
from portal.services.attaching import FileRefused
from portal.services.errors import Forbidden, NotFound, WrongState
from portal.services.jobs import Result, Work
from portal.services.uow import UnitOfWork

READABLE = ("docx", "doc", "rtf", "xlsx", "xls", "pdf", "txt")
"""The file types minutes are read from; others are left out with a word."""
MOST_FILES = 20_000
"""Files in one batch."""
WAITING, READ, UNREADABLE, DONE, KEPT, LEFT = "waiting", "read", "unreadable", "done", "kept", "left"
STATES = {
    WAITING: "読み取り待ち",
    READ: "確認待ち",
    UNREADABLE: "読み取れません",
    DONE: "登録済み",
    KEPT: "資料として登録",
    LEFT: "取り込まない",
}
FIELDS = {
    "会議名": "meeting_name", "開催日時": "held_on", "場所": "place", "主催": "organiser", "出席者": "attendees",
    "欠席者": "absentees", "議題": "agenda", "内容": "record", "決定事項": "decisions", "課題": "issues",
    "次回": "next_meeting", "作成者": "author", "作成日": "written_on", "配布資料": "handouts",
}  # fmt: skip
"""What a reading calls a field, and the field of the kind it goes into."""
OPEN = (READ, UNREADABLE)
"""States that wait for a person."""
NONCE = "import-"
"""How the name begins under which a reviewer's typing is kept."""
_YEARLESS = re.compile(r"--(\d\d)-(\d\d)")


def old_minutes_kind() -> Kind:
    """Return the kind that imported minutes become."""
    kind = find_kind("old_minutes")
    assert kind is not None
    return kind


@dataclass(frozen=True)
class Progress:
    """How far a batch is: files by state, and the whole number."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All files."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Files that wait for a person."""
        return sum(self.counts.get(state, 0) for state in OPEN)


# -- bringing files ---------------------------------------------------------------------------------------------------


def begin(uow: UnitOfWork, name: str) -> ImportBatch:
    """Open a batch for the ward the reader acts in. Raises Forbidden for those who bring nothing in."""
    if not may_create(uow.reader, old_minutes_kind().workflow, uow.reader.ward):
        raise Forbidden("過去の会議録の取込みは、区のコーディネーター・区役所担当と、健康局に認められています。")
    batch = ImportBatch(
        ward_id=uow.reader.ward, name=name.strip()[:200], created_by=uow.reader.account_id, created_by_name=uow.name
    )
    uow.session.add(batch)
    uow.flush()
    uow.audit("import.begun", ward=batch.ward_id, batch=batch.id)
    return batch


def continued(uow: UnitOfWork, name: str) -> ImportBatch:
    """Return the batch the terminal began under that name, or a new one: an import that was interrupted is run again."""
    found = select(ImportBatch).where(
        ImportBatch.ward_id == uow.reader.ward,
        ImportBatch.name == name,
        ImportBatch.created_by == uow.reader.account_id,
    )
    return uow.session.scalars(found.order_by(ImportBatch.id.desc())).first() or begin(uow, name)


def take_in(uow: UnitOfWork, name: str, sent: Sequence[tuple[str, IO[bytes]]]) -> ImportBatch:
    """Open a batch with what was sent, and let it be read. Raises FileRefused; what came before a bad file stays."""
    batch = begin(uow, name)
    uow.commit()
    try:
        for path, source in sent:
            bring(uow, batch, path, source)
    except FileRefused:
        if not progress(uow, batch).total:
            uow.session.delete(batch)
            uow.commit()
        raise
    start_reading(uow, batch)
    return batch


def bring(uow: UnitOfWork, batch: ImportBatch, name: str, source: IO[bytes]) -> None:
    """Put a file that was sent into a batch, every file of a ZIP for itself, each with its own commit.

    Raises FileRefused for a file or ZIP that cannot be taken in; what came before it stays.
    """
    uow.pause()
    spooled = attaching.spool(source, uow.site.settings.upload_limit_mb, uow.site.settings.data)
    try:
        if name.lower().endswith(".zip"):
            for _ in bring_all(uow, batch, spooled):
                pass
        else:
            _add(uow, batch, name, spooled)
            uow.commit()
    finally:
        spooled.unlink(missing_ok=True)


def bring_all(uow: UnitOfWork, batch: ImportBatch, source: Path) -> Iterator[ImportItem]:
    """Put every file of a folder or ZIP into a batch, one commit each; those that are there already are left as they are.

    Raises FileRefused when the source is neither, or a ZIP that must not be opened.
    """
    try:
        for one in bundles.files_in(source):
            if one.path is None:
                item = _there(uow, batch, one.name) or ImportItem(
                    ward_id=batch.ward_id, batch_id=batch.id, path=one.name, size=0, state=LEFT, message=one.message
                )
                uow.session.add(item)
            else:
                item = _add(uow, batch, one.name, one.path)
            uow.commit()
            yield item
    except intake.Refused as refused:
        raise FileRefused(str(refused)) from refused


def _there(uow: UnitOfWork, batch: ImportBatch, path: str) -> ImportItem | None:
    found = select(ImportItem).where(ImportItem.batch_id == batch.id, ImportItem.path == path)
    return uow.session.scalars(found).first()


def _add(uow: UnitOfWork, batch: ImportBatch, path: str, file: Path) -> ImportItem:
    return _there(uow, batch, path) or _item(uow, batch, path, file)


def _item(uow: UnitOfWork, batch: ImportBatch, path: str, spooled: Path) -> ImportItem:
    item = ImportItem(ward_id=batch.ward_id, batch_id=batch.id, path=path, size=spooled.stat().st_size)
    try:
        file_type = intake.sniff(spooled, PurePosixPath(path).name)
        if file_type.extension not in READABLE:
            item.state, item.message = LEFT, "会議録として読める形式（Word・Excel・PDF・テキスト）ではありません。"
    except intake.Refused as refused:
        item.state, item.message = LEFT, str(refused)
    with spooled.open("rb") as file:
        item.sha256, _ = uow.site.blobs.put(file)
    insert_if_absent(uow.session, Blob, sha256=item.sha256, size=item.size, created_at=now())
    if item.state != LEFT:
        _mark_duplicate(uow, item)
    uow.session.add(item)
    uow.flush()
    return item


def _mark_duplicate(uow: UnitOfWork, item: ImportItem) -> None:
    """Say so when the ward holds the very file already, in a document or earlier in the queue."""
    held = select(Attachment.document_id).where(
        Attachment.ward_id == item.ward_id, Attachment.sha256 == item.sha256, Attachment.deleted_at.is_(None)
    )
    if (document_id := uow.session.scalars(held).first()) is not None:
        item.state, item.message, item.document_id = LEFT, "同じファイルが、すでに文書に付いています。", document_id
        return
    queued = select(ImportItem.path).where(
        ImportItem.ward_id == item.ward_id, ImportItem.sha256 == item.sha256, ImportItem.state.in_((WAITING, *OPEN))
    )
    if (path := uow.session.scalars(queued).first()) is not None:
        item.state, item.message = LEFT, f"同じファイルが、すでに確認を待っています（{path}）。"


def start_reading(uow: UnitOfWork, batch: ImportBatch) -> Job:
    """Let the job worker read what waits in a batch."""
    waiting = progress(uow, batch).counts.get(WAITING, 0)
    title = f"過去の会議録の読み取り（{batch.name}）"
    job = jobs.start(uow, "old_minutes.read", title=title, payload={"batch": batch.id}, size=max(1, waiting))
    batch.job_id = job.id
    uow.flush()
    return job


@jobs.job("old_minutes.read", in_turns=True)
def read_batch(work: Work) -> Result | None:
    """Read what waits in a batch, one short transaction a file."""
    with work.acting(writes=False) as uow:
        batch = find_batch(uow, int(work.payload["batch"]))
        waiting = [(one.id, one.path) for one in items(uow, batch, state=WAITING)]
    for number, (item_id, path) in enumerate(waiting):
        work.step(number, path, total=len(waiting))
        with work.acting(writes=False) as uow:
            source = source_of(uow, find_item(uow, item_id))
        minutes = read_minutes(source, PurePosixPath(path).name)
        with work.acting() as uow:
            take_reading(find_item(uow, item_id), minutes)
            uow.commit()
    work.step(len(waiting), total=len(waiting))
    work.summary = f"{len(waiting)}件を読み取りました。内容を確かめて登録してください。"
    return None


def take_reading(item: ImportItem, minutes: Minutes) -> None:
    """Write down what was read out of a file that waits for it."""
    if item.state != WAITING:
        return
    item.kind_guess = minutes.kind_guess
    item.findings = [asdict(found) for found in minutes.fields.values()]
    item.warnings, item.not_understood = list(minutes.warnings), list(minutes.not_understood)
    item.state = UNREADABLE if minutes.kind_guess == "unreadable" else READ


def read_here(uow: UnitOfWork, batch: ImportBatch) -> Iterator[ImportItem]:
    """Read what waits in a batch now, for the terminal; one commit a file."""
    for item in items(uow, batch, state=WAITING):
        minutes = read_minutes(source_of(uow, item), PurePosixPath(item.path).name)
        take_reading(item, minutes)
        uow.commit()
        yield item


# -- looking ----------------------------------------------------------------------------------------------------------


def batches(uow: UnitOfWork, *, most: int = 100) -> list[tuple[ImportBatch, Progress]]:
    """Return the batches of the reader's ward with how far each is, the newest first."""
    found = uow.session.scalars(
        select(ImportBatch).where(ImportBatch.ward_id == uow.reader.ward).order_by(ImportBatch.id.desc()).limit(most)
    ).all()
    counted = _counts(uow, [one.id for one in found])
    return [(one, Progress(counted.get(one.id, {}))) for one in found]


def progress(uow: UnitOfWork, batch: ImportBatch) -> Progress:
    """Return how far a batch is."""
    return Progress(_counts(uow, [batch.id]).get(batch.id, {}))


def _counts(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    counted: dict[int, dict[str, int]] = {}
    rows = uow.session.execute(
        select(ImportItem.batch_id, ImportItem.state, func.count(ImportItem.id))
        .where(ImportItem.batch_id.in_(ids))
        .group_by(ImportItem.batch_id, ImportItem.state)
    )
    for batch_id, state, count in rows:
        counted.setdefault(batch_id, {})[state] = count
    return counted


def find_batch(uow: UnitOfWork, batch_id: int) -> ImportBatch:
    """Return one batch. Raises NotFound for those of other wards."""
    found = select(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.ward_id == uow.reader.ward)
    if (batch := uow.session.scalars(found).first()) is None:
        raise NotFound
    return batch


def find_item(uow: UnitOfWork, item_id: int) -> ImportItem:
    """Return one file of the queue. Raises NotFound for those of other wards."""
    found = select(ImportItem).where(ImportItem.id == item_id, ImportItem.ward_id == uow.reader.ward)
    if (item := uow.session.scalars(found).first()) is None:
        raise NotFound
    return item


def items(
    uow: UnitOfWork, batch: ImportBatch, *, state: str = "", page: int = 1, size: int = MOST_FILES
) -> Sequence[ImportItem]:
    """Return the files of a batch in the order of their names, those of one state if wanted."""
    found = select(ImportItem).where(ImportItem.batch_id == batch.id).order_by(ImportItem.path, ImportItem.id)
    if state:
        found = found.where(ImportItem.state == state)
    return uow.session.scalars(found.offset((page - 1) * size).limit(size)).all()


def next_open(uow: UnitOfWork, batch_id: int, *, after: ImportItem | None = None) -> ImportItem | None:
    """Return the next file that waits for a person, from one on, then from the beginning."""
    found = select(ImportItem).where(ImportItem.batch_id == batch_id, ImportItem.state.in_(OPEN))
    ordered = found.order_by(ImportItem.path, ImportItem.id).limit(1)
    if after is not None:
        later = or_(ImportItem.path > after.path, (ImportItem.path == after.path) & (ImportItem.id > after.id))
        if (item := uow.session.scalars(ordered.where(later)).first()) is not None:
            return item
        ordered = ordered.where(ImportItem.id != after.id)
    return uow.session.scalars(ordered).first()


def source_of(uow: UnitOfWork, item: ImportItem) -> Path:
    """Return where the bytes of a file are. Raises NotFound for one that could not be taken out of its ZIP."""
    if item.sha256 is None:
        raise NotFound
    return uow.site.blobs.path(item.sha256)


def findings_of(item: ImportItem) -> list[Found]:
    """Return what was read out of a file."""
    return [Found(**one) for one in item.findings]


def same_meetings(uow: UnitOfWork, item: ImportItem) -> Sequence[Document]:
    """Return documents of the ward about a meeting on the same day, for a person to see whether it is this one."""
    day = typed_of(item)["held_on"]
    if not day:
        return ()
    on_that_day = Document.held_on == date.fromisoformat(day)
    found = select(Document).where(Document.ward_id == item.ward_id, on_that_day, Document.deleted_at.is_(None))
    return uow.session.scalars(found.order_by(Document.id).limit(5)).all()


# -- what a person makes of it ----------------------------------------------------------------------------------------


def typed_of(item: ImportItem, bodies: Sequence[str] = ()) -> dict[str, Any]:
    """Return what was read as the values of the form: what is sure enough, the rest is left to the person.

    A day without a year is left empty. `bodies` are the ward's meeting bodies; one that stands in the name is taken.
    """
    sure = {one.field: one.value for one in findings_of(item) if one.confidence >= DEFAULT_CONFIDENCE}
    moment, name = _text(sure.get("開催日時")), _text(sure.get("会議名"))
    day, _, hours = moment.partition("T")
    starts, _, ends = hours.partition("/")
    written = _text(sure.get("作成日")).partition("T")[0]
    return {
        "meeting_name": name,
        "body_name": max((body for body in bodies if body in name), key=len, default=""),
        "held_on": "" if _YEARLESS.match(day) else day,
        "starts_at": starts,
        "ends_at": ends.rpartition("T")[2],
        "place": _text(sure.get("場所")),
        "organiser": _text(sure.get("主催")),
        "attendees": [{"name": one} for one in _list(sure.get("出席者"))],
        "absentees": [{"name": one} for one in _list(sure.get("欠席者"))],
        "agenda": [{"subject": one} for one in _list(sure.get("議題"))],
        "record": "".join(
            f"<p>{html.escape(line)}</p>" for line in _text(sure.get("内容")).split("\n") if line.strip()
        ),
        "decisions": [{"decision": one} for one in _list(sure.get("決定事項"))],
        "issues": [{"issue": one} for one in _list(sure.get("課題"))],
        "next_meeting": _text(sure.get("次回")),
        "author": _text(sure.get("作成者")),
        "written_on": "" if _YEARLESS.match(written) else written,
        "handouts": [{"name": one} for one in _list(sure.get("配布資料"))],
    }


def _text(value: str | list[str] | None) -> str:
    return "、".join(value) if isinstance(value, list) else value or ""


def _list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def form_values(uow: UnitOfWork, item: ImportItem) -> dict[str, Any]:
    """Return what the form shows at first for a file."""
    return typed_of(item, finding.meeting_names(uow, item.ward_id, "", most=200))


def register(uow: UnitOfWork, item_id: int, *, title: str, typed: Mapping[str, Any]) -> Document:
    """Make a document of what the person has checked, with the file attached.

    Raises Invalid for what cannot be read, WrongState when somebody else has dealt with the file meanwhile.
    """
    return _make(uow, item_id, old_minutes_kind(), DONE, title, typed)


def keep_as_file(uow: UnitOfWork, item_id: int) -> Document:
    """File what is no minutes as 資料, with the file attached."""
    kind = find_kind("file")
    assert kind is not None
    return _make(uow, item_id, kind, KEPT, PurePosixPath(find_item(uow, item_id).path).stem, {})


def leave_out(uow: UnitOfWork, item_id: int) -> ImportItem:
    """Say that a file is not wanted; its bytes stay until the batch is cleared."""
    item = _to_review(uow, item_id)
    _reviewed(uow, item, LEFT)
    uow.audit("import.left", ward=item.ward_id, item=item.id)
    uow.flush()
    return item


def take_back(uow: UnitOfWork, item_id: int) -> ImportItem:
    """Put a file that was left out back into the queue."""
    item = find_item(uow, item_id)
    if item.state != LEFT or not item.reviewed_at:
        raise WrongState("このファイルは確認を待つ状態に戻せません。")
    item.state = READ if item.kind_guess not in ("", "unreadable") else UNREADABLE
    item.reviewed_at, item.reviewed_by, item.reviewed_by_name = None, None, ""
    uow.flush()
    return item


def nonce_of(item: ImportItem) -> str:
    """Return the name under which a reviewer's typing is kept, and the document made once."""
    return f"{NONCE}{item.id:08}"


def item_behind(nonce: str) -> int | None:
    """Return the file whose review goes under that name, or None."""
    number = nonce.removeprefix(NONCE)
    return int(number) if nonce.startswith(NONCE) and number.isdecimal() and number.isascii() else None


def _to_review(uow: UnitOfWork, item_id: int) -> ImportItem:
    item = find_item(uow, item_id)
    if item.state not in OPEN:
        raise WrongState(f"このファイルは、すでに「{STATES[item.state]}」になっています。")
    return item


def _make(uow: UnitOfWork, item_id: int, kind: Kind, state: str, title: str, typed: Mapping[str, Any]) -> Document:
    item = _to_review(uow, item_id)
    kind.clean(title, typed)  # what cannot be read is said before anything is done
    name = PurePosixPath(item.path).name
    with source_of(uow, item).open("rb") as file:
        taken = attaching.take_in(uow, name=name, source=file)  # takes seconds, and nobody waits for us meanwhile
    item = _to_review(uow, item_id)
    document = documents.create(
        uow, ward=item.ward_id, kind=kind, title=title, typed=typed, nonce=nonce_of(item),
        comment=f"過去の会議録の取込み（{item.path}）"[:500],
    )  # fmt: skip
    attaching.attach_taken(uow, document.id, taken)
    _reviewed(uow, item, state)
    item.document_id = document.id
    uow.audit("import.registered", document, item=item.id)
    uow.flush()
    return document


def _reviewed(uow: UnitOfWork, item: ImportItem, state: str) -> None:
    item.state, item.reviewed_at = state, now()
    item.reviewed_by, item.reviewed_by_name = uow.reader.account_id, uow.name
