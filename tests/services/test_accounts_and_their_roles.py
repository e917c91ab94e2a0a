"""Who gets an account, with what password, in which role; and how an account ends."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from portal.kinds.calendar import today
from portal.models import Account, Membership
from portal.security.identity import Role, SystemIdentity
from portal.services import accounts, explaining, signing_in
from portal.services.errors import Forbidden, NotFound, Refused
from tests.support.office import PASSWORD, Office

GOOD = "murasaki no kaban 7"


@pytest.fixture
def admin(sqlite_office: Office) -> Any:
    """Return 健康局's administrator."""
    return sqlite_office.person("city", "bureau_admin")


def add(office: Office, admin: Any, login: str = "tanaka", **more: Any) -> Account:
    given = {"name": "見本 太郎", "password": GOOD, "roles": [("higashinari", Role.COORDINATOR)], **more}
    return office.do(admin, lambda uow: accounts.add_account(uow, login=login, **given))


def signs_in(office: Office, login: str, password: str = GOOD, **more: str) -> signing_in.Session | None:
    return signing_in.find_session(office.site, signing_in.sign_in(office.site, login=login, password=password, **more))


def test_a_new_account_signs_in_in_its_role(sqlite_office: Office, admin: Any) -> None:
    add(sqlite_office, admin, roles=[("higashinari", Role.COORDINATOR), ("ikuno", Role.RESPONSIBLE)])
    session = signs_in(sqlite_office, "tanaka")
    assert (session.identity.ward, session.identity.role, session.name) == (
        "higashinari",
        Role.COORDINATOR,
        "見本 太郎",
    )
    session = signs_in(sqlite_office, "ＴＡＮＡＫＡ ", ward="ikuno", role="responsible")
    assert (session.identity.ward, session.identity.role) == ("ikuno", Role.RESPONSIBLE)
    with pytest.raises(Forbidden):
        signs_in(sqlite_office, "tanaka", ward="ikuno", role="coordinator")


