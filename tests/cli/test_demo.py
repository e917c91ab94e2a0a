"""The demo site: every role, every state, every ward, and nothing in it that only a program would write."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

import tenants
from portal import demo
from portal.db.base import now
from portal.kinds.calendar import fiscal_year, today
from portal.models import Account, Act, Attachment, Document, Version
from portal.security.identity import Role, SystemIdentity
from portal.security.policy import may_create
from portal.services import checking, signing_in
from portal.services.home import home
from portal.services.site import Site
from portal.services.uow import UnitOfWork
from portal.settings import Settings
from tests.cli.conftest import Terminal, add_account
from tests.support.office import Office

pytestmark = pytest.mark.timeout(600)  # a whole demo is half a minute of work, and the machine is shared


class Silent:
    """Nobody watches."""

    total = 0

    def step(self, message: str) -> None:
        """Note nothing."""

    def end(self) -> None:
        """End nothing."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, list[dict[str, str]]]]:
    """Return a whole demo site and its accounts."""
    site = Site.open(Settings(data=tmp_path_factory.mktemp("demo"), password_cost="low"))
    yield site, demo.make(site, progress=Silent())
    site.engine.dispose()


@pytest.fixture
def uow(made: tuple[Site, list[dict[str, str]]]) -> Iterator[UnitOfWork]:
    """Return the portal's own view of the demo."""
    with UnitOfWork(made[0], SystemIdentity(), writes=False) as uow:
        yield uow


def test_every_role_has_an_account_in_its_place(made: tuple[Site, list[dict[str, str]]]) -> None:
    held = {(one["ward"], one["role"]) for one in made[1]}
    wards = [ward.slug for ward in tenants.all_wards()]
    assert held >= {(ward, role) for ward in wards for role in ("coordinator", "responsible", "ward_office")}
    assert held >= {("city", role) for role in ("bureau", "bureau_admin", "system_admin", "auditor")}
    roles = defaultdict(set)
    for one in made[1]:
        roles[one["account"]].add((one["ward"], one["role"]))
    assert any(len({ward for ward, _ in held}) == 2 for held in roles.values())


def test_every_account_signs_in_in_its_ward_and_role(made: tuple[Site, list[dict[str, str]]]) -> None:
    site, accounts = made
    for one in [*accounts[:12], *accounts[-3:]]:
        secret = signing_in.sign_in(
            site, login=one["account"], password=one["password"], ward=one["ward"], role=one["role"]
        )
        session = signing_in.find_session(site, secret)
        assert session is not None
        assert (session.identity.ward, session.identity.role) == (one["ward"], one["role"])
        assert len(one["password"]) >= 15


def test_every_ward_has_reports_in_every_state_and_of_three_years(uow: UnitOfWork) -> None:
    states = defaultdict(set)
    years = defaultdict(set)
    for ward, edition, state, year in uow.session.execute(
        select(Document.ward_id, Document.edition, Document.state, Document.fiscal_year)
    ):
        states[ward].add((edition, state))
        years[ward].add(year)
    this_year = fiscal_year(today())
    for ward in tenants.all_wards():
        full = {"draft", "confirming", "returned", "submitted", "accepted", "shared", "kept"}
        assert states[ward.slug] >= {("full", state) for state in full} | {
            ("shared", "shared"),
            ("shared", "withdrawn"),
        }
        assert years[ward.slug] >= {this_year - 2, this_year - 1, this_year}


def test_nothing_happened_in_the_future_or_out_of_order(uow: UnitOfWork) -> None:
    last: dict[int, object] = {}
    for act in uow.session.scalars(select(Act).order_by(Act.id)):
        assert act.created_at <= now()
        assert last.get(act.document_id, act.created_at) <= act.created_at  # type: ignore[operator]
        last[act.document_id] = act.created_at
    for document in uow.session.scalars(select(Document).where(Document.edition == "full")):
        assert document.created_at <= document.updated_at <= now()
        assert document.held_on is not None
        assert document.held_on <= today()
        assert document.created_at.date() >= document.held_on or document.kind_name == "file"
        if document.confirmed_at is not None:
            assert document.submitted_on is not None
            assert document.held_on <= document.submitted_on <= today()


def test_the_texts_are_whole_and_differ(uow: UnitOfWork) -> None:
    records = defaultdict(int)
    for version in uow.session.scalars(select(Version)):
        text = version.content_json
        assert not re.search(r"\{[a-z_]+\}", version.content.fields.get("record", "")), text[:200]
        assert "None" not in text
        if record := version.content.fields.get("record"):
            records[record] += 1
    assert len(records) > 400


