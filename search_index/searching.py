"""One query, from typed text to a page of hits: match, mask, filter, count, rank, quote."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from search_index.analysis import ALL, SCOPES
from search_index.caching import ArrayCache
from search_index.matching import LOOSE, RELAXED, STRICT, Bools, View
from search_index.normalise import normalise
from search_index.parsing import Filter
from search_index.planning import Planned, Wanted, fiscal_year, lightened, make_plan
from search_index.ranking import Ranking
from search_index.record import Stored
from search_index.segment import CATEGORIES, HAS_DECISION, HAS_ISSUE, NO_DATE, NO_YEAR
from search_index.snippets import quote
from search_index.synonyms import Synonyms
from search_index.values import FACETS, FacetCounts, Hit, Query, Reading, Result, Source

Array = npt.NDArray[Any]
Aliases = Mapping[str, Mapping[str, str]]

_COLUMNS = {"item": "items"}  # a document has several, numbered as one set
MOST_LOOKS = 80_000  # documents looked into for one query, less than a tenth of a second
_PREPARED = 500  # queries; a few kilobytes each
_YES = {"あり", "有", "有り", "はい", "yes", "true", "1"}
_NO = {"なし", "無", "無し", "いいえ", "no", "false", "0"}


@dataclass(frozen=True, slots=True)
class Filters:
    """All filters of a query by facet; an absent facet is not filtered."""

    values: Mapping[str, frozenset[Any]]
    date_from: int | None = None
    date_to: int | None = None


@dataclass(slots=True)
class Found:
    """What one segment contributes: documents that meet the text and may be seen, and which filters each fails."""

    view: View
    documents: Array
    fails: dict[str, Bools]
    failed: Array
    passed: Array = field(init=False)

    def __post_init__(self) -> None:
        """Find out which documents pass all filters, which nearly everything asks for."""
        self.passed = self.documents[self.failed == 0] if self.failed.any() else self.documents

    def passing(self, facet: str = "") -> Array:
        """Return the documents that pass all filters, or all but one facet's own."""
        if facet in self.fails:
            passed: Array = self.documents[(self.failed - self.fails[facet]) == 0]
            return passed
        return self.passed


class Prepared:
    """What is known of queries before anybody asks them: how the text is read and how rare its terms are at one commit.

    The next page, another filter or another person's same words need not find it out again; who may see what is no part of it.
    """

    def __init__(self, views: Sequence[View]) -> None:
        self.views = views
        self._rankings: dict[Hashable, Ranking] = {}

    def ranking(self, query: Query, synonyms: Synonyms, cache: ArrayCache) -> Ranking:
        """Return how a query is read and ranked."""
        asked = query.text, synonyms, query.without_synonyms, scope_of(query), query.without_words
        found = self._rankings.get(asked)
        if found is None:
            if len(self._rankings) >= _PREPARED:
                self._rankings = {}
            planned = lightened(make_plan(*asked), self._cost, MOST_LOOKS)
            found = self._rankings[asked] = Ranking(self.views, cache, planned)
        return found

    def _cost(self, text: str, scope: int) -> int:
        return sum(view.cost(text, scope) for view in self.views)


