"""Whatever is sent, the answer is a sentence and never a stack trace."""

import json
from typing import Any

import pytest

from portal.web.app import create_app
from tests.support.calling import Caller
from tests.support.office import Office


@pytest.fixture
def tanaka(sqlite_office: Office) -> Caller:
    return Caller.of(sqlite_office, sqlite_office.person("higashinari", "coordinator"))


ARCHIVE = "/wards/higashinari/documents"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"kind": "meeting_report", "fields": {"headcount": NaN}}',
        b'{"kind": "\\ud800"}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"title": 1' + b"0" * 10_000 + b"}",
    ],
)
def test_what_is_not_json_is_refused(tanaka: Caller, raw: bytes) -> None:
    refused = tanaka.call("POST", ARCHIVE, data=raw, content_type="application/json")
    assert refused.status in (400, 422)
    assert refused.detail


@pytest.mark.parametrize(
    "sent", [[], "text", 5, None, {}, {"kind": 5}, {"kind": "poem"}, {"kind": "meeting_report", "feilds": {}}]
)
def test_a_body_of_another_shape_is_refused(tanaka: Caller, sent: Any) -> None:
    refused = tanaka.call("POST", ARCHIVE, data=json.dumps(sent), content_type="application/json")
    assert refused.status == 422
    assert {"path", "label", "message"} == set(refused.data["errors"][0])


@pytest.mark.parametrize(
    "fields",
    [
        [],
        {"attendees": {"name": "x"}},
        {"attendees": [5]},
        {"attendees": [{"name": {"deep": []}}]},
        {"headcount": 10**40},
        {"headcount": 1.5},
        {"items": [["ア"]]},
        {"items": {"ア": 1}},
        {"held_on": "令和8年13月1日"},
        {"held_on": ["2026-01-01"]},
        {"starts_at": 99},
        {"record": {"ops": []}},
        {"no_such_field": 1},
        {"meeting_name": "長" * 5000},
    ],
)
def test_a_field_of_another_shape_is_refused_by_its_name(tanaka: Caller, fields: Any) -> None:
    refused = tanaka.post(ARCHIVE, {"kind": "meeting_report", "title": "題名", "fields": fields})
    assert refused.status == 422, refused.text[:300]
    name = next(iter(fields), "fields") if isinstance(fields, dict) else "fields"
    assert refused.data["errors"][0]["path"].startswith(name)


def test_other_media_and_too_much_of_it_are_refused(tanaka: Caller) -> None:
    assert tanaka.call("POST", ARCHIVE, data="kind=meeting_report").status == 415
    assert tanaka.call("POST", ARCHIVE, data=b"{}", content_type="text/plain").status == 415
    huge = b'{"kind": "' + b"x" * (17 << 20) + b'"}'
    refused = tanaka.call("POST", ARCHIVE, data=huge, content_type="application/json")
    assert (refused.status, refused.detail) == (413, "送られた内容が大きすぎます。")


@pytest.mark.parametrize(
    "path",
    [
        "/documents/99999999999999999999999",
        "/documents/" + "9" * 5000,
        "/documents/2147483647",
        "/documents/0",
        "/documents/-1",
        "/documents/abc",
        "/attachments/99999999999999999999",
        "/drafts/%00",
        "/drafts/document-99999999999",
        "/wards/%00/documents",
        "/kinds/%F0%9F%92%A9/schema",
        "/nothing",
    ],
)
def test_an_address_of_nothing_is_not_found(tanaka: Caller, path: str) -> None:
    missing = tanaka.get(path)
    assert (missing.status, missing.detail) == (404, "お探しの文書は見つかりません。")


def test_control_characters_reach_no_database(office: Office) -> None:
    office.catch_up()
    report = office.report("higashinari")
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    made = tanaka.post(ARCHIVE, {"kind": "file", "title": "題\x00名", "comment": "版\x00の", "fields": {}})
    assert (made.status, made.data["title"]) == (201, "題名")
    assert tanaka.get(ARCHIVE, body="\x00").status == 200
    assert tanaka.get("/search", q="\x00会議\x00").status == 200
    assert tanaka.put(f"/drafts/document-{report}", {"title": "\x00", "entries": [["place", "\x00"]]}).status == 200
    moved = tanaka.post(f"/documents/{report}/transitions", {"name": "request_confirmation", "comment": "\x00"})
    assert moved.status == 200


def test_wrong_methods_name_the_right_ones_and_head_and_options_work(tanaka: Caller, sqlite_office: Office) -> None:
    address = f"/documents/{sqlite_office.report('higashinari')}"
    wrong = tanaka.call("PATCH", address)
    assert (wrong.status, wrong.detail) == (405, "この操作はできません。")
    assert {"GET", "PUT", "DELETE"} <= set(wrong.headers["Allow"].split(", "))
    head = tanaka.call("HEAD", address)
    assert (head.status, head.text, head.headers["ETag"]) == (200, "", '"1"')
    assert {"GET", "PUT"} <= set(tanaka.call("OPTIONS", address).headers["Allow"].split(", "))


def test_a_cookie_of_the_screens_opens_nothing_here(sqlite_office: Office) -> None:
    caller = Caller(create_app(sqlite_office.site), "made-up")
    assert caller.get("/me").status == 401
    for header in ("Basic abc", "Bearer", "Bearer  ", "bearer \u00e9"):
        assert caller.call("GET", "/me", headers={"Authorization": header}).status == 401


def test_answers_are_utf8_and_kept_by_nobody(tanaka: Caller) -> None:
    wards = tanaka.get("/wards")
    assert "東成区".encode() in wards.response.data
    assert wards.headers["Content-Type"] == "application/json"
    assert wards.headers["Cache-Control"] == "no-store"
    assert "見つかりません".encode() in tanaka.get("/nothing").response.data
