"""Signing in and staying signed in: server-side rows, revocable at once, with a throttle that never locks for good."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import bindparam, func, or_, select

from portal.db.base import now
from portal.db.session import ReaderSession, insert_if_absent
from portal.kinds.calendar import today
from portal.models import Account, AuditEntry, Membership, Notice, SignIn, Throttle
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services.accounts import normal_login, password_fits, renew_hash, totp_fits
from portal.services.errors import Forbidden, Refused
from portal.services.site import Site
from portal.services.uow import UnitOfWork

WRONG = "アカウント名、パスワードまたは確認コードが違います。"
FREE_TRIES, FREE_TRIES_OF_ADDRESS = 5, 50
"""Wrong passwords before the delay begins: of one account, and of one address, behind which a whole office may sit."""
LONGEST_DELAY = timedelta(minutes=5)
PROOF_SECONDS = 300
"""How long a right password is remembered while the person looks for the code."""
TOUCH = timedelta(minutes=1)
"""How exact `seen_at` is kept."""


class SignInRefused(Refused):
    """The sign-in failed; the message does not say which part was wrong."""


class CodeNeeded(Refused):
    """The password is right and the account has a second factor.

    `proof` says so for a few minutes, in place of the password, so that nobody has to type or carry it twice.
    """

    def __init__(self, proof: str = "") -> None:
        super().__init__("認証アプリに表示されている6桁の確認コードを入力してください。")
        self.proof = proof


class TooManyTries(Refused):
    """Too many wrong tries; `wait` says in seconds when to come back."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"続けて間違えたため、{wait}秒お待ちください。")
        self.wait = wait


@dataclass(frozen=True)
class Session:
    """One live sign-in: who is acting, and in which row it lives."""

    identity: Identity
    sign_in_id: int
    name: str
    profession: str
    login: str
    channel: str
    must_change_password: bool
    second_factor: bool
    unread: int
    """Notices waiting for the person in this role."""


def sign_in(
    site: Site,
    *,
    login: str,
    password: str = "",
    proof: str = "",
    code: str = "",
    ward: str = "",
    role: str = "",
    channel: str = "browser",
    device: str = "",
    address: str = "",
) -> str:
    """Sign a person in and return the secret of the new sign-in. Commits, also when it fails (the throttle counts).

    Without ward and role the first of the person's roles is taken; they can change afterwards. `proof` (of CodeNeeded)
    stands for the password when the code is given. Raises SignInRefused, CodeNeeded, TooManyTries, Forbidden for a role
    the account does not hold.
    """
    login = normal_login(login)
    keys = [_key("login", login), _key("address", address)]
    proven = _proven_hash(site, login, keys, password=password, proof=proof if code.strip() else "")
    with UnitOfWork(site, SystemIdentity()) as uow:
        account = uow.session.scalars(select(Account).where(Account.login == login).with_for_update()).one_or_none()
        if account is None or account.password_hash != proven or account.disabled_at is not None:
            _count_failure(uow, keys, "signin.refused", account)
            raise SignInRefused(WRONG)
        if account.totp_secret and not code.strip():
            uow.commit()
            raise CodeNeeded(_proof(site, account))
        if account.totp_secret and not totp_fits(site, account, code):
            _count_failure(uow, keys, "signin.code.refused", account)
            raise SignInRefused(WRONG)
        if password:
            renew_hash(site, account, password)
        _forget_failures(uow.session, keys[:1])
        membership = _pick(_memberships(uow.session, account.id), ward, role)
        secret = _new_sign_in(uow, account.id, membership.ward_id, membership.role, channel, device, address)
        uow.commit()
        return secret


def _proven_hash(site: Site, login: str, keys: list[str], *, password: str, proof: str) -> str | None:
    """Return the stored hash that was proven to be known, or None. Takes its time, so no lock is held meanwhile."""
    with ReaderSession(site.engine, SystemIdentity()) as session:
        _wait_if_throttled(session, keys)
        account = session.scalars(select(Account).where(Account.login == login)).one_or_none()
        stored = account.password_hash if account else None
        session.rollback()
        fits = _proof_fits(site, account, proof) if proof else password_fits(site, account, password)
        return stored if fits else None


def _signer(site: Site) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(site.secret_key, salt="password-was-right")


def _proof(site: Site, account: Account) -> str:
    """Return a note that the password was right; worthless once the password changes, and without a code."""
    return str(_signer(site).dumps([account.id, _hash(account.password_hash)]))


