"""The searched words on a page: marked in the text and nowhere else, in the characters as they were written."""

import pytest

from portal.web.marking import mark


@pytest.mark.parametrize(
    ("query", "markup", "marked"),
    [
        ("退院支援", "<p>退院支援ルール</p>", '<p><mark id="hit">退院支援</mark>ルール</p>'),
        ("abc", "<p>ＡＢＣとabcd</p>", '<p><mark id="hit">ＡＢＣ</mark>とabcd</p>'),
        ("高橋", "<p>髙橋さん</p>", '<p><mark id="hit">髙橋</mark>さん</p>'),
        ("株式会社", "<p>㍿見本</p>", '<p><mark id="hit">㍿</mark>見本</p>'),
        ("b", '<p title="a>b">a&lt;b&gt;</p>', '<p title="a>b">a&lt;<mark id="hit">b</mark>&gt;</p>'),
        ("amp", "<p>R&amp;D amp</p>", '<p>R&amp;D <mark id="hit">amp</mark></p>'),
        ("ルール -退院", "<p>退院ルール</p>", '<p>退院<mark id="hit">ルール</mark></p>'),
        ("「試行 する」", "<p>試行 する。試行</p>", '<p><mark id="hit">試行 する</mark>。試行</p>'),
        ("退院支援について", "<p>退院支援の話</p>", '<p><mark id="hit">退院支援</mark>の話</p>'),
        ("題名:連絡会 OR 会議", "<p>連絡会</p>", '<p><mark id="hit">連絡会</mark></p>'),
        ("区:東成", "<p>東成</p>", "<p>東成</p>"),
        ("", "<p>退院</p>", "<p>退院</p>"),
        ("なし", "<p>1 < 2</p>", "<p>1 < 2</p>"),
    ],
)
def test_words_are_marked_as_they_were_written(query: str, markup: str, marked: str) -> None:
    assert mark(markup, query).markup == marked


def test_the_jump_leads_to_where_most_words_stand_and_not_to_the_facts() -> None:
    page = '<table class="facts"><td>退院 休日 夜間</td></table><p>退院</p><p>退院と休日</p><p>休日</p>'
    found = mark(page, "退院 休日 夜間")
    assert found.count == 7
    assert found.markup.count('id="hit"') == 1
    assert '<p><mark id="hit">退院</mark>と' in found.markup


@pytest.mark.parametrize("query", ["(", '"', "*", "-", "[a-", "\\", "|||", "\x00", "\ud800", "　", "<b>", "a" * 5000])
def test_no_query_breaks_a_page(query: str) -> None:
    page = "<p>（ * - [a- \\ ||| &lt;b&gt;</p>"
    assert mark(page, query).markup.replace("<mark>", "").replace('<mark id="hit">', "").replace("</mark>", "") == page
