"""お知らせ: what the portal tells the person by itself, and how they want to be told."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.security.identity import Role
from portal.services import accounts, lists, noticing, signing_in
from portal.services.errors import Refused
from portal.web import list_files
from portal.web.guard import Needs, needs
from portal.words import t

bp = Blueprint("notices", __name__, url_prefix="/notices")
PAGE = 50


@bp.get("")
@needs(Needs.PERSON)
def listing() -> ResponseReturnValue:
    """List the notices, unread ones first."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.notices(g.uow), form)
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    return render_template(
        "notices.html",
        here="notices",
        page=noticing.notices(g.uow, page=number, size=PAGE),
        elsewhere=noticing.unread_elsewhere(g.uow),
    )


@bp.get("/<int:notice_id>")
@needs(Needs.PERSON, writes=True)
def follow(notice_id: int) -> ResponseReturnValue:
    """Go to the document a notice is about; the notice counts as read."""
    document = noticing.open_notice(g.uow, notice_id)
    return redirect(url_for("documents.show", document_id=document.public_id))


@bp.post("/read")
@needs(Needs.PERSON)
def read() -> ResponseReturnValue:
    """Count everything as read."""
    count = noticing.mark_read(g.uow)
    flash(t("{n}件のお知らせを、読んだことにしました。", n=count), "good")
    return redirect(url_for(".listing"), 303)


@bp.get("/settings")
@needs(Needs.PERSON)
def settings() -> ResponseReturnValue:
    """Show how the person is told of what."""
    return _settings_page()


@bp.post("/settings")
@needs(Needs.PERSON)
def change_settings() -> ResponseReturnValue:
    """Change how the person is told, and where mail goes."""
    entered = request.form
    try:
        noticing.choose(g.uow, {name: entered[name] for name in noticing.EVENTS if name in entered})
        accounts.set_mail_address(g.uow, entered.get("address", ""))
    except Refused as refused:
        g.uow.session.rollback()
        return _settings_page(told=str(refused)), 422
    flash(t("お知らせの受け取り方を保存しました。"), "good")
    return redirect(url_for(".settings"), 303)


def _settings_page(told: str = "") -> str:
    return render_template(
        "notices_settings.html",
        here="notices",
        told=told,
        events=noticing.events_for(Role(one.role) for one in signing_in.memberships(g.uow)),
        channels=noticing.CHANNELS,
        chosen={**noticing.choices(g.uow), **dict(request.form.items())},
        address=request.form.get("address", g.uow.account.mail_address or ""),
        hour=g.uow.site.settings.mail_hour,
    )
