"""Audiences: sets of reader tokens, kept once and named by number, so that millions of rows share a few hundred of them."""

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class Audience(Base):
    """One set of reader tokens; `name` is the sorted tokens, separated by blanks. Never changed."""

    __tablename__ = "audience"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)

    @property
    def tokens(self) -> frozenset[str]:
        """The reader tokens of this audience."""
        return frozenset(self.name.split(" "))


class AudienceToken(Base):
    """One token of one audience."""

    __tablename__ = "audience_token"
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"), primary_key=True)
    token: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = (Index("ix_audience_token_token", "token", "audience_id"),)


def readable_by(tokens: frozenset[str]) -> Select[int]:
    """Return the query for the audiences that a holder of these tokens is part of."""
    return select(AudienceToken.audience_id).where(AudienceToken.token.in_(sorted(tokens)))
