"""Many documents at once: a ZIP of chosen ones, and what was handed in for a month as ZIP, Word or PDF."""

import io
from typing import Any

from flask import Response, g

import tenants
from portal.services import packets, packing
from portal.services.errors import NotFound, Refused
from portal.web.api import jobs, showing
from portal.web.api.answering import answer, part
from portal.web.api.describing import DAY, TEXT, WHOLE, Answer, described, record, several
from portal.web.api.shapes import LARGEST_ID, Flag, Many, Table, Whole, Words
from portal.web.guard import Needs, needs
from portal.web.headers import hand_out

bp = part("api_packages")
FILE = Answer({}, "ZIP", media=packing.ZIP, headers={"Content-Disposition": "ファイル名"})
FILES = Flag(label="添付も入れる")


def form_names() -> list[str]:
    """Return the kinds that are handed in month by month."""
    return [one.name for one in packets.forms()]


CHOSEN = Table(
    label="まとめて保存",
    of={
        "documents": Many(
            label="文書の番号", of=Whole(label="文書の番号", least=1, most=LARGEST_ID), most=packing.MOST, required=True, example=[1]
        ),
        "attachments": FILES,
    },
)  # fmt: skip


@bp.post("/packages")
@needs(Needs.PERSON)
@described(
    f"選んだ文書をWordのZIPで受け取る。{packing.AT_ONCE}件（添付は合わせて{packing.MOST_BYTES_AT_ONCE >> 20}MB）までは 200、それより多いときは作業になる（202）。"
    "保存できない文書は入らず、ZIPの中の「入っていない文書.txt」に書かれる",
    body=CHOSEN,
    answers={200: FILE, 202: jobs.ACCEPTED},
    problems=(400,),
)
def pack() -> Response:
    """Hand out documents as one ZIP."""
    return _zip(g.sent["documents"], with_files=g.sent["attachments"])


def _zip(document_ids: list[int], *, with_files: bool) -> Response:
    if not packing.fits_at_once(g.uow, document_ids, with_files=with_files):
        return jobs.accepted(packing.start(g.uow, document_ids, with_files=with_files))
    made = io.BytesIO()
    name = packing.pack(g.uow, document_ids, made, with_files=with_files)
    return hand_out(Response(made.getvalue(), mimetype=packing.ZIP), name)


WHICH: dict[str, Any] = {
    "ward": Words(label="区（なければ24区すべて）", limit=40, example="higashinari"),
    "month": Words(label="開催した月", required=True, limit=10, example="2026-10"),
    "form": Words(label="様式の文書の種類", options=form_names, default="meeting_report"),
}
MONTH = record(
    month=DAY, form=TEXT, total=WHOLE, wards=several(record(ward=TEXT, name=TEXT, documents=several(showing.SUMMARY)))
)  # fmt: skip


@bp.get("/packages/month")
@needs(Needs.WARD)
@described(
    "月の提出分：その月に開催した分のうち、提出された報告（見られるものだけ）を区ごとに",
    query=WHICH,
    answers={200: Answer(MONTH)},
    problems=(400, 404),
)
def month() -> Response:
    """Tell what was handed in for a month."""
    found = _month(g.asked)
    wards = [
        {"ward": slug, "name": tenants.ward_name(slug), "documents": showing.summaries(documents)}
        for slug, documents in found.wards.items()
    ]
    told = {"month": found.first, "form": found.kind.name, "total": len(found.documents), "wards": wards}
    return answer(told)


PACK_MONTH = Table(
    label="月の提出分をまとめる",
    of={
        **WHICH,
        "as": Words(label="形", options=("zip", "docx", "pdf"), default="zip"),
        "attachments": FILES,
    },
)


@bp.post("/packages/month")
@needs(Needs.WARD)
@described(
    "月の提出分を受け取る。zip は1件ずつのWord、docx と pdf は表紙・目次付きでひとつに綴ったもの（いつも作業になる）",
    body=PACK_MONTH,
    answers={200: FILE, 202: jobs.ACCEPTED},
    problems=(400, 404, 406),
)
def pack_month() -> Response:
    """Hand out what was handed in for a month."""
    found, form = _month(g.sent), g.sent["as"]
    if not found.documents:
        raise Refused("この月に提出された文書はありません。")
    if form == "zip":
        return _zip(found.documents, with_files=g.sent["attachments"])
    return jobs.accepted(packets.start(g.uow, packets.packet_of(found), form))


def _month(asked: dict[str, Any]) -> packets.Month:
    if asked["ward"] and tenants.find_ward(asked["ward"]) is None:
        raise NotFound
    kind = next(one for one in packets.forms() if one.name == asked["form"])
    return packets.handed_in(g.uow, kind, packets.read_month(asked["month"]), ward=asked["ward"])
