"""What templates know besides their page's own values: words, dates, assets, who is signed in. They never decide rights."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from flask import Flask, g, request, url_for
from flask_login import current_user
from markupsafe import Markup, escape

import search_index
import tenants
from portal.db.base import now
from portal.kinds import all_kinds, find_kind, richtext
from portal.kinds.calendar import JAPAN, fiscal_year_name, write_moment
from portal.kinds.fields import Field
from portal.kinds.vocabulary import ITEMS
from portal.models import Document
from portal.security.identity import ROLE_NAMES, Role
from portal.security.policy import (
    choosing_shared_files,
    may_administer_accounts,
    may_edit_synonyms,
    may_read_audit,
    permits,
    state_of,
    workflow_of,
)
from portal.security.workflows import Permission
from portal.services import printing
from portal.web import narrowing
from portal.web.assets import find_asset
from portal.web.guard import the_site
from portal.web.list_files import save_addresses
from portal.web.tables import day, in_cell, laid_out
from portal.words import LANGUAGES, language, t

LONG = ("rows", "text", "note")
BESIDE = ("line", "day", "clock", "number", "choice")
"""Widgets that stand side by side in the form."""
_LEVELS = (("h3", "h5"), ("h2", "h4"))
SIZES = ("100", "115", "130")
BADGES = {
    "draft": "", "returned": "late", "confirming": "info", "submitted": "wait", "accepted": "good", "shared": "good", "kept": "",
}  # fmt: skip


def install(app: Flask) -> None:
    """Give the templates their words and helpers."""
    app.before_request(_choose_language)
    app.jinja_env.globals.update(
        t=t, asset=find_asset, ward_name=tenants.ward_name, all_wards=tenants.all_wards, all_kinds=all_kinds,
        kind_of=find_kind, role_name=lambda role: ROLE_NAMES[Role(role)], year_name=fiscal_year_name, items=ITEMS,
        may=may, Permission=Permission, state_title=lambda document: state_of(document).title,
        badge=lambda document: BADGES.get(document.state, ""), text_size=_text_size, now_iso=lambda: now().isoformat(), page_address=page_address, act_title=act_title,
        may_choose_shared=lambda document: choosing_shared_files(g.uow.reader, document) is not None,
        save_addresses=save_addresses,
        can_print=lambda: printing.can_print(the_site()),
        upload_limit=lambda: the_site().settings.upload_limit_mb << 20,
    )  # fmt: skip
    app.jinja_env.filters.update(
        day=day,
        moment=moment,
        rich=rich,
        size=file_size,
        slice_by_shape=slice_by_shape,
        slice_for_form=slice_for_form,
        laid_out=laid_out,
        shown=shown,
        marked=marked,
    )
    app.context_processor(_person)


@dataclass(frozen=True)
class FieldGroup:
    """Neighbouring fields that are shown alike: short ones in one table, long ones each under its heading."""

    short: bool
    fields: list[Field]


def slice_by_shape(fields: list[Field]) -> list[FieldGroup]:
    """Group neighbouring fields by how they are shown."""
    return [FieldGroup(short, list(group)) for short, group in groupby(fields, lambda one: one.widget not in LONG)]


def slice_for_form(fields: tuple[Field, ...]) -> list[FieldGroup]:
    """Group neighbouring fields whose controls fit side by side."""
    return [FieldGroup(short, list(group)) for short, group in groupby(fields, lambda one: one.widget in BESIDE)]


def page_address(number: int) -> str:
    """Return this page's address for another page number, all other conditions kept."""
    return narrowing.with_("page", str(number))


def act_title(document: Document, name: str) -> str:
    """Return what a transition is called."""
    wanted = workflow_of(document).transition(name)
    return wanted.title if wanted else name


def _choose_language() -> None:
    wanted = request.cookies.get("portal_language", "ja")
    language.set(wanted if wanted in LANGUAGES else "ja")


def _text_size() -> str:
    size = request.cookies.get("portal_size", "100")
    return size if size in SIZES else "100"


def _person() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {"person": None}
    session = current_user.session
    return {
        "person": session,
        "identity": session.identity,
        "may_administer": may_administer_accounts(session.identity),
        "may_read_audit": may_read_audit(session.identity),
        "may_edit_synonyms": may_edit_synonyms(session.identity),
    }


def may(permission: Permission, document: Document) -> bool:
    """Say whether to show a button; the services decide again."""
    return permits(g.uow.reader, permission, document)


@lru_cache(maxsize=4096)
def moment(value: datetime | None) -> str:
    """Show a moment in Japanese time."""
    if value is None:
        return ""
    local = value.astimezone(JAPAN)
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="minutes"), write_moment(value))


def shown(one: Field, value: Any) -> str:
    """Show the value of one field."""
    if one.widget == "text":
        return Markup('<div class="prose">{}</div>').format(rich(value))
    return Markup(in_cell(one, value, one.text(value)))  # noqa: S704 (escaped there)


def marked(pieces: Iterable[search_index.Piece]) -> Markup:
    """Show what a search found, the words that were looked for marked."""
    texts = [f"<mark>{escape(one.text)}</mark>" if one.marked else escape(one.text) for one in pieces]
    return Markup("".join(texts))  # noqa: S704 (escaped above)


def rich(canonical: str) -> Markup:
    """Show canonical HTML; cleaned once more on the way out."""
    cleaned = richtext.clean(canonical)
    cleaned = richtext.with_pictures(cleaned, _picture)
    for outer, inner in _LEVELS:  # the body's headings stand below those of the page
        cleaned = cleaned.replace(f"<{outer}>", f"<{inner}>").replace(f"</{outer}>", f"</{inner}>")
    return Markup(cleaned)  # noqa: S704 (nh3 with a closed list of tags)


def _picture(file: int, alt: str) -> str:
    """Show an attached picture; the route behind it asks who is looking."""
    address = url_for("files.picture", attachment_id=file)
    return f'<figure><img src="{address}" alt="{alt}" loading="lazy"></figure>'


def file_size(size: int) -> str:
    """Show a size as people read it: 412KB, 3.1MB."""
    return escape(f"{size / 1048576:.1f}MB" if size >= 1048576 else f"{max(1, size // 1024)}KB")
