"""Autosave at the screen: what is typed is kept for its writer, found again, and ends when it was saved or thrown away."""

import pytest

from portal.security.identity import Identity
from tests.support.browsing import Page, Visitor
from tests.support.office import Office
from tests.web.conftest import Visit
from tests.web.writing import filled, new_page, nonce_of, number_in, the_form, write

TYPED = [
    ["csrf_token", "x"],
    ["meeting_name", "病院連絡会"],
    ["place", "書きかけの場所"],
    ["items", "ウ"],
    ["items", "エ"],
]


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


@pytest.fixture
def tanaka(office: Office) -> Identity:
    return office.person("higashinari", "coordinator", name="田中 一郎")


def put(
    visitor: Visitor, key: str, fields: object = TYPED, base: int | None = None, kind: str = "meeting_report"
) -> Page:
    return Page(
        visitor.client.put(
            f"/drafts/{key}",
            json={"fields": fields, "base": base, "key": kind},
            headers={"X-CSRFToken": visitor.token, "Accept": "application/json"},
        ),
        visitor,
    )


def test_what_is_typed_is_there_again_and_on_the_home_page(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    nonce = nonce_of(new_page(author))
    answer = put(author, f"new-{nonce}")
    assert answer.status == 200
    assert "T" in answer.response.json["saved_at"]
    assert "病院連絡会" in author.get("/").words
    form = the_form(new_page(author, nonce=nonce))
    assert (form.fields["place"], form.fields["items"]) == (["書きかけの場所"], ["ウ", "エ"])
    assert form.fields["csrf_token"] != ["x"]


def test_a_draft_ends_when_it_is_saved(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    nonce = nonce_of(new_page(author))
    put(author, f"new-{nonce}")
    saved = author.post("/higashinari/new/meeting_report", filled(nonce=nonce))
    assert "保存していない書きかけ" not in author.get("/").words
    put(author, f"document-{number_in(saved)}", base=1)
    edit = author.get(saved.location + "/edit")
    assert "前回の続きを表示しています" in edit.words
    assert the_form(edit).fields["place"] == ["書きかけの場所"]
    author.send(the_form(edit), **filled(base="1", place="決まった場所"))
    assert "前回の続き" not in author.get(saved.location + "/edit").words


def test_a_draft_can_be_thrown_away_for_what_is_saved(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    saved = write(author, place="保存した場所")
    put(author, f"document-{number_in(saved)}", base=1)
    edit = author.get(saved.location + "/edit")
    again = author.send(edit.form("/drafts/")).follow()
    assert the_form(again).fields["place"] == ["保存した場所"]


def test_someone_elses_version_is_told_and_the_draft_is_kept(office: Office, visit: Visit, tanaka: Identity) -> None:
    author, sato = visit(tanaka), visit(office.person("higashinari", "coordinator", name="佐藤 二郎"))
    saved = write(author)
    report = number_in(saved)
    sato.get(saved.location + "/edit")
    sato.post(saved.location + "/edit", filled(base="1", place="佐藤の場所"))
    answer = put(author, f"document-{report}", base=1)
    assert answer.status == 409
    told = answer.response.json
    assert (told["by"], told["number"], told["url"]) == ("佐藤 二郎", 2, f"/documents/{report}")
    edit = author.get(saved.location + "/edit")
    assert the_form(edit).fields["place"] == ["書きかけの場所"]
    assert the_form(edit).fields["base"] == ["1"]
    assert "そのあとに第2版が保存されています" in edit.words


@pytest.mark.parametrize("fields", [None, "text", [["a"]], [["a", 1]], [{"a": "b"}], {"a": "b"}, [["a", "b", "c"]]])
def test_what_no_form_sends_is_refused_in_words(visit: Visit, tanaka: Identity, fields: object) -> None:
    author = visit(tanaka)
    author.get("/")
    answer = put(author, "new-12345678", fields)
    assert answer.status == 400
    assert "読み取れませんでした" in answer.response.json["detail"]


def test_a_draft_is_only_for_what_one_may_write(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    report = number_in(write(author))
    other = visit(office.person("ikuno", "coordinator"))
    other.get("/")
    assert put(other, f"document-{report}").status == 404
    assert put(other, "file-12345678").status == 404
    assert put(other, "new-x").status == 404
    bureau = visit(office.person("city", "bureau"))
    bureau.get("/")
    assert put(bureau, "new-12345678").status == 403


def test_after_the_session_ended_the_script_learns_it(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    new_page(author)
    author.client.delete_cookie("portal_session")
    answer = put(author, "new-12345678")
    assert answer.status in (400, 401, 403)
    assert answer.response.content_type == "application/problem+json"
