"""A machine that has read the description sends what it can think of; the server always has an answer, and the one it described."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.web.app import create_app
from tests.support.calling import PREFIX, Caller
from tests.support.office import Office, make_site

EXAMPLES = 8
ALWAYS = [not_a_server_error, content_type_conformance, response_schema_conformance]
CHECKS = {GenerationMode.POSITIVE: [*ALWAYS, status_code_conformance], GenerationMode.NEGATIVE: ALWAYS}


@pytest.fixture(scope="module")
def callers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Caller]]:
    """Yield a coordinator and an administrator of one office with a report, a file and an index."""
    for site in make_site("sqlite", tmp_path_factory.mktemp("office"), request):
        office = Office(site)
        app = create_app(site)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        people = office.person("higashinari", "coordinator"), office.person("city", "bureau_admin")
        office.report("higashinari")
        office.report("higashinari", state="shared")
        office.catch_up()
        yield [Caller.of(office, person, app) for person in people]


def described(app: Flask) -> list[Any]:
    """Return the routes as the machine reads them; ending tokens and changing passwords is left to other tests."""
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app)
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if not one.path.endswith(("/tokens", "/tokens/current", "/me/password"))]


REAL = {"document_id": 1, "number": 1, "account_id": 1, "ward": "higashinari", "kind_name": "meeting_report"}


def aim(case: Case) -> None:
    """Send what does not take things away to what is there, so that more than the 404 is met."""
    if case.method != "DELETE" and "disable" not in case.path and "password" not in case.path:
        case.path_parameters.update({name: REAL[name] for name in case.path_parameters if name in REAL})


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_call_is_answered_as_described(callers: list[Caller], mode: GenerationMode) -> None:
    for operation in described(callers[0].client.application):

        @settings(
            max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @seed(7)
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Case) -> None:
            aim(case)
            for caller in callers:
                headers = {"Authorization": f"Bearer {caller.token}"}
                case.call_and_validate(headers=headers, checks=CHECKS[mode])

        with contextlib.suppress(Unsatisfiable):  # nothing can be sent wrongly where nothing is sent
            send()
