"""A compiled template: literal XML and the places where values go. Filling one is joining strings.

Every field of the kind is written as a rich content control (tag = its path, `attendees.3.name`) inside a hidden bookmark
(`_f_attendees_3_name`): Word keeps the tags when the file is edited, LibreOffice the bookmarks, so either way the file can be
read back field by field. What is printed from elsewhere (the report's number, a field printed a second time) stands in a
bookmark that carries a check of its text, so that a change nobody could take over is at least noticed.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from portal.kinds.fields import Rows, Value
from portal.kinds.richtext import strip_control
from portal.word.marks import ColumnMark, EditionMark, FieldMark, HeadingMark, Mark, lines_of
from portal.word.markup import escape, paragraph, run
from portal.word.pictures import Picture, draw
from portal.word.rich import TAIL, rich_blocks

_PLACE = re.compile(r"<\?portal (slot|open|else|close) (\d+)\?>")
_LONGEST_BOOKMARK = 40


@dataclass
class Filling:
    """The values of one export, and the numbers its controls and lists have used up."""

    values: Mapping[str, Value]
    headings: Mapping[str, list[str]]
    stamp: str = ""
    last_id: int = 0
    first_list: int = 0
    lists: int = 0
    bullets: int = 1
    pictures: Mapping[int, Picture] = field(default_factory=dict)
    drawn: dict[int, Picture] = field(default_factory=dict)
    row: Mapping[str, Value] = field(default_factory=dict)
    number: int = 0

    def new_id(self) -> int:
        """Return an id no control and no bookmark of this file has."""
        self.last_id += 1
        return self.last_id

    def new_list(self) -> int:
        """Return the number of a fresh ordered list."""
        self.lists += 1
        return self.first_list + self.lists - 1

    def draw(self, file: int, alt: str, room: int) -> str:
        """Return the runs of a picture, in a bookmark that names its file; its description where the file is not there."""
        picture, number = self.pictures.get(file), self.new_id()
        shown = run(f"［図：{alt}］")
        if picture is not None and picture.shape:
            self.drawn[file] = picture
            shown = draw(picture, number, alt, room)
        return bookmark(f"{PICTURE}{file}_{number}", number, shown)

    def lines(self, mark: Mark) -> list[str]:
        """Return the lines a mark prints."""
        if isinstance(mark, ColumnMark):
            column = mark.column
            if column is None:
                return [str(self.number + 1)]
            return lines_of(column, self.row.get(column.name, column.blank))
        if isinstance(mark, FieldMark):
            return lines_of(mark.field, self.values.get(mark.field.name, mark.field.blank))
        return self.headings[mark.name] if isinstance(mark, HeadingMark) else []

    def path(self, mark: Mark) -> str:
        """Return the path of a field, as in a Problem: `attendees.3.name`."""
        if isinstance(mark, ColumnMark) and mark.column:
            return f"{mark.rows.name}.{self.number}.{mark.column.name}"
        return path_of(mark)


TITLE_MARK = "題名"
PICTURE = "_p_"
"""How the hidden bookmark around a picture begins; the number of its file follows."""
FIELD, LAST, PRINTED, ROWS, FIRST_STAMP, LAST_STAMP = "_f_", "_e_", "_h_", "_t_", "_d_", "_c_"
"""How the hidden bookmarks begin: a field, the last paragraph of a long one, text printed from elsewhere, the head of a
repeating table, and the stamp at the beginning and at the end of the document."""


def path_of(mark: Mark) -> str:
    """Return the path of a mark that stands for one value of the document: a field or the title; empty for all others."""
    if isinstance(mark, FieldMark):
        return mark.field.name
    return "title" if isinstance(mark, HeadingMark) and mark.name == TITLE_MARK else ""


def bookmark_name(path: str, prefix: str = FIELD) -> str:
    """Return the hidden bookmark of a field's path; Word allows 40 characters."""
    name = prefix + path.replace(".", "_")
    return name if len(name) <= _LONGEST_BOOKMARK else prefix + hashlib.sha256(path.encode()).hexdigest()[:32]


def label_of(mark: Mark) -> str:
    """Return what Word shows on the control of a field."""
    if isinstance(mark, FieldMark):
        return mark.field.label
    if isinstance(mark, HeadingMark):
        return mark.name
    return mark.column.label if isinstance(mark, ColumnMark) and mark.column else ""


def check_of(text: str) -> str:
    """Return a short check of a text that editors do not change by cutting it into runs or lines."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:10]


def bookmark(name: str, number: int, inner: str = "") -> str:
    """Return a hidden bookmark around runs."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inner}<w:bookmarkEnd w:id="{number}"/>'


class Node:
    """A part of a program that can write itself."""

    def write(self, out: list[str], filling: Filling) -> None:
        """Append XML to the document."""
        raise NotImplementedError


@dataclass
class Literal(Node):
    """XML of the template, as it is."""

    xml: str

    def write(self, out: list[str], filling: Filling) -> None:
        out.append(self.xml)


@dataclass
class Place(Node):
    """A hidden bookmark without text; in a repeated paragraph only the first one is written."""

    name: str

    def write(self, out: list[str], filling: Filling) -> None:
        if filling.number == 0:
            out.append(bookmark(self.name, filling.new_id()))


@dataclass
class Stamp(Node):
    """What names document and version in the file, where there is something to name."""

    prefix: str
    form: str

    def write(self, out: list[str], filling: Filling) -> None:
        if filling.stamp:
            out.append(bookmark(f"{self.prefix}{filling.stamp}_{self.form}", filling.new_id()))


