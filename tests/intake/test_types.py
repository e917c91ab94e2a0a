"""Given an uploaded file, it comes in only as what its content is; whoever sent it is told why not, and what to do."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.intake import Limits, Refused, sniff
from tests.intake import files

Put = Callable[[str, bytes], Path]

DOCX = files.docx(files.paragraph("議事録"))
XLSX = files.xlsx("<row><c><v>1</v></c></row>")
PPTX = files.pptx(["表紙"])
PDF = files.pdf(b"")
DOC = files.doc(["議事録"])
XLS = files.xls()
LOCKED = files.ole({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"y"})
JPG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\x00\x10\x00\x20\x03"
    + b"\x00" * 20
)
GIF = b"GIF89a\x10\x00\x10\x00\x00\x00\x00"


@pytest.mark.parametrize(
    ("name", "content", "media_type", "label"),
    [
        ("議事録.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word 文書"),
        ("議事録.DOCX", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word 文書"),
        ("名簿.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel ブック"),
        (
            "次第.pptx",
            PPTX,
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "PowerPoint スライド",
        ),
        ("鍵付き.docx", LOCKED, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word 文書"),
        ("古い.doc", DOC, "application/msword", "Word 97-2003 文書"),
        ("古い.xls", XLS, "application/vnd.ms-excel", "Excel 97-2003 ブック"),
        ("覚書.rtf", b"{\\rtf1 a}", "application/rtf", "リッチテキスト"),
        ("資料.pdf", PDF, "application/pdf", "PDF"),
        ("スキャン.pdf", b"\r\n\r\n" + PDF, "application/pdf", "PDF"),
        ("メモ.txt", "議事".encode("cp932"), "text/plain", "テキスト"),
        ("メモ.txt", "議事".encode("utf-16"), "text/plain", "テキスト"),
        ("一覧.csv", "区,人数\n東成,3".encode(), "text/csv", "CSV"),
        ("写真.png", files.png(100, 100), "image/png", "画像（PNG）"),
        ("写真.jpg", JPG, "image/jpeg", "画像（JPEG）"),
        ("写真.jpeg", JPG, "image/jpeg", "画像（JPEG）"),
        ("図.gif", GIF, "image/gif", "画像（GIF）"),
    ],
)
def test_an_ordinary_file_is_known_by_its_content(
    put: Put, name: str, content: bytes, media_type: str, label: str
) -> None:
    found = sniff(put("x", content), name)
    assert (found.media_type, found.label) == (media_type, label)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("図.svg", b"<svg onload='alert(1)'/>", "開いた人の画面で動く"),
        ("頁.html", b"<html>", "開いた人の画面で動く"),
        ("道具.exe", b"MZ", "開いた人の画面で動く"),
        ("集計.xlsm", XLSX, "マクロ"),
        ("文書.docm", DOCX, "マクロ"),
        ("文書.dotm", DOCX, "マクロ"),
        ("一式.zip", files.zipped({"a": "b"}), "圧縮ファイルのまま"),
        ("文書.jtd", b"x", "一太郎"),
        ("発表.ppt", DOC, ".pptx で保存し直して"),
        ("拡張子なし", b"x", "拡張子なし"),
        (".docx", DOCX, "受け付けていません"),
        ("何か.xyz", b"x", "（.xyz）は受け付けていません"),
        ("偽物.docx", b"MZ\x90\x00", "中身は 実行ファイル"),
        ("偽物.pdf", DOCX, "中身は Word 文書"),
        ("偽物.docx", PDF, "中身は PDF"),
        ("偽物.docx", XLSX, "中身は Excel ブック"),
        ("偽物.doc", XLS, "中身は Excel 97-2003 ブック"),
        ("偽物.doc", b"{\\rtf1 a}", "中身は リッチテキスト"),
        ("偽物.txt", b"<html><script>alert(1)</script>", "中身は HTML"),
        ("偽物.csv", b"\xef\xbb\xbf <svg xmlns='x'/>", "中身は HTML"),
        ("偽物.txt", b"MZ\x90\x00", "中身は 実行ファイル"),
        ("偽物.txt", b"#!/bin/sh\nrm -rf /", "中身は 実行ファイル"),
        ("偽物.txt", b"abc\x00\x01\x02", "種類の分からないデータ"),
        ("偽物.png", b"<svg/>", "中身は HTML"),
        ("偽物.png", GIF, "中身は 画像（GIF）"),
        ("写真.doc", LOCKED, "名前は .doc ですが"),
        ("別の.docx", files.zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "別のソフトの文書"),
        ("空.docx", b"", "0 バイト"),
        ("切れた.docx", DOCX[: len(DOCX) // 2], "途中で切れて"),
        ("切れた.doc", DOC[:300], "途中で切れて"),
        ("切れた.png", files.png(10, 10)[:14], "途中で切れて"),
    ],
)
def test_what_may_not_come_in_is_refused_with_its_reason(put: Put, name: str, content: bytes, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        sniff(put("x", content), name)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    "parts",
    [
        {"word/vbaProject.bin": b"x"},
        {"word/VBAPROJECT.BIN": b"x"},
        {
            "[Content_Types].xml": '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
        },
        {"[Content_Types].xml": '<Types><Override ContentType="application/vnd.ms-excel.macrosheet+xml"/></Types>'},
    ],
)
def test_macros_hidden_under_a_harmless_name_are_found(put: Put, parts: files.Parts) -> None:
    content = files.zipped({**files.package("docx", files.document("")), **parts})
    with pytest.raises(Refused, match="マクロ"):
        sniff(put("x", content), "議事録.docx")


def test_macros_in_an_old_excel_book_are_found(put: Put) -> None:
    content = files.ole({"Workbook": b"x"}, storages=("_VBA_PROJECT_CUR",))
    with pytest.raises(Refused, match="マクロ"):
        sniff(put("x", content), "集計.xls")


def test_a_file_over_the_size_limit_is_refused_with_both_sizes(put: Put) -> None:
    with pytest.raises(Refused, match=r"2\.0 MB.*1\.0 MB"):
        sniff(put("x", b"a" * 2_097_152), "長い.txt", Limits(file_bytes=1_048_576))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", files.png(60_000, 60_000)),
        ("a.png", files.png(2**31 - 1, 2**31 - 1)),
        ("a.gif", b"GIF89a\xff\xff\xff\xff\x00\x00\x00"),
        ("a.jpg", b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x11\x08\xff\xff\xff\xff\x03" + b"\x00" * 20),
    ],
)
def test_a_picture_that_would_unfold_to_a_wall_of_pixels_is_refused(put: Put, name: str, content: bytes) -> None:
    with pytest.raises(Refused, match="大きすぎます"):
        sniff(put("x", content), name)


def test_a_package_that_unpacks_beyond_the_limit_is_refused_before_unpacking(put: Put) -> None:
    content = files.docx("", {"word/a.xml": b"\x00" * 310_000_000})
    assert len(content) < 1_000_000
    with pytest.raises(Refused, match="展開すると 296 MB になり"):
        sniff(put("x", content), "爆弾.docx")


def test_a_package_of_countless_parts_is_refused(put: Put) -> None:
    content = files.docx("", {f"word/{n}.xml": "" for n in range(12_000)})
    with pytest.raises(Refused, match="部品が多すぎます"):
        sniff(put("x", content), "多い.docx")


@pytest.mark.parametrize("name", ["../../../etc/cron.d/x", "/etc/passwd", "word\\..\\..\\x", "c:x.xml"])
def test_a_part_that_points_outside_is_refused(put: Put, name: str) -> None:
    with pytest.raises(Refused, match="外を指して"):
        sniff(put("x", files.docx("", {name: "x"})), "外.docx")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(put: Put) -> None:
    buffer = io.BytesIO(DOCX)
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr("WORD/document.xml", "別の本文")
    with pytest.raises(Refused, match="同じ名前"):
        sniff(put("x", buffer.getvalue()), "二重.docx")


def test_parts_that_share_their_bytes_are_refused(put: Put) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in files.package("docx", files.document("a" * 5000)).items():
            package.writestr(name, content)
        first = package.infolist()[2]
        for n in range(20):
            twin = zipfile.ZipInfo(f"word/twin{n}.xml")
            twin.header_offset, twin.CRC = first.header_offset, first.CRC
            twin.compress_size, twin.file_size = first.compress_size, first.file_size
            package.filelist.append(twin)
            package.NameToInfo[twin.filename] = twin
    with pytest.raises(Refused, match="重なって"):
        sniff(put("x", buffer.getvalue()), "重なり.docx")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_rare_compression_is_refused(put: Put, method: int) -> None:
    buffer = io.BytesIO(DOCX)
    with zipfile.ZipFile(buffer, "a", method) as package:
        package.writestr("word/x.xml", "x" * 1000)
    with pytest.raises(Refused, match="特殊な圧縮形式"):
        sniff(put("x", buffer.getvalue()), "珍しい.docx")
