"""The OpenAPI description says what is there, no more and no less."""

import json
from typing import Any

import pytest
from flask import Flask

import tenants
from portal.web.api.openapi import PREFIX, path_of
from portal.web.app import create_app
from tests.support.calling import Caller
from tests.support.office import Office


@pytest.fixture
def app(sqlite_office: Office) -> Flask:
    return create_app(sqlite_office.site)


def test_every_route_is_described_and_everything_described_is_a_route(app: Flask) -> None:
    told = Caller(app).get("/openapi.json").data
    described = {(path, method) for path, methods in told["paths"].items() for method in methods}
    routes = {
        (path_of(rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routes
    assert len(routes) >= 35


def test_the_description_is_open_and_says_who_needs_a_token(app: Flask) -> None:
    told = Caller(app).get("/openapi.json").data
    assert told["openapi"] == "3.1.0"
    open_ones = {
        (path, method) for path, one in told["paths"].items() for method, o in one.items() if o.get("security") == []
    }
    assert open_ones == {("/tokens", "post"), ("/openapi.json", "get")}
    ids = [o["operationId"] for one in told["paths"].values() for o in one.values()]
    assert len(ids) == len(set(ids))


def test_the_examples_of_a_new_document_are_taken_as_they_stand(sqlite_office: Office, app: Flask) -> None:
    caller = Caller.of(sqlite_office, sqlite_office.person("higashinari", "coordinator"), app)
    told = caller.get("/openapi.json").data["paths"]["/wards/{ward}/documents"]["post"]
    for example in told["requestBody"]["content"]["application/json"]["examples"].values():
        made = caller.post("/wards/higashinari/documents", example["value"])
        assert made.status == 201, made.text


def _objects(schema: Any) -> Any:
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from _objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _objects(part)


def test_the_description_names_no_person_and_no_place_outside(app: Flask) -> None:
    text = Caller(app).get("/openapi.json").text
    assert all(ward.slug in text for ward in tenants.all_wards())
    assert '"$ref": "http' not in json.dumps(json.loads(text))
    assert all("type" in one or "anyOf" in one or "$ref" in one or "enum" in one for one in _schemas(json.loads(text)))


def _schemas(told: Any) -> Any:
    for one in _objects(told["paths"]):
        if isinstance(one.get("schema"), dict) and one["schema"]:
            yield one["schema"]
