"""Making the demo site: accounts first, then ward by ward the reports and files, every act through the services by its person."""

import dataclasses
import io
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from sqlalchemy import select

import tenants
from portal.db.base import now
from portal.demo import reports
from portal.demo.clock import Clock
from portal.demo.handouts import City, Handout, handouts_of, library_of
from portal.demo.people import SECOND_COORDINATOR, Person, everybody, password_of, town_of
from portal.demo.schedule import Event, events_of, working_day
from portal.demo.themes import (
    ACCEPT_COMMENTS,
    CONFIRM_COMMENTS,
    RETURN_REASONS,
    SHARE_COMMENTS,
    UNSHARE_COMMENTS,
)
from portal.kinds import find_kind
from portal.kinds.calendar import JAPAN, today
from portal.models import AuditEntry, Document
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import accounts, attaching, documents, drafts, reviewing
from portal.services.errors import Refused
from portal.services.site import Site
from portal.services.uow import UnitOfWork

STARTED, MADE = "demo.started", "demo.made"
CO, RE, BU = Role.COORDINATOR, Role.RESPONSIBLE, Role.BUREAU
TURNS = (CO, RE, CO, RE, BU)
"""Who works on a ward's reports, one after the other; each turn is one commit."""


class Progress(Protocol):
    """Where the demo says how far it is."""

    total: int

    def step(self, message: str) -> None:
        """Note one more thing done."""

    def end(self) -> None:
        """Leave the line."""


def make(site: Site, *, small: bool = False, progress: Progress) -> list[dict[str, str]]:
    """Fill an empty site and return its accounts; on a finished demo only return them.

    Raises Refused on a site with documents of its own.
    """
    if not _is_made(site):
        _refuse_work_of_others(site)
        # Weaker hashes for well-known passwords make the demo in time; they grow to full strength at the first sign-in.
        cheap = dataclasses.replace(site, settings=dataclasses.replace(site.settings, password_cost="low"))  # noqa: S106
        progress.total = len(tenants.all_tenants())
        _Maker(cheap, small=small, progress=progress).make()
    return [
        {
            "account": person.login,
            "password": password_of(person.roles[0][1], site.secret_key),
            "ward": ward,
            "role": role.value,
        }
        for person in everybody()
        for ward, role in person.roles
    ]


def _is_made(site: Site) -> bool:
    with UnitOfWork(site, SystemIdentity(), writes=False) as uow:
        return uow.session.scalars(select(AuditEntry.id).where(AuditEntry.action == MADE).limit(1)).first() is not None


def _refuse_work_of_others(site: Site) -> None:
    with UnitOfWork(site, SystemIdentity(), writes=False) as uow:
        begun = uow.session.scalars(select(AuditEntry.id).where(AuditEntry.action == STARTED).limit(1)).first()
        taken = uow.session.scalars(select(Document.id).limit(1)).first() or accounts.all_accounts(uow)
    if begun is not None:
        raise Refused("デモサイトづくりが途中で止まっています。データを空にしてから、もう一度実行してください。")
    if taken:
        raise Refused("このサイトにはすでにアカウントか文書があります。デモは空のサイトにだけ作れます。")


