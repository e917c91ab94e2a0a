"""Finding documents: lists of a ward, and the search. What the reader may not see is in no page, count or facet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
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

Counts = dict[str, list[tuple[str | int, int]]]
"""Per facet the values with how many documents each gives."""
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
    has_decision: bool | None = None
    has_issue: bool | None = None


_NO_FILTERS: dict[str, Any] = {one.name: one.default for one in fields(Filters)}


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


def counts_of_ward(uow: UnitOfWork, ward: str, filters: Filters | None = None) -> Counts:
    """Return how many documents of a ward the reader may see, by 年度, kind, state and meeting body.

    As in the search, each is counted with every filter but its own, so that one sees what choosing another value gives.
    """
    filters = filters or Filters()
    columns = {name: getattr(Document, column) for name, column in _COUNTED.items()}
    grouped = select(*columns.values(), func.count(Document.id)).where(Document.ward_id == ward)
    rows = uow.session.execute(grouped.group_by(*columns.values())).all()
    chosen = {
        "fiscal_year": filters.fiscal_years, "kind": filters.kinds, "state": filters.states, "body_name": filters.body_names
    }  # fmt: skip
    counts: dict[str, Counter[str | int]] = {name: Counter() for name in columns}
    for *values, count in rows:
        passed = {name: not chosen[name] or value in chosen[name] for name, value in zip(columns, values, strict=True)}
        for name, value in zip(columns, values, strict=True):
            if value and all(passed[other] for other in columns if other != name):
                counts[name][value] += count
    ordered: Counts = {name: counter.most_common() for name, counter in counts.items()}
    ordered["fiscal_year"].sort(reverse=True)
    return ordered


_COUNTED = {"fiscal_year": "fiscal_year", "kind": "kind_name", "state": "state", "body_name": "body_name"}


def search(
    uow: UnitOfWork,
    text: str,
    filters: Filters,
    *,
    sort: str = "relevance",
    page: int = 1,
    size: int = PAGE,
    exactly: Sequence[str] = (),
) -> Found:
    """Search what the reader may see. Raises SearchRebuilding while there is no index to ask.

    `exactly` holds keys of synonym groups (of an earlier `Reading`) whose other words are not to be looked for.
    """
    query = replace(
        _query(uow, text, filters),
        sort=_SORTS.get(sort, "relevance"),
        offset=(page - 1) * size,
        limit=size,
        without_synonyms=frozenset(exactly),
    )
    result = _ask(uow, query)
    lagging = uow.session.scalar(select(OutboxEntry.id).limit(1)) is not None
    return Found(result.total, _hits(uow, result), dict(result.facets), result.reading, page, size, lagging)


def loosened(uow: UnitOfWork, text: str, filters: Filters) -> list[tuple[str, int]]:
    """Return which single filters keep everything back: the filter's name and what is found without it, most first."""
    query = replace(_query(uow, text, filters), limit=1, facets=False)
    found = []
    for name, nothing in _NO_FILTERS.items():
        if getattr(filters, name) != nothing:
            total = _ask(uow, replace(query, **{name: nothing})).total
            found.append((name, total))
    return sorted((one for one in found if one[1]), key=lambda one: -one[1])


def count(uow: UnitOfWork, text: str) -> int:
    """Return how many documents a text finds when nothing is narrowed."""
    return _ask(uow, replace(_query(uow, text, Filters()), limit=1, facets=False)).total


def _query(uow: UnitOfWork, text: str, filters: Filters) -> search_index.Query:
    hidden = uow.session.scalars(select(OutboxEntry.document_id).where(OutboxEntry.hides)).all()
    return search_index.Query(
        text=text[:MOST_WORDS],
        tokens=uow.reader.tokens,
        without=frozenset(hidden),
        **{name: getattr(filters, name) for name in _NO_FILTERS},
    )


def _ask(uow: UnitOfWork, query: search_index.Query) -> search_index.Result:
    index = _reading_index(uow.site)
    try:
        index.refresh()
        return index.search(query)
    except (search_index.IndexMissing, search_index.IndexDamaged, search_index.IndexOutdated):
        _forget_index(uow.site)
        raise SearchRebuilding from None


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


def meeting_names(uow: UnitOfWork, ward: str, typed: str, *, kind_name: str = "", most: int = 10) -> list[str]:
    """Return meeting bodies of a ward (in reports of one kind) that contain what was typed, the last used first."""
    found = (
        select(Document.body_name, func.max(Document.held_on))
        .where(Document.ward_id == ward, Document.body_name != "", Document.body_name.contains(typed, autoescape=True))
        .group_by(Document.body_name)
        .order_by(func.max(Document.held_on).desc())
    )
    if kind_name:
        found = found.where(Document.kind_name == kind_name)
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
    return {ward: count for ward, (count, _) in wards_at_a_glance(uow).items()}


def wards_at_a_glance(uow: UnitOfWork) -> dict[str, tuple[int, date | None]]:
    """Return for each ward how many documents the reader may see, and the day of the newest meeting among them."""
    rows = uow.session.execute(
        select(Document.ward_id, func.count(Document.id), func.max(Document.held_on)).group_by(Document.ward_id)
    )
    return {ward: (count, newest) for ward, count, newest in rows}
