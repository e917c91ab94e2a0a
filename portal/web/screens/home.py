"""The first screen: what waits for me, what I began, what is on its way, what is new; and all that waits, page by page."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from portal.services import finding, home, lists
from portal.web import list_files
from portal.web.guard import Needs, needs

bp = Blueprint("home", __name__)
FIRST = 10
"""Waiting documents on the first screen; a telephone shows about three at once."""
PAGE = 50


@bp.get("/")
@needs(Needs.PERSON)
def show() -> str:
    """Show what waits for the person."""
    return render_template("home.html", here="home", home=home.home(g.uow, most=FIRST))


@bp.get("/waiting")
@needs(Needs.PERSON)
def waiting() -> ResponseReturnValue:
    """Show everything that waits for the person."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.waiting(g.uow), form)
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    waits, total = home.waiting(g.uow, page=number, size=PAGE)
    page = finding.Page(total, [one.document for one in waits], number, PAGE)
    return render_template("waiting.html", here="home", waiting=waits, page=page)
