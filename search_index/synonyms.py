"""Groups of words that mean the same in this field; applied to the query, never to the index.

Because only queries are widened, a changed group works at once and needs no rebuild. A group has a key by which a reader
switches it off; words after a bar (看取り|ターミナルケア) are found for one another but count less.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from search_index.analysis import words
from search_index.normalise import normalise
from search_index.tables import rows


@dataclass(frozen=True, slots=True)
class Group:
    """One group: its key (the first word), its words as an office writes them."""

    key: str
    words: tuple[str, ...]


class Synonyms:
    """A set of groups, looked up by normalised word."""

    def __init__(self, groups: Iterable[Iterable[str]]) -> None:
        self.groups: tuple[Group, ...] = tuple(Group(row[0], row) for row in map(tuple, groups) if len(row) > 1)
        self._by_word: dict[str, list[Group]] = {}
        for group in self.groups:
            for spelling in group.words:
                self._by_word.setdefault(normalise(spelling), []).append(group)
        self._by_form: dict[str, list[Group]] | None = None
        self.longest = max(map(len, self._by_word), default=0)

    @classmethod
    @cache
    def shipped(cls) -> "Synonyms":
        """Return the groups that come with the library."""
        return cls(rows("synonyms.tsv"))

    def of(self, folded: str, without: frozenset[str] = frozenset()) -> tuple[Group, ...]:
        """Return the groups a normalised word belongs to, except those switched off."""
        return tuple(group for group in self._by_word.get(folded, ()) if group.key not in without)

    def of_form(self, form: str, without: frozenset[str] = frozenset()) -> tuple[Group, ...]:
        """Return the groups that hold another spelling of a word (ケアマネージャー for ケアマネジャー)."""
        if self._by_form is None:
            self._by_form = self._forms()
        return tuple(group for group in self._by_form.get(form, ()) if group.key not in without)

    def _forms(self) -> dict[str, list[Group]]:
        forms: dict[str, list[Group]] = {}
        for folded, groups in self._by_word.items():
            tokens = list(words(folded))
            if len(tokens) == 1 and tokens[0].end - tokens[0].start == len(folded):
                forms.setdefault(tokens[0].form, []).extend(groups)
        return forms
