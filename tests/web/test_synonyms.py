"""The synonyms on screen: kept by 健康局 with a reason, tried out before, shown as chips where they widen a search."""

import io

import pytest

from portal.services import synonyms
from tests.support.browsing import Page
from tests.support.office import Office
from tests.web.conftest import Visit

HOME = "higashinari"


@pytest.fixture
def full(sqlite_office: Office) -> Office:
    """An office whose wards write of the same thing in three ways."""
    sqlite_office.report(HOME, title="甲の会議", state="submitted", record="<p>虹色手帳を配る</p>")
    sqlite_office.report(HOME, title="乙の会議", state="submitted", record="<p>にじノートを配る</p>")
    sqlite_office.report(HOME, title="丙の会議", state="draft", record="<p>にじノートの下書き</p>")
    sqlite_office.catch_up()
    return sqlite_office


@pytest.fixture
def office(full: Office) -> Office:
    """Visitors of this file meet the full office."""
    return full


def chips(page: Page, kind: str) -> list[str]:
    return [
        one.text_content().split("×")[0].split("＋")[0]
        for one in page.find(f"//ul[@class='chips words']//a[@class='{kind}']")
    ]


def titles(page: Page) -> list[str]:
    return sorted(one.text_content() for one in page.find("//ol[@class='hits']//h3/a"))


def test_a_group_is_added_tried_changed_stopped_and_brought_back(office: Office, visit: Visit) -> None:
    sato = visit(office.person("city", "bureau"))
    form = sato.get("/admin/synonyms/new").form("/admin/synonyms/new")
    tried = sato.send(form, words="虹色手帳\nにじノート", related="", comment="", act="try")
    assert "＋1件" in tried.words
    assert sato.get("/admin/synonyms?q=虹色").find("//table") == []
    again = sato.send(form, words="虹色手帳、にじノート", related="", comment="", act="save")
    assert again.status == 422
    assert "変更の理由を入力してください" in again.words
    assert again.find("//textarea[@name='words']/text()")[0].strip() == "虹色手帳、にじノート"
    page = sato.send(form, words="虹色手帳、にじノート", related="手帳", comment="要望", act="save").follow()
    assert "「虹色手帳」のグループを保存しました" in page.words
    stopped = sato.send(page.form("/admin/synonyms/group?key="), comment="誤解", act="off").follow()
    assert "停止中" in stopped.words
    first = stopped.find("//button[starts-with(@value, 'restore-')]/@value")[0]
    back = sato.send(stopped.form("/admin/synonyms/group?key="), comment="戻す", act=first).follow()
    assert "使わない" in back.words
    assert len(back.find("//ol[@class='history']/li")) == 3


def test_chips_switch_single_words_off_and_on(office: Office, visit: Visit) -> None:
    bureau = office.person("city", "bureau")
    office.do(bureau, lambda uow: synonyms.add(uow, words=["虹色手帳", "にじノート", "虹手帳"], comment="x"))
    sato = visit(bureau)
    page = sato.get("/search?q=虹色手帳&sort=date")
    assert "「虹色手帳」と合わせて、次の言葉でも探しました" in page.words
    assert (chips(page, "chip"), titles(page)) == (["にじノート", "虹手帳"], ["乙の会議", "甲の会議"])
    less = sato.get(page.find("//ul[@class='chips words']//a/@href")[0])
    assert (chips(less, "chip"), chips(less, "chip off")) == (["虹手帳"], ["にじノート"])
    assert titles(less) == ["甲の会議"]
    assert less.find("//input[@name='except']/@value") == ["にじノート"]
    more = sato.get(less.find("//a[@class='chip off']/@href")[0])
    assert titles(more) == titles(page)
    only = sato.get(page.find("//a[contains(., '入力したことばだけで探す')]/@href")[0])
    assert (chips(only, "chip"), titles(only)) == ([], ["甲の会議"])
    assert titles(sato.get(only.find("//a[contains(., '同じ意味のことばでも探す')]/@href")[0])) == titles(page)


def test_the_table_is_saved_edited_and_brought_in_after_a_look(office: Office, visit: Visit) -> None:
    sato = visit(office.person("city", "bureau_admin"))
    text = sato.get("/admin/synonyms?format=csv").response.get_data().decode("utf-8-sig")
    assert text.startswith('"見出し語"')
    text += "虹色手帳,虹色手帳、にじノート,,はい\r\n"
    form = sato.get("/admin/synonyms/import").form("/admin/synonyms/import")
    looked = sato.send(form, comment="一括", file=(io.BytesIO(text.encode("utf-8-sig")), "同義語.csv"))
    assert "追加 1件、変更 0件" in looked.words
    assert "虹色手帳" not in sato.get("/admin/synonyms").words
    done = sato.send(looked.form("/admin/synonyms/import"), sure="1").follow()
    assert "1件を追加し、0件を変えました。" in done.words
    assert "虹色手帳" in done.words
    assert sato.send(form, comment="一括").status == 422


def test_others_find_no_way_there(office: Office, visit: Visit) -> None:
    tanaka = visit(office.person(HOME, "coordinator"))
    assert tanaka.get("/admin/synonyms").status == 403
    assert tanaka.get("/search?q=zzz").find("//a[contains(@href, '/admin/synonyms')]") == []
    sato = visit(office.person("city", "bureau"))
    assert sato.get("/search?q=zzz").find("//a[contains(@href, '/admin/synonyms')]") != []
