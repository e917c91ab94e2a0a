"""Text of an Excel book: every sheet as lines of cells, numbers and dates as a person sees them, text boxes, comments."""

from __future__ import annotations

import re
from typing import IO

from portal.intake.readers.flow import Flow
from portal.intake.readers.markup import Attributes, Package, local
from portal.intake.readers.meter import Enough, Meter
from portal.intake.readers.serials import shown_number

DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')


def read(file: IO[bytes], meter: Meter) -> None:
    """Read a .xlsx."""
    package = Package(file, meter)
    package.read_properties()
    main = package.main_part()
    book = Book()
    package.walk(main, book)
    strings = Strings(meter)
    styles = Styles()
    for handler, kind in ((strings, "sharedStrings"), (styles, "styles")):
        for part in package.related(main, kind):
            package.walk_if_whole(part, handler)
    sheets = package.relations(main, "worksheet")
    count = Count(meter.limits.cells)
    for title, pointer in book.sheets:
        if pointer in sheets:
            meter.line(title)
            package.walk_if_whole(sheets[pointer], _Sheet(meter, strings.all, styles.dates, book.from_1904, count))
            _read_around(package, sheets[pointer], meter)


def _read_around(package: Package, sheet: str, meter: Meter) -> None:
    """Read what floats over the cells: text boxes and comments."""
    for kind in ("drawing", "comments"):
        for part in package.related(sheet, kind):
            flow = Flow(meter)
            package.walk_if_whole(part, flow)
            flow.flush()


def is_date_format(code: str) -> bool:
    """Say whether a number format shows a day or a time, the Japanese calendar included."""
    plain = _QUOTED.sub("", code)
    return bool(re.search(r"[yYmMdDhHsS]|ge|aaa", plain)) and "General" not in plain


class Count:
    """Cells read in the whole book; one that holds too many is read as far as the limit goes."""

    def __init__(self, most: int) -> None:
        self._left = most

    def one(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Enough


class Book:
    """The sheets of a book in their order, and how it counts days."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.hidden: set[str] = set()
        self.from_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet" and len(self.sheets) < 2_000:
            self.sheets.append((attributes.get("name", ""), local(attributes, "id")))
            if attributes.get("state", "visible") != "visible":
                self.hidden.add(attributes.get("name", ""))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in ("1", "true")

    def end(self, name: str) -> None:
        """Nothing to do."""

    def data(self, text: str) -> None:
        """Nothing to do."""


class Strings:
    """The shared strings; readings above words (rPh) are left out."""

    def __init__(self, meter: Meter) -> None:
        self.all: list[str] = []
        self._chars = 0
        self._most = meter.limits.text_chars * 2
        self._pieces: list[str] = []
        self._phonetic = 0
        self._in_text = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._phonetic += 1
        elif name == "t":
            self._in_text = not self._phonetic

    def end(self, name: str) -> None:
        if name == "si":
            # Beyond any text we keep, strings are only counted, so that later numbers still point right.
            self.all.append("".join(self._pieces) if self._chars <= self._most else "")
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "t":
            self._in_text = False

    def data(self, text: str) -> None:
        if self._in_text and self._chars <= self._most:
            self._chars += len(text)
            self._pieces.append(text)


class Styles:
    """Which cell styles show a number as a day or a time."""

    def __init__(self) -> None:
        self.dates: list[bool] = []
        self._own: dict[str, bool] = {}
        self._in_cells = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt" and len(self._own) < 5_000:
            self._own[attributes.get("numFmtId", "")] = is_date_format(attributes.get("formatCode", ""))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells and len(self.dates) < 70_000:
            number = attributes.get("numFmtId", "0")
            known = number.isdigit() and int(number[:6]) in DATE_FORMATS
            self.dates.append(self._own.get(number, known))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def data(self, text: str) -> None:
        """Nothing to do."""


class _Sheet:
    """One sheet: only cells that are written down are visited, however far apart they stand."""

    def __init__(self, meter: Meter, strings: list[str], dates: list[bool], from_1904: bool, count: Count) -> None:
        self._meter = meter
        self._strings = strings
        self._dates = dates
        self._from_1904 = from_1904
        self._count = count
        self._cells: list[str] = []
        self._pieces: list[str] = []
        self._type = ""
        self._style = ""
        self._reading = False
        self._phonetic = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._count.one()
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._pieces = []
        elif name in ("v", "t"):
            self._reading = not self._phonetic
        elif name == "rPh":
            self._phonetic += 1

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._reading = False
        elif name == "c":
            text = shown(
                "".join(self._pieces), self._type, self._style, self._strings, self._dates, from_1904=self._from_1904
            )
            if text.strip():
                self._cells.append(text)
        elif name == "row":
            self._meter.line("\t".join(self._cells))
            self._cells = []
        elif name == "rPh":
            self._phonetic -= 1

    def data(self, text: str) -> None:
        if self._reading:
            self._pieces.append(text)


def shown(value: str, kind: str, style: str, strings: list[str], dates: list[bool], *, from_1904: bool) -> str:
    """Return what a person sees in a cell that stores this value."""
    if kind == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind == "n":
        number = int(style) if style.isdigit() else 0
        is_date = number < len(dates) and dates[number]
        return shown_number(value, is_date=is_date, from_1904=from_1904)
    return "" if kind == "e" else value
