"""Saving many reports together in a browser: chosen with a tick, watched while it is made, fetched by itself when it is ready."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from portal.services import jobs, packing
from portal.web.app import create_app
from tests.support.browser import DESK, PHONE, NewTab
from tests.support.browsing import axe_finds_nothing, open_tab, serving
from tests.support.office import Office


@pytest.fixture
def address(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an office with three reports, where two are already many."""
    monkeypatch.setattr(packing, "AT_ONCE", 1)
    for number in range(3):
        sqlite_office.report("higashinari", state="submitted", meeting_name=f"第{number + 1}の会", held_on="2026-05-20")
    sqlite_office.catch_up()
    with serving(create_app(sqlite_office.site)) as address:
        yield address


def test_chosen_reports_become_work_whose_file_comes_by_itself(
    new_tab: NewTab, sqlite_office: Office, address: str
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, sqlite_office.person("higashinari", "coordinator"))
    tab.goto("/higashinari/")
    for box in tab.get_by_role("checkbox", name="を選ぶ").all()[:2]:
        box.check()
    tab.get_by_role("button", name="選んだ文書をWordで保存").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("文書2件をWordで保存（ZIP）")
    expect(tab.get_by_text("まもなく始まります。")).to_be_visible()
    with tab.expect_download() as waited:
        assert jobs.do_next(sqlite_office.site, worker="here")
    assert waited.value.suggested_filename.endswith("_2件.zip")
    expect(tab.get_by_role("link", name="保存する")).to_be_visible()
    axe_finds_nothing(tab)
    tab.get_by_role("button", name="一覧から消す").click()
    expect(tab.get_by_text("頼んだ作業はありません")).to_be_visible()


def test_one_report_comes_at_once_and_without_script_too(new_tab: NewTab, sqlite_office: Office, address: str) -> None:
    person = sqlite_office.person("higashinari", "coordinator")
    tab = open_tab(new_tab, address, sqlite_office, person, PHONE, java_script_enabled=False)
    tab.goto("/higashinari/")
    tab.get_by_role("checkbox", name="を選ぶ").first.check()
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="選んだ文書をWordで保存").click()
    assert waited.value.suggested_filename.endswith("_1件.zip")
    tab.get_by_role("button", name="一覧の3件すべてをWordで保存").click()
    assert jobs.do_next(sqlite_office.site, worker="here")
    tab.get_by_role("link", name="更新").click()
    with tab.expect_download() as waited:
        tab.get_by_role("link", name="保存する").click()
    assert waited.value.suggested_filename.endswith("_3件.zip")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_screens_are_open_to_everybody(
    new_tab: NewTab, sqlite_office: Office, address: str, size: tuple[int, int]
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, sqlite_office.person("city", "bureau"), size)
    for path in ("/month?month=2026-05&ward=", "/month?month=2025-05&ward=ikuno", "/jobs"):
        tab.goto(path)
        axe_finds_nothing(tab)
    tab.goto("/month?month=2026-05&ward=")
    tab.get_by_role("button", name="ひとつのWordに綴る").click()
    axe_finds_nothing(tab)
    tab.get_by_role("button", name="取りやめる").click()
    expect(tab.get_by_text("作業を取りやめました。")).to_be_visible()
    axe_finds_nothing(tab)
