"""Whatever way a program asks, a person of another ward reads no row of this one and writes none."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, exists, func, insert, literal, select, true, union, union_all, update
from sqlalchemy.orm import Session, aliased, selectinload

from portal.db.session import ForeignWrite, ReaderSession
from portal.models import Account, Act, Attachment, Blob, Document, Draft, Version
from portal.security.identity import SystemIdentity
from portal.security.workflows import Permission
from portal.services import documents, drafts, home
from portal.services.errors import NotFound
from tests.support.office import Office

OTHER = aliased(Document)
OTHER_VERSION = aliased(Version)

READS: dict[str, Callable[[Session, int], Any]] = {
    "select": lambda s, _: s.scalars(select(Document)).all(),
    "get": lambda s, one: s.get(Document, one),
    "count": lambda s, _: s.scalar(select(func.count(Document.id))),
    "count of all": lambda s, _: s.scalar(select(func.count()).select_from(Document)),
    "greatest id": lambda s, _: s.scalar(select(func.max(Document.id))),
    "subquery": lambda s, _: s.scalar(select(func.count()).select_from(select(Document.id).subquery())),
    "with": lambda s, _: s.scalar(select(func.count()).select_from(select(Document.id).cte())),
    "exists": lambda s, one: s.scalar(select(exists().where(Document.id == one))),
    "exists in where": lambda s, one: s.scalar(select(literal(1)).where(exists().where(Document.id == one))),
    "scalar subquery": lambda s, _: s.scalar(select(select(Document.title).limit(1).scalar_subquery())),
    "in": lambda s, _: s.scalars(select(Account.id).where(Account.id.in_(select(Document.created_by)))).all(),
    "union": lambda s, _: s.execute(union(select(Document.id), select(Version.id))).all(),
    "union all": lambda s, _: s.execute(union_all(select(Document.title), select(Version.content_json))).all(),
    "from a statement": lambda s, _: s.scalars(select(Document).from_statement(select(Document))).all(),
    "alias": lambda s, _: s.scalars(select(OTHER)).all(),
    "alias of a union": lambda s, _: s.scalars(
        select(aliased(Document, union_all(select(Document), select(Document)).subquery()))
    ).all(),
    "joined alias": lambda s, _: s.execute(select(Account.id, OTHER.title).join(OTHER, true())).all(),
    "alias of a part": lambda s, _: s.execute(select(Account.id, OTHER_VERSION.id).join(OTHER_VERSION, true())).all(),
    "query": lambda s, _: s.query(Document).count(),
    "query exists": lambda s, _: s.query(s.query(Document).exists()).scalar(),
    "versions": lambda s, _: s.scalars(select(Version)).all(),
    "one version": lambda s, _: s.get(Version, 1),
    "acts": lambda s, _: s.scalars(select(Act)).all(),
    "files": lambda s, _: s.scalars(select(Attachment)).all(),
    "one file": lambda s, _: s.get(Attachment, 1),
    "names of files": lambda s, _: s.scalars(select(func.max(Attachment.name))).one(),
    "drafts": lambda s, _: s.scalars(select(Draft)).all(),
    "columns of drafts": lambda s, _: s.execute(select(Draft.title, Draft.entries)).all(),
}


@pytest.fixture
def report(office: Office) -> int:
    """Return a report of 東成区 with versions, acts, a file and an unsaved draft, in a state no other ward sees."""
    made = office.report("higashinari", state="confirming")
    tanaka = office.person("higashinari", "coordinator")
    office.do(
        tanaka,
        lambda uow: drafts.save(
            uow, "new-12345678", kind_name="meeting_report", title="下書き", entries=[("a", "b")], base=0
        ),
    )
    with office.uow(SystemIdentity()) as uow:
        uow.session.add(Blob(sha256="0" * 64, size=1))
        uow.flush()
        uow.session.add(a_file(made))
        uow.commit()
    return made


def a_file(document_id: int) -> Attachment:
    return Attachment(
        ward_id="higashinari", document_id=document_id, sha256="0" * 64, name="名簿.txt", media_type="text/plain", size=1,
        text_status="ok", text="ひみつ", properties={},
    )  # fmt: skip


STRANGERS = [("ikuno", "coordinator"), ("ikuno", "ward_office"), ("city", "bureau"), ("city", "system_admin")]


def test_no_way_of_asking_shows_a_foreign_row(office: Office, report: int) -> None:
    seen = {}
    for ward, role in STRANGERS:
        for name, ask in READS.items():
            with office.uow(office.person(ward, role)) as uow:
                seen[f"{name} by {role}@{ward}"] = ask(uow.session, report)
    assert {name: answer for name, answer in seen.items() if answer} == {}


def test_the_own_ward_is_seen_by_the_same_ways(office: Office, report: int) -> None:
    """Guards against a test that proves nothing: the same questions are answered to the ward's own coordinator."""
    with office.uow(office.person("higashinari", "coordinator")) as uow:
        unanswered = [name for name, ask in READS.items() if not ask(uow.session, report)]
    assert unanswered == []


def test_an_alias_is_guarded_for_itself_and_not_for_its_neighbour(office: Office) -> None:
    """Another ward sees the shared edition; joining from it to the full report must not open that."""
    report = office.report("higashinari", state="shared")
    full = aliased(Document)
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        assert uow.session.scalar(select(Document.source_id)) == report
        joined = select(Document.id, full.title).join(full, full.id == Document.source_id)
        assert uow.session.execute(joined).all() == []
        assert uow.session.execute(joined.where(full.title != "")).all() == []


