"""Signing in, choosing the role to act in, signing out."""

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug import Response

from portal.services import signing_in
from portal.services.errors import Refused
from portal.services.signing_in import CodeNeeded, SignInRefused, TooManyTries
from portal.services.uow import UnitOfWork
from portal.web.failures import status_of
from portal.web.guard import Needs, cookie_name, needs, the_session, the_site
from portal.web.redirects import safe_next
from portal.words import t

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
@needs(Needs.NOBODY)
def form() -> ResponseReturnValue:
    """Ask for account and password; who is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return render_template("sign_in.html", next=safe_next(request.args.get("next")))


@bp.post("/sign-in")
@needs(Needs.NOBODY)
def enter() -> ResponseReturnValue:
    """Sign the person in, asking for the code of the second factor where there is one."""
    entered = request.form
    try:
        secret = signing_in.sign_in(
            the_site(),
            login=entered.get("account", ""),
            password=entered.get("password", ""),
            proof=entered.get("proof", ""),
            code=entered.get("code", ""),
            device=request.user_agent.string,
            address=request.remote_addr or "",
        )
    except (CodeNeeded, SignInRefused, TooManyTries) as refused:
        return _ask_again(refused)
    if current_user.is_authenticated:
        signing_in.end(the_site(), the_session())
    return _begin(secret, safe_next(entered.get("next")))


def _ask_again(refused: Refused) -> ResponseReturnValue:
    """Show the form again with what was typed, asking for what is missing."""
    wait = refused.wait if isinstance(refused, TooManyTries) else 0
    proof = refused.proof if isinstance(refused, CodeNeeded) else request.form.get("proof", "")
    page = render_template(
        "sign_in.html",
        next=safe_next(request.form.get("next")),
        account=request.form.get("account", "")[:100],
        proof=proof,
        told="" if isinstance(refused, CodeNeeded) else str(refused),
        wait=wait,
    )
    return page, status_of(refused), {"Retry-After": str(wait)} if wait else {}


def _begin(secret: str, wanted: str) -> ResponseReturnValue:
    """Start the new sign-in in this browser and lead on: first password, role, or the wanted page."""
    begun = signing_in.find_session(the_site(), secret)
    assert begun is not None
    if begun.must_change_password:
        target = url_for("account.password", next=wanted)
    elif _has_a_choice(begun):
        target = url_for(".choose", next=wanted)
    else:
        target = wanted
    return start_session(redirect(target, 303), secret)


def _has_a_choice(begun: signing_in.Session) -> bool:
    with UnitOfWork(the_site(), begun.identity, writes=False) as uow:
        return len(signing_in.memberships(uow)) > 1


def start_session(response: Response, secret: str) -> Response:
    """Put a new sign-in into the browser; the form tokens of the old one become worthless."""
    session.clear()
    settings = the_site().settings
    response.set_cookie(cookie_name(), secret, httponly=True, samesite="Lax", secure=settings.secure, path="/")
    return response


def end_session(response: Response) -> Response:
    """Take the sign-in and everything the browser kept of the portal out of the browser."""
    session.clear()
    settings = the_site().settings
    response.delete_cookie(cookie_name(), path="/", secure=settings.secure, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.get("/sign-in/role")
@needs(Needs.PERSON)
def choose() -> ResponseReturnValue:
    """Ask in which ward and role the person wants to act."""
    roles = signing_in.memberships(g.uow)
    return render_template("sign_in_role.html", roles=roles, next=safe_next(request.args.get("next")))


@bp.post("/sign-in/role")
@needs(Needs.PERSON, writes=False)
def act_as() -> ResponseReturnValue:
    """Go on in the chosen ward and role, with a fresh sign-in."""
    ward, _, role = request.form.get("role", "").partition(":")
    secret = signing_in.act_as(the_site(), the_session(), ward=ward, role=role)
    return start_session(redirect(safe_next(request.form.get("next")), 303), secret)


@bp.post("/sign-out")
@needs(Needs.NOBODY)
def out() -> ResponseReturnValue:
    """Sign the person out here; harmless when the sign-in has ended already."""
    if current_user.is_authenticated:
        signing_in.end(the_site(), the_session())
    response = end_session(redirect(url_for(".form"), 303))
    flash(t("ログアウトしました。"), "good")
    return response