@dataclass
class Words(Node):
    """A mark inside a line. `anchored` gives it a control and a bookmark: the first mark of a field in the document has one.

    `checked` puts the text into a bookmark that knows whether it was changed.
    """

    mark: Mark
    properties: str
    anchored: bool
    checked: bool = False
    alias: str = field(init=False)

    def __post_init__(self) -> None:
        self.alias = escape(label_of(self.mark))

    def write(self, out: list[str], filling: Filling) -> None:
        shown = "\n".join(filling.lines(self.mark))
        words = run(shown, self.properties) if shown or self.anchored else ""
        if self.anchored:
            words = self.control(words, filling)
        elif self.checked and words:
            number = filling.new_id()
            words = bookmark(f"{PRINTED}{number}_{check_of(strip_control(shown))}", number, words)
        out.append(words)

    def control(self, inner: str, filling: Filling) -> str:
        """Put runs into the control of the field."""
        path, number = filling.path(self.mark), filling.new_id()
        return bookmark(
            bookmark_name(path),
            number,
            f'<w:sdt><w:sdtPr><w:alias w:val="{self.alias}"/><w:tag w:val="{path}"/>'
            f'<w:id w:val="{number}"/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>',
        )


@dataclass
class Blocks(Words):
    """A long text alone in its paragraph, with headings, lists and tables of its own; `width` is the room it has.

    A single paragraph gets a control. Several are marked by two bookmarks, `_f_` on the first and `_e_` on the last: LibreOffice
    writes what stands in a control around whole paragraphs several times over when it saves (seen with 7.4).
    """

    width: int = 0

    def write(self, out: list[str], filling: Filling) -> None:
        blocks = rich_blocks(
            self._value(filling), self.width, filling.new_list, filling.bullets, filling.new_id, filling.draw
        )
        blocks = blocks or [paragraph(run("") if self.anchored else "", "BodyText")]
        if self.anchored:
            self._anchor(blocks, filling)
        out += blocks
        if blocks[-1].endswith("</w:tbl>"):
            out.append(TAIL)

    def _value(self, filling: Filling) -> str:
        if isinstance(self.mark, ColumnMark) and self.mark.column:
            return str(filling.row.get(self.mark.column.name) or "")
        return str(filling.values.get(self.mark.field.name) or "") if isinstance(self.mark, FieldMark) else ""

    def _anchor(self, blocks: list[str], filling: Filling) -> None:
        if len(blocks) == 1 and not blocks[0].endswith("</w:tbl>"):
            head, runs, end = _cut_paragraph(blocks[0], blocks[0].index("<w:p>"))
            blocks[0] = f"{head}{self.control(runs, filling)}{end}"
            return
        path = filling.path(self.mark)
        for index, find, name in (
            (0, str.index, bookmark_name(path)),
            (-1, str.rindex, bookmark_name(path, LAST)),
        ):
            head, runs, end = _cut_paragraph(blocks[index], find(blocks[index], "<w:p>"))
            blocks[index] = f"{head}{bookmark(name, filling.new_id(), runs)}{end}"


def _cut_paragraph(block: str, start: int) -> tuple[str, str, str]:
    """Cut a block around the runs of the paragraph that begins there."""
    begin = start + len("<w:p>")
    if block.startswith("<w:pPr>", begin):
        begin = block.index("</w:pPr>", begin) + len("</w:pPr>")
    end = block.index("</w:p>", begin)
    return block[:begin], block[begin:end], block[end:]


@dataclass
class Group(Node):
    """Several nodes printed together if one of their marks has something to say."""

    marks: list[Mark]
    inner: list[Node]

    def write(self, out: list[str], filling: Filling) -> None:
        if any(isinstance(mark, EditionMark) or filling.lines(mark) for mark in self.marks):
            for node in self.inner:
                node.write(out, filling)


@dataclass
class Repeat(Node):
    """Nodes written once for every row of a group; `none` instead when there is no row."""

    rows: Rows
    inner: list[Node]
    none: list[Node]

    def write(self, out: list[str], filling: Filling) -> None:
        found = cast("list[Mapping[str, Value]]", filling.values.get(self.rows.name) or [])
        for number, row in enumerate(found):
            filling.row, filling.number = row, number
            for node in self.inner:
                node.write(out, filling)
        filling.number = 0
        if not found:
            for node in self.none:
                node.write(out, filling)


Program = list[Node]
Build = Callable[[list[Node], list[Node]], Node]
"""Makes the node of an open/close pair from what stands before and after its `else`."""


def to_program(xml: str, slots: Mapping[int, Node], pairs: Mapping[int, Build]) -> Program:
    """Cut serialised XML at its processing instructions and put the nodes there."""
    return _sequence(iter(_PLACE.split(xml)), slots, pairs)[0]


def _sequence(
    parts: Iterator[str], slots: Mapping[int, Node], pairs: Mapping[int, Build]
) -> tuple[list[Node], list[Node]]:
    """Read nodes up to the end or the close of the pair we are in; return what stands before and after `else`."""
    nodes: list[Node] = []
    before: list[Node] | None = None
    while True:
        if literal := next(parts):
            nodes.append(Literal(literal))
        what = next(parts, None)
        if what is None or what == "close":
            if what:
                next(parts)
            return (nodes, []) if before is None else (before, nodes)
        number = int(next(parts))
        if what == "slot":
            nodes.append(slots[number])
        elif what == "open":
            nodes.append(pairs[number](*_sequence(parts, slots, pairs)))
        else:
            before, nodes = nodes, []


def fill(program: Program, filling: Filling) -> str:
    """Return the part with the values in their places."""
    out: list[str] = []
    for node in program:
        node.write(out, filling)
    return "".join(out)
