"""More like this: the entries that share most of what is characteristic of one, under the reader's rights.

What is characteristic is decided by the documents the reader may see and by nothing else: a word counts by how rare it is
among them. An engine needs for this: the text of one entry, the mask, and the documents of a word.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from search_index.analysis import word_code, words
from search_index.matching import Bools, View
from search_index.record import Stored

READ = 1_500
"""Characters of the entry that are read; what a meeting was about stands at its beginning."""
TERMS = 24
ENOUGH = 0.3
"""The share of the characteristic words, by weight, that another entry must hold to be called similar."""
_PARTS = {"title": 3.0, "body_name": 1.0, "agenda": 2.0, "decisions": 2.0, "issues": 2.0, "text": 1.0}


def similar(
    views: Sequence[View], entry_id: int, tokens: frozenset[str], without: frozenset[int], most: int
) -> tuple[int, ...]:
    """Return the ids of the entries most like one, best first; nothing when the reader may not see it."""
    visible = [view.visible(tokens, without) for view in views]
    said = _said(views, visible, entry_id)
    weights = _characteristic(views, visible, said)
    enough = ENOUGH * sum(weights.values())
    found: list[tuple[float, int, int]] = []
    for view, mask in zip(views, visible, strict=True):
        scores = np.zeros(view.segment.n)
        for code, weight in weights.items():
            scores[view.documents(code)[0]] += weight
        scores[~mask] = 0
        best = np.flatnonzero(scores >= max(enough, 1e-9))
        dates, ids = view.segment.arrays["date"][best], view.segment.ids[best]
        rows = zip(scores[best].round(6).tolist(), dates.tolist(), ids.tolist(), strict=True)
        found += sorted((row for row in rows if row[2] != entry_id), reverse=True)[:most]
    return tuple(number for _, _, number in sorted(found, reverse=True)[:most])


def _said(views: Sequence[View], visible: Sequence[Bools], entry_id: int) -> Counter[str]:
    """Count the words of the entry, those of its title and decisions above the rest."""
    said: Counter[str] = Counter()
    for view, mask in zip(views, visible, strict=True):
        for document in view.places(frozenset({entry_id})).tolist():
            if not mask[document]:
                continue
            stored = Stored(view.segment.folded(document), view.segment.stored(document))
            text, left = stored.normalised, READ
            for part in stored.parts:
                weight = _PARTS.get(part.name, 0.0)
                piece = text[part.start : min(part.end, part.start + left)] if weight else ""
                left -= len(piece)
                for word in words(piece):
                    if word.kind == "名詞" and word.end - word.start > 1:
                        said[word.form] += weight  # type: ignore[assignment]
    return said


def _characteristic(views: Sequence[View], visible: Sequence[Bools], said: Counter[str]) -> dict[int, float]:
    """Weigh words by how often the entry says them and how few of the visible documents do."""
    total = sum(int(mask.sum()) for mask in visible)
    weights = {}
    for form, holding in zip(said, _holding(views, visible, [word_code(form) for form in said]), strict=True):
        if 1 < holding < total:
            weights[form] = (1 + math.log(said[form])) * math.log(total / holding)
    best = sorted(weights, key=lambda form: (-weights[form], form))[:TERMS]
    return {word_code(form): weights[form] for form in best}


def _holding(views: Sequence[View], visible: Sequence[Bools], codes: Sequence[int]) -> list[int]:
    """Count the visible documents of each word."""
    held = [0] * len(codes)
    wanted = np.array(codes, dtype=np.uint64)
    for view, mask in zip(views, visible, strict=True):
        view.segment.foresee(wanted)
        for number, place in enumerate(view.segment.find(wanted).tolist()):
            if place >= 0:
                held[number] += int(np.count_nonzero(mask[view.segment.postings(place)[0]]))
    return held
