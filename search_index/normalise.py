"""One reading of characters for both sides: what is indexed and what is typed pass through the same functions.

Two layers. `verbatim` folds only what no reader would call a difference: width and compatibility forms (NFKC), case,
runs of white space, invisible characters. Quoted phrases are compared in this layer. `normalise` also folds variant
kanji (髙 to 高) and a few one-character habits (1ヶ月, 1カ月); it changes no length, so an offset in one layer is an offset in
the other. `Alignment` leads from there back to the characters a person wrote, so that marks sit on the original text.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from search_index.tables import variants

_SPACE = re.compile(r"[\s\x00-\x1f\x7f\x80-\x9f]+")
# Invisible: soft hyphen, zero-width and direction marks, variation selectors (they only choose a glyph of a kanji).
INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
# Everything outside these ranges may change its length or join its neighbour under NFKC, so it is aligned one by one.
_PLAIN = (
    r"!-@\[-~a-z\u3001\u3002\u3005-\u3007\u300c-\u301b\u3041-\u3098\u309d\u309e\u30a0-\u30fe\u4e00-\u9fff\u3400-\u4dbf"
)
_JOINING = r"\u0300-\u036f\u3099\u309a\uff9e\uff9f"
_SPECIAL = re.compile(rf"(?:[{_PLAIN}](?=[{_JOINING}{INVISIBLE}])|[^{_PLAIN}])(?:[^{_PLAIN}]*)")

# 1ヶ月・1カ月・1ヵ月・1箇月 are one word; the lookarounds keep カ in other words as it is.
_COUNTER = re.compile(r"[ヶヵケカ箇ケ](?<=[0-9一二三四五六七八九十数何].)(?=[月所年国条])")
_COUNTED = re.compile(r"か(?:[月所年国条]|$)")
# A dash typed where a prolonged sound mark belongs.
_DASH = re.compile(r"[\u2010-\u2015\u2212\u2500\uff0d-](?<=[ァ-ヺー].)(?=[ァ-ヺー]|$|[^\w])")
_ONE_TO_ONE = {"\u301c": "~", "\u2212": "-", "\u2010": "-", "\u2011": "-"}


def verbatim(text: str) -> str:
    """Fold width, case, white space and invisible characters, and nothing a reader would see."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        text = unicodedata.normalize("NFKC", text)
    folded = text.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKC", folded)
    return _SPACE.sub(" ", folded)


def fold_variants(folded: str) -> str:
    """Fold variant kanji and one-character habits in text already folded by `verbatim`; the length stays."""
    if folded.isascii():
        return folded
    folded = _foldable().sub(_standard, folded)
    return _DASH.sub("ー", _COUNTER.sub("か", folded))


def normalise(text: str) -> str:
    """Return the form in which text is indexed and queries are read."""
    return fold_variants(verbatim(text))


@cache
def _fold_table() -> dict[str, str]:
    return _ONE_TO_ONE | variants()


def _standard(match: re.Match[str]) -> str:
    return _fold_table()[match.group()]


@cache
def _foldable() -> re.Pattern[str]:
    """Little of any text is to be folded; a pattern that finds it is much quicker than `str.translate`."""
    return re.compile("[" + "".join(map(re.escape, _fold_table())) + "]")


def is_ambiguous(folded: str) -> bool:
    """Say whether other spellings could have been folded into this text (it holds 高, which may stand for 髙)."""
    return not _images().isdisjoint(folded) or _COUNTED.search(folded) is not None


@cache
def _images() -> frozenset[str]:
    return frozenset(_fold_table().values()) | {"ー"}


class Stretch(NamedTuple):
    """A stretch of original text that folding changed, what it became, and where that begins.

    A `parallel` one was folded character by character, so that offsets in it run on as everywhere else.
    """

    folded_at: int
    original: str
    folded: str
    parallel: bool


@lru_cache(maxsize=4096)
def _folded_piece(piece: str) -> tuple[str, bool]:
    folded = verbatim(piece)
    one_by_one = len(folded) == len(piece) and (len(piece) == 1 or all(map(str.__eq__, map(verbatim, piece), folded)))
    return folded, one_by_one


def fold(original: str) -> tuple[str, list[Stretch]]:
    """Return what `verbatim` makes of a text, and every stretch it changed."""
    pieces: list[str] = []
    changed: list[Stretch] = []
    position = at = 0
    for match in _SPECIAL.finditer(original):
        start, end = match.span()
        piece = match.group()
        folded, parallel = _folded_piece(piece)
        pieces += (original[position:start], folded)
        at += start - position
        if piece != folded:
            changed.append(Stretch(at, piece, folded, parallel))
        at += len(folded)
        position = end
    pieces.append(original[position:])
    return "".join(pieces), changed


class Alignment:
    """Leads from offsets in the folded text back to offsets in the original.

    Only stretches that folding changed in length or order are recorded; between them offsets run in parallel.
    """

    def __init__(self, original: str) -> None:
        """Align a text."""
        folded, changed = fold(original)
        self._begin(folded)
        self.original = original
        for stretch in changed:
            self._add(stretch)

    @classmethod
    def restored(cls, folded: str, changed: Iterable[Stretch]) -> "Alignment":
        """Make the original again from a folded text and what folding changed in it."""
        aligned = cls.__new__(cls)
        aligned._begin(folded)
        pieces: list[str] = []
        at = 0
        for stretch in changed:
            pieces += (folded[at : stretch.folded_at], stretch.original)
            at = stretch.folded_at + len(stretch.folded)
            aligned._add(stretch)
        pieces.append(folded[at:])
        aligned.original = "".join(pieces)
        return aligned

    def _begin(self, folded: str) -> None:
        self.folded = folded
        self._folded_at = [0]
        self._original_at = [0]
        self._opaque = [False]

    def _add(self, stretch: Stretch) -> None:
        if stretch.parallel:
            return
        start = self._original_at[-1] + stretch.folded_at - self._folded_at[-1]
        self._folded_at += (stretch.folded_at, stretch.folded_at + len(stretch.folded))
        self._original_at += (start, start + len(stretch.original))
        self._opaque += (True, False)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span that became `start:end`, whole characters only."""
        return self._back(start, upper=False), self._back(end, upper=True)

    def _back(self, offset: int, *, upper: bool) -> int:
        step = bisect_right(self._folded_at, offset) - 1
        if upper and self._folded_at[step] == offset:
            # The end of a span belongs to what lies before it, not to what begins here.
            while step > 0 and self._folded_at[step] == offset:
                step -= 1
            if not self._opaque[step]:
                return self._original_at[step] + offset - self._folded_at[step]
        if self._opaque[step]:
            return self._inside(step, offset, upper=upper)
        return self._original_at[step] + offset - self._folded_at[step]

    def _inside(self, step: int, offset: int, *, upper: bool) -> int:
        """Walk through a changed stretch character by character."""
        original = self._original_at[step]
        end = self._original_at[step + 1] if step + 1 < len(self._original_at) else len(self.original)
        folded = self._folded_at[step]
        for cut in range(original + 1, end + 1):
            reached = self._folded_at[step] + len(verbatim(self.original[original:cut]))
            if reached > offset:
                return cut if upper and folded < offset else cut - 1
            if (
                upper
                and reached == offset
                and (cut == end or len(verbatim(self.original[original : cut + 1])) > reached - self._folded_at[step])
            ):
                return cut
            folded = reached
        return end
