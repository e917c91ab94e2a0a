"""Word paragraphs, lists and tables as canonical HTML: the way back of portal.word.rich."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from portal.kinds import richtext
from portal.kinds.calendar import parse_day
from portal.word.reading_sheet import Block, Cell, Paragraph, Row, Stretch, Table, paragraphs_in
from portal.word.rich import BLOCK_ABOUT, BLOCK_BEGINS, BLOCK_ENDS, BLOCK_TITLES

_BLOCKS = {title: name for name, title in BLOCK_TITLES.items()}
_ABOUT = re.compile("（(?:担当：(?P<owner>.*?))?\u3000?(?:期限：(?P<due>[^：]*))?）")
_HEADING = re.compile(r"(?:heading|見出し)([1-9])")
_LINKS = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_BOLD, _ITALIC = 1, 2
_INDENT = 420
_DEEPEST = 10
"""Tables inside tables; what lies deeper comes as plain paragraphs."""


def html_blocks(blocks: Sequence[Block], depth: int = 0) -> list[str]:
    """Return paragraphs and tables as HTML, one string for each block that stands alone."""
    writer = _Writer(depth)
    for block in blocks:
        writer.take(block)
    return writer.finish()


@dataclass
class _List:
    kind: str
    items: list[str] = field(default_factory=list)

    def markup(self) -> str:
        return f"<{self.kind}>{''.join(f'<li>{item}</li>' for item in self.items)}</{self.kind}>"


@dataclass
class _Writer:
    depth: int
    out: list[str] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    caption: str = ""
    section: list[str] | None = None
    block: str = ""
    outside: list[str] = field(default_factory=list)

    def take(self, block: Block) -> None:
        if isinstance(block, Table):
            self._table(block)
            return
        begins = any(name.startswith(BLOCK_BEGINS) for _, name in block.marks)
        if begins or (block.text.strip() in _BLOCKS and _level(block) == "h3"):
            self._begin_section(block)
        else:
            self._paragraph(block)
        for _, name in block.marks:
            if name.startswith((BLOCK_ENDS, BLOCK_ABOUT)):
                self._end_section(tells=name.startswith(BLOCK_ABOUT))

    def _table(self, table: Table) -> None:
        self._end_lists()
        if self.depth < _DEEPEST:
            self.out.append(_table(table, self.caption, self.depth))
            self.caption = ""
            return
        for block in paragraphs_in([table]):
            self._paragraph(block)

    def _paragraph(self, block: Paragraph) -> None:
        shown = _inline(block.stretches)
        place = block.item if block.item is not None and block.item[0] else None
        if place is not None:
            self._item(place[0], place[1], begins=bool(place[2]), shown=shown)
        elif not block.text.strip():
            return
        elif block.style == "caption":
            self._end_lists()
            self._end_caption()
            self.caption = shown
        elif self.lists and block.item is not None:
            self._end_lists(keep=max(1, block.indent // _INDENT))
            self.lists[-1].items[-1] += f"<p>{shown}</p>"
        else:
            self._end_lists()
            self._end_caption()
            level = _level(block)
            self.out.append(f"<{level}>{shown}</{level}>")

    # -- lists --------------------------------------------------------------------------------------------------------

    def _item(self, kind: str, level: int, *, begins: bool, shown: str) -> None:
        self._end_caption()
        self._end_lists(keep=level + 1)
        if len(self.lists) == level + 1 and (begins or self.lists[-1].kind != kind):
            self._end_lists(keep=level)
        while len(self.lists) <= level:
            if self.lists and not self.lists[-1].items:
                self.lists[-1].items.append("")
            self.lists.append(_List(kind))
        self.lists[-1].items.append(f"<p>{shown}</p>" if shown.strip() else "")

    def _end_lists(self, keep: int = 0) -> None:
        while len(self.lists) > keep:
            ended = self.lists.pop().markup()
            if self.lists:
                self.lists[-1].items[-1] += ended
            else:
                self.out.append(ended)

    # -- decisions and issues -----------------------------------------------------------------------------------------

    def _begin_section(self, block: Paragraph) -> None:
        self._end_section()
        self._end_caption()
        title = block.text.strip()
        self.block = _BLOCKS.get(title, "decision" if "決定" in title else "issue")
        self.outside, self.out = self.out, []
        self.section = []
        if title not in _BLOCKS:
            self.out.append(f"<h3>{_inline(block.stretches)}</h3>")

    def _end_section(self, *, tells: bool = True) -> None:
        self._end_lists()
        self._end_caption()
        if self.section is None:
            return
        about = _about(self.out[-1]) if self.out and tells else ""
        inner = "".join(self.out[:-1] if about else self.out)
        self.out = [*self.outside, f'<section data-block="{self.block}"{about}>{inner}</section>']
        self.section = None

    def _end_caption(self) -> None:
        """A caption no table follows is a paragraph."""
        if self.caption:
            self.out.append(f"<p>{self.caption}</p>")
            self.caption = ""

    def finish(self) -> list[str]:
        self._end_section()
        return self.out


def _about(paragraph: str) -> str:
    """Return the attributes of a block's last line, （担当：…　期限：…）, or nothing when it is another line."""
    found = _ABOUT.fullmatch(html.unescape(re.sub(r"</?p>", "", paragraph)))
    if found is None or not (found["owner"] or found["due"]):
        return ""
    attributes = [("data-owner", found["owner"]), ("data-due", _due(found["due"] or ""))]
    return "".join(f' {name}="{html.escape(value)}"' for name, value in attributes if value)


