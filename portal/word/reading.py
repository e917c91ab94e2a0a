"""What a Word file that came back says, field by field.

The export it was made from is printed again and read in the same way. What reads the same is the same value, whatever the form
made of it (和暦, units, options in words); what reads differently is read as a person would have typed it. Text that stands in
no field is told, so that nothing typed is lost.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from portal.kinds import Content, Kind
from portal.kinds.fields import Check, Choices, Field, Number, Rows, Text, Unreadable, Value
from portal.kinds.richtext import blocks_of, plain
from portal.word.program import FIRST_STAMP, LAST, LAST_STAMP, PRINTED, ROWS, bookmark_name, check_of
from portal.word.reading_places import (
    NONE,
    Finder,
    Place,
    block_of,
    cell_at,
    columns_in,
    number_in,
    places_of,
    squeezed,
    text_of,
)
from portal.word.reading_rich import clean_blocks, html_blocks
from portal.word.reading_sheet import (
    Block,
    Cell,
    Change,
    Outline,
    Paragraph,
    Row,
    Sheet,
    Stretch,
    Table,
    lay_out,
    paragraphs_in,
)

_YES = frozenset(["はい", "○", "〇", "◯", "✓", "✔", "☑", "レ", "有", "あり"])
_GAPS = re.compile("[\u3000\t]+| {2,}")
_MOST_WORDS = 50
"""Stretches of stray text that are told one by one."""


@dataclass(frozen=True)
class Comment:
    """A note in the margin; `field` names the field it stands at, if any."""

    who: str
    when: str
    text: str
    field: str


@dataclass(frozen=True)
class Reading:
    """One field of the file: its value, its text, or the problem that keeps the text from being a value."""

    value: Value
    text: str
    problem: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Returned:
    """A whole file: the fields it holds, the notes in it, and what a person has to know."""

    fields: dict[str, Reading]
    comments: list[Comment]
    warnings: list[str]


def stamps_of(outline: Outline) -> list[str]:
    """Return the stamps in a file, each once."""
    names = [token[2] for token in outline["tokens"] if token[0] == "m" and token[1] == "bm"]
    stamps = [name[len(FIRST_STAMP) :] for name in names if name.startswith((FIRST_STAMP, LAST_STAMP))]
    return list(dict.fromkeys(stamps))


def read_back(kind: Kind, base: Content, printed: Outline, returned: Outline) -> Returned:
    """Read a file that came back. `printed` is the outline of the export of `base` on the same form."""
    own = _Side(lay_out(printed, kind))
    theirs = _Side(lay_out(returned, kind))
    # A control copied in from another file may stand where this one printed nothing.
    places = {**places_of(theirs.finder, kind), **places_of(own.finder, kind)}
    reader = _Reader(kind, base, own, theirs)
    fields = {name: reader.read(name, place) for name, place in places.items()}
    warnings = [
        *reader.warnings,
        *_changed_prints(theirs),
        *_copies(theirs, kind, fields),
        *_stray_text(own, theirs),
    ]
    return Returned({name: one for name, one in fields.items() if one is not None}, _comments(theirs, kind), warnings)


@dataclass
class _Side:
    """One of the two sheets: the export as it was, or the file that came back. `owner` tells whose paragraph it is."""

    sheet: Sheet
    finder: Finder = field(init=False)
    owner: dict[Paragraph, str] = field(default_factory=dict)
    used: set[Stretch] = field(default_factory=set)
    gone: dict[str, list[Change]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.finder = Finder(self.sheet)

    def take(self, paragraphs: Sequence[Paragraph], name: str) -> None:
        for one in paragraphs:
            self.owner[one] = name


@dataclass
class _RawRow:
    """One row as it stands: which row of the base it was, and the text of its columns."""

    number: int | None
    cells: dict[str, str]
    stray: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, kind: Kind, base: Content, own: _Side, theirs: _Side) -> None:
        self._kind, self._base, self._own, self._theirs = kind, base, own, theirs
        self.warnings: list[str] = []

    def label(self, name: str) -> str:
        return self._kind.fields[name].label if name in self._kind.fields else "題名"

    def read(self, name: str, place: Place) -> Reading | None:
        """Read one field, or say that its place is gone."""
        one = self._kind.fields.get(name)
        if isinstance(one, Rows):
            found = self._rows(one, place)
        elif place.shape == "rich" and isinstance(one, Text):
            found = self._rich(one, place)
        else:
            found = self._words(name, one, place)
        if found is None:
            told = f"「{self.label(name)}」の欄がファイルに見つかりません。この項目は今の内容のままにします。"
            self.warnings.append(told)
        return found

    def _old(self, name: str) -> Value:
        if name == "title":
            return self._base.title
        return self._base.fields.get(name, self._kind.fields[name].blank)

    # -- words --------------------------------------------------------------------------------------------------------

    def _words(self, name: str, one: Field | None, place: Place) -> Reading | None:
        before, after = words_in(self._own, place), words_in(self._theirs, place, by_label=True)
        if after is None:
            return None
        changes = self._changes(name)
        if before == after:
            return Reading(self._old(name), after, changes=changes)
        if one is None:
            title = " ".join(after.split())
            return Reading(title, after, "" if title else "題名が空です。", changes)
        value, problem = _parsed(one, after)
        return Reading(value, after, problem, changes)

    def _rich(self, one: Text, place: Place) -> Reading | None:
        before, after = rich_in(self._own, place), rich_in(self._theirs, place, by_label=True)
        if after is None:
            return None
        changes = self._changes(one.name)
        if before == after:
            return Reading(self._old(one.name), plain(self._old(one.name)), changes=changes)
        markup = "".join(_kept_where_same(str(self._old(one.name)), before or [], after))
        try:
            value = one.clean(clean_blocks([markup]))
        except Unreadable as unreadable:
            return Reading(one.blank, plain(markup), str(unreadable), changes)
        return Reading(value, plain(value), changes=changes)

    def _changes(self, name: str) -> tuple[Change, ...]:
        """Return the tracked changes in a field."""
        side = self._theirs
        pairs = [
            (paragraph, one) for paragraph, owner in side.owner.items() if owner == name for one in paragraph.stretches
        ]
        pairs += [pair for pair in side.finder.spoken(name) if side.owner.get(pair[0]) != name]
        found = list(side.gone.get(name, ()))
        for number, group in groupby(pairs, lambda pair: pair[1].change):
            lines = ("".join(one.text for _, one in line) for _, line in groupby(group, lambda pair: pair[0]))
            if number >= 0:
                found.append(side.sheet.change(number, "\n".join(lines)))
        return tuple(found)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _rows(self, rows: Rows, place: Place) -> Reading | None:
        before, after = rows_in(self._own, rows, place), rows_in(self._theirs, rows, place)
        if after is None:
            return None
        old = self._old(rows.name)
        for text in [text for row in after for text in row.stray]:
            self.warnings.append(f"「{rows.label}」に、どの欄のものか分からない文字があります：「{text}」")
        if before is not None and _same_rows(before, after):
            return Reading(old, rows.text(old), changes=self._changes(rows.name))
        value, problems = self._typed_rows(rows, before or [], after, old)
        shown = "\n".join("\u3000".join(text for text in row.cells.values() if text) for row in after)
        if problems:
            return Reading(rows.blank, shown, "\n".join(problems), self._changes(rows.name))
        return Reading(value, rows.text(value), changes=self._changes(rows.name))

    def _typed_rows(
        self, rows: Rows, before: Sequence[_RawRow], after: Sequence[_RawRow], old: Sequence[Mapping[str, Value]]
    ) -> tuple[Value, list[str]]:
        known = {row.number: row for row in before}
        typed: list[dict[str, Value]] = []
        problems: list[str] = []
        for number, row in enumerate(after):
            base = old[row.number] if row.number is not None and row.number < len(old) else {}
            line: dict[str, Value] = {}
            for column in rows.columns:
                kept = base.get(column.name, column.blank if column.default is None else column.default)
                was = known[row.number].cells.get(column.name) if row.number in known else None
                if column.name not in row.cells or (base and row.cells[column.name] == was):
                    line[column.name] = kept
                    continue
                line[column.name], problem = _parsed(column, row.cells[column.name])
                if problem:
                    problems.append(f"{number + 1}{rows.row_name}目の{column.label}：{problem}")
            typed.append(line)
        value, found = rows.problems(typed, rows.name)
        return value, problems + [f"{one.label}：{one.message}" for one in found]


def _same_rows(before: Sequence[_RawRow], after: Sequence[_RawRow]) -> bool:
    return [(row.number, row.cells) for row in before] == [(row.number, row.cells) for row in after]


# --- reading one place on either side -------------------------------------------------------------------------------------


def words_in(side: _Side, place: Place, *, by_label: bool = False) -> str | None:
    """Return the text of a field that is a line or a note; None when its place is gone."""
    marked = side.finder.marked(place.name)
    cell = cell_at(marked[0], place.depth) if marked else None
    if not marked and by_label and place.alone:
        cell = side.finder.labelled(place.label)
        if cell is None:
            return None
    inner = [] if cell is None else list(paragraphs_in(cell.blocks))
    if place.alone and cell is not None and all(one.keys in ([], [place.name]) for one in inner):
        side.take(inner, place.name)
        return "\n".join(one.text for one in inner).strip("\n")
    if not marked:
        return None
    spoken = [
        (paragraph, one) for paragraph, one in side.finder.spoken(place.name) if one.copy == 1 and not one.deleted
    ]
    lines = ["".join(one.text for _, one in group) for _, group in groupby(spoken, lambda pair: pair[0])]
    before, after = _beside(side, marked[0], place)
    return before + "\n".join(lines) + after


def _beside(side: _Side, paragraph: Paragraph, place: Place) -> tuple[str, str]:
    """Return text typed right before or behind a field, outside its control, where the form prints nothing itself."""
    ours, theirs = _pieces(place.paragraph), _pieces(paragraph)
    at, place_at = _index(theirs, place.name), _index(ours, place.name)
    found = ["", ""]
    for index, step in enumerate((-1, 1)):
        text, there, behind = _nth(theirs, at + step), _nth(ours, place_at + step), _nth(theirs, at + 2 * step)
        is_between = step < 0 and behind is not None  # belongs to the field before it
        if text is None or text[0] or is_between or _key(behind) != _key(there):
            continue
        found[index] = "".join(one.text for one in text[1])
        side.used.update(text[1])
    return found[0], found[1]


_Piece = tuple[str, list[Stretch]]


def _pieces(paragraph: Paragraph) -> list[_Piece]:
    """Cut a paragraph into stretches of one field or of none; a field without text is there all the same."""
    found: list[_Piece] = []
    empty = [(at, name) for at, name in paragraph.marks if not name.startswith("_")]
    spoken = {one.key for one in paragraph.stretches}
    for number, one in enumerate([*paragraph.stretches, None]):
        found += [(name, []) for at, name in empty if at == number and name not in spoken]
        if one is None or one.deleted:
            continue
        if found and found[-1][0] == one.key:
            found[-1][1].append(one)
        else:
            found.append((one.key, [one]))
    return found


def _nth(pieces: Sequence[_Piece], number: int) -> _Piece | None:
    return pieces[number] if 0 <= number < len(pieces) else None


def _key(piece: _Piece | None) -> str | None:
    return None if piece is None else piece[0]


def _index(pieces: Sequence[_Piece], name: str) -> int:
    return next((number for number, (key, _) in enumerate(pieces) if key == name), 0)


def rich_in(side: _Side, place: Place, *, by_label: bool = False) -> list[str] | None:
    """Return the blocks of a long text as HTML; None when its place is gone."""
    blocks = _rich_blocks(side, place, by_label=by_label)
    if blocks is None:
        return None
    side.take(list(paragraphs_in(blocks)), place.name)
    return html_blocks(blocks)


def _rich_blocks(side: _Side, place: Place, *, by_label: bool) -> Sequence[Block] | None:
    ends = side.finder.marked(bookmark_name(place.name, LAST))
    marked = side.finder.marked(place.name) or ends
    if not marked:
        cell = side.finder.labelled(place.label) if by_label and place.alone else None
        return None if cell is None else cell.blocks
    cell = cell_at(marked[0], place.depth)
    blocks = side.sheet.blocks if cell is None else cell.blocks
    if place.alone and cell is not None:
        return blocks
    first = block_of(blocks, marked[0])
    last = block_of(blocks, ends[0]) if ends else first
    if first is None or last is None:
        return None
    return blocks[first : max(first, last) + 1]


def _kept_where_same(canonical: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Take blocks nobody touched from the canonical text itself: Word cannot show everything a text may hold."""
    held = blocks_of(canonical)
    if len(held) != len(before):
        return list(after)
    found: list[str] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        found += held[i1:i2] if op == "equal" else after[j1:j2]
    return found


