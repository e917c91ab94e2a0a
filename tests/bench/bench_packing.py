"""What it costs to save many reports at once: `python -m tests.bench.bench_packing` (needs LibreOffice for PDF and packet).

CPU seconds of this process and its children; peak memory is this process's own. One report in four is long (26 attendees, 12
paragraphs), as in a busy month; the printed ones are half and half.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

import tenants
from portal.kinds import find_kind
from portal.models import Account, Document, Job, Membership
from portal.printing import find_program, open_by_parts, to_pdf
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import documents, jobs, packing
from portal.services.site import Site
from portal.services.uow import UnitOfWork
from portal.settings import Settings
from portal.word import Entry, Packet, Slot, bookmarks, draw_packet, export
from tests.word.desk import HEADING, MEETING, busy_meeting, sample

REPORTS, PRINTED, JOBS = 1000, 24, 100
ME = Identity(1, "higashinari", Role.COORDINATOR)


def main() -> None:
    """Print the figures as a Markdown table."""
    print("| what | CPU | wall | memory |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        site = _office(Path(folder))
        _measure_jobs(site)
        _measure_zip(site)
        site.engine.dispose()
    program = find_program()
    if program is None:
        print("| PDF | no LibreOffice | | |")
        return
    _measure_printing(program)


def _office(folder: Path) -> Site:
    site = Site.open(Settings(data=folder, password_cost="low", soffice="none"))
    with UnitOfWork(site, SystemIdentity()) as uow:
        account = Account(login="t", name="田中", password_hash="x")
        account.memberships = [Membership(ward_id=ME.ward, role=str(ME.role))]
        uow.session.add(account)
        uow.commit()
    kind = find_kind("meeting_report")
    assert kind is not None
    long, short = busy_meeting().fields, sample(MEETING).fields
    with UnitOfWork(site, ME, name="田中") as uow:
        for number in range(REPORTS):
            typed = {**(short if number % 4 else long), "meeting_name": f"病院連絡会{number}"}
            documents.create(uow, ward=ME.ward, kind=kind, title="", typed=typed)
        uow.commit()
    return site


def _measure_jobs(site: Site) -> None:
    jobs.job("bench.nothing")(lambda _: None)

    def ask_and_do() -> None:
        for number in range(JOBS):
            with UnitOfWork(site, ME) as uow:
                jobs.start(uow, "bench.nothing", title="x", payload={"number": number})
                uow.commit()
            jobs.do_next(site, worker="bench")

    _tell("a job that does nothing, asked for and done", ask_and_do, each=JOBS)
    _tell("a look when nothing waits", lambda: [jobs.do_next(site, worker="bench") for _ in range(1000)], each=1000)


def _measure_zip(site: Site) -> None:
    with UnitOfWork(site, ME) as uow:
        packing.start(uow, list(uow.session.scalars(select(Document.id))))
        uow.commit()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _tell(f"ZIP of {REPORTS} reports", lambda: jobs.do_next(site, worker="bench"))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    with UnitOfWork(site, ME) as uow:
        made = uow.session.scalars(select(Job).order_by(Job.id.desc())).first()
        assert made is not None
        assert made.state == jobs.DONE
        print(f"| its size, and what memory grew by | {made.result_size / 1e6:.1f} MB | | {grown:.0f} MB |")


def _measure_printing(program: str) -> None:
    files = [export(MEETING, busy_meeting(10 + n) if n % 2 else sample(MEETING), HEADING) for n in range(PRINTED)]
    _tell("one PDF, alone", lambda: to_pdf(files[:1], program))
    _tell(f"{PRINTED} PDFs in one start, each", lambda: to_pdf(files, program), each=PRINTED)
    wards = [one.name for one in tenants.all_wards()]
    slots = [Slot(ward, [Entry("病院連絡会", docx)]) for ward, docx in zip(wards, files, strict=True)]
    packet = Packet(
        "令和8年10月分", [("提出", "24区")], ["報告"], [*slots[:22], *(Slot(one, missing="なし") for one in wards[22:])]
    )
    bound = _tell("packet of 24 slots: bound as Word", lambda: draw_packet(packet))
    (pdf,) = _tell("the same, printed", lambda: to_pdf([bound], program, bound=True, seconds=180))
    _tell("the same, bookmarks and page numbers", lambda: open_by_parts(pdf, bookmarks(packet)))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"| LibreOffice at most | | | {children:.0f} MB |")


def _tell(what: str, do: Callable[[], Any], *, each: int = 1) -> Any:
    began, cpu = time.perf_counter(), _cpu()
    result = do()
    print(
        f"| {what} | {(_cpu() - cpu) / each * 1000:,.1f} ms | {(time.perf_counter() - began) / each * 1000:,.1f} ms | |"
    )
    return result


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