def _due(text: str) -> str:
    try:
        return parse_day(text).isoformat() if text else ""
    except ValueError:
        return text


def _level(block: Paragraph) -> str:
    found = _HEADING.fullmatch(block.style)
    return "p" if found is None else "h2" if int(found[1]) <= 2 else "h3"


# --- text -----------------------------------------------------------------------------------------------------------------


def _inline(stretches: Sequence[Stretch]) -> str:
    """Return the text of a paragraph, marks nested as the editor nests them: link, then slanted, then strong."""
    shown: list[str] = []
    opened: list[str] = []
    picture = ""
    for one in stretches:
        if one.deleted or not one.text:
            continue
        before, picture = picture, one.picture
        if picture:
            # The editors may cut a description into runs; the picture is one all the same.
            shown += [] if picture == before else [richtext.picture(int(picture), _described(stretches, picture))]
            continue
        wanted = _tags(one)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(opened, wanted, strict=False)))
        shown += [f"</{tag.split(' ')[0]}>" for tag in reversed(opened[shared:])]
        shown += [f"<{tag}>" for tag in wanted[shared:]]
        shown.append(html.escape(one.text, quote=False).replace("\t", " ").replace("\n", "<br>"))
        opened = wanted
    shown += [f"</{tag.split(' ')[0]}>" for tag in reversed(opened)]
    return "".join(shown).strip(" ")


def _described(stretches: Sequence[Stretch], picture: str) -> str:
    words = "".join(one.text for one in stretches if one.picture == picture and not one.deleted)
    return html.escape(words.removeprefix("［図：").removesuffix("］"))


def _tags(one: Stretch) -> list[str]:
    tags = [f'a href="{html.escape(one.address)}"'] if _LINKS.match(one.address) else []
    tags += ["em"] if one.look & _ITALIC else []
    return [*tags, "strong"] if one.look & _BOLD else tags


# --- tables ---------------------------------------------------------------------------------------------------------------


def _table(table: Table, caption: str, depth: int) -> str:
    heads = _heads(table.rows)
    lines = [_row(row, table.rows[number:], depth, head=number < heads) for number, row in enumerate(table.rows)]
    shown = f"<caption>{caption}</caption>" if caption else ""
    for tag, part in (("thead", lines[:heads]), ("tbody", lines[heads:])):
        shown += f"<{tag}>{''.join(part)}</{tag}>" if part else ""
    return f"<table>{shown}</table>"


def _heads(rows: Sequence[Row]) -> int:
    """Return how many rows are the table's head, as the editor counts them; LibreOffice flags too many rows or none."""
    heads = 0
    while heads < len(rows) and all(map(_is_head, rows[heads].cells)) and (heads < len(rows) - 1 or rows[heads].head):
        heads += 1
    if not heads and not any(_is_head(cell) for row in rows for cell in row.cells):
        heads = next((number for number, row in enumerate(rows) if not row.head), len(rows))
    return heads


def _is_head(cell: Cell) -> bool:
    first = next((one for one in cell.blocks if isinstance(one, Paragraph)), None)
    return first is not None and first.style in ("表見出し", "tablehead")


def _row(row: Row, below: Sequence[Row], depth: int, *, head: bool) -> str:
    cells = "".join(_cell(cell, below, depth, head=head) for cell in row.cells if cell.merge != "continue")
    return f"<tr>{cells}</tr>"


def _cell(cell: Cell, below: Sequence[Row], depth: int, *, head: bool) -> str:
    tag = "th" if _is_head(cell) else "td"
    spans = f' scope="{"col" if head else "row"}"' if tag == "th" else ""
    spans += f' colspan="{cell.across}"' if cell.across > 1 else ""
    if cell.merge == "restart" and (down := 1 + sum(1 for _ in takewhile(cell.goes_on_in, below[1:]))) > 1:
        spans += f' rowspan="{down}"'
    return f"<{tag}{spans}>{''.join(html_blocks(cell.blocks, depth + 1))}</{tag}>"


def clean_blocks(blocks: Sequence[str]) -> str:
    """Return HTML blocks as one canonical text."""
    return str(richtext.clean("".join(blocks))) if blocks else ""
