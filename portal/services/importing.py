"""Bringing a folder of files in: each becomes a document of kind 資料, with the file attached and its text findable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

import tenants
from portal import intake
from portal.intake.bundles import files_in, folder_files
from portal.intake.minutes import DEFAULT_CONFIDENCE, FIELDS, Minutes, read_minutes
from portal.kinds import find_kind
from portal.kinds.calendar import JAPAN
from portal.models import Attachment
from portal.security.identity import Identity, Role
from portal.services import attaching, documents
from portal.services.errors import Refused
from portal.services.uow import UnitOfWork

KIND_NAMES = {
    "minutes": "議事録",
    "template": "様式（未記入）",
    "agenda": "次第",
    "log": "複数の会議の記録",
    "not-minutes": "議事録ではない",
    "unreadable": "読めないファイル",
}
"""What people call the kinds of file an import meets."""


@dataclass(frozen=True)
class Imported:
    """What became of one file: the document's id, or why it was left out."""

    path: Path
    document_id: int | None
    message: str


def operator(ward: str) -> Identity:
    """Return who an import from the terminal acts as: the ward's own office, under no person's account."""
    return Identity(0, ward, Role.BUREAU if ward == tenants.CITY else Role.COORDINATOR)


def files_of(folder: Path) -> list[Path]:
    """Return the files below a folder in a steady order, hidden ones and links left out."""
    return folder_files(folder)


def survey(source: Path) -> Iterator[Minutes]:
    """Read a folder or ZIP of old minutes and say what each file seems to hold; nothing is kept or changed.

    A file that cannot be read is of kind unreadable and named with its reason; the rest goes on.
    """
    try:
        for item in files_in(source):
            if item.path is None:
                yield Minutes(item.name, "unreadable", warnings=(item.message,))
            else:
                yield replace(read_minutes(item.path, item.name.rpartition("/")[2]), file=item.name)
    except intake.Refused as refused:
        raise Refused(str(refused)) from refused


def as_answers(minutes: Minutes, confidence: float = DEFAULT_CONFIDENCE) -> dict[str, Any]:
    """Return every field with its value and confidence as plain data; a value that is not sure enough is None.

    開催日時 is given as ISO 8601 and every other field as the file says it. A file that could not be read has its reason under
    `error` and no fields.
    """
    if minutes.kind_guess == "unreadable":
        return {"error": minutes.warnings[0]}
    sure = minutes.answers(confidence)
    return {
        field: {
            "value": sure[field].text if field == "作成日" else sure[field].value,
            "confidence": sure[field].confidence,
        }
        if field in sure
        else {"value": None, "confidence": 0.0}
        for field in FIELDS
    }


def import_folder(uow: UnitOfWork, folder: Path, *, ward: str) -> Iterator[Imported]:
    """Import every file below a folder, one commit each, so that an interrupted import can simply be run again.

    A file whose bytes the ward already holds is left out and said to be there.
    """
    for path in files_of(folder):
        try:
            result = _import_file(uow, path, ward=ward)
            uow.commit()
        except Refused as refusal:
            uow.session.rollback()
            result = Imported(path, None, str(refusal))
        yield result


def _import_file(uow: UnitOfWork, path: Path, *, ward: str) -> Imported:
    kind = find_kind("file")
    assert kind is not None
    with path.open("rb") as file:
        sha256, _ = uow.site.blobs.put(file)
        held = select(Attachment).where(
            Attachment.ward_id == ward, Attachment.sha256 == sha256, Attachment.deleted_at.is_(None)
        )
        if (same := uow.session.scalars(held).first()) is not None:
            return Imported(path, same.document_id, "すでに登録されています。")
        file.seek(0)
        taken = attaching.take_in(uow, name=path.name, source=file)
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone(JAPAN).date()
        document = documents.create(
            uow,
            ward=ward,
            kind=kind,
            title=path.stem,
            typed={"dated": changed.isoformat()},
            comment="フォルダーから取り込み",
        )
        attachment = attaching.attach_taken(uow, document.id, taken)
    return Imported(path, document.id, attachment.text_message or "取り込みました。")
