"""Searches a person keeps: run again as that person, told of when they find something new, read as a feed.

A saved search belongs to one account in one ward and role, and is only ever run as exactly that, with the rights it has at
that moment. When the account is disabled or the role ended, the search sleeps.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, delete, insert, select

from portal.db.base import now
from portal.db.session import insert_if_absent
from portal.kinds.richtext import strip_control
from portal.models import Account, ChangedDocument, Document, KnownHit, Membership, Notice, SavedSearch, SignIn
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import finding, noticing, signing_in
from portal.services.errors import NotFound, Refused, SearchRebuilding
from portal.services.noticing import CHANNELS, MAIL, NONE
from portal.services.site import Site
from portal.services.uow import UnitOfWork

MOST_SEARCHES = 50
"""Saved searches of one person in one role."""
LONGEST = 10_000
"""Characters of the conditions of one search."""
MOST_HITS = 10_000
"""A search that finds more cannot notify: nobody reads such notices, and everything it found has to be remembered."""
BATCH = 500
"""Changed documents looked at in one go."""
FEED_LASTS = timedelta(days=365)
FEED_ENTRIES = 50
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Conditions:
    """What a search asks for: the words, the filters, the order, and the synonym groups that are switched off."""

    text: str = ""
    filters: finding.Filters = field(default_factory=finding.Filters)
    sort: str = "relevance"
    exactly: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the conditions as they are stored: only what differs from asking for everything."""
        plain = {one.name: getattr(self.filters, one.name) for one in fields(self.filters)}
        nothing = asdict(finding.Filters())
        kept = {
            name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
            for name, value in plain.items()
            if value != nothing[name]
        }
        return {"text": self.text, "filters": kept, "sort": self.sort, "exactly": list(self.exactly)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Conditions":
        """Read stored conditions; a filter nobody knows any more is left out."""
        known = {one.name for one in fields(finding.Filters)}
        given = {name: _value(name, value) for name, value in stored.get("filters", {}).items() if name in known}
        return cls(
            stored.get("text", ""),
            finding.Filters(**given),
            stored.get("sort", "relevance"),
            tuple(stored.get("exactly", ())),
        )


def _value(name: str, value: Any) -> Any:
    if name in ("date_from", "date_to"):
        return date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


# -- keeping ----------------------------------------------------------------------------------------------------------


def save(uow: UnitOfWork, *, name: str, conditions: Conditions, notify: str = NONE) -> SavedSearch:
    """Keep a search under a name. Raises Refused for no name, too many searches, or too many hits to notify of."""
    identity = uow.identity
    if len(mine(uow)) >= MOST_SEARCHES:
        raise Refused(f"保存できる検索は{MOST_SEARCHES}件までです。使わないものを削除してください。")
    if len(json.dumps(conditions.as_json())) > LONGEST:
        raise Refused("条件が多すぎて保存できません。条件を減らしてください。")
    search = SavedSearch(
        account_id=identity.account_id,
        for_ward=identity.ward,
        for_role=identity.role.value,
        name=_name(name),
        conditions=conditions.as_json(),
        notify=NONE,
    )
    uow.session.add(search)
    uow.flush()
    _set_notify(uow, search, notify)
    uow.audit("search.saved", search=search.id)
    uow.flush()
    return search


def mine(uow: UnitOfWork) -> Sequence[SavedSearch]:
    """Return the reader's saved searches in the role they act in, by name."""
    identity = uow.identity
    held = select(SavedSearch).where(
        SavedSearch.account_id == identity.account_id,
        SavedSearch.for_ward == identity.ward,
        SavedSearch.for_role == identity.role.value,
    )
    return uow.session.scalars(held.order_by(SavedSearch.name, SavedSearch.id)).all()


def one(uow: UnitOfWork, search_id: int) -> SavedSearch:
    """Return one of the reader's saved searches in the role they act in. Raises NotFound."""
    found = uow.session.get(SavedSearch, search_id)
    if found is None or (found.account_id, found.for_ward, found.for_role) != (
        uow.identity.account_id, uow.identity.ward, uow.identity.role.value,
    ):  # fmt: skip
        raise NotFound
    return found


def change(uow: UnitOfWork, search_id: int, *, name: str | None = None, notify: str | None = None) -> SavedSearch:
    """Rename a saved search, or change how it notifies. Raises NotFound, Refused."""
    search = one(uow, search_id)
    if name is not None:
        search.name = _name(name)
    if notify is not None and notify != search.notify:
        _set_notify(uow, search, notify)
    uow.audit("search.changed", search=search.id)
    uow.flush()
    return search


def remove(uow: UnitOfWork, search_id: int) -> None:
    """Forget a saved search with its notices and its feed. Raises NotFound."""
    search = one(uow, search_id)
    close_feed(uow, search_id)
    for model in (Notice, KnownHit):
        uow.session.execute(delete(model).where(model.saved_search_id == search.id))
    uow.audit("search.removed", search=search.id)
    uow.session.delete(search)
    uow.flush()


def run(uow: UnitOfWork, search: SavedSearch, *, sort: str = "", page: int = 1, size: int = 20) -> finding.Found:
    """Run a saved search as the reader. Raises SearchRebuilding."""
    asked = Conditions.from_json(search.conditions)
    return finding.search(
        uow, asked.text, asked.filters, sort=sort or asked.sort, page=page, size=size, exactly=asked.exactly
    )


def _name(typed: str) -> str:
    name = " ".join(strip_control(typed).split())[:100]
    if not name:
        raise Refused("検索の名前を入力してください。")
    return name


def _set_notify(uow: UnitOfWork, search: SavedSearch, notify: str) -> None:
    """Change how a search notifies; what it finds now counts as known, so that only what comes later is told."""
    if notify not in CHANNELS:
        raise Refused("知らせ方を選び直してください。")
    if search.notify == NONE and notify != NONE:
        found = _found_ids(uow, search)
        if len(found) > MOST_HITS:
            raise Refused(
                f"この検索は{MOST_HITS:,}件より多くの文書に合うため、知らせを受け取れません。条件をしぼってから保存してください。"
            )
        _know(uow, search, found)
    if notify == NONE:
        uow.session.execute(delete(KnownHit).where(KnownHit.saved_search_id == search.id))
    search.notify = notify


def _found_ids(uow: UnitOfWork, search: SavedSearch) -> frozenset[int]:
    asked = Conditions.from_json(search.conditions)
    return finding.found_ids(uow, asked.text, asked.filters, exactly=asked.exactly, most=MOST_HITS + 1)


def _know(uow: UnitOfWork, search: SavedSearch, ids: Iterable[int]) -> None:
    row = {"saved_search_id": search.id, "account_id": search.account_id}
    if rows := [{**row, "document_id": each} for each in ids]:
        uow.session.connection().execute(insert(KnownHit), rows)


# -- telling of what is new -------------------------------------------------------------------------------------------


def look_for_news(site: Site, pause: Callable[[], bool] = lambda: False) -> int:
    """Look with every saved search that notifies at the documents changed since the last look; return the notices made.

    `pause` is called between two searches and says whether to stop; what was not looked at waits.
    """
    made = 0
    while True:
        with UnitOfWork(site, SystemIdentity(), writes=False) as uow:
            rows = uow.session.execute(
                select(ChangedDocument.id, ChangedDocument.document_id).order_by(ChangedDocument.id).limit(BATCH)
            ).all()
            searches = uow.session.execute(_awake()).all() if rows else ()
        if not rows:
            return made
        changed = frozenset(row.document_id for row in rows)
        for search_id, account_id, ward, role in searches:
            made += _look(site, search_id, Identity(account_id, ward, Role(role)), changed)
            if pause():
                return made
        with UnitOfWork(site, SystemIdentity()) as uow:
            uow.session.execute(delete(ChangedDocument).where(ChangedDocument.id.in_([row.id for row in rows])))
            uow.commit()


def _awake() -> Select[int, int, str, str]:
    """Return the searches that notify, of people who hold their role now."""
    return (
        select(SavedSearch.id, SavedSearch.account_id, SavedSearch.for_ward, SavedSearch.for_role)
        .join(Account, Account.id == SavedSearch.account_id)
        .join(
            Membership,
            (Membership.account_id == SavedSearch.account_id)
            & (Membership.ward_id == SavedSearch.for_ward)
            & (Membership.role == SavedSearch.for_role),
        )
        .where(SavedSearch.notify != NONE, *noticing.in_force())
        .order_by(SavedSearch.id)
    )


def _look(site: Site, search_id: int, owner: Identity, changed: frozenset[int]) -> int:
    """Look with one search, as its owner, at what changed; a failure is logged and stops no other search."""
    try:
        with UnitOfWork(site, owner, writes=False) as uow:
            search = uow.session.get(SavedSearch, search_id)
            if search is None or search.notify == NONE:
                return 0
            found = _found_ids(uow, search) & changed
            known = _known(uow, search_id, changed)
        return _take_in(site, search_id, owner, found - known, known - found) if found != known else 0
    except SearchRebuilding:
        raise
    except Exception:
        log.exception("saved search %s could not be run", search_id)
        return 0


def _known(uow: UnitOfWork, search_id: int, changed: frozenset[int]) -> frozenset[int]:
    held = select(KnownHit.document_id).where(KnownHit.saved_search_id == search_id, KnownHit.document_id.in_(changed))
    return frozenset(uow.session.scalars(held))


def _take_in(site: Site, search_id: int, owner: Identity, new: frozenset[int], gone: frozenset[int]) -> int:
    """Remember what a search finds now and tell of what is new, once, however many hosts look at the same time."""
    made = 0
    with UnitOfWork(site, owner) as uow:
        search = uow.session.get(SavedSearch, search_id)
        if search is None:
            return 0
        by_mail = search.notify == MAIL and bool(uow.account.mail_address)
        for document in uow.session.scalars(select(Document).where(Document.id.in_(new)).order_by(Document.id)):
            known = {"saved_search_id": search_id, "document_id": document.id, "account_id": owner.account_id}
            if insert_if_absent(uow.session, KnownHit, **known):
                noticing.add(uow, owner, "search", document, by_mail=by_mail, search_id=search_id)
                made += 1
        uow.session.execute(
            delete(KnownHit).where(KnownHit.saved_search_id == search_id, KnownHit.document_id.in_(gone))
        )
        search.told_at = now() if made else search.told_at
        uow.commit()
    return made


# -- feeds ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feed:
    """What a feed tells: the newest documents its search finds, and a mark that changes when any of them does."""

    search: SavedSearch
    documents: Sequence[Document]

    @property
    def mark(self) -> str:
        """A text that is the same as long as the feed tells the same."""
        told = [
            [one.public_id, one.edition, one.title, one.ward_id, str(one.held_on), one.updated_at.isoformat()]
            for one in self.documents
        ]
        return hashlib.sha256(json.dumps([self.search.name, told]).encode()).hexdigest()[:32]


def open_feed(uow: UnitOfWork, search_id: int) -> str:
    """Make a new feed token for a saved search and return its secret, which is told this once; an older one ends."""
    search = one(uow, search_id)
    close_feed(uow, search_id)
    secret, row = signing_in.add_feed_sign_in(uow, name=search.name, expires_at=now() + FEED_LASTS)
    search.feed_sign_in_id = row.id
    uow.audit("feed.opened", search=search.id)
    uow.flush()
    return secret


def close_feed(uow: UnitOfWork, search_id: int) -> None:
    """End the feed of a saved search, if it has one."""
    search = one(uow, search_id)
    if search.feed_sign_in_id is None:
        return
    row = uow.session.get_one(SignIn, search.feed_sign_in_id)
    row.revoked_at = row.revoked_at or now()
    search.feed_sign_in_id = None
    uow.audit("feed.closed", search=search.id)
    uow.flush()


def has_feed(uow: UnitOfWork, searches: Sequence[SavedSearch]) -> frozenset[int]:
    """Return which of the searches have a feed that can be read now."""
    wanted = [each.feed_sign_in_id for each in searches if each.feed_sign_in_id]
    live = select(SignIn.id).where(SignIn.id.in_(wanted), SignIn.revoked_at.is_(None), SignIn.expires_at > now())
    living = set(uow.session.scalars(live)) if wanted else set()
    return frozenset(each.id for each in searches if each.feed_sign_in_id in living)


def read_feed(site: Site, secret: str) -> Feed:
    """Return what the feed of that secret tells now, found as its owner. Raises NotFound for everything else."""
    session = signing_in.find_session(site, secret)
    if session is None or session.channel != "feed":
        raise NotFound
    with UnitOfWork(site, session.identity, writes=False) as uow:
        held = select(SavedSearch).where(SavedSearch.feed_sign_in_id == session.sign_in_id)
        search = uow.session.scalars(held).one_or_none()
        if search is None:
            raise NotFound
        found = run(uow, search, sort="updated", size=FEED_ENTRIES)
        return Feed(search, [hit.document for hit in found.hits])
