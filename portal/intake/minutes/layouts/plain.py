"""The layout of a text file: its lines, pushed in as far as their leading blanks say."""

from __future__ import annotations

import re
from typing import IO

from portal.intake.minutes.model import Layout, Line
from portal.intake.readers.meter import Meter
from portal.intake.readers.plain import decoded

_EMPHASIS = re.compile(r"\*\*([^*\n]+)\*\*")
"""How Markdown makes words stand out: it says nothing here."""


def read(file: IO[bytes], meter: Meter) -> Layout:
    """Read the layout of a .txt."""
    return lines_of(decoded(file.read(meter.limits.text_chars * 4 + 4)))


def lines_of(text: str) -> Layout:
    """Return a text as a layout of lines."""
    lines = enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)
    return Layout(
        [Line(_EMPHASIS.sub(r"\1", line).strip("\x0c\x1a"), f"{number}行目", indent_of(line)) for number, line in lines]
    )


def indent_of(text: str) -> float:
    """Return how far a line is pushed in, in full-width letters."""
    blanks = text[: len(text) - len(text.lstrip(" \t\u3000"))]
    return sum({" ": 0.5, "\t": 2.0}.get(blank, 1.0) for blank in blanks)
