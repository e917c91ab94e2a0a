"""Who can see a document, in words, and why a chosen person can or cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

import tenants
from portal.models import Account, Document, Membership
from portal.security.identity import ROLE_NAMES, SYSTEM, Identity, Role
from portal.security.policy import Decision, decide, readers_in_words, workflow_of
from portal.security.workflows import PERMISSION_NAMES, Permission
from portal.services.errors import Forbidden, NotFound
from portal.services.uow import UnitOfWork


@dataclass(frozen=True)
class Explanation:
    """Why one person, acting in one role, can or cannot see a document and what else they may do."""

    person: str
    acting: str
    sees: Decision
    meets_shared_edition: bool
    may: tuple[str, ...]


def who_sees(uow: UnitOfWork, document: Document) -> tuple[str, ...]:
    """Return who can see the document, and who can see its shared edition, in words."""
    phrases = readers_in_words(document)
    open_editions = workflow_of(document).shared or {}  # an edition is open in the document's state of the same name
    if not document.is_shared_edition and document.state in open_editions and (edition := uow.shared_edition(document)):
        phrases += tuple(f"{one}（24区共有版）" for one in readers_in_words(edition))
    return phrases


def candidates(uow: UnitOfWork, document: Document) -> Sequence[tuple[Account, Membership]]:
    """Return the people one may ask about: of the own ward and the city, of every ward for 健康局."""
    found = select(Account, Membership).join(Membership).where(Account.disabled_at.is_(None))
    if not uow.reader.tokens & {"bureau", "auditor", SYSTEM}:
        found = found.where(Membership.ward_id.in_([uow.reader.ward, tenants.CITY]))
    ordered = found.order_by(Membership.ward_id != document.ward_id, Membership.ward_id, Account.name)
    return [(account, membership) for account, membership in uow.session.execute(ordered)]


def explain(uow: UnitOfWork, document_id: int, membership_id: int) -> Explanation:
    """Explain the rule for a chosen person. Raises NotFound, Forbidden for people one may not ask about."""
    document = uow.access(document_id, Permission.VIEW)
    if document.is_shared_edition:
        raise Forbidden("閲覧の理由は、作成した区と健康局だけが確かめられます。")
    chosen = next((pair for pair in candidates(uow, document) if pair[1].id == membership_id), None)
    if chosen is None:
        raise NotFound
    account, membership = chosen
    person = Identity(account.id, membership.ward_id, Role(membership.role))
    sees = decide(person, Permission.VIEW, document)
    edition = None if sees else uow.shared_edition(document)
    shared = decide(person, Permission.VIEW, edition) if edition else None
    others = tuple(
        PERMISSION_NAMES[one] for one in Permission if one is not Permission.VIEW and decide(person, one, document)
    )
    return Explanation(
        account.name,
        f"{tenants.ward_name(person.ward)}　{ROLE_NAMES[person.role]}",
        shared if shared else sees,
        bool(shared),
        others,
    )
