"""資料・成果物: a document that is its attached files, with a title and a note."""

from collections.abc import Mapping
from datetime import date

from portal.kinds.fields import Choices, Day, Facts, Layout, Line, Note, Section, Value
from portal.kinds.kind import Kind
from portal.kinds.vocabulary import ITEMS


def facts_of(values: Mapping[str, Value]) -> Facts:
    """Return what lists know of a file."""
    day = values.get("dated")
    return Facts(held_on=date.fromisoformat(day) if day else None, items=tuple(values.get("items", ())))


KIND = Kind(
    name="file",
    title="資料・成果物",
    workflow="file",
    new_label="資料を登録する",
    sections=(
        Section("資料", (
            Note(name="note", label="説明", example="区内の訪問看護ステーションの一覧"),
            Day(name="dated", label="資料の日付", example="2026-04-01"),
            Line(name="source", label="作成者・出典", example="東成区在宅医療・介護連携相談支援室"),
            Choices(name="items", label="事業項目", options=ITEMS),
        )),
    ),
    layout=Layout(facts=facts_of),
)  # fmt: skip