class _Maker:
    """Makes one demo site."""

    def __init__(self, site: Site, *, small: bool, progress: Progress) -> None:
        self.site, self.small, self.progress = site, small, progress
        self.clock = Clock()
        self.people: dict[tuple[str, Role], tuple[Person, Identity]] = {}

    def make(self) -> None:
        """Make accounts, reports and files."""
        with self.clock.ticking():
            self.clock.moment = _at(date(today().year - 3, 3, 1), 9)
            self._as_portal(lambda uow: uow.audit(STARTED))
            self._as_portal(self._add_people)
            for ward in tenants.all_wards():
                _WardMaker(self, ward).make()
                self.progress.step(f"{ward.name}の報告と資料を作りました。")
            self._fill_city()
            self.progress.step("健康局の資料を作りました。")
        self._as_portal(lambda uow: uow.audit(MADE))
        self.progress.end()

    def _as_portal(self, act: Callable[[UnitOfWork], Any]) -> None:
        with UnitOfWork(self.site, SystemIdentity(), name="ポータル") as uow:
            act(uow)
            uow.commit()

    def _add_people(self, uow: UnitOfWork) -> None:
        for person in everybody():
            account = accounts.add_account(
                uow,
                login=person.login,
                name=person.name,
                password=password_of(person.roles[0][1], self.site.secret_key),
                roles=person.roles,
                profession=person.profession,
            )
            for ward, role in person.roles:
                self.people.setdefault((ward, role), (person, Identity(account.id, ward, role)))

    def acting(self, ward: str, role: Role) -> UnitOfWork:
        """Return a unit of work of the ward's person in a role; of 健康局's for the city's roles."""
        person, identity = self.people[ward if role in (CO, RE) else tenants.CITY, role]
        return UnitOfWork(self.site, identity, name=person.name, profession=person.profession)

    def _fill_city(self) -> None:
        with self.acting(tenants.CITY, BU) as uow:
            for handout in library_of(City()):
                keep_file(uow, self.clock, tenants.CITY, handout)
            uow.commit()


def keep_file(uow: UnitOfWork, clock: Clock, ward: str, handout: Handout) -> None:
    """Register one file as a document of kind 資料, a day after its date."""
    kind = find_kind("file")
    assert kind is not None
    clock.moment = min(_at(working_day(handout.day + timedelta(days=1)), 10), now())
    typed = {
        "note": handout.note,
        "dated": handout.day.isoformat(),
        "source": handout.source,
        "items": list(handout.items),
    }
    document = documents.create(uow, ward=ward, kind=kind, title=handout.title, typed=typed)
    attaching.attach(uow, document.id, name=handout.name, source=io.BytesIO(handout.content))


# -- one ward ---------------------------------------------------------------------------------------------------------

Step = tuple[Role, str, str]
"""Who does what, with what comment. "create", "edit" and the transitions of a report."""


class _Report:
    """One report on its way: what it says, and what is still to be done with it."""

    def __init__(self, event: Event, typed: reports.Typed, chance: random.Random) -> None:
        self.event, self.typed, self.chance = event, typed, chance
        self.early, self.edit_comment, self.reason = reports.first_version(typed, chance)
        self.steps: list[Step] = self._steps(event.way)
        self.edited = any(name == "edit" for _, name, _ in self.steps)
        self.id = 0
        self.moment = _at(
            working_day(event.day + timedelta(days=chance.randint(0, 2))), chance.randint(9, 16), chance.randint(0, 59)
        )

    def _steps(self, way: str) -> list[Step]:
        handed_in = [
            *self._written(),
            (CO, "request_confirmation", ""),
            (RE, "confirm", self.chance.choice(CONFIRM_COMMENTS)),
        ]
        accepted = (BU, "accept", self.chance.choice(ACCEPT_COMMENTS))
        share = (BU, "share", self.chance.choice(SHARE_COMMENTS))
        back: list[Step] = [(CO, "create", ""), (CO, "request_confirmation", ""), (RE, "return", self.reason)]
        mended: list[Step] = [
            (CO, "edit", self.edit_comment),
            (CO, "request_confirmation", "追記しました。"),
            handed_in[-1],
        ]
        return {
            "draft-begun": [(CO, "create", "")],
            "draft": self._written(),
            "confirming": handed_in[:-1],
            "returned": back,
            "returned-by-bureau": [*handed_in, (BU, "return", self.chance.choice(RETURN_REASONS))],
            "submitted": handed_in,
            "accepted": [*handed_in, accepted],
            "accepted-late": [*back, *mended, accepted],
            "shared": [*handed_in, accepted, share],
            "withdrawn": [*handed_in, accepted, share, (BU, "unshare", self.chance.choice(UNSHARE_COMMENTS))],
        }[way]

    def _written(self) -> list[Step]:
        edits: list[Step] = [(CO, "edit", self.edit_comment)] if self.chance.random() < 0.35 else []
        return [(CO, "create", ""), *edits]

    @property
    def first_text(self) -> reports.Typed:
        """What the report said when it was first saved."""
        if self.event.way == "draft-begun":
            return reports.begun(self.typed)
        return self.early if self.edited or self.event.way == "returned" else self.typed

    def later(self) -> datetime:
        """Return the moment of the next step, in office hours, and never in the future."""
        day = working_day(self.moment.astimezone(JAPAN).date() + timedelta(days=self.chance.randint(1, 4)))
        self.moment = min(_at(day, self.chance.randint(9, 17), self.chance.randint(0, 59)), now())
        return self.moment


