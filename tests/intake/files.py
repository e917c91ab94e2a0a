"""Files as offices send them, and as nobody should: built here from their bytes, so that each fault is exactly one."""

import io
import struct
import zipfile
import zlib

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
}

Parts = dict[str, bytes | str]


def zipped(parts: Parts) -> bytes:
    """Return a zip file of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def relations(**targets: str) -> str:
    """Return a relations part: kind_1="target.xml" points to target.xml as being of that kind."""
    rows = "".join(
        f'<Relationship Id="{name}" Type="{_REL}/{name.rpartition("_")[0]}" Target="{target}"/>'
        for name, target in targets.items()
    )
    return f'<Relationships xmlns="{_RELS}">{rows}</Relationships>'


def package(extension: str, main: bytes | str, parts: Parts | None = None) -> Parts:
    """Return the parts of an Office package around its main part."""
    path, kind = _MAIN[extension]
    override = f'<Override PartName="/{path}" ContentType="application/vnd.openxmlformats-officedocument.{kind}"/>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">{override}</Types>',
        "_rels/.rels": relations(officeDocument_1=path),
        path: main,
        **(parts or {}),
    }


def document(body: str) -> str:
    """Return the main part of a Word document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document {W}><w:body>{body}</w:body></w:document>'


def paragraph(text: str) -> str:
    """Return one Word paragraph."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str, parts: Parts | None = None) -> bytes:
    """Return a Word document with this body."""
    return zipped(package("docx", document(body), parts))


def xlsx(rows: str, parts: Parts | None = None, *, sheet: str = "出席者") -> bytes:
    """Return an Excel book with one sheet of these rows."""
    main = (
        f'<workbook xmlns:r="{_REL}"><sheets><sheet name="{sheet}" sheetId="1" r:id="worksheet_1"/></sheets></workbook>'
    )
    own: Parts = {
        "xl/_rels/workbook.xml.rels": relations(
            worksheet_1="worksheets/sheet1.xml", sharedStrings_1="sharedStrings.xml", styles_1="styles.xml"
        ),
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
    }
    return zipped(package("xlsx", main, {**own, **(parts or {})}))


def pptx(slides: list[str], parts: Parts | None = None) -> bytes:
    """Return a presentation whose slides hold these texts, stored in the opposite order of showing them."""
    numbers = range(1, len(slides) + 1)
    order = "".join(f'<p:sldId id="{255 + n}" r:id="slide_{n}"/>' for n in numbers)
    main = f'<p:presentation xmlns:p="p" xmlns:r="{_REL}"><p:sldIdLst>{order}</p:sldIdLst></p:presentation>'
    stored = {n: len(slides) + 1 - n for n in numbers}
    own: Parts = {
        "ppt/_rels/presentation.xml.rels": relations(**{f"slide_{n}": f"slides/slide{stored[n]}.xml" for n in numbers})
    }
    for n, text in zip(numbers, slides, strict=True):
        own[f"ppt/slides/slide{stored[n]}.xml"] = (
            f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>'
        )
    return zipped(package("pptx", main, {**own, **(parts or {})}))


def pdf(page: bytes, *, objects: bytes = b"", trailer: bytes = b"") -> bytes:
    """Return a PDF of one page with this content stream; without a table, as a careless program writes it."""
    packed = zlib.compress(page)
    return b"".join(
        (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n",
            b"4 0 obj<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream endobj\n",
            b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n" + objects,
            b"trailer<</Root 1 0 R/Size 6" + trailer + b">>\nstartxref\n0\n%%EOF\n",
        )
    )


def ole(streams: dict[str, bytes], storages: tuple[str, ...] = ()) -> bytes:
    """Return an old Office container with these streams, each padded so that it needs no small sectors."""
    sector, data, table = 512, b"", []
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0)] + [_entry(name, 1, 0, 0) for name in storages]
    for name, content in streams.items():
        padded = content.ljust(4096, b"\x00")
        padded += b"\x00" * (-len(padded) % sector)
        first, count = len(table), len(padded) // sector
        table += [*range(first + 1, first + count), 0xFFFFFFFE]
        entries.append(_entry(name, 2, first, max(len(content), 4096)))
        data += padded
    directory = b"".join(entries)
    directory += b"\x00" * (-len(directory) % sector)
    first_directory, count = len(table), len(directory) // sector
    table += [*range(first_directory + 1, first_directory + count), 0xFFFFFFFE]
    first_table = len(table)
    table_sectors = -(-(first_table + 1) // 127)
    table += [0xFFFFFFFD] * table_sectors
    packed = b"".join(struct.pack("<I", number) for number in table).ljust(table_sectors * sector, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\x00" * 6 + struct.pack("<II", 0, table_sectors)
    header += struct.pack("<7I", first_directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    places = [*range(first_table, first_table + table_sectors)]
    header += struct.pack("<109I", *places, *[0xFFFFFFFF] * (109 - len(places)))
    return header + data + directory + packed


def _entry(name: str, kind: int, first: int, size: int) -> bytes:
    coded = (name + "\x00").encode("utf-16-le")
    record = coded.ljust(64, b"\x00") + struct.pack("<HBB", len(coded), kind, 1) + struct.pack("<3i", -1, -1, -1)
    return record.ljust(116, b"\x00") + struct.pack("<IQ", first, size)


def doc(
    pieces: list[str | bytes], *, flags: int = 0, version: int = 193, deleted: tuple[int, int] | None = None
) -> bytes:
    """Return a Word 97 document of these pieces: text as two bytes a letter, bytes as one; `deleted` by letter of piece 0."""
    start = 1024
    body, places, plan, at = b"", [0], b"", start
    for piece in pieces:
        wide = isinstance(piece, str)
        coded = piece.encode("utf-16-le") if isinstance(piece, str) else piece
        coded += b"\x00" * (len(coded) % 2)
        plan += struct.pack("<HIH", 0, at if wide else (at * 2) | 0x40000000, 0)
        places.append(places[-1] + (len(coded) // 2 if wide else len(piece)))
        body, at = body + coded, at + len(coded)
    pieces_plan = b"".join(struct.pack("<I", place) for place in places) + plan
    clx = b"\x02" + struct.pack("<I", len(pieces_plan)) + pieces_plan
    changes = b""
    if deleted:
        first, last = (start + 2 * letter for letter in deleted)
        page_number = -(-at // 512)
        page = struct.pack("<4I", start, first, last, at) + bytes([0, 250, 0]) + b"\x00" * 400
        page = page[:500].ljust(500, b"\x00") + b"\x03\x00\x08\x01"
        body = body.ljust(page_number * 512 - start, b"\x00") + page.ljust(511, b"\x00") + b"\x03"
        changes = struct.pack("<III", start, at, page_number)
    head = bytearray(start)
    struct.pack_into("<HH", head, 0, 0xA5EC, version)
    struct.pack_into("<H", head, 0x0A, flags)
    struct.pack_into("<II", head, 0x00FA, len(clx), len(changes))
    struct.pack_into("<II", head, 0x01A2, 0, len(clx))
    return ole({"WordDocument": bytes(head) + body, "0Table": clx + changes})


def record(kind: int, body: bytes) -> bytes:
    """Return one record of an old Excel book."""
    return struct.pack("<HH", kind, len(body)) + body


def xls(*sheet: bytes, book: bytes = b"") -> bytes:
    """Return an old Excel book with one sheet of these records."""
    name = "名簿".encode("utf-16-le")
    front = record(0x809, struct.pack("<HH", 0x600, 5) + b"\x00" * 12) + book
    front += record(0x85, struct.pack("<IBB", 0, 0, 0) + bytes([2, 1]) + name) + record(0x0A, b"")
    body = record(0x809, struct.pack("<HH", 0x600, 0x10) + b"\x00" * 12) + b"".join(sheet) + record(0x0A, b"")
    return ole({"Workbook": front + body})


def png(width: int, height: int) -> bytes:
    """Return the beginning of a PNG of this size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
