"""The body of a report keeps its headings, lists and tables on the way to Word."""

import pytest
from lxml import etree

from portal.kinds import richtext
from portal.word import export
from portal.word.rich import rich_blocks
from tests.word.desk import HEADING, MEETING, NS, Opened, W, opened, sample


def body(html: str) -> Opened:
    """Return a report whose 議事の内容 is this, opened again."""
    return opened(export(MEETING, sample(MEETING, record=html), HEADING))


def record_table(page: Opened) -> etree._Element:
    """Return the table drawn inside 議事の内容."""
    return next(page.table("議事の内容").iterfind(f".//{W}tc/{W}tbl"))


def style_of(page: Opened, text: str) -> str | None:
    """Return the style of the paragraph with that text."""
    for paragraph in page.document.iter(f"{W}p"):
        if "".join(t.text or "" for t in paragraph.iter(f"{W}t")) == text:
            style = paragraph.find(f"{W}pPr/{W}pStyle")
            return None if style is None else style.get(f"{W}val")
    raise AssertionError(f"no paragraph {text}")


def test_headings_and_paragraphs_get_their_styles() -> None:
    page = body("<h2>議題1</h2><h3>経過</h3><p>本文である。</p><p>（1）番号で始まる。</p>")
    assert style_of(page, "議題1") == "Heading2"
    assert style_of(page, "経過") == "Heading3"
    assert style_of(page, "本文である。") == "BodyText"
    assert style_of(page, "（1）番号で始まる。") == "BodyTextFlat"


def test_bold_and_italic_stay_on_their_words() -> None:
    page = body("<p>締切は<strong>11月<em>1日</em></strong>まで</p>")
    looks = {
        run.findtext(f"{W}t"): [etree.QName(one).localname for one in run.iterfind(f"{W}rPr/*")]
        for run in page.table("議事の内容").iter(f"{W}r")
    }
    assert looks["11月"] == ["b", "bCs"]
    assert looks["1日"] == ["b", "bCs", "i", "iCs"]
    assert looks["まで"] == []


def test_the_look_of_words_is_spelled_in_the_order_word_wants() -> None:
    page = body("<p><a href='https://example.jp/'><em><strong>甲</strong></em></a><em><em>乙</em></em></p>")
    looks = [
        [etree.QName(one).localname for one in run.iterfind(f"{W}rPr/*")]
        for run in page.table("議事の内容").iter(f"{W}r")
        if run.findtext(f"{W}t") in ("甲", "乙")
    ]
    assert looks == [["b", "bCs", "i", "iCs", "u"], ["i", "iCs"]]


def test_a_line_end_inside_a_paragraph_is_a_break() -> None:
    assert "一行目\n二行目" in body("<p>一行目<br>二行目</p>").lines


def test_each_ordered_list_begins_at_one() -> None:
    page = body("<ol><li><p>甲</p></li><li><p>乙</p></li></ol><p>間</p><ol><li><p>丙</p></li></ol>")
    used = [number.get(f"{W}val") for number in page.table("議事の内容").iter(f"{W}numId")]
    assert used[0] == used[1] != used[2]
    numbering = etree.fromstring(page.parts["word/numbering.xml"])
    for number in used:
        overrides = numbering.xpath(f"//w:num[@w:numId='{number}']//w:startOverride/@w:val", namespaces=NS)
        assert overrides == ["1"]


def test_lists_in_lists_are_indented_and_only_the_first_line_has_a_bullet() -> None:
    page = body("<ul><li><p>親</p><p>続き</p><ul><li><p>子</p></li></ul></li></ul>")
    levels = {
        "".join(t.text for t in p.iter(f"{W}t")): (
            p.find(f"{W}pPr/{W}numPr/{W}ilvl").get(f"{W}val"),
            p.find(f"{W}pPr/{W}numPr/{W}numId").get(f"{W}val"),
        )
        for p in page.table("議事の内容").iter(f"{W}p")
        if p.find(f"{W}pPr/{W}numPr") is not None
    }
    assert levels == {"親": ("0", "1"), "続き": ("0", "0"), "子": ("1", "1")}


def test_merged_cells_stay_merged() -> None:
    page = body(
        '<table><thead><tr><th>区分</th><th>病院</th><th>床</th></tr></thead><tbody><tr><td rowspan="2">急性期</td><td>甲</td>'
        '<td>4</td></tr><tr><td colspan="2">調整中</td></tr></tbody></table>'
    )
    rows = record_table(page).findall(f"{W}tr")
    merges = [
        [
            (c.find(f"{W}tcPr/{W}vMerge") is not None, c.find(f"{W}tcPr/{W}gridSpan") is not None)
            for c in row.iter(f"{W}tc")
        ]
        for row in rows
    ]
    assert merges == [
        [(False, False)] * 3,
        [(True, False), (False, False), (False, False)],
        [(True, False), (False, True)],
    ]
    assert rows[0].find(f"{W}trPr/{W}tblHeader") is not None


