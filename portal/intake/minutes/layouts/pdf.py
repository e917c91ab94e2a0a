"""The layout of a PDF: pieces of text put together to lines by where they stand; a wide gap within a line is a tab.

A form printed to PDF thus keeps label and value apart, and a line that begins where the values begin continues a value.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Any

from pypdf.errors import PyPdfError

from portal.intake.limits import Damaged
from portal.intake.minutes.model import Layout, Line
from portal.intake.readers.meter import Meter
from portal.intake.readers.pdf import RADICALS, opened

_PAGE_NUMBER = re.compile(r"\W*(?:p(?:age)?\.?\s*)?\d{1,3}\W*(?:(?:/|of|頁|ページ)\s*\d{0,3}\W*)?", re.IGNORECASE)
_BLANKS = re.compile(r"(?<=\S) {2}(?=\S)")
_MOST_PIECES = 200_000


@dataclass(slots=True)
class _Piece:
    x: float
    y: float
    size: float
    text: str

    @property
    def end(self) -> float:
        """Return about where the piece ends; a full-width letter is as wide as it is high."""
        return self.x + self.size * _width(self.text)


def read(file: IO[bytes], meter: Meter) -> Layout:
    """Read the layout of a .pdf."""
    try:
        return _read(file, meter)
    except (PyPdfError, RecursionError) as error:
        raise Damaged from error


def _read(file: IO[bytes], meter: Meter) -> Layout:
    until = time.process_time() + meter.limits.cpu_seconds * 0.6
    late = time.monotonic() + meter.limits.wall_seconds * 0.6
    pages: list[list[Line]] = []
    layout = Layout([])
    for number, page in enumerate(opened(file).pages, start=1):
        if number > 1 and (time.process_time() > until or time.monotonic() > late):
            layout.warnings.append(f"ページが多いため、{number - 1} ページ目までを読みました。")
            break
        try:
            pages.append(_lines(_pieces(page), number))
        except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError):
            layout.warnings.append(f"{number} ページ目を読めませんでした。")
    layout.blocks.extend(line for page_lines in _without_repeats(pages) for line in page_lines)
    return layout


def _pieces(page: Any) -> list[_Piece]:
    pieces: list[_Piece] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        if not text.strip() or len(pieces) >= _MOST_PIECES:
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = abs(tm[3] * cm[3]) or abs(tm[1] * cm[2]) or 1.0
        height = max(1.0, abs(size) * scale)
        parts = (part for part in text.translate(RADICALS).split("\n") if part.strip())
        pieces.extend(_Piece(x, y, height, part) for part in parts)

    page.extract_text(visitor_text=visit)
    return pieces


def _lines(pieces: list[_Piece], number: int) -> list[Line]:
    """Put pieces of about the same height into lines, from top to bottom and from left to right."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.y):
        if rows and abs(rows[-1][0].y - piece.y) < 0.5 * min(rows[-1][0].size, piece.size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    left = min((piece.x for piece in pieces), default=0.0)
    sizes = Counter(round(piece.size) for piece in pieces)
    usual = max(sizes, key=sizes.__getitem__, default=10)
    steps = sorted(upper[0].y - lower[0].y for upper, lower in pairwise(rows))
    usual_step = steps[len(steps) // 2] if steps else 0.0
    lines = []
    for place, row in enumerate(rows, start=1):
        if place > 1 and rows[place - 2][0].y - row[0].y > 1.6 * usual_step:
            lines.append(Line("", f"{number}ページ{place}行目"))
        text = _joined(row)
        first = min(row, key=lambda piece: piece.x)
        blanks = _width(text[: len(text) - len(text.lstrip())])
        indent = (first.x - left) / max(1, usual) + blanks
        lines.append(Line(text.strip(), f"{number}ページ{place}行目", indent))
    return lines


def _joined(row: list[_Piece]) -> str:
    """Return a row as text. A sort keeps the order of pieces that claim the same place, as some programs let them."""
    text, end = "", None
    for piece in sorted(row, key=lambda piece: piece.x):
        if end is not None:
            gap = (piece.x - end) / piece.size
            blank = text.endswith(" ") or piece.text.startswith(" ")
            text += _gap(gap, blank=blank)
        text += piece.text
        end = max(end or 0.0, piece.end) if end is None or piece.x >= end - piece.size else end + piece.end - piece.x
    return _BLANKS.sub(" ", text)


def _gap(width: float, *, blank: bool) -> str:
    """Return what stands for a gap: a tab for a wide one, a blank for a smaller one."""
    if width > (2.5 if blank else 2.0):
        return "\t"
    if blank or width <= 0.4:
        return ""
    return " " if width <= 0.9 else "\u3000"


def _width(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.56 for letter in text)


def _without_repeats(pages: list[list[Line]]) -> list[list[Line]]:
    """Leave out page numbers, and lines that stand on most pages of a longer file."""
    counts = Counter(text for page in pages for text in {line.text for line in page})
    often = {text for text, times in counts.items() if len(pages) > 2 and times > len(pages) / 2}
    return [
        [
            line
            for place, line in enumerate(page)
            if line.text not in often and not (place in (0, len(page) - 1) and _PAGE_NUMBER.fullmatch(line.text))
        ]
        for page in pages
    ]
