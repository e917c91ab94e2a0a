"""What no Python code can prove of itself: PostgreSQL alone, asked in raw SQL, keeps the wards apart."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal.db.audiences import Audience, AudienceToken
from portal.db.base import Base, Ledger, Personal, WardContent
from portal.db.engine import role_is_powerless
from portal.models import Account, AuditEntry, Blob, Counter, Document, Membership, SignIn, Throttle, UsedNonce
from portal.security.identity import SystemIdentity
from portal.services.site import Site
from portal.settings import Settings, WrongSetting
from tests.support.office import Office, make_site
from tests.support.postgres import PostgresServer

WARD_TABLES = sorted(
    mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, WardContent)
)
PERSONAL_TABLES = {
    mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Personal)
}
OPEN_TABLES = {
    one.__tablename__
    for one in (Account, Membership, SignIn, Throttle, Counter, UsedNonce, Blob, Audience, AudienceToken)
} | {"outbox", "changed_document", "synonym_change", "alembic_version"}
"""Tables without row security: they hold no document's text. A table joins this list only on purpose."""


@pytest.fixture(scope="module")
def pg_office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Yield an office on PostgreSQL with a report of 東成区 handed in and one of 生野区 in draft."""
    for site in make_site("postgres", tmp_path_factory.mktemp("site"), request):
        office = Office(site)
        office.report("higashinari", state="submitted")
        office.report("ikuno")
        yield office


def rows(office: Office, sql: str, **values: object) -> list[tuple]:
    """Ask as the application's own role, outside any session of the portal."""
    with office.site.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql), values)]


