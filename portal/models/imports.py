"""Old minutes on their way in: each file that was brought, what was read out of it, and what a person made of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, UtcDateTime, WardContent, now
from portal.db.session import guarded

IMPORTERS = ("coordinator", "ward_office", "bureau", "bureau_admin")
"""The roles that bring old minutes in for the ward they act in."""


def _own_wards(tokens: frozenset[str]) -> list[str]:
    held = (token.partition("@") for token in tokens)
    return sorted({ward for role, _, ward in held if role in IMPORTERS and ward != "*"})


class _OfImporters(WardContent):
    @classmethod
    def reader_criterion(cls, tokens: frozenset[str], _: int) -> ColumnElement[bool]:
        """Only what was brought in for a ward by those who may."""
        return cls.ward_id.in_(_own_wards(tokens))


@guarded
class ImportBatch(_OfImporters, Base):
    """Files that were brought together: one upload, or one folder at the terminal."""

    __tablename__ = "import_batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    name: Mapped[str]
    created_by: Mapped[int | None]
    created_by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    job_id: Mapped[int | None]


@guarded
class ImportItem(_OfImporters, Base):
    """One file of a batch. `findings` is what was read: field, value, confidence, snippet and place of each answer.

    `state` is waiting (not read yet), read, unreadable, done (a document was made), kept (filed as it is) or left.
    """

    __tablename__ = "import_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    path: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    size: Mapped[int]
    state: Mapped[str] = mapped_column(default="waiting")
    kind_guess: Mapped[str] = mapped_column(default="")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    not_understood: Mapped[list[str]] = mapped_column(JSON, default=list)
    message: Mapped[str] = mapped_column(default="")
    document_id: Mapped[int | None]
    reviewed_by: Mapped[int | None]
    reviewed_by_name: Mapped[str] = mapped_column(default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changes: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": changes}
    __table_args__ = (
        UniqueConstraint("batch_id", "path"),
        Index("ix_import_item_state", "ward_id", "state", "id"),
        Index("ix_import_item_sha256", "ward_id", "sha256"),
    )
