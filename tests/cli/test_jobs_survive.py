"""Given a job worker that dies in the middle of a job, then the next one takes the job up; one that was cancelled ends."""

import http.client
import json
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Server, Terminal, eventually

PRINTER = """#!/usr/bin/python3 -I
import sys, time
from pathlib import Path
out = Path(sys.argv[sys.argv.index("--outdir") + 1])
out.mkdir()
time.sleep(2)
for one in sys.argv:
    if one.endswith(".docx"):
        (out / f"{Path(one).stem}.pdf").write_bytes(b"%PDF-1.7 page %%EOF")
"""
"""A slow stand-in for LibreOffice."""


@pytest.fixture
def printing_server(terminal: Terminal, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as name:
        program = Path(name) / "soffice"
        program.write_text(PRINTER)
        program.chmod(0o755)
        program.parent.chmod(0o755)  # it runs as nobody
        monkeypatch.setenv("PORTAL_SOFFICE", str(program))
        monkeypatch.setenv("PORTAL_WORKERS", "1")
        server.start()
        server.sign_in("tanaka")
        yield server
        server.stop()


def ask_for_a_job(server: Server) -> int:
    """Ask for two PDFs at once until one is printed while the other becomes a job."""
    for attempt in range(5):
        first, second = server.create(f"いまの印刷{attempt}"), server.create(f"あとの印刷{attempt}")
        busy = threading.Thread(target=fetch, args=(server, f"documents/{first}/export?format=pdf"))
        busy.start()
        time.sleep(0.5)
        job = job_for(server, second)
        busy.join()
        if job:
            return job
    pytest.fail("every PDF was printed at once")


def fetch(server: Server, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", f"/api/v1/{path}", headers={"Authorization": f"Bearer {server.token}"})
        return connection.getresponse().read()
    finally:
        connection.close()


def job_for(server: Server, document: int) -> int:
    try:
        return int(json.loads(fetch(server, f"documents/{document}/export?format=pdf"))["id"])
    except ValueError:
        return 0  # printed at once


def look(server: Server, job: int) -> dict[str, Any]:
    status, answer = server.ask("GET", f"jobs/{job}")
    assert status == 200, answer
    return dict(answer)


def test_a_job_whose_worker_is_killed_is_done_by_the_next_one(printing_server: Server) -> None:
    job = ask_for_a_job(printing_server)
    assert eventually(lambda: look(printing_server, job)["state"] == "running")
    killed = printing_server.job_worker()
    os.kill(killed, signal.SIGKILL)
    done = eventually(lambda: look(printing_server, job)["state"] == "done" and look(printing_server, job), 30)
    assert done, look(printing_server, job)
    assert printing_server.job_worker() != killed
    assert fetch(printing_server, f"jobs/{job}/file") == b"%PDF-1.7 page %%EOF"


def test_a_cancelled_job_stops_while_it_prints(printing_server: Server) -> None:
    job = ask_for_a_job(printing_server)
    assert eventually(lambda: look(printing_server, job)["state"] == "running")
    assert printing_server.ask("DELETE", f"jobs/{job}")[0] == 204
    assert eventually(lambda: look(printing_server, job)["state"] == "cancelled", 20)


def test_a_server_that_ends_puts_its_job_back_and_the_next_one_does_it(printing_server: Server) -> None:
    job = ask_for_a_job(printing_server)
    assert eventually(lambda: look(printing_server, job)["state"] == "running")
    assert printing_server.stop() == 0
    printing_server.start()
    assert eventually(lambda: look(printing_server, job)["state"] == "done", 30)
