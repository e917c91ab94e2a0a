"""Canonical HTML (portal.kinds.richtext) as Word paragraphs, lists and tables.

Only the closed list of tags is understood; anything else gives its text. Nothing is cut: what lies too deep to be drawn as a
table or a list is written as plain lines.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from lxml import etree

from portal.kinds import richtext
from portal.kinds.calendar import write_day
from portal.word.markup import escape, paragraph, parse, run, text_of

# in the order Word wants them
_EMPHASIS = {"strong": "<w:b/><w:bCs/>", "em": "<w:i/><w:iCs/>", "a": '<w:u w:val="single"/>'}
_INLINE = {*_EMPHASIS, "br", "img"}
_HEADINGS = {"h2": "Heading2", "h3": "Heading3"}
_SAFE_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s\"\\]+", re.IGNORECASE)
BLOCK_TITLES = {"decision": "【決定事項】", "issue": "【課題】"}
BLOCK_BEGINS, BLOCK_ENDS, BLOCK_ABOUT = "_s_", "_z_", "_y_"
"""How the hidden bookmarks at both ends of a decision or an issue inside a long text begin; `_y_` is the end that tells of
owner and day."""
_VOID = re.compile(r"<(br|img [^<>]*?)/?>")
Draw = Callable[[int, str, int], str]
_DEEPEST_TABLE, _DEEPEST = 4, 60
_MOST_COLUMNS = 63  # Word's own limit
TAIL = '<w:p><w:pPr><w:pStyle w:val="Tail"/></w:pPr></w:p>'
"""A paragraph too small to see: Word wants one at the end of a cell and between two tables."""


@dataclass(frozen=True)
class _Look:
    """How the next paragraph looks: its style, its place in a list, and how the paragraphs after the first look."""

    style: str = "BodyText"
    properties: str = ""
    then: str | None = None
    level: int = -1


@dataclass
class _Cell:
    element: etree._Element | None
    across: int = 1
    down: int = 1
    continues: bool = False


@dataclass
class Writer:
    """Writes one text. `width` is the room in twentieths of a point, `new_list` gives the number of a fresh ordered list.

    `new_id` gives the numbers of bookmarks; without it there are none. `draw` makes the runs of a picture from the number of
    its file, its description and the room it has; without it only the description is written.
    """

    width: int
    new_list: Callable[[], int]
    bullets: int = 1
    out: list[str] = field(default_factory=list)
    depth: int = 0
    tables: int = 0
    new_id: Callable[[], int] | None = None
    draw: Draw | None = None

    def flow(self, node: etree._Element, look: _Look) -> None:
        """Write the content of a node: text between blocks becomes paragraphs of the given look."""
        runs: list[str] = []

        def end_paragraph() -> None:
            nonlocal look
            if runs:
                self.out.append(paragraph("".join(runs), look.style, look.properties))
                runs.clear()
                look = look if look.then is None else replace(look, properties=look.then)

        self._text(runs, node.text)
        for child in node:
            if child.tag in _INLINE:
                self._inline(runs, child, frozenset())
            elif isinstance(child.tag, str):
                end_paragraph()
                self._block(child, look)
                look = look if look.then is None else replace(look, properties=look.then)
            self._text(runs, child.tail)
        end_paragraph()

    def _text(self, runs: list[str], text: str | None, marks: frozenset[str] = frozenset()) -> None:
        if text and (runs or text.strip(" \n")):
            properties = "".join(look for tag, look in _EMPHASIS.items() if tag in marks)
            runs.append(run(text.replace("\n", " "), f"<w:rPr>{properties}</w:rPr>" if properties else ""))

    def _inline(self, runs: list[str], node: etree._Element, marks: frozenset[str]) -> None:
        if node.tag == "br":
            runs.append("<w:r><w:br/></w:r>")
            return
        if node.tag == "img":
            runs.append(self._picture(node))
            return
        marks |= {node.tag}
        inner: list[str] = []
        self.depth += 1
        if self.depth > _DEEPEST:
            self._text(inner, text_of(node), marks)
        else:
            self._text(inner, node.text, marks)
            for child in node:
                if inner and child.tag not in _INLINE:
                    inner.append("<w:r><w:br/></w:r>")
                self._inline(inner, child, marks)
                self._text(inner, child.tail, marks)
        self.depth -= 1
        runs += _linked(node, inner)

    def _block(self, node: etree._Element, look: _Look) -> None:
        self.depth += 1
        if self.depth > _DEEPEST or (node.tag == "table" and self.tables >= _DEEPEST_TABLE):
            self.out += [paragraph(run(line), look.style) for line in _plain_lines(node)]
        elif node.tag in ("ul", "ol"):
            self._list(node, look)
        elif node.tag == "table":
            self._table(node)
        elif node.tag == "section":
            self._marked_block(node)
        elif node.tag in _HEADINGS:
            self.flow(node, _Look(_HEADINGS[node.tag]))
        else:
            self.flow(node, look if look.then is not None else _Look(_body_style(node)))
        self.depth -= 1

    def _picture(self, node: etree._Element) -> str:
        file, alt = node.get("data-file", ""), node.get("alt", "")
        if self.draw is None or not file.isdecimal():
            return run(f"［図：{alt}］")
        return self.draw(int(file), alt, self.width)

    def _list(self, node: etree._Element, look: _Look) -> None:
        level = min(look.level + 1, 8)
        number = self.new_list() if node.tag == "ol" else self.bullets
        numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        plain = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="0"/></w:numPr>'
        indented = f'{plain}<w:ind w:left="{420 * (level + 1)}" w:firstLine="0"/>'
        if (node.text or "").strip():
            self.out.append(paragraph(run(str(node.text)), "BodyText"))
        for item in node:
            before = len(self.out)
            self.flow(item, _Look("ListParagraph", numbered, indented, level))
            if len(self.out) == before:
                self.out.append(paragraph("", "ListParagraph", numbered))
            if (item.tail or "").strip():
                self.out.append(paragraph(run(str(item.tail)), "ListParagraph", indented))

    def _marked_block(self, node: etree._Element) -> None:
        title, number = BLOCK_TITLES.get(node.get("data-block", "")), 0
        if title:
            number = self.new_id() if self.new_id else 0
            self.out.append(paragraph(self._place(BLOCK_BEGINS, number) + run(title), "Heading3"))
        self.flow(node, _Look())
        about = [("担当", node.get("data-owner", "")), ("期限", _day(node.get("data-due", "")))]
        if shown := "\u3000".join(f"{label}：{text}" for label, text in about if text):
            self.out.append(paragraph(run(f"（{shown}）"), "BodyText"))
        if title:
            self._end_block(BLOCK_ABOUT if shown else BLOCK_ENDS, number)

    def _place(self, prefix: str, block: int) -> str:
        if self.new_id is None:
            return ""
        number = self.new_id()
        return f'<w:bookmarkStart w:id="{number}" w:name="{prefix}{block}"/><w:bookmarkEnd w:id="{number}"/>'

    def _end_block(self, prefix: str, number: int) -> None:
        if self.out[-1].endswith("</w:tbl>"):
            self.out.append(TAIL)
        # In front of the words: LibreOffice loses a bookmark behind a link.
        head, mark, rest = self.out[-1].partition("</w:pPr>" if "</w:pPr>" in self.out[-1] else "<w:p>")
        self.out[-1] = f"{head}{mark}{self._place(prefix, number)}{rest}"

    def _table(self, node: etree._Element) -> None:
        for caption in node.iterchildren("caption"):
            self.flow(caption, _Look("Caption"))
        self.out += [paragraph(run(text), "BodyText") for text in _between_cells(node)]
        rows = [row for row in node.iterdescendants("tr") if _own_table(row) is node]
        grid = _grid(rows)
        if not grid:
            return
        widths = _widths(grid, self.width)
        if self.out and self.out[-1].endswith("</w:tbl>"):
            self.out.append(TAIL)
        columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        lines = [self._row(row, cells, widths) for row, cells in zip(rows, grid, strict=True)]
        self.out.append(
            f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(lines)}</w:tbl>'
        )

    def _row(self, row: etree._Element, cells: list[_Cell], widths: list[int]) -> str:
        parent = row.getparent()
        heads = parent is not None and parent.tag == "thead"
        shown, column = [], 0
        for cell in cells:
            width = sum(widths[column : column + cell.across])
            column += cell.across
            shown.append(self._cell(cell, width))
        return f"<w:tr>{'<w:trPr><w:tblHeader/></w:trPr>' if heads else ''}{''.join(shown)}</w:tr>"

    def _cell(self, cell: _Cell, width: int) -> str:
        properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
        if cell.across > 1:
            properties += f'<w:gridSpan w:val="{cell.across}"/>'
        if cell.down > 1 or cell.continues:
            properties += "<w:vMerge/>" if cell.continues else '<w:vMerge w:val="restart"/>'
        is_head = cell.element is not None and cell.element.tag == "th"
        if is_head:
            properties += '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>'
        inner = Writer(
            max(width - 216, 300),
            self.new_list,
            self.bullets,
            depth=self.depth + 1,
            tables=self.tables + 1,
            new_id=self.new_id,
            draw=self.draw,
        )
        if cell.element is not None and not cell.continues:
            inner.flow(cell.element, _Look("TableHead" if is_head else "TableText", then=""))
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{end_cell(inner.out, 'TableText')}</w:tc>"


def end_cell(blocks: list[str], style: str) -> str:
    """Return blocks as the content of a cell, which must end with a paragraph."""
    if not blocks:
        return paragraph("", style)
    return "".join(blocks) + (TAIL if blocks[-1].endswith("</w:tbl>") else "")


def rich_blocks(
    canonical: str,
    width: int,
    new_list: Callable[[], int],
    bullets: int = 1,
    new_id: Callable[[], int] | None = None,
    draw: Draw | None = None,
) -> list[str]:
    """Return the paragraphs and tables of a rich text that has `width` twentieths of a point."""
    canonical = richtext.strip_control(canonical)
    if not canonical.strip():
        return []
    writer = Writer(width, new_list, bullets, new_id=new_id, draw=draw)
    writer.flow(_tree(canonical), _Look())
    return writer.out


def _tree(canonical: str) -> etree._Element:
    """Return the tree of a text; whatever no parser takes whole (too deep, not canonical) comes as plain paragraphs."""
    closed = _VOID.sub(r"<\1/>", canonical).replace("&nbsp;", "\u00a0")
    try:
        return parse(f"<div>{closed}</div>")
    except etree.XMLSyntaxError:
        plain = richtext.plain(canonical)
    page = etree.fromstring(f"<div>{canonical}</div>", etree.HTMLParser(huge_tree=True, remove_comments=True))
    tree = next(page.iter("div"))
    if _letters(text_of(tree)) != _letters(plain):
        tree = etree.Element("div")
        for line in plain.split("\n"):
            etree.SubElement(tree, "p").text = line
    return tree


def _letters(text: str) -> str:
    return re.sub(r"[\s・]+", "", text)


def _body_style(node: etree._Element) -> str:
    """A paragraph that brings its own indent, number or bracket gets no second one."""
    if node.tag == "figure":
        return "BodyTextFlat"
    start = (node.text or "").lstrip(" \n")[:1]
    return "BodyTextFlat" if start and start in "\u3000（(・●○◎■□◆◇※→0123456789０１２３４５６７８９" else "BodyText"


def _plain_lines(node: etree._Element) -> Iterable[str]:
    text = " ".join(str(part) for part in node.itertext() if part.strip())
    return [text] if text else []


def _day(text: str) -> str:
    try:
        return write_day(date.fromisoformat(text), weekday=False)
    except ValueError:
        return text


def _linked(node: etree._Element, runs: list[str]) -> list[str]:
    address = node.get("href", "") if node.tag == "a" else ""
    if not runs or not _SAFE_ADDRESS.fullmatch(address):
        return runs
    instruction = escape(f'HYPERLINK "{address}"')
    return [f'<w:fldSimple w:instr="{instruction}">', *runs, "</w:fldSimple>"]


def _between_cells(node: etree._Element) -> Iterator[str]:
    """Yield the text of a table that stands in no cell; browsers move it out, but nothing is to be lost."""
    if (node.text or "").strip():
        yield str(node.text)
    for child in node:
        if child.tag in ("thead", "tbody", "tfoot", "tr"):
            yield from _between_cells(child)
        elif child.tag not in ("td", "th", "caption"):
            yield text_of(child)
        if (child.tail or "").strip():
            yield str(child.tail)


def _own_table(row: etree._Element) -> etree._Element | None:
    return next(row.iterancestors("table"), None)


def _span(cell: etree._Element, name: str) -> int:
    text = cell.get(name, "1")
    return max(1, min(int(text[:4]), 1000)) if text.isdecimal() else 1


def _grid(rows: list[etree._Element]) -> list[list[_Cell]]:
    """Lay the cells of a table on a grid where every row is full and merged cells are spelled out."""
    grid: list[list[_Cell]] = []
    hanging: dict[int, tuple[int, int]] = {}  # what the row above leaves: column -> (rows to cover, columns across)
    for index, row in enumerate(rows):
        line: list[_Cell] = []
        below: dict[int, tuple[int, int]] = {}
        waiting = deque(cell for cell in row if cell.tag in ("td", "th"))
        column = 0
        while waiting or any(start >= column for start in hanging):
            if column >= _MOST_COLUMNS:
                _join([*grid, line], waiting.popleft())
                continue
            if column in hanging:
                down, across = hanging[column]
                line.append(_Cell(None, across, continues=True))
            elif waiting:
                room = min([start for start in hanging if start > column], default=_MOST_COLUMNS) - column
                cell = waiting.popleft()
                down, across = min(_span(cell, "rowspan"), len(rows) - index), min(_span(cell, "colspan"), room)
                line.append(_Cell(cell, across, down))
            else:
                down, across = 1, 1
                line.append(_Cell(None))
            if down > 1:
                below[column] = (down - 1, across)
            column += across
        grid.append(line)
        hanging = below
    return _squared(grid)


def _join(lines: list[list[_Cell]], extra: etree._Element) -> None:
    """Give the text of a cell that has no room to the last cell before it."""
    before = (cell.element for line in reversed(lines) for cell in reversed(line) if cell.element is not None)
    etree.SubElement(next(before), "p").text = text_of(extra)


def _squared(grid: list[list[_Cell]]) -> list[list[_Cell]]:
    width = max((sum(cell.across for cell in line) for line in grid), default=0)
    for line in grid:
        line += [_Cell(None)] * (width - sum(cell.across for cell in line))
    return grid if width else []


def _widths(grid: list[list[_Cell]], width: int) -> list[int]:
    """Share the width: a column of long cells gets more, none gets less than a few characters if there is room."""
    columns = sum(cell.across for cell in grid[0])
    weights = [2.0] * columns
    for line in grid:
        column = 0
        for cell in line:
            if cell.element is not None and cell.across == 1:
                length = sum(len(part) for part in cell.element.itertext())
                weights[column] = max(weights[column], min(length, 60) ** 0.75)
            column += cell.across
    total = sum(weights)
    shares = [max(int(width * weight / total), 1) for weight in weights]
    shares[-1] += max(width - sum(shares), 0)
    return shares
