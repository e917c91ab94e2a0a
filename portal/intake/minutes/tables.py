"""Labels in tables and sheets: the value stands in the cell to the right, in the column below a head, or below and to the right.

Attendance tables with a column of ○ and ✗ are read by their marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from portal.intake.minutes.labels import Mark, column_heads, find_mark, fold, lead
from portal.intake.minutes.model import Cell, Line, Table
from portal.intake.minutes.people import is_organisation, looks_like_person
from portal.intake.minutes.sections import PEOPLE, SHORT, Cutter, Section, section_of

_YES = re.compile(r"[○〇◯◎✓✔レ●]|出席?|参加|会場|来場|対面|現地|オンライン|web|zoom|リモート|代理|代理出席|代")
_NO = re.compile(r"[×✕✗✘☓xХ]|欠席?|欠|不参加|不在|-|ー|－")
_NAME_HEADS = frozenset(
    map(fold, "氏名 名前 メンバー 出席者 参加者 委員名 委員氏名 出席者名 参加者名 出席者氏名 構成員 委員".split())
)
_MARK_HEADS = frozenset(map(fold, "出席 出欠 出欠席 参加 出席状況 出欠状況 参加状況 参加方法 出席方法 欠席".split()))
_NAMING = frozenset(("会議名", "場所", "主催"))
_TOPIC = frozenset(("議題", "内容"))
_COLUMN_FIELDS = frozenset(("議題", "内容", "決定事項", "課題", "次回", "配布資料", "出席者", "欠席者"))


def read_table(table: Table, cutter: Cutter) -> bool:
    """Give the labelled parts of a table to the cutter; return False when it has no labels at all."""
    grid = _Grid(table)
    rosters = list(_rosters(grid))
    heads = list(_head_rows(grid))
    labelled = any(grid.label(cell) or _has_inline(cell) for cell in table.cells)
    if not (rosters or heads or labelled):
        return False
    outer = cutter.open
    people = _people_columns(grid, heads, outer) if not rosters else None
    if people is not None and outer is not None and not labelled:
        outer.lines.extend(people.lines)
        return True
    cutter.open = None
    columns = [section for head in heads for section in _columns(grid, head)]
    _cells(grid, cutter)
    # What stands in columns comes after the head of the form, and what is read cell by cell is that head.
    for section in (*rosters, *([people] if people is not None else []), *columns):
        cutter.add(section)
    cutter.open = None
    return True


class _Grid:
    """A table by place, with what has been used up."""

    def __init__(self, table: Table) -> None:
        self.cells = sorted(table.cells, key=lambda cell: (cell.row, cell.column))
        self.rows: dict[int, list[Cell]] = {}
        for cell in self.cells:
            for row in range(cell.row, cell.row + min(cell.rows, 500)):
                self.rows.setdefault(row, []).append(cell)
        self.last = max(self.rows, default=0)
        self.used: set[int] = set()
        self._labels: dict[int, Mark | None] = {}

    def label(self, cell: Cell) -> Mark | None:
        """Return the mark of a cell that holds a label and nothing else."""
        if id(cell) not in self._labels:
            text = re.sub(r"\s*\n\s*", "", cell.text.strip())
            # Several lines with bullets are a list, though one of them may read like a label: ・次第 ・名簿.
            listed = sum(1 for line in cell.lines if lead(line.text)[0]) > 1
            mark = find_mark(text) if len(text) <= 30 and not listed else None
            self._labels[id(cell)] = mark if mark is not None and not mark.value else None
        return self._labels[id(cell)]

    def right_of(self, cell: Cell, row: int) -> list[Cell]:
        """Return the cells to the right in a row, up to the next label."""
        found: list[Cell] = []
        for other in sorted(self.rows.get(row, ()), key=lambda other: other.column):
            if other.column < cell.column + cell.columns or other is cell:
                continue
            if not found and self._is_named_like_label(cell, other):
                return [other]
            if self.label(other) or ((mark := find_mark(other.text)) and mark.separator == ":" and mark.field != "他"):
                break
            found.append(other)
        return found

    def _is_named_like_label(self, cell: Cell, other: Cell) -> bool:
        """Say whether the last cell of a row is a value though it reads like a label: 場所 | 相談支援室."""
        mark, own = self.label(other), self.label(cell)
        if mark is None or own is None or mark.field != "他" or own.field not in _NAMING:
            return False
        row = self.rows[cell.row]
        return other.row == cell.row and max(row, key=lambda one: one.column) is other and len(row) % 2 == 0

    def covering(self, row: int, cell: Cell) -> Cell | None:
        """Return the cell in a row that stands under (or over) another."""
        for other in self.rows.get(row, ()):
            if other.column < cell.column + cell.columns and cell.column < other.column + other.columns:
                return other
        return None

    def use(self, cells: Iterable[Cell]) -> None:
        """Note that these cells belong to a part."""
        self.used.update(map(id, cells))


def _has_inline(cell: Cell) -> bool:
    return any((mark := find_mark(line.text)) is not None and mark.strength >= 0.9 for line in cell.lines[:40])


def _is_head(grid: _Grid, cell: Cell) -> bool:
    return grid.label(cell) is not None or fold(cell.text) in column_heads()


def _head_rows(grid: _Grid) -> Iterable[list[Cell]]:
    """Yield the rows that head columns: nothing but heads, and something else below them."""
    for row, cells in sorted(grid.rows.items()):
        for own in _side_by_side([cell for cell in cells if cell.row == row]):
            heads = [cell for cell in own if _is_head(grid, cell)]
            if len(heads) < 2 or len(heads) * 3 < len(own) * 2 or any(cell.rows > 1 for cell in heads):
                continue
            under = [other for cell in heads if (other := grid.covering(row + 1, cell)) is not None]
            if under and not any(_is_head(grid, other) for other in under):
                yield own


def _side_by_side(cells: list[Cell]) -> Iterable[list[Cell]]:
    """Yield the cells of a row in groups without an empty column between them."""
    group: list[Cell] = []
    for cell in sorted(cells, key=lambda cell: cell.column):
        if group and cell.column > group[-1].column + group[-1].columns:
            yield group
            group = []
        group.append(cell)
    if group:
        yield group


def _columns(grid: _Grid, head: list[Cell]) -> Iterable[Section]:
    """Yield a part for each column of a table whose head is a label, from the rows below."""
    fields = {mark.field for cell in head if (mark := grid.label(cell))}
    told = [cell for cell in head if (mark := grid.label(cell)) and mark.field == "内容"]
    rows = list(_rows_below(grid, head))
    grid.use(head)
    for cell in head:
        mark = grid.label(cell)
        below = [
            other for row in rows if (other := grid.covering(row, cell)) is not None and id(other) not in grid.used
        ]
        if mark is None or (mark.field in PEOPLE and fields & _TOPIC):
            continue
        # A day or a place heads a column only where there is one of them: else this is a list of many meetings.
        if mark.field not in _COLUMN_FIELDS and not (mark.field in SHORT and len(rows) == 1):
            continue
        section = section_of(mark, cell.lines[0], how="column")
        if len(told) > 1 and cell is told[0] and re.search("(?:事項|項目)$", fold(mark.label)):
            section.field = "議題"  # 協議事項 beside 協議内容 names what was talked about
        section.lines = [line for other in {id(other): other for other in below}.values() for line in other.lines]
        yield section
    for row in rows:
        grid.use(cell for cell in grid.rows.get(row, ()) if any(_overlaps(cell, top) for top in head))


def _overlaps(cell: Cell, other: Cell) -> bool:
    return cell.column < other.column + other.columns and other.column < cell.column + cell.columns


def _rows_below(grid: _Grid, head: list[Cell]) -> Iterable[int]:
    """Yield the rows that belong to a head: until a row that begins with a label again, or a gap."""
    gap = 0
    for row in range(head[0].row + 1, min(grid.last, head[0].row + 3000) + 1):
        under = [cell for cell in grid.rows.get(row, ()) if any(_overlaps(cell, top) for top in head)]
        if not under:
            gap += 1
            if gap > 2:
                return
            continue
        gap = 0
        first = min(under, key=lambda cell: cell.column)
        mark = grid.label(first)
        if mark is not None and mark.field != "他" and first.column <= min(cell.column for cell in head):
            return
        if sum(1 for cell in under if _is_head(grid, cell)) >= 2:
            return
        yield row


def _rosters(grid: _Grid) -> Iterable[Section]:
    """Yield the attendance a column of marks gives: names in another column of the same rows."""
    for cell in grid.cells:
        if fold(cell.text) not in _MARK_HEADS or id(cell) in grid.used:
            continue
        top = [other for other in grid.rows.get(cell.row, ()) if _near(grid, cell, other)]
        names = next((other for other in top if fold(other.text) in _NAME_HEADS), None)
        rows = _roster_rows(grid, cell, names, top)
        if len(rows) < 2:
            continue
        section = Section("出席者", cell.text.strip(), cell.lines[0].place, 0.95, how="roster")
        for name, mark, others in rows:
            grid.use([name, *([mark] if mark else []), *others])
            if mark is not None and _YES.fullmatch(fold(mark.text)):
                section.present.append(_name_in(name))
            elif mark is not None and _NO.fullmatch(fold(mark.text)):
                section.absent.append(_name_in(name))
            section.lines.append(Line(f"{name.text.strip()}　{mark.text.strip() if mark else ''}", name.lines[0].place))
        grid.use([cell, *top])
        yield section


def _near(grid: _Grid, cell: Cell, other: Cell) -> bool:
    """Say whether two cells of a row head the same block: no empty column between them."""
    low, high = sorted((cell.column, other.column))
    filled = {c for one in grid.rows[cell.row] for c in range(one.column, one.column + one.columns)}
    return all(column in filled for column in range(low, high))


def _roster_rows(
    grid: _Grid, marks: Cell, names: Cell | None, top: list[Cell]
) -> list[tuple[Cell, Cell | None, list[Cell]]]:
    rows = []
    for row in range(marks.row + 1, marks.row + 400):
        around = [cell for cell in grid.rows.get(row, ()) if any(_overlaps(cell, one) for one in top)]
        mark = grid.covering(row, marks)
        name = grid.covering(row, names) if names is not None else _name_cell(around, mark)
        if name is None or name is mark or not looks_like_person(_name_in(name)):
            break
        if mark is not None and not (_YES.fullmatch(fold(mark.text)) or _NO.fullmatch(fold(mark.text))):
            break
        rows.append((name, mark, around))
    return rows


def _name_cell(cells: list[Cell], mark: Cell | None) -> Cell | None:
    persons = [cell for cell in cells if cell is not mark and looks_like_person(cell.text.strip())]
    persons = [cell for cell in persons if not is_organisation(cell.text)]
    return persons[-1] if persons else None


def _name_in(cell: Cell) -> str:
    return re.sub(r"\s*\n\s*", " ", cell.text.strip())


def _people_columns(grid: _Grid, heads: list[list[Cell]], outer: Section | None) -> Section | None:
    """Return the attendees of a table with a column of names, when it is about attendees."""
    for head in heads:
        names = [cell for cell in head if fold(cell.text) in _NAME_HEADS]
        fields = {mark.field for cell in head if (mark := grid.label(cell))}
        inside = outer is not None and outer.field in PEOPLE
        described = len(head) >= 2 and any(
            re.search("所属|役職|職種|職名|機関|団体", unicodedata.normalize("NFKC", cell.text)) for cell in head
        )
        if not names or fields & _TOPIC or not (inside or described):
            continue
        section = Section("出席者", names[0].text.strip(), head[0].lines[0].place, 0.93, how="column")
        if inside and outer is not None:
            section.field = outer.field
        for row in _rows_below(grid, head):
            for column in names:
                name = grid.covering(row, column)
                if name is not None and id(name) not in grid.used and name.text.strip():
                    section.lines.append(Line(_name_in(name), name.lines[0].place))
            grid.use(cell for cell in grid.rows.get(row, ()) if any(_overlaps(cell, top) for top in head))
        grid.use(head)
        return section if section.lines else None
    return None


def _cells(grid: _Grid, cutter: Cutter) -> None:
    """Go through what is left cell by cell: labels with their values, and cells that hold lines of their own."""
    within = ""
    for cell in grid.cells:
        if id(cell) in grid.used:
            continue
        mark = grid.label(cell)
        if mark is None:
            _inner(cell, cutter, within)
            continue
        value = _value(grid, cell, mark)
        grid.use([cell, *value])
        section = section_of(mark, cell.lines[0], how="cell", within=within)
        section.strength = max(mark.strength, 0.92)
        section.lines = _lines(value)
        section.inline = True
        cutter.add(section)
        if mark.field in ("次回", "前回") and not section.lines:
            within = mark.field
        elif mark.field in ("内容", "決定事項", "課題", "作成者", "出席者"):
            within = ""
        if mark.field in ("内容", "議題", "他"):
            _parts_inside(value, cutter)


def _value(grid: _Grid, cell: Cell, mark: Mark) -> list[Cell]:
    if mark.field in PEOPLE and (named := _under_name_heads(grid, cell)):
        return named
    rows = range(cell.row, cell.row + min(cell.rows, 500))
    right = [other for row in rows for other in grid.right_of(cell, row)]
    right = list({id(other): other for other in right if id(other) not in grid.used}.values())
    if right:
        return right if mark.field in SHORT or cell.rows > 1 else [*right, *_going_on(grid, cell)]
    if any(grid.label(other) for other in grid.rows.get(cell.row, ()) if other is not cell):
        under = grid.covering(cell.row + cell.rows, cell)
        ok = under is not None and grid.label(under) is None and id(under) not in grid.used
        if (
            ok
            and under is not None
            and any(grid.label(other) for other in grid.rows[under.row] if other.column + other.columns == under.column)
        ):
            return []  # it stands beside a label of its own row
        return [under] if ok and under is not None else []
    return _below(grid, cell, mark)


def _under_name_heads(grid: _Grid, cell: Cell) -> list[Cell]:
    """Return the cells below 氏名 where a label of several rows has columns of its own beside it."""
    heads = [other for other in grid.rows[cell.row] if fold(other.text) in _NAME_HEADS and other.row == cell.row]
    rows = range(cell.row + 1, cell.row + min(cell.rows, 500))
    beside = [head for head in heads if head.column >= cell.column + cell.columns]
    found = [other for row in rows for head in beside if (other := grid.covering(row, head)) and other.text.strip()]
    if found:
        grid.use(other for row in (cell.row, *rows) for other in grid.rows.get(row, ()) if other is not cell)
    return found


def _going_on(grid: _Grid, cell: Cell) -> list[Cell]:
    """Return what stands in the rows below a value while nothing stands below its label."""
    found: list[Cell] = []
    for row in range(cell.row + 1, min(grid.last, cell.row + 500) + 1):
        cells = [other for other in grid.rows.get(row, ()) if other.row == row and id(other) not in grid.used]
        if not cells or any(other.column < cell.column + cell.columns or grid.label(other) for other in cells):
            break
        if any(_is_head(grid, other) for other in cells):
            break
        found.extend(cells)
    return found


def _below(grid: _Grid, cell: Cell, mark: Mark) -> list[Cell]:
    """Return what stands below a label that has its row to itself, until the next label."""
    found: list[Cell] = []
    blank = 0
    for row in range(cell.row + cell.rows, min(grid.last, cell.row + 2000) + 1):
        cells = [other for other in grid.rows.get(row, ()) if other.row == row and id(other) not in grid.used]
        if not cells:
            blank += 1
            if blank > 1 and mark.field in SHORT:
                break
            continue
        if any(_ends_below(grid, other, cell, mark) for other in cells):
            break
        found.extend(cells)
        if mark.field in SHORT:
            break
    return found


def _ends_below(grid: _Grid, other: Cell, cell: Cell, mark: Mark) -> bool:
    text = other.text.strip()
    if grid.label(other) is not None:
        return other.column <= cell.column or len(grid.rows[other.row]) > 1
    inline = find_mark(text.split("\n")[0])
    if inline is not None and inline.strength >= 0.9 and other.column <= cell.column:
        return True
    return other.column <= cell.column and mark.style.is_sister(lead(text)[0])


def _lines(cells: list[Cell]) -> list[Line]:
    """Return the cells of a value as lines; cells side by side become one line."""
    by_row: dict[int, list[Cell]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell)
    lines: list[Line] = []
    for row in sorted(by_row):
        side = by_row[row]
        if len(side) == 1:
            lines.extend(line for line in side[0].lines if line.text.strip())
        else:
            text = "\t".join(re.sub(r"\s*\n\s*", " ", cell.text.strip()) for cell in side)
            lines.append(Line(text, side[0].lines[0].place))
    return lines


def _inner(cell: Cell, cutter: Cutter, within: str) -> None:
    """Cut the lines of one cell."""
    inner = Cutter(cutter.parts, within=within)
    for line in cell.lines:
        inner.line(line)


def _parts_inside(cells: list[Cell], cutter: Cutter) -> None:
    """Find clearly headed parts inside the body: 【決定事項】 in the middle of a long cell."""
    for cell in cells:
        open_part: Section | None = None
        for line in cell.lines:
            mark = find_mark(line.text)
            if mark is not None and mark.strength >= 0.92 and mark.field in ("決定事項", "課題", "次回", "議題"):
                open_part = cutter.add(section_of(mark, line, how="inner"))
            elif open_part is not None and (mark is not None or open_part.style.is_sister(lead(line.text)[0])):
                open_part = None
            elif open_part is not None:
                open_part.lines.append(line)
