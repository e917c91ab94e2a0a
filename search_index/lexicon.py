"""The words of a segment with their readings and the documents that hold them: what suggestions are drawn from.

A lexicon holds the nouns of every text as they stand there (in the normalised layer) and, of the short parts (title,
meeting body, agenda, decisions, issues), the compounds they form: 退院, 支援, 退院支援. Each row knows the very documents it
stands in, so that a word can be counted under the mask of one reader before anybody hears of it; a row that only
hidden documents hold counts nothing and is not there.

    lexicon, lexicon_at                 rows in order: surface, a tab, readings with a comma between
    lexicon_documents(_at)              the documents of each row
    readings, readings_at, reading_of   readings in order, and whose they are
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from search_index.analysis import Word

if TYPE_CHECKING:
    from search_index.segment import Bools, Record, Segment

Array = npt.NDArray[Any]
Words = dict[str, str]
"""The words of one document with their readings."""
_Rows = dict[str, set[str]]

COMPOUNDS_OF = frozenset({"title", "body_name", "agenda", "decisions", "issues"})
LONGEST = 24
"""Characters of a word; longer runs are nobody's word."""
_MOST_WORDS = 5
_NOUN = "名詞"
_JOINING = frozenset({_NOUN, "接頭辞", "接尾辞", "形状詞"})
_KEPT_READINGS = 3


def collect(text: str, words: Sequence[Word], *, compounds: bool, into: Words) -> None:
    """Add the nouns of a normalised text, and what neighbouring ones make together."""
    for word in words:
        if word.kind == _NOUN and 1 < word.end - word.start <= LONGEST:
            into.setdefault(text[word.start : word.end], word.reading)
    if compounds:
        for run in _runs(words):
            for first in range(len(run) - 1):
                for last in range(first + 1, min(first + _MOST_WORDS, len(run))):
                    _add_compound(text, run[first : last + 1], into)


