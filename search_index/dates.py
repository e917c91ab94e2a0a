"""Dates in any spelling become one term: 平成28年5月10日, H28.5.10 and 2016-05-10 are the same day.

A day in a document gives three terms (the day, its month, its year), so that a query may be as vague as it likes.
平成37年 is accepted as 2025, because forms printed before the change of era say so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_ERA_START = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERA_START |= {"m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018}
_KANJI = {character: value for value, character in enumerate("〇一二三四五六七八九")}

_NUMBER = r"(?:[0-9]{1,2}|元|[一二三四五六七八九十]{1,4})"
_ERA_YEAR = rf"(?P<era>明治|大正|昭和|平成|令和|(?<![a-z0-9])[mtshr])\.?\s?(?P<nth>{_NUMBER})"
_WESTERN = r"(?<![0-9])(?P<year>(?:19|20)[0-9]{2}|[一二][〇一二三四五六七八九]{3})(?![0-9])"
_REST = (
    rf"(?:\s?(?P<fiscal>年度)|\s?年\s?(?P<month>{_NUMBER})\s?月(?:\s?(?P<day>{_NUMBER})\s?日)?"
    r"|(?P<separator>[./・-])(?P<month2>[0-9]{1,2})(?:(?P=separator)(?P<day2>[0-9]{1,2}))?(?![0-9])|\s?(?P<bare>年))"
)
_DATE = re.compile(rf"(?:{_ERA_YEAR}|{_WESTERN}){_REST}")


@dataclass(frozen=True, slots=True)
class Found:
    """A date in normalised text: where it stands, its most exact term, and all terms a document gets for it."""

    start: int
    end: int
    term: str
    terms: tuple[str, ...]


def find_dates(text: str) -> Iterator[Found]:
    """Yield the dates in normalised text; impossible ones (13月) are left to be ordinary words."""
    for match in _DATE.finditer(text):
        parts = _read(match)
        if parts:
            yield Found(match.start(), match.end(), parts[0], parts)


def day_terms(day: date) -> tuple[str, ...]:
    """Return the terms of a known day, most exact first."""
    return (f"@d{day:%Y-%m-%d}", f"@m{day:%Y-%m}", f"@y{day:%Y}")


def fiscal_year_in(text: str) -> int | None:
    """Read 令和7年度, R7, 2025年度 or 2025 as a fiscal year."""
    text = text.strip()
    if re.fullmatch(r"(?:19|20)[0-9]{2}(?:年度?)?", text):
        return int(text[:4])
    match = re.fullmatch(rf"{_ERA_YEAR}(?:年度?)?", text)
    if not match:
        return None
    return _ERA_START[match["era"]] + _number(match["nth"])


def _read(match: re.Match[str]) -> tuple[str, ...]:
    year = _year(match)
    if match["fiscal"]:
        return (f"@f{year}",)
    month = match["month"] or match["month2"]
    if not month:
        return (f"@y{year}",)
    day = match["day"] or match["day2"]
    try:
        known = date(year, _number(month), _number(day) if day else 1)
    except ValueError:
        return ()
    terms = day_terms(known)
    return terms if day else terms[1:]


def _year(match: re.Match[str]) -> int:
    if match["era"]:
        return _ERA_START[match["era"]] + _number(match["nth"])
    written = match["year"]
    return int(written) if written.isdecimal() and written.isascii() else int("".join(str(_KANJI[c]) for c in written))


def _number(written: str) -> int:
    """Read 5, 元, 十二 or 三十一."""
    if written.isascii():
        return int(written)
    if written == "元":
        return 1
    tens, found, ones = written.rpartition("十")
    if not found:
        return int("".join(str(_KANJI[character]) for character in written))
    return (_KANJI.get(tens, 1) if tens else 1) * 10 + (_KANJI[ones] if ones else 0)
