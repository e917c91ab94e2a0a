"""Where a person goes next: the one place that decides whether an address from outside may be followed."""

from urllib.parse import urlsplit

from flask import request

LONGEST = 2000
NEVER_NEXT = ("/sign-in", "/sign-out", "/session/", "/api/", "/static/")
"""Paths nobody wants to land on after signing in."""


def safe_next(wanted: str | None, *, otherwise: str = "/") -> str:
    """Return the wanted address if it is a path of this site, else `otherwise`.

    One slash at the start and no second one, no backslash (browsers read it as a slash) and no control character or
    blank (browsers drop tabs and line breaks, so that `/<tab>/evil.example` would leave the site).
    """
    if not wanted or len(wanted) > LONGEST or not wanted.startswith("/") or wanted.startswith(NEVER_NEXT):
        return otherwise
    if wanted.startswith("//") or "\\" in wanted or not wanted.isprintable() or " " in wanted:
        return otherwise
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else wanted


def came_from(*, otherwise: str = "/") -> str:
    """Return the page of this site that the person came from, for switches that stand on every page."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return otherwise
    if parts.netloc != request.host:
        return otherwise
    return safe_next(f"{parts.path}?{parts.query}" if parts.query else parts.path, otherwise=otherwise)
