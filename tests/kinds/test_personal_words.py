"""What looks personal is found in the texts an office writes, named with its place, and blotted out wherever it stands."""

import time

import pytest

from portal.kinds import Content, find_kind, masking, personal
from tests.kinds.measure_personal import ENOUGH, precision_and_recall, snippets

KIND = find_kind("meeting_report")
assert KIND is not None


def content(**fields: object) -> Content:
    """Return the example of a report with some fields changed."""
    assert KIND is not None
    example = KIND.example()
    return KIND.clean(example["title"], {**example["fields"], **fields})


def words(text: str) -> set[str]:
    return {personal.normal(one.text) for one in personal.find(text)}


@pytest.mark.parametrize("third", [0, 1], ids=["looked at", "unseen"])
def test_four_of_five_are_found_and_hardly_an_alarm_is_false(third: int) -> None:
    given = snippets()[third]
    precision, recall = precision_and_recall(given)
    assert len(snippets()[0]) + len(snippets()[1]) >= 200
    assert precision >= 0.95
    assert recall >= ENOUGH


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("連絡先は０９０－１２３４－５６７８（長男）です", "０９０－１２３４－５６７８"),
        ("㈱見本　担当　田中　花子　様より", "田中　花子　様"),
        ("ｶﾞｲﾄﾞ ﾔﾏﾀﾞ ﾊﾅｺ様から", "ﾔﾏﾀﾞ ﾊﾅｺ様"),
        ("架空花代様（８５歳・女性）の退院", "架空花代様（８５歳・女性）"),
        ("自宅は東成区中道９丁目９９－９ 見本ハイツ２０３号室で", "東成区中道９丁目９９－９ 見本ハイツ２０３号室"),
        ("㌔㌔ 生年月日：昭和１２年４月１日", "昭和１２年４月１日"),
    ],
)
def test_the_place_is_given_in_the_text_as_it_was_written(text: str, found: str) -> None:
    (one,) = personal.find(text)
    assert text[one.start : one.end] == one.text == found
    assert one.kind in personal.KINDS
    assert one.why


def test_a_report_as_offices_write_it_raises_no_alarm() -> None:
    assert KIND is not None
    example = KIND.cut(content())
    assert [one for passage in masking.passages(KIND, example) for one in personal.find(passage.text)] == []


def test_each_text_is_named_by_its_field_and_row() -> None:
    assert KIND is not None
    given = content(issues=[{"issue": "一件目"}, {"issue": "山田様の退院"}], record="<p>あ<strong>い</strong></p>")
    found = {passage.label: passage.text for passage in masking.passages(KIND, given)}
    assert found["課題・宿題 2行目 内容".replace("行", "件")] == "山田様の退院"
    assert "あい" in found["議事の内容"]


def test_words_are_blotted_out_in_every_field_and_under_every_mark_of_the_text() -> None:
    assert KIND is not None
    record = (
        '<p>山<strong>田</strong>花子様（A&amp;B）から<a href="tel:09012345678">電話</a>。山田　花子様は元気。</p>'
        "<table><tbody><tr><th>患者氏名</th><td>見本太郎</td></tr></tbody></table>"
    )
    given = content(
        record=record, decisions=[{"decision": "山田花子様に説明する"}], place="０９０ー１２３４ー５６７８へ電話"
    )
    found = {word for passage in masking.passages(KIND, given) for word in words(passage.text)}
    assert {"山田花子様", "見本太郎", "09012345678"} <= found
    shown = masking.masked(KIND, KIND.cut(given), found).as_json()
    for hidden in ("花子", "見本太郎", "9012345678", "１２３４"):
        assert hidden not in shown
    assert "A&amp;B" in shown
    assert masking.masked(KIND, given, set()) is given


def test_a_word_is_blotted_out_where_nothing_around_it_gives_it_away() -> None:
    assert (
        masking.blotted("氏名：見本太郎\n見本太郎は在宅を望む", words("氏名：見本太郎")) == "氏名：●●\n●●は在宅を望む"
    )
    assert masking.blotted("林様と小林様", {"林様"}) == "●●と小林様"


def test_an_author_is_a_person_or_an_office_or_a_program() -> None:
    assert [one.kind for one in personal.author("山田 花子")] == ["author"]
    for office in ("python-docx", "東成区相談支援室", "", "Windows ユーザー", "東成区役所", "user01"):
        assert personal.author(office) == []


def test_a_long_or_hostile_text_takes_no_longer_than_its_length() -> None:
    for text in ("様" * 30_000, "1-" * 20_000, "氏名:" * 10_000, "090" * 10_000, "漢" * 30_000):
        begun = time.process_time()
        personal.find(text)
        assert time.process_time() - begun < 3
