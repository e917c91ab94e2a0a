"""Given a file an office really sends, its words come out as a person reads them, so that they can be found."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pptx
import pypdf
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from portal.intake import Extracted
from tests.intake import files
from tests.intake.files import W, docx, paragraph, record, xls, xlsx

Read = Callable[..., Extracted]


def test_a_word_document_reads_in_its_own_order(read: Read) -> None:
    body = (
        paragraph("病院連絡会 議事録")
        + f"<w:sdt><w:sdtPr><w:alias w:val='見えない名'/></w:sdtPr><w:sdtContent>{paragraph('開催日 令和6年5月10日')}</w:sdtContent></w:sdt>"
        + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>氏名</w:t></w:r></w:p></w:tc>"
        + f"<w:tc>{paragraph('髙橋')}{paragraph('𠮷田')}</w:tc></w:tr><w:tr><w:tc>{paragraph('所属')}</w:tc></w:tr></w:tbl>"
        + paragraph("以上")
    )
    found = read("docx", docx(body))
    assert (found.status, found.message) == ("ok", "")
    assert found.text == "病院連絡会 議事録\n開催日 令和6年5月10日\n氏名\t髙橋\n𠮷田\n所属\n以上"


def test_what_was_deleted_or_moved_away_is_not_read_and_what_was_inserted_is(read: Read) -> None:
    body = (
        "<w:p><w:r><w:t>退院</w:t></w:r><w:del><w:r><w:delText>削除語</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>支援</w:t></w:r></w:ins></w:p>"
        f"<w:moveFrom>{paragraph('移動元')}</w:moveFrom><w:moveTo>{paragraph('移動先')}</w:moveTo>"
        "<w:p><w:r><w:instrText>PAGE 命令</w:instrText></w:r><w:r><w:t>3</w:t></w:r></w:p>"
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>ひがしなり</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東成</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>"
        "<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r></w:p>"
    )
    assert read("docx", docx(body)).text == "退院支援\n移動先\n3\n東成\n甲\t乙\n丙"


def test_a_text_box_is_read_once_and_after_its_paragraph(read: Read) -> None:
    box = f"<w:txbxContent>{paragraph('箱の中')}{paragraph('箱の二行目')}</w:txbxContent>"
    body = (
        f"<w:p xmlns:mc='mc' xmlns:wps='wps'><w:r><w:t>前</w:t></w:r><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>後</w:t></w:r></w:p>"
    )
    assert read("docx", docx(body)).text == "前後\n箱の中\n箱の二行目"


def test_headers_notes_footers_and_comments_are_read_each_once(read: Read) -> None:
    def part(root: str, text: str) -> str:
        return f"<w:{root} {W}>{paragraph(text)}</w:{root}>"

    parts: files.Parts = {
        "word/_rels/document.xml.rels": files.relations(
            footer_1="f.xml",
            header_1="h1.xml",
            header_2="h2.xml",
            footnotes_1="n.xml",
            endnotes_1="e.xml",
            comments_1="c.xml",
        ),
        "word/h1.xml": part("hdr", "【様式７】"),
        "word/h2.xml": part("hdr", "【様式７】"),
        "word/n.xml": part("footnotes", "脚注の語"),
        "word/e.xml": part("endnotes", "文末の語"),
        "word/f.xml": part("ftr", "東成区"),
        "word/c.xml": part("comments", "コメントの語"),
    }
    found = read("docx", docx(paragraph("本文"), parts))
    assert found.text == "【様式７】\n本文\n脚注の語\n文末の語\n東成区\nコメントの語"


def test_a_strict_document_in_utf16_is_read_like_any_other(read: Read) -> None:
    main = (
        '<?xml version="1.0" encoding="UTF-16"?><w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main">'
    )
    main += f"<w:body>{paragraph('厳格な文書')}</w:body></w:document>"
    assert read("docx", files.zipped(files.package("docx", main.encode("utf-16")))).text == "厳格な文書"


def test_the_properties_of_a_document_come_with_it(read: Read) -> None:
    package = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = (
        f"<Relationships><Relationship Id='1' Type='{office}/officeDocument' Target='word/document.xml'/>"
        f"<Relationship Id='2' Type='{package}' Target='docProps/core.xml'/>"
        f"<Relationship Id='3' Type='{office}/extended-properties' Target='docProps/app.xml'/>"
        f"<Relationship Id='4' Type='{office}/custom-properties' Target='docProps/custom.xml'/></Relationships>"
    )
    parts: files.Parts = {
        "_rels/.rels": rels,
        "docProps/core.xml": "<c:core xmlns:c='c' xmlns:dc='d'><dc:title>議事録</dc:title><dc:creator>作成 花子</dc:creator></c:core>",
        "docProps/app.xml": "<Properties><Company>相談支援室</Company></Properties>",
        "docProps/custom.xml": "<Properties xmlns:vt='v'><property name='区'><vt:lpwstr>東成</vt:lpwstr></property></Properties>",
    }
    found = read("docx", docx(paragraph("本文"), parts)).properties
    assert found == {"title": "議事録", "author": "作成 花子", "company": "相談支援室", "custom:区": "東成"}


def test_an_excel_book_reads_as_rows_with_numbers_and_days_as_seen(read: Read) -> None:
    styles = (
        "<styleSheet><numFmts><numFmt numFmtId='176' formatCode='[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;'/>"
        "<numFmt numFmtId='177' formatCode='0.00&quot;days&quot;'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
        "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='176'/><xf numFmtId='177'/><xf numFmtId='20'/><xf numFmtId='22'/></cellXfs></styleSheet>"
    )
    parts: files.Parts = {
        "xl/styles.xml": styles,
        "xl/sharedStrings.xml": "<sst><si><t>氏名</t><rPh><t>シメイ</t></rPh></si><si><r><t>髙</t></r><r><t>橋</t></r></si></sst>",
    }
    rows = (
        "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c><c t='inlineStr'><is><t>直接</t></is></c><c t='str'><v>式の結果</v></c></row>"
        "<row/><row><c><v>0.30000000000000004</v></c><c><v>1200000</v></c><c t='b'><v>1</v></c><c t='e'><v>#REF!</v></c></row>"
        "<row><c s='1'><v>45422</v></c><c s='2'><v>45422</v></c><c s='3'><v>45422</v></c><c s='4'><v>0.5625</v></c><c s='5'><v>45422.5625</v></c></row>"
    )
    found = read("xlsx", xlsx(rows, parts))
    assert found.text.split("\n") == [
        "出席者",
        "氏名\t髙橋\t直接\t式の結果",
        "0.3\t1200000\tTRUE",
        "2024-05-10\t2024-05-10\t45422\t13:30\t2024-05-10 13:30",
    ]


def test_a_book_made_by_a_common_library_is_read(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "出欠"
    sheet.append(["区", "人数"])
    sheet.append(["東成区", 12])
    book.create_sheet("二枚目").append(["続き"])
    buffer = io.BytesIO()
    book.save(buffer)
    assert read("xlsx", buffer.getvalue()).text == "出欠\n区\t人数\n東成区\t12\n二枚目\n続き"


def test_text_boxes_and_comments_over_a_sheet_are_read(read: Read) -> None:
    parts: files.Parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": files.relations(
            drawing_1="../drawings/d.xml", comments_1="../comments1.xml"
        ),
        "xl/drawings/d.xml": "<d xmlns:a='a'><a:p><a:r><a:t>図の中の語</a:t></a:r></a:p></d>",
        "xl/comments1.xml": "<comments><comment><text><r><t>メモの語</t></r></text></comment></comments>",
    }
    found = read("xlsx", xlsx("<row><c><v>1</v></c></row>", parts))
    assert found.text == "出席者\n1\n図の中の語\nメモの語"


def test_slides_are_read_in_the_order_they_are_shown(read: Read) -> None:
    assert read("pptx", files.pptx(["一枚目", "二枚目", "三枚目"])).text == "一枚目\n二枚目\n三枚目"


def test_slides_made_by_a_common_library_are_read_with_tables_and_notes(read: Read) -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "在宅医療の研修"
    table = slide.shapes.add_table(1, 2, 0, 0, 100, 100).table
    table.cell(0, 0).text, table.cell(0, 1).text = "講師", "山田"
    slide.notes_slide.notes_text_frame.text = "発表者のメモ"
    buffer = io.BytesIO()
    show.save(buffer)
    text = read("pptx", buffer.getvalue()).text
    assert "在宅医療の研修\n講師\t山田" in text
    assert "発表者のメモ" in text


def japanese_pdf(*pages: str) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    buffer = io.BytesIO()
    paper = canvas.Canvas(buffer)
    paper.setTitle("研修報告書")
    for page in pages:
        paper.setFont("HeiseiMin-W3", 12)
        paper.drawString(100, 700, page)
        paper.showPage()
    paper.save()
    return buffer.getvalue()


def test_a_pdf_is_read_page_by_page_with_its_title(read: Read) -> None:
    found = read("pdf", japanese_pdf("退院支援の研修", "二頁目"))
    assert (found.status, found.text) == ("ok", "退院支援の研修\n二頁目")
    assert found.properties["title"] == "研修報告書"


def test_kanji_written_as_radicals_are_read_as_kanji(read: Read) -> None:
    shown = {1: "⼤", 2: "⽇", 3: "⻑"}
    table = "".join(f"<{code:02X}> <{ord(kanji):04X}> " for code, kanji in shown.items())
    font = f"6 0 obj<</Length 90>>stream\n1 begincodespacerange <00> <FF> endcodespacerange\n3 beginbfchar {table}endbfchar\nendstream endobj\n"
    content = files.pdf(b"BT /F 12 Tf 10 10 Td <010203> Tj ET", objects=font.encode())
    content = content.replace(b"/BaseFont/Helvetica", b"/BaseFont/Helvetica/ToUnicode 6 0 R")
    assert read("pdf", content).text == "大日長"


def test_what_was_filled_into_a_pdf_form_is_read(read: Read) -> None:
    buffer = io.BytesIO()
    paper = canvas.Canvas(buffer)
    paper.drawString(100, 700, "form")
    paper.acroForm.textfield(name="reason", value="filled in by hand", x=100, y=600)
    paper.save()
    assert "filled in by hand" in read("pdf", buffer.getvalue()).text


def test_the_days_of_a_pdf_read_like_those_of_a_word_document(read: Read) -> None:
    content = files.pdf(
        b"BT /F 9 Tf (a) Tj ET",
        objects=b"6 0 obj<</CreationDate(D:20240510093000+09'00')>>endobj\n",
        trailer=b"/Info 6 0 R",
    )
    assert read("pdf", content).properties == {"created": "2024-05-10T09:30:00"}


def test_a_pdf_locked_only_against_printing_is_still_read(read: Read) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(japanese_pdf("印刷禁止の文書")))
    writer.encrypt("", "owner-password-of-nobody", algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    assert read("pdf", buffer.getvalue()).text == "印刷禁止の文書"


def test_a_scanned_pdf_is_said_to_be_without_letters(read: Read) -> None:
    found = read("pdf", files.pdf(b"0 0 10 10 re f"))
    assert (found.status, found.text) == ("empty", "")
    assert "スキャン" in found.message


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16", "utf-16-le-mark", "utf-16-be-mark", "iso2022_jp"]
)
def test_a_text_is_read_in_every_encoding_offices_have_used(read: Read, codec: str) -> None:
    text = "議事録　東成区の病院連絡会について、退院支援を話し合った。\nカタカナとＡＢＣ\n"
    mark = {"utf-16-le-mark": b"\xff\xfe", "utf-16-be-mark": b"\xfe\xff"}.get(codec, b"")
    found = read("txt", mark + text.encode(codec.removesuffix("-mark")))
    assert found.text == text.strip()


def test_half_width_kana_of_an_old_list_are_kept(read: Read) -> None:
    text = "ｻﾄｳ,東成区,①㈱\r\nﾀﾅｶ,生野区,②㈲\r\n"
    assert read("csv", text.encode("cp932")).text == text.replace("\r\n", "\n").strip()


def test_an_old_word_document_is_read_without_what_was_deleted(read: Read) -> None:
    text = "病院連絡会\r消した言葉を残さない\r氏名\x07髙橋\x07\x07\x13 PAGE \x143\x15頁\r"
    start = text.index("消した言葉")
    found = read("doc", files.doc([text, b"ASCII only\r"], deleted=(start, start + 5)))
    assert found.text == "病院連絡会\nを残さない\n氏名\t髙橋\n3頁\nASCII only"


def test_an_old_excel_book_is_read_with_strings_cut_over_records(read: Read) -> None:
    long = "長い文字列" * 10
    packed = long.encode("utf-16-le")
    cut = len(packed) // 4 * 2
    shared = (
        struct.pack("<II", 2, 2) + struct.pack("<HB", 2, 0) + b"AB" + struct.pack("<HB", len(long), 1) + packed[:cut]
    )
    xf = struct.pack("<HH", 0, 14) + b"\x00" * 16
    book = record(0xE0, b"\x00" * 20) + record(0xE0, xf) + record(0xFC, shared) + record(0x3C, b"\x01" + packed[cut:])
    cells = (
        record(0xFD, struct.pack("<HHHI", 0, 0, 0, 0)),
        record(0xFD, struct.pack("<HHHI", 0, 1, 0, 1)),
        record(0x203, struct.pack("<HHHd", 1, 0, 1, 45422.0)),
        record(0x27E, struct.pack("<HHHI", 1, 1, 0, (1250 << 2) | 3)),
        record(0xBD, struct.pack("<HHHIHIH", 2, 0, 0, (7 << 2) | 2, 0, (0xFFFFFFFF << 2) & 0xFFFFFFFF | 2, 1)),
        record(0x06, struct.pack("<HHH", 3, 0, 0) + b"\x00\x00\x00\x00\x00\x00\xff\xff" + b"\x00" * 8),
        record(0x207, struct.pack("<HB", 2, 1) + "結果".encode("utf-16-le")),
        record(0x1B6, b"\x00" * 10 + struct.pack("<H", 2) + b"\x00" * 6)
        + record(0x3C, b"\x01" + "図形".encode("utf-16-le")),
    )
    found = read("xls", xls(*cells, book=book))
    assert found.text.split("\n") == ["名簿", f"AB\t{long}", "2024-05-10\t12.5", "7\t-1", "図形", "結果"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            rb"{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset128 MS;}}\f0 \'8b\'63\'8e\'96\par \u39641?\u27211?\line x}",
            "議事\n髙橋\nx",
        ),
        (rb"{\rtf1{\*\generator secret;}{\pict 89504e47}{\deleted gone}kept{\header top}}", "kepttop"),
        (rb"{\rtf1{\info{\title \'8b\'63}{\author A}}\trowd a\cell b\cell\row c}", "a\tb\nc"),
        (rb"{\rtf1\uc2\u-10174??\u-8265?? x\bin5 }}}}} y}", "\U00020bb7 x y"),
        (
            rb"{\rtf1{\fonttbl{\f1\fcharset134 SimSun;}}\f1 \'d6\'d0\plain{\field{\*\fldinst HYPER}{\fldrslt link}}}",
            "中link",
        ),
    ],
)
def test_a_rich_text_is_read_in_its_own_letters(read: Read, source: bytes, text: str) -> None:
    assert read("rtf", source).text == text


def test_a_picture_is_kept_and_said_to_be_without_words(read: Read) -> None:
    found = read("png", files.png(10, 10))
    assert (found.status, found.text) == ("empty", "")
    assert "画像" in found.message


def test_control_characters_and_long_gaps_do_not_reach_the_index(read: Read) -> None:
    assert read("txt", "甲\x0b乙\x1a\n\n\n\n\n丙  \n丁\x7f".encode()).text == "甲\n乙\n\n丙\n丁"


def test_real_files_of_other_people_are_read(read: Read) -> None:
    """Word, Excel and PDF minutes found in the open; see the shared folder's README."""
    import os

    shared = Path(os.environ.get("PORTAL_SHARED", Path(__file__).parents[3] / "shared")) / "legacy-minutes" / "files"
    if not shared.is_dir():
        print(f"{shared} がないため、実際の議事録での確認はしていません。")
        return
    for path in sorted(shared.iterdir()):
        found = read(path.suffix[1:], path.read_bytes())
        assert found.status == "ok", path.name
        assert len(found.text) > 50, path.name
