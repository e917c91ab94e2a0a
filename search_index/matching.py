"""Which documents of a segment match: boolean masks out of postings, exact where a phrase says so.

Pairs narrow a text down to candidates, the folded text itself decides. A text of one or two characters needs no second
look, because a pair is its own proof. The layer `exact` is the text as written but for width, case and space; `folded`
also takes text whose variants fold to what is looked for.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from search_index import analysis
from search_index.analysis import ALL, SCOPES
from search_index.caching import ArrayCache
from search_index.lexicon import Lexicon
from search_index.normalise import is_ambiguous
from search_index.planning import Branch, Step, Unit, Wanted, Way
from search_index.record import Stored
from search_index.segment import PLAIN, Segment

Array = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]

_SCOPE_NAMES = {number: name for name, number in SCOPES.items()}
_MAX_PAIRS = 16
_HANDFUL = 500
_FEW = 3  # where fewer than one document of so many is meant, a list of them is kept

_DEARER = 15  # a look into one part of a document costs as much as one into so many whole ones

# How much of a query must be met: all of it; any word, but every quoted phrase; anything at all.
STRICT, RELAXED, LOOSE = 0, 1, 2
K1 = 1.2
B = 0.75
_EDGE = re.compile(r"[a-z0-9]")


class View:
    """A segment at one commit: its arrays, and which of its documents are still there."""

    def __init__(self, segment: Segment, deleted: frozenset[int], cache: ArrayCache) -> None:
        self.segment = segment
        self.deleted = deleted
        self.cache = cache
        self.alive: Bools = np.ones(segment.n, dtype=bool)
        self.alive[list(deleted)] = False
        self.living = segment.n - len(deleted)
        self._lengths: dict[str, int] = {}

    @property
    def lexicon(self) -> Lexicon:
        """The words of the segment, to be counted under a mask before they are named."""
        return self.segment.lexicon

    # --- who may see what ---

    def visible(self, tokens: frozenset[str], without: frozenset[int]) -> Bools:
        """Return the documents this reader may find, before anything else is looked at."""
        mask: Bools = (
            self.cache.get((self.segment.name, "visible", tokens), lambda: self._readable(tokens)) & self.alive
        )
        if without:
            mask[self.places(without)] = False
        return mask

    def _readable(self, tokens: frozenset[str]) -> Array:
        sets = np.array([not tokens.isdisjoint(readers) for readers in self.segment.header["readers"]] or [False])
        readable: Array = sets[self.segment.arrays["readers"]]
        return readable

    def places(self, ids: frozenset[int]) -> Array:
        """Return where these entries stand in the segment, if they do."""
        known = self.segment.ids
        order = self.segment.order
        wanted = np.array([number for number in ids if -(2**63) <= number < 2**63], dtype=np.int64)
        left = np.searchsorted(known, wanted, sorter=order)
        found = [
            int(order[at])
            for at, number in zip(left.tolist(), wanted.tolist(), strict=True)
            if at < len(known) and known[order[at]] == number
        ]
        return np.array(found, dtype=np.int64)

    @cached_property
    def years(self) -> tuple[Array, Array]:
        """The fiscal years there are, and the number of each document's among them."""
        values, numbers = np.unique(self.segment.arrays["fiscal_year"], return_inverse=True)
        return values, numbers

    # --- postings ---

    def documents(self, code: int) -> tuple[Array, Array]:
        """Return the documents and counts of a term, empty when nobody has it."""
        place = int(self.segment.find(np.array([code], dtype=np.uint64))[0])
        if place < 0:
            return np.zeros(0, np.uint16), np.zeros(0, np.uint8)
        return self.segment.postings(place)

    def mask(self, documents: Array) -> Bools:
        """Turn a list of documents into flags."""
        flags = np.zeros(self.segment.n, dtype=bool)
        flags[documents] = True
        return flags

    def _flags(self, key: Hashable, make: Callable[[], Array]) -> Bools:
        """Return flags kept under a key: as they are when many documents have them, as the list of documents when few."""

        def made() -> Array:
            documents = make()
            flags = self.mask(documents) if len(documents) * _FEW > self.segment.n else documents
            flags.flags.writeable = False
            return flags

        kept = self.cache.get(key, made)
        return kept if kept.dtype == np.bool_ else self.mask(kept)

    def spread(self, documents: Array, values: Array) -> Array:
        """Lay the values of some documents out over all."""
        spread = np.zeros(self.segment.n, dtype=np.float32)
        spread[documents] = values
        return spread

    def length(self, name: str) -> int:
        """Return the summed length of all documents, in pairs or words."""
        if name not in self._lengths:
            self._lengths[name] = int(self.segment.arrays[name].sum())
        return self._lengths[name]

    def norm(self, name: str, average: float) -> Array:
        """Return what BM25 adds to a term's frequency for a document's length."""

        def make() -> Array:
            norm = K1 * (1 - B + B * self.segment.arrays[name] / average)
            return norm.astype(np.float32)

        return self.cache.get((self.segment.name, "norm", name, average), make)

    # --- texts ---

    def holding(self, text: str, scope: int, layer: str, *, edges: bool) -> Bools:
        """Return the documents that hold a text; `layer` is exact or folded, `edges` minds whole Latin words."""
        key = (self.segment.name, "text", text, scope, layer, edges)
        return self._flags(key, lambda: self._holding(text, scope, layer, edges=edges))

    def _holding(self, text: str, scope: int, layer: str, *, edges: bool) -> Array:
        documents = self.candidates(text, scope)
        left, right = edges and bool(_EDGE.match(text[:1])), edges and bool(_EDGE.match(text[-1:]))
        if len(text) > 2 or left or right:
            return self._verified(documents, text, scope, layer, left=left, right=right)
        if layer == "folded" or not is_ambiguous(text):
            return documents
        plain = (self.segment.arrays["flags"][documents] & PLAIN) != 0
        rest = self._verified(documents[~plain], text, scope, layer, left=left, right=right)
        return np.union1d(documents[plain], rest)

    def cost(self, text: str, scope: int) -> int:
        """Return about how many documents must be looked into for a text."""
        if len(text) <= 2 and not _EDGE.search(text) and (scope == ALL or not is_ambiguous(text)):
            return 0
        sizes = self.segment.frequencies(np.unique(_codes(text, scope)))
        known = len(self.segment.surely(text)) if scope == ALL and not _EDGE.search(text) else 0
        return max(int(sizes.min()) - known, 0) * (1 if scope == ALL else _DEARER) * self.segment.look

    def _verified(self, documents: Array, text: str, scope: int, layer: str, *, left: bool, right: bool) -> Array:
        """Look into the texts of candidates."""
        if scope != ALL:
            find = _finder(text, left=left, right=right)
            fold = layer == "folded"
            found = [d for d in self.in_turn(documents) if self._found(d, find, scope, fold=fold)]
            return np.array(found, dtype=np.uint16)
        ambiguous = is_ambiguous(text)
        known = not (left or right) and (layer == "folded" or not ambiguous)
        sure = self.mask(self.segment.surely(text) if known else documents[:0])[documents]
        rest = documents[~sure]
        found = self.segment.holding(rest, text.encode(), left=left, right=right)
        if layer == "folded" and ambiguous:
            found += self._in_another_spelling(rest, found, text, left=left, right=right)
        return np.union1d(documents[sure], np.array(found, dtype=np.uint16))

    def _in_another_spelling(
        self, documents: Array, found: list[int], text: str, *, left: bool, right: bool
    ) -> list[int]:
        """Return the documents, besides those found, whose text holds it once variants are folded."""
        find = _finder(text, left=left, right=right)
        rest = documents[(self.segment.arrays["flags"][documents] & PLAIN) == 0]
        rest = np.setdiff1d(rest, np.array(found, dtype=rest.dtype), assume_unique=True)
        return [d for d in self.in_turn(rest) if find(self._stored(d).normalised)]

    def in_turn(self, documents: Array, handful: int = _HANDFUL) -> Iterator[int]:
        """Yield documents whose texts are going to be read, a handful at a time."""
        for start in range(0, len(documents), handful):
            together = documents[start : start + handful]
            self.segment.expect(together)
            yield from together.tolist()

    def _stored(self, document: int) -> Stored:
        return Stored(self.segment.folded(document), self.segment.stored(document))

    def _found(self, document: int, find: Callable[[str], bool], scope: int, *, fold: bool) -> bool:
        """Look for a text in the parts of a document that belong to a scope."""
        stored = self._stored(document)
        name = _SCOPE_NAMES[scope]
        spans = [(at, stored.end(n)) for n, at in enumerate(stored.starts) if stored.name(n) == name]
        texts = (stored.folded, stored.normalised) if fold else (stored.folded,)
        return any(find(text[start:end]) for text in texts for start, end in spans)

    def candidates(self, text: str, scope: int) -> Array:
        """Return the documents that hold every pair of a text, in either layer."""
        if not text:
            return np.zeros(0, np.uint16)
        places = self.segment.find(np.unique(_codes(text, scope)))
        if (places < 0).any():
            return np.zeros(0, np.uint16)
        sizes = self.segment.sizes(places)
        rarest = places[np.argsort(sizes, kind="stable")][:_MAX_PAIRS].tolist()
        documents = self.segment.postings(rarest[0])[0]
        for place in rarest[1:]:
            documents = _common(documents, self.segment.postings(place)[0], self.segment.n)
        return documents

    # --- trees ---

    def matching(self, step: Step, weigh: "Weights", *, relaxed: int) -> Bools:
        """Return the documents a plan matches, whoever may see them."""
        if isinstance(step, Wanted):
            return self.met(step, weigh, relaxed=relaxed)
        masks = [self.matching(node, weigh, relaxed=relaxed) for node in step.nodes]
        if step.how == "without":
            return ~masks[0]
        return _combine(step, masks, relaxed=relaxed)

    def met(self, wanted: Wanted, weigh: "Weights", *, relaxed: int) -> Bools:
        """Return the documents that meet one typed word."""
        if wanted.how == "phrase" and relaxed < LOOSE:
            return self.holding(wanted.exact, wanted.scope, "exact", edges=False)
        if wanted.how == "prefix":
            return self.holding(wanted.text, wanted.scope, "folded", edges=False)
        verbatim = self.holding(wanted.text, wanted.scope, "folded", edges=True)
        if not wanted.units:
            return verbatim
        if wanted.how == "sentence" or relaxed:
            return verbatim | weigh.enough(self, wanted)
        return verbatim | _all([self.unit(unit, wanted.scope) for unit in wanted.units])

    def unit(self, unit: Unit, scope: int) -> Bools:
        """Return the documents that meet a unit in any way."""
        return self._flags((self.segment.name, "unit", unit, scope), lambda: self._unit(unit, scope))

    def _unit(self, unit: Unit, scope: int) -> Array:
        mask = np.zeros(self.segment.n, dtype=bool)
        for way in unit.ways:
            mask |= self._words_of(way)
            if way.text:
                mask |= self.holding(way.text, scope, "folded", edges=True)
        return np.flatnonzero(mask).astype(np.uint16)

    def _words_of(self, way: Way) -> Bools:
        mask = np.zeros(self.segment.n, dtype=bool)
        if way.codes and way.by_words:
            places = self.segment.find(np.array(way.codes, dtype=np.uint64))
            if (places >= 0).all():
                mask[self.segment.postings(int(places[0]))[0]] = True
                for place in places[1:].tolist():
                    mask &= self.mask(self.segment.postings(place)[0])
        return mask


