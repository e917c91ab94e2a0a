"""Segments that lie in PostgreSQL, as the searcher asks of them: what one reader may see of the terms of one query.

A `Stock` is what is kept of a segment between queries: the columns of its documents, loaded once. A `RemoteSegment` is that
segment for one reader and one query: postings and texts come from the database, which hands out only those of audiences the
reader belongs to. Matching, ranking, counting and quoting are those of the first engine, line by line.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from search_index import analysis
from search_index.analysis import ALL, SCOPES, word_code
from search_index.planning import Planned, Wanted
from search_index.postgres import wire
from search_index.postgres.tables import BOUNDARY, sql
from search_index.ranking import TELLING
from search_index.segment import Segment

Array = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]

COLUMNS = (
    "id",
    "pairs",
    "words",
    "fiscal_year",
    "date",
    "updated",
    "flags",
    "ward",
    "kind",
    "state",
    "body_name",
    "items",
    "readers",
)
"""Arrays every query needs; the others are loaded when they are first asked for."""
_HEADER = "header"
_MOST_TEXTS = 2_000
_NO_POSTINGS = (np.zeros(0, np.uint16), np.zeros(0, np.uint8))

_LOAD = "SELECT segment, name, kind, data FROM {part} WHERE segment = ANY(%s) AND name = ANY(%s)"
_SIGHT = "SELECT number, shelf FROM {audience} WHERE tokens && %s ORDER BY number"
_COUNTS = "SELECT segment, code, documents FROM {term} WHERE segment = ANY(%s) AND code = ANY(%s)"
_POSTINGS = """
SELECT segment, code, string_agg(documents, ''::bytea), string_agg(counts, ''::bytea) FROM {posting}
WHERE segment = ANY(%s) AND code = ANY(%s) AND shelf = ANY(%s) GROUP BY segment, code
"""
# The rows of a term lie together: who may see most of them does better to pass by the others than to look each one up.
_POSTINGS_OF_MOST = _POSTINGS.replace("shelf =", "shelf + 0 =")
_TEXTS = "SELECT document, folded, stored FROM {text} WHERE segment = %s AND document = ANY(%s) AND audience = ANY(%s)"
_HOLDING = """
SELECT document FROM {text} WHERE segment = %s AND document = ANY(%s) AND audience = ANY(%s) AND strpos(folded, %s) > 0
"""
_STANDING_ALONE = _HOLDING + " AND folded ~ %s"


class Stock:
    """What is kept of a segment between queries."""

    def __init__(self, number: int, header: dict[str, Any], arrays: dict[str, Array]) -> None:
        self.number = number
        self.header = header
        self.arrays = arrays

    @cached_property
    def order(self) -> Array:
        """The documents by the number of their entry."""
        return np.argsort(self.arrays["id"], kind="stable")


def load_stocks(cursor: Cursor[Any], half: str, schema: str, numbers: Sequence[int]) -> dict[int, Stock]:
    """Load the columns of segments."""
    found: dict[int, dict[str, Array]] = {number: {} for number in numbers}
    headers: dict[int, dict[str, Any]] = {}
    for number, name, kind, data in _load(cursor, half, schema, numbers, [_HEADER, *COLUMNS]) if numbers else ():
        if name == _HEADER:
            headers[number] = json.loads(data)
        else:
            found[number][name] = np.frombuffer(data, dtype=kind)
    return {number: Stock(number, headers[number], found[number]) for number in numbers}


def load_array(cursor: Cursor[Any], half: str, schema: str, segment: int, name: str) -> Array:
    """Load one array of a segment."""
    rows = _load(cursor, half, schema, [segment], [name])
    if not rows:
        raise KeyError(name)
    return np.frombuffer(rows[0][3], dtype=rows[0][2])


def _load(
    cursor: Cursor[Any], half: str, schema: str, segments: Sequence[int], names: Sequence[str]
) -> list[tuple[int, str, str, bytes]]:
    """Read arrays of segments; only the index itself may."""
    (before,) = cursor.execute("SELECT current_setting('search_index.keeper', true)").fetchone() or ("",)
    cursor.execute("SELECT set_config('search_index.keeper', 'yes', true)")
    cursor.execute(sql(_LOAD, half, schema), (list(segments), list(names)))
    rows: list[tuple[int, str, str, bytes]] = cursor.fetchall()
    cursor.execute("SELECT set_config('search_index.keeper', %s, true)", (before or "",))
    return rows


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader may see: sets of readers they belong to, and shelves they may take from."""

    audiences: Array
    shelves: Array


