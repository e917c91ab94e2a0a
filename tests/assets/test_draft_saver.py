"""Autosave: what a person types is on the server soon, or kept on the PC, and the page says which."""

import json
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote_to_bytes

from playwright.sync_api import Page, expect

from tests.assets.conftest import Show
from tests.assets.sampler_site import Answer, Asked, Site, answer_json, page
from tests.support.browser import NewTab, Watch

FORM = """
<draft-saver data-url="/draft" data-base="3" data-key="nonce-1" data-login-url="/sign-in">
<form class="form" method="post" action="/submit">
<input type="hidden" name="csrf_token" value="token-1">
<div class="field"><label for="place">場所</label><input id="place" name="place" value="会議室"></div>
<div class="field"><label for="gist">要旨</label><rich-text><textarea id="gist" name="gist">はじめの文</textarea></rich-text></div>
<fieldset class="group"><legend>項目</legend><label class="choice"><input type="checkbox" name="items" value="u">ウ</label>
<label class="choice"><input type="checkbox" name="items" value="e" checked>エ</label></fieldset>
<row-list name="issues"><table class="rows"><thead><tr><th>内容</th><th>操作</th></tr></thead><tbody data-rows></tbody></table>
<template><tr data-row><td><label class="cell" for="issues-__-text">内容</label><input id="issues-__-text" name="issues-__-text"></td>
<td class="tools"><button data-act="remove" name="remove" value="issues-__" aria-label="行を削除">×</button></td></tr></template>
<button class="button slim" name="add" value="issues" data-act="add">行を追加</button></row-list>
<div class="savebar"><p data-saved role="status"></p><button class="button main">確認して提出</button></div>
</form></draft-saver>
"""
SAVED = {"saved_at": "2026-11-22T05:32:00Z"}
COPY = "JSON.parse(sessionStorage.getItem('portal-copy:42:/draft'))"


def compose(tab: Page, text: str, *, commit: bool) -> None:
    """Type through an emulated input method, as 変換 does."""
    session = tab.context.new_cdp_session(tab)
    for length in range(1, len(text) + 1):
        session.send(
            "Input.imeSetComposition", {"text": text[:length], "selectionStart": length, "selectionEnd": length}
        )
    if commit:
        session.send("Input.insertText", {"text": text})


def wait_for_requests(tab: Page, site: Site, count: int, method: str = "PUT", path: str = "/draft") -> list[Asked]:
    """Wait until the site has been asked so often, without blocking the browser."""
    for _ in range(100):
        if len(site.requests(method, path)) >= count:
            break
        tab.wait_for_timeout(100)
    found = site.requests(method, path)
    assert len(found) >= count
    return found


def test_what_was_typed_is_saved_a_moment_later_with_everything_the_form_holds(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json(SAVED))
    tab = show(FORM)
    tab.fill("#place", "３階会議室")
    sent = wait_for_requests(tab, site, 1)

    assert sent[0].headers["X-CSRFToken"] == "token-1"
    assert sent[0].json == {
        "fields": [["place", "３階会議室"], ["gist", "はじめの文"], ["items", "e"]],
        "base": 3,
        "key": "nonce-1",
    }
    expect(tab.locator("[data-saved]")).to_have_text(
        "11月22日 14:32 に下書きを保存しました" if _other_day() else "14:32 に下書きを保存しました"
    )
    assert tab.evaluate("sessionStorage.length") == 0


def _other_day() -> bool:
    return datetime.now(timezone(timedelta(hours=9))).date().isoformat() != "2026-11-22"


def test_nothing_is_sent_while_composing_and_once_after(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json(SAVED))
    tab = show(FORM)
    tab.fill("#place", "")
    wait_for_requests(tab, site, 1)
    tab.focus("#place")
    compose(tab, "とうなり", commit=False)
    tab.wait_for_timeout(2000)

    assert len(site.requests("PUT", "/draft")) == 1
    tab.context.new_cdp_session(tab).send("Input.insertText", {"text": "東成"})
    sent = wait_for_requests(tab, site, 2)
    tab.wait_for_timeout(1500)
    assert len(site.requests("PUT", "/draft")) == 2
    assert sent[1].json["fields"][0] == ["place", "東成"]


