"""What an API route takes: each shape reads a value that came in, says in words what is wrong, and describes itself.

One declaration serves both: the route reads its input through it, and the OpenAPI description is made from it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.kinds import Invalid
from portal.kinds.calendar import parse_day
from portal.kinds.fields import Problem
from portal.kinds.richtext import strip_control

LARGEST_ID = 2**31 - 1
"""What an id column holds on both databases."""
Options = Sequence[str] | Callable[[], Sequence[str]]


class Unreadable(ValueError):
    """A value has the wrong shape; the message says in Japanese what is wanted."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One value. `label` names it to people, `default` stands in when it is not given."""

    label: str
    required: bool = False
    default: Any = None
    example: Any = None

    def read(self, value: Any) -> Any:
        """Return the value as the services take it. Raises Unreadable."""
        raise NotImplementedError

    def read_text(self, text: str) -> Any:
        """Return the value of a query parameter. Raises Unreadable."""
        return self.read(text)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of what may be sent."""
        raise NotImplementedError

    def described(self, **schema: Any) -> dict[str, Any]:
        """Return a schema with what all shapes have in common."""
        more: dict[str, Any] = {"title": self.label}
        if self.default not in (None, "", ()):
            more["default"] = self.default
        if self.example is not None:
            more["examples"] = [self.example]
        return {**more, **schema}


@dataclass(frozen=True, kw_only=True)
class Words(Shape):
    """Text. With `options`, one of them."""

    default: Any = ""
    limit: int = 300
    least: int = 0
    pattern: str = ""
    options: Options = ()

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Unreadable("文字列で指定してください。")
        text = self.cleaned(value)
        if len(text) > self.limit:
            raise Unreadable(f"{self.limit:,}文字以内で指定してください。")
        if len(text) < self.least:
            raise Unreadable("入力してください。" if self.least == 1 else f"{self.least}文字以上で指定してください。")
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise Unreadable("使えない文字があります。")
        options = self.choices()
        if options and text not in options:
            raise Unreadable(f"「{text[:30]}」は選べません。{'・'.join(options)} のどれかを指定してください。")
        return text

    def cleaned(self, text: str) -> str:
        """Return the text without what no text may hold."""
        return strip_control(text)

    def choices(self) -> Sequence[str]:
        """Return what may be chosen; nothing when any text will do."""
        return self.options() if callable(self.options) else self.options

    def schema(self) -> dict[str, Any]:
        if options := self.choices():
            return self.described(type="string", enum=list(options))
        more: dict[str, Any] = {"maxLength": self.limit}
        if self.least:
            more["minLength"] = self.least
        if self.pattern:
            more["pattern"] = f"^{self.pattern}$"
        return self.described(type="string", **more)


class Secret(Words):
    """A password: taken exactly as it was typed."""

    def cleaned(self, text: str) -> str:
        return text

    def schema(self) -> dict[str, Any]:
        return {**super().schema(), "format": "password"}


@dataclass(frozen=True, kw_only=True)
class Whole(Shape):
    """A whole number."""

    least: int = 0
    most: int = LARGEST_ID

    def read(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unreadable("整数で指定してください。")
        if not self.least <= value <= self.most:
            raise Unreadable(f"{self.least:,}から{self.most:,}までの整数で指定してください。")
        return value

    def read_text(self, text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text):
            raise Unreadable("整数で指定してください。")
        return self.read(int(text))

    def schema(self) -> dict[str, Any]:
        return self.described(type="integer", minimum=self.least, maximum=self.most)


@dataclass(frozen=True, kw_only=True)
class Flag(Shape):
    """Yes or no; in a query `true`, `1` or the bare name."""

    default: Any = False

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Unreadable("true または false で指定してください。")
        return value

    def read_text(self, text: str) -> bool:
        folded = text.casefold()
        if folded not in ("", "1", "true", "on", "0", "false", "off"):
            raise Unreadable("true または false で指定してください。")
        return folded in ("", "1", "true", "on")

    def schema(self) -> dict[str, Any]:
        return self.described(type="boolean")


@dataclass(frozen=True, kw_only=True)
class Day(Shape):
    """A day, in any usual spelling."""

    def read(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            raise Unreadable("日付を「2026-11-19」「令和8年11月19日」のように指定してください。")
        try:
            return parse_day(strip_control(value)[:60])
        except ValueError as unreadable:
            raise Unreadable(str(unreadable)) from None

    def schema(self) -> dict[str, Any]:
        return self.described(
            type="string", description="2026-11-19、R8.11.19、令和8年11月19日 など", examples=["2026-11-19"]
        )


@dataclass(frozen=True, kw_only=True)
class Many(Shape):
    """Several values of one shape; in a query the name is repeated."""

    of: Shape
    most: int = 100
    default: Any = ()

    def read(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Unreadable("一覧で指定してください。")
        if len(value) > self.most:
            raise Unreadable(f"{self.most:,}件までにしてください。")
        return tuple(self.of.read(one) for one in value)

    def schema(self) -> dict[str, Any]:
        return self.described(type="array", maxItems=self.most, items=self.of.schema())


@dataclass(frozen=True, kw_only=True)
class FieldsOfKind(Shape):
    """The fields of a document; the kind's own schema says what they hold and reads them."""

    def read(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Unreadable("項目名と値の組（オブジェクト）で指定してください。")
        return value

    def schema(self) -> dict[str, Any]:
        told = "種類ごとの項目。GET /kinds/{kind}/schema の properties.fields のとおり。"
        return self.described(type="object", description=told, additionalProperties=True)


@dataclass(frozen=True, kw_only=True)
class Table(Shape):
    """An object of named values; a name nobody declared is a problem, so that a slip of the pen loses nothing."""

    of: Mapping[str, Shape] = field(default_factory=dict)

    def read(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Unreadable("オブジェクトで指定してください。")
        read, problems = self.read_all(value, "")
        if problems:
            raise Unreadable(f"{problems[0].label}：{problems[0].message}")
        return read

    def read_all(self, value: Mapping[str, Any], prefix: str) -> tuple[dict[str, Any], list[Problem]]:
        """Return every value by name, and every problem."""
        problems = [Problem(prefix + name, name, "この項目はありません。") for name in value if name not in self.of]
        read: dict[str, Any] = {}
        for name, shape in self.of.items():
            read[name] = shape.default
            try:
                if value.get(name) is not None:
                    read[name] = shape.read(value[name])
                elif shape.required:
                    raise Unreadable("入力してください。")
            except Unreadable as unreadable:
                problems.append(Problem(prefix + name, shape.label, str(unreadable)))
        return read, problems

    def schema(self) -> dict[str, Any]:
        schema = self.described(
            type="object",
            properties={name: shape.schema() for name, shape in self.of.items()},
            additionalProperties=False,
        )
        needed = [name for name, shape in self.of.items() if shape.required]
        return {**schema, "required": needed} if needed else schema


def read_body(shape: Table, body: Any) -> dict[str, Any]:
    """Return what a body holds. Raises Invalid naming every problem."""
    if not isinstance(body, dict):
        raise Invalid([Problem("", shape.label, "JSONのオブジェクトで送ってください。")])
    read, problems = shape.read_all(body, "")
    if problems:
        raise Invalid(problems)
    return read


def read_query(shapes: Mapping[str, Shape], given: "MultiDict[str, str]") -> dict[str, Any]:
    """Return the query parameters by name. Raises Invalid naming every problem; what nobody declared is passed over."""
    read: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, shape in shapes.items():
        texts = [text for text in given.getlist(name) if text != "" or isinstance(shape, Flag)]
        try:
            if isinstance(shape, Many):
                read[name] = tuple(shape.of.read_text(text) for text in texts[: shape.most])
            elif texts:
                read[name] = shape.read_text(texts[-1])
            elif shape.required:
                raise Unreadable("指定してください。")
            else:
                read[name] = shape.default
        except Unreadable as unreadable:
            problems.append(Problem(name, shape.label, str(unreadable)))
    if problems:
        raise Invalid(problems)
    return read
