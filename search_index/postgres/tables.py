"""The tables of the index and who may read them.

The schema holds everything twice, under `a` and `b`: one half is searched while a rebuild fills the other, and `state` says
which. So a rebuild makes no tables, and the application's role needs no right to make any.

    state       which half is searched, the number of its last commit, the last outbox row, what analysed it
    numbers     numbers for segments, of which none is ever used twice, whatever becomes of the halves
    audience    sets of reader tokens by number: those of documents, and shelves
    segment     the segments of the index and which of their documents are deleted
    part        arrays of a segment: columns of its documents, spellings of its words
    term        in how many documents of a segment a term occurs
    posting     the documents of one term on one shelf in a segment, and how often it occurs in each
    text        folded and stored text of a document

A shelf is a set of tokens each of which lets a person read every document that stands there. A document stands on the shelf
of its common tokens and, for each rare one, on that token's own: so a reader of documents that thousands of people share in
hundreds of combinations takes a term from a few rows, and there is nothing in them that is not theirs.

Row security repeats what every statement asks for: postings and texts are there for those whose tokens meet the audience.
Columns and spellings are loaded by the engine for everybody, and masked by it as they are in the first engine.
"""

from functools import cache
from typing import Any

from psycopg import Connection
from psycopg.errors import InsufficientPrivilege, InvalidSchemaName, UndefinedTable
from psycopg.sql import SQL, Identifier, Literal

from search_index.values import SearchIndexError

SCHEMA = "search"
HALVES = ("a", "b")
TABLES = ("audience", "segment", "part", "term", "posting", "text")
TABLES_VERSION = 1
BOUNDARY = "\x01"  # PostgreSQL's text takes no NUL, and the normaliser leaves no other control character

_STATE = """
CREATE TABLE {state} (
    half text NOT NULL, number bigint NOT NULL, stamp bigint NOT NULL, analysis text NOT NULL, tables int NOT NULL
);
INSERT INTO {state} VALUES ('', 0, 0, '', {version});
GRANT SELECT, UPDATE ON {state} TO {role};
CREATE SEQUENCE {numbers} AS int;
GRANT USAGE ON {numbers} TO {role};
"""

# Texts lie beside their row's other columns, unpacked, as far as a page takes them: verifying a phrase reads thousands.
_HALF = """
CREATE TABLE {audience} (number int PRIMARY KEY, tokens text[] NOT NULL, shelf boolean NOT NULL);
CREATE TABLE {segment} (number int PRIMARY KEY, documents int NOT NULL, deleted bytea NOT NULL);
CREATE TABLE {part} (
    segment int, name text, kind text NOT NULL, data bytea NOT NULL, PRIMARY KEY (segment, name)
);
CREATE TABLE {term} (segment int, code bigint, documents int NOT NULL, PRIMARY KEY (segment, code));
CREATE TABLE {posting} (
    segment int, code bigint, shelf int,
    documents bytea NOT NULL, counts bytea NOT NULL,
    PRIMARY KEY (segment, code, shelf)
);
CREATE TABLE {text} (
    segment int, document int, audience int NOT NULL,
    folded text NOT NULL, stored bytea NOT NULL,
    PRIMARY KEY (segment, document)
) WITH (toast_tuple_target = 8160);
ALTER TABLE {part} ALTER data SET STORAGE EXTERNAL;
ALTER TABLE {posting} ALTER documents SET STORAGE EXTERNAL, ALTER counts SET STORAGE EXTERNAL;
ALTER TABLE {text} ALTER folded SET STORAGE EXTERNAL, ALTER stored SET STORAGE EXTERNAL;
"""

# Within SELECT a setting is read once a statement, not once a row.
_KEEPER = "(SELECT current_setting('search_index.keeper', true) = 'yes')"
_READABLE = {
    "audience": "tokens && (SELECT string_to_array(current_setting('search_index.tokens', true), chr(31)))",
    "segment": "true",
    "term": "true",
    "posting": "shelf IN (SELECT number FROM {audience})",
    "text": "audience IN (SELECT number FROM {audience})",
}


@cache
def sql(text: str, half: str = "", schema: str = SCHEMA, role: str = "") -> str:
    """Fill the names of one half's tables into a statement."""
    named = {name: Identifier(schema, f"{name}_{half}") for name in TABLES}
    version = Literal(TABLES_VERSION)
    both = {name: Identifier(schema, name) for name in ("state", "numbers")}
    filled = SQL(text).format(role=Identifier(role), version=version, **both, **named)
    return filled.as_string(None)


def prepare(connection: Connection[Any], role: str, *, schema: str = SCHEMA) -> None:
    """Make the tables, as their owner, unless they are there in this form already; the index is then empty and missing.

    Raises SearchIndexError when the owner may not make them.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(7278, 0)")
        if _version(connection, schema) == TABLES_VERSION:
            return
        try:
            _make(connection, role, schema)
        except InsufficientPrivilege as error:
            raise SearchIndexError(
                f"検索の表を置くスキーマ {schema} を作る権限がありません。deploy/postgres.sql をもう一度実行してください。"
            ) from error


def _version(connection: Connection[Any], schema: str) -> int:
    try:
        with connection.transaction():
            row = connection.execute(sql("SELECT tables FROM {state}", schema=schema)).fetchone()
    except (UndefinedTable, InvalidSchemaName):
        return 0
    return int(row[0]) if row else 0


def _make(connection: Connection[Any], role: str, schema: str) -> None:
    there = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (schema,)).fetchone()
    if there != (True,):
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    connection.execute(SQL("GRANT USAGE ON SCHEMA {} TO {}").format(Identifier(schema), Identifier(role)))
    for name in ("state", *(f"{table}_{half}" for half in HALVES for table in TABLES)):
        connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(schema, name)))
    connection.execute(sql("DROP SEQUENCE IF EXISTS {numbers}", schema=schema))
    connection.execute(sql(_STATE, schema=schema, role=role))
    for half in HALVES:
        connection.execute(sql(_HALF, half, schema))
        for table in TABLES:
            _protect(connection, table, half, schema, role)


def _protect(connection: Connection[Any], table: str, half: str, schema: str, role: str) -> None:
    name = Identifier(schema, f"{table}_{half}")
    for act in ("ENABLE", "FORCE"):
        connection.execute(SQL(f"ALTER TABLE {{}} {act} ROW LEVEL SECURITY").format(name))
    connection.execute(SQL(f"CREATE POLICY keeper ON {{}} USING ({_KEEPER}) WITH CHECK ({_KEEPER})").format(name))
    if table in _READABLE:
        readable = SQL(sql(_READABLE[table], half, schema))
        connection.execute(SQL("CREATE POLICY reader ON {} FOR SELECT USING ({})").format(name, readable))
    rights = SQL("GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {} TO {}")
    connection.execute(rights.format(name, Identifier(role)))
