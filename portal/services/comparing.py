"""Two contents side by side, cut into words by the search library's dictionary: on screen, by program and as 見え消し."""

from portal.kinds import Content, Kind
from portal.kinds.diff import FieldChange, compare
from search_index import cut_words


def changes(kind: Kind, before: Content, after: Content) -> list[FieldChange]:
    """Return field by field what changed between two contents."""
    return compare(kind, before, after, cut_words)
