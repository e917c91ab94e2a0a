"""What a person does with a document: create it, save versions, go back to an old one, delete it, compare."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import defer

import tenants
from portal.db.base import now
from portal.db.session import insert_if_absent, prepared
from portal.kinds import Content, Kind, find_kind
from portal.kinds.calendar import fiscal_year, today
from portal.kinds.diff import FieldChange
from portal.models import Document, UsedNonce, Version
from portal.security.policy import may_create
from portal.security.workflows import WORKFLOWS, Edition, Permission
from portal.services import comparing, drafts, numbering
from portal.services.errors import EditConflict, Forbidden, NotFound, Refused
from portal.services.uow import UnitOfWork


def create(
    uow: UnitOfWork, *, ward: str, kind: Kind, title: str, typed: Mapping[str, Any], comment: str = "", nonce: str = ""
) -> Document:
    """Make a document with its first version. The same nonce from the same person finds the same document again.

    Raises Invalid for what cannot be read, NotFound for an unknown ward, Forbidden where the reader may not create.
    """
    if tenants.find_ward(ward) is None:
        raise NotFound
    if not may_create(uow.reader, kind.workflow, ward):
        raise Forbidden(f"{tenants.ward_name(ward)}の{kind.full_title}は、{uow.role_name}には作成できません。")
    if nonce and (made := made_with(uow, nonce)):
        return made
    content = kind.clean(title, typed)
    if nonce and not _claim(uow, nonce) and (made := made_with(uow, nonce)):
        return made
    document = Document(
        ward_id=ward,
        kind_name=kind.name,
        edition=Edition.FULL.value,
        state=WORKFLOWS[kind.workflow].first,
        local_grants=[],
        created_by=uow.reader.account_id,
        changes=0,
    )
    version = _next_version(uow, document, content, comment)
    uow.session.add(document)
    uow.set_readers(document)
    version.document_id = document.id
    uow.session.add(version)
    if nonce:
        uow.session.scalars(_USED, {"account": uow.identity.account_id, "nonce": nonce}).one().document_id = document.id
        drafts.discard(uow, f"new-{nonce}")
    uow.audit("document.created", document, kind=kind.name, number=document.number)
    uow.flush()
    return document


def made_with(uow: UnitOfWork, nonce: str) -> Document | None:
    """Return the document this person made with that nonce. Raises NotFound when it may not be seen any more."""
    used = uow.session.scalars(_USED, {"account": uow.identity.account_id, "nonce": nonce}).one_or_none()
    return uow.access(used.document_id, Permission.VIEW) if used else None


_USED = prepared(
    select(UsedNonce).where(UsedNonce.account_id == bindparam("account"), UsedNonce.nonce == bindparam("nonce"))
)


def _claim(uow: UnitOfWork, nonce: str) -> bool:
    """Take the nonce; when the same form arrives twice at once, the second waits here and finds the first one's document."""
    return insert_if_absent(
        uow.session, UsedNonce, account_id=uow.identity.account_id, nonce=nonce, document_id=0, created_at=now()
    )


def save_version(
    uow: UnitOfWork,
    document_id: int,
    *,
    title: str,
    typed: Mapping[str, Any],
    comment: str = "",
    base: int,
    from_word: Sequence[str] = (),
) -> Version:
    """Add a version to a document, or return the current one when nothing changed.

    `base` is the version the text was started from. `from_word` names the fields that came out of a Word file; what the
    person is typing in the form then stays a draft. Raises EditConflict when another was saved since, Invalid for what
    cannot be read.
    """
    document = uow.access(document_id, Permission.EDIT)
    content = document.kind.clean(title, typed)
    uow.hold(document, Permission.EDIT)
    current = current_version(uow, document)
    if not from_word:
        drafts.discard(uow, f"document-{document.id}")
    if content.as_json() == current.content_json:
        return current
    if base != current.number:
        raise EditConflict(document, current, content)
    version = _next_version(uow, document, content, comment)
    uow.session.add(version)
    more: dict[str, Any] = {"from_word": list(from_word)} if from_word else {}
    uow.audit("document.version.saved", document, number=version.number, **more)
    uow.recatalog(document)
    uow.flush()
    return version


