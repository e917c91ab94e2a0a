"""Notices: what the portal tells a person by itself, written in the transaction of the act it tells of.

A notice names a document and never its title. What it says is looked up when it is read, listed or mailed, under the
rights its reader has then; a document that went out of sight takes its notices with it (`UnitOfWork.set_readers`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from portal.db.base import now
from portal.kinds.calendar import today
from portal.models import Account, Document, Membership, Notice, NoticeChoice, SavedSearch
from portal.security.identity import Identity, Role
from portal.security.policy import permits
from portal.security.workflows import Permission
from portal.services.errors import NotFound, Refused
from portal.services.uow import UnitOfWork

NONE, SCREEN, MAIL = "none", "screen", "mail"
CHANNELS = {SCREEN: "画面だけ", MAIL: "画面とメール", NONE: "知らせない"}
"""How a person can be told, and what that is called."""


@dataclass(frozen=True)
class Event:
    """One thing people are told of: its name in the settings, what a notice says, and how it is told by default."""

    title: str
    told: str
    channel: str = SCREEN
    at_once: bool = False
    roles: frozenset[Role] = frozenset({Role.COORDINATOR, Role.RESPONSIBLE})
    """Who can be told of it at all."""
    waits: bool = False
    """True: it asks for an act, and is settled once the document has moved on, whoever did it."""


EVENTS: Mapping[str, Event] = {
    "returned": Event("自分の報告の差し戻し", "報告が差し戻されました。", MAIL, at_once=True),
    "confirming": Event(
        "法人確認の依頼", "法人確認を待っています。", MAIL, roles=frozenset({Role.RESPONSIBLE}), waits=True
    ),
    "submitted": Event(
        "報告の提出", "提出され、受付を待っています。", roles=frozenset({Role.BUREAU, Role.BUREAU_ADMIN}), waits=True
    ),
    "confirmed": Event("自分の報告の法人確認", "法人の確認が済み、健康局に提出されました。"),
    "accepted": Event("自分の報告の受付", "健康局が受け付けました。"),
    "shared": Event("自分の報告の24区への共有", "24区に共有されました。"),
    "offered": Event(
        "ほかの区の報告の共有", "ほかの区の報告が、24区に共有されました。", roles=frozenset({Role.COORDINATOR})
    ),
}
"""What people are told of and can choose about. A saved search brings its own choice."""
SEARCH = Event("保存した検索", "保存した検索に、新しい文書があります。")


@dataclass(frozen=True)
class Told:
    """One notice as its reader may read it now."""

    notice: Notice
    event: Event
    document: Document
    search: SavedSearch | None = None


@dataclass(frozen=True)
class Page:
    """One page of notices, unread ones first, then the newest."""

    total: int
    items: Sequence[Told]
    number: int
    size: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))


# -- telling ----------------------------------------------------------------------------------------------------------

_AUTHORS = {"confirm": "confirmed", "return": "returned", "accept": "accepted", "share": "shared"}
"""Per transition what those are told whose report it is."""


def tell_of(uow: UnitOfWork, document: Document, transition: str, *, hands: frozenset[int]) -> None:
    """Tell whom it concerns of a transition just done. `hands` wrote the report or handed it over before it."""
    _settle(uow, document)
    ward = document.ward_id
    if event := _AUTHORS.get(transition):
        _tell(uow, event, document, Membership.ward_id == ward, Membership.account_id.in_(hands))
    if transition == "request_confirmation":
        # Not those whom the four-eyes rule keeps from confirming.
        _tell(uow, "confirming", document, Membership.ward_id == ward, Membership.account_id.not_in(document.hands))
    elif transition == "confirm":
        _tell(uow, "submitted", document)
    elif transition == "share" and (edition := uow.shared_edition(document)):
        _tell(uow, "offered", edition, Membership.ward_id != ward)


def _settle(uow: UnitOfWork, document: Document) -> None:
    """Count as read what asked for an act on a document that has moved on."""
    waiting = [name for name, event in EVENTS.items() if event.waits]
    asked = (Notice.document_id == document.public_id, Notice.event.in_(waiting), Notice.read_at.is_(None))
    with uow.session.past_sight():
        uow.session.execute(update(Notice).where(*asked).values(read_at=now()), execution_options=_UNSYNCED)


_UNSYNCED = {"synchronize_session": False}


def _tell(uow: UnitOfWork, event: str, document: Document, *who: ColumnElement[bool]) -> None:
    """Add a notice for each of those people who wants it and sees the document; one each, whatever roles they hold."""
    found = (
        select(Membership.account_id, Membership.ward_id, Membership.role, NoticeChoice.channel, Account.mail_address)
        .join(Account, Account.id == Membership.account_id)
        .outerjoin(NoticeChoice, (NoticeChoice.account_id == Account.id) & (NoticeChoice.event == event))
        .where(Membership.role.in_(EVENTS[event].roles), *who, *in_force(), Account.id != (uow.reader.account_id or 0))
        .order_by(Membership.id)
    )
    with uow.session.past_sight():
        rows = uow.session.execute(found).all()
    told: set[int] = set()
    for account_id, ward, role, channel, address in rows:
        channel = channel or EVENTS[event].channel
        identity = Identity(account_id, ward, Role(role))
        if channel != NONE and account_id not in told and permits(identity, Permission.VIEW, document):
            told.add(account_id)
            add(uow, identity, event, document, by_mail=channel == MAIL and bool(address))


def in_force() -> tuple[ColumnElement[bool], ...]:
    """Return what says that a membership, joined with its account, is in force."""
    return Account.disabled_at.is_(None), or_(Membership.ends_on.is_(None), Membership.ends_on >= today())


def add(
    uow: UnitOfWork, reader: Identity, event: str, document: Document, *, by_mail: bool, search_id: int | None = None
) -> None:
    """Add one notice for a person in the role it is meant for."""
    uow.session.add(
        Notice(
            account_id=reader.account_id,
            for_ward=reader.ward,
            for_role=reader.role.value,
            event=event,
            document_id=document.public_id,
            saved_search_id=search_id,
            by_mail=by_mail,
        )
    )


# -- reading ----------------------------------------------------------------------------------------------------------


def notices(uow: UnitOfWork, *, page: int = 1, size: int = 50, unread_only: bool = False) -> Page:
    """Return one page of the notices for the reader in the role they act in."""
    mine = _mine(uow.identity)
    if unread_only:
        mine = (*mine, Notice.read_at.is_(None))
    total = uow.session.scalar(select(func.count(Notice.id)).where(*mine)) or 0
    ordered = (
        select(Notice).where(*mine).order_by(Notice.read_at.is_not(None), Notice.created_at.desc(), Notice.id.desc())
    )
    shown = uow.session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return Page(total, resolved(uow, shown), page, size)


def _mine(identity: Identity) -> tuple[ColumnElement[bool], ...]:
    return (
        Notice.account_id == identity.account_id,
        Notice.for_ward == identity.ward,
        Notice.for_role == identity.role.value,
    )


def resolved(uow: UnitOfWork, found: Iterable[Notice]) -> list[Told]:
    """Return those of the notices whose document the reader may see now, with that document in the edition they meet."""
    found = list(found)
    documents = _documents(uow, {one.document_id for one in found})
    wanted = {one.saved_search_id for one in found if one.saved_search_id}
    searches = {}
    if wanted:
        searches = {one.id: one for one in uow.session.scalars(select(SavedSearch).where(SavedSearch.id.in_(wanted)))}
    return [
        Told(one, EVENTS.get(one.event, SEARCH), documents[one.document_id], searches.get(one.saved_search_id or 0))
        for one in found
        if one.document_id in documents
    ]


def _documents(uow: UnitOfWork, ids: set[int]) -> dict[int, Document]:
    if not ids:
        return {}
    either = or_(Document.id.in_(ids), Document.source_id.in_(ids))
    # "full" comes before "shared" and is what a reader meets who may see both.
    ordered = select(Document).where(either, Document.deleted_at.is_(None)).order_by(Document.edition.desc())
    return {one.public_id: one for one in uow.session.scalars(ordered)}


def unread_elsewhere(uow: UnitOfWork) -> list[tuple[str, str, int]]:
    """Return how many unread notices wait for the same person in their other roles: ward, role, number."""
    identity = uow.identity
    found = (
        select(Notice.for_ward, Notice.for_role, func.count(Notice.id))
        .join(
            Membership,
            (Membership.account_id == Notice.account_id)
            & (Membership.ward_id == Notice.for_ward)
            & (Membership.role == Notice.for_role),
        )
        .where(Notice.account_id == identity.account_id, Notice.read_at.is_(None))
        .where(or_(Membership.ends_on.is_(None), Membership.ends_on >= today()))
        .group_by(Notice.for_ward, Notice.for_role)
        .order_by(Notice.for_ward, Notice.for_role)
    )
    rows = [(ward, role, count) for ward, role, count in uow.session.execute(found)]
    return [row for row in rows if row[:2] != (identity.ward, identity.role.value)]


def open_notice(uow: UnitOfWork, notice_id: int) -> Document:
    """Count one of the reader's notices as read and return its document. Raises NotFound."""
    notice = uow.session.get(Notice, notice_id)
    if notice is None or (notice.for_ward, notice.for_role) != (uow.identity.ward, uow.identity.role.value):
        raise NotFound
    told = resolved(uow, [notice])
    if not told:
        raise NotFound
    notice.read_at = notice.read_at or now()
    uow.flush()
    return told[0].document


