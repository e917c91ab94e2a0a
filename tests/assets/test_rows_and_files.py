"""Repeating rows and uploads, with script and without."""

import re

from playwright.sync_api import Page, expect

from tests.assets.conftest import Show
from tests.assets.sampler_site import Answer, Asked, Site, answer_json, examples, page
from tests.support.browser import PHONE

PASTE = """([selector, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
ROWS = f'<form method="post" action="/save">{next(one for one in examples()[""] if "<row-list" in one)}<button>保存</button></form>'
NAMES = "[...document.querySelectorAll('[data-rows] [name]')].map(one => [one.name, one.value])"
DROP = next(one for one in examples()[""] if "<file-drop" in one)
DROP = re.sub(r'(<ul class="uploads"[^>]*>).*?</ul>', r"\1</ul>", DROP, flags=re.DOTALL)


def people(tab: Page) -> list[str]:
    """The names typed, in order, after checking that the rows are numbered without a gap."""
    fields = tab.evaluate(NAMES)
    numbers = [int(re.match(r"attendees-(\d+)-", name)[1]) for name, _ in fields if name.endswith("-name")]
    assert numbers == list(range(len(numbers)))
    return [value for name, value in fields if name.endswith("-name")]


def test_rows_are_added_moved_removed_and_brought_back(show: Show) -> None:
    tab = show(ROWS)
    tab.click("text=行を追加")
    assert tab.evaluate("document.activeElement.id") == "attendees-1-belongs"
    tab.fill("#attendees-1-name", "見本 二子")
    tab.click("text=行を追加")
    tab.fill("#attendees-2-name", "見本 三郎")
    tab.click("tr:nth-child(3) [data-act=up]")
    assert people(tab) == ["見本 一郎", "見本 三郎", "見本 二子"]
    tab.click("tr:nth-child(1) [data-act=remove]")
    assert people(tab) == ["見本 三郎", "見本 二子"]
    tab.click("text=削除を取り消す")
    assert people(tab) == ["見本 一郎", "見本 三郎", "見本 二子"]
    assert tab.evaluate("document.querySelector('label[for=attendees-2-name]').control.value") == "見本 二子"


def test_every_change_of_rows_is_a_change_of_the_form(show: Show) -> None:
    tab = show(ROWS)
    tab.evaluate(
        "window.changes = 0; document.querySelector('form').addEventListener('input', () => window.changes += 1)"
    )
    tab.click("text=行を追加")
    tab.click("tr:nth-child(2) [data-act=up]")
    tab.click("tr:nth-child(1) [data-act=remove]")

    assert tab.evaluate("window.changes") == 3


def test_a_list_of_people_copied_from_a_spreadsheet_fills_rows(show: Show) -> None:
    tab = show(ROWS)
    tab.evaluate(
        PASTE, ["#attendees-0-belongs", '生野区役所\t職員\t見本 四子\t○\r\n"病院\n（内科）"\t医師\t見本 五郎\t\r\n']
    )

    assert people(tab) == ["見本 四子", "見本 五郎"]
    assert tab.input_value("#attendees-1-belongs") == "病院（内科）"
    assert tab.is_checked("[name=attendees-0-proxy]")
    assert not tab.is_checked("[name=attendees-1-proxy]")


def test_three_hundred_attendees_are_the_limit_and_said_so(show: Show) -> None:
    tab = show(ROWS)
    tab.evaluate(PASTE, ["#attendees-0-name", "\n".join(f"見本 {number}" for number in range(310))])
    assert len(people(tab)) == 300
    tab.click("text=行を追加")

    assert len(people(tab)) == 300
    expect(tab.locator("row-list [role=status]")).to_have_text("行は300行までです。")


def test_enter_in_a_row_never_moves_or_removes_rows(site: Site, show: Show) -> None:
    site.on("POST", "/save", Answer(200, page("<p>保存しました</p>"), {"Content-Type": "text/html; charset=utf-8"}))
    tab = show(ROWS)
    tab.press("#attendees-0-name", "Enter")
    tab.wait_for_selector("text=保存しました")

    assert b"up=" not in site.requests("POST", "/save")[0].body


def test_without_script_the_server_is_asked_to_add_a_row(site: Site, show: Show) -> None:
    site.on("POST", "/save", Answer(200, page("<p>増えました</p>"), {"Content-Type": "text/html; charset=utf-8"}))
    tab = show(ROWS, java_script_enabled=False)
    tab.click("text=行を追加")
    tab.wait_for_selector("text=増えました")

    assert b"add=attendees" in site.requests("POST", "/save")[0].body


def test_on_a_phone_each_row_is_a_card_with_its_labels(show: Show) -> None:
    tab = show(ROWS, size=PHONE)

    assert tab.locator("label[for=attendees-0-job]").bounding_box()["height"] > 10
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def receive(asked: Asked) -> Answer:
    """Take what a ward would send, refuse what has a password, as the upload view does."""
    name = re.search(rb'filename="([^"]+)"', asked.body)[1].decode()
    if "鍵" in name:
        problem = {
            "type": "about:blank",
            "title": "保存できません",
            "detail": "パスワードが付いています。外してから送ってください。",
        }
        return Answer(422, __import__("json").dumps(problem), {"Content-Type": "application/problem+json"})
    return answer_json({"name": name, "url": "/attachments/1", "message": "本文も検索できます。"}, 201)


def test_several_files_go_up_one_by_one_and_each_result_is_told(site: Site, show: Show) -> None:
    site.on("POST", "/upload", receive)
    tab = show(DROP)
    tab.set_input_files(
        "#files-1",
        [
            {"name": "議事録.docx", "mimeType": "application/octet-stream", "buffer": b"x" * 300_000},
            {"name": "鍵付き.xlsx", "mimeType": "application/octet-stream", "buffer": b"y"},
            {"name": "写真.png", "mimeType": "image/png", "buffer": b"z"},
        ],
    )
    lines = tab.locator(".uploads > li")
    expect(lines.nth(0)).to_contain_text("保存しました")
    expect(lines.nth(1)).to_contain_text("パスワードが付いています。外してから送ってください。")
    expect(lines.nth(2).locator("a")).to_have_attribute("href", "/attachments/1")
    sent = site.requests("POST", "/upload")

    assert len(sent) == 3
    assert {(one.headers["X-CSRFToken"], one.headers["Accept"]) for one in sent} == {("token-1", "application/json")}
    assert all(b'name="file"' in one.body for one in sent)
    assert tab.input_value("#files-1") == ""


def test_files_may_be_dropped_anywhere_on_the_page(site: Site, show: Show) -> None:
    site.on("POST", "/upload", receive)
    tab = show(DROP)
    tab.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["本文"], "資料.txt", {type: "text/plain"}));
          for (const name of ["dragenter", "dragover", "drop"])
            document.querySelector("h1").dispatchEvent(new DragEvent(name, {dataTransfer: data, bubbles: true, cancelable: true}));
        }"""
    )

    expect(tab.locator(".uploads > li")).to_contain_text("保存しました")
    assert "over" not in tab.get_attribute(".drop", "class")


