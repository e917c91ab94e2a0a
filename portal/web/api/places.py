"""The wards, and the kinds of document with their schemas."""

from typing import Any

from flask import Response, g

import tenants
from portal.kinds import Kind, all_kinds, find_kind
from portal.security.policy import may_create
from portal.security.workflows import WORKFLOWS
from portal.services import finding
from portal.services.errors import NotFound
from portal.web.api.answering import answer, listing, part
from portal.web.api.describing import FLAG, TEXT, WHOLE, Answer, described, listed, optional, record, several
from portal.web.guard import Needs, needs

bp = part("api_places")
WARD = record(
    slug=TEXT, name=TEXT, kana=TEXT, order=WHOLE, code=TEXT, office=TEXT, contractors=several(TEXT), phone=TEXT, hours=TEXT,
    documents=WHOLE, creates=several(TEXT),
)  # fmt: skip


@bp.get("/wards")
@needs(Needs.PERSON)
@described(
    "24区と健康局。documents は見られる文書の数、creates はそこで作れる文書の種類",
    answers={200: Answer(listed(WARD))},
)
def wards() -> Response:
    """List the wards in the city's order, then the city office."""
    counts = finding.counts_by_ward(g.uow)
    return listing(
        {
            "slug": one.slug,
            "name": one.name,
            "kana": one.kana,
            "order": one.order,
            "code": one.code,
            "office": one.office,
            "contractors": one.contractors,
            "phone": one.phone,
            "hours": one.hours,
            "documents": counts.get(one.slug, 0),
            "creates": [kind.name for kind in all_kinds() if may_create(g.uow.reader, kind.workflow, one.slug)],
        }
        for one in tenants.all_tenants()
    )


NAMED = record(name=TEXT, title=TEXT)
MOVE = record(name=TEXT, title=TEXT, sources=several(TEXT), target=TEXT, comment_required=FLAG)
KIND = record(
    name=TEXT, title=TEXT, full_title=TEXT, form_number=optional(WHOLE), states=several(NAMED), transitions=several(MOVE),
    shared_edition=FLAG, schema=TEXT,
)  # fmt: skip


@bp.get("/kinds")
@needs(Needs.PERSON)
@described("文書の種類と、その状態・操作", answers={200: Answer(listed(KIND))})
def kinds() -> Response:
    """List the kinds of document."""
    return listing(_kind(kind) for kind in all_kinds())


def _kind(kind: Kind) -> dict[str, Any]:
    workflow = WORKFLOWS[kind.workflow]
    moves = [
        {
            "name": one.name,
            "title": one.title,
            "sources": one.sources,
            "target": one.target,
            "comment_required": one.asks_comment,
        }
        for one in workflow.transitions
    ]
    return {
        "name": kind.name,
        "title": kind.title,
        "full_title": kind.full_title,
        "form_number": kind.form_number,
        "states": [{"name": name, "title": state.title} for name, state in workflow.states.items()],
        "transitions": moves,
        "shared_edition": workflow.shared is not None,
        "schema": f"/api/v1/kinds/{kind.name}/schema",
    }


@bp.get("/kinds/<kind_name>/schema")
@needs(Needs.PERSON)
@described(
    "文書の {title, fields} の JSON Schema。examples[0] はそのまま保存できる例",
    answers={200: Answer({"type": "object"}, "JSON Schema 2020-12")},
    problems=(404,),
)
def schema(kind_name: str) -> Response:
    """Show the JSON Schema of a kind."""
    kind = find_kind(kind_name)
    if kind is None:
        raise NotFound
    return answer(kind.schema())
