"""The JSON API under /api/v1: the same services and rights as the screens, by bearer token."""

import pkgutil
from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register every part of the API. It takes bearer tokens only, so no page of another site can use it."""
    for found in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "bp"):
            csrf.exempt(module.bp)
            app.register_blueprint(module.bp, url_prefix="/api/v1")
