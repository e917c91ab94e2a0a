"""Packets: many documents as one Word file or one PDF, with cover, 次第, contents and a page for each one that is missing.

A packet is asked for by what goes into each of its slots; the month's reports of the 24 wards are one use of it.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import select

import tenants
from portal import intake, printing, word
from portal.kinds import Kind, all_kinds
from portal.kinds.calendar import era_year, today, write_day
from portal.models import Document, Job
from portal.security.workflows import Permission
from portal.services import exporting, jobs
from portal.services.errors import Forbidden, NotFound, Refused
from portal.services.exporting import Made
from portal.services.jobs import Result, Work
from portal.services.printing import PDF, can_print, program_of
from portal.services.uow import UnitOfWork
from portal.word.package import DOCX

MOST = 300
"""Documents of one packet; more make a file nobody can open on an office's computer."""
HANDED_IN = ("submitted", "accepted", "shared")
Form = Literal["docx", "pdf"]
_CHUNK = 10


@dataclass(frozen=True)
class Slot:
    """One place of a packet: what it is called, its documents by the ids people use, and what is said when there is none."""

    label: str
    documents: Sequence[int] = ()
    missing: str = ""


@dataclass(frozen=True)
class Wanted:
    """A packet that is asked for. `facts` stand on the cover, `agenda` is the 次第, `name` the file's name without ending."""

    title: str
    name: str
    slots: Sequence[Slot]
    facts: Sequence[tuple[str, str]] = ()
    agenda: Sequence[str] = ()


def start(uow: UnitOfWork, wanted: Wanted, form: Form) -> Job:
    """Ask for a packet as a job. Raises Refused for an empty or too large one, NoPrinter for a PDF nobody can make here."""
    if form == "pdf":
        program_of(uow.site)
    size = sum(len(slot.documents) for slot in wanted.slots)
    if not size:
        raise Refused("綴りに入れる文書がありません。")
    if size > MOST:
        raise Refused(f"ひとつの綴りに入れられるのは{MOST}件までです。区や月を分けてください。")
    title = f"{wanted.title}をひとつの{'PDF' if form == 'pdf' else 'Word'}に綴る"
    return jobs.start(uow, "packets.bind", title=title, payload={"wanted": asdict(wanted), "form": form}, size=size)


@jobs.job("packets.bind")
def bind(work: Work) -> Result:
    """Make the Word file of every document, bind them, and print the packet where a PDF or its page numbers are wanted."""
    wanted, form = _read(work.payload["wanted"]), work.payload["form"]
    made = _make_all(work, [one for slot in wanted.slots for one in slot.documents])
    if not made:
        raise Refused("綴りに入れる文書のなかに、いま保存できるものがありません。")
    packet = _packet(wanted, made)
    path = work.folder / f"packet.{form}"
    docx, pdf = _drawn(work, packet)
    path.write_bytes(pdf if form == "pdf" else docx)
    with work.acting() as uow:
        for one in made.values():
            uow.audit("document.exported", one.document, number=one.number, format="packet")
        uow.commit()
    documents = [one.document.id for one in made.values()]
    return Result(path, intake.clean_name(f"{wanted.name}.{form}"), PDF if form == "pdf" else DOCX, documents)


def _read(payload: dict[str, Any]) -> Wanted:
    slots = [Slot(**one) for one in payload["slots"]]
    facts = [(name, value) for name, value in payload["facts"]]
    return Wanted(payload["title"], payload["name"], slots, facts, payload["agenda"])


def _make_all(work: Work, document_ids: Sequence[int]) -> dict[int, Made]:
    """Return the Word files of the documents the person may save, by the ids they were asked for."""
    made: dict[int, Made] = {}
    wanted = list(dict.fromkeys(document_ids))
    for begin in range(0, len(wanted), _CHUNK):
        with work.acting(writes=False) as uow:
            for document_id in wanted[begin : begin + _CHUNK]:
                try:
                    made[document_id] = exporting.make(uow, document_id)
                except (NotFound, Forbidden):
                    continue
        work.step(min(begin + _CHUNK, len(wanted)))
    return made


def _packet(wanted: Wanted, made: dict[int, Made]) -> word.Packet:
    slots = []
    for slot in wanted.slots:
        there = [made[one] for one in slot.documents if one in made]
        entries = [word.Entry(_title_of(one.document), one.docx) for one in there]
        slots.append(word.Slot(slot.label, entries, slot.missing or "文書はありません。"))
    return word.Packet(wanted.title, wanted.facts, wanted.agenda, slots)


