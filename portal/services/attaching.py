"""Files attached to documents: taken in, read for the search, handed out, marked for sharing, taken away."""

import errno
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import bindparam, select

from portal import intake
from portal.db.base import now
from portal.db.session import insert_if_absent, prepared
from portal.models import Attachment, Blob, Document
from portal.security.policy import choosing_shared_files
from portal.security.workflows import Permission
from portal.services.errors import NotFound, Refused, StorageFull
from portal.services.uow import UnitOfWork


class FileRefused(Refused):
    """The file may not come in: wrong type, too large, hostile."""


class FileTooLarge(FileRefused):
    """The file is larger than the site takes."""


@dataclass(frozen=True)
class Taken:
    """A file whose bytes are kept and whose text is read, whether or not it has a document yet."""

    sha256: str
    name: str
    media_type: str
    size: int
    text: str
    text_status: str
    text_message: str
    properties: dict[str, Any]


def attach(uow: UnitOfWork, document_id: int, *, name: str, source: IO[bytes], shareable: bool = False) -> Attachment:
    """Attach a file to a document that is open to editing; its text is read for the search.

    Raises FileRefused, FileTooLarge or StorageFull. A file that cannot be read (encrypted, damaged) is kept, and says so.
    The document's title and versions are not touched.
    """
    uow.access(document_id, Permission.EDIT)
    return attach_taken(uow, document_id, take_in(uow, name=name, source=source), shareable=shareable)


def take_in(uow: UnitOfWork, *, name: str, source: IO[bytes]) -> Taken:
    """Look at a file, read its text and keep its bytes. Raises FileRefused, FileTooLarge or StorageFull."""
    name = intake.clean_name(name)
    uow.pause()  # reading a file can take seconds, and on SQLite there is one writer
    path = spool(source, uow.site.settings.upload_limit_mb, uow.site.settings.data)
    try:
        return _look_at(uow, path, name)
    finally:
        path.unlink(missing_ok=True)


def attach_taken(uow: UnitOfWork, document_id: int, taken: Taken, *, shareable: bool = False) -> Attachment:
    """Attach a file that was taken in before to a document that is open to editing."""
    document = uow.access(document_id, Permission.EDIT)
    attachment = Attachment(
        ward_id=document.ward_id,
        document_id=document.id,
        shareable=shareable,
        created_by=uow.reader.account_id,
        **asdict(taken),
    )
    uow.session.add(attachment)
    uow.flush()
    uow.audit("attachment.added", document, attachment=attachment.id, sha256=attachment.sha256)
    uow.recatalog(document)
    uow.flush()
    return attachment


def spool(source: IO[bytes], limit_mb: int, data: Path) -> Path:
    """Write an upload to a temporary file of the site. Raises FileTooLarge, StorageFull."""
    folder = data / "incoming"
    path = None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            path = Path(file.name)
            _copy_within(source, file, limit_mb)
    except BaseException as failure:
        if path is not None:
            path.unlink(missing_ok=True)
        if isinstance(failure, OSError):
            raise _storage_problem(failure) from failure
        raise
    return path


def _copy_within(source: IO[bytes], target: IO[bytes], limit_mb: int) -> None:
    size = 0
    while chunk := source.read(1 << 20):
        size += len(chunk)
        if size > limit_mb << 20:
            raise FileTooLarge(f"ファイルが大きすぎます。{limit_mb}MBまでのファイルを選んでください。")
        target.write(chunk)
    if size == 0:
        raise FileRefused("ファイルの中身がありません。もう一度選んでください。")


def _look_at(uow: UnitOfWork, path: Path, name: str) -> Taken:
    try:
        file_type = intake.sniff(path, name)
        found = intake.extract(path, file_type)
    except intake.Refused as refusal:
        raise FileRefused(str(refusal)) from refusal
    if found.status in ("refused", "too_large"):
        raise FileRefused(found.message)
    try:
        with path.open("rb") as file:
            sha256, size = uow.site.blobs.put(file)
    except OSError as failure:
        raise _storage_problem(failure) from failure
    insert_if_absent(uow.session, Blob, sha256=sha256, size=size, created_at=now())
    return Taken(
        sha256=sha256,
        name=name,
        media_type=file_type.media_type,
        size=size,
        text=found.text,
        text_status=found.status,
        text_message=found.message,
        properties=dict(found.properties),
    )


def _storage_problem(failure: OSError) -> Exception:
    return StorageFull() if failure.errno in (errno.ENOSPC, errno.EDQUOT) else failure


def attachments(uow: UnitOfWork, document: Document) -> Sequence[Attachment]:
    """Return the files of a document the reader got through `access`, oldest first."""
    return uow.session.scalars(_ATTACHED, {"ward": document.ward_id, "document": document.id}).all()


_ATTACHED = prepared(
    select(Attachment)
    .where(
        Attachment.ward_id == bindparam("ward"),
        Attachment.document_id == bindparam("document"),
        Attachment.deleted_at.is_(None),
    )
    .order_by(Attachment.id)
)


def find(uow: UnitOfWork, attachment_id: int) -> tuple[Attachment, Document]:
    """Return a file and its document, if the reader may see them. Raises NotFound."""
    attachment = uow.session.get(Attachment, attachment_id)
    if attachment is None or attachment.deleted_at is not None:
        raise NotFound
    document = uow.access(attachment.document_id, Permission.VIEW)
    if document.id != attachment.document_id:
        raise NotFound
    return attachment, document


def open_file(uow: UnitOfWork, attachment_id: int) -> tuple[Attachment, Path]:
    """Return a file and where its bytes are, for handing out. Raises NotFound."""
    attachment, document = find(uow, attachment_id)
    path = uow.site.blobs.path(attachment.sha256)
    if not path.is_file():
        raise Refused("このファイルの中身が見つかりません。システム管理者に連絡してください。")
    uow.audit("attachment.downloaded", document, attachment=attachment.id)
    return attachment, path


def set_shareable(uow: UnitOfWork, attachment_id: int, *, shareable: bool) -> Attachment:
    """Say whether a file goes with the shared edition: while it is written, or by 健康局 once it is accepted."""
    attachment, seen = find(uow, attachment_id)
    document = uow.access(attachment.document_id, choosing_shared_files(uow.reader, seen) or Permission.EDIT)
    attachment.shareable = shareable
    uow.audit("attachment.shareable", document, attachment=attachment.id, shareable=shareable)
    uow.flush()
    return attachment


def remove(uow: UnitOfWork, attachment_id: int) -> Document:
    """Take a file away from its document; the bytes stay for the record."""
    attachment, _ = find(uow, attachment_id)
    document = uow.access(attachment.document_id, Permission.EDIT)
    attachment.deleted_at = now()
    uow.audit("attachment.removed", document, attachment=attachment.id)
    uow.recatalog(document, hides=True)
    uow.flush()
    return document
