"""The web application of one site: screens, JSON API, and the gate in front of both."""

from urllib.parse import urlsplit

from flask import Flask, send_from_directory
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.services.site import Site
from portal.settings import Settings
from portal.web import api, failures, screens, showing, templating
from portal.web.assets import STATIC
from portal.web.guard import Needs, check_routes, install_login, needs
from portal.web.headers import install_headers
from portal.words import TEMPLATES

LARGEST_FORM = 16 << 20
"""Bytes of typed text one form may carry (a 200,000-character body is 0.6 MB)."""


def create_app(site: Site) -> Flask:
    """Return the WSGI application of a site. Raises UndeclaredRoute when a route declares no permission."""
    app = Flask("portal.web", template_folder=str(TEMPLATES / "html"), static_folder=None)
    app.extensions["portal_site"] = site
    _configure(app, site.settings)
    templating.install(app)  # first: whoever looks at the templates makes their environment
    csrf = CSRFProtect(app)
    install_login(app)
    install_headers(app, site.settings)
    showing.install(app)
    failures.install(app)
    app.add_url_rule("/static/<path:name>", "static_file", static_file)
    app.add_url_rule("/favicon.ico", "no_icon", no_icon)
    app.url_map.converters["int"] = api.IdConverter  # a number too large for any id is nobody's, not an error
    screens.install(app)
    api.install(app, csrf)
    check_routes(app)
    return app


@needs(Needs.NOBODY)
def static_file(name: str) -> ResponseReturnValue:
    """Hand out a built asset; its name holds its hash, so it may be kept for ever."""
    response = send_from_directory(STATIC, name, max_age=365 * 86400)
    response.cache_control.immutable = True
    return response


@needs(Needs.NOBODY)
def no_icon() -> ResponseReturnValue:
    """Answer the browser's own question for an icon; there is none to fetch."""
    return "", 204


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        MAX_CONTENT_LENGTH=(settings.upload_limit_mb << 20) + (1 << 20),
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=20_000,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in itself, which is checked first
        WTF_CSRF_SSL_STRICT=False,  # Origin and Sec-Fetch-Site are checked for every write instead
        SESSION_COOKIE_NAME="__Host-portal_form" if settings.secure else "portal_form",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=_hosts(settings),
    )
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _hosts(settings: Settings) -> list[str] | None:
    """Return the host names the site answers to; on an open address without PORTAL_ORIGIN the proxy has to decide."""
    if settings.origin:
        return [str(urlsplit(settings.origin).hostname)]
    local = ["localhost", "127.0.0.1", "[::1]"]
    return local if settings.host in ("127.0.0.1", "localhost", "::1") else None
