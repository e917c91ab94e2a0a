"""How documents, versions, files and people look in JSON, and the schemas that say so."""

from collections.abc import Iterable
from typing import Any

import tenants
from portal.kinds import find_kind
from portal.models import Account, Act, Attachment, Document, Membership, Version
from portal.security.identity import ROLE_NAMES, Role
from portal.security.policy import permits, state_of, transitions_for
from portal.security.workflows import Permission
from portal.services import attaching, explaining
from portal.services.uow import UnitOfWork
from portal.web.api.answering import etag
from portal.web.api.describing import DAY, FLAG, MOMENT, TEXT, WHOLE, optional, record, several
from portal.web.showing import act_title

STANDING = (Permission.VIEW, Permission.EXPORT, Permission.EDIT, Permission.DELETE)
"""Permissions that are not those of a transition."""

SUMMARY_PROPERTIES: dict[str, Any] = {
    "id": WHOLE, "ward": TEXT, "ward_name": TEXT, "kind": TEXT, "kind_title": TEXT, "title": TEXT, "number": optional(TEXT),
    "state": TEXT, "state_title": TEXT, "edition": {"enum": ["full", "shared"]}, "version": WHOLE, "fiscal_year": WHOLE,
    "held_on": optional(DAY), "body": TEXT, "has_decision": FLAG, "has_issue": FLAG, "updated_at": MOMENT,
    "updated_by": TEXT, "url": TEXT, "self": TEXT,
}  # fmt: skip
SUMMARY = record(**SUMMARY_PROPERTIES)


def summary(document: Document) -> dict[str, Any]:
    """Return what lists show of a document. `url` is its page for people, `self` its address in the API."""
    public_id = document.public_id
    return {
        "id": public_id,
        "ward": document.ward_id,
        "ward_name": tenants.ward_name(document.ward_id),
        "kind": document.kind_name,
        "kind_title": document.kind.full_title,
        "title": document.title,
        "number": document.number,
        "state": document.state,
        "state_title": state_of(document).title,
        "edition": document.edition,
        "version": document.version_number,
        "fiscal_year": document.fiscal_year,
        "held_on": document.held_on,
        "body": document.body_name,
        "has_decision": document.has_decision,
        "has_issue": document.has_issue,
        "updated_at": document.updated_at,
        "updated_by": document.updated_by_name,
        "url": f"/documents/{public_id}",
        "self": f"/api/v1/documents/{public_id}",
    }


TRANSITION = record(name=TEXT, title=TEXT, comment_required=FLAG)


def transitions(uow: UnitOfWork, document: Document) -> list[dict[str, Any]]:
    """Return the transitions the caller may do now."""
    return [
        {"name": one.name, "title": one.title, "comment_required": one.asks_comment}
        for one in transitions_for(uow.reader, document)
    ]


def permissions(uow: UnitOfWork, document: Document) -> list[str]:
    """Return what the caller may do to the document now, by name."""
    standing = [one.value for one in STANDING if permits(uow.reader, one, document)]
    return standing + [one.permission.value for one in transitions_for(uow.reader, document)]


FILE = record(
    id=WHOLE, document=WHOLE, name=TEXT, media_type=TEXT, size=WHOLE, sha256=TEXT, shareable=FLAG, text_status=TEXT,
    text_message=TEXT, created_at=MOMENT, url=TEXT,
)  # fmt: skip


def file(attachment: Attachment, document: Document) -> dict[str, Any]:
    """Return what is known of an attached file; `text_status` says whether its text is found by the search."""
    return {
        "id": attachment.id,
        "document": document.public_id,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "shareable": attachment.shareable,
        "text_status": attachment.text_status,
        "text_message": attachment.text_message,
        "created_at": attachment.created_at,
        "url": f"/api/v1/attachments/{attachment.id}",
    }


FIELDS: dict[str, Any] = {"type": "object", "description": "種類ごとの項目と値"}
DOCUMENT = record(
    **SUMMARY_PROPERTIES, fields=FIELDS, comment=TEXT, created_at=MOMENT, submitted_on=optional(DAY), confirmed_by=TEXT,
    confirmed_at=optional(MOMENT), transitions=several(TRANSITION), permissions=several(TEXT), readers=several(TEXT),
    attachments=several(FILE), etag=TEXT,
)  # fmt: skip


