"""Word templates that offices upload in place of the shipped forms."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, or_, true
from sqlalchemy.orm import Mapped, mapped_column

import tenants
from portal.db.base import Base, UtcDateTime, WardContent, now
from portal.db.session import guarded


@guarded
class WordTemplate(WardContent, Base):
    """One edition of a Word form, of the city (for every ward) or of one ward for itself.

    It prints what was saved while it was in force: from `in_force_at` (never, when that is None) to `withdrawn_at`, for
    documents of `fiscal_year` and later ones. The file is a blob and never changes.
    """

    __tablename__ = "word_template"
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    form: Mapped[str]
    name: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    fiscal_year: Mapped[int | None]
    created_by: Mapped[int | None]
    created_by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    in_force_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_word_template_form", "form", "ward_id"),)

    @classmethod
    def reader_criterion(cls, tokens: frozenset[str], _: int) -> ColumnElement[bool]:
        """The city's templates, those of the reader's own ward, and all of them for 健康局, to which they are sent."""
        if "bureau" in tokens:
            return true()
        own = sorted(token.partition("@")[2] for token in tokens if token.startswith("member@"))
        return or_(cls.ward_id == tenants.CITY, cls.ward_id.in_(own))
