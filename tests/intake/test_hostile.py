"""Given a file made to hurt, the portal goes on: an answer in time, in words, and nothing left running."""

import io
import random
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import msoffcrypto.format.ooxml
import pypdf
import pytest

from portal.intake import ALLOWED, Extracted, Limits, extract
from tests.intake import files
from tests.intake.files import W, document, docx, package, paragraph, pdf, xlsx, zipped

Read = Callable[..., Extracted]
STATUSES = {"ok", "empty", "encrypted", "damaged", "too_large", "timeout", "unsupported", "refused"}
# What is refused for its size must not be ended by the clock first, however busy the machine is.
RELAXED = Limits(ratio=100_000, wall_seconds=90, cpu_seconds=60)


def repeated(unit: bytes, times: int, before: bytes, after: bytes) -> bytes:
    return before + unit * times + after


def test_a_bomb_is_refused_by_its_declared_size(read: Read) -> None:
    found = read("docx", docx("", {"word/a.xml": b"\x00" * 310_000_000}))
    assert found.status == "too_large"
    assert "展開すると" in found.message


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(read: Read) -> None:
    content = bytearray(zipped(package("docx", document(paragraph("x") * 2_000_000))))
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        entry = opened.getinfo("word/document.xml")
    true, false = struct.pack("<I", entry.file_size), struct.pack("<I", 1000)
    while (at := content.find(true)) >= 0:
        content[at : at + 4] = false
    found = read("docx", bytes(content))
    assert found.status == "damaged"


