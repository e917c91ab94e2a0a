"""A saved search tells its owner of what a search by that owner would newly show, and of nothing else."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.db.base import now
from portal.kinds.calendar import today
from portal.models import ChangedDocument, KnownHit, Membership, Notice, SavedSearch, SignIn
from portal.security.identity import Identity, SystemIdentity
from portal.services import accounts, documents, finding, lists, noticing, saved_searches
from portal.services.errors import NotFound, Refused
from portal.services.finding import Filters
from portal.services.saved_searches import Conditions
from tests.support.office import Office

WARD = "higashinari"
MOTO = Conditions("退院支援")


@pytest.fixture
def owner(office: Office) -> Identity:
    office.report("ikuno")
    office.catch_up()
    return office.person(WARD, "coordinator")


def keep(office: Office, owner: Identity, asked: Conditions = MOTO, notify: str = "screen") -> int:
    return int(office.do(owner, lambda uow: saved_searches.save(uow, name="退院", conditions=asked, notify=notify)).id)


def look(office: Office) -> int:
    """Let the worker bring the index up to date and look for news."""
    office.catch_up()
    return saved_searches.look_for_news(office.site)


def told(office: Office, person: Identity) -> list[int]:
    with office.uow(person) as uow:
        return sorted(one.document.public_id for one in noticing.notices(uow).items if one.notice.event == "search")


def record(words: str) -> dict[str, Any]:
    return {"record": f"<p>{words}</p>"}


def test_conditions_come_back_as_they_were_kept() -> None:
    asked = Conditions(
        "退院 -入院",
        Filters(
            wards=("ikuno",), fiscal_years=(2026,), date_from=date(2026, 4, 1), has_decision=False, title_only=True
        ),
        "date",
        ("ケアマネ",),
    )
    assert Conditions.from_json(asked.as_json()) == asked
    assert Conditions.from_json({**asked.as_json(), "filters": {"gone": 1}}).filters == Filters()


def test_only_what_comes_after_is_told_and_once(office: Office, owner: Identity) -> None:
    old = office.report(WARD, record="<p>退院支援の話</p>")
    office.catch_up()
    keep(office, owner)
    assert look(office) == 0
    new = office.report(WARD, record="<p>退院支援をまた話した</p>")
    assert look(office) >= 1
    assert new in told(office, owner)
    assert old not in told(office, owner)
    before = told(office, owner)
    for report in (old, new):
        _edit(office, owner, report, "退院支援 もう一度")
    assert look(office) == 0
    assert told(office, owner) == before
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalar(select(func.count(ChangedDocument.id))) == 0


def _edit(office: Office, person: Identity, report: int, words: str) -> None:
    def act(uow: Any) -> None:
        document = uow.access(report, "edit")
        content = documents.current_version(uow, document).content
        typed = {**content.fields, "record": f"<p>{words}</p>"}
        documents.save_version(uow, report, title=content.title, typed=typed, base=document.version_number)

    office.do(person, act)


def test_a_report_of_another_ward_is_told_when_it_is_shared_and_not_before(office: Office, owner: Identity) -> None:
    keep(office, owner)
    report = office.report("ikuno", state="accepted", record="<p>退院支援</p>")
    assert look(office) == 0
    office.transition(office.person("city", "bureau"), report, "share")
    look(office)
    assert told(office, owner) == [report]
    office.transition(office.person("city", "bureau"), report, "unshare")
    assert told(office, owner) == [], "out of sight before the index has heard of it"
    look(office)
    office.transition(office.person("city", "bureau"), report, "share")
    look(office)
    assert told(office, owner) == [report], "shared again, told again"


def test_a_search_sleeps_while_its_owner_may_not_run_it(office: Office, owner: Identity) -> None:
    keep(office, owner)
    office.do(SystemIdentity(), lambda uow: accounts.disable(uow, owner.account_id))
    writer = office.person(WARD, "coordinator", name="別の人")
    _write(office, writer)
    assert look(office) == 0
    office.do(SystemIdentity(), lambda uow: accounts.enable(uow, owner.account_id))
    _move_away(office, owner)
    _write(office, writer)
    assert look(office) == 0
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.scalar(select(func.count(Notice.id)).where(Notice.event == "search")) == 0


def _write(office: Office, writer: Identity) -> None:
    kind = documents.kind_named("meeting_report")
    fields = {**kind.example()["fields"], "record": "<p>退院支援</p>"}
    office.do(writer, lambda uow: documents.create(uow, ward=WARD, kind=kind, title="", typed=fields))


def _move_away(office: Office, person: Identity) -> None:
    """End the person's role here; they go on in another ward."""
    with office.uow(SystemIdentity()) as uow:
        held = select(Membership).where(Membership.account_id == person.account_id, Membership.ward_id == WARD)
        uow.session.scalars(held).one().ends_on = today() - timedelta(days=1)
        uow.session.add(Membership(account_id=person.account_id, ward_id="kita", role="coordinator"))
        uow.commit()


