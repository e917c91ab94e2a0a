"""The wards' archives: which documents a ward has, as far as the reader may see them."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import tenants
from portal.kinds import all_kinds, find_kind
from portal.kinds.calendar import fiscal_year_name
from portal.security.policy import may_create
from portal.security.workflows import state_name
from portal.services import finding, lists
from portal.services.errors import NotFound
from portal.web import list_files, narrowing
from portal.web.guard import Needs, needs
from portal.words import t

bp = Blueprint("archive", __name__)
PAGE = 50
LAST_YEAR = 2200
"""A 年度 beyond it is a slip of the hand, and no number the database has to look at."""


@bp.get("/wards")
@needs(Needs.WARD)
def wards() -> ResponseReturnValue:
    """Show every ward in the city's order, the own one first, with how many documents the reader may see."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.wards(g.uow), form)
    return render_template("archive_wards.html", counts=finding.wards_at_a_glance(g.uow), wards=_own_first())


@bp.get("/archive")
@needs(Needs.WARD)
def go() -> ResponseReturnValue:
    """Open the archive of the ward that was chosen."""
    ward = request.args.get("ward", "")
    if tenants.find_ward(ward) is None:
        raise NotFound
    return redirect(url_for(".show", ward=ward))


@bp.get("/<ward>/")
@needs(Needs.WARD)
def show(ward: str) -> ResponseReturnValue:
    """Show one ward's documents, newest meeting first."""
    if tenants.find_ward(ward) is None:
        raise NotFound
    filters = asked_filters(ward)
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    facets = _facets(finding.counts_of_ward(g.uow, ward, filters))
    chips = narrowing.chips(facets)
    if form := list_files.wanted_format():
        about = list_files.conditions(chips, 区=tenants.ward_name(ward))
        return list_files.as_file(lists.archive(g.uow, filters, about), form)
    return render_template(
        "archive.html",
        ward=ward,
        page=finding.list_documents(g.uow, filters, page=number, size=PAGE),
        facets=facets,
        chips=chips,
        creatable=[kind for kind in all_kinds() if kind.new_label and may_create(g.uow.reader, kind.workflow, ward)],
        wards=_own_first(),
    )


def asked_filters(ward: str) -> finding.Filters:
    """Return what the address narrows a ward's archive to."""
    asked = request.args
    return finding.Filters(
        wards=(ward,),
        kinds=tuple(asked.getlist("kind")),
        fiscal_years=tuple(year for year in asked.getlist("year", type=int) if 0 < year < LAST_YEAR),
        states=tuple(asked.getlist("state")),
        body_names=tuple(asked.getlist("body")),
    )


def _facets(counts: finding.Counts) -> list[narrowing.Facet]:
    facet = narrowing.facet
    return [
        facet("year", t("年度"), counts["fiscal_year"], year_label),
        facet("kind", t("文書の種類"), counts["kind"], kind_label),
        facet("state", t("状態"), counts["state"], state_label),
        facet("body", t("会議体"), counts["body_name"], str),
    ]


def _own_first() -> list[tenants.Ward]:
    own = g.uow.reader.ward
    return sorted(tenants.all_tenants(), key=lambda ward: (ward.slug != own, ward.order))


def year_label(value: str) -> str:
    """Return 令和8年度 for 2026; what is no year stays as it was written."""
    return fiscal_year_name(int(value)) if value.isdecimal() and 1868 < int(value[:6]) < LAST_YEAR else value


def kind_label(value: str) -> str:
    """Return what a kind is called on screen."""
    kind = find_kind(value)
    return t(kind.full_title) if kind else value


def state_label(value: str) -> str:
    """Return what a state is called on screen."""
    return t(state_name(value))