def test_millions_of_empty_elements_are_not_a_document(read: Read) -> None:
    main = repeated(b"<w:p/>", 4_000_000, f"<w:document {W}><w:body>".encode(), b"</w:body></w:document>")
    found = read("docx", zipped(package("docx", main)), RELAXED)
    assert found.status == "too_large"
    assert "要素が多すぎる" in found.message


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE x [<!ENTITY a "はは"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_document_that_declares_entities_is_refused(read: Read, prolog: str, coding: str) -> None:
    body = "&c;" if "ENTITY" in prolog else ""
    main = f'<?xml version="1.0"?>{prolog}<w:document {W}><w:body>{paragraph(body)}</w:body></w:document>'
    found = read("docx", zipped(package("docx", main.encode(coding))))
    assert (found.status, found.text) == ("refused", "")
    assert "DOCTYPE" in found.message


@pytest.mark.parametrize(
    "part", ["_rels/.rels", "word/_rels/document.xml.rels", "docProps/core.xml", "word/footnotes.xml"]
)
def test_entities_in_any_part_are_refused(read: Read, part: str) -> None:
    parts: files.Parts = {
        "_rels/.rels": files.relations(officeDocument_1="word/document.xml").replace(
            "</Rel", '<Relationship Type="x/core-properties" Target="docProps/core.xml"/></Rel'
        ),
        "word/_rels/document.xml.rels": files.relations(footnotes_1="footnotes.xml"),
        "docProps/core.xml": "<x/>",
        "word/footnotes.xml": "<x/>",
    }
    parts[part] = "<!DOCTYPE x [<!ENTITY a 'x'>]>" + str(parts[part])
    assert read("docx", docx(paragraph("本文"), parts)).status == "refused"


@pytest.mark.parametrize("depth", [300, 100_000])
def test_tables_nested_beyond_reason_neither_crash_nor_hang(read: Read, depth: int) -> None:
    opening, closing = b"<w:tbl><w:tr><w:tc>", b"<w:p/></w:tc></w:tr></w:tbl>"
    inner = paragraph("一番奥").encode()
    main = f"<w:document {W}><w:body>".encode() + opening * depth + inner + closing * depth + b"</w:body></w:document>"
    found = read("docx", zipped(package("docx", main)), RELAXED)
    assert (found.status, found.text) == ("ok", "一番奥")


def test_text_boxes_nested_beyond_reason_neither_crash_nor_hang(read: Read) -> None:
    body = "<w:p><w:r><w:txbxContent>" * 20_000 + paragraph("奥") + "</w:txbxContent></w:r></w:p>" * 20_000
    assert read("docx", docx(body), RELAXED).status == "ok"


def test_a_sheet_with_cells_a_million_rows_apart_is_read_at_once(read: Read) -> None:
    rows = "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>2</v></c></row>"
    parts: files.Parts = {"xl/worksheets/x.xml": ""}
    found = read("xlsx", xlsx("<dimension ref='A1:XFD1048576'/>" + rows, parts))
    assert found.text == "出席者\n1\n2"


def test_a_sheet_of_a_million_cells_is_read_as_far_as_the_limit(read: Read) -> None:
    found = read("xlsx", xlsx("<row>" + "<c><v>1</v></c>" * 700_000 + "</row><row><c><v>2</v></c></row>"), RELAXED)
    assert found.status in ("ok", "empty")
    assert found.truncated


def test_a_sheet_that_points_to_strings_that_do_not_exist_is_read(read: Read) -> None:
    rows = "<row><c t='s'><v>99999999999999999999</v></c><c t='s'><v>-1</v></c><c s='99999'><v>1e999</v></c><c s='x'><v>abc</v></c></row>"
    assert read("xlsx", xlsx(rows)).text == "出席者\n1e999\tabc"


def test_one_endless_word_is_cut_at_the_text_limit(read: Read) -> None:
    found = read("docx", docx(paragraph("長" * 3_000_000)), RELAXED)
    assert (found.status, found.truncated, len(found.text)) == ("ok", True, 2_000_000)
    assert "途中まで" in found.message


def test_a_text_of_fifty_megabytes_is_cut_at_the_text_limit(read: Read) -> None:
    found = read("txt", "東成区の議事録。\n".encode() * 2_000_000)
    assert (found.status, found.truncated) == ("ok", True)
    assert 1_900_000 < len(found.text) <= 2_000_000


WHOLE = {
    "docx": docx("".join(paragraph(f"{n}番目の段落です。") for n in range(300))),
    "xlsx": xlsx("".join(f"<row><c><v>{n}</v></c></row>" for n in range(300))),
    "pptx": files.pptx([f"{n}枚目" for n in range(9)]),
    "pdf": pdf(b"BT /F 12 Tf 10 10 Td (report of the meeting) Tj ET"),
    "doc": files.doc(["古い議事録です。\r" * 100]),
    "xls": files.xls(*(files.record(0x203, struct.pack("<HHHd", n, 0, 0, n)) for n in range(300))),
    "rtf": rb"{\rtf1\ansicpg932" + rb"\'8b\'63\par " * 300 + b"}",
    "txt": "議事録".encode("cp932") * 300,
}


@pytest.mark.parametrize("extension", WHOLE)
def test_the_whole_file_is_read(read: Read, extension: str) -> None:
    assert read(extension, WHOLE[extension]).status == "ok"


@pytest.mark.parametrize("extension", WHOLE)
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.97])
def test_a_file_that_broke_off_gets_an_answer(read: Read, extension: str, kept: float) -> None:
    content = WHOLE[extension][: int(len(WHOLE[extension]) * kept)]
    found = read(extension, content)
    assert found.status in STATUSES
    assert found.status == "ok" or found.message


