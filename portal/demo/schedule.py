"""What happened when: the meetings and trainings of three 年度 up to today, and how far each report has come."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import jpholiday

from portal.demo.themes import (
    ACP,
    BEDS,
    COURSES,
    DEMENTIA,
    DISASTER,
    DISCHARGE,
    DOCTORS,
    EMERGENCY,
    END_OF_LIFE,
    LIVING_ALONE,
    MEDICINES,
    MOUTH,
    NUTRITION,
    SHEETS,
    VISITING_NURSE,
    Course,
    Theme,
)  # fmt: skip
from portal.kinds.calendar import fiscal_year


@dataclass(frozen=True)
class Body:
    """One meeting body: who calls it, where it meets, and what it talks about."""

    name: str
    organiser: str
    organiser_type: str
    place: str
    clock: tuple[str, str]
    themes: tuple[Theme, ...]
    counted: bool = True


DOCTORS_HALL, WARD_HALL = "{doctors}館 3階会議室", "{ward}役所 3階会議室"
HOSPITALS = Body(
    "病院連絡会",
    "{doctors}",
    "医師会",
    DOCTORS_HALL,
    ("14:00", "15:30"),
    (DISCHARGE, BEDS, SHEETS, EMERGENCY, DOCTORS, MEDICINES, LIVING_ALONE),
)
FORUM = Body(
    "在宅医療・介護連携推進会議",
    "{ward}役所",
    "区役所",
    WARD_HALL,
    ("14:00", "16:00"),
    (DISASTER, LIVING_ALONE, ACP, DEMENTIA, NUTRITION, SHEETS),
)
NURSES = Body(
    "訪問看護ステーション連絡会",
    "{ward}訪問看護ステーション連絡会",
    "職能団体",
    "{ward}民センター 会議室2",
    ("15:00", "16:30"),
    (VISITING_NURSE, END_OF_LIFE, EMERGENCY, DISASTER),
)
CARE_MANAGERS = Body(
    "居宅介護支援事業者連絡会",
    "{ward}居宅介護支援事業者連絡会",
    "職能団体",
    "{ward}民センター 会議室1",
    ("13:30", "15:00"),
    (SHEETS, DISCHARGE, MEDICINES, DEMENTIA, ACP),
)
MANY = Body(
    "多職種連携会議",
    "{office}",
    "相談支援室",
    DOCTORS_HALL,
    ("18:30", "20:00"),
    (END_OF_LIFE, ACP, MOUTH, NUTRITION, MEDICINES),
)
CARE = Body(
    "地域ケア会議",
    "{ward}地域包括支援センター",
    "地域包括支援センター",
    WARD_HALL,
    ("10:00", "11:30"),
    (LIVING_ALONE, DEMENTIA),
    counted=False,
)
TEETH = Body(
    "歯科・薬剤師会との会議",
    "{office}",
    "相談支援室",
    DOCTORS_HALL,
    ("14:00", "15:00"),
    (MOUTH, MEDICINES),
    counted=False,
)
WORKING = Body("実務者会議", "{ward}役所", "区役所", WARD_HALL, ("14:00", "15:30"), (SHEETS, ACP, DISASTER, BEDS))
DAY_CARE = Body(
    "通所介護事業者連絡会",
    "{ward}通所介護事業者連絡会",
    "職能団体",
    "{ward}民センター 会議室1",
    ("14:00", "15:00"),
    (MOUTH, NUTRITION, EMERGENCY),
    counted=False,
)

YEARS: tuple[Sequence[tuple[int, Body | None]], ...] = (
    ((6, HOSPITALS), (7, NURSES), (9, HOSPITALS), (10, FORUM), (11, CARE_MANAGERS), (12, HOSPITALS), (1, None), (2, HOSPITALS)),
    ((5, CARE), (6, HOSPITALS), (8, FORUM), (9, None), (9, HOSPITALS), (10, MANY), (12, HOSPITALS), (2, None), (2, HOSPITALS)),
    ((5, TEETH), (6, HOSPITALS), (7, FORUM), (8, WORKING), (9, HOSPITALS), (9, None), (10, NURSES), (10, None), (10, CARE),
     (11, CARE_MANAGERS), (11, MANY), (12, HOSPITALS), (1, NURSES), (2, None), (2, HOSPITALS), (3, FORUM)),
)  # fmt: skip
"""Per 年度, the months and bodies; None is a training. The last one is cut at today."""
RICHER: Sequence[tuple[int, Body | None]] = (
    (4, WORKING), (5, CARE_MANAGERS), (6, DAY_CARE), (7, CARE), (7, None), (9, WORKING), (10, TEETH), (11, CARE), (11, None), (1, MANY),
    (2, WORKING),
)  # fmt: skip
"""What 東成区 does besides, every year."""

NEWEST = (
    "draft-begun", "confirming", "draft", "returned", "confirming", "submitted", "returned-by-bureau", "submitted", "accepted",
    "accepted-late", "shared", "withdrawn", "shared",
)  # fmt: skip
"""How far the newest reports of a ward have come, the newest first."""
OLDER = ("shared", "accepted", "accepted-late", "shared", "accepted")
FEW = (0, 1, 3, 5, 8, 10, 11)
"""Which of the newest a small demo keeps: one of every state."""


@dataclass(frozen=True)
class Event:
    """One meeting or training and how far its report has come. `body` or `course` says which."""

    day: date
    way: str
    body: Body | None = None
    course: Course | None = None
    number: int | None = None
    themes: tuple[Theme, ...] = field(default=())
    cancelled: bool = False


def events_of(ward: str, order: int, today: date, *, rich: bool, small: bool) -> list[Event]:
    """Return the events of a ward, the oldest first."""
    chance = random.Random(f"events {ward}")
    planned = sorted(_planned(chance, today, rich=rich), key=lambda one: one[0])
    events, held = [], dict.fromkeys((HOSPITALS, FORUM, NURSES, CARE_MANAGERS, MANY, WORKING), chance.randint(2, 9))
    for place, (day, body) in enumerate(planned):
        way = _way(len(planned) - 1 - place)
        if body is None:
            events.append(Event(day, way, course=COURSES[(order + place) % len(COURSES)]))
            continue
        held[body] = held.get(body, 0) + 1
        themes = tuple(body.themes[(held[body] + step) % len(body.themes)] for step in range(chance.choice((2, 2, 3))))
        cancelled = way in OLDER and body is not HOSPITALS and chance.random() < 0.12
        events.append(
            Event(day, way, body, None, held[body] if body.counted else None, themes[: len(body.themes)], cancelled)
        )
    return [event for place, event in enumerate(reversed(events)) if place in FEW][::-1] if small else events


def _planned(chance: random.Random, today: date, *, rich: bool) -> list[tuple[date, Body | None]]:
    planned: list[tuple[date, Body | None]] = []
    for year, plan in zip(range(fiscal_year(today) - 2, fiscal_year(today) + 1), YEARS, strict=True):
        for month, body in (*plan, *(RICHER if rich else ())):
            day = working_day(date(year + (month < 4), month, chance.randint(5, 26)))
            if day < today:
                planned.append((day, body))
    return planned


def _way(age: int) -> str:
    return NEWEST[age] if age < len(NEWEST) else OLDER[age % len(OLDER)]


def working_day(day: date) -> date:
    """Return the day, or the next one that is neither a weekend, a holiday nor between the years."""
    while (
        day.weekday() > 4
        or jpholiday.is_holiday(day)
        or (day.month, day.day) in ((12, 29), (12, 30), (12, 31), (1, 2), (1, 3))
    ):
        day += timedelta(days=1)
    return day
