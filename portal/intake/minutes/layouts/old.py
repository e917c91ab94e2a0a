"""The layout of the old formats when no LibreOffice is there to turn them into new ones: lines whose cells end in tabs."""

from __future__ import annotations

from typing import IO

from portal.intake import readers
from portal.intake.minutes.layouts import LayoutReader
from portal.intake.minutes.layouts.plain import lines_of
from portal.intake.minutes.model import Layout
from portal.intake.readers.meter import Meter


def reader(kind: str) -> LayoutReader:
    """Return a layout reader for .doc, .xls or .rtf."""
    text_reader = readers.load(kind)

    def read(file: IO[bytes], meter: Meter) -> Layout:
        text_reader(file, meter)
        return lines_of(meter.text())

    return read