@pytest.mark.parametrize("extension", [e for e in WHOLE if e != "txt"])
def test_a_file_with_random_damage_gets_an_answer(read: Read, extension: str) -> None:
    chance = random.Random(extension)
    for _ in range(8):
        content = bytearray(WHOLE[extension])
        for _ in range(chance.choice([1, 5, 40])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        assert read(extension, bytes(content)).status in STATUSES


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx", "doc", "xls", "rtf", "pdf"])
@pytest.mark.parametrize("name", WHOLE)
def test_content_under_a_wrong_name_gets_an_answer(read: Read, extension: str, name: str) -> None:
    assert read(extension, WHOLE[name]).status in STATUSES


@pytest.mark.parametrize("part", ["word/h.xml", "docProps/core.xml", "word/_rels/document.xml.rels"])
def test_a_broken_part_on_the_side_does_not_cost_the_body(read: Read, part: str) -> None:
    parts: files.Parts = {
        "_rels/.rels": files.relations(officeDocument_1="word/document.xml").replace(
            "</Rel", '<Relationship Type="x/core-properties" Target="docProps/core.xml"/></Rel'
        ),
        "word/_rels/document.xml.rels": files.relations(header_1="h.xml"),
        "word/h.xml": f"<w:hdr {W}></w:hdr>",
        "docProps/core.xml": "<x/>",
    }
    parts[part] = str(parts[part])[:-3]
    found = read("docx", docx(paragraph("本文"), parts))
    assert (found.status, found.text, found.truncated) == ("ok", "本文", True)
    assert "一部が壊れている" in found.message


def locked_with_password(content: bytes) -> bytes:
    buffer = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(content)).encrypt("password-of-nobody", buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx"])
def test_an_office_file_with_a_password_is_named_as_such(read: Read, extension: str) -> None:
    found = read(extension, locked_with_password(WHOLE[extension]))
    assert (found.status, found.text) == ("encrypted", "")
    assert "パスワード" in found.message


def test_a_pdf_with_a_password_is_named_as_such(read: Read) -> None:
    for algorithm in ("RC4-128", "AES-128", "AES-256"):
        writer = pypdf.PdfWriter(io.BytesIO(WHOLE["pdf"]))
        writer.encrypt("user-password-of-nobody", algorithm=algorithm)
        buffer = io.BytesIO()
        writer.write(buffer)
        assert read("pdf", buffer.getvalue()).status == "encrypted"


def test_a_pdf_locked_with_a_certificate_is_named_as_such(read: Read) -> None:
    lock = b"6 0 obj<</Filter/Adobe.PubSec/V 4/Length 128>>endobj\n"
    assert read("pdf", pdf(b"", objects=lock, trailer=b"/Encrypt 6 0 R/ID[(a)(b)]")).status == "encrypted"


def test_old_office_files_with_a_password_are_named_as_such(read: Read) -> None:
    assert read("doc", files.doc(["x"], flags=0x0100)).status == "encrypted"
    assert read("xls", files.xls(book=files.record(0x2F, b"\x00" * 6))).status == "encrypted"


def test_a_word_document_whose_parts_point_at_each_other_is_read_once(read: Read) -> None:
    parts: files.Parts = {
        "word/_rels/document.xml.rels": files.relations(
            header_1="document.xml", header_2="h.xml", footer_1="../word/h.xml", footnotes_1="../../../../etc/passwd"
        ),
        "word/h.xml": f"<w:hdr {W}>{paragraph('柱')}</w:hdr>",
        "word/_rels/h.xml.rels": files.relations(header_1="h.xml"),
    }
    assert read("docx", docx(paragraph("本文"), parts)).text == "柱\n本文"


def looping_container() -> bytes:
    content = bytearray(files.ole({"WordDocument": b"x" * 9000}))
    directory, table_at = struct.unpack_from("<I", content, 48)[0], struct.unpack_from("<I", content, 76)[0]
    for sector in range(directory + 1):
        struct.pack_into("<I", content, (table_at + 1) * 512 + sector * 4, sector)
    return bytes(content)


def container_of_false_counts() -> bytes:
    content = bytearray(files.ole({"WordDocument": b"x" * 9000}))
    struct.pack_into("<I", content, 44, 0xFFFFFFF0)
    struct.pack_into("<II", content, 68, 0, 0xFFFFFFF0)
    struct.pack_into("<I", content, 512 + 508, 0)
    return bytes(content)


@pytest.mark.parametrize("content", [looping_container(), container_of_false_counts()])
def test_an_old_container_that_runs_in_circles_ends(read: Read, content: bytes) -> None:
    assert read("doc", content).status in STATUSES


def test_a_pdf_whose_pages_contain_themselves_ends(read: Read) -> None:
    content = WHOLE["pdf"].replace(b"/Kids[3 0 R]", b"/Kids[2 0 R 2 0 R 3 0 R]")
    assert read("pdf", content).status in STATUSES


def test_a_pdf_whose_tables_point_at_themselves_ends(read: Read) -> None:
    content = WHOLE["pdf"]
    at = len(content)
    content += b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 6/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        at,
        at,
    )
    assert read("pdf", content).status in STATUSES


