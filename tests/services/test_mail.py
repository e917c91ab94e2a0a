"""Mail goes out once, with nothing its receiver may not see, and waits when the server is away."""

import email
import stat
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.db.base import now
from portal.models import Mail, Membership, Notice
from portal.security.identity import Identity, SystemIdentity
from portal.services import accounts, mailing, messenger, noticing
from portal.services.errors import Refused
from portal.services.site import Site
from tests.support.mailserver import MailServer, mail_server
from tests.support.office import Office

WARD = "higashinari"
TOMORROW = timedelta(days=1)


def reader(office: Office, ward: str = WARD, role: str = "coordinator", address: str = "tanaka@example.jp") -> Identity:
    person = office.person(ward, role)
    office.do(person, lambda uow: accounts.set_mail_address(uow, address))
    return person


def wants(office: Office, person: Identity, *events: str) -> None:
    office.do(person, lambda uow: noticing.choose(uow, dict.fromkeys(events, "mail")))


def with_server(office: Office, server: MailServer) -> Site:
    settings = replace(office.site.settings, mail_server="127.0.0.1", mail_port=server.port, mail_starttls="no")
    return replace(office.site, settings=settings)


def returned(office: Office) -> int:
    report = office.report(WARD, state="confirming")
    office.transition(office.person(WARD, "responsible"), report, "return", "ひみつの理由")
    return report


def mails(office: Office) -> list[Mail]:
    with office.uow(SystemIdentity()) as uow:
        return list(uow.session.scalars(select(Mail).order_by(Mail.id)))


def tried_again(office: Office) -> None:
    """Let the time of the next try come."""
    with office.uow(SystemIdentity()) as uow:
        uow.session.execute(update(Mail).values(next_try_at=now() - timedelta(seconds=1)))
        uow.commit()


def text_of(message: EmailMessage) -> str:
    return str(message.get_content())


def files(office: Office) -> list[EmailMessage]:
    folder: Path = office.site.settings.mail_folder
    return [email.message_from_bytes(one.read_bytes(), policy=default) for one in sorted(folder.glob("*.eml"))]  # type: ignore[arg-type, misc]


def test_a_returned_report_is_mailed_at_once_with_title_and_link_and_no_content(office: Office) -> None:
    reader(office)
    report = returned(office)
    assert mailing.bundle(office.site) == 1
    assert mailing.send_due(office.site) == 1
    (message,) = files(office)
    assert message["To"] == "tanaka@example.jp"
    assert message["Subject"] == "【会議録ポータル】報告が差し戻されました"
    assert "病院連絡会" in text_of(message)
    assert f"/documents/{report}" in text_of(message)
    assert "ひみつ" not in message.as_string() + text_of(message)
    (file,) = office.site.settings.mail_folder.glob("*.eml")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_others_are_mailed_once_a_day_together(office: Office) -> None:
    person = reader(office)
    wants(office, person, "confirmed", "accepted")
    for _ in range(2):
        office.report(WARD, state="accepted")
    assert mailing.bundle(office.site) == 0, "the hour has not come"
    assert mailing.bundle(office.site, now() + TOMORROW) == 1
    assert mailing.bundle(office.site, now() + TOMORROW) == 0
    assert mailing.send_due(office.site) == 1
    (message,) = files(office)
    assert message["Subject"] == "【会議録ポータル】お知らせ（4件）"
    assert mailing.send_due(office.site) == 0


def test_what_was_read_on_screen_is_not_mailed(office: Office) -> None:
    person = reader(office)
    returned(office)
    office.do(person, noticing.mark_read)
    assert mailing.bundle(office.site) == 0
    returned(office)
    mailing.bundle(office.site)
    office.do(person, noticing.mark_read)
    assert mailing.send_due(office.site) == 0
    assert [one.state for one in mails(office)] == ["empty"]


def test_what_goes_out_of_sight_before_it_is_sent_is_not_in_the_mail(office: Office) -> None:
    person = reader(office, "ikuno")
    wants(office, person, "offered")
    kept, gone = office.report(WARD, state="shared"), office.report(WARD, state="shared", meeting_name="ひみつの会議")
    mailing.bundle(office.site, now() + TOMORROW)
    office.transition(office.person("city", "bureau"), gone, "unshare")
    assert mailing.send_due(office.site) == 1
    (message,) = files(office)
    assert f"/documents/{kept}" in text_of(message)
    assert "ひみつ" not in text_of(message)


@pytest.mark.parametrize("end", ["disabled", "moved", "no address"])
def test_who_may_not_read_any_more_gets_no_mail(office: Office, end: str) -> None:
    person = reader(office)
    returned(office)
    mailing.bundle(office.site)
    if end == "disabled":
        office.do(SystemIdentity(), lambda uow: accounts.disable(uow, person.account_id))
    elif end == "moved":
        with office.uow(SystemIdentity()) as uow:
            uow.session.scalars(
                select(Membership).where(Membership.account_id == person.account_id)
            ).one().ward_id = "kita"
            uow.commit()
    else:
        office.do(person, lambda uow: accounts.set_mail_address(uow, ""))
    assert mailing.send_due(office.site) == 0
    assert files(office) == []


