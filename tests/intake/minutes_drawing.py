"""Pens for the made-up minutes: a Word file, an Excel book, a PDF and a text, each written with a few strokes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import docx
import openpyxl
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

Row = Sequence[Any]


class Word:
    """A Word document in the making."""

    def __init__(self) -> None:
        self.file = docx.Document()

    def p(self, text: str = "", *, bold: bool = False, style: str | None = None, indent: float = 0) -> Any:
        paragraph = self.file.add_paragraph(style=style)
        run = paragraph.add_run(text)
        run.bold = bold or None
        if indent:
            paragraph.paragraph_format.left_indent = Pt(10.5 * indent)
        return paragraph

    def lines(self, *texts: str) -> Word:
        for text in texts:
            self.p(text)
        return self

    def table(self, rows: Sequence[Row], merges: Sequence[tuple[int, int, int, int]] = ()) -> Any:
        """Add a table; None is an empty cell, and each merge is (row, column, last row, last column)."""
        table = self.file.add_table(rows=len(rows), cols=max(len(row) for row in rows))
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                if text:
                    first, *others = str(text).split("\n")
                    table.cell(r, c).paragraphs[0].add_run(first)
                    for other in others:
                        table.cell(r, c).add_paragraph(other)
        for top, left, bottom, right in merges:
            table.cell(top, left).merge(table.cell(bottom, right))
        return table

    def nested(self, cell: Any, rows: Sequence[Row]) -> None:
        inner = cell.add_table(rows=len(rows), cols=len(rows[0]))
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                inner.cell(r, c).text = str(text)

    def control(self, label: str, value: str) -> None:
        """Add a line whose value stands in a content control, as forms of Word 2007 and later have it."""
        paragraph = self.p(label)
        run = f'<w:r><w:t xml:space="preserve">{value}</w:t></w:r>'
        paragraph._p.append(parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtPr/><w:sdtContent>{run}</w:sdtContent></w:sdt>"))

    def changed(self, before: str, deleted: str, inserted: str) -> None:
        """Add a line with a tracked deletion and a tracked insertion."""
        paragraph = self.p(before)
        for tag, text_tag, text in (("w:del", "w:delText", deleted), ("w:ins", "w:t", inserted)):
            mark, run, said = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
            mark.set(qn("w:id"), "1")
            mark.set(qn("w:author"), "x")
            said.text = text
            run.append(said)
            mark.append(run)
            paragraph._p.append(mark)

    def box(self, text: str) -> None:
        """Add a text box."""
        shape = (
            f'<w:r {nsdecls("w")}><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox><w:txbxContent>'
            f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        )
        self.p()._p.append(parse_xml(shape))

    def bytes(self) -> bytes:
        return _saved(self.file)


class Excel:
    """An Excel book in the making."""

    def __init__(self, title: str = "Sheet1") -> None:
        self.file = openpyxl.Workbook()
        self.sheet: Any = self.file.active
        self.sheet.title = title

    def put(self, place: str, value: Any, format_: str = "") -> Excel:
        cell = self.sheet[place.partition(":")[0]]
        cell.value = value
        if format_:
            cell.number_format = format_
        if ":" in place:
            self.sheet.merge_cells(place)
        return self

    def rows(self, first: int, rows: Sequence[Row], left: int = 1) -> Excel:
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None:
                    self.sheet.cell(first + r, left + c, value)
        return self

    def page(self, title: str) -> Excel:
        self.sheet = self.file.create_sheet(title)
        return self

    def bytes(self) -> bytes:
        return _saved(self.file)


class Page:
    """A PDF in the making: text at places counted in millimetres from the top left."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
        self._canvas = Canvas(self._buffer, pagesize=(595, 842))
        self._y = 20.0
        self._font()

    def _font(self) -> None:
        self._canvas.setFont("HeiseiMin-W3", 10.5)

    def at(self, x: float, y: float, text: str) -> Page:
        self._canvas.drawString(x * 2.8346, 842 - y * 2.8346, text)
        return self

    def lines(self, *texts: str, x: float = 25, step: float = 6.5) -> Page:
        for text in texts:
            indent = len(text) - len(text.lstrip("\u3000"))
            self.at(x + indent * 3.7, self._y, text.strip("\u3000"))
            self._y += step
        return self

    def row(self, *cells: tuple[float, str], step: float = 8) -> Page:
        for x, text in cells:
            self.at(x, self._y, text)
        self._y += step
        return self

    def turn(self) -> Page:
        self._canvas.showPage()
        self._font()
        self._y = 20.0
        return self

    def bytes(self) -> bytes:
        self._canvas.save()
        return self._buffer.getvalue()


def _saved(file: Any) -> bytes:
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()