def whole(uow: UnitOfWork, document: Document, version: Version) -> dict[str, Any]:
    """Return a document whole: its newest text, where it stands, what the caller may do and who sees it."""
    return {
        **summary(document),
        "fields": version.content.fields,
        "comment": version.comment,
        "created_at": document.created_at,
        "submitted_on": document.submitted_on,
        "confirmed_by": document.confirmed_by_name,
        "confirmed_at": document.confirmed_at,
        "transitions": transitions(uow, document),
        "permissions": permissions(uow, document),
        "readers": explaining.who_sees(uow, document),
        "attachments": [file(one, document) for one in attaching.attachments(uow, document)],
        "etag": etag(version.number),
    }


VERSION_PROPERTIES: dict[str, Any] = {
    "number": WHOLE, "author": TEXT, "created_at": MOMENT, "comment": TEXT, "restored_from": optional(WHOLE),
    "current": FLAG, "self": TEXT,
}  # fmt: skip
VERSION_SUMMARY = record(**VERSION_PROPERTIES)
VERSION = record(**VERSION_PROPERTIES, title=TEXT, fields=FIELDS, etag=TEXT)


def version_summary(version: Version, document: Document) -> dict[str, Any]:
    """Return what the list of versions shows."""
    return {
        "number": version.number,
        "author": version.author_name,
        "created_at": version.created_at,
        "comment": version.comment,
        "restored_from": version.restored_from,
        "current": version.number == document.version_number,
        "self": f"/api/v1/documents/{document.public_id}/versions/{version.number}",
    }


def version_whole(version: Version, document: Document) -> dict[str, Any]:
    """Return one version with its text."""
    content = version.content
    return {
        **version_summary(version, document),
        "title": content.title,
        "fields": content.fields,
        "etag": etag(version.number),
    }


ACT = record(
    name=TEXT, title=TEXT, from_state=TEXT, to_state=TEXT, version=WHOLE, comment=TEXT, actor=TEXT, actor_role=TEXT, at=MOMENT
)  # fmt: skip


def act(done: Act, document: Document) -> dict[str, Any]:
    """Return one transition that was done."""
    return {
        "name": done.transition,
        "title": act_title(document, done.transition),
        "from_state": done.source_state,
        "to_state": done.target_state,
        "version": done.version_number,
        "comment": done.comment,
        "actor": done.actor_name,
        "actor_role": done.actor_role,
        "at": done.created_at,
    }


MEMBERSHIP = record(membership=WHOLE, ward=TEXT, ward_name=TEXT, role=TEXT, role_name=TEXT, ends_on=optional(DAY))


def held(membership: Membership) -> dict[str, Any]:
    """Return in which role of which ward somebody acts."""
    return {
        "membership": membership.id,
        "ward": membership.ward_id,
        "ward_name": tenants.ward_name(membership.ward_id),
        "role": membership.role,
        "role_name": ROLE_NAMES[Role(membership.role)],
    }


def membership(one: Membership) -> dict[str, Any]:
    """Return a role somebody holds in a ward, and until when."""
    return {**held(one), "ends_on": one.ends_on}


ACCOUNT = record(
    id=WHOLE, login=TEXT, name=TEXT, profession=TEXT, roles=several(MEMBERSHIP), disabled=FLAG, second_factor=FLAG,
    must_change_password=FLAG, created_at=MOMENT,
)  # fmt: skip


def account(one: Account) -> dict[str, Any]:
    """Return an account with its roles; never its secrets."""
    return {
        "id": one.id,
        "login": one.login,
        "name": one.name,
        "profession": one.profession,
        "roles": [membership(role) for role in one.memberships],
        "disabled": one.disabled_at is not None,
        "second_factor": bool(one.totp_secret),
        "must_change_password": one.must_change_password,
        "created_at": one.created_at,
    }


def kind_title(name: str) -> str:
    """Return what a kind is called."""
    kind = find_kind(name)
    return kind.full_title if kind else name


def summaries(documents: Iterable[Document]) -> list[dict[str, Any]]:
    """Return several documents as lists show them."""
    return [summary(one) for one in documents]
