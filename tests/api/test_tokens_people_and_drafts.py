"""Tokens, the caller's own things, and the administration of accounts."""

from datetime import datetime

import pyotp
import pytest

from portal.services import accounts
from portal.web.app import create_app
from tests.support.calling import Caller
from tests.support.office import PASSWORD, Office


def test_a_token_acts_in_one_ward_and_role_until_it_is_ended(office: Office) -> None:
    person = office.person("higashinari", "coordinator", name="田中")
    caller = Caller(create_app(office.site))
    login = office.logins[person.account_id]
    assert caller.get("/me").status == 401
    assert caller.get("/me").headers["WWW-Authenticate"] == "Bearer"
    made = caller.post(
        "/tokens", {"account": login, "password": PASSWORD, "ward": "higashinari", "role": "coordinator"}
    )
    assert (made.status, made.data["ward"], made.data["role"]) == (201, "higashinari", "coordinator")
    assert made.data["expires_at"].startswith("20")
    caller.token = made.data["token"]
    me = caller.get("/me").data
    assert (me["name"], me["ward_name"], me["role_name"]) == ("田中", "東成区", "コーディネーター")
    assert "meeting_report" in me["creates"]
    assert caller.delete("/tokens/current").status == 204
    assert caller.get("/me").status == 401


def test_a_wrong_password_role_or_code_gets_no_token(office: Office) -> None:
    person = office.person("higashinari", "coordinator")
    login, secret = office.logins[person.account_id], accounts.new_totp_secret()
    caller = Caller(create_app(office.site))
    sent = {"account": login, "password": PASSWORD}
    wrong = caller.post("/tokens", {**sent, "password": "違うパスワード"})
    assert (wrong.status, "違います" in wrong.detail) == (401, True)
    assert caller.post("/tokens", {**sent, "ward": "ikuno"}).status == 403
    assert caller.post("/tokens", {**sent, "role": "emperor"}).status == 422
    app_of_phone = pyotp.TOTP(secret)
    office.do(person, lambda uow: accounts.turn_on_totp(uow, secret=secret, code=app_of_phone.now()))
    code = app_of_phone.at(datetime.now(), counter_offset=1)  # each code counts once, and turning it on was once
    asked = caller.post("/tokens", sent)
    assert (asked.status, asked.data["code_needed"]) == (401, True)
    assert caller.post("/tokens", {**sent, "code": code}).status == 201


def test_after_many_wrong_passwords_the_caller_is_told_to_wait(sqlite_office: Office) -> None:
    login = sqlite_office.logins[sqlite_office.person("higashinari", "coordinator").account_id]
    caller = Caller(create_app(sqlite_office.site))
    answers = [caller.post("/tokens", {"account": login, "password": "違う"}) for _ in range(7)]
    assert (answers[-1].status, int(answers[-1].headers["Retry-After"]) > 0) == (429, True)


def test_the_wards_and_kinds_tell_what_the_caller_may_make(sqlite_office: Office) -> None:
    tanaka = Caller.of(sqlite_office, sqlite_office.person("higashinari", "coordinator"))
    wards = tanaka.get("/wards").data
    assert (wards["total"], wards["items"][-1]["slug"]) == (25, "city")
    makes = {one["slug"]: one["creates"] for one in wards["items"]}
    assert "meeting_report" in makes["higashinari"]
    assert makes["ikuno"] == []
    kinds = tanaka.get("/kinds").data["items"]
    assert {"meeting_report", "training_report", "file"} <= {one["name"] for one in kinds}
    for kind in kinds:
        example = tanaka.get(kind["schema"]).data["examples"][0]
        made = tanaka.post("/wards/higashinari/documents", {"kind": kind["name"], **example})
        assert made.status == 201, made.text
    assert tanaka.get("/kinds/poem/schema").status == 404


