"""The session that knows who is reading.

Every ORM read gets the reader's criteria; every flush refuses rows of a ward this session was not given to write; and on
PostgreSQL the database is told the same, so that row security checks everything again, raw SQL included. A session serves
one reader and is never switched. What a session wrote it may no longer be allowed to see (健康局 returns a report and loses
sight of it), so the flush itself, and only code inside `past_sight`, reads as the portal.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine, Select, bindparam, event, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.util import ClauseAdapter

from portal.db.audiences import Audience, AudienceToken
from portal.db.base import Personal, WardContent
from portal.security.identity import SYSTEM, Reader

_GUARDED: list[Any] = []
_Guarded = TypeVar("_Guarded", bound="type[WardContent] | type[Personal]")


class ForeignWrite(RuntimeError):
    """A flush tried to write a row of a ward that this session may not write. Always a bug, never a person's mistake."""


def guarded(cls: _Guarded) -> _Guarded:
    """Class decorator: reads of this table get the reader's criteria (`cls.reader_criterion`)."""
    _GUARDED.append(cls)
    return cls


class ReaderSession(Session):
    """A session bound to one reader."""

    def __init__(self, engine: Engine, reader: Reader) -> None:
        super().__init__(engine, expire_on_commit=False, autoflush=False)
        self.reader = reader
        self.tokens = reader.tokens
        self.wrote = False
        self.writable = set() if SYSTEM in reader.tokens else {reader.ward}

    @property
    def is_system(self) -> bool:
        """Whether the portal itself is reading."""
        return SYSTEM in self.tokens

    def open_ward(self, ward_id: str) -> None:
        """Let this session write one more ward; called by `access` once the policy has said yes."""
        if ward_id not in self.writable:
            self.writable.add(ward_id)
            self._tell_postgres()

    @contextmanager
    def past_sight(self) -> Iterator[None]:
        """Read as the portal for as long as the block lasts. Writes stay bound to the wards that were opened."""
        before, self.tokens = self.tokens, self.tokens | {SYSTEM}
        self._tell_postgres()
        try:
            yield
        except BaseException:
            self.tokens = before
            with suppress(SQLAlchemyError):  # a broken transaction hears nothing; its rollback takes the sight away
                self._tell_postgres()
            raise
        self.tokens = before
        self._tell_postgres()

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what is pending, past the reader's sight."""
        if not (self.new or self.dirty or self.deleted):
            return
        self.writes()
        if self.is_system:
            super().flush(objects)
        else:
            with self.past_sight():
                super().flush(objects)

    def writes(self) -> None:
        """Note that this transaction, begun now if it was not, holds something that must not be rolled back unasked."""
        self.connection()
        self.wrote = True

    def _bulk_save_mappings(self, *_: Any, **__: Any) -> None:
        """Refuse the old bulk methods: they pass by every guard of this module."""
        raise ForeignWrite("bulk_save_objects and its like pass by the guards; use add, or execute(insert(...))")

    def _tell_postgres(self) -> None:
        if self.get_bind().dialect.name == "postgresql" and self.in_transaction():
            self.connection().execute(_SET_READER, reader_settings(self))


_SET_READER = text(
    "SELECT set_config('portal.tokens', :tokens, true), set_config('portal.wards', :wards, true),"
    " set_config('portal.account', :account, true)"
)


def reader_settings(session: ReaderSession) -> dict[str, str]:
    """Return what PostgreSQL is told of the reader, for one transaction."""
    wards = "*" if SYSTEM in session.reader.tokens else " ".join(sorted(session.writable))
    account = session.reader.account_id
    return {"tokens": " ".join(sorted(session.tokens)), "wards": wards, "account": str(account or 0)}


@event.listens_for(ReaderSession, "after_begin")
def tell_postgres(session: ReaderSession, transaction: SessionTransaction, connection: Any) -> None:
    """Bind this transaction to the session's reader; a pooled connection forgets it afterwards."""
    session.wrote = session.wrote and transaction.nested
    if connection.dialect.name == "postgresql":
        connection.execute(_SET_READER, reader_settings(session))


class _ReaderCriteria(LoaderCriteriaOption):
    """Criteria that follow an alias into a join: SQLAlchemy's own name the table itself there, and guard another row."""

    _traverse_internals = LoaderCriteriaOption._traverse_internals

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        criterion: ColumnElement[bool] = super()._resolve_where_criteria(ext_info)
        if ext_info.is_aliased_class:
            return ClauseAdapter(ext_info.selectable).traverse(criterion)
        return criterion


PREPARED = "portal_prepared"
_Statement = TypeVar("_Statement", bound="Select[*tuple[Any, ...]]")


def prepared(statement: _Statement) -> _Statement:
    """Mark a statement that is made once, at import, with bound parameters: what it costs to add criteria is paid once a reader."""
    return statement.execution_options(**{PREPARED: True})


@lru_cache(maxsize=4096)
def _prepared_for(statement: Any, tokens: frozenset[str], account_id: int) -> Any:
    return statement.options(*_criteria(tokens, account_id))


