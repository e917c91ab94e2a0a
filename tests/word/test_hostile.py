"""Whatever people type, the file is valid and the words are in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal.kinds import Content, Kind, richtext
from portal.kinds.fields import Check, Choice, Choices, Clock, Day, Field, Note, Number, Rows, Text
from portal.word import export, file_name
from tests.word.desk import HEADING, MEETING, TRAINING, opened, sample

HOSTILE = (
    "<w:p/>", "]]>", "&amp;&lt;", "<script>alert(1)</script>", "《会議名》", "〔《場所》〕", "{{ 7*7 }}", "=HYPERLINK(1)", "\x00\x07\x1b",
    "髙﨑德邉𠮷田", "葛󠄀城", "👨‍👩‍👧‍👦🏥", "\u202e逆", "\ufffe\uffff", "\u2028\u2029\x85", "が゙", "　", "\t", "<?portal slot 0?>", "' OR 1=1 --",
)  # fmt: skip
NO_SHRINKING = (Phase.explicit, Phase.generate)  # a whole report shrinks for minutes; the drawn one says enough
WORDS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))
LINES = st.lists(WORDS, max_size=4).map("".join)
NOTES = st.lists(WORDS, max_size=5).map("\n".join)
TAGS = (
    "p",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "table",
    "tbody",
    "thead",
    "tr",
    "td",
    "th",
    "strong",
    "em",
    "section",
    "caption",
    "a",
)


@st.composite
def rich_texts(draw: st.DrawFn) -> str:
    """Draw HTML as a browser might send it: known tags in any order, closed or not."""
    parts = draw(
        st.lists(
            st.one_of(
                WORDS.map(lambda word: word.replace("<", "&lt;")), st.tuples(st.sampled_from(TAGS), st.booleans())
            ),
            max_size=25,
        )
    )
    shown = [part if isinstance(part, str) else f"<{'/' if part[1] else ''}{part[0]}>" for part in parts]
    spans = draw(st.sampled_from(("", ' rowspan="3"', ' colspan="2"', ' rowspan="2" colspan="70"')))
    return str(richtext.clean("".join(shown).replace("<td>", f"<td{spans}>")))  # fmt: skip


def values_of(one: Field) -> st.SearchStrategy[Any]:
    """Draw what a field may hold; plain text may even hold what the cleaner would have dropped."""
    if isinstance(one, Rows):
        row = st.fixed_dictionaries({column.name: values_of(column) for column in one.columns})
        return st.lists(row, max_size=4)
    if isinstance(one, Choices):
        return st.lists(st.sampled_from(list(one.options)), unique=True)
    if isinstance(one, Choice):
        return st.sampled_from(("", *one.options))
    by_type: Mapping[type[Field], st.SearchStrategy[Any]] = {
        Text: rich_texts(),
        Note: NOTES,
        Day: st.one_of(st.just(""), st.dates().map(lambda day: day.isoformat())),
        Clock: st.sampled_from(("", "00:00", "12:30", "23:59")),
        Number: st.one_of(st.none(), st.integers(0, 10**9)),
        Check: st.booleans(),
    }
    return by_type.get(type(one), LINES)


@st.composite
def contents(draw: st.DrawFn, of: Kind) -> Content:
    """Draw a content of a kind, sometimes without some of its fields."""
    missing = draw(st.sets(st.sampled_from(sorted(of.fields)), max_size=3))
    return Content(draw(LINES), {n: draw(values_of(one)) for n, one in of.fields.items() if n not in missing})


@pytest.mark.parametrize("of", [MEETING, TRAINING], ids=lambda of: of.name)
@pytest.mark.parametrize("edition", ["full", "shared"])
def test_any_content_makes_a_valid_file(of: Kind, edition: str) -> None:
    heading = replace(HEADING, edition=edition)

    @settings(
        max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=NO_SHRINKING
    )
    @given(content=contents(of), words=LINES)
    def check(content: Content, words: str) -> None:
        named = replace(heading, number=words, office=words, confirmed_by=words, attachments=(words, words))
        docx = export(of, content, named)
        page = opened(docx)
        assert docx == export(of, content, named)
        for one, text in of.texts(of.cut(content) if heading.is_shared else content):
            if one.name in content.fields and not isinstance(one, Rows | Choices):
                assert squeezed(text) in squeezed(page.text), one.name
        assert 0 < len(file_name(of, content, named).encode()) <= 255

    check()


def squeezed(text: str) -> str:
    """Return the letters of a text without spaces and bullets, as page and value write those differently."""
    return "".join(richtext.strip_control(text).replace("・", "").split())


def test_three_hundred_attendees_and_a_paragraph_of_ten_thousand_characters() -> None:
    people = [
        {
            "affiliation": f"事業所{n}",
            "profession": "介護支援専門員",
            "name": f"𠮷田 {n}郎",
            "group": "介護",
            "deputy": False,
        }
        for n in range(300)
    ]
    long = "退院前カンファレンス" * 1000
    content = sample(MEETING, attendees=people, headcount=300, headcounts=[], record=f"<p>{long}</p>" * 20)
    page = opened(export(MEETING, content, HEADING))
    assert page.rows("出席者")[-1][:4] == ["300", "事業所299", "介護支援専門員", "𠮷田 299郎"]
    assert page.text.count(long) == 20


def test_variant_kanji_and_emoji_arrive_untouched() -> None:
    words = "髙﨑德邉𠮷槗㊞ 葛󠄀城 👨‍👩‍👧‍👦"
    page = opened(export(MEETING, sample(MEETING, meeting_name=words, record=f"<p>{words}</p>"), HEADING))
    assert page.controls["meeting_name"] == words
    assert words in page.rows("議事の内容")[1][0]


def test_control_characters_are_dropped_and_nothing_around_them() -> None:
    content = Content("題\x00名", {"place": "甲\x07乙\ud800丙\ufffe丁", "record": "<p>前\x1b後</p>"})
    page = opened(export(MEETING, content, HEADING))
    assert page.controls["place"] == "甲乙丙丁"
    assert "前後" in page.text
    assert page.properties()["title"] == "題名"
