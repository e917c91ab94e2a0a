"""Numbers of a spreadsheet as a person reads them: days and times out of Excel's day count, the rest without noise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_LAST_DAY = 2_958_465


def shown_number(value: str, *, is_date: bool, from_1904: bool) -> str:
    """Return a stored number as text: 45000 as 2023-03-15 where its format is a date, 0.30000000000000004 as 0.3."""
    try:
        number = float(value)
    except ValueError:
        return value
    if is_date and 0 <= number <= _LAST_DAY:
        return _day_and_time(number, from_1904)
    return f"{number:.15g}" if abs(number) < 1e15 else value


def _day_and_time(number: float, from_1904: bool) -> str:
    # Excel believes in 29 February 1900, so days before it are counted from one day later.
    # A spreadsheet's times belong to no zone; UTC here only keeps the arithmetic plain.
    start = datetime(1904, 1, 1, tzinfo=UTC) if from_1904 else datetime(1899, 12, 31 if number < 60 else 30, tzinfo=UTC)
    try:
        moment = start + timedelta(seconds=round(number * 86_400))
    except OverflowError:
        return ""
    if number < 1:
        return moment.strftime("%H:%M")
    has_time = moment.hour or moment.minute or moment.second
    return moment.strftime("%Y-%m-%d %H:%M") if has_time else moment.strftime("%Y-%m-%d")
