"""Documents as PDF: the very Word file somebody would save, printed by LibreOffice and kept by its content.

The cache asks nobody for rights: whoever gets a PDF out of it has just been given the Word file it was printed from.
"""

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal import intake, printing
from portal.db.base import now
from portal.models import Job, WordTemplate
from portal.security.workflows import Permission
from portal.services import exporting, jobs, templates
from portal.services.errors import Refused
from portal.services.jobs import Result, Work
from portal.services.site import Site
from portal.services.uow import UnitOfWork

PDF = "application/pdf"
PATIENCE = 15.0
"""Seconds a request waits for LibreOffice; what takes longer becomes a job."""
LAID_OUT = frozenset(("docx", "doc", "rtf", "xlsx", "xls"))
"""Office files whose pages LibreOffice lays out to be looked at."""
TOGETHER = 24
"""Files printed in one start of LibreOffice: the start costs as much as seven of them."""
PICTURE_WIDTH = 900
"""Pixels across a page that is shown on screen."""
UNUSED = timedelta(days=30)
"""How long a PDF is kept that nobody asks for again."""
_one_at_a_time = threading.BoundedSemaphore(1)
"""Requests of this process that print: the other threads go on serving."""


class NoPrinter(Refused):
    """This site has no LibreOffice."""

    def __init__(self) -> None:
        super().__init__("この構成ではPDFを作れません。Wordで保存してください。")


def as_pdf(uow: UnitOfWork, document_id: int, *, number: int | None = None) -> tuple[str, Path] | None:
    """Return file name and place of a document (or an older version of it) as PDF; None when it has to be a job.

    Raises NoPrinter where there is no LibreOffice.
    """
    made = exporting.make(uow, document_id, number=number)
    uow.pause()  # printing takes seconds, and on SQLite there is one writer
    path = _kept_or_printed_now(uow.site, made.docx)
    if path is None:
        return None
    exporting.audit(uow, uow.access(document_id, Permission.EXPORT), made.number, "pdf")
    return _pdf_name(made.name), path


def start(uow: UnitOfWork, document_id: int, *, number: int | None = None) -> Job:
    """Ask for the PDF of a document as a job. Raises NoPrinter where there is no LibreOffice."""
    program_of(uow.site)
    document = uow.access(document_id, Permission.EXPORT)
    title = f"{document.number or document.kind.title}をPDFで保存"
    return jobs.start(uow, "printing.pdf", title=title, payload={"document": document_id, "number": number})


@jobs.job("printing.pdf")
def print_document(work: Work) -> Result:
    """Print one document."""
    document_id, number = int(work.payload["document"]), work.payload["number"]
    with work.acting(writes=False) as uow:
        made = exporting.make(uow, document_id, number=number)
    (path,) = print_all(work.site, [made.docx], beat=work.beat)
    with work.acting() as uow:
        exporting.audit(uow, uow.access(document_id, Permission.EXPORT), made.number, "pdf")
        uow.commit()
    return Result(path, _pdf_name(made.name), PDF, [made.document.id])


def sample_pages(
    uow: UnitOfWork, template: WordTemplate, *, shared: bool = False, first: int = 1
) -> intake.Pages | None:
    """Return pages of a template's sample as pictures; None while LibreOffice is busy, or for what cannot be drawn. Raises NoPrinter, NotFound."""
    docx = templates.sample(uow, template.form, template, shared=shared)
    uow.pause()
    path = _kept_or_printed_now(uow.site, docx)
    try:
        return intake.draw_pages(path, first=first, last=first, width=PICTURE_WIDTH) if path else None
    except intake.Refused:  # a page no printer has, which a template may ask for
        return None


def file_pages(site: Site, path: Path, extension: str, *, first: int = 1) -> intake.Pages | None:
    """Return a page of somebody's file as picture; None for what has no pages, cannot be shown here, or while LibreOffice is busy.

    An Office file is laid out by LibreOffice once and kept by its content, like everything that is printed.
    """
    try:
        if extension != "pdf":
            if extension not in LAID_OUT or not can_print(site):
                return None
            laid_out = _laid_out(site, path, extension)
            if laid_out is None:
                return None
            path = laid_out
        return intake.draw_pages(path, first=first, last=first, width=PICTURE_WIDTH)
    except intake.Refused:
        return None


