"""The caller: who they are, what waits for them, what they were typing, what they did."""

from typing import Any

from flask import Response, g

import tenants
from portal.db.base import now
from portal.kinds import all_kinds, find_kind
from portal.models import Draft
from portal.security.identity import ROLE_NAMES
from portal.security.policy import may_administer_accounts, may_create, may_read_audit
from portal.services import accounts, auditing, documents, drafts, home, lists, signing_in
from portal.services.errors import NotFound
from portal.web import list_files
from portal.web.api import audit, showing
from portal.web.api.answering import answer, nothing, part
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
    several,
)  # fmt: skip
from portal.web.api.shapes import Many, Secret, Table, Unreadable, Whole, Words
from portal.web.guard import Needs, needs, the_session

bp = part("api_me")
ME = record(
    id=WHOLE, login=TEXT, name=TEXT, profession=TEXT, ward=TEXT, ward_name=TEXT, role=TEXT, role_name=TEXT,
    roles=several(showing.MEMBERSHIP), creates=several(TEXT), administers_accounts=FLAG, reads_audit=FLAG,
    second_factor=FLAG, must_change_password=FLAG,
)  # fmt: skip


@bp.get("/me")
@needs(Needs.PERSON, first_password=True)
@described("自分のアカウント、いまの区と役割、選べる役割、作れる文書の種類", answers={200: Answer(ME)})
def show() -> Response:
    """Show who the caller is."""
    session, identity = the_session(), g.uow.identity
    return answer(
        {
            "id": identity.account_id,
            "login": session.login,
            "name": session.name,
            "profession": session.profession,
            "ward": identity.ward,
            "ward_name": tenants.ward_name(identity.ward),
            "role": identity.role,
            "role_name": ROLE_NAMES[identity.role],
            "roles": [showing.membership(one) for one in signing_in.memberships(g.uow)],
            "creates": [kind.name for kind in all_kinds() if may_create(identity, kind.workflow, identity.ward)],
            "administers_accounts": may_administer_accounts(identity),
            "reads_audit": may_read_audit(identity),
            "second_factor": session.second_factor,
            "must_change_password": session.must_change_password,
        }
    )


PASSWORDS = Table(
    label="パスワードの変更",
    of={
        "old": Secret(label="いまのパスワード", required=True, limit=600),
        "new": Secret(label="新しいパスワード", required=True, limit=600),
    },
)


@bp.put("/me/password")
@needs(Needs.PERSON, first_password=True)
@described(
    "自分のパスワードを変える。ほかのログインはすべて終わる",
    body=PASSWORDS,
    answers={204: Answer(told="変えた")},
    problems=(400,),
)
def change_password() -> Response:
    """Change the caller's own password."""
    accounts.change_password(g.uow, old=g.sent["old"], new=g.sent["new"], keep_sign_in=the_session().sign_in_id)
    return nothing()


