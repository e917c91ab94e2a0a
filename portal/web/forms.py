"""Between a kind's fields and the form in the browser: what stands in each control, and what came back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.kinds import Content, Invalid, Kind
from portal.kinds.diff import FieldChange
from portal.kinds.fields import Field, Rows
from portal.kinds.vocabulary import SUGGESTIONS
from portal.services import comparing

ROW_ACTS = ("add", "remove", "up", "down")


def shown(kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the controls show for clean values."""
    return {name: _shown(one, fields.get(name, one.blank)) for name, one in kind.fields.items()}


def _shown(one: Field, value: Any) -> Any:
    if isinstance(one, Rows):
        return [{c.name: _shown(c, row.get(c.name, c.blank)) for c in one.columns} for row in value]
    return value if one.widget == "choices" else one.form_value(value)


def errors_by_path(invalid: Invalid | None) -> dict[str, str]:
    """Return the first message for each path."""
    found: dict[str, str] = {}
    for problem in invalid.problems if invalid else ():
        found.setdefault(problem.path, problem.message)
    return found


def anchor_of(kind: Kind, path: str) -> str:
    """Return the id of the control a problem is about."""
    return "f-" + path.replace(".", "-")


def change_rows(kind: Kind, typed: dict[str, Any], form: "MultiDict[str, str]") -> bool:
    """Do what a row button without script asked for, on what was typed; say whether one was pressed."""
    for act in ROW_ACTS:
        if target := form.get(act):
            name, _, number = target.partition("-")
            if isinstance(kind.fields.get(name), Rows):
                _change(typed.setdefault(name, []), act, int(number) if number.isdecimal() else 0)
                return True
    return False


def _change(rows: list[dict[str, Any]], act: str, number: int) -> None:
    if act == "add":
        rows.append({})
    elif number < len(rows):
        if act == "remove":
            del rows[number]
        else:
            other = number - 1 if act == "up" else number + 1
            if 0 <= other < len(rows):
                rows[number], rows[other] = rows[other], rows[number]


def words_of(name: str) -> tuple[str, ...]:
    """Return the words a vocabulary offers while typing."""
    return SUGGESTIONS.get(name, ())


CARRIED_OVER = (
    "meeting_name", "body_name", "place", "method", "organiser", "organiser_type", "starts_at", "ends_at", "items",
    "attendees", "headcount", "headcounts", "disclosure", "training_name", "series_name", "audience", "hosts", "capacity",
)  # fmt: skip
"""What 「前回から引き継ぐ」 takes over: the header, and who usually comes."""


def carried_over(kind: Kind, last: Content) -> dict[str, Any]:
    """Return the clean values a new report takes over from the last one of the same body; the number counts on."""
    values = {**kind.defaults(), **{name: last.fields[name] for name in CARRIED_OVER if name in last.fields}}
    number = last.fields.get("meeting_number")
    if "meeting_number" in kind.fields and number:
        values["meeting_number"] = number + 1
    if last.fields.get("next_on"):
        values["held_on"] = last.fields["next_on"]
    if last.fields.get("next_place"):
        values["place"] = last.fields["next_place"]
    open_issues = [row for row in last.fields.get("issues", ()) if row.get("state") != "完了"]
    if "issues" in kind.fields:
        columns = {column.name for column in kind.fields["issues"].columns}  # type: ignore[attr-defined]
        values["issues"] = [{**row, "carried": True} if "carried" in columns else dict(row) for row in open_issues]
    return values


@dataclass(frozen=True)
class Merge:
    """Two texts made from the same one: what stands in the form now, and which fields need a person's choice."""

    content: Content
    taken: list[str]
    disputed: list[FieldChange]
    own: list[FieldChange]


def merge(kind: Kind, old: Content | None, mine: Content, theirs: Content) -> Merge:
    """Join two texts field by field: what only one side changed is taken over, what both changed is for a person to choose.

    Without the common beginning every difference is for a person to choose.
    """
    fields, title, taken = dict(mine.fields), mine.title, []
    disputed, own = [], []
    for change in comparing.changes(kind, theirs, mine):
        if change.name == "title" and kind.form_number:
            continue  # it follows from the fields
        if old is None or len({_part(one, change.name) for one in (old, mine, theirs)}) == 3:
            disputed.append(change)
        elif _part(old, change.name) == _part(theirs, change.name):
            own.append(change)
        else:
            taken.append(change.label)
            title = theirs.title if change.name == "title" else title
            if change.name != "title":
                fields[change.name] = theirs.fields[change.name]
    return Merge(Content(title, fields), taken, disputed, own)


def _part(content: Content, name: str) -> str:
    return content.title if name == "title" else json.dumps(content.fields.get(name), sort_keys=True)
