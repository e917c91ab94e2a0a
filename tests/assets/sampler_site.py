"""A small site for the assets alone: the sampler made from assets/README.md, and answers a test can set, under the real headers."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from portal.web.assets import STATIC, TRUSTED_TYPES_POLICIES
from portal.web.assets.build import HERE

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    f"trusted-types {' '.join(TRUSTED_TYPES_POLICIES)}"
)
_TYPES = {"css": "text/css", "js": "text/javascript", "txt": "text/plain", "json": "application/json"}
_EXAMPLE = re.compile(r"^```html ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Asked:
    """One request the site received."""

    method: str
    path: str
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Answer:
    """What the site says back."""

    status: int = 200
    body: str | bytes = ""
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Asked], Answer]


def answer_json(value: object, status: int = 200, **headers: str) -> Answer:
    """An answer holding JSON."""
    return Answer(status, json.dumps(value), {"Content-Type": "application/json", **headers})


def examples() -> dict[str, list[str]]:
    """The html examples of the README by mark: '' for the body, 'frame' and 'foot' around it."""
    found: dict[str, list[str]] = {}
    for mark, markup in _EXAMPLE.findall((HERE / "README.md").read_text(encoding="utf-8")):
        found.setdefault(mark, []).append(markup)
    return found


def page(body: str, *, title: str = "見本", scripts: bool = True, size: str = "100", account: str = "42") -> str:
    """A whole page around `body`, headed as assets/README.md asks."""
    from portal.web.assets import find_asset

    names = [find_asset(name) for name in ("portal.js", "edit.js")] if scripts else []
    tags = "".join(f'<script type="module" src="/static/{name}"></script>' for name in names if name)
    return (
        f'<!doctype html><html lang="ja" data-size="{size}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon">'
        f'<meta name="csrf-token" content="token-1"><meta name="account" content="{account}">'
        '<meta name="token-url" content="/session/token">'
        f'<link rel="stylesheet" href="/static/{find_asset("portal.css")}">{tags}</head><body>{body}</body></html>'
    )


def sampler(*, size: str = "100", scripts: bool = True) -> str:
    """Every component of the README on one page."""
    shown = examples()
    head = "<h1>画面の部品</h1>"
    body = "".join(f'<div class="section">{markup}</div>' for markup in shown[""])
    body = f'{shown["frame"][0]}<main class="page" id="main" tabindex="-1">{head}{body}</main>{shown["foot"][0]}'
    # The page head example has the page's own h1; the page's title stays the only one.
    body = re.sub(r'<h1 tabindex="-1">(.*?)</h1>', r"<h2>\1</h2>", body)
    return page(body, size=size, scripts=scripts)


class Site:
    """Serves pages and scripted answers on a free port and remembers what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.handlers: dict[tuple[str, str], Handler] = {}
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler_class())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def on(self, method: str, path: str, handler: Handler | Answer) -> None:
        """Set the answer to a request."""
        self.handlers[method, path] = (lambda _: handler) if isinstance(handler, Answer) else handler

    def requests(self, method: str, path: str) -> list[Asked]:
        """What was asked of one address so far."""
        return [asked for asked in self.asked if asked.method == method and asked.path.split("?")[0] == path]

    def _respond(self, asked: Asked) -> Answer:
        path = asked.path.split("?")[0]
        if handler := self.handlers.get((asked.method, path)):
            return handler(asked)
        if asked.method == "GET" and path in self.pages:
            return Answer(200, self.pages[path], {"Content-Type": "text/html; charset=utf-8"})
        if path == "/icon":
            return Answer(204)
        name = path.removeprefix("/static/")
        if asked.method == "GET" and "/" not in name and (STATIC / name).is_file():
            return Answer(200, (STATIC / name).read_bytes(), {"Content-Type": _TYPES[name.rsplit(".")[-1]]})
        return Answer(404, "ありません", {"Content-Type": "text/plain; charset=utf-8"})

    def _handler_class(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Receiver(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(self.command, self.path, self.headers, body)
                site.asked.append(asked)
                answer = site._respond(asked)
                data = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                self.send_header("Content-Security-Policy", POLICY)
                self.send_header("Content-Length", str(len(data)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = _serve  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        return Receiver


if __name__ == "__main__":  # python -m tests.assets.sampler_site: look at every component in a browser
    site = Site()
    site.pages["/"] = sampler()
    print(f"{site.url}/ (Enter ends it)")
    input()
    site.close()