def rows_in(side: _Side, rows: Rows, place: Place) -> list[_RawRow] | None:
    """Return the rows of a repeating group; None when its place is gone."""
    if place.shape == "list":
        return _listed_rows(side, rows, place)
    table = _table_of(side, rows, place)
    if table is None:
        return None
    columns = _columns(table, rows, place)
    found: list[_RawRow] = []
    seen: set[int] = set()
    for row in table.rows[_first_row(table, rows, place) :]:
        inner = [one for cell in row.cells for one in paragraphs_in(cell.blocks)]
        side.take(inner, rows.name)
        if _is_gone(side, row):
            words = "\u3000".join(text_of(row).split("\n")).strip()
            side.gone.setdefault(rows.name, []).extend([side.sheet.change(row.change, words)] if words else [])
            continue
        if text_of(row).strip() == NONE and not columns_in(row, rows):
            continue
        raw = _raw_row(row, rows, place, columns)
        if raw.number in seen:
            raw.number = None
        if raw.number is not None:
            seen.add(raw.number)
        if raw.number is not None or raw.stray or any(raw.cells.values()):
            found.append(raw)
    return found


def _is_gone(side: _Side, row: Row) -> bool:
    return row.change >= 0 and side.sheet.change(row.change, "").what == "deleted"


def _table_of(side: _Side, rows: Rows, place: Place) -> Table | None:
    marked = side.finder.marked(rows.name) + side.finder.marked(bookmark_name(rows.name, ROWS))
    counted = Counter(cell.row.table for one in marked if (cell := cell_at(one, place.depth + 1)) is not None)
    if counted:
        return counted.most_common(1)[0][0]
    heads = place.heads
    same = (
        one
        for one in side.sheet.tables
        if heads and [squeezed(text_of(row)) for row in one.rows[: len(heads)]] == heads
    )
    return next(same, None)