class Searcher:
    """Answers one query against the segments of one commit."""

    def __init__(
        self,
        views: Sequence[View],
        cache: ArrayCache,
        query: Query,
        synonyms: Synonyms,
        aliases: Aliases,
        prepared: "Prepared | None" = None,
    ) -> None:
        self.views = views
        self.query = query
        self.ranking = (prepared or Prepared(views)).ranking(query, synonyms, cache)
        self.planned: Planned = self.ranking.planned
        self.notes = list(self.planned.notes)
        self.read_filters: list[tuple[str, str]] = []
        self.filters = self._filters(aliases)
        self.relaxed = STRICT
        # Text that holds nothing to look for finds nothing; only no text at all lists everything.
        self.meaningless = self.planned.step is None and not self.planned.filters and bool(query.text.strip())
        if self.meaningless:
            self.notes.append("検索できる語がありません。")

    def search(self, stamp: int) -> Result:
        """Return the answer."""
        found = self._found()
        passing = [part.passing() for part in found]
        hits = self._hits(found, passing)
        facets = {facet: _count(facet, found) for facet in FACETS} if self.query.facets else {}
        return Result(sum(map(len, passing)), hits, facets, self._reading(), stamp)

    # --- matching ---

    def _found(self) -> list[Found]:
        visible = [view.visible(self.query.tokens, self.query.without) for view in self.views]
        masks: list[Bools] = []
        for level in self._levels():
            masks = self._matching(visible, level)
            if any(mask.any() for mask in masks):
                self.relaxed = level
                break
        else:
            self.relaxed = STRICT
        return [self._filtered(view, np.flatnonzero(mask)) for view, mask in zip(self.views, masks, strict=True)]

    def _matching(self, visible: Sequence[Bools], relaxed: int) -> list[Bools]:
        step = self.planned.step
        if step is None:
            return [mask & (not self.meaningless) for mask in visible]
        return [
            view.matching(step, self.ranking, relaxed=relaxed) & mask
            for view, mask in zip(self.views, visible, strict=True)
        ]

    def _levels(self) -> tuple[int, ...]:
        """Return how strictly to match, and what to try when that finds nothing.

        A question is answered by whatever answers part of it; typed words must all be there. Quoted phrases alone are
        never given up.
        """
        wanted = [leaf for leaf in self.planned.positive if leaf.how != "phrase"]
        if not wanted:
            return (STRICT,)
        levels = (RELAXED,) if self.planned.sentence else (STRICT, RELAXED)
        return (*levels, LOOSE) if len(wanted) < len(self.planned.positive) else levels

    # --- filters ---

    def _filters(self, aliases: Aliases) -> Filters:
        query = self.query
        given: dict[str, frozenset[Any]] = {
            "ward": frozenset(query.wards),
            "kind": frozenset(query.kinds),
            "state": frozenset(query.states),
            "body_name": frozenset(query.body_names),
            "item": frozenset(query.items),
            "fiscal_year": frozenset(query.fiscal_years),
            "has_decision": frozenset() if query.has_decision is None else frozenset({query.has_decision}),
            "has_issue": frozenset() if query.has_issue is None else frozenset({query.has_issue}),
        }
        if query.decided_only and self.planned.step is None:
            given["has_decision"] = frozenset({True})
        values = {facet: wanted for facet, wanted in given.items() if wanted}
        typed: dict[str, set[Any]] = {}
        for written in self.planned.filters:
            typed.setdefault(written.name, set()).update(self._typed(written, aliases))
        for facet, wanted in typed.items():
            values[facet] = frozenset(wanted) & values[facet] if facet in values else frozenset(wanted)
        return Filters(
            values,
            query.date_from.toordinal() if query.date_from else None,
            query.date_to.toordinal() if query.date_to else None,
        )

    def _typed(self, written: Filter, aliases: Aliases) -> set[Any]:
        """Read the value of a field word; one nobody knows finds nothing and is named in the notes."""
        values = self._known_values(written, aliases)
        if not values:
            self.notes.append(f"「{written.word}:{written.value}」に当てはまる値がありません。")
        self.read_filters += [(written.name, str(value)) for value in sorted(values, key=str)]
        return values

    def _known_values(self, written: Filter, aliases: Aliases) -> set[Any]:
        value = normalise(written.value).strip()
        if written.name == "fiscal_year":
            year = fiscal_year(written.value)
            return set() if year is None else {year}
        if written.name in ("has_decision", "has_issue"):
            return {True} if value in _YES else {False} if value in _NO else set()
        named = {key for name, key in aliases.get(written.name, {}).items() if normalise(name) == value}
        if named:
            return named
        known = {item for view in self.views for item in _values(view, written.name)}
        same = {item for item in known if normalise(item) == value}
        return same or {item for item in known if value and value in normalise(item)}

    def _filtered(self, view: View, documents: Array) -> Found:
        fails: dict[str, Bools] = {}
        failed = np.zeros(len(documents), dtype=np.int16)
        for facet, wanted in self.filters.values.items():
            fails[facet] = ~_holds(view, facet, wanted, documents)
            failed += fails[facet]
        failed += self._outside(view, documents)
        return Found(view, documents, fails, failed)

    def _outside(self, view: View, documents: Array) -> Bools:
        """Return the documents outside the date range; one without a date is outside of any range."""
        outside = np.zeros(len(documents), dtype=bool)
        dates = view.segment.arrays["date"][documents]
        if self.filters.date_from is not None:
            outside |= dates < self.filters.date_from
        if self.filters.date_to is not None:
            outside |= (dates > self.filters.date_to) | (dates == NO_DATE)
        return outside

    # --- order ---

    def _hits(self, found: Sequence[Found], passing: Sequence[Array]) -> tuple[Hit, ...]:
        offset, limit = max(self.query.offset, 0), max(self.query.limit, 0)
        total = sum(map(len, passing))
        if offset >= total or not limit:
            return ()
        passing, keys, scores = self._keys(found, passing, offset + limit)
        rows = _foremost(keys, offset + limit)
        numbers, documents, dates, ids = _facts(found, passing, rows)
        order = np.lexsort((-ids, -dates, -keys[rows]))[offset : offset + limit]
        for number, part in enumerate(found) if self.query.snippets else ():
            part.view.segment.expect(documents[order][numbers[order] == number])
        return tuple(
            self._hit(found[int(numbers[at])].view, int(documents[at]), float(scores[rows[at]]))
            for at in order.tolist()
        )

    def _keys(
        self, found: Sequence[Found], passing: Sequence[Array], wanted: int
    ) -> tuple[Sequence[Array], Array, Array]:
        """Return the documents that may be among the wanted, what to sort them by, greatest first, and their scores."""
        sort = self.query.sort
        if sort == "relevance" and self.planned.positive:
            best = [self.ranking.best(part.view, docs, wanted) for part, docs in zip(found, passing, strict=True)]
            keys, scores = ([one.keys() for one in best], [one.scores() for one in best])
            return [one.documents for one in best], np.concatenate(keys), np.concatenate(scores)
        column = "updated" if sort == "updated" else "date"
        facts = np.concatenate([p.view.segment.arrays[column][docs] for p, docs in zip(found, passing, strict=True)])
        return passing, facts.astype(np.int64), np.zeros(len(facts))

    def _hit(self, view: View, document: int, score: float) -> Hit:
        if not self.query.snippets:
            return Hit(int(view.segment.ids[document]), score, (), (), Source("", ""))
        stored = Stored(view.segment.folded(document), view.segment.stored(document))
        title, snippet, source = quote(stored, self.ranking.marks(view))
        return Hit(int(view.segment.ids[document]), score, title, snippet, source)

    # --- what was understood ---

    def _reading(self) -> Reading:
        notes = list(self.notes)
        gave_up = self.relaxed > (RELAXED if self.planned.sentence else STRICT)
        if gave_up:
            notes.append("すべての語を含む文書がないため、一部の語を含む文書を表示しています。")
        return Reading(
            terms=tuple(dict.fromkeys(_typed_text(wanted) for wanted in self.planned.positive)),
            excluded=tuple(dict.fromkeys(_typed_text(wanted) for wanted in self.planned.negative)),
            filters=tuple(dict.fromkeys(self.read_filters)),
            notes=tuple(dict.fromkeys(notes)),
            synonyms=self.planned.synonyms,
            relaxed=gave_up,
        )


