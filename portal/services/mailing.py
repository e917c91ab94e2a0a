"""Mail with notices: bundled by person, sent by the worker, tried again until it is through.

A mail holds no text until it is sent. What it tells is looked up then, as its receiver, so that nothing goes out that was
taken out of sight meanwhile. Titles and links only; the content stays in the portal.
"""

import logging
import os
import secrets
import smtplib
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from sqlalchemy import ColumnElement, delete, func, or_, select, update

import tenants
from portal.db.base import now
from portal.kinds.calendar import JAPAN
from portal.models import Account, Mail, Membership, Notice
from portal.security.identity import ROLE_NAMES, Identity, Role, SystemIdentity
from portal.services import jobs, noticing
from portal.services.noticing import Told
from portal.services.site import Site
from portal.services.uow import UnitOfWork

KEEP_NOTICES, KEEP_MAILS = timedelta(days=400), timedelta(days=90)
GIVE_UP_AFTER = timedelta(days=7)
LONGEST_PAUSE = timedelta(hours=1)
SERVER_SECONDS = 20
SUBJECTS = {"digest": "【会議録ポータル】お知らせ（{count}件）", "returned": "【会議録ポータル】報告が差し戻されました"}
"""Per template the subject; it names no document."""
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "mail"
Groups = list[tuple[str, list[Told]]]
log = logging.getLogger(__name__)


class CannotSend(Exception):
    """The mail did not go out this time; `for_good` says that trying again would not help."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


# -- from notices to mails --------------------------------------------------------------------------------------------


def bundle(site: Site, present: datetime | None = None) -> int:
    """Make mails of the notices that are due: urgent ones at once, the others once a day. Return how many mails."""
    waiting = _due(_last_mail_hour(site, present or now()))
    with UnitOfWork(site, SystemIdentity(), writes=False) as uow:
        if uow.session.scalars(select(Notice.id).where(*waiting).limit(1)).first() is None:
            return 0
    with UnitOfWork(site, SystemIdentity()) as uow:
        # Another host may be bundling at the same moment: each takes what the other has not taken.
        due = select(Notice).where(*waiting).order_by(Notice.account_id, Notice.id).with_for_update(skip_locked=True)
        made = 0
        for account_id, notices in groupby(uow.session.scalars(due).all(), lambda one: one.account_id):
            for template, some in _sorted_out(list(notices)).items():
                made += _make(uow, account_id, template, some)
        uow.commit()
    return made


def _due(cutoff: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what says that a notice is to be dealt with now: urgent, of before the last mail hour, or read already."""
    urgent = [name for name, event in noticing.EVENTS.items() if event.at_once]
    now_due = or_(Notice.event.in_(urgent), Notice.created_at < cutoff, Notice.read_at.is_not(None))
    return Notice.by_mail.is_(True), Notice.mail_id.is_(None), now_due


def _sorted_out(notices: list[Notice]) -> dict[str, list[Notice]]:
    """Return which of a person's notices go into which mail now; what was read on screen needs none."""
    found: dict[str, list[Notice]] = {}
    for one in notices:
        event = noticing.EVENTS.get(one.event)
        if one.read_at is not None:
            one.by_mail = False
        else:
            found.setdefault("returned" if event and event.at_once else "digest", []).append(one)
    return found


def _make(uow: UnitOfWork, account_id: int, template: str, notices: Sequence[Notice]) -> int:
    domain = uow.site.settings.mail_sender.rpartition("@")[2] or "localhost"
    mail = Mail(account_id=account_id, template=template, message_id=f"<{secrets.token_hex(16)}@{domain}>")
    uow.session.add(mail)
    uow.flush()
    for one in notices:
        one.mail_id = mail.id
    return 1


def _last_mail_hour(site: Site, present: datetime) -> datetime:
    """Return the last moment at which the daily mail was due."""
    local = present.astimezone(JAPAN)
    today = datetime.combine(local.date(), time(site.settings.mail_hour), JAPAN)
    return today if local >= today else today - timedelta(days=1)


