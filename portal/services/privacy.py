"""Before a document becomes visible beyond its ward: what looks personal is asked about, one answer for the same words.

Nothing is shared until each question is answered. An answer holds for the same words when the edition is cut anew; the
words themselves are not kept with it, only their keyed digest.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from portal.kinds import Content, masking, personal
from portal.models import Attachment, Document, PersonalAnswer, Version
from portal.security.policy import workflow_of
from portal.security.workflows import Permission
from portal.services import attaching
from portal.services.documents import current_version
from portal.services.errors import NotFound, Refused
from portal.services.uow import UnitOfWork

MASK, KEEP, LEAVE_OUT = "mask", "keep", "leave_out"
DECISIONS: Mapping[str, str] = {
    MASK: "伏せる（24区共有版だけ ●● にする）",
    KEEP: "そのまま載せる（理由が必要です）",
    LEAVE_OUT: "このファイルを24区共有に含めない",
}
OF_A_FILE = "ファイルの中身は書き換えられないため、含めるかどうかをファイルごとに決めます。"
UNANSWERED, NO_REASON = "どうするかを選んでください。", "そのまま載せる理由を入力してください。"
_MOST_PLACES = 20
_AROUND = 24


@dataclass(frozen=True)
class Place:
    """Where words were found: the field or file, and the words between what stands before and after them."""

    label: str
    before: str
    words: str
    after: str


@dataclass(frozen=True)
class Given:
    """What a person decided, and why."""

    decision: str
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """Words that look personal, or a file that holds some, with every place and the answer that holds so far."""

    key: str
    kind: str
    words: str
    why: str
    places: Sequence[Place]
    more: int = 0
    file: Attachment | None = None
    given: Given | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The decisions that can be taken: a file's bytes are never changed, it goes along or it does not."""
        return (LEAVE_OUT, KEEP) if self.file else (MASK, KEEP)

    @property
    def titles(self) -> list[str]:
        """What was found, in words."""
        return [personal.KINDS[one] for one in self.kind.split(",")]


@dataclass(frozen=True)
class Asked:
    """Everything to be answered before a document is shared, and the files nobody could read."""

    questions: Sequence[Question]
    unread: Sequence[str]


class PersonalFound(Refused):
    """Words that look personal have not been answered; `asked` holds them all, `answers` what was given with this try."""

    def __init__(self, asked: Asked, problems: Mapping[str, str], answers: Mapping[str, Given]) -> None:
        super().__init__(
            f"個人情報と思われる箇所が{len(asked.questions)}件あります。"
            "1件ずつ、伏せるか、理由を書いてそのまま載せるかを選んでください。"
        )
        self.asked, self.problems, self.answers = asked, problems, answers

    def told(self) -> list[dict[str, Any]]:
        """Return the questions as a program reads them."""
        return as_told(self.asked, self.problems)