def _codes(text: str, scope: int) -> analysis.Codes:
    return analysis.character_codes(text, scope) if len(text) == 1 else analysis.pair_codes(text, scope)


class Weights:
    """How rare each unit of the query is in the whole index, and how much of a sentence a document must hold."""

    def enough(self, view: View, wanted: Wanted) -> Bools:
        """Return the documents that hold enough of a sentence."""
        raise NotImplementedError


def _combine(step: Branch, masks: Sequence[Bools], *, relaxed: int) -> Bools:
    """Join masks; when relaxed, what was to hold together may hold alone, but what must not hold still must not."""
    if step.how == "either":
        return _any(masks)
    if not relaxed:
        return _all(masks)
    firm = [_is_firm(node, relaxed) for node in step.nodes]
    wanted = [mask for mask, kept in zip(masks, firm, strict=True) if not kept]
    unwanted = [mask for mask, kept in zip(masks, firm, strict=True) if kept]
    some: Bools = _any(wanted) if wanted else np.ones(len(masks[0]), dtype=bool)
    return _all([some, *unwanted])


def _any(masks: Sequence[Bools]) -> Bools:
    some: Bools = np.logical_or.reduce(masks)
    return some


def _all(masks: Sequence[Bools]) -> Bools:
    every: Bools = np.logical_and.reduce(masks)
    return every


def _is_firm(node: Step, relaxed: int) -> bool:
    """Say whether a relaxed query still insists on a node: what must not occur, and what stands in quotes."""
    return node.how == "without" or (node.how == "phrase" and relaxed < LOOSE)


def _common(few: Array, many: Array, size: int) -> Array:
    """Return the documents in both sorted lists."""
    if len(many) > 16 * len(few):
        at = np.searchsorted(many, few)
        at[at == len(many)] = 0
        return few[many[at] == few] if len(many) else few[:0]
    flags = np.zeros(size, dtype=bool)
    flags[many] = True
    return few[flags[few]]


@lru_cache(maxsize=500)
def _pattern(text: str, left: bool, right: bool) -> re.Pattern[str]:
    return re.compile((r"(?<![a-z0-9])" if left else "") + re.escape(text) + (r"(?![a-z0-9])" if right else ""))


def _finder(text: str, *, left: bool, right: bool) -> Callable[[str], bool]:
    if left or right:
        pattern = _pattern(text, left, right)
        return lambda folded: pattern.search(folded) is not None
    return lambda folded: text in folded
