"""The message catalogue: Japanese sentences are the ids, other languages are tables beside the templates."""

import json
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

LANGUAGES = ("ja", "en")
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
language: ContextVar[str] = ContextVar("language", default="ja")


def t(japanese: str, **values: object) -> str:
    """Return the sentence in the reader's language; `values` fill its {names}. What is not translated stays Japanese."""
    told = japanese if language.get() == "ja" else _catalogue(language.get()).get(japanese, japanese)
    if not values:
        return told
    if any(hasattr(value, "__html__") for value in values.values()):
        # A date that is markup stays one, everything else is escaped.
        return Markup(escape(told)).format(**values)  # noqa: S704
    return told.format(**values)


@cache
def _catalogue(code: str) -> dict[str, str]:
    path = TEMPLATES / "html" / f"{code}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