def restore_version(uow: UnitOfWork, document_id: int, number: int, *, base: int) -> Version:
    """Bring an old version back as a new one. Raises EditConflict when another was saved since."""
    document = uow.access(document_id, Permission.EDIT)
    uow.hold(document, Permission.EDIT)
    old = version_of(uow, document, number)
    current = current_version(uow, document)
    if base != current.number:
        raise EditConflict(document, current, old.content)
    if old.content_json == current.content_json:
        return current
    version = _next_version(uow, document, old.content, f"第{number}版に戻す", restored_from=number)
    uow.session.add(version)
    uow.audit("document.version.restored", document, number=version.number, restored=number)
    uow.recatalog(document)
    uow.flush()
    return version


def delete(uow: UnitOfWork, document_id: int, *, base: int | None = None) -> None:
    """Take a document away from everybody's sight. Its versions and its number stay. Raises EditConflict when it moved on."""
    document = uow.access(document_id, Permission.DELETE)
    current = current_version(uow, document)
    if base is not None and base != current.number:
        raise EditConflict(document, current, current.content)
    document.deleted_at = now()
    uow.audit("document.deleted", document)
    uow.set_readers(document)
    uow.flush()


def current_version(uow: UnitOfWork, document: Document) -> Version:
    """Return the newest version of a document the reader got through `access`."""
    return version_of(uow, document, document.version_number)


_OF_DOCUMENT = Version.ward_id == bindparam("ward"), Version.document_id == bindparam("document")
_ONE_VERSION = prepared(select(Version).where(*_OF_DOCUMENT, Version.number == bindparam("number")))
_ALL_VERSIONS = prepared(
    select(Version).where(*_OF_DOCUMENT).order_by(Version.number.desc()).options(defer(Version.content_json))
)


def version_of(uow: UnitOfWork, document: Document, number: int) -> Version:
    """Return one version of a document the reader got through `access`. Raises NotFound."""
    if not 0 < number < 1 << 31:
        raise NotFound
    asked = {"ward": document.ward_id, "document": document.id, "number": number}
    version = uow.session.scalars(_ONE_VERSION, asked).one_or_none()
    if version is None:
        raise NotFound
    return version


def versions(uow: UnitOfWork, document: Document) -> Sequence[Version]:
    """Return all versions of a document, newest first, without their texts."""
    return uow.session.scalars(_ALL_VERSIONS, {"ward": document.ward_id, "document": document.id}).all()


def difference(uow: UnitOfWork, document: Document, old: int, new: int) -> list[FieldChange]:
    """Return field by field what changed between two versions of a document."""
    before, after = version_of(uow, document, old), version_of(uow, document, new)
    return comparing.changes(document.kind, before.content, after.content)


def kind_named(name: str) -> Kind:
    """Return a kind by name. Raises Refused when there is none."""
    kind = find_kind(name)
    if kind is None:
        raise Refused(f"「{name[:40]}」という種類はありません。")
    return kind


def _next_version(
    uow: UnitOfWork, document: Document, content: Content, comment: str, *, restored_from: int | None = None
) -> Version:
    document.version_number = (document.version_number or 0) + 1
    document.updated_by, document.updated_by_name, document.updated_at = uow.reader.account_id, uow.name, now()
    take_facts(document, content)
    numbering.give_number(uow, document)
    return Version(
        ward_id=document.ward_id,
        document_id=document.id,
        number=document.version_number,
        content_json=content.as_json(),
        comment=comment.strip()[:500],
        author_id=uow.reader.account_id,
        author_name=uow.name,
        restored_from=restored_from,
    )


def take_facts(document: Document, content: Content) -> None:
    """Copy what lists and filters know of the content onto the document."""
    facts = document.kind.facts(content)
    document.title = content.title
    document.held_on = facts.held_on
    document.fiscal_year = fiscal_year(facts.held_on or today())
    document.body_name, document.items = facts.body_name, ",".join(facts.items)
    document.has_decision, document.has_issue = facts.has_decision, facts.has_issue
