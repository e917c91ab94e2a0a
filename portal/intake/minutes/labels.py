"""Finding labels: 日時, １　日　時：, 【日時】, ■開催日時（予定） and their like, in whatever dress an office gives them.

A label is looked for at the beginning of a line, behind bullets, a number or an opening bracket. It counts only if what
follows sets it apart from the text: a colon, a closing bracket, a blank, or the end of the line.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BULLETS = "■□◆◇●○〇◎・･▼▽▲△▶▷►☆★※#＃*＊-–—―➢✓•⚫⚪↓→▪▫‣"
_OPENING, _CLOSING = "【《〈＜<［[「『〔(（~〜～─━=＝", "】》〉＞>］]」』〕)）~〜～─━=＝"
_NUMBER = re.compile(
    r"(?:第\s*)?(?P<digits>[0-9０-９]{1,2}(?:[.．\-－][0-9０-９]{1,2})*)(?P<dot>[.．、，,)）]|(?=\D)(?![/／:：~～]|[（(][月火水木金土日]|[月年時分回名人件つ個台円割%％歳枚号階ぁ-ん]|日(?![時程付])))"
    r"|[(（]\s*(?P<inside>[0-9０-９]{1,2})\s*[)）]"
    r"|(?P<circled>[①-⑳])[.．、]?"
    r"|(?P<roman>[ⅰ-ⅻⅠ-Ⅻ])[.．、]?"
    r"|(?P<kanji>[一二三四五六七八九十])(?=[ \u3000])"
    r"|(?P<letter>[a-zA-Zア-コ一二三四五六七八九十])[.．、)）](?=\S|\s)"
)
_SUFFIX = re.compile(r"(?:の?職?・?氏名|名簿|等|など|一覧|欄|について|に関して|など)?")
_NOTE = re.compile(r"[ \u3000\t]*[（(〔［\[](?![0-9０-９]{1,2}[)）])([^）)〕］\]]{0,60})[)）〕］\]]")
_COMPOUND = re.compile(
    r"[ \u3000]*(?:[/／・&＆]|及び|および|と)[^：:。、，（(\t\n]{1,14}?(?=[ \u3000]*(?:[：:】》〉＞>\]］」）)~～〜─]|$))"
)
_COUNTED = re.compile(
    r"[ \u3000]*[0-9０-９一二三四五六七八九①-⑨]{1,2}(?:[.．][0-9０-９]{1,2})?(?=[ \u3000]*[：:]|[ \u3000]+\S)"
)
_BEFORE = (
    *("本日の", "今回の", "会議の", "会合の", "当日の", "本会議の", "主な", "会議", "打合せ", "打ち合わせ"),
    *("検討", "協議", "審議", "視察", "研修", "調査", "部会", "委員会", "協議会", "連絡会", "見えてきた", "残された"),
    *("抽出された", "意見交換の", "話し合いの", "協議の", "検討の", "審議の", "別記", "別紙"),
)
_BLANKS = " \t\u3000\xa0"


@dataclass(frozen=True, slots=True)
class Style:
    """How a line begins: its bullet, the form of its number, its bracket. Sisters among headings look alike."""

    bullet: str = ""
    number: str = ""
    bracket: str = ""
    ordinal: int = 0

    def __bool__(self) -> bool:
        return bool(self.bullet or self.number or self.bracket)

    def is_sister(self, other: Style) -> bool:
        """Say whether another line looks like the next heading of the same level."""
        if not self or (self.bullet, self.number, self.bracket) != (other.bullet, other.number, other.bracket):
            return False
        # 一つ書き begins every item with the same 一.
        return not self.number or other.ordinal > self.ordinal or (self.number == "kanji" and other.ordinal == 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A label found in a line: its field, its words, its style, what is noted in brackets behind it, and the value beside it."""

    field: str
    label: str
    style: Style
    note: str
    value: str
    strength: float
    separator: str


@cache
def wordings() -> dict[str, str]:
    """Return the field of every wording, folded; the first field that claims a wording has it."""
    found: dict[str, str] = {}
    for field, wording in _rows():
        if field != "列":
            found.setdefault(fold(wording), field)
    return found


@cache
def column_heads() -> frozenset[str]:
    """Return the wordings that head a column of a table without saying anything about the meeting."""
    return frozenset(fold(wording) for field, wording in _rows() if field == "列")


