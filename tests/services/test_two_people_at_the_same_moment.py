"""Two acts that arrive together end as if one had come after the other, and the second is told so in words."""

import io

import pytest
from sqlalchemy import func, select

from portal.db.audiences import Audience
from portal.kinds import find_kind
from portal.models import Account, Act, Attachment, AuditEntry, Blob, Document, Membership, Version
from portal.security.identity import SystemIdentity
from portal.security.workflows import Permission
from portal.services import accounts, attaching, documents, drafts, reviewing
from portal.services.errors import EditConflict, Forbidden, NotFound, Refused, WrongState
from tests.services.at_once import at_once
from tests.support.office import Office

MEETING = find_kind("meeting_report")
ROUNDS = 3


def fields(**changed: object) -> dict[str, object]:
    return {**MEETING.example()["fields"], **changed}


def count(office: Office, table: type, *where: object) -> int:
    with office.uow(SystemIdentity()) as uow:
        return uow.session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def test_the_same_form_sent_four_times_at_once_is_one_report(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")

    def send() -> int:
        return office.do(
            tanaka,
            lambda uow: documents.create(
                uow, ward="higashinari", kind=MEETING, title="", typed=fields(), nonce="n-12345678"
            ),
        ).id

    made = at_once([send] * 4)
    assert len(set(made)) == 1, made
    assert made[0] == send()
    assert count(office, Document) == count(office, Version) == 1
    assert count(office, AuditEntry, AuditEntry.action == "document.created") == 1


def test_of_two_who_save_the_same_report_one_is_told_and_keeps_the_text(office: Office) -> None:
    report = office.report("higashinari")
    people = [office.person("higashinari", "coordinator"), office.person("higashinari", "responsible")]
    for round_number in range(1, ROUNDS + 1):

        def save(person: object, place: str, base: int = round_number) -> Version:
            return office.do(
                person,
                lambda uow: documents.save_version(
                    uow, report, title="", typed=fields(place=f"{place}{base}"), base=base
                ),
            )

        results = at_once([lambda p=p, n=n: save(p, f"{n}階") for n, p in enumerate(people)])
        saved = [one for one in results if isinstance(one, Version)]
        refused = [one for one in results if isinstance(one, EditConflict)]
        assert (len(saved), len(refused)) == (1, 1), results
        assert refused[0].current.content.fields["place"] == saved[0].content.fields["place"]
        assert refused[0].mine.fields["place"] != saved[0].content.fields["place"]
    assert count(office, Version) == ROUNDS + 1


def test_accepting_and_returning_together_leaves_one_legal_order(office: Office) -> None:
    bureau, colleague = office.person("city", "bureau"), office.person("city", "bureau_admin")
    for _ in range(ROUNDS):
        report = office.report("higashinari", state="submitted")
        results = at_once([
            lambda r=report: office.transition(bureau, r, "accept"),
            lambda r=report: office.transition(colleague, r, "return", "日付を確かめてください"),
        ])  # fmt: skip
        failed = [one for one in results if one is not None]
        assert len(failed) == 1
        assert isinstance(failed[0], WrongState | NotFound), failed
        with office.uow(SystemIdentity()) as uow:
            state = uow.session.get_one(Document, report).state
            last = uow.session.scalars(select(Act).where(Act.document_id == report).order_by(Act.id.desc())).first()
        assert state == ("returned" if results[1] is None else "accepted")
        assert (last.transition, last.target_state) == ("return" if results[1] is None else "accept", state)


def test_saving_while_it_is_handed_over_leaves_a_confirmed_text_nobody_changed(office: Office) -> None:
    tanaka, sato = office.person("higashinari", "coordinator"), office.person("higashinari", "responsible")
    for _ in range(ROUNDS):
        report = office.report("higashinari")
        at_once([
            lambda r=report: office.transition(tanaka, r, "request_confirmation"),
            lambda r=report: office.do(
                sato, lambda uow: documents.save_version(uow, r, title="", typed=fields(place="別室"), base=1)
            ),
        ])  # fmt: skip
        with office.uow(SystemIdentity()) as uow:
            document = uow.session.get_one(Document, report)
            act = uow.session.scalars(select(Act).where(Act.document_id == report)).one_or_none()
            if document.state == "confirming":
                assert act is not None
                assert act.version_number == document.version_number


def test_the_same_file_sent_to_two_reports_at_once_is_kept_once(office: Office) -> None:
    reports = {ward: office.report(ward) for ward in ("higashinari", "ikuno", "kita", "joto")}

    def send(ward: str) -> Attachment:
        return office.do(
            office.person(ward, "coordinator"),
            lambda uow: attaching.attach(uow, reports[ward], name="一覧.txt", source=io.BytesIO("同じ中身".encode())),
        )

    results = at_once([lambda ward=ward: send(ward) for ward in reports])
    assert all(isinstance(one, Attachment) for one in results), results
    assert (count(office, Blob), count(office, Attachment)) == (1, 4)


def test_two_tabs_that_keep_a_draft_for_the_first_time_keep_one(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")

    def keep(text: str) -> object:
        return office.do(
            tanaka,
            lambda uow: drafts.save(
                uow, "new-12345678", kind_name="meeting_report", title=text, entries=[("place", text)], base=0
            ),
        )

    assert at_once([lambda t=t: keep(t) for t in "一二三四"]) == [None] * 4
    with office.uow(tanaka) as uow:
        (draft,) = drafts.mine(uow)
        assert draft.entries == [["place", draft.title]]


def test_two_administrators_who_remove_each_other_leave_one(office: Office) -> None:
    for act in (
        lambda uow, other: accounts.disable(uow, other.account_id),
        lambda uow, other: accounts.remove_role(uow, other.account_id, ward="city", role=other.role),
    ):
        with office.uow(SystemIdentity()) as uow:
            for one in uow.session.scalars(select(Membership)):
                uow.session.delete(one)
            uow.commit()
        one, two = (
            office.person("city", "bureau_admin", name=f"甲{id(act)}"),
            office.person("city", "system_admin", name=f"乙{id(act)}"),
        )
        results = at_once([
            lambda act=act, a=one, b=two: office.do(a, lambda uow: act(uow, b)),
            lambda act=act, a=two, b=one: office.do(a, lambda uow: act(uow, b)),
        ])  # fmt: skip
        refused = [one for one in results if isinstance(one, Refused)]
        assert len(refused) == 1, results
        assert "管理者が一人もいなくなる" in str(refused[0])
        active = (Account.disabled_at.is_(None), Account.id == Membership.account_id)
        assert count(office, Membership, *active) == 1


def test_the_first_two_documents_of_a_kind_share_one_set_of_readers(office: Office) -> None:
    people = [office.person("higashinari", "coordinator", name=f"見本{n}") for n in range(4)]
    made = at_once([
        lambda p=p: office.do(p, lambda uow: documents.create(uow, ward="higashinari", kind=MEETING, title="", typed=fields()))
        for p in people
    ])  # fmt: skip
    assert len({one.audience_id for one in made}) == 1
    assert count(office, Audience) == 1
    with office.uow(people[0]) as uow:
        assert len(uow.session.scalars(select(Document)).all()) == 4


def test_the_text_that_lost_is_not_saved_by_trying_again_blindly(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report = office.report("higashinari")
    office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields(place="先"), base=1))
    for _ in range(2):
        with office.uow(tanaka) as uow, pytest.raises(EditConflict, match="第2版"):
            documents.save_version(uow, report, title="", typed=fields(place="後"), base=1)
    office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields(place="後"), base=2))
    with office.uow(tanaka) as uow:
        document = uow.access(report, Permission.VIEW)
        assert [one.content.fields["place"] for one in documents.versions(uow, document)][:2] == ["後", "先"]
    with office.uow(office.person("ikuno", "coordinator")) as uow, pytest.raises((NotFound, Forbidden)):
        reviewing.transition(uow, report, "accept")
