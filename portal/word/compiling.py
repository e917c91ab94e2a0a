"""From a template an officer drew to a program that fills it: done once per form, kind, edition and set of fields."""

import copy
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from portal.kinds import Kind
from portal.kinds.fields import Field, Rows
from portal.word import tables
from portal.word.completing import NUMBERING, bullet_number, ordered_list
from portal.word.forms import WordForm
from portal.word.layout import left_over
from portal.word.marks import (
    ColumnMark,
    EditionMark,
    FieldMark,
    Mark,
    OthersMark,
    Piece,
    Printing,
    is_rich,
    mark_names,
    marked_paragraphs,
    pieces,
    resolve,
)
from portal.word.markup import is_a, nodes, parse, parse_blocks, serialise, strings, text_of, w
from portal.word.package import Packed, pack
from portal.word.program import (
    FIRST_STAMP,
    LAST_STAMP,
    ROWS,
    Blocks,
    Build,
    Group,
    Node,
    Place,
    Program,
    Repeat,
    Stamp,
    Words,
    bookmark_name,
    path_of,
    to_program,
)

_FILLED = re.compile(r"word/(?:document|header\d*|footer\d*)\.xml")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMESPACES = re.compile(r' xmlns:\w+="[^"]*"')
CORE, TYPES, RELATIONS = "docProps/core.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"


@dataclass(frozen=True, eq=False)
class Compiled:
    """A form ready to be filled: programs for the parts with marks, finished streams for the rest."""

    programs: dict[str, Program]
    constant: dict[str, Packed]
    names: tuple[str, ...]
    relations: str
    types: str
    numbering: str
    ordered: str
    first_list: int
    bullets: int
    last_id: int


def compile_form(form: WordForm, kind: Kind, printing: Printing) -> Compiled:
    """Compile a form for the fields one export may show."""
    roots = {name: parse(data) for name, data in form.parts.items() if _FILLED.fullmatch(name)}
    for root in roots.values():
        _forget_paragraph_ids(root)
    work = _Work(kind, printing, form.omit, last_id=_largest_id(roots), sign=_sign_of(form))
    _place_left_over(roots, work)
    programs = {name: _compile_part(root, work, anchored=name == "word/document.xml") for name, root in roots.items()}
    constant = {
        name: pack(name, data, level=9) for name, data in form.parts.items() if name not in programs and name != CORE
    }
    lists = parse(form.parts[NUMBERING])
    ordered, first_list = ordered_list(lists)
    return Compiled(
        programs,
        constant,
        tuple(form.parts),
        form.parts[RELATIONS].decode(),
        form.parts[TYPES].decode(),
        form.parts[NUMBERING].decode(),
        ordered,
        first_list,
        bullet_number(lists),
        work.last_id,
    )


def unknown_marks(form: WordForm, kind: Kind) -> list[str]:
    """Return the marks of a form the kind has no field for, as an officer typed them."""
    roots = [parse(data) for name, data in form.parts.items() if _FILLED.fullmatch(name)]
    names = [name for root in roots for paragraph in marked_paragraphs(root) for name in mark_names(paragraph)]
    return [name for name in dict.fromkeys(names) if resolve(name, kind) is None]


def fields_without_mark(form: WordForm, kind: Kind) -> list[str]:
    """Return the names of the fields a form neither marks nor omits: they are printed at 《その他の項目》."""
    roots = {name: parse(data) for name, data in form.parts.items() if _FILLED.fullmatch(name)}
    return _without_mark(roots, kind, form.omit)


def _without_mark(roots: dict[str, etree._Element], kind: Kind, omit: frozenset[str]) -> list[str]:
    names = [name for root in roots.values() for one in marked_paragraphs(root) for name in mark_names(one)]
    marks = [resolve(name, kind) for name in names]
    placed = {mark.field.name for mark in marks if isinstance(mark, FieldMark)}
    placed |= {mark.rows.name for mark in marks if isinstance(mark, ColumnMark)}
    return [name for name in kind.fields if name not in placed | omit]


