"""Small office files written by hand: Excel, PDF and plain text, enough to be opened, read and found. Word files: portal.word.drawing."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OOXML = "http://schemas.openxmlformats.org"
_RELATIONS = f"{_OOXML}/package/2006/relationships"
_OFFICE = f"{_OOXML}/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument"


def xlsx(sheet: str, rows: Sequence[Sequence[str | int]]) -> bytes:
    """Return an Excel file of one sheet."""
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(value, column, number) for column, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    main = f"{_OOXML}/spreadsheetml/2006/main"
    book = (
        f'<workbook xmlns="{main}" xmlns:r="{_OFFICE}"><sheets><sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    )
    parts = {
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": _relations("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>',
    }
    more = {"xl/worksheets/sheet1.xml": f"{_CONTENT}.spreadsheetml.worksheet+xml"}
    return _package("xl/workbook.xml", f"{_CONTENT}.spreadsheetml.sheet.main+xml", parts, more)


def _cell(value: str | int, column: int, row: int) -> str:
    place = f"{chr(ord('A') + column)}{row}"
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def _relations(kind: str, target: str) -> str:
    return f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'


def _package(main: str, main_type: str, parts: dict[str, str], more_types: dict[str, str] | None = None) -> bytes:
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name, kind in {main: main_type, **(more_types or {})}.items()
    )
    types = (
        f'<Types xmlns="{_OOXML}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    everything = {"[Content_Types].xml": types, "_rels/.rels": _relations("officeDocument", main), **parts}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in everything.items():
            package.writestr(zipfile.ZipInfo(name, (2026, 4, 1, 9, 0, 0)), _HEAD + text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF of one page, in a standard Japanese font that every viewer brings along."""
    text = b" ".join(b"<%s> Tj T*" % line.encode("utf-16-be").hex().upper().encode() for line in lines)
    page = b"BT /F1 11 Tf 18 TL 64 770 Td %s ET" % text
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /Lang (ja-JP) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 /Encoding /UniJIS-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /DW 1000 /FontDescriptor 7 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [-92 -250 1010 922] /ItalicAngle 0"
        b" /Ascent 752 /Descent -221 /CapHeight 737 /StemV 114 >>",
    )
    return _with_table_of_objects(objects)


def _with_table_of_objects(objects: Sequence[bytes]) -> bytes:
    written, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(written))
    )


def txt(lines: Sequence[str]) -> bytes:
    """Return a text file as Windows writes it: a byte order mark and CR LF."""
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()
