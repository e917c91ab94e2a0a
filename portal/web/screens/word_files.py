"""A Word file that was edited comes back: choose it, look at what it changes, take over what one wants."""

from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.kinds import Invalid
from portal.kinds.calendar import write_day
from portal.models import Document
from portal.security.workflows import Permission
from portal.services import returning
from portal.services.attaching import FileRefused
from portal.services.errors import WrongState
from portal.web.failures import status_of
from portal.web.guard import needs
from portal.words import t

bp = Blueprint("word_files", __name__, url_prefix="/documents/<int:document_id>/word-file")


@bp.get("")
@needs(Permission.EDIT)
def show(document_id: int) -> ResponseReturnValue:
    """Show what the person's own file would change, or ask for one."""
    return _page()


@bp.post("")
@needs(Permission.EDIT)
def read(document_id: int) -> ResponseReturnValue:
    """Read a file; one that is refused says why."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(problem=t("ファイルを選んでください。")), 422
    try:
        returning.read_file(g.uow, document_id, name=sent.filename, source=sent.stream)
    except FileRefused as refusal:
        return _page(problem=str(refusal)), status_of(refusal)
    return redirect(url_for(".show", document_id=document_id), 303)


@bp.post("/accept")
@needs(Permission.EDIT)
def accept(document_id: int) -> ResponseReturnValue:
    """Make a version of the ticked fields."""
    chosen = request.form.getlist("take")
    if not chosen:
        return _page(problem=t("取り込む項目を選んでください。")), 422
    try:
        version = returning.accept(
            g.uow,
            document_id,
            fields=chosen,
            base=request.form.get("base", 0, type=int),
            comment=request.form.get("comment", ""),
            keeps_file="keep" in request.form,
        )
    except (Invalid, WrongState) as refusal:
        return _page(problem=str(refusal)), status_of(refusal)
    flash(t("{n}項目を取り込み、第{v}版として保存しました。", n=len(chosen), v=version.number), "good")
    return redirect(url_for("documents.show", document_id=document_id), 303)


@bp.post("/let-go")
@needs(Permission.EDIT)
def let_go(document_id: int) -> ResponseReturnValue:
    """Forget the file that waits."""
    returning.let_go(g.uow, g.document)
    flash(t("Wordファイルを取り込まずに閉じました。文書は変わっていません。"), "good")
    return redirect(url_for("documents.show", document_id=document_id), 303)


def _page(*, problem: str = "") -> str:
    """Return the page; what was ticked before a refusal stays ticked."""
    document: Document = g.document
    found = returning.pending(g.uow, document)
    ticked = set(request.form.getlist("take"))
    if found is not None and not request.form:
        ticked = {one.name for one in found.offered if not one.disputed and not one.problem}
    return render_template("word_file.html", document=document, found=found, problem=problem, ticked=ticked, when=_when)


def _when(told: str) -> str:
    """Show the moment of a tracked change or a comment; Word writes the clock of the desk it stands on."""
    try:
        moment = datetime.fromisoformat(told.removesuffix("Z"))
    except ValueError:
        return ""
    return f"{write_day(moment.date(), weekday=False)} {moment:%H:%M}"
