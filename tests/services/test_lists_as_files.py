"""A list saved as a file holds the same rows, and nothing in it is ever a formula."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.services import lists, spreadsheets
from portal.services.finding import Filters
from portal.services.spreadsheets import Column, Listing
from tests.support.office import Office

MADE = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TRICKS = (
    "=1+1", "+81", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "  =1", "\u3000=HYPERLINK(\"http://x\")",
    "\ufeff=1", "\u200b=1", "=cmd|' /C calc'!A0",
)  # fmt: skip


def listing(*rows: tuple[Any, ...], total: int = 0) -> Listing:
    width = max(len(row) for row in rows)
    columns = [Column(f"列{number}") for number in range(width)]
    return Listing("見本", columns, rows, total or len(rows), [("区", "東成区")], MADE)


def opened(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).active


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("trick", TRICKS)
def test_no_text_is_a_formula(trick: str) -> None:
    (cell,) = lines(spreadsheets.as_csv(listing((trick,))))[1]
    assert cell.startswith("'")
    for row in opened(spreadsheets.as_xlsx(listing((trick,)))).iter_rows():
        assert {one.data_type for one in row} <= {"s", "n"}
        assert "f" not in {one.data_type for one in row}


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_whatever_was_typed_comes_back_and_starts_no_formula(texts: list[str]) -> None:
    told = lines(spreadsheets.as_csv(listing(tuple(texts))))[1]
    assert len(told) == len(texts)
    assert not [one for one in told if one.lstrip(" \u3000\t")[:1] in tuple("=+-@＝＋－＠")]
    assert spreadsheets.as_xlsx(listing(tuple(texts))).startswith(b"PK")


def test_a_day_is_a_day_and_a_number_a_number() -> None:
    row = (date(2026, 11, 19), MADE, 3, "髙﨑 𠮷子", None, date(1868, 9, 8))
    sheet = opened(spreadsheets.as_xlsx(listing(row)))
    cells = next(sheet.iter_rows(min_row=6))
    assert cells[0].value == datetime(2026, 11, 19)
    assert cells[0].is_date
    assert cells[1].value == datetime(2026, 11, 22, 12, 0), "moments stand in Japanese time"
    assert [one.value for one in cells[2:]] == [3, "髙﨑 𠮷子", None, "1868-09-08"]
    assert lines(spreadsheets.as_csv(listing(row)))[1] == [
        "2026-11-19", "2026-11-22 12:00", "3", "髙﨑 𠮷子", "", "1868-09-08",
    ]  # fmt: skip


def test_the_file_says_what_it_is_and_its_heading_stays_in_sight() -> None:
    made = listing(("あ",))
    sheet = opened(spreadsheets.as_xlsx(made))
    head = [row[0].value for row in sheet.iter_rows(max_row=3)]
    assert head == ["見本", "区", "作成"]
    assert sheet.freeze_panes == "A6"
    assert spreadsheets.as_csv(made).startswith("\ufeff".encode())
    assert spreadsheets.as_csv(made).endswith(b"\r\n")
    assert made.file_name("csv") == "見本_東成区_20261122-1200.csv"


def test_a_list_that_is_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST", 3)
    made = listing(*[(number,) for number in range(5)])
    assert len(lines(spreadsheets.as_csv(made))) == 4
    assert "先頭の3件" in made.file_name("csv")
    assert "全5件のうち先頭" in made.head[0][1]


def test_every_page_of_an_archive_is_in_the_file_and_only_what_the_reader_may_see(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "AT_A_TIME", 2)
    mine = [office.report("higashinari", meeting_name=f"連絡会{number}") for number in range(5)]
    office.report("ikuno", meeting_name="よその区")
    shared = office.report("ikuno", state="shared", meeting_name="共有した連絡会")
    with office.uow(office.person("higashinari", "coordinator")) as uow:
        own = list(lists.archive(uow, Filters(wards=("higashinari",))).rows)
        other = list(lists.archive(uow, Filters(wards=("ikuno",))).rows)
    assert sorted(row[-1] for row in own) == mine
    assert [row[-1] for row in other] == [shared]
