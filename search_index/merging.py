"""Several segments become one. What is large goes from file to file in blocks, so that memory does not grow with the index."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from search_index import lexicon
from search_index.segment import CATEGORIES, Array, Blocks, Bools, Columns, Segment, form_arrays

_BLOCK = 2_000_000  # postings
_MOST_BYTES = 8_000_000

Parts = Sequence[tuple[Segment, Bools]]
"""Segments with a flag for each document that is to be kept."""


def merge(parts: Parts) -> tuple[dict[str, Any], Columns]:
    """Make one segment of several, keeping the documents whose flag is set."""
    kept = [np.flatnonzero(alive) for _, alive in parts]
    header: dict[str, Any] = {"n": int(sum(map(len, kept)))}
    columns: Columns = {}
    for name in ("id", "pairs", "words", "fiscal_year", "date", "updated", "flags"):
        columns[name] = np.concatenate([s.arrays[name][k] for (s, _), k in zip(parts, kept, strict=True)])
    columns["digest"] = np.concatenate(
        [s.arrays["digest"].reshape(-1, 16)[k].ravel() for (s, _), k in zip(parts, kept, strict=True)]
    )
    for name in (*CATEGORIES, "items", "readers"):
        header[name], columns[name] = _numbers(name, parts, kept)
    terms, starts = _terms(parts)
    columns |= {"terms": terms, "terms_at": starts} | _postings(parts, terms, starts)
    for name in ("folded", "stored"):
        columns |= _blobs(name, parts, kept)
    columns |= _forms(parts, terms)
    columns |= lexicon.merge(parts)
    return header, columns


def _numbers(name: str, parts: Parts, kept: Sequence[Array]) -> tuple[list[Any], Array]:
    """Number the values of a column anew."""
    numbers: dict[Any, int] = {}
    columns = []
    for (segment, _), documents in zip(parts, kept, strict=True):
        column = segment.arrays[name][documents]
        values = segment.header[name]
        renumbered = np.zeros(len(values) + 1, dtype=np.int32)
        for number in np.unique(column).tolist():
            key = values[number] if name in CATEGORIES else tuple(values[number])
            renumbered[number] = numbers.setdefault(key, len(numbers))
        columns.append(renumbered[column])
    return [key if name in CATEGORIES else list(key) for key in numbers], np.concatenate(columns).astype(np.int32)


def _blobs(name: str, parts: Parts, kept: Sequence[Array]) -> Columns:
    """Lay the texts of the kept documents end to end."""
    at = name + "_at"
    lengths = [np.diff(segment.arrays[at])[documents] for (segment, _), documents in zip(parts, kept, strict=True)]
    starts = np.concatenate([[0], *lengths]).cumsum().astype(np.int64)

    def blocks() -> Iterator[Array]:
        for (segment, _), documents in zip(parts, kept, strict=True):
            blob, places = segment.arrays[name], segment.arrays[at]
            # Documents that stood side by side move together.
            gaps = np.flatnonzero(np.diff(documents) != 1) + 1
            for run in np.split(documents, gaps) if len(documents) else ():
                start, end = int(places[run[0]]), int(places[run[-1] + 1])
                yield from (blob[cut : min(cut + _MOST_BYTES, end)] for cut in range(start, end, _MOST_BYTES))

    return {at: starts, name: Blocks(np.dtype(np.uint8), int(starts[-1]), blocks())}


# --- postings --------------------------------------------------------------------------------------


def _terms(parts: Parts) -> tuple[Array, Array]:
    """Return the terms that kept documents hold, and where the postings of each will begin."""
    terms = _union([segment.terms for segment, _ in parts])
    total = np.zeros(len(terms), dtype=np.int64)
    for segment, alive in parts:
        total[np.searchsorted(terms, segment.terms)] += _live(segment, alive, 0, len(segment.terms))
    held = total > 0
    starts = np.zeros(int(held.sum()) + 1, dtype=np.int64)
    np.cumsum(total[held], out=starts[1:])
    return terms[held], starts


def _union(sets: Sequence[Array]) -> Array:
    """Join sorted sets two by two, which takes a fraction of the memory of all at once."""
    while len(sets) > 1:
        pairs = (sets[number : number + 2] for number in range(0, len(sets), 2))
        sets = [np.union1d(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return sets[0]


def _live(segment: Segment, alive: Bools, first: int, last: int) -> Array:
    """Count the postings of a range of terms that belong to kept documents."""
    at = segment.terms_at[first : last + 1]
    if alive.all():
        whole: Array = np.diff(at)
        return whole
    flags = np.zeros(int(at[-1] - at[0]) + 1, dtype=np.int64)
    np.cumsum(alive[segment.arrays["documents"][at[0] : at[-1]]], out=flags[1:])
    counts: Array = np.diff(flags[at - at[0]])
    return counts


def _postings(parts: Parts, terms: Array, starts: Array) -> Columns:
    """Lay the postings of each term side by side, segment after segment, without sorting them again."""
    counts = np.zeros(int(starts[-1]), dtype=np.uint8)

    def blocks() -> Iterator[Array]:
        edges = np.unique(np.searchsorted(starts, np.arange(0, int(starts[-1]), _BLOCK))).tolist()
        for first, last in pairwise([*edges, len(terms)]):
            yield _block(parts, terms[first:last], starts[first : last + 1], counts)

    # The counts are filled in while the documents are written, which come first.
    return {"documents": Blocks(np.dtype(np.uint16), int(starts[-1]), blocks()), "counts": counts}


def _block(parts: Parts, terms: Array, starts: Array, counts: Array) -> Array:
    """Return the documents of a range of terms, and fill in their counts."""
    documents = np.empty(int(starts[-1] - starts[0]), dtype=np.uint16)
    filled = starts[:-1] - starts[0]
    base = 0
    for segment, alive in parts:
        first, last = np.searchsorted(segment.terms, terms[0]), np.searchsorted(segment.terms, terms[-1], side="right")
        begin, end = segment.terms_at[first], segment.terms_at[last]
        held, frequency = segment.arrays["documents"][begin:end], segment.arrays["counts"][begin:end]
        lengths = _live(segment, alive, int(first), int(last))
        mine = np.searchsorted(terms, segment.terms[first:last])[lengths > 0]
        lengths = lengths[lengths > 0]
        live = alive[held]
        renumbered = (np.cumsum(alive) - 1 + base).astype(np.uint16)
        target = np.arange(int(lengths.sum())) + np.repeat(filled[mine] - (np.cumsum(lengths) - lengths), lengths)
        documents[target] = renumbered[held[live]]
        counts[target + starts[0]] = frequency[live]
        filled[mine] += lengths
        base += int(alive.sum())
    return documents


def _forms(parts: Parts, terms: Array) -> dict[str, Array]:
    merged: dict[int, tuple[str, set[str]]] = {}
    for segment, _ in parts:
        for code, (form, surfaces) in segment.all_forms().items():
            if code in merged:
                merged[code][1].update(surfaces)
            else:
                merged[code] = (form, surfaces)
    wanted = np.array(sorted(merged), dtype=np.uint64)
    alive = np.isin(wanted, terms, assume_unique=True)
    return form_arrays({code: merged[code] for code in wanted[alive].tolist()})
