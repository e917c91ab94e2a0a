"""Masking what looks personal in a content: every text of it with its place, and the content with words blotted out."""

import html
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from portal.kinds import personal, richtext
from portal.kinds.fields import Field, Line, Rows, Text, Value
from portal.kinds.kind import Content, Kind

MASK = "●●"
_HAN = re.compile("[一-龥々]")
_ONE_LETTER = re.compile("[一-龥](様|さん|さま|氏|ちゃん|くん)")
_Change = Callable[[Field, str, str], str]
"""What becomes of one text: its field, what people call its place, and the text."""


@dataclass(frozen=True)
class Passage:
    """One text of a content as people read it: where it stands, and what it says."""

    label: str
    text: str


def passages(kind: Kind, content: Content) -> Iterator[Passage]:
    """Yield every text that a person typed into the content, its title first."""
    met: list[Passage] = []

    def meet(one: Field, label: str, text: str) -> str:
        met.append(Passage(label, _Plain(text).text if isinstance(one, Text) else text))
        return text

    _changed(kind, content, meet)
    yield Passage("題名", content.title)
    yield from met


def masked(kind: Kind, content: Content, words: Collection[str]) -> Content:
    """Return the content with these findings blotted out; `words` are normal forms of what was found."""
    if not words:
        return content

    def blot(one: Field, _: str, text: str) -> str:
        return _blotted_markup(text, words) if isinstance(one, Text) else blotted(text, words)

    return Content(blotted(content.title, words), _changed(kind, content, blot))


def blotted(text: str, words: Collection[str]) -> str:
    """Return plain text with these words blotted out, wherever they stand."""
    for start, end in reversed(_spans(text, words)):
        text = text[:start] + MASK + text[end:]
    return text


def _spans(text: str, words: Collection[str]) -> list[tuple[int, int]]:
    """Return where the words stand: what is found anew, and the same words where nothing around them gives them away."""
    wanted = {word for word in words if word}
    spans = [(one.start, one.end) for one in personal.find(text) if personal.normal(one.text) in wanted]
    letters, places = personal.letters(text)
    for word in wanted:
        at = letters.find(word)
        while at >= 0:
            if not (at and _ONE_LETTER.fullmatch(word) and _HAN.match(letters[at - 1])):  # 林様 is not 小林様
                spans.append((places[at], places[at + len(word) - 1] + 1))
            at = letters.find(word, at + len(word))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _changed(kind: Kind, content: Content, change: _Change) -> dict[str, Value]:
    fields = {}
    for name, value in content.fields.items():
        one = kind.fields.get(name)
        fields[name] = value if one is None else _in_value(one, one.label, value, change)
    return fields


def _in_value(one: Field, label: str, value: Value, change: _Change) -> Value:
    if isinstance(one, Rows):
        columns = {column.name: column for column in one.columns}
        return [
            {
                name: _in_value(columns[name], f"{label} {number}{one.row_name}目 {columns[name].label}", cell, change)
                if name in columns
                else cell
                for name, cell in row.items()
            }
            for number, row in enumerate(value, 1)
        ]
    return change(one, label, value) if isinstance(one, Line | Text) and isinstance(value, str) and value else value


# -- canonical HTML ----------------------------------------------------------------------------------------------------

_PIECE = re.compile(r"<[^>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);|[^<&]+|&")
_BLOCK = re.compile(r"</?(?:h2|h3|p|li|tr|caption|section|table|ul|ol|figure|br)\b")
_CELL = re.compile(r"</t[dh]\b")
_WRITTEN = re.compile(r' (?:alt|href|data-owner)="([^"]*)"')


class _Plain:
    """The plain text of canonical HTML, with the place in the markup of each of its characters.

    What a tag says to people (the description of a picture, where a link leads) is read as a line of its own.
    """

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self._pieces: list[str] = []
        self.places: list[tuple[int, int]] = []
        for found in _PIECE.finditer(markup):
            self._take(found[0], found.start())
        self.text = "".join(self._pieces)

    def _take(self, piece: str, at: int) -> None:
        if piece.startswith("<"):
            for written in _WRITTEN.finditer(piece):
                self._line(at)
                self._written(written[1], at + written.start(1))
                self._line(at)
            if _CELL.match(piece):
                self._add("\t", at, at)
            elif _BLOCK.match(piece):
                self._line(at)
        else:
            self._written(piece, at)

    def _written(self, text: str, at: int) -> None:
        for found in re.finditer(r"&(?:#\d+|#x[0-9a-fA-F]+|\w+);|[^&]+|&", text):
            start = at + found.start()
            if found[0].startswith("&") and len(found[0]) > 1:
                self._add(html.unescape(found[0])[:1] or " ", start, start + len(found[0]))
            else:
                self._pieces.append(found[0])
                self.places += [(start + n, start + n + 1) for n in range(len(found[0]))]

    def _line(self, at: int) -> None:
        if self._pieces and not self._pieces[-1].endswith("\n"):
            self._add("\n", at, at)

    def _add(self, letter: str, start: int, end: int) -> None:
        self._pieces.append(letter)
        self.places.append((start, end))


def _blotted_markup(markup: str, words: Collection[str]) -> str:
    """Return canonical HTML with the words blotted out, also where tags stand between their letters."""
    plain = _Plain(markup)
    for start, end in reversed(_spans(plain.text, words)):
        letters = [(a, b) for a, b in plain.places[start:end] if b > a]
        for number, (a, b) in reversed(list(enumerate(letters))):
            markup = markup[:a] + (MASK if number == 0 else "") + markup[b:]
    return markup if markup == plain.markup else richtext.clean(markup)
