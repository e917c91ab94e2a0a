"""Accounts and the roles they hold: made, changed, disabled. Passwords and second factors live here too."""

import base64
import hashlib
import hmac
import re
import secrets
import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import argon2
import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

import tenants
from portal.db.base import now
from portal.kinds.calendar import today
from portal.kinds.richtext import strip_control
from portal.models import Account, Membership, SignIn
from portal.security.identity import ROLE_NAMES, SYSTEM, Role, may_hold
from portal.security.policy import may_administer_accounts
from portal.services.errors import Forbidden, NotFound, Refused
from portal.services.site import Site
from portal.services.uow import UnitOfWork

SHORTEST, SHORTEST_WITH_SECOND_FACTOR, LONGEST = 15, 12, 128
"""Password lengths in code points (ASVS 6.2, NIST SP 800-63B rev 4)."""


@dataclass(frozen=True)
class Accounts:
    """One page of accounts."""

    accounts: Sequence[Account]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))


def add_account(
    uow: UnitOfWork,
    *,
    login: str,
    name: str,
    password: str,
    roles: Sequence[tuple[str, Role]],
    profession: str = "",
    first_password: bool = False,
) -> Account:
    """Make an account with its roles as (ward slug, role); a `first_password` must be changed at the first sign-in.

    Raises Refused for a taken name, a weak password, a role that does not exist in that tenant.
    """
    _may_administer(uow)
    login = normal_login(login)
    if not login or not name.strip():
        raise Refused("アカウント名と氏名を入力してください。")
    if not login.isprintable() or " " in login:
        raise Refused("アカウント名には空白や改行を使えません。")
    check_password(password, login=login, second_factor=False)
    account = Account(
        login=login,
        name=name.strip()[:100],
        profession=profession.strip()[:60],
        password_hash=hash_password(uow.site, password),
        must_change_password=first_password,
    )
    uow.session.add(account)
    try:
        uow.flush()
    except IntegrityError:
        raise Refused(f"アカウント名「{login}」はすでに使われています。") from None
    for ward, role in roles:
        add_role(uow, account.id, ward=ward, role=role)
    uow.audit("account.created", account=account.id)
    uow.flush()
    return account


def add_role(uow: UnitOfWork, account_id: int, *, ward: str, role: Role, ends_on: date | None = None) -> None:
    """Give an account a role in a ward. Raises Refused when the tenant has no such role."""
    _may_administer(uow)
    if tenants.find_ward(ward) is None or not may_hold(role, ward):
        raise Refused(f"「{tenants.ward_name(ward)}」に「{ROLE_NAMES[role]}」という役割はありません。")
    if ends_on is not None and ends_on < today():
        raise Refused("役割の終わりの日は、今日か今日より後の日にしてください。")
    held = select(Membership).where(
        Membership.account_id == account_id, Membership.ward_id == ward, Membership.role == role.value
    )
    membership = uow.session.scalars(held).one_or_none()
    if membership is None:
        membership = Membership(account_id=account_id, ward_id=ward, role=role.value)
        uow.session.add(membership)
    membership.ends_on = ends_on
    uow.audit("account.role.added", ward=ward, account=account_id, role=role.value)
    uow.flush()


def remove_role(uow: UnitOfWork, account_id: int, *, ward: str, role: Role) -> None:
    """Take a role from an account and end its sign-ins in it. Raises Refused for the last administrator's."""
    account = one_account(uow, account_id)
    leaving = [one for one in account.memberships if (one.ward_id, one.role) == (ward, role.value)]
    if not leaving:
        raise Refused("この役割は、すでに外されています。")
    _keep_an_administrator(uow, leaving)
    for one in leaving:
        uow.session.delete(one)
    _revoke(uow, account_id, ward=ward, role=role)
    uow.audit("account.role.removed", ward=ward, account=account_id, role=role.value)
    uow.flush()


