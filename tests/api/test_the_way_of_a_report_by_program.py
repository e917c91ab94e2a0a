"""A program writes a report, has it confirmed, handed in and shared, and each caller sees what a person would."""

from typing import Any

import pytest

from portal.kinds import find_kind
from portal.web.app import create_app
from tests.support.calling import Caller
from tests.support.office import Office


def example(**fields: Any) -> dict[str, Any]:
    kind = find_kind("meeting_report")
    assert kind is not None
    made = kind.example()
    return {"title": made["title"], "fields": {**made["fields"], **fields}}


def written(caller: Caller, ward: str = "higashinari", **fields: Any) -> Any:
    made = caller.post(f"/wards/{ward}/documents", {"kind": "meeting_report", **example(**fields)})
    assert made.status == 201, made.text
    return made


def test_a_report_goes_from_draft_to_the_other_wards(office: Office) -> None:
    app = create_app(office.site)
    tanaka, sato, bureau, ikuno = (
        Caller.of(office, office.person(*who), app)
        for who in (
            ("higashinari", "coordinator"),
            ("higashinari", "responsible"),
            ("city", "bureau"),
            ("ikuno", "ward_office"),
        )
    )
    made = written(tanaka, reflections="<p>ひみつの所感</p>")
    report = made.headers["Location"]
    assert made.headers["ETag"] == made.data["etag"] == '"1"'
    assert [one["name"] for one in made.data["transitions"]] == ["request_confirmation"]
    assert ikuno.get(report).status == bureau.get(report).status == 404
    for caller, name, state in [
        (tanaka, "request_confirmation", "confirming"),
        (sato, "confirm", "submitted"),
        (bureau, "accept", "accepted"),
        (bureau, "share", "shared"),
    ]:
        moved = caller.post(f"{report}/transitions", {"name": name, "comment": ""})
        assert (moved.status, moved.data["state"], moved.data["visible"]) == (200, state, True), moved.text
    theirs = ikuno.get(report)
    assert (theirs.data["id"], theirs.data["edition"]) == (made.data["id"], "shared")
    assert "ひみつの所感" not in theirs.text
    assert "見本 一郎" not in theirs.text
    assert theirs.data["permissions"] == ["view", "export"]
    assert "ひみつの所感" in bureau.get(report).text
    assert [one["name"] for one in tanaka.get(f"{report}/transitions").data["items"]] == [
        "share",
        "accept",
        "confirm",
        "request_confirmation",
    ]
    assert tanaka.get(report).data["readers"][-1] == "東成区以外の23区（24区共有版）"


def test_a_return_without_a_reason_is_refused_and_with_one_takes_the_report_out_of_sight(office: Office) -> None:
    report = office.report("higashinari", state="submitted")
    bureau = Caller.of(office, office.person("city", "bureau"))
    refused = bureau.post(f"/documents/{report}/transitions", {"name": "return"})
    assert refused.status == 422
    assert refused.data["errors"][0]["path"] == "comment"
    assert "理由" in refused.detail
    returned = bureau.post(f"/documents/{report}/transitions", {"name": "return", "comment": "日付を確かめてください"})
    assert (returned.status, returned.data["state"], returned.data["visible"]) == (200, "returned", False)
    assert bureau.get(f"/documents/{report}").status == 404


def test_an_act_of_the_wrong_person_state_or_name_is_refused_in_words(office: Office) -> None:
    report = office.report("higashinari", state="accepted")
    app = create_app(office.site)
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"), app)
    bureau = Caller.of(office, office.person("city", "bureau"), app)
    assert tanaka.post(f"/documents/{report}/transitions", {"name": "share"}).status == 403
    assert bureau.post(f"/documents/{report}/transitions", {"name": "accept"}).status == 409
    unknown = bureau.post(f"/documents/{report}/transitions", {"name": "bless"})
    assert (unknown.status, unknown.detail) == (400, "「bless」という操作はありません。")


def test_what_must_still_be_filled_is_named_field_by_field(office: Office) -> None:
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    made = tanaka.post("/wards/higashinari/documents", {"kind": "meeting_report", "title": "題名だけ"})
    assert made.status == 201, made.text
    refused = tanaka.post(f"{made.headers['Location']}/transitions", {"name": "request_confirmation"})
    assert refused.status == 422
    assert {"path", "label", "message"} == set(refused.data["errors"][0])


def test_sending_the_same_nonce_again_finds_the_same_report(office: Office) -> None:
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    sent = {"kind": "meeting_report", **example(), "nonce": "once-and-only-once"}
    first, again = (tanaka.post("/wards/higashinari/documents", sent) for _ in range(2))
    assert first.data["id"] == again.data["id"]
    assert tanaka.get("/wards/higashinari/documents").data["total"] == 1


