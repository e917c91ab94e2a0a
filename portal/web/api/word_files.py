"""Word files that come back: read and compared, and taken over field by field."""

from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import UnsupportedMediaType

from portal.kinds import Invalid
from portal.kinds.fields import Problem
from portal.models import Document
from portal.security.workflows import Permission
from portal.services import documents, returning
from portal.services.errors import NotFound
from portal.services.returning import Comparison, Offered
from portal.web.api import showing
from portal.web.api.answering import answer, etag, nothing, part
from portal.web.api.describing import FLAG, MOMENT, TEXT, WHOLE, Answer, described, record, several
from portal.web.api.shapes import Flag, Many, Table, Whole, Words
from portal.web.guard import needs

bp = part("api_word_files")
UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "title": "この文書から保存し、直したWordファイル（.docx）",
        }
    },
}
TRACKED = record(change={"enum": ["inserted", "deleted"]}, who=TEXT, when=TEXT, text=TEXT)
FIELD = record(
    name=TEXT, label=TEXT, base=TEXT, before=TEXT, after=TEXT, value={}, disputed=FLAG, problem=TEXT, tracked=several(TRACKED)
)  # fmt: skip
COMMENT = record(who=TEXT, when=TEXT, text=TEXT, field=TEXT)
COMPARISON = record(
    file=TEXT, base_version=WHOLE, current_version=WHOLE, read_at=MOMENT, fields=several(FIELD), comments=several(COMMENT),
    warnings=several(TEXT),
)  # fmt: skip


def _shown(found: Comparison) -> Response:
    told = {
        "file": found.file_name,
        "base_version": found.base,
        "current_version": found.current,
        "read_at": found.read_at,
        "fields": [_field(one) for one in found.offered],
        "comments": [
            {"who": one.who, "when": one.when, "text": one.text, "field": one.field} for one in found.comments
        ],
        "warnings": found.warnings,
    }
    return answer(told)


def _field(one: Offered) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "base": one.base,
        "before": one.before,
        "after": one.after,
        "value": None if one.problem else one.value,
        "disputed": one.disputed,
        "problem": one.problem,
        "tracked": [
            {"change": change.what, "who": change.who, "when": change.when, "text": change.text}
            for change in one.changes
        ],
    }


@bp.post("/documents/<id:document_id>/word")
@needs(Permission.EDIT)
@described(
    "直したWordファイルを読み、項目ごとに比べる。文書はまだ変わらない。fields は、いまの版（current_version）と違う項目だけ。"
    "disputed は、もとの版（base_version）のあとに文書のほうも変わった項目。problem があるものは取り込めない。tracked は変更履歴。"
    "読んだ内容は、人と文書ごとに1件、30日まで預かる（word/accept で取り込むか、DELETE で捨てるまで）",
    upload=UPLOAD,
    answers={200: Answer(COMPARISON, "読んだ")},
    problems=(403, 404, 413, 415),
)
def read(document_id: int) -> Response:
    """Read a file and answer what it would change."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    sent = [one for one in request.files.getlist("file") if one.filename]
    if len(sent) != 1:
        raise Invalid([Problem("file", "ファイル", "Wordファイルを1件、file という名前で送ってください。")])
    return _shown(returning.read_file(g.uow, document_id, name=sent[0].filename or "", source=sent[0].stream))


@bp.get("/documents/<id:document_id>/word")
@needs(Permission.EDIT)
@described("預かっている、自分の直したWordファイルの内容", answers={200: Answer(COMPARISON)}, problems=(403, 404))
def show(document_id: int) -> Response:
    """Show again what the caller's own file would change."""
    found = returning.pending(g.uow, g.document)
    if found is None:
        raise NotFound
    return _shown(found)


@bp.delete("/documents/<id:document_id>/word")
@needs(Permission.EDIT)
@described("預かっているWordファイルを取り込まずに捨てる", answers={204: Answer(told="捨てた")}, problems=(403, 404))
def let_go(document_id: int) -> Response:
    """Forget the caller's file."""
    returning.let_go(g.uow, g.document)
    return nothing()


CHOICE = Table(
    label="取り込み",
    of={
        "fields": Many(label="取り込む項目の名前", of=Words(label="項目の名前", limit=60), most=500, required=True),
        "base_version": Whole(label="比べた版（base_version か current_version）", least=1, required=True),
        "comment": Words(label="版の説明", limit=500),
        "keep_file": Flag(label="ファイルを添付として残す"),
    },
    example={"fields": ["place"], "base_version": 1, "comment": "会場を直した", "keep_file": False},
)


@bp.post("/documents/<id:document_id>/word/accept")
@needs(Permission.EDIT)
@described(
    "POST documents/{id}/word で読んだファイルから、選んだ項目だけを取り込んで新しい版にする。項目を選ばなければ版は増えず、ファイルも預かったままになる。"
    "比べたあとに誰かが版を保存していれば 409 なので、GET で比べ直す",
    body=CHOICE,
    answers={200: Answer(showing.DOCUMENT, "取り込んだ", headers={"ETag": "版の番号"})},
    problems=(400, 403, 404, 409),
)
def accept(document_id: int) -> Response:
    """Make a version of the chosen fields."""
    sent, document = g.sent, g.document
    returning.accept(
        g.uow,
        document_id,
        fields=sent["fields"],
        base=sent["base_version"],
        comment=sent["comment"],
        keeps_file=sent["keep_file"],
    )
    return _whole(document)


def _whole(document: Document) -> Response:
    version = documents.current_version(g.uow, document)
    return answer(showing.whole(g.uow, document, version), ETag=etag(version.number))
