"""Two hundred made-up reports of both kinds, as hostile as a year of offices can be, the same ones every time.

Each is what the portal would have stored (cleaned), so that what comes back out of Word can be compared value by value.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any

from portal.kinds import Content, Invalid, Kind
from portal.kinds.fields import Check, Choice, Choices, Clock, Day, Field, Note, Number, Rows, Text
from tests.word.desk import MEETING, TRAINING

NAMES = (
    "髙橋 一郎",
    "山﨑 二葉",
    "德永 三郎",
    "渡邉 四郎",
    "𠮷田 五月",
    "葛󠄀城 六実",
    "槗本 七海",
    "O'Brien & Co. <見本>",
    "見本　花子",
)
WORDS = (
    "退院の３日前までに連絡する。", "FAXと電話のどちらを先にするか、決めてほしい。", "空床情報は12月20日までに一覧にする。", "《会議名》〔場所〕という印は、ただの字である。",
    "👨‍👩‍👧‍👦と🏥の連絡網", "ｶﾅ・カナ・①②③・㈱・㎡・Ⅳ", "=SUM(A1:A9)", "なし", "1) 報告 2) 協議", "{{ 7*7 }} ]]> &amp; <w:p/>", "前後に　全角の空き　がある", "甲\x07乙\x1b丙",
    "髙﨑德邉𠮷槗㊞", "が゙・ば゚", "（担当：相談支援室）", "【決定事項】ではない", "ＡＢＣ abc 123 １２３", "「括弧」『二重』〈山〉",
)  # fmt: skip
LINKS = ("https://www.example.jp/a?b=1&c=2", "mailto:madoguchi@example.jp", "tel:06-0000-0000")
SIZE = 200


def corpus() -> list[tuple[Kind, Content]]:
    """Return the reports."""
    return [_report(number) for number in range(SIZE)]


def _report(number: int) -> tuple[Kind, Content]:
    dice = random.Random(number)
    kind = (MEETING, TRAINING)[number % 2]
    while True:
        typed = {
            name: _value(one, dice, number) for name, one in kind.fields.items() if dice.random() > _emptiness(number)
        }
        for rules in ("headcounts", "headcount", "survey_returned", "ends_at"):
            typed.pop(rules, None)  # sums that would have to fit are left to the last field that says them
        typed[next(iter(name for name in kind.fields if name.endswith("_name")))] = f"{dice.choice(WORDS)}{number}"
        if kind is MEETING and number % 10 == 0:
            typed["attendees"] = [_row(kind.fields["attendees"], dice, number) for _ in range(300)]
        if number % 20 in (4, 5):
            typed["record"] = f"<p>{'退院前カンファレンス𠮷' * 1000}</p>" * 2
        try:
            return kind, kind.clean("", typed)
        except Invalid as invalid:  # two fields that contradict each other: dealt anew
            if number < 0:
                raise AssertionError(invalid.problems) from invalid


def _emptiness(number: int) -> float:
    return (0.0, 0.2, 0.5, 0.9)[number % 4]


def _row(rows: Any, dice: random.Random, number: int) -> dict[str, Any]:
    row = {one.name: _value(one, dice, number) for one in rows.columns if dice.random() > _emptiness(number) / 2}
    first = rows.columns[0].name
    return row if any(row.values()) else {**row, first: _value(rows.columns[0], dice, number)}


def _value(one: Field, dice: random.Random, number: int) -> Any:
    if isinstance(one, Rows):
        return [_row(one, dice, number) for _ in range(dice.choice((0, 1, 2, 5)))]
    by_type: Mapping[type[Field], Callable[[], Any]] = {
        Text: lambda: _rich(dice),
        Note: lambda: "\n".join(dice.choice(("", *WORDS)) for _ in range(dice.randint(1, 5))),
        Day: lambda: f"{dice.randint(1912, 2060)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
        Clock: lambda: f"{dice.randint(0, 23):02d}:{dice.choice((0, 5, 30, 59)):02d}",
        Number: lambda: dice.randint(max(1, one.least), min(one.most, 9_999_999)),  # type: ignore[attr-defined]
        Check: lambda: dice.random() < 0.5,
        Choice: lambda: dice.choice(one.options),  # type: ignore[attr-defined]
        Choices: lambda: [key for key in one.options if dice.random() < 0.4],  # type: ignore[attr-defined]
    }
    line = lambda: (dice.choice(NAMES) + dice.choice(("", "様", *WORDS)))[: getattr(one, "limit", 300)]  # noqa: E731
    return by_type.get(type(one), line)()


# --- long text, as the editor makes it --------------------------------------------------------------------------------


def _rich(dice: random.Random) -> str:
    makers = (_paragraph, _paragraph, _heading, _list, _table, _section)
    return "".join(dice.choice(makers)(dice) for _ in range(dice.randint(1, 7)))


def _inline(dice: random.Random) -> str:
    text = dice.choice(WORDS).replace("&", "&amp;").replace("<", "&lt;")
    shape = dice.randint(0, 7)
    if shape == 0:
        return f'<a href="{dice.choice(LINKS).replace("&", "&amp;")}">{text}</a>。'
    marked = {1: "<strong>{}</strong>", 2: "<em>{}</em>", 3: "<em>斜<strong>{}</strong>体</em>", 4: "一行目<br>{}"}
    return marked.get(shape, "{}").format(text)


def _paragraph(dice: random.Random) -> str:
    return f"<p>{'、'.join(_inline(dice) for _ in range(dice.randint(1, 3)))}</p>"


def _heading(dice: random.Random) -> str:
    level = dice.choice(("h2", "h3"))
    return f"<{level}>{dice.choice(WORDS[:3])}</{level}>"


def _list(dice: random.Random, depth: int = 0) -> str:
    tag = dice.choice(("ul", "ol"))
    items = []
    for _ in range(dice.randint(1, 3)):
        inner = _paragraph(dice) + (_paragraph(dice) if dice.random() < 0.2 else "")
        inner += _list(dice, depth + 1) if depth < 3 and dice.random() < 0.3 else ""
        items.append(f"<li>{inner}</li>")
    return f"<{tag}>{''.join(items)}</{tag}>{'<p>次の段落</p>' if depth == 0 else ''}"


def _table(dice: random.Random, depth: int = 0) -> str:
    wide = dice.randint(2, 4)
    head = "".join(f'<th scope="col"><p>{dice.choice(NAMES)}</p></th>' for _ in range(wide))
    cells = lambda count: "".join(f"<td>{_cell(dice, depth)}</td>" for _ in range(count))  # noqa: E731
    rows = [f"<tr>{cells(wide)}</tr>" for _ in range(dice.randint(1, 3))]
    if dice.random() < 0.5:
        rows.append(f'<tr><td rowspan="2">{_cell(dice, depth)}</td>{cells(wide - 1)}</tr><tr>{cells(wide - 1)}</tr>')
    if dice.random() < 0.5:
        rows.append(f'<tr><td colspan="{wide}">{_cell(dice, depth)}</td></tr>')
    caption = f"<caption>{dice.choice(WORDS[:3])}</caption>" if dice.random() < 0.5 else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(dice: random.Random, depth: int) -> str:
    if depth < 2 and dice.random() < 0.1:
        return _table(dice, depth + 1)
    return "" if dice.random() < 0.2 else _paragraph(dice)


def _section(dice: random.Random) -> str:
    owner = f' data-owner="{dice.choice(NAMES[:3])}"' if dice.random() < 0.6 else ""
    due = ' data-due="2026-12-10"' if dice.random() < 0.6 else ""
    block = dice.choice(("decision", "issue"))
    return f'<section data-block="{block}"{owner}{due}>{_paragraph(dice)}{_list(dice) if dice.random() < 0.3 else ""}</section>'
