"""Putting segments into PostgreSQL and taking them out again to merge them."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from search_index import merging
from search_index import segment as segments
from search_index.postgres import wire
from search_index.postgres.tables import BOUNDARY, sql
from search_index.segment import Segment

Array = npt.NDArray[Any]

_POSTINGS_AT_ONCE = 1_000_000
_TEXTS_AT_ONCE = 1_000
_TERMS_AT_ONCE = 50_000
_COMMON = 0.01  # the share of a segment's documents from which on a token is common
_IN_ROWS = ("terms", "terms_at", "documents", "counts", "folded", "folded_at", "stored", "stored_at")
"""What does not lie in `part` as it is."""

_ADD_TERMS = "INSERT INTO {term} SELECT %s, * FROM unnest(%s::int8[], %s::int4[])"
_ADD_POSTINGS = "INSERT INTO {posting} SELECT %s, * FROM unnest(%s::int8[], %s::int4[], %s::bytea[], %s::bytea[])"
_ADD_TEXTS = """
INSERT INTO {text} SELECT %s, document, audience, convert_from(folded, 'UTF8'), stored
FROM unnest(%s::int4[], %s::int4[], %s::bytea[], %s::bytea[]) AS row (document, audience, folded, stored)
"""
_TAKE_POSTINGS = """
SELECT code, string_agg(documents, ''::bytea), string_agg(counts, ''::bytea) FROM {posting}
WHERE segment = %s AND code >= %s AND code <= %s GROUP BY code
"""


class Pouring:
    """Writes segments into one half of the tables."""

    def __init__(self, cursor: Cursor[Any], half: str, schema: str) -> None:
        self._cursor = cursor
        self._half, self._schema = half, schema
        self._audiences: dict[tuple[tuple[str, ...], bool], int] = {}
        for number, tokens, shelf in self._rows("SELECT number, tokens, shelf FROM {audience}"):
            self._audiences[tuple(tokens), shelf] = number

    def _do(self, statement: str, *values: object) -> None:
        self._cursor.execute(sql(statement, self._half, self._schema), values)

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        self._do(statement, *values)
        return self._cursor.fetchall()

    # --- in ---

    def add(self, header: Mapping[str, Any], arrays: Mapping[str, Array], deleted: Array) -> None:
        """Write a segment; texts of deleted documents are left out."""
        ((number,),) = self._rows("SELECT nextval(%s)::int", f"{self._schema}.numbers")
        numbers = [self._audience(members, shelf=False) for members in header["readers"]]
        audiences = np.array(numbers or [0], dtype=np.int32)[arrays["readers"]]
        shelves = [
            [self._audience(tokens, shelf=True) for tokens in sets]
            for sets in shelves_of(header["readers"], arrays["readers"])
        ]
        self._do("INSERT INTO {segment} VALUES (%s, %s, %s)", number, header["n"], deleted.astype(np.uint16).tobytes())
        self._add_parts(number, {**header, "shelves": len({one for stood in shelves for one in stood})}, arrays)
        self._add_terms(number, arrays)
        self._add_postings(number, arrays, _Standing(shelves, arrays["readers"]))
        self._add_texts(number, arrays, audiences, deleted)

    def _audience(self, tokens: Iterable[str], *, shelf: bool) -> int:
        key = tuple(sorted(tokens)), shelf
        if key not in self._audiences:
            self._audiences[key] = max(self._audiences.values(), default=0) + 1
            self._do("INSERT INTO {audience} VALUES (%s, %s, %s)", self._audiences[key], list(key[0]), shelf)
        return self._audiences[key]

    def _add_parts(self, number: int, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        plain = {name: value for name, value in header.items() if name not in ("arrays", "size")}
        add = "INSERT INTO {part} VALUES (%s, %s, %s, %s)"
        self._do(add, number, "header", "json", json.dumps(plain, ensure_ascii=False).encode())
        for name, array in arrays.items():
            if name not in _IN_ROWS:
                self._do(add, number, name, array.dtype.str, np.ascontiguousarray(array).tobytes())

    def _add_terms(self, number: int, arrays: Mapping[str, Array]) -> None:
        sizes = np.diff(arrays["terms_at"])
        for start in range(0, len(sizes), _TERMS_AT_ONCE):
            piece = slice(start, start + _TERMS_AT_ONCE)
            self._do(_ADD_TERMS, number, wire.codes(arrays["terms"][piece]), wire.numbers(sizes[piece]))

    def _add_postings(self, number: int, arrays: Mapping[str, Array], standing: "_Standing") -> None:
        for first, last in _stretches(arrays["terms_at"]):
            self._do(_ADD_POSTINGS, number, *_posting_rows(arrays, standing, first, last))

    def _add_texts(self, number: int, arrays: Mapping[str, Array], audiences: Array, deleted: Array) -> None:
        kept = np.setdiff1d(np.arange(len(audiences)), deleted)
        for start in range(0, len(kept), _TEXTS_AT_ONCE):
            documents = kept[start : start + _TEXTS_AT_ONCE]
            folded, lengths = _picked(arrays, "folded", documents)
            folded[folded == 0] = ord(BOUNDARY)
            stored = wire.blobs(*_picked(arrays, "stored", documents))
            packed = wire.numbers(documents), wire.numbers(audiences[documents]), wire.blobs(folded, lengths), stored
            self._do(_ADD_TEXTS, number, *packed)

    def delete(self, number: int, deleted: Array, gone: Array) -> None:
        """Take documents out of a segment: `gone` are those that were still there, `deleted` all of them."""
        self._do("UPDATE {segment} SET deleted = %s WHERE number = %s", deleted.astype(np.uint16).tobytes(), number)
        self._do("DELETE FROM {text} WHERE segment = %s AND document = ANY(%s)", number, wire.numbers(gone))

    def drop(self, number: int) -> None:
        """Remove a segment."""
        self._do("DELETE FROM {segment} WHERE number = %s", number)
        for table in ("part", "term", "posting", "text"):
            self._do(f"DELETE FROM {{{table}}} WHERE segment = %s", number)  # noqa: S608 (a name of ours)

    # --- out ---

    def take(self, number: int, folder: Path) -> Segment:
        """Read a whole segment back into a file, as the first engine keeps it."""
        parts = self._rows("SELECT name, kind, data FROM {part} WHERE segment = %s", number)
        header = next(json.loads(data) for name, _, data in parts if name == "header")
        arrays: segments.Columns = {}
        arrays |= {name: np.frombuffer(data, dtype=kind) for name, kind, data in parts if name != "header"}
        arrays |= self._take_postings(number)
        arrays |= self._take_texts(number, header["n"])
        path = folder / f"{number}.segment"
        segments.write(path, header, arrays)
        return Segment(path, str(number))

    def _take_postings(self, number: int) -> dict[str, Array]:
        pieces = []
        known = self._rows("SELECT code, documents FROM {term} WHERE segment = %s ORDER BY code", number)
        signed = np.array([code for code, _ in known], dtype=np.int64)
        sizes = np.array([size for _, size in known], dtype=np.int64)
        at = np.append(0, np.cumsum(sizes))
        for first, last in _stretches(at):
            rows = self._rows(_TAKE_POSTINGS, number, int(signed[first]), int(signed[last - 1]))
            pieces.append(_unordered(rows))
        return _joined(pieces)

    def _take_texts(self, number: int, count: int) -> dict[str, Array]:
        folded, stored = [b""] * count, [b""] * count
        for start in range(0, count, _TEXTS_AT_ONCE):
            found = (
                "SELECT document, folded, stored FROM {text} WHERE segment = %s AND document >= %s AND document < %s"
            )
            for document, text, packed in self._rows(found, number, start, start + _TEXTS_AT_ONCE):
                folded[document], stored[document] = text.replace(BOUNDARY, "\0").encode(), packed
        arrays = {}
        for name, pieces in (("folded", folded), ("stored", stored)):
            arrays[name] = np.frombuffer(b"".join(pieces), dtype=np.uint8)
            arrays[name + "_at"] = np.append(0, np.cumsum([len(piece) for piece in pieces])).astype(np.int64)
        return arrays


def merge(pouring: Pouring, chosen: Sequence[tuple[int, Array]]) -> None:
    """Make one segment of several, given by number with the documents that are still there."""
    with tempfile.TemporaryDirectory() as folder:
        taken = [(pouring.take(number, Path(folder)), alive) for number, alive in chosen]
        made = joined(taken, Path(folder))
        for number, _ in chosen:
            pouring.drop(number)
        pouring.add(made.header, made.arrays, np.zeros(0, np.uint16))


def build(records: Sequence[segments.Record]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Turn records into the header and arrays of a segment."""
    header, columns = segments.build(records)
    return header, {name: column for name, column in columns.items() if isinstance(column, np.ndarray)}