# -- sending ----------------------------------------------------------------------------------------------------------

Carrier = Callable[[Site, EmailMessage, int], None]
"""What takes a finished mail away; the number names the file it is written to when there is no server."""


def send_due(site: Site, carry: Carrier | None = None) -> int:
    """Send the mails whose time has come; return how many went out. When the server is away, the rest waits."""
    sent = 0
    while (mail_id := _claim(site)) is not None:
        try:
            sent += _send(site, mail_id, carry or carrier(site))
        except CannotSend as why:
            _note_trouble(site, mail_id, why)
            if not why.for_good:
                return sent
    return sent


def _claim(site: Site) -> int | None:
    """Take the next mail that is due for some time. A process that dies with it leaves it to the next try."""
    due = select(Mail).where(Mail.state == "waiting", Mail.next_try_at <= now()).order_by(Mail.id).limit(1)
    with UnitOfWork(site, SystemIdentity(), writes=False) as uow:
        if uow.session.scalars(due).first() is None:
            return None
    with UnitOfWork(site, SystemIdentity()) as uow:
        mail = uow.session.scalars(due.with_for_update(skip_locked=True)).first()
        if mail is None:
            return None
        mail.tries += 1
        mail.next_try_at = now() + min(timedelta(minutes=2 ** min(mail.tries - 1, 10)), LONGEST_PAUSE)
        uow.commit()
        return mail.id


def _send(site: Site, mail_id: int, carry: Carrier) -> bool:
    """Write a mail as its receiver may read it now, and hand it over. Raises CannotSend."""
    with UnitOfWork(site, SystemIdentity(), writes=False) as uow:
        mail = uow.session.get_one(Mail, mail_id)
        account = uow.session.get_one(Account, mail.account_id)
    groups = _as_receiver(site, account, mail_id) if account.mail_address and account.disabled_at is None else []
    if groups:
        carry(site, _written(site, account, mail, groups), mail_id)
    _end(site, mail_id, "sent" if groups else "empty")
    return bool(groups)


def _as_receiver(site: Site, account: Account, mail_id: int) -> Groups:
    """Return what the mail's notices say, each read in the role it is for, if the person still holds it."""
    groups: Groups = []
    with UnitOfWork(site, SystemIdentity(), writes=False) as uow:
        held = select(Membership.ward_id, Membership.role).join(Account).where(Account.id == account.id)
        roles = uow.session.execute(held.where(*noticing.in_force()).order_by(Membership.id)).all()
    for ward, role in roles:
        identity = Identity(account.id, ward, Role(role))
        with UnitOfWork(site, identity, writes=False) as uow:
            mine = select(Notice).where(
                Notice.mail_id == mail_id, Notice.for_ward == ward, Notice.for_role == role, Notice.read_at.is_(None)
            )
            told = noticing.resolved(uow, uow.session.scalars(mine.order_by(Notice.id)))
            if told:
                groups.append((f"{tenants.ward_name(ward)}　{ROLE_NAMES[identity.role]}", told))
    return groups


def _written(site: Site, account: Account, mail: Mail, groups: Groups) -> EmailMessage:
    count = sum(len(told) for _, told in groups)
    message = EmailMessage(policy.SMTP)
    message["From"] = f"会議録ポータル <{site.settings.mail_sender}>"
    message["To"] = account.mail_address
    message["Subject"] = SUBJECTS[mail.template].format(count=count)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    text = _texts().get_template(f"{mail.template}.txt")
    message.set_content(
        text.render(name=account.name, count=count, groups=groups, address=site.settings.address), cte="base64"
    )
    return message


