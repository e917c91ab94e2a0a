"""From labelled parts to answers: which part speaks for a field, what its value is, and how sure that is.

A confidence begins with how clearly the label stands apart and falls with everything odd about the value. What has no label
at all (a day in the title, a name above it) is answered with less; what is no record of one meeting is not answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from portal.intake.minutes import days, titles
from portal.intake.minutes.kinds import Judgement, judge
from portal.intake.minutes.labels import find_mark, fold, lead, unnumbered
from portal.intake.minutes.model import Found, Layout, Line, Minutes, Value
from portal.intake.minutes.people import (
    People,
    is_organisation,
    looks_like_person,
    nobody,
    points_elsewhere,
    read_people,
)
from portal.intake.minutes.sections import PEOPLE, Parts, Section, cut

_PLACEHOLDER = re.compile(r"[〇○◯△□●×＊*_＿]{2,}|[（(]\s*[）)]|ここに|を記入|を入力|記載例|記入例|ｘｘ|XX|xx|××")
_AT = re.compile(r"(?:[@＠]|於[ \u3000：:]*)\s*(\S.{0,40})$")
_NOTHING = re.compile(r"^(?:なし|無し|特になし|特に無し|未定|－|-|ー|―|―――|該当なし|なし。|特になし。)$")
_FURTHER = re.compile(r"^(?:敬称略|順不同|以下、?敬称略)$")
_SHAKY = (
    "結果",
    "まとめ",
    "結論",
    "決定",
    "課題",
    "担当",
    "担当者",
    "報告者",
    "目的",
    "件名",
    "名称",
    "資料",
    "進行",
    "流れ",
    "出席",
    "参加",
)
_OPENNESS = re.compile(r"(?:一部)?(?:非?公開|可|否|有|無)")
_SORTING = re.compile(r"[〔【〈＜<［\[(（][^〕】〉＞>］\])）]*[〕】〉＞>］\])）]")
_SPEAKER = re.compile(r"[(（【〈○◯〇・]?(?:委員長?|副?会長|副?議長|座長|事務局|司会)[)）】〉]?(?:[ \u3000：:]|$)")
_TOPIC_NUMBER = re.compile(r"(?:\[[ xX]?\]|議[題案][ \u3000]*[0-9０-９一二三四五六七八九]{1,2})[ \u3000：:]+(?=\S)")
_NEXT_IS = re.compile(
    r"次回(?:の?(?:開催|会議|会合|日程|予定)日?)?(?:は|、)[ \u3000]*(.*?)(?:(?:を|に)?(?:予定|開催|行う).*)?[。]?$"
)
_NICKNAME = re.compile(
    r"[ぁ-んー]{2,6}|[A-Za-z0-9_\-]{2,20}|[一-鿿々]{1,4}[A-Za-z]{1,4}|[^ \u3000（(]{1,8}[（(][^（()）]{1,4}[)）]"
    r"|[一-鿿々ヶ]{1,4}[ \u3000][一-鿿々ぁ-ん]{1,12}(?:長|主査|主任|主事|代理|補佐)"
)
_LONG_SNIPPET = 240
_LONG_TEXT = 20_000


def understand(layout: Layout) -> Minutes:
    """Return what a file says."""
    parts = cut(layout)
    judgement = judge(layout, parts)
    warnings = [*layout.warnings, *judgement.warnings]
    if judgement.kind not in ("minutes", "template"):
        return Minutes(layout.name, judgement.kind, {}, tuple(warnings))
    reader = _Reader(layout, parts, judgement)
    fields = {found.field: found for found in reader.read()}
    return Minutes(layout.name, judgement.kind, fields, tuple(warnings), tuple(reader.left_over()))


class _Reader:
    def __init__(self, layout: Layout, parts: Parts, judgement: Judgement) -> None:
        self._layout = layout
        self._parts = parts
        self._judgement = judgement
        for part in parts.sections:
            # 会議の結果 is what was decided, unless it turns out to tell what everybody said.
            if part.field == "決定事項" and part.label.endswith("結果") and _is_told(part):
                part.field = "内容"
        self._topics_called_proceedings()
        self._writer: Found | None = None

    def read(self) -> Iterable[Found]:
        """Yield an answer for each field that has one."""
        answers: list[Found | None] = [
            self._meeting(),
            self._moment(),
            self._place(),
            self._short("主催"),
            *self._people(),
            self._list("議題"),
            self._body(),
            self._list("決定事項"),
            self._list("課題"),
            self._next(),
            self._author(),
            self._written_on(),
            self._list("配布資料"),
        ]
        for found in answers:
            if found is not None:
                yield self._weighed(found)

    def left_over(self) -> list[str]:
        """Return the heads of parts that fit no field."""
        heads = [part for part in self._parts.sections if part.field == "他" and part.texts()]
        return [f"{part.label}：{part.texts()[0][:60]}" for part in heads][:40]

    def _topics_called_proceedings(self) -> None:
        """Take 議事 for the topics where they are not named and another part tells what was said about them."""
        parts = [part for part in self._of("内容") if part.texts()]
        short = len(parts) > 1 and all(len(text) < 40 and not text.endswith("。") for text in parts[0].texts())
        if short and fold(parts[0].label) == "議事" and not self._of("議題"):
            parts[0].field = "議題"

    def _weighed(self, found: Found) -> Found:
        """Lower what is said in a file that is not surely one meeting's minutes."""
        confidence = round(max(0.0, min(0.99, found.confidence * self._judgement.trust)), 2)
        return Found(found.field, found.value, found.text, confidence, found.snippet, found.place)

    def _of(self, field: str) -> list[Section]:
        return [part for part in self._parts.sections if part.field == field and not part.within]

    # -- single values -------------------------------------------------------------------------------------------------

    def _meeting(self) -> Found | None:
        for part in self._of("会議名"):
            said = " ".join(part.texts()[:2])
            if said and not _is_placeholder(said) and len(said) <= 80 and not titles.is_generic(said):
                shaky = 0.1 if part.label in _SHAKY else 0.0
                return _found(part, said, said, part.strength - shaky)
        title = titles.meeting_name(self._parts.head_lines())
        if title is None:
            # What stands in a text box may come before the title.
            late = [line for line in self._parts.titled_lines() if titles.names_record(line.text)]
            title = titles.meeting_name(late)
        if title is None:
            return None
        line, name, confidence = title
        return Found("会議名", name, line.text.strip(), confidence, line.text.strip()[:_LONG_SNIPPET], line.place)

    def _moment(self) -> Found | None:
        parts = self._of("開催日時") or self._opening()
        for part in parts:
            said = " ".join(part.texts()[:3])
            if not (moments := days.find_moments(said)):
                continue
            first = moments[0]
            if not first.start:
                first = self._with_hours(first)
            first, penalty = self._in_year(first, said)
            place = 0.0 if part is parts[0] else 0.1
            return _found(part, first.iso(), _moment_text(said), _dated_strength(part, moments[0]) - penalty - place)
        return self._unlabelled_moment() if not any(part.texts() for part in parts) else None

    def _opening(self) -> list[Section]:
        """Return the part that says when a council was opened, where that is all there is."""
        return [
            part
            for part in self._of("他")
            if fold(part.label) == "開会" and days.find_moments(" ".join(part.texts()[:2]))
        ]

    def _with_hours(self, moment: days.Moment) -> days.Moment:
        """Add hours that stand behind a label of their own."""
        opened = [part for part in self._of("他") if fold(part.label) == "開会"]
        closed = [*self._of("終了"), *(part for part in self._of("他") if fold(part.label) == "閉会")]
        for part in (*self._of("時間"), *opened):
            start, end, _ = days.find_hours(days.folded(" ".join(part.texts()[:2])))
            if start:
                if not end:
                    closing = " ".join(text for other in closed for text in other.texts()[:2])
                    end = days.find_hours(days.folded(closing))[0]
                return days.Moment(moment.month, moment.day, moment.year, start, end)
        return moment

    def _unlabelled_moment(self) -> Found | None:
        """Find the day in the title or near it, else in the name of the file or the sheet."""
        for line in self._parts.head_lines()[:8]:
            if len(line.text) > 60 or titles.is_dated_otherwise(line.text):
                continue
            if moments := days.find_moments(line.text):
                moment, penalty = self._in_year(moments[0], line.text)
                beside = line.text[: moment.begins] + _AT.sub("", line.text[moment.ends :])
                alone = len(beside.strip()) < 6
                known = alone or titles.is_title(line.text)
                confidence = (0.9 if known else 0.72) - penalty
                return Found("開催日時", moment.iso(), line.text.strip(), confidence, line.text.strip(), line.place)
        for name in (*self._layout.hints[:1], self._layout.name):
            stem = name.rpartition(".")[0] or name
            if len(found := days.days_in_name(stem)) == 1 and titles.is_dated_name(stem):
                moment, penalty = self._in_year(found[0], "")
                return Found("開催日時", moment.iso(), stem, 0.78 - penalty, f"名前：{name}", "ファイルやシートの名前")
        return None

    def _in_year(self, moment: days.Moment, said: str) -> tuple[days.Moment, float]:
        """Complete a day without a year from the name of the file or the title, where they speak of the same day."""
        if moment.year is not None:
            return moment, 0.0
        for name in (self._layout.name, *self._layout.hints[:1]):
            for other in days.days_in_name(name.rpartition(".")[0] or name):
                if other.year and (other.month, other.day) == (moment.month, moment.day):
                    return moment.in_year(other.year), 0.03
        for line in self._parts.head_lines()[:6]:
            spoken = days.spoken_year(line.text)
            if spoken is not None:
                year, fiscal = spoken
                return moment.in_year(year + 1 if fiscal and moment.month < 4 else year), 0.08
        return moment, 0.04

    def _place(self) -> Found | None:
        for part in self._of("場所"):
            said = _one_line(part)
            if not said or _is_placeholder(said) or _NOTHING.match(said):
                continue
            said = re.sub(r"^[@＠]\s*", "", said)
            return _found(
                part, said, said, part.strength - _oddness(said, 60) - (0.05 if part.label == "会議室" else 0.0)
            )
        for part in self._of("開催日時"):
            text = " ".join(part.texts()[:2])
            if match := _AT.search(text):
                return _found(part, match[1].strip(), text, 0.85, "場所")
        for line in self._parts.head_lines()[:4]:
            moments = days.find_moments(line.text)
            if moments and (match := _AT.search(line.text, moments[0].ends)):
                return Found("場所", match[1].strip(), line.text, 0.8, line.text.strip(), line.place)
        return None

    def _short(self, field: str) -> Found | None:
        for part in self._of(field):
            said = _one_line(part)
            if said and not _is_placeholder(said) and not _NOTHING.match(said):
                body = is_organisation(said) or re.search("[会課部室局所係団組]$", said)
                person = 0.3 if looks_like_person(said) and not body else 0.0
                return _found(part, said, said, part.strength - max(person, _oddness(said, 50)))
        return None

    def _author(self) -> Found | None:
        """Find who wrote the minutes; a stamp box without a name says nothing."""
        for part in sorted(self._of("作成者"), key=lambda part: part.label in _SHAKY):
            said = _one_line(part)
            if not said or _is_placeholder(said) or "\t" in said.strip():
                continue
            plain = re.sub(r"[ \u3000]*(?:印|㊞|[（(]印[)）])$", "", said)
            people = read_people([plain])
            likely = 0 < len(people.present) <= 2 and len(plain) <= 30
            if not likely and not looks_like_person(plain):
                continue
            shaky = 0.08 if part.label in _SHAKY else 0.0
            head = part.how == "cell" or part.order <= self._body_order() or part.label not in ("担当", "担当者")
            return _found(part, plain, plain, part.strength - shaky - (0.0 if head else 0.4))
        return self._writer

    def _written_on(self) -> Found | None:
        for part in self._of("作成日"):
            said = _one_line(part)
            if moments := days.find_moments(said):
                moment, penalty = self._in_year(moments[0], said)
                return _found(part, moment.iso(), said, _dated_strength(part, moments[0]) - penalty)
        return None

    # -- people --------------------------------------------------------------------------------------------------------

    def _people(self) -> list[Found | None]:
        found: dict[str, Found] = {}
        rosters = [part for part in self._of("出席者") if part.how == "roster"]
        if rosters:
            part = rosters[0]
            text = "\n".join(part.texts())
            for field, names in (("出席者", part.present), ("欠席者", part.absent)):
                if names:
                    found[field] = _found(part, names, text, 0.93, field)
            if not part.present and not part.absent:
                return []
        for field in ("出席者", "欠席者"):
            for part in self._of(field):
                if field not in found and part.how != "roster":
                    self._take_people(part, found)
        return [found.get("出席者"), found.get("欠席者")]

    def _take_people(self, part: Section, found: dict[str, Found]) -> None:
        lines = [text for text in part.texts() if not _FURTHER.match(text)]
        if not lines and part.note and ("、" in part.note or "，" in part.note):
            lines = [part.note]
        text = "\n".join(lines)
        if not lines or _is_placeholder(text) or points_elsewhere(text):
            return
        if nobody(text):
            if part.field == "欠席者":
                found["欠席者"] = _found(part, [], text, part.strength)
            return
        people = read_people(_names_only(lines))
        if people.writer and self._writer is None:
            self._writer = _found(part, people.writer, text, 0.85, "作成者")
        if people.present:
            certainty = people.certainty() * _plausible(people.present) * _agreement(part, people)
            certainty *= 0.75 if self._breaks_off(part) else 1.0
            names = people.present if part.field == "出席者" else [*people.present, *people.absent]
            found[part.field] = _found(part, names, text, part.strength * certainty)
        if people.absent and part.field == "出席者" and "欠席者" not in found:
            found["欠席者"] = _found(part, people.absent, text, 0.85, "欠席者")

    def _breaks_off(self, part: Section) -> bool:
        """Say whether the line right behind a list of people reads like its next: then half of it may be missing."""
        behind = next((line for order, line in self._parts.loose if order == part.order + 1), None)
        if behind is None or part.how != "line" or lead(behind.text)[0].number or len(behind.text) > 80:
            return False
        names = read_people([behind.text]).present
        return bool(names) and all(re.search("[ \u3000]", name) and looks_like_person(name) for name in names)

    # -- lists and the body --------------------------------------------------------------------------------------------

    def _list(self, field: str) -> Found | None:
        parts = [part for part in self._of(field) if part.texts()]
        if not parts:
            return None
        first = parts[0]
        together = [first]
        if field == "議題":
            together = (
                [part for part in parts if part.inline and part.label == first.label] if first.inline else [first]
            )
        items = [item for part in together for item in _items(part)]
        if field == "議題":
            items = _numbered_topics(first) or items[: _where_told_again(items)]
            items = [item for item in items if not _SORTING.fullmatch(item)] or items
            items = [item for item in items if not item.endswith("。")] or items
        items = [item for item in items if not _is_placeholder(item) and not _NOTHING.match(item)]
        if not items:
            return None
        text = "\n".join(line for part in together for line in part.texts())
        return _found(first, items, text, self._list_certainty(first, items))

    def _list_certainty(self, part: Section, items: list[str]) -> float:
        certainty = part.strength - (0.12 if part.label in _SHAKY and not part.style else 0.0)
        long = sum(1 for item in items if len(item) > 80) / len(items)
        if part.field in ("議題", "配布資料"):
            told = sum(1 for item in items if item.endswith("。")) / len(items)
            certainty -= 0.3 * max(long, told)
            certainty -= 0.25 if len(items) > 25 else 0.0
        if part.field in ("決定事項", "課題"):
            certainty -= 0.2 if len(items) > 30 else 0.25 * long
            certainty -= 0.2 if part.how == "line" and part.order < self._head_order() else 0.0
        return certainty

    def _body(self) -> Found | None:
        parts = [part for part in self._of("内容") if part.texts() and not _OPENNESS.fullmatch("".join(part.texts()))]
        if not parts:
            return self._body_behind_topics() or self._unlabelled_body()
        text = "\n".join(_joined(part.lines) if part is parts[0] else _with_head(part) for part in parts)
        if not text or _is_placeholder(text) or _NOTHING.match(text) or points_elsewhere(text):
            return None
        part = parts[0]
        certainty = part.strength - (0.1 if len(parts) > 1 else 0.0) - (0.25 if len(text) < 8 else 0.0)
        return _found(part, text, text, certainty - (0.2 if self._swallows(part) else 0.0))

    def _swallows(self, body: Section) -> bool:
        """Say whether a body holds the label of a field found nowhere else: then it began too early or ended too late."""
        marks = [mark for line in body.lines if (mark := find_mark(line.text)) is not None and mark.strength >= 0.92]
        return any(mark.field in ("議題", "出席者", "開催日時", "場所") and not self._of(mark.field) for mark in marks)

    def _body_behind_topics(self) -> Found | None:
        """Find the body that follows the list of topics without a label, beginning with the first topic again."""
        for part in self._of("議題"):
            items = _items(part)
            if (again := _where_told_again(items)) < len(items):
                at = [line for line in part.lines if line.text.strip()]
                first = next((n for n, line in enumerate(at) if n >= again and _same_topic(line.text, items[0])), None)
                if first is not None and len(text := _joined(at[first:])) >= 20:
                    return _found(part, text, text, part.strength - 0.1, "内容")
        return None

    def _unlabelled_body(self) -> Found | None:
        """Offer what stands below the head as the body; a person has to say whether it is."""
        last = max(
            (part.order for part in self._parts.sections if part.field in PEOPLE | {"開催日時", "場所"}), default=0
        )
        lines = [line for order, line in self._parts.loose if order > last]
        text = _joined(lines)
        if len(text) < 40:
            return None
        return Found("内容", text, text[:_LONG_TEXT], 0.5, text[:_LONG_SNIPPET], lines[0].place)

    def _next(self) -> Found | None:
        for part in self._of("次回"):
            inside = [line for other in self._inside(part) for line in _with_label(other)]
            texts = [*part.texts(), *inside]
            said = "\n".join(texts) if len(texts) > 1 else unnumbered("".join(texts))
            if not said or _is_placeholder(said):
                continue
            certain = bool(days.find_moments(said)) or part.strength >= 0.9
            unsure = 0.0 if certain else 0.15
            dated = days.find_moments(said)[:1]
            strength = _dated_strength(part, dated[0]) if dated else part.strength
            return _found(part, said, said, strength - unsure - (0.2 if len(said) > 300 else 0.0))
        return self._next_in_passing()

    def _next_in_passing(self) -> Found | None:
        """Find a line that says in passing when the next meeting is: 次回は6月24日（木）14時～."""
        lines = [line for part in self._parts.sections for line in part.lines]
        for line in [*lines, *(line for _, line in self._parts.loose)]:
            match = _NEXT_IS.match(unnumbered(line.text)) if len(line.text) < 200 else None
            if match and len(match[1]) <= 60 and (moments := days.find_moments(match[1])) and moments[0].begins < 3:
                return Found("次回", match[1].strip(), line.text, 0.8, line.text.strip()[:_LONG_SNIPPET], line.place)
        return None

    def _inside(self, part: Section) -> list[Section]:
        found = []
        for other in self._parts.sections[self._parts.sections.index(part) + 1 :]:
            if other.within != "次回":
                break
            found.append(other)
        return found

    def _body_order(self) -> int:
        return min((part.order for part in self._of("内容")), default=10**9)

    def _head_order(self) -> int:
        return min((part.order for part in self._of("開催日時")), default=-1)


