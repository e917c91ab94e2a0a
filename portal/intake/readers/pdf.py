"""Text of a PDF, page by page, for as long as the time allows."""

from __future__ import annotations

import codecs
import io
import logging
import re
import sys
import time
import unicodedata
import zlib
from typing import IO

# pypdf loads the picture library wherever it finds it; no picture is read here, and what is not loaded cannot be attacked.
if "PIL" not in sys.modules:
    sys.modules["PIL"] = None  # type: ignore[assignment]

import pypdf
from pypdf.errors import DependencyError, PdfReadError, PyPdfError

from portal.intake.limits import Damaged, Encrypted
from portal.intake.readers.meter import Meter

_PROPERTIES = {
    "/Title": "title",
    "/Author": "author",
    "/Subject": "subject",
    "/Keywords": "keywords",
    "/Creator": "application",
    "/CreationDate": "created",
    "/ModDate": "modified",
}
_DATE = re.compile(r"^D:(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?.*$")
# Many programs write 日 as the radical ⽇, which looks the same and is found by nobody. The first row of these follows
# from Unicode's own folding; the second block has none for the forms that fonts really use.
RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)} | {
    ord(radical): kanji
    for radical, kanji in zip(
        "⺟⺠⺡⺬⺮⻁⻄⻆⻑⻗⻘⻝⻤⻨⻩⻫⻭⻯⻲", "母民氵示竹虎西角長雨青食鬼麦黄斉歯竜亀", strict=True
    )
}
_SCANNED = "文字の情報がない PDF（スキャンした画像など）のため、中の言葉では検索できません。"

_CODECS = ("utf-16-be", "utf-16-le", "utf-16", "latin-1", "cp1252", "mac_roman", "charmap")
_JAPANESE_CODECS = ("cp932", "shift_jis", "euc_jp", "iso2022_jp", "gb2312", "gbk", "big5", "cp949")
_PAGE = zlib.compress(b"BT /F 9 Tf (a) Tj /G 9 Tf <4E00> Tj ET")
_SMALLEST = b"""%%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R/G 6 0 R>>>>>>endobj
4 0 obj<</Length %(length)d/Filter/FlateDecode>>stream
%(page)s
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
6 0 obj<</Type/Font/Subtype/Type0/BaseFont/M/Encoding/UniJIS-UTF16-H/DescendantFonts[7 0 R]/ToUnicode 8 0 R>>endobj
7 0 obj<</Type/Font/Subtype/CIDFontType0/BaseFont/M/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)>>>>endobj
8 0 obj<</Length 37>>stream
1 beginbfchar <4E00> <4E00> endbfchar
endstream endobj
trailer<</Root 1 0 R/Size 9>>
startxref
0
%%%%EOF
""" % {b"length": len(_PAGE), b"page": _PAGE}


def _warm_up() -> None:
    """Read one page before the doors close: pypdf imports and looks up much only when it first needs it."""
    logging.disable(logging.CRITICAL)
    for name in (*_CODECS, *_JAPANESE_CODECS):
        codecs.lookup(name)
    for page in pypdf.PdfReader(io.BytesIO(_SMALLEST), strict=False).pages:
        page.extract_text()


_warm_up()


def read(file: IO[bytes], meter: Meter) -> None:
    """Read a .pdf."""
    meter.when_empty = _SCANNED
    try:
        reader = opened(file)
        _read_properties(reader, meter)
        _read_pages(reader, meter)
        _read_form(reader, meter)
    except (PyPdfError, RecursionError) as error:
        raise Damaged from error


def opened(file: IO[bytes]) -> pypdf.PdfReader:
    """Open a PDF, also one that is locked only against printing or copying."""
    try:
        reader = pypdf.PdfReader(file, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Encrypted
    except (NotImplementedError, DependencyError) as error:
        # Locked with a certificate, or in a way that is newer than this reader.
        raise Encrypted from error
    return reader


def _read_properties(reader: pypdf.PdfReader, meter: Meter) -> None:
    try:
        for key, value in (reader.metadata or {}).items():
            if key in _PROPERTIES:
                meter.property(_PROPERTIES[key], _DATE.sub(_day, str(value)))
    except (PyPdfError, ValueError, TypeError, AttributeError):
        # Broken properties are no reason to lose the text.
        return


def _day(match: re.Match[str]) -> str:
    year, month, day, hour, minute, second = match.groups(default="00")
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}"


def _read_form(reader: pypdf.PdfReader, meter: Meter) -> None:
    """Read what was filled into the fields of a form; it is no part of the page's own text."""
    try:
        for value in (reader.get_form_text_fields() or {}).values():
            meter.line(str(value or "").translate(RADICALS))
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def _read_pages(reader: pypdf.PdfReader, meter: Meter) -> None:
    """Read pages until the text or most of the processor time is used up."""
    until = time.process_time() + meter.limits.cpu_seconds * 0.7
    late = time.monotonic() + meter.limits.wall_seconds * 0.7
    for number, page in enumerate(reader.pages):
        if number and (time.process_time() > until or time.monotonic() > late):
            meter.cut_short(f"ページが多いため、{number} ページ目までの文字を検索の対象にしました。")
            return
        try:
            meter.line(page.extract_text().translate(RADICALS))
        except (PdfReadError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            meter.cut_short("読めないページがあるため、読めたページだけを検索の対象にしました。")