def test_text_typed_in_the_editor_is_part_of_the_draft(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json(SAVED))
    tab = show(FORM)
    tab.click("#gist")
    tab.keyboard.press("Control+End")
    tab.keyboard.type("と続き")
    sent = wait_for_requests(tab, site, 1)

    assert sent[0].json["fields"][1] == ["gist", "<p>はじめの文と続き</p>"]


def test_a_lost_network_keeps_a_copy_says_so_and_saves_later(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json(SAVED))
    tab = show(FORM)
    tab.context.set_offline(True)
    tab.fill("#place", "圏外で入力")
    expect(tab.locator("[data-saved]")).to_contain_text("通信できません。入力した内容はこのパソコンに控えてあります。")
    assert tab.evaluate(COPY)["fields"][0] == ["place", "圏外で入力"]

    tab.context.set_offline(False)
    sent = wait_for_requests(tab, site, 1)
    assert sent[-1].json["fields"][0] == ["place", "圏外で入力"]
    expect(tab.locator("[data-saved]")).to_contain_text("に下書きを保存しました")
    assert tab.evaluate("sessionStorage.length") == 0


def test_a_busy_server_is_asked_again_and_what_was_typed_meanwhile_is_in_the_copy(site: Site, show: Show) -> None:
    answers = [answer_json({"detail": "データベースを待っています。"}, 503), answer_json(SAVED)]
    site.on("PUT", "/draft", lambda _: answers.pop(0) if len(answers) > 1 else answers[0])
    tab = show(FORM)
    tab.fill("#place", "一")
    expect(tab.locator("[data-saved].trouble")).to_contain_text("データベースを待っています。")
    tab.fill("#place", "一二")
    assert tab.evaluate(COPY)["fields"][0] == ["place", "一二"]

    sent = wait_for_requests(tab, site, 2)
    assert sent[-1].json["fields"][0] == ["place", "一二"]


def test_an_ended_session_is_told_and_goes_on_with_a_new_token_after_signing_in_elsewhere(
    site: Site, show: Show
) -> None:
    def decide(asked: Asked) -> Answer:
        return answer_json(SAVED) if asked.headers["X-CSRFToken"] == "token-2" else answer_json({}, 401)

    site.on("PUT", "/draft", decide)
    site.on("GET", "/session/token", answer_json({"csrf_token": "token-2", "account": "42"}))
    tab = show(FORM)
    tab.fill("#place", "切れた")
    expect(tab.locator("[data-saved] a")).to_have_text("別のタブでログインする")

    expect(tab.locator("[data-saved]")).to_contain_text("に下書きを保存しました")
    assert tab.input_value("[name=csrf_token]") == "token-2"


def test_a_void_token_is_replaced_at_once_without_a_word(site: Site, show: Show) -> None:
    def decide(asked: Asked) -> Answer:
        return (
            answer_json(SAVED)
            if asked.headers["X-CSRFToken"] == "token-2"
            else answer_json({"detail": "時間切れ"}, 400)
        )

    site.on("PUT", "/draft", decide)
    site.on("GET", "/session/token", answer_json({"csrf_token": "token-2", "account": "42"}))
    tab = show(FORM)
    tab.fill("#place", "続けて書く")

    expect(tab.locator("[data-saved]:not(.trouble)")).to_contain_text("に下書きを保存しました")
    assert len(site.requests("PUT", "/draft")) == 2


def test_a_void_token_of_an_ended_session_is_told_as_one(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json({"detail": "時間切れ"}, 400))
    site.on("GET", "/session/token", answer_json({}, 401))
    tab = show(FORM)
    tab.fill("#place", "切れた")

    expect(tab.locator("[data-saved]")).to_contain_text("ログインの有効期間が切れました")
    assert tab.evaluate(COPY)["fields"][0] == ["place", "切れた"]


