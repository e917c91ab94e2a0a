"""Work that outlasts a request: the caller's own, its file, a way to stop it."""

from typing import Any

from flask import Response, g, send_file

from portal.models import Job
from portal.services import jobs, lists
from portal.web import list_files
from portal.web.api.answering import answer, listing, nothing, part
from portal.web.api.describing import (
    FLAG,
    FORMAT,
    MOMENT,
    TEXT,
    WHOLE,
    Answer,
    described,
    listed,
    optional,
    paging,
    record,
    saved,
)
from portal.web.guard import Needs, needs
from portal.web.headers import hand_out

bp = part("api_jobs")
STATE = {"type": "string", "enum": list(jobs.STATES)}
FILE = record(name=TEXT, media_type=TEXT, size=WHOLE, url=TEXT)
JOB = record(
    id=WHOLE, name=TEXT, title=TEXT, state=STATE, state_name=TEXT, done=WHOLE, total=WHOLE, message=TEXT, before=WHOLE,
    cancel_asked=FLAG, file=optional(FILE), created_at=MOMENT, started_at=optional(MOMENT), ended_at=optional(MOMENT),
    url=TEXT,
)  # fmt: skip
EXAMPLE = {
    "id": 7, "name": "packing.zip", "title": "報告120件をWordで保存", "state": "running", "state_name": "作業中", "done": 48,
    "total": 120, "message": "", "before": 0, "cancel_asked": False, "file": None, "url": "/api/v1/jobs/7",
    "created_at": "2026-11-19T05:32:00+00:00", "started_at": "2026-11-19T05:32:01+00:00", "ended_at": None,
}  # fmt: skip


def shown(row: Job) -> dict[str, Any]:
    """Return a job as the API tells it."""
    url = f"/api/v1/jobs/{row.id}"
    made = {
        "name": row.result_name,
        "media_type": row.result_type,
        "size": row.result_size,
        "url": f"{url}/file",
    }
    return {
        "id": row.id,
        "name": row.name,
        "title": row.title,
        "state": row.state,
        "state_name": jobs.STATES[row.state],
        "done": row.done,
        "total": row.total,
        "message": row.message,
        "before": jobs.is_before(g.uow, row),
        "cancel_asked": row.cancel_asked,
        "file": made if row.result_sha256 else None,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "url": url,
    }


def accepted(row: Job) -> Response:
    """Answer that something was begun: 202, with the address that says how far it is."""
    return answer(shown(row), 202, Location=f"/api/v1/jobs/{row.id}")


ACCEPTED = Answer(JOB, "作業として始めた。Location のアドレスで状況を確かめ、終わったら file.url から受け取る", EXAMPLE)


@bp.get("/jobs")
@needs(Needs.PERSON)
@described(
    "自分が頼んだ作業（まとめて保存、PDF など）。いまの区と役割で頼んだものだけ、新しい順",
    query={**paging(20), **FORMAT},
    answers={200: saved(listed(JOB))},
)
def of_the_caller() -> Response:
    """List the caller's own work."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.work(g.uow), form)
    page = jobs.own_jobs(g.uow, page=g.asked["page"], size=g.asked["size"])
    return listing([shown(one) for one in page.items], page.total)


@bp.get("/jobs/<id:job_id>")
@needs(Needs.PERSON)
@described("作業の状況。他人の作業は 404", answers={200: Answer(JOB, "状況", EXAMPLE)}, problems=(404,))
def show(job_id: int) -> Response:
    """Show one piece of work."""
    return answer(shown(jobs.find(g.uow, job_id)))


@bp.get("/jobs/<id:job_id>/file")
@needs(Needs.PERSON, writes=True)
@described(
    "作業でできたファイル。含まれる文書を見られなくなったあとは受け取れない（400）",
    answers={
        200: Answer({}, "ファイル", media="application/octet-stream", headers={"Content-Disposition": "ファイル名"})
    },
    problems=(400, 404),
)
def file(job_id: int) -> Response:
    """Hand out the file that was made."""
    found, path = jobs.open_result(g.uow, job_id)
    return hand_out(send_file(path, mimetype=found.result_type, etag=False), found.result_name)


@bp.delete("/jobs/<id:job_id>")
@needs(Needs.PERSON)
@described(
    "作業を取りやめる（作業中なら、いまの一件が済んでから止まる）。終わったものは一覧から消す",
    answers={204: Answer(told="取りやめた、または消した")},
    problems=(404,),
)
def cancel(job_id: int) -> Response:
    """Stop or forget one piece of work."""
    jobs.cancel(g.uow, job_id)
    return nothing()
