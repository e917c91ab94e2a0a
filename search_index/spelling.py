"""「もしかして」: the nearest words a reader would find, for one that finds nothing or next to nothing.

A word was most often mistyped in one of three ways: the input method chose other characters of the same sound
(退院四縁 for 退院支援), kana were never converted, or a character is missing, doubled or wrong. So words are looked for that are
read the same, then those one step away in reading or spelling, among the words of visible documents only. An engine
needs for this: the words of a reading, the words with their readings, the documents of a word, the mask, and a search.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from search_index.analysis import ALL, Word, readings_of, words
from search_index.lexicon import Lexicon
from search_index.matching import Bools, View
from search_index.normalise import normalise
from search_index.parsing import Leaf, leaves, parse
from search_index.suggesting import in_katakana, is_kana
from search_index.values import Query, Spelling

Array = npt.NDArray[Any]

FEW = 2
"""Visible documents; a word found in more is not doubted."""
BETTER = 5
"""How many times more a proposal must find than a word that does find something."""
LONGEST = 20
_MOST_WORDS = 4
_MOST_READINGS = 24
_TRIED = 4


class _Near(NamedTuple):
    """A word near to a typed one: how far, in how many visible documents."""

    far: float
    held: int
    word: str


def spellings(
    views: Sequence[View], query: Query, most: int, answer: Callable[[Query], tuple[int, bool]]
) -> tuple[Spelling, ...]:
    """Propose other spellings of words that are found in few visible documents, each with what the whole query then finds.

    `answer` searches, and says with the total whether it is of documents that hold all that was typed.
    """
    visible = [view.visible(query.tokens, query.without) for view in views]
    plain = replace(query, limit=0, offset=0, facets=False)
    total, firm = answer(plain)
    now = total if firm else 0
    found: dict[str, Spelling] = {}
    for leaf in _doubtful(query, plain, answer):
        for near in _proposals(views, visible, normalise(leaf.text))[:_TRIED]:
            text = _replaced(query.text, leaf.text, near.word)
            total = answer(replace(plain, text=text))[0] if text and text not in found else 0
            if total > now * BETTER:
                found[text] = Spelling(text, leaf.text, near.word, total)
            if len(found) >= most:
                return tuple(found.values())
    return tuple(found.values())


def _doubtful(query: Query, plain: Query, answer: Callable[[Query], tuple[int, bool]]) -> Iterator[Leaf]:
    """Yield the typed words that few visible documents hold by themselves."""
    node = parse(query.text).node
    typed = [leaf for leaf in leaves(node) if leaf.how == "word"] if node is not None else []
    for leaf in typed[:_MOST_WORDS]:
        if 1 < len(leaf.text) <= LONGEST:
            total, firm = answer(replace(plain, text=leaf.text))
            if total <= FEW or not firm:
                yield leaf


def _replaced(text: str, word: str, instead: str) -> str:
    """Return the typed query with a word replaced, or nothing when it cannot be told where it stands."""
    return text.replace(word, instead, 1) if text.count(word) == 1 else ""


# --- which words are near --------------------------------------------------------------------------


def _proposals(views: Sequence[View], visible: Sequence[Bools], word: str) -> list[_Near]:
    """Return the nearest visible words for all of a word or for a piece of it, nearest first."""
    tokens = list(words(word))[:_MOST_WORDS]
    found = {near.word: near for near in _near(views, visible, word, tokens)}
    in_pieces = len(tokens) > 1 and not found and not is_kana(word)
    for first, last in itertools.combinations(range(len(tokens) + 1), 2) if in_pieces else ():
        start, end = tokens[first].start, tokens[last - 1].end
        piece = word[start:end]
        if len(piece) < 2 or piece == word or _held(views, visible, piece) > FEW:
            continue
        for near in _near(views, visible, piece, tokens[first:last]):
            whole = word[:start] + near.word + word[end:]
            if whole not in found or near.far < found[whole].far:
                found[whole] = _Near(near.far, near.held, whole)
    found.pop(word, None)
    nearest = sorted(found.values(), key=lambda near: (near.far, -near.held, near.word))
    return [near for near in nearest if near.far == nearest[0].far]


def _held(views: Sequence[View], visible: Sequence[Bools], piece: str) -> int:
    """Count the visible documents that hold a piece of a word as it stands."""
    masks = zip(views, visible, strict=True)
    return sum(int((view.holding(piece, ALL, "folded", edges=True) & mask).sum()) for view, mask in masks)


def _near(views: Sequence[View], visible: Sequence[Bools], word: str, tokens: Sequence[Word]) -> Iterator[_Near]:
    spoken = set(readings(word, tokens))
    far: dict[str, float] = {}
    counts: dict[str, int] = {}
    for view, mask in zip(views, visible, strict=True):
        lexicon = view.lexicon
        distances = {place: 0.0 for one in spoken for place in lexicon.spoken(one).tolist()}
        for place, distance in _one_step_away(view, word, spoken):
            distances[place] = min(distances.get(place, distance), distance)
        places = np.array(sorted(distances), dtype=np.int64)
        for place, count in zip(places.tolist(), lexicon.counts(places, mask).tolist(), strict=True):
            if count:
                surface = lexicon.surface(place)
                far[surface] = min(far.get(surface, 9.0), distances[place])
                counts[surface] = counts.get(surface, 0) + count
    return (_Near(far[surface], counts[surface], surface) for surface in far if surface != word)


def readings(word: str, tokens: Sequence[Word]) -> Iterator[str]:
    """Yield how a word may be read: kana as they stand, and every known reading of its pieces."""
    yield in_katakana(word)
    gaps = sum(token.end - token.start for token in tokens) != len(word)
    if tokens and not gaps:
        known = [readings_of(word[token.start : token.end], token.reading) for token in tokens]
        yield from map("".join, itertools.islice(itertools.product(*known), _MOST_READINGS))


def _one_step_away(view: View, word: str, spoken: Iterable[str]) -> Iterator[tuple[int, float]]:
    """Yield the words of a segment that differ in one character (two in long ones), in spelling or in reading."""
    lexicon = view.lexicon
    steps = _steps(word)
    if steps:
        for place in _alike(view, "lexicon", word, steps):
            distance = OSA.distance(word, lexicon.surface(place), score_cutoff=steps)
            if distance <= steps:
                yield place, float(distance)
    for reading in list(spoken)[:2]:
        if len(reading) < 4 or reading.isascii():
            continue
        for row in _alike(view, "readings", reading, 1):
            if OSA.distance(reading, lexicon.reading(row), score_cutoff=1) <= 1:
                place = lexicon.whose(row)
                if is_kana(word) or not set(word).isdisjoint(lexicon.surface(place)):
                    yield place, 1.5


def _steps(word: str) -> int:
    """Return how many characters may be wrong: none in short words, where every other word would be near."""
    if len(word) < (4 if word.isascii() else 3):
        return 0
    return 2 if len(word) >= 8 else 1


# --- a quick first look ----------------------------------------------------------------------------


def _alike(view: View, name: str, word: str, steps: int) -> list[int]:
    """Return the rows whose set of characters and length allow them to be so near; a superset, found by bits."""
    bits, lengths = view.cache.get((view.segment.name, "bits", name), lambda: _bits(view.lexicon, name))
    own = _bits_of([ord(one) for one in word])
    near = np.abs(lengths.astype(np.int64) - len(word)) <= steps
    near &= np.bitwise_count(bits & ~own) <= steps
    near &= np.bitwise_count(own & ~bits) <= steps
    found: list[int] = np.flatnonzero(near).tolist()
    return found


def _bits(lexicon: Lexicon, name: str) -> Array:
    """Return for every row one bit per character (of 64 classes), and its length."""
    texts = lexicon.surfaces() if name == "lexicon" else lexicon.all_readings()
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    starts = np.cumsum(lengths) - lengths
    bits = np.bitwise_or.reduceat(_bit(points), starts) if len(points) else np.zeros(0, np.uint64)
    return np.stack([bits, lengths.astype(np.uint64)])


def _bits_of(points: Sequence[int]) -> np.uint64:
    together: np.uint64 = np.bitwise_or.reduce(_bit(np.array(points, dtype=np.uint32)))
    return together


def _bit(points: Array) -> Array:
    mixed = (points.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(58)
    bit: Array = np.uint64(1) << mixed
    return bit
