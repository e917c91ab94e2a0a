"""The HTML screens, one module each with its blueprint `bp`: read the input, call one service, choose a page."""

import pkgutil
from importlib import import_module

from flask import Flask


def install(app: Flask) -> None:
    """Register every screen of this folder."""
    for found in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "bp"):
            app.register_blueprint(module.bp)
