"""Every act writes exactly one audit row, in its own transaction; and the readers of a document follow its state."""

import io
from collections.abc import Callable

from sqlalchemy import select

from portal.kinds import find_kind
from portal.models import AuditEntry, Document, OutboxEntry
from portal.security.identity import Identity, Role, SystemIdentity
from portal.security.policy import readers
from portal.services import accounts, attaching, documents, exporting, reviewing
from portal.services.uow import UnitOfWork
from tests.support.office import Office

MEETING = find_kind("meeting_report")
Step = tuple[Identity, Callable[[UnitOfWork], object], str]


def fields(**changed: object) -> dict[str, object]:
    return {**MEETING.example()["fields"], **changed}


def rows(office: Office) -> list[AuditEntry]:
    with office.uow(SystemIdentity()) as uow:
        return list(uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def life_of_a_report(office: Office) -> list[Step]:
    """Return a report's whole life, act by act, with the audit row each must leave."""
    tanaka, sato = office.person("higashinari", "coordinator"), office.person("higashinari", "responsible")
    bureau = office.person("city", "bureau")
    note = io.BytesIO(b"memo")
    return [
        (tanaka, lambda u: documents.create(u, ward="higashinari", kind=MEETING, title="", typed=fields()), "document.created"),
        (tanaka, lambda u: documents.save_version(u, 1, title="", typed=fields(place="別室"), base=1), "document.version.saved"),
        (tanaka, lambda u: documents.restore_version(u, 1, 1, base=2), "document.version.restored"),
        (tanaka, lambda u: attaching.attach(u, 1, name="memo.txt", source=note), "attachment.added"),
        (tanaka, lambda u: attaching.set_shareable(u, 1, shareable=True), "attachment.shareable"),
        (tanaka, lambda u: attaching.open_file(u, 1), "attachment.downloaded"),
        (tanaka, lambda u: attaching.remove(u, 1), "attachment.removed"),
        (tanaka, lambda u: reviewing.transition(u, 1, "request_confirmation"), "document.request_confirmation"),
        (sato, lambda u: reviewing.transition(u, 1, "return", comment="直してください"), "document.return"),
        (tanaka, lambda u: reviewing.transition(u, 1, "request_confirmation"), "document.request_confirmation"),
        (sato, lambda u: reviewing.transition(u, 1, "confirm"), "document.confirm"),
        (bureau, lambda u: reviewing.transition(u, 1, "accept"), "document.accept"),
        (bureau, lambda u: reviewing.transition(u, 1, "share"), "document.share"),
        (bureau, lambda u: reviewing.transition(u, 1, "unshare"), "document.unshare"),
        (bureau, lambda u: exporting.as_word(u, 1), "document.exported"),
    ]  # fmt: skip


def test_an_act_leaves_its_row_and_one_that_was_taken_back_leaves_none(office: Office) -> None:
    for number, (person, act, action) in enumerate(life_of_a_report(office), start=1):
        if not action.startswith(("document.created", "attachment")):
            with office.uow(person) as uow:
                act(uow)  # looked at and left without a commit
            assert len(rows(office)) == number - 1, action
        office.do(person, act)
        found = rows(office)
        assert len(found) == number, action
        last = found[-1]
        assert (last.action, last.account_id, last.acting_ward, last.acting_role, last.ward_id, last.document_id) == (
            action, person.account_id, person.ward, person.role, "higashinari", 1,
        )  # fmt: skip


def test_the_readers_follow_the_state_and_the_index_is_told(office: Office) -> None:
    for person, act, action in life_of_a_report(office)[:-1]:
        with office.uow(SystemIdentity()) as uow:
            before = uow.session.scalars(select(OutboxEntry.id)).all()
        office.do(person, act)
        with office.uow(SystemIdentity()) as uow:
            for document in uow.session.scalars(select(Document)):
                assert document.audience.tokens == readers(document), action
            told = len(uow.session.scalars(select(OutboxEntry.id)).all()) > len(before)
        assert told == (action not in ("attachment.shareable", "attachment.downloaded")), action


def test_doing_nothing_leaves_no_row(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report = office.report("higashinari")
    office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields(), base=1))
    assert [row.action for row in rows(office)] == ["document.created"]


def test_the_trail_names_people_and_things_by_number_and_holds_no_text(sqlite_office: Office) -> None:
    office = sqlite_office
    office.report("higashinari", state="shared", title="ひみつの題", reflections="<p>ひみつの所感</p>")
    shown = " ".join(f"{row.action} {row.detail}" for row in rows(office))
    assert "ひみつ" not in shown


def test_acts_on_accounts_leave_their_rows(sqlite_office: Office) -> None:
    office, admin = sqlite_office, sqlite_office.person("city", "bureau_admin")
    made = office.do(
        admin,
        lambda uow: accounts.add_account(
            uow, login="tanaka", name="見本 太郎", password="murasaki no kaban 7", roles=[]
        ),
    )
    accounts_of = made.id
    for act, action in [
        (lambda u: accounts.add_role(u, accounts_of, ward="kita", role=Role.COORDINATOR), "account.role.added"),
        (lambda u: accounts.reset_password(u, accounts_of), "account.password.reset"),
        (lambda u: accounts.remove_role(u, accounts_of, ward="kita", role=Role.COORDINATOR), "account.role.removed"),
        (lambda u: accounts.disable(u, accounts_of), "account.disabled"),
        (lambda u: accounts.enable(u, accounts_of), "account.enabled"),
    ]:
        before = len(rows(office))
        office.do(admin, act)
        found = rows(office)
        assert (len(found), found[-1].action, found[-1].detail["account"]) == (before + 1, action, accounts_of)
