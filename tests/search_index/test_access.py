"""Nobody meets what they may not see: not as a hit, not in a number, not between the lines."""

import os
import random
from collections import Counter
from datetime import date
from typing import Any

from search_index import Entry, Query
from search_index.engine import Engine, Home
from search_index.normalise import verbatim
from search_index.postgres import DatabaseHome
from tests.search_index.office import BODIES, ITEMS, READERS, STATES, WARDS, make_entry, random_entry

QUERIES = int(os.environ.get("ACCESS_QUERIES", "1500"))  # 10,000 were run by hand; see docs
PHRASES = ("退院", "会議", "髙橋", "高橋", "看取り", "支援", "acp", "令和7年度", "。", "ー")


def holds(entry: Entry, phrase: str, *, decided: bool, titled: bool) -> bool:
    parts = [(part.name, part.text) for part in entry.parts] + [("title", entry.title), ("body_name", entry.body_name)]
    if titled or decided:
        parts = [(name, text) for name, text in parts if name == ("title" if titled else "decisions")]
    return any(phrase in verbatim(text) for _, text in parts)


def passes(entry: Entry, query: Query, but: str = "") -> bool:
    """Say in plain words whether an entry passes all filters but one."""
    rules: dict[str, bool] = {
        "ward": not query.wards or entry.ward in query.wards,
        "kind": not query.kinds or entry.kind in query.kinds,
        "state": not query.states or entry.state in query.states,
        "body_name": not query.body_names or entry.body_name in query.body_names,
        "item": not query.items or bool(set(entry.items) & set(query.items)),
        "fiscal_year": not query.fiscal_years or entry.fiscal_year in query.fiscal_years,
        "has_issue": query.has_issue is None or entry.has_issue == query.has_issue,
        "has_decision": query.has_decision is None or entry.has_decision == query.has_decision,
        "from": query.date_from is None or (entry.date is not None and entry.date >= query.date_from),
        "to": query.date_to is None or (entry.date is not None and entry.date <= query.date_to),
    }
    return all(holds for name, holds in rules.items() if name != but)


def values(entry: Entry, facet: str) -> list[str]:
    if facet == "item":
        return list(entry.items)
    if facet in ("has_decision", "has_issue"):
        return ["あり" if getattr(entry, facet) else "なし"]
    value = getattr(entry, facet)
    return [] if value in (None, "") else [str(value)]


def random_query(chance: random.Random, phrase: str) -> Query:
    def some(values: tuple[Any, ...], share: float = 0.25) -> tuple[Any, ...]:
        return tuple(chance.sample(values, chance.randint(1, 2))) if chance.random() < share else ()

    start = date(2023, 4, 1).toordinal() + chance.randrange(1200)
    return Query(
        f'"{phrase}"' if phrase else "",
        frozenset(chance.sample(READERS, chance.randint(0, 3))),
        without=frozenset(chance.sample(range(400), chance.choice((0, 0, 3, 40)))),
        wards=some(WARDS),
        kinds=some(("meeting_report", "training_report")),
        states=some(STATES),
        body_names=some(BODIES[:3]),
        items=some(ITEMS),
        fiscal_years=some((2023, 2024, 2025, 1999)),
        has_issue=chance.choice((None, None, None, True, False)),
        has_decision=chance.choice((None, None, None, True, False)),
        date_from=date.fromordinal(start) if chance.random() < 0.2 else None,
        date_to=date.fromordinal(start + 300) if chance.random() < 0.2 else None,
        decided_only=bool(phrase) and chance.random() < 0.15,
        title_only=bool(phrase) and chance.random() < 0.1,
        limit=400,
        sort=chance.choice(("relevance", "date", "updated")),
    )


def agrees(index: Engine, entries: dict[int, Entry], query: Query, phrase: str) -> None:
    """Compare hits, total and every facet with a plain computation."""
    seen = [e for e in entries.values() if e.readers & query.tokens and e.id not in query.without]
    met = [e for e in seen if not phrase or holds(e, phrase, decided=query.decided_only, titled=query.title_only)]
    wanted = [e for e in met if passes(e, query)]
    result = index.search(query)
    assert {hit.id for hit in result.hits} == {e.id for e in wanted}
    assert result.total == len(wanted)
    for facet, counts in result.facets.items():
        expected = Counter(value for e in met if passes(e, query, facet) for value in values(e, facet))
        assert dict(counts) == dict(expected), (facet, query)


def test_every_number_agrees_with_what_the_reader_may_see(home: Home) -> None:
    chance = random.Random(11)
    index = home.create()
    entries: dict[int, Entry] = {}
    queries = QUERIES // 4 if isinstance(home, DatabaseHome) else QUERIES  # the same masks, over slower roads
    for round_number in range(6):
        changed = [random_entry(chance.randrange(400), chance) for _ in range(80)]
        gone = chance.sample(range(400), 10)
        index.update(changed, gone, round_number)
        for number in gone:
            entries.pop(number, None)
        entries |= {entry.id: entry for entry in changed}
        for _ in range(queries // 6):
            phrase = chance.choice((*PHRASES, "", ""))
            agrees(index, entries, random_query(chance, phrase), phrase)


def test_an_entry_without_readers_is_found_by_nobody(home: Home) -> None:
    index = home.create()
    index.update([make_entry(1, "退院支援", readers=frozenset())], [], 1)
    assert index.search(Query("退院", frozenset())).total == 0
    assert index.search(Query("", frozenset({"bureau"}))).total == 0


def test_withdrawing_a_report_takes_effect_with_the_next_search(home: Home) -> None:
    writer = home.create()
    reader = home.open()
    shared = make_entry(1, "退院支援", readers=frozenset({"other@higashinari"}))
    writer.update([shared], [], 1)
    query = Query("退院", frozenset({"other@higashinari"}))
    assert reader.search(query).total == 1
    writer.update([make_entry(1, "退院支援", readers=frozenset({"coordinator@higashinari"}))], [], 2)
    assert reader.search(query).total == 0


def test_hidden_documents_do_not_change_what_a_search_falls_back_to(home: Home) -> None:
    index = home.create()
    secret = make_entry(2, "退院と看取り", readers=frozenset({"bureau"}))
    index.update([make_entry(1, "退院について"), secret], [], 1)
    result = index.search(Query("退院 看取り", frozenset({"member@*"})))
    assert [hit.id for hit in result.hits] == [1]
    assert result.reading.relaxed
    assert index.search(Query("看取り", frozenset({"member@*"}))).total == 0