def _title_of(document: Document) -> str:
    return f"{document.number}　{document.title}" if document.number else document.title


def _drawn(work: Work, packet: word.Packet) -> tuple[bytes, bytes]:
    """Return a packet as Word and as PDF; the page numbers in the Word file are those the printer found."""
    docx = word.draw_packet(packet)
    if not can_print(work.site):
        return docx, b""
    (pdf,) = printing.to_pdf(
        [docx], program_of(work.site), bound=True, seconds=60.0 + 5.0 * work.row.total, beat=work.beat
    )
    if pdf == printing.NOT_FOR_PRINT:
        raise Refused("LibreOfficeがこの綴りのPDFを作れませんでした。文書を減らして、もう一度行ってください。")
    parts = word.bookmarks(packet)
    pages = printing.pages_of(pdf)
    front = min(pages[name] for name in parts)
    numbered = {name: pages[name] - front + 1 for name in parts}
    return word.draw_packet(packet, numbered), printing.open_by_parts(pdf, parts)


def packet_of_documents(uow: UnitOfWork, document_ids: Sequence[int]) -> Wanted:
    """Return the packet of chosen documents: one slot for each ward, in the order the wards were chosen."""
    wards: dict[str, list[int]] = {}
    for document_id in document_ids:
        wards.setdefault(uow.access(document_id, Permission.EXPORT).ward_id, []).append(document_id)
    slots = [Slot(tenants.ward_name(ward), chosen) for ward, chosen in wards.items()]
    facts = [("件数", f"{len(document_ids)}件"), ("作成日", write_day(today()))]
    return Wanted("会議録", f"会議録_{today():%Y%m%d}_{len(document_ids)}件", slots, facts)


# -- the reports of a month -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """What was handed in of one form for the meetings of one month: per ward the documents the reader may see."""

    kind: Kind
    first: date
    wards: dict[str, Sequence[Document]]

    @property
    def documents(self) -> list[int]:
        """The ids people use, in the wards' order."""
        return [one.public_id for found in self.wards.values() for one in found]

    @property
    def missing(self) -> list[str]:
        """Wards of which nothing is there."""
        return [ward for ward, found in self.wards.items() if not found]


def forms() -> list[Kind]:
    """Return the kinds that are handed in month by month."""
    return [kind for kind in all_kinds() if kind.form_number]


def handed_in(uow: UnitOfWork, kind: Kind, first: date, *, ward: str = "") -> Month:
    """Return what was handed in for the meetings of a month, of one ward or of all 24, as far as the reader may see it."""
    until = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    found = select(Document).where(
        Document.kind_name == kind.name,
        Document.held_on >= first,
        Document.held_on < until,
        Document.state.in_(HANDED_IN),
    )
    slugs = [ward] if ward else [one.slug for one in tenants.all_wards()]
    wards: dict[str, list[Document]] = {slug: [] for slug in slugs}
    for one in uow.session.scalars(found.order_by(Document.held_on, Document.number, Document.id)):
        if one.ward_id in wards:
            wards[one.ward_id].append(one)
    return Month(kind, first, {**wards})


def packet_of(month: Month) -> Wanted:
    """Return the packet of a month: one slot for each ward, with a page for each that handed nothing in."""
    form = f"{month.kind.title}（様式{month.kind.form_number}）"
    era, year = era_year(month.first)
    when = month_in_words(month.first)
    missing = f"{when}に開催した分の{form}は、提出されていません。"
    slots = [
        Slot(tenants.ward_name(ward), [one.public_id for one in found], missing) for ward, found in month.wards.items()
    ]
    there = len(month.wards) - len(month.missing)
    facts = [("提出", f"{len(month.wards)}区のうち{there}区　{len(month.documents)}件"), ("作成日", write_day(today()))]
    if len(month.wards) == 1:
        facts = [("区", slots[0].label), ("件数", f"{len(month.documents)}件"), ("作成日", write_day(today()))]
    whose = slots[0].label if len(slots) == 1 else "24区"
    name = f"{era.letter}{year}-{month.first.month:02}_{whose}_様式{month.kind.form_number}_提出分"
    return Wanted(f"{when}分　{form}", name, slots, facts)


def month_in_words(first: date) -> str:
    """Write a month as 令和8年10月."""
    era, year = era_year(first)
    return f"{era.name}{'元' if year == 1 else year}年{first.month}月"


def read_month(text: str) -> date:
    """Return the first day of a month written as 2026-10. Raises Refused."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 2200:
        raise Refused("月は 2026-10 のように指定してください。")
    return date(int(found[1]), int(found[2]), 1)
