"""Made-up minutes in the layouts of ward councils and 相談支援室: their files with gold labels, names all fictitious.

Written by the same hands as the reader, so what is found here is worth less than what is found in real files; some wordings
are therefore ones the reader's dictionary does not have (`beyond`), and some files are no minutes at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from tests.intake.minutes_drawing import Excel, Page, Word

DAY, ISO = "令和6年5月15日（水）午後2時から午後3時30分まで", "2024-05-15T14:00/15:30"
PLACE = "見本区役所 4階 401会議室"
PEOPLE = ["浅野 栞", "井原 大樹", "宇田 真帆", "江藤 亮", "小野寺 環"]
SHORT = ["浅野", "井原", "宇田", "江藤", "小野寺"]
TOPICS = ["転帰シートの運用について", "入退院支援の課題", "研修会の企画案"]
BODY = [
    "転帰シートの回収率を報告した。前年より一割ほど増えている。",
    "記入欄が多いとの意見があり、項目を減らす案を示した。",
    "夜間の連絡先を一覧にしてほしいとの要望が出た。",
]
DECIDED = ["様式の項目を三つ減らす。", "研修会は9月に行う。"]
OPEN = ["夜間連絡先の一覧を作る（担当：井原）", "薬局への説明"]
NAME = "見本区在宅医療・介護連携推進会議"


@dataclass(frozen=True)
class Sample:
    """A made-up file and what is true of it."""

    name: str
    content: bytes
    kind: str
    fields: dict[str, Any] = field(default_factory=dict)
    accept: dict[str, list[Any]] = field(default_factory=dict)
    iso: str | None = None
    beyond: bool = False

    def gold(self) -> dict[str, Any]:
        """Return the labels in the form the real ones have."""
        from portal.intake.minutes import FIELDS

        fields = {name: self.fields.get(name) for name in FIELDS}
        return {"fields": fields, "accept": self.accept, "iso": self.iso, "kind": self.kind}


_MAKERS: list[Callable[[], Sample]] = []


def layout(make: Callable[[], Sample]) -> Callable[[], Sample]:
    _MAKERS.append(make)
    return make


def samples() -> Iterator[Sample]:
    """Yield every made-up file."""
    for make in _MAKERS:
        yield make()


def minutes(
    file: Word | Excel | Page | str, name: str, *, iso: str | None = ISO, beyond: bool = False, **fields: Any
) -> Sample:
    accept = fields.pop("accept", {})
    content = file.encode("cp932") if isinstance(file, str) else file.bytes()
    if iso and "開催日時" not in fields:
        fields["開催日時"] = iso
    return Sample(name, content, "minutes", fields, accept, iso, beyond)


def other(file: Word | Excel | Page | str, name: str, kind: str = "not-minutes") -> Sample:
    return Sample(name, file.encode() if isinstance(file, str) else file.bytes(), kind)


# -- Word: councils ---------------------------------------------------------------------------------------------------------


@layout
def council_with_numbered_heads() -> Sample:
    w = Word().lines(
        "令和6年度 第1回 見本区区政会議 会議録",
        "",
        f"1　日時：{DAY}",
        f"2　場所：{PLACE}",
        "3　出席者",
        "（委員等）浅野議長、井原副議長、宇田委員、",
        "　　　　　江藤委員",
        "（区役所）小野寺区長、賀川保健福祉課長",
        "4　議題",
        "　開会",
        "　（1）転帰シートの運用について",
        "　（2）入退院支援の課題",
        "　閉会",
        "5　議事",
        "○浅野議長　それでは始めます。",
        "○小野寺区長　本日はお集まりいただきありがとうございます。資料に沿って説明します。",
    )
    return minutes(
        w,
        "council-01.docx",
        会議名="令和6年度 第1回 見本区区政会議",
        場所=PLACE,
        出席者=["浅野議長", "井原副議長", "宇田委員", "江藤委員", "小野寺区長", "賀川保健福祉課長"],
        議題=["開会", "転帰シートの運用について", "入退院支援の課題", "閉会"],
        内容="○浅野議長　それでは始めます。\n○小野寺区長　本日はお集まりいただきありがとうございます。資料に沿って説明します。",
        accept={"議題": [TOPICS[:2]]},
    )


@layout
def council_with_wide_blanks() -> Sample:
    w = Word().lines(
        "第3回　見本区地域自立支援協議会　議事要旨",
        f"日　　時　　{DAY}",
        f"場　　所　　{PLACE}",
        "出 席 者　　浅野会長、井原副会長、宇田委員、江藤委員",
        "欠 席 者　　なし",
        "議　　題　　転帰シートの運用について",
        "会議内容",
        *BODY,
    )
    return minutes(
        w,
        "council-02.docx",
        会議名="第3回 見本区地域自立支援協議会",
        場所=PLACE,
        出席者=["浅野会長", "井原副会長", "宇田委員", "江藤委員"],
        議題=[TOPICS[0]],
        内容="\n".join(BODY),
    )


@layout
def council_in_brackets() -> Sample:
    w = Word().lines(
        "見本区認知症施策推進会議　会議録",
        f"【日　時】{DAY}",
        f"【会　場】{PLACE}",
        f"【出席者】{'、'.join(PEOPLE)}",
        "【欠席者】賀川 望",
        "【議　題】",
        "1 転帰シートの運用について",
        "2 入退院支援の課題",
        "【内　容】",
        *BODY,
        "【決定事項】",
        *DECIDED,
        "【次回予定】令和6年8月21日（水）14時～　同会議室",
    )
    return minutes(
        w,
        "council-03.docx",
        会議名="見本区認知症施策推進会議",
        場所=PLACE,
        出席者=PEOPLE,
        欠席者=["賀川 望"],
        議題=TOPICS[:2],
        内容="\n".join(BODY),
        決定事項=DECIDED,
        次回="令和6年8月21日（水）14時～　同会議室",
    )


@layout
def council_with_value_below_heading() -> Sample:
    w = Word()
    w.lines(
        "見本区民生委員連絡会 議事録",
        "＜開催日時＞",
        f"　{DAY}",
        "＜開催場所＞",
        f"　{PLACE}",
        "＜委員＞",
        "　浅野 栞　　井原 大樹",
        "　宇田 真帆",
        "＜事務局＞",
        "　江藤 亮",
        "＜議事＞",
        *BODY,
        "＜結論＞",
        *DECIDED,
    )
    return minutes(
        w,
        "council-04.docx",
        会議名="見本区民生委員連絡会",
        場所=PLACE,
        内容="\n".join(BODY),
        決定事項=DECIDED,
        出席者=PEOPLE[:4],
        accept={"出席者": [None, PEOPLE[:3]]},
        beyond=True,
    )


@layout
def council_with_squares() -> Sample:
    w = Word().lines(
        "令和6年度第2回見本区防災会議 会議要旨",
        f"■日　時　{DAY}",
        f"■場　所　{PLACE}",
        "■出席者",
        *(f"　{n}" for n in PEOPLE),
        "■議題",
        *(f"　・{t}" for t in TOPICS),
        "■議事の概要",
        *BODY,
        "■今後の課題",
        *(f"　・{t}" for t in OPEN),
    )
    return minutes(
        w,
        "council-05.docx",
        会議名="令和6年度第2回見本区防災会議",
        場所=PLACE,
        出席者=PEOPLE,
        議題=TOPICS,
        内容="\n".join(BODY),
        課題=OPEN,
    )


@layout
def council_in_two_columns() -> Sample:
    w = Word().lines(
        "見本区社会福祉審議会会議録",
        f"1 日時　{DAY}",
        f"2 場所　{PLACE}",
        "3 出席委員（4人）",
        "浅野 栞\t井原 大樹",
        "宇田 真帆\t江藤 亮",
        "4 欠席委員（1人）",
        "小野寺 環",
        "5 傍聴者　2名",
        "6 会議に付した事件",
        "転帰シートの運用について",
        "7 議事の経過",
        *BODY,
    )
    return minutes(
        w,
        "council-06.docx",
        会議名="見本区社会福祉審議会",
        場所=PLACE,
        出席者=PEOPLE[:4],
        欠席者=PEOPLE[4:],
        議題=[TOPICS[0]],
        内容="\n".join(BODY),
    )


@layout
def council_with_marks_behind_names() -> Sample:
    w = Word().lines(
        "見本区多職種連携会議 議事録",
        f"日時：{DAY}",
        f"場所：{PLACE}及びオンライン",
        "出席者：浅野 栞（会場）、井原 大樹（オンライン）、宇田 真帆（欠席）、江藤 亮（会場）",
        "内容：",
        *BODY,
    )
    return minutes(
        w,
        "council-07.docx",
        会議名="見本区多職種連携会議",
        場所=PLACE + "及びオンライン",
        出席者=["浅野 栞", "井原 大樹", "江藤 亮"],
        欠席者=["宇田 真帆"],
        内容="\n".join(BODY),
    )


@layout
def council_with_old_words() -> Sample:
    w = Word().lines(
        "会議録",
        "会議の名称　　見本区地域福祉計画策定委員会",
        f"会議の日時　　{DAY}",
        f"会議の場所　　{PLACE}",
        "会議の主管　　保健福祉課",
        "会議の公開・非公開　　公開",
        "傍聴者　　0人",
        "会議資料　　資料1 次第、資料2 計画案",
        "会議録署名委員　　浅野、井原",
        "審議経過",
        *BODY,
        "議決事項",
        "計画案を可決した。",
    )
    return minutes(
        w,
        "council-08.docx",
        会議名="見本区地域福祉計画策定委員会",
        場所=PLACE,
        主催="保健福祉課",
        配布資料=["資料1 次第", "資料2 計画案"],
        内容="\n".join(BODY),
        決定事項=["計画案を可決した。"],
    )


@layout
def council_called_together() -> Sample:
    w = Word().lines(
        "見本区老人福祉施設組合議会 会議録",
        "招集日時　　令和6年5月15日　午後2時",
        f"招集場所　　{PLACE}",
        "開会　　午後2時",
        "閉会　　午後3時30分",
        "出席議員",
        "浅野 栞",
        "井原 大樹",
        "欠席議員　なし",
        "会議事件　　補正予算について",
    )
    return minutes(
        w,
        "council-09.docx",
        iso="2024-05-15T14:00",
        会議名="見本区老人福祉施設組合議会",
        場所=PLACE,
        出席者=PEOPLE[:2],
        議題=["補正予算について"],
        accept={"開催日時": ["令和6年5月15日 午後2時～午後3時30分"], "会議名": [None]},
        beyond=True,
    )


# -- Word: forms ------------------------------------------------------------------------------------------------------------


def _form_rows() -> list[list[str]]:
    return [
        ["会議名", "第12回 見本病院連絡会"],
        ["主催", "見本区医師会"],
        ["開催日時", DAY],
        ["開催場所", PLACE],
        ["出席者", "、".join(PEOPLE)],
        ["議題", "\n".join(TOPICS)],
        ["内容要旨", "\n".join(BODY)],
        ["決定事項", "\n".join(DECIDED)],
        ["課題・宿題", "\n".join(OPEN)],
        ["次回予定", "令和6年8月21日"],
        ["資料", "資料1、資料2"],
    ]


_FORM = {
    "会議名": "第12回 見本病院連絡会",
    "主催": "見本区医師会",
    "場所": PLACE,
    "出席者": PEOPLE,
    "議題": TOPICS,
    "内容": "\n".join(BODY),
    "決定事項": DECIDED,
    "課題": OPEN,
    "次回": "令和6年8月21日",
    "配布資料": ["資料1", "資料2"],
}


@layout
def form_in_two_columns() -> Sample:
    w = Word().lines("（様式7）", "会議等報告書", "見本区相談支援室")
    w.table([["報告者", "浅野 栞"], ["報告日", "令和6年5月20日"], *_form_rows()])
    return minutes(
        w, "form-01.docx", **_FORM, 作成者="浅野 栞", 作成日="2024-05-20", accept={"作成日": ["令和6年5月20日"]}
    )


@layout
def form_in_four_columns() -> Sample:
    w = Word().lines("会議等報告書")
    w.table(
        [
            ["会議名", "第12回 見本病院連絡会", "主催", "見本区医師会"],
            ["開催日時", DAY, "開催場所", PLACE],
            ["出席者", "、".join(PEOPLE), None, None],
            ["議題", "\n".join(TOPICS), None, None],
            ["内容", "\n".join(BODY), None, None],
        ],
        [(2, 1, 2, 3), (3, 1, 3, 3), (4, 1, 4, 3)],
    )
    return minutes(w, "form-02.docx", **{k: _FORM[k] for k in ("会議名", "主催", "場所", "出席者", "議題", "内容")})


@layout
def form_with_attendee_rows() -> Sample:
    w = Word().lines("会議等報告書")
    w.table(
        [
            ["日時", DAY, None, None],
            ["場所", PLACE, None, None],
            ["出席者", "所属", "職種", "氏名"],
            [None, "見本区医師会", "医師", "浅野 栞"],
            [None, "見本病院", "看護師", "井原 大樹"],
            [None, "見本区役所", "保健師", "宇田 真帆"],
            ["議事内容", "\n".join(BODY), None, None],
        ],
        [(0, 1, 0, 3), (1, 1, 1, 3), (2, 0, 5, 0), (6, 1, 6, 3)],
    )
    return minutes(w, "form-03.docx", 場所=PLACE, 出席者=PEOPLE[:3], 内容="\n".join(BODY))


@layout
def form_under_stamps() -> Sample:
    w = Word()
    w.table([["供覧", "所長", "課長", "係長", "担当"], [None, None, None, None, None]])
    w.p()
    w.p("病院連絡会議事録")
    w.table(
        [
            ["日時", DAY],
            ["場所", PLACE],
            ["出席者", "、".join(SHORT)],
            ["議題", "\n".join(TOPICS)],
            ["議事概要", "\n".join(BODY)],
            ["記録者", "浅野"],
        ]
    )
    return minutes(
        w,
        "form-04.docx",
        会議名="病院連絡会",
        場所=PLACE,
        出席者=SHORT,
        議題=TOPICS,
        内容="\n".join(BODY),
        作成者="浅野",
    )


@layout
def form_with_a_table_in_a_cell() -> Sample:
    w = Word().lines("研修会打合せ記録")
    table = w.table([["日時", DAY], ["場所", PLACE], ["参加者", None], ["打合せ内容", "\n".join(BODY)]])
    w.nested(table.cell(2, 1), [["所属", "氏名"], ["見本病院", "浅野 栞"], ["見本薬局", "井原 大樹"]])
    return minutes(
        w,
        "form-05.docx",
        会議名=None,
        場所=PLACE,
        出席者=PEOPLE[:2],
        内容="\n".join(BODY),
        accept={"会議名": ["研修会打合せ", "研修会打合せ記録"]},
    )


@layout
def form_with_content_controls() -> Sample:
    w = Word().lines("訪問看護ステーション連絡会　議事録")
    for label, value in [
        ("日時：", DAY),
        ("場所：", PLACE),
        ("出席者：", "、".join(PEOPLE)),
        ("議題：", TOPICS[0]),
        ("決定事項：", DECIDED[0]),
    ]:
        w.control(label, value)
    return minutes(
        w,
        "form-06.docx",
        会議名="訪問看護ステーション連絡会",
        場所=PLACE,
        出席者=PEOPLE,
        議題=[TOPICS[0]],
        決定事項=[DECIDED[0]],
    )


@layout
def form_with_tracked_changes() -> Sample:
    w = Word().lines("通所介護事業者連絡会　議事録")
    w.changed("日時：令和6年5月", "14日", "15日（水）午後2時から午後3時30分まで")
    w.changed("場所：", "本庁舎", PLACE)
    w.lines("参加者：" + "、".join(PEOPLE))
    return minutes(w, "form-07.docx", 会議名="通所介護事業者連絡会", 場所=PLACE, 出席者=PEOPLE)


@layout
def form_with_a_title_in_a_box() -> Sample:
    w = Word()
    w.box("歯科医師会との意見交換会　議事録")
    w.lines(f"日時\t{DAY}", f"会場\t{PLACE}", f"出席者\t{'、'.join(PEOPLE)}", "概要", *BODY)
    return minutes(
        w, "form-08.docx", 会議名="歯科医師会との意見交換会", 場所=PLACE, 出席者=PEOPLE, 内容="\n".join(BODY)
    )


@layout
def form_with_word_headings() -> Sample:
    w = Word()
    w.p("退院前カンファレンス検討会 議事録", style="Title")
    for heading, lines in [
        ("日時", [DAY]),
        ("場所", [PLACE]),
        ("出席者", PEOPLE),
        ("議題", TOPICS),
        ("内容", BODY),
        ("決定事項", DECIDED),
        ("次回開催予定", ["令和6年8月21日"]),
    ]:
        w.p(heading, style="Heading 1")
        for line in lines:
            w.p(line)
    return minutes(
        w,
        "form-09.docx",
        会議名="退院前カンファレンス検討会",
        場所=PLACE,
        出席者=PEOPLE,
        議題=TOPICS,
        内容="\n".join(BODY),
        決定事項=DECIDED,
        次回="令和6年8月21日",
    )


@layout
def form_with_word_lists() -> Sample:
    w = Word().lines(
        "多職種研修ワーキング 議事メモ",
        f"１．日時　{DAY}",
        f"２．場所　{PLACE}",
        "３．参加者　" + "、".join(SHORT),
        "４．議題",
    )
    for topic in TOPICS:
        w.p(topic, style="List Number")
    w.lines("５．まとめ")
    for line in DECIDED:
        w.p(line, style="List Bullet")
    return minutes(
        w, "form-10.docx", 会議名="多職種研修ワーキング", 場所=PLACE, 出席者=SHORT, 議題=TOPICS, 決定事項=DECIDED
    )


@layout
def form_with_attendance_marks() -> Sample:
    w = Word().lines("ケアマネジャー連絡会 議事録", f"日時：{DAY}", f"場所：{PLACE}", "出席状況")
    w.table(
        [["事業所名", "氏名", "出欠"], *[["見本居宅", name, mark] for name, mark in zip(PEOPLE, "○○×○○", strict=True)]]
    )
    w.lines("", "議題：研修会の企画案")
    return minutes(
        w,
        "form-11.docx",
        会議名="ケアマネジャー連絡会",
        場所=PLACE,
        出席者=[PEOPLE[0], PEOPLE[1], PEOPLE[3], PEOPLE[4]],
        欠席者=[PEOPLE[2]],
        議題=[TOPICS[2]],
    )


@layout
def report_of_a_training() -> Sample:
    w = Word().lines("研修等報告書", "")
    w.table(
        [
            ["研修名", "人生会議を考える研修会"],
            ["主催・共催", "見本区医師会"],
            ["日時", DAY],
            ["会場・方法", PLACE],
            ["講師", "賀川 望（見本大学）"],
            ["受講者", "浅野 栞、井原 大樹"],
            ["研修内容", "\n".join(BODY)],
            ["課題・次回への改善", "時間が短い"],
            ["報告者", "浅野 栞"],
        ]
    )
    return minutes(
        w,
        "training-01.docx",
        会議名="人生会議を考える研修会",
        主催="見本区医師会",
        場所=PLACE,
        出席者=PEOPLE[:2],
        内容="\n".join(BODY),
        作成者="浅野 栞",
        課題=["時間が短い"],
        beyond=True,
    )


@layout
def report_of_a_journey() -> Sample:
    w = Word().lines(
        "復 命 書",
        "令和6年5月20日",
        "見本区長　様",
        "所属　保健福祉課　　氏名　浅野 栞",
        "次のとおり出張したので復命します。",
        "1　期日　令和6年5月15日（水）",
        "2　研修先　見本市立病院",
        "3　研修内容",
        *BODY,
        "4　所感",
        "参考になった。",
    )
    return minutes(
        w,
        "training-02.docx",
        iso="2024-05-15",
        場所="見本市立病院",
        内容="\n".join(BODY),
        accept={"作成日": ["令和6年5月20日"], "作成者": ["浅野 栞"]},
    )


@layout
def next_meeting_as_a_trap() -> Sample:
    w = Word().lines(
        "居宅介護支援事業者連絡会 議事録",
        f"日時：{DAY}",
        f"場所：{PLACE}",
        "出席者：" + "、".join(SHORT),
        "",
        "内容：",
        *BODY,
        "",
        "次回",
        "日時：令和6年7月17日（水）14時から",
        "場所：見本区民センター",
        "議題：敬老行事",
    )
    return minutes(
        w,
        "trap-01.docx",
        会議名="居宅介護支援事業者連絡会",
        場所=PLACE,
        出席者=SHORT,
        内容="\n".join(BODY),
        次回="日時：令和6年7月17日（水）14時から\n場所：見本区民センター\n議題：敬老行事",
        accept={"次回": ["日時：令和6年7月17日（水）14時から\n場所：見本区民センター"]},
    )


@layout
def last_meeting_as_a_trap() -> Sample:
    w = Word().lines(
        "口腔ケア部会 議事録",
        f"日時：{DAY}",
        "参加者：" + "、".join(SHORT),
        "１．前回の決定事項",
        "・名簿を直す。",
        "・会費を集める。",
        "２．議題",
        *(f"・{t}" for t in TOPICS),
        "３．決定事項",
        *(f"・{t}" for t in DECIDED),
    )
    return minutes(w, "trap-02.docx", 会議名="口腔ケア部会", 出席者=SHORT, 議題=TOPICS, 決定事項=DECIDED)


@layout
def names_elsewhere_as_a_trap() -> Sample:
    w = Word().lines(
        "見本区病院会議 議事録", f"日時：{DAY}", f"場所：{PLACE}", "出席者：別紙名簿のとおり", "議事：", *BODY
    )
    return minutes(w, "trap-03.docx", 会議名="見本区病院会議", 場所=PLACE, 内容="\n".join(BODY))


@layout
def day_in_the_title() -> Sample:
    w = Word().lines("R6.5.15 服薬情報検討会 議事メモ", "", *BODY, "・夜間の連絡先を作る")
    return minutes(w, "title-01.docx", iso="2024-05-15", 会議名="服薬情報検討会", accept={"内容": [None]})


@layout
def day_without_year_under_a_year() -> Sample:
    w = Word().lines(
        "令和5年度 第5回 看取り部会 議事録",
        "日時：2月14日（水）18時30分～20時",
        f"場所：{PLACE}",
        "出席者",
        *(f"・{n}（見本病院）" for n in PEOPLE),
    )
    return minutes(
        w, "title-02.docx", iso="2024-02-14T18:30/20:00", 会議名="令和5年度 第5回 看取り部会", 場所=PLACE, 出席者=PEOPLE
    )


@layout
def several_labels_in_a_line() -> Sample:
    w = Word().lines(
        "災害時連携会議 議事録",
        "日時：2024/5/15　14:00～15:30　　　場所：オンライン（Zoom）",
        "司会：浅野　　　記録：井原",
        "参加者：" + "、".join(SHORT),
        "■決定事項",
        *(f"・{t}" for t in DECIDED),
        "■ToDo",
        *(f"・{t}" for t in OPEN),
    )
    return minutes(
        w,
        "line-01.docx",
        会議名="災害時連携会議",
        場所="オンライン（Zoom）",
        出席者=SHORT,
        決定事項=DECIDED,
        課題=OPEN,
        作成者="井原",
        accept={"作成者": [None]},
    )


@layout
def words_of_their_own() -> Sample:
    w = Word().lines(
        "長屋サロン運営の寄り合い 議事録",
        f"いつ：{DAY}",
        f"どこで：{PLACE}",
        "顔ぶれ：" + "、".join(SHORT),
        "話したこと：",
        *BODY,
        "決めごと：",
        *DECIDED,
        "宿題：",
        *OPEN,
    )
    return minutes(
        w,
        "own-01.docx",
        会議名="長屋サロン運営の寄り合い",
        場所=PLACE,
        出席者=SHORT,
        内容="\n".join(BODY),
        決定事項=DECIDED,
        課題=OPEN,
        beyond=True,
    )


@layout
def words_of_their_own_in_a_table() -> Sample:
    w = Word().lines("ケース会議の控え")
    w.table(
        [
            ["実施年月日時", DAY],
            ["集まった場", PLACE],
            ["同席の方々", "、".join(SHORT)],
            ["検討の要点", "\n".join(BODY)],
            ["申し送り", "\n".join(OPEN)],
        ]
    )
    return minutes(w, "own-02.docx", 場所=PLACE, 出席者=SHORT, 内容="\n".join(BODY), 課題=OPEN, beyond=True)


# -- Excel ------------------------------------------------------------------------------------------------------------------


@layout
def sheet_as_a_form() -> Sample:
    x = (
        Excel("議事録")
        .put("A1:F1", "病院連絡会 議事録")
        .put("A3", "日時")
        .put("B3:F3", DAY)
        .put("A4", "場所")
        .put("B4:F4", PLACE)
        .put("A5", "出席者")
        .put("B5:F5", "、".join(PEOPLE))
    )
    x.put("A6", "議題").put("B6:F6", "\n".join(TOPICS)).put("A7:A9", "内容").put("B7:F9", "\n".join(BODY)).put(
        "A10", "決定事項"
    ).put("B10:F10", "\n".join(DECIDED))
    return minutes(
        x,
        "sheet-01.xlsx",
        会議名="病院連絡会",
        場所=PLACE,
        出席者=PEOPLE,
        議題=TOPICS,
        内容="\n".join(BODY),
        決定事項=DECIDED,
    )


@layout
def sheet_with_values_below_right() -> Sample:
    x = (
        Excel()
        .put("A1", "議事録")
        .rows(
            3,
            [
                ["日時"],
                [None, DAY],
                ["場所"],
                [None, PLACE],
                ["参加者"],
                *[[None, n] for n in PEOPLE],
                ["議題"],
                *[[None, t] for t in TOPICS],
                ["まとめ"],
                *[[None, t] for t in DECIDED],
            ],
        )
    )
    return minutes(x, "sheet-02.xlsx", 場所=PLACE, 出席者=PEOPLE, 議題=TOPICS, 決定事項=DECIDED)


@layout
def sheet_with_columns() -> Sample:
    x = Excel("議事録").rows(
        1,
        [
            ["連絡会 議事録"],
            ["開催日", datetime(2024, 5, 15)],
            ["参加者", "、".join(SHORT)],
            [],
            ["No.", "議題", "内容", "決定事項", "担当", "期限"],
            [1, TOPICS[0], BODY[0], DECIDED[0], "井原", "6/30"],
            [2, TOPICS[1], BODY[1], None, "浅野", None],
            [3, TOPICS[2], BODY[2], DECIDED[1], None, None],
        ],
    )
    return minutes(
        x,
        "sheet-03.xlsx",
        iso="2024-05-15",
        出席者=SHORT,
        議題=TOPICS,
        内容="\n".join(BODY),
        決定事項=DECIDED,
        accept={"会議名": ["連絡会"]},
    )


@layout
def sheet_with_clock_cells() -> Sample:
    x = (
        Excel("様式7")
        .put("A1", "会議等報告書")
        .put("A3", "会議名")
        .put("B3", "訪看連絡会")
        .put("A4", "開催日")
        .put("B4", date(2024, 5, 15), "[$-411]ggge年m月d日")
        .put("A5", "開始時刻")
        .put("B5", time(14, 0), "h:mm")
    )
    x.put("C5", "終了時刻").put("D5", time(15, 30), "h:mm").put("A6", "会場").put("B6", PLACE).put("A7", "出席者").put(
        "B7", SHORT[0]
    ).put("C7", SHORT[1]).put("D7", SHORT[2])
    return minutes(x, "sheet-04.xlsx", 会議名="訪看連絡会", 場所=PLACE, 出席者=SHORT[:3])


@layout
def sheet_with_attendance() -> Sample:
    x = Excel("5月15日").rows(
        1,
        [
            ["コーディネーター連絡会 議事録"],
            ["日時", DAY],
            [],
            ["区", "氏名", "出欠"],
            *[["見本区", n, m] for n, m in zip(PEOPLE, ["出席", "欠席", "出席", "代理", "出席"], strict=True)],
            [],
            ["議題"],
            *[[t] for t in TOPICS],
        ],
    )
    return minutes(
        x,
        "sheet-05.xlsx",
        会議名="コーディネーター連絡会",
        出席者=[PEOPLE[0], *PEOPLE[2:]],
        欠席者=[PEOPLE[1]],
        議題=TOPICS,
    )


@layout
def sheet_of_squares() -> Sample:
    x = (
        Excel("報告")
        .put("B2:T2", "地域ケア会議 報告書")
        .put("B4:E4", "日　時")
        .put("F4:T4", DAY)
        .put("B5:E5", "場　所")
        .put("F5:T5", PLACE)
        .put("B6:E6", "出席者")
        .put("F6:T6", "、".join(PEOPLE))
        .put("B7:E12", "議　事")
        .put("F7:T12", "\n".join(BODY))
    )
    x.put("B13:E13", "次　回").put("F13:T13", "8月21日（水）")
    return minutes(
        x, "sheet-06.xlsx", 会議名="地域ケア会議", 場所=PLACE, 出席者=PEOPLE, 内容="\n".join(BODY), 次回="8月21日（水）"
    )


# -- PDF and text -----------------------------------------------------------------------------------------------------------


@layout
def printed_lines() -> Sample:
    p = Page().lines(
        "見本区在宅医療・介護連携推進会議　議事録",
        "",
        f"日時：{DAY}",
        f"場所：{PLACE}",
        "出席者：浅野 栞、井原 大樹、宇田 真帆、",
        "　　　　江藤 亮、小野寺 環",
        "",
        "議事要旨",
        *BODY,
    )
    return minutes(p, "print-01.pdf", 会議名=NAME, 場所=PLACE, 出席者=PEOPLE, 内容="\n".join(BODY))


@layout
def printed_form() -> Sample:
    p = Page().lines("会議等報告書")
    for label, values in [
        ("会議名", ["病院連絡会"]),
        ("開催日時", [DAY]),
        ("場　所", [PLACE]),
        ("出席者", ["、".join(PEOPLE[:3]) + "、", "、".join(PEOPLE[3:])]),
        ("議　題", TOPICS),
        ("内　容", BODY),
    ]:
        p.row((25, label), (60, values[0]), step=6)
        for value in values[1:]:
            p.row((60, value), step=6)
    return minutes(p, "print-02.pdf", 会議名="病院連絡会", 場所=PLACE, 出席者=PEOPLE, 議題=TOPICS, 内容="\n".join(BODY))


@layout
def printed_form_in_four_columns() -> Sample:
    p = (
        Page()
        .lines("相談支援室 連絡会議事録")
        .row((25, "開催日"), (50, "令和6年5月15日"), (115, "時間"), (140, "14:00～15:30"))
        .row((25, "場所"), (50, "401会議室"), (115, "記録者"), (140, "浅野"))
    )
    p.row((25, "参加者"), (50, "、".join(SHORT))).lines("", "【決定事項】", *DECIDED)
    return minutes(
        p, "print-03.pdf", 会議名="相談支援室 連絡会", 場所="401会議室", 出席者=SHORT, 作成者="浅野", 決定事項=DECIDED
    )


@layout
def printed_council_of_three_pages() -> Sample:
    p = Page().lines(
        "見本区区政会議",
        "令和6年度 第2回 見本区区政会議 会議録",
        f"１　日時　　{DAY}",
        f"２　場所　　{PLACE}",
        "３　出席者",
        "　　浅野議長、井原委員、宇田委員",
        "４　議題",
        "　　（１）転帰シートの運用について",
        "５　会議の概要",
    )
    for page in range(3):
        p.lines(*(f"○浅野議長　{page + 1}枚目の発言です。" for _ in range(3)))
        p.at(100, 285, f"- {page + 1} -")
        if page < 2:
            p.turn().lines("見本区区政会議")
    body = "\n".join(f"○浅野議長　{page + 1}枚目の発言です。" for page in range(3) for _ in range(3))
    return minutes(
        p,
        "print-04.pdf",
        会議名="令和6年度 第2回 見本区区政会議",
        場所=PLACE,
        出席者=["浅野議長", "井原委員", "宇田委員"],
        議題=[TOPICS[0]],
        内容=body,
    )


@layout
def typed_text() -> Sample:
    t = "\r\n".join(
        [
            "□■ 連絡会 議事録 ■□",
            "日　時：2024.5.15（水）14:00-15:30",
            "場　所：" + PLACE,
            "出席者：浅野、井原、宇田（記）",
            "",
            "１．議題",
            "・転帰シートの運用について",
            "・入退院支援の課題",
            "",
            "２．決定事項",
            "・項目を減らす",
        ]
    )
    return minutes(
        t,
        "typed-01.txt",
        場所=PLACE,
        出席者=SHORT[:3],
        議題=TOPICS[:2],
        決定事項=["項目を減らす"],
        作成者="宇田",
        accept={"会議名": ["連絡会"], "作成者": [None]},
    )


@layout
def typed_mail() -> Sample:
    t = "\n".join(
        [
            "各位",
            "お世話になっております。先日の打合せの議事録をお送りします。",
            "",
            "【件名】研修会の打合せ",
            "【日時】5/15(水) 14:00～15:30",
            "【場所】見本区民センター",
            "【出席】浅野、井原",
            "【欠席】宇田",
            "【決定事項】",
            "・9月に行う",
            "【次回】6/12 15時",
        ]
    )
    return minutes(
        t,
        "typed-02.txt",
        iso="--05-15T14:00/15:30",
        会議名="研修会の打合せ",
        場所="見本区民センター",
        出席者=SHORT[:2],
        欠席者=[SHORT[2]],
        決定事項=["9月に行う"],
        次回="6/12 15時",
        accept={"会議名": [None]},
    )


# -- as others write ----------------------------------------------------------------------------------------------------


@layout
def form_with_heads_over_the_whole_width() -> Sample:
    w = Word()
    w.table(
        [
            ["議事録", None, None],
            ["件名", "新様式定例会", None],
            ["日時", DAY, "場所：401会議室"],
            ["出席者", "院外", "浅野様、井原様"],
            [None, "院内", "宇田、江藤（記）"],
            ["議事内容", None, None],
            ["1. 進捗報告\n予定どおり。", None, None],
            ["決定事項", None, None],
            ["・仕様を固める\n・6月に試す", None, None],
            ["次回：令和6年6月12日", None, None],
        ],
        [
            (0, 0, 0, 2),
            (1, 1, 1, 2),
            (3, 0, 4, 0),
            (5, 0, 5, 2),
            (6, 0, 6, 2),
            (7, 0, 7, 2),
            (8, 0, 8, 2),
            (9, 0, 9, 2),
        ],
    )
    return minutes(
        w,
        "other-01.docx",
        会議名="新様式定例会",
        場所="401会議室",
        出席者=SHORT[:4],
        内容="1. 進捗報告\n予定どおり。",
        決定事項=["仕様を固める", "6月に試す"],
        次回="令和6年6月12日",
        作成者="江藤",
        accept={"作成者": [None]},
    )


@layout
def place_behind_the_day_and_absent_behind_present() -> Sample:
    w = Word().lines(
        "看護部会議事録",
        "日　　時：令和6年5月15日（水）14:00～15:30　於：401会議室",
        "出席：浅野、井原　欠席：宇田",
        "書記：江藤",
        "議題：転帰シートの運用について",
    )
    return minutes(
        w,
        "other-02.docx",
        会議名="看護部会",
        場所="401会議室",
        出席者=SHORT[:2],
        欠席者=[SHORT[2]],
        作成者="江藤",
        議題=[TOPICS[0]],
    )


@layout
def sheet_with_heads_over_one_row() -> Sample:
    x = Excel("議事録").rows(
        1,
        [
            ["第3回 見本連絡会 議事録"],
            ["日時", "場所", "記録者"],
            ["2024/5/15 14:00", "401会議室", "浅野"],
            ["出席者", *SHORT[:4]],
            ["議題"],
            ["転帰シート"],
            ["研修会"],
            ["決定事項"],
            ["9月に行う"],
        ],
    )
    return minutes(
        x,
        "other-03.xlsx",
        iso="2024-05-15T14:00",
        会議名="第3回 見本連絡会",
        場所="401会議室",
        作成者="浅野",
        出席者=SHORT[:4],
        議題=["転帰シート", "研修会"],
        決定事項=["9月に行う"],
    )


@layout
def text_with_checked_boxes() -> Sample:
    t = "チーム定例会議事録\n日付：2024/5/15\n時間：14:00～15:30\n場所：Zoom\n参加者\n☑浅野\n☑井原\n□宇田\n\n■アジェンダ\n1. 進捗\n2. 課題\n\n■議論\n- 進捗\n  - 順調\n\n■ネクストアクション\n- 浅野: 資料作成（5/20）\n"
    return Sample(
        "other-04.txt",
        t.encode(),
        "minutes",
        {
            "会議名": "チーム定例会",
            "開催日時": ISO,
            "場所": "Zoom",
            "出席者": SHORT[:2],
            "欠席者": [SHORT[2]],
            "議題": ["進捗", "課題"],
            "内容": "- 進捗\n  - 順調",
            "課題": ["浅野: 資料作成（5/20）"],
        },
        iso=ISO,
    )


@layout
def form_that_calls_the_topics_proceedings() -> Sample:
    w = Word().lines("第5回　退院支援ワーキンググループ　会議要録")
    w.table(
        [
            ["開 催 日", "令和6年5月15日（水）"],
            ["開催時間", "14時00分から15時30分"],
            ["開催場所", "見本区医師会館 3階"],
            ["出 席 者\n（順不同・敬称略）", "見本病院　浅野 栞\n見本診療所　井原 大樹"],
            ["議　　事", "（1）シートの改訂\n（2）その他"],
            ["協議内容", "（1）シートの改訂について\n・項目を減らす。"],
            ["次回開催", "令和6年7月17日（水）18時30分～"],
            ["備　　考", None],
        ]
    )
    return minutes(
        w,
        "other-05.docx",
        会議名="第5回　退院支援ワーキンググループ",
        場所="見本区医師会館 3階",
        出席者=PEOPLE[:2],
        議題=["シートの改訂", "その他"],
        内容="（1）シートの改訂について\n・項目を減らす。",
        次回="令和6年7月17日（水）18時30分～",
    )


@layout
def report_with_values_over_two_lines() -> Sample:
    w = Word().lines(
        "会議報告書",
        "報告日：令和6年5月16日",
        "報告者：浅野 栞",
        "",
        "下記のとおり会議に出席したので報告します。",
        "記",
        "１　会議名　　見本区地域ケア会議",
        "２　日　時　　令和6年5月15日（水）",
        "　　　　　　　午後2時から午後3時30分",
        "３　場　所　　見本区役所",
        "　　　　　　　4階 401会議室",
        "４　出席者　　地域包括支援センター　井原",
        "　　　　　　　見本病院　宇田",
        "　　　　　　　相談支援室　浅野",
        "５　概　要",
        "　・空床の共有方法について",
        "　・看取りの事例",
        "６　所　感",
        "　有意義だった。",
        "以上",
    )
    return minutes(
        w,
        "other-06.docx",
        会議名="見本区地域ケア会議",
        場所=PLACE,
        出席者=["井原", "宇田", "浅野"],
        内容="・空床の共有方法について\n・看取りの事例",
        作成者="浅野 栞",
        作成日="令和6年5月16日",
    )


@layout
def title_that_says_nearly_all() -> Sample:
    w = Word().lines(
        "【議事録】2024年度 第1回 訪問看護連絡会（5/15 14:00～ オンライン）",
        "参加者）浅野、井原、宇田",
        "",
        "◆ 決まったこと",
        "・9月に行う",
        "◆ 宿題",
        "・浅野：名簿",
        "◆ 次回",
        "7/17（水）14:00～",
    )
    return minutes(
        w,
        "other-07.docx",
        iso="2024-05-15T14:00",
        会議名="2024年度 第1回 訪問看護連絡会",
        出席者=SHORT[:3],
        決定事項=["9月に行う"],
        課題=["浅野：名簿"],
        次回="7/17（水）14:00～",
        accept={"場所": ["オンライン"]},
    )


@layout
def sheet_whose_values_go_on_below() -> Sample:
    x = (
        Excel("20240515")
        .put("A1", "会議議事録")
        .put("A2", "会議名:")
        .put("B2", "連絡会")
        .put("A3", "開催日時:")
        .put("B3", "2024年5月15日 14:00～15:30")
        .put("A4", "開催場所:")
        .put("B4", "401会議室")
        .put("A5", "出席者:")
    )
    x.rows(5, [["見本病院", "浅野"], ["見本薬局", "井原"], ["見本区", "宇田"]], left=2).put("A8", "議題:").put(
        "B8", "1. シート"
    ).put("B9", "2. 研修会")
    x.rows(11, [["No", "内容", "担当", "期限"], [1, "項目を減らす", "浅野", "6/30"], [2, "会場を取る", "井原", "7/10"]])
    return minutes(
        x,
        "other-08.xlsx",
        会議名="連絡会",
        場所="401会議室",
        出席者=SHORT[:3],
        議題=["シート", "研修会"],
        内容="項目を減らす\n会場を取る",
    )


@layout
def printed_form_with_a_table_of_names() -> Sample:
    p = (
        Page()
        .lines("訪問看護ステーション連絡会　議事録")
        .row((25, "開催日時"), (60, "2024年5月15日（水）14:00～15:30"))
        .row((25, "開催場所"), (60, "見本区民センター 第2会議室"))
    )
    p.row((25, "参加者"), (60, "所属"), (110, "氏名")).row((60, "見本ステーション"), (110, "浅野 栞")).row(
        (60, "ほんみステーション"), (110, "井原 大樹")
    ).row((25, "議題"), (60, "1. 事例検討")).row((60, "2. 情報交換"))
    p.row((25, "次回開催日"), (60, "2024年7月17日（水）"))
    return minutes(
        p,
        "other-09.pdf",
        会議名="訪問看護ステーション連絡会",
        場所="見本区民センター 第2会議室",
        出席者=PEOPLE[:2],
        議題=["事例検討", "情報交換"],
        次回="2024年7月17日（水）",
    )


@layout
def text_under_a_drawn_title() -> Sample:
    t = "======================\n 連絡会議事録\n======================\n■日時\n 2024/05/15(水) 14:00～15:30\n■場所\n 401会議室\n■出席者（敬称略）\n 見本病院：浅野、井原\n 見本薬局：宇田\n■議題\n １．シート\n ２．研修会\n■議事\n １．シート\n  ・減らす\n■決定事項\n  特になし\n■次回\n 日時：2024/7/17\n 場所：同上\n以上\n"
    return minutes(
        t,
        "other-10.txt",
        会議名="連絡会",
        場所="401会議室",
        出席者=SHORT[:3],
        議題=["シート", "研修会"],
        内容="１．シート\n・減らす",
        次回="日時：2024/7/17\n場所：同上",
        accept={"会議名": [None]},
    )


@layout
def minutes_that_begin_with_speeches() -> Sample:
    w = Word().lines(
        "令和6年度 第2回 見本区区政会議 会議録",
        "1 日時",
        DAY,
        "2 場所",
        PLACE,
        "3 出席者",
        "会長・浅野 栞、委員・井原 大樹",
        "",
        "事務局：健康課長（宇田 真帆）",
        "4 欠席者",
        "なし",
        "5 議題",
        "開会",
        "(1)「あいさつ運動」について",
        "(2)その他",
        "閉会",
        "",
        "○浅野会長",
        "定刻になりましたので始めます。",
        "○宇田課長",
        "資料を説明します。",
    )
    return minutes(
        w,
        "other-11.docx",
        会議名="令和6年度 第2回 見本区区政会議",
        場所=PLACE,
        出席者=PEOPLE[:3],
        議題=["開会", "「あいさつ運動」について", "その他", "閉会"],
        内容="○浅野会長\n定刻になりましたので始めます。\n○宇田課長\n資料を説明します。",
    )


# -- what is no minutes -----------------------------------------------------------------------------------------------------


@layout
def agenda() -> Sample:
    return other(
        Word().lines(
            "第12回 病院連絡会 次第",
            f"日時：{DAY}",
            f"場所：{PLACE}",
            "1 開会",
            "2 議題",
            "（1）転帰シートの運用について",
            "3 閉会",
        ),
        "not-01.docx",
        "agenda",
    )


@layout
def invitation() -> Sample:
    w = Word().lines(
        "令和6年4月20日",
        "関係各位",
        "見本区医師会長　浅野 栞",
        "病院連絡会の開催について（ご案内）",
        "標記の会議を次のとおり開催しますので、ご出席ください。",
        "記",
        f"1 日時　{DAY}",
        f"2 場所　{PLACE}",
        "3 議題　転帰シートの運用について",
        "4 申込　5月8日までに事務局へ",
        "以上",
    )
    return other(w, "not-02.docx")


@layout
def blank_form() -> Sample:
    w = Word().lines("会議等報告書")
    w.table(
        [
            ["会議名", None],
            ["日時", "令和　　年　　月　　日（　）　　時　～　　時"],
            ["場所", None],
            ["出席者", None],
            ["議題", None],
            ["内容", None],
        ]
    )
    return other(w, "not-03.docx", "template")


@layout
def manual() -> Sample:
    return other(
        Word().lines(
            "転帰シート記入の手引き",
            "1 目的",
            "退院後の様子を共有する。",
            "2 対象者",
            "見本区内の病院",
            "3 内容",
            *BODY,
            "4 資料",
            "記入例",
        ),
        "not-04.docx",
    )


@layout
def list_of_members() -> Sample:
    w = Word().lines("見本区在宅医療・介護連携推進会議 委員名簿")
    w.table([["所属", "役職", "氏名"], *[["見本病院", "委員", n] for n in PEOPLE]])
    return other(w, "not-05.docx")


@layout
def running_log() -> Sample:
    w = Word()
    w.p("打合せ議事録")
    for day in ("4月10日", "4月24日", "5月8日", "5月22日"):
        w.lines(day, "・回収率の確認", "・様式の見直し")
    return other(w, "not-06.docx", "log")


@layout
def book_of_several_meetings() -> Sample:
    x = Excel("4月").rows(1, [["連絡会 議事録"], ["日時", "令和6年4月17日 14時"], ["出席者", "、".join(SHORT)]])
    x.page("5月").rows(1, [["連絡会 議事録"], ["日時", "令和6年5月15日 14時"], ["出席者", "、".join(SHORT)]])
    return other(x, "not-07.xlsx", "log")


@layout
def list_of_costs() -> Sample:
    return other(
        Excel("支出").rows(
            1,
            [
                ["令和6年度 支出内訳"],
                ["日付", "内容", "場所", "金額"],
                ["5/15", "会場費", "区民センター", 12000],
                ["5/20", "資料代", "見本印刷", 3400],
            ],
        ),
        "not-08.xlsx",
    )


@layout
def daily_report() -> Sample:
    return other(
        Excel("日報").rows(
            1,
            [
                ["実績報告書（日報）"],
                ["日付", "令和6年5月15日"],
                ["担当者", "浅野"],
                ["相談件数", 4],
                ["内容", "電話で相談を受けた。"],
            ],
        ),
        "not-09.xlsx",
    )


@layout
def survey_results() -> Sample:
    return other(
        Page().lines(
            "研修会アンケート結果",
            "実施日：令和6年5月15日",
            "会場：見本区民センター",
            "参加者：42名",
            "1 満足度",
            "大変よい 20、よい 18",
            "2 自由意見",
            *BODY,
        ),
        "not-10.pdf",
    )


@layout
def regulations() -> Sample:
    return other(
        "\n".join(
            [
                "見本区連絡会設置要綱",
                "（目的）",
                "第1条　この要綱は、連絡会について定める。",
                "（構成員）",
                "第2条　連絡会は、別表の者をもって構成する。",
                "（会議）",
                "第3条　会議は座長が招集する。",
            ]
        ),
        "not-11.txt",
    )


@layout
def advice_on_minutes() -> Sample:
    return other(
        "\n".join(
            [
                "会議の議事録の作り方",
                "次のことを書きます。",
                "1 会議の概要",
                "(1)日時",
                "(2)場所",
                "(3)参加者",
                "2 決定事項",
                "・いつまでに誰がするか",
            ]
        ),
        "not-12.txt",
    )


@layout
def announcement_of_a_council() -> Sample:
    return other(
        "\n".join(
            [
                "報道発表資料 見本区区政会議を開催します",
                "1 日時",
                DAY,
                "2 場所",
                PLACE,
                "3 主な出席予定者",
                "見本区長ほか",
                "4 議題",
                "・防災について",
            ]
        ),
        "not-13.txt",
    )


@layout
def two_meetings_in_a_text() -> Sample:
    t = "定例会議事録\n\n日時：2024/5/15\n参加者：浅野、井原\n内容：\n・進捗\n\n定例会議事録\n\n日時：2024/5/22\n参加者：浅野、宇田\n内容：\n・試験\n"
    return other(t, "not-14.txt", "log")


@layout
def weekly_report() -> Sample:
    return other(
        Word().lines(
            "週報",
            "報告者：浅野 栞",
            "期間：2024年5月13日～17日",
            "今週の内容",
            "・設計書の作成",
            "課題",
            "・納期が厳しい",
            "来週の予定",
            "・試験",
        ),
        "not-15.docx",
    )


@layout
def request_for_a_room() -> Sample:
    w = Word().lines(
        "令和6年5月15日",
        "見本区医師会長　様",
        "見本区長　浅野 栞",
        "会議室の使用について（依頼）",
        "記",
        "日時　令和6年6月1日　14時～16時",
        "場所　401会議室",
        "目的　連絡会の開催",
        "参加人数　20名",
    )
    return other(w, "not-16.docx")
