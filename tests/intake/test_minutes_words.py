"""Given the words offices use, labels, days and names are told from the text around them."""

import pytest

from portal.intake.minutes.days import days_in_name, find_moments, has_placeholder, spoken_year
from portal.intake.minutes.labels import find_mark
from portal.intake.minutes.people import looks_like_person, read_people


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("日時：令和6年5月15日", "開催日時", "令和6年5月15日"),
        ("１　日　時　　令和6年5月15日", "開催日時", "令和6年5月15日"),
        ("【会　場】見本区民センター", "場所", "見本区民センター"),
        ("＜出席者＞", "出席者", ""),
        ("■議　題（案）", "議題", ""),
        ("1.日時\tR6年5月15日", "開催日時", "R6年5月15日"),
        ("3 出席者（12人）", "出席者", ""),
        ("出席者（委員等）浅野議長、井原委員", "出席者", "（委員等）浅野議長、井原委員"),
        ("～本日の進行～", "議題", ""),
        ("(9)次回会合案内", "次回", ""),
        ("議題１：回収率について", "議題", "回収率について"),
        ("会議の日時　令和6年5月15日", "開催日時", "令和6年5月15日"),
        ("議事録担当：浅野", "作成者", "浅野"),
        ("前回の決定事項", "前回", ""),
        ("・日時;5月15日", "開催日時", "5月15日"),
        ("議題・報告：回収率", "議題", "回収率"),
        ("決定事項/課題", "他", ""),
        ("参加者）浅野", "出席者", "浅野"),
        ("於：401会議室", "場所", "401会議室"),
    ],
)
def test_a_label_is_known_in_every_dress(line: str, field: str, value: str) -> None:
    mark = find_mark(line)
    assert mark is not None
    assert (mark.field, mark.value) == (field, value)


@pytest.mark.parametrize(
    "line", ["内容については後日", "15日時点で三件", "日時計を見学した", "課題を出し合う", "9月に行う", "場所取りの件"]
)
def test_words_that_only_begin_like_a_label_are_text(line: str) -> None:
    assert find_mark(line) is None


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("令和6年5月15日（水）午後2時～3時30分", "2024-05-15T14:00/15:30"),
        ("令和六年五月十五日 十四時から十五時半まで", "2024-05-15T14:00/15:30"),
        ("R6.5.15 14:00-15:30", "2024-05-15T14:00/15:30"),
        ("㋿6年5月15日", "2024-05-15"),
        ("平成37年4月1日 午後１時３０分～", "2025-04-01T13:30"),
        ("２０２４/０５/１５（金）", "2024-05-15"),  # the weekday is wrong, the day is not
        ("2024 年 5 月 15 日", "2024-05-15"),
        ("5/15(水)　18:00～19:00", "--05-15T18:00/19:00"),
        ("20240515", "2024-05-15"),
        ("令和元年5月1日", "2019-05-01"),
    ],
)
def test_a_day_is_read_in_every_spelling(written: str, iso: str) -> None:
    assert [moment.iso() for moment in find_moments(written)] == [iso]


@pytest.mark.parametrize("written", ["令和　年　月　日", "2024年 月 日（）", "13月40日", "1/2/3/4"])
def test_what_is_no_day_gives_none(written: str) -> None:
    assert find_moments(written) == []


def test_a_day_nobody_filled_in_is_seen_as_such() -> None:
    assert has_placeholder("令和　　年　　月　　日（　）")
    assert not has_placeholder("令和6年5月15日")


def test_names_of_files_and_titles_hold_days_too() -> None:
    assert [moment.iso() for moment in days_in_name("0515議事録")] == ["--05-15"]
    assert [moment.iso() for moment in days_in_name("20240515_連絡会")] == ["2024-05-15"]
    assert spoken_year("令和5年度 第5回 部会") == (2023, True)


@pytest.mark.parametrize(
    ("lines", "present", "absent"),
    [
        (["浅野、井原、宇田（記）（敬称略）"], ["浅野", "井原", "宇田"], []),
        (["見本病院 浅野、見本薬局 井原、区役所 宇田"], ["浅野", "井原", "宇田"], []),
        (["浅野 栞 - 見本病院", "井原 大樹 - 見本薬局"], ["浅野 栞", "井原 大樹"], []),
        (
            ["（委員等）浅野議長、井原委員、", "（市側）宇田保健福祉課長"],
            ["浅野議長", "井原委員", "宇田保健福祉課長"],
            [],
        ),
        (["Ａ社：浅野、井原", "Ｂ社：宇田"], ["浅野", "井原", "宇田"], []),
        (["株式会社見本", "浅野 栞", "見本株式会社", "井原 大樹"], ["浅野 栞", "井原 大樹"], []),
        (["浅野 栞（会場）、井原 大樹（欠席）"], ["浅野 栞"], ["井原 大樹"]),
        (["見本病院\t看護師\t浅野 栞\t出席", "見本薬局\t薬剤師\t井原 大樹\t欠席"], ["浅野 栞"], ["井原 大樹"]),
        (["浅野（義）、浅野（有）"], ["浅野（義）", "浅野（有）"], []),
        (["会長・浅野 栞、副会長・井原 大樹"], ["浅野 栞", "井原 大樹"], []),
        (["(会長)浅野 (副会長)井原、宇田", "(書記)江藤[記]"], ["浅野", "井原", "宇田", "江藤"], []),
        (
            ["「役 員」", "会 長 浅野 栞", "―部会委員―", "井原 大樹(欠)、宇田 真帆"],
            ["浅野 栞", "宇田 真帆"],
            ["井原 大樹"],
        ),
        (["福祉課長（浅野 栞）", "井原 大樹（14名）"], ["浅野 栞", "井原 大樹"], []),
        (["地域包括支援センター　浅野", "相談支援室　井原 ほか3名"], ["浅野", "井原"], []),
        (["☑浅野", "□井原"], ["浅野"], ["井原"]),
        (["なし"], [], []),
        (["12名（別紙名簿のとおり）"], [], []),
    ],
)
def test_names_are_read_without_what_surrounds_them(lines: list[str], present: list[str], absent: list[str]) -> None:
    people = read_people(lines)
    assert (people.present, people.absent) == (present, absent)


def test_who_wrote_stands_behind_a_name() -> None:
    assert read_people(["浅野、井原（議事録担当）"]).writer == "井原"


@pytest.mark.parametrize(
    ("text", "is_one"), [("浅野 栞", True), ("髙﨑", True), ("欠席します。", False), ("12名", False), ("事務局", False)]
)
def test_a_name_is_told_from_other_words(text: str, is_one: bool) -> None:
    assert looks_like_person(text) is is_one
