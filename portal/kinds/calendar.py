"""Japanese days and fiscal years: reading what people type, and writing it as an office does."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone


@dataclass(frozen=True)
class Era:
    """One era (元号). `year_zero` + era year = Gregorian year."""

    name: str
    letter: str
    sign: str
    year_zero: int
    begins: date


ERAS = (
    Era("令和", "R", "㋿", 2018, date(2019, 5, 1)),
    Era("平成", "H", "㍻", 1988, date(1989, 1, 8)),
    Era("昭和", "S", "㍼", 1925, date(1926, 12, 25)),
    Era("大正", "T", "㍽", 1911, date(1912, 7, 30)),
    Era("明治", "M", "㍾", 1867, date(1868, 1, 25)),
)

JAPAN = timezone(timedelta(hours=9), "JST")
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
WEEKDAYS = "月火水木金土日"
_KANJI_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_ERA_NAMES = {key: era for era in ERAS for key in (era.name, era.letter, era.letter.lower())}
_YEAR = r"(?P<era>令和|平成|昭和|大正|明治|[RHSTMrhstm])?\s*(?P<year>\d{1,4}|元)"
_PATTERNS = (
    re.compile(rf"{_YEAR}\s*年(?:度)?\s*(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*日?"),
    re.compile(rf"{_YEAR}\s*[./\-・]\s*(?P<month>\d{{1,2}})\s*[./\-・]\s*(?P<day>\d{{1,2}})"),
    re.compile(r"(?P<era>)(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
)

_WITHOUT_DAY = re.compile(rf"{_YEAR}\s*年(?:度)?\s*(?P<month>\d{{1,2}})\s*月")


def parse_day(text: str) -> date:
    """Read a day in any usual spelling: R8.11.19, 令和八年十一月十九日, ２０２６/１１/１９, 20261119, 平成37年4月1日.

    An era year past the era's end is counted on (平成37年 is 令和7年, as printed in old contracts).
    Raises ValueError with a Japanese message that names the wrong part.
    """
    folded = _fold(text)
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(folded):
            return _build(text, match)
    if match := _WITHOUT_DAY.fullmatch(folded):
        _check_month(text, int(match["month"]))
        raise ValueError(f"「{text.strip()}」に日がありません。「{text.strip()}1日」のように日まで入力してください。")
    raise ValueError(
        f"「{text.strip()}」は日付として読み取れません。「令和8年11月19日」「R8.11.19」「2026/11/19」のように入力してください。"
    )


def _fold(text: str) -> str:
    for era in ERAS:  # before NFKC, which spells the sign out as well but keeps this table the one list of eras
        text = text.replace(era.sign, era.name)
    folded = unicodedata.normalize("NFKC", text).strip()
    folded = re.sub(r"\s*[((][月火水木金土日](?:曜日?)?(?:・祝)?[))]\s*$", "", folded)
    folded = re.sub("[ー－−‐–—]", "-", folded)
    return re.sub(f"[{''.join(_KANJI_DIGITS)}十]+", lambda run: str(_kanji_number(run[0])), folded)


def _kanji_number(run: str) -> int:
    if "十" not in run:
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in run))
    tens, _, ones = run.partition("十")
    return (_KANJI_DIGITS[tens[-1]] if tens else 1) * 10 + (_KANJI_DIGITS.get(ones[:1], 0) if ones else 0)


def _build(typed: str, match: re.Match[str]) -> date:
    year = 1 if match["year"] == "元" else int(match["year"])
    era = _ERA_NAMES.get(match["era"] or "")
    if era is None and year < 1000:
        raise ValueError(
            f"「{typed.strip()}」の年が読み取れません。「令和8年」「R8」「2026年」のように元号か西暦4桁で入力してください。"
        )
    if era is not None and year < 1:
        raise ValueError(f"「{typed.strip()}」は使えません。{era.name}の年は元年（1年）から入力してください。")
    month, day = int(match["month"]), int(match["day"])
    _check_month(typed, month)
    try:
        found = date(era.year_zero + year if era else year, month, day)
    except ValueError:
        raise ValueError(f"「{typed.strip()}」は使えません。{month}月に{day}日はありません。") from None
    if not EARLIEST <= found <= LATEST:
        raise ValueError(
            f"「{typed.strip()}」は使えません。{EARLIEST.year}年から{LATEST.year}年までの日付を入力してください。"
        )
    return found


def _check_month(typed: str, month: int) -> None:
    if not 1 <= month <= 12:
        raise ValueError(f"「{typed.strip()}」は使えません。月は1〜12で入力してください。")


def today() -> date:
    """Return the day it is in Japan."""
    return datetime.now(JAPAN).date()


def write_moment(moment: datetime) -> str:
    """Write a moment as 令和8年11月19日 14:32, Japanese time."""
    local = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(JAPAN)
    return f"{write_day(local.date(), weekday=False)} {local:%H:%M}"


def parse_clock(text: str) -> time:
    """Read a time of day: 14:30, １４時３０分, 午後2時半, 1430. Raises ValueError with a Japanese message."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    folded = re.sub(f"[{''.join(_KANJI_DIGITS)}十]+", lambda run: str(_kanji_number(run[0])), folded)
    match = re.fullmatch(r"(午前|午後|AM|PM|am|pm)?(\d{1,2})(?:[:.時](?:(\d{1,2})分?|(半))?)?", folded) or re.fullmatch(
        r"()(\d{1,2})(\d{2})()", folded
    )
    if match:
        hour, minute = int(match[2]), 30 if match[4] else int(match[3] or 0)
        if match[1] in ("午後", "PM", "pm") and hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise ValueError(
        f"「{text.strip()}」は時刻として読み取れません。「14:30」「午後2時30分」のように入力してください。"
    )


