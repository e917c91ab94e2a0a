"""What an uploaded file is: the extension says what it claims, the content says what it is, and both must agree."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portal.intake import ole
from portal.intake.limits import Damaged, Limits, Refused, TooLarge, in_words
from portal.intake.names import clean_name, extension_of
from portal.intake.packages import chunks, open_package, part_names

_OOXML = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that may be kept: what a browser is told, how its name ends, what people call it."""

    media_type: str
    extension: str
    label: str


ALLOWED = {
    kind.extension: kind
    for kind in (
        FileType(_OOXML + "wordprocessingml.document", "docx", "Word 文書"),
        FileType(_OOXML + "spreadsheetml.sheet", "xlsx", "Excel ブック"),
        FileType(_OOXML + "presentationml.presentation", "pptx", "PowerPoint スライド"),
        FileType("application/msword", "doc", "Word 97-2003 文書"),
        FileType("application/vnd.ms-excel", "xls", "Excel 97-2003 ブック"),
        FileType("application/rtf", "rtf", "リッチテキスト"),
        FileType("application/pdf", "pdf", "PDF"),
        FileType("text/plain", "txt", "テキスト"),
        FileType("text/csv", "csv", "CSV"),
        FileType("image/png", "png", "画像（PNG）"),
        FileType("image/jpeg", "jpg", "画像（JPEG）"),
        FileType("image/jpeg", "jpeg", "画像（JPEG）"),
        FileType("image/gif", "gif", "画像（GIF）"),
    )
}

_MACRO = "マクロを含むファイルは受け付けていません。マクロなしの形式（{}）で保存し直してください。"
_ACTIVE = (
    "この種類のファイル（.{}）は、開いた人の画面で動くおそれがあるため受け付けていません。PDF などで追加してください。"
)
_ADVICE = {
    **{e: _MACRO.format(".docx") for e in ("docm", "dotm")},
    **{e: _MACRO.format(".xlsx") for e in ("xlsm", "xltm", "xlam", "xlsb")},
    **{e: _MACRO.format(".pptx") for e in ("pptm", "ppsm", "potm")},
    **{e: _ACTIVE.format(e) for e in ("svg", "html", "htm", "xhtml", "mht", "js", "exe", "msi", "bat", "cmd", "ps1")},
    **dict.fromkeys(("ppt", "pps"), "PowerPoint 97-2003 形式は読めません。.pptx で保存し直してください。"),
    **dict.fromkeys(
        ("zip", "lzh", "7z"), "圧縮ファイルのままでは受け付けていません。中のファイルを一つずつ追加してください。"
    ),
    "jtd": "一太郎の文書は読めません。Word（.docx）か PDF で保存し直してください。",
    "heic": "この形式の画像は読めません。JPEG で保存し直してください。",
}

_PACKAGE_PARTS = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
    "pptx": b"presentationml.presentation.main+xml",
}
_OTHER_MAGIC = (
    (b"MZ", "実行ファイル"),
    (b"\x7fELF", "実行ファイル"),
    (b"\xca\xfe\xba\xbe", "実行ファイル"),
    (b"#!", "実行ファイル"),
    (b"Rar!", "圧縮ファイル"),
    (b"7z\xbc\xaf", "圧縮ファイル"),
    (b"\x1f\x8b", "圧縮ファイル"),
)
_MARKUP = re.compile(rb"\s*(<\?xml|<!doctype|<html|<svg|<script|<head|<body|<iframe)", re.IGNORECASE)
_HEAD = 64 * 1024


def sniff(path: Path, name: str, limits: Limits | None = None) -> FileType:
    """Return the type of an uploaded file, or raise Refused with the reason in words for the person who sent it."""
    limits = limits or Limits()
    extension = extension_of(clean_name(name))
    wanted = ALLOWED.get(extension)
    if wanted is None:
        raise Refused(_ADVICE.get(extension) or _not_allowed(extension))
    check_size(path, limits)
    with path.open("rb") as file:
        found = _kind_of_content(file, limits)
        if not _fits(extension, found):
            raise Refused(_mismatch(extension, found))
        if found in ("png", "jpg", "gif"):
            _check_picture(file, found, limits)
    return wanted


def check_size(path: Path, limits: Limits) -> None:
    """Refuse a file that is empty or over the size limit."""
    size = path.stat().st_size
    if size == 0:
        raise Refused("ファイルが空です（0 バイト）。元のファイルを確かめてください。")
    if size > limits.file_bytes:
        raise TooLarge(f"ファイルが大きすぎます（{in_words(size)}）。上限は {in_words(limits.file_bytes)} です。")


