"""The search: what was found, where, and how the words were read."""

from datetime import date

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

import tenants
from portal.kinds import find_kind
from portal.kinds.calendar import fiscal_year_name, parse_day
from portal.kinds.vocabulary import ITEMS
from portal.security.workflows import state_name
from portal.services import finding
from portal.services.errors import SearchRebuilding
from portal.web.guard import Needs, needs
from portal.words import t

bp = Blueprint("search", __name__)
FACETS = ("kind", "ward", "body_name", "fiscal_year", "item", "state")
SORTS = {"relevance": "関連が強い順", "date": "会議日が新しい順", "updated": "更新が新しい順"}


@bp.get("/search")
@needs(Needs.PERSON)
def results() -> ResponseReturnValue:
    """Show what was found; a date that cannot be read is said and left out."""
    text, problems = request.args.get("q", "").strip(), list[str]()
    filters = _filters(problems)
    sort = request.args.get("sort", "relevance")
    number = min(max(1, request.args.get("page", 1, type=int)), 500)
    try:
        found = finding.search(g.uow, text, filters, sort=sort, page=number)
    except SearchRebuilding as rebuilding:
        return render_template("search.html", found=None, told=str(rebuilding), search_text=text), 503
    return render_template(
        "search.html",
        found=found,
        search_text=text,
        filters=filters,
        problems=problems,
        sort=sort,
        sorts=SORTS,
        facets=FACETS,
        chosen=lambda facet: _CHOSEN[facet](filters),
        facet_label=_label,
    )


_CHOSEN = {
    "kind": lambda filters: filters.kinds,
    "ward": lambda filters: filters.wards,
    "body_name": lambda filters: filters.body_names,
    "fiscal_year": lambda filters: filters.fiscal_years,
    "item": lambda filters: filters.items,
    "state": lambda filters: filters.states,
}


def _label(facet: str, value: str | int) -> str:
    if facet == "kind":
        kind = find_kind(str(value))
        return t(kind.full_title) if kind else str(value)
    if facet == "ward":
        return tenants.ward_name(str(value))
    if facet == "fiscal_year":
        return fiscal_year_name(int(value))
    if facet == "item":
        return ITEMS.get(str(value), str(value))
    return t(state_name(str(value))) if facet == "state" else str(value)


def _filters(problems: list[str]) -> finding.Filters:
    many = request.args.getlist
    return finding.Filters(
        wards=tuple(many("ward")),
        kinds=tuple(many("kind")),
        fiscal_years=tuple(many("fiscal_year", type=int)),
        states=tuple(many("state")),
        body_names=tuple(many("body_name")),
        items=tuple(many("item")),
        date_from=_day("from", problems),
        date_to=_day("to", problems),
        decided_only="decided" in request.args,
        title_only="title_only" in request.args,
    )


def _day(name: str, problems: list[str]) -> date | None:
    typed = request.args.get(name, "").strip()
    if not typed:
        return None
    try:
        return parse_day(typed)
    except ValueError as unreadable:
        problems.append(str(unreadable))
        return None
