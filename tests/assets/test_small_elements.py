"""Dates, suggestions, self-refreshing parts, keys, asking first, text size."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from portal.kinds import calendar
from tests.assets.conftest import Show
from tests.assets.sampler_site import Answer, Asked, Site, answer_json, examples, page
from tests.assets.test_rich_text import InputMethod

DATE = '<form><label for="day">開催日</label><date-field><input id="day" name="day" type="text"></date-field></form>'
SUGGEST = '<form><label for="body">会議体</label><suggest-box data-url="/suggest"><input id="body" name="body"></suggest-box><label for="place">場所</label><input id="place" name="place"></form>'
WARDS = """<form><label for="ward">区</label><suggest-box><input id="ward" name="ward" list="wards"><datalist id="wards">
<option value="東成区" label="ひがしなりく"></option><option value="生野区" label="いくのく"></option><option value="東淀川区" label="ひがしよどがわく"></option>
</datalist></suggest-box></form>"""
FRAGMENT = (
    '<poll-fragment id="waiting" data-url="/waiting"{every}><button id="open">確認待ち1件</button></poll-fragment>'
)
SPELLINGS = ["R8.11.19", "Ｒ８．１１．１９", "令和8年11月19日", "令和八年十一月十九日", "20261119", "2026/11/19", "2026-11-19", "㋿8.11.19",
             "令和8年11月19日（木）", "平成38年11月19日", "r8-11-19"]  # fmt: skip
REFUSED = ["令和8年13月19日", "令和8年2月30日", "8.11.19", "あした", "2026"]


def test_every_spelling_of_a_day_is_echoed_in_words(show: Show) -> None:
    tab = show(DATE)
    for spelling in SPELLINGS:
        tab.fill("#day", spelling)
        expect(tab.locator("output")).to_have_text("令和8年11月19日（木）")
    tab.fill("#day", "令和元年5月1日")
    expect(tab.locator("output")).to_have_text("令和元年5月1日（水）")


def test_the_browser_reads_days_as_the_server_does(show: Show) -> None:
    tab = show(DATE)
    days = [
        date(1926, 12, 24),
        date(1926, 12, 25),
        date(1989, 1, 7),
        date(1989, 1, 8),
        date(2019, 4, 30),
        date(2020, 2, 29),
    ]
    days += [date(2026, 1, 1) + timedelta(days=47 * step) for step in range(8)]
    for day in days:
        tab.fill("#day", day.isoformat())
        expect(tab.locator("output")).to_have_text(calendar.write_day(day))
    for spelling in REFUSED:
        with pytest.raises(ValueError, match=r"使えません|読み取れません"):
            calendar.parse_day(spelling)
        tab.fill("#day", spelling)
        expect(tab.locator("output.unclear")).to_contain_text("ません。")


def test_the_calendar_writes_into_the_text_field(show: Show) -> None:
    tab = show(DATE)
    tab.evaluate(
        """() => { const picker = document.querySelector("date-field input[type=date]");
          picker.value = "2026-11-19"; picker.dispatchEvent(new Event("change", {bubbles: true})); }"""
    )

    assert tab.input_value("#day") == "令和8年11月19日（木）"
    assert tab.evaluate("[...new FormData(document.querySelector('form'))].length") == 1


def test_suggestions_wait_for_the_input_method_and_are_asked_in_one_spelling(site: Site, show: Show) -> None:
    site.on(
        "GET",
        "/suggest",
        answer_json(
            {"items": [{"value": "病院連絡会", "note": "前回10月", "fill": {"place": "医師会館"}}, "訪問看護連絡会"]}
        ),
    )
    tab = show(SUGGEST)
    tab.focus("#body")
    ime = InputMethod(tab)
    ime.compose("び", "びょ", "病院")
    tab.wait_for_timeout(500)
    assert site.requests("GET", "/suggest") == []
    ime.commit("病院ＡＢＣ")
    tab.wait_for_selector("[role=option]")
    assert [one.path for one in site.requests("GET", "/suggest")] == ["/suggest?q=%E7%97%85%E9%99%A2ABC"]
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")

    assert (tab.input_value("#body"), tab.input_value("#place")) == ("病院連絡会", "医師会館")
    assert tab.get_attribute("#body", "aria-expanded") == "false"


def test_enter_that_commits_a_conversion_picks_nothing(site: Site, show: Show) -> None:
    site.on("GET", "/suggest", answer_json({"items": ["病院連絡会"]}))
    tab = show(SUGGEST)
    tab.focus("#body")
    tab.keyboard.type("b")
    tab.wait_for_selector("[role=option]")
    tab.keyboard.press("ArrowDown")
    tab.evaluate(
        "document.querySelector('#body').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true, cancelable: true}))"
    )

    assert tab.input_value("#body") == "b"


def test_a_ward_is_found_by_its_reading(show: Show) -> None:
    tab = show(WARDS)
    tab.fill("#ward", "ヒガシ")
    expect(tab.locator("[role=option]")).to_have_text(["東成区", "東淀川区"])
    tab.click("[role=option] >> nth=1")

    assert tab.input_value("#ward") == "東淀川区"


def test_an_unchanged_part_costs_nothing_and_a_changed_one_keeps_the_keyboard(site: Site, show: Show) -> None:
    def tell(asked: Asked) -> Answer:
        if asked.headers["If-None-Match"] == '"2"':
            return Answer(304)
        return Answer(
            200, '<button id="open">確認待ち2件</button>', {"ETag": '"2"', "X-Fragment": asked.headers["X-Fragment"]}
        )

    site.on("GET", "/waiting", tell)
    tab = show(FRAGMENT.format(every=' data-every="1"'))
    tab.focus("#open")
    expect(tab.locator("#open")).to_have_text("確認待ち2件")
    assert tab.evaluate("document.activeElement.id") == "open"
    tab.wait_for_timeout(1300)

    assert [one.headers["If-None-Match"] for one in site.requests("GET", "/waiting")][:2] == [None, '"2"']


def test_a_sign_in_page_is_not_put_into_the_part(site: Site, show: Show) -> None:
    site.on("GET", "/waiting", Answer(200, "<p>ログイン</p>", {"Content-Type": "text/html; charset=utf-8"}))
    tab = show(FRAGMENT.format(every=""))
    tab.evaluate("document.querySelector('poll-fragment').refresh()")

    assert tab.inner_text("#open") == "確認待ち1件"


def test_keys_lead_to_search_editing_and_home_but_not_from_a_field(site: Site, show: Show) -> None:
    site.pages["/home"] = page("<p>ホーム</p>")
    tab = show(
        '<label for="q">検索</label><input id="q" data-key="/"><a href="#edit" data-key="e">編集する</a><a href="/home" data-key="g h">ホーム</a>'
    )
    tab.keyboard.press("/")
    assert tab.evaluate("document.activeElement.id") == "q"
    tab.keyboard.type("e gh?")
    assert (tab.input_value("#q"), tab.url.endswith("/")) == ("e gh?", True)
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("e")
    assert tab.url.endswith("#edit")
    tab.keyboard.press("g")
    tab.keyboard.press("h")
    tab.wait_for_selector("text=ホーム")
    assert tab.url.endswith("/home")


def test_the_list_of_keys_can_switch_them_off(site: Site, show: Show) -> None:
    tab = show('<a href="#edit" data-key="e">編集する</a>')
    tab.keyboard.press("?")
    expect(tab.locator("dialog")).to_contain_text("編集する")
    tab.uncheck("dialog input")
    tab.click("dialog button")
    tab.keyboard.press("e")
    assert not tab.url.endswith("#edit")
    tab.reload()
    tab.keyboard.press("?")
    assert tab.locator("dialog").count() == 0


def test_a_dangerous_act_asks_first_and_can_be_called_off(site: Site, show: Show) -> None:
    site.on("POST", "/restore", Answer(200, page("<p>戻しました</p>"), {"Content-Type": "text/html; charset=utf-8"}))
    tab = show(
        next(one for one in examples()[""] if "data-confirm" in one).replace("<button", '<button name="to" value="1"')
    )
    tab.click("text=第1版に戻す")
    tab.click("dialog >> text=やめる")
    assert site.requests("POST", "/restore") == []
    tab.click("text=第1版に戻す")
    tab.click("dialog button:text-is('第1版に戻す')")
    tab.wait_for_selector("text=戻しました")

    assert site.requests("POST", "/restore")[0].body == b"to=1"


def test_larger_type_comes_at_once_and_is_remembered(site: Site, show: Show) -> None:
    tab = show(examples()["foot"][0])
    before = tab.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    tab.click("button:text-is('特大')")

    assert tab.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == pytest.approx(before * 1.3)
    assert {"name": "portal_size", "value": "130"}.items() <= tab.context.cookies()[0].items()
    expect(tab.locator("button:text-is('特大')")).to_have_attribute("aria-pressed", "true")
    assert site.requests("POST", "/settings/text-size") == []


def test_the_error_summary_has_the_focus_when_the_page_opens(show: Show) -> None:
    tab = show(next(one for one in examples()[""] if 'class="errors"' in one))
    tab.wait_for_selector(".with-script")

    assert tab.evaluate("document.activeElement.className") == "errors"
