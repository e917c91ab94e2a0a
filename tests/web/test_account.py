"""One's own account: sign-ins, password, second factor, what one did."""

import re

import pyotp

from portal.db.base import now
from portal.models import Account
from portal.security.identity import Role, SystemIdentity
from portal.services import accounts, signing_in
from portal.services.uow import UnitOfWork
from tests.support.office import PASSWORD, Office
from tests.web.conftest import Visit

NEW = "himawari asagao sumire"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"


def test_the_page_says_who_one_is_and_where_one_is_signed_in(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator", name="田中<b>一郎</b>")
    visitor = visit(tanaka)
    signing_in.sign_in(office.site, login=office.logins[tanaka.account_id], password=PASSWORD, device=EDGE)
    signing_in.sign_in(
        office.site, login=office.logins[tanaka.account_id], password=PASSWORD, channel="api", device="<script>x"
    )
    page = visitor.get("/account")
    assert "田中<b>一郎</b>" in page.words
    assert not page.find("//main//b")
    assert "Edge（Windows）" in page.words
    assert "ほかのシステム（API）" in page.words
    assert page.words.count("この端末") >= 1
    assert "30分間操作がないと" in page.words


def test_one_sign_in_is_ended_and_the_others_stay(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    here, there = visit(tanaka), visit(tanaka)
    page = here.get("/account")
    ended = here.send(page.form("/account/sign-ins/"))
    assert "ログアウトさせました" in ended.follow().words
    assert there.get("/").location.startswith("/sign-in")
    assert here.get("/account").status == 200


def test_nobody_ends_the_sign_in_of_another_person(office: Office, visit: Visit) -> None:
    tanaka, suzuki = office.person("higashinari", "coordinator"), office.person("ikuno", "coordinator")
    mine, theirs = visit(tanaka), visit(suzuki)
    mine.get("/account")
    with office.uow(suzuki) as uow:
        foreign = signing_in.sign_ins(uow)[0].id
    for wanted in (foreign, 999999, 2**40):
        assert mine.post(f"/account/sign-ins/{wanted}/end").status in (403, 404)
    assert theirs.get("/account").status == 200


def test_all_sign_ins_are_ended_at_once(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    here, there = visit(tanaka), visit(tanaka)
    left = here.send(here.get("/account").form("/account/sign-ins/end-all"))
    assert '"storage"' in left.response.headers["Clear-Site-Data"]
    assert left.follow().heading == "ログイン"
    assert here.get("/").location.startswith("/sign-in")
    assert there.get("/").location.startswith("/sign-in")


def test_a_new_password_ends_every_other_sign_in(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    here, there = visit(tanaka), visit(tanaka)
    form = here.get("/account/password").form("/account/password")
    assert here.send(form, old="ちがう", new=NEW, again=NEW).status == 422
    changed = here.send(form, old=PASSWORD, new=NEW, again=NEW)
    assert changed.location == "/account"
    assert there.get("/").location.startswith("/sign-in")
    assert visit().sign_in(office.logins[tanaka.account_id], NEW).status == 303


def test_a_second_factor_is_turned_on_with_key_or_picture_and_off_again(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    visitor = visit(tanaka)
    page = visitor.get("/account/second-factor")
    key = "".join(page.find("//code")[0].text_content().split())
    picture = visitor.get("/account/second-factor/qr.png")
    assert picture.response.content_type == "image/png"
    assert picture.response.data.startswith(b"\x89PNG")
    assert picture.response.headers["Cache-Control"] == "no-store"
    assert key not in visitor.client.get_cookie("portal_form").value
    form = page.form("/account/second-factor")
    assert "確認コードが違います" in visitor.send(form, code="000000", password=PASSWORD).words
    assert "パスワードが違います" in visitor.send(form, code=pyotp.TOTP(key).now(), password="ちがう").words
    assert "".join(visitor.get("/account/second-factor").find("//code")[0].text_content().split()) == key
    on = visitor.send(form, code=pyotp.TOTP(key).now(), password=PASSWORD)
    assert on.status == 303
    assert "設定済み" in on.follow().words
    assert visitor.get("/account/second-factor/qr.png").status == 404
    assert visitor.get("/account/second-factor").location == "/account/second-factor/off"
    assert visit().sign_in(office.logins[tanaka.account_id]).status == 401, "the code is asked from now on"
    off = visitor.get("/account/second-factor/off").form("/account/second-factor/off")
    assert visitor.send(off, password="ちがう").status == 422
    assert "未設定" in visitor.send(off, password=PASSWORD).follow().words


def test_a_short_password_cannot_stand_alone_when_the_second_factor_goes(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    secret, short = accounts.new_totp_secret(), "kikyou nadesi"
    office.do(tanaka, lambda uow: accounts.turn_on_totp(uow, secret=secret, code=pyotp.TOTP(secret).now()))
    office.do(tanaka, lambda uow: accounts.change_password(uow, old=PASSWORD, new=short))
    visitor = visit()
    secret_cookie = _sign_in_past_the_code(office, tanaka.account_id)
    visitor.client.set_cookie("portal_session", secret_cookie)
    form = visitor.get("/account/second-factor/off").form("/account/second-factor/off")
    refused = visitor.send(form, password=short)
    assert refused.status == 422
    assert "15文字以上" in refused.words


def _sign_in_past_the_code(office: Office, account_id: int) -> str:
    def forget_code(uow: UnitOfWork) -> None:
        uow.session.get_one(Account, account_id).totp_counter = int(now().timestamp()) // 30 - 2

    office.do(SystemIdentity(), forget_code)
    with office.uow(SystemIdentity()) as uow:
        sealed = uow.session.get_one(Account, account_id).totp_secret
    code = pyotp.TOTP(accounts.open_secret(office.site, sealed)).now()
    return signing_in.sign_in(office.site, login=office.logins[account_id], password="kikyou nadesi", code=code)


def test_switching_the_role_starts_a_fresh_sign_in(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    office.do(
        SystemIdentity(),
        lambda uow: accounts.add_role(uow, tanaka.account_id, ward="city", role=Role.AUDITOR),
    )
    visitor = visit(tanaka)
    before = visitor.client.get_cookie("portal_session").value
    page = visitor.get("/account")
    switched = visitor.send(page.form("/sign-in/role"), role="city:auditor")
    assert visitor.client.get_cookie("portal_session").value != before
    assert "監査担当として使っています" in switched.follow().words
    assert visitor.get("/audit").status == 200
    assert visitor.get("/higashinari/new/meeting_report").follow().status in (403, 404)


def test_everybody_reads_their_own_acts_and_nobody_elses(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    office.report("higashinari", state="submitted", title="東成の報告")
    page = visit(tanaka).get("/account/acts?page=99999")
    assert "文書の作成" in page.words
    assert "法人確認を依頼する" in page.words
    assert "ログイン" in page.words
    assert "確認して提出する" not in page.words, "that was the responsible person's act"
    assert visit(tanaka).get("/account/acts?page=x").status == 200


def test_scripts_get_a_fresh_form_token_and_learn_whose_it_is(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    visitor = visit(tanaka)
    answer = visitor.get("/session/token", headers={"Accept": "application/json"}).response.json
    assert answer["account"] == str(tanaka.account_id)
    done = visitor.client.post(
        "/settings/text-size", data={"size": "115"}, headers={"X-CSRFToken": answer["csrf_token"]}
    )
    assert done.status_code == 303
    nobody = visit().get("/session/token", headers={"Accept": "application/json"})
    assert nobody.status == 401
    assert re.search("ログイン", nobody.response.json["detail"])