def test_the_filter_of_one_person_is_not_kept_for_the_next(office: Office, report: int) -> None:
    """SQLAlchemy keeps compiled statements; what is kept must not carry the tokens of whoever asked first."""
    question = select(OTHER.id).join(Version, Version.document_id == OTHER.id)
    for _ in range(3):
        for ward, expected in (("higashinari", {report}), ("ikuno", set())):
            for person in ("一", "二"):
                with office.uow(office.person(ward, "coordinator", name=person)) as uow:
                    assert set(uow.session.scalars(question)) == expected


def test_what_hangs_on_a_row_is_loaded_under_the_same_rights(office: Office, report: int) -> None:
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        accounts = uow.session.scalars(select(Account).options(selectinload(Account.memberships))).all()
        assert accounts
        assert not [one for one in uow.session.identity_map.values() if isinstance(one, Document | Version)]


def test_writing_many_rows_at_once_reaches_no_foreign_row(office: Office, report: int) -> None:
    for ward, role in [("ikuno", "coordinator"), ("city", "bureau")]:
        with office.uow(office.person(ward, role)) as uow:
            assert uow.session.execute(update(Document).values(title="x")).rowcount == 0
            assert uow.session.execute(update(Attachment).values(name="x")).rowcount == 0
            assert uow.session.execute(delete(Attachment)).rowcount == 0
            assert uow.session.execute(delete(Draft)).rowcount == 0
            uow.commit()


def test_seeing_a_row_is_not_yet_writing_it(office: Office) -> None:
    """健康局 sees what was handed in; until `access` has opened the ward, its session changes none of it."""
    office.report("higashinari", state="submitted")
    with office.uow(office.person("city", "bureau")) as uow:
        assert uow.session.scalar(select(func.count(Document.id))) == 1
        assert uow.session.execute(update(Document).values(title="x")).rowcount == 0
        document = uow.session.scalars(select(Document)).one()
        document.title = "x"
        with pytest.raises(ForeignWrite):
            uow.flush()


def test_a_new_row_of_a_foreign_ward_is_refused(office: Office, report: int) -> None:
    stranger = office.person("ikuno", "coordinator")
    with office.uow(SystemIdentity()) as uow:
        audience = uow.session.get_one(Document, report).audience_id
    rows = [
        Document(ward_id="higashinari", kind_name="file", state="kept", title="x", fiscal_year=2026, audience_id=audience, changes=0),
        Version(ward_id="higashinari", document_id=report, number=9, content_json="{}", author_name="x"),
        Act(ward_id="higashinari", document_id=report, transition="x", source_state="x", target_state="x", version_number=1,
            actor_name="x", actor_role="x"),
        a_file(report),
        Draft(account_id=stranger.account_id, key="new-x", ward_id="higashinari", kind_name="file", entries=[]),
    ]  # fmt: skip
    for row in rows:
        with office.uow(stranger) as uow:
            uow.session.add(row)
            with pytest.raises(ForeignWrite, match="higashinari"):
                uow.flush()
            uow.session.expunge_all()


def test_the_quick_ways_of_adding_rows_are_closed(office: Office, report: int) -> None:
    row = {"ward_id": "ikuno", "document_id": report, "number": 9, "content_json": "{}", "author_name": "x"}
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        with pytest.raises(ForeignWrite):
            uow.session.execute(insert(Version), [row])
        with pytest.raises(ForeignWrite):
            uow.session.bulk_insert_mappings(Version, [row])  # type: ignore[arg-type]
        with pytest.raises(ForeignWrite):
            uow.session.bulk_save_objects([Version(**row)])


def test_moving_a_row_into_another_ward_is_refused(office: Office) -> None:
    report = office.report("higashinari")
    with office.uow(office.person("higashinari", "coordinator")) as uow:
        document = uow.session.get_one(Document, report)
        document.ward_id = "ikuno"
        with pytest.raises(ForeignWrite, match="ikuno"):
            uow.flush()


def test_sight_past_the_own_ends_with_the_block_however_it_ends(office: Office, report: int) -> None:
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        session = uow.session
        with session.past_sight():
            assert count(session) == 1
        assert count(session) == 0
        with pytest.raises(ZeroDivisionError), session.past_sight():
            assert 1 / 0
        assert count(session) == 0
        session.add(Version(ward_id="higashinari", document_id=report, number=9, content_json="{}", author_name="x"))
        with pytest.raises(ForeignWrite):
            session.flush()
        session.expunge_all()
        assert count(session) == 0


def count(session: ReaderSession) -> int:
    """Count the documents in sight: through the session, and past it where the database checks again."""
    if session.get_bind().dialect.name == "postgresql":
        assert session.execute(select(func.count()).select_from(Document.__table__)).scalar_one() == (
            1 if session.is_system else 0
        )
    return session.scalar(select(func.count(Document.id))) or 0


def test_the_one_door_answers_each_by_their_own_rights_in_any_order(office: Office) -> None:
    """Statements that are made once and kept must be kept for each reader alone."""
    report = office.report("higashinari", state="shared")
    for _ in range(3):
        for ward, edition in (("higashinari", "full"), ("ikuno", "shared"), ("kita", "shared")):
            with office.uow(office.person(ward, "coordinator")) as uow:
                document = uow.access(report, Permission.VIEW)
                assert document.edition == edition
                assert documents.current_version(uow, document).document_id == document.id
                assert bool(home.acts_of(uow, document)) == (edition == "full")
        with office.uow(office.person("city", "system_admin")) as uow, pytest.raises(NotFound):
            uow.access(report, Permission.VIEW)
