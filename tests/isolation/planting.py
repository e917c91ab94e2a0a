"""Words that stand in one place of the portal alone, planted in every ward, and who may ever meet them.

A canary is a word nobody writes by chance. Whatever the portal answers is searched for them; each one found must belong to
something the asking person may see by the table of DOMAIN 5f (tests/security/by_hand.py).
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

import tenants
from portal.db.base import now
from portal.db.session import insert_if_absent
from portal.kinds import find_kind
from portal.models import Blob
from portal.security.identity import Identity
from portal.services import attaching, documents, drafts
from portal.services.attaching import Taken
from portal.services.uow import UnitOfWork
from tests.security import by_hand
from tests.support.office import Office

HOME, NEIGHBOUR, CITY = by_hand.OWN, by_hand.OTHER, by_hand.CITY
CANARY = re.compile(rb"zq[a-p]{12}")
NEVER_PLANTED = "zqabcdefghabcd"

FOR_ALL_WARDS = frozenset({"title", "meeting", "body_name", "body", "open_file"})
"""Places that go into the shared edition; everything else of a report stays with its ward and 健康局."""
FOR_THE_WRITER = frozenset({"draft", "new_draft"})
FOUND_BY_SEARCH = frozenset({"title", "meeting", "body_name", "body", "hidden", "attendee", "file", "open_file"})

ACTS = {
    "draft": (),
    "returned": ("request_confirmation", "return"),
    "confirming": ("request_confirmation",),
    "submitted": ("request_confirmation", "confirm"),
    "accepted": ("request_confirmation", "confirm", "accept"),
    "shared": ("request_confirmation", "confirm", "accept", "share"),
    "withdrawn": ("request_confirmation", "confirm", "accept", "share", "unshare"),
    "deleted": (),
}
ACTORS = {"request_confirmation": "coordinator", "confirm": "responsible", "return": "responsible"}


@dataclass(frozen=True)
class Canary:
    """One planted word and where it stands."""

    word: str
    ward: str
    state: str
    place: str


@dataclass
class Planted:
    """One document full of canaries, with the ids of its files."""

    id: int
    ward: str
    state: str
    files: dict[str, int] = field(default_factory=dict)


def _rows(table: str) -> dict[tuple[str, str], list[str]]:
    lines = (line.split() for line in table.strip().splitlines())
    return {(edition, state): cells for edition, state, *cells in lines}


REPORTS, FILES, CITY_FILES = _rows(by_hand.REPORT), _rows(by_hand.FILE), _rows(by_hand.CITY_FILE)


def column(person: Identity, ward: str) -> int:
    """Return the person's column of the table, for documents of that ward."""
    side = HOME if person.ward == ward and ward != CITY else CITY if person.ward == CITY else NEIGHBOUR
    return by_hand.COLUMNS.index((side, person.role))


def letters(person: Identity | None, ward: str, state: str) -> str:
    """Return what the table lets the person do to the full document: letters as in by_hand, or nothing."""
    if person is None or state in ("deleted", "missing", "removed"):
        return ""
    if state == "edition":
        return shared_letters(person, ward, "shared")
    table = CITY_FILES if ward == CITY else FILES if state == "kept" else REPORTS
    row = table["full", {"withdrawn": "accepted", "shared, met in full": "shared"}.get(state, state)]
    return row[column(person, ward)].strip("-")


def shared_letters(person: Identity | None, ward: str, state: str) -> str:
    """Return what the table lets the person do to the shared edition."""
    if person is None or state not in ("shared", "withdrawn"):
        return ""
    return REPORTS["shared", state][column(person, ward)].strip("-")


def may_meet(person: Identity | None, canary: Canary) -> bool:
    """Say whether a word may ever stand in an answer to that person."""
    if canary.place in FOR_THE_WRITER:
        return person is not None and (person.ward, person.role) == (canary.ward, "coordinator")
    if "v" in letters(person, canary.ward, canary.state):
        return True
    return canary.place in FOR_ALL_WARDS and "v" in shared_letters(person, canary.ward, canary.state)


def everything_in(response: TestResponse) -> bytes:
    """Return all that an answer tells: status line, headers, body, and the parts of a packed file."""
    body = response.get_data()
    told = [str(response.status).encode(), str(response.headers).encode(), body]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            told += [name.encode() + b"\n" + package.read(name) for name in package.namelist()]
    return b"\n".join(told).lower()


