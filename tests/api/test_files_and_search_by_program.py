"""Files go in and out through the API, and their text is found."""

import io

from portal.web.app import create_app
from tests.support.calling import Caller, Told
from tests.support.office import Office


def attached(caller: Caller, report: int, name: str, content: bytes, **more: str) -> Told:
    data = {"file": (io.BytesIO(content), name), **more}
    return caller.call("POST", f"/documents/{report}/attachments", data=data)


def test_a_file_is_attached_listed_handed_out_marked_and_taken_off(office: Office) -> None:
    report = office.report("higashinari")
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    made = attached(tanaka, report, "当日資料.txt", "在宅療養の資料".encode(), shareable="true")
    assert (made.status, made.data["name"], made.data["shareable"]) == (201, "当日資料.txt", True)
    address = made.headers["Location"]
    assert tanaka.get(f"/documents/{report}/attachments").data["items"][0]["url"] == address
    handed = tanaka.get(address)
    assert handed.response.data == "在宅療養の資料".encode()
    assert "filename*=UTF-8''%E5%BD%93" in handed.headers["Content-Disposition"]
    assert handed.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in handed.headers["Content-Security-Policy"]
    assert tanaka.call("PATCH", address, {"shareable": False}).data["shareable"] is False
    assert tanaka.call("PATCH", address, {"shareable": "no"}).status == 422
    assert tanaka.delete(address).status == 204
    assert tanaka.get(address).status == 404


def test_a_file_of_another_ward_does_not_exist(office: Office) -> None:
    report = office.report("higashinari", state="draft")
    app = create_app(office.site)
    made = attached(Caller.of(office, office.person("higashinari", "coordinator"), app), report, "a.txt", b"secret")
    ikuno = Caller.of(office, office.person("ikuno", "coordinator"), app)
    address = made.headers["Location"]
    assert ikuno.get(address).status == ikuno.delete(address).status == 404
    assert ikuno.call("PATCH", address, {"shareable": True}).status == 404
    assert attached(ikuno, report, "b.txt", b"mine").status == 404


def test_an_upload_that_cannot_be_taken_says_why(sqlite_office: Office) -> None:
    office = sqlite_office
    report, tanaka = office.report("higashinari"), Caller.of(office, office.person("higashinari", "coordinator"))
    assert attached(tanaka, report, "empty.txt", b"").status == 415
    assert attached(tanaka, report, "program.exe", b"MZ\x90\x00" + bytes(400)).status == 415
    assert attached(tanaka, report, "a.txt", b"x", shareable="perhaps").status == 422
    assert tanaka.call("POST", f"/documents/{report}/attachments", data={"nothing": "here"}).status == 415
    none = tanaka.call("POST", f"/documents/{report}/attachments", data={"other": (io.BytesIO(b"x"), "a.txt")})
    assert (none.status, none.data["errors"][0]["path"]) == (422, "file")


def test_the_search_finds_text_files_and_counts_for_the_caller_alone(office: Office) -> None:
    shared = office.report(
        "higashinari", state="shared", record="<p>嚥下体操の試行</p>", reflections="<p>嚥下のひみつ</p>"
    )
    office.report("ikuno", record="<p>嚥下の下書き</p>")
    app = create_app(office.site)
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"), app)
    draft = office.report("higashinari", title="別の報告", record="<p>なし</p>")
    attached(tanaka, draft, "資料.txt", "嚥下の資料".encode())
    office.catch_up()
    found = tanaka.get("/search", q="嚥下").data
    assert {one["id"] for one in found["items"]} == {shared, draft}
    assert found["total"] == 2
    assert next(one for one in found["items"] if one["id"] == draft)["found_in"]["part"] == "attachment"
    first = found["items"][0]
    assert first["snippet"] == "".join(piece["text"] for piece in first["snippet_pieces"])
    assert any(piece["marked"] for piece in first["snippet_pieces"])
    theirs = Caller.of(office, office.person("kita", "ward_office"), app).get("/search", q="嚥下")
    assert [(one["id"], one["edition"]) for one in theirs.data["items"]] == [(shared, "shared")]
    assert "ひみつ" not in theirs.text
    assert theirs.data["facets"]["ward"] == [{"value": "higashinari", "label": "東成区", "count": 1}]
    assert tanaka.get("/search", q="嚥下", ward="ikuno").data["total"] == 0
    assert tanaka.get("/search", q="嚥下", kind="training_report").data["items"] == []
    assert tanaka.get("/search", q="嚥下", title_only="true").data["total"] == 0


def test_a_search_asked_for_wrongly_is_refused_in_words(sqlite_office: Office) -> None:
    office = sqlite_office
    office.catch_up()
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    refused = tanaka.get("/search", **{"from": "令和8年13月1日", "item": "ヌ", "size": "1000", "sort": "luck"})
    assert refused.status == 422
    assert {one["path"] for one in refused.data["errors"]} == {"from", "item", "size", "sort"}
    assert tanaka.get("/search", q="会議", **{"from": "R8.4.1", "to": "2026-11-19"}).status == 200
    assert tanaka.get("/search").status == 200


def test_while_there_is_no_index_the_search_says_so_and_documents_work(sqlite_office: Office) -> None:
    report = sqlite_office.report("higashinari")
    tanaka = Caller.of(sqlite_office, sqlite_office.person("higashinari", "coordinator"))
    away = tanaka.get("/search", q="会議")
    assert (away.status, away.headers["Retry-After"]) == (503, "10")
    assert "索引" in away.detail
    assert tanaka.get(f"/documents/{report}").status == 200
