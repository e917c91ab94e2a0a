"""Text of a rich text file: its groups walked once, letters in the code page of their font, deletions left out."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from typing import IO

from portal.intake.limits import Damaged
from portal.intake.readers.meter import Meter

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(\r\n|[^a-z])|([{}])|([^\\{}\r\n]+)", re.IGNORECASE
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet pict object info listtable listoverridetable rsidtbl generator themedata themedata "
    b"colorschememapping datastore latentstyles xmlnstbl fldinst bkmkstart bkmkend pnseclvl filetbl revtbl sp "
    b"panose falt".split()
)
_SHOWN_THOUGH_MARKED = frozenset((b"shptxt", b"shpinst", b"footnote", b"annotation"))
_INFO = {b"title", b"subject", b"author", b"operator", b"keywords", b"doccomm", b"company", b"manager", b"category"}
_INFO_NAMES = {b"operator": "last_modified_by", b"doccomm": "description"}
_MARKS = {
    b"par": "\n",
    b"line": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"row": "\n",
    b"nestrow": "\n",
    b"tab": "\t",
    b"cell": "\t",
    b"nestcell": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"bullet": "•",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
}
_CHARSETS = {128: "cp932", 129: "cp949", 134: "gbk", 136: "big5"}
_PAGES = {932: "cp932", 936: "gbk", 949: "cp949", 950: "big5", 65001: "utf-8"}
for _name in (*_CHARSETS.values(), "cp1252", "utf-8", "utf-16-le"):
    codecs.lookup(_name)
_DEEPEST = 2_000


@dataclass(slots=True)
class _Group:
    skipped: bool = False
    deleted: bool = False
    info: bytes = b""
    codec: str = ""
    fallback: int = 1
    in_fonts: bool = False


def read(file: IO[bytes], meter: Meter) -> None:
    """Read a .rtf."""
    _Walk(meter).run(file.read())


class _Walk:
    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._group = _Group()
        self._outer: list[_Group] = []
        self._codec = "cp932"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._bytes = bytearray()
        self._half = ""
        self._marked = False
        self._to_skip = 0
        self._property: list[str] = []

    def run(self, data: bytes) -> None:
        at = 0
        while match := _TOKEN.search(data, at):
            at = match.end()
            word, number, code, symbol, brace, text = match.groups()
            if word:
                self._flush()
                at += self._word(word, int(number) if number else None)
            elif code:
                self._letters(bytes([int(code, 16)]))
            elif text:
                self._letters(text)
            elif brace == b"{":
                self._open()
            elif brace:
                self._close()
            elif symbol:
                self._symbol(symbol)
        self._flush()

    def _open(self) -> None:
        self._flush()
        if len(self._outer) > _DEEPEST:
            raise Damaged
        self._outer.append(self._group)
        self._group = replace(self._group)
        self._to_skip = 0

    def _close(self) -> None:
        self._flush()
        if self._outer:
            outer = self._outer.pop()
            if self._group.info and not outer.info:
                name = _INFO_NAMES.get(self._group.info, self._group.info.decode())
                self._meter.property(name, "".join(self._property))
                self._property = []
            self._group = outer

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._marked = True
            return
        if symbol in (b"\r\n", b"\n", b"\r"):
            self._flush()
            self._say("\n")
        elif symbol in b"{}\\":
            self._letters(symbol)
        elif symbol in b"~_":
            self._flush()
            self._say(" " if symbol == b"~" else "-")

    def _word(self, word: bytes, number: int | None) -> int:
        """Act on a control word; return how many bytes of raw data follow it."""
        marked, self._marked = self._marked, False
        if word == b"bin":
            return max(0, number or 0)
        if word == b"u" and number is not None:
            self._unicode(number)
        elif word in _MARKS:
            self._say(_MARKS[word])
        elif word in _INFO and self._group.skipped:
            self._group.info = word
        elif word in _SKIPPED or (marked and word not in _SHOWN_THOUGH_MARKED):
            self._group.skipped = True
            self._group.in_fonts = word == b"fonttbl"
        else:
            self._state(word, number)
        return 0

    def _state(self, word: bytes, number: int | None) -> None:
        group = self._group
        if word == b"deleted":
            group.deleted = number != 0
        elif word == b"plain":
            group.deleted = False
            group.codec = ""
        elif word == b"uc":
            group.fallback = min(max(number or 0, 0), 10)
        elif word == b"ansicpg":
            self._codec = _PAGES.get(number or 0, "cp1252")
        elif word == b"f":
            self._font = number or 0
            group.codec = self._fonts.get(self._font, "")
        elif word == b"fcharset" and group.in_fonts and len(self._fonts) < 5_000:
            self._fonts[self._font] = _CHARSETS.get(number or 0, "")

    def _unicode(self, number: int) -> None:
        unit = number & 0xFFFF
        self._to_skip = self._group.fallback
        if 0xD800 <= unit < 0xDC00:
            self._half = chr(unit)
            return
        pair = self._half + chr(unit)
        self._half = ""
        self._say(pair.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace"))

    def _letters(self, data: bytes) -> None:
        self._marked = False
        if self._to_skip:
            data, self._to_skip = data[self._to_skip :], max(0, self._to_skip - len(data))
        if not self._group.skipped or self._group.info:
            self._bytes += data

    def _flush(self) -> None:
        if self._bytes:
            self._say(self._bytes.decode(self._group.codec or self._codec, errors="replace"))
            self._bytes.clear()

    def _say(self, text: str) -> None:
        if self._group.info:
            self._property.append(text)
        elif not self._group.skipped and not self._group.deleted:
            self._meter.write(text)