def _found(part: Section, value: Value, text: str, confidence: float, field: str = "") -> Found:
    snippet = f"{part.label}：{text}"[:_LONG_SNIPPET]
    return Found(field or part.field, value, text[:_LONG_TEXT], confidence, snippet, part.place)


def _dated_strength(part: Section, moment: days.Moment) -> float:
    """Return the strength of a label with a day right behind it: then even a single blank sets it apart."""
    return max(part.strength, 0.9) if moment.begins <= 1 else part.strength


def _one_line(part: Section) -> str:
    return " ".join(part.texts()[:3])


def _oddness(said: str, longest: int) -> float:
    """Return how far a value is from what the name of a place or a body looks like: a sentence, a day, another label."""
    mark = find_mark(said)
    sentence = re.search(r"[。？！]|(?:ます|です|した|ない|する)$", said)
    label = mark is not None and not mark.value and mark.field != "他" and fold(said) != "会議室"
    return 0.4 if sentence or len(said) > longest or label else 0.0


def _is_placeholder(text: str) -> bool:
    """Say whether a text only holds the place for one: 〇〇会議, （　　）, ここに記入."""
    match = _PLACEHOLDER.search(text)
    return match is not None and len(re.sub(r"[\s、。・（()）]", "", _PLACEHOLDER.sub("", text))) < 4


