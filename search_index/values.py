"""What goes into the index and what comes out: plain, frozen values and nothing else."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Sort = Literal["relevance", "date", "updated"]

# The names a part may carry. Everything a person typed is in one of them.
PART_NAMES = ("title", "body_name", "agenda", "decisions", "issues", "attendees", "text", "attachment")

FACETS = ("ward", "kind", "body_name", "fiscal_year", "item", "state", "has_decision", "has_issue")


class SearchIndexError(Exception):
    """Something is wrong with the index itself; the message is Japanese and meant for people."""


class IndexMissing(SearchIndexError):
    """There is no index in this folder; make one with `Index.create` or `rebuild`."""


class IndexDamaged(SearchIndexError):
    """The files of the index cannot be read, or others could have written them; rebuild it."""


class IndexOutdated(SearchIndexError):
    """The index was made with another analyzer, dictionary or table; rebuild it."""


class IndexBusy(SearchIndexError):
    """Another process is writing; try again in a moment."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a document's text: `name` is one of PART_NAMES, `label` what a person calls it (a file name for attachments)."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as the index knows it. `readers` are the tokens of those who may find it."""

    id: int
    ward: str
    kind: str
    title: str
    parts: tuple[Part, ...]
    readers: frozenset[str]
    date: date | None
    fiscal_year: int | None
    body_name: str
    items: tuple[str, ...]
    state: str
    has_decision: bool
    has_issue: bool
    updated: datetime


@dataclass(frozen=True, slots=True)
class Query:
    """What a person looks for, and the reader tokens that person carries.

    Values of one filter are alternatives; different filters must all hold. `without` names entries to treat as if
    they were not in the index. `without_synonyms` holds keys of synonym groups that are switched off, `without_words`
    single words that no group is to look for. The `_only` ones say where typed words must stand. Without `snippets`
    hits carry their number and score only.
    """

    text: str
    tokens: frozenset[str]
    without: frozenset[int] = frozenset()
    wards: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    body_names: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    fiscal_years: tuple[int, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    decided_only: bool = False
    has_decision: bool | None = None
    has_issue: bool | None = None
    title_only: bool = False
    attendees_only: bool = False
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 20
    without_synonyms: frozenset[str] = frozenset()
    without_words: frozenset[str] = frozenset()
    facets: bool = True
    snippets: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of original text, marked when it is what was looked for."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where a snippet comes from: the part's name and what a person calls it."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One found entry; joining the pieces gives back the original characters."""

    id: int
    score: float
    title_marked: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    part: Source


@dataclass(frozen=True, slots=True)
class Synonym:
    """A synonym group that took part: `key` switches it off, `word` was typed, `others` were looked for as well.

    `off` are words of the group that were switched off one by one.
    """

    key: str
    word: str
    others: tuple[str, ...]
    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a person may be about to type: a word, with a number of visible documents that hold it at least, or a title.

    `text` replaces all that was typed so far; `label` is the word or title alone. `id` is the entry of a title.
    """

    text: str
    label: str
    count: int
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a person may have meant: `text` is the whole query with `typed` replaced by `instead`; it finds `total`."""

    text: str
    typed: str
    instead: str
    total: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How the typed text was understood.

    `terms` are the words looked for, `notes` Japanese sentences for the page, `synonyms` the groups applied,
    `excluded` the words that must not occur, `filters` what field words such as 区:東成 were read as, and
    `relaxed` says that no document held all words, so documents holding some are shown.
    """

    terms: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    relaxed: bool = False


FacetCounts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a query: `total` and `facets` count only what the reader may see.

    Each facet is counted with every filter applied but its own, so that a person sees what choosing another value gives.
    `stamp` is the last outbox row the index had taken in.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, FacetCounts] = field(default_factory=dict)
    reading: Reading = Reading()
    stamp: int = 0
