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
from functools import cached_property
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


@dataclass(frozen=True, slots=True)
class Blocks:
    """An array that is made while it is written, because all of it at once would take too much memory."""

    dtype: np.dtype[Any]
    count: int
    blocks: Iterable[Array]

    @property
    def nbytes(self) -> int:
        """The size of the whole array."""
        return self.count * self.dtype.itemsize

    def __len__(self) -> int:
        """Return the length of the whole array."""
        return self.count


Columns = dict[str, Array | Blocks]


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


def joined(pieces: Sequence[bytes]) -> tuple[Array, Array]:
    """Lay byte strings end to end; return where each begins, and all of them."""
    starts = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=starts[1:])
    return starts, np.frombuffer(b"".join(pieces), dtype=np.uint8)


def build(records: Sequence[Record]) -> tuple[dict[str, Any], Columns]:
    """Turn records into the header and arrays of a segment."""
    if len(records) > MAX_DOCUMENTS:
        raise ValueError("Too many documents for one segment.")
    header: dict[str, Any] = {"n": len(records)}
    arrays: Columns = {
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
    arrays["folded_at"], arrays["folded"] = joined([r.folded for r in records])
    arrays["stored_at"], arrays["stored"] = joined([r.stored for r in records])
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
    return form_arrays({code: (form, surfaces.get(form, set())) for form, code in numbers.items()})


def form_arrays(by_code: dict[int, tuple[str, set[str]]]) -> dict[str, Array]:
    """Return the arrays of words and their surfaces by code."""
    ordered = sorted(by_code)
    rows = ["\t".join((by_code[code][0], *sorted(by_code[code][1])[:20])).encode() for code in ordered]
    starts, blob = joined(rows)
    return {"form_codes": np.array(ordered, dtype=np.uint64), "forms_at": starts, "forms": blob}


def write(path: Path, header: dict[str, Any], columns: Columns) -> None:
    """Write a segment file and bring it to the disk."""
    layout = {}
    offset = 0
    for name, column in columns.items():
        layout[name] = (column.dtype.str, offset, len(column))
        offset += -(-column.nbytes // _ALIGN) * _ALIGN
    text = json.dumps(header | {"arrays": layout, "size": offset}, ensure_ascii=False).encode()
    with path.open("wb") as file:
        file.write(_MAGIC + len(text).to_bytes(8, "little") + zlib.crc32(text).to_bytes(4, "little") + text)
        file.write(b"\0" * (-file.tell() % _ALIGN))
        for column in columns.values():
            for block in column.blocks if isinstance(column, Blocks) else (column,):
                file.write(np.ascontiguousarray(block).data)
            file.write(b"\0" * (-column.nbytes % _ALIGN))
        file.flush()
        os.fsync(file.fileno())


class Segment:
    """A mapped segment: its header's values as attributes, its arrays by name."""

    look = 1
    """What looking into one text costs, beside a mapped file's."""

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

    def surely(self, text: str) -> Array:
        """Return documents known to hold a text, as a noun in the normalised layer, without a look into them."""
        place = self.lexicon.place(text)
        return self.lexicon.of(place) if place >= 0 else np.zeros(0, np.uint16)

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

    @cached_property
    def lexicon(self) -> lexicon.Lexicon:
        """The words of the segment, whoever may see them."""
        return lexicon.Lexicon(self)

    @cached_property
    def order(self) -> Array:
        """The documents by the number of their entry."""
        return np.argsort(self.ids, kind="stable")

    def foresee(self, codes: Array) -> None:
        """Be told which postings are going to be read; to a mapped file it is all the same."""

    def expect(self, documents: Array) -> None:
        """Be told whose texts are going to be read; to a mapped file it is all the same."""

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
