"""What a title says: the name of the meeting with 議事録 and the day taken off, if a name is left."""

from __future__ import annotations

import re

from portal.intake.minutes import days
from portal.intake.minutes.labels import BULLETS, fold, lead
from portal.intake.minutes.model import Line

_RECORD = r"(?:議事録|議事要旨|議事要録|会議要録|会議報告|議事概要|議事メモ|会議録|会議要旨|会議記録|打合せ記録|打合せ簿|記録簿|結果報告書?|会議等?(?:実施|開催|参加|出席)?報告書?|実施記録|実施報告書?|開催報告書?|開催記録|記録用紙|報告書|復命書|要点記録|記録|概要|要旨|要約|の報告|メモ|Minutes|minutes|MINUTES)"
_TITLE = re.compile(
    r"会議?(?:[（(][^（()）]*[)）])?の?記録|カンファレンス記録|会議?等?(?:実施|開催|参加|出席)(?:記録|報告)|会議要録|会メモ|会議メモ|合わ?せメモ|議事録|議事要旨|議事要録|議事概要|議事メモ|会議録|会議要旨|会議記録|会議等?報告|研修等?報告|復命書|要点記録|打合せ記録|打合せ簿|打ち合わせ記録|議事の?記録|会議結果報告|[Mm]inutes",
    re.IGNORECASE,
)
_STRIPPED = re.compile(
    rf"[ \u3000\-－—–_＿]*[（(【\[［<＜〔「]?[ \u3000]*{_RECORD}[ \u3000]*[)）】\]］>＞〕」]?(?:[ \u3000]*[（(][^（()）]{{0,12}}[)）])?[ \u3000]*$"
)
_ABOUT = re.compile(
    r"作り方|書き方|取り方|とり方|作成方法|作成手順|作成要領|ルール|とは|ポイント|コツ|手引|マニュアル|テンプレ|例文|項目$|(?:公開|作成|配布|送付|提出|確認)について"
)
_BRACKETED = re.compile(r"[ \u3000]*[（(][^（()）]*[)）]")
_BODY = re.compile(
    r"定例$|定例[ \u3000]|集い|つどい|交流会|相談会|講習会|評議会|反省会|会議|会合|定例会|例会|総会|大会|委員会|部会|分科会|協議会|協議体|連絡会|理事会|役員会|検討会|審議会|懇談会|懇話会|報告会|勉強会|研修会?|説明会|発表会|ワーキング|ミーティング|カンファレンス|フォーラム|セミナー|シンポジウム"
    r"|打ち?合わ?せ会?|集会|サロン|事例検討|班会|の会|WG|SWG|SG|Working|Work ?Group|[Gg]roup|[Mm]eeting|MTG|Committee|[一-鿿ァ-ヶー]会$|会 ?第|会[（(]"
)
_GENERIC = frozenset(
    map(
        fold,
        "会議 会合 打ち合わせ 打合せ 打合わせ ミーティング 定例 定例会 定例会議 議事録 会議録 会議等 研修等 会議等報告書 研修等報告書 報告書 復命書 概要 記録 MTG meeting minutes 会議名 研修 研修会 会議等報告 例会 総会 会議報告書 業務報告書".split(),
    )
)
_OTHERWISE = re.compile(r"作成|報告日|発行|提出|起案|決裁|更新|改訂|版|印刷|現在|施行|受付|ver", re.IGNORECASE)
_DECORATION = BULLETS + "【】《》〈〉＜＞<>［］[]「」『』〔〕~〜～─━=＝ \u3000\t"
_FORM_NUMBER = re.compile(
    r"^[（(【\[]?(?:様式|別記|別紙|別添|参考|資料|第?[0-9０-９]+号様式)[^ \u3000）)】\]]{0,8}[）)】\]]?$"
)
_FORM_PREFIX = re.compile(r"^(?:第[0-9０-９一二三四五六七八九]+[表号]|様式[第 ]?[0-9０-９]+号?)[ \u3000]+")
_YEAR_BEHIND = re.compile(r"(?<=[録要旨モ])[ \u3000]*(?:20\d\d|(?:令和|平成)[ \u3000]*[0-9０-９元]+)年度?$")
_REPORTED = re.compile(r"[ \u3000]+(?:(?:開催)?報告|まとめ)$|[ \u3000]*の要点$")


