"""Days and hours as minutes write them: 令和5年9月4日（月）午後2時～3時30分, R5.9.4, ９/４ 18:00-19:00, 20230904, 0602.

A day without a year stays one: --09-04. A weekday that does not fit is the writer's slip and changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

_ERAS = {"令和": 2018, "㋿": 2018, "R": 2018, "平成": 1988, "㍻": 1988, "H": 1988, "昭和": 1925, "㍼": 1925, "S": 1925}
_KANJI = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_YEAR = r"(?:(?P<era>令和|平成|昭和|㋿|㍻|㍼|(?<![A-Za-z])[RHSrhs])\s*\.?\s*(?P<ey>\d{1,2}|元)|(?P<y>(?:19|20)\d\d))"
_DAY = re.compile(
    rf"(?<!\d){_YEAR}\s*(?:年度?|[./\-])\s*(?P<m>\d{{1,2}})\s*(?:月|[./\-])\s*(?P<d>\d{{1,2}})(?!\d)\s*日?"
    r"|(?<!\d)(?P<y8>(?:19|20)\d\d)(?P<m8>[01]\d)(?P<d8>[0-3]\d)(?!\d)"
    r"|(?<![\d./\-:])(?P<ms>\d{1,2})\s*(?:月\s*(?P<ds>\d{1,2})\s*日|/\s*(?P<dt>\d{1,2})(?![\d/]))"
)
_SHORT = re.compile(r"(?<!\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)")
_HALF = r"(?:(?P<{0}h>午前|午後|AM|PM|am|pm)\s*)?"
_CLOCK = r"(?P<{0}>\d{{1,2}})\s*(?:[:：]\s*(?P<{0}m>\d\d)|時\s*(?:(?P<{0}n>\d{{1,2}})\s*分|(?P<{0}x>半))?)"
_TIME = re.compile(
    _HALF.format("a") + _CLOCK.format("a") + r"(?:\s*(?:から|より|[-~〜～ー－–—‐―−→⇒])\s*"
    r"(?:" + _HALF.format("b") + _CLOCK.format("b") + r")?)?"
)
_UNTIL = re.compile(r"(?:終了|閉会|散会|終)(?:時刻|時間)?[\s:：)）]*$")
_PLACEHOLDER = re.compile(r"年\s*月\s*日|\d年\s+月|月\s+日|/\s+/|[○〇●△×＊*]\s*[年月]")
_SPOKEN_YEAR = re.compile(rf"{_YEAR}\s*年(?P<fiscal>度)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, perhaps with hours, and where in the text it stands."""

    month: int
    day: int
    year: int | None = None
    start: str = ""
    end: str = ""
    begins: int = 0
    ends: int = 0

    def iso(self) -> str:
        """Return the moment as 2026-11-19T14:00/15:30, without what is not known."""
        said = f"{self.year:04}-{self.month:02}-{self.day:02}" if self.year else f"--{self.month:02}-{self.day:02}"
        if self.start:
            said += f"T{self.start}" + (f"/{self.end}" if self.end else "")
        return said

    def in_year(self, year: int | None) -> Moment:
        """Return the moment in a year, or as it is when there is no such day."""
        if not _exists(year, self.month, self.day):
            return self
        return Moment(self.month, self.day, year, self.start, self.end, self.begins, self.ends)


def folded(text: str) -> str:
    """Return a text in plain digits, one letter for one letter, so that places in it stay places in the original."""
    return "".join(_plain(letter) for letter in text)


def find_moments(text: str) -> list[Moment]:
    """Return the days in a text, each with the hours that follow it before the next day."""
    plain = _with_digits(folded(text))
    matches = [match for match in _DAY.finditer(plain) if _date_of(match)]
    found = []
    for match, following in zip_longest(matches, matches[1:]):
        until = following.start() if following else min(len(plain), match.end() + 60)
        start, end, last = find_hours(plain, match.end(), until)
        year, month, day = _date_of(match) or (None, 1, 1)
        found.append(Moment(month, day, year, start, end, match.start(), max(match.end(), last)))
    return found