def joined(taken: Sequence[tuple[Segment, Array]], folder: Path) -> Segment:
    """Merge segments in a folder, keeping the documents whose flag is set."""
    path = folder / "joined.segment"
    segments.write(path, *merging.merge(taken))
    return Segment(path, path.stem)


def _stretches(at: Array) -> Iterator[tuple[int, int]]:
    """Cut terms into stretches of about as many postings as one statement takes."""
    first, count = 0, len(at) - 1
    while first < count:
        last = int(np.searchsorted(at, at[first] + _POSTINGS_AT_ONCE, side="right")) - 1
        last = min(max(last, first + 1), count)
        yield first, last
        first = last


def shelves_of(sets: Sequence[Sequence[str]], number_of: Array) -> list[list[tuple[str, ...]]]:
    """Return for each set of readers the shelves its documents stand on: its common tokens together, rare ones alone."""
    times = np.bincount(number_of, minlength=len(sets)).tolist()
    held: Counter[str] = Counter()
    for tokens, count in zip(sets, times, strict=True):
        held.update(dict.fromkeys(tokens, count))
    shelves = []
    for tokens in sets:
        often = max((held[token] for token in tokens), default=0)
        common = tuple(token for token in tokens if held[token] >= min(_COMMON * len(number_of), often))
        shelves.append([common, *((token,) for token in tokens if token not in common)] if tokens else [])
    return shelves