def test_a_right_taken_away_meanwhile_is_told_in_the_words_of_the_server(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json({"detail": "提出された文書は書き換えられません。"}, 403))
    site.on("GET", "/session/token", answer_json({"csrf_token": "token-1", "account": "42"}))
    tab = show(FORM)
    tab.fill("#place", "書けない")

    expect(tab.locator("[data-saved].trouble")).to_contain_text("提出された文書は書き換えられません。")
    assert tab.evaluate(COPY)["fields"][0] == ["place", "書けない"]


def test_a_redirect_to_the_sign_in_page_is_not_taken_for_success(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", Answer(302, "", {"Location": "/sign-in"}))
    tab = show(FORM)
    tab.fill("#place", "切れた")

    expect(tab.locator("[data-saved]")).to_contain_text("ログインの有効期間が切れました")
    assert tab.evaluate(COPY)["fields"][0] == ["place", "切れた"]


def test_nothing_is_saved_under_the_name_of_someone_else(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json({}, 401))
    site.on("GET", "/session/token", answer_json({"csrf_token": "token-9", "account": "77"}))
    tab = show(FORM)
    tab.fill("#place", "切れた")

    expect(tab.locator("[data-saved]")).to_contain_text("別の利用者でログインしています")
    tab.fill("#place", "まだ書く")
    tab.wait_for_timeout(2500)
    assert len(site.requests("PUT", "/draft")) == 1


def test_a_conflict_says_who_saved_what_when_and_the_text_stays(site: Site, show: Show) -> None:
    told = {"by": "佐藤 一郎", "number": 4, "saved_at": "2026-11-22T05:20:00Z", "url": "/compare"}
    site.on("PUT", "/draft", answer_json(told, 409))
    tab = show(FORM)
    tab.fill("#place", "私の入力")

    expect(tab.locator("[data-saved]")).to_contain_text("佐藤 一郎さんが")
    expect(tab.locator("[data-saved]")).to_contain_text(
        "14:20に第4版を保存しました。あなたの入力はこの画面に残っています。"
    )
    expect(tab.locator("[data-saved] a")).to_have_attribute("href", "/compare")
    assert tab.input_value("#place") == "私の入力"
    assert tab.evaluate(COPY)["fields"][0] == ["place", "私の入力"]
    tab.fill("#place", "私の入力を続ける")
    assert wait_for_requests(tab, site, 2)[-1].json["fields"][0] == ["place", "私の入力を続ける"]
    expect(tab.locator("[data-saved]")).to_contain_text("佐藤 一郎さんが")


def test_a_kept_copy_is_offered_and_put_back_with_its_rows(site: Site, show: Show) -> None:
    tab = show(FORM)
    fields = [
        ["place", "控えの場所"],
        ["gist", "<p>控えの<strong>文</strong></p>"],
        ["items", "u"],
        ["issues-0-text", "一つ目"],
        ["issues-1-text", "二つ目"],
    ]
    tab.evaluate(
        "copy => sessionStorage.setItem('portal-copy:42:/draft', JSON.stringify(copy))",
        {"fields": fields, "at": 4102444800000},
    )
    site.on("PUT", "/draft", answer_json(SAVED))
    tab.reload()
    tab.click("text=控えに戻す")
    sent = wait_for_requests(tab, site, 1)

    assert sent[-1].json["fields"] == fields
    assert tab.inner_html("#gist strong") == "文"
    assert tab.evaluate("sessionStorage.length") == 0


def test_an_old_copy_and_an_identical_one_are_not_offered(site: Site, show: Show) -> None:
    tab = show(FORM)
    same = [["place", "会議室"], ["gist", "はじめの文"], ["items", "e"]]
    tab.evaluate(
        "copy => sessionStorage.setItem('portal-copy:42:/draft', JSON.stringify(copy))",
        {"fields": same, "at": 4102444800000},
    )
    tab.reload()
    tab.wait_for_selector(".toolbar")
    assert tab.locator("text=控えに戻す").count() == 0

    site.pages["/"] = page(FORM.replace('data-base="3"', 'data-base="3" data-saved-at="2026-11-22T05:00:00Z"'))
    tab.evaluate(
        "copy => sessionStorage.setItem('portal-copy:42:/draft', JSON.stringify(copy))",
        {"fields": [["place", "古い"]], "at": 1700000000000},
    )
    tab.reload()
    tab.wait_for_selector(".toolbar")
    assert tab.locator("text=控えに戻す").count() == 0
    assert tab.evaluate("sessionStorage.length") == 0


def test_copies_end_with_sign_out_and_with_another_person(site: Site, show: Show) -> None:
    out = '<form method="post" action="/sign-out" data-sign-out><button>ログアウト</button></form>'
    site.on("POST", "/sign-out", Answer(200, "さようなら", {"Content-Type": "text/html; charset=utf-8"}))
    tab = show(out)
    keep = "sessionStorage.setItem('portal-copy:42:/draft', '{}')"
    tab.evaluate(keep)
    tab.click("text=ログアウト")
    tab.goto(f"{site.url}/")
    assert tab.evaluate("sessionStorage.length") == 0

    tab.evaluate(keep)
    site.pages["/"] = page("<p>別の人</p>", account="77")
    tab.goto(f"{site.url}/")
    tab.wait_for_selector(".with-script")
    assert tab.evaluate("sessionStorage.length") == 0


def test_leaving_with_unsaved_text_sends_a_last_word(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json(SAVED))
    site.pages["/next"] = page("<p>次の画面</p>")
    tab = show(FORM)
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.fill("#place", "すぐ閉じる")
    tab.evaluate("location.href = '/next'")
    tab.wait_for_url("**/next")
    sent = wait_for_requests(tab, site, 1)

    assert sent[-1].json["fields"][0] == ["place", "すぐ閉じる"]


def test_closing_asks_only_when_something_is_unsaved(site: Site, show: Show) -> None:
    asked: list[str] = []
    site.on("PUT", "/draft", answer_json(SAVED))
    tab = show(FORM)
    tab.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    tab.fill("#place", "保存済み")
    wait_for_requests(tab, site, 1)
    expect(tab.locator("[data-saved]")).to_contain_text("に下書きを保存しました")
    tab.goto(f"{site.url}/")
    assert asked == []

    tab.fill("#place", "未保存")
    tab.goto(f"{site.url}/")
    assert asked == ["beforeunload"]


def test_submitting_is_not_overtaken_by_an_autosave(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json(SAVED))
    site.on("POST", "/submit", Answer(200, page("<p>提出しました</p>"), {"Content-Type": "text/html; charset=utf-8"}))
    tab = show(FORM)
    tab.fill("#place", "提出する内容")
    tab.click("text=確認して提出")
    tab.wait_for_selector("text=提出しました")
    tab.wait_for_timeout(1800)

    assert site.requests("PUT", "/draft") == []
    assert "提出する内容".encode() in _unquote(site.requests("POST", "/submit")[0].body)


def _unquote(body: bytes) -> bytes:
    return unquote_to_bytes(body.replace(b"+", b" "))


def test_ctrl_s_saves_at_once(site: Site, show: Show) -> None:
    site.on("PUT", "/draft", answer_json(SAVED))
    tab = show(FORM)
    tab.fill("#place", "今すぐ")
    tab.keyboard.press("Control+s")
    tab.wait_for_timeout(400)

    assert len(site.requests("PUT", "/draft")) == 1


def test_a_crash_of_the_tab_loses_nothing_older_than_the_last_pause(site: Site, new_tab: NewTab, watch: Watch) -> None:
    site.on("PUT", "/draft", answer_json(SAVED))
    site.pages["/"] = page(FORM)
    tab = new_tab()
    tab.goto(f"{site.url}/")
    tab.fill("#place", "書いたもの")
    wait_for_requests(tab, site, 1)
    tab.context.close()

    assert json.loads(site.requests("PUT", "/draft")[-1].body)["fields"][0] == ["place", "書いたもの"]
    watch.faults.clear()
