"""The OpenAPI description, made from what the routes say of themselves."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from flask import Flask, Response, current_app
from werkzeug.routing import Rule

from portal.kinds import all_kinds
from portal.web.api.answering import part
from portal.web.api.describing import TEXT, WHOLE, Answer, Operation, described, record, several
from portal.web.api.documents import CHANGED, NEW
from portal.web.api.shapes import LARGEST_ID, Many, Shape, Table
from portal.web.guard import Needs, needs

bp = part("api_openapi")
PREFIX = "/api/v1"
KEPT = "portal_openapi"
TOLD = {
    400: "読み取れない、または行えない", 401: "ログインしていない", 403: "見えるが、この操作は認められていない",
    404: "ない、または見ることができない", 406: "その形式ではまだ出せない", 409: "状態が変わっている",
    412: "そのあいだに別の版が保存された（current にいまの版）", 413: "大きすぎる", 415: "受け付けない形式",
    422: "値に誤りがある（errors に項目ごとの説明）", 428: "If-Match がない", 429: "しばらく待つ（Retry-After）",
    503: "いまは使えない（Retry-After）",
}  # fmt: skip
PROBLEM: dict[str, Any] = {
    **record(type=TEXT, title=TEXT, status=WHOLE, detail=TEXT),
    "additionalProperties": True,
    "description": "RFC 9457。detail は人に見せる日本語の文",
}
PROBLEM["properties"]["errors"] = several(record(path=TEXT, label=TEXT, message=TEXT))
PROBLEM["properties"]["personal"] = {
    "type": "array",
    "items": {"type": "object"},
    "description": "個人情報と思われる箇所",
}


@bp.get("/openapi.json")
@needs(Needs.NOBODY)
@described("この説明", answers={200: Answer({"type": "object"}, "OpenAPI 3.1")})
def show() -> Response:
    """Describe the API; open to everybody, since it tells nothing but how to ask."""
    kept = current_app.extensions.get(KEPT)
    if kept is None:
        kept = current_app.extensions[KEPT] = orjson.dumps(describe(current_app))
    return Response(kept, mimetype="application/json")


def describe(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of the app's API routes."""
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, operation, declared in operations(app):
        told = _operation(rule, method, operation, declared)
        paths.setdefault(path_of(rule), {})[method] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "在宅医療・介護連携ポータル JSON API",
            "version": "1",
            "description": "画面と同じ権限で、同じことができます。使い方は docs/api.md。",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "POST /tokens で受け取る"}
            },
            "schemas": {"Problem": PROBLEM, **{kind.name: kind.schema() for kind in all_kinds()}},
        },
    }


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operation, Any]]:
    """Yield every described route of the API with its method and what it needs."""
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        if rule.rule.startswith(PREFIX) and hasattr(view, "operation"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method.lower(), view.operation, view.declared


def path_of(rule: Rule) -> str:
    """Return a rule's path as OpenAPI writes it."""
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX))


def _operation(rule: Rule, method: str, one: Operation, declared: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": rule.endpoint.removeprefix("api_").replace(".", "_"),
        "tags": [rule.endpoint.partition(".")[0].removeprefix("api_")],
        "summary": one.summary,
        "x-needs": declared.value if hasattr(declared, "value") else str(declared),
        "parameters": [*_in_path(rule), *_in_query(one.query), *_in_header(one.headers)],
        "responses": {
            **{str(status): _answer(answer) for status, answer in one.answers.items()},
            **{str(status): _problem(status) for status in _problems(one, declared)},
        },
    }
    if declared is Needs.NOBODY:
        told["security"] = []
    if one.body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": _body(one.body)}}
    if one.upload is not None:
        told["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": dict(one.upload)}}}
    return told


def _problems(one: Operation, declared: Any) -> list[int]:
    found = set(one.problems)
    if declared is not Needs.NOBODY:
        found |= {401, 403}
    if one.query or one.body or one.upload:
        found.add(422)
    if one.body or one.upload:
        found |= {400, 413, 415}
    return sorted(found)


def _in_path(rule: Rule) -> Iterator[dict[str, Any]]:
    for kind, name in re.findall(r"<(?:([^:<>]+):)?(\w+)>", rule.rule):
        schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_ID} if kind == "id" else dict(TEXT)
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(query: Mapping[str, Shape]) -> Iterator[dict[str, Any]]:
    for name, shape in query.items():
        told = {"name": name, "in": "query", "required": shape.required, "schema": shape.schema()}
        yield {**told, "explode": True, "style": "form"} if isinstance(shape, Many) else told


def _in_header(headers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name, told in headers.items():
        yield {"name": name, "in": "header", "required": False, "description": told, "schema": TEXT, "example": '"3"'}


def _body(shape: Table) -> dict[str, Any]:
    example = shape.example or {name: one.example for name, one in shape.of.items() if one.example is not None}
    media: dict[str, Any] = {"schema": shape.schema()}
    if shape in (NEW, CHANGED):
        made = {kind.name: {"kind": kind.name, **kind.example()} for kind in all_kinds()}
        if shape is CHANGED:
            made = {name: {key: one[key] for key in ("title", "fields")} for name, one in made.items()}
        return {**media, "examples": {name: {"value": one} for name, one in made.items()}}
    return {**media, "example": example} if example else media


def _answer(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"description": answer.told}
    if answer.schema is not None:
        content: dict[str, Any] = {"schema": dict(answer.schema)}
        if answer.example is not None:
            content["example"] = answer.example
        told["content"] = {answer.media: content}
        told["content"] |= {media: {"schema": {"type": "string", "format": "binary"}} for media in answer.files}
    if answer.headers:
        told["headers"] = {name: {"description": text, "schema": TEXT} for name, text in answer.headers.items()}
    return told


def _problem(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": TOLD[status], "content": content}