def test_searches_are_the_persons_own_in_the_role_they_were_kept_in(office: Office, owner: Identity) -> None:
    search = keep(office, owner)
    elsewhere = Identity(owner.account_id, "kita", owner.role)
    for stranger in (office.person(WARD, "responsible"), elsewhere, office.person("city", "bureau_admin")):
        with office.uow(stranger) as uow:
            assert saved_searches.mine(uow) == []
            for act in (saved_searches.one, saved_searches.remove, saved_searches.open_feed, saved_searches.close_feed):
                with pytest.raises(NotFound):
                    act(uow, search)


def test_a_search_that_finds_too_much_cannot_notify(office: Office, owner: Identity, monkeypatch: Any) -> None:
    monkeypatch.setattr(saved_searches, "MOST_HITS", 1)
    for _ in range(2):
        office.report(WARD)
    office.catch_up()
    with office.uow(owner) as uow, pytest.raises(Refused, match="条件をしぼって"):
        saved_searches.save(uow, name="全部", conditions=Conditions(), notify="screen")
    keep(office, owner, Conditions(), notify="none")


def test_a_deleted_search_takes_its_notices_its_memory_and_its_feed_along(office: Office, owner: Identity) -> None:
    search = keep(office, owner)
    office.report(WARD, record="<p>退院支援</p>")
    assert look(office)
    secret = office.do(owner, lambda uow: saved_searches.open_feed(uow, search))
    assert saved_searches.read_feed(office.site, secret).documents
    office.do(owner, lambda uow: saved_searches.remove(uow, search))
    with pytest.raises(NotFound):
        saved_searches.read_feed(office.site, secret)
    with office.uow(SystemIdentity()) as uow:
        for model in (SavedSearch, KnownHit):
            assert uow.session.scalar(select(func.count()).select_from(model)) == 0


# -- feeds ------------------------------------------------------------------------------------------------------------


def feed_of(office: Office, owner: Identity) -> tuple[int, str]:
    search = keep(office, owner, notify="none")
    return search, office.do(owner, lambda uow: saved_searches.open_feed(uow, search))


def test_a_feed_ends_with_its_token_its_account_and_its_role(office: Office, owner: Identity) -> None:
    office.report(WARD, record="<p>退院支援</p>")
    office.catch_up()
    search, secret = feed_of(office, owner)
    assert len(saved_searches.read_feed(office.site, secret).documents) == 1
    again = office.do(owner, lambda uow: saved_searches.open_feed(uow, search))
    _gone(office, secret)
    office.do(owner, lambda uow: saved_searches.close_feed(uow, search))
    _gone(office, again)
    _, moved = feed_of(office, owner)
    _move_away(office, owner)
    _gone(office, moved)
    other = office.person(WARD, "responsible")
    _, disabled = feed_of(office, other)
    office.do(SystemIdentity(), lambda uow: accounts.disable(uow, other.account_id))
    _gone(office, disabled)
    _gone(office, "nobodys")