def _runs(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield stretches of nouns that stand side by side."""
    run: list[Word] = []
    for word in words:
        if run and (word.start != run[-1].end or word.kind not in _JOINING):
            yield run
            run = []
        if word.kind in _JOINING:
            run.append(word)
    if run:
        yield run


def _add_compound(text: str, run: Sequence[Word], into: Words) -> None:
    begins, ends = run[0].kind != "接尾辞", run[-1].kind != "接頭辞"
    if begins and ends and run[-1].end - run[0].start <= LONGEST:
        into.setdefault(text[run[0].start : run[-1].end], "".join(word.reading for word in run))


# --- arrays ----------------------------------------------------------------------------------------


def build(records: Sequence["Record"]) -> dict[str, Array]:
    """Lay out the lexicon of a segment."""
    rows: _Rows = {}
    for record in records:
        for surface, reading in record.lexicon.items():
            rows.setdefault(surface, set()).add(reading)
    number = {surface: place for place, surface in enumerate(sorted(rows))}
    held = [np.array([number[surface] for surface in record.lexicon], dtype=np.int32) for record in records]
    documents = np.repeat(np.arange(len(records), dtype=np.uint16), [len(one) for one in held])
    return _arrays(rows, np.concatenate(held) if held else np.zeros(0, np.int64), documents)


def merge(segments: Sequence[tuple["Segment", "Bools"]]) -> dict[str, Array]:
    """Make one lexicon of several, keeping the documents whose flag is set and the words they hold."""
    lexicons = [Lexicon(segment) for segment, _ in segments]
    alive = [flags[lexicon.documents] for lexicon, (_, flags) in zip(lexicons, segments, strict=True)]
    rows: _Rows = {}
    for lexicon, live in zip(lexicons, alive, strict=True):
        for place in np.flatnonzero(_sums(live, lexicon.documents_at)).tolist():
            surface, readings = lexicon.row(place)
            rows.setdefault(surface, set()).update(readings)
    number = {surface: place for place, surface in enumerate(sorted(rows))}
    held, documents, base = [], [], 0
    for lexicon, live, (_, flags) in zip(lexicons, alive, segments, strict=True):
        places = np.array([number.get(lexicon.row(n)[0], -1) for n in range(len(lexicon))], dtype=np.int32)
        held.append(np.repeat(places, np.diff(lexicon.documents_at))[live])
        renumbered = (np.cumsum(flags) - 1 + base).astype(np.uint16)
        documents.append(renumbered[lexicon.documents[live]])
        base += int(flags.sum())
    return _arrays(rows, np.concatenate(held), np.concatenate(documents))


def _sums(flags: Array, starts: Array) -> Array:
    summed = np.zeros(len(flags) + 1, dtype=np.int64)
    np.cumsum(flags, out=summed[1:])
    counts: Array = summed[starts[1:]] - summed[starts[:-1]]
    return counts


def _arrays(rows: _Rows, held: Array, documents: Array) -> dict[str, Array]:
    """Order rows, readings and documents; `held` says row by row which word stands in which of `documents`."""
    ordered = sorted(rows)
    kept = [sorted(rows[surface])[:_KEPT_READINGS] for surface in ordered]
    lines = [f"{surface}\t{','.join(readings)}".encode() for surface, readings in zip(ordered, kept, strict=True)]
    spoken = sorted((reading.encode(), place) for place, readings in enumerate(kept) for reading in readings if reading)
    order = np.argsort(held, kind="stable")
    lexicon_at, lexicon = _joined(lines)
    readings_at, readings = _joined([reading for reading, _ in spoken])
    return {
        "lexicon_at": lexicon_at,
        "lexicon": lexicon,
        "lexicon_documents_at": np.searchsorted(held[order], np.arange(len(ordered) + 1)).astype(np.int64),
        "lexicon_documents": documents[order],
        "readings_at": readings_at,
        "readings": readings,
        "reading_of": np.array([place for _, place in spoken], dtype=np.uint32),
    }


def _joined(pieces: Sequence[bytes]) -> tuple[Array, Array]:
    starts = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=starts[1:])
    return starts, np.frombuffer(b"".join(pieces), dtype=np.uint8)


# --- reading ---------------------------------------------------------------------------------------


class _Blob(Sequence[bytes]):
    """Strings laid end to end, to be looked through by halving."""

    def __init__(self, starts: Array, blob: Array) -> None:
        self._starts, self._blob = starts, memoryview(blob)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, place: Any) -> Any:
        return bytes(self._blob[int(self._starts[place]) : int(self._starts[place + 1])])

    def all(self) -> list[str]:
        """Return all of them, in one go."""
        whole = bytes(self._blob)
        return [whole[start:end].decode() for start, end in pairwise(self._starts.tolist())]

    def beginning(self, prefix: bytes) -> range:
        """Return the places of what begins so."""
        return range(bisect_left(self, prefix), bisect_left(self, prefix + b"\xff"))


class Lexicon:
    """The words of one segment, whoever may see them."""

    def __init__(self, segment: "Segment") -> None:
        arrays = segment.arrays
        self._rows = _Blob(arrays["lexicon_at"], arrays["lexicon"])
        self._readings = _Blob(arrays["readings_at"], arrays["readings"])
        self._reading_of: Array = arrays["reading_of"]
        self.documents: Array = arrays["lexicon_documents"]
        self.documents_at: Array = arrays["lexicon_documents_at"]

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self._rows)

    def row(self, place: int) -> tuple[str, list[str]]:
        """Return a word and its readings."""
        surface, _, readings = self._rows[place].decode().partition("\t")
        return surface, readings.split(",")

    def surface(self, place: int) -> str:
        """Return a word."""
        return self.row(place)[0]

    def place(self, surface: str) -> int:
        """Return the place of a word, or -1."""
        found = self._rows.beginning(f"{surface}\t".encode())
        return found.start if found else -1

    def beginning(self, prefix: str) -> Array:
        """Return the places of the words that begin so."""
        found = self._rows.beginning(prefix.encode())
        return np.arange(found.start, found.stop)

    def sounding(self, prefix: str) -> Array:
        """Return the places of the words whose reading begins so."""
        found = self._readings.beginning(prefix.encode())
        return np.unique(self._reading_of[found.start : found.stop]).astype(np.int64)

    def spoken(self, reading: str) -> Array:
        """Return the places of the words that are read exactly so."""
        wanted = reading.encode()
        found = range(bisect_left(self._readings, wanted), bisect_left(self._readings, wanted + b"\0"))
        return np.unique(self._reading_of[found.start : found.stop]).astype(np.int64)

    def counts(self, places: Array, visible: "Bools") -> Array:
        """Return in how many of the visible documents each of these words stands."""
        if not len(places):
            return np.zeros(0, np.int64)
        starts, ends = self.documents_at[places], self.documents_at[places + 1]
        lengths = ends - starts
        offsets = np.cumsum(lengths) - lengths
        at = np.arange(int(lengths.sum())) + np.repeat(starts - offsets, lengths)
        seen = visible[self.documents[at]]
        return _sums(seen, np.append(offsets, len(seen)))

    def of(self, place: int) -> Array:
        """Return the documents that hold a word."""
        documents: Array = self.documents[self.documents_at[place] : self.documents_at[place + 1]]
        return documents

    def reading(self, row: int) -> str:
        """Return one of the readings, by its own order."""
        return str(self._readings[row].decode())

    def whose(self, row: int) -> int:
        """Return the place of the word a reading belongs to."""
        return int(self._reading_of[row])

    def surfaces(self) -> list[str]:
        """Return all words in order."""
        return [row.partition("\t")[0] for row in self._rows.all()]

    def all_readings(self) -> list[str]:
        """Return all readings in order."""
        return self._readings.all()
