"""見え消し: accept all is the new version, reject all the old one, whatever was edited; and on paper both can be read."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from portal.kinds import Content, Kind
from portal.kinds.fields import Field, Rows, Text
from portal.word import Heading, export
from portal.word.package import read_parts
from portal.word.redline import Side, redline
from portal.word.redline_merging import flatten
from portal.word.redline_pens import Authorship
from search_index import cut_words
from tests.word import deciding
from tests.word.desk import HEADING, MEETING, NS, TRAINING, Opened, W, busy_meeting, busy_training, kind, opened, sample
from tests.word.libreoffice import decided
from tests.word.test_hostile import NO_SHRINKING, contents

FIRST, SECOND = replace(HEADING, version=1), replace(HEADING, version=2)
BY = Authorship("見本 花子（第2版）", datetime(2026, 10, 20, 5, 5, tzinfo=UTC))
PARTS = ("word/document.xml", "word/header1.xml", "word/footer1.xml")


def tracked(of: Kind, old: Content, new: Content, heading: Heading = HEADING) -> bytes:
    sides = (Side(old, replace(heading, version=1)), Side(new, replace(heading, version=2)))
    return redline(of, *sides, by=BY, style="tracked", cut=cut_words)


def on_paper(of: Kind, old: Content, new: Content) -> Opened:
    return opened(redline(of, Side(old, FIRST), Side(new, SECOND), by=BY, style="printed", cut=cut_words))


def body(root: etree._Element) -> etree._Element:
    found = root.find(f"{W}body")
    return root if found is None else found


def shows_both(of: Kind, old: Content, new: Content) -> None:
    """Fail unless accept all prints the export of the new version, and reject all that of the old one."""
    page = opened(tracked(of, old, new)).parts
    for content, heading, decide in ((new, SECOND, deciding.accepted), (old, FIRST, deciding.rejected)):
        wanted = read_parts(export(of, content, heading))
        for name in PARTS:
            got = deciding.printed(body(decide(etree.fromstring(page[name]))))
            assert got == deciding.printed(body(flatten(etree.fromstring(wanted[name]))))


def with_record(markup: str) -> Content:
    return sample(MEETING, record=markup)


RECORDS = {
    "a word": ("<p>退院の3日前までに連絡する。</p>", "<p>退院の5日前までに電話で連絡する。</p>"),
    "a paragraph at the end": ("<p>一</p>", "<p>一</p><p>二のことを決めた。</p><p>三</p>"),
    "a paragraph gone at the end": ("<p>一</p><p>二のことを決めた。</p><p>三</p>", "<p>一</p>"),
    "a paragraph at the beginning": ("<p>一</p>", "<p>はじめに</p><p>一</p>"),
    "everything": ("<p>甲のこと</p><p>乙のこと</p>", "<h2>別の話</h2>"),
    "nothing before": ("", "<h2>1 経過</h2><p>本文</p>"),
    "nothing after": ("<h2>1 経過</h2><p>本文</p>", ""),
    "two joined": ("<p>前半である。</p><p>後半である。</p>", "<p>前半である。後半である。</p>"),
    "a look": ("<p>締切は11月1日まで</p>", "<p>締切は<strong>11月1日</strong>まで</p>"),
    "a heading": ("<p>経過</p><p>本文</p>", "<h2>経過</h2><p>本文</p>"),
    "a list": ("<ul><li><p>甲</p></li><li><p>乙</p></li></ul>", "<ol><li><p>甲</p></li><li><p>丙</p></li><li><p>乙</p></li></ol>"),
    "lists one of which goes": (
        "<ol><li><p>病院が送る</p></li></ol><p>間</p><ol><li><p>室が集める</p></li></ol>",
        "<p>間</p><ol><li><p>室が集める</p></li><li><p>配る</p></li></ol>",
    ),
    "a table at the end": ("<p>一</p>", "<p>一</p><table><tbody><tr><td>床</td><td>4</td></tr></tbody></table>"),
    "a table gone": ("<p>一</p><table><tbody><tr><td>床</td></tr></tbody></table><p>二</p>", "<p>一</p>"),
    "a table alone": ("<table><tbody><tr><td>床</td></tr></tbody></table>", "<p>床は別紙</p>"),
    "a row": (
        "<table><tbody><tr><td>急性期</td><td>4</td></tr><tr><td>回復期</td><td>2</td></tr></tbody></table>",
        "<table><tbody><tr><td>急性期</td><td>5</td></tr><tr><td>地域包括ケア</td><td>1</td></tr><tr><td>回復期</td><td>2</td></tr></tbody></table>",
    ),
    "a column": (
        "<table><tbody><tr><td>急性期</td><td>4</td></tr></tbody></table>",
        "<table><tbody><tr><td>急性期</td><td>4</td><td>調整中</td></tr></tbody></table>",
    ),
    "merged cells": (
        '<table><tbody><tr><td rowspan="2">急性期</td><td>4</td></tr><tr><td>5</td></tr></tbody></table>',
        "<table><tbody><tr><td>急性期</td><td>4</td></tr><tr><td>慢性期</td><td>5</td></tr></tbody></table>",
    ),
    "a table in a table": (
        "<table><tbody><tr><td><table><tbody><tr><td>内</td></tr></tbody></table></td></tr></tbody></table>",
        "<table><tbody><tr><td><table><tbody><tr><td>中</td></tr><tr><td>外</td></tr></tbody></table></td></tr></tbody></table>",
    ),
    "a link": (
        '<p>詳しくは<a href="https://www.example.jp/a">案内</a>を見る。</p>',
        '<p>詳しくは<a href="https://www.example.jp/b">案内</a>を見る。<a href="https://www.example.jp/c">別紙</a></p>',
    ),
    "breaks": ("<p>一行目<br>二行目</p>", "<p>一行目<br>新しい行<br>二行目</p>"),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_accepting_all_gives_the_new_text_and_rejecting_all_the_old_one(name: str) -> None:
    before, after = RECORDS[name]
    shows_both(MEETING, with_record(before), with_record(after))


@pytest.mark.parametrize(
    ("of", "content"), [(MEETING, busy_meeting()), (TRAINING, busy_training()), (kind("file"), sample(kind("file")))]
)
def test_a_whole_report_can_come_and_go(of: Kind, content: Content) -> None:
    empty = Content("題名のみ", of.defaults())
    shows_both(of, empty, content)
    shows_both(of, content, empty)
    shows_both(of, content, content)


def test_people_who_came_and_went_are_rows_that_came_and_went() -> None:
    content = busy_meeting(8)
    people = content.fields["attendees"]
    newcomer = {**people[0], "name": "新任 太郎", "affiliation": "地域包括支援センター"}
    changed = Content(
        content.title, {**content.fields, "attendees": [*people[:3], newcomer, *people[4:]], "absentees": []}
    )
    shows_both(MEETING, content, changed)
    longer = Content(content.title, {**content.fields, "attendees": [*people, newcomer]})
    shows_both(MEETING, content, longer)
    page = opened(tracked(MEETING, content, longer))
    came = [row for row in page.table("出席者").findall(f"{W}tr") if row.find(f"{W}trPr/{W}ins") is not None]
    assert ["新任 太郎" in "".join(row.itertext()) for row in came] == [True]


def test_a_field_added_to_the_kind_since_is_a_table_that_came() -> None:
    content = sample(MEETING)
    older = Content(content.title, {name: value for name, value in content.fields.items() if name != "involvement"})
    shows_both(MEETING, older, content)


# --- any edit ---------------------------------------------------------------------------------------


@st.composite
def edits(draw: st.DrawFn) -> tuple[Content, Content]:
    """Draw a report, and what somebody made of it: fields typed anew, rows moved, blocks of a text cut and put in."""
    old, other = draw(contents(MEETING)), draw(contents(MEETING))
    dice = random.Random(draw(st.integers(0, 2**32)))
    fields = {
        name: dice.choice((value, edited(MEETING.fields[name], value, other.fields.get(name, value), dice)))
        for name, value in old.fields.items()
    }
    return old, Content(dice.choice((old.title, other.title)), fields)


def edited(one: Field, value: Any, other: Any, dice: random.Random) -> Any:
    if isinstance(one, Rows):
        rows = [row for row in value if dice.random() > 0.3]
        for row in other:
            rows.insert(dice.randint(0, len(rows)), row)
        return rows
    if isinstance(one, Text):
        blocks = [block for block in value.replace("><", ">\x00<").split("\x00") if dice.random() > 0.25]
        blocks.insert(dice.randint(0, len(blocks)), other)
        return one.clean("".join(blocks))
    return other


@pytest.mark.parametrize("seed", range(2))
def test_any_edit_can_be_accepted_and_rejected(seed: int) -> None:
    @settings(
        max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=NO_SHRINKING
    )
    @given(pair=edits(), turn=st.just(seed))
    def check(pair: tuple[Content, Content], turn: int) -> None:
        shows_both(MEETING, *(reversed(pair) if turn else pair))

    check()


# --- what the file says ------------------------------------------------------------------------------


OLD, NEW = sample(MEETING, place="区役所 2階"), sample(MEETING, place="区役所 3階会議室")


def test_changes_bear_the_name_and_the_japanese_time_of_the_newer_version() -> None:
    page = opened(tracked(MEETING, OLD, NEW))
    changes = list(page.document.iter(f"{W}ins", f"{W}del"))
    assert {one.get(f"{W}author") for one in changes} == {"見本 花子（第2版）"}
    assert {one.get(f"{W}date") for one in changes} == {"2026-10-20T14:05:00Z"}
    numbers = [
        one.get(f"{W}id")
        for name in PARTS
        for one in etree.fromstring(page.parts[name]).iter(f"{W}ins", f"{W}del", f"{W}pPrChange")
    ]
    assert len(set(numbers)) == len(numbers) > 2


def test_only_the_place_and_the_number_of_the_version_changed() -> None:
    page = opened(tracked(MEETING, OLD, NEW))
    gone, come = ({"".join(one.itertext()) for one in page.document.iter(f"{W}{name}")} for name in ("del", "ins"))
    assert gone == {"1", "2"}
    assert come == {"2", "3", "会議室"}


def test_a_redline_carries_no_control_and_no_bookmark() -> None:
    page = opened(tracked(MEETING, busy_meeting(), NEW))
    assert page.controls == {}
    assert page.bookmarks == set()


@pytest.mark.parametrize("style", ["tracked", "printed"])
def test_equal_versions_give_equal_bytes(style: Any) -> None:
    from portal.word import exporting

    def made() -> bytes:
        return redline(MEETING, Side(OLD, FIRST), Side(busy_meeting(), SECOND), by=BY, style=style, cut=cut_words)

    first = made()
    exporting._compiled.clear()
    assert made() == first


def test_the_properties_say_what_is_compared_and_name_no_person() -> None:
    page = opened(tracked(MEETING, OLD, NEW))
    assert page.properties()["title"] == "第4回 病院連絡会（見え消し 第1版→第2版）"
    assert page.properties()["creator"] == "東成区在宅医療・介護連携相談支援室"


# --- on paper ---------------------------------------------------------------------------------------


def looks(page: Opened) -> dict[str, list[str]]:
    return {
        run.findtext(f"{W}t"): [etree.QName(one).localname for one in run.iterfind(f"{W}rPr/*")]
        for run in page.document.iter(f"{W}r")
    }


def test_on_paper_what_went_is_struck_and_what_came_underlined_and_the_head_says_so() -> None:
    page = on_paper(
        MEETING,
        with_record("<p>最低でも<strong>年4回</strong>とする。</p>"),
        with_record("<p>少なくとも<strong>年3回</strong>とする。</p>"),
    )
    found = looks(page)
    assert (found["最低でも"], found["少なくとも"]) == (["strike", "color"], ["color", "u"])
    assert (found["4"], found["3"]) == (["b", "bCs", "strike", "color"], ["b", "bCs", "color", "u"])
    assert page.lines[0] == "見え消し　第1版から第2版への変更　（削除した部分　加えた部分）"
    assert page.document.xpath("//w:ins | //w:del | //w:pPrChange", namespaces=NS) == []


@pytest.mark.parametrize("name", RECORDS)
def test_on_paper_both_texts_can_be_read(name: str) -> None:
    old, new = (with_record(markup) for markup in RECORDS[name])
    for content, heading, other in ((old, FIRST, "u and not(w:rPr/w:strike)"), (new, SECOND, "strike")):
        page = on_paper(MEETING, old, new)
        for run in page.document.xpath(f"//w:r[w:rPr/w:{other}][w:rPr/w:color]", namespaces=NS):
            run.getparent().remove(run)
        page.document.find(f"{W}body").remove(page.document.find(f"{W}body/{W}p"))
        wanted = opened(export(MEETING, content, heading))
        assert [line for line in page.lines if line] == [line for line in wanted.lines if line]


# --- the shared edition ------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["tracked", "printed"])
def test_the_redline_of_the_shared_edition_holds_no_hidden_word(style: Any) -> None:
    old, new = (sample(MEETING, reflections=f"<p>秘密{n}</p>", reporter=f"秘密{n}", place=f"{n}階") for n in (1, 2))
    shared = replace(HEADING, edition="shared", confirmed_by="秘密の責任者")
    page = opened(redline(MEETING, Side(old, shared), Side(new, shared), by=BY, style=style, cut=cut_words))
    assert "秘密" not in page.everything


# --- LibreOffice -------------------------------------------------------------------------------------


def test_libreoffice_accepts_to_the_new_version_and_rejects_to_the_old_one(tmp_path: Path) -> None:
    pairs = {name: (with_record(before), with_record(after)) for name, (before, after) in RECORDS.items()}
    busy = busy_meeting(8)
    pairs["a whole report"] = (OLD, busy)
    pairs["a report with fewer people"] = (busy, sample(MEETING, attendees=busy.fields["attendees"][2:4], absentees=[]))
    found = decided({name: tracked(MEETING, *pair) for name, pair in pairs.items()}, tmp_path)
    wrong = []
    for name, (old, new) in pairs.items():
        for what, content, heading, page in zip(
            ("accept", "reject"), (new, old), (SECOND, FIRST), found[name], strict=True
        ):
            wanted = opened(export(MEETING, content, heading))
            if [line for line in page.lines if line] != [line for line in wanted.lines if line]:
                wrong.append(f"{what}: {name}")
    assert wrong == []