def scope_of(query: Query) -> int:
    """Return the part of a document in which the typed words must stand."""
    if query.title_only:
        return SCOPES["title"]
    if query.attendees_only:
        return SCOPES["attendees"]
    return SCOPES["decisions"] if query.decided_only else ALL


def _typed_text(wanted: Wanted) -> str:
    return f"「{wanted.typed}」" if wanted.how == "phrase" else wanted.typed + ("*" if wanted.how == "prefix" else "")


def _foremost(keys: Array, wanted: int) -> Array:
    """Return the rows with the greatest keys, and all that equal the last of them."""
    if wanted >= len(keys):
        return np.arange(len(keys))
    threshold = np.partition(keys, len(keys) - wanted)[len(keys) - wanted]
    return np.flatnonzero(keys >= threshold)


def _facts(found: Sequence[Found], passing: Sequence[Array], rows: Array) -> tuple[Array, Array, Array, Array]:
    """Return the segment, document, date and id of rows: keys alike are ordered by them, so that pages never overlap."""
    bounds = np.cumsum([0, *map(len, passing)])
    numbers = np.searchsorted(bounds, rows, side="right") - 1
    facts = np.zeros((3, len(rows)), dtype=np.int64)
    for number, part in enumerate(found):
        mine = numbers == number
        documents = passing[number][rows[mine] - bounds[number]]
        arrays = part.view.segment.arrays
        facts[0, mine], facts[1, mine], facts[2, mine] = documents, arrays["date"][documents], arrays["id"][documents]
    return numbers, facts[0], facts[1], facts[2]


