"""One segment: a single file of arrays, written once, mapped into memory, never changed.

Whoosh decides which segments make up the index; what stands inside them is ours. A segment holds its terms as sorted
64-bit codes, the postings behind them, a few columns per document and the texts. Readers map the file, so opening costs
nothing but the header and several processes share the pages.
"""

import json
import mmap
import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from search_index import lexicon
from search_index.values import IndexDamaged

Array = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]

_MAGIC = b"WARDSEG1"
_ALIGN = 64
_ALNUM = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
MAX_DOCUMENTS = 65_536  # so that postings fit 16 bits
NO_YEAR = -32_768
NO_DATE = -(2**31)
CATEGORIES = ("ward", "kind", "state", "body_name")
HAS_DECISION, HAS_ISSUE = 1, 2
PLAIN = 4  # nothing in the text has a variant to fold, so both layers of normalisation are the same


@dataclass(slots=True)
class Record:
    """One analysed entry, ready to be written."""

    id: int
    codes: Array
    counts: Array
    pairs: int
    words: int
    ward: str
    kind: str
    state: str
    body_name: str
    fiscal_year: int
    date: int
    updated: int
    flags: int
    items: tuple[str, ...]
    readers: tuple[str, ...]
    digest: bytes
    folded: bytes
    stored: bytes
    forms: dict[str, set[str]] = field(default_factory=dict)
    form_codes: dict[str, int] = field(default_factory=dict)
    lexicon: dict[str, str] = field(default_factory=dict)


class _Sets:
    """Numbers distinct sets of strings (readers, items), so that a document carries one small number."""

    def __init__(self) -> None:
        self.members: list[tuple[str, ...]] = []
        self._numbers: dict[tuple[str, ...], int] = {}

    def number(self, members: tuple[str, ...]) -> int:
        found = self._numbers.get(members)
        if found is None:
            found = self._numbers[members] = len(self.members)
            self.members.append(members)
        return found


def _joined(pieces: Sequence[bytes]) -> tuple[Array, Array]:
    starts = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=starts[1:])
    return starts, np.frombuffer(b"".join(pieces), dtype=np.uint8)


def build(records: Sequence[Record]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Turn records into the header and arrays of a segment."""
    if len(records) > MAX_DOCUMENTS:
        raise ValueError("Too many documents for one segment.")
    header: dict[str, Any] = {"n": len(records)}
    arrays: dict[str, Array] = {
        "id": np.array([r.id for r in records], dtype=np.int64),
        "pairs": np.array([r.pairs for r in records], dtype=np.uint32),
        "words": np.array([r.words for r in records], dtype=np.uint32),
        "fiscal_year": np.array([r.fiscal_year for r in records], dtype=np.int16),
        "date": np.array([r.date for r in records], dtype=np.int32),
        "updated": np.array([r.updated for r in records], dtype=np.int64),
        "flags": np.array([r.flags for r in records], dtype=np.uint8),
        "digest": np.frombuffer(b"".join(r.digest for r in records), dtype=np.uint8),
    }
    for name in (*CATEGORIES, "items", "readers"):
        numbers = _Sets()
        values = [getattr(r, name) for r in records]
        keys = [(value,) if name in CATEGORIES else tuple(sorted(value)) for value in values]
        arrays[name] = np.array([numbers.number(key) for key in keys], dtype=np.int32)
        header[name] = [key[0] if name in CATEGORIES else list(key) for key in numbers.members]
    arrays |= _postings(records)
    arrays["folded_at"], arrays["folded"] = _joined([r.folded for r in records])
    arrays["stored_at"], arrays["stored"] = _joined([r.stored for r in records])
    arrays |= _forms((r.forms for r in records), (r.form_codes for r in records))
    arrays |= lexicon.build(records)
    return header, arrays


def _postings(records: Sequence[Record]) -> dict[str, Array]:
    """Order all terms of all records by code, then document."""
    codes = np.concatenate([r.codes for r in records]) if records else np.zeros(0, np.uint64)
    counts = np.concatenate([r.counts for r in records]) if records else np.zeros(0, np.uint8)
    documents = np.repeat(np.arange(len(records), dtype=np.uint16), [len(r.codes) for r in records])
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    first = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))) if len(codes) else np.zeros(0, np.int64)
    return {
        "terms": codes[first],
        "terms_at": np.append(first, len(codes)).astype(np.int64),
        "documents": documents[order],
        "counts": counts[order],
    }


def _forms(forms: Iterable[dict[str, set[str]]], codes: Iterable[dict[str, int]]) -> dict[str, Array]:
    """Keep the spelling of every word and the surfaces it was met in, by code."""
    surfaces: dict[str, set[str]] = {}
    numbers: dict[str, int] = {}
    for mine in forms:
        for form, met in mine.items():
            surfaces.setdefault(form, set()).update(met)
    for known in codes:
        numbers.update(known)
    return _form_arrays({code: (form, surfaces.get(form, set())) for form, code in numbers.items()})


def _form_arrays(by_code: dict[int, tuple[str, set[str]]]) -> dict[str, Array]:
    ordered = sorted(by_code)
    rows = ["\t".join((by_code[code][0], *sorted(by_code[code][1])[:20])).encode() for code in ordered]
    starts, blob = _joined(rows)
    return {"form_codes": np.array(ordered, dtype=np.uint64), "forms_at": starts, "forms": blob}


def write(path: Path, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Write a segment file and bring it to the disk."""
    layout = {}
    offset = 0
    for name, array in arrays.items():
        layout[name] = (array.dtype.str, offset, len(array))
        offset += -(-array.nbytes // _ALIGN) * _ALIGN
    text = json.dumps(header | {"arrays": layout, "size": offset}, ensure_ascii=False).encode()
    with path.open("wb") as file:
        file.write(_MAGIC + len(text).to_bytes(8, "little") + zlib.crc32(text).to_bytes(4, "little") + text)
        file.write(b"\0" * (-file.tell() % _ALIGN))
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).data)
            file.write(b"\0" * (-array.nbytes % _ALIGN))
        file.flush()
        os.fsync(file.fileno())


