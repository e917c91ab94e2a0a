"""The way of a report: confirmed by the contractor's 責任者, handed in, accepted, shared with the 24 wards, or returned."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

import tenants
from portal.db.base import now
from portal.kinds import Invalid
from portal.kinds.calendar import today
from portal.models import Act, Attachment, Document, Version
from portal.security.policy import decide, workflow_of
from portal.security.workflows import Edition, Permission, Transition
from portal.services import noticing, picturing, privacy
from portal.services.documents import current_version, take_facts
from portal.services.errors import Forbidden, Refused, WrongState
from portal.services.uow import UnitOfWork


def transition(
    uow: UnitOfWork,
    document_id: int,
    name: str,
    *,
    comment: str = "",
    personal: Mapping[str, privacy.Given] | None = None,
) -> Document:
    """Do one transition of the document's workflow; `personal` answers what has to be asked before it is shared.

    Raises Forbidden for who may not, WrongState when the document has moved on, Refused for a missing reason, Invalid
    naming the fields that must be filled first and PersonalFound for words that look personal and are not answered.
    """
    document = uow.access(document_id, Permission.VIEW)
    wanted = workflow_of(document).transition(name)
    if wanted is None:
        raise Refused(f"「{name[:40]}」という操作はありません。")
    _check_state(uow, document, wanted)
    document = uow.access(document_id, wanted.permission)
    if wanted.asks_comment and not comment.strip():
        raise Refused("理由を入力してください。相手が何を直せばよいかわかるように書いてください。")
    if wanted.complete and (missing := document.kind.missing(current_version(uow, document).content)):
        raise Invalid(missing)
    if wanted.name == "share":
        privacy.settle(uow, document, personal or {})
    _move(uow, document, wanted, comment.strip()[:2000])
    return document


def _check_state(uow: UnitOfWork, document: Document, wanted: Transition) -> None:
    if document.edition != Edition.FULL:
        raise Forbidden("24区共有版に対してこの操作はできません。")
    if document.state in wanted.sources:
        return
    state = workflow_of(document).state(document.edition, document.state)
    if decide(uow.reader, wanted.permission, document) or _could_have(uow, document, wanted):
        raise WrongState(
            f"この文書は「{state.title}」になっているため、「{wanted.title}」はできません。画面を開き直してください。"
        )
    raise Forbidden(decide(uow.reader, wanted.permission, document).reason)


def _could_have(uow: UnitOfWork, document: Document, wanted: Transition) -> bool:
    states = workflow_of(document).states
    granted = {
        token.format(ward=document.ward_id)
        for source in wanted.sources
        for token in states[source].grants.get(wanted.permission, ())
    }
    return not uow.reader.tokens.isdisjoint(granted)


def _move(uow: UnitOfWork, document: Document, wanted: Transition, comment: str) -> None:
    act = Act(
        ward_id=document.ward_id,
        document_id=document.id,
        transition=wanted.name,
        source_state=document.state,
        target_state=wanted.target,
        version_number=document.version_number,
        comment=comment,
        actor_id=uow.reader.account_id,
        actor_name=uow.name,
        actor_role=uow.role_name,
    )
    uow.session.add(act)
    hands, document.state = document.hands, wanted.target
    _SPECIAL.get(wanted.name, _nothing)(uow, document)
    uow.audit(f"document.{wanted.name}", document, version=document.version_number)
    uow.set_readers(document)
    noticing.tell_of(uow, document, wanted.name, hands=hands)
    uow.flush()


def _nothing(_: UnitOfWork, __: Document) -> None:
    pass


def _handed_over(uow: UnitOfWork, document: Document) -> None:
    document.handed_over_by = uow.reader.account_id


def _confirmed(uow: UnitOfWork, document: Document) -> None:
    ward = tenants.find_ward(document.ward_id)
    assert ward is not None
    document.confirmed_by_name, document.confirmed_at, document.submitted_on = uow.name, now(), today()
    document.office, document.contractors = ward.office, "、".join(ward.contractors)


def _returned(_: UnitOfWork, document: Document) -> None:
    document.confirmed_by_name, document.confirmed_at, document.submitted_on = "", None, None
    document.handed_over_by = None


def _shared(uow: UnitOfWork, document: Document) -> None:
    """Cut the shared edition anew: a content of its own, with its own versions, files and readers."""
    content, words = privacy.cut(uow, document), privacy.masked_words(uow, document)
    edition = uow.shared_edition(document)
    if edition is not None and _retires(uow, edition, words):
        edition = None
    edition = edition or _new_edition(document)
    with uow.session.past_sight():
        edition.state, edition.title, edition.number = "shared", content.title, document.number
        edition.office, edition.contractors = document.office, document.contractors
        edition.submitted_on = document.submitted_on
        take_facts(edition, content)
        uow.session.add(edition)
        uow.set_readers(edition)
        _copy_files(uow, document, edition)
        uow.flush()
        content = picturing.with_files_of(content, document.kind, _files_of(uow, document), _files_of(uow, edition))
        _append_cut_version(uow, edition, content.as_json())
        uow.flush()


def _retires(uow: UnitOfWork, edition: Document, words: frozenset[str]) -> bool:
    """Take an earlier edition out of every sight if one of its versions shows what is masked now; a new one begins."""
    with uow.session.past_sight():
        versions = uow.session.scalars(select(Version).where(Version.document_id == edition.id)).all()
        shown = privacy.shows(edition, versions, words)
    if shown:
        edition.edition, edition.number = Edition.RETIRED.value, None
        uow.set_readers(edition)
        uow.flush()
    return shown


def _new_edition(document: Document) -> Document:
    return Document(
        ward_id=document.ward_id,
        kind_name=document.kind_name,
        edition=Edition.SHARED.value,
        source_id=document.id,
        version_number=0,
        local_grants=[],
        updated_by_name="健康局",
        changes=0,
    )


def _append_cut_version(uow: UnitOfWork, edition: Document, content_json: str) -> None:
    last = uow.session.scalars(
        select(Version).where(Version.document_id == edition.id).order_by(Version.number.desc()).limit(1)
    ).first()
    if last is not None and last.content_json == content_json:
        return
    edition.version_number += 1
    edition.updated_at = now()
    uow.session.add(
        Version(
            ward_id=edition.ward_id,
            document_id=edition.id,
            number=edition.version_number,
            content_json=content_json,
            comment="24区共有版",
            author_name="健康局",
        )
    )


def _copy_files(uow: UnitOfWork, document: Document, edition: Document) -> None:
    """Give the edition exactly the files that are marked to be shared."""
    wanted = {(one.sha256, one.name): one for one in _files_of(uow, document) if one.shareable}
    have = {(one.sha256, one.name): one for one in _files_of(uow, edition)}
    for key in have.keys() - wanted.keys():
        have[key].deleted_at = now()
    for key in wanted.keys() - have.keys():
        uow.session.add(_copy(wanted[key], edition))


def _files_of(uow: UnitOfWork, document: Document) -> Sequence[Attachment]:
    return uow.session.scalars(
        select(Attachment).where(Attachment.document_id == document.id, Attachment.deleted_at.is_(None))
    ).all()


def _copy(file: Attachment, edition: Document) -> Attachment:
    return Attachment(
        ward_id=edition.ward_id,
        document_id=edition.id,
        sha256=file.sha256,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        shareable=True,
        text=file.text,
        text_status=file.text_status,
        text_message=file.text_message,
        properties={},
    )


def _unshared(uow: UnitOfWork, document: Document) -> None:
    edition = uow.shared_edition(document)
    if edition is not None:
        edition.state = "withdrawn"
        uow.set_readers(edition)


_SPECIAL = {
    "request_confirmation": _handed_over,
    "confirm": _confirmed,
    "return": _returned,
    "share": _shared,
    "unshare": _unshared,
}
