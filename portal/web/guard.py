"""The one gate every request passes: who is it, may they, one unit of work, one commit.

Every route declares what it needs; `check_routes` refuses to start an app with a route that does not.

    @bp.get("/documents/<int:document_id>")
    @needs(Permission.VIEW)
    def show(document_id: int) -> str: ...          # g.document is loaded and allowed, g.uow is the person's
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any, cast

from flask import Flask, Response, current_app, g, make_response, request
from flask_login import LoginManager, UserMixin, current_user

from portal.security.identity import SYSTEM, Identity
from portal.security.policy import may_administer_accounts, may_edit_synonyms, may_read_audit
from portal.security.workflows import Permission
from portal.services import signing_in
from portal.services.errors import Forbidden, Refused
from portal.services.site import Site
from portal.services.uow import UnitOfWork

COOKIE = "portal_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Needs(Enum):
    """What a route needs when it is not a permission on one document."""

    NOBODY = "open to everybody, signed in or not"
    PERSON = "any signed-in person"
    WARD = "a signed-in person; the ward in the address only narrows what is listed"
    ACCOUNTS_ADMINISTRATOR = "a person who administers accounts"
    AUDIT_READER = "a person who reads the audit trail"
    SYNONYM_EDITOR = "a person who keeps the synonyms of the search"


Declared = Permission | Needs


class NotSignedIn(Refused):
    """Nobody is signed in, or the sign-in has ended."""

    def __init__(self) -> None:
        super().__init__("ログインしてください。しばらく操作がなかったときは、もう一度ログインすると続けられます。")


class PasswordChangeNeeded(Refused):
    """The account still has its first password."""

    def __init__(self) -> None:
        super().__init__("はじめに、自分だけが知るパスワードに変えてください。")


@dataclass
class Person(UserMixin):  # type: ignore[misc]
    """The signed-in person as Flask-Login knows them."""

    session: signing_in.Session

    def get_id(self) -> str:
        """Return the sign-in's id; the secret itself stays in the cookie."""
        return str(self.session.sign_in_id)


def the_site() -> Site:
    """Return the site this app serves."""
    return cast(Site, current_app.extensions["portal_site"])


def the_session() -> signing_in.Session:
    """Return the live sign-in of this request. Raises NotSignedIn."""
    if not current_user.is_authenticated:
        raise NotSignedIn
    return cast(signing_in.Session, current_user.session)


def secret_of_request() -> str:
    """Return the sign-in secret that came with the request: a bearer token for the API, the cookie for the screens."""
    if request.path.startswith("/api/"):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.casefold() == "bearer" else ""
    return request.cookies.get(cookie_name(), "")


def cookie_name() -> str:
    """Return the session cookie's name; over TLS the browser itself binds a `__Host-` cookie to this host."""
    return f"__Host-{COOKIE}" if the_site().settings.secure else COOKIE


def install_login(app: Flask) -> None:
    """Let Flask-Login find the person of a request in the server-side sign-ins."""
    manager = LoginManager(app)
    manager.session_protection = None  # the sign-ins are ours; it would sign the forms' cookie anew for nothing

    @manager.request_loader  # type: ignore[untyped-decorator]
    def load(_: Any) -> Person | None:
        secret = secret_of_request()
        session = signing_in.find_session(the_site(), secret) if secret else None
        wanted = "api" if request.path.startswith("/api/") else "browser"
        return Person(session) if session and session.channel == wanted else None


def needs(declared: Declared, *, writes: bool | None = None, first_password: bool = False) -> Callable[..., Any]:
    """Declare what a route needs, and let it run inside one unit of work with one commit.

    `writes` says that a GET leaves a row (an audit entry); other methods always may. A HEAD hands nothing out, so what it
    writes is rolled back. `first_password` lets a person in who must still change the first password.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(**arguments: Any) -> Response:
            begins_write = request.method not in SAFE_METHODS if writes is None else writes
            g.may_write = begins_write and request.method != "HEAD"
            if declared is Needs.NOBODY:
                return make_response(view(**arguments))
            session = the_session()
            if session.must_change_password and not first_password:
                raise PasswordChangeNeeded
            with UnitOfWork(
                the_site(), session.identity, name=session.name, profession=session.profession, writes=begins_write
            ) as g.uow:
                _admit(declared, session.identity, arguments)
                response = make_response(view(**arguments))
                if g.may_write and response.status_code < 400:
                    g.uow.commit()
                return response

        guarded.declared = declared  # type: ignore[attr-defined]
        return guarded

    return decorate


def _admit(declared: Declared, identity: Identity, arguments: dict[str, Any]) -> None:
    if isinstance(declared, Permission):
        if "document_id" in arguments:
            g.document = g.uow.access(arguments["document_id"], declared)
    elif declared is Needs.ACCOUNTS_ADMINISTRATOR and not may_administer_accounts(identity):
        raise Forbidden("アカウントの管理は、健康局管理者とシステム管理者に認められています。")
    elif declared is Needs.AUDIT_READER and not may_read_audit(identity):
        raise Forbidden("操作の記録は、健康局と監査担当に認められています。")
    elif declared is Needs.SYNONYM_EDITOR and not may_edit_synonyms(identity):
        raise Forbidden("同義語の管理は、健康局に認められています。")
    assert SYSTEM not in identity.tokens


class UndeclaredRoute(RuntimeError):
    """A route says nothing of who may use it; the app does not start."""


def check_routes(app: Flask) -> None:
    """Refuse to start with a route that declares no permission. Raises UndeclaredRoute naming it."""
    for rule in app.url_map.iter_rules():
        if not hasattr(app.view_functions[rule.endpoint], "declared"):
            raise UndeclaredRoute(f"{rule.rule} ({rule.endpoint}) declares no permission; use @needs(...)")
