"""The page of a document: what it says, where it stands, who sees it, and the one thing to do next."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.kinds import Content, Invalid
from portal.models import Document, Version
from portal.security.policy import transitions_for, workflow_of
from portal.security.workflows import Permission, Transition
from portal.services import attaching, documents, explaining, home, lists, picturing, privacy, reviewing, suggesting
from portal.services.errors import NotFound, Refused
from portal.web import forms, list_files, marking
from portal.web.fragments import page_or_part
from portal.web.guard import needs
from portal.words import t

bp = Blueprint("documents", __name__, url_prefix="/documents/<int:document_id>")


@bp.get("")
@needs(Permission.VIEW)
def show(document_id: int) -> str:
    """Show the newest version the reader may see."""
    document: Document = g.document
    return _page(document, documents.current_version(g.uow, document))


@bp.get("/versions")
@needs(Permission.VIEW)
def versions(document_id: int) -> ResponseReturnValue:
    """Save the list of versions; it is shown on the document's page."""
    form = list_files.wanted_format()
    if not form:
        return redirect(url_for(".show", document_id=document_id, _anchor="versions"))
    return list_files.as_file(lists.versions(g.uow, g.document), form)


@bp.get("/versions/<int:number>")
@needs(Permission.VIEW)
def version(document_id: int, number: int) -> str:
    """Show an older version under a band that says so."""
    return _page(g.document, documents.version_of(g.uow, g.document, number))


@bp.post("/versions/<int:number>/restore")
@needs(Permission.EDIT)
def restore(document_id: int, number: int) -> ResponseReturnValue:
    """Bring an older version back as a new one."""
    documents.restore_version(g.uow, document_id, number, base=request.form.get("base", 0, type=int))
    flash(t("第{n}版の内容を新しい版として保存しました。", n=number), "good")
    return redirect(url_for(".show", document_id=document_id), 303)


@bp.get("/diff")
@needs(Permission.VIEW)
def diff(document_id: int) -> str:
    """Show field by field what changed between two versions."""
    document: Document = g.document
    new = request.args.get("to", document.version_number, type=int)
    old = request.args.get("from", max(1, new - 1), type=int)
    return render_template(
        "versions_diff.html",
        document=document,
        versions=documents.versions(g.uow, document),
        old=old,
        new=new,
        changes=documents.difference(g.uow, document, old, new),
    )


@bp.get("/shared")
@needs(Permission.VIEW)
def as_shared(document_id: int) -> str:
    """Show what the other wards would see, before or after it is shared."""
    document: Document = g.document
    if document.is_shared_edition or workflow_of(document).shared is None:
        raise NotFound
    files = attaching.attachments(g.uow, document)
    content = privacy.cut(g.uow, document)
    content = picturing.without_unshared(content, document.kind, files)
    return render_template("document_shared.html", document=document, content=content, kind=document.kind, files=files)


@bp.get("/preview")
@needs(Permission.EDIT)
def preview(document_id: int) -> str:
    """Show the report as it will be handed over, and what is still missing."""
    document: Document = g.document
    content = documents.current_version(g.uow, document).content
    return render_template(
        "submit.html",
        document=document,
        content=content,
        kind=document.kind,
        missing=document.kind.missing(content),
        anchor=lambda path: forms.anchor_of(document.kind, path),
        files=attaching.attachments(g.uow, document),
        transitions=transitions_for(g.uow.reader, document),
    )


@bp.get("/do/<name>")
@needs(Permission.VIEW)
def ask(document_id: int, name: str) -> str:
    """Ask before a transition: what it does, what it needs, and the reason where one is due."""
    document: Document = g.document
    wanted = next((one for one in transitions_for(g.uow.reader, document) if one.name == name), None)
    if wanted is None:
        raise Refused(t("この文書にこの操作はできません。画面を開き直して、いまの状態を確かめてください。"))
    return _asking(wanted)


