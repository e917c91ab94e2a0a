"""Text of a presentation: the slides in their order, each with its notes."""

from __future__ import annotations

from typing import IO

from portal.intake.readers.flow import Flow
from portal.intake.readers.markup import Attributes, Package, local
from portal.intake.readers.meter import Meter


def read(file: IO[bytes], meter: Meter) -> None:
    """Read a .pptx."""
    package = Package(file, meter)
    package.read_properties()
    main = package.main_part()
    order = _Order()
    package.walk(main, order)
    slides = package.relations(main, "slide")
    for slide in dict.fromkeys(slides[name] for name in order.names if name in slides):
        _read_part(package, slide, meter)
        for kind in ("diagramData", "notesSlide", "comments"):
            for part in package.related(slide, kind):
                _read_part(package, part, meter)


def _read_part(package: Package, part: str, meter: Meter) -> None:
    flow = Flow(meter)
    package.walk_if_whole(part, flow)
    flow.flush()


class _Order:
    """The ids of the slides in the order they are shown."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sldId" and len(self.names) < 5_000:
            # `id` stands here twice, and the one with a namespace is the one that points to the slide.
            pointer = {key: value for key, value in attributes.items() if "}" in key}
            self.names.append(local(pointer, "id"))

    def end(self, name: str) -> None:
        """Nothing to do."""

    def data(self, text: str) -> None:
        """Nothing to do."""
