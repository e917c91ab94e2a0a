"""Finding documents: lists of a ward, and the search. What the reader may not see is in no page, count or facet."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any, Literal

from sqlalchemy import Select, bindparam, func, or_, outerjoin, select
from sqlalchemy.orm import defer

import search_index
import tenants
from portal.db.session import prepared
from portal.kinds import all_kinds
from portal.models import Document, OutboxEntry, SynonymChange
from portal.security.workflows import WORKFLOWS
from portal.services.errors import SearchRebuilding
from portal.services.site import Site
from portal.services.synonyms import in_force
from portal.services.uow import UnitOfWork
from search_index.engine import Engine

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
    attendees_only: bool = False
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
    asked = {name: value for name in _LISTED if (value := getattr(filters, name))}
    items, total = _listing(frozenset(asked), filters.items)
    found = uow.session.scalars(items, {**asked, "offset": (page - 1) * size, "size": size}).all()
    return Page(uow.session.scalar(total, asked) or 0, found, page, size)


_LISTED = {
    "wards": Document.ward_id.in_(bindparam("wards", expanding=True)),
    "kinds": Document.kind_name.in_(bindparam("kinds", expanding=True)),
    "fiscal_years": Document.fiscal_year.in_(bindparam("fiscal_years", expanding=True)),
    "states": Document.state.in_(bindparam("states", expanding=True)),
    "body_names": Document.body_name.in_(bindparam("body_names", expanding=True)),
    "date_from": Document.held_on >= bindparam("date_from"),
    "date_to": Document.held_on <= bindparam("date_to"),
}
_UNLISTED = tuple(
    defer(column)
    for column in (
        Document.local_grants, Document.created_at, Document.created_by, Document.handed_over_by, Document.confirmed_by_name,
        Document.confirmed_at, Document.submitted_on, Document.office, Document.contractors,
    )
)  # fmt: skip
"""What no list shows."""


@lru_cache(maxsize=256)
def _listing(given: frozenset[str], items: tuple[str, ...]) -> tuple[Select[Document], Select[int]]:
    """Return the statements of a list narrowed by the given filters: the documents of a page, and how many there are."""
    criteria = [_LISTED[name] for name in sorted(given)]
    if items:
        criteria.append(or_(*(Document.items.contains(item, autoescape=True) for item in items)))
    shown = select(Document).where(*criteria).order_by(Document.held_on.desc().nulls_last(), Document.id.desc())
    return (
        prepared(shown.options(*_UNLISTED).offset(bindparam("offset")).limit(bindparam("size"))),
        prepared(select(func.count(Document.id)).where(*criteria)),
    )


def counts_of_ward(uow: UnitOfWork, ward: str, filters: Filters | None = None) -> Counts:
    """Return how many documents of a ward the reader may see, by 年度, kind, state and meeting body.

    As in the search, each is counted with every filter but its own, so that one sees what choosing another value gives.
    """
    filters = filters or Filters()
    chosen: dict[str, tuple[Any, ...]] = {
        "fiscal_year": filters.fiscal_years, "kind": filters.kinds, "state": filters.states, "body_name": filters.body_names
    }  # fmt: skip
    counts: dict[str, Counter[str | int]] = {name: Counter() for name in chosen}
    for year, kind, state, body, count in uow.session.execute(_COUNTED, {"ward": ward}):
        named: dict[str, str | int] = {"fiscal_year": year, "kind": kind, "state": state, "body_name": body}
        failed = [name for name, wanted in chosen.items() if wanted and named[name] not in wanted]
        for name in failed if len(failed) == 1 else () if failed else chosen:
            if named[name]:
                counts[name][named[name]] += count
    ordered: Counts = {name: counter.most_common() for name, counter in counts.items()}
    ordered["fiscal_year"].sort(reverse=True)
    return ordered


_BY = Document.fiscal_year, Document.kind_name, Document.state, Document.body_name
_COUNTED = prepared(select(*_BY, func.count(Document.id)).where(Document.ward_id == bindparam("ward")).group_by(*_BY))


def search(
    uow: UnitOfWork,
    text: str,
    filters: Filters,
    *,
    sort: str = "relevance",
    page: int = 1,
    size: int = PAGE,
    exactly: Sequence[str] = (),
    without_words: Sequence[str] = (),
) -> Found:
    """Search what the reader may see. Raises SearchRebuilding while there is no index to ask.

    `exactly` holds keys of synonym groups (of an earlier `Reading`) whose other words are not to be looked for,
    `without_words` single words of such groups.
    """
    now = standing(uow)
    query = replace(
        query_of(uow, text, filters, now),
        sort=_SORTS.get(sort, "relevance"),
        offset=(page - 1) * size,
        limit=size,
        without_synonyms=frozenset(exactly),
        without_words=frozenset(without_words),
    )
    result = _ask(uow, query, now)
    return Found(result.total, _hits(uow, result), dict(result.facets), result.reading, page, size, now.lagging)


def loosened(uow: UnitOfWork, text: str, filters: Filters) -> list[tuple[str, int]]:
    """Return which single filters keep everything back: the filter's name and what is found without it, most first."""
    now = standing(uow)
    query = replace(query_of(uow, text, filters, now), limit=0, facets=False)
    found = []
    for name, nothing in _NO_FILTERS.items():
        if getattr(filters, name) != nothing:
            total = _ask(uow, replace(query, **{name: nothing}), now).total
            found.append((name, total))
    return sorted((one for one in found if one[1]), key=lambda one: -one[1])


