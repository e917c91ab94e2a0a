"""People at the screens, with and without a real browser.

visitor = Visitor.of(office, tanaka)            # the Flask client, signed in; forms bring their own tokens
page = visitor.get("/account")                  # page.status, page.words, page.find("//table//a"), page.form("/sign-out")
page = visitor.send(page.form("/account/role"), role="city:bureau")   # what the person typed over what the form holds
page.follow()                                   # goes where a redirect leads

with serving(create_app(office.site)) as address:            # a real server for Chromium
    tab = open_tab(new_tab, address, office, tanaka, PHONE)  # signed in
    axe_finds_nothing(tab)
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from lxml import html
from playwright.sync_api import Page as Tab
from sqlalchemy import Engine, event
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from portal.security.identity import Identity
from portal.services import signing_in
from portal.web.app import create_app
from tests.support.browser import DESK, NewTab
from tests.support.office import PASSWORD, Office

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Form:
    """One form as it stands on a page."""

    action: str
    method: str
    fields: dict[str, list[str]]


@dataclass
class Page:
    """One answer, as a person reads it."""

    response: TestResponse
    visitor: "Visitor"

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return str(self.response.text)

    @property
    def location(self) -> str:
        return self.response.headers.get("Location", "")

    @cached_property
    def tree(self) -> Any:
        return html.fromstring(self.text)

    @property
    def words(self) -> str:
        """What stands in the main part, blanks folded."""
        main = self.tree.xpath("//main")
        return " ".join((main[0] if main else self.tree).text_content().split())

    @property
    def heading(self) -> str:
        return " ".join(self.tree.xpath("string(//h1)").split())

    def find(self, path: str) -> list[Any]:
        """Return the elements an XPath names."""
        return list(self.tree.xpath(path))

    @property
    def token(self) -> str:
        """The form token of this page, or nothing."""
        if "html" not in (self.response.content_type or "") or not self.text.strip():
            return ""
        held = self.tree.xpath("//meta[@name='csrf-token']/@content | //input[@name='csrf_token']/@value")
        return str(held[0]) if held else ""

    def form(self, action: str = "", *, number: int = 0) -> Form:
        """Return the form of the main part that is sent to that address (its beginning is enough)."""
        here = self.response.request.path
        found = [
            one
            for one in self.tree.xpath("//form")
            if (one.get("action") or here).startswith(action) and (action or one.xpath("ancestor::main"))
        ]
        assert found, f"no form to {action!r} on {here}"
        chosen = found[number]
        fields: dict[str, list[str]] = {}
        for name, value in chosen.form_values():
            fields.setdefault(name, []).append(value)
        return Form(chosen.get("action") or self.response.request.full_path.rstrip("?"), chosen.method, fields)

    def follow(self) -> "Page":
        """Go where the answer leads, as often as it leads somewhere."""
        page = self
        for _ in range(5):
            if not page.location:
                return page
            page = self.visitor.get(page.location)
        raise AssertionError("the answers lead in a circle")


class Visitor:
    """One person at one browser without script. Keeps cookies; `post` brings the token of the page seen last."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.token = ""

    @classmethod
    def of(cls, office: Office, person: Identity, app: Flask | None = None) -> Self:
        """Return a visitor who has signed in through the screen."""
        visitor = cls(app or create_app(office.site))
        page = visitor.sign_in(office.logins[person.account_id])
        assert page.status == 303, page.words
        return visitor

    def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> Page:
        """Fill in the sign-in page and send it."""
        page = self.get("/sign-in")
        return self.send(page.form("/sign-in"), account=login, password=password, **more) if not page.location else page

    def get(self, path: str, **options: Any) -> Page:
        """Open an address."""
        return self._see(self.client.get(path, **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Page:
        """Send a form with the token of the last page; `token=""` leaves it out."""
        token = options.pop("token", self.token)
        return self._see(self.client.post(path, data={"csrf_token": token, **(data or {})}, **options))

    def send(self, form: Form, **typed: Any) -> Page:
        """Send a form of a page with something typed over it."""
        data = {**form.fields, **{name.replace("__", "-"): value for name, value in typed.items()}}
        if form.method.upper() == "GET":
            return self.get(form.action, query_string=data)
        return self._see(self.client.post(form.action, data=data))

    def _see(self, response: TestResponse) -> Page:
        page = Page(response, self)
        self.token = page.token or self.token
        return page


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the app on a free port for as long as the block lasts; yields its address."""

    class Quiet(WSGIRequestHandler):
        def log(self, *_: Any) -> None:
            pass

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def open_tab(
    new_tab: NewTab, address: str, office: Office, person: Identity, size: tuple[int, int] = DESK, **options: Any
) -> Tab:
    """Open a tab of a person who is signed in; goes nowhere yet."""
    secret = signing_in.sign_in(office.site, login=office.logins[person.account_id], password=PASSWORD)
    tab: Tab = new_tab(size, base_url=address, **options)
    tab.context.add_cookies([{"name": "portal_session", "value": secret, "url": address}])
    return tab


def axe_finds_nothing(tab: Tab) -> None:
    """Fail with what axe has to say about the page."""
    found = Axe().run(tab, options={"runOnly": {"type": "tag", "values": TAGS}}).response
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]] == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


@contextmanager
def counting_queries(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that reach the database while the block lasts."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
