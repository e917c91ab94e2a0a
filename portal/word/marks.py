"""《marks》: what an officer types into a Word template, and what each stands for.

    《会議名》          a field, by its label (or its name in the kind)
    《出席者.所属》     a column of a repeating group; the table row that holds it is repeated
    《出席者.行番号》   the number of the row
    《報告番号》        something about the document, see portal.word.heading
    《その他の項目》    every field of the kind that has no mark of its own
    《全文のみ》 《共有版のみ》   prints nothing; its paragraph is kept in that edition only
    〔（第《回数》）〕  what stands in 〔 〕 is printed only if one of the marks in it has something to say

A mark may be cut into several runs, as Word likes to do. There is no other language in a template: nothing is computed.
"""

import copy
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from portal.kinds import Kind
from portal.kinds.fields import Choices, Field, Rows, Text, Value
from portal.word.heading import HEADING_MARKS, OWN_WARD_ONLY
from portal.word.markup import NS, is_a, w

_TOKEN = re.compile("《([^《》]{1,80})》|([〔〕])|(\ufffc)")
_IGNORED = {w(name) for name in ("proofErr", "lastRenderedPageBreak", "rPr")}


@dataclass(frozen=True, eq=False)
class FieldMark:
    """A field of the kind."""

    field: Field


@dataclass(frozen=True, eq=False)
class ColumnMark:
    """One column of a repeating group; no column is the number of the row."""

    rows: Rows
    column: Field | None


@dataclass(frozen=True)
class HeadingMark:
    """Something about the document that is not a field."""

    name: str


@dataclass(frozen=True)
class EditionMark:
    """Prints nothing and keeps its paragraph in one edition."""

    shared: bool


@dataclass(frozen=True)
class OthersMark:
    """The place of all fields without a mark of their own."""


Mark = FieldMark | ColumnMark | HeadingMark | EditionMark | OthersMark


def resolve(name: str, kind: Kind) -> Mark | None:
    """Return what a mark stands for in a kind, or None when the kind has nothing of that name."""
    name = unicodedata.normalize("NFKC", name).strip()
    if one := _named(name, kind.fields.values()):
        return FieldMark(one)
    group, _, rest = name.partition(".")
    rows = _named(group.strip(), kind.fields.values())
    if isinstance(rows, Rows) and rest:
        column = _named(rest.strip(), rows.columns)
        return ColumnMark(rows, column) if column or rest.strip() == "行番号" else None
    if name in HEADING_MARKS:
        return HeadingMark(name)
    fixed: dict[str, Mark] = {
        "全文のみ": EditionMark(shared=False),
        "共有版のみ": EditionMark(shared=True),
        "その他の項目": OthersMark(),
    }
    return fixed.get(name)


def _named(name: str, fields: Iterable[Field]) -> Field | None:
    candidates = list(fields)
    by_name = (one for one in candidates if one.name == name)
    by_label = (one for one in candidates if unicodedata.normalize("NFKC", one.label) == name)
    return next(by_name, None) or next(by_label, None)


@dataclass(frozen=True)
class Printing:
    """What one export may show: the fields its content has, in which edition."""

    fields: frozenset[str]
    shared: bool

    def shows(self, mark: Mark | None) -> bool:
        """Say whether a mark has anything behind it here; what other wards may not see is as good as unknown."""
        if isinstance(mark, FieldMark):
            return self._shows_field(mark.field)
        if isinstance(mark, ColumnMark):
            return self._shows_field(mark.rows) and (mark.column is None or mark.column.shared or not self.shared)
        if isinstance(mark, HeadingMark):
            return not (self.shared and mark.name in OWN_WARD_ONLY)
        if isinstance(mark, EditionMark):
            return mark.shared == self.shared
        return mark is not None

    def _shows_field(self, field: Field) -> bool:
        return field.name in self.fields and (field.shared or not self.shared)


