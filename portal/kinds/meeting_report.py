"""会議等報告書（様式7）: minutes of one meeting (DOMAIN 5b)."""

from collections.abc import Mapping
from datetime import date

from portal.kinds.fields import (
    Check,
    Choice,
    Choices,
    Clock,
    Day,
    Facts,
    Layout,
    Line,
    Note,
    Number,
    Problem,
    Rows,
    Section,
    Text,
    Value,
)  # fmt: skip
from portal.kinds.kind import Kind
from portal.kinds.vocabulary import AGENDA_TYPES, GROUPS, HOSTS, ISSUE_STATES, ITEMS, PLACES, SCENES


def title_of(values: Mapping[str, Value]) -> str:
    """Return 第4回 病院連絡会 from the name and number of the meeting."""
    name, number = values["meeting_name"], values["meeting_number"]
    return f"第{number}回 {name}" if number and not name.startswith("第") else name


def facts_of(values: Mapping[str, Value]) -> Facts:
    """Return what lists know of a meeting."""
    return Facts(
        held_on=date.fromisoformat(values["held_on"]) if values.get("held_on") else None,
        body_name=values.get("body_name", ""),
        items=tuple(values.get("items", ())),
        has_decision=bool(values.get("decisions")),
        has_issue=bool(values.get("issues")),
    )


def ends_after_it_starts(values: Mapping[str, Value]) -> list[Problem]:
    """Refuse a meeting that ends before it starts."""
    if values["starts_at"] and values["ends_at"] and values["ends_at"] < values["starts_at"]:
        return [Problem("ends_at", "終了時刻", "終了時刻が開始時刻より前です。時刻を確かめてください。")]
    return []


def headcount_fits(values: Mapping[str, Value]) -> list[Problem]:
    """Check the totals: by profession against the total, and the total against the attendees named."""
    total, named = values["headcount"], len(values["attendees"])
    counted = sum(row["count"] or 0 for row in values["headcounts"])
    if total is not None and values["headcounts"] and counted != total:
        return [
            Problem("headcount", "出席者数", f"職種別の人数の合計（{counted}人）と出席者数（{total}人）が合いません。")
        ]
    if total is not None and named > total:
        return [
            Problem(
                "headcount",
                "出席者数",
                f"出席者の欄に{named}人の記入があります。出席者数（{total}人）を確かめてください。",
            )
        ]
    return []


AGENDA_NUMBER = Number(name="agenda_number", label="議題番号", least=1, most=99, example=1)

BASICS = Section("会議の基本", (
    Line(name="meeting_name", label="会議名", required=True, part="title", suggest="meetings", example="病院連絡会"),
    Line(name="body_name", label="会議体", required=True, part="body_name", suggest="bodies", example="病院連絡会",
         help="同じ会議をまとめて探すときに使います。"),
    Number(name="meeting_number", label="回数", least=1, most=9999, unit="回", example=4),
    Choice(name="holding", label="開催の状況", options=("開催", "中止", "延期"), default="開催", required=True),
    Day(name="held_on", label="開催日", required=True, example="2026-10-15",
        help="「R8.11.19」「20261119」も読み取ります。全角の数字も使えます。"),
    Clock(name="starts_at", label="開始時刻", required=True, example="14:00"),
    Clock(name="ends_at", label="終了時刻", required=True, example="15:30"),
    Line(name="place", label="場所", required=True, example="東成区医師会館 3階会議室"),
    Choice(name="method", label="開催方法", options=PLACES, default="集合", required=True),
    Line(name="organiser", label="主催", required=True, example="東成区医師会"),
    Choice(name="organiser_type", label="主催の区分", options=HOSTS, required=True, example="医師会"),
    Choices(name="items", label="事業項目", options=ITEMS, required=True, example=["ウ", "エ"]),
    Choices(name="scenes", label="場面", options=SCENES, example=["入退院"]),
))  # fmt: skip

