"""見え消し of two versions as a Word file."""

from flask import Blueprint, Response, g, request

from portal.models import Document
from portal.security.workflows import Permission
from portal.services import redlining
from portal.web.guard import needs
from portal.web.headers import hand_out
from portal.word.package import DOCX

bp = Blueprint("redlines", __name__, url_prefix="/documents/<int:document_id>")


@bp.get("/redline")
@needs(Permission.EXPORT, writes=True)
def word(document_id: int) -> Response:
    """Hand the changes between two versions out as Word, tracked or for paper."""
    document: Document = g.document
    new = request.args.get("to", document.version_number, type=int)
    old = request.args.get("from", max(1, new - 1), type=int)
    style: redlining.Style = "printed" if request.args.get("style") == "printed" else "tracked"
    name, made = redlining.redline(g.uow, document_id, old=old, new=new, style=style)
    return hand_out(Response(made, mimetype=DOCX), name)