class Segment:
    """A mapped segment: its header's values as attributes, its arrays by name."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.path = path
        with path.open("rb") as file:
            try:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise IndexDamaged(f"索引のファイル {path.name} が空です。索引を作り直してください。") from error
        self.header, self._start = self._read_header()
        self.n: int = self.header["n"]
        self.arrays: dict[str, Array] = {name: self._array(*place) for name, place in self.header["arrays"].items()}
        self.terms: Array = self.arrays["terms"]
        self.terms_at: Array = self.arrays["terms_at"]
        self.ids: Array = self.arrays["id"]
        self.bytes = self._map
        self.folded_start = self._start + self.header["arrays"]["folded"][1]
        self.stored_start = self._start + self.header["arrays"]["stored"][1]

    def _read_header(self) -> tuple[dict[str, Any], int]:
        damaged = IndexDamaged(f"索引のファイル {self.path.name} が壊れています。索引を作り直してください。")
        start = self._map[:8]
        length = int.from_bytes(self._map[8:16], "little")
        text = self._map[20 : 20 + length]
        if start != _MAGIC or len(text) != length or zlib.crc32(text).to_bytes(4, "little") != self._map[16:20]:
            raise damaged
        header: dict[str, Any] = json.loads(text)
        begin = -(-(20 + length) // _ALIGN) * _ALIGN
        if len(self._map) < begin + header["size"]:
            raise damaged
        return header, begin

    def _array(self, dtype: str, offset: int, count: int) -> Array:
        return np.frombuffer(self._map, dtype=dtype, count=count, offset=self._start + offset)

    def find(self, codes: Array) -> Array:
        """Return the place of each code among the terms, or -1."""
        if not len(self.terms):
            return np.full(len(codes), -1)
        places = np.searchsorted(self.terms, codes)
        places[places == len(self.terms)] = 0
        return np.where(self.terms[places] == codes, places, -1)

    def sizes(self, places: Array) -> Array:
        """Return in how many documents the terms at these places occur."""
        sizes: Array = self.terms_at[places + 1] - self.terms_at[places]
        return sizes

    def frequencies(self, codes: Array) -> Array:
        """Return in how many documents each code occurs, whoever may see them."""
        places = self.find(codes)
        return np.where(places >= 0, self.sizes(np.maximum(places, 0)), 0) if len(self.terms) else np.zeros(len(codes))

    def postings(self, place: int) -> tuple[Array, Array]:
        """Return the documents of a term and how often it occurs in each."""
        start, end = self.terms_at[place], self.terms_at[place + 1]
        return self.arrays["documents"][start:end], self.arrays["counts"][start:end]

    def holding(self, documents: Array, wanted: bytes, *, left: bool = False, right: bool = False) -> list[int]:
        """Return those of the documents whose folded text holds these bytes.

        With `left` or `right`, only where no Latin letter or digit adjoins on that side.
        """
        at = self.arrays["folded_at"]
        starts = (at[documents] + self.folded_start).tolist()
        ends = (at[documents + np.int64(1)] + self.folded_start).tolist()
        rows = zip(documents.tolist(), starts, ends, strict=True)
        if left or right:
            return [row[0] for row in rows if self._stands_alone(wanted, row[1], row[2], left=left, right=right)]
        find = self._map.find
        return [document for document, start, end in rows if find(wanted, start, end) >= 0]

    def _stands_alone(self, wanted: bytes, start: int, end: int, *, left: bool, right: bool) -> bool:
        at = self._map.find(wanted, start, end)
        while at >= 0:
            # Every text begins and ends with a boundary, so there is always a byte on either side.
            cut = (left and self._map[at - 1] in _ALNUM) or (right and self._map[at + len(wanted)] in _ALNUM)
            if not cut:
                return True
            at = self._map.find(wanted, at + 1, end)
        return False

    def folded(self, document: int) -> bytes:
        """Return a document's folded text."""
        at = self.arrays["folded_at"]
        return self._map[self.folded_start + int(at[document]) : self.folded_start + int(at[document + 1])]

    def stored(self, document: int) -> bytes:
        """Return what is needed to show a document's original text."""
        at = self.arrays["stored_at"]
        return self._map[self.stored_start + int(at[document]) : self.stored_start + int(at[document + 1])]

    def forms(self, code: int) -> tuple[str, ...]:
        """Return a word's normalised form and the surfaces it was met in, or nothing."""
        codes = self.arrays["form_codes"]
        place = int(np.searchsorted(codes, np.uint64(code)))
        if place == len(codes) or codes[place] != np.uint64(code):
            return ()
        return self._form(place)

    def _form(self, place: int) -> tuple[str, ...]:
        at = self.arrays["forms_at"]
        start, end = int(at[place]), int(at[place + 1])
        return tuple(self.arrays["forms"][start:end].tobytes().decode().split("\t"))

    def all_forms(self) -> dict[int, tuple[str, set[str]]]:
        """Return every word by code with its surfaces."""
        found = {}
        for place, code in enumerate(self.arrays["form_codes"].tolist()):
            form, *surfaces = self._form(place)
            found[code] = (form, set(surfaces))
        return found


