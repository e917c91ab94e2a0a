"""One's own account: role, text size, sign-ins, password, second factor."""

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from portal.services import accounts, signing_in
from portal.web.guard import Needs, needs, the_session

bp = Blueprint("account", __name__)


@bp.get("/account")
@needs(Needs.PERSON)
def show() -> str:
    """Show the person's own account."""
    return render_template(
        "account.html", here="account", sign_ins=signing_in.sign_ins(g.uow), roles=signing_in.memberships(g.uow)
    )


@bp.get("/session/token")
@needs(Needs.PERSON, first_password=True)
def token() -> ResponseReturnValue:
    """Give the page's scripts a fresh form token, so that a draft goes on after signing in again in another tab."""
    return jsonify(csrf_token=generate_csrf(), account=str(the_session().identity.account_id))


@bp.route("/account/password", methods=["GET", "POST"])
@needs(Needs.PERSON, first_password=True)
def password() -> ResponseReturnValue:
    """Change one's own password."""
    if request.method == "POST":
        accounts.change_password(
            g.uow,
            old=request.form.get("old", ""),
            new=request.form.get("new", ""),
            keep_sign_in=the_session().sign_in_id,
        )
        return redirect(url_for("account.show"), 303)
    return render_template("account_password.html", here="account")
