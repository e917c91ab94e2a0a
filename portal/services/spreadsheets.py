"""Lists as files: Excel and CSV with the same rows, in which no text is ever a formula.

A list is read row by row, so that twenty thousand rows cost no more memory than the file itself.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from portal.db.base import now
from portal.kinds.calendar import JAPAN, write_moment
from portal.kinds.richtext import strip_control

MOST = 20_000
"""Rows of one file at most; the file says so when there were more."""
LONGEST_CELL = 32_767
FONT = {"font_name": "游ゴシック", "font_size": 10}
FIRST_YEAR = 1900
"""Excel knows no days before it; those are written as text."""
FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_STARTS_A_FORMULA = tuple("=+-@＝＋－＠﹦﹢﹣﹫−")
_BLANKS = " \t\r\n\u3000\u00a0\ufeff\u200b\u200e\u200f"
Value = str | int | date | datetime | None


@dataclass(frozen=True)
class Column:
    """One column: its heading and its width in characters."""

    title: str
    width: int = 14


@dataclass(frozen=True)
class Listing:
    """One list as it goes into a file. `about` are the conditions it was made under, as label and words."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    total: int
    about: Sequence[tuple[str, str]] = ()
    made_at: datetime = field(default_factory=now)

    @property
    def cut(self) -> bool:
        """Whether there are more rows than a file takes."""
        return self.total > MOST

    @property
    def taken(self) -> Iterable[Sequence[Value]]:
        """The rows that go into the file."""
        return islice(self.rows, MOST)

    def file_name(self, form: str) -> str:
        """Return a name that sorts by what it is and when it was made."""
        parts = [self.name, *(words for label, words in self.about if label == "区"), f"{self._local:%Y%m%d-%H%M}"]
        name = "_".join("".join(c for c in strip_control(part) if c not in '\\/:*?"<>|') for part in parts)
        return f"{name}{f'_先頭の{MOST}件' if self.cut else ''}.{form}"

    @property
    def head(self) -> list[tuple[str, str]]:
        """What stands above the table: what it is, under which conditions, when it was made, and how much is missing."""
        shown = f"{min(self.total, MOST):,}件" + (f"（全{self.total:,}件のうち先頭）" if self.cut else "")
        return [(self.name, shown), *self.about, ("作成", write_moment(self.made_at))]

    @property
    def _local(self) -> datetime:
        return self.made_at.astimezone(JAPAN)


def write(listing: Listing, form: str) -> bytes:
    """Return the file of a list; `form` is xlsx or csv."""
    return as_xlsx(listing) if form == "xlsx" else as_csv(listing)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula when it opens a CSV: such a one gets an apostrophe in front."""
    text = strip_control(text)
    return f"'{text}" if text.lstrip(_BLANKS).startswith(_STARTS_A_FORMULA) or text[:1] in ("\t", "\n") else text


def as_csv(listing: Listing) -> bytes:
    """Return a list as CSV as Excel opens it: UTF-8 with its mark, lines ended by CRLF, every text quoted."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([harmless(column.title) for column in listing.columns])
    writer.writerows([_as_text(value) for value in row] for row in listing.taken)
    return out.getvalue().encode()


def _as_text(value: Value) -> str | int:
    if isinstance(value, datetime):
        return value.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int) else harmless(value or "")


def as_xlsx(listing: Listing) -> bytes:
    """Return a list as an Excel workbook: days are days, texts are texts, the heading stays in sight."""
    out = io.BytesIO()
    # The reader's rights decided what stands here; constant memory writes each row to the disk once it is full.
    book = Workbook(out, {"constant_memory": True, "default_format_properties": FONT})
    about = "、".join(f"{label}：{words}" for label, words in listing.head[1:])
    book.set_properties({"title": listing.name, "comments": about, "created": listing.made_at.replace(tzinfo=None)})
    sheet = book.add_worksheet(_sheet_name(listing.name))
    for number, column in enumerate(listing.columns):
        sheet.set_column(number, number, column.width)
    at = _write_head(book, sheet, listing)
    formats = {
        date: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top", "align": "left"}),
        str: book.add_format({"text_wrap": True, "valign": "top"}),
    }
    row = at
    for row, values in enumerate(listing.taken, start=at):
        for column_number, value in enumerate(values):
            _write_cell(sheet, row, column_number, value, formats)
    sheet.autofilter(at - 1, 0, row, len(listing.columns) - 1)
    book.close()
    return out.getvalue()


def _write_head(book: Workbook, sheet: Worksheet, listing: Listing) -> int:
    """Write what stands above the table and its heading; return the first row of the table."""
    bold = book.add_format({"bold": True})
    heading = book.add_format({"bold": True, "bg_color": "#E8F1FE", "bottom": 1, "valign": "top"})
    for row, (label, words) in enumerate(listing.head):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, words)
    at = len(listing.head) + 1
    for number, column in enumerate(listing.columns):
        sheet.write_string(at, number, column.title, heading)
    sheet.freeze_panes(at + 1, 0)
    sheet.repeat_rows(at)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return at + 1


def _write_cell(sheet: Worksheet, row: int, column: int, value: Value, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(JAPAN).replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date) and value.year >= FIRST_YEAR:
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), formats[date])  # noqa: DTZ001 (a day)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, strip_control(str(value))[:LONGEST_CELL], formats[str])


def _sheet_name(name: str) -> str:
    return "".join(c for c in strip_control(name) if c not in "[]:*?/\\'")[:31] or "一覧"
