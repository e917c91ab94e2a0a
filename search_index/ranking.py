"""How well a matching document answers: BM25 over pairs and words, times how much of the query it covers.

    score = (pairs + 2 x words + title) x (0.5 + coverage)^2

`coverage` is the share of the query's units the document meets, each weighed by its rarity (IDF). For typed words (not
sentences) documents that hold more of them verbatim come first: exactly as typed counts 2 a word, in another
spelling of the same characters (髙, 高) 1. `tests/search_index/reference.py` says the same in plain Python.

Average lengths are rounded to steps of five per cent, so that a commit seldom changes what is cached.
"""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from search_index import analysis
from search_index.analysis import ALL, SCOPES, word_code
from search_index.caching import ArrayCache
from search_index.matching import K1, Bools, View, Weights
from search_index.normalise import is_ambiguous
from search_index.planning import Planned, Unit, Wanted
from search_index.snippets import Marks

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]

WORD_WEIGHT = 2.0
TITLE_WEIGHT = 0.5
ENOUGH = 0.2  # the share of a sentence's words a document must hold to count as found
TELLING = 0.7  # the IDF below which a term (in half of all documents) is not worth adding up
_TIER = 1e6  # keeps the verbatim ones above, whatever the score
BEST_IMPACT = K1 + 1  # what no term's part of BM25 exceeds
_LOOKS = np.array([0.06, 0.2, 0.5])  # of all postings added up: when to look who is left behind
_WORTH_A_LOOK = 6  # terms
_FEW = 8  # times the wanted documents: fewer are not worth a look
_ROUNDED = 0.001
_MANY = 32  # a term in more than so many times the documents asked for is looked up for each of them
_DENSE = 3  # a term in more than one document of this many is kept as a value for every document
MAX_PAIRS = 192
_STEP = 0.05


def rounded(average: float) -> float:
    """Round an average length to steps of five per cent."""
    return math.exp(round(math.log(max(average, 1.0)) / _STEP) * _STEP)