def disable(uow: UnitOfWork, account_id: int) -> None:
    """End an account: it cannot sign in, and whoever is signed in with it is signed out."""
    account = one_account(uow, account_id)
    if account_id == uow.reader.account_id:
        raise Refused("自分のアカウントは停止できません。ほかの管理者に依頼してください。")
    _keep_an_administrator(uow, account.memberships)
    account.disabled_at = now()
    _revoke(uow, account_id)
    uow.audit("account.disabled", account=account_id)
    uow.flush()


def enable(uow: UnitOfWork, account_id: int) -> None:
    """Let a disabled account sign in again."""
    one_account(uow, account_id).disabled_at = None
    uow.audit("account.enabled", account=account_id)
    uow.flush()


def reset_password(uow: UnitOfWork, account_id: int) -> str:
    """Give an account a new first password and take its second factor away; return the password, to be handed over."""
    account = one_account(uow, account_id)
    password = made_up_password()
    account.password_hash, account.must_change_password = hash_password(uow.site, password), True
    account.totp_secret = ""
    _revoke(uow, account_id)
    uow.audit("account.password.reset", account=account_id)
    uow.flush()
    return password


ADMINISTRATORS = (Role.BUREAU_ADMIN.value, Role.SYSTEM_ADMIN.value)


def _keep_an_administrator(uow: UnitOfWork, leaving: Sequence[Membership]) -> None:
    """Refuse to take the last administrator's role. All of them are held, in one order, so that two who remove each other wait."""
    if not any(one.role in ADMINISTRATORS for one in leaving):
        return
    held = select(Membership.id).join(Account).where(Membership.role.in_(ADMINISTRATORS), Account.disabled_at.is_(None))
    still = held.where(or_(Membership.ends_on.is_(None), Membership.ends_on >= today()))
    administrators = uow.session.scalars(still.order_by(Membership.id).with_for_update()).all()
    if not set(administrators) - {one.id for one in leaving}:
        raise Refused("管理者が一人もいなくなるため、この操作はできません。先に別の管理者を登録してください。")


def all_accounts(uow: UnitOfWork) -> Sequence[Account]:
    """Return every account with its roles, for those who administer accounts."""
    _may_administer(uow)
    return uow.session.scalars(select(Account).options(selectinload(Account.memberships)).order_by(Account.login)).all()


def find_accounts(uow: UnitOfWork, *, words: str = "", ward: str = "", page: int = 1, size: int = 50) -> Accounts:
    """Return one page of the accounts whose name holds the words and that have a role in the ward."""
    _may_administer(uow)
    found = select(Account)
    for word in unicodedata.normalize("NFKC", words).split():
        named = or_(
            Account.login.contains(word.casefold(), autoescape=True),
            Account.name.contains(word, autoescape=True),
            Account.profession.contains(word, autoescape=True),
        )
        found = found.where(named)
    if ward:
        found = found.where(Account.memberships.any(Membership.ward_id == ward))
    total = uow.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // size)))
    shown = found.options(selectinload(Account.memberships)).order_by(Account.disabled_at.is_not(None), Account.login)
    return Accounts(uow.session.scalars(shown.limit(size).offset((page - 1) * size)).all(), total, page, size)


def last_sign_ins(uow: UnitOfWork, account_ids: Sequence[int]) -> dict[int, datetime]:
    """Return when each of these accounts last signed in, as far as its sign-ins are still kept."""
    _may_administer(uow)
    last = select(SignIn.account_id, func.max(SignIn.created_at)).where(SignIn.account_id.in_(account_ids))
    return dict(uow.session.execute(last.group_by(SignIn.account_id)).all())


def one_account(uow: UnitOfWork, account_id: int) -> Account:
    """Return one account, for those who administer accounts. Raises NotFound."""
    _may_administer(uow)
    account = uow.session.get(Account, account_id, options=[selectinload(Account.memberships)])
    if account is None:
        raise NotFound
    return account


def _may_administer(uow: UnitOfWork) -> None:
    if SYSTEM not in uow.reader.tokens and not may_administer_accounts(uow.reader):
        raise Forbidden("アカウントの管理は、健康局管理者とシステム管理者に認められています。")