def test_files_of_several_types_are_attached_and_read(uow: UnitOfWork) -> None:
    counted = dict(
        uow.session.execute(select(Attachment.media_type, func.count()).group_by(Attachment.media_type)).all()
    )
    assert len(counted) == 4
    assert set(uow.session.scalars(select(Attachment.text_status))) == {"ok"}
    assert all(text.strip() for text in uow.session.scalars(select(Attachment.text)))


def test_histories_have_versions_returns_and_confirmations_by_name(uow: UnitOfWork) -> None:
    assert (uow.session.scalar(select(func.max(Document.version_number))) or 0) >= 2
    reasons = uow.session.scalars(select(Act.comment).where(Act.transition == "return")).all()
    assert len(set(reasons)) >= 6
    assert all(reasons)
    confirmed = uow.session.scalars(select(Document.confirmed_by_name).where(Document.state == "accepted"))
    assert all(confirmed)


def test_the_hospital_meeting_is_a_numbered_series_in_every_ward(uow: UnitOfWork) -> None:
    titles = defaultdict(list)
    found = select(Document.ward_id, Document.title).where(
        Document.body_name == "病院連絡会", Document.edition == "full"
    )
    for ward, title in uow.session.execute(found.order_by(Document.held_on)):
        titles[ward].append(int(re.fullmatch(r"第(\d+)回 病院連絡会", title)[1]))  # type: ignore[index]
    assert len(titles) == 24
    assert all(numbers == list(range(numbers[0], numbers[0] + len(numbers))) for numbers in titles.values())


def test_the_ward_people_try_first_has_the_most(uow: UnitOfWork) -> None:
    counted = dict(uow.session.execute(select(Document.ward_id, func.count()).group_by(Document.ward_id)).all())
    assert max(counted, key=counted.__getitem__) == "higashinari"


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.RESPONSIBLE, Role.BUREAU])
def test_the_first_screen_has_something_to_do(made: tuple[Site, list[dict[str, str]]], role: Role) -> None:
    site, accounts = made
    one = next(one for one in accounts if one["role"] == role)
    session = signing_in.find_session(site, signing_in.sign_in(site, login=one["account"], password=one["password"]))
    assert session is not None
    with UnitOfWork(site, session.identity, writes=False) as uow:
        shown = home(uow)
        assert shown.waiting
        assert shown.news
        assert bool(shown.drafts) == may_create(session.identity, "report", "higashinari")


def test_the_demo_passes_its_own_check(made: tuple[Site, list[dict[str, str]]]) -> None:
    assert checking.check(made[0]) == []


def test_names_have_the_characters_that_offices_stumble_over(uow: UnitOfWork) -> None:
    names = "".join(uow.session.scalars(select(Account.name)).all())
    texts = "".join(uow.session.scalars(select(Version.content_json)).all())
    assert {"髙", "﨑", "邉", "𠮷", "德"} <= set(names + texts)


def test_a_small_demo_is_made_on_either_database(office: Office) -> None:
    assert demo.make(office.site, small=True, progress=Silent())
    with UnitOfWork(office.site, SystemIdentity(), writes=False) as uow:
        states = set(uow.session.scalars(select(Document.state).where(Document.ward_id == "nishi")))
    assert states >= {"draft", "confirming", "returned", "submitted", "accepted", "shared", "withdrawn", "kept"}
    assert checking.check(office.site) == []


# -- the command ------------------------------------------------------------------------------------------------------


def test_the_list_of_accounts_is_all_that_json_prints_and_comes_again(terminal: Terminal) -> None:
    assert terminal.run("demo", "--small", "--json") == 0
    first = json.loads(terminal.out)
    assert terminal.err == ""
    assert set(first[0]) == {"account", "password", "ward", "role"}
    assert terminal.run("demo", "--json") == 0
    assert json.loads(terminal.out) == first
    assert terminal.run("demo") == 0
    assert first[0]["password"] in terminal.out
    assert terminal.run("search", "退院支援", "--as", "higashinari-ward-office") == 0


def test_two_sites_have_different_passwords(tmp_path: Path) -> None:
    from portal.demo.people import password_of

    assert password_of(Role.BUREAU, "一つの鍵") != password_of(Role.BUREAU, "別の鍵")
    assert password_of(Role.BUREAU, "一つの鍵") == password_of(Role.BUREAU, "一つの鍵")


def test_a_site_in_use_gets_no_demo(terminal: Terminal) -> None:
    add_account(terminal, "tanaka", "coordinator")
    assert terminal.run("demo", "--json") == 1
    assert "空のサイト" in terminal.err
    assert terminal.out == ""


def test_a_demo_that_was_broken_off_says_so(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("portal.demo.making._WardMaker.make", stop)
    assert terminal.run("demo", "--small") == 1
    assert terminal.run("demo", "--small") == 1
    assert "途中で止まっています" in terminal.err
