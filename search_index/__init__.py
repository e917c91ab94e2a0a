"""Japanese full-text search over plain values, kept by Whoosh and searched with numpy.

The library knows no database, no web and no ward: entries go in with the tokens of their readers, queries come with the
tokens of the person asking, and nothing a person may not see is matched, counted, quoted or suggested.
"""

from search_index.cutting import cut_words
from search_index.index import Index
from search_index.normalise import normalise
from search_index.rebuilding import rebuild
from search_index.record import digest
from search_index.synonyms import Group as SynonymGroup
from search_index.synonyms import Synonyms
from search_index.values import (
    FACETS,
    PART_NAMES,
    Entry,
    Hit,
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    Part,
    Piece,
    Query,
    Reading,
    Result,
    SearchIndexError,
    Source,
    Spelling,
    Suggestion,
    Synonym,
)

__all__ = [
    "FACETS",
    "PART_NAMES",
    "Entry",
    "Hit",
    "Index",
    "IndexBusy",
    "IndexDamaged",
    "IndexMissing",
    "IndexOutdated",
    "Part",
    "Piece",
    "Query",
    "Reading",
    "Result",
    "SearchIndexError",
    "Source",
    "Spelling",
    "Suggestion",
    "Synonym",
    "SynonymGroup",
    "Synonyms",
    "cut_words",
    "digest",
    "normalise",
    "rebuild",
]
