"""What a site changed about the synonym groups: rows over the shipped table, only ever added."""

from datetime import datetime

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Ledger, UtcDateTime, now


class SynonymChange(Ledger, Base):
    """One state of one group: the last row of a key is in force, the earlier ones are its history.

    A group of the shipped table has no row until somebody changes it, so that an upgrade brings its newer wording.
    """

    __tablename__ = "synonym_change"
    append_only = True
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    words: Mapped[list[str]] = mapped_column(JSON)
    related: Mapped[list[str]] = mapped_column(JSON)
    off: Mapped[bool]
    comment: Mapped[str]
    account_id: Mapped[int | None]
    account_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (Index("ix_synonym_change_key", "key", "id"),)
