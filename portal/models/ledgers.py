"""Rows that are only added: the audit trail, the outbox to the index, numbers given out, nonces used."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Ledger, UtcDateTime, now


class AuditEntry(Ledger, Base):
    """One act: who did what to what, in the transaction of the act. Refers to people and documents by id only."""

    __tablename__ = "audit"
    append_only = True
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    account_id: Mapped[int | None]
    acting_ward: Mapped[str]
    acting_role: Mapped[str]
    action: Mapped[str]
    document_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (
        Index("ix_audit_ward", "ward_id", "id"),
        Index("ix_audit_document", "document_id"),
        Index("ix_audit_account", "account_id", "id"),
    )


class OutboxEntry(Ledger, Base):
    """One document whose index entry has to be made anew. `hides` ones are left out of searches until that is done."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int]
    hides: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (Index("ix_outbox_hides", "hides"), {"sqlite_autoincrement": True})


class Counter(Base):
    """The last number given out for one ward, form and 年度."""

    __tablename__ = "counter"
    ward_id: Mapped[str] = mapped_column(primary_key=True)
    kind_name: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class UsedNonce(Ledger, Base):
    """A create that was done: sending the same form again finds the same document."""

    __tablename__ = "used_nonce"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
