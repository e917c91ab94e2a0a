"""What people answered about words that look personal, before a document was shared."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, UtcDateTime, now
from portal.db.session import guarded
from portal.models.documents import DocumentPart


@guarded
class PersonalAnswer(DocumentPart, Base):
    """One answer: `question` is a keyed digest of the words, `decision` is mask, keep or leave_out. The newest one holds."""

    __tablename__ = "personal_answer"
    append_only = True
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    document_id: Mapped[int]
    question: Mapped[str]
    kind: Mapped[str]
    decision: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    account_id: Mapped[int | None]
    account_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def more_table_args(cls) -> tuple[Any, ...]:
        return (Index("ix_personal_answer_document", "ward_id", "document_id"),)
