"""Whether a file is the minutes of one meeting at all: agendas, blank forms, running logs and other papers are told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.intake.minutes import days, titles
from portal.intake.minutes.labels import find_mark, fold, lead
from portal.intake.minutes.model import Layout, Line, Table
from portal.intake.minutes.sections import Parts, Section

_OTHER_PAPER = re.compile(
    r"マニュアル|手引き?|手順書|規約|会則|要綱|要領|規程|名簿|一覧表?|申請書|届出?書?$|誓約書|契約書|請求書|見積書|領収書|仕様書|設計書|計画書|実施計画|計画[（(]案|企画[書案]|当番表|予定表|予算書|決算書|収支|アンケート|チラシ|募集|通知|案内状?|お知らせ|ご案内|依頼文?|依頼書|履歴書|シート|カレンダー|時間割|テスト|実験|レポート|の様式"
)
_ANNOUNCES = re.compile(
    r"報道発表|(?:を|が)開催(?:します|いたします|されます)|開催の(?:お知らせ|ご案内)|ご(?:出席|参加|参集)(?:ください|いただ|くださ)|申込(?:先|方法|期限)|参加費|お申し込み"
)
_AGENDA = re.compile(
    r"次第|アジェンダ|プログラム|式次第|レジュメ|開催通知|開催案内|agenda|タイムスケジュール", re.IGNORECASE
)
_WEIGHTS = {
    "会議名": 1.0,
    "開催日時": 1.0,
    "場所": 0.8,
    "出席者": 1.0,
    "議題": 1.2,
    "内容": 1.0,
    "決定事項": 1.4,
    "次回": 0.8,
    "作成者": 0.4,
    "課題": 0.8,
}
_HEAD_FIELDS = frozenset(_WEIGHTS)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a file seems to be, how far what it says may be trusted, and what a person should know."""

    kind: str
    trust: float = 1.0
    warnings: tuple[str, ...] = ()


def judge(layout: Layout, parts: Parts) -> Judgement:
    """Say what kind of paper a file is."""
    if not any(isinstance(block, Table) or block.text.strip() for block in layout.blocks):
        return Judgement("not-minutes", 0.0, ("文字がありません。",))
    title = _title(layout, parts)
    named = titles.is_title(title) or titles.is_title(layout.name) or any(map(titles.is_title, layout.hints))
    if (several := _meetings(layout, parts)) > 1:
        return Judgement(
            "log", 0.0, (f"{several}回分の会議が一つのファイルに入っているようです。会議ごとに分けてください。",)
        )
    first = next((line.text.strip() for line in parts.head_lines()), "")
    if titles.is_about_minutes(first) or (not named and _OTHER_PAPER.search(title)):
        return Judgement("not-minutes", 0.0)
    telling = [part for part in parts.sections if part.field in _HEAD_FIELDS and not part.within and _has_value(part)]
    filled = {part.field for part in telling}
    present = {part.field for part in parts.sections if part.field in _HEAD_FIELDS and not part.within}
    if not named and any(_ANNOUNCES.search(line.text) for line in _lines(layout)[:40]):
        return Judgement("not-minutes", 0.0)
    if not named and _AGENDA.search(title) and not filled & {"出席者", "決定事項"}:
        return Judgement("agenda", 0.0, ("会議の次第のようです。議事録ではありません。",))
    if _is_empty_form(parts, filled, present):
        return Judgement("template", 0.6, ("記入されていない様式のようです。",))
    if named or _speaks_of_a_meeting(telling):
        return Judgement("minutes")
    if _begins_with_a_day(parts):
        return Judgement("minutes", 0.9)
    return Judgement("not-minutes", 0.0)


def _title(layout: Layout, parts: Parts) -> str:
    lines = [line.text.strip() for line in parts.head_lines()[:5]]
    if not lines:
        first = next((block for block in layout.blocks if not isinstance(block, Line) or block.text.strip()), None)
        if isinstance(first, Table):
            lines = [first.cells[0].text.strip()]
        elif first is not None:
            lines = [first.text.strip()]
    shown = [line for line in lines if len(line) <= 60]
    return next((line for line in shown if titles.is_title(line)), " ".join(shown[:3]))