def find_hours(plain: str, begin: int = 0, until: int | None = None) -> tuple[str, str, int]:
    """Return the first span of hours in a folded text, and where it ends; empty when there is none."""
    match = _TIME.search(plain, begin, len(plain) if until is None else until)
    if match is None:
        return "", "", begin
    start = _clock(match, "a", "")
    end = _clock(match, "b", match["ah"] or "") if match["b"] else ""
    if not start:
        return "", "", begin
    last = match.end()
    if not end and (other := _TIME.search(plain, last, last + 30)) and _UNTIL.search(plain, last, other.start()):
        # 開会　午前9時30分　閉会　午前11時52分
        end, last = _clock(other, "a", match["ah"] or ""), other.end()
    if end and end < start and not match["bh"] and int(end[:2]) < 12:
        end = f"{int(end[:2]) + 12:02}{end[2:]}"
    return start, end, last


def days_in_name(name: str) -> list[Moment]:
    """Return the days in the name of a file or sheet; four digits alone may be one too."""
    found = find_moments(name.replace("_", " "))
    if found:
        return found
    plain = folded(name)
    return [
        Moment(int(match["m"]), int(match["d"]), None, begins=match.start(), ends=match.end())
        for match in _SHORT.finditer(plain)
        if _exists(None, int(match["m"]), int(match["d"]))
    ]


def spoken_year(text: str) -> tuple[int, bool] | None:
    """Return the year a title speaks of, and whether it is a fiscal one: 令和5年度 第2回…"""
    match = _SPOKEN_YEAR.search(_with_digits(folded(text)))
    if match is None:
        return None
    year = int(match["y"]) if match["y"] else _ERAS[match["era"].upper()] + _number(match["ey"])
    return year, match["fiscal"] is not None


def has_placeholder(text: str) -> bool:
    """Say whether a text has a day nobody has filled in: 令和　年　月　日."""
    return bool(_PLACEHOLDER.search(folded(text)))


def _plain(letter: str) -> str:
    if letter in "\u3000\t\xa0":
        return " "
    changed = unicodedata.normalize("NFKC", letter)
    return changed if len(changed) == 1 else letter


def _with_digits(text: str) -> str:
    """Turn kanji numbers in front of 年, 月, 日, 時 and 分 into digits, keeping every place."""

    def digits(match: re.Match[str]) -> str:
        run = match[0]
        if "十" in run:
            tens, _, ones = run.partition("十")
            value = (_KANJI.get(tens, 1) if tens else 1) * 10 + (_KANJI.get(ones, 0) if ones else 0)
        else:
            value = int("".join(str(_KANJI[digit]) for digit in run))
        return str(value).rjust(len(run))

    return re.sub("[〇一二三四五六七八九十]{1,4}(?=[年月日時分])", digits, text)


def _date_of(match: re.Match[str]) -> tuple[int | None, int, int] | None:
    if match["y8"]:
        year: int | None = int(match["y8"])
        month, day = int(match["m8"]), int(match["d8"])
    elif match["ms"]:
        year, month, day = None, int(match["ms"]), int(match["ds"] or match["dt"])
    else:
        year = int(match["y"]) if match["y"] else _ERAS[match["era"].upper()] + _number(match["ey"])
        month, day = int(match["m"]), int(match["d"])
    return (year, month, day) if _exists(year, month, day) else None


def _number(text: str) -> int:
    return 1 if text == "元" else int(text)


def _exists(year: int | None, month: int, day: int) -> bool:
    try:
        date(year or 2024, month, day)
    except ValueError:
        return False
    return True


def _clock(match: re.Match[str], group: str, half_before: str) -> str:
    hour = int(match[group])
    minute = int(match[f"{group}m"] or match[f"{group}n"] or (30 if match[f"{group}x"] else 0))
    half = (match[f"{group}h"] or half_before).upper()
    if half in ("午後", "PM") and hour < 12:
        hour += 12
    return f"{hour:02}:{minute:02}" if hour < 25 and minute < 60 else ""
