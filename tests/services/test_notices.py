"""People are told of what concerns them, in the act's own transaction, and never of a document they cannot see."""

import random
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.db.session import ForeignWrite
from portal.models import Membership, Notice
from portal.security.identity import Identity, SystemIdentity
from portal.services import accounts, documents, lists, noticing, signing_in
from portal.services.errors import NotFound, Refused
from tests.support.office import PASSWORD, Office

WARD = "higashinari"


def told(office: Office, person: Identity, *, unread_only: bool = True) -> list[tuple[str, int]]:
    """Return what a person's notices say: the event and the document."""
    with office.uow(person) as uow:
        found = noticing.notices(uow, unread_only=unread_only).items
        return [(one.notice.event, one.document.public_id) for one in found]


def people(office: Office) -> tuple[Identity, Identity, Identity]:
    return office.person(WARD, "coordinator"), office.person(WARD, "responsible"), office.person("city", "bureau")


def test_each_step_of_a_report_tells_the_one_who_is_next_and_the_one_whose_report_it_is(office: Office) -> None:
    author, responsible, bureau = people(office)
    other = office.person("ikuno", "coordinator")
    report = office.report(WARD, state="confirming")
    assert told(office, responsible) == [("confirming", report)]
    office.transition(responsible, report, "return", "日付を直してください")
    assert told(office, responsible) == [], "what was done waits for nobody any more"
    assert told(office, author) == [("returned", report)]
    office.transition(author, report, "request_confirmation")
    office.transition(responsible, report, "confirm")
    assert told(office, bureau) == [("submitted", report)]
    office.transition(bureau, report, "accept")
    assert told(office, bureau) == []
    assert told(office, other) == []
    office.transition(bureau, report, "share")
    assert told(office, other) == [("offered", report)]
    assert [event for event, _ in told(office, author)] == ["shared", "accepted", "confirmed", "returned"]


def test_an_act_that_is_taken_back_tells_nobody(office: Office) -> None:
    author, responsible, _ = people(office)
    report = office.report(WARD)
    with office.uow(author) as uow:
        from portal.services import reviewing

        reviewing.transition(uow, report, "request_confirmation")
    assert told(office, responsible) == []


def test_what_is_shared_no_more_takes_its_notices_along(office: Office) -> None:
    other, bureau = office.person("ikuno", "coordinator"), office.person("city", "bureau")
    report = office.report(WARD, state="shared")
    assert told(office, other) == [("offered", report)]
    office.transition(bureau, report, "unshare")
    assert told(office, other, unread_only=False) == []
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalar(select(func.count(Notice.id)).where(Notice.account_id == other.account_id)) == 0


def test_the_bureau_forgets_a_report_it_returned(office: Office) -> None:
    author, _, bureau = people(office)
    report = office.report(WARD, state="submitted")
    office.transition(bureau, report, "return", "やり直し")
    assert told(office, bureau, unread_only=False) == []
    assert ("returned", report) in told(office, author)


def test_the_number_on_every_page_is_the_number_of_unread_notices(office: Office) -> None:
    author, _, bureau = people(office)
    secret = signing_in.sign_in(office.site, login=office.logins[author.account_id], password=PASSWORD)

    def number() -> int:
        session = signing_in.find_session(office.site, secret)
        assert session is not None
        return session.unread

    assert number() == 0
    report = office.report(WARD, state="accepted")
    assert number() == len(told(office, author)) == 2
    office.do(author, noticing.mark_read)
    assert number() == 0
    office.transition(bureau, report, "share")
    (notice,) = [one.notice.id for one in _all(office, author) if not one.notice.read_at]
    assert office.do(author, lambda uow: noticing.open_notice(uow, notice)).public_id == report
    assert number() == 0


def _all(office: Office, person: Identity) -> list[noticing.Told]:
    with office.uow(person) as uow:
        return list(noticing.notices(uow).items)