def test_a_pdf_that_unpacks_to_gigabytes_ends(read: Read) -> None:
    packed = zlib.compress(zlib.compress(b"(a) Tj " * 30_000_000, 9), 9)
    stream = (
        b"4 0 obj<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n" % len(packed)
        + packed
        + b"\nendstream endobj\n"
    )
    assert read("pdf", pdf(b"", objects=stream)).status in STATUSES


def test_a_pdf_nested_beyond_reason_ends(read: Read) -> None:
    assert read("pdf", pdf(b"", objects=b"4 0 obj" + b"[" * 200_000 + b"]" * 200_000 + b"endobj\n")).status in STATUSES
    assert read("pdf", pdf(b"[" * 300_000 + b"(x) Tj")).status in STATUSES


def test_a_form_that_draws_itself_in_a_pdf_ends(read: Read) -> None:
    form = b"6 0 obj<</Type/XObject/Subtype/Form/Length 5/Resources<</XObject<</X 6 0 R>>>>>>stream\n/X Do\nendstream endobj\n"
    content = pdf(b"/X Do", objects=form).replace(b"/Resources<<", b"/Resources<</XObject<</X 6 0 R>>", 1)
    assert read("pdf", content).status in STATUSES


@pytest.mark.parametrize(
    "content", [b"{" * 1_000_000, b"{\\rtf1" + b"{\\b " * 100_000 + b"x", b"{\\rtf1\\bin99999999999 x}"]
)
def test_a_rich_text_nested_beyond_reason_ends(read: Read, content: bytes) -> None:
    assert read("rtf", content).status in STATUSES


def test_a_reader_that_finds_no_end_is_stopped_by_the_clock(read: Read) -> None:
    began = time.monotonic()
    found = read("docx", docx(paragraph("x") * 400_000), Limits(ratio=100_000, wall_seconds=0.3))
    assert found.status == "timeout"
    assert "時間内" in found.message
    assert time.monotonic() - began < 3


def test_a_reader_that_uses_up_its_processor_time_is_stopped(read: Read) -> None:
    main = repeated(b"<w:p/>", 30_000_000, f"<w:document {W}><w:body>".encode(), b"</w:body></w:document>")
    limits = Limits(ratio=100_000, elements=10**9, cpu_seconds=1, wall_seconds=60)
    assert read("docx", zipped(package("docx", main)), limits).status == "timeout"


def test_a_reader_that_wants_too_much_memory_is_stopped(read: Read) -> None:
    sheet = "<worksheet><sheetData><row><c t='str'><v>" + "長い" * 20_000_000 + "</v></c></row></sheetData></worksheet>"
    content = xlsx("", {"xl/worksheets/sheet1.xml": sheet})
    found = read("xlsx", content, Limits(ratio=100_000, memory_bytes=160 * 1024 * 1024, wall_seconds=60))
    assert found.status in ("too_large", "damaged") or found.truncated


def test_a_file_that_disappears_is_reported_and_not_raised(tmp_path: Path) -> None:
    assert extract(tmp_path / "none.docx", ALLOWED["docx"]).status == "damaged"


def our_children() -> set[str]:
    """Return the processes this one has begun and not waited for; other tests may have left some."""
    tasks = Path("/proc/self/task").iterdir()
    return {child for task in tasks for child in (task / "children").read_text().split()}


def test_reading_many_at_once_leaves_no_process_and_no_open_file(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(WHOLE["docx"])
    before, children = len(list(Path("/proc/self/fd").iterdir())), our_children()
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(extract(path, ALLOWED["docx"], Limits(wall_seconds=60)).status))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["ok"] * 8
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert our_children() <= children