PEOPLE = Section("出席者", (
    Rows(name="attendees", label="出席者", required=True, part="attendees", row_name="人", columns=(
        Line(name="affiliation", label="所属", limit=120),
        Line(name="profession", label="職種", limit=60, suggest="professions"),
        Line(name="name", label="氏名", limit=60, shared=False),
        Choice(name="group", label="区分", options=GROUPS),
        Check(name="deputy", label="代理", statement="代理"),
    ), example=[
        {"affiliation": "東成区医師会", "profession": "医師", "name": "見本 一郎", "group": "医療", "deputy": False},
        {"affiliation": "相談支援室", "profession": "コーディネーター", "name": "見本 花子", "group": "相談支援室", "deputy": False},
    ]),
    Rows(name="absentees", label="欠席者", part="attendees", row_name="人", columns=(
        Line(name="affiliation", label="所属", limit=120),
        Line(name="profession", label="職種", limit=60, suggest="professions"),
        Line(name="name", label="氏名", limit=60, shared=False),
    )),
    Number(name="headcount", label="出席者数", most=100_000, unit="人", required=True, example=2),
    Rows(name="headcounts", label="職種別の人数", part="", columns=(
        Line(name="profession", label="職種", limit=60, suggest="professions"),
        Number(name="count", label="人数", most=100_000, unit="人"),
    ), example=[{"profession": "医師", "count": 1}, {"profession": "コーディネーター", "count": 1}]),
    Number(name="observers", label="傍聴者数", most=100_000, unit="人"),
    Choice(name="disclosure", label="公開区分", options=("公開", "関係者限り", "非公開"), default="関係者限り"),
    Line(name="disclosure_reason", label="公開しない理由"),
))  # fmt: skip

RECORD = Section("議事", (
    Rows(name="agenda", label="議題", required=True, part="agenda", row_name="件", columns=(
        Line(name="subject", label="件名", required=True),
        Choice(name="type", label="区分", options=AGENDA_TYPES),
        Line(name="presenter", label="説明者", limit=120, shared=False),
        Note(name="summary", label="要旨"),
    ), example=[
        {"subject": "退院支援ルール第2版の試行", "type": "協議", "presenter": "見本 一郎", "summary": "試行の結果を確かめた。"},
    ]),
    Text(name="record", label="議事の内容", required=True, help="Wordから貼り付けると、見出し・箇条書き・表だけを残します。",
         example="<h2>1 退院支援ルール第2版の試行</h2><p>区内の病院から試行の結果について報告があった。</p>"),
    Rows(name="opinions", label="主な意見", row_name="件", columns=(
        AGENDA_NUMBER,
        Line(name="speaker", label="発言者", limit=120, shared=False),
        Note(name="gist", label="趣旨"),
    ), example=[{"agenda_number": 1, "speaker": "見本 一郎", "gist": "連絡は退院の3日前までにほしい。"}]),
    Rows(name="decisions", label="決定事項", part="decisions", row_name="件", columns=(
        AGENDA_NUMBER,
        Note(name="decision", label="内容", required=True),
        Line(name="owner", label="担当", limit=120),
        Day(name="due", label="期限"),
    ), example=[{"agenda_number": 1, "decision": "退院支援ルール第2版を11月1日から使う。", "owner": "各病院", "due": "2026-11-01"}]),
    Rows(name="issues", label="課題・宿題", part="issues", row_name="件", columns=(
        AGENDA_NUMBER,
        Note(name="issue", label="内容", required=True),
        Line(name="owner", label="担当", limit=120),
        Day(name="due", label="期限"),
        Choice(name="state", label="状態", options=ISSUE_STATES),
        Check(name="carried", label="前回から継続", statement="前回から継続"),
    ), example=[{"agenda_number": 1, "issue": "年末年始の空床情報の集め方", "owner": "相談支援室", "due": "2026-12-10",
                 "state": "未着手", "carried": False}]),
))  # fmt: skip

AFTER = Section("まとめ", (
    Text(name="involvement", label="相談支援室の関わり・周知したこと", example="<p>情報共有シートの使い方を案内した。</p>"),
    Text(name="reflections", label="所感・今後の対応", shared=False, help="24区共有版には載りません。",
         example="<p>病院の窓口の変更を早めに知る方法を考える。</p>"),
    Day(name="next_on", label="次回の予定日", example="2027-01-21"),
    Line(name="next_place", label="次回の場所", example="東成区役所 3階会議室"),
))  # fmt: skip

REPORTER = Section("報告", (
    Line(name="reporter", label="報告者", required=True, shared=False, part="attendees", limit=60, example="見本 花子"),
    Line(name="reporter_profession", label="報告者の職種", required=True, limit=60, suggest="professions", example="看護師"),
    Day(name="reported_on", label="報告日", required=True, example="2026-10-16"),
    Check(name="privacy_checked", label="個人情報の確認", required=True, part="",
          statement="利用者・患者が特定される情報がないことを確認しました", example=True),
))  # fmt: skip

KIND = Kind(
    name="meeting_report",
    title="会議等報告書",
    form_number=7,
    workflow="report",
    word_form="form7",
    new_label="会議の報告を書く",
    sections=(BASICS, PEOPLE, RECORD, AFTER, REPORTER),
    layout=Layout(title=title_of, facts=facts_of, rules=(ends_after_it_starts, headcount_fits)),
)
