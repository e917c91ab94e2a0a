"""Two people at one report: nobody's text is lost, and what only one of them changed joins by itself."""

import pytest

from tests.support.browsing import Page, Visitor
from tests.support.office import Office
from tests.web.conftest import Visit
from tests.web.writing import filled, the_form, write


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


@pytest.fixture
def tanaka(office: Office, visit: Visit) -> Visitor:
    return visit(office.person("higashinari", "coordinator", name="田中 一郎"))


@pytest.fixture
def sato(office: Office, visit: Visit) -> Visitor:
    return visit(office.person("higashinari", "coordinator", name="佐藤 二郎"))


def collide(tanaka: Visitor, sato: Visitor, mine: dict[str, str], theirs: dict[str, str]) -> Page:
    """Let 佐藤 save while 田中 is typing, then let 田中 save."""
    address = write(tanaka).location + "/edit"
    tanaka.get(address)
    sato.get(address)
    assert sato.post(address, filled(base="1", comment="佐藤の直し", **theirs)).status == 303
    return tanaka.post(address, filled(base="1", **mine))


def page_of(conflict: Page) -> str:
    return conflict.response.request.path.removesuffix("/edit")


def test_both_texts_are_shown_and_nothing_is_saved(tanaka: Visitor, sato: Visitor) -> None:
    page = collide(tanaka, sato, {"place": "田中の<b>場所</b>"}, {"place": "佐藤の場所"})
    assert page.status == 409
    assert "佐藤 二郎さんが第2版を保存しました" in page.words
    assert [one.text for one in page.find("//p[@class='typed']")] == ["田中の<b>場所</b>", "佐藤の場所"]
    assert "佐藤の場所" in tanaka.get(page_of(page)).words
    assert the_form(page).fields["base"] == ["2"]
    assert the_form(page).fields["place"] == ["田中の<b>場所</b>"]


def test_what_only_one_of_them_changed_joins_by_itself(tanaka: Visitor, sato: Visitor) -> None:
    page = collide(tanaka, sato, {"organiser": "田中会"}, {"place": "佐藤の場所", "record": "佐藤の議事"})
    assert "第2版の内容を入れました：場所、議事の内容" in page.words
    assert "そのまま残しました：主催" in page.words
    assert not page.find("//input[@type='radio']")
    shown = tanaka.send(the_form(page)).follow()
    for text in ("第3版", "田中会", "佐藤の場所", "佐藤の議事"):
        assert text in shown.words, text


@pytest.mark.parametrize(("chosen", "kept"), [("mine", "田中の場所"), ("theirs", "佐藤の場所")])
def test_for_what_both_changed_one_is_chosen(tanaka: Visitor, sato: Visitor, chosen: str, kept: str) -> None:
    page = collide(
        tanaka, sato, {"place": "田中の場所", "organiser": "田中会"}, {"place": "佐藤の場所", "meeting_number": "9"}
    )
    form = the_form(page)
    assert form.fields["use-place"] == ["mine"]
    saved = tanaka.post(form.action, {**form.fields, "use-place": chosen})
    shown = saved.follow()
    for text in (kept, "田中会", "第9回"):
        assert text in shown.words, text


def test_the_chosen_rows_of_the_other_are_taken_whole(tanaka: Visitor, sato: Visitor) -> None:
    page = collide(
        tanaka, sato, {"decisions-0-decision": "田中の決定"}, {"decisions-0-decision": "佐藤の決定", "decisions-1-decision": "二件目"}
    )  # fmt: skip
    form = the_form(page)
    shown = tanaka.post(form.action, {**form.fields, "use-decisions": "theirs"}).follow()
    assert "佐藤の決定" in shown.words
    assert "二件目" in shown.words
    assert "田中の決定" not in shown.words


def test_a_third_version_meanwhile_is_asked_about_again(tanaka: Visitor, sato: Visitor) -> None:
    page = collide(tanaka, sato, {"place": "田中の場所"}, {"place": "佐藤の場所"})
    address = page.response.request.path
    sato.post(address, filled(base="2", place="佐藤の別の場所"))
    again = tanaka.send(the_form(page))
    assert again.status == 409
    assert [one.text for one in again.find("//p[@class='typed']")] == ["田中の場所", "佐藤の別の場所"]
    assert "田中の場所" in tanaka.send(the_form(again)).follow().words


def test_a_window_closed_at_the_conflict_loses_nothing(tanaka: Visitor, sato: Visitor) -> None:
    page = collide(tanaka, sato, {"place": "田中の場所"}, {"place": "佐藤の場所"})
    edit = tanaka.get(page.response.request.path)
    assert the_form(edit).fields["place"] == ["田中の場所"]
    assert "そのあとに第2版が保存されています" in edit.words


def test_the_same_text_from_both_is_no_conflict(tanaka: Visitor, sato: Visitor) -> None:
    page = collide(tanaka, sato, {"place": "同じ場所"}, {"place": "同じ場所"})
    assert page.status == 303
    assert "第2版" in page.follow().words
