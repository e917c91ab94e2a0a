"""Signing in and out at the screen: passwords, codes, roles, cookies, and what stays behind."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from portal.db.base import now
from portal.models import Account
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import accounts, signing_in
from portal.services.site import Site
from portal.web.app import create_app
from tests.support.browsing import Visitor
from tests.support.office import PASSWORD, Office
from tests.web.conftest import Visit

COOKIE = "portal_session"


@pytest.fixture
def tanaka(office: Office) -> Identity:
    return office.person("higashinari", "coordinator", name="田中 一郎")


def secret_of(visitor: Visitor, cookie: str = COOKIE) -> str:
    held = visitor.client.get_cookie(cookie)
    return held.value if held else ""


def give_second_factor(office: Office, person: Identity) -> str:
    secret = accounts.new_totp_secret()
    before = pyotp.TOTP(secret).at(datetime.now(UTC) - timedelta(seconds=30))  # each code serves once
    office.do(person, lambda uow: accounts.turn_on_totp(uow, secret=secret, code=before))
    return secret


def give_role(office: Office, person: Identity, ward: str, role: Role) -> None:
    office.do(SystemIdentity(), lambda uow: accounts.add_role(uow, person.account_id, ward=ward, role=role))


def test_whoever_is_not_signed_in_is_asked_and_led_back_to_the_wanted_page(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    visitor = visit()
    asked = visitor.get("/account?from=mail").follow()
    assert asked.heading == "ログイン"
    entered = visitor.send(asked.form("/sign-in"), account=office.logins[tanaka.account_id], password=PASSWORD)
    assert (entered.status, entered.location) == (303, "/account?from=mail")
    assert entered.follow().heading == "アカウント"


@pytest.mark.parametrize("origin", ["", "https://portal.example.jp"])
def test_the_session_cookie_is_for_this_host_and_no_script(office: Office, tanaka: Identity, origin: str) -> None:
    settings = dataclasses.replace(office.site.settings, origin=origin)
    visitor = Visitor(create_app(Site(settings, office.site.engine, office.site.blobs)))
    base = origin or "http://localhost"
    token = visitor.get("/sign-in", base_url=base).token
    entered = visitor.post(
        "/sign-in",
        {"account": office.logins[tanaka.account_id], "password": PASSWORD},
        token=token,
        base_url=base,
        headers={"Referer": f"{base}/sign-in"},
    )
    (cookie,) = [line for line in entered.response.headers.getlist("Set-Cookie") if COOKIE in line]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=lax"} | ({"secure"} if origin else set())
    assert cookie.startswith("__Host-portal_session=" if origin else "portal_session=")
    assert ("Strict-Transport-Security" in entered.response.headers) == bool(origin)


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(office: Office, visit: Visit, tanaka: Identity) -> None:
    visitor = visit()
    wrong = visitor.sign_in(office.logins[tanaka.account_id], "まちがい")
    assert "アカウント名、パスワードまたは確認コードが違います" in wrong.words
    for login in ["nobody", "NOBODY' OR 1=1--", "田中", "", "a" * 5000, "x\0y"]:
        unknown = visitor.sign_in(login, "まちがい")
        assert (unknown.status, unknown.words) == (401, wrong.words)


def test_what_was_typed_is_kept_but_never_the_password(visit: Visit) -> None:
    page = visit().sign_in("<script>alert(1)</script>", "<b>ひみつ</b>")
    assert page.find("//input[@name='account']")[0].value == "<script>alert(1)</script>"
    assert not page.find("//input[@name='password']")[0].value
    assert "ひみつ" not in page.text
    assert "<script>alert" not in page.text


def test_too_many_tries_say_how_long_to_wait(office: Office, visit: Visit, tanaka: Identity) -> None:
    visitor, login = visit(), office.logins[tanaka.account_id]
    answers = [visitor.sign_in(login, "まちがい") for _ in range(7)]
    assert answers[0].status == 401
    late = answers[-1]
    assert late.status == 429
    assert 1 <= int(late.response.headers["Retry-After"]) <= 300
    assert f"{late.response.headers['Retry-After']}秒お待ちください" in late.words
    assert visitor.sign_in(login).status == 429, "the right password waits as well"


def test_the_code_is_asked_after_the_password_and_the_password_not_again(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    secret = give_second_factor(office, tanaka)
    visitor = visit()
    asked = visitor.sign_in(office.logins[tanaka.account_id], next="/account")
    assert asked.status == 401
    assert "6桁の数字" in asked.words
    assert not asked.find("//input[@type='password']")
    assert PASSWORD not in asked.text
    again = visitor.send(asked.form("/sign-in"), code="000000")
    assert again.status == 401
    entered = visitor.send(again.form("/sign-in"), code=" ".join(pyotp.TOTP(secret).now()))
    assert (entered.status, entered.location) == (303, "/account")
    replayed = visit().send(again.form("/sign-in"), code=pyotp.TOTP(secret).now())
    assert replayed.status in (400, 401)


def test_the_note_that_the_password_was_right_is_worth_nothing_elsewhere(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    suzuki = office.person("ikuno", "coordinator", name="鈴木")
    give_second_factor(office, tanaka)
    secret = give_second_factor(office, suzuki)
    visitor = visit()
    form = visitor.sign_in(office.logins[tanaka.account_id]).form("/sign-in")
    code = pyotp.TOTP(secret).now()
    for forged in [
        {"account": office.logins[suzuki.account_id]},
        {"account": office.logins[suzuki.account_id], "proof": "x.y.z"},
    ]:
        assert visitor.send(form, code=code, **forged).status == 401
    plain = office.person("kita", "coordinator", name="高橋")
    assert visitor.send(form, account=office.logins[plain.account_id], code="1").status == 401
    office.do(tanaka, lambda uow: accounts.change_password(uow, old=PASSWORD, new="botan tsubaki kikyou ajisai"))
    assert visitor.send(form, code=code).status == 401, "a changed password ends the note"


def test_a_planted_cookie_is_replaced_and_never_becomes_a_sign_in(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    visitor = visit()
    visitor.client.set_cookie(COOKIE, "planted")
    assert visitor.get("/account").status == 302
    visitor.sign_in(office.logins[tanaka.account_id])
    fresh = secret_of(visitor)
    assert fresh not in ("", "planted")
    assert len(fresh) >= 43
    assert signing_in.find_session(office.site, "planted") is None


def test_signing_in_again_ends_the_former_sign_in_of_that_browser(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    visitor = visit()
    token_page = visitor.get("/sign-in")
    first = visitor.send(token_page.form("/sign-in"), account=office.logins[tanaka.account_id], password=PASSWORD)
    old = secret_of(visitor)
    visitor.get(first.location)
    visitor.post("/sign-in", {"account": office.logins[tanaka.account_id], "password": PASSWORD})
    assert secret_of(visitor) != old
    assert signing_in.find_session(office.site, old) is None


def test_who_is_signed_in_already_is_not_asked_again(visit: Visit, tanaka: Identity) -> None:
    page = visit(tanaka).get("/sign-in?next=/account")
    assert (page.status, page.location) == (302, "/account")


def test_signing_out_clears_the_browser_and_the_back_button_shows_nothing(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    visitor = visit(tanaka)
    account = visitor.get("/account")
    assert account.response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in account.response.headers["Vary"]
    secret = secret_of(visitor)
    left = visitor.send(account.form("/sign-out"))
    assert '"storage"' in left.response.headers["Clear-Site-Data"]
    assert secret_of(visitor) == ""
    assert signing_in.find_session(office.site, secret) is None
    assert "ログアウトしました" in left.follow().words
    assert visitor.get("/account").location.startswith("/sign-in")
    visitor.client.set_cookie(COOKIE, secret)
    assert visitor.get("/account").location.startswith("/sign-in"), "the old cookie is worthless"


def test_signing_out_twice_is_harmless(visit: Visit, tanaka: Identity) -> None:
    visitor = visit(tanaka)
    visitor.get("/account")
    visitor.post("/sign-out").follow()
    assert visitor.post("/sign-out").status == 303


def test_who_holds_several_roles_chooses_one_and_has_only_its_rights(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    give_role(office, tanaka, "ikuno", Role.WARD_OFFICE)
    office.report("higashinari", title="東成区の下書き")
    visitor = visit()
    entered = visitor.sign_in(office.logins[tanaka.account_id], next="/account")
    chooser = entered.follow()
    assert chooser.heading == "どの区・役割で使いますか"
    first = secret_of(visitor)
    chosen = visitor.send(chooser.form("/sign-in/role"), role="ikuno:ward_office")
    assert (chosen.status, chosen.location) == (303, "/account")
    assert secret_of(visitor) != first
    assert signing_in.find_session(office.site, first) is None, "the former sign-in ended"
    home = visitor.get("/")
    assert "生野区の区役所担当として使っています" in home.words
    assert "東成区の下書き" not in home.text


def test_a_role_one_does_not_hold_cannot_be_chosen(visit: Visit, tanaka: Identity) -> None:
    visitor = visit(tanaka)
    visitor.get("/account")
    for role in ["city:bureau", "kita:coordinator", "higashinari:root", "あ:い", "'--:x"]:
        assert visitor.post("/sign-in/role", {"role": role}).status == 403
    for role in ["", ":", "higashinari"]:  # what is left open means the first of one's own roles
        assert visitor.post("/sign-in/role", {"role": role}).status == 303
        visitor.get("/account")
    assert "東成区のコーディネーター" in visitor.get("/").words


def test_a_role_that_has_ended_ends_the_sign_in(office: Office, visit: Visit, tanaka: Identity) -> None:
    visitor = visit(tanaka)
    office.do(
        SystemIdentity(),
        lambda uow: accounts.remove_role(uow, tanaka.account_id, ward="higashinari", role=Role.COORDINATOR),
    )
    assert visitor.get("/").location.startswith("/sign-in")
    page = visit().sign_in(office.logins[tanaka.account_id])
    assert page.status == 403
    assert "この区・役割では利用できません" in page.words


def test_the_first_password_must_be_changed_before_anything_else(office: Office, visit: Visit) -> None:
    admin = office.person("city", "bureau_admin")
    password = accounts.made_up_password()
    office.do(
        admin,
        lambda uow: accounts.add_account(
            uow, login="Hanako", name="山田 花子", password=password, first_password=True,
            roles=[("higashinari", Role.COORDINATOR), ("ikuno", Role.COORDINATOR)],
        ),
    )  # fmt: skip
    visitor = visit()
    page = visitor.sign_in("ＨＡＮＡＫＯ", password, next="/account").follow()
    assert page.heading == "はじめにパスワードを変えてください"
    for path in ("/", "/account", "/sign-in/role", "/account/second-factor"):
        assert visitor.get(path).location == "/account/password"
    form = page.form("/account/password")
    for new, again, told in [
        ("short", "short", "15文字以上"),
        ("higashinari2026", "higashinari2026", "よく使われる|推測されやすい"),
        ("himawari asagao sumire", "himawari asagao", "2回とも同じ"),
    ]:
        refused = visitor.send(form, old=password, new=new, again=again)
        assert refused.status == 422
        assert any(part in refused.words for part in told.split("|"))
    new = "himawari asagao sumire"
    wrong = visitor.send(form, old="ちがう", new=new, again=new)
    assert "いまのパスワードが違います" in wrong.words
    assert new not in wrong.text
    changed = visitor.send(form, old=password, new=new, again=new)
    assert changed.status == 303
    assert changed.follow().heading == "どの区・役割で使いますか"
    assert visit().sign_in("hanako", new).status == 303


def test_a_disabled_account_is_out_at_once(office: Office, visit: Visit, tanaka: Identity) -> None:
    visitor = visit(tanaka)
    office.do(SystemIdentity(), lambda uow: setattr(uow.session.get(Account, tanaka.account_id), "disabled_at", now()))
    assert visitor.get("/").location.startswith("/sign-in")
    assert visitor.sign_in(office.logins[tanaka.account_id]).status == 401


def test_a_form_without_its_token_is_refused_in_words(visit: Visit, tanaka: Identity) -> None:
    visitor = visit(tanaka)
    for path in ["/sign-in", "/sign-out", "/sign-in/role", "/settings/text-size"]:
        for token in ["", "wrong", "SW1hZ2luZQ.x.y"]:
            refused = visitor.post(path, {"size": "130", "role": "x:y"}, token=token)
            assert refused.status == 400
            assert "画面を開いてから時間がたったため" in refused.words
    assert visitor.get("/account").status == 200


def test_another_sites_page_cannot_sign_a_person_in_or_out(office: Office, visit: Visit, tanaka: Identity) -> None:
    visitor = visit()
    visitor.get("/sign-in")
    data = {"account": office.logins[tanaka.account_id], "password": PASSWORD}
    for name, value in [
        ("Origin", "https://evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ]:
        refused = visitor.post("/sign-in", data, headers={name: value})
        assert refused.status == 403
        assert "ほかのサイト" in refused.words
    assert secret_of(visitor) == ""


def test_the_switches_at_the_foot_work_for_everybody_and_lead_back(visit: Visit) -> None:
    visitor = visit()
    visitor.get("/sign-in?next=/account")
    back = {"headers": {"Referer": "http://localhost/sign-in?next=/account"}}
    visitor.post("/settings/text-size", {"size": "130"}, **back)
    assert visitor.get("/sign-in").find("/*")[0].get("data-size") == "130"
    visitor.post("/settings/language", {"language": "en"}, **back)
    assert visitor.get("/sign-in").find("/*")[0].get("lang") == "en"
    for path, data in [("/settings/text-size", {"size": '9" onload="x'}), ("/settings/language", {"language": "xx"})]:
        answer = visitor.post(path, data, headers={"Referer": "https://evil.example/sign-in"})
        assert (answer.status, answer.location) == (303, "/")
    assert visitor.get("/sign-in").find("/*")[0].get("data-size") == "130"