def _proof_fits(site: Site, account: Account | None, proof: str) -> bool:
    try:
        proven = _signer(site).loads(proof, max_age=PROOF_SECONDS)
    except BadSignature:
        return False
    return account is not None and bool(account.totp_secret) and proven == [account.id, _hash(account.password_hash)]


def act_as(site: Site, session: Session, *, ward: str, role: str) -> str:
    """Go on in another of one's roles: a new sign-in replaces the old one, whose secret is worthless from then on."""
    with UnitOfWork(site, SystemIdentity()) as uow:
        membership = _pick(_memberships(uow.session, session.identity.account_id), ward, role)
        old = uow.session.get_one(SignIn, session.sign_in_id)
        old.revoked_at = now()
        secret = _new_sign_in(
            uow,
            session.identity.account_id,
            membership.ward_id,
            membership.role,
            old.channel,
            old.device,
            old.address,
            old.expires_at,  # changing the role is no signing in: the day's end stays where it was
        )
        uow.commit()
        return secret


def _new_sign_in(
    uow: UnitOfWork,
    account_id: int,
    ward: str,
    role: str,
    channel: str,
    device: str,
    address: str,
    expires_at: datetime | None = None,
) -> str:
    secret, _ = _add_sign_in(uow, account_id, ward, role, channel, device, address, expires_at)
    _audit_own(uow, account_id, ward, role, channel=channel, address=address[:60])
    return secret


def add_feed_sign_in(uow: UnitOfWork, *, name: str, expires_at: datetime) -> tuple[str, SignIn]:
    """Make a sign-in of the acting person that reads one feed and nothing else; return its secret and its row."""
    me = uow.identity
    return _add_sign_in(uow, me.account_id, me.ward, me.role.value, "feed", name, "", expires_at)


def _add_sign_in(
    uow: UnitOfWork,
    account_id: int,
    ward: str,
    role: str,
    channel: str,
    device: str,
    address: str,
    expires_at: datetime | None,
) -> tuple[str, SignIn]:
    secret = secrets.token_urlsafe(32)
    row = SignIn(
        secret_hash=_hash(secret),
        account_id=account_id,
        ward_id=ward,
        role=role,
        channel=channel,
        device=device[:200],
        address=address[:60],
        created_at=now(),
        seen_at=now(),
        expires_at=expires_at or now() + timedelta(hours=uow.site.settings.session_hours),
    )
    uow.session.add(row)
    uow.flush()
    return secret, row


def _audit_own(uow: UnitOfWork, account_id: int, ward: str, role: str, **detail: str) -> None:
    """Write the sign-in down as the person's own act, though the portal does it for them."""
    uow.session.add(
        AuditEntry(
            ward_id=ward, account_id=account_id, acting_ward=ward, acting_role=role, action="signin", detail=detail
        )
    )


_UNREAD = (
    select(func.count(Notice.id))
    .where(
        Notice.account_id == SignIn.account_id,
        Notice.for_ward == SignIn.ward_id,
        Notice.for_role == SignIn.role,
        Notice.read_at.is_(None),
    )
    .correlate(SignIn)
    .scalar_subquery()
)
_LIVE_SIGN_IN = (
    select(
        SignIn.id, SignIn.account_id, SignIn.ward_id, SignIn.role, SignIn.channel, SignIn.seen_at,
        Account.name, Account.profession, Account.login, Account.must_change_password, Account.totp_secret, _UNREAD.label("unread"),
    )
    .join(Account, Account.id == SignIn.account_id)
    .join(
        Membership,
        (Membership.account_id == SignIn.account_id)
        & (Membership.ward_id == SignIn.ward_id)
        & (Membership.role == SignIn.role),
    )
    .where(
        SignIn.secret_hash == bindparam("secret_hash"),
        SignIn.revoked_at.is_(None),
        SignIn.expires_at > bindparam("now"),
        Account.disabled_at.is_(None),
        or_(Membership.ends_on.is_(None), Membership.ends_on >= bindparam("today")),
    )
)  # fmt: skip


def find_session(site: Site, secret: str) -> Session | None:
    """Return the live sign-in of that secret, or None: unknown, ended, idle too long, role or account ended."""
    with ReaderSession(site.engine, SystemIdentity()) as session:
        asked = {"secret_hash": _hash(secret), "now": now(), "today": today()}
        # Columns alone, for every request: the connection answers in two thirds of the time the session takes.
        found = session.connection().execute(_LIVE_SIGN_IN, asked).one_or_none()
    if found is None:
        return None
    idle = now() - found.seen_at
    if found.channel == "browser" and idle > timedelta(minutes=site.settings.session_idle_minutes):
        return None
    if idle > TOUCH:
        _touch(site, found.id)
    return Session(
        Identity(found.account_id, found.ward_id, Role(found.role)),
        found.id,
        found.name,
        found.profession,
        found.login,
        found.channel,
        found.must_change_password,
        bool(found.totp_secret),
        found.unread,
    )


