"""The register of forms, and the Word templates that print them."""

from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import UnsupportedMediaType

from portal.kinds import Invalid, form_register
from portal.kinds.calendar import fiscal_year, today
from portal.kinds.fields import Problem
from portal.models import WordTemplate
from portal.services import lists, templates
from portal.web import list_files
from portal.web.api.answering import answer, listing, part
from portal.web.api.describing import (
    FLAG,
    FORMAT,
    MOMENT,
    TEXT,
    WHOLE,
    Answer,
    described,
    listed,
    optional,
    record,
    saved,
    several,
)
from portal.web.api.shapes import Flag, Table, Whole, Words
from portal.web.guard import Needs, needs
from portal.web.headers import hand_out
from portal.word.package import DOCX

bp = part("api_forms")
FORM = record(
    number=WHOLE, title=TEXT, full_title=TEXT, made_by=TEXT, due=TEXT, channels=several(TEXT), all_channels=FLAG,
    content=TEXT, zero_allowed=FLAG, kind=TEXT, template=TEXT,
)  # fmt: skip
TEMPLATE = record(
    id=WHOLE, form=TEXT, ward=TEXT, name=TEXT, comment=TEXT, sha256=TEXT, fiscal_year=optional(WHOLE), created_at=MOMENT,
    in_force_at=optional(MOMENT), withdrawn_at=optional(MOMENT), unknown_marks=several(TEXT), unmarked_fields=several(TEXT),
)  # fmt: skip
YEAR = Whole(label="年度（始まる年）", least=2017, most=2100)
UPLOAD = {
    "type": "object",
    "required": ["file", "form"],
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream", "title": "Wordのファイル（.docx）"},
        "form": {"type": "string", "enum": list(templates.FORMS), "title": "ひな形の名前"},
        "comment": {"type": "string", "title": "どこを直したか"},
    },
}


@bp.get("/forms")
@needs(Needs.PERSON)
@described("様式の一覧", query={"fiscal_year": YEAR, **FORMAT}, answers={200: saved(listed(FORM))})
def register() -> Response:
    """List the forms of a 年度."""
    year = g.asked["fiscal_year"] or fiscal_year(today())
    if form := list_files.wanted_format():
        return list_files.as_file(lists.register(year), form)
    return listing(
        {
            "number": one.number,
            "title": one.title,
            "full_title": one.full_title,
            "made_by": one.made_by,
            "due": one.due.in_words,
            "channels": list(one.channels),
            "all_channels": one.all_channels,
            "content": one.content,
            "zero_allowed": one.zero_allowed,
            "kind": one.kind,
            "template": one.template,
        }
        for one in form_register.forms(year)
    )


@bp.get("/templates")
@needs(Needs.PERSON)
@described(
    "Wordのひな形（市のものと自分の区のもの、新しい順）",
    query={"form": Words(label="ひな形の名前", options=list(templates.FORMS), default="form7")},
    answers={200: Answer(listed(TEMPLATE))},
)
def listing_of_templates() -> Response:
    """List the templates of a form."""
    return listing(shown(one) for one in templates.of_form(g.uow, g.asked["form"]))


@bp.post("/templates")
@needs(Needs.PERSON)
@described(
    "Wordのひな形を登録する。使い始めるまでは何も変わらない。unknown_marks は値の入らない印",
    upload=UPLOAD,
    answers={201: Answer(TEMPLATE, "登録した", headers={"Location": "ひな形の所在"})},
    problems=(400, 403, 404, 413, 415, 422),
)
def upload() -> Response:
    """Take a template in."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid([Problem("file", "ファイル", "Wordのファイルを1件、file という名前で送ってください。")])
    form, comment = request.form.get("form", ""), request.form.get("comment", "")
    made = templates.upload(g.uow, form, name=sent.filename, source=sent.stream, comment=comment)
    return answer(shown(made), 201, Location=f"/api/v1/templates/{made.id}")


@bp.get("/templates/<id:template_id>")
@needs(Needs.PERSON)
@described("Wordのひな形1件", answers={200: Answer(TEMPLATE)}, problems=(404,))
def one(template_id: int) -> Response:
    """Show one template."""
    return answer(shown(templates.find(g.uow, template_id)))


@bp.get("/templates/<id:template_id>/file")
@needs(Needs.PERSON)
@described(
    "ひな形のファイル、または作り物の内容を印刷した見本",
    query={"sample": Words(label="見本（full は全文、shared は24区共有版）", options=["", "full", "shared"])},
    answers={200: Answer({}, "Wordのファイル", media=DOCX, headers={"Content-Disposition": "ファイル名"})},
    problems=(404,),
)
def file(template_id: int) -> Response:
    """Hand out a template, or a made-up document printed on it."""
    found = templates.find(g.uow, template_id)
    if wanted := g.asked["sample"]:
        name, made = "sample.docx", templates.sample(g.uow, found.form, found, shared=wanted == "shared")
    else:
        name, made = templates.file_of(g.uow, found.form, found)
    return hand_out(Response(made, mimetype=DOCX), name)


@bp.post("/templates/<id:template_id>/state")
@needs(Needs.PERSON)
@described(
    "ひな形を使い始める（年度を指定）、または使うのをやめる",
    body=Table(
        label="使い方",
        of={"in_force": Flag(label="使う", required=True), "fiscal_year": YEAR},
        example={"in_force": True, "fiscal_year": 2026},
    ),
    answers={200: Answer(TEMPLATE, "変えた")},
    problems=(400, 403, 404, 409, 422),
)
def change(template_id: int) -> Response:
    """Put a template in force, or withdraw it."""
    if not g.sent["in_force"]:
        return answer(shown(templates.withdraw(g.uow, template_id)))
    year = g.sent["fiscal_year"] or fiscal_year(today())
    return answer(shown(templates.put_in_force(g.uow, template_id, year)))


def shown(template: WordTemplate) -> dict[str, Any]:
    """Return a template as the API tells it."""
    verdict = templates.verdict(g.uow, template)
    return {
        "id": template.id,
        "form": template.form,
        "ward": template.ward_id,
        "name": template.name,
        "comment": template.comment,
        "sha256": template.sha256,
        "fiscal_year": template.fiscal_year,
        "created_at": template.created_at,
        "in_force_at": template.in_force_at,
        "withdrawn_at": template.withdrawn_at,
        "unknown_marks": list(verdict.unknown),
        "unmarked_fields": list(verdict.unmarked),
    }