def mark_read(uow: UnitOfWork, ids: Sequence[int] | None = None) -> int:
    """Count notices of the reader as read, all of them when none is named; return how many were unread."""
    asked = (*_mine(uow.identity), Notice.read_at.is_(None))
    if ids is not None:
        asked = (*asked, Notice.id.in_(ids))
    uow.session.writes()
    done: Any = uow.session.execute(update(Notice).where(*asked).values(read_at=now()), execution_options=_UNSYNCED)
    return int(done.rowcount)


# -- choices ----------------------------------------------------------------------------------------------------------


def choices(uow: UnitOfWork) -> dict[str, str]:
    """Return how the reader wants to be told of each event."""
    mine = select(NoticeChoice).where(NoticeChoice.account_id == uow.identity.account_id)
    chosen = {one.event: one.channel for one in uow.session.scalars(mine)}
    return {name: chosen.get(name, event.channel) for name, event in EVENTS.items()}


def events_for(roles: Iterable[Role]) -> dict[str, Event]:
    """Return the events somebody with these roles can be told of."""
    held = frozenset(roles)
    return {name: event for name, event in EVENTS.items() if event.roles & held}


def choose(uow: UnitOfWork, chosen: Mapping[str, str]) -> None:
    """Change how the reader wants to be told. Raises Refused for what cannot be chosen."""
    for event, channel in chosen.items():
        if event not in EVENTS or channel not in CHANNELS:
            raise Refused("お知らせの種類と知らせ方を選び直してください。")
        row = uow.session.get(NoticeChoice, (uow.identity.account_id, event))
        if row is None:
            row = NoticeChoice(account_id=uow.identity.account_id, event=event)
            uow.session.add(row)
        row.channel = channel
    uow.audit("notice.choices", account=uow.identity.account_id)
    uow.flush()
