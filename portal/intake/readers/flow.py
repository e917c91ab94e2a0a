"""The running text of Word and of drawings: paragraphs, tables and text boxes as lines, in the order of the document.

A cell ends with a tab and a row with a line break, so a row of a form reads as one line. What was deleted or moved away
is not text any more; the older twin of a drawing (mc:Fallback) and readings above words (ruby) would say things twice.
"""

from __future__ import annotations

from portal.intake.readers.markup import Attributes
from portal.intake.readers.meter import Enough, Meter

_SKIPPED = frozenset(
    [
        "del",
        "moveFrom",
        "delText",
        "instrText",
        "delInstrText",
        "Fallback",
        "rt",
        "rPr",
        "pPr",
        "sectPr",
        "tblPr",
        "trPr",
        "tcPr",
        "tblGrid",
        "sdtPr",
        "sdtEndPr",
        "tabs",
        "tabLst",
        "bodyPr",
        "lstStyle",
        "spPr",
        "binData",
    ]
)
_DEEPEST_BOX = 20
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class Flow:
    """Writes what it hears of into the meter."""

    def __init__(self, meter: Meter) -> None:
        """Begin outside any text."""
        self._meter = meter
        self._skipping = 0
        self._in_text = False
        self._choices: list[bool] = []
        # Text boxes stand in the middle of a paragraph; they wait in a list of their own until it ends.
        self._levels: list[list[str]] = [[]]
        self._boxes: list[list[str]] = [[]]
        self._flat = 0
        self._waiting = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """Note what begins; whatever stands inside a skipped element is skipped with it."""
        if self._skipping or name in _SKIPPED or self._is_second_choice(name):
            self._skipping += 1
        elif name == "t":
            self._in_text = True
        elif name in _CHARACTERS:
            self._add(_CHARACTERS[name])
        elif name == "AlternateContent":
            self._choices.append(False)
        elif name == "txbxContent":
            self._begin_box()

    def end(self, name: str) -> None:
        """Close lines, cells and boxes."""
        if self._skipping:
            self._skipping -= 1
        elif name == "t":
            self._in_text = False
        elif name == "p":
            self._end_paragraph()
        elif name == "tc":
            self._end_with("\t")
        elif name == "tr":
            self._end_with("\n")
        elif name == "AlternateContent" and self._choices:
            self._choices.pop()
        elif name == "txbxContent":
            self._end_box()

    def data(self, text: str) -> None:
        """Add text that stands in a text element."""
        if self._in_text and not self._skipping:
            self._add(text)

    def finish(self) -> None:
        """Write what still waits, as when a part broke off."""
        self._flat = 0
        while len(self._levels) > 1:
            self._end_box()
        if self._levels[0] and self._levels[0][-1] not in ("\n", "\t"):
            self._end_paragraph()

    def _is_second_choice(self, name: str) -> bool:
        if name != "Choice" or not self._choices:
            return False
        second = self._choices[-1]
        self._choices[-1] = True
        return second

    def _add(self, text: str) -> None:
        self._levels[-1].append(text)
        self._waiting += len(text)
        if self._waiting > self._meter.limits.text_chars:
            raise Enough

    def _end_paragraph(self) -> None:
        lines = self._levels[-1]
        # Two empty paragraphs say as much as a million.
        if lines[-3:] != ["\n", "\n", "\n"]:
            lines.append("\n")
        lines.extend(self._boxes[-1])
        self._boxes[-1].clear()
        if len(self._levels) == 1 and len(lines) > 200:
            # The last piece stays: a cell that ends here still turns its line break into a tab.
            self._meter.write("".join(lines[:-1]))
            del lines[:-1]
            self._waiting = 0

    def _end_with(self, mark: str) -> None:
        lines = self._levels[-1]
        while lines and lines[-1] in ("\n", "\t"):
            lines.pop()
        lines.append(mark)

    def _begin_box(self) -> None:
        # Nobody nests boxes deeply; what does is read as if the inner ones were not there.
        if len(self._levels) > _DEEPEST_BOX:
            self._flat += 1
            return
        self._levels.append([])
        self._boxes.append([])

    def _end_box(self) -> None:
        if self._flat or len(self._levels) < 2:
            self._flat = max(0, self._flat - 1)
            return
        inner = self._levels.pop() + self._boxes.pop()
        self._boxes[-1].extend([*inner, "\n"])

    def flush(self) -> None:
        """Write everything heard of so far."""
        self.finish()
        self._meter.write("".join(self._levels[0]))
        self._levels[0].clear()
        self._waiting = 0
