"""What the portal asks of a search engine, whichever it is: an index in a folder of this host, or in PostgreSQL for many.

Both engines read queries, match, rank, count and quote with the same code; they differ in where postings and texts lie.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from search_index.index import Index
from search_index.rebuilding import rebuild
from search_index.synonyms import Synonyms
from search_index.values import Entry, Query, Result, Spelling, Suggestion


class Engine(Protocol):
    """An open index. `search_index.Index` says what each of these does."""

    synonyms: Synonyms
    aliases: Mapping[str, Mapping[str, str]]

    @property
    def stamp(self) -> int:
        """The last outbox row this index holds, as of the last refresh."""
        ...

    def __len__(self) -> int:
        """Return the number of entries."""
        ...

    def search(self, query: Query, *, synonyms: Synonyms | None = None) -> Result:
        """Answer a query from the latest commit; `synonyms` tries a table that is not in force."""
        ...

    def suggest(
        self, typed: str, tokens: frozenset[str], *, without: frozenset[int] = frozenset(), most: int = 7
    ) -> tuple[Suggestion, ...]:
        """Complete what a person is typing with words and titles of documents they may see."""
        ...

    def spellings(self, query: Query, *, most: int = 2) -> tuple[Spelling, ...]:
        """Propose what a person may have meant, for words that next to no visible document holds."""
        ...

    def similar(
        self, entry_id: int, tokens: frozenset[str], *, without: frozenset[int] = frozenset(), most: int = 5
    ) -> tuple[int, ...]:
        """Return the entries most like one, best first; none when the reader may not see that one."""
        ...

    def update(self, entries: Iterable[Entry], delete: Iterable[int], stamp: int) -> None:
        """Put entries in, take others out, in one commit that lasts when this returns."""
        ...

    def refresh(self) -> bool:
        """Pick up what another process committed or rebuilt; say whether there was anything."""
        ...

    def ids(self) -> dict[int, str]:
        """Return the digest of every entry."""
        ...

    def close(self) -> None:
        """Let go of what was kept."""
        ...


class Home(Protocol):
    """Where an index lives, whether or not there is one yet."""

    def create(self) -> Engine:
        """Make an empty index where there is none, and open it; one that is there is opened as it is."""
        ...

    def open(self) -> Engine:
        """Open the index. Raises IndexMissing, IndexDamaged or IndexOutdated; each is mended by `rebuild`."""
        ...

    def rebuild(
        self,
        entries: Iterable[Entry],
        stamp: int,
        *,
        processes: int = 1,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Build a new index beside the old one and switch to it; searching and writing go on meanwhile."""
        ...

    def alone(self) -> AbstractContextManager[bool]:
        """Hold the right to keep this index among all hosts; False while another host has it."""
        ...


@dataclass(frozen=True, slots=True)
class FolderHome:
    """An index in a folder of this host."""

    folder: Path
    cache_bytes: int = 150_000_000

    def create(self) -> Engine:
        """Make an empty index where there is none, and open it."""
        return Index.create(self.folder, cache_bytes=self.cache_bytes)

    def open(self) -> Engine:
        """Open the index."""
        return Index.open(self.folder, cache_bytes=self.cache_bytes)

    def rebuild(
        self,
        entries: Iterable[Entry],
        stamp: int,
        *,
        processes: int = 1,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Build a new index beside the old one and switch to it."""
        rebuild(self.folder, entries, stamp, processes=processes, progress=progress)

    def alone(self) -> AbstractContextManager[bool]:
        """Hold the right to keep this index: no other host has this folder."""
        return nullcontext(True)
