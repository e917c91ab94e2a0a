"""Database to search index: entries, drain, rebuild. The database is the truth; the index can be thrown away."""

from portal.catalog.draining import all_entries, documents, drain, entries_of, last_outbox_id, waiting
from portal.catalog.entries import entry_of
from portal.catalog.home import index_home, prepare_index

__all__ = [
    "all_entries",
    "documents",
    "drain",
    "entries_of",
    "entry_of",
    "index_home",
    "last_outbox_id",
    "prepare_index",
    "waiting",
]
