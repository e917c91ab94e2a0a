"""The switches at the foot of every page: size of the text and language. They are kept in the browser, not in the account."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from portal.web.guard import Needs, needs, the_site
from portal.web.redirects import came_from
from portal.web.showing import SIZES
from portal.words import LANGUAGES

bp = Blueprint("look", __name__)
A_YEAR = 365 * 24 * 3600


@bp.post("/settings/text-size")
@needs(Needs.NOBODY)
def text_size() -> ResponseReturnValue:
    """Remember the size of the text in this browser."""
    return _remember("portal_size", request.form.get("size", ""), SIZES)


@bp.post("/settings/language")
@needs(Needs.NOBODY)
def choose_language() -> ResponseReturnValue:
    """Remember the language in this browser."""
    return _remember("portal_language", request.form.get("language", ""), LANGUAGES)


@bp.post("/settings/keys")
@needs(Needs.NOBODY)
def keys() -> ResponseReturnValue:
    """Remember whether single keys are commands in this browser."""
    return _remember("portal_keys", request.form.get("keys", ""), ("on", "off"))


def _remember(cookie: str, wanted: str, allowed: tuple[str, ...]) -> ResponseReturnValue:
    response = redirect(came_from(), 303)
    if wanted in allowed:
        # Not HttpOnly: the switch works at once by script, and the value is no secret.
        response.set_cookie(cookie, wanted, max_age=A_YEAR, samesite="Lax", secure=the_site().settings.secure, path="/")
    return response
