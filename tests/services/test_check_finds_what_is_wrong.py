"""`portal check` says that all is well when it is, and names what is not."""

import io

import pytest
from sqlalchemy import select, text

from portal.db.session import intern_audience
from portal.kinds import find_kind
from portal.models import Attachment, Document
from portal.security.identity import SystemIdentity
from portal.services import attaching, documents
from portal.services.checking import check
from tests.support.office import Office


@pytest.fixture
def busy(office: Office) -> Office:
    """Return an office with reports in several states, a second version, a file and an index that is up to date."""
    tanaka = office.person("higashinari", "coordinator")
    report = office.report("higashinari")
    typed = {**find_kind("meeting_report").example()["fields"], "place": "別室"}
    office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=typed, base=1))
    office.do(tanaka, lambda uow: documents.restore_version(uow, report, 1, base=2))
    office.do(tanaka, lambda uow: attaching.attach(uow, report, name="a.txt", source=io.BytesIO(b"memo")))
    office.report("higashinari", state="shared")
    gone = office.report("higashinari")
    office.do(tanaka, lambda uow: documents.delete(uow, gone))
    office.catch_up()
    return office


def behind_the_portals_back(office: Office, sql: str) -> None:
    """Change a row as no part of the portal can: on SQLite without its triggers, on PostgreSQL as the owner."""
    from portal.db.engine import make_owner_engine, writing

    engine = make_owner_engine(office.site.settings)
    with writing(engine).begin() as connection:
        if engine.dialect.name == "sqlite":
            for table in ("version", "act", "audit"):
                for act in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}"))
        else:
            for table in ("document", "version", "act", "audit"):
                connection.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
        connection.execute(text(sql))
    engine.dispose()


def test_a_site_that_is_well_is_said_to_be_well(busy: Office) -> None:
    assert check(busy.site) == []


def test_a_damaged_or_lost_file_is_named(busy: Office) -> None:
    with busy.uow(SystemIdentity()) as uow:
        sha256 = uow.session.scalars(select(Attachment.sha256)).one()
    path = busy.site.blobs.path(sha256)
    path.chmod(0o600)
    path.write_bytes(b"memx")
    assert check(busy.site) == [f"添付ファイルの中身 {sha256[:12]}… が失われているか、壊れています。"]
    path.unlink()
    assert check(busy.site) == [f"添付ファイルの中身 {sha256[:12]}… が失われているか、壊れています。"]


def test_readers_that_do_not_follow_the_rule_are_named(busy: Office) -> None:
    with busy.uow(SystemIdentity()) as uow:
        document = uow.session.get_one(Document, 1)
        document.audience_id = intern_audience(uow.session, frozenset({"member@*", "system"})).id
        uow.commit()
    assert check(busy.site) == ["文書1の見られる人が、いまの規則と一致しません。"]


TAMPERED = [
    ("DELETE FROM audit WHERE action = 'document.version.saved'", "文書1の版の数が監査記録と一致しません。"),
    ("DELETE FROM version WHERE document_id = 1 AND number = 2", "文書1の版の記録が途切れています。"),
    (
        "DELETE FROM audit WHERE action = 'document.created' AND document_id = 1",
        "文書1の作成が監査記録にありません。",
    ),
    ("DELETE FROM audit WHERE action = 'document.accept'", "文書2の操作「accept」が監査記録と一致しません。"),
    ("UPDATE document SET title = '書き換え' WHERE id = 1", "文書1の索引が古くなっています。"),
    ("UPDATE document SET deleted_at = created_at WHERE id = 1", "索引の文書1はデータベースにありません。"),
]


def test_what_was_changed_behind_the_portals_back_is_named(busy: Office) -> None:
    for sql, problem in TAMPERED:
        behind_the_portals_back(busy, sql)
        assert problem in check(busy.site)


def test_a_document_the_index_has_not_heard_of_is_named(busy: Office) -> None:
    report = busy.report("ikuno")
    assert check(busy.site) == [f"文書{report}が索引にありません。"]
    busy.catch_up()
    assert check(busy.site) == []