def _first_row(table: Table, rows: Rows, place: Place) -> int:
    first = 0
    for row in table.rows:
        if columns_in(row, rows) or not (row.head or squeezed(text_of(row)) in place.heads):
            break
        first += 1
    return first


def _columns(table: Table, rows: Rows, place: Place) -> dict[int, list[str]]:
    """Return which columns of the group stand where: by their marks, else as they stood in the export."""
    found: dict[int, list[str]] = {}
    for row in table.rows:
        for column, names in columns_in(row, rows).items():
            found.setdefault(column, names)
    placed = {name for names in found.values() for name in names}
    for column, names in place.columns.items():
        if column not in found and not placed & set(names):
            found[column] = names
    return found


def _raw_row(row: Row, rows: Rows, place: Place, columns: Mapping[int, list[str]]) -> _RawRow:
    number = number_in([one for cell in row.cells for one in paragraphs_in(cell.blocks)], rows.name)
    raw = _RawRow(number, {})
    across = max(columns, default=0) + 1
    for cell in row.cells:
        names = columns.get(cell.column, [])
        if cell.merge == "continue":
            continue
        if len(names) == 1 and not (len(row.cells) == 1 and across > 1):
            raw.cells[names[0]] = _cell_text(cell, next(one for one in rows.columns if one.name == names[0]))
        else:
            _shared_cell(cell, names, rows, raw, place)
    return raw


