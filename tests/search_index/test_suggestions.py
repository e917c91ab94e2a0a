"""What a person may be about to type, may have meant, or may want to read next: from what they may see, and nothing else."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_index import Entry, Index, Part, Query, Synonyms
from search_index.engine import Engine, Home
from search_index.lexicon import Lexicon
from tests.search_index.homes import Homes
from tests.search_index.office import EVERYONE, READERS, make_entry, make_index, random_entry

TYPED = (
    "た",
    "たい",
    "退院",
    "み",
    "かん",
    "看",
    "髙",
    "高",
    "acp",
    "P",
    "ケア",
    "か",
    "し",
    "東成 たい",
    "-けん",
    "の会",
)
MISTYPED = (
    "退院四縁",
    "看鳥",
    "うちあわせ",
    "ちいきほうかつ",
    "多食種連携会議",
    "退院 四縁",
    "薬財師会",
    "高場氏",
    "サーバア",
)


@pytest.fixture(scope="module")
def office(module_home: Home) -> Engine:
    return make_index(
        module_home,
        make_entry(1, "退院支援の流れを確認した。", title="退院支援の会議"),
        make_entry(2, "退院支援と連携について。ＡＣＰの研修。", title="多職種連携会議"),
        make_entry(3, "隊員の募集。連携を進める。髙橋医師。", title="ACP啓発講演会"),
        make_entry(4, "ケアマネジャーとの連携。認知症の相談。", title="退院支援の会議（二回目）"),
        make_entry(5, "極秘の椿餅計画。", title="椿餅の下書き", readers=frozenset({"bureau"})),
        *(make_entry(number, "連携の打合せ。") for number in range(6, 12)),
    )


def words(index: Engine, typed: str, tokens: frozenset[str] = EVERYONE) -> list[tuple[str, int]]:
    return [(one.label, one.count) for one in index.suggest(typed, tokens) if one.id is None]


def titles(index: Engine, typed: str, tokens: frozenset[str] = EVERYONE) -> list[tuple[str, int | None]]:
    return [(one.label, one.id) for one in index.suggest(typed, tokens) if one.id is not None]


def test_kana_finds_words_by_their_reading(office: Engine) -> None:
    assert words(office, "たいいん") == [("退院", 3), ("退院支援", 3), ("隊員", 1)]
    assert words(office, "タイイン") == words(office, "たいいん")
    assert ("ケアマネジャー", 1) in words(office, "けあまね")


def test_words_are_completed_as_they_stand_in_a_document(office: Engine) -> None:
    assert ("ACP啓発講演会", 1) in words(office, "acp")
    assert ("髙橋", 1) in words(office, "高")
    assert words(office, "多職") == [("多職種", 1), ("多職種連携", 1), ("多職種連携会議", 1)]


def test_only_the_last_word_is_completed_and_the_rest_is_kept(office: Engine) -> None:
    texts = [one.text for one in office.suggest("区:東成 研修 -たいい", EVERYONE) if one.id is None]
    assert texts[0] == "区:東成 研修 -退院"
    assert office.suggest('"退院', EVERYONE) == ()
    assert office.suggest("題名:退", EVERYONE) == ()
    assert office.suggest("退院 ", EVERYONE) == ()
    assert office.suggest("", EVERYONE) == ()
    assert office.suggest("あ" * 200, EVERYONE) == ()


def test_titles_that_hold_all_words_are_offered(office: Engine) -> None:
    assert set(titles(office, "退院支援")) == {("退院支援の会議", 1), ("退院支援の会議（二回目）", 4)}
    assert titles(office, "退院 二回") == [("退院支援の会議（二回目）", 4)]
    assert titles(office, "椿餅") == []
    assert titles(office, "椿餅", frozenset({"bureau"})) == [("椿餅の下書き", 5)]


def test_words_of_the_synonym_table_are_offered_when_a_visible_document_holds_them(home: Home) -> None:
    index = make_index(home, make_entry(1, "入院時の情報提供書を持参"), make_entry(2, "鳳凰計画", readers=frozenset()))
    index.synonyms = Synonyms([("時の情報", "別のことば"), ("鳳凰計画", "鳥の計画")])
    assert words(index, "時の") == [("時の情報", 1)]
    assert words(index, "鳳") == words(index, "ほうお") == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("退院四縁", "退院支援"),
        ("たいいんしえん", "退院支援"),
        ("退院支支援", "退院支援"),
        ("認致症", "認知症"),
        ("連係", "連携"),
        ("認知性", "認知症"),
        ("けあまねじゃ", "ケアマネジャー"),
        ("ケアマネージメンャー", ""),
        ("多食種連携会議", "多職種連携会議"),
        ("会議 認知性", "会議 認知症"),
        ("退院支援", ""),
        ("連携", ""),
        ("椿持", ""),
        ("つばきもち", ""),
        ('"退院四縁"', ""),
        ("研修 -退院四縁", ""),
        ("zzz", ""),
    ],
)
def test_a_mistyped_word_is_answered_with_what_was_meant(office: Engine, typed: str, meant: str) -> None:
    found = office.spellings(Query(typed, EVERYONE))
    assert [one.text for one in found[:1]] == ([meant] if meant else [])
    assert all(one.total == office.search(Query(one.text, EVERYONE)).total > 0 for one in found)


def test_a_proposal_finds_what_it_says_under_the_same_filters(office: Engine) -> None:
    elsewhere = Query("退院四縁", EVERYONE, wards=("ikuno",))
    assert office.spellings(elsewhere) == ()
    (told,) = office.spellings(Query("椿持", frozenset({"bureau"})))
    assert (told.text, told.typed, told.instead, told.total) == ("椿餅", "椿持", "椿餅", 1)


def test_similar_entries_share_what_is_characteristic(office: Engine) -> None:
    assert office.similar(1, EVERYONE)[0] == 4
    assert 5 not in {number for one in range(1, 12) for number in office.similar(one, EVERYONE)}
    assert office.similar(5, EVERYONE) == office.similar(99, EVERYONE) == ()
    assert 4 not in office.similar(1, EVERYONE, without=frozenset({4}))


def test_words_of_a_deleted_entry_go_with_it(home: Home) -> None:
    index = make_index(home, make_entry(1, "白鷺の話"), make_entry(2, "朝顔の話"))
    index.update([], [1], 2)
    assert words(index, "しら") == words(index, "白") == []
    assert words(index, "朝") == [("朝顔", 1)]
    for number in range(3, 140):
        index.update([make_entry(number, f"朝顔{'と' * (number % 3)}の話")], [], number)
    if isinstance(index, Index):
        everything = [word for view in index.views for word in Lexicon(view.segment).surfaces()]
        assert "白鷺" not in everything
    assert words(index, "朝") == [("朝顔", 138)]


def secret(entry: Entry) -> Entry:
    """Plant words of its own in an entry that few may see."""
    word = f"極秘{'甲乙丙丁戊'[entry.id % 5]}計画"
    return make_entry(
        entry.id, word, "退院四縁", title=word, readers=frozenset({"account:9"}), parts=(Part("title", "題名", word),)
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_hidden_documents_change_nothing_a_reader_is_told(homes: Homes, seed: int) -> None:
    """An index with everything answers a reader as one that holds only what they may see."""
    chance = random.Random(seed)
    entries = [random_entry(number, chance) for number in range(1, 120)]
    entries += [secret(make_entry(number)) for number in range(120, 150)]
    chance.shuffle(entries)
    whole = homes().create()
    for start in range(0, len(entries), 40):
        whole.update(entries[start : start + 40], [], start)
    for _ in range(4 if isinstance(whole, Index) else 1):
        tokens = frozenset(chance.sample(READERS, chance.randint(0, 2)))
        without = frozenset(chance.sample(range(150), 5))
        own = [one for one in entries if one.readers & tokens and one.id not in without]
        alone = homes().create()
        alone.update(own, [], 1)
        for typed in TYPED:
            assert whole.suggest(typed, tokens, without=without) == alone.suggest(typed, tokens)
        for typed in MISTYPED:
            told = whole.spellings(Query(typed, tokens, without=without))
            assert told == alone.spellings(Query(typed, tokens))
            assert "極秘" not in str(told)
        for one in chance.sample(entries, 20):
            assert whole.similar(one.id, tokens, without=without) == alone.similar(one.id, tokens)


@given(st.text(alphabet='退院支援たいいんしえんACPacpー髙-()（）"「」:*|　 、。\u200b\ud800\x00👍\n', max_size=70))
@settings(max_examples=100)
def test_nothing_typed_is_ever_an_error(office: Engine, text: str) -> None:
    for one in office.suggest(text, EVERYONE):
        assert one.label
        assert one.count > 0
    for other in office.spellings(Query(text, EVERYONE)):
        assert other.total > 0