def _revoke(uow: UnitOfWork, account_id: int, *, ward: str = "", role: Role | None = None) -> None:
    for one in uow.session.scalars(select(SignIn).where(SignIn.account_id == account_id, SignIn.revoked_at.is_(None))):
        if not ward or (one.ward_id, one.role) == (ward, role):
            one.revoked_at = now()


# -- passwords --------------------------------------------------------------------------------------------------------


def normal_login(login: str) -> str:
    """Return an account name as it is kept: NFKC, lower case, no blanks around."""
    return unicodedata.normalize("NFKC", strip_control(login)).strip().casefold()[:100]


def check_password(password: str, *, login: str, second_factor: bool) -> None:
    """Refuse a password that is too short, too long, well known or made of the account's own name. Raises Refused."""
    password = unicodedata.normalize("NFKC", password)
    shortest = SHORTEST_WITH_SECOND_FACTOR if second_factor else SHORTEST
    if len(password) < shortest:
        raise Refused(f"パスワードは{shortest}文字以上にしてください。単語をいくつか並べると覚えやすくなります。")
    if len(password) > LONGEST:
        raise Refused(f"パスワードは{LONGEST}文字までにしてください。")
    folded = password.casefold()
    if folded in _blocklist() or any(word in folded and len(word) * 2 >= len(folded) for word in (login, "password")):
        raise Refused("よく使われるパスワード、またはアカウント名に似たパスワードは使えません。")
    if zxcvbn(password[:72], user_inputs=[login])["score"] < 2:
        raise Refused("推測されやすいパスワードです。同じ文字や並びの繰り返しを避けてください。")


@cache
def _blocklist() -> frozenset[str]:
    """Known passwords (the 30,000 that zxcvbn carries) and those made of the city's and the wards' names."""
    places = {part for ward in tenants.all_tenants() for part in (ward.slug, ward.name, ward.kana)}
    return frozenset(FREQUENCY_LISTS["passwords"]) | {
        f"{place}{tail}" for place in places for tail in ("", "123", "1234", "osaka", "2026")
    }


def made_up_password() -> str:
    """Return a first password: 20 letters and digits that are hard to mistake for each other."""
    letters = [c for c in string.ascii_lowercase + string.digits if c not in "il1o0"]
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


@cache
def _hasher(cost: str) -> argon2.PasswordHasher:
    if cost == "low":
        return argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    return argon2.PasswordHasher()


def hash_password(site: Site, password: str) -> str:
    """Return the argon2id hash of a password."""
    return _hasher(site.settings.password_cost).hash(_as_hashed(password))


def _as_hashed(password: str) -> str:
    """Return a password as it is hashed: NFKC, so that it does not matter on which keyboard it is typed."""
    return unicodedata.normalize("NFKC", password).encode(errors="replace").decode()


def password_fits(site: Site, account: Account | None, password: str) -> bool:
    """Say whether the password is the account's; takes as long when there is no such account."""
    stored = account.password_hash if account else _nobodys_hash(site.settings.password_cost)
    try:
        _hasher(site.settings.password_cost).verify(stored, _as_hashed(password[: LONGEST * 4]))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return account is not None


def renew_hash(site: Site, account: Account, password: str) -> None:
    """Hash a password that was just found right anew, if the stored hash is of an older cost."""
    if _hasher(site.settings.password_cost).check_needs_rehash(account.password_hash):
        account.password_hash = hash_password(site, password)


@cache
def _nobodys_hash(cost: str) -> str:
    return _hasher(cost).hash(secrets.token_hex(16))


def change_password(uow: UnitOfWork, *, old: str, new: str, keep_sign_in: int | None = None) -> None:
    """Change one's own password; every other sign-in of the account ends. Raises Refused."""
    account = uow.account
    if not password_fits(uow.site, account, old):
        raise Refused("いまのパスワードが違います。")
    check_password(new, login=account.login, second_factor=bool(account.totp_secret))
    account.password_hash, account.must_change_password = hash_password(uow.site, new), False
    for one in uow.session.scalars(select(SignIn).where(SignIn.account_id == account.id, SignIn.revoked_at.is_(None))):
        if one.id != keep_sign_in:
            one.revoked_at = now()
    uow.audit("account.password.changed", account=account.id)
    uow.flush()