def _sign_of(form: WordForm) -> str:
    """Return a few letters that differ between two editions of a form, for the stamp in an export."""
    return hashlib.sha256(b"".join(form.parts.values())).hexdigest()[:4]


@dataclass
class _Work:
    """What one compilation has found so far."""

    kind: Kind
    printing: Printing
    omit: frozenset[str]
    last_id: int
    sign: str
    slots: dict[int, Node] = field(default_factory=dict)
    pairs: dict[int, Build] = field(default_factory=dict)
    last_pair: int = 0
    anchored: set[str] = field(default_factory=set)

    def marks(self, paragraph: etree._Element) -> list[Mark | None]:
        return [resolve(name, self.kind) for name in mark_names(paragraph)]

    def instruction(self, what: str, number: int) -> etree._Element:
        return etree.ProcessingInstruction("portal", f"{what} {number}")

    def new_pair(self) -> int:
        self.last_pair += 1
        return self.last_pair

    def slot(self, node: Node) -> etree._Element:
        number = len(self.slots)
        self.slots[number] = node
        return self.instruction("slot", number)


_FAR = 1_000_000_000


def _largest_id(roots: dict[str, etree._Element]) -> int:
    """Return the id after which ours begin; the random ids Word gives its own controls lie far above or below."""
    paths = ("//w:bookmarkStart/@w:id", "//w:sdtPr/w:id/@w:val", "//*[local-name()='docPr']/@id")
    found = [int(text) for root in roots.values() for path in paths for text in strings(root, path)]
    return max([0, *(number for number in found if number < _FAR)])


def _forget_paragraph_ids(root: etree._Element) -> None:
    """Word numbers paragraphs for its own use; in a repeated row the number would occur twice."""
    for paragraph in root.iter(w("p"), w("tr")):
        for name in [str(name) for name in paragraph.attrib if str(name).endswith(("}paraId", "}textId"))]:
            del paragraph.attrib[name]


# --- fields without a mark ------------------------------------------------------------------------


def _place_left_over(roots: dict[str, etree._Element], work: _Work) -> None:
    """Put tables for all fields without a mark at 《その他の項目》, or at the end of a form that has no such place."""
    left = _without_mark(roots, work.kind, work.omit)
    shown = {name for name in left if work.printing.shows(FieldMark(work.kind.fields[name]))}
    blocks = parse_blocks(left_over(work.kind, shown))
    (body,) = roots["word/document.xml"].findall(w("body"))
    place = next((p for p in marked_paragraphs(body) if OthersMark() in work.marks(p)), None)
    if place is None:
        place = etree.Element(w("p"))
        last = body.find(w("sectPr"))
        body.append(place) if last is None else last.addprevious(place)
    for block in blocks:
        place.addprevious(block)
    _remove(place)


# --- one part -------------------------------------------------------------------------------------


def _compile_part(root: etree._Element, work: _Work, *, anchored: bool) -> Program:
    for pattern in _patterns(root, work):
        if is_a(pattern, "tr"):
            _fit_columns(pattern, work)
    for paragraph in marked_paragraphs(root):
        _drop_if_silent(paragraph, work)
    _drop_empty_tables(root)
    if anchored:
        _place_stamps(root, work)
    patterns = [(one, _none(one), _column_marks(one, work)[0].rows) for one in _patterns(root, work)]
    for paragraph in marked_paragraphs(root):
        _compile_paragraph(paragraph, work, anchored=anchored)
    for pattern, none, rows in patterns:
        if anchored:
            _place_head(pattern, none, rows, work)
        _repeat(pattern, none, rows, work)
    return to_program(_DECLARATION + serialise(root), work.slots, work.pairs)


def _place_stamps(root: etree._Element, work: _Work) -> None:
    """Name document and version in the first and the last paragraph that is always printed."""
    always = [one for one in nodes(root, "w:body/w:p") if not mark_names(one)]
    if not always:
        (body,) = root.findall(w("body"))
        body.insert(0, work.slot(Stamp(FIRST_STAMP, work.sign)))
        return
    for paragraph, prefix in ((always[0], FIRST_STAMP), (always[-1], LAST_STAMP)):
        _put_in_front(paragraph, work.slot(Stamp(prefix, work.sign)))