def _laid_out(site: Site, path: Path, extension: str) -> Path | None:
    cache, content = PdfCache(site), path.read_bytes()
    if (kept := cache.find(content)) is not None or not _one_at_a_time.acquire(blocking=False):
        return kept
    try:
        return cache.keep(content, intake.as_pdf(path, extension, program_of(site)))
    finally:
        _one_at_a_time.release()


def print_all(site: Site, documents: Sequence[bytes], *, beat: Callable[[], Any] = lambda: None) -> list[Path]:
    """Return the PDFs of Word files, those that were printed before from the cache, the others in few starts.

    Raises Refused when LibreOffice does not print one of them, alone neither.
    """
    cache, program = PdfCache(site), program_of(site)
    missing = [one for one in dict.fromkeys(documents) if cache.find(one) is None]
    for begin in range(0, len(missing), TOGETHER):
        batch = missing[begin : begin + TOGETHER]
        for docx, pdf in zip(batch, printing.to_pdf(batch, program, beat=beat), strict=True):
            if pdf == printing.NOT_FOR_PRINT:  # one that is too much for it takes the others along
                (pdf,) = printing.to_pdf([docx], program, beat=beat)
            if pdf == printing.NOT_FOR_PRINT:
                raise Refused(
                    "LibreOfficeがこの文書のPDFを作れませんでした。Wordで保存して、WordからPDFにしてください。"
                )
            cache.keep(docx, pdf)
    return [_there(cache.find(one)) for one in documents]


def program_of(site: Site) -> str:
    """Return the LibreOffice of this site. Raises NoPrinter."""
    program = printing.find_program(site.settings.soffice)
    if program is None:
        raise NoPrinter
    return program


def can_print(site: Site) -> bool:
    """Say whether this site makes PDFs."""
    return printing.find_program(site.settings.soffice) is not None


def _kept_or_printed_now(site: Site, docx: bytes) -> Path | None:
    cache, program = PdfCache(site), program_of(site)
    if (path := cache.find(docx)) is not None:
        return path
    if not _one_at_a_time.acquire(blocking=False):
        return None
    try:
        (pdf,) = printing.to_pdf([docx], program, seconds=PATIENCE)
    finally:
        _one_at_a_time.release()
    return cache.keep(docx, pdf) if pdf != printing.NOT_FOR_PRINT else None


def _pdf_name(name: str) -> str:
    return f"{name.removesuffix('.docx')}.pdf"


def _there(path: Path | None) -> Path:
    assert path is not None
    return path


class PdfCache:
    """PDFs by the content of the Word file they were printed from; what was used longest ago goes first."""

    def __init__(self, site: Site) -> None:
        self.folder, self.most = site.settings.data / "pdf", site.settings.pdf_cache_mb << 20

    def find(self, docx: bytes) -> Path | None:
        """Return where the PDF of a Word file is, or None."""
        path = self._path(docx)
        if not path.is_file():
            return None
        os.utime(path)
        return path

    def keep(self, docx: bytes, pdf: bytes) -> Path:
        """Keep the PDF of a Word file; return where it is."""
        path = self._path(docx)
        for folder in (self.folder, path.parent):
            folder.mkdir(exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(pdf)
        Path(file.name).replace(path)
        return path

    def trim(self) -> int:
        """Throw away what nobody used for a month, and what is over the bound; return how many files went."""
        there = [(path.stat(), path) for path in self.folder.glob("??/*")]
        total, gone = sum(stat.st_size for stat, _ in there), 0
        old = (now() - UNUSED).timestamp()
        for stat, path in sorted(there, key=lambda one: one[0].st_mtime):
            if total <= self.most and stat.st_mtime >= old:
                break
            path.unlink(missing_ok=True)
            total, gone = total - stat.st_size, gone + 1
        return gone

    def _path(self, docx: bytes) -> Path:
        name = hashlib.sha256(docx).hexdigest()
        return self.folder / name[:2] / f"{name}.pdf"


@jobs.tidying
def trim_cache(site: Site) -> None:
    """Hold the cache within its bound, and throw away what killed processes left."""
    PdfCache(site).trim()
    printing.forget_scratch((now() - timedelta(days=1)).timestamp())
