"""Many documents as one ZIP: each as its Word file under a name that sorts, with its attached files when they are wanted.

The same documents give the same bytes. Only what the reader may save goes in; what was left out is said in the ZIP itself.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import func, or_, select

from portal.kinds.calendar import today
from portal.models import Attachment, Document, Job
from portal.security.workflows import Permission
from portal.services import exporting, jobs
from portal.services.attaching import attachments
from portal.services.errors import Forbidden, NotFound, Refused
from portal.services.jobs import Result, Work
from portal.services.uow import UnitOfWork

ZIP = "application/zip"
AT_ONCE = 20
"""Documents that are packed while the person waits; more are work for the job worker."""
MOST = 2000
MOST_BYTES_AT_ONCE = 50 << 20
"""Attached files that are packed while the person waits."""
_CHUNK = 20
_LONGEST_FILE_NAME = 120  # bytes; it stands below a folder named like its document
_LEFT_OUT = "入っていない文書.txt"


@dataclass
class Parcel:
    """A ZIP being filled. Word files are packed already, so nothing is deflated again."""

    file: IO[bytes]
    packed: list[tuple[Document, int]] = field(default_factory=list)
    """What went in: document and number of the version."""
    left_out: list[str] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._zip = ZipFile(self.file, "w", ZIP_STORED)

    def add(self, uow: UnitOfWork, document_id: int, *, with_files: bool) -> None:
        """Put one document in, or say that it was left out. One that is not seen any more is left out without a word."""
        try:
            made = exporting.make(uow, document_id)
        except NotFound:
            return
        except Forbidden as refusal:
            self.left_out.append(f"{uow.access(document_id, Permission.VIEW).title}：{refusal}")
            return
        name = self._unused(made.name)
        self._write(name, made.docx)
        if with_files:
            self._add_files(uow, made.document, name.removesuffix(".docx"))
        self.packed.append((made.document, made.number))

    def _add_files(self, uow: UnitOfWork, document: Document, folder: str) -> None:
        for number, one in enumerate(attachments(uow, document), 1):
            self._add_file(uow, one, f"{folder}_添付/{number:02}_{_shorter(one.name)}")

    def _add_file(self, uow: UnitOfWork, attachment: Attachment, name: str) -> None:
        path = uow.site.blobs.path(attachment.sha256)
        if not path.is_file():
            self.left_out.append(f"添付「{attachment.name}」の中身が見つかりません。システム管理者に連絡してください。")
            return
        with path.open("rb") as source, self._zip.open(_entry(name), "w") as target:
            shutil.copyfileobj(source, target, 1 << 20)

    def close(self) -> None:
        """Finish the ZIP. Raises Refused when nothing went in."""
        if self.left_out:
            self._write(_LEFT_OUT, ("\r\n".join(self.left_out) + "\r\n").encode("utf-8-sig"))
        self._zip.close()
        if not self.packed:
            raise Refused("選んだ文書のなかに、保存できるものがありません。")

    def _write(self, name: str, content: bytes) -> None:
        self._zip.writestr(_entry(name), content)

    def _unused(self, name: str) -> str:
        """Return the name, with a number behind it when another document has it already."""
        stem, unused, number = name.removesuffix(".docx"), name, 2
        while unused.casefold() in self._names:
            unused, number = f"{stem}（{number}）.docx", number + 1
        self._names.add(unused.casefold())
        return unused


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)  # of the first day a ZIP can name: equal content gives equal bytes
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def _shorter(name: str) -> str:
    """Return a file's name within the bound, its ending kept."""
    ending = PurePath(name).suffix
    room = _LONGEST_FILE_NAME - len(ending.encode())
    return name.removesuffix(ending).encode()[:room].decode(errors="ignore").strip() + ending


def fits_at_once(uow: UnitOfWork, document_ids: Sequence[int], *, with_files: bool) -> bool:
    """Say whether so much can be packed while the person waits."""
    if len(document_ids) > AT_ONCE:
        return False
    if not with_files:
        return True
    wanted = select(Document.id).where(or_(Document.id.in_(document_ids), Document.source_id.in_(document_ids)))
    size = select(func.sum(Attachment.size)).where(Attachment.document_id.in_(wanted), Attachment.deleted_at.is_(None))
    return (uow.session.scalar(size) or 0) <= MOST_BYTES_AT_ONCE


def pack(uow: UnitOfWork, document_ids: Sequence[int], target: IO[bytes], *, with_files: bool = False) -> str:
    """Pack a few documents at once into a file; return the ZIP's name."""
    parcel = Parcel(target)
    for document_id in _each_once(document_ids):
        parcel.add(uow, document_id, with_files=with_files)
    parcel.close()
    _audit(uow, parcel)
    return zip_name(parcel)


def start(uow: UnitOfWork, document_ids: Sequence[int], *, with_files: bool = False) -> Job:
    """Ask for a ZIP of many documents as a job. Raises Refused for too many."""
    wanted = _each_once(document_ids)
    if len(wanted) > MOST:
        raise Refused(f"一度に保存できるのは{MOST:,}件までです。条件をしぼって、何回かに分けてください。")
    title = f"文書{len(wanted):,}件をWordで保存（ZIP）"
    payload = {"documents": wanted, "with_files": with_files}
    return jobs.start(uow, "packing.zip", title=title, payload=payload, size=len(wanted))


@jobs.job("packing.zip")
def pack_many(work: Work) -> Result:
    """Pack documents into a ZIP, a few at a time, so that memory and the database are held for a moment only."""
    wanted: list[int] = work.payload["documents"]
    path = work.folder / "parcel.zip"
    with path.open("wb") as target:
        parcel = Parcel(target)
        for begin in range(0, len(wanted), _CHUNK):
            with work.acting(writes=False) as uow:
                for document_id in wanted[begin : begin + _CHUNK]:
                    parcel.add(uow, document_id, with_files=work.payload["with_files"])
            work.step(min(begin + _CHUNK, len(wanted)))
        parcel.close()
    with work.acting() as uow:
        _audit(uow, parcel)
        uow.commit()
    work.summary = (
        f"{len(parcel.left_out)}件は入っていません。ZIPの「{_LEFT_OUT}」を見てください。" if parcel.left_out else ""
    )
    return Result(path, zip_name(parcel), ZIP, [document.id for document, _ in parcel.packed])


def zip_name(parcel: Parcel) -> str:
    """Return what a ZIP is called: the day and how much is in it, no document's title."""
    return f"会議録_{today():%Y%m%d}_{len(parcel.packed)}件.zip"


def _each_once(document_ids: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(document_ids))


def _audit(uow: UnitOfWork, parcel: Parcel) -> None:
    """Write one row for each document, as if it had been saved alone."""
    for document, number in parcel.packed:
        uow.audit("document.exported", document, number=number, format="zip")
    uow.flush()
