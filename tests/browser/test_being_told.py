"""Notices and saved searches in a real browser, on a desk and on a telephone, with nothing for axe to complain of."""

import pytest

from portal.services import saved_searches
from portal.web.app import create_app
from tests.support.browser import DESK, PHONE, NewTab
from tests.support.browsing import axe_finds_nothing, open_tab, serving
from tests.support.office import Office


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_search_is_kept_and_tells_of_what_is_new(
    sqlite_office: Office, new_tab: NewTab, size: tuple[int, int]
) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    office.report("higashinari", state="accepted", title="病院連絡会の報告")
    office.catch_up()
    with serving(create_app(office.site)) as address:
        tab = open_tab(new_tab, address, office, tanaka, size)
        tab.goto("/search?q=連絡会")
        tab.get_by_text("この検索を保存").click()
        tab.get_by_label("検索の名前").fill("連絡会の報告")
        tab.get_by_label("画面だけ").check()
        axe_finds_nothing(tab)
        tab.get_by_role("button", name="保存する").click()
        tab.get_by_role("heading", name="保存した検索").wait_for()
        axe_finds_nothing(tab)
        tab.get_by_role("link", name="「連絡会の報告」を変える").click()
        tab.get_by_role("button", name="フィードのアドレスを作る").click()
        assert ".atom" in tab.get_by_label("フィードのアドレス").input_value()
        axe_finds_nothing(tab)
        office.report("higashinari", title="第二回病院連絡会の報告")
        office.catch_up()
        saved_searches.look_for_news(office.site)
        tab.goto("/notices")
        axe_finds_nothing(tab)
        tab.get_by_role("link", name="第二回病院連絡会の報告").click()
        tab.get_by_role("heading", name="第二回病院連絡会の報告").wait_for()
        tab.goto("/notices/settings")
        axe_finds_nothing(tab)
