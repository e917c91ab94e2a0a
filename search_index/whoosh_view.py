"""Our segments as Whoosh sees them, so that its own searcher and queries work on the same index.

Nothing in the portal goes this way, because Whoosh steps from posting to posting in Python; the tests do, for a second
opinion, and so may anybody with a notebook: `whoosh.index.open_dir(folder / "current").searcher()`.
The field `words` holds Sudachi forms, `pairs` holds characters and character pairs.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.base import PerDocumentReader, TermsReader
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from search_index.analysis import pair_code, word_code
from search_index.codec import WardSegment
from search_index.segment import Segment

_LENGTHS = {"words": "words", "pairs": "pairs"}


def _open(storage: Any, segment: WardSegment) -> Segment:
    return Segment(Path(storage.folder) / segment.file_name, segment.segment_id())


class Terms(TermsReader):  # type: ignore[misc]
    """The terms of a segment and their postings."""

    def __init__(self, storage: Any, segment: WardSegment) -> None:
        self._segment = _open(storage, segment)

    def _place(self, field: str, text: bytes) -> int:
        written = text.decode()
        if field == "words":
            code = word_code(written)
        elif field == "pairs" and 1 <= len(written) <= 2:
            code = pair_code(*written)
        else:
            return -1
        return int(self._segment.find(np.array([code], dtype=np.uint64))[0])

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        """Say whether any document holds a term."""
        return self._place(*term) >= 0

    def indexed_field_names(self) -> Iterable[str]:
        """Return the fields that have terms."""
        return _LENGTHS.keys()

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield the words; pairs are not listed."""
        for form, _ in sorted(self._segment.all_forms().values()):
            yield "words", form.encode()

    def terms_from(self, field: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the words from a prefix on."""
        return (term for term in self.terms() if field == "words" and term[1] >= prefix)

    def term_info(self, field: str, text: bytes) -> TermInfo:
        """Return how often a term occurs and where it begins and ends."""
        place = self._place(field, text)
        if place < 0:
            raise TermNotFound(f"{field}:{text!r}")
        documents, counts = self._segment.postings(place)
        return TermInfo(
            weight=float(counts.sum()),
            df=len(documents),
            minlength=1,
            maxlength=int(self._segment.arrays[_LENGTHS[field]].max()),
            maxweight=float(counts.max()),
            minid=int(documents[0]),
            maxid=int(documents[-1]),
        )

    def frequency(self, field: str, text: bytes) -> float:
        """Return how often a term occurs."""
        weight: float = self.term_info(field, text).weight()
        return weight

    def doc_frequency(self, field: str, text: bytes) -> int:
        """Return in how many documents a term occurs."""
        count: int = self.term_info(field, text).doc_frequency()
        return count

    def matcher(self, field: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        """Return the postings of a term as Whoosh steps through them."""
        info = self.term_info(field, text)
        documents, counts = self._segment.postings(self._place(field, text))
        weights = counts.astype(float).tolist()
        return ListMatcher(
            documents.tolist(), weights, format=format_, scorer=scorer, term=(field, text), terminfo=info
        )

    def close(self) -> None:
        """Nothing to close; the map goes with the last reference."""


class Documents(PerDocumentReader):  # type: ignore[misc]
    """The documents of a segment."""

    def __init__(self, storage: Any, segment: WardSegment) -> None:
        self._named = segment
        self._segment = _open(storage, segment)

    def close(self) -> None:
        """Nothing to close; the map goes with the last reference."""

    def doc_count(self) -> int:
        """Return the number of documents that are not deleted."""
        return self._named.doc_count()

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted or not."""
        return self._named.count

    def has_deletions(self) -> bool:
        """Say whether any document is deleted."""
        return self._named.has_deletions()

    def is_deleted(self, docnum: int) -> bool:
        """Say whether a document is deleted."""
        return self._named.is_deleted(docnum)

    def deleted_docs(self) -> set[int]:
        """Return the deleted documents."""
        return set(self._named.deleted)

    def supports_columns(self) -> bool:
        """Our columns are not Whoosh's."""
        return False

    def has_column(self, fieldname: str) -> bool:
        """Our columns are not Whoosh's."""
        return False

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the length of a field in a document."""
        name = _LENGTHS.get(fieldname)
        return int(self._segment.arrays[name][docnum]) if name else default

    def field_length(self, fieldname: str) -> int:
        """Return the length of a field in all documents."""
        name = _LENGTHS.get(fieldname)
        return int(self._segment.arrays[name].sum()) if name else 0

    def min_field_length(self, fieldname: str) -> int:
        """Return the length of a field in its shortest document."""
        name = _LENGTHS.get(fieldname)
        return int(self._segment.arrays[name].min()) if name else 0

    def max_field_length(self, fieldname: str) -> int:
        """Return the length of a field in its longest document."""
        name = _LENGTHS.get(fieldname)
        return int(self._segment.arrays[name].max()) if name else 0

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return a document's id; texts are read from the segment itself."""
        return {"id": int(self._segment.ids[docnum])}
