"""A coordinator at a real browser: from home to a report that is handed over, and the accidents on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from portal.security.identity import Identity
from portal.services import signing_in
from portal.web.app import create_app
from tests.support.browser import DESK, PHONE, NewTab
from tests.support.browsing import axe_finds_nothing, open_tab, serving
from tests.support.office import PASSWORD, Office

LINES = {
    "meeting_name": "病院連絡会", "body_name": "病院連絡会", "meeting_number": "４", "held_on": "R8.11.19", "starts_at": "14時",
    "ends_at": "15:30", "place": "医師会館", "organiser": "東成区医師会", "attendees-0-name": "見本 一郎", "headcount": "1",
    "agenda-0-subject": "退院支援ルールの見直し", "decisions-0-decision": "来月から使う。",
}  # fmt: skip


@pytest.fixture
def tanaka(sqlite_office: Office) -> Identity:
    return sqlite_office.person("higashinari", "coordinator", name="田中 一郎")


@pytest.fixture
def address(sqlite_office: Office) -> Iterator[str]:
    with serving(create_app(sqlite_office.site)) as served:
        yield served


def type_report(tab: Tab) -> None:
    """Fill in a whole report from the keyboard alone."""
    for name, text in LINES.items():
        tab.fill(f"[name='{name}']", text)
    tab.select_option("[name=organiser_type]", "医師会")
    for box in ("[name=items][value=エ]", "[name=privacy_checked]"):
        tab.focus(box)
        tab.keyboard.press("Space")
    editor = tab.locator("rich-text:has([name=record]) .ProseMirror")
    if editor.count():
        editor.focus()
        tab.keyboard.type("退院支援ルール第2版を試した。")
    else:
        tab.fill("[name=record]", "退院支援ルール第2版を試した。")


def saved(tab: Tab) -> None:
    expect(tab.locator("[data-saved]")).to_contain_text("下書きを保存しました")


def a_file(folder: Path) -> Path:
    path = folder / "退院支援 名簿.txt"
    path.write_text("参考資料", encoding="utf-8")
    return path


def test_a_report_with_a_file_is_handed_over_in_four_clicks(
    new_tab: NewTab, address: str, sqlite_office: Office, tanaka: Identity, tmp_path: Path
) -> None:
    tab, clicks = open_tab(new_tab, address, sqlite_office, tanaka), []

    def click(selector: str) -> None:
        tab.click(selector)
        clicks.append(selector)

    tab.goto("/")
    click("text=会議の報告を書く")
    type_report(tab)
    with tab.expect_file_chooser() as chooser:
        click("#add-files")
    chooser.value.set_files(a_file(tmp_path))
    expect(tab.locator(".uploads .badge")).to_have_text("保存しました")
    click("text=確認へ進む")
    expect(tab.locator("main")).to_contain_text("退院支援 名簿.txt")
    click("main button:text-is('法人確認を依頼する')")
    expect(tab.locator("main")).to_contain_text("法人の責任者に確認を依頼しました")
    expect(tab.locator(".head-line")).to_contain_text("法人確認待ち")
    expect(tab.locator("h1")).to_have_text("第4回 病院連絡会")
    expect(tab.locator("aside")).to_contain_text("退院支援 名簿.txt")
    assert len(clicks) <= 4


def test_what_was_typed_is_there_after_the_tab_was_closed(
    new_tab: NewTab, address: str, sqlite_office: Office, tanaka: Identity
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, tanaka)
    tab.goto("/higashinari/new/meeting_report")
    type_report(tab)
    tab.click("row-list[name=decisions] [data-act=add]")
    tab.fill("[name='decisions-1-decision']", "二件目の決定")
    saved(tab)
    tab.close()
    again = tab.context.new_page()
    again.goto("/")
    again.click("text=続きを書く")
    for name, text in {**LINES, "decisions-1-decision": "二件目の決定"}.items():
        expect(again.locator(f"[name='{name}']")).to_have_value(text)
    expect(again.locator("rich-text:has([name=record])")).to_contain_text("退院支援ルール第2版を試した。")


def test_typing_goes_on_while_the_session_ends_and_begins_again(
    new_tab: NewTab, address: str, sqlite_office: Office, tanaka: Identity
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, tanaka)
    tab.goto("/higashinari/new/meeting_report")
    tab.fill("[name=place]", "はじめの場所")
    saved(tab)
    tab.context.clear_cookies(name="portal_session")
    tab.fill("[name=place]", "途中で変えた場所")
    expect(tab.locator("[data-saved]")).to_contain_text("別のタブでログインする")
    secret = signing_in.sign_in(sqlite_office.site, login=sqlite_office.logins[tanaka.account_id], password=PASSWORD)
    tab.context.add_cookies([{"name": "portal_session", "value": secret, "url": address}])
    expect(tab.locator("[data-saved]")).to_contain_text("下書きを保存しました", timeout=15_000)
    tab.reload()
    expect(tab.locator("[name=place]")).to_have_value("途中で変えた場所")


def test_saving_after_the_session_ended_loses_nothing(
    new_tab: NewTab, address: str, sqlite_office: Office, tanaka: Identity
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, tanaka)
    tab.goto("/higashinari/new/meeting_report")
    form = tab.url
    tab.fill("[name=place]", "はじめの場所")
    saved(tab)
    tab.context.clear_cookies(name="portal_session")
    tab.fill("[name=place]", "保存を押す直前の場所")
    tab.click("text=保存して閉じる")
    expect(tab.locator("main")).to_contain_text("ログイン")
    secret = signing_in.sign_in(sqlite_office.site, login=sqlite_office.logins[tanaka.account_id], password=PASSWORD)
    tab.context.add_cookies([{"name": "portal_session", "value": secret, "url": address}])
    tab.goto(form)
    tab.click("text=控えに戻す")
    expect(tab.locator("[name=place]")).to_have_value("保存を押す直前の場所")


def test_after_signing_out_going_back_shows_nothing(
    new_tab: NewTab, address: str, sqlite_office: Office, tanaka: Identity
) -> None:
    report = sqlite_office.report("higashinari", place="秘密の会議室")
    tab = open_tab(new_tab, address, sqlite_office, tanaka)
    tab.goto(f"/documents/{report}")
    expect(tab.locator("main")).to_contain_text("秘密の会議室")
    tab.click("footer >> text=ログアウト")
    expect(tab.locator("[name=password]")).to_be_visible()
    tab.go_back()
    expect(tab.locator("body")).not_to_contain_text("秘密の会議室")


def test_a_hit_leads_to_the_marked_passage(
    new_tab: NewTab, address: str, sqlite_office: Office, tanaka: Identity
) -> None:
    long = "<p>ほかの話。</p>" * 80 + "<p>転帰シートの使い方を決めた。</p>"
    report = sqlite_office.report("higashinari", record=long)
    tab = open_tab(new_tab, address, sqlite_office, tanaka)
    tab.goto(f"/documents/{report}?q=転帰シート#hit")
    expect(tab.locator("#hit")).to_be_in_viewport()
    expect(tab.locator("#hit")).to_have_text("転帰シート")


def test_everything_works_with_scripts_switched_off(
    new_tab: NewTab, address: str, sqlite_office: Office, tanaka: Identity, tmp_path: Path
) -> None:
    tab = open_tab(new_tab, address, sqlite_office, tanaka, java_script_enabled=False)
    tab.goto("/")
    tab.click("text=会議の報告を書く")
    type_report(tab)
    tab.click("button[name=add][value=decisions]")
    tab.fill("[name='decisions-1-decision']", "二件目の決定")
    tab.set_input_files("#add-files", a_file(tmp_path))
    tab.fill("[name=held_on]", "令和8年13月1日")
    tab.click("text=確認へ進む")
    expect(tab.locator(".errors")).to_contain_text("令和8年13月1日")
    expect(tab.locator("#part-files")).to_contain_text("退院支援 名簿.txt")
    expect(tab.locator("[name='decisions-1-decision']")).to_have_value("二件目の決定")
    tab.fill("[name=held_on]", "令和8年12月1日")
    tab.click("text=確認へ進む")
    tab.click("main button:text-is('法人確認を依頼する')")
    expect(tab.locator(".head-line")).to_contain_text("法人確認待ち")
    expect(tab.locator("aside")).to_contain_text("退院支援 名簿.txt")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_of_a_report_are_open_to_everybody(
    new_tab: NewTab, address: str, sqlite_office: Office, tanaka: Identity, size: tuple[int, int]
) -> None:
    report = sqlite_office.report("higashinari")
    tab = open_tab(new_tab, address, sqlite_office, tanaka, size)
    other = open_tab(new_tab, address, sqlite_office, sqlite_office.person("higashinari", "coordinator", name="佐藤"))
    tab.goto("/higashinari/new/training_report")
    axe_finds_nothing(tab)
    tab.goto(f"/documents/{report}/edit")
    other.goto(f"/documents/{report}/edit")
    other.fill("[name=place]", "佐藤の場所")
    other.click("text=保存して閉じる")
    tab.fill("[name=place]", "田中の場所")
    tab.fill("[name=held_on]", "令和8年13月1日")
    tab.click("text=保存して閉じる")
    expect(tab.locator(".errors")).to_be_focused()
    axe_finds_nothing(tab)
    tab.fill("[name=held_on]", "令和8年12月1日")
    tab.click("text=保存して閉じる")
    expect(tab.locator("h1")).to_have_text("ほかの人が先に保存しました")
    axe_finds_nothing(tab)
    tab.click("text=この内容で保存する")
    for rest in (
        "?q=退院",
        "/versions/1",
        "/diff",
        "/preview",
        "/why",
        "/shared",
        "/delete",
        "/do/request_confirmation",
    ):
        tab.goto(f"/documents/{report}{rest}")
        axe_finds_nothing(tab)
