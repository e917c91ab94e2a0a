"""Audiences: sets of reader tokens, kept once and named by number, so that millions of rows share a few hundred of them."""

import json
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.functions import FunctionElement

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


class _Words(FunctionElement[str]):
    """The words of one JSON array parameter, as a subquery: one parameter however many words, so nothing is re-compiled."""

    inherit_cache = True
    name = "words"


@compiles(_Words, "sqlite")
def _words_on_sqlite(element: _Words, compiler: Any, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **options)}))"  # noqa: S608 (a bound parameter)


@compiles(_Words, "postgresql")
def _words_on_postgresql(element: _Words, compiler: Any, **options: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS json)))"


def readable_by(tokens: frozenset[str]) -> Select[int]:
    """Return the query for the audiences that a holder of these tokens is part of."""
    mine = _Words(literal(json.dumps(sorted(tokens))))
    return select(AudienceToken.audience_id).where(AudienceToken.token.op("IN")(mine))
