"""The wards' archives: which documents a ward has, as far as the reader may see them."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import tenants
from portal.kinds import all_kinds
from portal.security.policy import may_create
from portal.services import finding
from portal.services.errors import NotFound
from portal.web.guard import Needs, needs

bp = Blueprint("archive", __name__)
PAGE = 50


@bp.get("/wards")
@needs(Needs.WARD)
def wards() -> str:
    """Show every ward in the city's order with how many documents the reader may see, the own ward first."""
    return render_template("archive_wards.html", counts=finding.counts_by_ward(g.uow), wards=tenants.all_tenants())


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
    filters = finding.Filters(
        wards=(ward,),
        kinds=tuple(request.args.getlist("kind")),
        fiscal_years=tuple(request.args.getlist("year", type=int)),
        states=tuple(request.args.getlist("state")),
        body_names=tuple(request.args.getlist("body")),
    )
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    return render_template(
        "archive.html",
        ward=ward,
        page=finding.list_documents(g.uow, filters, page=number, size=PAGE),
        filters=filters,
        counts=finding.years_and_kinds(g.uow, ward),
        creatable=[kind for kind in all_kinds() if may_create(g.uow.reader, kind.workflow, ward)],
        wards=tenants.all_tenants(),
    )