def sight_of(cursor: Cursor[Any], half: str, schema: str, tokens: frozenset[str]) -> Sight:
    """Ask the database what the holder of these tokens may see."""
    cursor.execute(sql(_SIGHT, half, schema), (sorted(tokens),))
    found = cursor.fetchall()
    shelves = np.array([number for number, shelf in found if shelf], dtype=np.int32)
    audiences = np.array([number for number, shelf in found if not shelf], dtype=np.int32)
    return Sight(audiences, shelves)


class Reader:
    """One reader's way to the index during one query."""

    def __init__(
        self,
        cursor: Cursor[Any],
        half: str,
        schema: str,
        sight: "Sight",
        stocks: Sequence[Stock],
        alive: Mapping[int, Bools],
    ) -> None:
        self._cursor = cursor
        self._half, self._schema = half, schema
        self._audiences, self._shelves = wire.numbers(sight.audiences), wire.numbers(sight.shelves)
        most = 2 * len(sight.shelves) > max((stock.header["shelves"] for stock in stocks), default=0)
        self._take = _POSTINGS_OF_MOST if most else _POSTINGS
        self.seen = hashlib.blake2b(sight.audiences.tobytes(), digest_size=16).hexdigest()
        self._segments = wire.numbers(np.array([stock.number for stock in stocks], dtype=np.int32))
        self.codes: list[int] = []
        self._places: dict[int, int] = {}
        self._sizes: dict[int, dict[int, int]] = {stock.number: {} for stock in stocks}
        self._postings: dict[int, dict[int, tuple[Array, Array]]] = {stock.number: {} for stock in stocks}
        self._fetched: set[int] = set()
        self._alive = {number: flags for number, flags in alive.items() if not flags.all()}
        self.segments = tuple(RemoteSegment(self, stock, alive[stock.number]) for stock in stocks)

    def _ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        self._cursor.execute(sql(statement, self._half, self._schema), values)
        return self._cursor.fetchall()

    # --- terms ---

    def foresee(self, planned: Planned) -> None:
        """Learn at once how often the terms of a query occur."""
        wanted = (*planned.positive, *planned.negative)
        codes = {code for one in wanted for text in _text_codes(one) for code in text}
        self.learn(codes.union(*map(_word_codes, wanted), *map(_scored_codes, wanted)))

    def prepare(self, planned: Planned, total: int) -> None:
        """Fetch at once what a query is going to ask for one by one."""
        texts = [codes for wanted in (*planned.positive, *planned.negative) for codes in _text_codes(wanted)]
        words = {code for wanted in (*planned.positive, *planned.negative) for code in _word_codes(wanted)}
        scored = {code for wanted in planned.positive for code in _scored_codes(wanted)}
        self.learn({*words, *scored, *(code for codes in texts for code in codes)})
        half = total * np.exp(-TELLING)
        rarest = {code for codes in texts for code in sorted(codes, key=self.size)[:_PAIRS] if self._met(codes)}
        telling = {code for code in scored if self.size(code) <= half}
        self.fetch({code for code in {*words, *rarest, *telling} if self.size(code)})

    def _met(self, codes: Iterable[int]) -> bool:
        return all(self.size(code) for code in codes)

    def size(self, code: int) -> int:
        """Return in how many documents a known term occurs."""
        return sum(sizes.get(code, 0) for sizes in self._sizes.values())

    def learn(self, codes: Iterable[int]) -> None:
        """Learn how often terms occur."""
        new = [code for code in codes if code not in self._places]
        if not new:
            return
        for code in new:
            self._places[code] = len(self.codes)
            self.codes.append(code)
        packed = wire.codes(np.array(new, dtype=np.uint64))
        for segment, code, count in self._ask(_COUNTS, self._segments, packed):
            self._sizes[segment][wire.code_of(code)] = count

    def fetch(self, codes: Iterable[int]) -> None:
        """Fetch the postings of terms, as far as the reader may see them."""
        new = [code for code in codes if code not in self._fetched]
        if not new:
            return
        self._fetched.update(new)
        packed = wire.codes(np.array(new, dtype=np.uint64))
        for segment, code, documents, counts in self._ask(self._take, self._segments, packed, self._shelves):
            self._postings[segment][wire.code_of(code)] = _ordered(documents, counts, self._alive.get(segment))

    def places(self, segment: int, codes: Array) -> Array:
        """Return a place for each code that occurs in a segment, -1 for the others."""
        wanted: list[int] = codes.tolist()
        self.learn(wanted)
        sizes = self._sizes[segment]
        return np.array([self._places[code] if code in sizes else -1 for code in wanted], dtype=np.int64)

    def sizes(self, segment: int, codes: Iterable[int]) -> Array:
        """Return in how many documents of a segment each code occurs."""
        wanted = list(codes)
        self.learn(wanted)
        sizes = self._sizes[segment]
        return np.array([sizes.get(code, 0) for code in wanted], dtype=np.int64)

    def postings(self, segment: int, place: int) -> tuple[Array, Array]:
        """Return the documents of a term that the reader may see, and how often it occurs in each."""
        code = self.codes[place]
        self.fetch([code])
        return self._postings[segment].get(code, _NO_POSTINGS)

    # --- texts and arrays ---

    def texts(self, segment: int, documents: Array) -> dict[int, tuple[bytes, bytes]]:
        """Fetch the folded and stored texts of documents, as far as the reader may see them."""
        rows = self._ask(_TEXTS, segment, wire.numbers(documents), self._audiences)
        return {document: (folded.replace(BOUNDARY, "\0").encode(), stored) for document, folded, stored in rows}

    def holding(self, segment: int, documents: Array, text: str, pattern: str) -> list[int]:
        """Return those of the documents whose folded text holds a text, where a pattern says it stands alone."""
        values: list[object] = [segment, wire.numbers(documents), self._audiences, text]
        if pattern:
            rows = self._ask(_STANDING_ALONE, *values, pattern)
        else:
            rows = self._ask(_HOLDING, *values)
        return sorted(row[0] for row in rows)

    def load(self, segment: int, name: str) -> Array:
        """Load one more array of a segment."""
        return load_array(self._cursor, self._half, self._schema, segment, name)


