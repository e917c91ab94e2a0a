"""The layout of an Excel book: each sheet one table of the cells that hold something, merged ones with what they cover."""

from __future__ import annotations

import re
from typing import IO

from portal.intake.minutes.model import Cell, Layout, Line, Table
from portal.intake.readers.excel import Book, Count, Strings, Styles, shown
from portal.intake.readers.markup import Attributes, Package, local
from portal.intake.readers.meter import Enough, Meter

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MOST_MERGES = 20_000


def read(file: IO[bytes], meter: Meter) -> Layout:
    """Read the layout of a .xlsx."""
    package = Package(file, meter)
    main = package.main_part()
    book, strings, styles = Book(), Strings(meter), Styles()
    package.walk(main, book)
    for handler, kind in ((strings, "sharedStrings"), (styles, "styles")):
        for part in package.related(main, kind):
            package.walk_if_whole(part, handler)
    sheets, count = package.relations(main, "worksheet"), Count(meter.limits.cells)
    layout = Layout([])
    for title, pointer in book.sheets:
        if pointer not in sheets or title in book.hidden:
            continue
        sheet = _Sheet(title, strings.all, styles.dates, book.from_1904, count, meter.limits.text_chars)
        try:
            package.walk_if_whole(sheets[pointer], sheet)
        except Enough:
            layout.warnings.append("大きいため、途中までを読みました。")
        if sheet.cells:
            layout.hints.append(title)
            layout.blocks.append(Table(sheet.merged()))
    return layout


class _Sheet:
    def __init__(
        self, title: str, strings: list[str], dates: list[bool], from_1904: bool, count: Count, most: int
    ) -> None:
        self.cells: list[Cell] = []
        self._title = title
        self._strings, self._dates, self._from_1904 = strings, dates, from_1904
        self._count, self._left = count, most
        self._merges: dict[tuple[int, int], tuple[int, int]] = {}
        self._pieces: list[str] = []
        self._where = (0, 0)
        self._row = self._next = 0
        self._type = self._style = ""
        self._reading = False
        self._phonetic = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._count.one()
            self._where = _place(attributes.get("r", "")) or (self._row, self._next)
            self._next = self._where[1] + 1
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._pieces = []
        elif name == "row":
            number = attributes.get("r", "")
            self._row, self._next = (int(number) if number.isdigit() else self._row + 1), 1
        elif name in ("v", "t"):
            self._reading = not self._phonetic
        elif name == "rPh":
            self._phonetic += 1
        elif name == "mergeCell" and len(self._merges) < _MOST_MERGES:
            self._note_merge(local(attributes, "ref"))

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._reading = False
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "c":
            text = shown(
                "".join(self._pieces), self._type, self._style, self._strings, self._dates, from_1904=self._from_1904
            )
            if text.strip():
                self._add(text)

    def data(self, text: str) -> None:
        if self._reading:
            self._pieces.append(text)

    def merged(self) -> list[Cell]:
        """Return the cells in reading order, each with the rows and columns it covers."""
        for cell in self.cells:
            cell.rows, cell.columns = self._merges.get((cell.row, cell.column), (1, 1))
        return sorted(self.cells, key=lambda cell: (cell.row, cell.column))

    def _add(self, text: str) -> None:
        self._left -= len(text)
        if self._left < 0:
            raise Enough
        row, column = self._where
        place = f"シート「{self._title}」{_letters(column)}{row}"
        self.cells.append(Cell(row, column, [Line(line, place) for line in text.replace("\r", "").split("\n")]))

    def _note_merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        begin, end = _place(first), _place(last)
        if begin and end:
            self._merges[begin] = (max(1, end[0] - begin[0] + 1), max(1, end[1] - begin[1] + 1))


def _place(reference: str) -> tuple[int, int] | None:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _letters(column: int) -> str:
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
