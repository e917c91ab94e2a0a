"""What is typed is not lost, what is saved is not changed, what is deleted is gone for everybody."""

import pytest
from sqlalchemy import select

from portal.kinds import Invalid, find_kind
from portal.models import Document, Version
from portal.security.identity import SystemIdentity
from portal.security.workflows import Permission
from portal.services import documents, drafts, home
from portal.services.errors import EditConflict, Forbidden, NotFound, Refused
from portal.services.finding import Filters, list_documents
from tests.support.office import Office

MEETING = find_kind("meeting_report")
TYPED = [("meeting_name", "病院連絡"), ("attendees-0-name", "見本\x00 一郎"), ("record", "<p>書きか")]


def fields(**changed: object) -> dict[str, object]:
    return {**MEETING.example()["fields"], **changed}


def keep(office: Office, person: object, key: str, base: int = 0) -> Document | None:
    return office.do(
        person,
        lambda uow: drafts.save(
            uow, key, kind_name="meeting_report", title="書きかけ\x00\ud800", entries=TYPED, base=base
        ),
    )


def test_what_is_typed_is_kept_for_that_person_alone(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    assert keep(office, tanaka, "new-12345678") is None
    with office.uow(tanaka) as uow:
        draft = drafts.find(uow, "new-12345678")
        assert (draft.title, draft.kind_name, draft.base) == ("書きかけ", "meeting_report", 0)
        assert [tuple(pair) for pair in draft.entries] == TYPED
        assert drafts.mine(uow) == [draft]
        assert list(home.home(uow).drafts) == [draft]
    for ward, role, name in [
        ("higashinari", "coordinator", "佐藤"),
        ("ikuno", "coordinator", ""),
        ("city", "bureau", ""),
    ]:
        with office.uow(office.person(ward, role, name)) as uow:
            assert drafts.find(uow, "new-12345678") is None
            assert drafts.mine(uow) == []


def test_a_draft_is_no_version_and_ends_when_it_became_one(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report = office.report("higashinari")
    keep(office, tanaka, f"document-{report}", base=1)
    keep(office, tanaka, "new-12345678")
    with office.uow(tanaka) as uow:
        assert uow.access(report, Permission.VIEW).version_number == 1
        assert len(drafts.mine(uow)) == 2
    office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields(place="別室"), base=1))
    with office.uow(tanaka) as uow:
        assert [one.key for one in drafts.mine(uow)] == ["new-12345678"]
    office.do(
        tanaka,
        lambda uow: documents.create(uow, ward="higashinari", kind=MEETING, title="", typed=fields(), nonce="12345678"),
    )
    with office.uow(tanaka) as uow:
        assert drafts.mine(uow) == []


def test_a_draft_says_when_somebody_saved_meanwhile_and_is_kept_all_the_same(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report = office.report("higashinari")
    assert keep(office, tanaka, f"document-{report}", base=1) is None
    sato = office.person("higashinari", "responsible")
    office.do(sato, lambda uow: documents.save_version(uow, report, title="", typed=fields(place="別室"), base=1))
    newer = keep(office, tanaka, f"document-{report}", base=1)
    assert (newer.id, newer.version_number) == (report, 2)
    with office.uow(tanaka) as uow:
        assert drafts.find(uow, f"document-{report}").base == 1
        with pytest.raises(EditConflict) as conflict:
            documents.save_version(uow, report, title="", typed=fields(place="三階"), base=1)
    assert conflict.value.mine.fields["place"] == "三階"
    assert conflict.value.current.content.fields["place"] == "別室"
    with office.uow(tanaka) as uow:
        assert drafts.find(uow, f"document-{report}") is not None


def test_a_draft_needs_the_right_to_write_and_a_sensible_name(sqlite_office: Office) -> None:
    office = sqlite_office
    report, tanaka = office.report("higashinari", state="submitted"), office.person("higashinari", "coordinator")
    with pytest.raises(Forbidden):
        keep(office, tanaka, f"document-{report}")
    with pytest.raises(NotFound):
        keep(office, office.person("ikuno", "coordinator"), f"document-{report}")
    with pytest.raises(Forbidden):
        keep(office, office.person("higashinari", "ward_office"), "new-12345678")
    for key in ("document-x", "document-99999999999", "new-", "new-短い", "new-1234\x005678", "x", "new-" + "a" * 65):
        with pytest.raises(NotFound):
            keep(office, tanaka, key)
    with pytest.raises(Refused, match="長すぎる"), office.uow(tanaka) as uow:
        drafts.save(
            uow, "new-12345678", kind_name="meeting_report", title="", entries=[("record", "あ" * 4_000_001)], base=0
        )


def test_a_discarded_draft_is_gone(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    keep(office, tanaka, "new-12345678")
    office.do(tanaka, lambda uow: drafts.discard(uow, "new-12345678"))
    office.do(tanaka, lambda uow: drafts.discard(uow, "new-12345678"))
    with office.uow(tanaka) as uow:
        assert drafts.mine(uow) == []


def test_the_same_form_sent_again_finds_the_same_report(office: Office) -> None:
    tanaka, sato = office.person("higashinari", "coordinator"), office.person("higashinari", "coordinator", "佐藤")

    def send(person: object, place: str = "三階") -> int:
        return office.do(
            person,
            lambda uow: documents.create(
                uow, ward="higashinari", kind=MEETING, title="", typed=fields(place=place), nonce="n-12345678"
            ),
        ).id

    first = send(tanaka)
    assert send(tanaka) == send(tanaka, "別室") == first
    assert send(sato) != first


def test_a_form_that_was_refused_can_be_sent_again_with_its_nonce(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    with office.uow(tanaka) as uow:
        with pytest.raises(Invalid):
            documents.create(
                uow, ward="higashinari", kind=MEETING, title="", typed=fields(held_on="13月"), nonce="n-12345678"
            )
        made = documents.create(uow, ward="higashinari", kind=MEETING, title="", typed=fields(), nonce="n-12345678")
        uow.commit()
    assert made.id


def test_an_old_version_comes_back_as_a_new_one(office: Office) -> None:
    report, tanaka = office.report("higashinari", place="一階"), office.person("higashinari", "coordinator")
    office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields(place="二階"), base=1))
    version = office.do(tanaka, lambda uow: documents.restore_version(uow, report, 1, base=2))
    assert (version.number, version.restored_from, version.comment) == (3, 1, "第1版に戻す")
    with office.uow(tanaka) as uow:
        document = uow.access(report, Permission.VIEW)
        assert [one.content.fields["place"] for one in documents.versions(uow, document)] == ["一階", "二階", "一階"]
        assert [change.label for change in documents.difference(uow, document, 2, 3)] == ["場所"]
        assert documents.restore_version(uow, report, 3, base=3).number == 3
        with pytest.raises(EditConflict):
            documents.restore_version(uow, report, 2, base=2)
        with pytest.raises(NotFound):
            documents.restore_version(uow, report, 9, base=3)


def test_a_version_of_one_report_is_not_met_through_another(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report, other = office.report("higashinari"), office.report("higashinari", kind="training_report")
    office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields(place="二階"), base=1))
    with office.uow(tanaka) as uow, pytest.raises(NotFound):
        documents.version_of(uow, uow.access(other, Permission.VIEW), 2)


