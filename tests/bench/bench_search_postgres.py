"""Measure the PostgreSQL engine: `python tests/bench/bench_search_postgres.py --documents 100000 --database URL`.

The database is one for this measurement alone; its schema `search` belongs to the URL's role, for whom row security holds. Documents, queries and reader are those of
bench_search.py. A query's CPU time is that of this process and of the server's process together.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from search_index import Query
from search_index.postgres import DatabaseHome, PostgresIndex, prepare

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench.bench_search import READER, entries, lines, percentiles, texts


class Connection:
    """The one connection of the measurement, and what both its ends have spent."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url)
        self._statistics = Path(f"/proc/{self._connection.info.backend_pid}/schedstat")

    @contextmanager
    def __call__(self) -> Iterator[psycopg.Connection]:
        """Lend it."""
        yield self._connection

    def spent(self) -> float:
        """Return the CPU seconds of this process and the server's, which must be on this machine."""
        return time.process_time() + int(self._statistics.read_text().split()[0]) / 1e9

    def timed(self, act: Callable[[], object]) -> tuple[float, float]:
        """Return the CPU and wall seconds of an act."""
        cpu, wall = self.spent(), time.perf_counter()
        act()
        return self.spent() - cpu, time.perf_counter() - wall


def measure(connection: Connection, index: PostgresIndex, queries: dict[str, list[str]], *, facets: bool) -> None:
    """Print one line a kind of query: first touch, then warm, CPU and wall."""
    for name, kind in queries.items():
        asked = [Query(text, READER, facets=facets, limit=10) for text in kind]
        first = [connection.timed(lambda query=query: index.search(query)) for query in asked]
        warm = [connection.timed(lambda query=query: index.search(query)) for query in asked for _ in range(3)]
        label = f"{name}{' + facets' if facets else ''}"
        shown = [percentiles([time[which] for time in times]) for times in (first, warm) for which in (0, 1)]
        print(f"  {label:24} first {shown[0]} CPU {shown[1]} wall   warm {shown[2]} CPU {shown[3]} wall")


def size(connection: psycopg.Connection) -> None:
    """Print the size of each table with its indexes."""
    rows = connection.execute(
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
        " WHERE relnamespace = 'search'::regnamespace AND relkind = 'r' AND pg_total_relation_size(oid) > 1e6 ORDER BY 2 DESC"
    ).fetchall()
    print("size", ", ".join(f"{name} {total / 1e6:.0f} MB" for name, total in rows))


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--database", required=True, help="postgresql:// of an ordinary role")
    parser.add_argument("--again", action="store_true", help="measure what is there already")
    options = parser.parse_args()
    source = lines()
    with psycopg.connect(options.database) as owner:
        prepare(owner, owner.info.user)
    connection = Connection(options.database)
    with tempfile.TemporaryDirectory() as scratch:
        home = DatabaseHome(connection, Path(scratch) / "index")
        if not options.again:
            cpu, wall = connection.timed(lambda: home.rebuild(entries(source, options.documents), 0, processes=2))
            print(f"rebuild {options.documents}: {wall:.1f} s wall, {cpu:.1f} s CPU (without the analysing processes)")
    with psycopg.connect(options.database) as owner:
        size(owner)
    index = home.open()
    print(f"{len(index)} documents")
    queries = texts(source)
    measure(connection, index, queries, facets=False)
    measure(connection, index, queries, facets=True)
    more = list(entries(source, options.documents + 20))[-20:]
    random.Random(1).shuffle(more)
    saved = [connection.timed(lambda entry=entry: index.update([entry], [], 1)) for entry in more]
    print(
        f"  one document to findable {percentiles([cpu for cpu, _ in saved])} CPU {percentiles([w for _, w in saved])} wall"
    )
    index.update([], [entry.id for entry in more], 2)


if __name__ == "__main__":
    sys.exit(main())