class Ranking(Weights):
    """One query against one commit."""

    def __init__(self, views: Sequence[View], cache: ArrayCache, planned: Planned) -> None:
        self.views = views
        self.cache = cache
        self.planned = planned
        self.total = sum(view.living for view in views)
        self.average = {name: self._average(name) for name in ("pairs", "words")}
        self._rarity: dict[int, float] = {}
        self._by_view: dict[View, _Terms] = {}
        self._marks: dict[View, Marks] = {}

    def _average(self, name: str) -> float:
        documents = sum(view.segment.n for view in self.views)
        return rounded(sum(view.length(name) for view in self.views) / documents) if documents else 1.0

    def marks(self, view: View) -> Marks:
        """Return what to mark in the texts of a segment."""
        return self._marks.get(view) or self._marks.setdefault(view, Marks(self.planned, view.segment))

    # --- rarity ---

    def rarity(self, codes: Sequence[int]) -> list[float]:
        """Return the IDF of terms in the whole index."""
        missing = np.array([code for code in codes if code not in self._rarity], dtype=np.uint64)
        if len(missing):
            counts = np.zeros(len(missing))
            for view in self.views:
                counts += view.segment.frequencies(missing)
            for code, count in zip(missing.tolist(), counts.tolist(), strict=True):
                self._rarity[code] = math.log(1 + (max(self.total - count, 0) + 0.5) / (count + 0.5)) if count else 0.0
        return [self._rarity[code] for code in codes]

    def unit_rarity(self, unit: Unit) -> float:
        """Return how rare a unit is: its first way decides; one nobody has weighs as much as the rarest."""
        codes = unit.ways[0].codes
        known = [value for value in self.rarity(codes) if value]
        return max(known) if known else math.log(1 + (self.total + 0.5) / 0.5)

    # --- sentences ---

    def covered(self, view: View, documents: Array) -> Floats:
        """Return the share of the query's units each document meets; without units all of it."""
        units = [(unit, wanted.scope) for wanted in self.planned.positive for unit in wanted.units]
        weights = [self.unit_rarity(unit) for unit, _ in units]
        whole = sum(weights) or 1.0
        share = np.full(len(documents), 0.0 if units else 0.5, dtype=np.float32)
        for (unit, scope), weight in zip(units, weights, strict=True):
            share += np.float32(weight / whole) * view.unit(unit, scope).take(documents)
        return share

    def enough(self, view: View, wanted: Wanted) -> Bools:
        """Return the documents that hold enough of a sentence.

        Words are counted, not weighed: their rarity depends on documents the reader may not see, and a total must not.
        """
        met = np.zeros(view.segment.n, dtype=np.uint8)
        for unit in wanted.units:
            met += view.unit(unit, wanted.scope)
        found: Bools = met >= max(1, math.ceil(ENOUGH * len(wanted.units)))
        return found

    # --- scores ---

    def best(self, view: View, documents: Array, wanted: int) -> "Scored":
        """Score matching documents; those that cannot come among the `wanted` best may be missing.

        Terms are added up from the rarest on. Now and then the sums tell that most documents could not catch up even if
        they held all the rest, and those are left behind: common terms, which cost most, are looked up for few.
        """
        terms = self._by_view.get(view) or self._by_view.setdefault(view, self._rarest_first(view))
        tiers = _TIER * self.tiers(view, documents)
        scored = Scored(documents, tiers, self.covered(view, documents), np.zeros(view.segment.n, np.float32))
        for number, (place, code, weight, length) in enumerate(terms.terms):
            if number in terms.looks and len(scored.documents) > _FEW * wanted:
                scored.leave_behind(terms.rest[number], wanted)
            self._add(view, place, code, weight, length, scored)
        return scored

    def _rarest_first(self, view: View) -> "_Terms":
        places = view.segment.find(np.array([code for code, _, _ in self.terms], dtype=np.uint64))
        known = np.flatnonzero(places >= 0)
        sizes = view.segment.sizes(places[known])
        order = np.argsort(sizes, kind="stable")
        terms = [(int(places[at]), self.terms[at]) for at in known[order].tolist()]
        rest = np.cumsum([BEST_IMPACT * term[1] for _, term in reversed(terms)])[::-1]
        summed = np.cumsum(sizes[order])
        looks = np.searchsorted(summed, summed[-1:] * _LOOKS) if len(terms) > _WORTH_A_LOOK else ()
        return _Terms(
            tuple((place, code, np.float32(weight), length) for place, (code, weight, length) in terms),
            tuple(rest.tolist()),
            frozenset(int(look) for look in looks),
        )

    @cached_property
    def terms(self) -> list[tuple[int, float, str]]:
        """Every term of the query with its weight and the length it is measured against."""
        terms: dict[int, tuple[float, str]] = {}
        for wanted in self.planned.positive:
            for code in _pair_terms(wanted):
                terms.setdefault(code, (1.0, "pairs"))
            for unit in wanted.units:
                for way in unit.ways:
                    for code, form in zip(way.codes, way.forms, strict=True):
                        _keep_best(terms, code, (WORD_WEIGHT * way.weight, "words"))
                        if wanted.scope == ALL:
                            _keep_best(terms, word_code(form, SCOPES["title"]), (TITLE_WEIGHT * way.weight, ""))
        rarity = self.rarity(list(terms))
        found = [
            (code, weight * idf, length)
            for (code, (weight, length)), idf in zip(terms.items(), rarity, strict=True)
            if idf >= TELLING
        ] or [(code, weight * idf, length) for (code, (weight, length)), idf in zip(terms.items(), rarity, strict=True)]
        if len(found) > MAX_PAIRS:
            found = sorted(found, key=lambda term: -term[1])[:MAX_PAIRS]
        return found

    def _add(self, view: View, place: int, code: int, weight: np.float32, length: str, scored: "Scored") -> None:
        """Add one term's part to the sums, by whatever way is quickest for its number of documents."""
        documents, counts = view.segment.postings(place)
        if len(documents) > _MANY * len(scored.documents):
            at = np.searchsorted(documents, scored.documents.astype(documents.dtype))
            at[at == len(documents)] = 0
            hit = np.flatnonzero(documents[at] == scored.documents)
            at = at[hit]
            scored.summed[hit] += weight * self._impact(view, documents[at], counts[at], length)
            return
        dense = len(documents) * _DENSE > view.segment.n
        key = (view.segment.name, "impact", code, self.average[length] if length else 0)

        def make() -> Floats:
            impact = self._impact(view, documents, counts, length)
            return view.spread(documents, impact) if dense else impact

        impact = self.cache.get(key, make)
        if dense:
            scored.summed += weight * impact.take(scored.documents)
        else:
            np.add.at(scored.spread, documents, weight * impact)  # twice as quick as `+=`

    def _impact(self, view: View, documents: Array, counts: Array, length: str) -> Floats:
        """Return the part of BM25 that does not depend on the query."""
        frequency = counts.astype(np.float32)
        if not length:
            flat: Floats = frequency * np.float32(K1 + 1) / (frequency + np.float32(K1))
            return flat
        norm = view.norm(length, self.average[length])[documents]
        impact: Floats = frequency * np.float32(K1 + 1) / (frequency + norm)
        return impact

    # --- verbatim first ---

    def tiers(self, view: View, documents: Array) -> npt.NDArray[np.float64]:
        """Return how many of the typed words each document holds as they were typed, two points for exactly."""
        points = np.zeros(len(documents))
        if self.planned.sentence:
            return points
        for wanted in self.planned.positive:
            if wanted.how == "phrase":
                continue
            folded = view.holding(wanted.text, wanted.scope, "folded", edges=wanted.how == "word").take(documents)
            if wanted.text == wanted.exact and not is_ambiguous(wanted.text):
                points += 2.0 * folded
            else:
                exact = view.holding(wanted.exact, wanted.scope, "exact", edges=wanted.how == "word").take(documents)
                points += np.maximum(folded, 2.0 * exact)
        return points


