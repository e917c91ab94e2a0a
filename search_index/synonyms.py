"""Groups of words that mean the same in this field; applied to the query, never to the index.

Because only queries are widened, a changed group works at once and needs no rebuild. A group has a key by which a reader
switches it off. Words written with a ~ (看取り ~ターミナルケア) are only related: they are found for the others, and the
others for them, but count less.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Self

from search_index.analysis import words
from search_index.normalise import normalise
from search_index.tables import rows


@dataclass(frozen=True)
class Group:
    """One group: its key, its words as an office writes them, and those that are only related to them."""

    key: str
    words: tuple[str, ...]
    related: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Iterable[str]) -> Self:
        """Read a row of the table: the first word is the key, related words begin with a ~."""
        cells = tuple(row)
        same = tuple(cell for cell in cells if not cell.startswith("~"))
        return cls(same[0] if same else "", same, tuple(cell[1:] for cell in cells if cell.startswith("~")))

    @property
    def all_words(self) -> tuple[str, ...]:
        """Every word of the group."""
        return self.words + self.related

    def is_close(self, one: str, other: str) -> bool:
        """Say whether two normalised words of the group mean the same rather than something related."""
        return one in self._folded and other in self._folded

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(map(normalise, self.words))


class Synonyms:
    """A set of groups, looked up by normalised word."""

    def __init__(self, groups: Iterable[Group | Iterable[str]]) -> None:
        read = (group if isinstance(group, Group) else Group.of(group) for group in groups)
        self.groups: tuple[Group, ...] = tuple(group for group in read if group.words and len(group.all_words) > 1)
        self._by_word: dict[str, list[Group]] = {}
        for group in self.groups:
            for spelling in group.all_words:
                self._by_word.setdefault(normalise(spelling), []).append(group)
        self._by_form: dict[str, list[Group]] | None = None
        self._spoken: list[tuple[str, str]] | None = None
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

    def beginning(self, prefix: str, reading: str = "") -> list[str]:
        """Return the normalised words that begin so or, when a reading is given, sound so; the shortest first."""
        if self._spoken is None:
            self._spoken = [(word, "".join(token.reading for token in words(word))) for word in sorted(self._by_word)]
        found = [
            word for word, spoken in self._spoken if word.startswith(prefix) or (reading and spoken.startswith(reading))
        ]
        return sorted(found, key=lambda word: (len(word), word))
