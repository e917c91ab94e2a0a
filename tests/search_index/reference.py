"""The ranking once more, in plain Python over plain strings: slow, short, and the judge of the quick one.

It shares with the library how text is cut into words and how a query is read, and nothing of how documents are
stored, matched, weighed or ordered.
"""

import itertools
import math
import re
from collections import Counter
from dataclasses import dataclass, field

from search_index import Entry, Query
from search_index.analysis import ALL, SCOPES, scoring_codes, word_counts
from search_index.dates import day_terms
from search_index.normalise import normalise, verbatim
from search_index.planning import Branch, Planned, Step, Unit, Wanted, make_plan
from search_index.synonyms import Synonyms

K1, B = 1.2, 0.75


@dataclass
class Document:
    entry: Entry
    exact: list[tuple[str, str]] = field(default_factory=list)
    folded: list[tuple[str, str]] = field(default_factory=list)
    words: dict[int, Counter] = field(default_factory=dict)
    pairs: dict[int, Counter] = field(default_factory=dict)
    length: dict[str, int] = field(default_factory=dict)


def read(entry: Entry) -> Document:
    document = Document(entry)
    parts = [("title", entry.title), *((p.name, p.text) for p in entry.parts)]
    if entry.body_name:
        parts.insert(1, ("body_name", entry.body_name))
    document.length = {"words": 0, "pairs": 0}
    for name, text in parts:
        same = normalise(text)
        document.exact.append((name, verbatim(text)))
        document.folded.append((name, same))
        counts, _ = word_counts(same)
        for scope in (ALL, SCOPES[name]) if name in SCOPES else (ALL,):
            document.words.setdefault(scope, Counter()).update(counts)
            document.pairs.setdefault(scope, Counter()).update([*map("".join, itertools.pairwise(same)), *same])
        document.length["words"] += sum(counts.values())
        document.length["pairs"] += max(len(same) - 1, 0)
    facts = [*(day_terms(entry.date) if entry.date else ()), *([f"@f{entry.fiscal_year}"] if entry.fiscal_year else [])]
    for fact in facts:
        document.words[ALL][fact] = max(document.words[ALL][fact], 1)
    return document


def texts(document: Document, scope: int, layer: str) -> list[str]:
    names = {number: name for name, number in SCOPES.items()}
    return [text for name, text in getattr(document, layer) if scope == ALL or name == names[scope]]


def holds(document: Document, text: str, scope: int, layer: str, *, edges: bool) -> bool:
    before = r"(?<![a-z0-9])" if edges and re.match("[a-z0-9]", text[0]) else ""
    after = r"(?![a-z0-9])" if edges and re.match("[a-z0-9]", text[-1]) else ""
    pattern = before + re.escape(text) + after
    layers = ("exact", "folded") if layer == "folded" else ("exact",)
    return any(re.search(pattern, written) for name in layers for written in texts(document, scope, name))


def meets_unit(document: Document, unit: Unit, scope: int) -> bool:
    counts = document.words.get(scope, Counter())
    return any(
        (way.by_words and way.forms and all(counts[form] for form in way.forms))
        or (way.text and holds(document, way.text, scope, "folded", edges=True))
        for way in unit.ways
    )


