"""The layout readers, one file a format: each turns an open file into lines and tables with their places."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import IO

from portal.intake.minutes.model import Layout
from portal.intake.readers.meter import Meter

LayoutReader = Callable[[IO[bytes], Meter], Layout]

_MODULES = {"docx": "word", "xlsx": "excel", "pdf": "pdf", "txt": "plain", "csv": "plain"}


def load(kind: str) -> LayoutReader:
    """Import the layout reader of one kind of file, with all it will ever need: later no file can be opened any more."""
    if kind in _MODULES:
        read: LayoutReader = importlib.import_module(f"portal.intake.minutes.layouts.{_MODULES[kind]}").read
        return read
    from portal.intake.minutes.layouts import old

    return old.reader(kind)