def test_a_name_is_given_once_however_it_is_written(office: Office) -> None:
    admin = office.person("city", "system_admin")
    add(office, admin)
    for again in ("tanaka", "TANAKA", " ｔａｎａｋａ ", "tana\x00ka"):
        with pytest.raises(Refused, match="すでに使われています"):
            add(office, admin, again)
    with office.uow(SystemIdentity()) as uow:
        assert len(uow.session.scalars(select(Account).where(Account.login == "tanaka")).all()) == 1


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("kaban no naka", "15文字以上"),
        ("ながいあいことばです", "15文字以上"),
        ("あ" * 129, "128文字まで"),
        ("aaaaaaaaaaaaaaaaaaaa", "推測されやすい"),
        ("passwordpassword1", "よく使われる|推測されやすい"),
        ("tanakatanaka123", "アカウント名に似た|推測されやすい"),
        ("123456789012345678", "よく使われる|推測されやすい"),
        ("qwertyuiopasdfghjkl", "よく使われる|推測されやすい"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(
    sqlite_office: Office, admin: Any, password: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        add(sqlite_office, admin, password=password)


def test_places_and_known_passwords_are_on_the_list() -> None:
    for known in ("higashinari", "東成区", "ひがしなりく123", "password", "asahi1234", "iloveyou"):
        assert known in accounts._blocklist()
    assert len(accounts._blocklist()) > 25_000


def test_a_password_may_be_long_japanese_or_full_of_signs(sqlite_office: Office, admin: Any) -> None:
    for number, password in enumerate(
        ["むらさきのかばんとあおいかさ七本", "x7!Q\u3000~%$#\"'<>&;zz9-ü", "四角い 窓 から 鯨 が 見えた 朝です"]
    ):
        add(sqlite_office, admin, f"a{number}", password=password)
        assert signs_in(sqlite_office, f"a{number}", password) is not None


def test_made_up_passwords_are_good_enough_for_the_rules() -> None:
    for _ in range(20):
        accounts.check_password(accounts.made_up_password(), login="tanaka", second_factor=False)


@pytest.mark.parametrize(
    ("ward", "role"),
    [("city", Role.COORDINATOR), ("higashinari", Role.BUREAU), ("higashinari", Role.SYSTEM_ADMIN), ("city", Role.WARD_OFFICE), ("nowhere", Role.COORDINATOR)],
)  # fmt: skip
def test_a_role_exists_only_in_its_kind_of_tenant(sqlite_office: Office, admin: Any, ward: str, role: Role) -> None:
    with pytest.raises(Refused, match="という役割はありません"):
        add(sqlite_office, admin, roles=[(ward, role)])
    with sqlite_office.uow(SystemIdentity()) as uow:
        assert uow.session.scalars(select(Account).where(Account.login == "tanaka")).all() == []


def test_only_administrators_touch_accounts(sqlite_office: Office, admin: Any) -> None:
    office = sqlite_office
    tanaka = add(office, admin)
    for ward, role in [
        ("higashinari", "coordinator"),
        ("higashinari", "responsible"),
        ("city", "bureau"),
        ("city", "auditor"),
    ]:
        with office.uow(office.person(ward, role)) as uow:
            for act in (
                lambda u: accounts.add_account(u, login="x", name="x", password=GOOD, roles=[]),
                lambda u: accounts.add_role(u, tanaka.id, ward="kita", role=Role.COORDINATOR),
                lambda u: accounts.remove_role(u, tanaka.id, ward="higashinari", role=Role.COORDINATOR),
                lambda u: accounts.disable(u, tanaka.id),
                lambda u: accounts.enable(u, tanaka.id),
                lambda u: accounts.reset_password(u, tanaka.id),
                accounts.all_accounts,
            ):
                with pytest.raises(Forbidden):
                    act(uow)
    with office.uow(admin) as uow, pytest.raises(NotFound):
        accounts.disable(uow, 9999)


def test_a_disabled_account_is_signed_out_at_once_and_cannot_come_back(sqlite_office: Office, admin: Any) -> None:
    office, tanaka = sqlite_office, add(sqlite_office, admin)
    secrets = [
        signing_in.sign_in(office.site, login="tanaka", password=GOOD, channel=one) for one in ("browser", "api")
    ]
    office.do(admin, lambda uow: accounts.disable(uow, tanaka.id))
    assert [signing_in.find_session(office.site, one) for one in secrets] == [None, None]
    with pytest.raises(signing_in.SignInRefused):
        signs_in(office, "tanaka")
    office.do(admin, lambda uow: accounts.enable(uow, tanaka.id))
    assert [signing_in.find_session(office.site, one) for one in secrets] == [None, None]
    assert signs_in(office, "tanaka") is not None


def test_a_role_that_is_taken_away_ends_only_its_own_sign_ins(sqlite_office: Office, admin: Any) -> None:
    office = sqlite_office
    tanaka = add(office, admin, roles=[("higashinari", Role.COORDINATOR), ("ikuno", Role.RESPONSIBLE)])
    here = signing_in.sign_in(office.site, login="tanaka", password=GOOD, ward="higashinari")
    there = signing_in.sign_in(office.site, login="tanaka", password=GOOD, ward="ikuno")
    office.do(admin, lambda uow: accounts.remove_role(uow, tanaka.id, ward="ikuno", role=Role.RESPONSIBLE))
    assert signing_in.find_session(office.site, there) is None
    assert signing_in.find_session(office.site, here) is not None


def test_a_role_ends_on_its_day(sqlite_office: Office, admin: Any) -> None:
    office, tanaka = sqlite_office, add(sqlite_office, admin)
    office.do(
        admin, lambda uow: accounts.add_role(uow, tanaka.id, ward="higashinari", role=Role.COORDINATOR, ends_on=today())
    )
    secret = signing_in.sign_in(office.site, login="tanaka", password=GOOD)
    assert signing_in.find_session(office.site, secret) is not None
    with office.uow(SystemIdentity()) as uow:
        uow.session.scalars(select(Membership).where(Membership.account_id == tanaka.id)).one().ends_on = (
            today() - timedelta(1)
        )
        uow.commit()
    assert signing_in.find_session(office.site, secret) is None
    with pytest.raises(Forbidden):
        signs_in(office, "tanaka")


def test_the_last_administrator_stays(sqlite_office: Office, admin: Any) -> None:
    office = sqlite_office
    with pytest.raises(Refused, match="管理者が一人もいなくなる"):
        office.do(admin, lambda uow: accounts.remove_role(uow, admin.account_id, ward="city", role=Role.BUREAU_ADMIN))
    with pytest.raises(Refused, match="管理者が一人もいなくなる"):
        office.do(SystemIdentity(), lambda uow: accounts.disable(uow, admin.account_id))
    ended = add(office, admin, "ended", roles=[("city", Role.SYSTEM_ADMIN)])
    with office.uow(SystemIdentity()) as uow:
        uow.session.scalars(select(Membership).where(Membership.account_id == ended.id)).one().ends_on = (
            today() - timedelta(1)
        )
        uow.commit()
    with pytest.raises(Refused, match="管理者が一人もいなくなる"):
        office.do(SystemIdentity(), lambda uow: accounts.disable(uow, admin.account_id))
    add(office, admin, "second", roles=[("city", Role.SYSTEM_ADMIN)])
    office.do(SystemIdentity(), lambda uow: accounts.disable(uow, admin.account_id))


def test_an_administrator_of_two_roles_may_lay_one_down(sqlite_office: Office, admin: Any) -> None:
    office = sqlite_office
    office.do(admin, lambda uow: accounts.add_role(uow, admin.account_id, ward="city", role=Role.SYSTEM_ADMIN))
    office.do(admin, lambda uow: accounts.remove_role(uow, admin.account_id, ward="city", role=Role.SYSTEM_ADMIN))
    with pytest.raises(Refused, match="管理者が一人もいなくなる"):
        office.do(admin, lambda uow: accounts.remove_role(uow, admin.account_id, ward="city", role=Role.BUREAU_ADMIN))


def test_changing_the_password_ends_the_other_sign_ins(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    login = office.logins[tanaka.account_id]
    kept, other = (signing_in.sign_in(office.site, login=login, password=PASSWORD) for _ in range(2))
    number = signing_in.find_session(office.site, kept).sign_in_id
    with pytest.raises(Refused, match="いまのパスワードが違います"):
        office.do(tanaka, lambda uow: accounts.change_password(uow, old="x", new=GOOD))
    with pytest.raises(Refused, match="15文字以上"):
        office.do(tanaka, lambda uow: accounts.change_password(uow, old=PASSWORD, new="kaban no 7"))
    office.do(tanaka, lambda uow: accounts.change_password(uow, old=PASSWORD, new=GOOD, keep_sign_in=number))
    assert signing_in.find_session(office.site, kept) is not None
    assert signing_in.find_session(office.site, other) is None
    with pytest.raises(signing_in.SignInRefused):
        signs_in(office, login, PASSWORD)
    assert signs_in(office, login, GOOD) is not None


def test_a_reissued_password_must_be_changed_and_takes_the_second_factor_away(
    sqlite_office: Office, admin: Any
) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    secret = accounts.new_totp_secret()
    office.do(tanaka, lambda uow: accounts.turn_on_totp(uow, secret=secret, code=pyotp.TOTP(secret).now()))
    password = office.do(admin, lambda uow: accounts.reset_password(uow, tanaka.account_id))
    session = signs_in(office, office.logins[tanaka.account_id], password)
    assert session.must_change_password
    assert not session.second_factor


def test_with_a_second_factor_twelve_letters_are_enough() -> None:
    accounts.check_password("aoi kasa 7 x", login="tanaka", second_factor=True)
    with pytest.raises(Refused, match="12文字以上"):
        accounts.check_password("aoi kasa 7", login="tanaka", second_factor=True)


def test_secrets_are_not_readable_in_the_database(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    secret = accounts.new_totp_secret()
    office.do(tanaka, lambda uow: accounts.turn_on_totp(uow, secret=secret, code=pyotp.TOTP(secret).now()))
    token = signing_in.sign_in(
        office.site, login=office.logins[tanaka.account_id], password=PASSWORD, code=pyotp.TOTP(secret).at(_later())
    )
    office.site.engine.dispose()
    stored = b"".join(path.read_bytes() for path in office.site.settings.data.glob("portal.sqlite3*"))
    for hidden in (secret, token, PASSWORD):
        assert hidden.encode() not in stored


def _later() -> int:
    import time

    return int(time.time()) + 30


def test_the_rule_is_explained_for_a_chosen_person(sqlite_office: Office) -> None:
    office = sqlite_office
    report = office.report("higashinari", state="shared")
    stranger = office.person("ikuno", "ward_office", name="鈴木")
    with office.uow(office.person("city", "bureau")) as uow:
        shown = {one.name: membership.id for one, membership in explaining.candidates(uow, document(uow, report))}
        told = explaining.explain(uow, report, shown["鈴木"])
        assert told.acting == "生野区　区役所担当"
        assert told.meets_shared_edition
        assert told.sees.reason == "「24区共有版」の文書の閲覧は、東成区以外の23区に認められています。"
        assert told.may == ()
        with pytest.raises(NotFound):
            explaining.explain(uow, report, 9999)
        assert explaining.who_sees(uow, document(uow, report))[-1] == "東成区以外の23区（24区共有版）"
    with office.uow(stranger) as uow, pytest.raises(Forbidden):
        explaining.explain(uow, report, shown["鈴木"])
    with office.uow(office.person("higashinari", "coordinator")) as uow, pytest.raises(NotFound):
        explaining.explain(uow, report, shown["鈴木"])


def document(uow: Any, report: int) -> Any:
    from portal.security.workflows import Permission

    return uow.access(report, Permission.VIEW)
