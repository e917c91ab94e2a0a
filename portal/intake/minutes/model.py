"""What is read out of old minutes, and the common form every file is brought into before anything is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

FIELDS = (
    "会議名",
    "開催日時",
    "場所",
    "主催",
    "出席者",
    "欠席者",
    "議題",
    "内容",
    "決定事項",
    "課題",
    "次回",
    "作成者",
    "作成日",
    "配布資料",
)
DEFAULT_CONFIDENCE = 0.75
"""From here on an answer is shown as one; below it is only a proposal for the person who looks."""

Value = str | list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: the field, its value, the words it was read from, how sure, and where they stand.

    `value` is a list for 出席者 and the other lists, a day as 2026-11-19T14:00/15:30 for 開催日時 and 作成日 (--11-19 when
    no year is known), and text for the rest; `text` is what the file says, word for word. `snippet` shows it with its label.
    """

    field: str
    value: Value
    text: str
    confidence: float
    snippet: str
    place: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """What one file says, as far as it was understood.

    `kind_guess` is minutes, agenda, template, log (several meetings in one file), not-minutes or unreadable; only minutes
    and templates have fields. `not_understood` are headed parts of the file that fit no field.
    """

    file: str
    kind_guess: str
    fields: dict[str, Found] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()

    def answers(self, confidence: float = DEFAULT_CONFIDENCE) -> dict[str, Found]:
        """Return the answers that are at least so sure."""
        return {name: found for name, found in self.fields.items() if found.confidence >= confidence}


@dataclass(slots=True)
class Line:
    """One line people see: a paragraph, a line of a page or of a cell. `indent` is measured in full-width letters."""

    text: str
    place: str = ""
    indent: float = 0.0
    heading: bool = False
    bold: bool = False


@dataclass(slots=True)
class Cell:
    """A cell of a table with the rows and columns it covers."""

    row: int
    column: int
    lines: list[Line]
    rows: int = 1
    columns: int = 1

    @property
    def text(self) -> str:
        """Return the lines as one text."""
        return "\n".join(line.text for line in self.lines)


@dataclass(slots=True)
class Table:
    """A table, or a sheet: cells that hold something, in reading order."""

    cells: list[Cell]

    def rows(self) -> Iterator[list[Cell]]:
        """Yield the cells that begin in each row, from left to right."""
        by_row: dict[int, list[Cell]] = {}
        for cell in self.cells:
            by_row.setdefault(cell.row, []).append(cell)
        for row in sorted(by_row):
            yield sorted(by_row[row], key=lambda cell: cell.column)


Block = Line | Table


@dataclass(slots=True)
class Layout:
    """A whole file: its blocks in reading order, and names given to it or its parts from outside."""

    blocks: list[Block]
    name: str = ""
    hints: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
