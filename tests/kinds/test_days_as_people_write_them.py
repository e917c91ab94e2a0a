"""Days, times and fiscal years: every spelling an office uses is read, and what cannot be is said in words."""

from contextlib import suppress
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kinds import calendar, find_kind

SPELLINGS = {
    "2026-11-19": "2026-11-19",
    "2026/11/19": "2026-11-19",
    "2026.11.19": "2026-11-19",
    "2026年11月19日": "2026-11-19",
    "20261119": "2026-11-19",
    "２０２６１１１９": "2026-11-19",
    "２０２６／１１／１９": "2026-11-19",
    "２０２６－１１－１９": "2026-11-19",
    "2026ー11ー19": "2026-11-19",
    "令和8年11月19日": "2026-11-19",
    "令和８年１１月１９日": "2026-11-19",
    "令和八年十一月十九日": "2026-11-19",
    "令和 8年 11月 19日": "2026-11-19",
    "令和8年11月19日（木）": "2026-11-19",
    "令和8年11月19日(木曜日)": "2026-11-19",
    "　令和8年11月19日　": "2026-11-19",
    "R8.11.19": "2026-11-19",
    "r8-11-19": "2026-11-19",
    "Ｒ８．１１．１９": "2026-11-19",
    "R8/11/19": "2026-11-19",
    "R8・11・19": "2026-11-19",
    "㋿8年11月19日": "2026-11-19",
    "二〇二六年十一月十九日": "2026-11-19",
    "令和元年5月1日": "2019-05-01",
    "令和１年５月１日": "2019-05-01",
    "R1.5.1": "2019-05-01",
    "平成31年4月30日": "2019-04-30",
    "H31.4.30": "2019-04-30",
    "㍻31年4月30日": "2019-04-30",
    "平成37年4月1日": "2025-04-01",
    "平成三十七年四月一日": "2025-04-01",
    "昭和64年1月7日": "1989-01-07",
    "昭和39年10月10日（土・祝）": "1964-10-10",
    "S39.10.10": "1964-10-10",
    "大正15年12月24日": "1926-12-24",
    "M45.7.29": "1912-07-29",
    "令和8年2月28日": "2026-02-28",
    "2028-02-29": "2028-02-29",
}

WRONG = {
    "令和8年13月": "月は1〜12",
    "令和8年13月1日": "月は1〜12",
    "R8.0.5": "月は1〜12",
    "令和8年11月31日": "11月に31日はありません",
    "2026-02-29": "2月に29日はありません",
    "令和8年10月": "日まで入力",
    "8.11.19": "元号か西暦4桁",
    "26/11/19": "元号か西暦4桁",
    "元年5月1日": "元号か西暦4桁",
    "令和0年1月1日": "元年",
    "1899-12-31": "1900年から2199年まで",
    "2200-01-01": "1900年から2199年まで",
    "来週の木曜日": "日付として読み取れません",
    "令和": "日付として読み取れません",
    "20261319": "月は1〜12",
}


@pytest.mark.parametrize(("typed", "day"), SPELLINGS.items())
def test_every_spelling_of_a_day_is_read(typed: str, day: str) -> None:
    assert calendar.parse_day(typed).isoformat() == day


@pytest.mark.parametrize(("typed", "hint"), WRONG.items())
def test_a_wrong_day_is_refused_naming_what_is_wrong(typed: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint) as refused:
        calendar.parse_day(typed)
    assert f"「{typed}」" in str(refused.value)


@given(st.dates(calendar.EARLIEST, calendar.LATEST), st.booleans())
def test_what_the_portal_writes_it_reads_back(day: date, weekday: bool) -> None:
    assert calendar.parse_day(calendar.write_day(day, weekday=weekday)) == day
    assert calendar.parse_day(day.isoformat()) == day


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused_in_words(typed: str) -> None:
    for read in (calendar.parse_day, calendar.parse_clock, calendar.parse_fiscal_year):
        with suppress(ValueError):
            assert read(typed) is not None


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("14:30", "14:30"), ("１４：３０", "14:30"), ("14時30分", "14:30"), ("午後2時半", "14:30"), ("午後２時３０分", "14:30"),
        ("1430", "14:30"), ("9時", "09:00"), ("午前九時", "09:00"), ("PM 2:30", "14:30"), ("午後0時15分", "12:15"),
    ],
)  # fmt: skip
def test_every_spelling_of_a_time_is_read(typed: str, clock: str) -> None:
    assert calendar.parse_clock(typed).strftime("%H:%M") == clock


@pytest.mark.parametrize("typed", ["25:00", "14:60", "正午ごろ", "14:5:6", ""])
def test_a_wrong_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="時刻として読み取れません"):
        calendar.parse_clock(typed)


@given(st.times())
def test_a_written_time_is_read_back(clock: time) -> None:
    clock = clock.replace(second=0, microsecond=0)
    assert calendar.parse_clock(calendar.write_clock(clock)) == clock


@pytest.mark.parametrize(
    ("day", "year", "name", "letter"),
    [
        ("2026-03-31", 2025, "令和7年度", "R7"),
        ("2026-04-01", 2026, "令和8年度", "R8"),
        ("2019-04-30", 2019, "令和元年度", "R1"),
        ("2019-05-01", 2019, "令和元年度", "R1"),
        ("2019-03-31", 2018, "平成30年度", "H30"),
    ],
)
def test_a_fiscal_year_begins_in_april(day: str, year: int, name: str, letter: str) -> None:
    found = calendar.fiscal_year(date.fromisoformat(day))
    assert (found, calendar.fiscal_year_name(found), calendar.fiscal_year_letter(found)) == (year, name, letter)


@pytest.mark.parametrize("typed", ["R7", "令和7年度", "令和７年", "2025", "２０２５年度", "平成37年度", "r7"])
def test_every_spelling_of_a_fiscal_year_is_read(typed: str) -> None:
    assert calendar.parse_fiscal_year(typed) == 2025


@pytest.mark.parametrize(
    ("completed", "last_day"),
    [
        ("2026-03-31", "2031-03-31"),
        ("2026-04-01", "2032-03-31"),
        ("2019-04-30", "2025-03-31"),
        ("2019-05-01", "2025-03-31"),
        ("2027-03-31", "2032-03-31"),
    ],
)
def test_a_record_is_kept_five_years_after_its_fiscal_year(completed: str, last_day: str) -> None:
    assert calendar.retention_ends(date.fromisoformat(completed)).isoformat() == last_day


def test_a_form_says_which_day_is_wrong_and_keeps_the_others() -> None:
    kind = find_kind("meeting_report")
    assert kind is not None
    field = kind.fields["held_on"]
    value, problems = field.problems("令和8年13月1日", "held_on")
    assert value == ""
    assert [problem.path for problem in problems] == ["held_on"]
    assert "月は1〜12" in problems[0].message
    assert field.clean("平成37年4月1日") == "2025-04-01"
    assert field.text("2025-04-01") == "令和7年4月1日（火）"