def _moment_text(said: str) -> str:
    return _AT.sub("", said).strip()


def _with_label(part: Section) -> list[str]:
    texts = part.texts()
    return [f"{part.label}：{texts[0]}", *texts[1:]] if texts else []


def _is_told(part: Section) -> bool:
    """Say whether a part tells of a discussion at length."""
    texts = part.texts()
    speakers = sum(1 for text in texts if _SPEAKER.match(text))
    return speakers > 0 or sum(map(len, texts)) > 300


def _items(part: Section) -> list[str]:
    """Return the items of a list: a line each, without bullet or number; a line that goes on is added to the one before."""
    items: list[str] = []
    lines = part.lines
    for line in lines:
        text = line.text.strip()
        if not text:
            continue
        style, plain = lead(text)[0], _TOPIC_NUMBER.sub("", unnumbered(text), count=1)
        if items and not style and _goes_on(items[-1], lines):
            items[-1] += plain
        else:
            items.append(plain.strip())
    if len(items) == 1 and part.field in ("議題", "配布資料") and items[0].count("、") >= 1 and len(items[0]) < 200:
        return [item.strip() for item in re.split("[、，]", items[0]) if item.strip()]
    return items


def _numbered_topics(part: Section) -> list[str]:
    """Return the numbered lines alone where the lines between them tell what was said about each."""
    lines = part.texts()
    numbered = [unnumbered(text) for text in lines if lead(text)[0].number]
    told = [text for text in lines if not lead(text)[0].number and text.endswith("。")]
    return numbered if told and not lines[0].endswith("。") else []


