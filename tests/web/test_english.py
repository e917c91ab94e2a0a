"""Every sentence of the screens has its English: those in templates and in Python, and the labels the declarations bring.

What services refuse stays Japanese (docs/decisions/0011-japanese-first.md), and so do values people chose or typed.
"""

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes

import portal.web
from portal.db.base import now
from portal.kinds import all_kinds, personal
from portal.models import Document
from portal.security.identity import ROLE_NAMES
from portal.security.policy import state_of
from portal.security.workflows import NOWHERE, WORKFLOWS
from portal.services import auditing, home, jobs, noticing, privacy
from portal.words import TEMPLATES, language, t

HTML, WEB = TEMPLATES / "html", Path(portal.web.__file__).parent
JAPANESE = re.compile(r"[ぁ-ゖァ-ヺ一-鿿々]")
NOT_SAID = {
    "日本語": "the language calls itself so",
    "あり": "a value in the index", "なし": "a value in the index", "完了": "a value in a report",
}  # fmt: skip
ENGLISH: dict[str, str] = json.loads((HTML / "en.json").read_text(encoding="utf-8"))


def said_in_templates() -> Iterator[tuple[str, str]]:
    """Yield each Japanese text in an expression of a template, and where; most stand in t(), the others come to it."""
    for path in sorted(HTML.glob("*.html")):
        tree = Environment().parse(path.read_text(encoding="utf-8"))
        yield from ((one.value, f"{path.name}:{one.lineno}") for one in tree.find_all(nodes.Const))


def said_in_python() -> Iterator[tuple[str, str]]:
    """Yield each text of the web floor, and where. Not what is refused, patterns, pieces of f-strings and docstrings."""
    for path in (*sorted(WEB.glob("*.py")), *sorted((WEB / "screens").glob("*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        left_out = {id(inner) for one in ast.walk(tree) if is_left_out(one) for inner in ast.walk(one)}
        for one in ast.walk(tree):
            if isinstance(one, ast.Constant) and id(one) not in left_out:
                yield one.value, f"{path.name}:{one.lineno}"


def is_left_out(one: ast.AST) -> bool:
    if isinstance(one, ast.Raise):
        return not (isinstance(one.exc, ast.Call) and any(is_t(inner) for inner in ast.walk(one.exc)))
    is_pattern = isinstance(one, ast.Call) and ast.unparse(one.func).startswith("re.")
    return is_pattern or isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Expr) and is_text(one.value))


def is_t(one: ast.AST) -> bool:
    return isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "t"


def is_text(one: ast.AST) -> bool:
    return isinstance(one, ast.Constant) and isinstance(one.value, str)


def labels() -> Iterator[tuple[str, str]]:
    """Yield the labels that go through t() at run time, and where they are declared."""
    for kind in all_kinds():
        told = [kind.full_title, kind.new_label, *(section.title for section in kind.sections)]
        for field in kind.fields.values():
            for one in (field, *getattr(field, "columns", ())):
                told += [one.label, one.help, getattr(one, "statement", "")]
        yield from ((one, kind.name) for one in told)
    for workflow in WORKFLOWS.values():
        states = (*workflow.states.values(), *(workflow.shared or {}).values())
        yield from ((one.title, workflow.name) for one in (*states, *workflow.transitions))
    deleted = Document(kind_name="meeting_report", state="draft", edition="full", deleted_at=now())
    yield from ((one.title, "policy") for one in (NOWHERE, state_of(deleted)))
    yield from ((one, "roles") for one in ROLE_NAMES.values())
    yield from ((one, "auditing") for one in auditing.ACTIONS.values())
    said = [*personal.KINDS.values(), *personal.WHYS, *privacy.DECISIONS.values()]
    yield from ((one, "privacy") for one in (*said, privacy.OF_A_FILE, privacy.UNANSWERED, privacy.NO_REASON))
    yield from ((one, "jobs") for one in jobs.STATES.values())
    told = [text for event in (*noticing.EVENTS.values(), noticing.SEARCH) for text in (event.title, event.told)]
    yield from ((one, "noticing") for one in (*told, *noticing.CHANNELS.values()))
    yield from ((one, "home") for buttons in home.WAITING.values() for one in buttons.values())


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("said", [said_in_templates, said_in_python, labels])
def test_everything_that_is_said_has_its_english(said: Any) -> None:
    texts = [(text, where) for text, where in said() if isinstance(text, str) and JAPANESE.search(text)]
    assert len(texts) > 50, "nothing was read"
    missing = {text: where for text, where in texts if text not in ENGLISH and text not in NOT_SAID}
    assert missing == {}, "add their English to templates/html/en.json"


def test_no_japanese_stands_bare_in_a_template() -> None:
    bare = []
    for path in sorted(HTML.glob("*.html")):
        tree = Environment().parse(path.read_text(encoding="utf-8"))
        bare += [(path.name, one.data) for one in tree.find_all(nodes.TemplateData) if JAPANESE.search(one.data)]
    assert bare == []


def test_a_translation_has_the_same_places_for_values_as_its_sentence() -> None:
    wrong = {ja: en for ja, en in ENGLISH.items() if placeholders(ja) != placeholders(en)}
    assert wrong == {}


def test_a_translation_is_given_once_and_not_empty() -> None:
    assert not [ja for ja, en in ENGLISH.items() if not en.strip()]
    pairs = json.loads((HTML / "en.json").read_text(encoding="utf-8"), object_pairs_hook=list)
    assert len(pairs) == len(ENGLISH)


def test_a_sentence_comes_in_the_readers_language_with_its_values() -> None:
    try:
        assert t("第{n}版", n=3) == "第3版"
        language.set("en")
        assert t("第{n}版", n=3) == "Version 3"
        assert t("訳のない文") == "訳のない文"
    finally:
        language.set("ja")
