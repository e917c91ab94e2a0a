"""Word templates and old minutes by program: the same rights and words as on screen."""

import io

import pytest
from werkzeug.test import TestResponse

from portal import word
from portal.services import jobs
from tests.services.test_old_minutes_come_in import MINUTES
from tests.services.test_word_templates import our_form
from tests.support.calling import Caller
from tests.support.office import Office


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


@pytest.fixture
def tanaka(office: Office) -> Caller:
    return Caller.of(office, office.person("higashinari", "coordinator"))


def send(caller: Caller, path: str, file: str, data: bytes, **more: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {caller.token}"}
    return caller.client.post(f"/api/v1{path}", data={"file": (io.BytesIO(data), file), **more}, headers=headers)


def test_the_register_and_a_template(tanaka: Caller) -> None:
    forms = {one["number"]: one for one in tanaka.get("/forms").data["items"]}
    assert len(forms) == 20
    assert forms[3]["channels"] == ["mail", "post"]
    made = send(tanaka, "/templates", "様式7.docx", our_form("わが区の"), form="form7")
    assert made.status_code == 201
    number = made.get_json()["id"]
    assert tanaka.get(f"/templates/{number}/file?sample=full").response.data[:2] == b"PK"
    changed = tanaka.post(f"/templates/{number}/state", {"in_force": True})
    assert changed.data["in_force_at"]
    assert tanaka.post(f"/templates/{number}/state", {"in_force": True}).status == 409
    assert [one["id"] for one in tanaka.get("/templates?form=form7").data["items"]] == [number]
    assert send(tanaka, "/templates", "様式7.docx", b"x", form="form7").status_code in (400, 415)
    assert send(tanaka, "/templates", "様式7.docx", word.shipped_file("form7"), form="form9").status_code == 404


def test_old_minutes_from_the_file_to_the_document(tanaka: Caller, office: Office) -> None:
    made = send(tanaka, "/imports", "a.txt", MINUTES.encode(), name="令和元年度")
    assert made.status_code == 202
    jobs.load()
    while jobs.do_next(office.site, worker="w"):
        pass
    (item,) = tanaka.get(f"{made.headers['Location'].removeprefix('/api/v1')}/items").data["items"]
    assert item["state"] == "read"
    assert item["fields"]["held_on"] == "2019-11-20"
    assert {one["field"] for one in item["findings"]} >= {"開催日時", "場所", "出席者"}
    done = tanaka.post(f"/imports/items/{item['id']}", {"act": "register"})
    assert done.data["state"] == "done"
    document = tanaka.get(f"/documents/{done.data['document']}").data
    assert document["kind"] == "old_minutes"
    again = tanaka.post(f"/imports/items/{item['id']}", {"act": "leave"})
    assert again.status == 409
    assert "登録済み" in again.detail
    ikuno = Caller.of(office, office.person("ikuno", "coordinator"))
    assert ikuno.get(f"/imports/items/{item['id']}").status == 404
    assert ikuno.get("/imports").data["items"] == []
