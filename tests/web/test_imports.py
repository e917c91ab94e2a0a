"""Old minutes at the screen: brought, read, checked beside their pages, registered one after another."""

import io

import pytest

from portal.services import jobs
from tests.services.test_old_minutes_come_in import MINUTES
from tests.support.browsing import Page, Visitor
from tests.support.office import Office
from tests.web.conftest import Visit


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


@pytest.fixture
def tanaka(office: Office, visit: Visit) -> Visitor:
    return visit(office.person("higashinari", "coordinator", name="田中 一郎"))


def bring(visitor: Visitor, office: Office, *files: tuple[str, str], name: str = "") -> Page:
    visitor.get("/imports")
    sent = [(io.BytesIO(text.encode()), path) for path, text in files]
    page = visitor.post("/imports", {"file": sent, "name": name})
    jobs.load()
    while jobs.do_next(office.site, worker="w"):
        pass
    return page.follow() if page.status == 303 else page


def test_files_are_read_checked_and_registered_one_after_another(tanaka: Visitor, office: Office) -> None:
    page = bring(tanaka, office, ("a.txt", MINUTES), ("b.txt", MINUTES.replace("第3回", "第4回")))
    assert page.heading == "a.txt ほか1件"
    assert "確認を始める（2件）" in page.words
    page = tanaka.get(page.find("//a[@id='begin']")[0].get("href"))
    assert page.find("//input[@name='held_on']")[0].get("value").startswith("令和元年11月20日")
    assert "確からしさ" in page.words
    assert "日時：令和元年11月20日" in page.find("//pre")[0].text_content()
    page = tanaka.send(page.form("/imports/items/1"), act="register", place="直した場所").follow()
    assert "を登録しました" in page.words
    assert page.heading == "b.txt"
    assert "同じ日の会議が、すでに登録されています" in page.words
    page = tanaka.send(page.form("/imports/items/2"), act="leave").follow()
    assert "すべて確認しました" in page.words
    made = tanaka.get(tanaka.get("/imports/items/1").find("//p[@class='band']/a")[0].get("href"))
    assert "直した場所" in made.words
    assert "a.txt" in made.words
    page = tanaka.get("/imports/items/2")
    assert "確認待ちに戻す" in page.words
    assert "b.txt" in tanaka.send(page.form("/imports/items/2"), act="back").follow().words


def test_what_cannot_be_read_stays_on_the_form(tanaka: Visitor, office: Office) -> None:
    page = bring(tanaka, office, ("a.txt", MINUTES))
    page = tanaka.get("/imports/items/1")
    page = tanaka.send(page.form("/imports/items/1"), act="register", held_on="13月40日", meeting_name="手で直した名前")
    assert page.status == 422
    assert "開催日" in page.find("//div[@class='errors']")[0].text_content()
    assert page.find("//input[@name='meeting_name']")[0].get("value") == "手で直した名前"


def test_what_is_no_minutes_is_filed_as_it_is(tanaka: Visitor, office: Office) -> None:
    page = bring(tanaka, office, ("連絡先の一覧.txt", "訪問看護ステーションの一覧\n電話番号\n"), name="いろいろ")
    assert page.heading == "いろいろ"
    page = tanaka.get("/imports/items/1")
    page = tanaka.send(page.form("/imports/items/1"), act="file").follow()
    assert "資料として登録しました" in page.words


def test_without_a_file_the_page_says_so(tanaka: Visitor, office: Office) -> None:
    tanaka.get("/imports")
    page = tanaka.post("/imports", {"name": "名前"})
    assert page.status == 422
    assert "ファイルを選んでください" in page.words
    assert page.find("//input[@name='name']")[0].get("value") == "名前"


def test_a_draft_of_the_review_leads_back_to_it(tanaka: Visitor, office: Office) -> None:
    bring(tanaka, office, ("a.txt", MINUTES))
    page = tanaka.get("/higashinari/new/old_minutes?nonce=import-00000001")
    assert page.location.endswith("/imports/items/1")


def test_another_ward_sees_neither_page_nor_file(tanaka: Visitor, office: Office, visit: Visit) -> None:
    bring(tanaka, office, ("カナリア.txt", MINUTES))
    for ward, role in (("ikuno", "coordinator"), ("higashinari", "responsible"), ("city", "bureau")):
        reader = visit(office.person(ward, role))
        for path in ("/imports/1", "/imports/items/1", "/imports/items/1/file", "/imports/items/1/pages/1"):
            assert reader.get(path).status == 404
        assert "カナリア" not in reader.get("/imports").text
        assert "カナリア" not in reader.get("/jobs").text


def test_a_zip_that_cannot_be_opened_leaves_no_empty_batch(tanaka: Visitor, office: Office) -> None:
    tanaka.get("/imports")
    page = tanaka.post("/imports", {"file": [(io.BytesIO(b"PK not a zip"), "壊れた.zip")], "name": "平成の会議録"})
    assert page.status == 422
    assert "ZIP" in page.find("//p[@role='alert']")[0].text_content()
    assert page.find("//input[@name='name']")[0].get("value") == "平成の会議録"
    assert "取り込んだ会議録はまだありません" in tanaka.get("/imports").words