def _gone(office: Office, secret: str) -> None:
    with pytest.raises(NotFound):
        saved_searches.read_feed(office.site, secret)


def test_a_feed_that_is_too_old_ends(office: Office, owner: Identity) -> None:
    _, secret = feed_of(office, owner)
    with office.uow(SystemIdentity()) as uow:
        uow.session.scalars(select(SignIn).where(SignIn.channel == "feed")).one().expires_at = now()
        uow.commit()
    _gone(office, secret)


def test_a_sign_in_of_another_kind_reads_no_feed(office: Office, owner: Identity) -> None:
    from portal.services import signing_in
    from tests.support.office import PASSWORD

    feed_of(office, owner)
    _gone(
        office, signing_in.sign_in(office.site, login=office.logins[owner.account_id], password=PASSWORD, channel="api")
    )


# -- the same as a search by the owner --------------------------------------------------------------------------------

WORDS = ("退院支援", "入院", "口腔ケア", "看取り", "連携")
ACTS = ("request_confirmation", "confirm", "return", "accept", "share", "unshare", "edit", "delete")


def test_feeds_notices_and_searches_show_the_same_whatever_happens(office: Office) -> None:
    """Random acts on random reports, looked at after each: notices hold what the owner's own search newly finds."""
    dice = random.Random(5)
    owners = [
        office.person(ward, role)
        for ward, role in ((WARD, "coordinator"), ("ikuno", "ward_office"), ("city", "bureau"), ("city", "auditor"))
    ]
    reports = [office.report(dice.choice((WARD, "ikuno")), **record(dice.choice(WORDS))) for _ in range(6)]
    office.catch_up()
    held = [(owner, keep(office, owner, Conditions(word))) for owner in owners for word in WORDS[:3]]
    feeds = [office.do(owner, lambda uow, one=one: saved_searches.open_feed(uow, one)) for owner, one in held]
    seen = [_finds(office, owner, one) for owner, one in held]
    for _ in range(25):
        _something(office, dice, reports)
        look(office)
        for number, (owner, one) in enumerate(held):
            found = _finds(office, owner, one)
            assert _new_notices(office, owner, one) == found - seen[number]
            seen[number] = found
            feed = saved_searches.read_feed(office.site, feeds[number])
            assert {document.public_id for document in feed.documents} == found
            with office.uow(owner) as uow:
                saved = lists.hits_of(uow, saved_searches.one(uow, one))
                assert {row[11] for row in saved.rows} == found


def _finds(office: Office, owner: Identity, search: int) -> set[int]:
    with office.uow(owner) as uow:
        asked = Conditions.from_json(saved_searches.one(uow, search).conditions)
        return {hit.document.public_id for hit in finding.search(uow, asked.text, asked.filters, size=100).hits}


def _new_notices(office: Office, owner: Identity, search: int) -> set[int]:
    """Return what the owner is newly told of by that search, and count it as read."""
    with office.uow(owner) as uow:
        news = [
            one
            for one in noticing.notices(uow, size=500, unread_only=True).items
            if one.search and one.search.id == search
        ]
        noticing.mark_read(uow, [one.notice.id for one in news] or [0])
        uow.commit()
        return {one.document.public_id for one in news}


def _something(office: Office, dice: random.Random, reports: list[int]) -> None:
    ward, act = dice.choice((WARD, "ikuno")), dice.choice(ACTS)
    role = dice.choice(("coordinator", "responsible", "bureau", "bureau"))
    person = office.person("city" if role == "bureau" else ward, role)
    report = dice.choice(reports)
    try:
        if act == "edit":
            _edit(office, person, report, dice.choice(WORDS))
        elif act == "delete" and dice.random() < 0.2:
            office.do(person, lambda uow: documents.delete(uow, report))
        else:
            office.transition(person, report, act, "理由")
    except Refused:
        reports.append(office.report(ward, **record(dice.choice(WORDS)))) if len(reports) < 12 else None