def _cell_text(cell: Cell, column: Field) -> str:
    if isinstance(column, Text):
        return "".join(html_blocks(cell.blocks))
    return text_of(cell).strip("\n")


def _shared_cell(cell: Cell, names: Sequence[str], rows: Rows, raw: _RawRow, place: Place) -> None:
    """Read a cell that holds several columns, or none: a running number, words of the form."""
    for name in names:
        raw.cells[name] = ""
    for paragraph in paragraphs_in(cell.blocks):
        for one in paragraph.stretches:
            name = one.key.rpartition(".")[2]
            if one.deleted:
                continue
            if name in names and one.key.startswith(f"{rows.name}."):
                raw.cells[name] += one.text
            elif (text := one.text.strip()) and not text.isdecimal() and text not in place.fixed:
                raw.stray.append(text)


def _listed_rows(side: _Side, rows: Rows, place: Place) -> list[_RawRow] | None:
    marked = side.finder.marked(rows.name) or side.finder.marked(bookmark_name(rows.name, ROWS))
    cell = cell_at(marked[0], place.depth) if marked else side.finder.labelled(place.label)
    if not marked and cell is None:
        return None
    paragraphs = list(paragraphs_in(cell.blocks)) if cell is not None and place.alone else marked
    side.take(paragraphs, rows.name)
    return [_listed_row(one, rows) for one in paragraphs if one.text.strip() not in ("", NONE)]


def _listed_row(paragraph: Paragraph, rows: Rows) -> _RawRow:
    names = [key.split(".")[2] for key in paragraph.keys if key.startswith(f"{rows.name}.")]
    outside = "".join(one.text for one in paragraph.stretches if not one.key and not one.deleted)
    raw = _RawRow(number_in([paragraph], rows.name), {column.name: "" for column in rows.columns})
    if names and not outside.strip():
        for one in paragraph.stretches:
            if not one.deleted and one.key.startswith(f"{rows.name}."):
                raw.cells[one.key.rpartition(".")[2]] += one.text
        return raw
    waiting = list(rows.columns)
    for part in _GAPS.split(paragraph.text.strip()):
        fitting = next((n for n, column in enumerate(waiting) if not _parsed(column, part)[1]), None)
        if fitting is None:
            raw.stray.append(part)
        else:
            raw.cells[waiting[fitting].name] = part
            del waiting[: fitting + 1]
    return raw


