"""Writing: a new report, an edit, the preview before it is handed over, and what happens when two people write at once."""

import secrets
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import tenants
from portal.kinds import Invalid, Kind, find_kind
from portal.kinds.calendar import today
from portal.models import Document, Draft
from portal.security.policy import may_create, permits
from portal.security.workflows import Permission
from portal.services import attaching, documents, drafts, finding, holding, old_minutes
from portal.services.attaching import FileRefused
from portal.services.errors import EditConflict, Forbidden, NotFound
from portal.web import forms
from portal.web.guard import Needs, needs
from portal.words import t

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
    if (item := old_minutes.item_behind(nonce)) is not None:
        return redirect(url_for("imports.item", item_id=item))
    if made := documents.made_with(g.uow, nonce):
        # The browser's Back after saving: the form would be empty, and what was saved is what the person looks for.
        return redirect(url_for("documents.show", document_id=made.public_id))
    draft = drafts.find(g.uow, f"new-{nonce}")
    if draft is not None:
        title, values = kind.from_form((name, value) for name, value in draft.entries)
        return _form(kind, values, title=title, ward=ward, nonce=nonce, draft=draft)
    return _form(kind, _first_values(kind, ward), ward=ward, nonce=nonce)


@bp.post("/<ward>/new/<kind_name>")
@needs(Needs.WARD)
def create(ward: str, kind_name: str) -> ResponseReturnValue:
    """Make the document with its files, or show again what was typed with what to mend."""
    kind = _creatable(ward, kind_name)
    given = request.form.get("nonce", "")
    nonce = given if _is_nonce(given) else secrets.token_urlsafe(12)
    title, typed = kind.from_form(request.form.items(multi=True))
    if (made := documents.made_with(g.uow, nonce)) is not None:
        return _saved_again(made, title, typed)
    if _only_changes_the_form(kind, typed, nonce=nonce):
        return _form(kind, typed, title=title, ward=ward, nonce=nonce)
    files = holding.held(g.uow, nonce)
    if not title and files and not kind.form_number:
        title = PurePath(files[0].taken.name).stem
    try:
        document = documents.create(g.uow, ward=ward, kind=kind, title=title, typed=typed, nonce=nonce)
    except Invalid as invalid:
        _keep_typed(f"new-{nonce}", kind, title, 0)
        return _form(kind, typed, title=title, ward=ward, nonce=nonce, invalid=invalid), 422
    holding.attach_held(g.uow, document, nonce)
    return redirect(_after_saving(document), 303)


@bp.post("/<ward>/new/<kind_name>/<nonce>/files")
@needs(Needs.WARD)
def hold(ward: str, kind_name: str, nonce: str) -> ResponseReturnValue:
    """Take a file in while its report is still being typed (the page's script asks; forms send files with the rest)."""
    kind = _creatable(ward, kind_name)
    sent = request.files.get("file")
    if not _is_nonce(nonce) or sent is None or not sent.filename:
        raise FileRefused(t("ファイルを選んでください。"))
    if made := documents.made_with(g.uow, nonce):
        attached = attaching.attach(g.uow, made.id, name=sent.filename, source=sent.stream)
        return {"name": attached.name, "message": attached.text_message}, 201
    taken = holding.hold(g.uow, nonce, kind_name=kind.name, name=sent.filename, source=sent.stream).taken
    return {"name": taken.name, "message": taken.text_message}, 201


@bp.get("/documents/<int:document_id>/edit")
@needs(Permission.EDIT)
def edit(document_id: int) -> ResponseReturnValue:
    """Show the form with the current version, or with what this person was typing."""
    document: Document = g.document
    current = documents.current_version(g.uow, document)
    draft = drafts.find(g.uow, f"document-{document.id}")
    if draft is not None:
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
    if _only_changes_the_form(document.kind, typed, document=document):
        return _form(document.kind, typed, title=title, document=document, base=base)
    return _save(document, title, typed, base)


def _saved_again(document: Document, title: str, typed: dict[str, Any]) -> ResponseReturnValue:
    """Answer a form for a new report that made one before: pressed twice, or gone back to and changed."""
    if permits(g.uow.reader, Permission.EDIT, document):
        _take_files(document.kind, document, "")
    first = documents.version_of(g.uow, document, 1)
    try:
        is_same = document.kind.clean(title or first.content.title, typed) == first.content
    except Invalid:
        is_same = False
    if is_same or not permits(g.uow.reader, Permission.EDIT, document):
        return redirect(_after_saving(document), 303)
    return _save(g.uow.access(document.id, Permission.EDIT), title or first.content.title, typed, 1)