def test_a_save_names_the_version_it_started_from(office: Office) -> None:
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    made = written(tanaka)
    address = made.headers["Location"]
    missing = tanaka.put(address, example(place="一"))
    assert (missing.status, "If-Match" in missing.detail) == (428, True)
    saved = tanaka.put(address, {**example(place="一"), "comment": "場所を直した"}, match=made.headers["ETag"])
    assert (saved.status, saved.headers["ETag"], saved.data["comment"]) == (200, '"2"', "場所を直した")
    stale = tanaka.put(address, example(place="二"), match=made.headers["ETag"])
    assert (stale.status, stale.headers["ETag"]) == (412, '"2"')
    assert stale.data["current"]["fields"]["place"] == "一"
    assert stale.data["current"]["number"] == 2
    assert "両方の内容" in stale.detail
    assert tanaka.put(address, example(place="二"), match='W/"2"').headers["ETag"] == '"3"'
    assert tanaka.put(address, example(place="三"), match="*").headers["ETag"] == '"4"'
    assert tanaka.put(address, example(place="三"), match='"4"').headers["ETag"] == '"4"'
    assert tanaka.put(address, example(place="三"), match="yesterday").status == 400


def test_versions_are_listed_read_compared_and_brought_back(office: Office) -> None:
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    address = written(tanaka, place="前の会場").headers["Location"]
    tanaka.put(address, example(place="新しい会場"), match='"1"')
    listed = tanaka.get(f"{address}/versions").data
    assert (listed["total"], [one["number"] for one in listed["items"]]) == (2, [2, 1])
    assert [one["current"] for one in listed["items"]] == [True, False]
    old = tanaka.get(f"{address}/versions/1")
    assert (old.data["fields"]["place"], old.headers["ETag"]) == ("前の会場", '"1"')
    changed = tanaka.get(f"{address}/diff", **{"from": 1, "to": 2}).data["changes"]
    assert [(one["field"], one["before"], one["after"]) for one in changed] == [("place", "前の会場", "新しい会場")]
    assert tanaka.get(f"{address}/diff").data["changes"] == changed
    assert tanaka.post(f"{address}/versions/1/restore", headers={"If-Match": '"1"'}).status == 412
    restored = tanaka.post(f"{address}/versions/1/restore")
    assert (restored.data["fields"]["place"], restored.headers["ETag"]) == ("前の会場", '"3"')
    assert tanaka.get(f"{address}/versions/99").status == 404
    assert tanaka.get(f"{address}/diff", **{"from": 7}).status == 404


def test_a_draft_is_deleted_and_what_was_handed_in_is_not(office: Office) -> None:
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    address = written(tanaka).headers["Location"]
    assert tanaka.delete(address, match='"9"').status == 412
    assert tanaka.delete(address, match='"1"').status == 204
    assert tanaka.get(address).status == 404
    assert tanaka.delete(f"/documents/{office.report('higashinari', state='accepted')}").status == 403


def test_a_ward_is_listed_by_page_and_narrowed_by_filters(office: Office) -> None:
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    for number in range(3):
        office.report("higashinari", title=f"報告{number}", held_on=f"2026-10-0{number + 1}")
    office.report("higashinari", kind="training_report", state="confirming")
    archive = "/wards/higashinari/documents"
    assert tanaka.get(archive).data["total"] == 4
    page = tanaka.get(archive, size=2, page=2, kind="meeting_report").data
    assert (page["total"], [one["title"] for one in page["items"]]) == (3, ["報告0"])
    assert tanaka.get(archive, state=["confirming", "returned"]).data["total"] == 1
    assert tanaka.get(archive, fiscal_year=2019).data == {"total": 0, "items": []}
    assert tanaka.get(archive, page=9000).data["items"] == []
    assert tanaka.get("/wards/nowhere/documents").status == 404


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ({"page": "0"}, "ページ"),
        ({"page": "一"}, "ページ"),
        ({"size": "101"}, "1ページの件数"),
        ({"kind": "poem"}, "種類"),
        ({"state": "asleep"}, "状態"),
        ({"fiscal_year": "9" * 30}, "年度（西暦）"),
    ],
)
def test_a_list_asked_for_wrongly_is_refused_in_words(sqlite_office: Office, asked: dict[str, str], label: str) -> None:
    tanaka = Caller.of(sqlite_office, sqlite_office.person("higashinari", "coordinator"))
    refused = tanaka.get("/wards/higashinari/documents", **asked)
    assert refused.status == 422
    assert [(one["path"], one["label"]) for one in refused.data["errors"]] == [(next(iter(asked)), label)]


def test_a_report_is_handed_out_as_word_and_where_nothing_prints_not_as_pdf(office: Office) -> None:
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    address = written(tanaka).headers["Location"]
    handed = tanaka.get(f"{address}/export", format="docx", version=1)
    assert handed.response.data.startswith(b"PK")
    assert handed.headers["Content-Disposition"].startswith("attachment;")
    assert handed.headers["X-Content-Type-Options"] == "nosniff"
    pdf = tanaka.get(f"{address}/export", format="pdf")
    assert (pdf.status, "PDF" in pdf.detail) == (406, True)
    assert tanaka.get(f"{address}/export", format="odt").status == 422


def test_why_a_person_sees_a_report_is_explained(office: Office) -> None:
    report = office.report("higashinari", state="submitted")
    office.person("higashinari", "ward_office", name="区役所の人")
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    told = tanaka.get(f"/documents/{report}/why").data
    assert "東成区の区役所担当" in told["readers"]
    chosen = next(one for one in told["people"] if one["name"] == "区役所の人")
    why = tanaka.get(f"/documents/{report}/why", membership=chosen["membership"]).data["explanation"]
    assert (why["sees"], "提出済み" in why["reason"]) == (True, True)
    assert tanaka.get(f"/documents/{report}/why", membership=99999).status == 404