class Garden:
    """Plants the canaries and knows them again."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.canaries: dict[str, Canary] = {}

    def word(self, ward: str, state: str, place: str) -> str:
        """Return the canary of that place, always the same one."""
        digest = hashlib.sha256(f"{ward} {state} {place}".encode()).hexdigest()[:12]
        word = "zq" + digest.translate(str.maketrans("0123456789", "ghijklmnop"))
        self.canaries[word] = Canary(word, ward, state, place)
        return word

    def foreign_in(self, person: Identity | None, told: bytes) -> list[Canary]:
        """Return the canaries of an answer that this person may never meet."""
        found = {match.decode() for match in CANARY.findall(told)}
        return [self.canaries[word] for word in sorted(found & self.canaries.keys()) if not self._may(person, word)]

    def _may(self, person: Identity | None, word: str) -> bool:
        return may_meet(person, self.canaries[word])

    def all(self, *, found_by_search: bool = True) -> list[Canary]:
        """Return the canaries, by default those that stand in something the search reads."""
        return [one for one in self.canaries.values() if not found_by_search or one.place in FOUND_BY_SEARCH]

    def report(self, ward: str, state: str) -> Planted:
        """Write a report with a canary in every place and bring it to a state."""
        kind = find_kind("meeting_report")
        assert kind is not None
        here = lambda place: self.word(ward, state, place)  # noqa: E731
        fields = {
            **kind.example()["fields"],
            "meeting_name": f"連絡会 {here('meeting')}",
            "body_name": f"会議体 {here('body_name')}",
            "attendees": [{"affiliation": "医師会", "profession": "医師", "name": here("attendee"), "group": "医療"}],
            "headcount": 1,
            "headcounts": [],
            "reflections": f"<p>所感 {here('hidden')}</p>",
        }
        versions = [{**fields, "record": f"<p>{here('old')}</p>"}, {**fields, "record": f"<p>議事 {here('body')}</p>"}]
        return self._bring(self._write(ward, state, "meeting_report", versions), state)

    def file(self, ward: str, state: str = "kept") -> Planted:
        """Keep a 資料 with a canary in every place."""
        versions = [{"note": f"説明 {self.word(ward, state, place)}"} for place in ("old", "body")]
        return self._write(ward, state, "file", versions, writer="bureau" if ward == CITY else "coordinator")

    def _write(
        self, ward: str, state: str, kind_name: str, versions: list[Mapping[str, Any]], *, writer: str = "coordinator"
    ) -> Planted:
        kind, title = find_kind(kind_name), f"題名 {self.word(ward, state, 'title')}"
        assert kind is not None
        comment = self.word(ward, state, "version_comment")

        def write(uow: UnitOfWork) -> Planted:
            made = documents.create(uow, ward=ward, kind=kind, title=title, typed=versions[0])
            documents.save_version(uow, made.id, title=title, typed=versions[1], comment=comment, base=1)
            planted = Planted(made.id, ward, state)
            self._attach(uow, planted)
            draft, new = (self.word(ward, state, place) for place in ("draft", "new_draft"))
            if writer == "coordinator":
                entries = [("record", draft)]
                drafts.save(uow, f"document-{made.id}", kind_name=kind_name, title=draft, entries=entries, base=2)
                drafts.save(uow, f"new-{new}", kind_name=kind_name, title=new, entries=[("record", new)], base=0)
            return planted

        planted: Planted = self.office.do(self.office.person(ward, writer), write)
        return planted

    def _attach(self, uow: UnitOfWork, planted: Planted) -> None:
        word = {one: self.word(planted.ward, planted.state, one) for one in ("file", "open_file", "properties")}
        planted.files["file"] = _attach(uow, planted.id, word["file"], {"title": word["properties"]})
        planted.files["open_file"] = _attach(uow, planted.id, word["open_file"], {}, shareable=True)
        if planted.state == "draft":
            planted.files["removed"] = _attach(uow, planted.id, word["file"], {})
            attaching.remove(uow, planted.files["removed"])

    def _bring(self, planted: Planted, state: str) -> Planted:
        for act in ACTS[state]:
            role = ACTORS.get(act, "bureau")
            person = self.office.person(CITY if role == "bureau" else planted.ward, role)
            self.office.transition(person, planted.id, act, self.word(planted.ward, planted.state, "act_comment"))
        if state == "deleted":
            writer = self.office.person(planted.ward, "coordinator")
            self.office.do(writer, lambda uow: documents.delete(uow, planted.id))
        return planted


def _attach(
    uow: UnitOfWork, document_id: int, word: str, properties: dict[str, str], *, shareable: bool = False
) -> int:
    """Attach a text file with the word in its name and its text, without the child process that reads uploads."""
    text = f"添付の中身 {word} {' '.join(properties.values())}"
    sha256, size = uow.site.blobs.put(io.BytesIO(text.encode()))
    insert_if_absent(uow.session, Blob, sha256=sha256, size=size, created_at=now())
    taken = Taken(sha256, f"{word}.txt", "text/plain", size, f"添付の中身 {word}", "ok", "", properties)
    return attaching.attach_taken(uow, document_id, taken, shareable=shareable).id


def ward_names() -> list[str]:
    """Return the slugs of the wards whose people are neither at home nor next door."""
    return [one.slug for one in tenants.all_wards() if one.slug not in (HOME, NEIGHBOUR)]