def test_what_is_being_typed_is_kept_for_the_caller_alone(office: Office) -> None:
    report = office.report("higashinari")
    app = create_app(office.site)
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"), app)
    other = Caller.of(office, office.person("higashinari", "coordinator", name="別の人"), app)
    key = f"/drafts/document-{report}"
    kept = tanaka.put(key, {"title": "書きかけ", "base": 1, "entries": [["place", "途中"]]})
    assert (kept.status, kept.data["newer"]) == (200, None)
    assert tanaka.get(key).data["entries"] == [["place", "途中"]]
    assert tanaka.get("/home").data["drafts"][0]["key"] == f"document-{report}"
    assert other.get(key).status == 404
    assert tanaka.put(key, {"base": 7, "entries": [["place", "途中"]]}).data["newer"]["number"] == 1
    assert tanaka.put(key, {"entries": [["place"]]}).status == 422
    assert tanaka.put("/drafts/strange", {"entries": []}).status == 404
    assert tanaka.delete(key).status == 204
    assert tanaka.get(key).status == 404


def test_home_shows_what_waits(office: Office) -> None:
    report = office.report("higashinari", state="submitted")
    waiting = Caller.of(office, office.person("city", "bureau")).get("/home").data
    assert (waiting["waiting_total"], waiting["waiting"][0]["document"]["id"]) == (1, report)


def test_an_administrator_makes_changes_and_ends_accounts(office: Office) -> None:
    app = create_app(office.site)
    admin = Caller.of(office, office.person("city", "bureau_admin"), app)
    role = {"ward": "ikuno", "role": "coordinator"}
    made = admin.post("/accounts", {"login": "m.yamada", "name": "見本 花子", "roles": [role]})
    assert made.status == 201, made.text
    address, password = made.headers["Location"], made.data["password"]
    assert made.data["account"]["roles"][0]["ward_name"] == "生野区"
    newcomer = Caller(app)
    newcomer.token = newcomer.post("/tokens", {"account": "m.yamada", "password": password}).data["token"]
    first = newcomer.get("/home")
    assert (first.status, "パスワード" in first.detail) == (403, True)
    mine = "kawara no nadeshiko 2026"
    assert newcomer.put("/me/password", {"old": password, "new": mine}).status == 204
    assert newcomer.get("/home").status == 200
    grown = admin.post(f"{address}/roles", {"ward": "ikuno", "role": "ward_office", "ends_on": "2199-03-31"})
    assert [one["role"] for one in grown.data["roles"]] == ["coordinator", "ward_office"]
    assert admin.post(f"{address}/roles", {"ward": "ikuno", "role": "bureau"}).status == 400
    assert admin.delete(f"{address}/roles/ikuno/ward_office").status == 204
    assert admin.delete(f"{address}/roles/ikuno/poet").status == 404
    assert admin.get("/accounts", q="yamada").data["total"] == 1
    assert admin.get("/accounts", page=50).data["items"] == []
    assert admin.post("/accounts", {"login": "m.yamada", "name": "二人目"}).status == 400
    assert admin.post(f"{address}/disable").data["disabled"] is True
    assert newcomer.get("/me").status == 401
    assert admin.post(f"{address}/enable").data["disabled"] is False
    assert len(admin.post(f"{address}/password").data["password"]) > 15
    assert admin.get("/accounts/999999").status == 404
    assert admin.post("/accounts/999999/roles", role).status == 404
    assert "password_hash" not in admin.get(address).text


@pytest.mark.parametrize("role", ["coordinator", "bureau", "auditor"])
def test_the_administration_and_the_audit_trail_are_for_their_roles(sqlite_office: Office, role: str) -> None:
    ward = "higashinari" if role == "coordinator" else "city"
    caller = Caller.of(sqlite_office, sqlite_office.person(ward, role))
    assert caller.get("/accounts").status == 403
    assert caller.post("/accounts", {"login": "x.y", "name": "見本"}).status == 403
    assert caller.get("/audit").status == (403 if role == "coordinator" else 200)


def test_the_audit_trail_is_read_in_words_and_narrowed(office: Office) -> None:
    report = office.report("higashinari", state="submitted")
    auditor = Caller.of(office, office.person("city", "auditor"))
    trail = auditor.get("/audit", document=report).data
    assert [one["act"] for one in trail["items"]] == ["確認して提出する", "法人確認を依頼する", "文書の作成"]
    assert trail["items"][0]["document"] == report
    assert auditor.get("/audit", action="document.", ward="ikuno").data["total"] == 0
    assert auditor.get("/audit", **{"from": "今日"}).status == 422
