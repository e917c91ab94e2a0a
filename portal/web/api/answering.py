"""Answers of the API: UTF-8 JSON, and problem documents (RFC 9457) for what only the API can refuse."""

import logging
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Blueprint, Response, request
from sqlalchemy.exc import IntegrityError

from portal.services.errors import Refused

log = logging.getLogger(__name__)


def part(name: str) -> Blueprint:
    """Return the blueprint of one part of the API."""
    blueprint = Blueprint(name, __name__)
    blueprint.register_error_handler(IntegrityError, _collision)
    return blueprint


def _collision(failure: IntegrityError) -> Response:
    """Answer when two requests wanted to write the same row at the same moment: one of them has it now."""
    log.warning("two writes met: %s", type(failure.orig).__name__)
    return problem(409, "同じ操作が同時に行われました。いまの状態を取得し直してから、もう一度送ってください。")


def answer(data: Any, status: int = 200, **headers: str) -> Response:
    """Return data as JSON. Header names are given with underscores."""
    response = Response(orjson.dumps(data), status, mimetype="application/json")
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def listing(items: Iterable[Any], total: int | None = None) -> Response:
    """Return a list as {total, items}."""
    items = list(items)
    return answer({"total": len(items) if total is None else total, "items": items})


def nothing() -> Response:
    """Return the answer of an act that leaves nothing to say."""
    return Response(status=204)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """Return a problem document."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(orjson.dumps(told), status, dict(headers or {}), mimetype="application/problem+json")


def etag(number: int) -> str:
    """Return the ETag of a version."""
    return f'"{number}"'


def wanted_version(current: int) -> int | None:
    """Return the version number that If-Match names, or None without the header. Raises Refused for another text.

    `*` means whatever is current. A proxy that compresses marks ETags as weak (W/"3"); that is still the same version.
    """
    text = request.headers.get("If-Match")
    if text is None:
        return None
    if text.strip() == "*":
        return current
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r'(W/)?"?[0-9]{1,9}"?', part) for part in parts):
        raise Refused('If-Match には、取得したときの ETag を "3" のようにそのまま指定してください。')
    numbers = [int(re.sub(r'[W/"]', "", part)) for part in parts]
    return current if current in numbers else numbers[0]
