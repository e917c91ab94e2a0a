"""Files in and out: uploads, downloads, Word."""

from flask import Blueprint, Response, flash, g, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.security.workflows import Permission
from portal.services import attaching, exporting, picturing, printing
from portal.services.attaching import FileRefused
from portal.services.errors import Refused
from portal.web.guard import Needs, needs
from portal.web.headers import FILE_POLICY, hand_out
from portal.word.package import DOCX
from portal.words import t

bp = Blueprint("files", __name__)


@bp.post("/documents/<int:document_id>/files")
@needs(Permission.EDIT)
def attach(document_id: int) -> ResponseReturnValue:
    """Take files in; each that is refused says why, and the others stay."""
    sent = [one for one in request.files.getlist("file") if one.filename]
    if not sent:
        raise FileRefused(t("ファイルを選んでください。"))
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        made = attaching.attach(g.uow, document_id, name=sent[0].filename or "", source=sent[0].stream)
        address = url_for(".download", attachment_id=made.id, name=made.name)
        return {"name": made.name, "url": address, "message": made.text_message}, 201
    for one in sent:
        try:
            made = attaching.attach(g.uow, document_id, name=one.filename or "", source=one.stream)
            g.uow.commit()  # each file for itself: the next one is read without keeping others from writing
            flash(t("「{name}」を添付しました。", name=made.name) + made.text_message, "good")
        except FileRefused as refusal:
            flash(f"{one.filename}：{refusal}", "bad")
    return redirect(url_for("documents.show", document_id=document_id), 303)


@bp.get("/files/<int:attachment_id>/<path:name>")
@needs(Needs.PERSON, writes=True)
def download(attachment_id: int, name: str) -> Response:
    """Hand a file out, always to be saved and never to be shown by the browser itself."""
    attachment, path = attaching.open_file(g.uow, attachment_id)
    response = send_file(path, mimetype=attachment.media_type, etag=False)
    return hand_out(response, attachment.name)


@bp.get("/pictures/<int:attachment_id>")
@needs(Needs.PERSON)
def picture(attachment_id: int) -> Response:
    """Show an attached picture as part of a page; reading it there is reading the document, and no download."""
    attachment, path = picturing.open_picture(g.uow, attachment_id)
    response = send_file(path, mimetype=attachment.media_type, etag=False)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


@bp.post("/files/<int:attachment_id>")
@needs(Needs.PERSON)
def mark(attachment_id: int) -> ResponseReturnValue:
    """Take a file off its document, or say whether it goes with the shared edition."""
    if "remove" in request.form:
        document = attaching.remove(g.uow, attachment_id)
        flash(t("添付を外しました。"), "good")
        return redirect(url_for("documents.show", document_id=document.public_id), 303)
    if "shareable" not in request.form:
        raise Refused(t("操作を選んでください。"))
    changed = attaching.set_shareable(g.uow, attachment_id, shareable=request.form["shareable"] == "1")
    page = "documents.as_shared" if request.form.get("from") == "shared" else "documents.show"
    return redirect(url_for(page, document_id=changed.document_id), 303)


@bp.get("/documents/<int:document_id>/word")
@needs(Permission.EXPORT, writes=True)
def word(document_id: int) -> Response:
    """Hand the document out as Word."""
    name, made = exporting.as_word(g.uow, document_id, number=request.args.get("version", type=int))
    return hand_out(Response(made, mimetype=DOCX), name)


@bp.get("/documents/<int:document_id>/pdf")
@needs(Permission.EXPORT, writes=True)
def pdf(document_id: int) -> ResponseReturnValue:
    """Hand the document out as PDF; when others are printing, or it takes long, as work one can watch."""
    number = request.args.get("version", type=int)
    made = printing.as_pdf(g.uow, document_id, number=number)
    if made is None:
        return redirect(url_for("jobs.show", job_id=printing.start(g.uow, document_id, number=number).id))
    name, path = made
    return hand_out(send_file(path, mimetype=printing.PDF, etag=False), name)
