"""The files of the demo: what was handed out at meetings, and what wards and 健康局 keep as 資料."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from portal.demo import files
from portal.demo.people import Town
from portal.demo.schedule import Event
from portal.kinds.calendar import fiscal_year, fiscal_year_name, today, write_day
from portal.word.drawing import simple_document


@dataclass(frozen=True)
class Handout:
    """One file, and what is written about it when it is kept as a document of its own."""

    name: str
    content: bytes
    shareable: bool = False
    title: str = ""
    note: str = ""
    source: str = ""
    items: str = ""
    day: date = date.min


class City:
    """健康局 as a keeper of files."""


def handouts_of(town: Town, event: Event, turn: int) -> list[Handout]:
    """Return what was handed out at an event: one file, of another type each time."""
    kinds: tuple[Callable[[Town, Event], Handout], ...] = (_agenda, _figures, _leaflet, _memo)
    return [kinds[turn % len(kinds)](town, event)]


def _name_of(event: Event) -> str:
    return event.body.name if event.body else event.course.name if event.course else ""


def _agenda(town: Town, event: Event) -> Handout:
    lines = [
        f"日時　{write_day(event.day)}",
        f"主な出席　{town.doctors}、{town.places['hospital']}、{town.places['station']} ほか",
    ]
    lines += [f"議題{number}　{theme.name}" for number, theme in enumerate(event.themes, 1)]
    lines += [
        "次第は当日の進行により前後することがあります。",
        f"問い合わせ　{town.ward.office}　電話 {town.ward.phone}",
    ]
    return Handout(
        f"次第_{_name_of(event)}_{event.day:%Y%m%d}.docx",
        simple_document(f"{_name_of(event)}　次第", lines),
        shareable=True,
    )


def _figures(town: Town, event: Event) -> Handout:
    chance = random.Random(f"figures {town.ward.slug} {event.day}")
    rows: list[list[str | int]] = [["機関", "相談件数", "退院支援件数", "在宅看取り件数"]]
    rows += [
        [place, chance.randint(3, 40), chance.randint(1, 25), chance.randint(0, 6)] for place in town.places.values()
    ]
    return Handout(f"実績集計_{event.day:%Y%m%d}.xlsx", files.xlsx("実績", rows))


def _leaflet(town: Town, event: Event) -> Handout:
    theme = event.themes[0].name if event.themes else event.course.theme if event.course else ""
    lines = [
        f"{town.ward.name}　{theme}に関するお知らせ",
        "",
        "ご本人とご家族が住み慣れた地域で安心して暮らせるよう、",
        "医療と介護の関係者が連絡を取り合っています。",
        f"相談先　{town.ward.office}",
        f"電話　{town.ward.phone}",
        f"作成　{write_day(event.day)}",
    ]
    return Handout(f"配布資料_{theme}.pdf", files.pdf(lines), shareable=True)


def _memo(town: Town, event: Event) -> Handout:
    lines = [
        f"{_name_of(event)}　当日の控え（{write_day(event.day)}）",
        f"・{town.places['pharmacy']}から、次回は在庫の一覧を持参するとの申し出あり",
        f"・{town.places['care']}の参加は次回から2名",
        "・マイクの予備の電池を用意する",
    ]
    return Handout(f"控え_{event.day:%Y%m%d}.txt", files.txt(lines))


def library_of(keeper: Town | City) -> list[Handout]:
    """Return the files a ward, or 健康局, keeps as 資料."""
    return _of_city() if isinstance(keeper, City) else [_stations(keeper), _lines_of_contact(keeper)]


def _stations(town: Town) -> Handout:
    chance = random.Random(f"stations {town.ward.slug}")
    rows: list[list[str | int]] = [["事業所", "看護師数", "夜間対応", "受入れの余裕"]]
    names = [
        town.places["station"],
        *(f"{town.ward.short_name}第{number}訪問看護ステーション" for number in "一二三四"),
    ]
    rows += [
        [name, chance.randint(3, 12), chance.choice(("あり", "なし")), chance.choice(("あり", "要相談", "なし"))]
        for name in names
    ]
    year = fiscal_year(today())
    return Handout(
        f"訪問看護ステーション一覧_{town.ward.name}.xlsx",
        files.xlsx("一覧", rows),
        title=f"{town.ward.name}　訪問看護ステーション一覧（{fiscal_year_name(year)}）",
        note="区内の訪問看護ステーションの体制と、新規受入れの余裕をまとめた一覧。月2回更新。",
        source=f"{town.ward.name}訪問看護ステーション連絡会",
        items="ア",
        day=date(year, 4, 10),
    )


def _lines_of_contact(town: Town) -> Handout:
    year = fiscal_year(today()) - 1
    lines = [
        "入院したとき　病院は担当のケアマネジャーへ、ケアマネジャーは3日以内に情報提供シートを病院へ。",
        "退院の見込みが立ったとき　病院の地域連携室から在宅の担当者へ一報。",
        f"連絡先が分からないとき　{town.ward.office}（電話 {town.ward.phone}）",
        f"参加病院　{town.places['hospital']}、{town.places['other']}",
    ]
    return Handout(
        f"入退院連絡の手順_{town.ward.name}.docx",
        simple_document(f"{town.ward.name}　入退院時の連絡の手順", lines),
        title=f"{town.ward.name}　入退院時の連絡の手順",
        note="入院時と退院時に、だれがだれに連絡するかをまとめたもの。",
        source="病院連絡会",
        items="ウエ",
        day=date(year, 10, 1),
    )


def _of_city() -> list[Handout]:
    year = fiscal_year(today())
    calendar = [
        f"{month}月　コーディネーター連絡会（健康局 会議室）" for month in (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
    ]
    notes = [
        "会議等報告書は開催後速やかに作成し、法人の責任者の確認を受けてから提出してください。",
        "個人が特定される記述がないか、提出前に確認してください。",
    ]
    return [
        Handout(
            "連絡会日程.pdf",
            files.pdf([f"{fiscal_year_name(year)}　コーディネーター連絡会の日程", "", *calendar]),
            title=f"{fiscal_year_name(year)}　コーディネーター連絡会の日程",
            note="各月の開催日は前月の連絡会で確定します。",
            day=date(year, 4, 1),
            source="大阪市健康局",
            items="イウ",
        ),
        Handout(
            "報告書作成の留意点.docx",
            simple_document("報告書作成の留意点", notes),
            title="会議等報告書・研修等報告書の作成の留意点",
            note="様式7・様式8を作成するときに間違えやすい点をまとめたもの。",
            day=date(year, 4, 15),
            source="大阪市健康局",
            items="イウ",
        ),
    ]
