"""Notices, saved searches, feeds and lists as files, by program."""

import pytest

from tests.support.calling import Caller
from tests.support.office import Office


@pytest.fixture
def tanaka(office: Office) -> Caller:
    office.report("higashinari", state="accepted", title="病院連絡会の報告")
    office.catch_up()
    return Caller.of(office, office.person("higashinari", "coordinator"))


def test_notices_are_listed_and_counted_as_read(tanaka: Caller) -> None:
    told = tanaka.get("/me/notices", unread=True).data
    assert (told["total"], [one["event"] for one in told["items"]]) == (2, ["accepted", "confirmed"])
    assert told["items"][0]["document"]["title"] == "病院連絡会の報告"
    assert tanaka.post("/me/notices/read", {"ids": [told["items"][0]["id"]]}).data == {"read": 1}
    assert tanaka.get("/me/notices", unread=True).data["total"] == 1
    assert tanaka.post("/me/notices/read", {"ids": []}).data == {"read": 1}
    assert tanaka.get("/me/notices/settings").data["unread"] == 0


def test_what_is_left_out_of_the_settings_stays(tanaka: Caller) -> None:
    tanaka.put("/me/notices/settings", {"mail_address": "t@example.jp"})
    changed = tanaka.put("/me/notices/settings", {"accepted": "none"}).data
    assert (changed["mail_address"], changed["accepted"], changed["returned"]) == ("t@example.jp", "none", "mail")
    assert tanaka.put("/me/notices/settings", {"mail_address": "t"}).status == 400
    assert tanaka.put("/me/notices/settings", {"accepted": "telegram"}).status == 422


def test_a_search_is_kept_run_changed_read_as_a_feed_and_removed(tanaka: Caller, office: Office) -> None:
    made = tanaka.post("/me/searches", {"name": "連絡会", "q": "連絡会", "ward": ["higashinari"], "notify": "screen"})
    assert (made.status, made.data["conditions_in_words"]) == (201, "「連絡会」　東成区")
    here = f"/me/searches/{made.data['id']}"
    assert made.headers["Location"] == f"/api/v1{here}"
    assert [one["title"] for one in tanaka.get(f"{here}/hits").data["items"]] == ["病院連絡会の報告"]
    assert tanaka.get(f"{here}/hits", format="csv").text.count("\r\n") == 2
    assert tanaka.call("PATCH", here, {"notify": "none"}).data["notify"] == "none"
    address = tanaka.post(f"{here}/feed").data["address"]
    assert tanaka.get(here).data["feed"] is True
    assert "病院連絡会の報告" in tanaka.client.get(address).text
    assert tanaka.delete(f"{here}/feed").status == 204
    assert tanaka.client.get(address).status_code == 404
    other = Caller.of(office, office.person("higashinari", "responsible"))
    assert other.get(here).status == 404
    assert tanaka.delete(here).status == 204
    assert tanaka.get("/me/searches").data["total"] == 0


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_list_is_had_as_a_file(tanaka: Caller, form: str) -> None:
    for path in ("/search", "/wards/higashinari/documents", "/me/acts", "/me/notices", "/me/searches"):
        told = tanaka.get(path, format=form)
        assert told.status == 200
        assert told.headers["Content-Disposition"].startswith("attachment")
        assert told.headers["X-Total-Count"].isdecimal()
