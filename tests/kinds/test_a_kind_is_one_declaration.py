"""A kind declared once has its form, checks, schema, difference, search parts and shared edition from that alone."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import portal.kinds
from portal.kinds import Content, Kind, all_kinds, find_kind, register
from portal.kinds.diff import compare
from portal.kinds.fields import Check, Choice, Day, Facts, Field, Layout, Line, Number, Rows, Section, Text

VISIT = Kind(
    name="visit_record",
    title="訪問の記録",
    workflow="report",
    sections=(
        Section("訪問", (
            Line(name="place", label="訪問先", required=True, part="title", example="見本診療所"),
            Day(name="visited_on", label="訪問日", required=True, example="2026-10-01"),
            Choice(name="way", label="方法", options=("訪問", "電話"), default="訪問"),
            Text(name="talk", label="聞いたこと", part="agenda", example="<p>往診の曜日</p>"),
            Number(name="people", label="人数", most=50, unit="人", shared=False),
            Rows(name="promises", label="約束", part="decisions", row_name="件", columns=(
                Line(name="what", label="内容", required=True),
                Line(name="who", label="相手の氏名", shared=False),
                Check(name="done", label="済み", statement="済み"),
            ), example=[{"what": "一覧を送る", "who": "見本 四郎", "done": False}]),
        )),
    ),
    layout=Layout(
        title=lambda values: str(values["place"]),
        facts=lambda values: Facts(body_name=values["place"], has_decision=bool(values["promises"])),
    ),
)  # fmt: skip


@pytest.fixture
def visit() -> Iterator[Kind]:
    """Yield a kind that this test alone has added."""
    register(VISIT)
    yield VISIT
    portal.kinds._registry().pop(VISIT.name)


def test_an_added_kind_is_found_by_name(visit: Kind) -> None:
    assert find_kind("visit_record") is visit
    assert visit in all_kinds()


def test_an_added_kind_reads_its_form(visit: Kind) -> None:
    title, typed = visit.from_form([
        ("csrf_token", "x"), ("title", ""), ("place", "見本診療所"), ("visited_on", "Ｒ８．１０．１"), ("people", "３人"),
        ("talk", "往診の曜日"), ("promises-2-what", "電話する"), ("promises-0-what", "一覧を送る"), ("promises-0-done", "on"),
        ("promises-1-what", ""), ("promises-0-nothing", "x"), ("promises-x-what", "x"), ("unknown", "x"),
    ])  # fmt: skip
    content = visit.clean(title, typed)
    assert content.title == "見本診療所"
    assert content.fields == {
        "place": "見本診療所",
        "visited_on": "2026-10-01",
        "way": "訪問",
        "talk": "<p>往診の曜日</p>",
        "people": 3,
        "promises": [{"what": "一覧を送る", "who": "", "done": True}, {"what": "電話する", "who": "", "done": False}],
    }


def test_an_added_kind_says_what_is_wrong_and_where(visit: Kind) -> None:
    typed = {"visited_on": "きのう", "people": "たくさん", "promises": [{"what": "一" * 400}], "strange": 1}
    with pytest.raises(portal.kinds.Invalid) as refused:
        visit.clean("題", typed)
    assert [problem.path for problem in refused.value.problems] == [
        "visited_on",
        "people",
        "promises.0.what",
        "strange",
    ]
    assert refused.value.problems[2].label == "約束 1件目の内容"


def test_an_added_kind_says_what_must_be_filled_before_it_is_handed_in(visit: Kind) -> None:
    content = visit.clean("題", {"promises": [{"who": "見本 四郎"}]})
    assert [one.path for one in visit.missing(content)] == ["place", "visited_on", "promises.0.what"]


def test_an_added_kind_is_compared_found_and_cut(visit: Kind) -> None:
    before = visit.clean("", visit.example()["fields"])
    after = visit.clean("", {**visit.example()["fields"], "talk": "<p>往診の時刻</p>", "people": 4})
    assert [change.label for change in compare(visit, before, after)] == ["聞いたこと", "人数"]
    assert {one.part: text for one, text in visit.texts(after)}["decisions"] == "一覧を送る\u3000見本 四郎"
    shared = visit.cut(after)
    assert "people" not in shared.fields
    assert shared.fields["promises"] == [{"what": "一覧を送る", "done": False}]
    assert visit.facts(after) == Facts(body_name="見本診療所", has_decision=True)
    assert Content.from_json(after.as_json()) == after


@pytest.mark.parametrize("kind", [*all_kinds(), VISIT], ids=lambda kind: kind.name)
def test_the_example_of_a_schema_fits_the_schema_and_the_kind(kind: Kind) -> None:
    schema = json.loads(json.dumps(kind.schema()))
    example = schema["examples"][0]
    assert list(misfits(schema, example)) == []
    content = kind.clean(example["title"], example["fields"])
    assert list(misfits(schema, {"title": content.title, "fields": content.fields})) == []
    assert kind.missing(content) == []


@pytest.mark.parametrize("kind", [*all_kinds(), VISIT], ids=lambda kind: kind.name)
def test_a_form_sends_back_exactly_what_it_shows(kind: Kind) -> None:
    content = kind.clean("題", {**kind.example()["fields"]})
    title, typed = kind.from_form([("title", content.title), *pairs_of(kind, content)])
    assert kind.clean(title, typed) == content


@pytest.mark.parametrize("kind", [*all_kinds(), VISIT], ids=lambda kind: kind.name)
def test_the_shared_edition_drops_every_field_and_column_that_is_not_shared(kind: Kind) -> None:
    secret = "ひみつ"
    fields = {one.name: filled(one, secret) for one in kind.fields.values()}
    cut = kind.cut(Content("題", fields))
    assert set(cut.fields) == {one.name for one in kind.fields.values() if one.shared}
    for one in kind.fields.values():
        if one.shared and isinstance(one, Rows):
            assert set(cut.fields[one.name][0]) == {column.name for column in one.columns if column.shared}
    assert secret not in cut.as_json()


def test_reports_hide_names_remarks_and_money_from_the_other_wards() -> None:
    hidden = {kind.name: {name for name, one in kind.fields.items() if not one.shared} for kind in all_kinds()}
    assert hidden["meeting_report"] == {"reflections", "reporter"}
    assert hidden["training_report"] == {"reflections", "expenses", "fee", "reporter"}
    columns = {
        f"{kind.name}.{one.name}.{column.name}"
        for kind in all_kinds()
        for one in kind.fields.values()
        if isinstance(one, Rows)
        for column in one.columns
        if not column.shared
    }
    assert columns == {
        "meeting_report.attendees.name",
        "meeting_report.absentees.name",
        "meeting_report.agenda.presenter",
        "meeting_report.opinions.speaker",
        "training_report.lecturers.name",
    }


def filled(one: Field, secret: str) -> Any:
    """Return a value that carries the secret wherever the shared edition must not show it."""
    if isinstance(one, Rows):
        return [{column.name: f"{column.name}" if column.shared else secret for column in one.columns}]
    return one.name if one.shared else secret


def pairs_of(kind: Kind, content: Content) -> Iterator[tuple[str, str]]:
    """Yield what a browser would send of a form that shows the content."""
    for name, one in kind.fields.items():
        value = content.fields[name]
        if isinstance(one, Rows):
            for number, row in enumerate(value):
                for column in one.columns:
                    if shown := column.form_value(row[column.name]):
                        yield f"{name}-{number}-{column.name}", shown
        elif one.widget == "choices":
            yield from ((name, key) for key in value)
        elif one.widget == "choice" or (shown := one.form_value(value)):
            yield name, str(value) if one.widget in ("choice", "day") else shown


def misfits(schema: Mapping[str, Any], value: Any, path: str = "") -> Iterator[str]:
    """Yield where a value does not fit the part of JSON Schema that kinds use."""
    types = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(type(value) is types[one] for one in wanted):
        yield f"{path}: {value!r} is no {wanted}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not offered"
    if isinstance(value, str) and not re.search(
        schema.get("pattern", ""), value[: schema.get("maxLength", len(value))]
    ):
        yield f"{path}: {value!r} is ill-formed"
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        yield f"{path}: {value!r} is too long"
    if type(value) is int and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{path}: {value!r} is out of range"
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", 10**9):
            yield f"{path}: too many"
        for number, item in enumerate(value):
            yield from misfits(schema["items"], item, f"{path}[{number}]")
    if isinstance(value, dict):
        yield from (f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value)
        for name, item in value.items():
            if name not in schema["properties"]:
                yield f"{path}.{name}: unknown"
            else:
                yield from misfits(schema["properties"][name], item, f"{path}.{name}")
