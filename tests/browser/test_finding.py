"""Finding a past meeting as a person does: in a browser, at a desk and on a phone, with and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from portal.web.app import create_app
from tests.support.browser import DESK, PHONE, NewTab
from tests.support.browsing import axe_finds_nothing, open_tab, serving
from tests.support.office import Office


@pytest.fixture
def address(sqlite_office: Office) -> Iterator[str]:
    """The address of an office with reports of several meeting bodies."""
    for number in range(8):
        sqlite_office.report(
            "higashinari",
            title=f"第{number + 1}回 連絡会",
            body_name=f"会議体{number + 1}",
            record=f"<p>退院支援の第{number + 1}版を確かめた。</p>",
        )
    sqlite_office.report("ikuno", title="生野の連絡会", state="shared", record="<p>退院支援を共有した。</p>")
    sqlite_office.catch_up()
    with serving(create_app(sqlite_office.site)) as address:
        yield address


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_archives_and_the_search_are_open_to_everybody(
    new_tab: NewTab, sqlite_office: Office, address: str, size: tuple[int, int]
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, sqlite_office.person("higashinari", "coordinator"), size)
    for path in (
        "/wards", "/higashinari/", "/higashinari/?kind=meeting_report&state=draft", "/ikuno/?year=2001", "/search",
        "/search?q=退院支援&ward=higashinari&from=R8.4.1&to=令和8年13月", "/search?q=退院支援&fiscal_year=2001",
    ):  # fmt: skip
        tab.goto(path)
        axe_finds_nothing(tab)


def test_a_hit_is_two_presses_away_and_opens_at_the_passage(
    new_tab: NewTab, sqlite_office: Office, address: str
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, sqlite_office.person("higashinari", "coordinator"))
    tab.goto("/")
    tab.get_by_role("combobox", name="探すことば").fill("退院支援を共有")
    tab.keyboard.press("Enter")
    tab.get_by_role("link", name="生野の連絡会").click()
    expect(tab.locator("#hit")).to_contain_text("退院支援")


def test_conditions_are_set_and_taken_off_without_script(new_tab: NewTab, sqlite_office: Office, address: str) -> None:
    person = sqlite_office.person("higashinari", "coordinator")
    tab = open_tab(new_tab, address, sqlite_office, person, PHONE, java_script_enabled=False)
    tab.goto("/search?q=退院支援")
    tab.get_by_text("しぼり込み", exact=True).click()
    tab.get_by_text("ほか", exact=False).first.click()
    tab.get_by_label("会議体8", exact=True).check()
    tab.get_by_role("button", name="しぼり込む").first.click()
    expect(tab.locator("ol.hits > li")).to_have_count(1)
    tab.get_by_role("link", name="会議体8").click()
    expect(tab.locator("ol.hits > li")).to_have_count(9)


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_box_completes_what_is_typed_and_the_keyboard_chooses(
    new_tab: NewTab, sqlite_office: Office, address: str, size: tuple[int, int]
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, sqlite_office.person("higashinari", "coordinator"), size)
    tab.goto("/")
    box = tab.get_by_role("combobox", name="探すことば")
    box.press_sequentially("たいいん")
    expect(tab.get_by_role("option", name="退院支援", exact=True)).to_be_visible()
    axe_finds_nothing(tab)
    tab.keyboard.press("ArrowDown")
    chosen = tab.locator("[role=option][aria-selected=true]").inner_text()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name=f"「{chosen}」の検索結果")).to_be_visible()


def test_a_title_in_the_list_opens_the_document_and_enter_alone_searches(
    new_tab: NewTab, sqlite_office: Office, address: str
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, sqlite_office.person("higashinari", "coordinator"))
    tab.goto("/")
    box = tab.get_by_role("combobox", name="探すことば")
    box.press_sequentially("生野の連")
    tab.get_by_role("option", name="生野の連絡会").click()
    expect(tab.get_by_role("heading", name="生野の連絡会", level=1)).to_be_visible()
    box.fill("生野の連")
    expect(tab.get_by_role("option").first).to_be_visible()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="「生野の連」の検索結果")).to_be_visible()


def test_similar_meetings_come_into_the_page_of_a_document(
    new_tab: NewTab, sqlite_office: Office, address: str
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, sqlite_office.person("higashinari", "coordinator"))
    tab.goto("/search?q=会議体3")
    tab.get_by_role("link", name="第3回 連絡会").click()
    part = tab.locator("#related")
    expect(part.get_by_role("heading", name="似た会議")).to_be_visible()
    expect(part.get_by_text("似た会議を見る")).to_have_count(0)
    axe_finds_nothing(tab)
