"""Many documents at once: what was chosen in a list as one ZIP, and what was handed in for a month as ZIP, Word or PDF."""

import io
from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import tenants
from portal.kinds import Kind
from portal.kinds.calendar import today
from portal.models import Job
from portal.services import finding, lists, packets, packing, printing
from portal.services.errors import NotFound, Refused
from portal.web import list_files
from portal.web.guard import Needs, needs, the_site
from portal.web.headers import hand_out
from portal.web.screens.archive import asked_filters
from portal.words import t

bp = Blueprint("packing", __name__)
MONTHS = 24
"""Months back that can be chosen."""


@bp.post("/pack")
@needs(Needs.PERSON)
def pack() -> ResponseReturnValue:
    """Hand out the chosen documents as one ZIP: a few at once, many as work one can watch."""
    chosen = request.form.getlist("document", type=int)
    if not chosen:
        raise Refused(t("一覧で文書を選んでから「選んだ文書をWordで保存」を押してください。"))
    return _zip(chosen, with_files="files" in request.form)


@bp.post("/<ward>/pack")
@needs(Needs.WARD)
def pack_all(ward: str) -> ResponseReturnValue:
    """Hand out everything the archive's list holds under its conditions, on all its pages."""
    if tenants.find_ward(ward) is None:
        raise NotFound
    page = finding.list_documents(g.uow, asked_filters(ward), size=packing.MOST + 1)
    return _zip([one.public_id for one in page.items], with_files="files" in request.form)


def _zip(document_ids: list[int], *, with_files: bool) -> ResponseReturnValue:
    if not packing.fits_at_once(g.uow, document_ids, with_files=with_files):
        return _watch(packing.start(g.uow, document_ids, with_files=with_files))
    made = io.BytesIO()
    name = packing.pack(g.uow, document_ids, made, with_files=with_files)
    return hand_out(Response(made.getvalue(), mimetype=packing.ZIP), name)


def _watch(job: Job) -> ResponseReturnValue:
    return redirect(url_for("jobs.show", job_id=job.id), 303)


# -- a month ----------------------------------------------------------------------------------------------------------


@bp.get("/month")
@needs(Needs.WARD)
def month() -> ResponseReturnValue:
    """Show what was handed in for a month: of each ward what is there, and which wards are missing."""
    found = _asked_month(request.args)
    if form := list_files.wanted_format():
        about = [(t("開催した月"), packets.month_in_words(found.first)), (t("様式"), t(found.kind.full_title))]
        return list_files.as_file(lists.month(found, about), form)
    return render_template(
        "month.html",
        here="archive",
        found=found,
        ward=request.args.get("ward", _own_ward()),
        forms=packets.forms(),
        months=_months(),
        month_name=packets.month_in_words,
        can_print=printing.can_print(the_site()),
    )


@bp.post("/month")
@needs(Needs.WARD)
def pack_month() -> ResponseReturnValue:
    """Hand out what was handed in for a month: each for itself in a ZIP, or bound into one Word file or PDF."""
    found = _asked_month(request.form)
    wanted = request.form.get("as", "zip")
    if wanted in ("docx", "pdf"):
        return _watch(packets.start(g.uow, packets.packet_of(found), "pdf" if wanted == "pdf" else "docx"))
    if not found.documents:
        raise Refused(t("この月に提出された文書はありません。"))
    return _zip(found.documents, with_files="files" in request.form)


def _asked_month(asked: Mapping[str, str]) -> packets.Month:
    ward = asked.get("ward", _own_ward())
    if ward and tenants.find_ward(ward) is None:
        raise NotFound
    first = packets.read_month(asked.get("month") or f"{_months()[1]:%Y-%m}")
    return packets.handed_in(g.uow, _form(asked.get("form", "")), first, ward=ward)


def _form(name: str) -> Kind:
    return next((one for one in packets.forms() if one.name == name), packets.forms()[0])


def _own_ward() -> str:
    own: str = g.uow.reader.ward
    return "" if own == tenants.CITY else own


def _months() -> list[date]:
    """Return the first days of the months one may choose, the present one first."""
    day = today()
    count = day.year * 12 + day.month - 1
    return [date((count - back) // 12, (count - back) % 12 + 1, 1) for back in range(MONTHS)]