@bp.post("/do/<name>")
@needs(Permission.VIEW)
def do(document_id: int, name: str) -> ResponseReturnValue:
    """Do a transition; what is missing is said with links to the fields."""
    document: Document = g.document
    comment = request.form.get("comment", "")
    wanted = workflow_of(document).transition(name)
    if wanted is not None and wanted.asks_comment and not comment.strip():
        told = t("理由を入力してください。相手が何を直せばよいかわかるように書いてください。")
        return _asking(wanted, comment=comment, problem=told), 422
    try:
        reviewing.transition(g.uow, document_id, name, comment=comment, personal=_answers())
    except privacy.PersonalFound as found:
        assert wanted is not None
        return _asking(wanted, comment=comment, found=found), 422
    except Invalid:
        return redirect(url_for(".preview", document_id=document_id), 303)
    flash(t(_DONE.get(name, "操作を記録しました。")), "good")
    still_seen = transitions_for(g.uow.reader, document) or g.uow.reader.tokens & document.audience.tokens
    return redirect(url_for(".show", document_id=document_id) if still_seen else url_for("home.show"), 303)


def _asking(
    wanted: Transition, *, comment: str = "", problem: str = "", found: privacy.PersonalFound | None = None
) -> str:
    """Ask before a transition; before sharing, about every place that looks personal, with what was answered so far."""
    document: Document = g.document
    asked = found.asked if found else privacy.questions(g.uow, document) if wanted.name == "share" else None
    return render_template(
        "document_do.html",
        document=document,
        wanted=wanted,
        comment=comment,
        problem=problem,
        asked=asked,
        found=found,
        decisions=privacy.DECISIONS,
    )


def _answers() -> dict[str, privacy.Given]:
    """Return the answers of the form: `answer-<question>` and `reason-<question>`."""
    form = request.form
    chosen = {name.removeprefix("answer-"): value for name, value in form.items() if name.startswith("answer-")}
    return {key: privacy.Given(value, form.get(f"reason-{key}", "")) for key, value in chosen.items()}


_DONE = {
    "request_confirmation": "法人の責任者に確認を依頼しました。",
    "confirm": "確認して、健康局に提出しました。",
    "return": "理由を付けて差し戻しました。",
    "accept": "受け付けました。",
    "share": "24区に共有しました。所感・経費・氏名は共有版に載りません。",
    "unshare": "24区への共有をやめました。他の区からは見えなくなりました。",
}


@bp.get("/why")
@needs(Permission.VIEW)
def why(document_id: int) -> str:
    """Explain why a chosen person can or cannot see the document."""
    document: Document = g.document
    chosen = request.args.get("membership", type=int)
    return render_template(
        "document_why.html",
        document=document,
        who=explaining.who_sees(g.uow, document),
        candidates=explaining.candidates(g.uow, document),
        chosen=chosen,
        explanation=explaining.explain(g.uow, document_id, chosen) if chosen else None,
    )


@bp.get("/related")
@needs(Permission.VIEW)
def related(document_id: int) -> ResponseReturnValue:
    """Show what to read next: a page of its own, and the part that a document's page asks for once it is shown."""
    document: Document = g.document
    similar = suggesting.similar(g.uow, document)
    return page_or_part("document_related.html", "document_similar.html", "related", document=document, similar=similar)


@bp.get("/delete")
@needs(Permission.DELETE)
def ask_delete(document_id: int) -> str:
    """Ask before a document is deleted."""
    return render_template("document_delete.html", document=g.document)


@bp.post("/delete")
@needs(Permission.DELETE)
def delete(document_id: int) -> ResponseReturnValue:
    """Delete a document nobody has been handed."""
    document: Document = g.document
    documents.delete(g.uow, document_id)
    flash(t("「{title}」を削除しました。", title=document.title), "good")
    return redirect(url_for("archive.show", ward=document.ward_id), 303)


def _page(document: Document, shown: Version) -> str:
    content: Content = shown.content
    searched = request.args.get("q", "")
    return render_template(
        "document.html",
        document=document,
        version=shown,
        content=content,
        kind=document.kind,
        versions=documents.versions(g.uow, document),
        acts=home.acts_of(g.uow, document),
        files=attaching.attachments(g.uow, document),
        who=explaining.who_sees(g.uow, document),
        transitions=transitions_for(g.uow.reader, document),
        last_year=suggesting.same_meeting_last_year(g.uow, document),
        search_text=searched,
        mark=lambda markup: marking.mark(markup, searched),
    )