class _Terms(NamedTuple):
    """The terms of a query one segment has, the rarest first: place, code, weight and length of each.

    `rest` says what a document could still get from each on; `looks` when to see who is left behind.
    """

    terms: tuple[tuple[int, int, np.float32, str], ...]
    rest: tuple[float, ...]
    looks: frozenset[int]


class Scored:
    """The documents of a segment that may be among the best, and what is known of each.

    Sums stand in two arrays: `summed` for these documents, `spread` for all, to which terms that few hold are added quicker.
    """

    def __init__(self, documents: Array, tiers: Array, covered: Array, spread: Floats) -> None:
        self.documents = documents
        self._tiers = tiers
        self._factor = ((0.5 + covered) ** 2).astype(np.float64)
        self.summed = np.zeros(len(documents), np.float32)
        self.spread = spread

    def scores(self) -> npt.NDArray[np.float64]:
        """Return the scores; sums that differ in nothing but the order of their terms are the same."""
        scores: npt.NDArray[np.float64] = np.round((self.summed + self.spread.take(self.documents)) * self._factor, 4)
        return scores

    def keys(self) -> npt.NDArray[np.float64]:
        """Return what to sort by."""
        keys: npt.NDArray[np.float64] = self._tiers + self.scores()
        return keys

    def leave_behind(self, rest: float, wanted: int) -> None:
        """Drop the documents that could not be among the best even if they held everything that is still to be added."""
        keys = self.keys()
        threshold = np.partition(keys, len(keys) - wanted)[len(keys) - wanted]
        kept = np.flatnonzero(keys + rest * self._factor >= threshold - _ROUNDED)
        if len(kept) * 2 < len(keys):
            self.summed = (self.summed + self.spread.take(self.documents)).take(kept)
            self.spread = np.zeros(len(self.spread), np.float32)
            self.documents, self._tiers = self.documents.take(kept), self._tiers.take(kept)
            self._factor = self._factor.take(kept)


def _pair_terms(wanted: Wanted) -> list[int]:
    text = wanted.text
    if len(text) == 1:
        return [int(analysis.character_codes(text, wanted.scope)[0])]
    return analysis.scoring_codes(text, wanted.scope)


def _keep_best(terms: dict[int, tuple[float, str]], code: int, term: tuple[float, str]) -> None:
    if code not in terms or terms[code][0] < term[0]:
        terms[code] = term
