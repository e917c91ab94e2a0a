"""Accounts, the roles they hold in wards, their sign-ins, and the throttle. Not ward content: read before anyone is signed in."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, UtcDateTime, now


class Account(Base):
    """One person who can sign in. Never deleted, so that an id is never used again; `disabled_at` ends it."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    profession: Mapped[str] = mapped_column(default="")
    mail_address: Mapped[str | None]
    password_hash: Mapped[str]
    totp_secret: Mapped[str] = mapped_column(default="")
    totp_counter: Mapped[int] = mapped_column(default=0)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    memberships: Mapped[list["Membership"]] = relationship(back_populates="account", order_by="Membership.id")


class Membership(Base):
    """A role an account holds in a ward. A person with several picks one to act in."""

    __tablename__ = "membership"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ward_id: Mapped[str]
    role: Mapped[str]
    ends_on: Mapped[date | None]

    account: Mapped[Account] = relationship(back_populates="memberships")
    __table_args__ = (UniqueConstraint("account_id", "ward_id", "role"), Index("ix_membership_ward", "ward_id"))


class SignIn(Base):
    """One signed-in browser or API token. Only the hash of its secret is stored; `revoked_at` ends it at once."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ward_id: Mapped[str]
    role: Mapped[str]
    channel: Mapped[str]
    device: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_sign_in_account", "account_id", "revoked_at"),)


class Throttle(Base):
    """Failed sign-ins of one account name or one address (hashed). Delays grow and fade; nothing is locked for good."""

    __tablename__ = "throttle"
    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    free_tries: Mapped[int]
    last_failure: Mapped[datetime] = mapped_column(UtcDateTime)
