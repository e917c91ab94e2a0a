"""From text to terms: character pairs and Sudachi words, each as one 64-bit code.

Two fields describe a text. Pairs (and single characters) of every position find any substring and rank by
frequency; words are Sudachi mode C normalised forms, which bring spellings together (打合せ, 打ち合わせ).
A pair needs no dictionary: its code holds the two characters. A word's code is a hash with the top bit set.
"""

import hashlib
import itertools
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from search_index.dates import find_dates
from search_index.tables import fingerprint

Codes = npt.NDArray[np.uint64]

ANALYSIS_VERSION = 6

# Which part of a document a term stands in; everything is also in ALL.
ALL = 0
SCOPES = {"title": 1, "body_name": 2, "agenda": 3, "decisions": 4, "issues": 5, "attendees": 6}

_WORD_BIT = 1 << 63
_PIECE = 6000  # characters; Sudachi takes at most 49,149 bytes at once
_BREAK = re.compile(r"[。\n！？!?]| (?=\S)")
_DROPPED = ("助詞", "助動詞", "補助記号", "空白")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_KANJI = re.compile(r"[一-鿿㐀-䶿々]")
# Two kanji or more with okurigana between or behind them; の joins words instead of ending one.
_OKURIGANA = re.compile(r"(?=.*[ぁ-ん])(?:[一-鿿㐀-䶿々][ぁ-ねは-ん]*){2,}")


@dataclass(frozen=True, slots=True)
class Word:
    """A content word in normalised text: its normalised form, where its surface stands, what it is and how it is read."""

    form: str
    start: int
    end: int
    kind: str
    reading: str


_local = threading.local()


@cache
def _dictionary() -> Any:
    from sudachipy import Dictionary

    return Dictionary(dict="core")


def _tokenizer() -> Any:
    """Return this thread's tokenizer; the dictionary behind it is loaded once, on first need."""
    found = getattr(_local, "tokenizer", None)
    if found is None:
        from sudachipy import SplitMode

        dictionary = _dictionary()
        make = getattr(dictionary, "tokenizer", None) or dictionary.create
        found = _local.tokenizer = make(mode=SplitMode.C)
    return found


@cache
def _installed() -> str:
    from importlib.metadata import version as installed

    return f"sudachi-{installed('sudachipy')}/{installed('sudachidict-core')}"


def version() -> str:
    """Name everything that shapes the terms: our analysis, the dictionary, the tables."""
    return f"{ANALYSIS_VERSION}/{_installed()}/{fingerprint()}"


_kept: dict[int, str] = {}


def words(text: str) -> Iterator[Word]:
    """Yield the content words of normalised text; particles, auxiliaries and punctuation are left out."""
    tokenizer = _tokenizer()
    for base, piece in _pieces(text):
        for morpheme in tokenizer.tokenize(piece):
            tag = morpheme.part_of_speech_id()
            kind = _kept.get(tag)
            if kind is None:
                kind = _kept[tag] = _kind(morpheme.part_of_speech())
            if kind:
                form = _tidy(morpheme.normalized_form())
                yield Word(form, base + morpheme.begin(), base + morpheme.end(), kind, morpheme.reading_form())


_MOST_READINGS = 8
_LONGEST_SPELT = 3


def readings_of(text: str, first: str) -> list[str]:
    """Return how one word may be read: as it was read here, and every other way the dictionary knows (四: よん, し)."""
    known = [morpheme.reading_form() for morpheme in _dictionary().lookup(text)]
    if not known and len(text) <= _LONGEST_SPELT:  # a word nobody knows is read character by character
        spelt = [[morpheme.reading_form() for morpheme in _dictionary().lookup(one)] for one in text]
        known = ["".join(each) for each in itertools.islice(itertools.product(*spelt), 4 * _MOST_READINGS)]
    return list(dict.fromkeys((first, *known)))[: 4 * _MOST_READINGS]


def has_particles(text: str) -> bool:
    """Say whether the text reads like a sentence rather than a compound word."""
    for _, piece in _pieces(text):
        for morpheme in _tokenizer().tokenize(piece):
            if morpheme.part_of_speech()[0] in ("助詞", "助動詞"):
                return True
    return False


def _kind(part_of_speech: tuple[str, ...]) -> str:
    kind, finer = part_of_speech[:2]
    return "" if kind in _DROPPED else finer if finer == "数詞" else kind


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while len(text) - start > _PIECE:
        cut = start + _PIECE
        for match in _BREAK.finditer(text, start + _PIECE // 2, cut):
            cut = match.end()
        yield start, text[start:cut]
        start = cut
    yield start, text[start:]


@lru_cache(maxsize=60_000)
def _tidy(form: str) -> str:
    """Fold what the dictionary leaves open: case, the last prolonged sound of long katakana words, and okurigana.

    取り組み is a noun in one sentence and a form of the verb 取り組む in the next; both become 取組~. The mark keeps
    them apart from words that are written without okurigana (生き物 is not 生物).
    """
    form = form.casefold()
    if len(form) >= 4 and form.endswith("ー") and _KATAKANA.fullmatch(form):
        return form[:-1]
    if _OKURIGANA.fullmatch(form):
        return "".join(_KANJI.findall(form)) + "~"
    return form


@lru_cache(maxsize=200_000)
def word_code(form: str, scope: int = ALL) -> int:
    """Return the code of a word in a scope."""
    hashed = hashlib.blake2b(form.encode(), digest_size=8, key=bytes([scope + 1])).digest()
    return int.from_bytes(hashed, "big") | _WORD_BIT


def pair_code(first: str, second: str = "\0", scope: int = ALL) -> int:
    """Return the code of two neighbouring characters, or of one."""
    return scope << 42 | ord(first) << 21 | ord(second)


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Return the characters of a text as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def pair_codes(text: str, scope: int = ALL) -> Codes:
    """Return the codes of all neighbouring pairs of a text, in order and with repetitions."""
    points = code_points(text).astype(np.uint64)
    return (points[:-1] << np.uint64(21)) | points[1:] | np.uint64(scope << 42)


_TELLING = re.compile(r"[^\s!-/:-@\[-`{-~、。「」『』（）・ぁ-ゖ]")


def scoring_codes(text: str, scope: int = ALL) -> list[int]:
    """Return the codes by which a query's characters are ranked: all pairs, and the characters that say something."""
    characters = character_codes("".join(_TELLING.findall(text)), scope).tolist()
    pairs = pair_codes(text, scope).tolist() if len(text) > 1 else []
    return list(dict.fromkeys(pairs + characters))


def character_codes(text: str, scope: int = ALL) -> Codes:
    """Return the codes of the single characters of a text."""
    return (code_points(text).astype(np.uint64) << np.uint64(21)) | np.uint64(scope << 42)


def word_counts(text: str, found: Iterable[Word] | None = None) -> tuple[Counter[str], dict[str, set[str]]]:
    """Count the words of normalised text, and note surfaces that differ from their normalised form."""
    counts: Counter[str] = Counter()
    surfaces: dict[str, set[str]] = {}
    for word in words(text) if found is None else found:
        counts[word.form] += 1
        surface = text[word.start : word.end]
        if surface != word.form:
            surfaces.setdefault(word.form, set()).add(surface)
    for day in find_dates(text):
        surface = text[day.start : day.end]
        for term in day.terms:
            counts[term] += 1
            surfaces.setdefault(term, set()).add(surface)
    return counts, surfaces
