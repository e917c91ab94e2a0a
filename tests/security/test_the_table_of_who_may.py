"""The portal's policy says, cell for cell, what DOMAIN 5f says; and four doors (page, database, index, words) open alike."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import tenants
from portal.db.session import intern_audience
from portal.models import Document
from portal.security.identity import CITY_ROLES, SYSTEM, WARD_ROLES, Identity, Role, SystemIdentity, may_hold
from portal.security.policy import (
    LocalRole,
    choosing_shared_files,
    decide,
    may_create,
    permits,
    readers,
    readers_in_words,
    transitions_for,
)
from portal.security.workflows import REPORT, WORKFLOWS, Permission
from tests.security.by_hand import CITY, COLUMNS, LETTERS, OTHER, OWN, Thing, cases
from tests.support.office import Office

CASES = cases()
DRAFT = Thing(OWN, "report", "full", "draft")


def test_the_table_by_hand_covers_every_state_role_and_permission() -> None:
    here = {(case.thing.workflow_name, case.thing.edition, case.thing.state) for case in CASES}
    for workflow in WORKFLOWS.values():
        assert {(workflow.name, "full", state) for state in workflow.states} <= here
        assert {(workflow.name, "shared", state) for state in workflow.shared or {}} <= here
    assert {role for _, role in COLUMNS} == set(Role)
    assert {*LETTERS.values(), Permission.CREATE} == set(Permission)


def test_every_cell_of_the_table_is_decided_as_written() -> None:
    wrong = [
        f"{case}: {permission} is {not wanted}"
        for case in CASES
        for permission in Permission
        if permits(case.reader, permission, case.thing) != (wanted := permission in case.may)
    ]
    assert wrong == []


def test_who_writes_a_report_or_may_share_it_says_which_files_go_along() -> None:
    for case in CASES:
        chosen = choosing_shared_files(case.reader, case.thing)
        assert (chosen is not None) == bool(case.may & {Permission.EDIT, Permission.SHARE}), case
    bureau = Identity(1, CITY, Role.BUREAU)
    may = {state for state in REPORT.states if choosing_shared_files(bureau, Thing(OWN, "report", "full", state))}
    assert may == {"accepted"}


def test_a_refusal_and_a_grant_are_said_in_words() -> None:
    for case in CASES:
        for permission in Permission:
            reason = decide(case.reader, permission, case.thing).reason
            assert reason.endswith(("認められています。", "認められていません。"))
            assert "@" not in reason
            assert "{" not in reason


def test_the_readers_of_a_document_are_those_who_may_view_it() -> None:
    wrong = [
        str(case) for case in CASES if bool(case.reader.tokens & readers(case.thing)) != (Permission.VIEW in case.may)
    ]
    assert wrong == []


def test_the_portal_itself_reads_everything_and_does_nothing_else() -> None:
    for case in CASES:
        assert SYSTEM in readers(case.thing)
        assert {one for one in Permission if permits(SystemIdentity(), one, case.thing)} == {Permission.VIEW}
    assert not any(SYSTEM in case.reader.tokens for case in CASES)


def test_the_database_shows_exactly_what_the_table_grants(office: Office) -> None:
    """One row for every audience that occurs; each identity's session must count those, and only those, it may view."""
    audiences = sorted({readers(case.thing) for case in CASES}, key=sorted)
    number_of = {audience: number for number, audience in enumerate(audiences)}
    with office.uow(SystemIdentity()) as uow:
        for audience, number in number_of.items():
            uow.session.add(
                Document(
                    id=number + 1, ward_id=OWN, kind_name="meeting_report", state="draft", title=str(number),
                    fiscal_year=2026, audience_id=intern_audience(uow.session, audience).id, changes=0,
                )
            )  # fmt: skip
        uow.commit()
    seen: dict[Identity, set[str]] = {}
    for reader in {case.reader for case in CASES}:
        with office.uow(reader) as uow:
            seen[reader] = {one.title for one in uow.session.query(Document)}
    wrong = [
        str(case)
        for case in CASES
        if (str(number_of[readers(case.thing)]) in seen[case.reader]) != (Permission.VIEW in case.may)
    ]
    assert wrong == []


def test_the_index_finds_exactly_what_the_table_grants(tmp_path: Path) -> None:
    from search_index import Entry, Index, Part, Query, rebuild

    audiences = sorted({readers(case.thing) for case in CASES}, key=sorted)
    day = datetime(2026, 10, 1, tzinfo=UTC)
    entries = [
        Entry(number, OWN, "meeting_report", "退院支援", (Part("text", "本文", "退院支援"),), audience, day.date(), 2026, "", (),
              "draft", False, False, day)
        for number, audience in enumerate(audiences, start=1)
    ]  # fmt: skip
    rebuild(tmp_path / "index", iter(entries), 0)
    index = Index.open(tmp_path / "index")
    found = {}
    for reader in {case.reader for case in CASES}:
        result = index.search(Query("退院支援", reader.tokens, limit=1000))
        found[reader] = {hit.id for hit in result.hits}
        assert result.total == len(found[reader])
    index.close()
    number_of = {entry.readers: entry.id for entry in entries}
    wrong = [
        str(case)
        for case in CASES
        if (number_of[readers(case.thing)] in found[case.reader]) != (Permission.VIEW in case.may)
    ]
    assert wrong == []