class _WardMaker:
    """Makes the reports and files of one ward."""

    def __init__(self, maker: _Maker, ward: tenants.Ward) -> None:
        self.maker, self.ward, self.clock = maker, ward, maker.clock
        self.chance = random.Random(f"ward {ward.slug}")
        self.rich = ward.slug == SECOND_COORDINATOR
        self.town = town_of(ward, maker.people[ward.slug, CO][0])
        events = events_of(ward.slug, ward.order, today(), rich=self.rich, small=maker.small)
        self.reports = [_Report(event, reports.Writer(self.town, event).write(), self.chance) for event in events]
        self.handouts = self._handouts()

    def _handouts(self) -> dict[int, list[Handout]]:
        """Choose reports that get files: some of the handed-in ones, so that every ward has every type."""
        count = 1 if self.maker.small else 12 if self.rich else 2
        held = [
            place
            for place, one in enumerate(self.reports)
            if not one.event.cancelled and one.event.way != "draft-begun"
        ]
        picked = self.chance.sample(held, min(count, len(held)))
        offset = self.ward.order
        return {
            place: handouts_of(self.town, self.reports[place].event, offset + turn) for turn, place in enumerate(picked)
        }

    def make(self) -> None:
        """Let everybody take their turns."""
        for role in TURNS:
            with self.maker.acting(self.ward.slug, role) as uow:
                for place, report in enumerate(self.reports):
                    self._take_turn(uow, role, place, report)
                uow.commit()
        with self.maker.acting(self.ward.slug, CO) as uow:
            for handout in library_of(self.town)[: 1 if self.maker.small else None]:
                keep_file(uow, self.clock, self.ward.slug, handout)
            if self.rich:
                self._leave_unsaved_text(uow)
            uow.commit()

    def _take_turn(self, uow: UnitOfWork, role: Role, place: int, report: _Report) -> None:
        while report.steps and report.steps[0][0] is role:
            _, name, comment = report.steps.pop(0)
            if name == "create":
                self.clock.moment = min(report.moment, now())
                self._create(uow, report, self.handouts.get(place, []))
            elif name == "edit":
                self.clock.moment = report.later()
                documents.save_version(uow, report.id, title="", typed=report.typed, comment=comment, base=1)
            else:
                self.clock.moment = report.later()
                reviewing.transition(uow, report.id, name, comment=comment)

    def _create(self, uow: UnitOfWork, report: _Report, handouts: list[Handout]) -> None:
        kind = find_kind("training_report" if report.event.course else "meeting_report")
        assert kind is not None
        document = documents.create(uow, ward=self.ward.slug, kind=kind, title="", typed=report.first_text)
        report.id = document.id
        for handout in handouts:
            attaching.attach(
                uow, report.id, name=handout.name, source=io.BytesIO(handout.content), shareable=handout.shareable
            )

    def _leave_unsaved_text(self, uow: UnitOfWork) -> None:
        """Leave a report the coordinator was typing when the telephone rang."""
        self.clock.moment = now() - timedelta(hours=3)
        entries = [
            ("meeting_name", "病院連絡会 ワーキング"),
            ("body_name", "病院連絡会"),
            ("held_on", working_day(today() + timedelta(days=6)).isoformat()),
            ("starts_at", "14:00"),
            ("place", f"{self.town.doctors}館 3階会議室"),
            ("agenda-0-subject", "年末年始の空床情報について"),
        ]
        drafts.save(uow, "new-demo-unsaved-text", kind_name="meeting_report", title="", entries=entries, base=0)


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), JAPAN).astimezone(UTC)
