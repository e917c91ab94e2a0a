"""Word forms: one folder in templates/word holding `form.docx` and `form.toml`."""

import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from portal.word.completing import complete
from portal.word.package import read_parts

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "word"
PLAIN = "plain"


@dataclass(frozen=True, eq=False)
class WordForm:
    """A 様式 as Word template. `omit` names fields the form leaves out on purpose; all others are printed, marked or not."""

    name: str
    title: str
    short_title: str
    omit: frozenset[str]
    parts: dict[str, bytes]


@lru_cache(maxsize=64)
def load_form(folder: Path) -> WordForm:
    """Read a form from its folder."""
    about = tomllib.loads((folder / "form.toml").read_text(encoding="utf-8"))
    return WordForm(
        name=folder.name,
        title=about["title"],
        short_title=about.get("short_title", about["title"]),
        omit=frozenset(about.get("omit", ())),
        parts=complete(read_parts(folder / "form.docx")),
    )


@cache
def blank_sheets() -> dict[str, str]:
    """Return the shipped blank sheets, name and title, in their order."""
    abouts = {one.parent.name: tomllib.loads(one.read_text(encoding="utf-8")) for one in FOLDER.glob("*/form.toml")}
    return {name: about["title"] for name, about in sorted(abouts.items()) if about.get("blank")}


def shipped_file(name: str) -> bytes:
    """Return a shipped form as the Word file it is."""
    return (FOLDER / name / "form.docx").read_bytes()


@lru_cache(maxsize=64)
def uploaded_form(base: str, docx: Path) -> WordForm:
    """Return an uploaded template as the form it takes the place of. The file is a blob, named by its own hash."""
    return replace(find_form(base), name=f"{base}-{docx.name[:16]}", parts=complete(read_parts(docx)))


def find_form(name: str) -> WordForm:
    """Return the shipped form of that name, or the plain one when there is none."""
    folder = FOLDER / name
    return load_form(folder if (folder / "form.docx").is_file() else FOLDER / PLAIN)
