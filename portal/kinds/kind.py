"""A kind says what a document is. Form, page, JSON Schema, Word values, index entry and difference all follow from it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from portal.kinds.fields import Facts, Field, Layout, Problem, Rows, Section, Value, clean_columns
from portal.kinds.richtext import strip_control

TITLE_LIMIT = 300


class Invalid(ValueError):
    """What was typed cannot be saved as it is; nothing of it is lost. `problems` say what to mend."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Content:
    """What one version of a document holds: its title and the clean value of every field."""

    title: str
    fields: dict[str, Value]

    def as_json(self) -> str:
        """Return the canonical JSON: equal content gives equal bytes."""
        return json.dumps({"title": self.title, "fields": self.fields}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """Read what `as_json` wrote."""
        loaded = json.loads(text)
        return cls(loaded["title"], loaded["fields"])


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of document, declared whole in one file of this folder.

    `form_number` is the 様式 it stands for, `workflow` names the table in portal.security.workflows, `word_form` the folder
    in templates/word that prints it, `takes_content` is False for a kind that is only its attachments.
    """

    name: str
    title: str
    workflow: str
    sections: tuple[Section, ...]
    layout: Layout = field(default_factory=Layout)
    form_number: int | None = None
    word_form: str = "plain"
    new_label: str = ""

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Every field by name, in the order of the form."""
        return {one.name: one for section in self.sections for one in section.fields}

    @property
    def full_title(self) -> str:
        """The name with its 様式, as it is always shown to people."""
        return f"{self.title}（様式{self.form_number}）" if self.form_number else self.title

    def clean(self, title: str | None, typed: Mapping[str, Any]) -> Content:
        """Return what was typed as content, or raise Invalid naming every problem."""
        values, problems = clean_columns(list(self.fields.values()), typed)
        title = re.sub(r"[\n\t]+", " ", strip_control(str(title or ""))).strip(" \u3000") or self.layout.title(values)
        if not title:
            problems.insert(0, Problem("title", "題名", "題名を入力してください。"))
        if len(title) > TITLE_LIMIT:
            problems.insert(0, Problem("title", "題名", f"題名は{TITLE_LIMIT}文字以内で入力してください。"))
        if not problems:
            problems = [problem for rule in self.layout.rules for problem in rule(values)]
        if problems:
            raise Invalid(problems)
        return Content(title, values)

    def missing(self, content: Content) -> list[Problem]:
        """Return what must still be filled before the document can be handed in."""
        return list(self._missing(content))

    def _missing(self, content: Content) -> Iterator[Problem]:
        for one in self.fields.values():
            value = content.fields.get(one.name, one.blank)
            if one.required and one.is_blank(value):
                yield Problem(one.name, one.label, f"「{one.label}」を入力してください。")
            if isinstance(one, Rows):
                for number, row in enumerate(value or []):
                    for column in one.columns:
                        if column.required and column.is_blank(row.get(column.name, column.blank)):
                            where = f"{one.label} {number + 1}{one.row_name}目の{column.label}"
                            yield Problem(
                                f"{one.name}.{number}.{column.name}", where, f"「{where}」を入力してください。"
                            )

    def cut(self, content: Content) -> Content:
        """Return the content as the other wards may see it (24区共有版): hidden fields and columns are gone."""
        kept = {name: one.cut(content.fields.get(name, one.blank)) for name, one in self.fields.items() if one.shared}
        return Content(content.title, kept)

    def facts(self, content: Content) -> Facts:
        """Return what lists and filters know of the content."""
        return self.layout.facts(content.fields)

    def texts(self, content: Content) -> Iterator[tuple[Field, str]]:
        """Yield every filled field of the content with its plain text."""
        for name, one in self.fields.items():
            if name in content.fields and not one.is_blank(content.fields[name]):
                yield one, one.text(content.fields[name])

    def filled(self, section: Section, content: Content) -> list[Field]:
        """Return the fields of a section that the content holds and somebody filled."""
        held = (one for one in section.fields if one.name in content.fields)
        return [one for one in held if not one.is_blank(content.fields[one.name])]

    def defaults(self) -> dict[str, Value]:
        """Return the values of an empty form."""
        return clean_columns(list(self.fields.values()), {})[0]

    def example(self) -> dict[str, Any]:
        """Return a complete, valid {title, fields} built from the fields' own examples."""
        fields = {name: one.default if one.example is None else one.example for name, one in self.fields.items()}
        given = {name: value for name, value in fields.items() if value is not None}
        content = (
            self.clean("", given) if self.layout.title(clean_columns(list(self.fields.values()), given)[0]) else None
        )
        return {"title": content.title if content else f"{self.title}の例", "fields": given}

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of {title, fields}, with a complete and valid example."""
        needed = [name for name, one in self.fields.items() if one.required]
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.full_title,
            "type": "object",
            "required": ["fields"],
            "additionalProperties": False,
            "properties": {
                "title": {"type": "string", "title": "題名", "maxLength": TITLE_LIMIT},
                "fields": {
                    "type": "object",
                    "properties": {name: one.schema() for name, one in self.fields.items()},
                    "additionalProperties": False,
                    "x-required-to-hand-in": needed,
                },
            },
            "examples": [self.example()],
        }

    def from_form(self, pairs: Iterable[tuple[str, str]]) -> tuple[str, dict[str, Any]]:
        """Return (title, typed fields) of what a browser sent: `name`, or `rows-3-column` for repeating groups."""
        title = ""
        typed: dict[str, list[str]] = {}
        rows: dict[str, dict[int, dict[str, Any]]] = {}
        for key, text in pairs:
            name, _, rest = key.partition("-")
            one = self.fields.get(name)
            if key == "title":
                title = text
            elif isinstance(one, Rows):
                number, _, column = rest.partition("-")
                if number.isdecimal() and any(column == c.name for c in one.columns):
                    rows.setdefault(name, {}).setdefault(int(number[:6]), {})[column] = text
            elif one is not None and key == name:
                typed.setdefault(name, []).append(text)
        fields: dict[str, Any] = {}
        for name, one in self.fields.items():
            if isinstance(one, Rows):
                fields[name] = [row for _, row in sorted(rows.get(name, {}).items())]
            elif name in typed:
                fields[name] = typed[name] if one.widget == "choices" else typed[name][-1]
            elif one.widget in ("check", "choices"):
                fields[name] = one.blank
        return title, fields
