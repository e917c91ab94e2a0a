"""The audit trail on screen."""

from flask import Blueprint, render_template

from portal.web.guard import Needs, needs

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@needs(Needs.AUDIT_READER)
def listing() -> str:
    """List who did what."""
    return render_template("audit.html", here="audit", entries=())
