"""What the search offers by itself: completions while typing, other spellings, documents like one. All under the reader's rights."""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, bindparam, or_, select

from portal.db.session import prepared
from portal.models import Document
from portal.services import finding, synonyms
from portal.services.errors import SearchRebuilding
from portal.services.finding import Filters
from portal.services.uow import UnitOfWork
from search_index import Spelling, Synonyms

FEW = 2
"""Documents; a search that finds more is not doubted."""
_HIRAGANA = re.compile("[ぁ-ゖー]+")
SIMILAR = 5


@dataclass(frozen=True)
class Suggestion:
    """One line of the list under the search box: `text` goes into the box, unless it is the title of a document to open."""

    text: str
    label: str
    document: Document | None = None


@dataclass(frozen=True)
class Effect:
    """What a group of synonyms does for one of its words: how many documents hold the word, how many more are then found."""

    word: str
    alone: int
    more: int


def suggestions(uow: UnitOfWork, typed: str) -> list[Suggestion]:
    """Return words and titles that complete what was typed so far; none while there is no index."""
    try:
        now = finding.standing(uow)
        with finding.reading(uow, now) as index:
            found = index.suggest(typed, uow.reader.tokens, without=now.hidden)
    except SearchRebuilding:
        return []
    documents = finding.documents_of(uow, [one.id for one in found if one.id is not None])
    words = [Suggestion(one.text, one.label) for one in found if one.id is None]
    return words + [Suggestion(one.text, one.label, documents[one.id]) for one in found if one.id in documents]


def spellings(uow: UnitOfWork, text: str, filters: Filters, found: finding.Found) -> tuple[Spelling, ...]:
    """Return what the person may have meant, when what was typed found little or nothing."""
    if found.total > FEW and not found.reading.relaxed and not _HIRAGANA.fullmatch(text):
        return ()  # kana nobody converted may read like a sentence, which finds something almost always
    now = finding.standing(uow)
    with finding.reading(uow, now) as index:
        return index.spellings(finding.query_of(uow, text, filters, now))


def similar(uow: UnitOfWork, document: Document, *, most: int = SIMILAR) -> list[Document]:
    """Return the documents most like one, best first; none while there is no index."""
    try:
        now = finding.standing(uow)
        with finding.reading(uow, now) as index:
            ids = index.similar(document.id, uow.reader.tokens, without=now.hidden, most=most + 1)
    except SearchRebuilding:
        return []
    documents = finding.documents_of(uow, ids)
    others = [documents[one] for one in ids if one in documents and documents[one].public_id != document.public_id]
    return others[:most]


def same_meeting_last_year(uow: UnitOfWork, document: Document) -> Document | None:
    """Return the report of the same meeting body of the same ward in the 年度 before, held nearest to the same day."""
    if not document.body_name or document.held_on is None:
        return None
    day = _a_year_before(document.held_on)
    same = {
        "ward": document.ward_id, "kind": document.kind_name, "body": document.body_name,
        "year": document.fiscal_year - 1, "day": day,
    }  # fmt: skip
    found = uow.session.scalars(_LAST_YEAR, same).all()
    return min(found, key=lambda one: (abs((one.held_on or day) - day), one.id), default=None)


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


_SAME_BODY = (
    Document.ward_id == bindparam("ward"), Document.kind_name == bindparam("kind"),
    Document.body_name == bindparam("body"), Document.fiscal_year == bindparam("year"),
)  # fmt: skip


def _nearest(*more: object, order: object) -> Select[int]:
    return select(Document.id).where(*_SAME_BODY, *more).order_by(order).limit(1)  # type: ignore[arg-type]


_LAST_YEAR = prepared(
    select(Document).where(
        or_(
            Document.id.in_(_nearest(Document.held_on >= bindparam("day"), order=Document.held_on)),
            Document.id.in_(_nearest(Document.held_on < bindparam("day"), order=Document.held_on.desc())),
        )
    )
)
"""The last meeting before a day and the first one on or after it."""


def effects(uow: UnitOfWork, group: synonyms.Group) -> list[Effect]:
    """Say of each word of a group what the group adds to a search for it, counted in what the person may see."""
    trial, nothing = Synonyms([group.applied]), Synonyms(())
    found = []
    for word in (*group.words, *group.related):
        alone = finding.count(uow, word, synonyms=nothing)
        found.append(Effect(word, alone, finding.count(uow, word, synonyms=trial) - alone))
    return found
