"""Finding documents: lists of a ward, and the search. What the reader may not see is in no page, count or facet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, Literal

from sqlalchemy import Select, func, or_, select

import search_index
from portal.models import Document, OutboxEntry
from portal.services.errors import SearchRebuilding
from portal.services.site import Site
from portal.services.uow import UnitOfWork

PAGE = 20
MOST_WORDS = 1000
"""Characters of a query that are looked at."""


_SORTS: dict[str, Literal["relevance", "date", "updated"]] = {"date": "date", "updated": "updated"}


@dataclass(frozen=True)
class Filters:
    """What a list or search is narrowed to; empty means everything the reader may see."""

    wards: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    fiscal_years: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    body_names: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    decided_only: bool = False
    title_only: bool = False
    has_issue: bool | None = None


@dataclass(frozen=True)
class Page:
    """One page of a list: how many there are in all, and those of this page."""

    total: int
    items: Sequence[Document]
    number: int = 1
    size: int = PAGE

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class Hit:
    """One document found, with where and how."""

    document: Document
    title: tuple[search_index.Piece, ...]
    snippet: tuple[search_index.Piece, ...]
    source: search_index.Source


@dataclass(frozen=True)
class Found:
    """The answer to a search. `lagging` says that newer changes are still on their way into the index."""

    total: int
    hits: Sequence[Hit]
    facets: dict[str, tuple[tuple[str | int, int], ...]]
    reading: search_index.Reading
    number: int
    size: int
    lagging: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))


def list_documents(uow: UnitOfWork, filters: Filters, *, page: int = 1, size: int = 50) -> Page:
    """Return one page of the documents the reader may see, newest meeting first."""
    wanted = _narrowed(select(Document), filters)
    total = uow.session.scalar(_narrowed(select(func.count(Document.id)), filters)) or 0
    ordered = wanted.order_by(Document.held_on.desc().nulls_last(), Document.id.desc())
    items = uow.session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return Page(total, items, page, size)


def _narrowed(statement: Select[Any], filters: Filters) -> Select[Any]:
    wanted = {
        Document.ward_id: filters.wards,
        Document.kind_name: filters.kinds,
        Document.fiscal_year: filters.fiscal_years,
        Document.state: filters.states,
        Document.body_name: filters.body_names,
    }
    for column, values in wanted.items():
        if values:
            statement = statement.where(column.in_(values))
    if filters.items:
        statement = statement.where(or_(*(Document.items.contains(item, autoescape=True) for item in filters.items)))
    if filters.date_from:
        statement = statement.where(Document.held_on >= filters.date_from)
    if filters.date_to:
        statement = statement.where(Document.held_on <= filters.date_to)
    return statement


def years_and_kinds(uow: UnitOfWork, ward: str) -> dict[str, list[tuple[str | int, int]]]:
    """Return how many documents of a ward the reader may see, by 年度 and by kind."""
    counted: dict[str, list[tuple[str | int, int]]] = {}
    columns: dict[str, Any] = {"fiscal_year": Document.fiscal_year, "kind": Document.kind_name}
    for name, column in columns.items():
        rows = uow.session.execute(
            select(column, func.count(Document.id))
            .where(Document.ward_id == ward)
            .group_by(column)
            .order_by(column.desc())
        )
        counted[name] = [(value, count) for value, count in rows]
    return counted


def search(
    uow: UnitOfWork, text: str, filters: Filters, *, sort: str = "relevance", page: int = 1, size: int = PAGE
) -> Found:
    """Search what the reader may see. Raises SearchRebuilding while there is no index to ask."""
    index = _reading_index(uow.site)
    hidden = uow.session.scalars(select(OutboxEntry.document_id).where(OutboxEntry.hides)).all()
    query = search_index.Query(
        text=text[:MOST_WORDS],
        tokens=uow.reader.tokens,
        without=frozenset(hidden),
        wards=filters.wards,
        kinds=filters.kinds,
        fiscal_years=filters.fiscal_years,
        states=filters.states,
        body_names=filters.body_names,
        items=filters.items,
        date_from=filters.date_from,
        date_to=filters.date_to,
        decided_only=filters.decided_only,
        title_only=filters.title_only,
        has_issue=filters.has_issue,
        sort=_SORTS.get(sort, "relevance"),
        offset=(page - 1) * size,
        limit=size,
    )
    try:
        index.refresh()
        result = index.search(query)
    except (search_index.IndexMissing, search_index.IndexDamaged, search_index.IndexOutdated):
        _forget_index(uow.site)
        raise SearchRebuilding from None
    lagging = uow.session.scalar(select(OutboxEntry.id).limit(1)) is not None
    return Found(result.total, _hits(uow, result), dict(result.facets), result.reading, page, size, lagging)


def _hits(uow: UnitOfWork, result: search_index.Result) -> list[Hit]:
    """Load what was found through the reader's own session: the database has the last word."""
    ids = [hit.id for hit in result.hits]
    documents = (
        {one.id: one for one in uow.session.scalars(select(Document).where(Document.id.in_(ids)))} if ids else {}
    )
    return [
        Hit(documents[hit.id], hit.title_marked, hit.snippet, hit.part) for hit in result.hits if hit.id in documents
    ]


_open: dict[str, search_index.Index] = {}
_opening = Lock()


def _reading_index(site: Site) -> search_index.Index:
    folder = str(site.settings.index_folder)
    with _opening:
        if folder not in _open:
            try:
                _open[folder] = search_index.Index.open(
                    site.settings.index_folder, cache_bytes=site.settings.index_cache_mb << 20
                )
            except (search_index.IndexMissing, search_index.IndexDamaged, search_index.IndexOutdated):
                raise SearchRebuilding from None
        return _open[folder]


def _forget_index(site: Site) -> None:
    with _opening:
        _open.pop(str(site.settings.index_folder), None)


def meeting_names(uow: UnitOfWork, ward: str, typed: str, *, most: int = 10) -> list[str]:
    """Return meeting bodies of a ward that begin or contain what was typed, the last used first; what the reader may see only."""
    found = (
        select(Document.body_name, func.max(Document.held_on))
        .where(Document.ward_id == ward, Document.body_name != "", Document.body_name.contains(typed, autoescape=True))
        .group_by(Document.body_name)
        .order_by(func.max(Document.held_on).desc())
    )
    return [name for name, _ in uow.session.execute(found.limit(most))]


def last_of_same_body(uow: UnitOfWork, ward: str, kind_name: str, body_name: str = "") -> Document | None:
    """Return the newest report of the same meeting body (of any body when none is named), to carry its header over."""
    found = select(Document).where(Document.ward_id == ward, Document.kind_name == kind_name)
    if body_name:
        found = found.where(Document.body_name == body_name)
    return uow.session.scalars(
        found.order_by(Document.held_on.desc().nulls_last(), Document.id.desc()).limit(1)
    ).first()


def counts_by_ward(uow: UnitOfWork) -> dict[str, int]:
    """Return how many documents of each ward the reader may see."""
    rows = uow.session.execute(select(Document.ward_id, func.count(Document.id)).group_by(Document.ward_id))
    return {row[0]: row[1] for row in rows}
