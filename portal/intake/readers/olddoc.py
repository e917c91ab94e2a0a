"""Text of a Word 97-2003 document, straight from its piece table, without what tracked changes deleted.

LibreOffice takes two seconds for such a file and came back empty from half of the real ones tried, so it is only asked
for what this reader does not know (Word 6 and 95).
"""

from __future__ import annotations

import codecs
import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import IO

from portal.intake.limits import Damaged, Encrypted, Unsupported
from portal.intake.ole import Container
from portal.intake.readers.meter import Meter
from portal.intake.readers.oldprops import read_properties

_WORD_97 = 193
_IDENT = 0xA5EC
_ENCRYPTED, _TABLE_ONE = 0x0100, 0x0200
_FIELD_START, _FIELD_RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_DELETED = b"\x00\x08\x01"
_WHERE_CHANGES, _WHERE_PIECES = 0x00FA, 0x01A2
_PAGE = 512
for _name in ("cp1252", "utf-16-le"):
    codecs.lookup(_name)


def read(file: IO[bytes], meter: Meter) -> None:
    """Read a .doc."""
    container = Container(file)
    document = container.read("WordDocument")
    if len(document) < 0x01AA:
        raise Damaged
    ident, version = struct.unpack_from("<HH", document, 0)
    (flags,) = struct.unpack_from("<H", document, 0x0A)
    if flags & _ENCRYPTED:
        raise Encrypted
    if ident != _IDENT or version < _WORD_97:
        raise Unsupported
    read_properties(container, meter)
    table = container.read("1Table" if flags & _TABLE_ONE else "0Table")
    deleted = _deleted_ranges(document, table)
    text = "".join(_pieces(document, table, deleted, meter.limits.text_chars * 2))
    meter.write(_without_codes(text))


def _part(document: bytes, table: bytes, where: int) -> bytes:
    start, length = struct.unpack_from("<II", document, where)
    return table[start : start + length]


def _pieces(document: bytes, table: bytes, deleted: list[tuple[int, int]], most: int) -> Iterator[str]:
    """Yield the text piece by piece: each is a run of bytes somewhere in the document, of one or two bytes a letter."""
    plan = _piece_plan(_part(document, table, _WHERE_PIECES))
    count = (len(plan) - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", plan, 0) if count > 0 else ()
    taken = 0
    for i in range(count):
        (packed,) = struct.unpack_from("<I", plan, (count + 1) * 4 + i * 8 + 2)
        length = places[i + 1] - places[i]
        if length <= 0 or taken > most:
            continue
        taken += length
        width = 1 if packed & 0x40000000 else 2
        start = (packed & 0x3FFFFFFF) // (2 if width == 1 else 1)
        for first, last in _kept(start, min(start + length * width, len(document)), deleted):
            yield document[first:last].decode("cp1252" if width == 1 else "utf-16-le", errors="replace")


def _piece_plan(clx: bytes) -> bytes:
    at = 0
    while at + 5 <= len(clx):
        if clx[at] == 1:
            at += 3 + int(struct.unpack_from("<H", clx, at + 1)[0])
        elif clx[at] == 2:
            length = int(struct.unpack_from("<I", clx, at + 1)[0])
            return clx[at + 5 : at + 5 + length]
        else:
            break
    raise Damaged


def _kept(first: int, last: int, deleted: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield what is left of a run of bytes when the deleted ranges are taken out."""
    for start, end in deleted[max(0, bisect_right(deleted, (first, first)) - 1) :]:
        if start >= last:
            break
        if end > first:
            if start > first:
                yield first, start
            first = max(first, end)
    if first < last:
        yield first, last


def _deleted_ranges(document: bytes, table: bytes) -> list[tuple[int, int]]:
    """Return the ranges of bytes that tracked changes have struck out, in order and without overlaps."""
    plan = _part(document, table, _WHERE_CHANGES)
    count = (len(plan) - 4) // 8
    found: list[tuple[int, int]] = []
    for (number,) in struct.iter_unpack("<I", plan[(count + 1) * 4 : (count + 1) * 4 + count * 4]):
        at = (number & 0x3FFFFF) * _PAGE
        page = document[at : at + _PAGE]
        if len(page) == _PAGE:
            found.extend(_deleted_on_page(page))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _deleted_on_page(page: bytes) -> Iterator[tuple[int, int]]:
    runs = page[_PAGE - 1]
    if (runs + 1) * 4 + runs > _PAGE:
        return
    places = array("I", page[: (runs + 1) * 4])
    for i in range(runs):
        at = page[(runs + 1) * 4 + i] * 2
        if at and _DELETED in page[at + 1 : at + 1 + page[at]]:
            yield places[i], places[i + 1]


def _without_codes(text: str) -> str:
    """Turn Word's marks into tabs and lines, and leave out the codes of fields, keeping their results."""
    kept: list[str] = []
    depth: list[bool] = []
    start = 0
    for at, mark in enumerate(text):
        if mark not in "\x13\x14\x15":
            continue
        if not any(depth):
            kept.append(text[start:at])
        start = at + 1
        if mark == _FIELD_START and len(depth) < 100:
            depth.append(True)
        elif mark == _FIELD_RESULT and depth:
            depth[-1] = False
        elif mark == _FIELD_END and depth:
            depth.pop()
    if not any(depth):
        kept.append(text[start:])
    joined = "".join(kept).replace("\x07\x07", "\n").replace("\x07", "\t")
    return joined.replace("\x1e", "-").replace("\x1f", "")
