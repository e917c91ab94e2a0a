"""Long text: whatever is pasted comes out harmless, keeps its words, and does not change when it is saved again."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kinds import richtext

WORD_PASTE = """
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin:0mm}</style><!--[if gte mso 9]>
<xml><o:p>秘密の設定</o:p></xml><![endif]--></head><body lang=JA style='tab-interval:42.0pt'><!--StartFragment-->
<h2 style='mso-list:l0'>１　退院支援ルール<o:p></o:p></h2>
<p class=MsoNormal style='margin-left:21.0pt'><span lang=EN-US style='font-family:"ＭＳ 明朝"'>3</span>日前までに
<b>連絡</b>する。<o:p></o:p></p>
<table class=MsoTableGrid border=1><tr style='height:1pt'><td width=100 colspan=2 style='border:solid'><p class=MsoNormal>病院</p></td></tr>
<tr><td><p>A</p></td><td><p>B</p></td></tr></table><!--EndFragment--></body></html>
"""

HOSTILE = [
    "<script>alert(1)</script>",
    "<p>x<script>alert(1)</script></p>",
    "<p onclick=alert(1)>x</p>",
    "<img src=x onerror=alert(1)>",
    "<p><img src=x onerror=alert(1)>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&#58;alert(1)'>x</a>",
    "<p><a href=' java\tscript:alert(1)'>x</a></p>",
    "<p><a href='data:text/html,<script>alert(1)</script>'>x</a></p>",
    "<p><svg><script>alert(1)</script></svg>x</p>",
    "<p><math><mi xlink:href='javascript:alert(1)'>x</mi></math></p>",
    "<p><iframe src='javascript:alert(1)'></iframe>x</p>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<table background='javascript:alert(1)'><tr><td>x</td></tr></table>",
    "<p><noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>x</p>",
    "<p><form action=//evil><input name=password><button>x</button></form></p>",
    "<p>x</p><base href=//evil><meta http-equiv=refresh content='0;url=//evil'><link rel=stylesheet href=//evil>",
    "<section data-block=decision onmouseover=alert(1) data-owner='\"><script>alert(1)</script>'>x</section>",
    "<p><template><script>alert(1)</script></template>x</p>",
    "<<p>script>alert(1)<</p>/script>",
]  # fmt: skip

_PIECES = st.one_of(
    st.sampled_from(
        [f"<{tag}>" for tag in sorted(richtext.TAGS)]
        + [f"</{tag}>" for tag in sorted(richtext.TAGS)]
        + ["<div>", "</div>", "<b>", "</b>", "<span style='x'>", "</span>", "<td colspan='2'>", "<a href='https://x/?a=1&b=2'>"]
        + ["<section data-block='decision' data-owner='病院>\"相談'>", "<script>", "</script>", "<!--", "-->", "<o:p>", "<svg>"]
        + ["<img data-file='12' alt='会場の>図'>", "<img src='https://x/y.png'>", "<figure><img data-file='3'></figure>"]
        + ["退院支援", "・", "\n", "\n\n", "　", " ", "\u00a0", "&amp;", "&lt;p&gt;", "&", "<", ">", "\x00", "\ud800", "\ufffe"]
    ),
    st.text(max_size=5),
)  # fmt: skip
TYPED = st.lists(_PIECES, max_size=14).map("".join)


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_that_runs_survives_as_markup(typed: str) -> None:
    tags = re.findall(r"<[^>]*>", re.sub(r' data-owner="[^"]*"', "", richtext.clean(typed)))
    assert not [tag for tag in tags if re.search(r"script|\son\w+\s*=|style=|javascript|data:|//evil", tag, re.I)]
    assert {re.sub(r"[</>]", "", tag).split()[0] for tag in tags} <= richtext.TAGS


def test_a_paste_from_word_keeps_headings_words_and_tables_alone() -> None:
    kept = richtext.clean(WORD_PASTE)
    assert kept == (
        "<h2>１　退院支援ルール</h2><p>3日前までに 連絡する。</p>"
        '<table><tbody><tr><td colspan="2"><p>病院</p></td></tr><tr><td><p>A</p></td><td><p>B</p></td></tr></tbody></table>'
    )
    assert richtext.plain(kept) == "１　退院支援ルール\n3日前までに 連絡する。\n病院\nA\nB"


def test_the_wide_blank_that_people_place_on_purpose_stays() -> None:
    assert richtext.clean("<p>氏　名　見本</p>") == "<p>氏　名　見本</p>"


def test_signs_are_not_written_twice_over_when_saved_again() -> None:
    """Text whose tags all fall away must not be taken for plain text the next time."""
    once = richtext.clean("<b>歯科 & 薬剤 < 3</b>")
    assert once == richtext.clean(once) == "<p>歯科 &amp; 薬剤 &lt; 3</p>"
    assert richtext.clean(richtext.for_textarea(once)) == once


def test_plain_text_becomes_paragraphs_and_lists() -> None:
    assert richtext.clean("一行目\n二行目\n\n・連絡\n・相談\n終わり") == (
        "<p>一行目<br>二行目</p><ul><li><p>連絡</p></li><li><p>相談</p></li></ul><p>終わり</p>"
    )
    assert richtext.clean("体温 <37.5 & 血圧 >140") == "<p>体温 &lt;37.5 &amp; 血圧 &gt;140</p>"


def test_nested_tables_and_lists_keep_their_words() -> None:
    nested = (
        "<table><tr><td>外<table><tr><td>内</td></tr></table></td></tr></table><ul><li>一<ul><li>二</li></ul></li></ul>"
    )
    kept = richtext.clean(nested)
    assert richtext.clean(kept) == kept
    assert [line.strip("・") for line in richtext.plain(kept).split("\n")] == ["外", "内", "一", "二"]


@settings(max_examples=400)
@given(TYPED)
def test_what_is_clean_stays_the_same(typed: str) -> None:
    once = richtext.clean(typed)
    assert richtext.clean(once) == once


@settings(max_examples=400)
@given(TYPED)
def test_opening_a_text_without_the_editor_and_saving_it_changes_nothing(typed: str) -> None:
    kept = richtext.clean(typed)
    assert richtext.clean(richtext.for_textarea(kept)) == kept


@settings(max_examples=200)
@given(TYPED)
def test_what_is_shown_holds_only_the_closed_list(typed: str) -> None:
    for tag in re.findall(r"</?([a-z0-9]+)[^>]*>", richtext.clean(typed)):
        assert tag in richtext.TAGS


@given(st.text(alphabet=st.characters(exclude_characters="<&\n\r\t ・"), max_size=40))
def test_the_words_of_a_line_come_out_as_they_went_in(typed: str) -> None:
    typed = richtext.strip_control(typed).strip()
    assert richtext.plain(richtext.clean(typed)) == typed.replace("\x0c", " ")


# --- pictures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ('<img data-file="12" alt="会場">', '<figure><img data-file="12" alt="会場"></figure>'),
        ('<p>前<img data-file="012" alt="会場">後</p>', '<p>前</p><figure><img data-file="12" alt="会場"></figure><p>後</p>'),
        ('<figure><img data-file="3"><figcaption>説明</figcaption></figure>', '<figure><img data-file="3" alt="図"></figure><p>説明</p>'),
        ('<img data-file="3" alt="a&quot; onload=&quot;x">', '<figure><img data-file="3" alt="a” onload=”x"></figure>'),
        ('<img data-file="3" alt="&lt;b&gt;">', '<figure><img data-file="3" alt="＜b＞"></figure>'),
        ('<p>x<img src="https://example.jp/a.png" alt="外"></p>', "<p>x</p>"),
        ('<p>x<img data-file="/files/3" alt="外"><img data-file="-3"><img data-file="0"></p>', "<p>x</p>"),
        ("<figure></figure>", ""),
    ],
)  # fmt: skip
def test_a_picture_is_an_attached_file_with_a_description_and_stands_alone(typed: str, kept: str) -> None:
    assert richtext.clean(typed) == kept == richtext.clean(kept)


def test_a_picture_is_read_as_its_description() -> None:
    text = richtext.clean('<p>前</p><img data-file="12" alt="会場の配置"><p>後</p>')
    assert richtext.plain(text) == "前\n［図：会場の配置］\n後"
    assert richtext.pictures_in(text) == [12]
    assert richtext.clean(richtext.for_textarea(text)) == text


def test_pictures_can_be_shown_in_another_way() -> None:
    text = richtext.clean('<img data-file="12" alt="一"><p>間</p><img data-file="13" alt="二">')
    assert richtext.with_pictures(text, lambda file, alt: f"[{file}{alt}]") == "[12一]<p>間</p>[13二]"
    assert richtext.with_pictures(text, richtext.picture) == text
