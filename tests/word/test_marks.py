"""An officer draws a form in Word; the 《marks》 in it do what the page for officers says."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from portal.word import export, exporting
from portal.word.compiling import unknown_marks
from portal.word.completing import complete
from portal.word.drawing import add_blocks, new_document, to_bytes
from portal.word.forms import FOLDER, WordForm
from portal.word.markup import paragraph, parse_blocks, run
from portal.word.package import read_parts
from tests.word.desk import HEADING, MEETING, NS, Opened, opened, sample

SHARED = replace(HEADING, edition="shared")
EVERYTHING_ELSE = frozenset(MEETING.fields)


def drawn_parts(body: str, header: str = "<w:p/>") -> dict[str, bytes]:
    """Return the parts of a file of these paragraphs and tables."""
    document = new_document("試作")
    add_blocks(document, body)
    document.sections[0].header._element[:] = parse_blocks(header)
    return read_parts(to_bytes(document))


def form(body: str, header: str = "<w:p/>", omit: frozenset[str] = EVERYTHING_ELSE) -> WordForm:
    """Return a form drawn for one test; fields it does not mention are left out unless `omit` says otherwise."""
    return WordForm("drawn", "試作", "試作", omit, complete(drawn_parts(body, header)))


def printed(drawn: WordForm, heading: object = HEADING, **fields: object) -> Opened:
    """Return 様式7 printed on that form, opened again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "find_form", lambda _: drawn)
        return opened(export(MEETING, sample(MEETING, **fields), heading))  # type: ignore[arg-type]


def line(text: str) -> str:
    return paragraph(run(text))


def test_a_field_is_named_by_its_label_or_by_its_name() -> None:
    page = printed(form(line("名《会議名》と《place》")))
    assert page.lines[0] == "名病院連絡会と東成区医師会館 3階会議室"


def test_a_mark_cut_into_runs_by_word_is_still_found_and_keeps_its_look() -> None:
    runs = "".join(
        f"<w:r><w:rPr><w:b/></w:rPr><w:t>{part}</w:t></w:r><w:proofErr w:type='spellStart'/>"
        for part in ("前《会", "議", "名》後")
    )
    page = printed(form(f"<w:p>{runs}</w:p>"))
    assert page.lines[0] == "前病院連絡会後"
    assert b"<w:b/>" in page.parts["word/document.xml"].split("病院連絡会".encode())[0][-120:]


def test_text_around_a_mark_keeps_its_own_look() -> None:
    body = f"<w:p><w:r><w:rPr><w:u w:val='single'/></w:rPr><w:t>下線</w:t></w:r>{run('《会議名》')}<w:r><w:tab/><w:t>右</w:t></w:r></w:p>"
    page = printed(form(body))
    assert page.lines[0] == "下線病院連絡会\t右"
    assert page.parts["word/document.xml"].count(b"<w:u ") == 1


@pytest.mark.parametrize(
    ("number", "shown"),
    [(4, "病院連絡会（第4回）〔控〕"), (None, "病院連絡会〔控〕")],
)
def test_what_stands_in_brackets_goes_when_its_field_is_empty(number: int | None, shown: str) -> None:
    assert printed(form(line("《会議名》〔（第《回数》）〕〔控〕")), meeting_number=number).lines[0] == shown


def test_a_row_with_columns_of_a_group_is_repeated() -> None:
    cells = "".join(
        f"<w:tc><w:tcPr><w:tcW w:w='3000' w:type='dxa'/></w:tcPr>{line(t)}</w:tc>"
        for t in ("《出席者.行番号》", "《出席者．氏名》")
    )
    table = (
        "<w:tbl><w:tblPr><w:tblCaption w:val='名簿'/></w:tblPr><w:tblGrid><w:gridCol w:w='3000'/><w:gridCol w:w='3000'/></w:tblGrid>"
        f"<w:tr>{cells}</w:tr></w:tbl><w:p/>"
    )
    omit = EVERYTHING_ELSE | {f"attendees.{name}" for name in ("affiliation", "profession", "group", "deputy")}
    drawn = form(table, omit=omit)
    assert printed(drawn).rows("名簿") == [["1", "見本 一郎"], ["2", "見本 花子"]]
    assert printed(drawn, attendees=[]).rows("名簿") == [["なし"]]
    assert printed(form(table)).rows("名簿")[0] == ["1", "見本 一郎", "東成区医師会", "医師", "医療", ""]


def test_a_group_outside_a_table_is_repeated_line_by_line() -> None:
    drawn = form(line("《出席者.氏名》（《出席者.所属》）") + line("《職種別の人数》"))
    assert printed(drawn).lines[:4] == [
        "見本 一郎（東成区医師会）",
        "見本 花子（相談支援室）",
        "医師\u30001人",
        "コーディネーター\u30001人",
    ]
    assert printed(drawn, attendees=[], headcounts=[], headcount=0).lines[:2] == ["なし", "なし"]


def test_a_field_marked_twice_is_printed_twice_and_anchored_once() -> None:
    page = printed(form(line("《会議名》") + line("再掲《会議名》"), header=line("《会議名》")))
    assert page.lines[:2] == ["病院連絡会", "再掲病院連絡会"]
    assert page.part_text("word/header1.xml") == "病院連絡会"
    assert list(page.controls) == ["meeting_name"]


