"""Signing in, home, account, people and audit in a real browser, at a desk and on a phone."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page, expect

from portal.db.base import now
from portal.models import Account
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import accounts, drafts
from portal.services.uow import UnitOfWork
from portal.web.app import create_app
from tests.support.browser import DESK, PHONE, NewTab, Watch
from tests.support.browsing import axe_finds_nothing, open_tab, serving
from tests.support.office import PASSWORD, Office

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@pytest.fixture
def busy(sqlite_office: Office) -> Office:
    """An office with work for everybody."""
    office = sqlite_office
    tanaka = office.person("higashinari", "coordinator")
    bureau, admin = office.person("city", "bureau"), office.person("city", "bureau_admin", name="管理 者")
    office.report("higashinari", title="第4回 " + "とても長い名前の会議" * 12)
    returned = office.report("higashinari", state="submitted", title="第3回 病院連絡会")
    office.transition(bureau, returned, "return", "開催日と出席者の所属を確かめてください。" * 5)
    office.report("higashinari", state="confirming")
    office.report("ikuno", state="shared")
    office.report("ikuno", state="submitted")
    office.do(admin, lambda uow: accounts.add_role(uow, tanaka.account_id, ward="ikuno", role=Role.WARD_OFFICE))
    office.do(
        tanaka,
        lambda uow: drafts.save(
            uow, "new-abcdefgh", kind_name="meeting_report", title="", entries=[("title", "x")], base=0
        ),
    )
    return office


@pytest.fixture
def address(busy: Office) -> Iterator[str]:
    with serving(create_app(busy.site)) as address:
        yield address


def look(tab: Page, path: str) -> None:
    tab.goto(path)
    expect(tab.locator("h1")).to_be_visible()
    axe_finds_nothing(tab)


@SIZES
def test_every_page_of_a_coordinator_is_in_order(
    busy: Office, address: str, new_tab: NewTab, size: tuple[int, int]
) -> None:
    tab = open_tab(new_tab, address, busy, busy.person("higashinari", "coordinator"), size)
    for path in ("/", "/account", "/account/password", "/account/second-factor", "/account/acts", "/sign-in/role"):
        look(tab, path)
    assert tab.goto("/audit").status == 403  # type: ignore[union-attr]
    axe_finds_nothing(tab)


@SIZES
def test_every_page_of_the_city_is_in_order(busy: Office, address: str, new_tab: NewTab, size: tuple[int, int]) -> None:
    person = busy.person("higashinari", "coordinator").account_id
    tab = open_tab(new_tab, address, busy, busy.person("city", "bureau_admin", name="管理 者"), size)
    for path in ("/", "/admin/people", "/admin/people/new", f"/admin/people/{person}", "/audit", "/audit?since=13月"):
        look(tab, path)
    tab.goto(f"/admin/people/{person}")
    tab.click("text=パスワードを再発行する")
    axe_finds_nothing(tab)
    tab.click("text=再発行する")
    axe_finds_nothing(tab)
    for role in ("responsible", "ward_office"):
        look(open_tab(new_tab, address, busy, busy.person("higashinari", role), size), "/")
    for role in ("bureau", "auditor", "system_admin"):
        look(open_tab(new_tab, address, busy, busy.person("city", role), size), "/")


@SIZES
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_person_signs_in_with_a_code_chooses_a_role_and_leaves(
    busy: Office, address: str, new_tab: NewTab, size: tuple[int, int], language: str
) -> None:
    tanaka = busy.person("higashinari", "coordinator")
    secret = _second_factor(busy, tanaka)
    tab = new_tab(size, base_url=address)
    tab.context.add_cookies([{"name": "portal_language", "value": language, "url": address}])
    tab.goto("/account")
    axe_finds_nothing(tab)
    tab.keyboard.type(busy.logins[tanaka.account_id])  # the cursor stands in the first field
    tab.keyboard.press("Tab")
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab.locator("#code")).to_be_focused()
    axe_finds_nothing(tab)
    tab.keyboard.type(pyotp.TOTP(secret).now())
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/sign-in/role**")
    axe_finds_nothing(tab)
    tab.click("button[value='higashinari:coordinator']")
    tab.wait_for_url("**/account")
    axe_finds_nothing(tab)
    tab.click("[data-sign-out] button >> nth=-1")
    expect(tab.locator("#account")).to_be_visible()
    tab.go_back()
    expect(tab.locator("#account")).to_be_visible()
    assert "higashinari" not in tab.content().replace("next=", "")


def test_the_keyboard_reaches_the_first_task_and_the_skip_link_works(
    busy: Office, address: str, new_tab: NewTab
) -> None:
    tab = open_tab(new_tab, address, busy, busy.person("higashinari", "coordinator"))
    tab.goto("/")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent.trim()") == "会議の報告を書く"


def test_larger_text_is_kept_and_nothing_runs_out_of_the_page(busy: Office, address: str, new_tab: NewTab) -> None:
    tab = open_tab(new_tab, address, busy, busy.person("higashinari", "coordinator"), PHONE)
    tab.goto("/account")
    tab.click("aside button[value='130']")
    expect(tab.locator("html")).to_have_attribute("data-size", "130")
    for path in ("/", "/account", "/account/second-factor"):
        look(tab, path)
        assert tab.evaluate("document.documentElement.dataset.size") == "130"


def test_signing_out_everywhere_asks_first(busy: Office, address: str, new_tab: NewTab) -> None:
    tab = open_tab(new_tab, address, busy, busy.person("higashinari", "coordinator"))
    tab.goto("/account")
    tab.click("text=すべての端末からログアウトする")
    expect(tab.locator("dialog[open]")).to_contain_text("この端末も含めて")
    axe_finds_nothing(tab)
    tab.click("dialog[open] >> text=すべてログアウト")
    expect(tab.locator("#account")).to_be_visible()


@SIZES
def test_all_of_it_works_without_script(
    busy: Office, address: str, new_tab: NewTab, size: tuple[int, int], watch: Watch
) -> None:
    tab = new_tab(size, base_url=address, java_script_enabled=False)
    tab.goto("/")
    tab.fill("#account", busy.logins[busy.person("city", "bureau_admin", name="管理 者").account_id])
    tab.fill("#password", PASSWORD)
    tab.click("main button")
    tab.click("text=利用者の管理")
    tab.click("text=利用者を登録する")
    tab.fill("#name", "山田 花子")
    tab.fill("#login", "hanako")
    tab.select_option("#ward-0", label="生野区")
    tab.select_option("#role-0", label="区役所担当")
    tab.click("text=内容を確かめる")
    expect(tab.locator("main")).to_contain_text("生野区の区役所担当")
    tab.click("main button >> text=登録する")
    expect(tab.locator("h1")).to_have_text("山田 花子さんのアカウントを作りました")
    tab.click("button[value='115']")
    expect(tab.locator("html")).to_have_attribute("data-size", "115")


def _second_factor(office: Office, person: Identity) -> str:
    secret = accounts.new_totp_secret()
    office.do(person, lambda uow: accounts.turn_on_totp(uow, secret=secret, code=pyotp.TOTP(secret).now()))

    def forget_code(uow: UnitOfWork) -> None:
        uow.session.get_one(Account, person.account_id).totp_counter = int(now().timestamp()) // 30 - 2

    office.do(SystemIdentity(), forget_code)
    return secret
