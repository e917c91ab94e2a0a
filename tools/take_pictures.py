"""Takes the pictures of the guides anew: a small demo site in a temporary folder, walked through in Chromium.

    make pictures                                   all pictures into docs/pictures/screens
    .venv/bin/python tools/take_pictures.py FOLDER  somewhere else, to look at them first

CHROME_PATH names another Chromium; with the package chromium-l10n its own words are Japanese, too.
Look at every picture before it is committed.
"""

import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
DESK, PHONE = (1280, 900), (390, 844)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=ja",
]
MOST = 200 * 1024
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
RECORD = (
    "各病院の地域連携室から、退院前カンファレンスの開催状況について報告があった。",
    "訪問看護ステーションから、医療処置の引継ぎには5営業日ほしいという意見が出た。",
)


class Walk:
    """One visit to the demo site: people sign in, act, and pictures are taken on the way."""

    def __init__(self, browser: Browser, address: str, passwords: dict[str, str], folder: Path) -> None:
        self.browser, self.address, self.passwords, self.folder = browser, address, passwords, folder
        self.page: Page | None = None

    def visit(self, account: str = "", size: tuple[int, int] = DESK) -> Page:
        """Open a fresh browser of that size, signed in if an account is named."""
        if self.page:
            self.page.context.close()
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            base_url=self.address,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            has_touch=size == PHONE,
        )
        context.set_default_timeout(60_000)
        self.page = page = context.new_page()
        page.goto("/sign-in")
        if account:
            page.get_by_label("アカウント名").fill(account)
            page.get_by_label("パスワード").fill(self.passwords[account])
            page.get_by_role("main").get_by_role("button", name="ログイン").click()
            page.wait_for_url("**/")
        return page

    def take(self, name: str, at: str = "", room: int = 0) -> None:
        """Take a picture of what stands in the window, scrolled to `at`; `room` cuts it to that height."""
        page = self.page
        assert page
        if at:
            page.locator(at).first.evaluate("one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 16)")
        page.wait_for_timeout(500)
        path = self.folder / f"{name}.png"
        size = page.viewport_size or {"width": 0, "height": 0}
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": size["width"], "height": room or size["height"]})
        shrink(path)


def shrink(path: Path) -> None:
    """Write a picture with as many colours as fit into the limit."""
    with Image.open(path) as picture:
        full = picture.convert("RGB")
    for colours in (128, 64, 32, 16):
        full.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST:
            break
    print(f"{path.name}: {path.stat().st_size // 1024} KB")


# --- the walk --------------------------------------------------------------------------------------


def write_a_report(walk: Walk) -> str:
    """Sign in, write a report from the last meeting of its body, and return its address."""
    walk.visit()
    walk.take("01-login", room=560)
    page = walk.visit("higashinari-coordinator")
    walk.take("02-home")
    page.goto("/higashinari/new/meeting_report?from=病院連絡会")
    page.wait_for_selector("rich-text [contenteditable]")
    page.locator("#f-held_on").fill("R8.11.19")
    page.locator("#f-meeting_number").click()
    page.get_by_text("に下書きを保存しました").first.wait_for()
    walk.take("03-write")
    page.locator("#f-agenda-0-subject").fill("退院前カンファレンスの進め方")
    page.locator("#f-agenda-0-type").select_option("協議")
    page.locator("#f-agenda-0-summary").fill("開催の時期と参加者を確かめた。")
    page.locator("rich-text [contenteditable]").first.click()
    page.keyboard.insert_text(RECORD[0])
    page.keyboard.press("Enter")
    page.keyboard.insert_text(RECORD[1])
    page.locator("#f-decisions-0-decision").fill("開催の連絡は、退院の3日前までに行う。")
    page.wait_for_timeout(3000)
    walk.take("04-record", at="#part-3")
    attach(page)
    walk.take("05-files", at="#part-files")
    page.locator("#f-privacy_checked").check()
    page.get_by_role("button", name="保存して閉じる").click()
    page.wait_for_url("**/documents/*")
    return page.url.split("?")[0]


def attach(page: Page) -> None:
    """Attach an agenda of plain text."""
    agenda = {"name": "次第.txt", "mimeType": "text/plain", "buffer": "病院連絡会　次第\r\n".encode()}
    page.locator("#part-files input[type=file]").set_input_files(agenda)
    page.get_by_text("次第.txt").first.wait_for()


def change_and_hand_over(walk: Walk, address: str) -> None:
    """Save a second version, look at the difference, ask for the confirmation."""
    page = walk.page
    assert page
    page.goto(f"{address}/edit")
    page.locator("#f-decisions-0-decision").fill("開催の連絡は、退院の5営業日前までに行う。")
    page.locator("#f-comment").fill("決定事項を議事の内容に合わせた")
    page.get_by_role("button", name="確認へ進む").click()
    page.get_by_role("button", name="法人確認を依頼する").wait_for()
    walk.take("06-hand-over", room=760)
    page.goto(f"{address}/diff")
    walk.take("07-difference", room=760)
    page.goto(f"{address}/preview")
    page.get_by_role("button", name="法人確認を依頼する").click()
    page.wait_for_load_state()


def act(walk: Walk, address: str, name: str) -> None:
    """Do one act on a document by its page of its own."""
    page = walk.page
    assert page
    page.goto(f"{address}/do/{name}")
    page.get_by_role("main").locator("form button.main").click()
    page.wait_for_load_state()


