"""What waits for a person: the documents their role must act on, their unsaved drafts, and what is new."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, case, func, select

from portal.db.session import prepared
from portal.kinds import Kind, all_kinds
from portal.models import Act, Document, Draft
from portal.security.identity import Identity, Role
from portal.security.policy import acts_across_wards, may_create, permits
from portal.security.workflows import Edition, Permission
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
"""Documents of one block at most."""
ELSEWHERE = {
    Role.COORDINATOR: ("confirming", "submitted"),
    Role.RESPONSIBLE: ("submitted",),
}
"""Per role, the states in which one's own report waits for somebody else."""
NEWS = 10


@dataclass(frozen=True)
class Waiting:
    """One thing to do: the document, what the button says, and the last comment that came with it.

    `by_another` says that the four-eyes rule gives this one to somebody else of the same role.
    """

    document: Document
    button: str
    comment: str = ""
    comment_by: str = ""
    by_another: bool = False


@dataclass(frozen=True)
class Begun:
    """Something typed and not yet saved; `document` is what it belongs to, `open` says whether it can still be saved."""

    draft: Draft
    document: Document | None
    open: bool


@dataclass(frozen=True)
class Home:
    """The blocks of the first screen."""

    waiting: Sequence[Waiting]
    waiting_total: int
    elsewhere: Sequence[Document]
    begun: Sequence[Begun]
    news: Sequence[Document]
    writes: Sequence[Kind]

    @property
    def drafts(self) -> Sequence[Draft]:
        """The unsaved drafts alone."""
        return [one.draft for one in self.begun]


def home(uow: UnitOfWork, *, most: int = MOST) -> Home:
    """Return what the reader's first screen shows; `most` is how many waiting documents."""
    identity = uow.identity
    waits, total = waiting(uow, size=most)
    news = select(Document).where(Document.state.in_(("accepted", "shared", "kept")))
    return Home(
        waiting=waits,
        waiting_total=total,
        elsewhere=_in_states(uow, ELSEWHERE.get(identity.role, ()))[0],
        begun=_begun(uow),
        news=uow.session.scalars(news.order_by(Document.updated_at.desc()).limit(NEWS)).all(),
        writes=[kind for kind in all_kinds() if kind.new_label and may_create(identity, kind.workflow, identity.ward)],
    )


def waiting(uow: UnitOfWork, *, page: int = 1, size: int = MOST) -> tuple[Sequence[Waiting], int]:
    """Return one page of what waits for the reader, the most urgent first, and how many there are in all."""
    identity = uow.identity
    states = WAITING.get(identity.role, {})
    documents, total = _in_states(uow, tuple(states), page, size)
    comments = _last_comments(uow, documents)
    return [
        Waiting(one, states[one.state], *comments.get(one.id, ("", "")), by_another=_is_for_another(identity, one))
        for one in documents
    ], total


def _in_states(
    uow: UnitOfWork, states: tuple[str, ...], page: int = 1, size: int = MOST
) -> tuple[Sequence[Document], int]:
    """Return the documents in these states that concern the reader, the most urgent state first, and how many there are."""
    if not states:
        return (), 0
    found = select(Document).where(Document.state.in_(states), Document.edition == Edition.FULL)
    if not acts_across_wards(uow.reader):
        found = found.where(Document.ward_id == uow.reader.ward)
    urgency = case({state: number for number, state in enumerate(states)}, value=Document.state)
    ordered = found.order_by(urgency, Document.updated_at, Document.id)
    shown = uow.session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    if page == 1 and len(shown) < size:
        return shown, len(shown)
    return shown, uow.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _is_for_another(identity: Identity, document: Document) -> bool:
    """Say whether the four-eyes rule keeps this person from the act the document waits for."""
    return document.state == "confirming" and not permits(identity, Permission.CONFIRM, document)


def _begun(uow: UnitOfWork) -> Sequence[Begun]:
    mine = drafts.mine(uow)
    wanted = [one.document_id for one in mine if one.document_id]
    found = uow.session.scalars(select(Document).where(Document.id.in_(wanted))).all() if wanted else ()
    seen = {one.id: one for one in found}
    return [
        Begun(one, document, document is None or permits(uow.reader, Permission.EDIT, document))
        for one in mine
        if (document := seen.get(one.document_id or 0)) or not one.document_id
    ]


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
    return uow.session.scalars(_ACTS, {"ward": document.ward_id, "document": document.id}).all()


_ACTS = prepared(
    select(Act)
    .where(Act.ward_id == bindparam("ward"), Act.document_id == bindparam("document"))
    .order_by(Act.id.desc())
)