# --- text to values -------------------------------------------------------------------------------------------------------


def _parsed(one: Field, text: str) -> tuple[Value, str]:
    """Return the value of what was typed into a field, and what is wrong with it."""
    try:
        return one.clean(_typed(one, text)), ""
    except Unreadable as unreadable:
        return one.blank, str(unreadable)


def _typed(one: Field, text: str) -> Any:
    stripped = text.strip()
    if isinstance(one, Check):
        told = squeezed(stripped)
        return "はい" if told in _YES or told == squeezed(one.statement) else stripped
    if isinstance(one, Choices):
        keys = {squeezed(label): key for key, label in one.options.items()} | {
            squeezed(key): key for key in one.options
        }
        parts = [part for part in re.split("[\n、]", stripped) if part.strip()]
        return [keys.get(squeezed(part), part.strip()) for part in parts]
    if isinstance(one, Number):
        return re.sub(r"^第", "", stripped)
    if isinstance(one, Text) and not stripped.startswith("<"):
        return html.escape(stripped, quote=False)
    return text


# --- what a person has to know --------------------------------------------------------------------------------------------


def _comments(side: _Side, kind: Kind) -> list[Comment]:
    where: dict[str, str] = {}
    for paragraph in [*side.finder.all, *side.sheet.boxes]:
        for ident, key in paragraph.comments:
            name = key.split(".")[0]
            known = name if name in kind.fields or name == "title" else side.owner.get(paragraph, "")
            where.setdefault(ident, known)
    return [Comment(who, when, text, where.get(ident, "")) for ident, who, when, text in side.sheet.outline["comments"]]


def _changed_prints(side: _Side) -> Iterator[str]:
    """Tell of changes where the form prints something it has from elsewhere."""
    printed: dict[str, list[str]] = {}
    for paragraph in side.finder.all:
        for one in paragraph.stretches:
            if one.key.startswith(PRINTED) and not one.deleted:
                printed.setdefault(one.key, []).append(one.text)
    for name, parts in printed.items():
        text = "".join(parts)
        if check_of(text) != name.rpartition("_")[2]:
            yield f"「{text}」は、ほかの欄から自動で印刷される箇所です。ここでの直しは取り込まれません。"


def _copies(side: _Side, kind: Kind, fields: Mapping[str, Reading | None]) -> Iterator[str]:
    """Tell of fields that occur twice with different words."""
    for name, reading in fields.items():
        copies: dict[int, str] = {}
        for paragraph, one in side.finder.spoken(name):
            if side.owner.get(paragraph) != name and not one.deleted:
                copies[one.copy] = copies.get(one.copy, "") + one.text
        for copy, text in copies.items():
            if copy > 1 and reading is not None and text.strip() and text.strip() != reading.text.strip():
                label = kind.fields[name].label if name in kind.fields else "題名"
                yield f"「{label}」の欄が2か所以上にあります。はじめの欄を読みました。ほかの欄の文字：「{text}」"


def _stray_text(own: _Side, theirs: _Side) -> Iterator[str]:
    """Tell of text that stands in no field and was not printed there by the form."""
    known = Counter(text for text in _outside(own))
    strays = []
    for text in _outside(theirs):
        if known[text]:
            known[text] -= 1
        else:
            strays.append(text)
    strays += [one.text.strip() for one in theirs.sheet.boxes if one.text.strip()]
    sides = {re.sub(r"\d+", "", line) for line in own.sheet.outline["around"]}
    for part in ("around", "notes"):
        strays += [line for line in theirs.sheet.outline[part] if re.sub(r"\d+", "", line) not in sides]
    for text in strays[:_MOST_WORDS]:
        yield f"どの項目にも入らない文字があります：「{text}」。必要なら、項目の中に書き写してください。"
    if len(strays) > _MOST_WORDS:
        yield f"どの項目にも入らない文字が、ほかに{len(strays) - _MOST_WORDS}か所あります。"


def _outside(side: _Side) -> Iterator[str]:
    for paragraph in side.finder.all:
        if paragraph in side.owner:
            continue
        free = (one for one in paragraph.stretches if not one.key and not one.deleted and one not in side.used)
        if text := " ".join("".join(one.text for one in free).split()):
            yield text