class Reference:
    def __init__(self, entries: list[Entry]) -> None:
        self.documents = [read(entry) for entry in entries]
        self.average = {
            name: math.exp(
                round(math.log(max(sum(d.length[name] for d in self.documents) / len(entries), 1)) / 0.05) * 0.05
            )
            for name in ("words", "pairs")
        }

    # --- how rare ---

    def idf(self, kind: str, term: str, scope: int) -> float:
        count = sum(term in getattr(document, kind).get(scope, ()) for document in self.documents)
        return math.log(1 + (len(self.documents) - count + 0.5) / (count + 0.5)) if count else 0.0

    def unit_idf(self, unit: Unit, scope: int) -> float:
        known = [value for form in unit.ways[0].forms if (value := self.idf("words", form, scope))]
        return max(known) if known else math.log(1 + (len(self.documents) + 0.5) / 0.5)

    def coverage(self, document: Document, units: list[tuple[Unit, int]]) -> float:
        weights = [self.unit_idf(unit, scope) for unit, scope in units]
        met = [w for w, (unit, scope) in zip(weights, units, strict=True) if meets_unit(document, unit, scope)]
        return sum(met) / (sum(weights) or 1.0)

    # --- what matches ---

    def matches(self, document: Document, step: Step, relaxed: int) -> bool:
        if isinstance(step, Wanted):
            return self.meets(document, step, relaxed)
        if step.how == "without":
            return not self.matches(document, step.nodes[0], relaxed)
        met = [(self.firm(node, relaxed), self.matches(document, node, relaxed)) for node in step.nodes]
        if step.how == "either":
            return any(yes for _, yes in met)
        if not relaxed:
            return all(yes for _, yes in met)
        loose = [yes for firm, yes in met if not firm]
        return all(yes for firm, yes in met if firm) and (any(loose) or not loose)

    def firm(self, node: Step, relaxed: int) -> bool:
        return (isinstance(node, Branch) and node.how == "without") or (node.how == "phrase" and relaxed < 2)

    def meets(self, document: Document, wanted: Wanted, relaxed: int) -> bool:
        if wanted.how == "phrase" and relaxed < 2:
            return holds(document, wanted.exact, wanted.scope, "exact", edges=False)
        if wanted.how == "prefix":
            return holds(document, wanted.text, wanted.scope, "folded", edges=False)
        if holds(document, wanted.text, wanted.scope, "folded", edges=True):
            return True
        if not wanted.units:
            return False
        if relaxed or wanted.how == "sentence":
            met = sum(meets_unit(document, unit, wanted.scope) for unit in wanted.units)
            return met >= max(1, math.ceil(0.2 * len(wanted.units)))
        return all(meets_unit(document, unit, wanted.scope) for unit in wanted.units)

    # --- how well ---

    def bm25(self, document: Document, kind: str, term: str, scope: int, length: str) -> float:
        count = document.__dict__[kind].get(scope, {}).get(term, 0)
        norm = K1 * (1 - B + B * document.length[length] / self.average[length]) if length else K1
        return count * (K1 + 1) / (count + norm)

    def score(self, document: Document, planned: Planned) -> float:
        terms: dict[tuple[str, str, int], tuple[float, str]] = {}

        def keep(key: tuple[str, str, int], weight: float, length: str) -> None:
            if key not in terms or terms[key][0] < weight:
                terms[key] = (weight, length)

        for wanted in planned.positive:
            for code in scoring_codes(wanted.text):
                first, second = chr(code >> 21 & 0x1FFFFF), chr(code & 0x1FFFFF)
                keep(("pairs", first + second.replace("\0", ""), wanted.scope), 1.0, "pairs")
            for unit in wanted.units:
                for way in unit.ways:
                    for form in way.forms:
                        keep(("words", form, wanted.scope), 2.0 * way.weight, "words")
                        if wanted.scope == ALL:
                            keep(("words", form, SCOPES["title"]), 0.5 * way.weight, "")
        rare = {key: self.idf(*key) for key in terms}
        telling = {key: idf for key, idf in rare.items() if idf >= 0.7} or rare
        total = sum(idf * terms[key][0] * self.bm25(document, *key, terms[key][1]) for key, idf in telling.items())
        units = [(unit, wanted.scope) for wanted in planned.positive for unit in wanted.units]
        return total * (0.5 + self.coverage(document, units)) ** 2 if units else total

    def tier(self, document: Document, planned: Planned) -> int:
        if planned.sentence:
            return 0
        points = 0
        for wanted in planned.positive:
            if wanted.how != "phrase":
                whole = wanted.how == "word"
                same = holds(document, wanted.text, wanted.scope, "folded", edges=whole)
                exact = holds(document, wanted.exact, wanted.scope, "exact", edges=whole)
                points += 2 if exact else int(same)
        return points

    def search(self, query: Query) -> list[tuple[int, int, float]]:
        """Return (tier, id, score) of all that match, best first."""
        scope = SCOPES["title"] if query.title_only else SCOPES["decisions"] if query.decided_only else ALL
        planned = make_plan(query.text, Synonyms.shipped(), query.without_synonyms, scope)
        seen = [d for d in self.documents if d.entry.readers & query.tokens]
        loose = [leaf for leaf in planned.positive if leaf.how != "phrase"]
        levels = ([1] if planned.sentence else [0, 1]) if loose else [0]
        for level in [*levels, 2] if 0 < len(loose) < len(planned.positive) else levels:
            met = [d for d in seen if planned.step is None or self.matches(d, planned.step, level)]
            if met:
                break
        scored = [(self.tier(d, planned), d.entry.id, self.score(d, planned)) for d in met]
        dates = {d.entry.id: d.entry.date.toordinal() if d.entry.date else -1 for d in met}
        return sorted(scored, key=lambda row: (-row[0], -round(row[2], 4), -dates[row[1]], -row[1]))
