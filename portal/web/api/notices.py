"""The caller's notices, and how they want to be told."""

from typing import Any

from flask import Response, g

from portal.services import accounts, lists, noticing
from portal.services.noticing import CHANNELS, EVENTS, Told
from portal.web import list_files
from portal.web.api import showing
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
)
from portal.web.api.shapes import Flag, Many, Table, Whole, Words
from portal.web.guard import Needs, needs

bp = part("api_notices")
NOTICE = record(
    id=WHOLE, event=TEXT, told=TEXT, document=showing.SUMMARY, search=optional(WHOLE), created_at=MOMENT,
    read_at=optional(MOMENT),
)  # fmt: skip


@bp.get("/me/notices")
@needs(Needs.PERSON)
@described(
    "お知らせ（いまの役割あて、未読を先に）。文書は、いま見られるものだけ",
    query={"unread": Flag(label="未読だけ"), **paging(), **FORMAT},
    answers={200: saved(listed(NOTICE))},
)
def mine() -> Response:
    """List the caller's notices."""
    asked = g.asked
    if form := list_files.wanted_format():
        return list_files.as_file(lists.notices(g.uow), form)
    page = noticing.notices(g.uow, page=asked["page"], size=asked["size"], unread_only=asked["unread"])
    return listing((_told(one) for one in page.items), page.total)


def _told(one: Told) -> dict[str, Any]:
    return {
        "id": one.notice.id,
        "event": one.notice.event,
        "told": one.event.told,
        "document": showing.summary(one.document),
        "search": one.search.id if one.search else None,
        "created_at": one.notice.created_at,
        "read_at": one.notice.read_at,
    }


READ = Table(
    label="読んだお知らせ", of={"ids": Many(label="お知らせの番号（空ならすべて）", of=Whole(label="番号"), most=1000)}
)


@bp.post("/me/notices/read")
@needs(Needs.PERSON)
@described("お知らせを読んだことにする", body=READ, answers={200: Answer(record(read=WHOLE))})
def read() -> Response:
    """Count notices as read."""
    return answer({"read": noticing.mark_read(g.uow, g.sent["ids"] or None)})


CHOICES = Table(
    label="受け取り方",
    of={
        "mail_address": Words(
            label="メールアドレス（空ならメールは送らない）", limit=254, default=None, example="m.yamada@example.jp"
        ),
        **{name: Words(label=event.title, options=("", *CHANNELS)) for name, event in EVENTS.items()},
    },
)
CHOSEN = record(mail_address=TEXT, unread=WHOLE, **{name: {"enum": list(CHANNELS)} for name in EVENTS})


@bp.get("/me/notices/settings")
@needs(Needs.PERSON)
@described("お知らせの受け取り方とメールアドレス", answers={200: Answer(CHOSEN)})
def settings() -> Response:
    """Show how the caller is told of what."""
    return _settings()


@bp.put("/me/notices/settings")
@needs(Needs.PERSON)
@described(
    "お知らせの受け取り方とメールアドレスを変える。省いたものは変わらない",
    body=CHOICES,
    answers={200: Answer(CHOSEN)},
    problems=(400,),
)
def change_settings() -> Response:
    """Change how the caller is told."""
    sent = dict(g.sent)
    address = sent.pop("mail_address")
    if address is not None:
        accounts.set_mail_address(g.uow, address)
    noticing.choose(g.uow, {name: channel for name, channel in sent.items() if channel})
    return _settings()


def _settings() -> Response:
    unread = noticing.notices(g.uow, size=1, unread_only=True).total
    return answer({"mail_address": g.uow.account.mail_address or "", "unread": unread, **noticing.choices(g.uow)})
