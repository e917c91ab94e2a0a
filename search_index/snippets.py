"""Which lines to show and what to mark: always the original characters, found through the folded text."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from search_index.analysis import ALL, SCOPES
from search_index.normalise import Alignment
from search_index.planning import Planned, Wanted
from search_index.record import Stored, StoredPart
from search_index.segment import Segment
from search_index.values import Piece, Source

WIDTH = 110
_LEAD = 25
_MAX_MARKS = 60
_MAX_PLACES = 50
_EDGE = re.compile(r"[a-z0-9]")
_ELLIPSIS = Piece("…", False)

Place = tuple[int, int, int]  # where a mark stands in the folded text of a document, its length below zero, its number


@dataclass(frozen=True, slots=True)
class Mark:
    """A text to mark, in the normalised layer, and how much it says."""

    text: str
    weight: float
    whole: bool


class Marks:
    """What to mark for one query in one segment: typed words first, then their spellings and synonyms."""

    def __init__(self, planned: Planned, segment: Segment) -> None:
        found: dict[str, Mark] = {}
        self.scopes = {wanted.scope for wanted in planned.positive} - {ALL}
        for mark in _marks(planned.positive, segment):
            found.setdefault(mark.text, mark)
        self.marks = sorted(found.values(), key=lambda mark: -len(mark.text))[:_MAX_MARKS]

    def places(self, folded: str) -> list[Place]:
        """Return where marks stand in a document, in order, those inside longer ones left out; only the first of each in a long one."""
        spread: list[Place] = []
        for number, mark in enumerate(self.marks):
            text, length = mark.text, len(mark.text)
            cut = mark.whole and (_EDGE.match(text[0]) or _EDGE.match(text[-1]))
            at, room = folded.find(text), _MAX_PLACES
            while at >= 0 and room:
                if not cut or _stands_alone(folded, at, at + length):
                    spread.append((at, -length, number))
                    room -= 1
                at = folded.find(text, at + length)
        spread.sort()
        return _outermost(spread)


def _outermost(places: list[Place]) -> list[Place]:
    kept: list[Place] = []
    covered = 0
    for place in places:
        if place[0] - place[1] > covered:
            covered = place[0] - place[1]
            kept.append(place)
    return kept


def _marks(positive: Iterable[Wanted], segment: Segment) -> Iterable[Mark]:
    for wanted in positive:
        whole = wanted.how == "word"
        if wanted.how != "sentence" and wanted.text:
            yield Mark(wanted.text, 4.0, whole)
        for unit in wanted.units:
            for way in unit.ways:
                if way.text:
                    yield Mark(way.text, 2.0 * way.weight, True)
                if not way.by_words:
                    continue
                for code, form in zip(way.codes, way.forms, strict=True):
                    for surface in _surfaces(segment, code, form, wanted.scope):
                        yield Mark(surface, way.weight, True)


def _surfaces(segment: Segment, code: int, form: str, scope: int) -> Iterable[str]:
    from search_index.analysis import word_code

    known = segment.forms(code if scope == ALL else word_code(form))
    return [
        text
        for text in known
        if not text.startswith("@") and not text.endswith("~") and (len(text) > 1 or not "ぁ" <= text <= "ん")
    ]


def quote(stored: Stored, marks: Marks) -> tuple[tuple[Piece, ...], tuple[Piece, ...], Source]:
    """Return a document's title with its marks, its most telling stretch, and the part that stands in."""
    places = marks.places(stored.normalised)
    title = _shown(stored, stored.starts[0], stored.end(0), places)
    number, centre = _best_place(stored, places, marks)
    if number is None:
        return title, (), Source("text", "本文")
    part = stored.part(number)
    start, end = _window(stored.normalised, part, centre)
    before = (_ELLIPSIS,) if start > part.start else ()
    after = (_ELLIPSIS,) if end < part.end else ()
    snippet = _shown(stored, start, end, places, trimmed=True)
    return title, (*before, *snippet, *after), Source(part.name, part.label)


