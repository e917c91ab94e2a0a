"""The audit trail."""

from flask import Response, g

from portal.services import auditing, lists
from portal.web import list_files
from portal.web.api.answering import listing, part
from portal.web.api.describing import FORMAT, MOMENT, TEXT, WHOLE, described, listed, optional, paging, record, saved
from portal.web.api.shapes import Day, Whole, Words
from portal.web.guard import Needs, needs

bp = part("api_audit")
ENTRY = record(
    id=WHOLE, at=MOMENT, action=TEXT, act=TEXT, who=TEXT, login=TEXT, acting_ward=TEXT, acting_role=TEXT, ward=TEXT,
    document=optional(WHOLE), title=optional(TEXT), about=TEXT,
)  # fmt: skip
FILTERS = {
    "ward": Words(label="区", limit=40),
    "who": Words(label="アカウント名・氏名の一部", limit=100),
    "action": Words(label="操作（document. のように点で終えると、それで始まるすべて）", limit=60),
    "from": Day(label="この日から"),
    "to": Day(label="この日まで"),
    "document": Whole(label="文書の番号（id）", least=1),
    **paging(),
    **FORMAT,
}


@bp.get("/audit")
@needs(Needs.AUDIT_READER)
@described("操作の記録（健康局・監査担当）", query=FILTERS, answers={200: saved(listed(ENTRY))}, problems=(403,))
def everybody() -> Response:
    """List everybody's acts, newest first."""
    asked = g.asked
    filters = auditing.Filters(
        ward=asked["ward"],
        who=asked["who"],
        action=asked["action"],
        since=asked["from"],
        until=asked["to"],
        document_id=asked["document"],
    )
    if form := list_files.wanted_format():
        return list_files.as_file(lists.acts(g.uow, filters), form)
    return shown(auditing.everybodys_acts(g.uow, filters, page=asked["page"], size=asked["size"]), asked["page"])


def shown(trail: auditing.Trail, page: int) -> Response:
    """Return one page of acts; a page behind the last one is empty."""
    entries = trail.entries if trail.number == page else ()
    return listing(
        (
            {
                "id": one.row.id,
                "at": one.row.at,
                "action": one.row.action,
                "act": one.act,
                "who": one.who,
                "login": one.login,
                "acting_ward": one.row.acting_ward,
                "acting_role": one.row.acting_role,
                "ward": one.row.ward_id,
                "document": one.row.document_id if one.document else None,
                "title": one.document.title if one.document else None,
                "about": one.about,
            }
            for one in entries
        ),
        trail.total,
    )