def count(uow: UnitOfWork, text: str, *, synonyms: search_index.Synonyms | None = None) -> int:
    """Return how many documents a text finds when nothing is narrowed, on trial with other synonyms than those in force."""
    now = standing(uow)
    query = replace(query_of(uow, text, Filters(), now), limit=0, facets=False)
    return _ask(uow, query, now, synonyms).total


def found_ids(
    uow: UnitOfWork, text: str, filters: Filters, *, exactly: Sequence[str] = (), most: int
) -> frozenset[int]:
    """Return the numbers of up to `most` documents a search finds, for those who compare and do not read."""
    now = standing(uow)
    query = replace(
        query_of(uow, text, filters, now),
        sort="date", limit=most, facets=False, snippets=False, without_synonyms=frozenset(exactly),
    )  # fmt: skip
    return frozenset(hit.id for hit in _ask(uow, query, now).hits)


@dataclass(frozen=True)
class Standing:
    """How the index stands to the database at this moment, and the synonyms in force.

    `hidden` are documents to be left out until the index has caught up, `lagging` says whether it has anything to catch up with.
    """

    hidden: frozenset[int]
    lagging: bool
    synonyms: search_index.Synonyms


def standing(uow: UnitOfWork) -> Standing:
    """Return how things stand for one search, in one look at the database."""
    rows = uow.session.execute(_STANDING).all()
    waiting = [(document, hides) for _, document, hides in rows if document is not None]
    hidden = frozenset(document for document, hides in waiting if hides)
    return Standing(hidden, bool(waiting), in_force(uow, rows[0][0] or 0))


def query_of(uow: UnitOfWork, text: str, filters: Filters, now: Standing) -> search_index.Query:
    """Return the query of a person: their words, their filters, their tokens."""
    return search_index.Query(
        text=text[:MOST_WORDS],
        tokens=uow.reader.tokens,
        without=now.hidden,
        **{name: getattr(filters, name) for name in _NO_FILTERS},
    )


def _ask(
    uow: UnitOfWork, query: search_index.Query, now: Standing, synonyms: search_index.Synonyms | None = None
) -> search_index.Result:
    with reading(uow, now) as index:
        return index.search(query, synonyms=synonyms)


@contextmanager
def reading(uow: UnitOfWork, now: Standing) -> Iterator[Engine]:
    """Lend the open index, with the synonyms in force. Raises SearchRebuilding when it cannot be read."""
    index = _reading_index(uow.site)
    index.synonyms = now.synonyms
    try:
        yield index
    except (search_index.IndexMissing, search_index.IndexDamaged, search_index.IndexOutdated):
        _forget_index(uow.site)
        raise SearchRebuilding from None


def _hits(uow: UnitOfWork, result: search_index.Result) -> list[Hit]:
    documents = documents_of(uow, [hit.id for hit in result.hits])
    return [
        Hit(documents[hit.id], hit.title_marked, hit.snippet, hit.part) for hit in result.hits if hit.id in documents
    ]


def documents_of(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, Document]:
    """Load what the index named through the reader's own session: the database has the last word."""
    return {one.id: one for one in uow.session.scalars(_THESE, {"ids": ids})} if ids else {}


_CHANGED = select(func.max(SynonymChange.id).label("synonyms")).subquery()
_STANDING = prepared(
    select(_CHANGED.c.synonyms, OutboxEntry.document_id, OutboxEntry.hides).select_from(
        outerjoin(
            _CHANGED,
            OutboxEntry,
            or_(OutboxEntry.hides, OutboxEntry.id == select(func.min(OutboxEntry.id)).scalar_subquery()),
        )
    )
)
"""The newest change of a synonym, beside what is on its way into the index and hides a document; failing that, one
sign that anything is."""
_THESE = prepared(select(Document).where(Document.id.in_(bindparam("ids", expanding=True))).options(*_UNLISTED))
_open: dict[str, Engine] = {}
_opening = Lock()


def _aliases() -> dict[str, dict[str, str]]:
    """Return what people call wards, kinds and states, for field words such as 区:東成."""
    wards = {name: ward.slug for ward in tenants.all_tenants() for name in (ward.name, ward.short_name, ward.kana)}
    kinds = {name: kind.name for kind in all_kinds() for name in (kind.title, kind.full_title)}
    forms = {f"様式{kind.form_number}": kind.name for kind in all_kinds() if kind.form_number}
    states = {
        state.title: name
        for workflow in WORKFLOWS.values()
        for table in (workflow.states, workflow.shared or {})
        for name, state in table.items()
    }
    return {"ward": wards, "kind": kinds | forms, "state": states}


def _reading_index(site: Site) -> Engine:
    folder = str(site.settings.index_folder)
    with _opening:
        if folder not in _open:
            try:
                index = site.index_home.open()
                index.aliases = _aliases()
                _open[folder] = index
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