_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.IGNORECASE)


def set_mail_address(uow: UnitOfWork, typed: str) -> None:
    """Change where one's own mail goes; nothing means that no mail is sent. Raises Refused for what is no address."""
    address = unicodedata.normalize("NFKC", strip_control(typed)).strip()
    if address and (len(address) > 254 or not _ADDRESS.fullmatch(address)):
        raise Refused("メールアドレスの形になっていません。name@example.jp のように入力してください。")
    account = uow.account
    if address != (account.mail_address or ""):
        account.mail_address = address or None
        uow.audit("account.mail.changed", account=account.id)
        uow.flush()


# -- second factor ----------------------------------------------------------------------------------------------------


def new_totp_secret() -> str:
    """Return a fresh TOTP secret, in base32, to be shown as a QR code and as text."""
    return pyotp.random_base32()


def totp_address(account: Account, secret: str) -> str:
    """Return the otpauth address that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name="在宅医療・介護連携ポータル")


def turn_on_totp(uow: UnitOfWork, *, secret: str, code: str) -> None:
    """Bind a TOTP secret to one's own account once a code proves that the app has it. Raises Refused."""
    counter = _counter_of(secret, code, after=0)
    if counter is None:
        raise Refused(
            "確認コードが違います。アプリに表示されている6桁の数字を入力してください。端末の時刻も確かめてください。"
        )
    account = uow.account
    account.totp_secret, account.totp_counter = _vault(uow.site).encrypt(secret.encode()).decode(), counter
    uow.audit("account.totp.on", account=account.id)
    uow.flush()


def turn_off_totp(uow: UnitOfWork, *, password: str) -> None:
    """Remove the second factor from one's own account. Raises Refused when the password is wrong."""
    account = uow.account
    if not password_fits(uow.site, account, password):
        raise Refused("パスワードが違います。")
    if len(unicodedata.normalize("NFKC", password)) < SHORTEST:
        raise Refused(
            f"2段階認証をやめると、パスワードは{SHORTEST}文字以上が必要です。先にパスワードを変えてください。"
        )
    account.totp_secret = ""
    uow.audit("account.totp.off", account=account.id)
    uow.flush()


def seal_secret(site: Site, secret: str) -> str:
    """Return a TOTP secret in a form that may wait in a browser until a code has proved that the app has it."""
    return _vault(site).encrypt(secret.encode()).decode()


def open_secret(site: Site, sealed: str) -> str:
    """Return the secret that `seal_secret` closed within the last half hour, or nothing."""
    try:
        return _vault(site).decrypt(sealed.encode(), ttl=1800).decode()
    except InvalidToken:
        return ""


def totp_fits(site: Site, account: Account, code: str) -> bool:
    """Say whether the code is right and not yet used; remembers its counter. A broken store denies."""
    try:
        secret = _vault(site).decrypt(account.totp_secret.encode()).decode()
    except InvalidToken:
        return False
    counter = _counter_of(secret, code, after=account.totp_counter)
    if counter is not None:
        account.totp_counter = counter
    return counter is not None


def _counter_of(secret: str, code: str, *, after: int) -> int | None:
    """Return the counter a code belongs to, if it is of now or half a minute off and newer than the last one used."""
    typed = unicodedata.normalize("NFKC", code).replace(" ", "").encode(errors="replace")
    present = int(now().timestamp()) // 30
    for counter in (present - 1, present, present + 1):
        if counter > after and hmac.compare_digest(pyotp.TOTP(secret).generate_otp(counter).encode(), typed):
            return counter
    return None


def _vault(site: Site) -> Fernet:
    key = hashlib.sha256(f"totp:{site.secret_key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
