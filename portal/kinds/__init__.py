"""The kinds of document, one file each: pure data and validation. A file here that declares KIND is a kind."""

import pkgutil
from functools import cache
from importlib import import_module

from portal.kinds.kind import Content, Invalid, Kind

__all__ = ["Content", "Invalid", "Kind", "all_kinds", "find_kind", "register"]


@cache
def _registry() -> dict[str, Kind]:
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    kinds = sorted(
        (module.KIND for module in modules if hasattr(module, "KIND")),
        key=lambda kind: (kind.form_number or 99, kind.name),
    )
    return {kind.name: kind for kind in kinds}


def all_kinds() -> tuple[Kind, ...]:
    """Return every kind, the numbered forms first."""
    return tuple(_registry().values())


def find_kind(name: str) -> Kind | None:
    """Return the kind of that name, or None."""
    return _registry().get(name)


def register(kind: Kind) -> None:
    """Add a kind that is declared elsewhere (a plug-in, a test)."""
    _registry()[kind.name] = kind
