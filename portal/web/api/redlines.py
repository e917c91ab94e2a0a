"""見え消し of two versions as a Word file."""

from flask import Response, g

from portal.models import Document
from portal.security.workflows import Permission
from portal.services import redlining
from portal.web.api.answering import part
from portal.web.api.describing import Answer, described
from portal.web.api.shapes import Whole, Words
from portal.web.guard import needs
from portal.web.headers import hand_out
from portal.word.package import DOCX

bp = part("api_redlines")
ASKED = {
    "from": Whole(label="古いほうの版", least=1),
    "to": Whole(label="新しいほうの版", least=1),
    "style": Words(label="形", options=tuple(redlining.STYLES), default="tracked"),
}


@bp.get("/documents/<id:document_id>/redline")
@needs(Permission.EXPORT, writes=True)
@described(
    "ふたつの版の見え消しをWordファイルで。版を省くと、いまの版とそのひとつ前。style=tracked は変更履歴"
    "（すべて承諾すると新しい版、すべて元に戻すと古い版）、printed は取消線と下線を付けた印刷用",
    query=ASKED,
    answers={200: Answer({}, "ファイル", media=DOCX, headers={"Content-Disposition": "ファイル名"})},
    problems=(400, 403, 404),
)
def redline(document_id: int) -> Response:
    """Hand the changes between two versions out as Word."""
    document: Document = g.document
    new: int = g.asked["to"] or document.version_number
    old: int = g.asked["from"] or max(1, new - 1)
    name, made = redlining.redline(g.uow, document_id, old=old, new=new, style=g.asked["style"])
    return hand_out(Response(made, mimetype=DOCX), name)
