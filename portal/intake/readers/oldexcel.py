"""Text of an Excel 97-2003 book, straight from its records; older books are left to LibreOffice."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from typing import IO

from portal.intake.limits import Encrypted, Unsupported
from portal.intake.ole import Container
from portal.intake.readers.excel import DATE_FORMATS, is_date_format
from portal.intake.readers.meter import Enough, Meter
from portal.intake.readers.oldprops import read_properties
from portal.intake.readers.serials import shown_number

_BOF, _FILEPASS, _CONTINUE, _SHEET, _SST = 0x0809, 0x2F, 0x3C, 0x85, 0xFC
_XF, _FORMAT, _DATEMODE, _TEXT_BOX, _ROW_CELLS = 0xE0, 0x41E, 0x22, 0x1B6, 0xBD
_NUMBER, _RK, _LABEL, _SHARED_LABEL, _FORMULA, _STRING = 0x203, 0x27E, 0x204, 0xFD, 0x06, 0x207
_CELLS = {_NUMBER, _RK, _LABEL, _SHARED_LABEL, _FORMULA, _ROW_CELLS}
_BIFF8 = 0x0600
_WORKSHEET = 0
for _name in ("latin-1", "utf-16-le"):
    codecs.lookup(_name)

Record = tuple[int, list[bytes]]


def read(file: IO[bytes], meter: Meter) -> None:
    """Read a .xls."""
    container = Container(file)
    if "workbook" not in container.names():
        raise Unsupported
    read_properties(container, meter)
    book = _Book(meter)
    for kind, parts in _records(container.read("Workbook")):
        book.take(kind, parts)
    book.end_row()


def _records(data: bytes) -> Iterator[Record]:
    """Yield each record with the pieces it was cut into."""
    at = 0
    kind, parts = -1, [b""]
    while at + 4 <= len(data):
        next_kind, length = struct.unpack_from("<HH", data, at)
        body = data[at + 4 : at + 4 + length]
        at += 4 + length
        if next_kind == _CONTINUE:
            parts.append(body)
            continue
        if kind >= 0:
            yield kind, parts
        kind, parts = next_kind, [body]
    if kind >= 0:
        yield kind, parts


class _Book:
    """Takes the records one after the other: first the tables of the book, then its sheets."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._strings: list[str] = []
        self._formats: dict[int, bool] = {}
        self._styles: list[int] = []
        self._titles: list[str] = []
        self._from_1904 = False
        self._depth = 0
        self._row = -1
        self._cells: list[str] = []
        self._left = meter.limits.cells

    def take(self, kind: int, parts: list[bytes]) -> None:
        """Make what can be made of one record; a broken one is passed over."""
        try:
            if kind in _CELLS:
                self._take_cell(kind, parts[0])
            elif kind == _STRING:
                self._cells.append(_text(parts, 0, 2))
            elif kind == _TEXT_BOX and len(parts) > 1:
                self._meter.line(_box_text(parts))
            else:
                self._take_table(kind, parts)
        except (struct.error, IndexError):
            return

    def end_row(self) -> None:
        """Write the row that is complete."""
        self._meter.line("\t".join(cell for cell in self._cells if cell.strip()))
        self._cells = []

    def _take_table(self, kind: int, parts: list[bytes]) -> None:
        if kind == _BOF:
            self._begin(parts[0])
        elif kind == _FILEPASS:
            raise Encrypted
        elif kind == _SST:
            self._strings = _shared_strings(parts, self._meter.limits.text_chars * 2)
        elif kind == _SHEET and parts[0][5] == _WORKSHEET:
            self._titles.append(_text([parts[0]], 6, 1))
        elif kind == _FORMAT:
            self._formats[struct.unpack_from("<H", parts[0])[0]] = is_date_format(_text(parts, 2, 2))
        elif kind == _XF:
            self._styles.append(struct.unpack_from("<H", parts[0], 2)[0])
        elif kind == _DATEMODE:
            self._from_1904 = parts[0][:1] == b"\x01"

    def _begin(self, body: bytes) -> None:
        version, what = struct.unpack_from("<HH", body)
        if version != _BIFF8:
            raise Unsupported
        if what == 0x10:
            self.end_row()
            self._row = -1
            if self._titles:
                self._meter.line(self._titles.pop(0))

    def _take_cell(self, kind: int, body: bytes) -> None:
        row, _, style = struct.unpack_from("<HHH", body)
        if row != self._row:
            self.end_row()
            self._row = row
        for shown in self._shown(kind, body, style):
            self._left -= 1
            if self._left < 0:
                raise Enough
            self._cells.append(shown)

    def _shown(self, kind: int, body: bytes, style: int) -> Iterator[str]:
        if kind == _SHARED_LABEL:
            yield self._strings[struct.unpack_from("<I", body, 6)[0]]
        elif kind == _LABEL:
            yield _text([body], 6, 2)
        elif kind == _NUMBER or (kind == _FORMULA and body[12:14] != b"\xff\xff"):
            yield self._number(struct.unpack_from("<d", body, 6)[0], style)
        elif kind == _RK:
            yield self._number(_rk(struct.unpack_from("<I", body, 6)[0]), style)
        elif kind == _ROW_CELLS:
            for at in range(4, len(body) - 7, 6):
                own_style, packed = struct.unpack_from("<HI", body, at)
                yield self._number(_rk(packed), own_style)

    def _number(self, number: float, style: int) -> str:
        code = self._styles[style] if style < len(self._styles) else 0
        is_date = self._formats.get(code, code in DATE_FORMATS)
        return shown_number(repr(number), is_date=is_date, from_1904=self._from_1904)