def is_title(text: str) -> bool:
    """Say whether a line titles minutes."""
    plain = re.sub(r"[ \u3000]+", "", text)
    return len(text) <= 60 and bool(_TITLE.search(plain)) and not _ABOUT.search(plain)


def names_record(text: str) -> bool:
    """Say whether a line names a meeting and says that this is its record: 連絡会　記録（設楽作成）."""
    return is_title(text) or bool(_BODY.search(text) and _STRIPPED.search(text))


def is_about_minutes(text: str) -> bool:
    """Say whether a title promises advice on minutes rather than minutes."""
    return len(text) <= 60 and bool(_ABOUT.search(text))


def is_dated_otherwise(text: str) -> bool:
    """Say whether a day in this line is that of the paper and not of the meeting."""
    return bool(_OTHERWISE.search(text))


def is_dated_name(name: str) -> bool:
    """Say whether the day in the name of a file or sheet is likely the meeting's."""
    return is_title(name) or not re.search(r"[一-鿿ぁ-んァ-ヶ]", name) or bool(_BODY.search(name))


def is_generic(name: str) -> bool:
    """Say whether a name says no more than that people met."""
    return fold(name).strip("()（）") in _GENERIC


def meeting_name(lines: list[Line]) -> tuple[Line, str, float] | None:
    """Return the line above the labels that names the meeting, the name, and how sure that is.

    A line with 議事録 in it is asked first: the one above may only say which body keeps the minutes.
    """
    named = [
        (at, line, name) for at, line in enumerate(lines[:6]) if (name := _name_in(line.text.strip(), first=at == 0))
    ]
    for at, line, name in sorted(named, key=lambda one: not is_title(one[1].text)):
        around = (line.text, *(other.text for other in lines[:at]), *(other.text for other in lines[at + 1 : at + 3]))
        return line, name, 0.86 if at == 0 or any(map(is_title, around)) else 0.76
    return None


def _name_in(text: str, *, first: bool) -> str:
    """Return the name of a meeting a title holds, or nothing."""
    if _FORM_NUMBER.match(text) or len(text) > 70 or re.search("[。？]|https?:|です$|ます$", text):
        return ""
    if text[0] in "・-･*→" or (not first and lead(text)[0].number):
        return ""
    name = _without_record(text)
    return name if name and not is_generic(name) and not re.search("[：:]", name) and _BODY.search(name) else ""


def _without_record(text: str) -> str:
    """Take off 議事録 and its like, the day, and what decorates a title."""
    plain = _FORM_PREFIX.sub("", text.strip(_DECORATION))
    whole = plain
    plain = _BRACKETED.sub(lambda match: "" if days.find_moments(match[0]) else match[0], plain)
    for moment in reversed(days.find_moments(plain)):
        plain = plain[: moment.begins] + plain[moment.ends :]
    plain = re.sub(r"[（(][月火水木金土日][）)]", "", plain)
    plain = _YEAR_BEHIND.sub("", plain)
    plain = re.sub(r"(?<=[一-鿿ァ-ヶ])[ \u3000]+(?=録$|事|録)", "", plain)
    plain = re.sub(rf"^{_RECORD}[ \u3000]*[-－—–:：_|｜】）)\]］＞>][ \u3000]*", "", plain)
    before = None
    while before != plain:
        before = plain
        plain = _REPORTED.sub("", _STRIPPED.sub("", plain)).strip(_DECORATION + "・／/")
    return re.sub("(?:における|の)$", "", plain) if plain != whole else plain
