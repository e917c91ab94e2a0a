"""Versions, acts and the audit trail are only ever added: no class of the portal and no SQL of its role changes them."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from portal.db.base import Base
from portal.db.session import ForeignWrite
from portal.models import Act, AuditEntry, PersonalAnswer, SynonymChange, Version
from portal.security.identity import SystemIdentity
from tests.support.office import Office

ONLY_ADDED = [Version, Act, AuditEntry, PersonalAnswer, SynonymChange]


def test_the_tables_that_are_only_added_to_are_these() -> None:
    marked = {mapper.class_ for mapper in Base.registry.mappers if getattr(mapper.class_, "append_only", False)}
    assert marked == set(ONLY_ADDED)


CHANGED = {AuditEntry: "action", SynonymChange: "key"}


def write_one_of_each(office: Office) -> None:
    report = office.report("higashinari", state="confirming")
    answer = PersonalAnswer(
        ward_id="higashinari", document_id=report, question="1", kind="name", decision="mask", account_name=""
    )
    office.do(SystemIdentity(), lambda uow: uow.session.add(answer))
    row = SynonymChange(key="看取り", words=["看取り"], related=[], off=False, comment="", account_name="")
    office.do(SystemIdentity(), lambda uow: uow.session.add(row))


def test_neither_a_person_nor_the_portal_changes_what_was_written(office: Office) -> None:
    write_one_of_each(office)
    for reader in (office.person("higashinari", "coordinator"), SystemIdentity()):
        for table in ONLY_ADDED:
            changed = CHANGED.get(table, "ward_id")
            with office.uow(reader) as uow:
                row = uow.session.scalars(select(table)).first()
                setattr(row, changed, "x")
                with pytest.raises(ForeignWrite):
                    uow.flush()
            with office.uow(reader) as uow:
                uow.session.delete(uow.session.scalars(select(table)).first())
                with pytest.raises(ForeignWrite):
                    uow.flush()
            with office.uow(reader) as uow, pytest.raises(ForeignWrite):
                uow.session.execute(update(table).values(**{changed: "x"}))
            with office.uow(reader) as uow, pytest.raises(ForeignWrite):
                uow.session.execute(delete(table))


def test_the_database_itself_refuses_to_change_what_was_written(office: Office) -> None:
    write_one_of_each(office)
    for one in ONLY_ADDED:
        table = one.__tablename__
        for act in (f"UPDATE {table} SET {CHANGED.get(one, 'ward_id')} = 'ikuno'", f"DELETE FROM {table}"):
            with (
                office.uow(SystemIdentity()) as uow,
                pytest.raises(DBAPIError, match=r"only ever added|permission denied"),
            ):
                uow.session.execute(text(act))
    with office.uow(SystemIdentity()) as uow:
        assert set(uow.session.scalars(select(Act.ward_id))) == {"higashinari"}


def test_a_document_is_never_removed_from_under_its_versions(office: Office) -> None:
    report = office.report("higashinari")
    with office.uow(SystemIdentity()) as uow, pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        uow.session.execute(text(f"DELETE FROM document WHERE id = {report}"))


def test_an_error_of_the_database_does_not_quote_what_people_wrote(office: Office) -> None:
    with office.uow(SystemIdentity()) as uow, pytest.raises(DBAPIError) as failed:
        uow.session.execute(text("INSERT INTO act (comment) VALUES (:comment)"), {"comment": "ひみつの所見"})
    assert "ひみつの所見" not in str(failed.value)
