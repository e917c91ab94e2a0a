"""What Whoosh is told about our segments: the schema, the segment list it commits, and how to read them back.

Whoosh keeps the list of segments, the deletions and the lock, and swaps one commit for the next by renaming its table of
contents. It reads our files through the codec below, so a stock Whoosh searcher works on the same index (the
tests use it as a second opinion); our own searcher goes past it, straight to the arrays.
The table of contents is a pickle. Whoever could write into the folder could therefore run code here: the folder is 0700
and `store` refuses one that others may write to.
"""

import secrets
from collections.abc import Iterator
from typing import Any

from whoosh import fields
from whoosh.codec.base import Codec
from whoosh.codec.base import Segment as WhooshSegment

EXTENSION = ".wps"
INDEX_NAME = "MAIN"


class WardSchema(fields.Schema):  # type: ignore[misc]
    """The schema of an index, with what must change in the same instant as its documents: stamp and version."""

    stamp: int = 0
    analysis: str = ""

    def copy(self) -> "WardSchema":
        """Copy the schema with its marks."""
        made: WardSchema = super().copy()
        made.stamp, made.analysis = self.stamp, self.analysis
        return made


def make_schema(stamp: int, analysis: str) -> WardSchema:
    """Return the schema of a new index."""
    schema = WardSchema(
        pairs=fields.KEYWORD(scorable=True),
        words=fields.KEYWORD(scorable=True),
        id=fields.NUMERIC(int, bits=64, stored=True),
    )
    schema.stamp = stamp
    schema.analysis = analysis
    return schema


class WardSegment(WhooshSegment):  # type: ignore[misc]
    """One of our segments in Whoosh's list, with the documents deleted since it was written."""

    def __init__(self, count: int) -> None:
        self.indexname = INDEX_NAME
        # Whoosh draws names from `random`, which forked writers share.
        self.segid = secrets.token_hex(8)
        self.compound = False
        self.count = count
        self.deleted: frozenset[int] = frozenset()

    def codec(self) -> Codec:
        """Return what reads this segment."""
        return WardCodec()

    @property
    def file_name(self) -> str:
        """The name of the segment's one file."""
        name: str = self.make_filename(EXTENSION)
        return name

    def without(self, documents: frozenset[int]) -> "WardSegment":
        """Return the same segment with more documents deleted."""
        made = WardSegment(self.count)
        made.segid = self.segid
        made.deleted = self.deleted | documents
        return made

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted or not."""
        return self.count

    def doc_count(self) -> int:
        """Return the number of documents that are not deleted."""
        return self.count - len(self.deleted)

    def set_doc_count(self, count: int) -> None:
        """Whoosh's writers would set this; ours never do."""
        raise NotImplementedError

    def has_deletions(self) -> bool:
        """Say whether any document is deleted."""
        return bool(self.deleted)

    def deleted_count(self) -> int:
        """Return how many documents are deleted."""
        return len(self.deleted)

    def deleted_docs(self) -> Iterator[int]:
        """Yield the deleted documents."""
        return iter(self.deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Say whether a document is deleted."""
        return docnum in self.deleted


class WardCodec(Codec):  # type: ignore[misc]
    """Reads our segments for Whoosh; they are written by `segment.write` only."""

    length_stats = False

    def per_document_reader(self, storage: Any, segment: WardSegment) -> Any:
        """Return Whoosh's view of the documents of a segment."""
        from search_index.whoosh_view import Documents

        return Documents(storage, segment)

    def terms_reader(self, storage: Any, segment: WardSegment) -> Any:
        """Return Whoosh's view of the terms of a segment."""
        from search_index.whoosh_view import Terms

        return Terms(storage, segment)