@bp.get("/me/acts")
@needs(Needs.PERSON)
@described("自分がしたことの記録", query={**paging(), **FORMAT}, answers={200: saved(listed(audit.ENTRY))})
def acts() -> Response:
    """List what the caller did."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.own_acts(g.uow), form)
    page, size = g.asked["page"], g.asked["size"]
    return audit.shown(auditing.own_acts(g.uow, page=page, size=size), page)


# -- home -------------------------------------------------------------------------------------------------------------

WAITING = record(document=showing.SUMMARY, button=TEXT, comment=TEXT, comment_by=TEXT, by_another=FLAG)
BEGUN = record(
    key=TEXT, kind=TEXT, title=TEXT, document=optional(WHOLE), base=WHOLE, updated_at=MOMENT, open=FLAG
)  # fmt: skip
HOME = record(
    waiting_total=WHOLE, waiting=several(WAITING), elsewhere=several(showing.SUMMARY), drafts=several(BEGUN),
    news=several(showing.SUMMARY), writes=several(record(kind=TEXT, label=TEXT)),
)  # fmt: skip


@bp.get("/home")
@needs(Needs.PERSON)
@described("ホーム：自分を待っているもの、書きかけ、新着", answers={200: Answer(HOME)})
def first() -> Response:
    """Show what waits for the caller."""
    shown = home.home(g.uow)
    waiting = [
        {
            "document": showing.summary(one.document),
            "button": one.button,
            "comment": one.comment,
            "comment_by": one.comment_by,
            "by_another": one.by_another,
        }
        for one in shown.waiting
    ]
    return answer(
        {
            "waiting_total": shown.waiting_total,
            "waiting": waiting,
            "elsewhere": showing.summaries(shown.elsewhere),
            "drafts": [{**_draft_head(one.draft), "open": one.open} for one in shown.begun],
            "news": showing.summaries(shown.news),
            "writes": [{"kind": kind.name, "label": kind.new_label} for kind in shown.writes],
        }
    )


# -- drafts -----------------------------------------------------------------------------------------------------------


def _draft_head(draft: Draft) -> dict[str, Any]:
    return {
        "key": draft.key,
        "kind": draft.kind_name,
        "title": draft.title,
        "document": draft.document_id,
        "base": draft.base,
        "updated_at": draft.updated_at,
    }


class Entry(Words):
    """One pair of a control's name and what was typed into it."""

    def read(self, value: Any) -> Any:
        """Return the pair. Raises Unreadable."""
        if not isinstance(value, list) or len(value) != 2:
            raise Unreadable("[項目名, 入力] の組で指定してください。")
        return tuple(Words.read(self, part) for part in value)

    def schema(self) -> dict[str, Any]:
        """Return the schema of a pair of texts."""
        return {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string", "maxLength": self.limit}}


DRAFT_BODY = Table(
    label="下書き",
    of={
        "kind": Words(label="種類", limit=60, example="meeting_report"),
        "title": Words(label="題名"),
        "base": Whole(label="書き始めた版", default=0),
        "entries": Many(
            label="入力の一覧",
            of=Entry(label="入力", limit=drafts.LIMIT),
            most=20_000,
            required=True,
            example=[["meeting_name", "病院連絡会"], ["attendees-0-name", "見本 一郎"]],
        ),
    },
)
NEWER = record(number=WHOLE, author=TEXT, created_at=MOMENT)
SAVED = record(saved_at=MOMENT, newer=optional(NEWER))
PAIR = {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}
DRAFT = record(
    key=TEXT, kind=TEXT, title=TEXT, document=optional(WHOLE), base=WHOLE, updated_at=MOMENT, entries=several(PAIR)
)  # fmt: skip


@bp.get("/drafts/<key>")
@needs(Needs.PERSON)
@described("書きかけの入力。key は document-<id> または new-<nonce>", answers={200: Answer(DRAFT)}, problems=(404,))
def draft(key: str) -> Response:
    """Show the caller's own draft."""
    found = drafts.find(g.uow, _key(key))
    if found is None:
        raise NotFound
    return answer({**_draft_head(found), "entries": found.entries})


@bp.put("/drafts/<key>")
@needs(Needs.PERSON)
@described(
    "書きかけの入力を残す（版にはならない）。newer は、そのあいだに誰かが保存した版",
    body=DRAFT_BODY,
    answers={200: Answer(SAVED, "残した", {"saved_at": "2026-11-19T05:32:00+00:00", "newer": None})},
    problems=(400, 403, 404),
)
def save_draft(key: str) -> Response:
    """Keep what is being typed."""
    sent = g.sent
    if sent["kind"] and find_kind(sent["kind"]) is None:
        documents.kind_named(sent["kind"])
    newer = drafts.save(
        g.uow, _key(key), kind_name=sent["kind"], title=sent["title"], entries=sent["entries"], base=sent["base"]
    )
    version = documents.current_version(g.uow, newer) if newer else None
    told = version and {"number": version.number, "author": version.author_name, "created_at": version.created_at}
    return answer({"saved_at": now(), "newer": told})


@bp.delete("/drafts/<key>")
@needs(Needs.PERSON)
@described("書きかけの入力を捨てる", answers={204: Answer(told="もう残っていない")}, problems=(404,))
def discard_draft(key: str) -> Response:
    """Forget a draft."""
    drafts.discard(g.uow, _key(key))
    return nothing()


def _key(key: str) -> str:
    if not key.isascii() or not key.isprintable() or len(key) > 80:
        raise NotFound
    return key
