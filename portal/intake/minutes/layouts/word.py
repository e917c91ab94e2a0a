"""The layout of a Word document: paragraphs with their look, tables with merged cells, text boxes behind their paragraph.

Content controls, inserted text and custom XML are only envelopes here and are read through; what was deleted or moved away
is skipped. A table inside a cell follows the table it stands in.
"""

from __future__ import annotations

from typing import IO

from portal.intake.minutes.layouts.plain import indent_of
from portal.intake.minutes.model import Block, Cell, Layout, Line, Table
from portal.intake.readers.markup import Attributes, Package, local
from portal.intake.readers.meter import Enough, Meter

_SKIPPED = frozenset(
    "del moveFrom delText instrText delInstrText Fallback rt sectPr tblPr tblGrid sdtPr sdtEndPr tabs bodyPr lstStyle "
    "spPr binData rPrChange pPrChange tcPrChange trPrChange".split()
)
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_TWIPS = 210
_DEEPEST = 20


def read(file: IO[bytes], meter: Meter) -> Layout:
    """Read the layout of a .docx."""
    package = Package(file, meter)
    main = package.main_part()
    styles = _Styles()
    for part in package.related(main, "styles"):
        package.walk_if_whole(part, styles)
    body = _Body(meter, styles)
    package.walk(main, body)
    return Layout(body.blocks())


class _Styles:
    """Which paragraph styles are headings."""

    def __init__(self) -> None:
        self.headings: set[str] = set()
        self._style = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "style":
            self._style = local(attributes, "styleId")
        elif name == "outlineLvl" or (name == "name" and local(attributes, "val").lower().startswith("heading")):
            self.headings.add(self._style)

    def end(self, name: str) -> None:
        """Nothing to do."""

    def data(self, text: str) -> None:
        """Nothing to do."""


class _Grid:
    """A table being read: where the next cell goes, and which cells above may still grow downward."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self.after: list[Block] = []
        self.row = -1
        self.column = 0
        self.span = 1
        self.merge = ""
        self.above: dict[int, Cell] = {}

    def close_cell(self, lines: list[Line]) -> None:
        """Put the cell that ends here into the table, or let the one above it grow."""
        upper = self.above.get(self.column)
        if self.merge == "continue" and upper is not None:
            upper.rows = self.row - upper.row + 1
            upper.lines.extend(lines)
        else:
            cell = Cell(self.row, self.column, lines, columns=self.span)
            self.cells.append(cell)
            self.above[self.column] = cell
        self.column += self.span
        self.span, self.merge = 1, ""


class _Paragraph:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.indent = 0.0
        self.heading = False
        self.bold = 0
        self.letters = 0


class _Body:
    def __init__(self, meter: Meter, styles: _Styles) -> None:
        self._meter = meter
        self._styles = styles
        self._skipping = 0
        self._in_text = False
        self._bold = False
        self._in_run = False
        self._choices: list[bool] = []
        # Each text box, table and cell begins a list of its own; what it holds goes up when it ends.
        self._flows: list[list[Block]] = [[]]
        self._waiting: list[list[Block]] = [[]]
        self._paragraphs: list[_Paragraph] = []
        self._grids: list[_Grid] = []
        self._chars = 0
        self._count = 0

    def blocks(self) -> list[Block]:
        """Return everything in the order of the document."""
        return self._flows[0]

    def start(self, name: str, attributes: Attributes) -> None:
        if self._skipping or name in _SKIPPED or self._is_second_choice(name):
            self._skipping += 1
        elif name == "t":
            self._in_text = True
        elif name in _CHARACTERS:
            self._add(_CHARACTERS[name])
        elif name == "AlternateContent":
            self._choices.append(False)
        elif name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "r":
            self._in_run, self._bold = True, False
        elif name in ("tbl", "tr", "tc"):
            self._start_table(name)
        elif name == "txbxContent":
            self._flows.append([])
            self._waiting.append([])
        else:
            self._look(name, attributes)

    def end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif name == "t":
            self._in_text = False
        elif name == "r":
            self._in_run = False
        elif name == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif name in ("tc", "tbl") and self._grids:
            self._end_table(name)
        elif name == "AlternateContent" and self._choices:
            self._choices.pop()
        elif name == "txbxContent" and len(self._flows) > 1:
            self._waiting.pop()
            self._waiting[-1].extend(self._flows.pop())

    def data(self, text: str) -> None:
        if self._in_text and not self._skipping:
            self._add(text)

    def _look(self, name: str, attributes: Attributes) -> None:
        """Note how the paragraph or the cell looks."""
        value = local(attributes, "val")
        if name == "b" and self._in_run:
            self._bold = value not in ("0", "false")
        elif name in ("gridSpan", "vMerge") and self._grids:
            grid = self._grids[-1]
            if name == "gridSpan":
                grid.span = min(int(value), 200) if value.isdigit() else 1
            else:
                grid.merge = value or "continue"
        elif self._paragraphs and name == "ind":
            left = local(attributes, "left") or local(attributes, "start")
            self._paragraphs[-1].indent = int(left) / _TWIPS if left.lstrip("-").isdigit() else 0.0
        elif self._paragraphs and name in ("pStyle", "outlineLvl"):
            self._paragraphs[-1].heading |= name == "outlineLvl" or value in self._styles.headings

    def _start_table(self, name: str) -> None:
        if len(self._flows) > _DEEPEST:
            return
        if name == "tbl":
            self._grids.append(_Grid())
        elif name == "tr" and self._grids:
            self._grids[-1].row += 1
            self._grids[-1].column = 0
        elif name == "tc":
            self._flows.append([])
            self._waiting.append([])

    def _end_table(self, name: str) -> None:
        if name == "tc":
            if len(self._flows) > 1:
                self._waiting.pop()
                content = self._flows.pop()
                lines = [block for block in content if isinstance(block, Line)]
                self._grids[-1].after.extend(block for block in content if isinstance(block, Table))
                self._grids[-1].close_cell(lines)
            return
        grid = self._grids.pop()
        filled = [cell for cell in grid.cells if cell.text.strip()]
        self._flows[-1].extend([Table(filled), *grid.after] if filled else grid.after)

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        self._count += 1
        bold = paragraph.letters > 0 and paragraph.bold >= paragraph.letters
        place = f"{self._count}段落目"
        for text in "".join(paragraph.pieces).split("\n"):
            self._flows[-1].append(Line(text, place, paragraph.indent + indent_of(text), paragraph.heading, bold))
        self._flows[-1].extend(self._waiting[-1])
        self._waiting[-1].clear()

    def _is_second_choice(self, name: str) -> bool:
        if name != "Choice" or not self._choices:
            return False
        second = self._choices[-1]
        self._choices[-1] = True
        return second

    def _add(self, text: str) -> None:
        self._chars += len(text)
        if self._chars > self._meter.limits.text_chars:
            raise Enough
        if self._paragraphs:
            paragraph = self._paragraphs[-1]
            paragraph.pieces.append(text)
            letters = len(text.strip())
            paragraph.letters += letters
            paragraph.bold += letters if self._bold else 0
