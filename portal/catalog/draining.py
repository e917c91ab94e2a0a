"""The one way from the database to the index: outbox rows in, one index commit, outbox rows gone."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload, undefer

from portal.catalog.entries import entry_of
from portal.db.session import ReaderSession
from portal.models import Attachment, ChangedDocument, Document, OutboxEntry, SavedSearch, Version
from search_index import Entry
from search_index.engine import Engine

BATCH = 1000
"""Documents read from the database at a time."""


def drain(session: ReaderSession, index: Engine, *, most: int = 5000) -> int:
    """Bring the index up to the outbox; return how many rows were done. `session` is the portal's own, and writing.

    The index commit comes first: killed between the two, the same rows are done again and change nothing.
    """
    rows = session.execute(select(OutboxEntry.id, OutboxEntry.document_id).order_by(OutboxEntry.id).limit(most)).all()
    if not rows:
        return 0
    ids = sorted({row.document_id for row in rows})
    found = list(entries_of(session, ids))
    session.rollback()  # the index takes its time; nobody waits for a lock of ours meanwhile
    index.update(found, set(ids) - {entry.id for entry in found}, stamp=rows[-1].id)
    done = [row.id for row in rows]
    for start in range(0, len(done), BATCH):
        session.execute(delete(OutboxEntry).where(OutboxEntry.id.in_(done[start : start + BATCH])))
    _hand_on(session, ids)
    session.commit()
    return len(done)


def _hand_on(session: ReaderSession, ids: Sequence[int]) -> None:
    """Note what was taken in for the saved searches to look at, if there is one that wants to know."""
    if session.scalar(select(SavedSearch.id).where(SavedSearch.notify != "none").limit(1)) is not None:
        session.add_all(ChangedDocument(document_id=each) for each in ids)


def waiting(session: ReaderSession) -> int:
    """Return how many outbox rows the index has not taken yet."""
    return session.scalar(select(func.count(OutboxEntry.id))) or 0


def last_outbox_id(session: ReaderSession) -> int:
    """Return the newest outbox row there is, 0 when there is none."""
    return session.scalar(select(func.max(OutboxEntry.id))) or 0


def documents(session: ReaderSession) -> int:
    """Return how many documents there are to be found."""
    return session.scalar(select(func.count(Document.id)).where(Document.deleted_at.is_(None))) or 0


def all_entries(session: ReaderSession) -> Iterator[Entry]:
    """Yield the entry of every document, for a rebuild."""
    last = 0
    while True:
        found = select(Document.id).where(Document.id > last, Document.deleted_at.is_(None)).order_by(Document.id)
        ids = session.scalars(found.limit(BATCH)).all()
        if not ids:
            return
        yield from entries_of(session, ids)
        session.expunge_all()
        last = ids[-1]


def entries_of(session: ReaderSession, ids: Sequence[int]) -> Iterator[Entry]:
    """Yield the entries of those of the documents that can be found by anybody."""
    for start in range(0, len(ids), BATCH):
        yield from _batch(session, ids[start : start + BATCH])


def _batch(session: ReaderSession, ids: Sequence[int]) -> Iterator[Entry]:
    documents = session.scalars(
        select(Document)
        .where(Document.id.in_(ids), Document.deleted_at.is_(None))
        .options(joinedload(Document.audience))
        .execution_options(populate_existing=True)
    ).all()
    current = select(Version).join(
        Document, (Document.id == Version.document_id) & (Document.version_number == Version.number)
    )
    versions = {one.document_id: one for one in session.scalars(current.where(Version.document_id.in_(ids)))}
    files = session.scalars(
        select(Attachment)
        .where(Attachment.document_id.in_(ids), Attachment.deleted_at.is_(None))
        .options(undefer(Attachment.text))
        .order_by(Attachment.document_id, Attachment.id)
    ).all()
    by_document = {key: list(group) for key, group in groupby(files, lambda file: file.document_id)}
    for document in documents:
        if document.audience.name != "system":
            yield entry_of(document, versions[document.id], by_document.get(document.id, []))
