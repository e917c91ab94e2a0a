"""A mail server for tests: takes mail on a local port, refuses what it is told to refuse, and can be away.

with mail_server() as server: server.port, server.taken, server.answers["RCPT"] = "550 no such user"
"""

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default

GOOD = {
    "EHLO": "250 ok",
    "HELO": "250 ok",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@dataclass
class MailServer:
    """What the server does and what it took."""

    port: int
    taken: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hangs_up_after_data: bool = False


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: MailServer = self.server.mail  # type: ignore[attr-defined]
        self._say("220 test")
        for line in self.rfile:
            verb = line.decode().strip()[:4].upper()
            answer = server.answers.get(verb) or GOOD.get(verb, "502 what")
            self._say(answer)
            if verb == "DATA" and answer.startswith("354"):
                lines = iter(self.rfile.readline, b".\r\n")
                content = b"".join(one[1:] if one.startswith(b"..") else one for one in lines)
                server.taken.append(email.message_from_bytes(content, policy=default))  # type: ignore[arg-type]
                if server.hangs_up_after_data:
                    return
                self._say(server.answers.get(".", "250 taken"))
            if verb == "QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server for as long as the block lasts."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.mail = MailServer(server.server_address[1])  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.mail  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
