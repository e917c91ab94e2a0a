"""Work that outlasts a request, as its owner sees it: how far it is, its file when it is done, a way to stop it."""

from flask import Blueprint, Response, flash, g, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.services import jobs, lists
from portal.web import list_files
from portal.web.fragments import page_or_part
from portal.web.guard import Needs, needs
from portal.web.headers import hand_out
from portal.words import t

bp = Blueprint("jobs", __name__, url_prefix="/jobs")
BADGES = {jobs.WAITING: "wait", jobs.RUNNING: "info", jobs.DONE: "good", jobs.FAILED: "late", jobs.CANCELLED: ""}


@bp.get("")
@needs(Needs.PERSON)
def listing() -> Response:
    """List the person's own work, newest first."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.work(g.uow), form)
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    page = jobs.own_jobs(g.uow, page=number)
    busy = any(one.state in jobs.OPEN for one in page.items)
    return page_or_part("jobs.html", "jobs_rows.html", "jobs", page=page, busy=busy, states=jobs.STATES, badges=BADGES)


@bp.get("/<int:job_id>")
@needs(Needs.PERSON)
def show(job_id: int) -> Response:
    """Show one piece of work; the page looks again by itself until it has ended."""
    found = jobs.find(g.uow, job_id)
    shown = {"states": jobs.STATES, "badges": BADGES, "before": jobs.is_before(g.uow, found)}
    return page_or_part("job.html", "job_state.html", "job", job=found, **shown)


@bp.get("/<int:job_id>/file")
@needs(Needs.PERSON, writes=True)
def download(job_id: int) -> Response:
    """Hand out the file that was made."""
    found, path = jobs.open_result(g.uow, job_id)
    return hand_out(send_file(path, mimetype=found.result_type, etag=False), found.result_name)


@bp.post("/<int:job_id>/cancel")
@needs(Needs.PERSON)
def cancel(job_id: int) -> ResponseReturnValue:
    """Stop work that is not done; take off the list what is."""
    ended = jobs.find(g.uow, job_id).state not in jobs.OPEN
    jobs.cancel(g.uow, job_id)
    flash(t("一覧から消しました。") if ended else t("作業を取りやめました。"), "good")
    return redirect(url_for(".listing"), 303)