def _shown(
    stored: Stored, start: int, end: int, places: Sequence[Place], *, trimmed: bool = False
) -> tuple[Piece, ...]:
    """Return the original of a stretch of the folded text, cut at the marks inside."""
    begin, aligned = stored.aligned(start, end)
    left, right = 0, len(aligned.original)
    if trimmed and start < end:
        left, right = _trimmed(aligned.original, *aligned.back(start - begin, end - begin))
    inside = places[bisect_left(places, (start,)) : bisect_left(places, (end,))]
    spans = [(at - begin, at - length - begin) for at, length, _ in inside if at - length <= end]
    return _pieces(aligned, left, right, spans)


def _trimmed(original: str, left: int, right: int) -> tuple[int, int]:
    while left < right and original[left].isspace():
        left += 1
    while right > left and original[right - 1].isspace():
        right -= 1
    return left, right


def _best_place(stored: Stored, places: Sequence[Place], marks: Marks) -> tuple[int | None, int]:
    """Find where most of what was looked for stands together; the title is shown anyway, so it comes last."""
    best: tuple[float, int | None, int] = (0.0, None, 0)
    first = 0
    while first < len(places):
        number = stored.number_at(places[first][0])
        last = bisect_left(places, (stored.end(number),), first)
        name = stored.name(number)
        if not marks.scopes or SCOPES.get(name, -1) in marks.scopes:
            weight, centre = _densest(places[first:last], marks.marks)
            if name in ("title", "body_name"):
                weight *= 0.1
            if weight > best[0]:
                best = (weight, number, centre)
        first = last
    return (best[1], best[2]) if best[1] is not None else _opening(stored)


def _opening(stored: Stored) -> tuple[int | None, int]:
    """Without a mark, show how the document begins."""
    filled = [number for number, start in enumerate(stored.starts) if stored.end(number) > start]
    body = (number for number in filled if stored.name(number) not in ("title", "body_name"))
    number = next(body, filled[0] if filled else None)
    return number, stored.starts[number] if number is not None else 0


def _densest(places: Sequence[Place], marks: Sequence[Mark]) -> tuple[float, int]:
    """Return the weight and the beginning of the stretch that holds most."""
    if len(places) == 1:
        return marks[places[0][2]].weight, places[0][0]
    best, begin, first = 0.0, 0, 0
    inside: Counter[int] = Counter()
    weight = 0.0
    for at, _, number in places:
        if not inside[number]:
            weight += marks[number].weight
        inside[number] += 1
        while at - places[first][0] > WIDTH - _LEAD:
            left = places[first][2]
            inside[left] -= 1
            if not inside[left]:
                weight -= marks[left].weight
            first += 1
        if weight > best + 1e-9:
            best, begin = weight, places[first][0]
    return best, begin


def _stands_alone(folded: str, start: int, end: int) -> bool:
    cut_left = _EDGE.match(folded[start]) and start > 0 and _EDGE.match(folded[start - 1])
    cut_right = _EDGE.match(folded[end - 1]) and end < len(folded) and _EDGE.match(folded[end])
    return not (cut_left or cut_right)


def _window(folded: str, part: StoredPart, centre: int) -> tuple[int, int]:
    """Lay a window around a place of a part, beginning after a full stop when one is near."""
    start = max(part.start, min(centre - _LEAD, part.end - WIDTH))
    stop = max(folded.rfind(mark, start, centre) for mark in "。 ") if centre > start else -1
    if stop >= 0 and centre - stop <= _LEAD:
        start = stop + 1
    return start, min(part.end, start + WIDTH)


def _pieces(aligned: Alignment, left: int, right: int, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """Cut the original between two offsets at the marks."""
    pieces: list[Piece] = []
    at = left
    for start, end in spans:
        a, b = aligned.back(start, end)
        a, b = max(a, at), min(b, right)
        if a >= b:
            continue
        if a > at:
            pieces.append(Piece(aligned.original[at:a], False))
        pieces.append(Piece(aligned.original[a:b], True))
        at = b
    if at < right:
        pieces.append(Piece(aligned.original[at:right], False))
    return tuple(pieces)