def _rk(packed: int) -> float:
    """Unpack Excel's short form of a number: a whole one, or the upper half of a double, maybe in hundredths."""
    if packed & 2:
        number = float((packed >> 2) - (0x40000000 if packed & 0x80000000 else 0))
    else:
        number = float(struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0])
    return number / 100 if packed & 1 else number


def _text(parts: list[bytes], at: int, width: int) -> str:
    """Return a string whose length stands in one or two bytes before it."""
    cursor = _Cursor(parts, at)
    length = cursor.number(width)
    return cursor.letters(length, cursor.number(1) & 1)


def _box_text(parts: list[bytes]) -> str:
    length = int(struct.unpack_from("<H", parts[0], 10)[0])
    cursor = _Cursor(parts[1:], 0)
    return cursor.letters(length, cursor.number(1) & 1)


def _shared_strings(parts: list[bytes], most: int) -> list[str]:
    """Return the strings all sheets share, as far as they are whole."""
    cursor = _Cursor(parts, 4)
    found: list[str] = []
    try:
        for _ in range(cursor.number(4)):
            length, flags = cursor.number(2), cursor.number(1)
            runs = cursor.number(2) if flags & 8 else 0
            extra = cursor.number(4) if flags & 4 else 0
            found.append(cursor.letters(length, flags & 1))
            cursor.skip(runs * 4 + extra)
            most -= length
            if most < 0:
                break
    except (IndexError, struct.error):
        # The table broke off; the strings before the break are good.
        return found
    return found


class _Cursor:
    """A place in a record cut into pieces; letters that go on in the next piece begin there with a new width."""

    def __init__(self, parts: list[bytes], at: int) -> None:
        self._parts = parts
        self._part = 0
        self._at = at

    def number(self, width: int) -> int:
        self._turn()
        data = self._parts[self._part][self._at : self._at + width]
        if len(data) < width:
            raise IndexError
        self._at += width
        return int.from_bytes(data, "little")

    def letters(self, count: int, wide: int) -> str:
        found = []
        while count:
            if self._at >= len(self._parts[self._part]):
                self._turn()
                wide = self.number(1) & 1
            room = (len(self._parts[self._part]) - self._at) // (2 if wide else 1)
            take = min(count, room)
            if take <= 0:
                raise IndexError
            end = self._at + take * (2 if wide else 1)
            piece = self._parts[self._part][self._at : end]
            found.append(piece.decode("utf-16-le" if wide else "latin-1", errors="replace"))
            self._at = end
            count -= take
        return "".join(found)

    def skip(self, count: int) -> None:
        while count:
            self._turn()
            step = min(count, len(self._parts[self._part]) - self._at)
            self._at += step
            count -= step

    def _turn(self) -> None:
        while self._at >= len(self._parts[self._part]):
            self._at -= len(self._parts[self._part])
            self._part += 1
            if self._part >= len(self._parts):
                raise IndexError