# --- merging ---------------------------------------------------------------------------------------


def merge(segments: Sequence[tuple[Segment, Bools]]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Make one segment of several, keeping the documents whose flag is set."""
    kept = [np.flatnonzero(alive) for _, alive in segments]
    header: dict[str, Any] = {"n": int(sum(map(len, kept)))}
    arrays: dict[str, Array] = {}
    for name in ("id", "pairs", "words", "fiscal_year", "date", "updated", "flags"):
        arrays[name] = np.concatenate([s.arrays[name][k] for (s, _), k in zip(segments, kept, strict=True)])
    arrays["digest"] = np.concatenate(
        [s.arrays["digest"].reshape(-1, 16)[k].ravel() for (s, _), k in zip(segments, kept, strict=True)]
    )
    for name in (*CATEGORIES, "items", "readers"):
        header[name], arrays[name] = _merge_numbers(name, segments, kept)
    arrays |= _merge_postings(segments)
    for name in ("folded", "stored"):
        arrays[name + "_at"], arrays[name] = _merge_blobs(name, segments, kept)
    arrays |= _merge_forms(segments, arrays["terms"])
    arrays |= lexicon.merge(segments)
    return header, arrays


def _merge_numbers(
    name: str, segments: Sequence[tuple[Segment, Bools]], kept: Sequence[Array]
) -> tuple[list[Any], Array]:
    numbers: dict[Any, int] = {}
    columns = []
    for (segment, _), documents in zip(segments, kept, strict=True):
        column = segment.arrays[name][documents]
        values = segment.header[name]
        renumbered = np.zeros(len(values) + 1, dtype=np.int32)
        for number in np.unique(column).tolist():
            key = values[number] if name in CATEGORIES else tuple(values[number])
            renumbered[number] = numbers.setdefault(key, len(numbers))
        columns.append(renumbered[column])
    return [key if name in CATEGORIES else list(key) for key in numbers], np.concatenate(columns).astype(np.int32)


def _merge_blobs(name: str, segments: Sequence[tuple[Segment, Bools]], kept: Sequence[Array]) -> tuple[Array, Array]:
    pieces: list[bytes] = []
    for (segment, _), documents in zip(segments, kept, strict=True):
        read = segment.folded if name == "folded" else segment.stored
        pieces.extend(read(document) for document in documents.tolist())
    return _joined(pieces)


def _live_counts(segment: Segment, alive: Bools) -> Array:
    """Count the postings of each term that belong to kept documents."""
    flags = np.zeros(len(segment.arrays["documents"]) + 1, dtype=np.int64)
    np.cumsum(alive[segment.arrays["documents"]], out=flags[1:])
    counts: Array = flags[segment.terms_at[1:]] - flags[segment.terms_at[:-1]]
    return counts


def _merge_postings(segments: Sequence[tuple[Segment, Bools]]) -> dict[str, Array]:
    """Lay the postings of each term side by side, segment after segment, in one pass without sorting them again."""
    terms = np.unique(np.concatenate([segment.terms for segment, _ in segments]))
    places = [np.searchsorted(terms, segment.terms) for segment, _ in segments]
    lengths = [_live_counts(segment, alive) for segment, alive in segments]
    total = np.zeros(len(terms), dtype=np.int64)
    for place, length in zip(places, lengths, strict=True):
        total[place] += length
    terms, total, places = _without_empty(terms, total, places)
    starts = np.zeros(len(terms) + 1, dtype=np.int64)
    np.cumsum(total, out=starts[1:])
    documents = np.zeros(starts[-1], dtype=np.uint16)
    counts = np.zeros(starts[-1], dtype=np.uint8)
    filled = starts[:-1].copy()
    base = 0
    for (segment, alive), place, length in zip(segments, places, lengths, strict=True):
        renumbered = (np.cumsum(alive) - 1 + base).astype(np.uint16)
        live = alive[segment.arrays["documents"]]
        some = length > 0
        mine, length = place[some], length[some]
        offsets = filled[mine] - np.concatenate(([0], np.cumsum(length)[:-1])) if len(length) else filled[:0]
        target = np.arange(int(length.sum())) + np.repeat(offsets, length)
        documents[target] = renumbered[segment.arrays["documents"][live]]
        counts[target] = segment.arrays["counts"][live]
        filled[mine] += length
        base += int(alive.sum())
    return {"terms": terms, "terms_at": starts, "documents": documents, "counts": counts}


def _without_empty(terms: Array, total: Array, places: list[Array]) -> tuple[Array, Array, list[Array]]:
    """Drop terms that only deleted documents held."""
    some = total > 0
    if some.all():
        return terms, total, places
    moved = np.cumsum(some) - 1
    return terms[some], total[some], [moved[place] for place in places]


def _merge_forms(segments: Sequence[tuple[Segment, Bools]], terms: Array) -> dict[str, Array]:
    merged: dict[int, tuple[str, set[str]]] = {}
    for segment, _ in segments:
        for code, (form, surfaces) in segment.all_forms().items():
            if code in merged:
                merged[code][1].update(surfaces)
            else:
                merged[code] = (form, surfaces)
    wanted = np.array(sorted(merged), dtype=np.uint64)
    alive = np.isin(wanted, terms, assume_unique=True)
    return _form_arrays({code: merged[code] for code in wanted[alive].tolist()})
