"""Saved searches: kept from the results page, run again, told of, read as a feed."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.models import SavedSearch
from portal.services import finding, lists, noticing, saved_searches
from portal.services.errors import Refused
from portal.services.saved_searches import Conditions
from portal.web import list_files
from portal.web.guard import Needs, needs
from portal.web.screens.search import PARAMETERS, conditions
from portal.words import t

bp = Blueprint("searches", __name__, url_prefix="/searches")


@bp.get("")
@needs(Needs.PERSON)
def listing() -> ResponseReturnValue:
    """List the person's saved searches."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.saved_searches(g.uow), form)
    return _page()


@bp.post("")
@needs(Needs.PERSON)
def save() -> ResponseReturnValue:
    """Keep a search; what it asks for stands in the address, as on the results page the form is sent from."""
    entered = request.form
    try:
        notify = entered.get("notify", noticing.NONE)
        saved_searches.save(g.uow, name=entered.get("name", ""), conditions=conditions(), notify=notify)
    except Refused as refused:
        g.uow.session.rollback()
        flash(t(str(refused)), "bad")
        return redirect(f"{url_for('search.results')}?{request.query_string.decode('utf-8', 'replace')}", 303)
    flash(t("検索を保存しました。"), "good")
    return redirect(url_for(".listing"), 303)


@bp.get("/<int:search_id>")
@needs(Needs.PERSON)
def run(search_id: int) -> ResponseReturnValue:
    """Go to the results of a saved search."""
    return redirect(address_of(saved_searches.one(g.uow, search_id)))


@bp.get("/<int:search_id>/edit")
@needs(Needs.PERSON)
def edit(search_id: int) -> ResponseReturnValue:
    """Show one saved search to rename it, to choose how it notifies, and its feed."""
    return _edit_page(search_id)


@bp.post("/<int:search_id>")
@needs(Needs.PERSON)
def change(search_id: int) -> ResponseReturnValue:
    """Rename a saved search or change how it notifies."""
    entered = request.form
    try:
        saved_searches.change(g.uow, search_id, name=entered.get("name"), notify=entered.get("notify"))
    except Refused as refused:
        if type(refused) is not Refused:
            raise
        g.uow.session.rollback()
        return _edit_page(search_id, told=str(refused)), 422
    flash(t("検索の設定を保存しました。"), "good")
    return redirect(url_for(".listing"), 303)


@bp.post("/<int:search_id>/delete")
@needs(Needs.PERSON)
def remove(search_id: int) -> ResponseReturnValue:
    """Forget a saved search."""
    saved_searches.remove(g.uow, search_id)
    flash(t("保存した検索を削除しました。"), "good")
    return redirect(url_for(".listing"), 303)


@bp.post("/<int:search_id>/feed")
@needs(Needs.PERSON)
def open_feed(search_id: int) -> ResponseReturnValue:
    """Make a feed address, which is shown this once; an older one ends."""
    secret = saved_searches.open_feed(g.uow, search_id)
    return _edit_page(search_id, feed=url_for("feeds.show", token=secret, _external=True))


@bp.post("/<int:search_id>/feed/close")
@needs(Needs.PERSON)
def close_feed(search_id: int) -> ResponseReturnValue:
    """End the feed."""
    saved_searches.close_feed(g.uow, search_id)
    flash(t("フィードを止めました。"), "good")
    return redirect(url_for(".edit", search_id=search_id), 303)


def _page() -> str:
    searches = saved_searches.mine(g.uow)
    return render_template(
        "searches.html",
        here="search",
        searches=searches,
        feeds=saved_searches.has_feed(g.uow, searches),
        channels=noticing.CHANNELS,
        in_words=lists.conditions_in_words,
    )


def _edit_page(search_id: int, told: str = "", feed: str = "") -> str:
    search = saved_searches.one(g.uow, search_id)
    return render_template(
        "searches_edit.html",
        here="search",
        search=search,
        has_feed=search.id in saved_searches.has_feed(g.uow, [search]),
        channels=noticing.CHANNELS,
        in_words=lists.conditions_in_words,
        told=told,
        feed=feed,
    )


def address_of(search: SavedSearch) -> str:
    """Return the address of the results page of a saved search."""
    asked = Conditions.from_json(search.conditions)
    return f"{url_for('search.results')}?{urlencode(list(_pairs(asked)))}"


def _pairs(asked: Conditions) -> Iterator[tuple[str, str]]:
    yield "q", asked.text
    nothing = finding.Filters()
    for one in fields(asked.filters):
        value, name = getattr(asked.filters, one.name), PARAMETERS.get(one.name)
        if name is None or value == getattr(nothing, one.name):
            continue
        if isinstance(value, tuple):
            yield from ((name, str(each)) for each in value)
        elif isinstance(value, bool):
            yield name, "1" if value else "0"
        elif isinstance(value, date):
            yield name, value.isoformat()
    if asked.sort != "relevance":
        yield "sort", asked.sort
    yield from (("only", key) for key in asked.exactly)