class RemoteSegment(Segment):
    """A segment in PostgreSQL for one reader during one query."""

    look = 2

    def __init__(self, reader: Reader, stock: Stock, alive: Bools) -> None:
        self.number = stock.number
        # What is cached under this name is what these audiences see of the documents that are left.
        self.name = f"{stock.number}/{np.count_nonzero(alive)}/{reader.seen}"
        self.header = stock.header
        self.n = stock.header["n"]
        self.arrays = _Arrays(reader, stock)
        self.ids = stock.arrays["id"]
        self._reader, self._stock = reader, stock
        self._texts: dict[int, tuple[bytes, bytes]] = {}

    @property
    def order(self) -> Array:
        """The documents by the number of their entry; kept between queries."""
        return self._stock.order

    def foresee(self, codes: Array) -> None:
        """Fetch the postings of terms that are going to be read."""
        self._reader.fetch(codes.tolist())

    def find(self, codes: Array) -> Array:
        """Return the place of each code among the terms, or -1."""
        return self._reader.places(self.number, codes)

    def sizes(self, places: Array) -> Array:
        """Return in how many documents the terms at these places occur."""
        return self._reader.sizes(self.number, (self._reader.codes[place] for place in places.tolist()))

    def frequencies(self, codes: Array) -> Array:
        """Return in how many documents each code occurs, whoever may see them."""
        return self._reader.sizes(self.number, codes.tolist())

    def postings(self, place: int) -> tuple[Array, Array]:
        """Return the documents of a term that the reader may see, and how often it occurs in each."""
        return self._reader.postings(self.number, place)

    def surely(self, text: str) -> Array:
        """Return nothing: the server looks into texts quicker than the lexicon comes here."""
        return np.zeros(0, np.uint16)

    def holding(self, documents: Array, wanted: bytes, *, left: bool = False, right: bool = False) -> list[int]:
        """Return those of the documents whose folded text holds these bytes."""
        if not len(documents):
            return []
        pattern = ""
        if left or right:
            pattern = ("(?<![a-z0-9])" if left else "") + _escaped(wanted.decode()) + ("(?![a-z0-9])" if right else "")
        return self._reader.holding(self.number, documents, wanted.decode(), pattern)

    def expect(self, documents: Array) -> None:
        """Fetch the texts of documents that are going to be read."""
        missing = np.array([d for d in documents.tolist() if d not in self._texts], dtype=np.int32)
        if len(missing):
            if len(self._texts) > _MOST_TEXTS:
                self._texts.clear()
            self._texts |= self._reader.texts(self.number, missing)

    def folded(self, document: int) -> bytes:
        """Return a document's folded text."""
        self.expect(np.array([document]))
        return self._texts[document][0]

    def stored(self, document: int) -> bytes:
        """Return what is needed to show a document's original text."""
        self.expect(np.array([document]))
        return self._texts[document][1]


