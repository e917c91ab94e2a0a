"""Attached files: taken in, listed, handed out, marked for sharing, taken away."""

from flask import Response, g, request, send_file
from werkzeug.exceptions import UnsupportedMediaType

from portal.kinds import Invalid
from portal.kinds.fields import Problem
from portal.models import Document
from portal.security.workflows import Permission
from portal.services import attaching
from portal.web.api import showing
from portal.web.api.answering import answer, listing, nothing, part
from portal.web.api.describing import Answer, described, listed
from portal.web.api.shapes import Flag, Table, Unreadable
from portal.web.guard import Needs, needs
from portal.web.headers import hand_out

bp = part("api_attachments")
SHAREABLE = Flag(label="24区共有版に付ける", required=True)
UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream", "title": "ファイル（1件）"},
        "shareable": {"type": "boolean", "title": "24区共有版に付ける"},
    },
}


@bp.get("/documents/<id:document_id>/attachments")
@needs(Permission.VIEW)
@described("添付の一覧", answers={200: Answer(listed(showing.FILE))}, problems=(404,))
def of_document(document_id: int) -> Response:
    """List the files of a document."""
    return listing(showing.file(one, g.document) for one in attaching.attachments(g.uow, g.document))


@bp.post("/documents/<id:document_id>/attachments")
@needs(Permission.EDIT)
@described(
    "ファイルを1件添付する。中の文字は検索で見つかる。読めないファイルも添付でき、text_message に理由が入る",
    upload=UPLOAD,
    answers={201: Answer(showing.FILE, "添付した", headers={"Location": "添付の所在"})},
    problems=(403, 404, 413, 415),
)
def attach(document_id: int) -> Response:
    """Take one file in."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    sent = [one for one in request.files.getlist("file") if one.filename]
    if len(sent) != 1:
        raise Invalid([Problem("file", "ファイル", "ファイルを1件、file という名前で送ってください。")])
    try:
        shareable = SHAREABLE.read_text(request.form.get("shareable", "false"))
    except Unreadable as unreadable:
        raise Invalid([Problem("shareable", SHAREABLE.label, str(unreadable))]) from None
    name, document = sent[0].filename or "", g.document
    made = attaching.attach(g.uow, document_id, name=name, source=sent[0].stream, shareable=shareable)
    return answer(showing.file(made, document), 201, Location=f"/api/v1/attachments/{made.id}")


@bp.get("/attachments/<id:attachment_id>")
@needs(Needs.PERSON, writes=True)
@described(
    "添付ファイルそのもの",
    answers={
        200: Answer({}, "ファイル", media="application/octet-stream", headers={"Content-Disposition": "ファイル名"})
    },
    problems=(400, 404),
)
def download(attachment_id: int) -> Response:
    """Hand a file out, always to be saved."""
    attachment, path = attaching.open_file(g.uow, attachment_id)
    return hand_out(send_file(path, mimetype=attachment.media_type, etag=False), attachment.name)


@bp.patch("/attachments/<id:attachment_id>")
@needs(Needs.PERSON)
@described(
    "添付を24区共有版に付けるかどうかを変える。編集できる間は書く人、受付のあとは健康局",
    body=Table(label="添付", of={"shareable": SHAREABLE}, example={"shareable": True}),
    answers={200: Answer(showing.FILE, "変えた")},
    problems=(403, 404),
)
def mark(attachment_id: int) -> Response:
    """Say whether a file goes with the shared edition."""
    changed = attaching.set_shareable(g.uow, attachment_id, shareable=g.sent["shareable"])
    document: Document = g.uow.access(changed.document_id, Permission.VIEW)
    return answer(showing.file(changed, document))


@bp.delete("/attachments/<id:attachment_id>")
@needs(Needs.PERSON)
@described("添付を外す", answers={204: Answer(told="外した")}, problems=(403, 404))
def remove(attachment_id: int) -> Response:
    """Take a file off its document."""
    attaching.remove(g.uow, attachment_id)
    return nothing()
