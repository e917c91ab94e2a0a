"""A report leaves the portal as a Word file that holds everything and nothing too much."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.kinds import Content, Kind
from portal.kinds.fields import Choices, Line, Note, Rows, Section, Text
from portal.word import export, file_name
from portal.word.compiling import unknown_marks
from portal.word.forms import find_form
from portal.word.program import bookmark_name
from tests.word.desk import HEADING, MEETING, TRAINING, W, busy_meeting, busy_training, kind, opened, sample

SHARED = replace(HEADING, edition="shared")
KINDS = pytest.mark.parametrize("of", [MEETING, TRAINING, kind("file")], ids=lambda of: of.name)


def shown_texts(of: Kind, content: Content) -> list[str]:
    """Return every stretch of text the page has to show for a content."""
    texts = []
    for name, one in of.fields.items():
        value = content.fields[name]
        if isinstance(one, Rows):
            texts += [c.text(row[c.name]) for row in value for c in one.columns if not c.is_blank(row[c.name])]
        elif isinstance(one, Choices):
            texts += [one.options[key] for key in value]
        elif not one.is_blank(value):
            texts.append(one.text(value))
    lines = [line for text in texts for line in text.split("\n")]
    return [cell for line in lines for cell in line.lstrip("・").split("\t") if cell]


@KINDS
def test_every_field_of_a_report_is_on_the_page(of: Kind) -> None:
    content = {"meeting_report": busy_meeting(), "training_report": busy_training()}.get(of.name) or sample(of)
    text = opened(export(of, content, HEADING)).text
    assert [shown for shown in shown_texts(of, content) if shown not in text] == []


def test_the_page_names_number_ward_version_and_confirmation() -> None:
    page = opened(export(MEETING, sample(MEETING), HEADING))
    assert "R8-東成-様式7-012\u3000第2版" in page.text
    assert ["責任者確認", "見本 次郎\u3000令和8年10月20日（火）午後2時05分\u3000確認"] in page.rows("添付・確認")
    assert ["添付資料", "資料1 次第.pdf\n資料2 退院支援ルール第2版（案）.docx"] in page.rows("添付・確認")
    assert ["提出日", "令和8年10月21日", "保存期間", "令和14年3月31日まで"] in page.rows("添付・確認")
    assert "令和8年10月16日（金）" in page.lines
    assert "一般社団法人東成区医師会" in page.lines
    assert "報告者\u3000看護師\u3000見本 花子\u3000㊞" in page.lines
    assert page.part_text("word/header1.xml").endswith("【様式７】")
    assert page.part_text("word/footer1.xml").startswith("東成区\u3000R8-東成-様式7-012\u3000第2版（提出済）\t")


def test_a_draft_prints_empty_places_not_leftovers() -> None:
    blank = Content("下書き", MEETING.defaults())
    heading = replace(
        HEADING, number="", confirmed_by="", confirmed_at=None, submitted_on=None, kept_until=None, attachments=()
    )
    page = opened(export(MEETING, blank, heading))
    assert ["責任者確認", ""] in page.rows("添付・確認")
    assert ["提出日", "", "保存期間", ""] in page.rows("添付・確認")
    assert ["添付資料", "なし"] in page.rows("添付・確認")
    assert ["日時", ""] in page.rows("会議の概要")
    assert "報告者\u3000\u3000㊞" in page.lines
    assert page.rows("出席者")[-1] == ["なし"]


def test_a_confirmation_is_written_in_japanese_time() -> None:
    late = replace(HEADING, confirmed_at=datetime(2026, 12, 31, 16, 30, 59, tzinfo=UTC))
    assert "令和9年1月1日（金）午前1時30分" in opened(export(MEETING, sample(MEETING), late)).text


def test_the_seal_boxes_measure_eighteen_by_sixteen_millimetres() -> None:
    seals = opened(export(MEETING, sample(MEETING), HEADING)).table("決裁・受付印")
    widths = [int(column.get(f"{W}w")) for column in seals.iter(f"{W}gridCol")]
    heights = [int(height.get(f"{W}val")) for height in seals.iter(f"{W}trHeight")]
    assert [round(width / 56.7) for width in widths] == [18] * 5
    assert round(heights[-1] / 56.7) == 16


@pytest.mark.parametrize(
    "title", ["出席者", "欠席者", "議題", "議事の内容", "決定事項", "課題・宿題", "所感・今後の対応"]
)
def test_the_heads_of_a_table_repeat_on_every_page(title: str) -> None:
    rows = opened(export(MEETING, busy_meeting(300), HEADING)).table(title).findall(f"{W}tr")
    repeated = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows]
    heads = 1 if title in ("議事の内容", "所感・今後の対応") else 2
    assert repeated == [True] * heads + [False] * (len(rows) - heads)


@pytest.mark.parametrize("title", ["出席者", "議題", "主な意見", "決定事項", "課題・宿題"])
def test_a_row_of_a_list_is_not_split_over_pages(title: str) -> None:
    rows = opened(export(MEETING, busy_meeting(300), HEADING)).table(title).findall(f"{W}tr")
    assert len(rows) > 2
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


def test_a_group_without_rows_says_so_in_one_row() -> None:
    page = opened(export(MEETING, sample(MEETING, absentees=[], issues=[], headcounts=[]), HEADING))
    assert page.rows("欠席者")[-1] == ["なし"]
    assert page.rows("課題・宿題")[2:] == [["なし"]]
    assert ["職種別の人数", "なし"] in page.rows("会議の概要")


# --- the shared edition -----------------------------------------------------------------------------


@pytest.mark.parametrize(("of", "content"), [(MEETING, busy_meeting()), (TRAINING, busy_training())])
def test_the_shared_edition_holds_no_hidden_word(of: Kind, content: Content) -> None:
    planted = Content(content.title, {name: plant(of, name, value) for name, value in content.fields.items()})
    for given in (planted, of.cut(planted)):
        page = opened(export(of, given, replace(SHARED, confirmed_by="秘密の責任者")))
        assert "秘密" not in page.everything
    assert "秘密" in opened(export(of, planted, HEADING)).text


def plant(of: Kind, name: str, value: object) -> object:
    """Put 秘密 into every text other wards may not read."""
    one = of.fields[name]
    if isinstance(one, Rows) and isinstance(value, list):
        hidden = [column.name for column in one.columns if not column.shared]
        return [{**row, **dict.fromkeys(hidden, "秘密の氏名")} for row in value]
    if one.shared:
        return value
    return "<p>秘密</p>" if isinstance(one, Text) else "秘密" if isinstance(one, Line) else value


def test_what_is_hidden_leaves_no_empty_heading_behind() -> None:
    content = sample(MEETING)
    page = opened(export(MEETING, MEETING.cut(content), SHARED))
    for gone in ("所感", "責任者", "発言者", "説明者", "氏名", "受付印", "㊞"):
        assert gone not in page.text.replace("24区共有版（氏名・所感などを除いて全区に公開したもの）", "")
    assert page.rows("出席者")[1] == ["No.", "所属", "職種", "区分", "代理"]
    assert "24区共有版（氏名・所感などを除いて全区に公開したもの）" in page.lines
    assert page.part_text("word/header1.xml") == "24区共有版\t【様式７】"
    assert "経費" not in opened(export(TRAINING, TRAINING.cut(sample(TRAINING)), SHARED)).text


def test_the_full_edition_does_not_say_it_is_shared() -> None:
    assert "24区共有版" not in opened(export(MEETING, sample(MEETING), HEADING)).everything


def test_columns_that_stay_fill_the_width_of_the_table() -> None:
    full, cut = (opened(export(MEETING, sample(MEETING), heading)).table("出席者") for heading in (HEADING, SHARED))
    widths = [sum(int(column.get(f"{W}w")) for column in one.iter(f"{W}gridCol")) for one in (full, cut)]
    assert abs(widths[0] - widths[1]) < 10


# --- fields follow the kind --------------------------------------------------------------------------


def with_field(section: int, one: object) -> Kind:
    """Return 様式7 with one more field, as a developer of next year would declare it."""
    sections = list(MEETING.sections)
    sections[section] = Section(sections[section].title, (*sections[section].fields, one))  # type: ignore[arg-type]
    return replace(MEETING, sections=tuple(sections))


def test_a_field_added_to_a_kind_is_printed_without_touching_the_form() -> None:
    added = with_field(0, Line(name="online_tool", label="使った道具", example="Web会議"))
    page = opened(export(added, sample(added), HEADING))
    assert ["使った道具", "Web会議"] in page.rows("会議の基本")
    assert page.controls["online_tool"] == "Web会議"


def test_an_added_text_and_an_added_group_get_tables_of_their_own() -> None:
    columns = (Line(name="what", label="配布物"), Note(name="why", label="目的"))
    added = with_field(2, Rows(name="handouts", label="配布した物", columns=columns))
    content = sample(added, handouts=[{"what": "案内", "why": "周知\n問合せ先"}])
    assert opened(export(added, content, HEADING)).rows("配布した物")[1:] == [
        ["配布物", "目的"],
        ["案内", "周知\n問合せ先"],
    ]
    added = with_field(2, Text(name="memo", label="覚え書き"))
    page = opened(export(added, sample(added, memo="<p>一</p><p>二</p>"), HEADING))
    assert page.rows("覚え書き") == [["覚え書き"], ["一\n二"]]


def test_a_column_added_to_a_group_gets_its_place_in_the_table() -> None:
    sections = [
        Section(s.title, tuple(replace(f, columns=(*f.columns, Line(name="note", label="備考"))) if isinstance(f, Rows) and f.name == "attendees" else f for f in s.fields))
        for s in MEETING.sections
    ]  # fmt: skip
    added = replace(MEETING, sections=tuple(sections))
    people = [{**row, "note": "議長"} for row in sample(MEETING).fields["attendees"]]
    page = opened(export(added, sample(added, attendees=people), HEADING))
    assert page.rows("出席者")[1][-1] == "備考"
    assert page.rows("出席者")[2][-1] == "議長"
    assert page.controls["attendees.0.note"] == "議長"


def test_an_older_version_prints_the_fields_it_had() -> None:
    content = sample(MEETING)
    older = Content(content.title, {name: value for name, value in content.fields.items() if name != "involvement"})
    page = opened(export(MEETING, older, HEADING))
    assert "相談支援室の関わり" not in page.text
    assert "所感・今後の対応" in page.text


@KINDS
def test_the_shipped_forms_name_only_fields_that_exist(of: Kind) -> None:
    assert unknown_marks(find_form(of.word_form), of) == []


# --- made to be read back ----------------------------------------------------------------------------


def test_every_field_can_be_found_again_by_tag_and_by_bookmark() -> None:
    content = busy_meeting()
    page = opened(export(MEETING, content, HEADING))
    for name, one in MEETING.fields.items():
        value = content.fields[name]
        if isinstance(one, Rows):
            for number, row in enumerate(value):
                for column in one.columns:
                    path = f"{name}.{number}.{column.name}"
                    assert page.controls[path] == column.text(row[column.name])
                    assert bookmark_name(path) in page.bookmarks
        elif name == "record":
            assert {"_f_record", "_e_record"} <= page.bookmarks
        elif not one.is_blank(value):
            assert page.controls[name] == one.text(value).replace("、（", "\n（")
            assert bookmark_name(name) in page.bookmarks


def test_a_long_path_still_has_a_bookmark_word_accepts() -> None:
    names = {bookmark_name(f"{'a' * 40}.{number}.{'b' * 30}") for number in range(50)}
    assert len(names) == 50
    assert all(len(name) <= 40 and name.startswith("_f_") for name in names)


# --- the file itself ---------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("heading", [HEADING, SHARED], ids=lambda heading: heading.edition)
def test_equal_values_give_equal_bytes(of: Kind, heading: object) -> None:
    from portal.word import exporting

    first = export(of, sample(of), heading)  # type: ignore[arg-type]
    exporting._compiled.clear()
    assert export(of, sample(of), heading) == first  # type: ignore[arg-type]


def test_the_properties_name_the_ward_and_no_person() -> None:
    properties = opened(export(MEETING, sample(MEETING), HEADING)).properties()
    assert properties == {
        "title": "第4回 病院連絡会",
        "subject": "東成区",
        "creator": "東成区在宅医療・介護連携相談支援室",
        "language": "ja-JP",
        "identifier": "R8-東成-様式7-012",
        "version": "2",
        "created": "2026-10-19T01:02:03Z",
        "modified": "2026-10-19T01:02:03Z",
    }


def test_japanese_fonts_are_named_for_every_script_and_no_theme() -> None:
    page = opened(export(MEETING, sample(MEETING), HEADING))
    styles = page.parts["word/styles.xml"].decode()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        assert f'w:{script}="ＭＳ 明朝"' in styles
    assert 'w:eastAsia="ja-JP"' in styles
    assert "Theme" not in styles
    assert len(styles) < 12_000


def test_python_docx_can_open_it(tmp_path: object) -> None:
    from io import BytesIO

    from docx import Document

    document = Document(BytesIO(export(MEETING, busy_meeting(), HEADING)))
    assert document.core_properties.subject == "東成区"
    assert len(document.tables) > 8


# --- the name of the file ----------------------------------------------------------------------------


def test_the_name_sorts_by_month_and_says_what_it_is() -> None:
    content = replace(sample(MEETING), title="病院連絡会")
    assert file_name(MEETING, content, HEADING) == "R8-10_東成区_様式7-012_病院連絡会.docx"
    assert file_name(MEETING, content, SHARED) == "R8-10_東成区_様式7-012_病院連絡会_24区共有版.docx"
    assert file_name(MEETING, content, replace(HEADING, number="")) == "R8-10_東成区_様式7_病院連絡会.docx"


@pytest.mark.parametrize(
    "title", ["../../etc/passwd", 'a\\b:c*d?e"f<g>h|i', "\u202egpj.exe", "会" * 300, "  . ", "CON", "改\n行\t"]
)
def test_a_hostile_title_makes_a_harmless_name(title: str) -> None:
    name = file_name(MEETING, replace(sample(MEETING), title=title), HEADING)
    assert not set(name) & set('\\/:*?"<>|\n\r\t\u202e')
    assert name.startswith("R8-10_東成区_様式7-012")
    assert name.endswith(".docx")
    assert len(name.encode()) <= 255
