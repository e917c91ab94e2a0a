"""People who knock on every door of one site that is full of canaries."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.security.identity import Identity
from portal.services import signing_in
from portal.services.uow import UnitOfWork
from portal.web.app import create_app
from portal.web.guard import COOKIE
from tests.isolation.doors import DOORS, Door
from tests.isolation.planting import CITY, HOME, NEIGHBOUR, Garden, Planted, everything_in, ward_names
from tests.security.by_hand import COLUMNS
from tests.support.office import PASSWORD, Office

MISSING = 2_000_000_000
STATES = ("draft", "returned", "confirming", "submitted", "accepted", "shared", "withdrawn", "deleted")
_ID = re.compile(r"((?:documents|files|attachments)(?:/|%2F)|document-)\d+")
_SIGNED = re.compile(r"(portal_form=[^.;]*)[^;]*")
_FRESH = re.compile(r"(csrf[-_]token\"[^>]*(?:content|value)=\")[^\"]+")


@dataclass
class Person:
    """Somebody with a browser and a program, both signed in; `identity` None is nobody. Keeps no cookies but these."""

    identity: Identity | None
    client: FlaskClient
    cookie: str = ""
    csrf: str = ""
    token: str = ""

    @property
    def name(self) -> str:
        return f"{self.identity.role}@{self.identity.ward}" if self.identity else "nobody"

    def open(self, method: str, path: str, *, form: dict[str, Any] | None = None, json: Any = None) -> TestResponse:
        """Send one request, by the screen's ways or by the program's."""
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        else:
            headers = {"Cookie": self.cookie, "X-CSRFToken": self.csrf}
        return self.client.open(path, method=method, headers=headers, data=form, json=json)

    def get(self, path: str) -> TestResponse:
        """Open an address."""
        return self.open("GET", path)


@dataclass
class World:
    """One site, its people, and a document full of canaries in every state and every ward."""

    office: Office
    garden: Garden
    app: Flask
    planted: dict[str, Planted] = field(default_factory=dict)

    @cached_property
    def people(self) -> list[Person]:
        """One person of every column of the table, and nobody."""
        return [self._enter(self.office.person(ward, role)) for ward, role in COLUMNS] + [self.nobody]

    @cached_property
    def nobody(self) -> Person:
        """A visitor who never signs in but has opened the sign-in page."""
        return self._meet(Person(None, self.app.test_client(use_cookies=False)), "/sign-in")

    def person(self, ward: str, role: str) -> Person:
        """Return one of the people."""
        return next(
            one for one in self.people if one.identity and (one.identity.ward, one.identity.role) == (ward, role)
        )

    def _enter(self, identity: Identity) -> Person:
        login, site = self.office.logins[identity.account_id], self.office.site
        person = Person(identity, self.app.test_client(use_cookies=False))
        person.token = signing_in.sign_in(site, login=login, password=PASSWORD, channel="api")
        person.cookie = f"{COOKIE}={signing_in.sign_in(site, login=login, password=PASSWORD)}"
        return self._meet(person, "/account")

    def _meet(self, person: Person, page: str) -> Person:
        """Take the form token of a page, as a browser would."""
        seen = person.get(page)
        found = re.search(r'name="csrf-token"[^>]*content="([^"]+)"|name="csrf_token"[^>]*value="([^"]+)"', seen.text)
        assert found, seen.text[:2000]
        person.csrf = found[1] or found[2]
        form_cookie = next(one for one in seen.headers.getlist("Set-Cookie") if one.startswith("portal_form"))
        person.cookie = "; ".join(filter(None, [person.cookie, form_cookie.partition(";")[0]]))
        return person

    def no_canary_for(self, person: Person, response: TestResponse, *, but: str = "") -> None:
        """Fail when an answer holds a word its reader may never meet; `but` is the word they typed themselves."""
        told = everything_in(response).replace(but.encode(), b"") if but else everything_in(response)
        foreign = self.garden.foreign_in(person.identity, told)
        assert not foreign, f"{person.name} met {foreign} in {response.request.method} {response.request.path}"


def plant(office: Office) -> World:
    """Return a site with canaries in every ward, its index up to date."""
    garden = Garden(office)
    world = World(office, garden, create_app(office.site))
    for state in STATES:
        world.planted[state] = garden.report(HOME, state)
    world.planted["kept"] = garden.file(HOME)
    with office.uow(office.person(NEIGHBOUR, "coordinator")) as uow:
        edition = uow.access(world.planted["shared"].id, "view")
        from portal.services.attaching import attachments

        files = {"open_file": attachments(uow, edition)[0].id}
        assert edition.is_shared_edition
    world.planted["edition"] = Planted(world.planted["shared"].id, HOME, "edition", files)
    for state in ("draft", "shared"):
        garden.report(NEIGHBOUR, state)
    garden.file(CITY)
    for ward in ward_names():
        garden.report(ward, "draft")
    office.catch_up()
    assert len(world.people) == len(COLUMNS) + 1  # all are signed in before anybody knocks
    return world


@contextmanager
def nothing_lasts() -> Iterator[None]:
    """Let every act be done whole, up to the commit, and be taken back: each knock finds the site as it was."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitOfWork, "commit", UnitOfWork.flush)
        yield


def rows_of(app: Flask) -> list[str]:
    """Return every route of the app as "METHOD rule"; HEAD and OPTIONS come by themselves."""
    return [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def address(row: str, **values: Any) -> str:
    """Return the path of a route for these values."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: quote(str(values[part[1]])), row.partition(" ")[2])
    return f"{path}?{DOORS[row].query}" if DOORS[row].query else path


def knock(person: Person, row: str, path: str, door: Door, **more: Any) -> TestResponse:
    """Send what the row says to a path."""
    return person.open(row.partition(" ")[0], path, **{"form": door.form, "json": door.json, **more})


def seen_by(response: TestResponse) -> tuple[int, list[tuple[str, str]], str]:
    """Return an answer without the asked id and what is new each time: two answers that look alike are then equal."""
    headers = [
        (name, _SIGNED.sub(r"\1", _ID.sub(r"\1N", value)))
        for name, value in response.headers
        if name not in ("Date", "Content-Length")
    ]
    return response.status_code, sorted(headers), _FRESH.sub(r"\1", _ID.sub(r"\1N", response.text))
