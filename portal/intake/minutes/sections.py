"""Cutting a file into labelled parts: which lines and tables belong to which label, wherever the label stands.

A part lasts until the next label, or the next heading that looks like its own. Inside 次回 a 日時 is the next meeting's,
inside 内容 only a heading of the same rank ends the part, and behind a value on the same line little can follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as made

from portal.intake.minutes.labels import Mark, Style, find_mark, fold, lead
from portal.intake.minutes.model import Layout, Line, Table

SHORT = frozenset(("会議名", "開催日時", "時間", "終了", "場所", "主催", "作成者", "作成日"))
HEAD = frozenset(("会議名", "開催日時", "時間", "終了", "場所", "主催", "作成日", "出席者", "欠席者"))
TAIL = frozenset(("決定事項", "課題", "次回", "配布資料", "作成者", "他", "前回"))
PEOPLE = frozenset(("出席者", "欠席者"))
_AMONG_PEOPLE = frozenset("事務局 議長 司会 司会者 座長 進行役 オブザーバー 代理出席者 代理出席 担当 講師 所属".split())
_SPEAKERS = frozenset(("担当", "担当者", "報告者", "担当課", "作成"))
_AMONG_TOPICS = frozenset(
    "開会 閉会 あいさつ 挨拶 その他 報告 報告事項 審議事項 情報提供 協議 協議事項 連絡 連絡事項 意見交換 質疑応答 議事 審議 討議 概要 経過 内容".split()
)
_PAPERS = frozenset("次第 議事次第 会議次第 式次第 資料 参考資料 添付資料 会議録 議事録".split())
_ELSEWHERE = frozenset(("次回", "前回"))
_SPEECH = re.compile(
    r"[○◯〇●◎][ \u3000]*[^ \u3000：:（(、。]{0,16}(?:委員|議員|議長|会長|委員長|座長|部長|課長|係長|区長|市長|局長|室長|所長|院長|主査|主幹|事務局|司会|代理"
    r"|担当|氏|さん|医師|看護師|薬剤師|コーディネーター)(?:[ \u3000：:（(]|$)"
    r"|[（(]?(?:午前|午後)?[ \u3000]*[0-9０-９]{1,2}[ \u3000]*時[ \u3000]*(?:[0-9０-９]{1,2}[ \u3000]*分)?[ \u3000]*(?:開会|開議)[）)]?$"
    r"|[(（【〈](?:委員長?|副?会長|副?議長|座長|事務局|司会)[)）】〉][ \u3000]*$"
)
_RULE = re.compile(r"[\s\-－―─━=＝_＿*＊~～・.…—–]{4,}")
_UNFINISHED = re.compile(r"[、，,・／/（(]$")
_ONLY_NOTE = re.compile(r"(?:[（(][^（()）]*[)）][ \u3000]*)+|敬称略|順不同")
_WRITER_BEHIND = re.compile(
    r"[ \u3000\t]+(?:書記|文責|記録者?|作成者|議事録(?:担当|作成)?|筆記)(?:[ \u3000]*[：:][ \u3000]*|[ \u3000]+)[^ \u3000：:、。]{1,8}$"
)
_PIECES = re.compile(r"\t+|[ \u3000]{2,}")


@dataclass(slots=True)
class Section:
    """A labelled part. `how` is line, cell, column or roster; `within` names the part it stands in, such as 次回."""

    field: str
    label: str
    place: str
    strength: float
    style: Style = made(default_factory=Style)
    indent: float = 0.0
    emphasis: bool = False
    inline: bool = False
    note: str = ""
    how: str = "line"
    within: str = ""
    order: int = 0
    lines: list[Line] = made(default_factory=list)
    present: list[str] = made(default_factory=list)
    absent: list[str] = made(default_factory=list)

    def texts(self) -> list[str]:
        """Return what the lines say, those that say nothing left out."""
        return [line.text.strip() for line in self.lines if line.text.strip()]


@dataclass(slots=True)
class Parts:
    """A file cut up: its labelled parts, and the lines that stand outside of any, each with its turn in the order."""

    sections: list[Section] = made(default_factory=list)
    loose: list[tuple[int, Line]] = made(default_factory=list)
    fields: set[str] = made(default_factory=set)

    def titled_lines(self) -> list[Line]:
        """Return the first lines that stand outside of any part, wherever the first label is."""
        return [line for _, line in self.loose if line.text.strip()][:4]

    def head_lines(self) -> list[Line]:
        """Return the loose lines that stand before the first label, and no more than people put above one."""
        said = [section for section in self.sections if section.texts() and section.field != "他"]
        first = min((section.order for section in said), default=10**9)
        return [line for order, line in self.loose if order < first and line.text.strip()][:12]


def cut(layout: Layout) -> Parts:
    """Cut a layout into its labelled parts."""
    from portal.intake.minutes.tables import read_table

    cutter = Cutter()
    for block in layout.blocks:
        if isinstance(block, Line):
            cutter.line(block)
        elif not read_table(block, cutter):
            cutter.table(block)
    return cutter.parts


class Cutter:
    """Takes lines and tables in their order and says where each belongs."""

    def __init__(self, parts: Parts | None = None, *, within: str = "") -> None:
        """Begin outside of any part; cells are cut by a cutter of their own that shares the parts."""
        self.parts = parts if parts is not None else Parts()
        self.open: Section | None = None
        self._within = within
        self._blank = False
        self._looks: set[tuple[str, str, str]] = set()

    def line(self, line: Line) -> None:
        """Take the next line."""
        if not line.text.strip():
            self._blank = True
            if self.open is not None and self.open.field not in SHORT:
                self.open.lines.append(line)
            return
        for piece in split_row(line.text):
            self._piece(line if piece == line.text else Line(piece, line.place, line.indent, line.heading, line.bold))
        self._blank = False

    def table(self, table: Table) -> None:
        """Take a table that has no labels of its own."""
        if self.open is not None and self.open.field not in SHORT:
            self.open.lines.extend(_as_lines(table))
        else:
            for line in _as_lines(table):
                self.parts.loose.append((self.turn(), line))

    def add(self, section: Section) -> Section:
        """Add a part that was found by other means."""
        section.order = self.turn()
        section.within = section.within or self._within
        self.parts.sections.append(section)
        if not section.within:
            self.parts.fields.add(section.field)
        return section

    def turn(self) -> int:
        """Return the next number in the order of the file."""
        return len(self.parts.sections) + len(self.parts.loose)

    def _piece(self, line: Line) -> None:
        if fold(line.text) == "以上":
            self.open = None
            return
        mark = find_mark(line.text)
        if mark is not None and self._begins(mark, line):
            self._begin(mark, line)
            return
        if self._speech_begins(line):
            self.open = self.add(Section("内容", "発言", line.place, 0.82, indent=line.indent))
        elif self.open is not None and not self._is_among(self.open, mark) and self._ends(self.open, line, mark):
            self.open = None
        if self.open is not None:
            self.open.lines.append(line)
        else:
            self.parts.loose.append((self.turn(), line))

    def _begin(self, mark: Mark, line: Line) -> None:
        within = self._within
        if self.open is not None and self.open.field in _ELSEWHERE and mark.field in HEAD - PEOPLE:
            within = self.open.field
        part = section_of(mark, line, within=within)
        look = (mark.style.bullet, mark.style.number, mark.style.bracket)
        if mark.strength >= 0.85:
            self._looks.add(look)
        elif any(look) and look in self._looks:
            part.strength = 0.85  # it looks like labels that were sure
        self.open = self.add(part)

    def _speech_begins(self, line: Line) -> bool:
        """Say whether somebody begins to speak (○議長　…) where only head fields have been so far."""
        if self._within or (self.open is not None and self.open.field in ("内容", *_ELSEWHERE)):
            return False
        if self.open is not None and self.open.field in PEOPLE and line.text.strip()[0] not in "○◯〇●◎":
            return False  # a group of those present, not somebody who speaks
        if self.parts.fields.isdisjoint(HEAD) or _SPEECH.match(line.text.strip()) is None:
            return False
        return not any(part.field == "内容" and len("".join(part.texts())) > 9 for part in self.parts.sections)

    def _is_among(self, part: Section, mark: Mark | None) -> bool:
        """Say whether a label only sorts the people present: 事務局：, 司会："""
        return mark is not None and part.field == "出席者" and fold(mark.label) in _AMONG_PEOPLE

    def _begins(self, mark: Mark, line: Line) -> bool:
        """Say whether a label begins a part of its own where it stands."""
        part = self.open
        if _titles(mark) and not self.parts.sections:
            return False
        if mark.field == "他" and mark.strength < 0.85:
            return False
        if part is None:
            return mark.strength >= 0.6
        if mark.field == "他" and mark.separator == " " and line.indent > part.indent + 0.4:
            return False
        sister = part.style.is_sister(mark.style)
        if part.field in _ELSEWHERE:
            if mark.field in PEOPLE and mark.strength >= 0.85 and line.indent <= part.indent + 0.4:
                return True
            same_rank = sister or (not part.style and not mark.style and not part.inline and self._is_outer(part, line))
            return same_rank or mark.field not in HEAD | {"議題", "内容", "課題"}
        if fold(mark.label) in _AMONG_PEOPLE and part.field in ("内容", "決定事項", "課題") and not sister:
            return False
        if part.field == "内容":
            return sister or self._ends_body(part, mark, line)
        if self._is_among(part, mark) and not sister:
            return False
        if part.field in ("議題", "配布資料") and self._is_item(part, mark):
            return False
        if part.field == "議題" and fold(mark.label) in _AMONG_TOPICS and not sister and mark.separator != ":":
            return mark.style == part.style and line.indent <= part.indent + 0.4
        return mark.strength >= 0.7 or sister or part.field in SHORT

    def _is_item(self, part: Section, mark: Mark) -> bool:
        """Say whether a label is only the next item of a list: numbered like the one before, or a paper handed out."""
        if part.field == "配布資料" and fold(mark.label) in _PAPERS and mark.separator == "$":
            return not part.style.is_sister(mark.style)
        said = part.texts()
        if not said or not mark.style.number or mark.separator != "$" or part.style.is_sister(mark.style):
            return False
        before = lead(said[-1])[0]
        return before.is_sister(mark.style) and mark.style.ordinal == before.ordinal + 1

    def _ends_body(self, body: Section, mark: Mark, line: Line) -> bool:
        """Say whether a label inside the body ends it: what was decided does, the 日時 of some event told of does not."""
        if line.indent > body.indent + 0.6:
            return False
        if (
            mark.field in HEAD
            and mark.strength >= 0.85
            and self.parts.fields.isdisjoint({"開催日時", "出席者", "場所"})
        ):
            return True  # what was called 概要 turns out to hold the head
        if mark.field in HEAD and mark.field not in PEOPLE:
            return mark.field not in self.parts.fields and not mark.style and mark.strength >= 0.85
        if mark.field == "他":
            return not mark.style and mark.separator in (":", "\t")
        if mark.field == "作成者" and fold(mark.label) in _SPEAKERS:
            return False
        if mark.field in TAIL | PEOPLE:
            plain = not mark.style or bool(mark.style.bracket) or line.heading
            return mark.strength >= 0.9 or (plain and mark.strength >= 0.85)
        return bool(mark.style) and mark.style == body.style

    def _is_outer(self, part: Section, line: Line) -> bool:
        return line.indent <= part.indent + 0.4 and self._blank

    def _ends(self, part: Section, line: Line, mark: Mark | None) -> bool:
        """Say whether a line that begins no part still ends the open one."""
        if _RULE.fullmatch(line.text):
            return True
        style = lead(line.text)[0]
        if part.style.is_sister(style) and mark is None and line.indent <= part.indent + 0.6:
            return part.style.bullet not in ("・", "-")
        if part.emphasis and (line.heading or line.bold) and part.field != "内容":
            return True
        if part.field in SHORT:
            return self._ends_short(part, line)
        return (
            self._ends_list(part, line) if part.field != "内容" else part.inline and self._blank and part.how == "cell"
        )

    def _ends_short(self, part: Section, line: Line) -> bool:
        if not part.texts():
            return False
        if self._blank:
            return True
        pushed = part.indent + 1.5 <= line.indent <= part.indent + len(part.label) + 9
        return not (pushed or bool(_UNFINISHED.search(part.texts()[-1]))) or len(part.texts()) > 3

    def _ends_list(self, part: Section, line: Line) -> bool:
        said = part.texts()
        if not said:
            return False
        pushed = line.indent > part.indent + 0.4
        if part.field in PEOPLE and not self._blank and line.text.strip()[0] in "（(〔［[【":
            return False
        if part.inline and not _UNFINISHED.search(said[-1]) and not _ONLY_NOTE.fullmatch(said[-1]):
            return not pushed or (part.field in PEOPLE and self._blank)
        if not self._blank:
            return False
        first, style = lead(said[0])[0], lead(line.text)[0]
        if part.field in PEOPLE:
            prose = "。" in line.text or (len(line.text) > 40 and len(re.findall("[、，,]", line.text)) < 2)
            return not pushed and (prose or bool(style.number))
        return bool(first) and not pushed and (not style or (bool(first.number) and not style.number))


def _titles(mark: Mark) -> bool:
    """Say whether a label is rather the title of the whole: 議事録, （議事メモ）, before anything else is said."""
    record = mark.field == "内容" and re.search("議事|会議|^Minutes", mark.label, re.IGNORECASE) is not None
    dressed = mark.style.bullet not in ("", "#") or mark.style.number
    return record and mark.separator != ":" and (not mark.value or mark.separator in (" ", "]")) and not dressed


def section_of(mark: Mark, line: Line, *, within: str = "", how: str = "line") -> Section:
    """Return the part a label begins."""
    value = [Line(mark.value, line.place, line.indent)] if mark.value else []
    return Section(
        mark.field,
        mark.label,
        line.place,
        mark.strength,
        mark.style,
        line.indent,
        line.heading or line.bold,
        bool(mark.value),
        mark.note,
        how,
        within,
        lines=value,
    )


def split_row(text: str) -> list[str]:
    """Split a line that holds several labels, as a row of a form printed to text does: 日時<tab>…<tab>場所<tab>…"""
    pieces = [piece for piece in _PIECES.split(text) if piece]
    marks = [find_mark(piece) for piece in pieces] if len(pieces) > 2 else []
    starts = [at for at, mark in enumerate(marks) if mark and mark.strength >= 0.85 and mark.separator in ":]$"]
    if len(starts) > 1 and starts[0] == 0:
        ends = [*starts[1:], len(pieces)]
        return ["\t".join(pieces[start:end]) for start, end in zip(starts, ends, strict=True)]
    return _split_at_colons(text)


def _split_at_colons(text: str) -> list[str]:
    """Split before every label with a colon, if the line begins with such a label: 出席：…　欠席：…"""
    first = find_mark(text)
    if first is None and len(text) <= 80 and (writer := _WRITER_BEHIND.search(text)):
        # A title or a day, and who wrote it on the right: 第5回会議　　　文責　片岡
        return [text[: writer.start()].rstrip(), writer[0].strip()]
    if (
        first is None
        or len(text) > 400
        or not (first.separator in ":]" or (first.separator == " " and first.field in HEAD))
    ):
        return [text]
    cuts = [0]
    for blank in re.finditer(r"(?<=\S)[ \u3000\t]+(?=\S)", text):
        mark = find_mark(text[blank.end() : blank.end() + 30])
        before = find_mark(text[cuts[-1] : blank.start()])
        said = before is not None and bool(before.value)
        if said and mark is not None and _begins_anew(mark, len(blank[0])) and mark.field != first.field:
            cuts.append(blank.end())
    return [text[start:end].rstrip() for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def _begins_anew(mark: Mark, gap: int) -> bool:
    """Say whether a label within a line is one: by its colon, or by wide blanks before it where it belongs to the head."""
    head = gap > 1 and mark.separator == " " and mark.field in HEAD | {"作成者"} and bool(mark.value)
    return not mark.style and (mark.separator == ":" or head)


def _as_lines(table: Table) -> Iterable[Line]:
    for row in table.rows():
        text = "\t".join(" ".join(line.text.strip() for line in cell.lines) for cell in row)
        yield Line(text, row[0].lines[0].place if row[0].lines else "", 0.5)
