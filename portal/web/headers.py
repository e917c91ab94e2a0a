"""What every answer carries, and what every writing request must: the browser's own walls."""

from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, g, request
from flask_login import current_user

from portal.settings import Settings
from portal.web.assets import TRUSTED_TYPES_POLICIES
from portal.web.guard import SAFE_METHODS

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
    f" trusted-types {' '.join(TRUSTED_TYPES_POLICIES)}"
)
MAY_BE_KEPT = ("static_file", "feeds.show")
"""What says itself how long it may be kept."""
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def install_headers(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer and refuse writes that another site's page sent."""

    @app.before_request
    def refuse_foreign_pages() -> None:
        if request.method in SAFE_METHODS or request.path.startswith("/api/"):
            return
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if site not in (None, "same-origin", "none") or (origin and urlsplit(origin).netloc != request.host):
            abort(403, "ほかのサイトからの操作は受け付けません。")

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if settings.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint not in MAY_BE_KEPT:
            headers["Cache-Control"] = "no-store"
            headers.add("Vary", "Cookie")
        return response


def is_signed_in() -> bool:
    """Say whether the request has a live sign-in; never opens one."""
    return "_login_user" in g and bool(current_user.is_authenticated)


def hand_out(response: Response, name: str) -> Response:
    """Make an answer a file to be saved, never shown: its name in UTF-8 after RFC 6266, a plain one for the rest."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name) or "file"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
