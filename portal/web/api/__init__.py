"""The JSON API under /api/v1: the same services and rights as the screens, by bearer token."""

import pkgutil
from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter

from portal.web.api.shapes import LARGEST_ID


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
            csrf.exempt(module.bp)
            app.register_blueprint(module.bp, url_prefix="/api/v1")