def _place_head(pattern: etree._Element, none: etree._Element, rows: Rows, work: _Work) -> None:
    """Mark where the rows of a group stand, also for the day when there are none."""
    table, name = tables.enclosing(pattern, "tbl"), bookmark_name(rows.name, ROWS)
    if is_a(pattern, "p"):
        places = [pattern, none]
    elif table is None or table.find(w("tr")) is pattern or name in work.anchored:
        return
    else:
        places = nodes(table, "w:tr[1]/w:tc[1]/w:p[1]")
    if name not in work.anchored:
        work.anchored.add(name)
        for paragraph in places:
            _put_in_front(paragraph, work.slot(Place(name)))


def _put_in_front(paragraph: etree._Element, node: etree._Element) -> None:
    paragraph.insert(0 if paragraph.find(w("pPr")) is None else 1, node)


def _column_marks(pattern: etree._Element, work: _Work) -> list[ColumnMark]:
    """Return the columns in a row or a paragraph, without those of tables inside it."""
    if is_a(pattern, "p"):
        own = [pattern]
    else:
        own = [p for p in marked_paragraphs(pattern) if tables.enclosing(p, "tr") is pattern]
    return [mark for paragraph in own for mark in work.marks(paragraph) if isinstance(mark, ColumnMark)]


def _patterns(root: etree._Element, work: _Work) -> list[etree._Element]:
    """Return what is repeated: the table rows, or paragraphs outside tables, that hold the column of a repeating group."""
    found: dict[etree._Element, None] = {}
    for paragraph in marked_paragraphs(root):
        if _column_marks(paragraph, work):
            row = tables.enclosing(paragraph, "tr")
            found[paragraph if row is None else row] = None
    return list(found)


def _fit_columns(line: etree._Element, work: _Work) -> None:
    """Make the columns of a repeating table those the export may show: hidden ones leave, unmentioned ones are added."""
    table, rows = tables.enclosing(line, "tbl"), _column_marks(line, work)[0].rows
    if table is None or not work.printing.shows(FieldMark(rows)):
        return
    for column, _, cell in reversed(list(tables.cells_of(line))):
        marks = [mark for paragraph in marked_paragraphs(cell) for mark in work.marks(paragraph)]
        if marks and not any(work.printing.shows(mark) for mark in marks) and tables.column_count(table) > 1:
            tables.remove_column(table, column)
    mentioned = {mark.column.name for mark in _column_marks(line, work) if mark.column}
    for one in rows.columns:
        wanted = work.printing.shows(ColumnMark(rows, one)) and f"{rows.name}.{one.name}" not in work.omit
        if wanted and one.name not in mentioned:
            _add_column(table, line, rows, one)


def _add_column(table: etree._Element, line: etree._Element, rows: Rows, column: Field) -> None:
    for row, cell in tables.append_column(table):
        if cell is not None:
            _set_text(cell, f"《{rows.name}.{column.name}》" if row is line else column.label)


def _set_text(cell: etree._Element, text: str) -> None:
    paragraphs = cell.findall(w("p"))
    for extra in list(cell):
        if extra is not paragraphs[0] and not is_a(extra, "tcPr"):
            cell.remove(extra)
    runs = paragraphs[0].findall(w("r"))
    properties = runs[0].find(w("rPr")) if runs else None
    for child in list(paragraphs[0]):
        if not is_a(child, "pPr"):
            paragraphs[0].remove(child)
    run = etree.SubElement(paragraphs[0], w("r"))
    if properties is not None:
        run.append(properties)
    etree.SubElement(run, w("t")).text = text


# --- what this export does not show ---------------------------------------------------------------


def _drop_if_silent(paragraph: etree._Element, work: _Work) -> None:
    """Take out the marks this export has nothing for, and the group or paragraph that held only such marks."""
    found = pieces(paragraph)
    kept = _without_silent_groups(found, work)
    if any(piece.what == "mark" for piece in kept):
        kept = _heard(kept, work)
    if not any(piece.what != "text" or piece.text.strip() for piece in kept):
        _remove(paragraph)
    elif len(kept) < len(found):
        _rebuild(paragraph, [_as_run(piece) for piece in kept])