def is_rich(mark: Mark) -> bool:
    """Say whether a mark alone in its paragraph becomes paragraphs, lists and tables of its own."""
    one = mark.field if isinstance(mark, FieldMark) else mark.column if isinstance(mark, ColumnMark) else None
    return isinstance(one, Text)


def lines_of(field: Field, value: Value) -> list[str]:
    """Return a value as the lines that print it."""
    if value is None or field.is_blank(value):
        return []
    if isinstance(field, Choices):
        return [field.options.get(key, key) for key in value]
    return str(field.text(value)).split("\n")


@dataclass
class Piece:
    """A stretch of a paragraph: text, a mark, an optional group's bracket, or something that is kept as it is."""

    what: Literal["text", "mark", "open", "close", "kept"]
    text: str = ""
    properties: etree._Element | None = None
    kept: etree._Element | None = None


def own_text(paragraph: etree._Element) -> str:
    """Return the text of a paragraph's own runs."""
    return "".join(text.text or "" for text in paragraph.iterfind("w:r/w:t", namespaces=NS))


def marked_paragraphs(root: etree._Element) -> list[etree._Element]:
    """Return the paragraphs that hold marks, in document order."""
    return [paragraph for paragraph in root.iter(w("p")) if "《" in own_text(paragraph)]


def mark_names(paragraph: etree._Element) -> list[str]:
    """Return the names of the marks in a paragraph."""
    return re.findall("《([^《》]{1,80})》", own_text(paragraph))


def pieces(paragraph: etree._Element) -> list[Piece]:
    """Cut a paragraph into pieces; each keeps the look of the run it begins in."""
    shown: list[str] = []
    behind: list[tuple[etree._Element | None, etree._Element | None]] = []  # per character: run properties, kept node
    for child in paragraph:
        if is_a(child, "pPr") or child.tag in _IGNORED:
            continue
        for text, properties, kept in _run_parts(child):
            shown.append(text)
            behind += [(properties, kept)] * len(text)
    text = "".join(shown)
    return _with_real_groups(list(_cut(text, behind)))


def _run_parts(child: etree._Element) -> Iterator[tuple[str, etree._Element | None, etree._Element | None]]:
    if not is_a(child, "r"):
        yield "\ufffc", None, child
        return
    properties = child.find(w("rPr"))
    for part in child:
        if is_a(part, "t"):
            yield (part.text or "").replace("\ufffc", ""), properties, None
        elif part.tag not in _IGNORED:
            alone = etree.Element(w("r"))
            if properties is not None:
                alone.append(copy.deepcopy(properties))
            alone.append(copy.deepcopy(part))
            yield "\ufffc", properties, alone


def _cut(text: str, behind: list[tuple[etree._Element | None, etree._Element | None]]) -> Iterator[Piece]:
    position = 0
    for token in _TOKEN.finditer(text):
        yield from _plain(text, behind, position, token.start())
        properties, kept = behind[token.start()]
        if token[1]:
            yield Piece("mark", token[1], properties)
        elif token[2]:
            yield Piece("open" if token[2] == "〔" else "close", token[2], properties)
        else:
            yield Piece("kept", kept=kept)
        position = token.end()
    yield from _plain(text, behind, position, len(text))


def _plain(
    text: str, behind: list[tuple[etree._Element | None, etree._Element | None]], start: int, end: int
) -> Iterator[Piece]:
    while start < end:
        stop = start
        while stop < end and behind[stop][0] is behind[start][0]:
            stop += 1
        yield Piece("text", text[start:stop], behind[start][0])
        start = stop


def _with_real_groups(found: list[Piece]) -> list[Piece]:
    """Take brackets that hold no mark, or have no partner, for the plain text they are."""
    opened: int | None = None
    real: set[int] = set()
    for index, piece in enumerate(found):
        if piece.what == "open":
            opened = index
        elif piece.what == "close" and opened is not None:
            if any(inner.what == "mark" for inner in found[opened:index]):
                real |= {opened, index}
            opened = None
    for index, piece in enumerate(found):
        if piece.what in ("open", "close") and index not in real:
            piece.what = "text"
    return found
