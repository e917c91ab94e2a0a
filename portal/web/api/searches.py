"""The caller's saved searches, and the tokens of their feeds."""

from typing import Any

from flask import Response, g, url_for

from portal.models import SavedSearch
from portal.services import finding, lists, noticing, saved_searches
from portal.services.saved_searches import Conditions
from portal.web import list_files
from portal.web.api import showing
from portal.web.api.answering import answer, listing, nothing, part
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
)
from portal.web.api.documents import BODIES, KINDS, STATES, YEARS
from portal.web.api.search import ITEM, SORTS, WARDS
from portal.web.api.shapes import Day, Flag, Many, Table, Words
from portal.web.guard import Needs, needs

bp = part("api_searches")
NOTIFY = Words(label="新しい文書の知らせ方", options=tuple(noticing.CHANNELS), default=noticing.NONE)
NAME = Words(label="名前", required=True, least=1, limit=100, example="退院支援の決定事項")
NEW = Table(
    label="保存する検索",
    of={
        "name": NAME,
        "notify": NOTIFY,
        "q": Words(label="探すことば", limit=finding.MOST_WORDS, example="退院支援"),
        "ward": WARDS,
        "kind": KINDS,
        "fiscal_year": YEARS,
        "state": STATES,
        "body": BODIES,
        "item": ITEM,
        "from": Day(label="この日から"),
        "to": Day(label="この日まで"),
        "decided": Flag(label="決定事項のあるものだけ"),
        "title_only": Flag(label="題名だけを探す"),
        "sort": Words(label="並び", options=SORTS, default="relevance"),
        "only": Many(
            label="広げない同義語のまとまり（reading.synonyms の key）", of=Words(label="まとまり", limit=200), most=50
        ),
    },
)
SEARCH = record(
    id=WHOLE, name=TEXT, conditions={"type": "object"}, conditions_in_words=TEXT, notify=TEXT, feed=FLAG, told_at=optional(MOMENT),
    created_at=MOMENT,
)  # fmt: skip
ONE = {200: Answer(SEARCH)}


@bp.get("/me/searches")
@needs(Needs.PERSON)
@described("保存した検索（いまの役割のもの）", query=FORMAT, answers={200: saved(listed(SEARCH))})
def mine() -> Response:
    """List the caller's saved searches."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.saved_searches(g.uow), form)
    found = saved_searches.mine(g.uow)
    feeds = saved_searches.has_feed(g.uow, found)
    return listing(_shown(one, one.id in feeds) for one in found)


@bp.post("/me/searches")
@needs(Needs.PERSON)
@described("検索を保存する", body=NEW, answers={201: Answer(SEARCH, "保存した")}, problems=(400, 503))
def save() -> Response:
    """Keep a search."""
    sent = g.sent
    filters = finding.Filters(
        wards=tuple(sent["ward"]),
        kinds=tuple(sent["kind"]),
        fiscal_years=tuple(sent["fiscal_year"]),
        states=tuple(sent["state"]),
        body_names=tuple(sent["body"]),
        items=tuple(sent["item"]),
        date_from=sent["from"],
        date_to=sent["to"],
        decided_only=sent["decided"],
        title_only=sent["title_only"],
    )
    asked = Conditions(sent["q"], filters, sent["sort"], tuple(sent["only"]))
    search = saved_searches.save(g.uow, name=sent["name"], conditions=asked, notify=sent["notify"])
    return answer(_shown(search, False), 201, Location=f"/api/v1/me/searches/{search.id}")


@bp.get("/me/searches/<id:search_id>")
@needs(Needs.PERSON)
@described("ひとつの保存した検索", answers=ONE, problems=(404,))
def show(search_id: int) -> Response:
    """Show one saved search."""
    return _one(saved_searches.one(g.uow, search_id))


CHANGED = Table(
    label="保存した検索",
    of={"name": Words(label="名前", limit=100), "notify": Words(label="知らせ方", options=("", *noticing.CHANNELS))},
)


@bp.patch("/me/searches/<id:search_id>")
@needs(Needs.PERSON)
@described("名前や知らせ方を変える", body=CHANGED, answers=ONE, problems=(400, 404, 503))
def change(search_id: int) -> Response:
    """Rename a saved search or change how it notifies."""
    sent = g.sent
    return _one(saved_searches.change(g.uow, search_id, name=sent["name"] or None, notify=sent["notify"] or None))


@bp.delete("/me/searches/<id:search_id>")
@needs(Needs.PERSON)
@described("保存した検索を削除する", answers={204: Answer(told="削除した")}, problems=(404,))
def remove(search_id: int) -> Response:
    """Forget a saved search."""
    saved_searches.remove(g.uow, search_id)
    return nothing()


@bp.get("/me/searches/<id:search_id>/hits")
@needs(Needs.PERSON)
@described(
    "保存した検索の結果",
    query={**paging(20, last_page=500), **FORMAT},
    answers={200: saved(listed(showing.SUMMARY))},
    problems=(404, 503),
)
def hits(search_id: int) -> Response:
    """Run a saved search."""
    search = saved_searches.one(g.uow, search_id)
    if form := list_files.wanted_format():
        return list_files.as_file(lists.hits_of(g.uow, search), form)
    found = saved_searches.run(g.uow, search, page=g.asked["page"], size=g.asked["size"])
    return listing(showing.summaries(hit.document for hit in found.hits), found.total)


FEED = record(address=TEXT)


@bp.post("/me/searches/<id:search_id>/feed")
@needs(Needs.PERSON)
@described(
    "フィード（Atom）のアドレスを作る。一度だけ返し、前のアドレスは使えなくなる",
    answers={201: Answer(FEED, "作った", {"address": "https://portal.example.jp/feeds/（43文字）.atom"})},
    problems=(404,),
)
def open_feed(search_id: int) -> Response:
    """Make a feed address."""
    secret = saved_searches.open_feed(g.uow, search_id)
    return answer({"address": url_for("feeds.show", token=secret, _external=True)}, 201)


@bp.delete("/me/searches/<id:search_id>/feed")
@needs(Needs.PERSON)
@described("フィードを止める", answers={204: Answer(told="止めた")}, problems=(404,))
def close_feed(search_id: int) -> Response:
    """End a feed."""
    saved_searches.close_feed(g.uow, search_id)
    return nothing()


def _one(search: SavedSearch) -> Response:
    return answer(_shown(search, search.id in saved_searches.has_feed(g.uow, [search])))


def _shown(search: SavedSearch, feed: bool) -> dict[str, Any]:
    return {
        "id": search.id,
        "name": search.name,
        "conditions": search.conditions,
        "conditions_in_words": lists.conditions_in_words(search),
        "notify": search.notify,
        "feed": feed,
        "told_at": search.told_at,
        "created_at": search.created_at,
    }