def era_year(day: date) -> tuple[Era, int]:
    """Return the era of a day and its year within it."""
    for era in ERAS:
        if day >= era.begins:
            return era, day.year - era.year_zero
    return ERAS[-1], day.year - ERAS[-1].year_zero


def write_day(day: date, *, weekday: bool = True) -> str:
    """Write a day as 令和8年11月19日（木）."""
    era, year = era_year(day)
    shown = f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{shown}（{WEEKDAYS[day.weekday()]}）" if weekday else shown


def write_clock(clock: time) -> str:
    """Write a time of day as 午後2時30分."""
    half, hour = ("午前", clock.hour) if clock.hour < 12 else ("午後", clock.hour - 12 if clock.hour > 12 else 12)
    return f"{half}{hour}時{clock.minute:02d}分" if clock.minute else f"{half}{hour}時"


def fiscal_year(day: date) -> int:
    """Return the 年度 (April to March) a day belongs to, as the Gregorian year it begins in."""
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_name(year: int) -> str:
    """Write a 年度: 2025 is 令和7年度, 2019 is 令和元年度."""
    era, number = era_year(date(year, 5, 1))
    return f"{era.name}{'元' if number == 1 else number}年度"


def fiscal_year_letter(year: int) -> str:
    """Write a 年度 as used in report numbers: 2025 is R7."""
    era, number = era_year(date(year, 5, 1))
    return f"{era.letter}{number}"


def parse_fiscal_year(text: str) -> int:
    """Read a 年度: R7, 令和7年度, 2025, 平成37年度. Raises ValueError with a Japanese message."""
    folded = unicodedata.normalize("NFKC", text).strip().removesuffix("度").removesuffix("年")
    if match := re.fullmatch(_YEAR, folded):
        year = 1 if match["year"] == "元" else int(match["year"])
        era = _ERA_NAMES.get(match["era"] or "")
        if era or 1900 <= year < 2200:
            return era.year_zero + year if era else year
    raise ValueError(
        f"「{text.strip()}」は年度として読み取れません。「令和7年度」「R7」「2025」のように入力してください。"
    )


def retention_ends(completed: date) -> date:
    """Return the last day a record is kept: 31 March, five years after the 年度 of completion ends (DOMAIN 5g)."""
    return date(fiscal_year(completed) + 6, 3, 31)
