"""The layout of a text file: its lines, pushed in as far as their leading blanks say."""

from __future__ import annotations

import re
from typing import IO

from portal.intake.minutes.model import Block, Cell, Layout, Line, Table
from portal.intake.readers.meter import Meter
from portal.intake.readers.plain import decoded

_EMPHASIS = re.compile(r"\*\*([^*\n]+)\*\*")
"""How Markdown makes words stand out: it says nothing here."""
_ROW = re.compile(r"\s*\|.*\|\s*")
_RULE = re.compile(r"[\s|:\-]+")


def read(file: IO[bytes], meter: Meter) -> Layout:
    """Read the layout of a .txt."""
    return lines_of(decoded(file.read(meter.limits.text_chars * 4 + 4)))


def lines_of(text: str) -> Layout:
    """Return a text as a layout of lines, and of tables where rows are ruled as in Markdown."""
    layout = Layout([])
    rows: list[Line] = []
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        line = Line(_EMPHASIS.sub(r"\1", raw).strip("\x0c\x1a"), f"{number}行目", indent_of(raw))
        if _ROW.fullmatch(raw):
            rows.append(line)
            continue
        layout.blocks.extend(_ruled(rows))
        rows = []
        layout.blocks.append(line)
    layout.blocks.extend(_ruled(rows))
    return layout


def _ruled(rows: list[Line]) -> list[Block]:
    """Return ruled rows as a table, if there is a rule among them."""
    if not any(_RULE.fullmatch(row.text) for row in rows):
        return list(rows)
    cells = [
        Cell(at, column, [Line(text.strip(), row.place)])
        for at, row in enumerate(row for row in rows if not _RULE.fullmatch(row.text))
        for column, text in enumerate(row.text.strip().strip("|").split("|"))
        if text.strip()
    ]
    return [Table(cells)]


def indent_of(text: str) -> float:
    """Return how far a line is pushed in, in full-width letters."""
    blanks = text[: len(text) - len(text.lstrip(" \t\u3000"))]
    return sum({" ": 0.5, "\t": 2.0}.get(blank, 1.0) for blank in blanks)
