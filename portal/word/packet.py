"""A packet for a meeting or a month: cover, 次第, contents with page numbers, and behind them one slot after the other.

Page numbers are real references. What they say before an editor counts the pages anew comes from `pages`: a packet is drawn
without, printed, and drawn again with the numbers the printer found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.kinds.richtext import strip_control
from portal.word.binding import Book
from portal.word.markup import escape, paragraph, run

_PAGE = (
    '<w:sectPr>{footer}<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1418" w:right="1134" w:bottom="1134" w:left="1418"'
    ' w:header="737" w:footer="567" w:gutter="0"/>{numbers}<w:cols w:space="720"/><w:docGrid w:linePitch="360"/></w:sectPr>'
)
_REPEATED = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
_WHOLE = "<w:trPr><w:cantSplit/></w:trPr>"
_WIDTHS = (680, 2000, 5494, 1180)


@dataclass(frozen=True)
class Entry:
    """One document of a slot."""

    title: str
    docx: bytes


@dataclass(frozen=True)
class Slot:
    """One place of a packet, a ward for instance. Without documents it says `missing` on a page of its own."""

    label: str
    entries: Sequence[Entry] = ()
    missing: str = ""


@dataclass(frozen=True)
class Packet:
    """What a packet is made of. `facts` stand on the cover: name and value; `agenda` are the lines of the 次第."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    agenda: Sequence[str] = ()
    slots: Sequence[Slot] = ()


def bookmarks(packet: Packet) -> dict[str, str]:
    """Return the bookmark on the first page of each part, and what opens it."""
    found = {}
    for number, slot in enumerate(packet.slots, 1):
        for place, title in enumerate([one.title for one in slot.entries] or [slot.missing], 1):
            found[_mark(number, place)] = strip_control(f"{slot.label}　{title}")
    return found


def _mark(slot: int, place: int) -> str:
    return f"slot{slot}x{place}"  # letters and figures alone: LibreOffice writes others differently into a PDF


def draw_packet(packet: Packet, pages: Mapping[str, int] | None = None) -> bytes:
    """Return a packet as one Word file; `pages` are the page numbers of its bookmarks, when they are known."""
    known = pages or {}
    book = Book()
    book.add_pages(_front(packet, known), _PAGE.format(footer=_footer(book, packet), numbers=_numbers("lowerRoman")))
    first = True
    for number, slot in enumerate(packet.slots, 1):
        for place, entry in enumerate(slot.entries, 1):
            book.add_file(entry.docx, bookmark=_mark(number, place), start=1 if first else None)
            first = False
        if not slot.entries:
            section = _PAGE.format(footer=_footer(book, packet), numbers=_numbers("decimal") if first else "")
            book.add_pages(_missing(slot), section, bookmark=_mark(number, 1))
            first = False
    return book.to_bytes(packet.title)


def _numbers(form: str) -> str:
    return f'<w:pgNumType w:fmt="{form}" w:start="1"/>'


def _footer(book: Book, packet: Packet) -> str:
    page = '<w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    number = book.add_footer(paragraph(f"{run(packet.title)}<w:r><w:tab/></w:r>{page}", "Footer"))
    return f'<w:footerReference w:type="default" r:id="{number}"/>'


def _front(packet: Packet, pages: Mapping[str, int]) -> str:
    """Return cover, 次第 and contents."""
    blocks = [paragraph("", properties='<w:spacing w:before="3600"/>'), paragraph(run(packet.title), "Title")]
    blocks.append(paragraph("", properties='<w:spacing w:before="1200"/>'))
    blocks += [paragraph(run(f"{name}　{value}"), properties='<w:jc w:val="center"/>') for name, value in packet.facts]
    if packet.agenda:
        blocks.append(_heading("次　第"))
        blocks += [paragraph(run(f"{number}　{line}"), "BodyTextFlat") for number, line in enumerate(packet.agenda, 1)]
    blocks += [_heading("目　次"), _contents(packet, pages), paragraph("", "Tail")]
    return "".join(blocks)


def _heading(text: str) -> str:
    return paragraph(run(text), "Title", "<w:pageBreakBefore/>")


def _contents(packet: Packet, pages: Mapping[str, int]) -> str:
    head = _row(_REPEATED, [run(name) for name in ("番号", "区・名称", "文書", "ページ")], "TableHead")
    rows = []
    for number, slot in enumerate(packet.slots, 1):
        titles = [one.title for one in slot.entries] or [slot.missing]
        for place, title in enumerate(titles, 1):
            mark = _mark(number, place)
            named = [run(str(number)), run(slot.label)] if place == 1 else [run(""), run("")]
            linked = f'<w:hyperlink w:anchor="{mark}" w:history="1">{run(title)}</w:hyperlink>'
            rows.append(_row(_WHOLE, [*named, linked, _page_of(mark, pages.get(mark))], "TableText"))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in _WIDTHS)
    about = (
        f'<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:type="dxa" w:w="{sum(_WIDTHS)}"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'
        '<w:tblCaption w:val="目次"/></w:tblPr>'
    )
    return f"<w:tbl>{about}<w:tblGrid>{grid}</w:tblGrid>{head}{''.join(rows)}</w:tbl>"


def _row(about: str, cells: Sequence[str], style: str) -> str:
    right = '<w:jc w:val="right"/>' if style == "TableText" else ""
    drawn = (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{paragraph(runs, style, right if place in (0, 3) else '')}</w:tc>"
        for place, (width, runs) in enumerate(zip(_WIDTHS, cells, strict=True))
    )
    return f"<w:tr>{about}{''.join(drawn)}</w:tr>"


def _page_of(mark: str, page: int | None) -> str:
    """Return a reference to the page of a bookmark; one whose number is not known is counted when the file is opened."""
    known = "" if page else ' w:dirty="true"'
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{known}/></w:r><w:r><w:instrText xml:space="preserve"> PAGEREF {escape(mark)} \\h '
        f'</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(str(page or ""))}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _missing(slot: Slot) -> str:
    return "".join(
        [
            paragraph("", properties='<w:spacing w:before="4800"/>'),
            paragraph(run(slot.label), "Title"),
            paragraph(run(slot.missing), properties='<w:jc w:val="center"/>'),
        ]
    )


__all__ = ["Entry", "Packet", "Slot", "bookmarks", "draw_packet"]
