"""What a field can be: reading what was typed, writing it as text, and its JSON Schema. Pure values, no database."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, ClassVar, cast

from portal.kinds import calendar, richtext

Value = Any  # one clean JSON value: str, int, bool, None, list[str] or list[dict[str, Value]]


@dataclass(frozen=True)
class Problem:
    """One thing a person has to mend: where (a path such as `attendees.3.name`), the field's label, and what to do."""

    path: str
    label: str
    message: str


class Unreadable(ValueError):
    """A typed value cannot be read; the message says in Japanese what to do."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a kind.

    `required` fields must be filled before a document is handed in. `shared=False` keeps the field out of the shared
    edition (24区共有版). `part` is the search part its text belongs to; an empty one keeps it out of the index.
    """

    name: str
    label: str
    required: bool = False
    shared: bool = True
    part: str = "text"
    help: str = ""
    example: Value = None
    default: Value = None

    widget: ClassVar[str] = ""
    empty: ClassVar[Value] = ""

    def clean(self, typed: Any) -> Value:
        """Return the canonical value of what was typed, or raise Unreadable."""
        raise NotImplementedError

    def problems(self, typed: Any, path: str) -> tuple[Value, list[Problem]]:
        """Return the clean value and what is wrong with what was typed; the empty value when it cannot be read."""
        try:
            return self.clean(typed), []
        except Unreadable as unreadable:
            return self.blank, [Problem(path, self.label, str(unreadable))]

    def text(self, value: Value) -> str:
        """Return the value as a person reads it, in plain text."""
        return str(value)

    def form_value(self, value: Value) -> str:
        """Return the clean value as it stands in a form."""
        return self.text(value)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the clean value."""
        raise NotImplementedError

    def cut(self, value: Value) -> Value:
        """Return the value as the shared edition shows it."""
        return value

    @property
    def blank(self) -> Value:
        """The value of a field nobody has filled."""
        return self.empty

    def is_blank(self, value: Value) -> bool:
        """Say whether the value counts as not filled."""
        return value in (self.empty, None, "")

    def _described(self, **schema: Any) -> dict[str, Any]:
        return {"title": self.label, **({"description": self.help} if self.help else {}), **schema}


def _as_text(typed: Any) -> str:
    if typed is None:
        return ""
    if isinstance(typed, bool) or not isinstance(typed, str | int | float):
        raise Unreadable("文字で入力してください。")
    return richtext.strip_control(str(typed))


@dataclass(frozen=True, kw_only=True)
class Line(Field):
    """One line of text. `suggest` names the vocabulary offered while typing."""

    limit: int = 300
    suggest: str = ""
    widget: ClassVar[str] = "line"

    def clean(self, typed: Any) -> str:
        line = re.sub(r"[\n\t]+", " ", _as_text(typed)).strip(" \u3000")
        if len(line) > self.limit:
            raise Unreadable(f"{self.limit}文字以内で入力してください（いま{len(line)}文字）。")
        return line

    def schema(self) -> dict[str, Any]:
        return self._described(type="string", maxLength=self.limit)


@dataclass(frozen=True, kw_only=True)
class Note(Line):
    """Several lines of plain text."""

    limit: int = 20_000
    widget: ClassVar[str] = "note"

    def clean(self, typed: Any) -> str:
        note = "\n".join(line.rstrip() for line in _as_text(typed).split("\n")).strip("\n")
        if len(note) > self.limit:
            raise Unreadable(f"{self.limit:,}文字以内で入力してください（いま{len(note):,}文字）。")
        return note


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """Long text with headings, lists and tables, held as canonical HTML."""

    limit: int = 1_000_000
    widget: ClassVar[str] = "text"

    def clean(self, typed: Any) -> str:
        typed = _as_text(typed)
        if len(typed) > self.limit:
            raise Unreadable(f"{self.limit:,}文字以内で入力してください（いま{len(typed):,}文字）。")
        return str(richtext.clean(typed))

    def text(self, value: Value) -> str:
        return str(richtext.plain(value))

    def form_value(self, value: Value) -> str:
        return richtext.for_textarea(value)

    def schema(self) -> dict[str, Any]:
        return self._described(type="string", maxLength=self.limit, contentMediaType="text/html")


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A day, held as ISO text and shown in the Japanese calendar."""

    widget: ClassVar[str] = "day"

    def clean(self, typed: Any) -> str:
        typed = _as_text(typed).strip()
        if not typed:
            return ""
        try:
            return calendar.parse_day(typed).isoformat()
        except ValueError as unreadable:
            raise Unreadable(str(unreadable)) from None

    def text(self, value: Value) -> str:
        return calendar.write_day(date.fromisoformat(value)) if value else ""

    def schema(self) -> dict[str, Any]:
        return self._described(
            type="string",
            anyOf=[{"format": "date"}, {"const": ""}],
            examples=["2026-11-19", "令和8年11月19日", "R8.11.19"],
        )


