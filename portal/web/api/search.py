"""The search."""

from typing import Any

from flask import Response, g

import tenants
from portal.kinds.calendar import fiscal_year_name
from portal.kinds.vocabulary import ITEMS
from portal.security.workflows import state_name
from portal.services import finding, lists, suggesting
from portal.web import list_files
from portal.web.api import showing
from portal.web.api.answering import answer, listing, part
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
)  # fmt: skip
from portal.web.api.documents import BODIES, KINDS, STATES, YEARS
from portal.web.api.shapes import Day, Flag, Many, Words
from portal.web.guard import Needs, needs

bp = part("api_search")
SORTS = ("relevance", "date", "updated")
WARDS = Many(label="区", of=Words(label="区", options=lambda: [one.slug for one in tenants.all_tenants()]))
ITEM = Many(label="事業項目（ア〜ク）", of=Words(label="事業項目", options=lambda: list(ITEMS)))
YES_NO = Words(label="決定事項", options=("あり", "なし"))
QUERY = {
    "q": Words(label="探すことば（\"句\"、-除くことば、区:東成 なども使える）", limit=1000, example="退院支援"),
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
    "attendees_only": Flag(label="出席者だけを探す"),
    "has_decision": YES_NO,
    "has_issue": Words(label="課題", options=("あり", "なし")),
    "only": Many(label="使わない同義語のグループ（reading.synonyms の key）", of=Words(label="key")),
    "except": Many(label="同義語として探さないことば", of=Words(label="ことば")),
    "sort": Words(label="並び", options=SORTS, default="relevance"),
    **paging(20, last_page=500),
    **FORMAT,
}  # fmt: skip
PIECE = record(text=TEXT, marked=FLAG)
HIT = record(
    **showing.SUMMARY_PROPERTIES, snippet=TEXT, snippet_pieces=several(PIECE), title_pieces=several(PIECE),
    found_in=record(part=TEXT, label=TEXT),
)  # fmt: skip
COUNT = record(value={"type": ["string", "integer"]}, label=TEXT, count=WHOLE)
SYNONYM = record(key=TEXT, word=TEXT, others=several(TEXT), off=several(TEXT))
READING = record(
    terms=several(TEXT), excluded=several(TEXT), filters=several(several(TEXT)), notes=several(TEXT),
    synonyms=several(SYNONYM), relaxed=FLAG,
)  # fmt: skip
FACETS = {"type": "object", "additionalProperties": several(COUNT)}
MEANT = record(text=TEXT, typed=TEXT, instead=TEXT, total=WHOLE)
FOUND = record(
    total=WHOLE, items=several(HIT), facets=FACETS, reading=READING, meant=several(MEANT), lagging=FLAG
)  # fmt: skip


@bp.get("/search")
@needs(Needs.PERSON)
@described(
    "文書を探す。件数も facets も、見られるものだけを数える。meant は、ほとんど見つからないときの「もしかして」。lagging は、まだ索引に入っていない変更があること",
    query=QUERY,
    answers={200: saved(FOUND)},
    problems=(503,),
)
def find() -> Response:
    """Search what the caller may see."""
    asked = g.asked
    filters = finding.Filters(
        wards=asked["ward"],
        kinds=asked["kind"],
        fiscal_years=asked["fiscal_year"],
        states=asked["state"],
        body_names=asked["body"],
        items=asked["item"],
        date_from=asked["from"],
        date_to=asked["to"],
        decided_only=asked["decided"],
        title_only=asked["title_only"],
        attendees_only=asked["attendees_only"],
        has_decision=_YES.get(asked["has_decision"]),
        has_issue=_YES.get(asked["has_issue"]),
    )
    how: dict[str, Any] = {"sort": asked["sort"], "exactly": asked["only"], "without_words": asked["except"]}
    if form := list_files.wanted_format():
        return list_files.as_file(lists.hits(g.uow, asked["q"], filters, **how, about=_about(asked)), form)
    found = finding.search(g.uow, asked["q"], filters, **how, page=asked["page"], size=asked["size"])
    return answer(
        {
            "total": found.total,
            "items": [_hit(one) for one in found.hits],
            "facets": {name: [_count(name, *pair) for pair in counts] for name, counts in found.facets.items()},
            "reading": found.reading,
            "meant": suggesting.spellings(g.uow, asked["q"], filters, found),
            "lagging": found.lagging,
        }
    )


_YES = {"あり": True, "なし": False}
SUGGESTION = record(text=TEXT, label=TEXT, document=optional(showing.SUMMARY))


@bp.get("/search/suggestions")
@needs(Needs.PERSON)
@described(
    "入力の途中の候補：見られる文書にあることばと題名だけ。かなで入れると読みからも探す",
    query={"q": Words(label="入力したところまで", limit=1000, example="たいいん")},
    answers={200: Answer(listed(SUGGESTION))},
)
def suggestions() -> Response:
    """Complete what is being typed."""
    return listing(
        {"text": one.text, "label": one.label, "document": showing.summary(one.document) if one.document else None}
        for one in suggesting.suggestions(g.uow, g.asked["q"])
    )


def _about(asked: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the conditions in use, as they are written above a saved list."""
    told = [("ことば", asked["q"])]
    for name, shape in QUERY.items():
        value = asked[name]
        if name not in ("q", "page", "size", "format", "sort") and value not in (None, False, ()):
            words = [str(_LABELS.get(name, str)(one)) for one in value] if isinstance(value, tuple) else [str(value)]
            told.append((shape.label, "、".join(words)))
    return [one for one in told if one[1]]


def _hit(hit: finding.Hit) -> dict[str, Any]:
    return {
        **showing.summary(hit.document),
        "snippet": "".join(piece.text for piece in hit.snippet),
        "snippet_pieces": hit.snippet,
        "title_pieces": hit.title,
        "found_in": {"part": hit.source.name, "label": hit.source.label},
    }


def _count(facet: str, value: str | int, count: int) -> dict[str, Any]:
    return {"value": value, "label": _LABELS.get(facet, str)(value), "count": count}


_LABELS: dict[str, Any] = {
    "kind": showing.kind_title,
    "ward": tenants.ward_name,
    "fiscal_year": lambda value: fiscal_year_name(int(value)),
    "item": lambda value: ITEMS.get(value, value),
    "state": state_name,
}
