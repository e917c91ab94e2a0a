"""Autosave: what is being typed, kept for its writer alone."""

from datetime import UTC

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.base import now
from portal.services import documents, drafts, holding
from portal.services.errors import Refused
from portal.web.guard import Needs, needs

bp = Blueprint("drafting", __name__)


@bp.put("/drafts/<key>")
@needs(Needs.PERSON)
def save(key: str) -> ResponseReturnValue:
    """Keep the typed form; 409 names the version somebody saved meanwhile (the draft is kept all the same)."""
    sent = request.get_json(silent=True)
    entries = sent.get("fields") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(entries, list) or not all(_is_pair(one) for one in entries):
        raise Refused("下書きを読み取れませんでした。")
    base = sent.get("base") or 0
    newer = drafts.save(
        g.uow,
        key,
        kind_name=str(sent.get("key", "")),
        title=_title(entries),
        entries=[(name, value) for name, value in entries if name not in drafts.NOT_TYPED],
        base=int(base) if str(base).isdecimal() else 0,
    )
    if newer is None:
        return {"saved_at": now().astimezone(UTC).isoformat()}
    g.uow.commit()
    version = documents.current_version(g.uow, newer)
    return {
        "by": version.author_name,
        "number": version.number,
        "saved_at": version.created_at.isoformat(),
        "url": url_for("documents.show", document_id=newer.public_id),
    }, 409


@bp.post("/drafts/<key>/discard")
@needs(Needs.PERSON)
def discard(key: str) -> ResponseReturnValue:
    """Forget what was typed and go back to what is saved."""
    draft = drafts.find(g.uow, key)
    drafts.discard(g.uow, key)
    holding.let_go(g.uow, key.removeprefix("new-"))
    if draft is not None and draft.document_id:
        return redirect(url_for("reports.edit", document_id=draft.document_id), 303)
    return redirect(url_for("home.show"), 303)


def _is_pair(one: object) -> bool:
    return isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)


def _title(entries: list[list[str]]) -> str:
    typed: dict[str, str] = {}
    for name, value in entries:
        typed.setdefault(name, value)
    return next((typed[name] for name in ("title", "meeting_name", "training_name") if typed.get(name)), "")