def test_a_server_that_is_away_loses_nothing_and_is_not_pestered(office: Office) -> None:
    reader(office)
    returned(office)
    returned(office)
    with mail_server() as server:
        site = with_server(office, server)
    mailing.bundle(site)
    assert mailing.send_due(site) == 0, "the server is gone"
    (mail,) = mails(office)
    assert (mail.state, mail.tries) == ("waiting", 1)
    assert "つながりません" in mail.trouble
    assert mailing.send_due(site) == 0, "it is not tried again at once"
    assert mails(office)[0].tries == 1
    with mail_server() as server:
        tried_again(office)
        assert mailing.send_due(with_server(office, server)) == 1
        assert [one["Message-ID"] for one in server.taken] == [mail.message_id]
        tried_again(office)
        assert mailing.send_due(with_server(office, server)) == 0
        assert len(server.taken) == 1
    assert [one.state for one in mails(office)] == ["sent"]


def test_a_mail_whose_fate_is_unknown_goes_again_under_the_same_name(office: Office) -> None:
    """The server took it and hung up before it said so: sent again, so that nothing is lost, and known as the same mail."""
    reader(office)
    returned(office)
    mailing.bundle(office.site)
    with mail_server() as server:
        site, server.hangs_up_after_data = with_server(office, server), True
        assert mailing.send_due(site) == 0
        server.hangs_up_after_data = False
        tried_again(office)
        assert mailing.send_due(site) == 1
        assert len({one["Message-ID"] for one in server.taken}) == 1


@pytest.mark.parametrize(("where", "answer", "state"), [
    ("RCPT", "550 no such user", "failed"), ("RCPT", "450 later", "waiting"), (".", "554 no", "failed"), (".", "451 later", "waiting"),
])  # fmt: skip
def test_a_refusal_for_good_ends_the_mail_and_a_passing_one_does_not(
    sqlite_office: Office, where: str, answer: str, state: str
) -> None:
    office = sqlite_office
    reader(office)
    returned(office)
    mailing.bundle(office.site)
    with mail_server() as server:
        server.answers[where] = answer
        mailing.send_due(with_server(office, server))
    assert [one.state for one in mails(office)] == [state]
    office.do(SystemIdentity(), mailing.try_again)
    with mail_server() as server:
        assert mailing.send_due(with_server(office, server)) == 1


def test_after_a_week_it_is_given_up(sqlite_office: Office) -> None:
    office = sqlite_office
    reader(office)
    returned(office)
    mailing.bundle(office.site)
    with office.uow(SystemIdentity()) as uow:
        uow.session.execute(update(Mail).values(created_at=now() - timedelta(days=8)))
        uow.commit()
    with mail_server() as server:
        site = with_server(office, server)
    mailing.send_due(site)
    assert [one.state for one in mails(office)] == ["failed"]
    with office.uow(SystemIdentity()) as uow:
        assert mailing.standing(uow)[0] == {"failed": 1}


@pytest.mark.parametrize(
    "typed", ["tanaka", "a@b", "a b@example.jp", "a@example.jp\nBcc: x@example.jp", "a@example.jp, b@example.jp"]
)
def test_only_an_address_is_taken_for_an_address(sqlite_office: Office, typed: str) -> None:
    person = sqlite_office.person(WARD, "coordinator")
    with sqlite_office.uow(person) as uow, pytest.raises(Refused):
        accounts.set_mail_address(uow, typed)


def test_an_address_in_full_width_letters_is_taken(sqlite_office: Office) -> None:
    person = reader(sqlite_office, address="　ｔａｎａｋａ＠ｅｘａｍｐｌｅ．ｊｐ ")
    with sqlite_office.uow(person) as uow:
        assert uow.account.mail_address == "tanaka@example.jp"


def test_the_messenger_does_both_and_survives_what_goes_wrong(sqlite_office: Office, monkeypatch: Any) -> None:
    import threading

    office = sqlite_office
    reader(office)
    returned(office)
    office.catch_up()
    monkeypatch.setattr(messenger.saved_searches, "look_for_news", lambda *_: 1 / 0)
    messenger.round_once(office.site, threading.Event())
    assert len(files(office)) == 1


def test_old_notices_and_mails_are_put_away_and_what_waits_stays(office: Office) -> None:
    reader(office)
    returned(office)
    mailing.bundle(office.site)
    mailing.send_due(office.site)
    returned(office)
    mailing.bundle(office.site)
    long_ago = now() - timedelta(days=100)
    with office.uow(SystemIdentity()) as uow:
        uow.session.execute(update(Mail).values(created_at=long_ago))
        uow.commit()
    mailing.put_away(office.site)
    assert [one.state for one in mails(office)] == ["waiting"]
    with office.uow(SystemIdentity()) as uow:
        assert len(uow.session.scalars(select(Notice).where(Notice.event == "returned")).all()) == 2
        uow.session.execute(update(Notice).values(created_at=now() - timedelta(days=500)))
        uow.commit()
    mailing.put_away(office.site)
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalars(select(Notice)).all() == []


def test_no_mail_holds_a_notice_of_somebody_else(office: Office) -> None:
    reader(office)
    returned(office)
    mailing.bundle(office.site)
    with office.uow(SystemIdentity()) as uow:
        owners = {
            one.account_id: one.mail_id
            for one in uow.session.scalars(select(Notice).where(Notice.mail_id.is_not(None)))
        }
        assert {uow.session.get_one(Mail, mail).account_id for mail in owners.values()} == set(owners)