def _without_silent_groups(found: list[Piece], work: _Work) -> list[Piece]:
    kept: list[Piece] = []
    group: list[Piece] | None = None
    for piece in found:
        if piece.what == "open":
            group = [piece]
        elif group is None:
            kept.append(piece)
        else:
            group.append(piece)
            if piece.what == "close":
                kept += _heard(group, work)
                group = None
    return kept


def _heard(found: list[Piece], work: _Work) -> list[Piece]:
    """Return the pieces without silent marks; nothing when no mark speaks, or when they belong to the other edition."""
    marks = {id(piece): resolve(piece.text, work.kind) for piece in found if piece.what == "mark"}
    silent = {key for key, mark in marks.items() if not work.printing.shows(mark)}
    other_edition = any(isinstance(marks[key], EditionMark) for key in silent)
    if other_edition or len(silent) == len(marks):
        return []
    return [piece for piece in found if id(piece) not in silent]


def _as_run(piece: Piece) -> etree._Element:
    if piece.kept is not None:
        return piece.kept
    run = etree.Element(w("r"))
    if piece.properties is not None:
        run.append(copy.deepcopy(piece.properties))
    text = etree.SubElement(run, w("t"))
    text.text = f"《{piece.text}》" if piece.what == "mark" else piece.text  # a bracket is its own text
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


def _remove(paragraph: etree._Element) -> None:
    """Take a paragraph out; in a cell its place is marked, so that rows left without words can be found."""
    parent = paragraph.getparent()
    cell = tables.enclosing(paragraph, "tc")
    if cell is not None:
        cell.set("silent", "yes")
    if parent is not None and (len(parent.findall(w("p"))) > 1 or not is_a(parent, "tc")) and not _is_last(paragraph):
        parent.remove(paragraph)
    else:
        _rebuild(paragraph, [])


def _is_last(paragraph: etree._Element) -> bool:
    """A header must keep one paragraph, and a body must not end with a table."""
    following, before = paragraph.getnext(), paragraph.getprevious()
    ends = following is None or is_a(following, "sectPr")
    return ends and (before is None or is_a(before, "tbl"))


def _drop_empty_tables(root: etree._Element) -> None:
    """Take out rows whose marks are all gone, then tables whose marks are all gone, with the space below them."""
    for cell in nodes(root, ".//w:tc[@silent]"):
        del cell.attrib["silent"]
        row, table = tables.enclosing(cell, "tr"), tables.enclosing(cell, "tbl")
        if row is not None and table is not None and row.getparent() is table and not marked_paragraphs(row):
            table.remove(row)
            if not marked_paragraphs(table):
                _drop_table(table)


def _drop_table(table: etree._Element) -> None:
    parent, space = table.getparent(), table.getnext()
    if parent is None:
        return
    if space is not None and is_a(space, "p") and not text_of(space) and not _is_last(space):
        parent.remove(space)
    parent.remove(table)


# --- marks to nodes -------------------------------------------------------------------------------


def _rebuild(paragraph: etree._Element, children: list[etree._Element]) -> None:
    for child in list(paragraph):
        if not is_a(child, "pPr"):
            paragraph.remove(child)
    paragraph.extend(children)


def _compile_paragraph(paragraph: etree._Element, work: _Work, *, anchored: bool) -> None:
    found = pieces(paragraph)
    spoken = [piece for piece in found if piece.what != "text" or piece.text.strip()]
    if len(spoken) == 1 and spoken[0].what == "mark":
        mark = resolve(spoken[0].text, work.kind)
        if isinstance(mark, FieldMark) and isinstance(mark.field, Rows):
            _compile_list(paragraph, mark.field, spoken[0], work, anchored=anchored)
            return
        if mark is not None and is_rich(mark):
            first = anchored and _is_first(mark, work)
            _replace(paragraph, work.slot(Blocks(mark, "", first, width=tables.room_in(paragraph))))
            return
    _rebuild(paragraph, _compiled_pieces(found, work, anchored=anchored))