def confirm_accept_and_share(walk: Walk, address: str) -> None:
    """The responsible person confirms, 健康局 accepts and shares."""
    page = walk.visit("higashinari-responsible")
    page.goto(f"{address}/do/confirm")
    walk.take("08-confirm", room=620)
    act(walk, address, "confirm")
    page = walk.visit("city-bureau")
    page.goto(address)
    walk.take("09-accept")
    act(walk, address, "accept")
    page.goto(f"{address}/do/share")
    walk.take("10-share", room=620)
    act(walk, address, "share")
    page.goto(f"{address}/why")
    other = page.get_by_role("main").locator("select option", has_text="北区").first.get_attribute("value")
    page.get_by_role("main").locator("select").select_option(other)
    page.get_by_role("button", name="確かめる").click()
    page.wait_for_load_state()
    walk.take("11-why")


def find(walk: Walk, address: str) -> None:
    """A colleague of another ward finds the report once the index has it."""
    page = walk.visit("kita-coordinator")
    for _ in range(60):
        page.goto("/search?q=退院前カンファレンス")
        if page.locator(f".hits a[href^='{address.removeprefix(walk.address)}']").count():
            break
        page.wait_for_timeout(500)
    walk.take("12-search")
    page.goto(address)
    walk.take("13-shared")


def look_around(walk: Walk, address: str) -> None:
    """The author's account, the phone, and what administrators see."""
    page = walk.visit("higashinari-coordinator")
    page.goto(address)
    walk.take("14-document")
    page.goto("/account")
    walk.take("15-account")
    walk.visit("higashinari-coordinator", PHONE)
    walk.take("16-phone")
    page = walk.visit("city-bureau-admin")
    page.goto("/admin/people")
    walk.take("17-people")
    page.goto("/audit")
    walk.take("18-audit")


OLD_MINUTES = """令和元年度 第3回 病院連絡会 会議録

日時：令和元年11月20日（水）14時00分から15時30分まで
場所：区役所 3階 第1会議室
出席者：区医師会 中村、みどり坂総合病院 酒井、相談支援室 髙橋

議題
1 退院前カンファレンスの進め方
2 年末年始の連絡先

決定事項
・開催の連絡は、退院の3日前までに行う。
"""


def changed_in_word(file: bytes, old: str, new: str) -> bytes:
    """Return a Word file with words changed, as if somebody had typed over them."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            data = before.read(entry)
            if entry.filename == "word/document.xml":
                assert old in data.decode(), f"{old} is not in the file"
                data = data.decode().replace(old, new).encode()
            after.writestr(entry, data)
    return made.getvalue()


def work_with_word(walk: Walk) -> None:
    """A template is changed, a report comes back from Word, old minutes are checked beside their pages."""
    page = walk.visit("higashinari-coordinator")
    template = page.request.get("/forms/form7/file").body()
    sent = {
        "name": "様式7（東成区）.docx",
        "mimeType": DOCX,
        "buffer": changed_in_word(template, "《場所》", "《会場》"),
    }
    page.goto("/forms/form7")
    page.locator("#file").set_input_files(sent)
    page.get_by_role("button", name="登録する").click()
    page.locator(".sheets img").first.wait_for()
    page.wait_for_load_state("networkidle")
    walk.take("20-template")
    page.goto("/imports")
    old = {"name": "病院連絡会（令和元年度第3回）.docx", "mimeType": DOCX, "buffer": in_word(OLD_MINUTES)}
    page.locator("#file").set_input_files(old)
    page.get_by_role("button", name="読み取る").click()
    page.locator("#begin").click(timeout=60_000)
    page.wait_for_load_state("networkidle")
    walk.take("21-review")
    page.goto("/higashinari/?state=draft")
    page.locator("td a[href^='/documents/']").first.click()
    report = page.url.split("?")[0]
    place = page.locator("tr", has=page.get_by_role("rowheader", name="場所", exact=True)).locator("td").inner_text()
    exported = page.request.get(f"{report}/word").body()
    page.goto(f"{report}/word-file")
    back = {
        "name": "直したもの.docx",
        "mimeType": DOCX,
        "buffer": changed_in_word(exported, place, f"{place}（Web併用）"),
    }
    page.locator("input[type=file]").set_input_files(back)
    page.get_by_role("main").locator("form button.main").click()
    page.wait_for_load_state("networkidle")
    walk.take("22-from-word")


def in_word(text: str) -> bytes:
    """Return plain text as a Word file."""
    document = docx.Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def be_told(walk: Walk) -> None:
    """Notices, a saved search, the month of all wards, and the synonyms the bureau keeps."""
    page = walk.visit("higashinari-responsible")
    page.goto("/notices")
    walk.take("19-notices", room=620)
    page = walk.visit("city-bureau")
    page.goto("/month")
    walk.take("23-month")
    page.goto("/admin/synonyms")
    walk.take("24-synonyms")


# --- the site --------------------------------------------------------------------------------------


@contextmanager
def demo_site() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the address and the passwords of a small demo site that is gone afterwards."""
    portal = [sys.executable, "-m", "portal.cli"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PORTAL_DATA": str(Path(folder) / "data"), "PORTAL_PORT": str(port)}
        made = subprocess.run([*portal, "demo", "--small", "--json"], env=environment, cwd=ROOT, check=True, stdout=-1)
        server = subprocess.Popen([*portal, "serve"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until_it_answers(port)
            yield address, {one["account"]: one["password"] for one in json.loads(made.stdout)}
        finally:
            server.terminate()
            server.wait(30)


def wait_until_it_answers(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    with demo_site() as (address, passwords), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROME_PATH", "/usr/bin/chromium"), args=ARGUMENTS
        )
        walk = Walk(browser, address, passwords, folder)
        report = write_a_report(walk)
        change_and_hand_over(walk, report)
        confirm_accept_and_share(walk, report)
        find(walk, report)
        look_around(walk, report)
        be_told(walk)
        work_with_word(walk)
        browser.close()


if __name__ == "__main__":
    main()