def _has_value(part: Section) -> bool:
    text = "".join(part.texts())
    if part.field == "開催日時":
        return bool(days.find_moments(text))
    return bool(part.present or part.absent) or (bool(text) and not days.has_placeholder(text))


def _speaks_of_a_meeting(parts: list[Section]) -> bool:
    """Say whether labels alone show minutes: enough of them, and one that only a record has."""
    weights: dict[str, float] = {}
    for part in parts:
        plain = not re.search("会議|開催|議事|協議|出席|参加|日時", part.label)
        weights[part.field] = max(weights.get(part.field, 0.0), _WEIGHTS[part.field] * (0.5 if plain else 1.0))
    recorded = weights.keys() & {"出席者", "決定事項"} or any(_is_told_of(part) for part in parts)
    return bool(recorded) and sum(weights.values()) >= 2.0


def _is_told_of(part: Section) -> bool:
    """Say whether a part tells what was said; 内容 and 概要 alone may as well tell what a leaflet invites to."""
    return part.field == "内容" and fold(part.label) not in ("内容", "概要", "主な内容", "研修内容")


def _begins_with_a_day(parts: Parts) -> bool:
    """Say whether the first line is a day without a year and nothing else, as people head their own notes."""
    first = next((line.text.strip() for line in parts.head_lines()), "")
    moments = days.find_moments(first)
    return len(moments) == 1 and moments[0].year is None and moments[0].ends - moments[0].begins >= len(first) - 3


def _is_empty_form(parts: Parts, filled: set[str], present: set[str]) -> bool:
    blank_day = any(
        part.field == "開催日時"
        and not part.within
        and not days.find_moments(" ".join(part.texts()))
        and (not part.texts() or days.has_placeholder(" ".join(part.texts())))
        for part in parts.sections
    )
    day_given = any(part.field == "開催日時" and days.find_moments(" ".join(part.texts())) for part in parts.sections)
    return blank_day and not day_given and len(present) >= 3 and len(filled - {"議題"}) <= max(2, len(present) // 2)


def _meetings(layout: Layout, parts: Parts) -> int:
    """Count the meetings a file tells of: days that stand as headings, or heads with a 日時 of their own."""
    dated = {
        moment.iso()[:10]
        for part in parts.sections
        if part.field == "開催日時" and not part.within
        for moment in days.find_moments(" ".join(part.texts()))[:1]
    }
    heads = sum(1 for part in parts.sections if part.field == "開催日時" and not part.within and _has_value(part))
    repeated = sum(1 for part in parts.sections if part.field == "出席者" and not part.within and part.texts())
    if len(dated) > 1 and heads > 1 and repeated > 1:
        return len(dated)
    if len(again := _heads_in_lines(_lines(layout))) > 1:
        return len(again)
    headings = _dated_headings(layout)
    return headings if headings >= 3 and not dated else 1


def _lines(layout: Layout) -> list[Line]:
    return [block for block in layout.blocks if isinstance(block, Line) and block.text.strip()]


def _heads_in_lines(lines: list[Line]) -> set[str]:
    """Return the days under which a head stands, with people present right below; the next meeting's is not counted."""
    found: set[str] = set()
    for at, line in enumerate(lines):
        mark = find_mark(line.text)
        if mark is None or mark.field != "開催日時" or mark.separator not in (":", "]", "\t"):
            continue
        moments = days.find_moments(mark.value)
        before, after = lines[max(0, at - 3) : at], lines[at + 1 : at + 4]
        people = any((other := find_mark(near.text)) is not None and other.field == "出席者" for near in after)
        if moments and people and not any("次回" in near.text for near in before):
            found.add(moments[0].iso()[:10])
    return found


def _dated_headings(layout: Layout) -> int:
    """Count different days that have a line to themselves; four digits count where several do."""
    found: set[tuple[int, int]] = set()
    for block in layout.blocks:
        if not isinstance(block, Line) or not 3 <= len(block.text.strip()) <= 24:
            continue
        text = block.text.strip()[lead(block.text.strip())[1] if not block.text.strip()[:1].isdigit() else 0 :]
        for moment in days.find_moments(text)[:1] or days.days_in_name(text)[:1]:
            rest = (text[: moment.begins] + text[moment.ends :]).strip(" \u3000()（）月火水木金土日～~-議事録会打合せ")
            if len(rest) <= 2:
                found.add((moment.month, moment.day))
    return len(found)