def _where_told_again(items: list[str]) -> int:
    """Return where a list of topics begins anew as the heads of what was said, or its length."""
    return next((n for n, item in enumerate(items) if n and _same_topic(item, items[0])), len(items))


def _same_topic(text: str, topic: str) -> bool:
    return fold(unnumbered(text)) == fold(topic)


def _goes_on(before: str, lines: list[Line]) -> bool:
    """Say whether a line without a bullet continues an item: only where the others have bullets, and a page was full."""
    bulleted = sum(1 for other in lines if lead(other.text)[0])
    return _mostly_bulleted(bulleted, lines) and len(before) >= 34 and not before.endswith(("。", "）", ")"))


def _mostly_bulleted(bulleted: int, lines: list[Line]) -> bool:
    """Say whether most items of a list have bullets."""
    return bulleted * 2 >= sum(1 for line in lines if line.text.strip())


def _with_head(part: Section) -> str:
    return f"{part.label}\n{_joined(part.lines)}"


def _joined(lines: list[Line]) -> str:
    text = "\n".join(line.text.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _names_only(lines: list[str]) -> list[str]:
    """Leave out labels among the names (司会：), keeping the names behind them."""
    kept = []
    for line in lines:
        mark = find_mark(line)
        kept.append(
            mark.value if mark is not None and mark.value and mark.field in ("他", "作成者", "出席者") else line
        )
    return kept


def _plausible(names: list[str]) -> float:
    """Return how likely these are names: people are named shortly, and rarely more than a hundred at once."""
    odd = sum(1 for name in names if is_organisation(name) or not _may_be_called(name))
    letters = sum(1 for name in names if len(name) == 1)
    odd += letters if letters * 3 > len(names) else 0
    share = 1.0 - odd / len(names)
    # One list in which a tenth is no name is as a whole not right.
    return share * (0.8 if share <= 0.9 else 1.0) * (0.85 if len(names) > 150 else 1.0)


def _may_be_called(name: str) -> bool:
    return looks_like_person(name) or _NICKNAME.fullmatch(name) is not None


def _agreement(part: Section, people: People) -> float:
    """Return how far the number of people told beside the label fits the names that were read."""
    told = re.findall(r"([0-9]{1,3})[ ]*[名人]", days.folded(f"{part.label} {part.note}"))
    if len(told) != 1 or people.absent or int(told[0]) == len(people.present):
        return 1.0
    return 0.8 if abs(int(told[0]) - len(people.present)) <= 2 else 0.7