def _save(document: Document, title: str, typed: dict[str, Any], base: int) -> ResponseReturnValue:
    chosen = _theirs_where_chosen(document, base, title, typed)
    try:
        documents.save_version(
            g.uow, document.id, title=chosen[0], typed=chosen[1], comment=request.form.get("comment", ""), base=base
        )
    except Invalid as invalid:
        _keep_typed(f"document-{document.id}", document.kind, title, base)
        return _form(document.kind, typed, title=title, document=document, base=base, invalid=invalid), 422
    except EditConflict as conflict:
        _keep_typed(f"document-{document.id}", document.kind, title, base)
        return _conflict(conflict, base), 409
    return redirect(_after_saving(document), 303)


def _theirs_where_chosen(
    document: Document, base: int, title: str, typed: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Put the saved text in for the fields where the page of a conflict was answered with 「保存されている版」."""
    wanted = {key.removeprefix("use-") for key, value in request.form.items() if value == "theirs"}
    if not wanted:
        return title, typed
    theirs = documents.version_of(g.uow, document, base).content
    fields = {name: theirs.fields.get(name, value) if name in wanted else value for name, value in typed.items()}
    return theirs.title if "title" in wanted else title, fields


def _only_changes_the_form(
    kind: Kind, typed: dict[str, Any], *, document: Document | None = None, nonce: str = ""
) -> bool:
    """Take files in, and do what a button asked that changes the form without saving it (rows, files)."""
    _take_files(kind, document, nonce)
    key = request.form.get("let_go", "")
    if key and document is None:
        holding.let_go(g.uow, nonce, key)
    elif key.isdecimal() and len(key) < 10 and document is not None:
        attaching.remove(g.uow, int(key))
    return forms.change_rows(kind, typed, request.form) or bool(key) or "add_files" in request.form


def _take_files(kind: Kind, document: Document | None, nonce: str) -> None:
    for sent in request.files.getlist("file"):
        if not sent.filename:
            continue
        try:
            if document is not None:
                attaching.attach(g.uow, document.id, name=sent.filename, source=sent.stream)
            else:
                holding.hold(g.uow, nonce, kind_name=kind.name, name=sent.filename, source=sent.stream)
        except FileRefused as refusal:
            flash(f"{sent.filename}：{refusal}", "bad")
    if request.files:
        g.uow.commit()  # should the text be refused, the files are there all the same


def _keep_typed(key: str, kind: Kind, title: str, base: int) -> None:
    """Keep what could not be saved as a draft, so that a closed window loses nothing; pages without script rely on it."""
    entries = [one for one in request.form.items(multi=True) if one[0] not in drafts.NOT_TYPED]
    drafts.save(g.uow, key, kind_name=kind.name, title=title, entries=entries, base=base)
    g.uow.commit()


def _after_saving(document: Document) -> str:
    page = "documents.preview" if request.form.get("then") == "hand_over" else "documents.show"
    return url_for(page, document_id=document.public_id)


def _conflict(conflict: EditConflict, base: int) -> str:
    document, kind, theirs = conflict.document, conflict.document.kind, conflict.current
    old = documents.version_of(g.uow, document, base).content if 0 < base < theirs.number else None
    merge = forms.merge(kind, old, conflict.mine, theirs.content)
    return render_template(
        "conflict.html",
        document=document,
        theirs=theirs,
        merge=merge,
        kind=kind,
        values=forms.shown(kind, merge.content.fields),
        title=merge.content.title,
        words=offer(document.ward_id, kind)[1],
        draft_key=f"document-{document.id}",
    )


def _creatable(ward: str, kind_name: str) -> Kind:
    kind = find_kind(kind_name)
    if kind is None or tenants.find_ward(ward) is None:
        raise NotFound
    if not may_create(g.uow.reader, kind.workflow, ward):
        raise Forbidden("この区の文書は作成できません。自分の区の役割でログインしているか確かめてください。")
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


def offer(ward: str, kind: Kind) -> tuple[list[str], Callable[[str], list[str]]]:
    """Return the bodies reports of that kind were written about, the last used first, and what each vocabulary offers while typing."""
    bodies = finding.meeting_names(g.uow, ward, "", kind_name=kind.name, most=30)

    def words(name: str) -> list[str]:
        return list(dict.fromkeys([*(bodies if name == "bodies" else ()), *forms.words_of(name)]))

    return bodies, words


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
    bodies, words = offer(ward, kind)
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
        words=words,
        bodies=[] if document else bodies[:8],
        files=attaching.attachments(g.uow, document) if document else holding.held(g.uow, nonce),
    )
