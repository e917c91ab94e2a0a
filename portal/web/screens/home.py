"""The first screen: what waits for me, what I began, what is on its way, what is new."""

from flask import Blueprint, g, render_template

from portal.services import home
from portal.web.guard import Needs, needs

bp = Blueprint("home", __name__)


@bp.get("/")
@needs(Needs.PERSON)
def show() -> str:
    """Show what waits for the person."""
    return render_template("home.html", here="home", home=home.home(g.uow), most=home.MOST)
