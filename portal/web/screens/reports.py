"""Writing: a new report, an edit, the preview before it is handed over, and what happens when two people write at once."""

import secrets
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import tenants
from portal.kinds import Invalid, Kind, find_kind
from portal.kinds.calendar import today
from portal.kinds.diff import compare
from portal.models import Document, Draft
from portal.security.policy import may_create
from portal.security.workflows import Permission
from portal.services import attaching, documents, drafts, finding
from portal.services.errors import EditConflict, Forbidden, NotFound
from portal.web import forms
from portal.web.guard import Needs, needs

bp = Blueprint("reports", __name__)


@bp.get("/<ward>/new/<kind_name>")
@needs(Needs.WARD)
def new(ward: str, kind_name: str) -> ResponseReturnValue:
    """Show an empty form, one taken over from the last meeting, or the draft that was being typed."""
    kind = _creatable(ward, kind_name)
    nonce = request.args.get("nonce", "")
    if not _is_nonce(nonce):
        wanted: dict[str, Any] = {**request.args, "nonce": secrets.token_urlsafe(12)}
        return redirect(url_for(".new", **{**wanted, "ward": ward, "kind_name": kind_name}))
    draft = drafts.find(g.uow, f"new-{nonce}")
    if draft is not None:
        title, values = kind.from_form((name, value) for name, value in draft.entries)
        return _form(kind, values, title=title, ward=ward, nonce=nonce, draft=draft)
    return _form(kind, _first_values(kind, ward), ward=ward, nonce=nonce)


@bp.post("/<ward>/new/<kind_name>")
@needs(Needs.WARD)
def create(ward: str, kind_name: str) -> ResponseReturnValue:
    """Make the document, or show again what was typed with what to mend."""
    kind = _creatable(ward, kind_name)
    nonce = request.form.get("nonce", "")
    title, typed = kind.from_form(request.form.items(multi=True))
    if forms.change_rows(kind, typed, request.form):
        return _form(kind, typed, title=title, ward=ward, nonce=nonce)
    try:
        document = documents.create(
            g.uow, ward=ward, kind=kind, title=title, typed=typed, nonce=nonce if _is_nonce(nonce) else ""
        )
    except Invalid as invalid:
        return _form(kind, typed, title=title, ward=ward, nonce=nonce, invalid=invalid), 422
    return redirect(_after_saving(document), 303)


@bp.get("/documents/<int:document_id>/edit")
@needs(Permission.EDIT)
def edit(document_id: int) -> ResponseReturnValue:
    """Show the form with the current version, or with what this person was typing."""
    document: Document = g.document
    current = documents.current_version(g.uow, document)
    draft = drafts.find(g.uow, f"document-{document.id}")
    if draft is not None and "saved" not in request.args:
        title, values = document.kind.from_form((name, value) for name, value in draft.entries)
        return _form(document.kind, values, title=title, document=document, base=draft.base, draft=draft)
    values = forms.shown(document.kind, current.content.fields)
    return _form(document.kind, values, title=current.content.title, document=document, base=current.number)


@bp.post("/documents/<int:document_id>/edit")
@needs(Permission.EDIT)
def save(document_id: int) -> ResponseReturnValue:
    """Save a version; show again what was typed when it cannot be read, and both texts when another was saved."""
    document: Document = g.document
    title, typed = document.kind.from_form(request.form.items(multi=True))
    base = request.form.get("base", 0, type=int)
    if forms.change_rows(document.kind, typed, request.form):
        return _form(document.kind, typed, title=title, document=document, base=base)
    try:
        documents.save_version(
            g.uow, document_id, title=title, typed=typed, comment=request.form.get("comment", ""), base=base
        )
    except Invalid as invalid:
        return _form(document.kind, typed, title=title, document=document, base=base, invalid=invalid), 422
    except EditConflict as conflict:
        return _conflict(conflict), 409
    return redirect(_after_saving(document), 303)


def _after_saving(document: Document) -> str:
    page = "documents.preview" if request.form.get("then") == "hand_over" else "documents.show"
    return url_for(page, document_id=document.public_id)


def _conflict(conflict: EditConflict) -> str:
    kind, mine, theirs = conflict.document.kind, conflict.mine, conflict.current.content
    changes = compare(kind, theirs, mine)
    return render_template(
        "conflict.html",
        document=conflict.document,
        theirs=conflict.current,
        changes=changes,
        kind=kind,
        values=forms.shown(kind, mine.fields),
        their_values=forms.shown(kind, theirs.fields),
        title=mine.title,
        words=_words,
    )


def _creatable(ward: str, kind_name: str) -> Kind:
    kind = find_kind(kind_name)
    if kind is None or tenants.find_ward(ward) is None:
        raise NotFound
    if not may_create(g.uow.reader, kind.workflow, ward):
        raise Forbidden("この区の文書は作成できません。自分の区の役割でサインインしているか確かめてください。")
    return kind


def _first_values(kind: Kind, ward: str) -> dict[str, Any]:
    values = kind.defaults()
    if (body := request.args.get("from")) is not None:
        last = finding.last_of_same_body(g.uow, ward, kind.name, body)
        if last is not None:
            values = forms.carried_over(kind, documents.current_version(g.uow, last).content)
    for name, value in (
        ("reporter", g.uow.name), ("reporter_profession", g.uow.profession), ("reported_on", today().isoformat()),
    ):  # fmt: skip
        if name in kind.fields:
            values[name] = value
    return forms.shown(kind, values)


def _is_nonce(text: str) -> bool:
    return 8 <= len(text) <= 64 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _words(name: str) -> list[str]:
    own = finding.meeting_names(g.uow, g.uow.reader.ward, "", most=30) if name == "bodies" else []
    return list(dict.fromkeys([*own, *forms.words_of(name)]))


def _form(
    kind: Kind,
    values: dict[str, Any],
    *,
    title: str = "",
    ward: str = "",
    nonce: str = "",
    document: Document | None = None,
    base: int = 0,
    draft: Draft | None = None,
    invalid: Invalid | None = None,
) -> str:
    ward = document.ward_id if document else ward
    return render_template(
        "form.html",
        kind=kind,
        values=values,
        title=title,
        document=document,
        ward=ward,
        nonce=nonce,
        base=base,
        draft=draft,
        draft_key=f"document-{document.id}" if document else f"new-{nonce}",
        problems=invalid.problems if invalid else [],
        errors=forms.errors_by_path(invalid),
        anchor=lambda path: forms.anchor_of(kind, path),
        words=_words,
        bodies=[] if document else finding.meeting_names(g.uow, ward, "", most=8),
        files=attaching.attachments(g.uow, document) if document else [],
    )
