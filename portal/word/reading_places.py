"""Where the fields stand on a form, learnt from the export itself, and the same places in a file that came back.

A place is found by its control or bookmark; when an editor lost both, by the words of the label beside or above it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.kinds import Kind
from portal.kinds.fields import Rows, Text
from portal.word.program import LAST, ROWS, bookmark_name
from portal.word.reading_sheet import Block, Cell, Paragraph, Row, Sheet, Stretch, Table, paragraphs_in

NONE = "なし"


class Finder:
    """Finds paragraphs of a sheet by what is marked in them."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.all = sheet.paragraphs()
        self._marked: dict[str, list[Paragraph]] = {}
        self._spoken: dict[str, list[tuple[Paragraph, Stretch]]] = {}
        for paragraph in self.all:
            for name in dict.fromkeys(name for _, name in paragraph.marks):
                for key in {name, name.split(".")[0]}:
                    self._marked.setdefault(key, []).append(paragraph)
            for one in paragraph.stretches:
                self._spoken.setdefault(one.key, []).append((paragraph, one))
        self._labelled: dict[str, list[Cell]] | None = None

    def marked(self, name: str) -> list[Paragraph]:
        """Return the paragraphs in which a field, any column of a group, or a bookmark begins."""
        return self._marked.get(name, [])

    def spoken(self, key: str) -> list[tuple[Paragraph, Stretch]]:
        """Return all text of one field, with its paragraphs."""
        return self._spoken.get(key, [])

    def labelled(self, label: str) -> Cell | None:
        """Return the one cell beside or below that label."""
        if self._labelled is None:
            self._labelled = {}
            for table in self.sheet.tables:
                for cell in (cell for row in table.rows for cell in row.cells):
                    if words := label_of(cell):
                        self._labelled.setdefault(words, []).append(cell)
        found = self._labelled.get(label, [])
        return found[0] if label and len(found) == 1 else None


def text_of(cell: Cell | Row) -> str:
    """Return the lines of a cell or a row."""
    cells = [cell] if isinstance(cell, Cell) else cell.cells
    return "\n".join(one.text for inner in cells for one in paragraphs_in(inner.blocks) if one.style != "末尾")


