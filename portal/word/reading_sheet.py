"""The tree of a document that came back: paragraphs and tables, each stretch of text with the field it stands in.

A stretch knows its field by the tag of the control around it, or else by our hidden bookmark. Tracked changes are applied as if
accepted: what was inserted is text, what was deleted is kept aside to be told, and a paragraph whose end was deleted runs on into
the next one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.kinds import Kind
from portal.kinds.fields import Rows
from portal.word.program import FIELD, FIRST_STAMP, LAST, LAST_STAMP, PICTURE, PRINTED, bookmark_name

Outline = Mapping[str, Any]
"""What portal.intake tells of a .docx: tokens, changes, comments, around, notes."""


@dataclass(frozen=True)
class Change:
    """One tracked change: "inserted" or "deleted", by whom and when, of what text."""

    what: str
    who: str
    when: str
    text: str = ""


@dataclass(eq=False)
class Stretch:
    """Text of one look in one field. `key` is the field's path, `_h_…` for what is printed from elsewhere, or nothing.

    `picture` is the number of the attached file whose picture, or whose description in its place, this is.
    """

    text: str
    look: int = 0
    key: str = ""
    copy: int = 0
    address: str = ""
    change: int = -1
    deleted: bool = False
    picture: str = ""


@dataclass(eq=False)
class Paragraph:
    """One paragraph. `marks` are the bookmarks and paths that begin in it, each with the number of stretches before it."""

    style: str
    item: Sequence[Any] | None
    indent: int
    cell: "Cell | None"
    stretches: list[Stretch] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text that stays."""
        return "".join(one.text for one in self.stretches if not one.deleted)

    @property
    def keys(self) -> list[str]:
        """The fields in the paragraph, in order, empty ones as well."""
        return list(dict.fromkeys(name for _, name in self.marks if not name.startswith("_")))

    def has(self, mark: str) -> bool:
        """Say whether that bookmark or path begins here."""
        return any(name == mark for _, name in self.marks)


@dataclass(eq=False)
class Cell:
    """One cell of a table."""

    across: int
    merge: str
    row: "Row"
    column: int
    blocks: list["Block"] = field(default_factory=list)

    def goes_on_in(self, row: "Row") -> bool:
        """Say whether a row below holds the rest of this merged cell."""
        return any(one.column == self.column and one.merge == "continue" for one in row.cells)


@dataclass(eq=False)
class Row:
    """One row of a table."""

    head: bool
    change: int
    table: "Table"
    cells: list[Cell] = field(default_factory=list)


@dataclass(eq=False)
class Table:
    """One table; `cell` is the one it stands in."""

    cell: Cell | None
    rows: list[Row] = field(default_factory=list)


Block = Paragraph | Table


def paragraphs_in(blocks: Sequence[Block]) -> Iterator[Paragraph]:
    """Yield the paragraphs of blocks in document order, those in tables included."""
    waiting = list(reversed(blocks))
    while waiting:
        block = waiting.pop()
        if isinstance(block, Paragraph):
            yield block
        else:
            waiting += [
                inner for row in reversed(block.rows) for cell in reversed(row.cells) for inner in reversed(cell.blocks)
            ]


@dataclass
class Sheet:
    """A whole document."""

    outline: Outline
    blocks: list[Block] = field(default_factory=list)
    boxes: list[Paragraph] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)

    def paragraphs(self) -> list[Paragraph]:
        """Return all paragraphs in order."""
        return list(paragraphs_in(self.blocks))

    def change(self, number: int, text: str) -> Change:
        """Return a tracked change in words of our own."""
        what, who, when = self.outline["changes"][number]
        return Change("inserted" if what in ("ins", "moveTo") else "deleted", who, when, text)


