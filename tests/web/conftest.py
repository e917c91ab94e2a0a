"""Visitors for the tests of the screens."""

from collections.abc import Callable

import pytest

from portal.security.identity import Identity
from portal.web.app import create_app
from tests.support.browsing import Visitor
from tests.support.office import Office

Visit = Callable[..., Visitor]


@pytest.fixture
def visit(office: Office) -> Visit:
    """Let a person open a browser: `visit(tanaka)` is signed in, `visit()` is nobody yet. All meet the same site."""
    app = create_app(office.site)

    def enter(person: Identity | None = None) -> Visitor:
        return Visitor(app) if person is None else Visitor.of(office, person, app)

    return enter
