"""What the portal tells a person by itself: saved searches, notices, how each is wanted, and the mail on its way out."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Ledger, Personal, UtcDateTime, now
from portal.db.session import guarded


@guarded
class SavedSearch(Personal, Base):
    """A search one person keeps, to be run as that person in that ward and role. `conditions` are words and filters.

    `notify` is how new documents are told: none, screen or mail. `feed_sign_in_id` is the sign-in of its Atom feed.
    """

    __tablename__ = "saved_search"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    for_ward: Mapped[str]
    for_role: Mapped[str]
    name: Mapped[str]
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON)
    notify: Mapped[str]
    feed_sign_in_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_saved_search_account", "account_id", "id"), Index("ix_saved_search_notify", "notify"))


@guarded
class KnownHit(Personal, Base):
    """A document that a saved search has found already, so that it is told once. Kept only for searches that notify."""

    __tablename__ = "known_hit"
    saved_search_id: Mapped[int] = mapped_column(ForeignKey("saved_search.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class ChangedDocument(Ledger, Base):
    """A document the index has taken in anew and the saved searches have not looked at yet."""

    __tablename__ = "changed_document"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int]
    __table_args__ = ({"sqlite_autoincrement": True},)


@guarded
class Notice(Personal, Base):
    """One thing told to one person in one ward and role. Names the document by id: its title is looked up by who reads.

    `by_mail` says that it goes into a mail too; `mail_id` is that mail once there is one.
    """

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    for_ward: Mapped[str]
    for_role: Mapped[str]
    event: Mapped[str]
    document_id: Mapped[int]
    saved_search_id: Mapped[int | None] = mapped_column(ForeignKey("saved_search.id"))
    by_mail: Mapped[bool] = mapped_column(default=False)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_notice_account", "account_id", "for_ward", "for_role", "read_at"),
        Index("ix_notice_document", "document_id"),
        Index("ix_notice_mail", "by_mail", "mail_id"),
    )


@guarded
class NoticeChoice(Personal, Base):
    """How one person wants to be told of one event: none, screen or mail. Without a row the event's own default holds."""

    __tablename__ = "notice_choice"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    event: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]


@guarded
class Mail(Personal, Base):
    """One mail to one person, until it is sent. Holds no text: that is made at sending, of what may be seen then.

    `state` is waiting, sent, empty (nothing was left to tell) or failed. `next_try_at` is also the lease of the process
    that is sending it. `message_id` stays the same however often it is tried.
    """

    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    template: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(default="")
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_mail_state", "state", "next_try_at"),)
