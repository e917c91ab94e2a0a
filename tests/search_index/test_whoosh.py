"""Whoosh opens what we write: its own searcher finds the same documents as ours."""

import random
from pathlib import Path

import pytest
import whoosh
import whoosh.index
from whoosh.query import And, Not, Or, Term

from search_index import Entry, Index
from tests.search_index.office import EVERYONE, found, random_entry

CASES = [
    (Term("words", "退院"), "退院"),
    (Term("pairs", "会"), '"会"'),
    (And([Term("pairs", "看取"), Term("pairs", "取り")]), '"看取り"'),
    (Or([Term("words", "退院"), Term("words", "報告")]), "退院 OR 報告"),
    (And([Term("words", "会議"), Not(Term("words", "退院"))]), "会議 -退院"),
]


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, whoosh.index.FileIndex]:
    chance = random.Random(8)
    entries = [random_entry(number, chance) for number in range(200)]
    entries = [Entry(**{**{f: getattr(e, f) for f in Entry.__slots__}, "readers": EVERYONE}) for e in entries]
    ours = Index.create(tmp_path_factory.mktemp("whoosh") / "index")
    ours.update(entries[:150], [], 1)
    ours.update(entries[150:], [3, 5], 2)
    return ours, whoosh.index.open_dir(str(ours.folder / "current"))


@pytest.mark.parametrize(("query", "text"), CASES)
def test_stock_whoosh_finds_the_same_documents(
    indexes: tuple[Index, whoosh.index.FileIndex], query: whoosh.query.Query, text: str
) -> None:
    ours, theirs = indexes
    with theirs.searcher() as searcher:
        hits = [hit["id"] for hit in searcher.search(query, limit=None)]
    assert sorted(hits) == sorted(found(ours, text, without_synonyms=frozenset({"退院支援"})))


def test_the_number_of_documents_is_the_same(indexes: tuple[Index, whoosh.index.FileIndex], tmp_path: Path) -> None:
    ours, theirs = indexes
    assert theirs.doc_count() == len(ours) == 198


def test_the_release_of_whoosh_is_the_one_whose_files_we_know() -> None:
    assert whoosh.__version__ == (2, 7, 4)
