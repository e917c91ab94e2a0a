"""Old minutes on their way in: batches, their files with what was read, and what a person makes of each."""

from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import UnsupportedMediaType

from portal.kinds import Invalid
from portal.kinds.fields import Problem
from portal.models import ImportBatch, ImportItem
from portal.services import lists, old_minutes
from portal.services.old_minutes import Progress
from portal.web import list_files
from portal.web.api.answering import answer, listing, part
from portal.web.api.describing import (
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
    several,
)
from portal.web.api.shapes import FieldsOfKind, Table, Words
from portal.web.guard import Needs, needs

bp = part("api_imports")
BATCH = record(
    id=WHOLE, name=TEXT, created_by=TEXT, created_at=MOMENT, files=WHOLE, open=WHOLE, counts={"type": "object"}
)
FOUND = record(field=TEXT, value={}, confidence={"type": "number"}, snippet=TEXT, place=TEXT, text=TEXT)
ITEM = record(
    id=WHOLE, batch=WHOLE, path=TEXT, size=WHOLE, state=TEXT, kind_guess=TEXT, message=TEXT, warnings=several(TEXT),
    not_understood=several(TEXT), findings=several(FOUND), fields={"type": "object"}, document=optional(WHOLE),
)  # fmt: skip
UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream", "title": "ファイル（複数可）かZIP"},
        "name": {"type": "string", "title": "まとまりの名前"},
    },
}
ACTS = ("register", "file", "leave", "back")


@bp.get("/imports")
@needs(Needs.PERSON)
@described("自分の区に取り込んでいる過去の会議録のまとまり", query=FORMAT, answers={200: saved(listed(BATCH))})
def batches() -> Response:
    """List the batches of the ward."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.batches(g.uow), form)
    return listing(shown_batch(*one) for one in old_minutes.batches(g.uow))


@bp.post("/imports")
@needs(Needs.PERSON)
@described(
    "過去の会議録を送る。読み取りは作業として進み、登録は一件ずつ人が行う",
    upload=UPLOAD,
    answers={202: Answer(BATCH, "受け取った", headers={"Location": "まとまりの所在"})},
    problems=(400, 403, 413, 415, 422),
)
def bring() -> Response:
    """Take files in and let them be read."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    sent = [one for one in request.files.getlist("file") if one.filename]
    if not sent:
        raise Invalid([Problem("file", "ファイル", "ファイルを file という名前で送ってください。")])
    name = request.form.get("name", "") or sent[0].filename or ""
    batch = old_minutes.take_in(g.uow, name, [(one.filename or "", one.stream) for one in sent])
    made = shown_batch(batch, old_minutes.progress(g.uow, batch))
    return answer(made, 202, Location=f"/api/v1/imports/{batch.id}")


@bp.get("/imports/<id:batch_id>")
@needs(Needs.PERSON)
@described("まとまり1件", answers={200: Answer(BATCH)}, problems=(404,))
def batch(batch_id: int) -> Response:
    """Show how far a batch is."""
    found = old_minutes.find_batch(g.uow, batch_id)
    return answer(shown_batch(found, old_minutes.progress(g.uow, found)))


@bp.get("/imports/<id:batch_id>/items")
@needs(Needs.PERSON)
@described(
    "まとまりのファイルと、読み取った内容",
    query={"state": Words(label="状態", options=["", *old_minutes.STATES]), **paging(100), **FORMAT},
    answers={200: saved(listed(ITEM))},
    problems=(404,),
)
def items(batch_id: int) -> Response:
    """List the files of a batch."""
    found, asked = old_minutes.find_batch(g.uow, batch_id), g.asked
    if form := list_files.wanted_format():
        return list_files.as_file(lists.batch_files(g.uow, found, state=asked["state"]), form)
    rows = old_minutes.items(g.uow, found, state=asked["state"], page=asked["page"], size=asked["size"])
    progress = old_minutes.progress(g.uow, found)
    total = progress.counts.get(asked["state"], 0) if asked["state"] else progress.total
    return listing((shown_item(one) for one in rows), total)


@bp.get("/imports/items/<id:item_id>")
@needs(Needs.PERSON)
@described("ファイル1件。fields は登録するときの初めの値", answers={200: Answer(ITEM)}, problems=(404,))
def item(item_id: int) -> Response:
    """Show one file."""
    return answer(shown_item(old_minutes.find_item(g.uow, item_id)))


@bp.post("/imports/items/<id:item_id>")
@needs(Needs.PERSON)
@described(
    "確かめた内容で登録する（register）、資料として登録する（file）、取り込まない（leave）、確認待ちに戻す（back）",
    body=Table(
        label="確認",
        of={
            "act": Words(label="どうするか", options=ACTS, required=True),
            "title": Words(label="題名", limit=300),
            "fields": FieldsOfKind(label="過去の会議録の項目。省くと読み取った値", default=None),
        },
        example={"act": "register", "fields": {"meeting_name": "第3回 病院連絡会", "held_on": "2019-11-20"}},
    ),
    answers={200: Answer(ITEM, "変えた")},
    problems=(400, 403, 404, 409, 422),
)
def act(item_id: int) -> Response:
    """Register a file, file it as it is, leave it out or take it back."""
    wanted, fields = g.sent["act"], g.sent["fields"]
    if wanted == "register":
        typed = (
            fields
            if isinstance(fields, dict)
            else old_minutes.form_values(g.uow, old_minutes.find_item(g.uow, item_id))
        )
        old_minutes.register(g.uow, item_id, title=g.sent["title"], typed=typed)
    else:
        {"file": old_minutes.keep_as_file, "leave": old_minutes.leave_out, "back": old_minutes.take_back}[wanted](
            g.uow, item_id
        )
    return answer(shown_item(old_minutes.find_item(g.uow, item_id)))


def shown_batch(one: ImportBatch, progress: Progress) -> dict[str, Any]:
    """Return a batch as the API tells it."""
    return {
        "id": one.id,
        "name": one.name,
        "created_by": one.created_by_name,
        "created_at": one.created_at,
        "files": progress.total,
        "open": progress.open,
        "counts": dict(progress.counts),
    }


def shown_item(one: ImportItem) -> dict[str, Any]:
    """Return a file of the queue as the API tells it."""
    return {
        "id": one.id,
        "batch": one.batch_id,
        "path": one.path,
        "size": one.size,
        "state": one.state,
        "kind_guess": one.kind_guess,
        "message": one.message,
        "warnings": one.warnings,
        "not_understood": one.not_understood,
        "findings": one.findings,
        "fields": old_minutes.typed_of(one),
        "document": one.document_id,
    }
