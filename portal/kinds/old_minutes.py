"""過去の会議録: minutes of earlier years, brought in from the files they were kept in. Nothing is asked for but a name."""

from collections.abc import Mapping
from datetime import date

from portal.kinds.fields import Choices, Clock, Day, Facts, Layout, Line, Note, Rows, Section, Text, Value
from portal.kinds.kind import Kind
from portal.kinds.vocabulary import ITEMS


def title_of(values: Mapping[str, Value]) -> str:
    """Return the name of the meeting."""
    return str(values["meeting_name"])


def facts_of(values: Mapping[str, Value]) -> Facts:
    """Return what lists know of old minutes."""
    return Facts(
        held_on=date.fromisoformat(values["held_on"]) if values.get("held_on") else None,
        body_name=values.get("body_name", ""),
        items=tuple(values.get("items", ())),
        has_decision=bool(values.get("decisions")),
        has_issue=bool(values.get("issues")),
    )


BASICS = Section("会議の基本", (
    Line(name="meeting_name", label="会議名", required=True, part="title", example="第3回 病院連絡会"),
    Line(name="body_name", label="会議体", part="body_name", suggest="bodies", example="病院連絡会",
         help="同じ会議をまとめて探すときに使います。"),
    Day(name="held_on", label="開催日", required=True, example="2019-11-20"),
    Clock(name="starts_at", label="開始時刻", example="14:00"),
    Clock(name="ends_at", label="終了時刻", example="15:30"),
    Line(name="place", label="場所", part="text", example="区役所 3階会議室"),
    Line(name="organiser", label="主催", part="text", example="区医師会"),
    Choices(name="items", label="事業項目", options=ITEMS, example=["ウ"]),
))  # fmt: skip

PEOPLE_COLUMNS = (
    Line(name="affiliation", label="所属", limit=120),
    Line(name="profession", label="職種", limit=60, suggest="professions"),
    Line(name="name", label="氏名", limit=120),
)

PEOPLE = Section("出席者", (
    Rows(name="attendees", label="出席者", part="attendees", row_name="人", columns=PEOPLE_COLUMNS,
         example=[{"affiliation": "区医師会", "profession": "医師", "name": "見本 一郎"}]),
    Rows(name="absentees", label="欠席者", part="attendees", row_name="人", columns=PEOPLE_COLUMNS),
))  # fmt: skip

RECORD = Section("議事", (
    Rows(name="agenda", label="議題", part="agenda", row_name="件", columns=(Line(name="subject", label="件名", limit=500),),
         example=[{"subject": "退院支援の流れ"}]),
    Text(name="record", label="議事の内容", example="<p>退院支援の流れを話し合った。</p>"),
    Rows(name="decisions", label="決定事項", part="decisions", row_name="件",
         columns=(Note(name="decision", label="内容"),), example=[{"decision": "来年度も続ける。"}]),
    Rows(name="issues", label="課題・宿題", part="issues", row_name="件", columns=(Note(name="issue", label="内容"),)),
    Note(name="next_meeting", label="次回", part="text"),
))  # fmt: skip

SOURCE = Section("作成", (
    Line(name="author", label="作成者", part="text", example="見本 花子"),
    Day(name="written_on", label="作成日", example="2019-11-25"),
    Rows(name="handouts", label="配布資料", part="text", row_name="件", columns=(Line(name="name", label="名前", limit=300),)),
))  # fmt: skip

KIND = Kind(
    name="old_minutes",
    title="過去の会議録",
    workflow="file",
    sections=(BASICS, PEOPLE, RECORD, SOURCE),
    layout=Layout(title=title_of, facts=facts_of),
)
