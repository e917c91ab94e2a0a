"""A terminal and a running server for the tests of the command."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.cli import main

PASSWORD = "asagao-himawari-kosumosu"


class Terminal:
    """Runs the command in this process and keeps what it printed."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.capsys = data, capsys
        self.out = self.err = ""

    def run(self, *arguments: str) -> int:
        """Run `portal ...`; return the exit code."""
        self.capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        self.out, self.err = self.capsys.readouterr()
        return code


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Return a terminal whose PORTAL_DATA is an empty folder."""
    data = tmp_path / "data"
    monkeypatch.setenv("PORTAL_DATA", str(data))
    monkeypatch.setenv("PORTAL_PASSWORD_COST", "low")
    monkeypatch.setenv("PORTAL_ASSETS", "none")
    monkeypatch.setenv("PORTAL_PORT", str(free_port()))
    return Terminal(data, capsys)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`portal serve` in a process of its own, on the terminal's settings."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = int(os.environ["PORTAL_PORT"])
        self.errors = data.parent / "serve.log"
        self.process: subprocess.Popen[str] | None = None
        self.token = ""

    def start(self) -> str:
        """Start it, wait until it says where it is, and return what it said."""
        with self.errors.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.cli", "serve"], stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said, self.errors.read_text()
        return said

    @property
    def pid(self) -> int:
        """The number of the server's first process."""
        assert self.process is not None
        return self.process.pid

    def children(self) -> list[int]:
        """Return the numbers of its workers."""
        return [int(one) for one in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()] + [
            int(one)
            for task in Path(f"/proc/{self.pid}/task").iterdir()
            if task.name != str(self.pid)
            for one in (task / "children").read_text().split()
        ]

    def index_worker(self) -> int:
        """Return the number of the process that writes the index."""
        return self._holder_of("index.lock")

    def job_worker(self) -> int:
        """Return the number of the process that does the jobs."""
        return self._holder_of("jobs.lock")

    def _holder_of(self, name: str) -> int:
        lock = self.data / name  # made by the worker itself, a moment after the server answers
        return int(eventually(lambda: lock.exists() and lock.read_text().strip()))

    def kill(self) -> None:
        """Let the server die without a word, as kill -9 or a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ask it to end; return its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(20)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request to the JSON API; return status and what came back."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
            if not self.token:
                del headers["Authorization"]
            connection.request(method, f"/api/v1/{path}", json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def sign_in(self, login: str) -> None:
        """Act as that account from now on."""
        self.token = ""
        status, answer = self.ask("POST", "tokens", {"account": login, "password": PASSWORD})
        assert status == 201, answer
        self.token = answer["token"]

    def create(self, title: str) -> int:
        """Register a 資料 of 東成区; return its id once the server has acknowledged it."""
        body = {"kind": "file", "title": title, "fields": {"note": f"{title}の説明"}}
        status, answer = self.ask("POST", "wards/higashinari/documents", body)
        assert status == 201, answer
        return int(answer["id"])

    def finds(self, words: str) -> list[int]:
        """Return the ids a search finds, none while the index is being made."""
        from urllib.parse import quote

        status, answer = self.ask("GET", f"search?q={quote(words)}&size=100")
        return [one["id"] for one in answer["items"]] if status == 200 else []


@pytest.fixture
def server(terminal: Terminal) -> Iterator[Server]:
    """Return a server that is not yet started; a coordinator of 東成区 has an account there."""
    add_account(terminal, "tanaka", "coordinator")
    made = Server(terminal.data)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    if made.process is not None and made.process.stdout is not None:
        made.process.stdout.close()


def add_account(terminal: Terminal, login: str, role: str, ward: str = "higashinari") -> None:
    """Register an account with the tests' password, from the terminal."""
    given = ["account", "add", login, "--name", "田中　花子", "--ward", ward, "--role", role, "--password-stdin"]
    with contextlib.ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        monkeypatch.setattr("sys.stdin", __import__("io").StringIO(PASSWORD + "\n"))
        assert terminal.run(*given) == 0, terminal.err


def eventually(ask: Callable[[], Any], seconds: float = 15) -> Any:
    """Return the first answer that is something, or the last one when time is up."""
    until = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < until:
        time.sleep(0.05)
    return answer


def is_running(pid: int) -> bool:
    """Say whether a process is there and not only a name in the table."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
