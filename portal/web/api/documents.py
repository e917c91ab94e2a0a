"""Documents: listed, made, read, saved, deleted, moved along their way, handed out as Word."""

from typing import Any

from flask import Response, g, request, send_file

import tenants
from portal.kinds import Invalid, all_kinds
from portal.kinds.fields import Problem
from portal.models import Document
from portal.security.policy import permits, state_of, transitions_for
from portal.security.workflows import WORKFLOWS, Permission
from portal.services import (
    documents,
    explaining,
    exporting,
    finding,
    home,
    lists,
    printing,
    privacy,
    reviewing,
    suggesting,
)
from portal.services.errors import EditConflict, NotFound
from portal.web import list_files
from portal.web.api import jobs, showing
from portal.web.api.answering import answer, etag, listing, nothing, part, problem, wanted_version
from portal.web.api.describing import (
    FLAG,
    FORMAT,
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
from portal.web.api.shapes import FieldsOfKind, Many, Table, Whole, Words
from portal.web.guard import Needs, needs
from portal.web.headers import hand_out
from portal.word.package import DOCX

bp = part("api_documents")
ETAG = {"ETag": "版の番号。PUT の If-Match にそのまま使う"}
IF_MATCH = {"If-Match": "書き始めた版の ETag"}


def kind_names() -> list[str]:
    """Return the names of all kinds."""
    return [kind.name for kind in all_kinds()]


def state_names() -> list[str]:
    """Return the names of all states a document can be in."""
    tables = [table for one in WORKFLOWS.values() for table in (one.states, one.shared or {})]
    return list(dict.fromkeys(name for table in tables for name in table))


KINDS = Many(label="種類", of=Words(label="種類", options=kind_names))
STATES = Many(label="状態", of=Words(label="状態", options=state_names))
YEARS = Many(label="年度（西暦）", of=Whole(label="年度（西暦）", least=1900, most=2200, example=2026))
BODIES = Many(label="会議体", of=Words(label="会議体"))


# -- lists and new documents ------------------------------------------------------------------------------------------


@bp.get("/wards/<ward>/documents")
@needs(Needs.WARD)
@described(
    "区の文書の一覧（見られるものだけ、会議日の新しい順）。条件は同じ名前を重ねると「または」になる",
    query={"kind": KINDS, "fiscal_year": YEARS, "state": STATES, "body": BODIES, **paging(), **FORMAT},
    answers={200: saved(listed(showing.SUMMARY))},
    problems=(404,),
)
def of_ward(ward: str) -> Response:
    """List one ward's documents."""
    if tenants.find_ward(ward) is None:
        raise NotFound
    asked = g.asked
    filters = finding.Filters(
        wards=(ward,),
        kinds=asked["kind"],
        fiscal_years=asked["fiscal_year"],
        states=asked["state"],
        body_names=asked["body"],
    )
    if form := list_files.wanted_format():
        return list_files.as_file(lists.archive(g.uow, filters, [("区", tenants.ward_name(ward))]), form)
    page = finding.list_documents(g.uow, filters, page=asked["page"], size=asked["size"])
    return listing(showing.summaries(page.items), page.total)


COMMENT = Words(label="版の説明", limit=500)
NEW = Table(
    label="新しい文書",
    of={
        "kind": Words(label="種類", required=True, options=kind_names, example="meeting_report"),
        "title": Words(label="題名（省くと項目から付ける）"),
        "fields": FieldsOfKind(label="項目", default={}),
        "nonce": Words(
            label="二重登録を防ぐ合い言葉（同じ人が同じ値で送ると、同じ文書が返る）", limit=64, pattern="[A-Za-z0-9_-]{8,64}|"
        ),
        "comment": COMMENT,
    },
)  # fmt: skip


@bp.post("/wards/<ward>/documents")
@needs(Needs.WARD)
@described(
    "文書を作る",
    body=NEW,
    answers={201: Answer(showing.DOCUMENT, "作った", headers={"Location": "文書の所在", **ETAG})},
    problems=(400, 403, 404, 409),
)
def create(ward: str) -> Response:
    """Make a document with its first version."""
    sent = g.sent
    made = documents.create(
        g.uow,
        ward=ward,
        kind=documents.kind_named(sent["kind"]),
        title=sent["title"],
        typed=sent["fields"],
        comment=sent["comment"],
        nonce=sent["nonce"],
    )
    return _whole(made, 201, Location=f"/api/v1/documents/{made.public_id}")


# -- one document -----------------------------------------------------------------------------------------------------


def _whole(document: Document, status: int = 200, **headers: str) -> Response:
    version = documents.current_version(g.uow, document)
    return answer(showing.whole(g.uow, document, version), status, ETag=etag(version.number), **headers)


@bp.get("/documents/<id:document_id>")
@needs(Permission.VIEW)
@described(
    "文書：いまの内容、状態、できる操作、見られる人、添付",
    answers={200: Answer(showing.DOCUMENT, headers=ETAG)},
    problems=(404,),
)
def show(document_id: int) -> Response:
    """Show a document as the caller may see it."""
    return _whole(g.document)


RELATED = record(similar=several(showing.SUMMARY), last_year=optional(showing.SUMMARY))


@bp.get("/documents/<id:document_id>/related")
@needs(Permission.VIEW)
@described(
    "似た文書（近い順）と、前年度の同じ会議体の報告。どちらも見られるものだけ",
    answers={200: Answer(RELATED)},
    problems=(404,),
)
def related(document_id: int) -> Response:
    """Show what to read next."""
    last = suggesting.same_meeting_last_year(g.uow, g.document)
    return answer(
        {
            "similar": showing.summaries(suggesting.similar(g.uow, g.document)),
            "last_year": showing.summary(last) if last else None,
        }
    )


CHANGED = Table(
    label="文書",
    of={
        "title": Words(label="題名（省くと項目から付ける）"),
        "fields": FieldsOfKind(label="項目（すべて。省いた項目は空になる）", required=True),
        "comment": COMMENT,
    },
)


@bp.put("/documents/<id:document_id>")
@needs(Permission.EDIT)
@described(
    "新しい版を保存する。If-Match の版のあとに誰かが保存していれば 412 で、いまの版が current に入る。同じ内容なら版は増えない",
    body=CHANGED,
    headers=IF_MATCH,
    answers={200: Answer(showing.DOCUMENT, "保存した", headers=ETAG)},
    problems=(400, 403, 404, 412, 428),
)
def save(document_id: int) -> Response:
    """Save a version."""
    document: Document = g.document
    base = wanted_version(document.version_number)
    if base is None:
        return problem(428, "書き始めた版がわかりません。GET で受け取った ETag を If-Match に付けて送ってください。")
    sent = g.sent
    try:
        documents.save_version(
            g.uow, document_id, title=sent["title"], typed=sent["fields"], comment=sent["comment"], base=base
        )
    except EditConflict as conflict:
        return _stale(conflict)
    return _whole(document)


def _stale(conflict: EditConflict) -> Response:
    """Return the version that is there now, so that nothing of either text is lost."""
    current = showing.version_whole(conflict.current, conflict.document)
    return problem(412, str(conflict), {"ETag": etag(conflict.current.number)}, current=current)


@bp.delete("/documents/<id:document_id>")
@needs(Permission.DELETE)
@described(
    "文書を削除する（下書きなど、状態が許すときだけ）。If-Match を付けると、その版のときだけ削除する",
    headers=IF_MATCH,
    answers={204: Answer(told="削除した")},
    problems=(400, 403, 404, 412),
)
def delete(document_id: int) -> Response:
    """Take a document away."""
    try:
        documents.delete(g.uow, document_id, base=wanted_version(g.document.version_number))
    except EditConflict as conflict:
        return _stale(conflict)
    return nothing()


# -- versions ---------------------------------------------------------------------------------------------------------


@bp.get("/documents/<id:document_id>/versions")
@needs(Permission.VIEW)
@described("版の一覧（新しい順）", query=FORMAT, answers={200: saved(listed(showing.VERSION_SUMMARY))}, problems=(404,))
def versions(document_id: int) -> Response:
    """List the versions, newest first."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.versions(g.uow, g.document), form)
    return listing(showing.version_summary(one, g.document) for one in documents.versions(g.uow, g.document))


@bp.get("/documents/<id:document_id>/versions/<id:number>")
@needs(Permission.VIEW)
@described("ひとつの版の内容", answers={200: Answer(showing.VERSION, headers=ETAG)}, problems=(404,))
def version(document_id: int, number: int) -> Response:
    """Show one version."""
    found = documents.version_of(g.uow, g.document, number)
    return answer(showing.version_whole(found, g.document), ETag=etag(found.number))


@bp.post("/documents/<id:document_id>/versions/<id:number>/restore")
@needs(Permission.EDIT)
@described(
    "以前の版の内容を、新しい版として保存する。If-Match を付けると、その版のときだけ戻す",
    headers=IF_MATCH,
    answers={200: Answer(showing.DOCUMENT, "保存した", headers=ETAG)},
    problems=(400, 403, 404, 412),
)
def restore(document_id: int, number: int) -> Response:
    """Bring an old version back as a new one."""
    document: Document = g.document
    base = wanted_version(document.version_number)
    try:
        documents.restore_version(g.uow, document_id, number, base=document.version_number if base is None else base)
    except EditConflict as conflict:
        return _stale(conflict)
    return _whole(document)


PIECE = record(op={"enum": ["same", "added", "removed"]}, text=TEXT)
LINE = record(skipped=WHOLE, pieces=several(PIECE))
CHANGE = record(field=TEXT, label=TEXT, before=TEXT, after=TEXT, lines=several(LINE))
DIFFERENCE = record(**{"from": WHOLE, "to": WHOLE, "changes": several(CHANGE)})


@bp.get("/documents/<id:document_id>/diff")
@needs(Permission.VIEW)
@described(
    "ふたつの版の違いを項目ごとに。省くと、いまの版とそのひとつ前",
    query={"from": Whole(label="古いほうの版", least=1), "to": Whole(label="新しいほうの版", least=1)},
    answers={200: Answer(DIFFERENCE)},
    problems=(404,),
)
def diff(document_id: int) -> Response:
    """Show field by field what changed between two versions."""
    document: Document = g.document
    new: int = g.asked["to"] or document.version_number
    old: int = g.asked["from"] or max(1, new - 1)
    changes = [
        {
            "field": one.name,
            "label": one.label,
            "before": one.before,
            "after": one.after,
            "lines": [
                {"skipped": line.skipped, "pieces": [{"op": piece.op, "text": piece.text} for piece in line.pieces]}
                for line in one.lines
            ],
        }
        for one in documents.difference(g.uow, document, old, new)
    ]
    return answer({"from": old, "to": new, "changes": changes})


# -- its way ----------------------------------------------------------------------------------------------------------

ANSWER = Table(
    label="答え",
    of={
        "question": Words(label="質問の番号", required=True, limit=60, example="3f2a9c"),
        "answer": Words(
            label="伏せる・そのまま載せる・ファイルを含めない",
            required=True,
            options=tuple(privacy.DECISIONS),
            example="mask",
        ),
        "reason": Words(label="そのまま載せる理由", limit=500),
    },
)
PLACE = record(label=TEXT, before=TEXT, words=TEXT, after=TEXT)
QUESTION = record(
    question=TEXT, kind=TEXT, words=TEXT, why=TEXT, choices=several(TEXT), places=several(PLACE), more=WHOLE,
    answer=optional(TEXT), reason=TEXT, problem=TEXT,
)  # fmt: skip
PERSONAL = record(questions=several(QUESTION), unread=several(TEXT))
MOVE = Table(
    label="操作",
    of={
        "name": Words(label="操作", required=True, limit=60, example="request_confirmation"),
        "comment": Words(label="理由・連絡", limit=2000),
        "personal": Many(label="個人情報と思われる箇所への答え（共有するとき）", of=ANSWER, most=5000),
    },
)
MOVED = record(
    id=WHOLE, state=TEXT, state_title=TEXT, version=WHOLE, visible=FLAG, transitions=several(showing.TRANSITION), self=TEXT
)  # fmt: skip


@bp.post("/documents/<id:document_id>/transitions")
@needs(Permission.VIEW)
@described(
    "操作をする。できる操作の名前は文書の transitions にある。visible は、操作のあとも自分に見えるか。"
    "共有（share）は、個人情報と思われる箇所のすべてに personal で答えるまで 422 になり、その一覧が personal に入る",
    body=MOVE,
    answers={200: Answer(MOVED, "した")},
    problems=(400, 403, 404, 409, 422),
)
def move(document_id: int) -> Response:
    """Do one transition."""
    name, comment = g.sent["name"], g.sent["comment"]
    _ask_reason(name, comment)
    given = {one["question"]: privacy.Given(one["answer"], one["reason"]) for one in g.sent["personal"]}
    document = reviewing.transition(g.uow, document_id, name, comment=comment, personal=given)
    told = {
        "id": document.public_id,
        "state": document.state,
        "state_title": state_of(document).title,
        "version": document.version_number,
        "visible": permits(g.uow.reader, Permission.VIEW, document),
        "transitions": showing.transitions(g.uow, document),
        "self": f"/api/v1/documents/{document.public_id}",
    }
    return answer(told)


def _ask_reason(name: str, comment: str) -> None:
    """Say that a reason is due, to those who may do the act at all; everybody else hears from the service."""
    wanted = next((one for one in transitions_for(g.uow.reader, g.document) if one.name == name), None)
    if wanted is not None and wanted.asks_comment and not comment.strip():
        told = "理由を入力してください。相手が何を直せばよいかわかるように書いてください。"
        raise Invalid([Problem("comment", "理由", told)])


@bp.get("/documents/<id:document_id>/personal")
@needs(Permission.VIEW)
@described(
    "共有する前に答える、個人情報と思われる箇所の一覧と、いまある答え。unread は文字を読み取れなかった添付。すべては見つけられない",
    answers={200: Answer(PERSONAL)},
    problems=(404,),
)
def personal(document_id: int) -> Response:
    """List what looks personal in what would be shared."""
    asked = privacy.ask(g.uow, document_id)
    return answer({"questions": privacy.as_told(asked), "unread": list(asked.unread)})


@bp.get("/documents/<id:document_id>/transitions")
@needs(Permission.VIEW)
@described(
    "これまでの操作（新しい順）：だれが、いつ、どんな理由で",
    answers={200: Answer(listed(showing.ACT))},
    problems=(404,),
)
def moves(document_id: int) -> Response:
    """List the transitions that were done."""
    return listing(showing.act(one, g.document) for one in home.acts_of(g.uow, g.document))


EXPORT = {
    "format": Words(label="形式（なければ Accept に従い、それもなければ docx）", options=("docx", "pdf")),
    "version": Whole(label="版", least=1),
}


@bp.get("/documents/<id:document_id>/export")
@needs(Permission.EXPORT, writes=True)
@described(
    "WordファイルまたはPDFとして受け取る。version で以前の版。"
    "PDFは、ほかの人が作っているときなどは作業になる（202）。PDFを作れない構成では 406",
    query=EXPORT,
    answers={
        200: Answer({}, "ファイル", media=DOCX, headers={"Content-Disposition": "ファイル名"}, files=(printing.PDF,)),
        202: jobs.ACCEPTED,
    },
    problems=(403, 404, 406),
)
def export(document_id: int) -> Response:
    """Hand the document out as a file."""
    number = g.asked["version"]
    if (g.asked["format"] or _accepted_format()) == "docx":
        name, docx = exporting.as_word(g.uow, document_id, number=number)
        return hand_out(Response(docx, mimetype=DOCX), name)
    made = printing.as_pdf(g.uow, document_id, number=number)
    if made is None:
        return jobs.accepted(printing.start(g.uow, document_id, number=number))
    name, path = made
    return hand_out(send_file(path, mimetype=printing.PDF, etag=False), name)


def _accepted_format() -> str:
    wanted = request.accept_mimetypes.best_match([DOCX, printing.PDF], default=DOCX)
    return "pdf" if wanted == printing.PDF else "docx"


PERSON = record(membership=WHOLE, name=TEXT, ward=TEXT, ward_name=TEXT, role=TEXT, role_name=TEXT)
EXPLANATION = record(
    person=TEXT, acting=TEXT, sees=FLAG, reason=TEXT, meets_shared_edition=FLAG, may=several(TEXT)
)  # fmt: skip
WHY = record(readers=several(TEXT), people=several(PERSON), explanation=optional(EXPLANATION))


@bp.get("/documents/<id:document_id>/why")
@needs(Permission.VIEW)
@described(
    "だれが見られるか。membership（people にある番号）を選ぶと、その人が見られる・見られない理由",
    query={"membership": Whole(label="人と役割の番号", least=1)},
    answers={200: Answer(WHY)},
    problems=(403, 404),
)
def why(document_id: int) -> Response:
    """Explain who sees the document, and why one person can or cannot."""
    chosen = g.asked["membership"]
    explained: dict[str, Any] | None = None
    if chosen:
        found = explaining.explain(g.uow, document_id, chosen)
        explained = {
            "person": found.person,
            "acting": found.acting,
            "sees": found.sees.allowed,
            "reason": found.sees.reason,
            "meets_shared_edition": found.meets_shared_edition,
            "may": found.may,
        }
    people = [
        {"name": account.name, **showing.held(membership)}
        for account, membership in explaining.candidates(g.uow, g.document)
    ]
    return answer({"readers": explaining.who_sees(g.uow, g.document), "people": people, "explanation": explained})
