"""An entry becomes a record: its terms with their counts, its folded text, and a compact copy of what a person wrote."""

import hashlib
import json
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from functools import cached_property
from itertools import accumulate, chain, pairwise
from struct import unpack_from
from typing import Any, NamedTuple

import numpy as np

from search_index import analysis, lexicon
from search_index.analysis import ALL, SCOPES
from search_index.dates import day_terms
from search_index.normalise import Alignment, Stretch, fold, fold_variants
from search_index.segment import HAS_DECISION, HAS_ISSUE, NO_DATE, NO_YEAR, PLAIN, Record
from search_index.values import PART_NAMES, Entry, Part

BOUNDARY = "\0"  # between parts; no phrase crosses it, because no folded text holds it


def digest(entry: Entry) -> str:
    """Return a short fingerprint of everything the index keeps of an entry; equal entries have equal fingerprints."""
    updated = entry.updated.astimezone(UTC).isoformat() if entry.updated.tzinfo else entry.updated.isoformat()
    parts = [(part.name, part.label, part.text) for part in entry.parts]
    plain = [entry.id, entry.ward, entry.kind, entry.title, parts, sorted(entry.readers), str(entry.date)]
    plain += [entry.fiscal_year, entry.body_name, sorted(entry.items), entry.state]
    plain += [entry.has_decision, entry.has_issue, updated]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def all_parts(entry: Entry) -> tuple[Part, ...]:
    """Return the parts with the title first and the meeting body, whether or not the caller listed them."""
    given = {part.name for part in entry.parts}
    extra = []
    if "title" not in given:
        extra.append(Part("title", "題名", entry.title))
    if "body_name" not in given and entry.body_name:
        extra.append(Part("body_name", "会議体", entry.body_name))
    titles = [part for part in entry.parts if part.name == "title"]
    return (*titles, *extra, *(part for part in entry.parts if part.name != "title"))


def clean(text: str) -> str:
    """Drop what no text may hold: NUL and lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\0", " ")


def make_record(entry: Entry) -> Record:
    """Analyse an entry."""
    parts = [(part, *fold(clean(part.text))) for part in all_parts(entry)]
    terms = _Terms()
    for part, text, _ in parts:
        terms.add(part, text)
    terms.add_words([term for day in [entry.date] if day for term in day_terms(day)])
    if entry.fiscal_year is not None:
        terms.add_words([f"@f{entry.fiscal_year}"])
    codes, counts = terms.arrays()
    return Record(
        id=entry.id,
        codes=codes,
        counts=counts,
        pairs=terms.pairs,
        words=terms.words,
        ward=entry.ward,
        kind=entry.kind,
        state=entry.state,
        body_name=entry.body_name,
        fiscal_year=NO_YEAR if entry.fiscal_year is None else entry.fiscal_year,
        date=NO_DATE if entry.date is None else entry.date.toordinal(),
        updated=int(entry.updated.timestamp() * 1_000_000),
        flags=HAS_DECISION * entry.has_decision + HAS_ISSUE * entry.has_issue + PLAIN * (not terms.variants),
        items=tuple(sorted(set(entry.items))),
        readers=tuple(sorted(entry.readers)),
        digest=bytes.fromhex(digest(entry)),
        folded=BOUNDARY.join(["", *(text for _, text, _ in parts), ""]).encode(),
        stored=_pack(parts, terms.variants),
        forms=terms.surfaces,
        form_codes=terms.form_codes,
        lexicon=terms.lexicon,
    )


class _Terms:
    """Collects the codes of one entry."""

    def __init__(self) -> None:
        self._codes: list[Any] = []
        self._counts: list[Any] = []
        self._words: Counter[int] = Counter()
        self.surfaces: dict[str, set[str]] = {}
        self.form_codes: dict[str, int] = {}
        self.lexicon: lexicon.Words = {}
        self.variants: list[tuple[int, str]] = []
        self.pairs = 0
        self.words = 0
        self._at = len(BOUNDARY)

    def add(self, part: Part, text: str) -> None:
        """Add one part's folded text, under ALL and under its own scope."""
        same = fold_variants(text)
        if same != text:
            pairs = enumerate(zip(text, same, strict=True), self._at)
            self.variants += [(at, standard) for at, (written, standard) in pairs if written != standard]
        self._at += len(text) + len(BOUNDARY)
        words = list(analysis.words(same))
        lexicon.collect(same, words, compounds=part.name in lexicon.COMPOUNDS_OF, into=self.lexicon)
        counts, surfaces = analysis.word_counts(same, words)
        self.pairs += max(len(same) - 1, 0)
        self.words += counts.total()
        for form, met in surfaces.items():
            self.surfaces.setdefault(form, set()).update(met)
        scope = SCOPES.get(part.name)
        for form, count in counts.items():
            code = self.form_codes.get(form)
            if code is None:
                code = self.form_codes[form] = analysis.word_code(form)
            self._words[code] += count
            if scope:
                self._words[analysis.word_code(form, scope)] += count
        for where in (ALL, scope) if scope else (ALL,):
            self._add_text(same, text, where)

    def _add_text(self, same: str, text: str, scope: int) -> None:
        if not same:
            return
        codes = [analysis.pair_codes(same, scope), analysis.character_codes(same, scope)]
        self._codes += codes
        self._counts += [np.ones(len(code), dtype=np.int64) for code in codes]
        if text != same:
            codes = [analysis.pair_codes(text, scope), analysis.character_codes(text, scope)]
            self._codes += codes
            self._counts += [np.zeros(len(code), dtype=np.int64) for code in codes]

    def add_words(self, forms: list[str]) -> None:
        """Add words that stand for facts about the entry, not for text."""
        for form in forms:
            code = self.form_codes.setdefault(form, analysis.word_code(form))
            self._words[code] = max(self._words[code], 1)

    def arrays(self) -> tuple[Any, Any]:
        """Return the distinct codes in order and how often each occurs, 255 at most."""
        words = np.array(list(self._words), dtype=np.uint64)
        codes = np.concatenate([*self._codes, words])
        counts = np.concatenate([*self._counts, np.array(list(self._words.values()), dtype=np.int64)])
        unique, inverse = np.unique(codes, return_inverse=True)
        summed = np.bincount(inverse, weights=counts, minlength=len(unique))
        return unique, np.minimum(summed, 255).astype(np.uint8)