def test_marks_for_one_edition_keep_their_paragraph_in_that_edition() -> None:
    drawn = form(line("《全文のみ》手元用") + line("《共有版のみ》公開用") + line("末尾"))
    assert printed(drawn).lines[:2] == ["手元用", "末尾"]
    assert printed(drawn, SHARED).lines[:2] == ["公開用", "末尾"]


def test_an_unknown_mark_prints_nothing_and_is_named() -> None:
    drawn = form(line("《会議名》《電話番号》") + line("電話《電話番号》") + line("《場所》"))
    assert unknown_marks(drawn, MEETING) == ["電話番号"]
    assert printed(drawn).lines[:2] == ["病院連絡会", "東成区医師会館 3階会議室"]


def test_a_hidden_field_leaves_its_line_and_takes_no_other_field_with_it() -> None:
    drawn = form(line("《報告者の職種》\u3000《報告者》") + line("報告者：《報告者》") + line("《場所》"))
    assert printed(drawn, SHARED).lines[:2] == ["看護師\u3000", "東成区医師会館 3階会議室"]


def test_a_form_without_a_place_for_the_rest_prints_it_at_the_end() -> None:
    page = printed(form(line("《会議名》"), omit=frozenset()))
    assert "退院支援ルール第2版を11月1日から使う。" in page.text
    assert "利用者・患者が特定される情報がないことを確認しました" in page.text


def test_a_field_the_form_leaves_out_on_purpose_is_not_printed() -> None:
    page = printed(form(line("《会議名》"), omit=frozenset({"reflections", "attendees.deputy"})))
    assert "病院の窓口の変更を早めに知る" not in page.text
    assert "代理" not in page.rows("出席者")[1]


def test_values_are_never_read_as_marks_or_as_markup() -> None:
    evil = "《報告者》〔x〕<w:p/>&amp;{{ 7*7 }}<?portal slot 0?>]]>"
    page = printed(form(line("《会議名》")), meeting_name=evil)
    assert page.lines[0] == evil


def test_instructions_hidden_in_a_form_are_ignored() -> None:
    drawn = form("<w:p><?portal slot 77?><w:r><w:t>甲</w:t></w:r></w:p>")
    assert printed(drawn).lines[0] == "甲"


def test_an_entity_in_a_form_reads_no_file() -> None:
    drawn = form(line("甲"))
    document = drawn.parts["word/document.xml"].replace(
        b"<w:document", b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]><w:document'
    )
    drawn.parts["word/document.xml"] = document.replace("甲".encode(), b"&f;")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "find_form", lambda _: drawn)
        docx = export(MEETING, sample(MEETING), HEADING)
    assert Path("/etc/hostname").read_bytes().strip() not in b"".join(read_parts(docx).values())


# --- forms that went through an editor --------------------------------------------------------------


def test_a_form_whose_styles_word_renamed_keeps_its_look() -> None:
    parts = read_parts(FOLDER / "form7" / "form.docx")
    renamed = {"Normal": "a", "TableText": "a4", "BodyText": "a5", "Heading2": "2", "TableGrid": "a8"}
    for name in ("word/document.xml", "word/styles.xml"):
        text = parts[name].decode()
        for ours, theirs in renamed.items():
            text = text.replace(f'w:val="{ours}"', f'w:val="{theirs}"').replace(
                f'w:styleId="{ours}"', f'w:styleId="{theirs}"'
            )
        parts[name] = text.replace('<w:name w:val="a"/>', '<w:name w:val="Normal"/>').encode()
    completed = complete(parts)
    page = printed(WordForm("renamed", "試作", "試作", frozenset(), completed))
    assert completed["word/styles.xml"].count(b"<w:style ") == parts["word/styles.xml"].count(b"<w:style ")
    assert page.document.xpath("//w:pStyle/@w:val", namespaces=NS).count("TableText") > 20


def test_a_form_that_lost_its_lists_and_styles_gets_them_back() -> None:
    parts = read_parts(FOLDER / "form7" / "form.docx")
    del parts["word/numbering.xml"]
    parts["[Content_Types].xml"] = re.sub(
        rb"<Override PartName=./word/numbering.xml.[^>]*>", b"", parts["[Content_Types].xml"]
    )
    parts["word/_rels/document.xml.rels"] = re.sub(
        rb"<Relationship [^>]*numbering.xml[^>]*>", b"", parts["word/_rels/document.xml.rels"]
    )
    parts["word/styles.xml"] = re.sub(rb"<w:style [^>]*Heading2.*?</w:style>", b"", parts["word/styles.xml"])
    lists = "<h2>題</h2><ul><li><p>甲</p></li></ul><ol><li><p>乙</p></li></ol>"
    printed(WordForm("poor", "試作", "試作", frozenset(), complete(parts)), record=lists)


def test_lists_an_officer_drew_are_left_alone() -> None:
    parts = drawn_parts(line("《議事の内容》") + "<w:p/>")
    own = '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"/></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    parts["word/numbering.xml"] = f'<w:numbering xmlns:w="{NS["w"]}">{own}</w:numbering>'.encode()
    page = printed(
        WordForm("own", "試作", "試作", EVERYTHING_ELSE, complete(parts)), record="<ul><li><p>甲</p></li></ul>"
    )
    assert page.document.xpath("//w:numId/@w:val", namespaces=NS) == ["2"]
