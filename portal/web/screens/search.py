"""The search: what was found, where, and how the words were read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

import search_index
import tenants
from portal.kinds.calendar import parse_day, write_day
from portal.kinds.vocabulary import ITEMS
from portal.services import finding, lists, suggesting
from portal.services.errors import SearchRebuilding
from portal.services.saved_searches import Conditions
from portal.web import list_files, narrowing
from portal.web.guard import Needs, needs
from portal.web.narrowing import Chip, Facet
from portal.web.screens.archive import LAST_YEAR, kind_label, state_label, year_label
from portal.words import t

bp = Blueprint("search", __name__)
SORTS = {"relevance": "関連が強い順", "date": "会議日が新しい順", "updated": "更新が新しい順"}
FACETS: dict[str, tuple[str, Callable[[str], str]]] = {
    "kind": ("文書の種類", kind_label),
    "ward": ("区", tenants.ward_name),
    "fiscal_year": ("年度", year_label),
    "body_name": ("会議体", str),
    "item": ("事業項目", lambda value: ITEMS.get(value, value)),
    "state": ("状態", state_label),
    "has_decision": ("決定事項", lambda value: t({"1": "決定あり", "0": "決定なし"}.get(value, value))),
    "has_issue": ("課題", lambda value: t({"1": "課題あり", "0": "課題なし"}.get(value, value))),
}
"""Per facet its title and what its values are called; the name is the parameter in the address."""
WORDS = {"decided": "決定事項だけを探す", "title_only": "題名だけを探す", "attendees_only": "出席者だけを探す"}
YES_NO = {"あり": "1", "なし": "0"}
"""What the index calls the values of a yes-or-no facet, and how they stand in an address."""
PARAMETERS = {
    "wards": "ward", "kinds": "kind", "fiscal_years": "fiscal_year", "states": "state", "body_names": "body_name",
    "items": "item", "date_from": "from", "date_to": "to", "decided_only": "decided", "title_only": "title_only",
    "attendees_only": "attendees_only", "has_decision": "has_decision", "has_issue": "has_issue",
}  # fmt: skip
"""The filters of the service by the parameter that sets them."""


@bp.get("/search")
@needs(Needs.PERSON)
def results() -> ResponseReturnValue:
    """Show what was found; a date that cannot be read is said and left out."""
    text, problems = request.args.get("q", "").strip(), list[str]()
    filters = _filters(problems)
    number = min(max(1, request.args.get("page", 1, type=int)), 500)
    sort = request.args.get("sort", "relevance")
    sort = sort if sort in SORTS else "relevance"
    exactly, left_out = request.args.getlist("only"), request.args.getlist("except")
    try:
        found = finding.search(g.uow, text, filters, sort=sort, page=number, exactly=exactly, without_words=left_out)
        meant = suggesting.spellings(g.uow, text, filters, found) if number == 1 else ()
        helps = [] if found.total else _what_helps(text, filters)
    except SearchRebuilding as rebuilding:
        return render_template("search.html", found=None, told=str(rebuilding), search_text=text), 503
    facets = [_facet(name, found) for name in FACETS]
    used = [*narrowing.chips(facets), *_other_chips(filters)]
    if form := list_files.wanted_format():
        about = list_files.conditions(used, ことば=text)
        wanted = lists.hits(g.uow, text, filters, sort=sort, exactly=exactly, without_words=left_out, about=about)
        return list_files.as_file(wanted, form)
    return render_template(
        "search.html",
        found=found,
        search_text=text,
        filters=filters,
        problems=problems,
        facets=facets,
        words=WORDS,
        chips=used,
        reset=narrowing.keeping("q", "sort"),
        helps=helps,
        sort=sort,
        sorts=[(name, t(title), narrowing.with_("sort", name)) for name, title in SORTS.items()],
        synonyms=_synonyms(found.reading.synonyms),
        without_synonyms=narrowing.plus(*(("only", one.key) for one in found.reading.synonyms)),
        with_synonyms=narrowing.without("only") if request.args.get("only") else "",
        meant=[(one.instead, one.text, one.total, narrowing.with_("q", one.text)) for one in meant],
        bureau=tenants.find_ward(tenants.CITY),
    )


def conditions() -> Conditions:
    """Return what the address asks for, to be kept as a saved search."""
    asked = request.args
    sort = asked.get("sort", "relevance")
    return Conditions(
        asked.get("q", "").strip()[: finding.MOST_WORDS],
        _filters([]),
        sort if sort in SORTS else "relevance",
        tuple(asked.getlist("only")),
    )


@dataclass(frozen=True)
class Widened:
    """One typed word that was widened: the words found with it, and those switched off, each with the address to change that."""

    word: str
    others: list[Chip]
    off: list[Chip]


def _synonyms(applied: Sequence[search_index.Synonym]) -> list[Widened]:
    found: dict[str, Widened] = {}
    for group in applied:
        one = found.setdefault(group.word, Widened(group.word, [], []))
        one.others.extend(Chip(word, narrowing.plus(("except", word))) for word in group.others)
        one.off.extend(Chip(word, narrowing.without("except", word)) for word in group.off)
    return list(found.values())


@bp.get("/search/suggestions")
@needs(Needs.PERSON)
def suggestions() -> ResponseReturnValue:
    """Answer the search box while somebody types."""
    typed = request.args.get("q", "")[: finding.MOST_WORDS]
    return jsonify(items=[_suggestion(one) for one in suggesting.suggestions(g.uow, typed)])


def _suggestion(one: suggesting.Suggestion) -> dict[str, str]:
    if one.document is None:
        return {"value": one.text, "label": one.label}
    day = write_day(one.document.held_on, weekday=False) if one.document.held_on else ""
    note = "　".join(part for part in (t("文書を開く"), tenants.ward_name(one.document.ward_id), day) if part)
    address = url_for("documents.show", document_id=one.document.public_id)
    return {"value": one.text, "label": one.label, "note": note, "url": address}


def _facet(name: str, found: finding.Found) -> Facet:
    title, label = FACETS[name]
    counts = [(YES_NO.get(str(value), value), count) for value, count in found.facets.get(name, ())]
    return narrowing.facet(name, t(title), counts, label, first=g.uow.reader.ward if name == "ward" else "")


def _other_chips(filters: finding.Filters) -> list[Chip]:
    """Return the conditions that are no facet: dates and where the words must stand."""
    days = {"from": (filters.date_from, "{day}から"), "to": (filters.date_to, "{day}まで")}
    used = [
        Chip(t(words, day=write_day(day, weekday=False)), narrowing.without(name))
        for name, (day, words) in days.items()
        if day
    ]
    return used + [Chip(t(words), narrowing.without(name)) for name, words in WORDS.items() if name in request.args]


def _what_helps(text: str, filters: finding.Filters) -> list[tuple[str, int, str]]:
    """Return, when nothing was found, which conditions to take off: in words, what is then found, and the address."""
    titles = {name: title for name, (title, _) in FACETS.items()} | WORDS | {"from": "会議日", "to": "会議日"}
    helps = [
        (t("「{title}」の条件を外す", title=t(titles[name])), total, narrowing.without(name))
        for name, total in ((PARAMETERS[field], total) for field, total in finding.loosened(g.uow, text, filters))
    ]
    if not helps and filters != finding.Filters() and (total := finding.count(g.uow, text)):
        helps = [(t("条件をすべて外す"), total, narrowing.keeping("q", "sort"))]
    return helps


def _filters(problems: list[str]) -> finding.Filters:
    many = request.args.getlist
    first, last = _day("from", problems), _day("to", problems)
    if first and last and first > last:
        first, last = last, first
        problems.append(t("会議日の「から」が「まで」より後だったので、入れ替えて探しました。"))
    return finding.Filters(
        wards=tuple(many("ward")),
        kinds=tuple(many("kind")),
        fiscal_years=tuple(year for year in many("fiscal_year", type=int) if 0 < year < LAST_YEAR),
        states=tuple(many("state")),
        body_names=tuple(many("body_name")),
        items=tuple(many("item")),
        date_from=first,
        date_to=last,
        decided_only="decided" in request.args,
        title_only="title_only" in request.args,
        attendees_only="attendees_only" in request.args,
        has_decision=_yes_or_no(many("has_decision")),
        has_issue=_yes_or_no(many("has_issue")),
    )


def _yes_or_no(values: list[str]) -> bool | None:
    """Read a yes-or-no facet; both, or neither, narrows nothing."""
    wanted = {value for value in values if value in YES_NO.values()}
    return wanted == {"1"} if len(wanted) == 1 else None


def _day(name: str, problems: list[str]) -> date | None:
    typed = request.args.get(name, "").strip()
    if not typed:
        return None
    try:
        return parse_day(typed[:100])
    except ValueError as unreadable:
        problems.append(f"{unreadable}{t('この条件は使わずに探しました。')}")
        return None
