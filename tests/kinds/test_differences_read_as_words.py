"""Two versions side by side: changed words, not letter salad; both texts can be told from it; never a long wait."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kinds import diff, find_kind
from portal.kinds.diff import Effort, Line, Piece
from search_index import cut_words

MEETING = find_kind("meeting_report")
assert MEETING is not None


def side(lines: tuple[Line, ...], op: str) -> list[str]:
    """Return the text of one side, as far as it is shown; empty lines say nothing."""
    texts = ("".join(piece.text for piece in line.pieces if piece.op in ("same", op)) for line in lines)
    return [text for text in texts if text]


def test_a_changed_word_is_shown_as_a_word() -> None:
    (line,) = diff.lines("退院支援ルール第2版を11月1日から使う。", "退院支援ルール第3版を12月1日から試す。")
    assert [piece.text for piece in line.pieces if piece.op == "removed"] == ["2", "11", "使う"]
    assert [piece.text for piece in line.pieces if piece.op == "added"] == ["3", "12", "試す"]


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the words that went and the words that came, cut by the dictionary."""
    found = diff.pieces(before, after, Effort(cut_words))
    return [one.text for one in found if one.op == "removed"], [one.text for one in found if one.op == "added"]


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ("開催時期は最低でも年4回とする。", "実施時期は少なくとも年3回とする。", ["開催", "最低でも", "4"], ["実施", "少なくとも", "3"]),
        ("様式を改訂する。", "様式を改定する。", ["改訂"], ["改定"]),
        ("入退院支援を行う。", "入退院時の支援を行う。", [], ["時の"]),
        ("役割分担を確認した。", "役割分担と窓口を確認した。", [], ["と窓口"]),
    ],
)  # fmt: skip
def test_the_dictionary_names_the_word_that_changed(before: str, after: str, gone: list[str], come: list[str]) -> None:
    assert changed(before, after) == (gone, come)


def test_a_line_of_which_little_stayed_is_not_taken_apart() -> None:
    before, after = "空床の一覧は相談支援室が配る。", "研修会を春に開き、講師を医師会にお願いした。"
    assert changed(before, after) == ([before], [after])


@given(st.text(max_size=60))
def test_words_joined_are_the_text_again(text: str) -> None:
    assert "".join(cut_words(text)) == text


def test_a_line_put_between_two_changed_ones_stands_alone() -> None:
    before = "退院の連絡は3日前までとする。\n様式は第2版を使う。"
    after = "退院の連絡は5日前までとする。\n祝日は数えない。\n様式は第3版を使う。"
    lines = diff.lines(before, after, cut_words)
    assert [[piece.op for piece in line.pieces] for line in lines] == [
        ["same", "removed", "added", "same"],
        ["added"],
        ["same", "removed", "added", "same"],
    ]


def test_lines_far_from_a_change_are_counted_and_not_shown() -> None:
    before = "\n".join(f"{n}行目" for n in range(20))
    lines = diff.lines(before, before.replace("10行目", "99行目"))
    assert [line.skipped for line in lines] == [9, 0, 0]
    assert lines[1].pieces[:2] == (Piece("removed", "10"), Piece("added", "99"))


def test_fields_are_named_as_on_the_form_in_its_order() -> None:
    fields = MEETING.example()["fields"]
    before = MEETING.clean("", fields)
    after = MEETING.clean(
        "第五回 病院連絡会", {**fields, "held_on": "2026-10-22", "place": "", "reflections": "<h2>病院</h2>"}
    )
    changes = diff.compare(MEETING, before, after)
    assert [change.label for change in changes] == ["題名", "開催日", "場所", "所感・今後の対応"]
    assert (changes[1].before, changes[1].after) == ("令和8年10月15日（木）", "令和8年10月22日（木）")
    assert changes[2].after == ""


def test_a_change_of_form_alone_is_said() -> None:
    before = MEETING.clean("", {**MEETING.example()["fields"], "reflections": "<p>同じ言葉</p>"})
    after = replace(before, fields={**before.fields, "reflections": "<p><strong>同じ言葉</strong></p>"})
    (change,) = diff.compare(MEETING, before, after)
    assert change.after == "同じ言葉（書式の変更）"


def test_equal_contents_have_no_difference() -> None:
    content = MEETING.clean("", MEETING.example()["fields"])
    assert diff.compare(MEETING, content, content) == []


LINES = st.lists(
    st.sampled_from(["", "病院", "退院支援の連絡", "退院支援の相談", "1日", "A b", "・", "東成区\t生野区"]), max_size=12
)


@given(LINES, LINES)
def test_both_texts_can_be_told_from_the_difference(old: list[str], new: list[str]) -> None:
    before, after = "\n".join(old), "\n".join(new)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diff, "CONTEXT", 40)
        lines = diff.lines(before, after)
    if before == after:
        assert lines == ()
    else:
        assert side(lines, "removed") == [line for line in before.split("\n") if line]
        assert side(lines, "added") == [line for line in after.split("\n") if line]


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_lines_can_be_told_apart(before: str, after: str) -> None:
    before, after = before.replace("\n", ""), after.replace("\n", "")
    lines = diff.lines(before, after)
    if before != after:
        assert side(lines, "removed") == ([before] if before else [])
        assert side(lines, "added") == ([after] if after else [])


SENTENCE = "在宅医療と介護の連携について、退院の3日前までに連絡することを確かめた。"
LONG_TEXTS = {
    "a word in the middle": ("\n".join([SENTENCE] * 6000), "\n".join([SENTENCE] * 3000 + ["一言"] + [SENTENCE] * 3000)),
    "every line a little": ("\n".join(f"{SENTENCE}{n}" for n in range(6000)), "\n".join(f"{SENTENCE}{n + 1}" for n in range(6000))),
    "one line without end": (SENTENCE * 6000, SENTENCE * 3000 + "一言" + SENTENCE * 3000),
    "one line, both ends changed": ("一" + SENTENCE * 6000 + "二", "三" + SENTENCE * 6000 + "四"),
    "few long lines": ("\n".join(f"{n}" + "の病院" * 1500 + f"{n}" for n in range(45)), "\n".join(f"{n + 1}" + "の病院" * 1500 + f"{n + 2}" for n in range(45))),
    "two lines in turn": ("\n".join("甲乙"[n % 2] * 9 for n in range(20_000)), "\n".join("乙甲"[n % 2] * 9 for n in range(20_000)) + "丙"),
    "lines thrown about": ("\n".join(f"{n * 7919 % 9973}番の連絡先と担当者を確かめた。" for n in range(9900)), "\n".join(f"{n * 7907 % 9973}番の連絡先と担当者を確かめた。" for n in range(9900))),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_200_000_characters_are_compared_soon(name: str) -> None:
    cut_words("辞書を読み込む。")
    before, after = LONG_TEXTS[name]
    assert len(before) > 190_000
    begun = time.process_time()
    lines = diff.lines(before, after, cut_words)
    assert time.process_time() - begun < 8  # about one on a quiet machine; without a bound it would be minutes
    assert lines