def as_told(asked: Asked, problems: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Return questions as a program reads them, with what is wrong with the answers."""
    told: list[dict[str, Any]] = [
        {
            "question": one.key, "kind": one.kind, "words": one.words, "why": one.why, "choices": list(one.choices),
            "places": [vars(place) for place in one.places], "more": one.more, "answer": one.given.decision if one.given else None,
            "reason": one.given.reason if one.given else "", "problem": (problems or {}).get(one.key, ""),
        }
        for one in asked.questions
    ]  # fmt: skip
    return told


def ask(uow: UnitOfWork, document_id: int) -> Asked:
    """Return what has to be answered before a document is shared. Raises NotFound to who meets only what is shared of it."""
    document = uow.access(document_id, Permission.VIEW)
    if document.is_shared_edition or workflow_of(document).shared is None:
        raise NotFound
    return questions(uow, document)


def questions(uow: UnitOfWork, document: Document) -> Asked:
    """Return the questions a document raises as it stands, with the answers that hold."""
    held = _held(uow, document)
    files = [one for one in attaching.attachments(uow, document) if one.shareable]
    asked = [*_of_text(uow, document, held), *(found for one in files if (found := _of_file(uow, document, one, held)))]
    return Asked(asked, [one.name for one in files if one.text_status != "ok"])


def settle(uow: UnitOfWork, document: Document, answers: Mapping[str, Given]) -> None:
    """Take the answers over, with those that hold from before, and leave files out. Raises PersonalFound for what lacks one."""
    asked = questions(uow, document)
    whole = {one.key: given for one in asked.questions if (given := answers.get(one.key, one.given))}
    problems = {one.key: told for one in asked.questions if (told := _wrong(one, whole.get(one.key)))}
    if problems:
        raise PersonalFound(asked, problems, answers)
    new = [one for one in asked.questions if whole[one.key] != one.given]
    for one in new:
        uow.session.add(_row(uow, document, one, whole[one.key]))
        if one.file and whole[one.key].decision == LEAVE_OUT:
            one.file.shareable = False
    if new:
        said = [{"question": one.key, "kind": one.kind, "decision": whole[one.key].decision} for one in new]
        uow.audit("document.personal", document, version=document.version_number, answers=said)
    uow.flush()


def _wrong(question: Question, given: Given | None) -> str:
    if given is None or given.decision not in question.choices:
        return UNANSWERED
    if given.decision == KEEP and not given.reason.strip():
        return NO_REASON
    return ""


def _row(uow: UnitOfWork, document: Document, question: Question, given: Given) -> PersonalAnswer:
    return PersonalAnswer(
        ward_id=document.ward_id,
        document_id=document.id,
        question=question.key,
        kind=question.kind,
        decision=given.decision,
        reason=given.reason.strip()[:500],
        account_id=uow.reader.account_id,
        account_name=uow.name,
    )


def cut(uow: UnitOfWork, document: Document) -> Content:
    """Return the content as the other wards may read it: hidden fields are gone, words that are to be masked blotted out."""
    content = document.kind.cut(current_version(uow, document).content)
    return masking.masked(document.kind, content, masked_words(uow, document))


def masked_words(uow: UnitOfWork, document: Document) -> frozenset[str]:
    """Return the words of the newest version that are to be masked, as they are compared."""
    held = _held(uow, document)
    found = (
        (_key(uow, document, personal.normal(one.text)), one) for _, _, one in _findings(document, _cut(uow, document))
    )
    masks = (one for key, one in found if key in held and held[key].decision == MASK)
    return frozenset(word for one in masks for word in _to_mask(one))


def shows(edition: Document, versions: Iterable[Version], words: frozenset[str]) -> bool:
    """Say whether any version of a shared edition still shows words that are masked now."""
    return any(masking.masked(edition.kind, one.content, words) != one.content for one in versions)


_AFTER_NAME = re.compile(r"様|さん|さま|氏|ちゃん|くん|[(、,]")


def _to_mask(one: personal.Finding) -> Iterator[str]:
    word = personal.normal(one.text)
    yield word
    if one.kind in ("name", "age") and len(name := _AFTER_NAME.split(word)[0]) >= 3:
        yield name  # the whole name is known again where no 様 follows it


# -- questions --------------------------------------------------------------------------------------------------------


def _cut(uow: UnitOfWork, document: Document) -> Content:
    return document.kind.cut(current_version(uow, document).content)


def _findings(document: Document, content: Content) -> Iterator[tuple[str, str, personal.Finding]]:
    for passage in masking.passages(document.kind, content):
        yield from ((passage.label, passage.text, one) for one in personal.find(passage.text))


@dataclass
class _Met:
    first: personal.Finding
    places: list[Place] = field(default_factory=list)


def _of_text(uow: UnitOfWork, document: Document, held: Mapping[str, Given]) -> Iterator[Question]:
    met: dict[str, _Met] = {}
    for label, text, one in _findings(document, _cut(uow, document)):
        met.setdefault(personal.normal(one.text), _Met(one)).places.append(_place(label, text, one))
    for words, found in met.items():
        key, first = _key(uow, document, words), found.first
        shown, more = found.places[:_MOST_PLACES], max(0, len(found.places) - _MOST_PLACES)
        yield Question(key, first.kind, first.text, first.why, shown, more, given=held.get(key))


def _of_file(uow: UnitOfWork, document: Document, file: Attachment, held: Mapping[str, Given]) -> Question | None:
    places: list[Place] = []
    kinds: dict[str, None] = {}
    said: list[str] = []
    for label, text, one in _findings_of_file(file):
        kinds[one.kind] = None
        said.append(personal.normal(one.text))
        if len(places) < _MOST_PLACES:
            places.append(_place(label, text, one))
    if not said:
        return None
    key = _key(uow, document, "\n".join([file.sha256, file.name, *sorted(set(said))]))
    given = held.get(key)
    kept = (
        given if given and given.decision == KEEP else None
    )  # a file that was left out is asked about when it comes back
    return Question(key, ",".join(kinds), file.name, OF_A_FILE, places, len(said) - len(places), file, kept)


_PROPERTIES = {"author": "作成者", "last_modified_by": "最終更新者", "manager": "管理者"}


def _findings_of_file(file: Attachment) -> Iterator[tuple[str, str, personal.Finding]]:
    name = re.sub(r"[_\-.]+", " ", file.name)
    texts = [
        ("ファイル名", name),
        *((f"プロパティ：{_PROPERTIES.get(k, k)}", str(v)) for k, v in file.properties.items()),
    ]
    for label, text in (*texts, ("本文", file.text)):
        yield from ((f"{file.name} {label}", text, one) for one in personal.find(text))
    for key, label in _PROPERTIES.items():
        value = str(file.properties.get(key, ""))
        yield from ((f"{file.name} プロパティ：{label}", value, one) for one in personal.author(value))


def _place(label: str, text: str, one: personal.Finding) -> Place:
    before, after = text[max(0, one.start - _AROUND) : one.start], text[one.end : one.end + _AROUND]
    return Place(label, *(re.sub(r"\s+", " ", part) for part in (before, one.text, after)))


def _key(uow: UnitOfWork, document: Document, words: str) -> str:
    said = f"{document.id}\n{words}"
    return hmac.new(f"personal:{uow.site.secret_key}".encode(), said.encode(), hashlib.sha256).hexdigest()[:24]


def _held(uow: UnitOfWork, document: Document) -> dict[str, Given]:
    rows = uow.session.scalars(
        select(PersonalAnswer)
        .where(PersonalAnswer.ward_id == document.ward_id, PersonalAnswer.document_id == document.id)
        .order_by(PersonalAnswer.id)
    )
    return {one.question: Given(one.decision, one.reason) for one in rows}
