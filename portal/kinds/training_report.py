"""研修等報告書（様式8）: report of a training held, attended or supported (DOMAIN 5c)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from portal.kinds.fields import (
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
from portal.kinds.meeting_report import REPORTER, ends_after_it_starts
from portal.kinds.vocabulary import ISSUE_STATES, ITEMS

HOSTED = ("主催", "共催")


def facts_of(values: Mapping[str, Value]) -> Facts:
    """Return what lists know of a training."""
    return Facts(
        held_on=date.fromisoformat(values["held_on"]) if values.get("held_on") else None,
        body_name=values.get("series_name", ""),
        items=tuple(values.get("items", ())),
        has_issue=bool(values.get("issues")),
    )


def counts_fit(values: Mapping[str, Value]) -> list[Problem]:
    """Check the survey's returns against what was handed out, and participants by profession against the total."""
    problems = []
    if (values["survey_returned"] or 0) > (values["survey_handed_out"] or 0):
        problems.append(Problem("survey_returned", "アンケート回収数", "回収数が配布数より多くなっています。"))
    total, counted = values["participants"], sum(row["count"] or 0 for row in values["participant_counts"])
    if total is not None and values["participant_counts"] and counted != total:
        problems.append(
            Problem(
                "participants", "参加者数", f"職種別の人数の合計（{counted}人）と参加者数（{total}人）が合いません。"
            )
        )
    return problems


BASICS = Section("研修の基本", (
    Choice(name="role", label="種別", options=(*HOSTED, "受講", "講師派遣", "普及啓発"), required=True, example="主催"),
    Line(name="training_name", label="研修名", required=True, part="title", suggest="trainings", example="入退院支援研修会"),
    Line(name="series_name", label="研修のまとまり", part="body_name", suggest="bodies", example="多職種研修会",
         help="毎年続く研修を同じ名前でまとめて探すときに使います。"),
    Line(name="theme", label="テーマ", required=True, part="agenda", example="入院時の情報提供と退院前の連絡"),
    Note(name="purpose", label="目的・ねらい", required=True, example="病院と在宅の職種が互いの仕事を知る。"),
    Rows(name="hosts", label="主催・共催・後援", required=True, columns=(
        Choice(name="type", label="区分", options=("主催", "共催", "後援")),
        Line(name="name", label="団体名", limit=120, required=True),
    ), example=[{"type": "主催", "name": "東成区在宅医療・介護連携相談支援室"}]),
    Day(name="held_on", label="開催日", required=True, example="2026-09-10"),
    Clock(name="starts_at", label="開始時刻", required=True, example="18:30"),
    Clock(name="ends_at", label="終了時刻", required=True, example="20:00"),
    Line(name="place", label="会場", required=True, example="東成区民センター 小ホール"),
    Choice(name="method", label="開催方法", options=("集合", "Web", "集合とWebの併用", "録画"), default="集合", required=True),
    Choices(name="items", label="事業項目", options=ITEMS, required=True, example=["カ"]),
))  # fmt: skip

PEOPLE = Section("参加者", (
    Line(name="audience", label="対象", required=True, example="区内の医療・介護の専門職"),
    Number(name="capacity", label="定員", most=100_000, unit="人", example=60),
    Number(name="applicants", label="申込数", most=100_000, unit="人", example=52),
    Number(name="participants", label="参加者数", most=100_000, unit="人", required=True, example=48),
    Rows(name="participant_counts", label="職種別の参加者数", part="", columns=(
        Line(name="profession", label="職種", limit=60, suggest="professions"),
        Choice(name="from_where", label="区内・区外", options=("区内", "区外")),
        Number(name="count", label="人数", most=100_000, unit="人"),
    ), example=[{"profession": "介護支援専門員", "from_where": "区内", "count": 30},
                {"profession": "看護師", "from_where": "区内", "count": 18}]),
    Rows(name="lecturers", label="講師・進行", required=True, part="attendees", row_name="人", columns=(
        Choice(name="type", label="役割", options=("講師", "司会", "進行")),
        Line(name="affiliation", label="所属", limit=120),
        Line(name="post", label="職名", limit=60),
        Line(name="name", label="氏名", limit=60, shared=False),
    ), example=[{"type": "講師", "affiliation": "見本総合病院", "post": "地域連携室長", "name": "見本 三郎"}]),
))  # fmt: skip

RECORD = Section("内容", (
    Rows(name="programme", label="プログラム", required=True, part="agenda", columns=(
        Clock(name="time", label="時刻"),
        Line(name="subject", label="内容", required=True),
        Choice(name="form", label="形式", options=("講義", "演習", "事例", "見学", "その他")),
    ), example=[{"time": "18:40", "subject": "入院時に伝えてほしいこと", "form": "講義"}]),
    Text(name="record", label="内容の要旨", required=True, example="<p>入院から3日以内に届くと役に立つ項目が示された。</p>"),
    Text(name="group_work", label="グループワークの意見", example="<ul><li><p>連絡先の一覧がほしい</p></li></ul>"),
    Number(name="survey_handed_out", label="アンケート配布数", most=100_000, unit="枚", example=48),
    Number(name="survey_returned", label="アンケート回収数", most=100_000, unit="枚", example=40),
    Rows(name="satisfaction", label="満足度", part="", columns=(
        Choice(name="grade", label="評価", options=("5 とても満足", "4 満足", "3 ふつう", "2 やや不満", "1 不満")),
        Number(name="count", label="人数", most=100_000, unit="人"),
    ), example=[{"grade": "5 とても満足", "count": 22}, {"grade": "4 満足", "count": 18}]),
    Note(name="survey_comments", label="自由記述の要約", example="事例がわかりやすかったという声が多かった。"),
))  # fmt: skip

AFTER = Section("成果と課題", (
    Text(name="results", label="成果・学び", required=True, example="<p>職種ごとの連絡の時期を確かめられた。</p>"),
    Text(name="use", label="業務への活かし方", required=True, example="<p>連絡先の一覧を作る。</p>"),
    Rows(name="issues", label="課題・次回への改善", part="issues", row_name="件", columns=(
        Note(name="issue", label="内容", required=True),
        Line(name="owner", label="担当", limit=120),
        Day(name="due", label="期限"),
        Choice(name="state", label="状態", options=ISSUE_STATES),
    ), example=[{"issue": "診療所の参加が少ない", "owner": "相談支援室", "due": "2027-03-31", "state": "未着手"}]),
    Text(name="reflections", label="所感", shared=False, help="24区共有版には載りません。", example="<p>次回は事例検討の時間を増やす。</p>"),
    Note(name="passed_on_to", label="復命・伝達先", example="相談支援室内、区役所担当者"),
    Choice(name="photos", label="写真の使用", options=("可", "不可", "一部可")),
    Number(name="expenses", label="経費", most=1_000_000_000, unit="円", shared=False, part="",
           help="24区共有版には載りません。", example=12000),
    Number(name="fee", label="謝金", most=1_000_000_000, unit="円", shared=False, part="", help="24区共有版には載りません。"),
))  # fmt: skip

KIND = Kind(
    name="training_report",
    title="研修等報告書",
    form_number=8,
    workflow="report",
    word_form="form8",
    new_label="研修の報告を書く",
    sections=(BASICS, PEOPLE, RECORD, AFTER, replace(REPORTER)),
    layout=Layout(
        title=lambda values: str(values["training_name"]), facts=facts_of, rules=(ends_after_it_starts, counts_fit)
    ),
)
