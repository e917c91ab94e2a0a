"""Tables that print fields, as template markup with 《marks》 in it.

The shipped forms are seeded with these (portal.word.seed), and fields a form does not mention are printed with them, so a field
added to a kind appears in its Word file the same day.
"""

from collections.abc import Iterable, Sequence

from portal.kinds import Kind
from portal.kinds.fields import Check, Choice, Clock, Day, Field, Note, Number, Rows, Text
from portal.word.markup import escape, paragraph, run

PAGE_WIDTH = 9354
"""Room between the margins: A4 with 25 mm on the binding side and 20 mm on the other, in twentieths of a point."""

LABEL_WIDTH = 1920
SPACER = '<w:p><w:pPr><w:pStyle w:val="Spacer"/></w:pPr></w:p>'
_SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>'


def cell(content: str, width: int, style: str, *, across: int = 1, shaded: bool = False, middle: bool = False) -> str:
    """Return a cell with one paragraph."""
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    properties += f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
    properties += _SHADE if shaded else ""
    properties += '<w:vAlign w:val="center"/>' if middle else ""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(run(content) if content else '', style)}</w:tc>"


def row(cells: Iterable[str], *, heads: bool = False, whole: bool = False) -> str:
    """Return a table row: `heads` repeats it on every page, `whole` keeps it on one page."""
    properties = "<w:cantSplit/>" if whole or heads else ""
    properties += "<w:tblHeader/>" if heads else ""
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{''.join(cells)}</w:tr>"


def table(rows: Iterable[str], widths: Sequence[int], caption: str) -> str:
    """Return a bordered table; the caption is for screen readers."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCaption w:val="{escape(caption)}"/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def title_row(title: str, widths: Sequence[int]) -> str:
    """Return a heading over the whole table that repeats on every page."""
    return row([cell(title, sum(widths), "TableTitle", across=len(widths), shaded=True)], heads=True)


def value_table(lines: Iterable[Sequence[str]], title: str, *, shown_title: bool = False) -> str:
    """Return a table of label and value; a line may hold two pairs: (label, value, label, value)."""
    half = PAGE_WIDTH // 2
    widths = (LABEL_WIDTH, half - LABEL_WIDTH, LABEL_WIDTH, PAGE_WIDTH - half - LABEL_WIDTH)
    rows = [title_row(title, widths)] if shown_title else []
    for line in lines:
        if len(line) == 2:
            values = [cell(line[1], sum(widths[1:]), "TableText", across=3)]
        else:
            values = [cell(line[1], widths[1], "TableText"), _label(line[2]), cell(line[3], widths[3], "TableText")]
        rows.append(row([_label(line[0]), *values]))
    return table(rows, widths, title)


def _label(text: str) -> str:
    return cell(text, LABEL_WIDTH, "TableLabel", shaded=True, middle=True)


def text_table(title: str, mark: str) -> str:
    """Return a table of its own for a long text: its heading repeats on every page the text runs over."""
    return table([title_row(title, [PAGE_WIDTH]), row([cell(mark, PAGE_WIDTH, "TableText")])], [PAGE_WIDTH], title)


def rows_table(rows: Rows, *, numbered: bool = False) -> str:
    """Return a table for a repeating group: title, column heads, and the row that is repeated."""
    group = rows.label
    columns = [(one.label, f"《{group}.{one.label}》") for one in rows.columns]
    widths = _column_widths(rows.columns, PAGE_WIDTH - (_NUMBER_WIDTH if numbered else 0))
    if numbered:
        columns.insert(0, ("No.", f"《{group}.行番号》"))
        widths.insert(0, _NUMBER_WIDTH)
    heads = [
        cell(label, width, "TableHead", shaded=True, middle=True)
        for (label, _), width in zip(columns, widths, strict=True)
    ]
    marks = [cell(mark, width, "TableText") for (_, mark), width in zip(columns, widths, strict=True)]
    return table([title_row(group, widths), row(heads, heads=True), row(marks, whole=True)], widths, group)


_NUMBER_WIDTH = 630
_CHARACTER, _MARGINS = 210, 250


def _column_widths(columns: Sequence[Field], width: int) -> list[int]:
    """Give short columns what they need; columns of free text share the rest."""
    needs = [_characters(one) for one in columns]
    fixed = [need * _CHARACTER + _MARGINS if need else 0 for need in needs]
    shares = [0.0 if need else _share(one) for need, one in zip(needs, columns, strict=True)]
    total, rest = sum(shares), width - sum(fixed)
    if not total or rest < width // 4:  # nothing to share, or too many short columns: all shrink alike
        shares = [float(one or 1500) for one in fixed]
        fixed, total, rest = [0] * len(columns), sum(shares), width
    widths = [need + int(rest * share / total) for need, share in zip(fixed, shares, strict=True)]
    widths[-1] += width - sum(widths)
    return widths


def _characters(column: Field) -> int:
    """How many characters wide a column of short values is; 0 for free text. Long heads and rare long words may wrap."""
    head = len(column.label) if len(column.label) < 4 else (len(column.label) + 1) // 2
    if isinstance(column, Day):
        return 9
    if isinstance(column, Clock):
        return 7
    if isinstance(column, Number):
        return max(head, min((len(f"{column.most:,}") + 1) // 2 + len(column.unit), 4))
    if isinstance(column, Choice):
        return max(head, min(max(len(option) for option in column.options), 4))
    return max(head, min(len(column.statement), 4)) if isinstance(column, Check) else 0


def _share(column: Field) -> float:
    if isinstance(column, Note | Text):
        return 2.6
    return 1.3 if getattr(column, "limit", 0) > 60 else 1.0


def left_over(kind: Kind, names: set[str]) -> str:
    """Return blocks that print these fields of a kind, section by section, in the order of the form."""
    blocks = []
    for section in kind.sections:
        fields = [one for one in section.fields if one.name in names]
        lines = [(one.label, f"《{one.name}》") for one in fields if not isinstance(one, Rows | Text)]
        if lines:
            blocks.append(value_table(lines, section.title, shown_title=True))
        for one in fields:
            if isinstance(one, Rows):
                blocks.append(rows_table(one))
            elif isinstance(one, Text):
                blocks.append(text_table(one.label, f"《{one.name}》"))
    return "".join(block + SPACER for block in blocks)
