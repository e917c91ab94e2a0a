"""Columns of Word tables: which cell stands where, taking a column out, adding one."""

import copy
from collections.abc import Iterator

from lxml import etree

from portal.word.markup import W, w

_WHOLE_PAGE = 9354  # the text width of our own pages, for tables that do not say how wide they are
_CELL_MARGINS = 216


def own_rows(table: etree._Element) -> list[etree._Element]:
    """Return the rows of a table without those of tables inside it."""
    return table.findall(w("tr"))


def cells_of(row: etree._Element) -> Iterator[tuple[int, int, etree._Element]]:
    """Yield (column, columns across, cell) of a row."""
    column = 0
    for cell in row.findall(w("tc")):
        across = _number(cell.find(f"{w('tcPr')}/{w('gridSpan')}"), 1)
        yield column, across, cell
        column += across


def enclosing(node: etree._Element, name: str) -> etree._Element | None:
    """Return the nearest element of that name around a node."""
    return next(node.iterancestors(w(name)), None)


def room_in(paragraph: etree._Element) -> int:
    """Return the width a paragraph has, in twentieths of a point."""
    cell = enclosing(paragraph, "tc")
    if cell is None:
        return _WHOLE_PAGE
    row, table = enclosing(cell, "tr"), enclosing(cell, "tbl")
    if row is None or table is None:
        return _WHOLE_PAGE
    grid = _grid(table)
    for column, across, found in cells_of(row):
        width: int = sum(grid[column : column + across])
        if found is cell and width:
            return max(width - _CELL_MARGINS, 400)
    return _WHOLE_PAGE


def remove_column(table: etree._Element, column: int) -> None:
    """Take a column out; the wide ones among the others share its room, narrow ones are narrow for a reason."""
    widths = _grid(table)
    for row in own_rows(table):
        for start, across, cell in list(cells_of(row)):
            if start <= column < start + across:
                if across > 1:
                    _set_span(cell, across - 1)
                else:
                    row.remove(cell)
    freed = widths.pop(column)
    mean = sum(widths) // len(widths)
    wide = max(sum(width for width in widths if width >= mean), 1)
    _set_grid(table, [width + (freed * width // wide if width >= mean else 0) for width in widths])


def append_column(table: etree._Element) -> list[tuple[etree._Element, etree._Element | None]]:
    """Add a column on the right: a copy of the last cell of each row, or one more column under a cell that spans the table.

    Returns each row with its new cell (None where a spanning cell grew).
    """
    widths = _grid(table)
    added: list[tuple[etree._Element, etree._Element | None]] = []
    for row in own_rows(table):
        _, across, last = list(cells_of(row))[-1]
        if across > 1:
            _set_span(last, across + 1)
            added.append((row, None))
        else:
            clone = copy.deepcopy(last)
            last.addnext(clone)
            added.append((row, clone))
    total, more = sum(widths), [*widths, sum(widths) // len(widths)]
    _set_grid(table, [width * total // max(sum(more), 1) for width in more])
    return added


def merge_cells(row: etree._Element) -> None:
    """Make the cells of a row one."""
    cells = list(cells_of(row))
    _, _, first = cells[0]
    across = sum(one for _, one, _ in cells)
    width = sum(_number(cell.find(f"{w('tcPr')}/{w('tcW')}"), 0, "w") for _, _, cell in cells)
    for _, _, cell in cells[1:]:
        row.remove(cell)
    _set_width(first, width)
    _set_span(first, across)


def fit_to_grid(table: etree._Element, row: etree._Element) -> None:
    """Give the cells of a row from elsewhere the widths of this table."""
    widths = _grid(table)
    for start, across, cell in cells_of(row):
        _set_width(cell, sum(widths[start : start + across]))


def column_count(table: etree._Element) -> int:
    """Return how many columns the grid of a table has."""
    return len(_grid(table))


def _grid(table: etree._Element) -> list[int]:
    grid = [_number(column, 0, "w") for column in table.findall(f"{w('tblGrid')}/{w('gridCol')}")]
    count = max((start + across for row in own_rows(table) for start, across, _ in cells_of(row)), default=1)
    return grid + [_WHOLE_PAGE // count] * (count - len(grid))


def _set_grid(table: etree._Element, widths: list[int]) -> None:
    grid = table.find(w("tblGrid"))
    if grid is None:
        grid = etree.Element(w("tblGrid"))
        table.insert(1, grid)
    grid[:] = [etree.Element(w("gridCol"), {w("w"): str(width)}) for width in widths]
    for row in own_rows(table):
        for start, across, cell in cells_of(row):
            _set_width(cell, sum(widths[start : start + across]))


def _properties(cell: etree._Element) -> etree._Element:
    found = cell.find(w("tcPr"))
    if found is None:
        found = etree.Element(w("tcPr"))
        cell.insert(0, found)
    return found


def _set_width(cell: etree._Element, width: int) -> None:
    properties = _properties(cell)
    found = properties.find(w("tcW"))
    if found is None:
        found = etree.Element(w("tcW"))
        properties.insert(0, found)
    found.attrib.update({w("w"): str(width), w("type"): "dxa"})


def _set_span(cell: etree._Element, across: int) -> None:
    properties = _properties(cell)
    for span in properties.findall(w("gridSpan")):
        properties.remove(span)
    if across > 1:
        after = properties.find(w("tcW"))
        properties.insert(0 if after is None else properties.index(after) + 1, _span(across))


def _span(across: int) -> etree._Element:
    return etree.Element(w("gridSpan"), {w("val"): str(across)})


def _number(node: etree._Element | None, otherwise: int, name: str = "val") -> int:
    text = "" if node is None else node.get(f"{{{W}}}{name}", "")
    return int(text) if text.isdecimal() else otherwise
