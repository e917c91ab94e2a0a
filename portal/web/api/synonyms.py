"""The synonyms of the search, kept by 健康局."""

from typing import Any

from flask import Response, g

from portal.services import suggesting, synonyms
from portal.services.synonyms import LONGEST_REASON, SHIPPED, Group, State
from portal.web import list_files
from portal.web.api.answering import answer, listing, part
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
    record,
    saved,
    several,
)  # fmt: skip
from portal.web.api.shapes import Flag, Many, Table, Whole, Words
from portal.web.guard import Needs, needs

bp = part("api_synonyms")
GROUP = record(
    key=TEXT, words=several(TEXT), related=several(TEXT), off=FLAG, number=WHOLE, shipped=FLAG,
)  # fmt: skip
STATE = record(
    words=several(TEXT), related=several(TEXT), off=FLAG, number=WHOLE, comment=TEXT, who=TEXT, at=optional(MOMENT)
)
EFFECT = record(word=TEXT, alone=WHOLE, more=WHOLE)
KEY = Words(label="グループの見出し語", required=True, limit=100, example="看取り")
WORDS = Many(label="同じ意味のことば", of=Words(label="ことば"))
RELATED = Many(label="関連することば（後ろのほうに並ぶ）", of=Words(label="ことば"))
COMMENT = Words(label="変更の理由", required=True, limit=LONGEST_REASON, example="相談支援室で使われているため")
BASE = Whole(label="もとにした内容の番号（標準の内容は0）", required=True, least=SHIPPED, example=SHIPPED)


@bp.get("/synonyms")
@needs(Needs.SYNONYM_EDITOR)
@described(
    "同義語のグループ。標準の表に、このポータルでの変更を重ねたもの",
    query={"q": Words(label="ことばでしぼる", limit=100), **FORMAT},
    answers={200: saved(listed(GROUP))},
    problems=(403,),
)
def groups() -> Response:
    """List the groups."""
    if form := list_files.wanted_format():
        return list_files.as_file(synonyms.listing(g.uow, words=g.asked["q"]), form)
    return listing(_group(one) for one in synonyms.groups(g.uow, words=g.asked["q"]))


def _group(one: Group) -> dict[str, Any]:
    return {
        "key": one.key, "words": one.words, "related": one.related, "off": one.off, "number": one.number,
        "shipped": one.is_shipped,
    }  # fmt: skip


NEW = Table(label="新しいグループ", of={"words": WORDS, "related": RELATED, "comment": COMMENT})
"""The first word becomes the key."""


@bp.post("/synonyms")
@needs(Needs.SYNONYM_EDITOR)
@described(
    "グループを足す。次の検索から使われる", body=NEW, answers={201: Answer(GROUP, "足した")}, problems=(400, 403)
)
def add() -> Response:
    """Add a group."""
    sent = g.sent
    made = synonyms.add(g.uow, words=sent["words"], related=sent["related"], comment=sent["comment"])
    return answer(_group(made), 201)


CHANGED = Table(
    label="グループの変更",
    of={
        "key": KEY,
        "words": WORDS,
        "related": RELATED,
        "off": Flag(label="使わない"),
        "comment": COMMENT,
        "base": BASE,
    },
)


@bp.put("/synonyms")
@needs(Needs.SYNONYM_EDITOR)
@described(
    "グループのことばを替える、または使わない・また使うことにする（words を省くと、ことばはそのまま）",
    body=CHANGED,
    answers={200: Answer(GROUP)},
    problems=(400, 403, 404, 409),
)
def change() -> Response:
    """Change a group."""
    sent = g.sent
    key, comment, base = sent["key"], sent["comment"], sent["base"]
    changed = synonyms.group(g.uow, key)
    if sent["words"]:
        changed = synonyms.change(g.uow, key, words=sent["words"], related=sent["related"], comment=comment, base=base)
        base = changed.number
    changed = synonyms.switch(g.uow, key, off=sent["off"], comment=comment, base=base)
    return answer(_group(changed))


@bp.get("/synonyms/history")
@needs(Needs.SYNONYM_EDITOR)
@described(
    "グループのこれまでの内容、新しい順",
    query={"key": KEY},
    answers={200: Answer(listed(STATE))},
    problems=(403, 404),
)
def history() -> Response:
    """Show every state of a group."""
    return listing(_state(one) for one in synonyms.history(g.uow, g.asked["key"]))


def _state(one: State) -> dict[str, Any]:
    group = one.group
    return {
        "words": group.words, "related": group.related, "off": group.off, "number": group.number,
        "comment": one.comment, "who": one.who, "at": one.at,
    }  # fmt: skip


RESTORED = Table(
    label="以前の内容",
    of={
        "key": KEY,
        "number": Whole(label="戻す内容の番号（標準の内容は0）", required=True, least=SHIPPED, example=SHIPPED),
        "comment": COMMENT,
        "base": BASE,
    },
)


@bp.post("/synonyms/restore")
@needs(Needs.SYNONYM_EDITOR)
@described("以前の内容に戻す", body=RESTORED, answers={200: Answer(GROUP)}, problems=(400, 403, 404, 409))
def restore() -> Response:
    """Bring an earlier state back."""
    sent = g.sent
    return answer(
        _group(synonyms.restore(g.uow, sent["key"], sent["number"], comment=sent["comment"], base=sent["base"]))
    )


@bp.get("/synonyms/effects")
@needs(Needs.SYNONYM_EDITOR)
@described(
    "そのことばのグループで増える件数（見られる文書だけを数える）。何も変えない",
    query={"word": WORDS, "related": RELATED},
    answers={200: Answer(listed(EFFECT))},
    problems=(400, 403, 503),
)
def effects() -> Response:
    """Say what a group would add to a search for each of its words."""
    group = synonyms.on_trial(g.uow, g.asked["word"], g.asked["related"])
    return listing({"word": one.word, "alone": one.alone, "more": one.more} for one in suggesting.effects(g.uow, group))


IMPORT = Table(
    label="取り込む表",
    of={
        "csv": Words(label="CSV（GET /synonyms?format=csv と同じ列）", required=True, limit=2_000_000),
        "comment": COMMENT,
        "dry_run": Flag(label="確かめるだけで、変えない"),
    },
)
IMPORTED = record(added=several(TEXT), changed=several(TEXT), same=WHOLE, problems=several(TEXT))


@bp.post("/synonyms/import")
@needs(Needs.SYNONYM_EDITOR)
@described(
    "表を取り込む。ないグループは足し、違うものは替える。消すことはない",
    body=IMPORT,
    answers={200: Answer(IMPORTED)},
    problems=(400, 403),
)
def bring_in() -> Response:
    """Bring groups in from CSV."""
    done = synonyms.import_csv(g.uow, g.sent["csv"], comment=g.sent["comment"])
    g.may_write = g.may_write and not g.sent["dry_run"]
    return answer({"added": done.added, "changed": done.changed, "same": done.same, "problems": done.problems})