def test_every_table_is_under_row_security_or_open_on_purpose(pg_office: Office) -> None:
    found = rows(
        pg_office,
        "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    secured = {name for name, enabled, forced, _ in found if enabled and forced}
    assert secured == {*WARD_TABLES, *PERSONAL_TABLES, AuditEntry.__tablename__}
    assert {name for name, *_ in found} == secured | OPEN_TABLES
    assert {name for name, *_ in found} == set(Base.metadata.tables) | {"alembic_version"}
    assert {owner for *_, owner in found} == {"portal_owner"}


def test_every_ward_table_has_a_rule_for_reading_and_for_each_right_the_portal_holds(pg_office: Office) -> None:
    rules = set(rows(pg_office, "SELECT tablename, cmd FROM pg_policies"))
    for table in WARD_TABLES:
        for act in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            (may,) = rows(pg_office, f"SELECT has_table_privilege('{table}', '{act}')")[0]
            assert may == ((table, act) in rules), (table, act)
        assert (table, "SELECT") in rules


def test_rows_that_are_only_added_cannot_be_changed_by_the_portals_role(pg_office: Office) -> None:
    for mapper in Base.registry.mappers:
        if getattr(mapper.class_, "append_only", False):
            for act in ("UPDATE", "DELETE", "TRUNCATE"):
                assert rows(pg_office, f"SELECT has_table_privilege('{mapper.class_.__tablename__}', '{act}')") == [
                    (False,)
                ]


def test_the_portals_role_stands_above_nothing(pg_office: Office) -> None:
    (role,) = rows(
        pg_office,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user",
    )
    assert role == (False, False, False, False)
    assert role_is_powerless(pg_office.site.engine)
    assert rows(
        pg_office,
        "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user",
    ) == [(0,)]
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows(pg_office, "CREATE TABLE t (a int)")
    with pytest.raises(ProgrammingError, match="must be owner"):
        rows(pg_office, "ALTER TABLE document DISABLE ROW LEVEL SECURITY")


def test_a_site_refuses_a_role_that_could_step_over_row_security(
    postgres_server: PostgresServer, postgres_template: str, tmp_path: Path
) -> None:
    database = postgres_server.create_database(postgres_template)
    url = database.superuser_url.replace("postgresql+psycopg://", "postgresql://")
    with pytest.raises(WrongSetting, match="PORTAL_DATABASE_ROLE"):
        Site.open(Settings(data=tmp_path, database_url=url, database_role="postgres"))
    site = Site.open(Settings(data=tmp_path, database_url=url))
    assert role_is_powerless(site.engine)
    site.engine.dispose()
    postgres_server.drop_database(database)


def test_without_a_reader_no_row_is_there(pg_office: Office) -> None:
    for table in (*WARD_TABLES, *PERSONAL_TABLES, "audit"):
        assert rows(pg_office, f"SELECT count(*) FROM {table}") == [(0,)]


def test_with_a_reader_the_rows_of_that_reader_are_there_and_no_other(pg_office: Office) -> None:
    coordinator = pg_office.person("ikuno", "coordinator")
    for reader, wards in [
        (coordinator, {"ikuno"}),
        (pg_office.person("higashinari", "ward_office"), {"higashinari"}),
        (pg_office.person("kita", "coordinator"), set()),
        (pg_office.person("city", "bureau"), {"higashinari"}),
        (pg_office.person("city", "system_admin"), set()),
        (SystemIdentity(), {"higashinari", "ikuno"}),
    ]:
        with pg_office.uow(reader) as uow:
            for table in ("document", "version"):
                found = uow.session.execute(text(f"SELECT DISTINCT ward_id FROM {table}")).scalars()
                assert set(found) == wards, (reader, table)
    with pg_office.uow(coordinator) as uow:
        seen = uow.session.execute(text("SELECT DISTINCT account_id FROM audit")).scalars().all()
        assert seen == [coordinator.account_id]


def test_foreign_rows_are_neither_added_nor_changed_nor_removed(pg_office: Office) -> None:
    """In raw SQL, by a reader who even sees the row."""
    bureau = pg_office.person("city", "bureau")
    for act in ("UPDATE document SET title = 'x'", "DELETE FROM attachment", "UPDATE draft SET title = 'x'"):
        with pg_office.uow(bureau) as uow:
            assert uow.session.execute(text(act)).rowcount == 0
            uow.commit()
    for table, columns, values in [
        ("version", "ward_id, document_id, number, content_json, comment, author_name, created_at",
         "'higashinari', 1, 9, '{}', '', 'x', now()"),
        ("act", "ward_id, document_id, transition, source_state, target_state, version_number, comment, actor_name, actor_role, created_at",
         "'higashinari', 1, 'x', 'x', 'x', 1, '', 'x', 'x', now()"),
    ]:  # fmt: skip
        with pg_office.uow(bureau) as uow, pytest.raises(DBAPIError, match="row-level security"):
            uow.session.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"))


def test_a_row_cannot_be_moved_out_of_its_ward(pg_office: Office) -> None:
    with (
        pg_office.uow(pg_office.person("ikuno", "coordinator")) as uow,
        pytest.raises(DBAPIError, match="row-level security"),
    ):
        uow.session.execute(text("UPDATE document SET ward_id = 'higashinari'"))


def test_a_connection_that_comes_back_from_the_pool_has_forgotten_its_reader(pg_office: Office) -> None:
    for ending in ("commit", "rollback", "close"):
        with pg_office.uow(SystemIdentity()) as uow:
            assert uow.session.execute(text("SELECT count(*) FROM document")).scalar() == 2
            same = uow.session.execute(text("SELECT pg_backend_pid()")).scalar()
            getattr(uow.session, ending)()
        with pg_office.site.engine.connect() as connection:
            assert connection.execute(text("SELECT pg_backend_pid()")).scalar() == same
            assert connection.execute(text("SELECT count(*) FROM document")).scalar() == 0
            setting = connection.execute(text("SELECT current_setting('portal.tokens', true)")).scalar()
            assert not setting


def test_a_second_transaction_of_a_session_is_told_its_reader_again(pg_office: Office) -> None:
    with pg_office.uow(pg_office.person("ikuno", "coordinator")) as uow:
        for _ in range(2):
            assert uow.session.execute(text("SELECT count(*) FROM document")).scalar() == 1
            uow.commit()


def test_a_constraint_does_not_tell_of_a_row_that_is_not_seen(pg_office: Office) -> None:
    """Keys between ward tables begin with the ward: naming a foreign document is refused whether or not it exists."""
    stranger = pg_office.person("kita", "coordinator")
    answers = set()
    for document_id in (1, 999_999):
        with pg_office.uow(stranger) as uow, pytest.raises(DBAPIError) as refused:
            uow.session.execute(
                text(
                    "INSERT INTO version (ward_id, document_id, number, content_json, comment, author_name, created_at)"
                    f" VALUES ('kita', {document_id}, 1, '{{}}', '', 'x', now())"
                )
            )
        answers.add(type(refused.value.orig))
    assert answers == {psycopg.errors.ForeignKeyViolation}


def test_a_table_of_a_ward_is_known_by_its_class() -> None:
    assert {"act", "attachment", "document", "draft", "job", "version"} <= set(WARD_TABLES)
    assert all("ward_id" in Base.metadata.tables[name].c for name in WARD_TABLES)
    for mapper in Base.registry.mappers:
        if "ward_id" in mapper.columns and not issubclass(mapper.class_, WardContent | Ledger):
            assert mapper.class_ in (Membership, SignIn, Counter), (
                f"{mapper.class_.__name__} names a ward and is not guarded"
            )
    assert issubclass(Document, WardContent)
