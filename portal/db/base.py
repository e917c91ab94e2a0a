"""What every table shares: the declarative base, the marks the session guards by, and UTC time."""

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, DateTime, MetaData, String, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NOT_FOR_DATABASES = re.compile(r"[\x00\ud800-\udfff]")


class Words(TypeDecorator[str]):
    """Text. What a request can carry and no database can hold (NUL, lone surrogates) is dropped, also when it is looked for."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Drop what cannot be stored."""
        return value if value is None else _NOT_FOR_DATABASES.sub("", value)


class Base(DeclarativeBase):
    """All tables. Names of keys follow one convention, so that migrations can name them."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Words}
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class WardContent:
    """A row that belongs to one ward and is read only by those its document's readers name."""

    ward_id: Mapped[str] = mapped_column(index=False)


class Personal:
    """A row that belongs to one account, whichever ward the person acts in, and is read by that person alone."""

    account_id: Mapped[int]

    @classmethod
    def reader_criterion(cls, _: frozenset[str], account_id: int) -> ColumnElement[bool]:
        """Only the reader's own rows."""
        return cls.account_id == account_id


class Ledger:
    """A row that is only ever added (audit, outbox): guarded by database rights, not by readers."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite keeps it without a zone."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Return an aware moment."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def now() -> datetime:
    """Return the present moment in UTC, whole microseconds. The portal's one clock."""
    return datetime.now(UTC)