def check_limits(path: Path, file_type: FileType, limits: Limits | None = None) -> None:
    """Refuse a file whose size, unpacked size, number of parts or picture is over the limits, before it is read."""
    limits = limits or Limits()
    check_size(path, limits)
    with path.open("rb") as file:
        if file_type.extension in _PACKAGE_PARTS and not file.read(8).startswith(ole.MAGIC):
            open_package(file, limits)
        elif file_type.media_type.startswith("image/"):
            _check_picture(file, "jpg" if file_type.extension == "jpeg" else file_type.extension, limits)


def _not_allowed(extension: str) -> str:
    shown = f"（.{extension[:12]}）" if extension else "（拡張子なし）"
    return (
        f"この種類のファイル{shown}は受け付けていません。追加できるのは "
        "Word・Excel・PowerPoint・PDF・テキスト・CSV・画像（PNG、JPEG、GIF）です。"
    )


def _mismatch(extension: str, found: str) -> str:
    label = ALLOWED[found].label if found in ALLOWED else found
    return (
        f"名前は .{extension} ですが、中身は {label} のようです。"
        "元のソフトで開いて、正しい形式で保存し直してから追加してください。"
    )


def _fits(extension: str, found: str) -> bool:
    if found == "locked":
        return extension in _PACKAGE_PARTS
    if found == "text":
        return extension in ("txt", "csv")
    return found == ("jpg" if extension == "jpeg" else extension)


def _kind_of_content(file: IO[bytes], limits: Limits) -> str:
    head = file.read(_HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_package(file, limits)
    if head.startswith(ole.MAGIC):
        return _kind_of_container(file)
    for magic, kind in _PLAIN_MAGIC:
        if head.startswith(magic):
            return kind
    # Some scanners put a few bytes before the PDF header; Acrobat looks through the first kilobyte, so do we.
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return _kind_of_text(head)


_PLAIN_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"{\\rtf", "rtf"),
    *_OTHER_MAGIC,
)


def _kind_of_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "HTML や XML"
    # ESC belongs to ISO-2022-JP, form feed to old word processors; other control bytes mean that this is no text.
    if any(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a\x1b" for byte in head):
        return "種類の分からないデータ"
    return "text"


def _kind_of_package(file: IO[bytes], limits: Limits) -> str:
    package = open_package(file, limits)
    names = part_names(package)
    declared = names.get("[content_types].xml")
    if declared is None:
        return "圧縮ファイル（ZIP）か別のソフトの文書"
    if package.getinfo(declared).file_size > 4 * 1024 * 1024:
        raise Refused("ファイルの内部構造が不正です（目次が大きすぎます）。受け付けられません。")
    types = b"".join(chunks(package, declared))
    if b"macroEnabled" in types or b"macrosheet" in types or any(n.endswith("vbaproject.bin") for n in names):
        raise Refused(_MACRO.format(".docx や .xlsx"))
    for extension, mark in _PACKAGE_PARTS.items():
        if mark in types:
            return extension
    if b"openxmlformats" not in types:
        raise Damaged("ファイルが壊れているようです。元のファイルを開けるか確かめ、保存し直してください。")
    return "ひな形などほかの Office ファイル"


def _kind_of_container(file: IO[bytes]) -> str:
    names = ole.Container(file).names()
    if "encryptedpackage" in names:
        return "locked"
    if "macros" in names or "_vba_project_cur" in names:
        raise Refused(_MACRO.format(".docx や .xlsx"))
    for stream, kind in (("worddocument", "doc"), ("workbook", "xls"), ("book", "xls")):
        if stream in names:
            return kind
    return "ほかの古い Office ファイル"


def _check_picture(file: IO[bytes], kind: str, limits: Limits) -> None:
    """Refuse a picture that would unfold to a wall of pixels in whatever opens it."""
    file.seek(0)
    width, height = _picture_size(file, kind)
    if width < 1 or height < 1:
        raise Damaged("画像が壊れているか、途中で切れています。元のファイルを確かめてください。")
    if width * height > limits.pixels:
        raise TooLarge(f"画像の縦横が大きすぎます（{width:,}×{height:,} ピクセル）。縮小して追加してください。")


def _picture_size(file: IO[bytes], kind: str) -> tuple[int, int]:
    try:
        if kind == "png":
            head = file.read(24)
            return struct.unpack(">II", head[16:24]) if head[12:16] == b"IHDR" else (0, 0)
        if kind == "gif":
            return struct.unpack("<HH", file.read(10)[6:10])
        return _jpeg_size(file.read(2 * 1024 * 1024))
    except struct.error:
        return 0, 0


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return 0, 0
