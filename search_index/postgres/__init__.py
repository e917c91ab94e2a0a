"""The second engine: the same index in PostgreSQL, for sites that several hosts serve.

The tables are a shadow like the folder of the first engine: made by `prepare`, filled by `rebuild`, thrown away at will.
See docs/decisions for why postings lie in rows of one audience each.
"""

from search_index.postgres.home import DatabaseHome
from search_index.postgres.index import PostgresIndex
from search_index.postgres.tables import prepare

__all__ = ["DatabaseHome", "PostgresIndex", "prepare"]
