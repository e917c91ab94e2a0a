"""`portal check`: proves that files, index and audit trail agree with the database."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.db.session import ReaderSession
from portal.models import Act, AuditEntry, Blob, Document, Version
from portal.security.identity import SystemIdentity
from portal.security.policy import readers
from portal.services import indexing
from portal.services.site import Site

_MAKES_VERSION = ("created", "version.saved", "version.restored")


def check(site: Site) -> list[str]:
    """Return every problem found, in words; none means that all is well."""
    with ReaderSession(site.engine, SystemIdentity()) as session:
        problems = [*_blobs(site, session), *_versions(session), *_readers(session), *_audit(session)]
    return problems + indexing.compare(site)


def _blobs(site: Site, session: ReaderSession) -> Iterator[str]:
    for sha256 in session.scalars(select(Blob.sha256)):
        if not site.blobs.is_whole(sha256):
            yield f"添付ファイルの中身 {sha256[:12]}… が失われているか、壊れています。"


def _versions(session: ReaderSession) -> Iterator[str]:
    counted = select(Version.document_id, func.count(Version.id), func.max(Version.number)).group_by(
        Version.document_id
    )
    found = {document_id: (count, last) for document_id, count, last in session.execute(counted)}
    for document_id, current in session.execute(select(Document.id, Document.version_number)):
        if found.get(document_id) != (current, current):
            yield f"文書{document_id}の版の記録が途切れています。"


def _readers(session: ReaderSession) -> Iterator[str]:
    for document in session.scalars(
        select(Document).options(joinedload(Document.audience)).execution_options(yield_per=1000)
    ):
        if document.audience.tokens != readers(document):
            yield f"文書{document.id}の見られる人が、いまの規則と一致しません。"


def _audit(session: ReaderSession) -> Iterator[str]:
    """Every document has its creation, every version and act its row."""
    written: dict[tuple[str, int | None], int] = {}
    for action, document_id, count in session.execute(
        select(AuditEntry.action, AuditEntry.document_id, func.count(AuditEntry.id)).group_by(
            AuditEntry.action, AuditEntry.document_id
        )
    ):
        written[action, document_id] = count
    for document_id, version in session.execute(
        select(Document.id, Document.version_number).where(Document.edition == "full")
    ):
        if not written.get(("document.created", document_id)):
            yield f"文書{document_id}の作成が監査記録にありません。"
        elif version != sum(written.get((f"document.{act}", document_id), 0) for act in _MAKES_VERSION):
            yield f"文書{document_id}の版の数が監査記録と一致しません。"
    for document_id, name, count in session.execute(
        select(Act.document_id, Act.transition, func.count(Act.id)).group_by(Act.document_id, Act.transition)
    ):
        if written.get((f"document.{name}", document_id), 0) != count:
            yield f"文書{document_id}の操作「{name}」が監査記録と一致しません。"
