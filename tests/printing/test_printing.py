"""Reports become PDF: the very Word file, tagged, in few starts; and whatever LibreOffice does, the portal goes on."""

import os
import socket
import stat
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal import printing as printer
from portal.models import AuditEntry
from portal.security.identity import SystemIdentity
from portal.services import jobs, printing
from portal.services.errors import Refused
from portal.services.printing import NoPrinter, PdfCache
from tests.support.browsing import Visitor
from tests.support.calling import Caller
from tests.support.office import Office
from tests.support.packages import require_package, require_program

PAGE = b"%PDF-1.7 page %%EOF\n"
Program = Callable[[str], str]


@pytest.fixture
def program() -> Iterator[Program]:
    """Return a way to write a program that stands in for LibreOffice; `sources` and `out` are what it was given."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # it runs as nobody

        def write(body: str) -> str:
            path = folder / "soffice"
            head = "import os, sys, time\nfrom pathlib import Path\nout = Path(sys.argv[sys.argv.index('--outdir') + 1])\nout.mkdir()\n"
            given = "sources = [Path(one) for one in sys.argv if one.endswith('.docx')]\n"
            made = f"def make(one, page={PAGE!r}):\n    (out / f'{{one.stem}}.pdf').write_bytes(page)\n"
            path.write_text(f"#!/usr/bin/python3 -I\n{head}{given}{made}{textwrap.dedent(body)}")
            path.chmod(0o755)
            return str(path)

        yield write


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


def with_printer(office: Office, soffice: str) -> Office:
    office.site = replace(office.site, settings=replace(office.site.settings, soffice=soffice))
    return office


def with_libreoffice(office: Office) -> Office:
    require_package("fonts-noto-cjk")
    require_package("libreoffice-writer-nogui")
    return with_printer(office, str(require_program("libreoffice-writer-nogui", "soffice")))


def text_of(pdf: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(pdf).pages)


def test_a_report_is_printed_once_and_each_reader_gets_what_is_theirs(office: Office) -> None:
    with_libreoffice(office)
    report = office.report("higashinari", state="shared", place="髙﨑会館", reflections="<p>所感のことば</p>")
    own, other = office.person("higashinari", "coordinator"), office.person("ikuno", "coordinator")
    name, path = office.do(own, lambda uow: printing.as_pdf(uow, report))
    found = PdfReader(path)
    root = found.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part>1" in root["/Metadata"].get_object().get_data()
    assert name.endswith(".pdf")
    assert [word in text_of(path) for word in ("髙﨑会館", "所感のことば")] == [True, True]

    before = path.stat().st_ino
    assert office.do(own, lambda uow: printing.as_pdf(uow, report))[1].stat().st_ino == before  # not printed again
    shared_name, shared = office.do(other, lambda uow: printing.as_pdf(uow, report))
    assert "24区共有版" in shared_name
    assert "髙﨑会館" in text_of(shared)
    assert "所感のことば" not in text_of(shared)
    with office.uow(SystemIdentity()) as uow:
        rows = uow.session.scalars(select(AuditEntry).where(AuditEntry.action == "document.exported")).all()
        assert [one.detail["format"] for one in rows] == ["pdf"] * 3


def test_without_libreoffice_it_is_said_and_word_goes_on(office: Office) -> None:
    report, tanaka = office.report("higashinari"), office.person("higashinari", "coordinator")
    browser, caller = Visitor.of(office, tanaka), Caller.of(office, tanaka)
    assert "PDFで保存" not in browser.get(f"/documents/{report}").words
    page = browser.get(f"/documents/{report}/pdf")
    assert (page.status, "この構成ではPDFを作れません。Wordで保存してください。" in page.words) == (406, True)
    assert "PDFを作れません" in caller.get(f"/documents/{report}/export", format="pdf").detail
    assert caller.get(f"/documents/{report}/export").status == 200
    with office.uow(tanaka) as uow, pytest.raises(NoPrinter):
        printing.start(uow, report)


def test_a_pdf_is_handed_out_on_screen_and_to_programs(office: Office, program: Program) -> None:
    with_printer(office, program("for one in sources: make(one)"))
    report, tanaka = office.report("higashinari"), office.person("higashinari", "coordinator")
    browser, caller = Visitor.of(office, tanaka), Caller.of(office, tanaka)
    (link,) = browser.get(f"/documents/{report}").find("//a[text()='PDFで保存']")
    asked = {"format": "pdf"}, {}
    got = [browser.client.get(link.get("href"))]
    got += [
        caller.client.get(
            f"/api/v1/documents/{report}/export",
            query_string=one,
            headers={"Authorization": f"Bearer {caller.token}", "Accept": printing.PDF},
        )
        for one in asked
    ]
    for one in got:
        assert (one.status_code, one.data, one.mimetype) == (200, PAGE, printing.PDF)
        assert one.headers["Content-Disposition"].startswith("attachment;")
        assert one.headers["Content-Disposition"].endswith(".pdf")


def test_what_cannot_be_printed_at_once_becomes_work_one_can_watch(office: Office, program: Program) -> None:
    with_printer(office, program("for one in sources: make(one)"))
    report, tanaka = office.report("higashinari"), office.person("higashinari", "coordinator")
    browser, caller = Visitor.of(office, tanaka), Caller.of(office, tanaka)
    with printing._one_at_a_time:  # somebody else is printing
        page = browser.get(f"/documents/{report}/pdf")
        told = caller.get(f"/documents/{report}/export", format="pdf")
    assert page.status == 302
    assert (told.status, told.headers["Location"]) == (202, f"/api/v1{page.location}")
    assert jobs.do_next(office.site, worker="here")
    assert browser.client.get(f"{page.location}/file").data == PAGE


@pytest.mark.parametrize("role", [("ikuno", "coordinator"), ("city", "bureau")])
def test_nobody_prints_what_they_may_not_save(office: Office, program: Program, role: tuple[str, str]) -> None:
    with_printer(office, program("for one in sources: make(one)"))
    report, stranger = office.report("higashinari"), office.person(*role)
    office.do(office.person("higashinari", "coordinator"), lambda uow: printing.as_pdf(uow, report))
    browser, caller = Visitor.of(office, stranger), Caller.of(office, stranger)
    assert browser.get(f"/documents/{report}/pdf").status == 404
    assert caller.get(f"/documents/{report}/export", format="pdf").status == 404


# -- whatever LibreOffice does ----------------------------------------------------------------------------------------


def test_many_files_are_printed_in_one_start_and_one_bad_file_takes_no_other_along(
    office: Office, program: Program
) -> None:
    body = """
        for one in sources:
            if b"bad" in one.read_bytes():
                os._exit(0)
            make(one, %r + one.read_bytes() + b"%%%%EOF")
    """
    with_printer(office, program(textwrap.dedent(body) % b"%PDF-1.7 "))
    good = [f"good {number}".encode() for number in range(3)]
    assert [one.read_bytes() for one in printing.print_all(office.site, good)] == [
        b"%PDF-1.7 " + one + b"%%EOF" for one in good
    ]
    with pytest.raises(Refused, match="PDFを作れませんでした"):
        printing.print_all(office.site, [b"good 9", b"bad", b"good 8"])


@pytest.mark.parametrize(
    "body", ["", "sys.exit(0)", "sys.exit(1)", "make(sources[0], b'')", "make(sources[0], b'%PDF-1.7 half')"]
)
def test_the_exit_code_says_nothing_what_was_written_does(program: Program, body: str) -> None:
    assert printer.to_pdf([b"x"], program(body)) == [printer.NOT_FOR_PRINT]


def test_one_that_hangs_is_ended_in_time_with_everything_it_started(program: Program) -> None:
    began = time.monotonic()
    mark = f"portal-test-{os.getpid()}"
    body = f"import subprocess\nsubprocess.Popen(['/usr/bin/python3', '-c', 'import time; time.sleep(99)', '{mark}'])\ntime.sleep(99)"
    assert printer.to_pdf([b"x"], program(body), seconds=2) == [printer.NOT_FOR_PRINT]
    assert time.monotonic() - began < 20
    assert not running(mark)


def test_giving_up_ends_it_too(program: Program) -> None:
    class Enough(Exception):
        pass

    calls = []

    def beat() -> None:
        calls.append(1)
        if len(calls) > 5:
            raise Enough

    with pytest.raises(Enough):
        printer.to_pdf([b"x"], program("time.sleep(99)"), beat=beat)


def running(mark: str) -> bool:
    return any(mark.encode() in path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.is_file())


def test_it_has_no_network_no_root_and_a_bound_on_what_it_writes(program: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        body = f"""
            import resource, socket
            try:
                socket.create_connection(("127.0.0.1", {port}), 2)
                met = "met"
            except OSError:
                met = "alone"
            bound = resource.getrlimit(resource.RLIMIT_FSIZE)[0] < 1 << 30
            make(sources[0], f"%PDF-1.7 {{met}} {{os.getuid()}} {{bound}} %%EOF".encode())
        """
        (told,) = printer.to_pdf([b"x"], program(body))
    assert told.split()[1:4] == [b"alone", str(os.getuid() or 65534).encode(), b"True"]


def test_what_a_killed_process_left_is_thrown_away_the_next_day(office: Office) -> None:
    left = [Path(tempfile.mkdtemp(prefix="portal-print-")) for _ in range(2)]
    os.utime(left[0], (1, 1))
    printing.trim_cache(office.site)
    assert [one.exists() for one in left] == [False, True]
    left[1].rmdir()


def test_the_cache_keeps_to_its_bound_and_forgets_what_was_used_longest_ago(office: Office) -> None:
    office.site = replace(office.site, settings=replace(office.site.settings, pdf_cache_mb=10))
    cache, begun = PdfCache(office.site), int(time.time()) - 1000
    for number in range(12):
        path = cache.keep(b"%d" % number, b"x" * (1 << 20))
        os.utime(path, (begun + number, begun + number))
    assert cache.find(b"0") is not None  # used just now
    assert cache.trim() == 2
    assert [number for number in range(12) if cache.find(b"%d" % number) is None] == [1, 2]
    os.utime(cache._path(b"5"), (1, 1))  # a month and more ago
    assert cache.trim() == 1
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