@cache
def _texts() -> jinja2.Environment:
    texts = jinja2.Environment(  # noqa: S701 (plain text, nothing to escape)
        loader=jinja2.FileSystemLoader(TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    texts.globals["ward_name"] = tenants.ward_name
    return texts


def _end(site: Site, mail_id: int, state: str) -> None:
    with UnitOfWork(site, SystemIdentity()) as uow:
        mail = uow.session.get_one(Mail, mail_id)
        mail.state, mail.trouble = state, ""
        mail.sent_at = now() if state == "sent" else None
        uow.commit()


def _note_trouble(site: Site, mail_id: int, why: CannotSend) -> None:
    log.warning("mail %s: %s", mail_id, why)
    with UnitOfWork(site, SystemIdentity()) as uow:
        mail = uow.session.get_one(Mail, mail_id)
        mail.trouble = str(why)[:500]
        if why.for_good or now() - mail.created_at > GIVE_UP_AFTER:
            mail.state = "failed"
        uow.commit()


# -- carriers ---------------------------------------------------------------------------------------------------------


def carrier(site: Site) -> Carrier:
    """Return what takes this site's mail away: its SMTP server, or files when there is none."""
    return by_server if site.settings.mail_server else into_files


def into_files(site: Site, message: EmailMessage, number: int) -> None:
    """Write a mail into the data folder, readable for the portal alone. Raises CannotSend when there is no room."""
    folder = site.settings.mail_folder
    part, whole = folder / f".{number:08d}.part", folder / f"{number:08d}.eml"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes())
        part.replace(whole)
    except OSError as failure:
        raise CannotSend(f"{type(failure).__name__}: {failure.strerror}") from failure


def by_server(site: Site, message: EmailMessage, _: int) -> None:
    """Hand a mail to the SMTP server. Raises CannotSend."""
    settings = site.settings
    try:
        with smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=SERVER_SECONDS) as server:
            if settings.mail_starttls == "yes":
                server.starttls(context=ssl.create_default_context())
            if settings.mail_user:
                server.login(settings.mail_user, _password(settings.mail_password_file))
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        raise CannotSend(f"宛先が受け付けられません（{codes[0]}）", for_good=min(codes) >= 500) from refused
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        raise CannotSend(
            f"メールが受け付けられません（{refused.smtp_code}）", for_good=refused.smtp_code >= 500
        ) from refused
    except (OSError, smtplib.SMTPException) as failure:
        raise CannotSend(f"メールサーバーにつながりません（{type(failure).__name__}）") from failure


def _password(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").strip() if path else ""


# -- putting away ------------------------------------------------------------------------------------------------------


@jobs.tidying
def put_away(site: Site) -> None:
    """Forget notices of more than a year ago, and what is known of mails that ended three months ago."""
    old = select(Mail.id).where(Mail.state != "waiting", Mail.created_at < now() - KEEP_MAILS)
    with UnitOfWork(site, SystemIdentity()) as uow:
        uow.session.writes()
        forgotten = delete(Notice).where(Notice.created_at < now() - KEEP_NOTICES)
        unbound = update(Notice).where(Notice.mail_id.in_(old)).values(mail_id=None, by_mail=False)
        for statement in (forgotten, unbound, delete(Mail).where(Mail.id.in_(old))):
            uow.session.execute(statement, execution_options={"synchronize_session": False})
        uow.commit()


# -- for operators ----------------------------------------------------------------------------------------------------


def standing(uow: UnitOfWork) -> tuple[dict[str, int], list[Mail]]:
    """Return how many mails are in which state, and those in trouble, the oldest first."""
    counted = uow.session.execute(select(Mail.state, func.count(Mail.id)).group_by(Mail.state).order_by(Mail.state))
    troubled = select(Mail).where(Mail.trouble != "").order_by(Mail.id).limit(50)
    return dict(counted.all()), list(uow.session.scalars(troubled))


def try_again(uow: UnitOfWork) -> int:
    """Let every mail that waits or failed be tried at once; return how many."""
    again = update(Mail).where(Mail.state.in_(("waiting", "failed"))).values(state="waiting", next_try_at=now())
    uow.session.writes()
    done: Any = uow.session.execute(again, execution_options={"synchronize_session": False})
    return int(done.rowcount)