def _rows() -> list[tuple[str, str]]:
    text = Path(__file__).with_name("labels.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [(field, wording) for field, wording in rows]


@cache
def _longest() -> int:
    return max(map(len, wordings()))


def fold(text: str) -> str:
    """Return a text as labels are compared: one width, one case, no blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def lead(text: str) -> tuple[Style, int]:
    """Return how a line begins, and where its words begin."""
    at = len(text) - len(text.lstrip(_BLANKS))
    begin = at
    while at < len(text) and text[at] in BULLETS:
        at += 1
    bullet = text[begin : begin + 1] if at > begin else ""
    at = _blank(text, at)
    number, ordinal = "", 0
    if (match := _NUMBER.match(text, at)) and not _is_room_number(text, match):
        kind = match.lastgroup or "" if match.lastgroup != "dot" else "digits"
        number, ordinal = _shape(match, kind), _ordinal(match[kind])
        at = _blank(text, match.end())
    bracket = ""
    if at < len(text) and text[at] in _OPENING:
        bracket = text[at]
        at = _blank(text, at + 1)
        while at < len(text) and text[at] == bracket:
            at += 1
    return Style(bullet, number, bracket, ordinal), at


def _is_room_number(text: str, match: re.Match[str]) -> bool:
    """Say whether 第１ belongs to the word behind it, as in 第１会議室, rather than counting headings."""
    return match[0].startswith("第") and not match["dot"] and text[match.end() : match.end() + 1].strip(_BLANKS) != ""


def unnumbered(text: str) -> str:
    """Return a line without its bullet and number; what stands in brackets keeps them."""
    style, at = lead(text)
    if style.bracket:
        at = text.index(style.bracket)
    return text[at:].strip(_BLANKS) if style.bullet or style.number else text.strip(_BLANKS)


def find_mark(text: str) -> Mark | None:
    """Return the label a line begins with, or None."""
    style, at = lead(text)
    mark = _mark_at(text, at, style)
    if mark is None and style.number:
        # What looked like a number may be part of the words, and a label stand right at the beginning.
        plain = len(text) - len(text.lstrip(_BLANKS))
        mark = _mark_at(text, plain, Style())
    return mark


def _mark_at(text: str, at: int, style: Style) -> Mark | None:
    folded, ends = _folded_prefix(text, at)
    for length in range(len(folded), 0, -1):
        alone = text[ends[length - 1] :].lstrip(_BLANKS)[:1] in ("", ":", "：")
        if length > 1 or alone:
            field = _field_of(folded[:length])
            if field and (mark := _judge(text, at, ends[length - 1], field, style)):
                return mark
    return None


def _field_of(folded: str) -> str:
    known = wordings()
    if folded in known:
        return known[folded]
    for before in _BEFORE:
        if folded.startswith(before) and len(folded) > len(before) + 1 and folded[len(before) :] in known:
            return known[folded[len(before) :]]
    return ""


def _folded_prefix(text: str, at: int) -> tuple[str, list[int]]:
    """Return the next letters folded, and for each where it ends in the text: blanks inside labels do not count."""
    folded: list[str] = []
    ends: list[int] = []
    most = _longest() + 6
    while at < len(text) and len(folded) < most:
        letter = text[at]
        at += 1
        if letter in _BLANKS:
            if letter == "\t" and folded:
                break
            continue
        for part in unicodedata.normalize("NFKC", letter).lower():
            folded.append(part)
            ends.append(at)
    return "".join(folded), ends


def _judge(text: str, begin: int, end: int, field: str, style: Style) -> Mark | None:
    """Return a mark if what follows the label sets it apart; how clearly it does is the strength."""
    label = text[begin:end].strip(_BLANKS)
    after = end
    if match := _SUFFIX.match(text, after):
        after = match.end()
    if match := _COMPOUND.match(text, after):
        after = match.end()
        # 決定事項/課題 heads what is sorted elsewhere: neither the one nor the other.
        others = {_field_of(fold(part)) for part in re.split("[/／・&＆と]|及び|および", match[0])}
        field = "他" if others - {"", "他", field} else field
    if field == "議題" and (match := _COUNTED.match(text, after)):
        after = match.end()
    notes, noted = [], after
    while match := _NOTE.match(text, after):
        notes.append(match[1].strip())
        after = match.end()
    closed = after
    while after < len(text) and text[after] in _CLOSING + _BLANKS and text[after] != "\t":
        after += 1
    is_closed = bool(style.bracket) and text[closed:after].strip(_BLANKS) != ""
    rest = text[after:]
    strength, separator = _strength(text, begin, end, closed, rest, style, is_closed=is_closed)
    if strength == 0.0:
        # 出席者（委員等）田中委員、…: the bracket is the beginning of what is said.
        if not notes or field not in ("出席者", "欠席者"):
            return None
        return Mark(field, label, style, "", text[noted:].strip(_BLANKS), 0.85, " ")
    value = rest.lstrip(_BLANKS + "：:;；…‥") if separator in (":", "]") else rest.strip(_BLANKS)
    return Mark(field, label, style, "、".join(notes), value.rstrip(_BLANKS), strength, separator)


def _strength(
    text: str, begin: int, end: int, closed: int, rest: str, style: Style, *, is_closed: bool
) -> tuple[float, str]:
    weak = style.bullet in ("・", "･", "-", "–", "*", "•") and not style.number
    if rest.lstrip(_BLANKS)[:1] in ("：", ":", "；", ";", "…", "‥") and rest.strip(_BLANKS):
        return (0.9 if weak else 0.97), ":"
    if is_closed:
        return 0.95, "]"
    if rest.strip(_BLANKS) and not style.bracket and text[closed : len(text) - len(rest)].strip(_BLANKS) in (")", "）"):
        return 0.9, "]"
    if not rest.strip(_BLANKS):
        if style.bracket:
            return 0.0, ""
        return (0.6 if weak else 0.92 if style else 0.85), "$"
    gap = text[closed : len(text) - len(rest)] + rest[: len(rest) - len(rest.lstrip(_BLANKS))]
    if "\t" in gap:
        return 0.92, "\t"
    if gap and not weak:
        spaced = re.search(r"\S[ \u3000]+\S", text[begin:end])
        wide = "\u3000" in gap or len(gap) > 1 or style.number or style.bullet or spaced
        return (0.9 if style.number else 0.85 if wide else 0.7), " "
    return 0.0, ""


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def _shape(match: re.Match[str], kind: str) -> str:
    """Return the form of a number: 1.2 is another level than 1, （1） another than ①."""
    if kind == "digits":
        return "1" + ".1" * len(re.findall(r"[.．\-－]", match["digits"]))
    return kind


def _ordinal(written: str) -> int:
    last = re.split(r"[.．\-－]", written)[-1]
    if last.isdecimal():
        return int(last)
    folded = unicodedata.normalize("NFKC", last)
    if folded.isdecimal():
        return int(folded)
    for row in ("一二三四五六七八九十", "アイウエオカキクケコ", "ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ", "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"):
        if last in row:
            return row.index(last) + 1
    return ord(last.lower()) - 96 if last.isascii() and last.isalpha() else 0
