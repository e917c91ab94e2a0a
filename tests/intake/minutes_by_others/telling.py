"""How a file of the blind set is told: its pen strokes, and what a person reads in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.intake.minutes_drawing import Excel, Page, Word

ALL_FIELDS = ("会議名 開催日時 場所 主催 出席者 欠席者 議題 内容 決定事項 課題 次回 作成者 作成日 配布資料").split()


class Drawn(Protocol):
    def bytes(self) -> bytes: ...


@dataclass
class Or:
    """A value with other readings that are right too; None means that leaving it empty is fine."""

    value: Any
    also: list[Any] = field(default_factory=list)


UNJUDGED = Or(None)
"""A field no two people would fill alike: 内容 where no label says where it begins and ends."""


@dataclass
class Told:
    """One file of the blind set."""

    name: str
    draw: Callable[[], Drawn]
    kind: str
    iso: str | None
    values: dict[str, Any]

    @property
    def half(self) -> str:
        """Say which half the file belongs to, by its name alone: B is only ever counted."""
        lot = {"h": "C", "h2": "C", "u": "D"}.get(self.name.partition("-")[0])
        return lot or "AB"[hashlib.sha256(self.name.encode()).digest()[0] % 2]

    def gold(self) -> dict[str, Any]:
        """Return the labels in the form of the real files' gold."""
        values = {name: _or(self.values.get(name)) for name in ALL_FIELDS if self.values.get(name) is not UNJUDGED}
        return {
            "kind": self.kind,
            "iso": self.iso,
            "fields": {name: each.value for name, each in values.items()},
            "accept": {name: each.also for name, each in values.items() if each.also},
        }


_told: list[Told] = []


def told(name: str, kind: str = "minutes", iso: str | None = None, **values: Any) -> Callable[[Any], Any]:
    """Enter a drawing with what is to be read in it."""

    def enter(draw: Callable[[], Drawn]) -> Callable[[], Drawn]:
        _told.append(Told(name, draw, kind, iso, values))
        return draw

    return enter


def every() -> Iterator[Told]:
    yield from _told


def _or(value: Any) -> Or:
    return value if isinstance(value, Or) else Or(value)


def maybe(value: Any, *also: Any) -> Or:
    """Return a value that may as well be left empty."""
    return Or(value, [None, *also])


def folk(*people: str) -> Or:
    """Return people told as 名前/役職 or 名前: the names alone are right, and so are the names with the office."""
    pairs = [each.partition("/")[::2] for each in people]
    names = [name for name, _ in pairs]
    forms = ("{0}{1}", "{1}{0}", "{0}({1})", "{1} {0}")
    with_office = [[form.format(*pair) if pair[1] else pair[0] for pair in pairs] for form in forms]
    return Or(names, [each for each in with_office if each != names])


def titled(name: str, number: str = "", year: str = "") -> Or:
    """Return a meeting's name, right with and without its number and fiscal year."""
    return Or(year + number + name, [number + name, year + name, name])


@dataclass
class Text:
    """A plain text."""

    words: str
    code: str = "utf-8"

    def bytes(self) -> bytes:
        return self.words.lstrip("\n").replace("\n", "\r\n" if self.code == "cp932" else "\n").encode(self.code)


def text(words: str, code: str = "utf-8") -> Text:
    return Text(words, code)


def word(*lines: str) -> Word:
    return Word().lines(*lines)


def pdf(*lines: str) -> Page:
    return Page().lines(*lines)


def excel(**cells: Any) -> Excel:
    """Return a sheet with values at places told as A1, or A1_C1 for merged cells."""
    book = Excel()
    for place, value in cells.items():
        book.put(place.replace("_", ":"), value)
    return book


def text_box(page: Word, *lines: str) -> None:
    """Add a text box as Word 2010 and later writes it: a drawing, and the same words again for older readers."""
    inner = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    content = f"<w:txbxContent>{inner}</w:txbxContent>"
    spaces = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    )
    page.p()._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")} {spaces}><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline>'
            f"<a:graphic><a:graphicData><wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
            f"</wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{content}</v:textbox>"
            "</v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