class _Standing:
    """Which shelves each document stands on."""

    def __init__(self, shelves: Sequence[Sequence[int]], number_of: Array) -> None:
        self._shelves = np.array([number for numbers in shelves for number in numbers], dtype=np.int64)
        counts = np.array([len(numbers) for numbers in shelves] or [0], dtype=np.int64)
        self._counts = counts[number_of]
        self._starts = (np.cumsum(counts) - counts)[number_of]

    def spread(self, documents: Array) -> tuple[Array, Array]:
        """Return for each shelf of each document the document's place in the list, and the shelf."""
        counts = self._counts[documents]
        places = np.repeat(np.arange(len(documents)), counts)
        within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        return places, self._shelves[self._starts[documents][places] + within]


def _posting_rows(arrays: Mapping[str, Array], standing: _Standing, first: int, last: int) -> tuple[Any, ...]:
    """Lay out the postings of a stretch of terms as rows of one term and one shelf."""
    at = arrays["terms_at"][first : last + 1]
    documents, counts = arrays["documents"][at[0] : at[-1]], arrays["counts"][at[0] : at[-1]]
    places, shelves = standing.spread(documents)
    keys = np.repeat(np.arange(last - first, dtype=np.int64), np.diff(at))[places] << 32 | shelves
    documents, counts = documents[places], counts[places]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, np.int64)
    lengths = np.diff(np.append(starts, len(keys)))
    return (
        wire.codes(arrays["terms"][first:last][keys[starts] >> 32]),
        wire.numbers(keys[starts] & 0xFFFF_FFFF),
        wire.blobs(np.ascontiguousarray(documents[order], dtype="<u2").view(np.uint8), lengths * 2),
        wire.blobs(counts[order], lengths),
    )


def _picked(arrays: Mapping[str, Array], name: str, documents: Array) -> tuple[Array, Array]:
    """Return the texts of some documents one behind the other, and their lengths."""
    at = arrays[name + "_at"]
    pieces = [arrays[name][at[document] : at[document + 1]] for document in documents.tolist()]
    return np.concatenate(pieces), np.array([len(piece) for piece in pieces], dtype=np.int64)


def _unordered(rows: Sequence[tuple[int, bytes, bytes]]) -> tuple[Array, Array, Array]:
    """Return codes, documents and counts of rows, one for each posting."""
    documents = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.uint16)
    counts = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.uint8)
    signed = np.array([row[0] for row in rows], dtype=np.int64)
    codes = np.repeat(signed, [len(row[2]) for row in rows]).view(np.uint64)
    return codes, documents, counts


def _joined(pieces: Sequence[tuple[Array, Array, Array]]) -> dict[str, Array]:
    """Order postings by code and document, as a segment keeps them, each once though on several shelves."""
    empty = (np.zeros(0, np.uint64), np.zeros(0, np.uint16), np.zeros(0, np.uint8))
    codes, documents, counts = (np.concatenate(columns) for columns in zip(*(pieces or [empty]), strict=True))
    order = np.lexsort((documents, codes))
    codes, documents, counts = codes[order], documents[order], counts[order]
    once = np.append(True, (codes[1:] != codes[:-1]) | (documents[1:] != documents[:-1]))[: len(codes)]
    codes, documents, counts = codes[once], documents[once], counts[once]
    first = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))) if len(codes) else np.zeros(0, np.int64)
    return {
        "terms": codes[first],
        "terms_at": np.append(first, len(codes)).astype(np.int64),
        "documents": documents,
        "counts": counts,
    }