def test_the_other_wards_meet_no_version_but_those_of_the_shared_edition(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report = office.report("higashinari", reflections="<p>ひみつ</p>")
    for base in (1, 2, 3):
        office.do(
            tanaka,
            lambda uow, b=base: documents.save_version(uow, report, title="", typed=fields(place=f"{b}階"), base=b),
        )
    for step, (ward, role) in zip(
        ("request_confirmation", "confirm", "accept", "share"),
        (("higashinari", "coordinator"), ("higashinari", "responsible"), ("city", "bureau"), ("city", "bureau")),
        strict=True,
    ):
        office.transition(office.person(ward, role), report, step)
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        edition = uow.access(report, Permission.VIEW)
        assert [one.number for one in documents.versions(uow, edition)] == [1]
        assert uow.session.scalars(select(Version)).one().author_name == "健康局"
        with pytest.raises(NotFound):
            documents.version_of(uow, edition, 2)
        with pytest.raises(Forbidden):
            uow.access(report, Permission.EDIT)


def test_a_deleted_report_is_gone_from_everywhere_and_kept_in_the_records(office: Office) -> None:
    report, tanaka = office.report("higashinari"), office.person("higashinari", "coordinator")
    with office.uow(tanaka) as uow, pytest.raises(EditConflict):
        documents.delete(uow, report, base=0)
    office.do(tanaka, lambda uow: documents.delete(uow, report, base=1))
    for ward, role in [("higashinari", "coordinator"), ("higashinari", "responsible"), ("city", "bureau")]:
        with office.uow(office.person(ward, role)) as uow:
            with pytest.raises(NotFound):
                uow.access(report, Permission.VIEW)
            assert list_documents(uow, Filters()).total == 0
            assert list(home.home(uow).waiting) == []
            assert uow.session.scalars(select(Version)).all() == []
    with pytest.raises(NotFound):
        office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields(place="x"), base=1))
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalars(select(Version.number)).all() == [1]


def test_only_a_draft_can_be_deleted_and_only_by_its_coordinator(sqlite_office: Office) -> None:
    office = sqlite_office
    report, later = office.report("higashinari"), office.report("higashinari", state="submitted")
    with office.uow(office.person("higashinari", "responsible")) as uow, pytest.raises(Forbidden):
        documents.delete(uow, report)
    with office.uow(office.person("higashinari", "coordinator")) as uow, pytest.raises(Forbidden):
        documents.delete(uow, later)
    with office.uow(office.person("city", "bureau")) as uow, pytest.raises(Forbidden):
        documents.delete(uow, later)


def test_a_document_is_begun_only_where_one_works(sqlite_office: Office) -> None:
    office = sqlite_office
    with office.uow(office.person("higashinari", "coordinator")) as uow:
        for ward, refusal in [("ikuno", Forbidden), ("city", Forbidden), ("nowhere", NotFound)]:
            with pytest.raises(refusal):
                documents.create(uow, ward=ward, kind=MEETING, title="", typed=fields())


def test_a_comment_holds_what_a_database_can_hold(office: Office) -> None:
    report, tanaka = office.report("higashinari"), office.person("higashinari", "coordinator")
    version = office.do(
        tanaka,
        lambda uow: documents.save_version(
            uow, report, title="", typed=fields(place="x"), comment="直し\x00た\ud800", base=1
        ),
    )
    with office.uow(tanaka) as uow:
        assert uow.session.get_one(Version, version.id).comment == "直した"
        assert list_documents(uow, Filters(body_names=("\x00\ud800",))).total == 0
