"""Text files and CSV in any of the encodings that Japanese offices have used."""

from __future__ import annotations

import codecs
import re
from typing import IO

from portal.intake.limits import Damaged
from portal.intake.readers.meter import Meter

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff\u3000-\u303f]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
# Looked up now, since the child can open no file later on.
_DECODERS = {
    name: codecs.lookup(name)
    for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp932", "euc_jp", "euc_jis_2004", "iso2022_jp_ext")
}


def read(file: IO[bytes], meter: Meter) -> None:
    """Read a .txt or .csv."""
    data = file.read(meter.limits.text_chars * 4 + 4)
    meter.write(decoded(data))


def decoded(data: bytes) -> str:
    """Return bytes as text, finding out the encoding; raise Damaged when none fits."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    if (text := _tried(data, "utf-8")) is not None:
        return text if "\x1b$" not in text else _tried(data, "iso2022_jp_ext") or text
    found = [text for name in ("cp932", "euc_jp", "euc_jis_2004") if (text := _tried(data, name)) is not None]
    if found:
        return max(found, key=_looks_japanese)
    text = data.decode("cp932", errors="replace")
    if text.count("\ufffd") > len(text) * 0.02:
        raise Damaged("文字コードが分からず読めません。UTF-8 か Shift_JIS で保存し直してください。")
    return text


def _tried(data: bytes, name: str) -> str | None:
    """Decode strictly; a text cut in the middle of its last character is still a text."""
    decoder = codecs.getincrementaldecoder(name)()
    try:
        return decoder.decode(data, final=False)
    except UnicodeDecodeError:
        return None


def _looks_japanese(text: str) -> float:
    """Weigh a reading: EUC read as Shift_JIS turns into half-width kana, which nobody writes at length."""
    sample = text[:100_000]
    return len(_JAPANESE.findall(sample)) - 2 * len(_HALF_WIDTH.findall(sample)) - len(sample)