@pytest.mark.parametrize(
    "html",
    [
        "<table><tbody><tr></tr></tbody></table>",
        "<table><tbody><tr><td>一</td></tr><tr><td>一</td><td>二</td><td>三</td></tr></tbody></table>",
        '<table><tbody><tr><td rowspan="100" colspan="100">大</td></tr><tr><td>余り</td></tr></tbody></table>',
        '<table><tbody><tr><td rowspan="3">a</td><td>b</td></tr><tr><td rowspan="3">c</td></tr><tr><td>d</td></tr></tbody></table>',
        "<table><tbody><tr>" + "<td>列</td>" * 90 + "</tr></tbody></table>",
        "<table><tbody><tr><td><table><tbody><tr><td>内</td></tr></tbody></table></td></tr></tbody></table>",
        "<table><tbody><tr><td>一</td></tr></tbody></table><table><tbody><tr><td>二</td></tr></tbody></table>",
        "<table><caption>題</caption></table>",
        "<table>" * 12 + "<tbody><tr><td>深い</td></tr></tbody>" + "</table>" * 12,
        "<ul>" + "<li><p>項</p><ul>" * 30 + "<li><p>底</p></li>" + "</ul></li>" * 30 + "</ul>",
        "<ul></ul><ol><li></li></ol>",
        "<strong>" * 200 + "強" + "</strong>" * 200,
        "<p>" + "<strong>甲</strong><em>乙</em>" * 2000 + "</p>",
        '<section data-block="decision" data-owner="各病院" data-due="2026-11-01"><p>使う。</p></section>',
        "<section><section><p>中</p></section></section>",
        "<li>はぐれ</li><td>迷子</td>",
        "文字だけ",
        "<p>甲&amp;乙&lt;丙&gt;&nbsp;&quot;丁&quot; ]]&gt; &amp;lt;</p>",
    ],
)  # fmt: skip
def test_odd_markup_makes_a_valid_file_and_loses_no_word(html: str) -> None:
    content = sample(MEETING, record=html)
    page = opened(export(MEETING, content, HEADING))
    shown = "".join(page.rows("議事の内容")[1]).replace("\n", "").replace("\t", "")
    for word in MEETING.fields["record"].text(content.fields["record"]).replace("・", "").split():
        assert word in shown.replace("・", "")


def test_deep_nesting_is_written_as_text_and_does_not_exhaust_the_stack() -> None:
    deep = "<ul><li>" * 3000 + "底" + "</li></ul>" * 3000
    assert "底" in "".join(rich_blocks(deep, 5000, lambda: 11))


def test_html_that_is_not_canonical_still_gives_its_words() -> None:
    assert "開いたまま" in "".join(rich_blocks("<p>開いたまま<ul><li>項目", 5000, lambda: 11))


def test_a_link_can_be_followed_and_its_address_cannot_break_out() -> None:
    page = body('<p><a href="https://www.example.jp/?a=1&amp;b=2">案内</a></p>')
    fields = [one.get(f"{W}instr") for one in page.table("議事の内容").iter(f"{W}fldSimple")]
    assert fields == ['HYPERLINK "https://www.example.jp/?a=1&b=2"']
    for address in ('https://example.jp/" \\o "x', "javascript:alert(1)", "file:///etc/passwd"):
        blocks = "".join(rich_blocks(f"<p><a href='{address}'>名前</a></p>".replace("\\", "\\\\"), 5000, lambda: 11))
        assert "fldSimple" not in blocks
        assert "名前" in blocks


def test_a_decision_in_the_text_is_named_with_owner_and_day() -> None:
    page = body(
        '<section data-block="decision" data-owner="各病院" data-due="2026-11-01"><p>第2版を使う。</p></section>'
    )
    assert "【決定事項】\n第2版を使う。\n（担当：各病院\u3000期限：令和8年11月1日）" in page.text


def test_pasted_word_html_arrives_clean() -> None:
    pasted = '<p class=MsoNormal style="mso-pagination:none"><span lang=EN-US>第2版</span><o:p></o:p></p><script>alert(1)</script>'
    page = body(pasted)
    assert "第2版" in page.text
    assert "alert" not in page.text
    assert richtext.clean(pasted) == "<p>第2版</p>"
