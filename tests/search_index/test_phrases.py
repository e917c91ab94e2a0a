"""What stands in quotes is found where it stands verbatim, and nowhere else."""

import random
import re
import unicodedata
from pathlib import Path

import pytest

from search_index import Part
from search_index.engine import Home
from tests.search_index.office import SENTENCES, found, make_entry, random_entry, shared_folder


def scan_form(text: str) -> str:
    """Fold as the rule says, without the library: width, case, white space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"\s+", " ", folded)


def texts_of(entry) -> list[str]:
    parts = [part.text for part in entry.parts] + [entry.title, entry.body_name]
    return [scan_form(text) for text in parts]


def phrases(texts: list[str], count: int, chance: random.Random) -> list[str]:
    cut = []
    while len(cut) < count:
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        phrase = text[start : start + 1 + len(cut) % 20].strip()
        if phrase and not set(phrase) & set('"“”'):
            cut.append(phrase)
    return cut


def test_phrases_of_one_to_twenty_characters_agree_with_a_scan(home: Home) -> None:
    chance = random.Random(3)
    entries = [random_entry(number, chance) for number in range(300)]
    entries = [make_entry(e.id, title=e.title, parts=e.parts, body_name=e.body_name) for e in entries]
    index = home.create()
    for start in range(0, 300, 60):
        index.update(entries[start : start + 60], [], start)
    for phrase in phrases([scan_form(s) for s in SENTENCES], 160, chance):
        wanted = {entry.id for entry in entries if any(phrase in text for text in texts_of(entry))}
        assert set(found(index, f'"{phrase}"')) == wanted, phrase


def test_phrases_of_real_speeches_agree_with_a_scan(tmp_path: Path) -> None:
    path = shared_folder() / "search-eval" / "documents.jsonl"
    if not path.exists():
        print(f"{path} がないため、作った文書だけで確かめました。")
        return
    from search_index.evaluate import evaluate, read_lines

    figures = evaluate(read_lines(path)[:300], [])
    assert (figures.phrase_recall, figures.phrase_precision) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("会", "会議"),
        ("髙橋", "髙橋さん"),
        ("ＡＣＰ", "acpについて"),
        ("退院 支援", "退院\n　支援"),
        ("支援。看", "退院支援。看取り"),
        ("(ア)", "（ア）の項目"),
        ("%", "回収率100％"),
        ("𠮷野", "𠮷野家"),
        ("👍", "了解👍です"),
        ("ｶﾞ", "ガイド"),
    ],
)
def test_a_phrase_is_found_across_widths_and_kinds_of_space(home: Home, phrase: str, text: str) -> None:
    index = home.create()
    index.update([make_entry(1, text, title="一"), make_entry(2, "別の文書", title="二")], [], 1)
    assert found(index, f'"{phrase}"') == [1]
    assert found(index, f"「{phrase}」") == [1]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("高橋", "髙橋さん"),
        ("打合せ", "打ち合わせ"),
        ("ケアマネ会", "ケアマネの会"),
        ("退院支援", "退院の支援、院支"),
        ("取支援", "取組支援。組取"),
        ("7日", "17月 日7"),
    ],
)
def test_a_phrase_finds_no_other_spelling(home: Home, phrase: str, text: str) -> None:
    index = home.create()
    index.update([make_entry(1, text)], [], 1)
    assert found(index, f'"{phrase}"') == []


def test_no_phrase_reaches_from_one_part_into_the_next(home: Home) -> None:
    index = home.create()
    index.update([make_entry(1, "前半は退院", "支援は後半")], [], 1)
    assert found(index, '"退院支援"') == []
    assert found(index, '"退院 支援"') == []


def test_a_phrase_stays_exact_after_small_commits_were_merged(home: Home) -> None:
    index = home.create()
    for number in range(90):
        index.update([make_entry(number, f"第{number}回の会議")], [], number)
    index.update([], [5], 91)
    for number in range(90):
        assert found(index, f'"第{number}回"') == ([] if number == 5 else [number])


def test_only_the_decisions_are_searched_when_asked(home: Home) -> None:
    index = home.create()
    decided = (Part("text", "要旨", "転院の相談"), Part("decisions", "決定事項", "退院支援を行う。"))
    index.update([make_entry(1, parts=decided), make_entry(2, "退院支援を行う。")], [], 1)
    assert found(index, "退院支援", decided_only=True) == [1]
    assert found(index, '"退院支援を"', decided_only=True) == [1]
    assert found(index, "転院", decided_only=True) == []
    assert found(index, '"転院の"', decided_only=True) == []
