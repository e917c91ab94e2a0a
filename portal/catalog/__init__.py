"""Database to search index: entries, drain, rebuild. The database is the truth; the index can be thrown away."""

from portal.catalog.draining import all_entries, documents, drain, entries_of, last_outbox_id, waiting
from portal.catalog.entries import entry_of

__all__ = ["all_entries", "documents", "drain", "entries_of", "entry_of", "last_outbox_id", "waiting"]