def _touch(site: Site, sign_in_id: int) -> None:
    with UnitOfWork(site, SystemIdentity()) as uow:
        uow.session.get_one(SignIn, sign_in_id).seen_at = now()
        uow.commit()


def memberships(uow: UnitOfWork) -> Sequence[Membership]:
    """Return the roles the acting person may pick from."""
    return _memberships(uow.session, uow.identity.account_id)


def sign_ins(uow: UnitOfWork) -> Sequence[SignIn]:
    """Return the acting person's live sign-ins, the last used first."""
    awake = now() - timedelta(minutes=uow.site.settings.session_idle_minutes)
    return [one for one in _not_ended(uow) if one.channel != "browser" or one.seen_at > awake]


def _not_ended(uow: UnitOfWork) -> Sequence[SignIn]:
    found = select(SignIn).where(
        SignIn.account_id == uow.identity.account_id, SignIn.revoked_at.is_(None), SignIn.expires_at > now()
    )
    return uow.session.scalars(found.order_by(SignIn.seen_at.desc())).all()


def sign_out(uow: UnitOfWork, sign_in_id: int) -> None:
    """End one of one's own sign-ins."""
    row = uow.session.get(SignIn, sign_in_id)
    if row is None or row.account_id != uow.identity.account_id:
        raise Forbidden("この端末はログアウトさせられません。")
    row.revoked_at = row.revoked_at or now()
    uow.audit("signout", account=row.account_id)
    uow.flush()


def end(site: Site, session: Session) -> None:
    """End the sign-in of this session, outside any other work: signing out must not depend on anything else."""
    with UnitOfWork(site, session.identity) as uow:
        sign_out(uow, session.sign_in_id)
        uow.commit()


def sign_out_everywhere(uow: UnitOfWork) -> None:
    """End every sign-in of the acting person, this one too."""
    for row in _not_ended(uow):
        row.revoked_at = now()
    uow.audit("signout.everywhere", account=uow.identity.account_id)
    uow.flush()


def _memberships(session: ReaderSession, account_id: int) -> Sequence[Membership]:
    held = select(Membership).where(
        Membership.account_id == account_id, or_(Membership.ends_on.is_(None), Membership.ends_on >= today())
    )
    return session.scalars(held.order_by(Membership.id)).all()


def _pick(held: Sequence[Membership], ward: str, role: str) -> Membership:
    for one in held:
        if ward in ("", one.ward_id) and role in ("", one.role):
            return one
    raise Forbidden("この区・役割では利用できません。管理者に確認してください。")


# -- throttle ---------------------------------------------------------------------------------------------------------


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def _free_until(row: Throttle) -> datetime:
    over = row.failures - row.free_tries
    delay = min(timedelta(seconds=2 ** min(over, 9)), LONGEST_DELAY) if over >= 0 else timedelta()
    return row.last_failure + delay


def _wait_if_throttled(session: ReaderSession, keys: list[str]) -> None:
    rows = session.scalars(select(Throttle).where(Throttle.key.in_(keys))).all()
    wait = max(
        (int((_free_until(row) - now()).total_seconds()) + 1 for row in rows if _free_until(row) > now()), default=0
    )
    if wait > 0:
        raise TooManyTries(wait)


def _count_failure(uow: UnitOfWork, keys: list[str], action: str, account: Account | None) -> None:
    for number, key in enumerate(keys):
        free = FREE_TRIES if number == 0 else FREE_TRIES_OF_ADDRESS
        insert_if_absent(uow.session, Throttle, key=key, failures=0, free_tries=free, last_failure=now())
        row = uow.session.get_one(Throttle, key, with_for_update=True)
        if now() - row.last_failure > timedelta(hours=1):
            row.failures = 0
        row.failures += 1
        row.last_failure = now()
    uow.audit(action, keyed=keys[0][:16], account=account.id if account else None)
    uow.commit()


def _forget_failures(session: ReaderSession, keys: list[str]) -> None:
    for row in session.scalars(select(Throttle).where(Throttle.key.in_(keys))):
        session.delete(row)
