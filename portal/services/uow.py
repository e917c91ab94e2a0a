"""The unit of work: one reader, one session, one commit. Services get documents through `access` and in no other way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from sqlalchemy import bindparam, delete, inspect, or_, select
from sqlalchemy.orm.exc import StaleDataError

from portal.db.engine import writing
from portal.db.session import ReaderSession, intern_audience, prepared
from portal.models import Account, AuditEntry, Document, Notice, OutboxEntry
from portal.security.identity import ROLE_NAMES, Identity, Reader, Role
from portal.security.policy import decide, permits, readers
from portal.security.workflows import Edition, Permission
from portal.services.errors import Forbidden, NotFound, WrongState
from portal.services.site import Site

MOVED_ON = "ほかの人が同時にこの文書を更新しました。画面を開き直して、もう一度操作してください。"


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except StaleDataError:
        raise WrongState(MOVED_ON) from None


_MEETING_EDITION = prepared(
    select(Document)
    .where(or_(Document.id == bindparam("id"), Document.source_id == bindparam("id")))
    .order_by(Document.edition)
)
_SHARED_EDITION = select(Document).where(Document.source_id == bindparam("id"), Document.edition == Edition.SHARED)


class UnitOfWork:
    """What one request, command or job does: reads as its reader, and writes all or nothing."""

    def __init__(
        self, site: Site, reader: Reader, *, name: str = "", profession: str = "", writes: bool = True
    ) -> None:
        self.site, self.reader, self.name, self.profession = site, reader, name, profession
        self.session = ReaderSession(writing(site.engine) if writes else site.engine, reader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def commit(self) -> None:
        """Make everything done so far last."""
        with _in_words():
            self.session.commit()

    def flush(self) -> None:
        """Send what is pending to the database, to learn ids and conflicts."""
        with _in_words():
            self.session.flush()

    def pause(self) -> None:
        """End the transaction before slow work, so that nobody waits for its locks; does nothing once something was written."""
        if not self.session.wrote:
            self.session.rollback()

    def access(self, document_id: int, permission: Permission) -> Document:
        """Return the document if the reader may do this to it: the only door to a document.

        A reader who may not see the full document meets its shared edition under the same id, if that is open to them.
        Raises NotFound for what the reader may not see, Forbidden for what they see and may not do.
        """
        document = self.session.scalars(_MEETING_EDITION, {"id": document_id}).first()
        if document is None or not permits(self.reader, Permission.VIEW, document):
            raise NotFound
        if permission is not Permission.VIEW:
            decision = decide(self.reader, permission, document)
            if not decision:
                raise Forbidden(decision.reason)
            if permission is not Permission.EXPORT:
                self.session.open_ward(document.ward_id)
        return document

    def hold(self, document: Document, permission: Permission) -> None:
        """Wait for whoever is writing the document now, read it as they left it, and keep it until the commit.

        SQLite has one writer at a time and needs no waiting here. Raises WrongState when the act is no longer allowed.
        """
        if self.session.get_bind().dialect.name != "sqlite":
            with self.session.past_sight():
                self.session.refresh(document, with_for_update={"of": Document})
            if not permits(self.reader, permission, document):
                raise WrongState(MOVED_ON)

    def shared_edition(self, document: Document) -> Document | None:
        """Return the edition cut from a document for the other wards, for the service that keeps the two in step."""
        with self.session.past_sight():
            return self.session.scalars(_SHARED_EDITION, {"id": document.id}).first()

    def set_readers(self, document: Document) -> None:
        """Recompute the document's readers from the policy; call after any change of state, local roles or place."""
        tokens = readers(document)
        shrinks = document.audience_id is not None and not document.audience.tokens <= tokens
        with self.session.past_sight():
            document.audience = intern_audience(self.session, tokens)
            document.audience_id = document.audience.id
            if shrinks:
                self._forget_notices(document)
        self.recatalog(document, hides=shrinks)

    def _forget_notices(self, document: Document) -> None:
        """Take away the notices of a document from those who can see neither of its editions any more."""
        given = select(Notice.id, Notice.account_id, Notice.for_ward, Notice.for_role)
        rows = self.session.execute(given.where(Notice.document_id == document.public_id)).all()
        if not rows:
            return
        editions = select(Document).where(
            or_(Document.id == document.public_id, Document.source_id == document.public_id)
        )
        seen = {token for one in self.session.scalars(editions) for token in one.audience.tokens}
        gone = [
            number
            for number, account, ward, role in rows
            if seen.isdisjoint(Identity(account, ward, Role(role)).tokens)
        ]
        self.session.execute(delete(Notice).where(Notice.id.in_(gone)))

    def recatalog(self, document: Document, *, hides: bool = False) -> None:
        """Note that the document's index entry has to be made anew; `hides` leaves it out of searches until then."""
        if not inspect(document).persistent:
            self.flush()
        self.session.add(OutboxEntry(document_id=document.id, hides=hides))

    def audit(self, action: str, document: Document | None = None, *, ward: str = "", **detail: Any) -> None:
        """Write the act into the audit trail, in the same transaction. Detail holds ids and names of things, no texts."""
        self.session.add(
            AuditEntry(
                ward_id=ward or (document.ward_id if document else self.reader.ward),
                account_id=self.reader.account_id,
                acting_ward=self.reader.ward,
                acting_role=str(self.reader.role or "system"),
                action=action,
                document_id=document.id if document else None,
                detail=detail,
            )
        )

    @property
    def identity(self) -> Identity:
        """The person acting. Raises Forbidden when the portal itself is acting."""
        if not isinstance(self.reader, Identity):
            raise Forbidden("人の操作が必要です。")
        return self.reader

    @property
    def role_name(self) -> str:
        """The acting role in words."""
        return ROLE_NAMES[self.reader.role] if isinstance(self.reader, Identity) else "ポータル"

    @property
    def account(self) -> Account:
        """The account acting."""
        return self.session.get_one(Account, self.identity.account_id)
