"""What a person may be about to type: words and titles of documents they may see, and of no others.

Words come from the lexicons of the segments and from the synonym table, by spelling or, when kana were typed, by reading
(たいいん finds 退院支援). Each is counted under the reader's mask before it is named. An engine needs for this: the words that
begin or sound so with the documents of each, the mask, and for titles the title of a document.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from search_index.analysis import SCOPES
from search_index.matching import Bools, View
from search_index.normalise import is_ambiguous, normalise
from search_index.record import BOUNDARY, Stored, clean
from search_index.synonyms import Synonyms
from search_index.values import Suggestion

Array = npt.NDArray[Any]

MOST_TYPED = 60
"""Characters; nobody needs a suggestion for what is longer."""
MOST_TITLES = 3
_TOP = 24
_MOST_FROM_TABLE = 3
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]+")
_OPERATORS = re.compile(r'[":()「」『』|*]')
_LATIN = re.compile(r"[a-z]")


class _Typed(NamedTuple):
    """What was typed: everything before the last word, and the last word in the normalised layer."""

    before: str
    last: str
    words: tuple[str, ...]

    @property
    def reading(self) -> str:
        """The last word as a reading, if it is written in kana."""
        return in_katakana(self.last) if is_kana(self.last) else ""


def is_kana(text: str) -> bool:
    """Say whether a text is written in kana alone."""
    return _KANA.fullmatch(text) is not None


def in_katakana(text: str) -> str:
    """Write hiragana as katakana, as readings are written."""
    return "".join(chr(ord(one) + 0x60) if "ぁ" <= one <= "ゖ" else one for one in text)


def _read(typed: str) -> _Typed | None:
    """Cut off the last word; what is an operator, a field word or too long gets no suggestion."""
    folded = unicodedata.normalize("NFKC", clean(typed[: 4 * MOST_TYPED])).lstrip()
    if not folded or folded[-1].isspace() or len(folded) > MOST_TYPED:
        return None
    *_, last = folded.split()
    before = folded[: len(folded) - len(last)]
    if last.startswith("-"):
        before, last = before + "-", last[1:]
    if not last or _OPERATORS.search(last):
        return None
    words = tuple(normalise(word) for word in folded.split() if not _OPERATORS.search(word))
    return _Typed(before, normalise(last), words)


def suggest(
    views: Sequence[View],
    typed: str,
    tokens: frozenset[str],
    without: frozenset[int],
    most: int,
    synonyms: Synonyms,
) -> tuple[Suggestion, ...]:
    """Return words that complete what was typed, those in most visible documents first, then titles that hold it."""
    read = _read(typed)
    if read is None:
        return ()
    visible = [view.visible(tokens, without) for view in views]
    counted = _from_lexicons(views, visible, read)
    for word, count in _from_table(views, visible, read, synonyms).items():
        counted[word] = max(count, counted.get(word, 0))
    counted.pop(read.last, None)
    best = sorted(_telling(counted), key=lambda word: (-counted[word], len(word), word))[:most]
    suggestions = [_suggestion(views, visible, read, word, counted[word]) for word in best]
    return (*suggestions, *_titles(views, visible, read))


def _from_lexicons(views: Sequence[View], visible: Sequence[Bools], read: _Typed) -> dict[str, int]:
    """Count the words that begin or sound so, over all segments."""
    tops, cut = [], []
    for view, mask in zip(views, visible, strict=True):
        places = view.lexicon.beginning(read.last)
        if read.reading:
            places = np.union1d(places, view.lexicon.sounding(read.reading))
        counts = view.lexicon.counts(places, mask)
        order = np.argsort(-counts, kind="stable")[:_TOP]
        order = order[counts[order] > 0]
        tops.append({view.lexicon.surface(int(places[at])): int(counts[at]) for at in order.tolist()})
        cut.append(len(order) == _TOP)
    found = dict[str, int]()
    for word in {word for top in tops for word in top}:
        for view, mask, top, more in zip(views, visible, tops, cut, strict=True):
            count = top.get(word)
            if count is None and more:
                count = _count(view, mask, word)
            found[word] = found.get(word, 0) + (count or 0)
    return found


def _count(view: View, mask: Bools, word: str) -> int:
    place = view.lexicon.place(word)
    return int(view.lexicon.counts(np.array([place]), mask)[0]) if place >= 0 else 0


def _from_table(views: Sequence[View], visible: Sequence[Bools], read: _Typed, synonyms: Synonyms) -> dict[str, int]:
    """Count the words of the synonym table that begin or sound so; a lexicon need not hold them in one piece."""
    found = dict[str, int]()
    for word in synonyms.beginning(read.last, read.reading):
        if len(found) == _MOST_FROM_TABLE:
            break
        held = [view.holding(word, 0, "folded", edges=True) & mask for view, mask in zip(views, visible, strict=True)]
        if count := sum(int(one.sum()) for one in held):
            found[word] = count
    return found


def _telling(counted: dict[str, int]) -> Iterator[str]:
    """Leave out words that one more character makes another of as many documents: 連携推進会 beside 連携推進会議."""
    longer = {(word[:-1], count) for word, count in counted.items()}
    return (word for word, count in counted.items() if (word, count) not in longer)


# --- as a person wrote it --------------------------------------------------------------------------


def _suggestion(views: Sequence[View], visible: Sequence[Bools], read: _Typed, word: str, count: int) -> Suggestion:
    written = as_written(views, visible, word) if _LATIN.search(word) or is_ambiguous(word) else word
    return Suggestion(read.before + written, written, count)


def as_written(views: Sequence[View], visible: Sequence[Bools], word: str) -> str:
    """Return a normalised word as it stands in the newest visible document that holds it (ＡＣＰ, 髙橋)."""
    newest: tuple[int, int] | None = None
    found = word
    for view, mask in zip(views, visible, strict=True):
        place = view.lexicon.place(word)
        documents = view.lexicon.of(place) if place >= 0 else np.zeros(0, np.uint16)
        documents = documents[mask[documents]]
        if not len(documents):
            continue
        document = int(_newest_first(view, documents)[0])
        when = int(view.segment.arrays["date"][document]), int(view.segment.ids[document])
        if newest is None or when > newest:
            newest, found = when, _original(view, document, word) or word
    return found


def _original(view: View, document: int, word: str) -> str:
    stored = Stored(view.segment.folded(document), view.segment.stored(document))
    at = stored.normalised.find(word)
    if at < 0:
        return ""
    begin, aligned = stored.aligned(at, at + len(word))
    start, end = aligned.back(at - begin, at - begin + len(word))
    return " ".join(aligned.original[start:end].split())


def _newest_first(view: View, documents: Array) -> Array:
    dates, ids = view.segment.arrays["date"][documents], view.segment.ids[documents]
    return documents[np.lexsort((-ids, -dates.astype(np.int64)))]


# --- titles ----------------------------------------------------------------------------------------


def _titles(views: Sequence[View], visible: Sequence[Bools], read: _Typed) -> list[Suggestion]:
    """Return the newest visible documents whose title holds all that was typed."""
    if sum(map(len, read.words)) < 2:
        return []
    found: list[tuple[int, int, str]] = []
    for view, mask in zip(views, visible, strict=True):
        held = mask
        for word in read.words:
            held = held & view.mask(view.candidates(word, SCOPES["title"]))
        mine = 0
        for document in view.in_turn(_newest_first(view, np.flatnonzero(held)), MOST_TITLES):
            if all(word in _title(view, document) for word in read.words):
                stored = Stored(view.segment.folded(document), view.segment.stored(document))
                when, number = int(view.segment.arrays["date"][document]), int(view.segment.ids[document])
                found.append((when, number, stored.original(stored.part(0))))
                mine += 1
            if mine == MOST_TITLES:
                break
    newest = sorted(found, reverse=True)[:MOST_TITLES]
    return [Suggestion(title, title, 1, number) for _, number, title in newest]


def _title(view: View, document: int) -> str:
    """Return a document's title in the normalised layer; it is the first part of the text."""
    folded = view.segment.folded(document)
    return normalise(folded[1 : folded.index(BOUNDARY.encode(), 1)].decode())


# --- the table -------------------------------------------------------------------------------------


def sorted_prefixes(rows: list[tuple[str, str]], prefix: str) -> Iterator[str]:
    """Yield the second of each pair whose first begins so; the pairs are in order."""
    for first, second in rows[bisect_left(rows, (prefix, "")) :]:
        if not first.startswith(prefix):
            return
        yield second