def test_a_file_too_large_is_not_sent_at_all(site: Site, show: Show) -> None:
    tab = show(DROP.replace("52428800", "1048576"))
    tab.set_input_files("#files-1", [{"name": "大.pdf", "mimeType": "application/pdf", "buffer": b"x" * 1_100_000}])

    expect(tab.locator(".uploads > li")).to_contain_text("ファイルが大きすぎます。1MBまで送れます。")
    assert site.requests("POST", "/upload") == []


def test_a_lost_network_offers_to_send_again(site: Site, show: Show) -> None:
    site.on("POST", "/upload", receive)
    tab = show(DROP)
    tab.context.set_offline(True)
    tab.set_input_files("#files-1", [{"name": "資料.txt", "mimeType": "text/plain", "buffer": b"x"}])
    expect(tab.locator(".uploads > li")).to_contain_text("通信できませんでした。")
    tab.context.set_offline(False)
    tab.click("text=もう一度送る")

    expect(tab.locator(".uploads > li")).to_contain_text("保存しました")


def test_a_file_name_is_text_and_never_markup(site: Site, show: Show) -> None:
    site.on("POST", "/upload", receive)
    tab = show(DROP)
    tab.set_input_files(
        "#files-1", [{"name": "<img src=x onerror=alert(1)>.txt", "mimeType": "text/plain", "buffer": b"x"}]
    )

    expect(tab.locator(".uploads > li")).to_contain_text("<img src=x onerror=alert(1)>.txt")
    assert tab.locator(".uploads img").count() == 0


AGENDA = """<form method="post"><row-list name="agenda"><div data-rows></div>
<template><div data-row class="card"><label for="f-agenda-__-gist">要旨</label><rich-text><textarea id="f-agenda-__-gist" name="agenda-__-gist"></textarea></rich-text>
<button data-act="up" aria-label="上へ">↑</button><button data-act="remove" aria-label="行を削除">×</button></div></template>
<button data-act="add" name="add" value="agenda">議題を追加</button></row-list></form>"""
VALUES = "[...new FormData(document.querySelector('form'))]"


def test_agenda_items_with_an_editor_each_move_and_come_back_whole(show: Show) -> None:
    tab = show(AGENDA)
    for text in ("一つ目", "二つ目", "三つ目"):
        tab.click("text=議題を追加")
        tab.locator(".ProseMirror").last.click()
        tab.keyboard.type(text)
    tab.locator("[data-act=up]").last.click()
    assert tab.evaluate(VALUES) == [
        ["agenda-0-gist", "<p>一つ目</p>"],
        ["agenda-1-gist", "<p>三つ目</p>"],
        ["agenda-2-gist", "<p>二つ目</p>"],
    ]
    tab.locator("[data-act=remove]").nth(1).click()
    assert tab.evaluate(VALUES) == [["agenda-0-gist", "<p>一つ目</p>"], ["agenda-1-gist", "<p>二つ目</p>"]]
    tab.click("text=削除を取り消す")
    tab.locator("#f-agenda-1-gist").click()
    tab.keyboard.press("End")
    tab.keyboard.type("の続き")

    assert tab.evaluate(VALUES)[1] == ["agenda-1-gist", "<p>三つ目の続き</p>"]
