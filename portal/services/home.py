"""What waits for a person: the documents their role must act on, their unsaved drafts, and what is new."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.models import Act, Document, Draft
from portal.security.identity import Role
from portal.services import drafts
from portal.services.uow import UnitOfWork

WAITING = {
    Role.COORDINATOR: {"returned": "直して出し直す", "draft": "続きを書く"},
    Role.RESPONSIBLE: {"confirming": "内容を確認する"},
    Role.BUREAU: {"submitted": "内容を見て受け付ける"},
    Role.BUREAU_ADMIN: {"submitted": "内容を見て受け付ける"},
}
"""Per role, the states that wait for it, most urgent first, and what its button says."""
MOST = 30


@dataclass(frozen=True)
class Waiting:
    """One thing to do: the document, what the button says, and the last comment that came with it."""

    document: Document
    button: str
    comment: str
    comment_by: str


@dataclass(frozen=True)
class Home:
    """The three blocks of the first screen."""

    waiting: Sequence[Waiting]
    waiting_total: int
    drafts: Sequence[Draft]
    news: Sequence[Document]


def home(uow: UnitOfWork) -> Home:
    """Return what the reader's first screen shows."""
    states = WAITING.get(uow.identity.role, {})
    found = select(Document).where(Document.state.in_(states), Document.edition == "full")
    if uow.identity.role in (Role.COORDINATOR, Role.RESPONSIBLE):
        found = found.where(Document.ward_id == uow.reader.ward)
    documents = list(uow.session.scalars(found.order_by(Document.updated_at).limit(200))) if states else []
    documents.sort(key=lambda one: list(states).index(one.state))
    comments = _last_comments(uow, documents[:MOST])
    waiting = [Waiting(one, states[one.state], *comments.get(one.id, ("", ""))) for one in documents[:MOST]]
    news = uow.session.scalars(
        select(Document)
        .where(Document.state.in_(("accepted", "shared", "kept")))
        .order_by(Document.updated_at.desc())
        .limit(10)
    ).all()
    return Home(waiting, len(documents), drafts.mine(uow), news)


def _last_comments(uow: UnitOfWork, documents: Sequence[Document]) -> dict[int, tuple[str, str]]:
    returned = [one.id for one in documents if one.state == "returned"]
    if not returned:
        return {}
    acts = uow.session.scalars(
        select(Act).where(Act.document_id.in_(returned), Act.transition == "return").order_by(Act.id)
    )
    return {act.document_id: (act.comment, act.actor_name) for act in acts}


def acts_of(uow: UnitOfWork, document: Document) -> Sequence[Act]:
    """Return the transitions done to a document, newest first."""
    found = select(Act).where(Act.ward_id == document.ward_id, Act.document_id == document.id)
    return uow.session.scalars(found.order_by(Act.id.desc())).all()
