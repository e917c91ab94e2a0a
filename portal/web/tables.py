"""The repeating rows of a report as a table. Laid out here and not in a template: a page may hold three hundred attendees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from portal.kinds.calendar import write_day
from portal.kinds.fields import Field, Rows
from portal.words import t

NARROW = 14
"""Characters that stand in a table's cell without a break."""
_FIT = Markup(' class="fit"')


@dataclass(frozen=True)
class Column:
    """One column: its name in the reader's language, and ` class="fit"` when all its texts are short."""

    label: str
    shape: Markup


@dataclass(frozen=True)
class Table:
    """A table ready to be shown."""

    columns: list[Column]
    body: Markup


def laid_out(_: Rows, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay out the rows of a report under the given columns."""
    texts = [[one.text(row.get(one.name, one.blank)) for row in rows] for one in fields]
    columns = [
        Column(t(one.label), _FIT if max(map(len, told), default=0) <= NARROW else Markup())
        for one, told in zip(fields, texts, strict=True)
    ]
    begun = [f'<td data-label="{escape(column.label)}"{column.shape}>' for column in columns]
    cells = [
        [
            begin + in_cell(one, row.get(one.name, one.blank), text) + "</td>"
            for row, text in zip(rows, told, strict=True)
        ]
        for one, begin, told in zip(fields, begun, texts, strict=True)
    ]
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    return Table(columns, Markup(body))  # noqa: S704 (every text is escaped above)


def in_cell(one: Field, value: Any, text: str) -> str:
    """Return a value and its text as they stand in a table, escaped."""
    if one.widget == "day":
        return str(day(value))
    if one.widget == "note" and text:
        return f'<div class="typed">{escape(text)}</div>'
    return str(escape(text))


@lru_cache(maxsize=4096)
def day(value: date | str | None) -> str:
    """Show a day in the Japanese calendar, with the Western one behind it in the machine-readable part."""
    if not value:
        return ""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    western = f"{value.year}年{value.month}月{value.day}日"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), western, write_day(value))