class Paths:
    """Which tags and bookmarks are fields of a kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._by_name = {bookmark_name(name): name for name in (*kind.fields, "title")}
        self._rows = {
            one.name: {column.name for column in one.columns} for one in kind.fields.values() if isinstance(one, Rows)
        }
        self._hashed: dict[str, str] = {}

    def of_tag(self, tag: str) -> str:
        """Return the path a tag is, or nothing."""
        rows, _, rest = tag.partition(".")
        number, _, column = rest.partition(".")
        if rows in self._rows and number.isdecimal() and column in self._rows[rows]:
            return tag
        return tag if tag in self._kind.fields or tag == "title" else ""

    def of_bookmark(self, name: str) -> str:
        """Return the path behind a bookmark, or nothing."""
        if name in self._by_name:
            return self._by_name[name]
        for rows, columns in self._rows.items():
            found = re.fullmatch(rf"_f_{rows}_(\d{{1,6}})_(\w+)", name)
            if found and found[2] in columns:
                return f"{rows}.{int(found[1])}.{found[2]}"
        return self._of_hash(name) if re.fullmatch(r"_f_[0-9a-f]{32}", name) else ""

    def _of_hash(self, name: str) -> str:
        if not self._hashed:
            paths = (
                f"{rows}.{number}.{column}"
                for rows, columns in self._rows.items()
                for column in columns
                for number in range(1000)
            )
            self._hashed = {bookmark_name(path): path for path in paths}
        return self._hashed.get(name, "")


def lay_out(outline: Outline, kind: Kind) -> Sheet:
    """Return the tree of an outline."""
    builder = _Builder(Sheet(outline), Paths(kind))
    for token in outline["tokens"]:
        builder.take(token)
    return builder.sheet


class _Builder:
    def __init__(self, sheet: Sheet, paths: Paths) -> None:
        self.sheet, self._paths = sheet, paths
        self._within: list[Table | Row | Cell | None] = []
        self._writing: list[tuple[Paragraph, int]] = []
        self._unended: Paragraph | None = None
        self._boxes = 0
        self._controls: list[tuple[str, bool]] = []
        self._bookmarks: list[tuple[str, str]] = []
        self._copies: dict[str, int] = {}
        self._links: list[str] = []
        self._computed = 0

    def take(self, token: Sequence[Any]) -> None:
        name, *rest = token
        act = getattr(self, f"_{name.replace('/', 'end_')}", None)
        if act is not None:
            act(*rest)

    # -- tables -------------------------------------------------------------------------------------------------------

    def _cell(self) -> Cell | None:
        return next((one for one in reversed(self._within) if isinstance(one, Cell)), None)

    def _put(self, block: Block) -> None:
        cell = self._cell()
        if self._boxes and isinstance(block, Paragraph):
            self.sheet.boxes.append(block)
        else:
            (self.sheet.blocks if cell is None else cell.blocks).append(block)

    def _tbl(self) -> None:
        self._run_on_ends()
        table = Table(self._cell())
        self._put(table)
        self.sheet.tables.append(table)
        self._within.append(table)

    def _tr(self, head: bool, change: int) -> None:
        table = self._within[-1] if self._within else None
        row = Row(head, change, table) if isinstance(table, Table) else None
        if row is not None and isinstance(table, Table):
            table.rows.append(row)
        self._within.append(row)

    def _tc(self, across: int, merge: str) -> None:
        row = self._within[-1] if self._within else None
        cell = None
        if isinstance(row, Row):
            cell = Cell(across, merge, row, sum(one.across for one in row.cells))
            row.cells.append(cell)
        self._within.append(cell)

    def _end_tbl(self) -> None:
        self._run_on_ends()
        self._within.pop()

    _end_tr = _end_tc = _end_tbl

    # -- paragraphs ---------------------------------------------------------------------------------------------------

    def _p(self, style: str, item: Sequence[Any] | None, indent: int, change: int) -> None:
        paragraph = Paragraph(style, item, indent, self._cell())
        if self._unended is not None and not self._boxes:
            before, self._unended = self._unended, None
            paragraph.stretches, paragraph.marks, paragraph.comments = before.stretches, before.marks, before.comments
        self._writing.append((paragraph, change))

    def _end_p(self) -> None:
        paragraph, change = self._writing.pop()
        deleted = change >= 0 and self.sheet.change(change, "").what == "deleted"
        if deleted and not self._boxes:
            self._unended = paragraph
        else:
            self._put(paragraph)

    def _run_on_ends(self) -> None:
        """What holds the paragraphs ends or is cut by a table: nothing is left to run on into."""
        if self._unended is not None:
            self._put(self._unended)
            self._unended = None

    def _box(self) -> None:
        self._boxes += 1

    def _end_box(self) -> None:
        self._boxes -= 1

    # -- text ---------------------------------------------------------------------------------------------------------

    def _t(self, text: str, look: int, change: int) -> None:
        if any(empty for _, empty in self._controls):
            return  # what Word shows in an empty control is no text of anybody
        self._write(text, look, change, deleted=False)

    def _d(self, text: str, change: int) -> None:
        self._write(text, 0, change, deleted=True)

    def _write(self, text: str, look: int, change: int, *, deleted: bool) -> None:
        if not self._writing or self._computed:
            return
        key = self._key()
        address = self._links[-1] if self._links else ""
        self._writing[-1][0].stretches.append(
            Stretch(text, look, key, self._copies.get(key, 1), address, change, deleted, self._picture())
        )

    def _key(self) -> str:
        control = next((path for path, _ in reversed(self._controls) if path), "")
        if control:
            return control
        path = next((path for _, path in reversed(self._bookmarks) if path), "")
        return path or next((name for name, _ in self._bookmarks if name.startswith(PRINTED)), "")

    def _picture(self) -> str:
        found = (re.fullmatch(rf"{PICTURE}(\d+)_\d+", name) for name, _ in reversed(self._bookmarks))
        return next((one[1] for one in found if one), "")

    def _a(self, address: str) -> None:
        self._links.append(address)

    def _end_a(self) -> None:
        if self._links:
            self._links.pop()

    def _f(self) -> None:
        self._computed += 1

    def _end_f(self) -> None:
        self._computed = max(0, self._computed - 1)

    def _img(self, words: str) -> None:
        self._write(f"［図：{words}］" if words else "", 0, -1, deleted=False)

    def _c(self, ident: str) -> None:
        if self._writing:
            self._writing[-1][0].comments.append((ident, self._key()))

    # -- marks --------------------------------------------------------------------------------------------------------

    def _m(self, kind: str, name: str, empty: bool) -> None:
        if kind == "sdt":
            path = self._paths.of_tag(name)
            self._begin(path)
            self._controls.append((path, empty))
            return
        if name.startswith((FIRST_STAMP, LAST_STAMP)):
            self.sheet.stamps.append(name[len(FIRST_STAMP) :])
            return
        path = self._paths.of_bookmark(name) if name.startswith(FIELD) else ""
        path = path or (self._paths.of_bookmark(FIELD + name[len(LAST) :]) if name.startswith(LAST) else "")
        if name.startswith(FIELD):
            self._begin(path)
        else:
            self._note(name)
        self._bookmarks.append((name, path))

    def _end_m(self, kind: str, name: str) -> None:
        if kind == "sdt" and self._controls:
            self._controls.pop()
        else:
            self._bookmarks = [one for one in self._bookmarks if one[0] != name]

    def _begin(self, path: str) -> None:
        """A field begins: again, when no control and no bookmark of it is open."""
        if not path:
            return
        around = [one for one, _ in self._controls] + [one for _, one in self._bookmarks]
        if path not in around:
            self._copies[path] = self._copies.get(path, 0) + 1
        self._note(path)

    def _note(self, name: str) -> None:
        if self._writing and not self._writing[-1][0].has(name):
            paragraph = self._writing[-1][0]
            paragraph.marks.append((len(paragraph.stretches), name))
