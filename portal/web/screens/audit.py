"""The audit trail on screen, for 健康局 and the auditor."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

import tenants
from portal.kinds.calendar import parse_day
from portal.services import auditing, lists
from portal.web import list_files
from portal.web.guard import Needs, needs
from portal.words import t

bp = Blueprint("audit", __name__)
GROUPS = (
    ("document.", "文書"), ("attachment.", "添付"), ("list.", "一覧"), ("account.", "アカウント"), ("sign", "ログイン"),
)  # fmt: skip
"""Beginnings of action names and what they are together."""
LARGEST_ID = 2**31 - 1
FILTERS = frozenset({"ward", "who", "action", "since", "until", "document"})


@bp.get("/audit")
@needs(Needs.AUDIT_READER)
def listing() -> ResponseReturnValue:
    """List who did what, filtered by ward, person, action and days. A day that cannot be read is told and left out."""
    typed, wrong = request.args, dict[str, str]()
    number = typed.get("document", type=int)
    filters = auditing.Filters(
        ward=ward if tenants.find_ward(ward := typed.get("ward", "")) else "",
        who=typed.get("who", "").strip()[:100],
        action=action if (action := typed.get("action", "")) in auditing.ACTIONS or _is_group(action) else "",
        since=_day("since", wrong),
        until=_day("until", wrong),
        document_id=None if number is None else min(max(0, number), LARGEST_ID),
    )
    if form := list_files.wanted_format():
        return list_files.as_file(lists.acts(g.uow, filters, _about(filters)), form)
    trail = auditing.everybodys_acts(g.uow, filters, page=typed.get("page", 1, type=int))
    return render_template(
        "audit.html", here="audit", trail=trail, filters=filters, typed=typed, wrong=wrong, groups=_groups(),
        tenants=tenants.all_tenants(), address=_address(),
    )  # fmt: skip


def _is_group(action: str) -> bool:
    return action.endswith(".") and any(action == group for group, _ in GROUPS)


def _groups() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the actions to choose from: beginning, name of the group, and its actions."""
    return [
        (start, name, [(action, words) for action, words in auditing.ACTIONS.items() if action.startswith(start)])
        for start, name in GROUPS
    ]


def _day(name: str, wrong: dict[str, str]) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError as reason:
        wrong[name] = str(reason)
        return None


def _about(filters: auditing.Filters) -> list[tuple[str, str]]:
    """Return the conditions in use, as they are written above a saved list."""
    told = {
        "区": tenants.ward_name(filters.ward) if filters.ward else "",
        "氏名・アカウント名": filters.who,
        "操作": auditing.ACTIONS.get(filters.action, filters.action),
        "この日から": filters.since.isoformat() if filters.since else "",
        "この日まで": filters.until.isoformat() if filters.until else "",
        "文書ID": "" if filters.document_id is None else str(filters.document_id),
    }
    return [(t(label), words) for label, words in told.items() if words]


def _address() -> Callable[[int], str]:
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if value and name in FILTERS}
    return lambda number: url_for(".listing", **kept, page=number)
