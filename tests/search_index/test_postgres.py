"""What only the engine in PostgreSQL has to promise: the database itself keeps the index from those it is not for."""

import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.errors import InsufficientPrivilege

from search_index import IndexBusy, IndexMissing, Query, SearchIndexError
from search_index.postgres import DatabaseHome, prepare
from search_index.postgres.remote import Reader
from search_index.postgres.writing import shelves_of
from tests.search_index.homes import Connections, make_homes
from tests.search_index.office import EVERYONE, READERS, found, make_entry, random_entry
from tests.support.postgres import APP, OWNER, PostgresDatabase, PostgresServer

Database = tuple[PostgresServer, PostgresDatabase, Connections]


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseHome:
    made = make_homes("postgres", tmp_path, request)()
    assert isinstance(made, DatabaseHome)
    return made


def rows(
    connection: psycopg.Connection, home: DatabaseHome, table: str, tokens: frozenset[str] | None = None
) -> list[Any]:
    """Read a table past the engine, as somebody with these tokens (or as nobody)."""
    with connection.transaction():
        if tokens is not None:
            connection.execute("SELECT set_config('search_index.tokens', %s, true)", ("\x1f".join(tokens),))
        return connection.execute(f"SELECT * FROM {home.schema}.{table}").fetchall()


@pytest.mark.parametrize("role", [APP, OWNER])
def test_who_asks_the_tables_themselves_sees_only_what_is_theirs(
    home: DatabaseHome, search_database: Database, role: str
) -> None:
    open_one, secret = make_entry(1, "退院支援"), make_entry(2, "椿餅計画", readers=frozenset({"bureau"}))
    home.create().update([open_one, secret], [], 1)
    server, database, _ = search_database
    with server.connect(database.name, role) as connection:
        if role == OWNER:
            connection.execute(f"GRANT USAGE ON SCHEMA {home.schema} TO {OWNER}")
        for table in ("text_a", "posting_a", "audience_a", "part_a"):
            assert rows(connection, home, table) == rows(connection, home, table, frozenset()) == []
        assert rows(connection, home, "part_a", EVERYONE) == []
        (text,) = rows(connection, home, "text_a", EVERYONE)
        assert "退院支援" in text[3]
        assert len(rows(connection, home, "text_a", frozenset({"bureau", *EVERYONE}))) == 2


def test_the_portals_role_can_neither_make_tables_nor_lift_the_protection(
    home: DatabaseHome, search_database: Database
) -> None:
    server, database, _ = search_database
    with server.connect(database.name, APP) as connection:
        for act in (
            f"CREATE TABLE {home.schema}.mine (a int)",
            f"ALTER TABLE {home.schema}.text_a DISABLE ROW LEVEL SECURITY",
            f"DROP POLICY reader ON {home.schema}.text_a",
            f"DROP TABLE {home.schema}.text_a",
        ):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(act)


def test_what_a_reader_may_not_see_never_leaves_the_database(
    home: DatabaseHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(3)
    entries = {number: random_entry(number, chance) for number in range(150)}
    index = home.create()
    for start in range(0, 150, 50):
        index.update([entries[number] for number in range(start, start + 50)], [], start)
    sent: list[int] = []

    def watched(self: Reader, statement: str, *values: object) -> list[tuple[Any, ...]]:
        answer = asked(self, statement, *values)
        ids = {one.number: one.ids for one in self.segments}
        if "string_agg" in statement:
            sent.extend(int(ids[row[0]][d]) for row in answer for d in np.frombuffer(row[2], np.uint16).tolist())
        elif "{text}" in statement:
            sent.extend(int(ids[values[0]][row[0]]) for row in answer)
        return answer

    asked = Reader._ask
    monkeypatch.setattr(Reader, "_ask", watched)
    for text in ("退院", '"支援の"', "看取りの事例を検討した会議", "出席者:高橋", "髙橋", "会 -ST", ""):
        tokens = frozenset(chance.sample(READERS, 2))
        index.search(Query(text, tokens))
        index.suggest(text, tokens)
        index.similar(1, tokens)
        assert all(entries[number].readers & tokens for number in sent), text
        assert sent or not text
        sent.clear()


@given(st.lists(st.frozensets(st.sampled_from("abcdefg")), min_size=1, max_size=40), st.randoms())
def test_the_shelves_of_a_document_hold_its_readers_and_nobody_else(sets: list[frozenset[str]], chance: Any) -> None:
    numbers = np.array([chance.randrange(len(sets)) for _ in range(300)])
    for tokens, shelves in zip(sets, shelves_of([sorted(tokens) for tokens in sets], numbers), strict=True):
        assert {token for shelf in shelves for token in shelf} == tokens
        assert all(shelves)


def test_a_document_of_many_and_a_few_is_found_by_both_once(home: DatabaseHome) -> None:
    index = home.create()
    many = [make_entry(n, "退院", readers=frozenset({"member@*", f"account:{n}"})) for n in range(300)]
    index.update(many, [], 1)
    assert found(index, "退院", tokens=frozenset({"account:7"})) == [7]
    assert index.search(Query("退院", frozenset({"account:7", "member@*"}))).total == 300


def test_a_database_without_the_tables_says_so(search_database: Database, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="起動し直す"):
        DatabaseHome(search_database[2], tmp_path, "nowhere").open()


def test_an_owner_who_may_not_make_the_tables_is_told_what_to_do(search_database: Database) -> None:
    server, database, _ = search_database
    with (
        server.connect(database.name, OWNER) as connection,
        pytest.raises(SearchIndexError, match=r"postgres\.sql"),
    ):
        prepare(connection, APP, schema="nowhere")


def test_tables_that_are_there_are_left_as_they_are(home: DatabaseHome, search_database: Database) -> None:
    server, database, _ = search_database
    home.create().update([make_entry(1, "退院")], [], 5)
    with server.connect(database.name, OWNER) as connection:
        prepare(connection, APP, schema=home.schema)
    assert home.open().stamp == 5


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(
    home: DatabaseHome, search_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, database, _ = search_database
    index = home.create()
    monkeypatch.setattr("search_index.postgres.locks.PATIENCE", "50ms")
    with server.connect(database.name, APP) as other:
        other.execute("SELECT pg_advisory_lock(7278, 1)")
        with pytest.raises(IndexBusy, match="更新"):
            index.update([make_entry(1, "退院")], [], 1)
    index.update([make_entry(1, "退院")], [], 1)
    assert index.stamp == 1


def test_one_process_of_all_hosts_keeps_the_index_and_another_takes_over(
    home: DatabaseHome, search_database: Database
) -> None:
    server, database, _ = search_database
    with home.alone() as here:
        assert here
        with home.alone() as there:
            assert not there
    with home.alone() as again:
        assert again
    lost = server.connect(database.name, APP)
    lost.execute("SELECT pg_advisory_lock(7278, 3)")
    lost.close()
    assert any(taken(home) for _ in range(100))  # the server takes a moment to notice


def taken(home: DatabaseHome) -> bool:
    time.sleep(0.02)
    with home.alone() as alone:
        return alone


def test_a_rebuild_leaves_nothing_beside(home: DatabaseHome, search_database: Database) -> None:
    server, database, _ = search_database
    home.create().update([make_entry(1, "退院")], [], 1)
    home.rebuild([make_entry(2, "看取り")], 2)
    assert not home.scratch.exists()
    with server.connect(database.name) as connection:
        left = connection.execute(f"SELECT count(*) FROM {home.schema}.text_a").fetchone()
        filled = connection.execute(f"SELECT count(*) FROM {home.schema}.text_b").fetchone()
    assert (left, filled) == ((0,), (1,))
