"""Old minutes: files are brought, read, and checked one after another beside their pages."""

from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from portal import intake
from portal.intake.minutes import DEFAULT_CONFIDENCE
from portal.kinds import Invalid, Kind
from portal.models import ImportBatch, ImportItem
from portal.services import drafts, jobs, lists, old_minutes, printing
from portal.services.attaching import FileRefused
from portal.services.errors import NotFound, Refused
from portal.services.importing import KIND_NAMES
from portal.web import forms, list_files
from portal.web.fragments import page_or_part
from portal.web.guard import Needs, needs, the_site
from portal.web.headers import hand_out
from portal.web.screens.jobs import BADGES as JOB_BADGES
from portal.web.screens.reports import offer
from portal.words import t

bp = Blueprint("imports", __name__, url_prefix="/imports")
BADGES = {
    old_minutes.WAITING: "", old_minutes.READ: "wait", old_minutes.UNREADABLE: "late", old_minutes.DONE: "good",
    old_minutes.KEPT: "good", old_minutes.LEFT: "",
}  # fmt: skip
SHOWN_PAGES = 12
PAGE = 100


@bp.get("")
@needs(Needs.PERSON)
def listing() -> ResponseReturnValue:
    """List the batches of the ward, and take new files in."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.batches(g.uow), form)
    return _listing()


def _listing(told: str = "") -> str:
    return render_template(
        "imports.html", here="archive", batches=old_minutes.batches(g.uow), told=told, typed=request.form,
        states=old_minutes.STATES,
    )  # fmt: skip


@bp.post("")
@needs(Needs.PERSON)
def bring() -> ResponseReturnValue:
    """Take files or a ZIP in and let them be read."""
    sent = [one for one in request.files.getlist("file") if one.filename]
    try:
        if not sent:
            raise FileRefused(t("ファイルを選んでください。"))
        name = request.form.get("name", "").strip() or _named_after(sent)
        batch = old_minutes.take_in(g.uow, name, [(one.filename or "", one.stream) for one in sent])
    except FileRefused as refused:
        return _listing(str(refused)), 422
    return redirect(url_for(".batch", batch_id=batch.id), 303)


def _named_after(sent: list[FileStorage]) -> str:
    first = sent[0].filename or ""
    return t("{name} ほか{n}件", name=first, n=len(sent) - 1) if len(sent) > 1 else first


@bp.get("/<int:batch_id>")
@needs(Needs.PERSON)
def batch(batch_id: int) -> Response:
    """Show how far a batch is, and its files."""
    found = old_minutes.find_batch(g.uow, batch_id)
    if form := list_files.wanted_format():
        return list_files.as_file(lists.batch_files(g.uow, found, state=request.args.get("state", "")), form)
    number, state = max(1, request.args.get("page", 1, type=int)), request.args.get("state", "")
    progress = old_minutes.progress(g.uow, found)
    total = progress.counts.get(state, 0) if state else progress.total
    return page_or_part(
        "imports_batch.html", "imports_files.html", "files", here="archive", batch=found, progress=progress,
        items=old_minutes.items(g.uow, found, state=state, page=number, size=PAGE), states=old_minutes.STATES,
        badges=BADGES, guesses=KIND_NAMES, job=_job_of(found), job_badges=JOB_BADGES, job_states=jobs.STATES, state=state,
        page={"number": number, "last": max(1, -(-total // PAGE)), "total": total},
        first=old_minutes.next_open(g.uow, found.id),
    )  # fmt: skip


def _job_of(found: ImportBatch) -> Any:
    """Return the reading job, for the person whose it is."""
    try:
        return jobs.find(g.uow, found.job_id) if found.job_id else None
    except NotFound:
        return None


@bp.post("/<int:batch_id>/read")
@needs(Needs.PERSON)
def read(batch_id: int) -> ResponseReturnValue:
    """Let what still waits be read (a job that was stopped goes on)."""
    old_minutes.start_reading(g.uow, old_minutes.find_batch(g.uow, batch_id))
    return redirect(url_for(".batch", batch_id=batch_id), 303)


@bp.get("/items/<int:item_id>")
@needs(Needs.PERSON)
def item(item_id: int) -> str:
    """Show a file beside what was read out of it."""
    found = old_minutes.find_item(g.uow, item_id)
    kind, nonce = old_minutes.old_minutes_kind(), old_minutes.nonce_of(found)
    draft = drafts.find(g.uow, f"new-{nonce}")
    if draft is not None:
        values = kind.from_form((name, value) for name, value in draft.entries)[1]
    else:
        values = _readable(kind, old_minutes.form_values(g.uow, found))
    return _item_page(found, values, draft=draft)


def _readable(kind: Kind, typed: dict[str, Any]) -> dict[str, Any]:
    """Return what was read as people write it (days in 和暦), or as it is when the form would not take it."""
    try:
        return forms.shown(kind, kind.clean(typed["meeting_name"] or "?", typed).fields)
    except Invalid:
        return typed


def _item_page(
    found: ImportItem, values: dict[str, Any], *, draft: Any = None, invalid: Invalid | None = None, told: str = ""
) -> str:
    kind = old_minutes.old_minutes_kind()
    pages, text = _to_look_at(found)
    counts = old_minutes.progress(g.uow, old_minutes.find_batch(g.uow, found.batch_id))
    return render_template(
        "imports_item.html", here="archive", one=found, kind=kind, values=values, draft=draft, told=told,
        draft_key=f"new-{old_minutes.nonce_of(found)}", nonce=old_minutes.nonce_of(found), pages=pages, text=text,
        findings=old_minutes.findings_of(found), sure=DEFAULT_CONFIDENCE, fields=old_minutes.FIELDS, guesses=KIND_NAMES, progress=counts,
        same=old_minutes.same_meetings(g.uow, found), words=offer(found.ward_id, kind)[1],
        errors=forms.errors_by_path(invalid), problems=invalid.problems if invalid else [],
        anchor=lambda path: forms.anchor_of(kind, path), states=old_minutes.STATES, badges=BADGES,
        open=found.state in old_minutes.OPEN, batch=old_minutes.find_batch(g.uow, found.batch_id),
    )  # fmt: skip


def _to_look_at(found: ImportItem) -> tuple[int, str]:
    """Return how many pages of a file are shown, or, when it has none to show, its text."""
    path, extension = old_minutes.source_of(g.uow, found), PurePosixPath(found.path).suffix.lower().lstrip(".")
    if (drawn := printing.file_pages(the_site(), path, extension)) is not None:
        return min(drawn.count, SHOWN_PAGES), ""
    try:
        return 0, intake.extract(path, intake.sniff(path, PurePosixPath(found.path).name)).text[:20_000]
    except intake.Refused as refused:
        return 0, str(refused)


@bp.get("/items/<int:item_id>/pages/<int:number>")
@needs(Needs.PERSON)
def page(item_id: int, number: int) -> Response:
    """Show one page of a file."""
    found = old_minutes.find_item(g.uow, item_id)
    extension = PurePosixPath(found.path).suffix.lower().lstrip(".")
    drawn = printing.file_pages(the_site(), old_minutes.source_of(g.uow, found), extension, first=number)
    if drawn is None or not drawn.pictures:
        raise NotFound
    return Response(drawn.pictures[0], mimetype="image/webp")


@bp.get("/items/<int:item_id>/file")
@needs(Needs.PERSON)
def source(item_id: int) -> Response:
    """Hand out a file as it was brought."""
    found = old_minutes.find_item(g.uow, item_id)
    response = send_file(old_minutes.source_of(g.uow, found), mimetype="application/octet-stream", etag=False)
    return hand_out(response, PurePosixPath(found.path).name)


@bp.post("/items/<int:item_id>")
@needs(Needs.PERSON)
def act(item_id: int) -> ResponseReturnValue:
    """Register what was checked, file it as it is, leave it out or take it back; then on to the next one."""
    found, kind = old_minutes.find_item(g.uow, item_id), old_minutes.old_minutes_kind()
    title, typed = kind.from_form(request.form.items(multi=True))
    if forms.change_rows(kind, typed, request.form):
        return _item_page(found, typed)
    try:
        told = _do(item_id, request.form.get("act", ""), title, typed)
    except Invalid as invalid:
        return _item_page(found, typed, invalid=invalid), 422
    except NotFound:
        raise
    except Refused as refused:
        return _item_page(found, typed, told=str(refused)), 409
    flash(told, "good")
    following = old_minutes.next_open(g.uow, found.batch_id, after=found)
    if following is None or request.form.get("act") == "back":
        return redirect(url_for(".batch", batch_id=found.batch_id), 303)
    return redirect(url_for(".item", item_id=following.id), 303)


def _do(item_id: int, wanted: str, title: str, typed: dict[str, Any]) -> str:
    if wanted == "file":
        return t("「{title}」を資料として登録しました。", title=old_minutes.keep_as_file(g.uow, item_id).title)
    if wanted == "leave":
        return t("「{path}」は取り込みません。", path=old_minutes.leave_out(g.uow, item_id).path)
    if wanted == "back":
        return t("「{path}」を確認待ちに戻しました。", path=old_minutes.take_back(g.uow, item_id).path)
    if wanted == "later":
        return t("「{path}」をあとに回しました。", path=old_minutes.find_item(g.uow, item_id).path)
    made = old_minutes.register(g.uow, item_id, title=title, typed=typed)
    return t("「{title}」を登録しました。", title=made.title)