@lru_cache(maxsize=512)
def _criteria(tokens: frozenset[str], account_id: int) -> tuple[ORMOption, ...]:
    return tuple(
        _ReaderCriteria(cls, cls.reader_criterion(tokens, account_id), include_aliases=True) for cls in _GUARDED
    )


@event.listens_for(ReaderSession, "do_orm_execute")
def add_reader_criteria(state: ORMExecuteState) -> None:
    """Let every ORM statement, lazy loads and bulk statements included, see only what the reader may see."""
    session = state.session
    assert isinstance(session, ReaderSession)
    _bind_bulk_writes(session, state)
    if session.is_system:
        return
    reader = session.tokens, session.reader.account_id or 0
    if state.execution_options.get(PREPARED):
        state.statement = _prepared_for(state.statement, *reader)
    else:
        state.statement = state.statement.options(*_criteria(*reader))


def _bind_bulk_writes(session: ReaderSession, state: ORMExecuteState) -> None:
    """Hold statements that write many rows to what a flush would be held to."""
    written = state.bind_mapper.class_ if state.bind_mapper else None
    if written is None or not (state.is_insert or state.is_update or state.is_delete):
        return
    if getattr(written, "append_only", False) and not state.is_insert:
        raise ForeignWrite(f"{written.__name__} rows are only ever added")
    if issubclass(written, Personal) and state.is_insert and not session.is_system:
        raise ForeignWrite(f"{written.__name__} rows are added one by one, where their owner can be seen")
    if issubclass(written, WardContent) and SYSTEM not in session.reader.tokens:
        if state.is_insert:
            raise ForeignWrite(f"{written.__name__} rows are added one by one, where their ward can be seen")
        state.statement = state.statement.where(written.ward_id.in_(sorted(session.writable)))  # type: ignore[attr-defined]


@event.listens_for(ReaderSession, "before_flush")
def refuse_foreign_writes(session: ReaderSession, _: UOWTransaction, __: Any) -> None:
    """Refuse rows of wards this session was not given, and any change to a row that is only ever added."""
    changed = [row for row in session.dirty if session.is_modified(row)]
    for row in (*session.new, *changed, *session.deleted):
        if (
            isinstance(row, WardContent)
            and session.reader.account_id is not None
            and row.ward_id not in session.writable
        ):
            raise ForeignWrite(f"{type(row).__name__} of ward {row.ward_id!r} written from {session.reader.ward!r}")
    for row in (*changed, *session.deleted):
        if getattr(type(row), "append_only", False):
            raise ForeignWrite(f"{type(row).__name__} rows are only ever added")
        if isinstance(row, Personal) and session.reader.account_id not in (None, row.account_id):
            raise ForeignWrite(f"{type(row).__name__} of account {row.account_id} changed by somebody else")


_AUDIENCE = prepared(select(Audience).where(Audience.name == bindparam("name")))


def intern_audience(session: ReaderSession, tokens: frozenset[str]) -> Audience:
    """Return the audience that is exactly these tokens, made on first use."""
    asked = {"name": " ".join(sorted(tokens))}
    audience = session.scalars(_AUDIENCE, asked).one_or_none()
    if audience is None:
        made = insert_if_absent(session, Audience, **asked)
        audience = session.scalars(_AUDIENCE, asked).one()
        if made:
            tokens_of_it = [{"audience_id": audience.id, "token": token} for token in sorted(tokens)]
            session.connection().execute(insert(AudienceToken), tokens_of_it)
    return audience


def count_up(session: ReaderSession, model: type[Any], column: str, **key: Any) -> int:
    """Add one to the row of that key, made on first use, and return the new count; holds the row until commit."""
    session.writes()
    up = _counting(model, column, tuple(key))  # type: ignore[arg-type]
    asked = {f"at_{name}": value for name, value in key.items()}
    counted = session.connection().execute(up, asked).scalar()
    if counted is None:
        insert_if_absent(session, model, **key, **{column: 0})
        counted = session.connection().execute(up, asked).scalar()
    assert isinstance(counted, int)
    return counted


@lru_cache
def _counting(model: type[Any], column: str, key: tuple[str, ...]) -> Any:
    counter = getattr(model, column)
    row = [getattr(model, name) == bindparam(f"at_{name}") for name in key]
    return update(model).where(*row).values({column: counter + 1}).returning(counter)


def insert_if_absent(session: ReaderSession, model: type[Any], **values: Any) -> bool:
    """Add a row unless its key is there, waiting for whoever is adding it now; say whether it was added."""
    session.writes()
    connection = session.connection()
    return connection.execute(_upsert(connection.dialect.name, model), values).first() is not None  # type: ignore[arg-type]


@lru_cache
def _upsert(dialect: str, model: type[Any]) -> Any:
    upsert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return upsert(model).on_conflict_do_nothing().returning(next(iter(model.__table__.primary_key)))