@pytest.mark.parametrize("ward", [OWN, OTHER, CITY])
def test_who_may_begin_a_document(ward: str) -> None:
    for place, role in COLUMNS:
        reader = Identity(1, place, role)
        assert may_create(reader, "report", ward) == (role is Role.COORDINATOR and place == ward)
        keepers = {Role.COORDINATOR, Role.WARD_OFFICE, Role.BUREAU, Role.BUREAU_ADMIN}
        assert may_create(reader, "file", ward) == (role in keepers and place == ward)
    assert not may_create(SystemIdentity(), "report", ward)


def test_nobody_confirms_what_passed_through_their_own_hands() -> None:
    waiting = replace(DRAFT, state="confirming")
    responsible = Identity(7, OWN, Role.RESPONSIBLE)
    assert permits(responsible, Permission.CONFIRM, waiting)
    for hands in ({7}, {7, 8}):
        decision = decide(responsible, Permission.CONFIRM, replace(waiting, hands=frozenset(hands)))
        assert not decision
        assert "別の責任者" in decision.reason
    assert permits(responsible, Permission.CONFIRM, replace(waiting, hands=frozenset({8})))
    assert permits(responsible, Permission.RETURN, replace(waiting, hands=frozenset({7})))
    assert permits(responsible, Permission.VIEW, replace(waiting, hands=frozenset({7})))


def test_the_transitions_offered_are_those_that_would_be_done() -> None:
    for case in CASES:
        offered = {one.name for one in transitions_for(case.reader, case.thing)}
        acts = {one.name for one in REPORT.transitions if one.permission in case.may}
        assert offered == (acts if case.thing.workflow_name == "report" else set())


def test_every_transition_is_given_to_somebody_in_every_state_it_starts_from() -> None:
    for workflow in WORKFLOWS.values():
        for one in workflow.transitions:
            assert one.target in workflow.states
            for source in one.sources:
                assert workflow.states[source].grants.get(one.permission), (one.name, source)


def test_rights_of_two_roles_are_never_added_up() -> None:
    """The same account as coordinator here and 責任者 there carries one ward's tokens at a time."""
    here, there = Identity(5, OWN, Role.COORDINATOR), Identity(5, OTHER, Role.RESPONSIBLE)
    assert here.tokens & there.tokens <= {"account:5", "member@*"} | {
        f"other@{ward.slug}" for ward in tenants.all_wards()
    }
    assert permits(here, Permission.VIEW, DRAFT)
    assert not permits(there, Permission.VIEW, DRAFT)


def test_a_token_of_another_ward_is_held_in_every_ward_but_ones_own() -> None:
    for ward in tenants.all_wards():
        for role in WARD_ROLES:
            others = {token for token in Identity(1, ward.slug, role).tokens if token.startswith("other@")}
            assert others == {f"other@{one.slug}" for one in tenants.all_wards() if one is not ward}
    for role in CITY_ROLES:
        assert not any(token.startswith("other@") for token in Identity(1, CITY, role).tokens)


def test_ward_roles_exist_in_wards_and_city_roles_in_the_city_office() -> None:
    for role in Role:
        assert may_hold(role, OWN) == (role in WARD_ROLES)
        assert may_hold(role, CITY) == (role in CITY_ROLES)


def test_the_readers_are_said_in_words_the_own_ward_first() -> None:
    assert readers_in_words(DRAFT) == ("東成区のコーディネーター", "東成区の受託法人責任者")
    assert readers_in_words(replace(DRAFT, state="accepted")) == (
        "東成区のコーディネーター", "東成区の受託法人責任者", "東成区の区役所担当", "健康局", "監査担当",
    )  # fmt: skip
    assert readers_in_words(replace(DRAFT, edition="shared", state="shared")) == ("東成区以外の23区",)
    assert readers_in_words(replace(DRAFT, edition="shared", state="withdrawn")) == ()
    assert readers_in_words(Thing(OWN, "file", "full", "kept")) == ("東成区の全員", "健康局", "監査担当")
    shown = readers_in_words(replace(DRAFT, local_roles=(("account:9", LocalRole.READER),)))
    assert shown == ("東成区のコーディネーター", "東成区の受託法人責任者", "個別に指定された人")
    assert readers_in_words(replace(DRAFT, deleted=True)) == ()


def test_the_reason_names_the_state_and_the_rule() -> None:
    assert decide(Identity(1, OWN, Role.COORDINATOR), Permission.VIEW, DRAFT).reason == (
        "「下書き」の文書の閲覧は、東成区のコーディネーターに認められています。"
    )
    assert decide(Identity(1, OTHER, Role.WARD_OFFICE), Permission.VIEW, DRAFT).reason == (
        "「下書き」の文書の閲覧は、生野区の区役所担当には認められていません。"
    )
    assert decide(Identity(1, CITY, Role.SYSTEM_ADMIN), Permission.EXPORT, replace(DRAFT, state="shared")).reason == (
        "「24区共有」の文書のWordで保存は、システム管理者には認められていません。"
    )
