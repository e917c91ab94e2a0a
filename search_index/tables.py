"""The tables beside the code: variant kanji, synonym groups and their version."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files


def read_text(name: str) -> str:
    """Return the text of a data file of this package."""
    return (files("search_index") / "data" / name).read_text(encoding="utf-8")


def rows(name: str) -> Iterator[list[str]]:
    """Yield the tab-separated rows of a data file without comments and blank lines."""
    for line in read_text(name).splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def variants() -> dict[str, str]:
    """Map each variant kanji to the one character all its relatives are folded to."""
    return {variant: row[0] for row in rows("variants.tsv") for variant in row[1]}


@cache
def fingerprint() -> str:
    """Return a short name for the tables that shape the index; query-side tables do not count."""
    return hashlib.blake2b(read_text("variants.tsv").encode(), digest_size=6).hexdigest()
