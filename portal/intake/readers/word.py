"""Text of a Word document: headers, body, notes, footers and comments, with what is deleted left out."""

from __future__ import annotations

from typing import IO

from portal.intake.readers.flow import Flow
from portal.intake.readers.markup import Package
from portal.intake.readers.meter import Meter

_AROUND = ("footnotes", "endnotes", "footer", "comments", "diagramData")


def read(file: IO[bytes], meter: Meter) -> None:
    """Read a .docx."""
    package = Package(file, meter)
    package.read_properties()
    main = package.main_part()
    said: set[str] = set()
    for part in package.related(main, "header"):
        _read_once(package, part, meter, said)
    _read_part(package, main, meter)
    for kind in _AROUND:
        for part in package.related(main, kind):
            _read_once(package, part, meter, said)


def _read_part(package: Package, part: str, meter: Meter) -> None:
    flow = Flow(meter)
    try:
        package.walk(part, flow)
    finally:
        flow.flush()


def _read_once(package: Package, part: str, meter: Meter, said: set[str]) -> None:
    """Read a part unless one of the same words was read: every section repeats its headers and footers."""
    own = Meter(meter.limits)
    flow = Flow(own)
    package.walk_if_whole(part, flow)
    flow.flush()
    text = own.text()
    if text not in said:
        said.add(text)
        meter.line(text)
