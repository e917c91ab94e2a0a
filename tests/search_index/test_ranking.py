"""The quick ranking says what the plain one says, however many segments the documents lie in."""

import itertools
import random
from pathlib import Path

import pytest

from search_index import Entry, Index, Query, rebuild
from search_index.engine import Engine, Home
from search_index.evaluate import make_entry as evaluation_entry
from search_index.evaluate import read_lines
from tests.search_index.homes import Homes
from tests.search_index.office import EVERYONE, found, make_entry, random_entry, shared_folder
from tests.search_index.reference import Reference

QUERIES = (
    "退院支援",
    "髙橋",
    "ケアマネ",
    "看取り 研修",
    "退院 -会議",
    "訪看 OR 包括",
    "(看取り OR 打合せ) 会議",
    "退院支援の流れを確認した会議はどれか",
    "ACP",
    "令和7年度",
    "2016-05-10",
    '"退院支援" 会議',
    "サーバ*",
    "会",
    "存在しない語 退院",
    "『ない本』の看取りとは",
    "出席者:高橋 決定事項:会議",
    "薬剤師会からコロナの対応を説明したのはいつですか",
    "🍣 退院",
)


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    chance = random.Random(2)
    return [random_entry(number, chance) for number in range(120)]


@pytest.fixture(scope="module")
def reference(entries: list[Entry]) -> Reference:
    return Reference(entries)


@pytest.fixture(scope="module", params=[1, 5])
def index(request: pytest.FixtureRequest, entries: list[Entry], module_homes: Homes) -> Engine:
    home = module_homes()
    if request.param == 1:
        home.rebuild(entries, 1)
        return home.open()
    index = home.create()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search_index.writing.Writing.merged", lambda self, kept: kept)
        patch.setattr("search_index.postgres.index.merge_small", lambda *_: None)
        for start in range(0, 120, 24):
            index.update(entries[start : start + 24], [], 1)
    assert len(index.views if isinstance(index, Index) else index.places) == 5
    return index


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("tokens", [EVERYONE, frozenset({"bureau", "account:7"})])
def test_hits_order_and_scores_agree_with_the_plain_ranking(
    index: Engine, reference: Reference, text: str, tokens: frozenset[str]
) -> None:
    query = Query(text, tokens, limit=200)
    plain = reference.search(query)
    result = index.search(query)
    assert sorted(hit.id for hit in result.hits) == sorted(number for _, number, _ in plain)
    scores = {number: score for _, number, score in plain}
    for hit in result.hits:
        assert hit.score == pytest.approx(scores[hit.id], rel=1e-3, abs=1e-4)
    tiers = {number: tier for tier, number, _ in plain}
    order = [(tiers[hit.id], scores[hit.id]) for hit in result.hits]
    for (tier, score), (next_tier, next_score) in itertools.pairwise(order):
        assert (tier, score) >= (next_tier, next_score - 1e-3) or tier > next_tier


def test_pages_join_without_gap_or_overlap(index: Engine) -> None:
    everything = found(index, "会議")
    pages = [
        hit.id
        for offset in range(0, len(everything) + 7, 7)
        for hit in index.search(Query("会議", EVERYONE, offset=offset, limit=7)).hits
    ]
    assert pages == everything


def test_words_that_stand_together_come_before_scattered_ones(home: Home) -> None:
    index = home.create()
    scattered = make_entry(1, "退院、退院、支援、支援。", title="退院と支援")
    together = make_entry(2, "会議の資料を配り、しばらくして退院支援について話した。" * 3)
    index.update([scattered, together], [], 1)
    assert found(index, "退院支援") == [2, 1]


def test_a_word_in_the_title_counts_more(home: Home) -> None:
    index = home.create()
    index.update([make_entry(1, "看取り", title="報告甲"), make_entry(2, "報告乙", title="看取り")], [], 1)
    index.update([make_entry(number, "別の件") for number in range(3, 20)], [], 2)
    assert found(index, "看取り") == [2, 1]


def test_an_empty_query_lists_everything_newest_first(index: Engine, entries: list[Entry]) -> None:
    mine = [entry for entry in entries if entry.readers & EVERYONE]
    mine.sort(key=lambda e: (-(e.date.toordinal() if e.date else -1), -e.id))
    assert found(index, "") == [entry.id for entry in mine]
    assert found(index, "", sort="updated") == [e.id for e in sorted(mine, key=lambda e: e.updated, reverse=True)]


def test_quality_on_the_development_questions_stays_where_it_was(tmp_path: Path) -> None:
    folder = shared_folder() / "search-eval"
    if not folder.exists():
        print(f"{folder} がないため、検索の質を測れませんでした。")
        return
    documents, questions = read_lines(folder / "documents.jsonl"), read_lines(folder / "queries.jsonl")[::20]
    rebuild(tmp_path / "index", (evaluation_entry(n, document) for n, document in enumerate(documents)), 0)
    index = Index.open(tmp_path / "index")
    reciprocal = 0.0
    for question in questions:
        query = Query(question["query"], frozenset({"everyone"}), limit=10, facets=False)
        names = [documents[hit.id]["id"] for hit in index.search(query).hits]
        reciprocal += 1 / (names.index(question["rel"][0]) + 1) if question["rel"][0] in names else 0
    assert reciprocal / len(questions) > 0.9
