"""A PostgreSQL database as the home of an index."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from search_index.postgres.index import PostgresIndex
from search_index.postgres.locks import Connect, alone
from search_index.postgres.rebuilding import rebuild
from search_index.postgres.tables import SCHEMA
from search_index.values import Entry


@dataclass(frozen=True, slots=True)
class DatabaseHome:
    """An index in PostgreSQL, in tables that `prepare` made; `scratch` is a folder for rebuilds."""

    connect: Connect
    scratch: Path
    schema: str = SCHEMA
    cache_bytes: int = 150_000_000

    def create(self) -> PostgresIndex:
        """Make an empty index where there is none, and open it."""
        return PostgresIndex.create(self.connect, schema=self.schema, cache_bytes=self.cache_bytes)

    def open(self) -> PostgresIndex:
        """Open the index."""
        return PostgresIndex.open(self.connect, schema=self.schema, cache_bytes=self.cache_bytes)

    def rebuild(
        self,
        entries: Iterable[Entry],
        stamp: int,
        *,
        processes: int = 1,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Build a new index beside the old one and switch to it."""
        rebuild(self.connect, entries, stamp, self.scratch, schema=self.schema, processes=processes, progress=progress)

    def alone(self) -> AbstractContextManager[bool]:
        """Hold the right to keep this index among all hosts; False while another host has it."""
        return alone(self.connect)