# --- the copy of what a person wrote ---------------------------------------------------------------
#
# Numbers of 32 bits: how many parts, changes and variants there are; per part where it begins in the folded text and the
# number of its name; per change (a stretch that folding changed) where it begins, how long it became (twice, plus one when
# it is parallel) and where its original ends among the originals; per variant its place and standard character.
# Then the labels of the parts, and the originals of the changes. Nothing but what a page quotes is ever unpacked.


def _pack(parts: list[tuple[Part, str, list[Stretch]]], variants: list[tuple[int, str]]) -> bytes:
    starts, changes, originals = [], [], []
    at, length = len(BOUNDARY), 0
    for _, folded, changed in parts:
        starts.append(at)
        for stretch in changed:
            length += len(stretch.original)
            originals.append(stretch.original)
            changes.append((at + stretch.folded_at, len(stretch.folded) * 2 + stretch.parallel, length))
        at += len(folded) + len(BOUNDARY)
    names = [PART_NAMES.index(part.name) for part, _, _ in parts]
    labels = BOUNDARY.join(clean(part.label) for part, _, _ in parts).encode()
    columns = (*zip(*changes, strict=True), *zip(*((at, ord(standard)) for at, standard in variants), strict=True))
    head = (len(parts), len(changes), len(variants), len(labels))
    numbers = array("I", chain(head, starts, names, *columns))
    return numbers.tobytes() + labels + "".join(originals).encode()


class StoredPart(NamedTuple):
    """A part as the index keeps it: its name, what a person calls it, and its place in the folded text."""

    name: str
    label: str
    start: int
    end: int


class Stored:
    """What the index keeps of a document's text: folded, normalised, and as a person wrote it."""

    def __init__(self, folded: bytes, packed: bytes) -> None:
        self.folded = folded.decode()
        self._packed = packed
        parts, changes, variants, self._labels = unpack_from("=4I", packed)
        sizes = (4, parts, parts, changes, changes, changes, variants, variants)
        bounds = list(accumulate(sizes))
        numbers = memoryview(packed)[: bounds[-1] * 4].cast("I")
        columns = [numbers[start:end] for start, end in pairwise(bounds)]
        self.starts, self._names, self._changed_at, self._lengths, self._ends, self._places, self._standards = columns
        self._texts_at = bounds[-1] * 4

    @cached_property
    def normalised(self) -> str:
        """The text in which words are looked for; offsets are those of the folded text."""
        if not len(self._places):
            return self.folded
        pieces: list[str] = []
        at = 0
        for place, standard in zip(self._places, self._standards, strict=True):
            pieces += (self.folded[at:place], chr(standard))
            at = place + 1
        return "".join((*pieces, self.folded[at:]))

    @property
    def parts(self) -> list[StoredPart]:
        """All parts, the title first."""
        return [self.part(number) for number in range(len(self.starts))]

    def part(self, number: int) -> StoredPart:
        """Return one part."""
        labels = self._packed[self._texts_at : self._texts_at + self._labels].decode().split(BOUNDARY)
        return StoredPart(self.name(number), labels[number], self.starts[number], self.end(number))

    def name(self, number: int) -> str:
        """Return the name of a part."""
        return PART_NAMES[self._names[number]]

    def end(self, number: int) -> int:
        """Return where a part ends in the folded text."""
        following = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.folded)
        return following - len(BOUNDARY)

    def number_at(self, place: int) -> int:
        """Return the number of the part a place of the folded text lies in."""
        return bisect_right(self.starts, place) - 1

    def original(self, part: StoredPart) -> str:
        """Return a part's whole original text."""
        return self.aligned(part.start, part.end)[1].original

    def aligned(self, start: int, end: int) -> tuple[int, Alignment]:
        """Return a window with its original, widened so that no changed stretch is cut, and where it begins."""
        first = bisect_left(self._changed_at, start)
        if first and self._changed_at[first - 1] + self._lengths[first - 1] // 2 > start:
            first -= 1
            start = self._changed_at[first]
        last = first
        while last < len(self._changed_at) and (self._changed_at[last] < end or self._changed_at[last] == start):
            last += 1
        if last > first:
            end = max(end, self._changed_at[last - 1] + self._lengths[last - 1] // 2)
        return start, Alignment.restored(self.folded[start:end], self._stretches(first, last, start))

    def _stretches(self, first: int, last: int, start: int) -> Iterator[Stretch]:
        originals = self._originals
        for number in range(first, last):
            at = self._changed_at[number]
            length, parallel = divmod(self._lengths[number], 2)
            original = originals[self._ends[number - 1] if number else 0 : self._ends[number]]
            yield Stretch(at - start, original, self.folded[at : at + length], bool(parallel))

    @cached_property
    def _originals(self) -> str:
        return self._packed[self._texts_at + self._labels :].decode()
