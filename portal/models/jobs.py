"""Work that outlasts a request: who asked for it, how far it is, what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, and_
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, UtcDateTime, WardContent, now
from portal.db.session import guarded


@guarded
class Job(WardContent, Base):
    """One piece of work for the job worker, done as the person who asked for it and seen by nobody else.

    `ward_id` and `role` are what the person acted in. `document_ids` are the documents whose words stand in the result.
    """

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str]
    name: Mapped[str]
    title: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    lane: Mapped[str]
    state: Mapped[str]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(default="")
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    result_sha256: Mapped[str | None]
    result_name: Mapped[str] = mapped_column(default="")
    result_type: Mapped[str] = mapped_column(default="")
    result_size: Mapped[int] = mapped_column(default=0)
    document_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_job_state", "state", "lane", "id"), Index("ix_job_account", "account_id", "id"))

    @classmethod
    def reader_criterion(cls, tokens: frozenset[str], account_id: int) -> ColumnElement[bool]:
        """Only what the reader asked for, acting in the ward and role they act in now."""
        return and_(cls.account_id == account_id, (cls.role + "@" + cls.ward_id).in_(sorted(tokens)))