# --- facets ----------------------------------------------------------------------------------------


def _values(view: View, facet: str) -> list[str]:
    if facet == "item":
        return sorted({item for members in view.segment.header["items"] for item in members})
    values: list[str] = view.segment.header[facet]
    return values


def _holds(view: View, facet: str, wanted: frozenset[Any], documents: Array) -> Bools:
    """Say of each document whether its value is among the wanted."""
    segment = view.segment
    if facet in CATEGORIES:
        flags = np.array([value in wanted for value in segment.header[facet]] or [False])
        chosen: Bools = flags[segment.arrays[facet][documents]]
        return chosen
    if facet == "item":
        flags = np.array([not wanted.isdisjoint(members) for members in segment.header["items"]] or [False])
        return flags[segment.arrays["items"][documents]]
    if facet == "fiscal_year":
        years = [year for year in wanted if NO_YEAR < year < -NO_YEAR]
        return np.isin(segment.arrays["fiscal_year"][documents], np.array(years, dtype=np.int16))
    bit = HAS_DECISION if facet == "has_decision" else HAS_ISSUE
    return np.isin((segment.arrays["flags"][documents] & bit) > 0, list(wanted))


def _count(facet: str, found: Sequence[Found]) -> FacetCounts:
    """Count a facet over what passes all filters but its own; most frequent first."""
    counts: dict[str, int] = {}
    for part in found:
        for value, count in _counted(part, facet):
            counts[value] = counts.get(value, 0) + count
    if facet == "fiscal_year":
        return tuple(sorted(counts.items(), reverse=True))
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _counted(part: Found, facet: str) -> list[tuple[str, int]]:
    """Count the values of one segment."""
    view, documents = part.view, part.passing(facet)
    if not len(documents):
        return []
    if facet in ("has_decision", "has_issue"):
        bit = HAS_DECISION if facet == "has_decision" else HAS_ISSUE
        count = int(np.count_nonzero(view.segment.arrays["flags"].take(documents) & bit))
        return [(name, n) for name, n in (("あり", count), ("なし", len(documents) - count)) if n]
    column = _COLUMNS.get(facet, facet)
    counts = np.bincount(_numbers(view, column).take(documents))
    held = [(number, int(counts[number])) for number in np.flatnonzero(counts).tolist()]
    if facet == "fiscal_year":
        years = view.years[0].tolist()
        return [(str(years[number]), n) for number, n in held if years[number] != NO_YEAR]
    values = view.segment.header[column]
    if facet == "item":
        return [(item, n) for number, n in held for item in values[number]]
    return [(values[number], n) for number, n in held if values[number]]


def _numbers(view: View, name: str) -> Array:
    """Return a column's numbers in as few bytes as they need, which are counted in half the time."""

    def make() -> Array:
        numbers = view.years[1] if name == "fiscal_year" else view.segment.arrays[name]
        return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))

    return view.cache.get((view.segment.name, "column", name), make)