class _Arrays(dict[str, Array]):
    """The arrays of a segment; those no query needs are loaded when they are first asked for, and kept."""

    def __init__(self, reader: Reader, stock: Stock) -> None:
        super().__init__(stock.arrays)
        self._reader, self._stock = reader, stock

    def __missing__(self, name: str) -> Array:
        loaded = self[name] = self._stock.arrays[name] = self._reader.load(self._stock.number, name)
        return loaded


def _ordered(documents: bytes, counts: bytes, alive: Bools | None) -> tuple[Array, Array]:
    """Put the documents of several shelves in order, each once, without those that are deleted."""
    found = np.frombuffer(documents, dtype=np.uint16)
    times = np.frombuffer(counts, dtype=np.uint8)
    if alive is not None:
        there = alive[found]
        found, times = found[there], times[there]
    if len(found) < 2 or (found[1:] > found[:-1]).all():
        return found, times
    order = np.argsort(found, kind="stable")
    found, times = found[order], times[order]
    once = np.append(True, found[1:] != found[:-1])
    return found[once], times[once]


def _escaped(text: str) -> str:
    """Escape a text for PostgreSQL's regular expressions."""
    return "".join(
        character
        if character.isalnum()
        else f"\\u{ord(character):04x}"
        if ord(character) < 0x10000
        else f"\\U{ord(character):08x}"
        for character in text
    )


# --- what a query is going to ask for --------------------------------------------------------------

_PAIRS = 16


def _text_codes(wanted: Wanted) -> Iterable[list[int]]:
    """Yield the codes of each text that is looked for verbatim."""
    texts = {wanted.text, wanted.exact}
    texts |= {way.text for unit in wanted.units for way in unit.ways if way.text}
    for text in texts:
        codes = (
            analysis.character_codes(text, wanted.scope) if len(text) == 1 else analysis.pair_codes(text, wanted.scope)
        )
        yield list(dict.fromkeys(codes.tolist()))


def _word_codes(wanted: Wanted) -> Iterable[int]:
    return (code for unit in wanted.units for way in unit.ways for code in way.codes)


def _scored_codes(wanted: Wanted) -> Iterable[int]:
    yield from analysis.scoring_codes(wanted.text, wanted.scope)
    for unit in wanted.units:
        for way in unit.ways:
            for form in way.forms if wanted.scope == ALL else ():
                yield word_code(form, SCOPES["title"])
