"""What a person has typed and not yet saved. Kept for that person alone, and no version."""

import re
from collections.abc import Sequence

from sqlalchemy import bindparam, select

from portal.db.base import now
from portal.db.session import insert_if_absent, prepared
from portal.models import Document, Draft
from portal.security.policy import may_create
from portal.security.workflows import Permission
from portal.services.errors import Forbidden, NotFound, Refused
from portal.services.uow import UnitOfWork

FILE = "file-"
"""How the keys of files begin that wait for an unsaved report (see `holding`); they are no drafts to go on writing."""
NOT_TYPED = frozenset(["csrf_token", "nonce", "base"])
"""What a form sends of its own accord; it is not kept."""
LIMIT = 4_000_000
"""Characters one draft may hold."""
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")


def save(
    uow: UnitOfWork, key: str, *, kind_name: str, title: str, entries: Sequence[tuple[str, str]], base: int
) -> Document | None:
    """Keep what is typed under `document-<id>` or `new-<nonce>`.

    Returns the document when somebody saved a newer version than `base` meanwhile; the draft is kept all the same.
    """
    document = _document_of(uow, key)
    if document is None and not _may_write_new(uow, kind_name):
        raise Forbidden("この種類の文書は作成できません。")
    if sum(len(name) + len(value) for name, value in entries) > LIMIT:
        raise Refused("入力が長すぎるため下書きを保存できません。文章を分けてください。")
    kept = {
        "ward_id": document.ward_id if document else uow.reader.ward,
        "kind_name": document.kind_name if document else kind_name,
        "document_id": document.id if document else None,
        "base": base if 0 <= base < 1 << 31 else 0,
        "title": title[:300],
        "updated_at": now(),
        "entries": [[name, value] for name, value in entries],
    }
    if not insert_if_absent(uow.session, Draft, account_id=uow.identity.account_id, key=key, **kept):
        draft = uow.session.get_one(Draft, (uow.identity.account_id, key))
        for name, value in kept.items():
            setattr(draft, name, value)
    uow.flush()
    return document if document and document.version_number != base else None


def find(uow: UnitOfWork, key: str) -> Draft | None:
    """Return the reader's own draft under that key."""
    return uow.session.scalars(_OWN, {"account": uow.identity.account_id, "key": key}).one_or_none()


_OWN = prepared(select(Draft).where(Draft.account_id == bindparam("account"), Draft.key == bindparam("key")))


def mine(uow: UnitOfWork) -> Sequence[Draft]:
    """Return the reader's drafts in the ward they act in, newest first."""
    own = select(Draft).where(Draft.ward_id == uow.reader.ward, Draft.key.not_like(f"{FILE}%"))
    return uow.session.scalars(own.order_by(Draft.updated_at.desc())).all()


def discard(uow: UnitOfWork, key: str) -> None:
    """Forget a draft; called when its text became a version, or when the person says so."""
    if uow.reader.account_id is not None and (draft := find(uow, key)):
        uow.session.delete(draft)
        uow.flush()


def _document_of(uow: UnitOfWork, key: str) -> Document | None:
    kind, _, rest = key.partition("-")
    if kind == "document" and rest.isdecimal() and len(rest) < 10:
        return uow.access(int(rest), Permission.EDIT)
    if kind == "new" and _NONCE.fullmatch(rest):
        return None
    raise NotFound


def _may_write_new(uow: UnitOfWork, kind_name: str) -> bool:
    from portal.kinds import find_kind

    kind = find_kind(kind_name)
    return kind is not None and may_create(uow.reader, kind.workflow, uow.reader.ward)
