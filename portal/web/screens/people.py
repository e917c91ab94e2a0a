"""The people who may use the portal, for those who administer accounts."""

from flask import Blueprint, g, render_template

from portal.services import accounts
from portal.web.guard import Needs, needs

bp = Blueprint("people", __name__, url_prefix="/admin/people")


@bp.get("")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def listing() -> str:
    """List every account."""
    return render_template("people.html", here="people", people=accounts.all_accounts(g.uow))