@dataclass(frozen=True, kw_only=True)
class Clock(Field):
    """A time of day, held as HH:MM."""

    widget: ClassVar[str] = "clock"

    def clean(self, typed: Any) -> str:
        typed = _as_text(typed).strip()
        if not typed:
            return ""
        try:
            return calendar.parse_clock(typed).strftime("%H:%M")
        except ValueError as unreadable:
            raise Unreadable(str(unreadable)) from None

    def text(self, value: Value) -> str:
        return calendar.write_clock(time.fromisoformat(value)) if value else ""

    def form_value(self, value: Value) -> str:
        return str(value)

    def schema(self) -> dict[str, Any]:
        return self._described(type="string", pattern=r"^([01]?\d|2[0-3]):[0-5]\d$|^$")


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A whole number, 全角 digits and thousands separators accepted. `unit` stands behind it (人, 回, 円)."""

    least: int = 0
    most: int = 1_000_000
    unit: str = ""
    widget: ClassVar[str] = "number"
    empty: ClassVar[Value] = None

    def clean(self, typed: Any) -> int | None:
        digits = re.sub(r"[,\s]", "", unicodedata.normalize("NFKC", _as_text(typed)))
        digits = digits.removesuffix(self.unit) if self.unit else digits
        if not digits:
            return None
        if not re.fullmatch(r"-?\d{1,12}", digits, re.ASCII):
            raise Unreadable("数字で入力してください。")
        if not self.least <= int(digits) <= self.most:
            raise Unreadable(f"{self.least:,}から{self.most:,}までの数字で入力してください。")
        return int(digits)

    def text(self, value: Value) -> str:
        return "" if value is None else f"{value:,}{self.unit}"

    def form_value(self, value: Value) -> str:
        return "" if value is None else str(value)

    def schema(self) -> dict[str, Any]:
        return self._described(type=["integer", "null"], minimum=self.least, maximum=self.most)


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of several words. What is stored is the word itself, so that old documents read the same for ever."""

    options: tuple[str, ...]
    widget: ClassVar[str] = "choice"

    def clean(self, typed: Any) -> str:
        typed = _as_text(typed).strip()
        if typed and typed not in self.options:
            raise Unreadable(f"「{typed[:30]}」は選べません。{'・'.join(self.options)}から選んでください。")
        return str(typed)

    def schema(self) -> dict[str, Any]:
        return self._described(type="string", enum=["", *self.options])


@dataclass(frozen=True, kw_only=True)
class Choices(Field):
    """Any number of several words, given as {stored key: label}; kept in the order of the options."""

    options: Mapping[str, str]
    widget: ClassVar[str] = "choices"

    @property
    def blank(self) -> Value:
        return []

    def is_blank(self, value: Value) -> bool:
        return not value

    def clean(self, typed: Any) -> list[str]:
        picked = [typed] if isinstance(typed, str) else typed or []
        if not isinstance(picked, Sequence) or not all(isinstance(one, str) for one in picked):
            raise Unreadable("選択肢の一覧で指定してください。")
        unknown = [one for one in picked if one and one not in self.options]
        if unknown:
            raise Unreadable(f"「{unknown[0][:30]}」は選べません。{'・'.join(self.options)}から選んでください。")
        return [key for key in self.options if key in picked]

    def text(self, value: Value) -> str:
        return "、".join(self.options.get(key, key) for key in value)

    def schema(self) -> dict[str, Any]:
        return self._described(type="array", uniqueItems=True, items={"type": "string", "enum": list(self.options)})


@dataclass(frozen=True, kw_only=True)
class Check(Field):
    """A box to tick; `statement` is what ticking it says."""

    statement: str
    widget: ClassVar[str] = "check"
    empty: ClassVar[Value] = False

    def clean(self, typed: Any) -> bool:
        if typed in (True, "true", "on", "1", "はい"):
            return True
        if typed in (False, None, "", "false", "0", "いいえ"):
            return False
        raise Unreadable("はい・いいえで指定してください。")

    def text(self, value: Value) -> str:
        return self.statement if value else ""

    def form_value(self, value: Value) -> str:
        return "on" if value else ""

    def is_blank(self, value: Value) -> bool:
        return not value

    def schema(self) -> dict[str, Any]:
        return self._described(type="boolean", description=self.statement)


