"""`portal serve` starts, says where, refuses what cannot work by name, and ends cleanly."""

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Server, Terminal, eventually, is_running


def test_the_server_says_where_it_is_and_answers_there(server: Server) -> None:
    said = server.start()
    assert f"http://127.0.0.1:{server.port}" in said
    assert server.ask("GET", "wards")[0] in (200, 401)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_cleanly_when_asked(server: Server, how: int) -> None:
    server.start()
    children = server.children()
    assert server.stop(how) == 0
    assert not any(is_running(pid) for pid in children)


def test_a_port_somebody_else_uses_is_refused_by_name(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PORTAL_PORT", str(other.getsockname()[1]))
        assert terminal.run("serve") == 1
    assert "PORTAL_PORT" in terminal.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_PORT", "八千"),
        ("PORTAL_PORT", "70000"),
        ("PORTAL_WORKERS", "0"),
        ("PORTAL_DATABASE_URL", "mysql://localhost/portal"),
        ("PORTAL_ORIGIN", "portal.example.jp"),
        ("PORTAL_DATBASE_URL", "postgresql://localhost/portal"),
        ("PORTAL_PASSWORD_COST", "none"),
        ("PORTAL_DATA", __file__),
    ],
)
@pytest.mark.parametrize("command", [["serve"], ["check"], ["account", "list"]], ids=lambda words: words[0])
def test_a_wrong_setting_is_refused_by_name(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str, command: list[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert terminal.run(*command) == 2
    assert name in terminal.err
    assert "Traceback" not in terminal.err


def test_a_folder_of_somebody_elses_files_is_left_alone(terminal: Terminal) -> None:
    terminal.data.mkdir()
    (terminal.data / "家計簿.xlsx").write_text("x")
    assert terminal.run("serve") == 2
    assert "PORTAL_DATA" in terminal.err
    assert "家計簿.xlsx" in terminal.err
    assert [path.name for path in terminal.data.iterdir()] == ["家計簿.xlsx"]


def test_a_database_of_a_newer_portal_is_left_alone(terminal: Terminal) -> None:
    assert terminal.run("account", "list") == 0
    with sqlite3.connect(terminal.data / "portal.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert terminal.run("serve") == 2
    assert "新しい版" in terminal.err
    with sqlite3.connect(terminal.data / "portal.sqlite3") as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


def test_a_file_that_is_no_database_is_said_to_be_none(terminal: Terminal) -> None:
    terminal.data.mkdir()
    (terminal.data / "portal.sqlite3").write_text("これはデータベースではありません。" * 100)
    assert terminal.run("serve") == 2
    assert "portal.sqlite3" in terminal.err


def test_a_postgresql_that_does_not_answer_is_named(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/portal")
    assert terminal.run("check") == 2
    assert "PORTAL_DATABASE_URL" in terminal.err


def test_a_second_server_on_the_same_data_leaves_the_index_to_the_first(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.cli.conftest import free_port

    server.start()
    first = server.index_worker()
    monkeypatch.setenv("PORTAL_PORT", str(free_port()))
    second = Server(server.data)
    second.start()
    try:
        second.sign_in("tanaka")
        made = second.create("栄養相談の窓口")
        assert eventually(lambda: made in second.finds("栄養相談"), 20)
        assert second.index_worker() == first
    finally:
        assert second.stop() == 0
        assert second.process is not None
        assert second.process.stdout is not None
        second.process.stdout.close()


def test_the_command_itself_starts_at_once() -> None:
    """Heavy things are imported by the command that needs them: what makes help slow is what it loads."""
    code = (
        "import sys, portal.cli; print(sorted({'sqlalchemy', 'flask', 'numpy', 'docx', 'alembic'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_many_ask_at_once_and_all_are_answered(server: Server) -> None:
    server.start()
    server.sign_in("tanaka")
    made: list[int] = []
    people = [threading.Thread(target=lambda n=n: made.append(server.create(f"同時の書類{n}"))) for n in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert len(set(made)) == 8


def test_nothing_is_written_outside_the_data_folder(server: Server, tmp_path: Path) -> None:
    server.start()
    server.sign_in("tanaka")
    server.create("書類")
    assert server.stop() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"data", "serve.log"}
