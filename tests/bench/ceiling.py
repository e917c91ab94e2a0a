"""The ceiling of `make bench`: the least a Flask page with three queries can cost on the same server."""

import sqlite3
import sys
import threading
from pathlib import Path

from flask import Flask, render_template_string
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 2 else Path()
PAGE = "<!doctype html><title>{{ title }}</title><ul>{% for row in rows %}<li>{{ row[0] }} {{ row[1] }}</li>{% endfor %}</ul>"
local = threading.local()
app = Flask(__name__)


def database() -> sqlite3.Connection:
    """Return this thread's connection."""
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(FOLDER / "ceiling.sqlite3")
    connection: sqlite3.Connection = local.connection
    return connection


@app.get("/")
@app.get("/sign-in")
def page() -> str:
    """Answer with three queries and a small template."""
    connection = database()
    connection.execute("SELECT title FROM row WHERE id = 1").fetchone()
    (title,) = connection.execute("SELECT title FROM row WHERE id = 2").fetchone()
    rows = connection.execute("SELECT id, title FROM row ORDER BY id LIMIT 50").fetchall()
    return render_template_string(PAGE, title=title, rows=rows)


def load() -> Flask:
    """Return the application in a worker."""
    return app


if __name__ == "__main__":
    with sqlite3.connect(FOLDER / "ceiling.sqlite3") as made:
        made.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, title TEXT)")
        made.executemany("INSERT INTO row (title) VALUES (?)", [(f"第{n}回 病院連絡会",) for n in range(1000)])
    Server(
        "ceiling",
        port=int(sys.argv[2]),
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=4,
        log_level=LogLevels.warning,
    ).serve(target_loader=lambda *_: app, wrap_loader=False)