def squeezed(text: str) -> str:
    """Return text as labels are compared: without blanks, in the usual width."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def label_of(cell: Cell) -> str:
    """Return the words of the cell before, or of the row above in a table of one column."""
    at = cell.row.cells.index(cell)
    if at:
        return squeezed(text_of(cell.row.cells[at - 1]))
    rows = cell.row.table.rows
    number = rows.index(cell.row) if len(rows) <= 3 else 0
    return squeezed(text_of(rows[number - 1])) if number == 1 and len(cell.row.cells) == 1 else ""


def depth_of(cell: Cell | None) -> int:
    """Return how many cells a cell stands in, itself included."""
    depth = 0
    while cell is not None:
        depth, cell = depth + 1, cell.row.table.cell
    return depth


def cell_at(paragraph: Paragraph, depth: int) -> Cell | None:
    """Return the cell around a paragraph at that depth, or the innermost one."""
    cell = paragraph.cell
    while cell is not None and depth_of(cell) > depth:
        cell = cell.row.table.cell
    return cell


@dataclass(eq=False)
class Place:
    """Where one field stands: `shape` is words, rich, table or list; `alone` says that its cell holds nothing else."""

    name: str
    shape: str
    paragraph: Paragraph
    depth: int = 0
    alone: bool = False
    label: str = ""
    columns: dict[int, list[str]] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    fixed: set[str] = field(default_factory=set)


def places_of(finder: Finder, kind: Kind) -> dict[str, Place]:
    """Return the place of every field an export prints."""
    found: dict[str, Place] = {}
    for name in (*kind.fields, "title"):
        one = kind.fields.get(name)
        if isinstance(one, Rows):
            place = _rows_place(finder, one)
        else:
            place = _place(finder, name, is_text=isinstance(one, Text))
        if place is not None:
            found[name] = place
    return found


def _place(finder: Finder, name: str, *, is_text: bool) -> Place | None:
    marked = finder.marked(name)
    if not marked:
        return None
    paragraph = marked[0]
    rich = is_text and all(one.key == name or name in paragraph.keys[:1] for one in paragraph.stretches)
    last = (finder.marked(bookmark_name(name, LAST)) or [paragraph])[0]
    cell = _common_cell(paragraph, last)
    place = Place(name, "rich" if rich else "words", paragraph, depth_of(cell))
    if cell is not None:
        inner = [one for one in paragraphs_in(cell.blocks) if one.style != "末尾"]
        if rich:
            place.alone = bool(inner) and inner[0] is paragraph and inner[-1] is last
        else:
            place.alone = all(one.keys in ([], [name]) and _only(one, name) for one in inner)
        place.label = label_of(cell)
    return place


def _only(paragraph: Paragraph, name: str) -> bool:
    return not any(one.text.strip() for one in paragraph.stretches if one.key != name)


def _common_cell(first: Paragraph, last: Paragraph) -> Cell | None:
    cell = first.cell
    while cell is not None and not any(one is last for one in paragraphs_in(cell.blocks)):
        cell = cell.row.table.cell
    return cell


# --- repeating groups -----------------------------------------------------------------------------------------------------


def _rows_place(finder: Finder, rows: Rows) -> Place | None:
    heads, marked = finder.marked(bookmark_name(rows.name, ROWS)), finder.marked(rows.name)
    if not heads and not marked:
        return None
    paragraph = (marked or heads)[0]
    is_list = any(head in marked or head.text.strip() == NONE for head in heads)
    cell = paragraph.cell
    if is_list or cell is None:
        place = Place(rows.name, "list", paragraph, depth_of(cell))
        place.label = "" if cell is None else label_of(cell)
        place.alone = cell is not None and not any(
            one for one in paragraphs_in(cell.blocks) if one not in marked and one not in heads
        )
        return place
    return _table_place(rows, paragraph, cell.row.table)


def _table_place(rows: Rows, paragraph: Paragraph, table: Table) -> Place:
    place = Place(rows.name, "table", paragraph, depth_of(table.cell))
    data = [row for row in table.rows if columns_in(row, rows)]
    first = table.rows.index(data[0]) if data else _heads(table)
    place.heads = [squeezed(text_of(row)) for row in table.rows[:first]]
    for row in data:
        for column, names in columns_in(row, rows).items():
            place.columns.setdefault(column, names)
    if not data and first:
        labels = {squeezed(one.label): one.name for one in rows.columns}
        for cell in table.rows[first - 1].cells:
            if squeezed(text_of(cell)) in labels:
                place.columns[cell.column] = [labels[squeezed(text_of(cell))]]
    place.fixed = {piece for row in data for piece in _fixed(row, place.columns)}
    return place


def _heads(table: Table) -> int:
    return next((number for number, row in enumerate(table.rows) if not row.head), len(table.rows))


def columns_in(row: Row, rows: Rows) -> dict[int, list[str]]:
    """Return the columns of a group by the cell of a row they stand in."""
    found: dict[int, list[str]] = {}
    for cell in row.cells:
        names = [
            key.split(".")[2]
            for one in paragraphs_in(cell.blocks)
            for key in one.keys
            if key.startswith(f"{rows.name}.")
        ]
        if names:
            found[cell.column] = list(dict.fromkeys(names))
    return found


def _fixed(row: Row, columns: dict[int, list[str]]) -> list[str]:
    """Return what a row prints besides its fields."""
    return [
        one.text.strip()
        for cell in row.cells
        if len(columns.get(cell.column, ())) != 1
        for paragraph in paragraphs_in(cell.blocks)
        for one in paragraph.stretches
        if not one.key
    ]


def number_in(paragraphs: Sequence[Paragraph], rows: str) -> int | None:
    """Return which row of the base this is, by the first of its fields."""
    for paragraph in paragraphs:
        for key in paragraph.keys:
            if found := re.match(rf"{rows}\.(\d+)\.", key):
                return int(found[1])
    return None


def block_of(blocks: Sequence[Block], paragraph: Paragraph) -> int | None:
    """Return the number of the block that is or holds a paragraph."""
    return next(
        (number for number, one in enumerate(blocks) if any(p is paragraph for p in paragraphs_in([one]))), None
    )
