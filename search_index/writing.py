"""Segment files of one generation: written, opened, and merged so that a query never meets many."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from search_index import merging
from search_index import segment as segments
from search_index.codec import WardSegment
from search_index.segment import MAX_DOCUMENTS, Bools, Columns, Segment

_SMALL = 64


class Writing:
    """Writes segment files of one generation and decides which are merged."""

    def __init__(self, generation: Path, known: Mapping[str, Segment]) -> None:
        self._generation = generation
        self._known = dict(known)

    def write(self, header: dict[str, Any], columns: Columns) -> WardSegment:
        """Write one segment."""
        named = WardSegment(header["n"])
        segments.write(self._generation / named.file_name, header, columns)
        return named

    def merged(self, kept: list[WardSegment]) -> list[WardSegment]:
        """Merge small segments into their neighbours, so that a query never meets many.

        Like a counter in base two: a segment joins when it is smaller than twice what has gathered so far, which keeps
        their number near the logarithm of the documents and rewrites each document about as often.
        """
        kept = sorted((named for named in kept if named.doc_count()), key=WardSegment.doc_count)
        gathered: list[WardSegment] = []
        size = 0
        for named in kept:
            count = named.doc_count()
            joins = count <= max(2 * size, _SMALL) and size + count <= MAX_DOCUMENTS
            if joins or (len(named.deleted) > count and size + count <= MAX_DOCUMENTS):
                gathered.append(named)
                size += count
        if len(gathered) < 2 and not any(len(named.deleted) > named.doc_count() for named in gathered):
            return kept
        rest = [named for named in kept if named not in gathered]
        return [*rest, self.joined(gathered)]

    def joined(self, gathered: Sequence[WardSegment]) -> WardSegment:
        """Make one segment of several."""
        return self.write(*merging.merge([self.opened(named) for named in gathered]))

    def opened(self, named: WardSegment) -> tuple[Segment, Bools]:
        """Return a segment and which of its documents are still there."""
        name = named.segment_id()
        segment = self._known.get(name) or Segment(self._generation / named.file_name, name)
        alive = np.ones(segment.n, dtype=bool)
        alive[list(named.deleted)] = False
        return segment, alive

    def remove(self, named: WardSegment) -> None:
        """Remove the file of a segment that no commit names; who has mapped it keeps it."""
        (self._generation / named.file_name).unlink()
