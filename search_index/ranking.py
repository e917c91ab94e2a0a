"""How well a matching document answers: BM25 over pairs and words, times how much of the query it covers.

    score = (pairs + 2 x words + title) x (0.5 + coverage)^2

`coverage` is the share of the query's units the document meets, each weighed by its rarity (IDF). For typed words (not
sentences) documents that hold more of them verbatim come first: exactly as typed counts 2 a word, in another
spelling of the same characters (髙, 高) 1. `tests/search_index/reference.py` says the same in plain Python.

Average lengths are rounded to steps of five per cent, so that a commit seldom changes what is cached.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from search_index import analysis
from search_index.analysis import ALL, SCOPES, word_code
from search_index.caching import ArrayCache
from search_index.matching import K1, Bools, View, Weights
from search_index.normalise import is_ambiguous
from search_index.planning import Planned, Unit, Wanted

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]

WORD_WEIGHT = 2.0
TITLE_WEIGHT = 0.5
ENOUGH = 0.2  # the share of a sentence's words a document must hold to count as found
TELLING = 0.7  # the IDF below which a term (in half of all documents) is not worth adding up
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
        self.total = sum(int(view.alive.sum()) for view in views)
        self.average = {name: self._average(name) for name in ("pairs", "words")}
        self._rarity: dict[int, float] = {}
        self._shares: dict[tuple[str, tuple[tuple[Unit, int], ...]], Floats] = {}

    def _average(self, name: str) -> float:
        documents = sum(view.segment.n for view in self.views)
        return rounded(sum(view.length(name) for view in self.views) / documents) if documents else 1.0

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

    def covered(self, view: View, units: tuple[tuple[Unit, int], ...]) -> Floats:
        """Return the share of the units each document meets."""
        key = (view.segment.name, units)
        if key not in self._shares:
            self._shares[key] = self._covered(view, units)
        return self._shares[key]

    def _covered(self, view: View, units: tuple[tuple[Unit, int], ...]) -> Floats:
        share = np.zeros(view.segment.n, dtype=np.float32)
        weights = [self.unit_rarity(unit) for unit, _ in units]
        whole = sum(weights) or 1.0
        for (unit, scope), weight in zip(units, weights, strict=True):
            share[view.unit(unit, scope)] += np.float32(weight / whole)
        return share

    def enough(self, view: View, wanted: Wanted) -> Bools:
        """Return the documents that hold enough of a sentence.

        Words are counted, not weighed: their rarity depends on documents the reader may not see, and a total must not.
        """
        met = np.zeros(view.segment.n, dtype=np.int16)
        for unit in wanted.units:
            met[view.unit(unit, wanted.scope)] += 1
        found: Bools = met >= max(1, math.ceil(ENOUGH * len(wanted.units)))
        return found

    # --- scores ---

    def scores(self, view: View, documents: Array) -> npt.NDArray[np.float64]:
        """Return the score of matching documents."""
        summed = np.zeros(view.segment.n, dtype=np.float32)
        for code, weight, length in self._terms():
            self._add(view, code, weight, length, documents, summed)
        units = tuple((unit, wanted.scope) for wanted in self.planned.positive for unit in wanted.units)
        scores = summed[documents].astype(np.float64)
        if units:
            scores *= (0.5 + self.covered(view, units)[documents]) ** 2
        return scores

    def _terms(self) -> list[tuple[int, float, str]]:
        """Return every term of the query with its weight and the length it is measured against."""
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

    def _add(self, view: View, code: int, weight: float, length: str, among: Array, summed: Floats) -> None:
        """Add one term's part to the sums; of a common term, all documents at once, which is quicker than picking."""
        documents, counts = view.documents(code)
        if not len(documents):
            return
        if len(documents) > 32 * len(among):
            at = np.searchsorted(documents, among.astype(documents.dtype))
            at[at == len(documents)] = 0
            hit = documents[at] == among
            documents, counts = documents[at[hit]], counts[at[hit]]
            summed[documents] += np.float32(weight) * self._impact(view, documents, counts, length)
            return
        dense = len(documents) * _DENSE > view.segment.n
        key = (view.segment.name, "impact", code, self.average[length] if length else 0)

        def make() -> Floats:
            impact = self._impact(view, documents, counts, length)
            return view.spread(documents, impact) if dense else impact

        impact = self.cache.get(key, make)
        if dense:
            summed += np.float32(weight) * impact
        else:
            summed[documents] += np.float32(weight) * impact

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
            folded = view.holding(wanted.text, wanted.scope, "folded", edges=wanted.how == "word")[documents]
            if wanted.text == wanted.exact and not is_ambiguous(wanted.text):
                points += 2.0 * folded
            else:
                exact = view.holding(wanted.exact, wanted.scope, "exact", edges=wanted.how == "word")[documents]
                points += np.maximum(folded, 2.0 * exact)
        return points


def _pair_terms(wanted: Wanted) -> list[int]:
    text = wanted.text
    if len(text) == 1:
        return [int(analysis.character_codes(text, wanted.scope)[0])]
    return analysis.scoring_codes(text, wanted.scope)


def _keep_best(terms: dict[int, tuple[float, str]], code: int, term: tuple[float, str]) -> None:
    if code not in terms or terms[code][0] < term[0]:
        terms[code] = term
