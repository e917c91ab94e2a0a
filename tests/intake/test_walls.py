"""Given that a reader were taken over by the file it reads, it finds itself in a room without doors."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.intake import ALLOWED, Extracted, Limits, extract, office_program
from tests.intake import files
from tests.support.packages import require_program

Read = Callable[..., Extracted]
ROOT = Path(__file__).parents[2]

TAKEN_OVER = """
import os, socket, sys
sys.path.insert(0, {root!r})
from portal.intake import sandbox
sandbox.limit_cost(768 * 1024 * 1024, 8)
isolated = sandbox.leave_network()
sandbox.give_up_root()
sandbox.close_doors()
def tried(act):
    try:
        act()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
print(isolated, os.geteuid() != 0, {attempt})
"""

ATTEMPTS = {
    "open a file": "tried(lambda: open('/etc/hostname'))",
    "write a file": "tried(lambda: open('/tmp/intake-was-here', 'w'))",
    "open a socket": "tried(lambda: socket.create_connection(('127.0.0.1', {port}), 1))",
    "look up a name": "tried(lambda: socket.getaddrinfo('example.org', 80))",
    "start a program": "tried(lambda: __import__('_posixsubprocess') and os.popen('true'))",
    "multiply": "tried(os.fork)",
    "take all memory": "tried(lambda: bytearray(900 * 1024 * 1024))",
}


def attempted(attempt: str, port: int = 9) -> list[str]:
    code = TAKEN_OVER.format(root=str(ROOT), attempt=ATTEMPTS[attempt].replace("{port}", str(port)))
    done = subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("attempt", [a for a in ATTEMPTS if a != "open a socket"])
def test_a_reader_taken_over_can_do_nothing(attempt: str) -> None:
    _, powerless, outcome = attempted(attempt)
    assert powerless == "True"
    assert outcome in ("OSError", "PermissionError", "MemoryError", "gaierror", "BlockingIOError"), attempt


def test_a_reader_taken_over_reaches_no_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        outcome = attempted("open a socket", server.getsockname()[1])[2]
        assert outcome in ("OSError", "ConnectionRefusedError", "gaierror")
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_child_knows_nothing_of_the_portals_settings(
    monkeypatch: pytest.MonkeyPatch, read: Read, tmp_path: Path
) -> None:
    """The environment holds the database's address and keys; the child's own holds only its language."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://canary")
    seen: list[dict[str, str]] = []
    real = subprocess.Popen

    def watched(*args: object, **options: object) -> object:
        seen.append(options["env"])  # type: ignore[arg-type]
        return real(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", watched)
    assert read("docx", files.docx(files.paragraph("本文"))).status == "ok"
    assert seen == [{"LANG": "C.UTF-8"}]


def test_a_child_says_whether_it_could_leave_the_network(read: Read) -> None:
    found = read("docx", files.docx(files.paragraph("本文")))
    assert found.isolated == (attempted("open a file")[0] == "True")


def test_reading_works_where_the_network_cannot_be_left(tmp_path: Path) -> None:
    """In many containers the kernel refuses; the closed doors hold all the same, and the answer says so."""
    path = tmp_path / "a.docx"
    path.write_bytes(files.docx(files.paragraph("本文")))
    code = (
        f"import ctypes, os, sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from portal.intake import ALLOWED, extract\n"
        # Drop CAP_SYS_ADMIN from the bounding set, as container runtimes do: what is started next lacks it.
        "refused = ctypes.CDLL(None).prctl(24, 21, 0, 0, 0) == 0\n"
        f"found = extract(Path({str(path)!r}), ALLOWED['docx'])\n"
        "print(found.text, not (refused and found.isolated))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["本文", "True"], done.stderr


# A flat text document with a linked picture: LibreOffice goes by content and asks for the picture six times, if it can.
LINKED = """<?xml version="1.0"?><office:document office:mimetype="application/vnd.oasis.opendocument.text"
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"><office:body><office:text><text:p>before<draw:frame
 svg:width="1cm" svg:height="1cm"><draw:image xlink:href="{address}"/></draw:frame></text:p></office:text></office:body>
</office:document>"""


class TestLibreOffice:
    """LibreOffice reads what our own readers do not know, in a room with a folder but without a network."""

    @pytest.fixture(autouse=True)
    def _office(self) -> None:
        require_program("libreoffice-writer", "soffice")

    @pytest.fixture
    def unknown_to_us(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have every rich text go to LibreOffice, as a Word 95 file would."""
        real = extract.__globals__["_in_child"]

        def in_child(file: object, request: dict[str, str], *rest: object) -> Extracted:
            return Extracted("unsupported") if request["kind"] == "rtf" else real(file, request, *rest)

        monkeypatch.setitem(extract.__globals__, "_in_child", in_child)

    def test_it_reads_what_we_cannot(self, read: Read, unknown_to_us: None) -> None:
        found = read("rtf", rb"{\rtf1\ansi\ansicpg932 \'8b\'63\'8e\'96}", Limits(wall_seconds=60))
        assert (found.status, found.text) == ("ok", "議事")

    def test_it_fetches_nothing_while_it_reads(self, read: Read, unknown_to_us: None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.2)
            source = LINKED.format(address=f"http://127.0.0.1:{server.getsockname()[1]}/x.png").encode()
            found = read("rtf", source, Limits(wall_seconds=60))
            if not found.isolated:
                pytest.fail(
                    "この環境ではネットワークの切り離し（unshare）が許可されていません。root で実行してください。"
                )
            with pytest.raises(TimeoutError):
                server.accept()
        assert "before" in found.text

    def test_it_is_stopped_by_the_clock_and_leaves_nothing_running(
        self, read: Read, unknown_to_us: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A folder of this test alone, which nobody may pass through as well.
        folder = tempfile.mkdtemp()
        Path(folder).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        found = read("rtf", rb"{\rtf1 slow}", Limits(wall_seconds=0.4))
        assert found.status == "timeout"
        assert _working_in(folder) == set()
        assert list(Path(folder).iterdir()) == []
        Path(folder).rmdir()

    def test_a_word_95_file_without_it_is_said_to_be_unreadable(
        self, read: Read, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        assert office_program() is None
        found = read("doc", files.doc(["古い"], version=104))
        assert found.status == "unsupported"
        assert ".docx" in found.message


def _working_in(folder: str) -> set[bytes]:
    """Return the command lines of processes that were started for a folder."""
    found = set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                line = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if folder.encode() in line:
                found.add(line)
    return found


def test_a_normal_file_is_read_in_a_fifth_of_a_second(tmp_path: Path) -> None:
    """Processor time of the child and of waiting for it, so that a busy machine says the same as an idle one."""
    path = tmp_path / "a.docx"
    path.write_bytes(files.docx("".join(files.paragraph("退院支援について話し合った。") for _ in range(300))))
    extract(path, ALLOWED["docx"])
    before = os.times()
    threads = [threading.Thread(target=extract, args=(path, ALLOWED["docx"])) for _ in range(5)]
    for thread in threads:
        thread.start()
        thread.join()
    after = os.times()
    used = sum(after[:4]) - sum(before[:4])
    print(f"1 ファイルあたり CPU {used / 5 * 1000:.0f} ms")
    assert used / 5 < 0.2
