"""What people really type: wide digits, very much of it, strange characters, and markup where none belongs."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kinds import Content, Invalid, Kind, all_kinds, find_kind
from portal.kinds.fields import Check, Choices, Field, Line, Note, Number, Rows, Text

MEETING = find_kind("meeting_report")
assert MEETING is not None
SCRIPT = "<script>alert(1)</script>"


def example(**fields: Any) -> dict[str, Any]:
    return {**MEETING.example()["fields"], **fields}


@pytest.mark.parametrize(
    ("typed", "number"),
    [("１２", 12), ("1,234", 1234), ("１，２３４", 1234), (" 12 ", 12), ("12人", 12), ("１２人", 12), (12, 12), ("", None), (None, None),
     ("　", None), ("0", 0)],
)  # fmt: skip
def test_numbers_are_read_in_wide_digits_and_with_their_unit(typed: Any, number: int | None) -> None:
    assert Number(name="n", label="人数", unit="人").clean(typed) == number


@pytest.mark.parametrize("typed", ["十二", "12.5", "約12", "-1", "1000001", "1e3", True, ["1"], "٣٤x", "9" * 40])
def test_what_is_no_number_is_refused(typed: Any) -> None:
    value, problems = Number(name="n", label="人数", unit="人").problems(typed, "n")
    assert value is None
    assert "数字" in problems[0].message or "文字" in problems[0].message


def test_a_meeting_with_300_attendees_is_one_report() -> None:
    people = [{"affiliation": f"見本事業所{n}", "profession": "看護師", "name": f"見本 {n}"} for n in range(300)]
    content = MEETING.clean("", example(attendees=people, headcount=300, headcounts=[]))
    assert len(content.fields["attendees"]) == 300
    assert content.fields["attendees"][299] == {
        "affiliation": "見本事業所299", "profession": "看護師", "name": "見本 299", "group": "", "deputy": False,
    }  # fmt: skip


def test_more_rows_than_a_form_can_hold_are_refused_in_words() -> None:
    with pytest.raises(Invalid, match="1,000行まで"):
        MEETING.clean("", example(attendees=[{"name": "x"}] * 1001))


def test_a_body_of_200_000_characters_is_kept_whole_and_quickly() -> None:
    body = "\n\n".join("在宅医療と介護の連携について話し合った。" * 5 for _ in range(2000))
    assert len(body) > 200_000
    begun = time.perf_counter()
    content = MEETING.clean("", example(record=body))
    assert time.perf_counter() - begun < 2
    assert MEETING.fields["record"].text(content.fields["record"]).count("連携") == 10_000


def test_a_text_that_is_too_long_says_how_long_it_is() -> None:
    with pytest.raises(Invalid, match=r"300文字以内で入力してください（いま301文字）"):
        MEETING.clean("", example(place="あ" * 301))
    with pytest.raises(Invalid, match="題名は300文字以内"):
        MEETING.clean("題" * 301, example())


def test_control_characters_vanish_and_names_keep_their_own_characters() -> None:
    content = MEETING.clean(
        "題\x00\x08名\ud800\ufffe", example(place="東\x1b成\x00区", organiser="髙﨑①㈱塚", reporter="a\tb\r\nc")
    )
    assert content.title == "題名"
    assert content.fields["place"] == "東成区"
    assert content.fields["organiser"] == "髙﨑①㈱塚"
    assert content.fields["reporter"] == "a b c"
    content.as_json().encode("utf-8")


def test_a_title_that_is_not_given_is_made_from_the_fields() -> None:
    for nothing in ("", None, " \u3000\n"):
        assert MEETING.clean(nothing, example()).title == "第4回 病院連絡会"
    kept = find_kind("file")
    assert kept is not None
    with pytest.raises(Invalid, match="題名を入力してください"):
        kept.clean("", {})


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.name)
def test_a_script_in_every_field_stays_a_text_or_is_refused(kind: Kind) -> None:
    for one in kind.fields.values():
        value, problems = one.problems(with_script(one), one.name)
        if isinstance(one, Text):
            assert "<script" not in value
        elif isinstance(one, Line | Rows):
            assert SCRIPT in str(value) or problems or with_script(one) == [{}]
        else:
            assert problems
            assert "<script" not in str(value)


def with_script(one: Field) -> Any:
    if isinstance(one, Rows):
        return [{column.name: SCRIPT for column in one.columns if isinstance(column, Line)}]
    return [SCRIPT] if isinstance(one, Choices) else SCRIPT


def test_totals_and_times_that_do_not_fit_together_are_said() -> None:
    for fields, message in [
        ({"headcount": 3}, "合計（2人）と出席者数（3人）"),
        ({"headcount": 1, "headcounts": []}, "2人の記入"),
        ({"starts_at": "15:00", "ends_at": "14:00"}, "終了時刻が開始時刻より前"),
    ]:
        with pytest.raises(Invalid, match=message):
            MEETING.clean("", example(**fields))


@pytest.mark.parametrize(
    "typed", [None, True, 5, 5.5, "x", [], [1], [{}], [[]], {"a": 1}, [{"name": [1]}], "\x00", "１" * 20]
)
def test_whatever_the_api_sends_into_a_field_is_cleaned_or_refused(typed: Any) -> None:
    for kind in all_kinds():
        for name, one in kind.fields.items():
            value, problems = one.problems(typed, name)
            assert all(problem.message for problem in problems)
            assert problems or one.problems(value, name) == (value, [])
            Content("題", {name: value}).as_json()


@given(st.text(max_size=60))
def test_what_a_field_keeps_it_keeps_again(typed: str) -> None:
    for one in (Line(name="a", label="a"), Note(name="b", label="b"), Text(name="c", label="c")):
        once = one.clean(typed)
        assert one.clean(once) == once
        assert one.clean(one.form_value(once)) == once


def test_a_box_is_ticked_or_not() -> None:
    box = Check(name="a", label="a", statement="はい")
    assert [box.clean(one) for one in ("on", True, "1", "true", "はい")] == [True] * 5
    assert [box.clean(one) for one in ("", None, False, "0", "いいえ")] == [False] * 5
    assert box.problems("たぶん", "a")[1]
