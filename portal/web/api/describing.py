"""What a route of the API says of itself, next to its code: what it takes, what it answers, with an example.

    @bp.post("/wards/<ward>/documents")
    @needs(Needs.WARD)
    @described("文書を作る", body=NEW, answers={201: Answer(DOCUMENT)}, problems=(404, 409))
    def create(ward: str) -> Response: ...           # g.asked holds the query, g.sent the body, both read and checked

The OpenAPI description is made from these and from `needs`; a route without one is refused by a test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import orjson
from flask import g, request
from werkzeug.exceptions import UnsupportedMediaType

from portal.services.errors import Refused
from portal.services.spreadsheets import FORMATS
from portal.web.api.shapes import Shape, Table, Whole, Words, read_body, read_query

LARGEST_JSON = 16 << 20
"""Bytes of JSON one request may carry."""


@dataclass(frozen=True)
class Answer:
    """One successful answer: a schema (of `media`), what it means, an example, its headers."""

    schema: Mapping[str, Any] | None = None
    told: str = "できた"
    example: Any = None
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """Media types of files that may come in its place."""


@dataclass(frozen=True)
class Operation:
    """One route as it is described."""

    summary: str
    query: Mapping[str, Shape]
    body: Table | None
    answers: Mapping[int, Answer]
    problems: tuple[int, ...]
    headers: Mapping[str, str]
    upload: Mapping[str, Any] | None


def described(
    summary: str,
    *,
    query: Mapping[str, Shape] | None = None,
    body: Table | None = None,
    answers: Mapping[int, Answer],
    problems: tuple[int, ...] = (),
    headers: Mapping[str, str] | None = None,
    upload: Mapping[str, Any] | None = None,
) -> Callable[..., Any]:
    """Describe a route, and read its query and body by that description before the view runs."""
    operation = Operation(summary, query or {}, body, answers, problems, headers or {}, upload)

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def reading(**arguments: Any) -> Any:
            if operation.query:
                g.asked = read_query(operation.query, request.args)
            if body is not None:
                g.sent = read_body(body, _json())
            return view(**arguments)

        reading.operation = operation  # type: ignore[attr-defined]
        return reading

    return decorate


def _json() -> Any:
    """Return the JSON of the request. orjson refuses what JSON does not know: NaN, half surrogates, bottomless nesting."""
    if not request.is_json:
        raise UnsupportedMediaType
    request.max_content_length = LARGEST_JSON
    try:
        return orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError:
        raise Refused("送られた内容をJSONとして読み取れません。UTF-8のJSONで送ってください。") from None


def paging(size: int = 50, *, last_page: int = 10_000) -> dict[str, Shape]:
    """Return the query parameters that choose a page of a list."""
    return {
        "page": Whole(label="ページ", least=1, most=last_page, default=1),
        "size": Whole(label="1ページの件数", least=1, most=100, default=size),
    }


FORMAT: dict[str, Shape] = {
    "format": Words(label="形（xlsx・csv は一覧全体をファイルで返す）", options=("json", *FORMATS), default="json")
}
"""The query parameter of lists that can be saved as a file."""


# -- schemas of answers -----------------------------------------------------------------------------------------------

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
FLAG: dict[str, Any] = {"type": "boolean"}
MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}


def optional(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a value that may be null."""
    return {"anyOf": [dict(schema), {"type": "null"}]}


def record(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that always has exactly these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def several(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an array."""
    return {"type": "array", "items": dict(schema)}


def saved(schema: Mapping[str, Any]) -> Answer:
    """Return the answer of a list that can be had as a file too (`format`)."""
    return Answer(schema, files=tuple(FORMATS.values()))


def listed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a list as every list of the API is answered."""
    return record(total=WHOLE, items=several(schema))
