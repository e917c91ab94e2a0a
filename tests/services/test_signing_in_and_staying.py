"""Signing in: the same answer to every wrong try, a delay that grows and fades, sign-ins that end when they should."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from portal.db.base import now
from portal.models import AuditEntry, SignIn, Throttle
from portal.security.identity import Role, SystemIdentity
from portal.services import accounts, signing_in
from portal.services.errors import Forbidden, Refused
from tests.services.at_once import at_once
from tests.support.office import PASSWORD, Office


class Clock:
    """The portal's clock, moved by a test."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead

    def forward(self, **time: float) -> None:
        self.ahead += timedelta(**time)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Yield a clock that the services look at."""
    moved = Clock()
    monkeypatch.setattr(signing_in, "now", moved)
    monkeypatch.setattr(accounts, "now", moved)
    return moved


def login_of(office: Office, ward: str = "higashinari", role: str = "coordinator") -> str:
    return office.logins[office.person(ward, role).account_id]


def sign_in(office: Office, login: str, password: str = PASSWORD, **more: str) -> str:
    return signing_in.sign_in(office.site, login=login, password=password, **more)


def wrong(office: Office, login: str, times: int = 1, **more: str) -> None:
    for _ in range(times):
        with pytest.raises(signing_in.SignInRefused):
            sign_in(office, login, "chigau aikotoba desu", **more)


def test_every_wrong_try_is_answered_alike(sqlite_office: Office) -> None:
    office, login = sqlite_office, login_of(sqlite_office)
    gone = office.person("ikuno", "coordinator")
    with office.uow(SystemIdentity()) as uow:
        uow.session.get_one(accounts.Account, gone.account_id).disabled_at = now()
        uow.commit()
    said = set()
    for name, password in [
        (login, "chigau aikotoba desu"), ("dareka", PASSWORD), (office.logins[gone.account_id], PASSWORD), ("", ""),
        (login, ""), (login, "\ud800" * 20), ("\ud800\x00", "x" * 100_000), ("' OR 1=1 --", "x"),
    ]:  # fmt: skip
        with pytest.raises(signing_in.SignInRefused) as refused:
            sign_in(office, name, password)
        said.add((type(refused.value), str(refused.value)))
    assert len(said) == 1


def test_an_unknown_account_takes_as_long_as_a_wrong_password(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    hasher = accounts._hasher("low")
    monkeypatch.setattr(accounts, "_hasher", lambda _: hasher)
    monkeypatch.setattr(hasher.__class__, "verify", lambda self, stored, typed: checked.append(stored) or False)
    for name in (login_of(sqlite_office), "dareka"):
        accounts.password_fits(sqlite_office.site, None if name == "dareka" else object_with_hash(hasher), "x")
    assert len(checked) == 2
    assert all(one.startswith("$argon2id$") for one in checked)


def object_with_hash(hasher: object) -> object:
    return type("Someone", (), {"password_hash": hasher.hash("x")})()


def test_the_delay_grows_and_fades_and_never_locks_for_good(office: Office, clock: Clock) -> None:
    login = login_of(office)
    wrong(office, login, signing_in.FREE_TRIES)
    waits = []
    for _ in range(12):
        with pytest.raises(signing_in.TooManyTries) as refused:
            sign_in(office, login)
        waits.append(refused.value.wait)
        clock.forward(seconds=refused.value.wait)
        wrong(office, login)
    assert waits == sorted(waits)
    assert (waits[0], waits[1], waits[2], waits[-1]) == (2, 3, 5, 301) or waits[-1] <= 301
    clock.forward(seconds=301)
    assert sign_in(office, login)
    wrong(office, login, signing_in.FREE_TRIES)


def test_after_a_quiet_hour_the_count_begins_anew(sqlite_office: Office, clock: Clock) -> None:
    login = login_of(sqlite_office)
    wrong(sqlite_office, login, signing_in.FREE_TRIES)
    clock.forward(hours=1, seconds=1)
    wrong(sqlite_office, login, signing_in.FREE_TRIES)
    with pytest.raises(signing_in.TooManyTries):
        sign_in(sqlite_office, login)


def test_one_account_under_attack_does_not_stop_the_office_behind_the_same_address(sqlite_office: Office) -> None:
    office = sqlite_office
    wrong(office, "dareka", signing_in.FREE_TRIES, address="192.0.2.1")
    with pytest.raises(signing_in.TooManyTries):
        sign_in(office, "dareka", address="192.0.2.1")
    assert sign_in(office, login_of(office), address="192.0.2.1")


def test_an_address_that_tries_many_names_is_slowed_down(sqlite_office: Office) -> None:
    office = sqlite_office
    for number in range(signing_in.FREE_TRIES_OF_ADDRESS):
        wrong(office, f"dareka{number}", address="192.0.2.1")
    with pytest.raises(signing_in.TooManyTries):
        sign_in(office, login_of(office), address="192.0.2.1")
    assert sign_in(office, login_of(office), address="192.0.2.2")


def test_wrong_tries_that_arrive_together_are_all_counted(office: Office) -> None:
    login = login_of(office)
    results = at_once([lambda: wrong(office, login, address="192.0.2.1")] * 5)
    assert results == [None] * 5
    with office.uow(SystemIdentity()) as uow:
        assert [row.failures for row in uow.session.scalars(select(Throttle))] == [5, 5]
        refused = uow.session.scalars(select(AuditEntry).where(AuditEntry.action == "signin.refused")).all()
    assert len(refused) == 5
    assert all(login not in str(row.detail) for row in refused)


def test_a_browser_left_alone_is_signed_out_and_a_token_is_not(sqlite_office: Office, clock: Clock) -> None:
    office, login = sqlite_office, login_of(sqlite_office)
    browser, token = sign_in(office, login), sign_in(office, login, channel="api")
    for _ in range(3):
        clock.forward(minutes=29)
        assert signing_in.find_session(office.site, browser) is not None
    clock.forward(minutes=31)
    assert signing_in.find_session(office.site, browser) is None
    assert signing_in.find_session(office.site, token) is not None


def test_a_sign_in_ends_with_its_day_however_busy_it_is(sqlite_office: Office, clock: Clock) -> None:
    office, login = sqlite_office, login_of(sqlite_office)
    browser, token = sign_in(office, login), sign_in(office, login, channel="api")
    for _ in range(25):
        clock.forward(minutes=28)
        assert signing_in.find_session(office.site, browser) is not None
    clock.forward(minutes=21)
    assert signing_in.find_session(office.site, browser) is None
    assert signing_in.find_session(office.site, token) is None


def test_changing_the_role_ends_the_old_secret_and_not_later_the_day(sqlite_office: Office, clock: Clock) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    office.do(
        SystemIdentity(), lambda uow: accounts.add_role(uow, tanaka.account_id, ward="ikuno", role=Role.RESPONSIBLE)
    )
    first = sign_in(office, office.logins[tanaka.account_id])
    secret, roles = first, [("ikuno", "responsible"), ("higashinari", "coordinator")]
    for turn in range(24):
        clock.forward(minutes=29)
        session = signing_in.find_session(office.site, secret)
        assert session is not None
        ward, role = roles[turn % 2]
        older, secret = secret, signing_in.act_as(office.site, session, ward=ward, role=role)
        assert signing_in.find_session(office.site, older) is None
        found = signing_in.find_session(office.site, secret)
        assert (found.identity.ward, found.identity.role) == (ward, role)
        assert found.identity.tokens & {f"{role}@{ward}"}
    clock.forward(minutes=29)
    assert signing_in.find_session(office.site, secret) is None
    with office.uow(SystemIdentity()) as uow:
        assert len(set(uow.session.scalars(select(SignIn.expires_at)))) == 1


def test_a_role_one_does_not_hold_is_not_taken(sqlite_office: Office) -> None:
    office = sqlite_office
    session = signing_in.find_session(office.site, sign_in(office, login_of(office)))
    for ward, role in [("ikuno", "coordinator"), ("higashinari", "responsible"), ("city", "bureau"), ("", "bureau")]:
        with pytest.raises(Forbidden):
            signing_in.act_as(office.site, session, ward=ward, role=role)


def test_signing_out_here_and_everywhere(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    secrets = [sign_in(office, office.logins[tanaka.account_id], channel=one) for one in ("browser", "browser", "api")]
    foreign = signing_in.find_session(office.site, sign_in(office, login_of(office, "ikuno")))
    numbers = [signing_in.find_session(office.site, one).sign_in_id for one in secrets]
    with office.uow(tanaka) as uow:
        assert {one.id for one in signing_in.sign_ins(uow)} == set(numbers)
        with pytest.raises(Forbidden):
            signing_in.sign_out(uow, foreign.sign_in_id)
    office.do(tanaka, lambda uow: signing_in.sign_out(uow, numbers[0]))
    assert [signing_in.find_session(office.site, one) is None for one in secrets] == [True, False, False]
    office.do(tanaka, signing_in.sign_out_everywhere)
    assert [signing_in.find_session(office.site, one) for one in secrets] == [None, None, None]
    assert signing_in.find_session(office.site, "") is None
    assert signing_in.find_session(office.site, "x" * 5000) is None


@pytest.fixture
def with_totp(office: Office, clock: Clock) -> tuple[Office, str, pyotp.TOTP, str]:
    """Return an office whose coordinator has a second factor."""
    tanaka = office.person("higashinari", "coordinator")
    totp = pyotp.TOTP(accounts.new_totp_secret())
    with pytest.raises(Refused, match="確認コードが違います"):
        office.do(tanaka, lambda uow: accounts.turn_on_totp(uow, secret=totp.secret, code="000000x"))
    code = totp.at(clock())
    office.do(tanaka, lambda uow: accounts.turn_on_totp(uow, secret=totp.secret, code=code))
    return office, office.logins[tanaka.account_id], totp, code


def test_a_code_is_asked_for_after_the_password_and_used_once(
    with_totp: tuple[Office, str, pyotp.TOTP, str], clock: Clock
) -> None:
    office, login, totp, spent = with_totp
    with pytest.raises(signing_in.SignInRefused):
        sign_in(office, login, "chigau aikotoba desu", code=totp.at(clock()))
    with pytest.raises(signing_in.CodeNeeded):
        sign_in(office, login)
    with pytest.raises(signing_in.SignInRefused):  # the code that turned the second factor on is spent
        sign_in(office, login, code=spent)
    clock.forward(seconds=60)
    code = totp.at(clock())
    results = at_once([lambda: sign_in(office, login, code=f" {code[:3]} {code[3:]} ")] * 3)
    assert [isinstance(one, str) for one in results].count(True) == 1, results
    assert [isinstance(one, signing_in.SignInRefused) for one in results].count(True) == 2
    clock.forward(seconds=60)
    with pytest.raises(signing_in.SignInRefused):
        sign_in(office, login, code=code)
    with pytest.raises(signing_in.SignInRefused):
        sign_in(office, login, code=totp.at(clock() - timedelta(seconds=90)))
    assert sign_in(
        office,
        login,
        code=totp.at(clock() - timedelta(seconds=30)).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    )


def test_guessing_codes_is_slowed_down_like_passwords(sqlite_office: Office, clock: Clock) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    totp, login = pyotp.TOTP(accounts.new_totp_secret()), office.logins[tanaka.account_id]
    office.do(tanaka, lambda uow: accounts.turn_on_totp(uow, secret=totp.secret, code=totp.at(clock())))
    for _ in range(signing_in.FREE_TRIES):
        with pytest.raises(signing_in.SignInRefused):
            sign_in(office, login, code="abcdef")
    with pytest.raises(signing_in.TooManyTries):
        sign_in(office, login, code=totp.at(clock() + timedelta(seconds=30)))


def test_a_store_that_lost_its_key_denies(sqlite_office: Office, clock: Clock) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    totp = pyotp.TOTP(accounts.new_totp_secret())
    office.do(tanaka, lambda uow: accounts.turn_on_totp(uow, secret=totp.secret, code=totp.at(clock())))
    office.site.__dict__["secret_key"] = "another"
    clock.forward(seconds=60)
    with pytest.raises(signing_in.SignInRefused):
        sign_in(office, office.logins[tanaka.account_id], code=totp.at(clock()))


def test_nobody_waits_for_a_password_being_checked(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing takes its time on purpose; SQLite has one writer, and others must be able to save meanwhile."""
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    really = signing_in.password_fits

    def slowly(*arguments: object) -> bool:
        office.report("higashinari")  # somebody else saves while the password is being checked
        return really(*arguments)

    monkeypatch.setattr(signing_in, "password_fits", slowly)
    assert sign_in(office, office.logins[tanaka.account_id])