@dataclass(frozen=True, kw_only=True)
class Rows(Field):
    """A repeating group. A row whose columns are all blank is dropped; `row_name` is what people call one row."""

    columns: tuple[Field, ...]
    row_name: str = "行"
    most: int = 1000
    widget: ClassVar[str] = "rows"

    @property
    def blank(self) -> Value:
        return []

    def is_blank(self, value: Value) -> bool:
        return not value

    def clean(self, typed: Any) -> list[dict[str, Value]]:
        value, problems = self.problems(typed, self.name)
        if problems:
            raise Unreadable(problems[0].message)
        return cast("list[dict[str, Value]]", value)

    def problems(self, typed: Any, path: str) -> tuple[Value, list[Problem]]:
        rows = typed or []
        if not isinstance(rows, Sequence) or isinstance(rows, str) or not all(isinstance(r, Mapping) for r in rows):
            return [], [Problem(path, self.label, "行の一覧で指定してください。")]
        if len(rows) > self.most:
            return [], [Problem(path, self.label, f"{self.most:,}行までです（いま{len(rows):,}行）。")]
        clean_rows, problems = [], []
        for number, row in enumerate(rows):
            clean_row, row_problems = clean_columns(self.columns, row, f"{path}.{number}.")
            problems += [
                Problem(p.path, f"{self.label} {number + 1}{self.row_name}目の{p.label}", p.message)
                for p in row_problems
            ]
            if row_problems or not self._row_is_blank(clean_row):
                clean_rows.append(clean_row)
        return clean_rows, problems

    def _row_is_blank(self, row: Mapping[str, Value]) -> bool:
        return all(column.is_blank(row[column.name]) or row[column.name] == column.default for column in self.columns)

    def text(self, value: Value) -> str:
        return "\n".join(self.row_text(row) for row in value)

    def row_text(self, row: Mapping[str, Value]) -> str:
        """Return one row as a line: the filled columns behind 全角 spaces."""
        shown = (column.text(row.get(column.name, column.blank)) for column in self.columns)
        return "\u3000".join(part.replace("\n", " ") for part in shown if part)

    def shown_columns(self, value: Value) -> list[Field]:
        """Return the columns that any row of the value fills; a column the edition does not hold is none."""
        return [c for c in self.columns if any(not c.is_blank(row.get(c.name, c.blank)) for row in value)]

    def cut(self, value: Value) -> Value:
        kept = [column for column in self.columns if column.shared]
        return [{column.name: row.get(column.name, column.blank) for column in kept} for row in value]

    def schema(self) -> dict[str, Any]:
        properties = {column.name: column.schema() for column in self.columns}
        row = {"type": "object", "properties": properties, "additionalProperties": False}
        return self._described(type="array", maxItems=self.most, items=row)


def clean_columns(
    fields: Sequence[Field], typed: Mapping[str, Any], prefix: str = ""
) -> tuple[dict[str, Value], list[Problem]]:
    """Clean what was typed into the given fields: every field gets a value, unknown names are a problem."""
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for one in fields:
        if one.name in typed:
            values[one.name], found = one.problems(typed[one.name], prefix + one.name)
            problems += found
        else:
            values[one.name] = one.blank if one.default is None else one.default
    known = {one.name for one in fields}
    problems += [
        Problem(prefix + str(name), str(name), "この項目はありません。") for name in typed if name not in known
    ]
    return values, problems


@dataclass(frozen=True)
class Section:
    """Fields that stand together under a heading, in the form, on the page and in the difference of two versions."""

    title: str
    fields: tuple[Field, ...]


Rule = Callable[[Mapping[str, Value]], list[Problem]]
"""A check across fields: clean values in, what does not fit together out."""


@dataclass(frozen=True)
class Facts:
    """What lists, filters and facets know of a document without reading its text."""

    held_on: date | None = None
    body_name: str = ""
    items: tuple[str, ...] = ()
    has_decision: bool = False
    has_issue: bool = False


def _no_facts(_: Mapping[str, Value]) -> Facts:
    return Facts()


def _no_title(_: Mapping[str, Value]) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a kind's values become a title and facts; the defaults say nothing."""

    title: Callable[[Mapping[str, Value]], str] = _no_title
    facts: Callable[[Mapping[str, Value]], Facts] = _no_facts
    rules: tuple[Rule, ...] = field(default=())