def _compiled_pieces(found: list[Piece], work: _Work, *, anchored: bool) -> list[etree._Element]:
    children: list[etree._Element] = []
    opened: list[int] = []
    marks: list[Mark] = []
    for piece in found:
        if piece.what == "open":
            opened.append(work.new_pair())
            marks = []
            children.append(work.instruction("open", opened[-1]))
        elif piece.what == "close":
            number = opened.pop()
            work.pairs[number] = _group(marks)
            children.append(work.instruction("close", number))
        elif piece.what == "mark":
            mark = resolve(piece.text, work.kind)
            if mark is not None:
                marks.append(mark)
                first = anchored and _is_first(mark, work)
                printed = anchored and not isinstance(mark, ColumnMark)
                children.append(work.slot(Words(mark, _look(piece), first, checked=printed)))
        else:
            children.append(_as_run(piece))
    return children


def _group(marks: Sequence[Mark]) -> Build:
    heard = list(marks)
    return lambda inner, _: Group(heard, inner)


def _is_first(mark: Mark, work: _Work) -> bool:
    """Only the first mark of a field gets a control: names of bookmarks are unique in a file."""
    path = path_of(mark)
    if isinstance(mark, ColumnMark) and mark.column:
        path = f"{mark.rows.name}.{mark.column.name}"
    if not path:
        return False
    known = path in work.anchored
    work.anchored.add(path)
    return not known


def _look(piece: Piece) -> str:
    return "" if piece.properties is None else _bare(piece.properties)


def _bare(node: etree._Element) -> str:
    """Serialise a fragment that will stand inside a part where the prefixes are declared."""
    return _NAMESPACES.sub("", serialise(node))


def _replace(node: etree._Element, other: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.replace(node, other)


def _compile_list(paragraph: etree._Element, rows: Rows, piece: Piece, work: _Work, *, anchored: bool) -> None:
    """Print a repeating group without a table of its own: one paragraph a row, なし when there is none."""
    marks = [ColumnMark(rows, one) for one in rows.columns if work.printing.shows(ColumnMark(rows, one))]
    look = _look(piece)
    children: list[etree._Element] = []
    for index, mark in enumerate(marks):
        words = Words(mark, look, anchored and _is_first(mark, work))
        number = work.new_pair()
        work.pairs[number] = _group([mark])
        gap = [_as_run(Piece("text", "\u3000", piece.properties))] if index else []
        children += [work.instruction("open", number), *gap, work.slot(words), work.instruction("close", number)]
    none = _none(paragraph)
    _rebuild(paragraph, children)
    if anchored:
        _place_head(paragraph, none, rows, work)
    _repeat(paragraph, none, rows, work)


def _none(pattern: etree._Element) -> etree._Element:
    """Return what stands for a group without rows: なし, in one cell over the whole width."""
    none = copy.deepcopy(pattern)
    if is_a(none, "p"):
        _rebuild(none, [_as_run(Piece("text", "なし"))])
        return none
    cells = [cell for _, _, cell in tables.cells_of(none)]
    tables.merge_cells(none)
    _set_text(cells[0], "なし")
    return none


def _repeat(pattern: etree._Element, none: etree._Element, rows: Rows, work: _Work) -> None:
    number = work.new_pair()
    work.pairs[number] = lambda inner, otherwise: Repeat(rows, inner, otherwise)
    pattern.addprevious(work.instruction("open", number))
    pattern.addnext(work.instruction("close", number))
    pattern.addnext(none)
    pattern.addnext(work.instruction("else", number))


# --- lists ----------------------------------------------------------------------------------------


def numbering_part(compiled: Compiled, lists: int) -> str:
    """Return the numbering part with one entry for each ordered list of the document, so that each begins at 1."""
    entries = "".join(
        f'<w:num w:numId="{compiled.first_list + index}"><w:abstractNumId w:val="{compiled.ordered}"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        for index in range(lists)
    )
    return compiled.numbering.replace("</w:numbering>", entries + "</w:numbering>")