def test_nobody_reads_opens_or_changes_the_notices_of_somebody_else(office: Office) -> None:
    author, responsible, _ = people(office)
    office.report(WARD, state="accepted")
    (first, *_) = _all(office, author)
    with office.uow(responsible) as uow, pytest.raises(NotFound):
        noticing.open_notice(uow, first.notice.id)
    office.do(responsible, lambda uow: noticing.mark_read(uow, [first.notice.id]))
    assert len(told(office, author)) == 2
    with office.uow(responsible) as uow:
        assert uow.session.scalars(select(Notice).where(Notice.account_id == author.account_id)).all() == []
        uow.session.add(first.notice)
        first.notice.event = "shared"
        with pytest.raises(ForeignWrite):
            uow.flush()


def test_a_notice_is_for_the_role_it_was_meant_for(office: Office) -> None:
    """Rights of several roles are never added up: the other role is named with a number, its documents are not."""
    author = office.person(WARD, "coordinator")
    with office.uow(SystemIdentity()) as uow:
        uow.session.add(Membership(account_id=author.account_id, ward_id="kita", role="ward_office"))
        uow.commit()
    office.report(WARD, state="accepted")
    elsewhere = Identity(author.account_id, "kita", office.person("kita", "ward_office").role)
    assert told(office, elsewhere) == []
    with office.uow(elsewhere) as uow:
        assert noticing.unread_elsewhere(uow) == [(WARD, "coordinator", 2)]
    office.do(
        SystemIdentity(),
        lambda uow: accounts.remove_role(uow, author.account_id, ward=WARD, role=author.role),
    )
    with office.uow(elsewhere) as uow:
        assert noticing.unread_elsewhere(uow) == []


def test_whoever_wants_to_hear_nothing_hears_nothing(office: Office) -> None:
    author, _, _ = people(office)
    office.do(author, lambda uow: noticing.choose(uow, {"accepted": "none"}))
    office.report(WARD, state="accepted")
    assert [event for event, _ in told(office, author)] == ["confirmed"]
    with office.uow(author) as uow, pytest.raises(Refused):
        noticing.choose(uow, {"accepted": "telegram"})


def test_a_disabled_account_is_told_nothing(office: Office) -> None:
    author, responsible, _ = people(office)
    office.do(SystemIdentity(), lambda uow: accounts.disable(uow, responsible.account_id))
    report = office.report(WARD)
    office.transition(author, report, "request_confirmation")
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalar(select(func.count(Notice.id))) == 0


ACTS = ("request_confirmation", "confirm", "return", "accept", "share", "unshare", "delete")


def test_after_any_acts_every_notice_is_of_a_document_its_reader_sees(office: Office) -> None:
    dice, everybody = random.Random(11), [
        office.person(ward, role) for ward, role in [
            (WARD, "coordinator"), (WARD, "responsible"), (WARD, "ward_office"), ("ikuno", "coordinator"), ("ikuno", "responsible"),
            ("city", "bureau"), ("city", "bureau_admin"), ("city", "auditor"),
        ]
    ]  # fmt: skip
    reports = [office.report(ward) for ward in (WARD, "ikuno", WARD)]
    for _ in range(60):
        _try(office, dice.choice(everybody), dice.choice(reports), dice.choice(ACTS))
    for person in everybody:
        with office.uow(SystemIdentity()) as uow:
            rows = uow.session.scalar(select(func.count(Notice.id)).where(Notice.account_id == person.account_id))
        assert len(told(office, person, unread_only=False)) == rows, "a notice of something out of sight stayed"


def _try(office: Office, person: Identity, report: int, act: str) -> Any:
    try:
        if act == "delete":
            return office.do(person, lambda uow: documents.delete(uow, report))
        return office.transition(person, report, act, "理由")
    except Refused:
        return None


def test_the_list_can_be_saved_and_holds_what_the_screen_shows(sqlite_office: Office) -> None:
    author = sqlite_office.person(WARD, "coordinator")
    sqlite_office.report(WARD, state="accepted")
    with sqlite_office.uow(author) as uow:
        assert len(list(lists.notices(uow).rows)) == 2
