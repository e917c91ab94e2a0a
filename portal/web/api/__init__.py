"""The JSON API under /api/v1: the same services and rights as the screens, by bearer token."""

import logging
import pkgutil
from importlib import import_module

from flask import Blueprint, Flask, Response
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import IntegrityError
from werkzeug.routing import IntegerConverter

from portal.web.api.answering import problem
from portal.web.api.shapes import LARGEST_ID

log = logging.getLogger(__name__)


class IdConverter(IntegerConverter):
    """A number for an id column. One that does not fit there becomes the largest that does, which names nothing."""

    def to_python(self, value: str) -> int:
        """Read the number; its length is looked at first, since a very long one is work to read."""
        return LARGEST_ID if len(value) > 10 else min(int(value), LARGEST_ID)


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register every part of the API. It takes bearer tokens only, so no page of another site can use it."""
    app.url_map.converters["id"] = IdConverter
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    for found in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "bp"):
            blueprint: Blueprint = module.bp
            csrf.exempt(blueprint)
            if not blueprint._got_registered_once:
                blueprint.register_error_handler(IntegrityError, _collision)
            app.register_blueprint(blueprint, url_prefix="/api/v1")


def _collision(failure: IntegrityError) -> Response:
    """Answer when two requests wanted to write the same row at the same moment: one of them has it now."""
    log.warning("two writes met: %s", type(failure.orig).__name__)
    return problem(409, "同じ操作が同時に行われました。いまの状態を取得し直してから、もう一度送ってください。")
