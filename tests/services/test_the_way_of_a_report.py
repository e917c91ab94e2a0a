"""From a draft to the shared edition: who may do what, and what each sees on the way."""

import pytest

from portal.security.workflows import Permission
from portal.services import documents, reviewing
from portal.services.errors import EditConflict, Forbidden, NotFound, Refused, WrongState
from tests.support.office import Office


def test_a_draft_of_one_ward_does_not_exist_for_another(office: Office) -> None:
    report = office.report("higashinari")
    for ward, role in [
        ("ikuno", "coordinator"),
        ("city", "bureau"),
        ("higashinari", "ward_office"),
        ("city", "auditor"),
    ]:
        with office.uow(office.person(ward, role)) as uow, pytest.raises(NotFound):
            uow.access(report, Permission.VIEW)


def test_a_report_is_confirmed_by_another_person_than_its_author(office: Office) -> None:
    report = office.report("higashinari", state="confirming")
    with pytest.raises(Forbidden):
        office.transition(office.person("higashinari", "coordinator"), report, "confirm")
    office.transition(office.person("higashinari", "responsible", name="佐藤"), report, "confirm")
    with office.uow(office.person("city", "bureau")) as uow:
        document = uow.access(report, Permission.VIEW)
        assert (document.state, document.confirmed_by_name) == ("submitted", "佐藤")
        assert document.confirmed_at is not None


def test_another_ward_meets_the_shared_edition_under_the_same_id_without_hidden_words(office: Office) -> None:
    report = office.report("higashinari", state="shared", reflections="<p>ひみつの所感</p>")
    with office.uow(office.person("ikuno", "ward_office")) as uow:
        document = uow.access(report, Permission.VIEW)
        shown = documents.current_version(uow, document).content_json
        assert document.is_shared_edition
        assert "ひみつの所感" not in shown
        assert "見本 一郎" not in shown
        assert "退院支援ルール" in shown
    with office.uow(office.person("higashinari", "ward_office")) as uow:
        assert "ひみつの所感" in documents.current_version(uow, uow.access(report, Permission.VIEW)).content_json


def test_withdrawing_takes_effect_at_once_and_sharing_again_brings_it_back(office: Office) -> None:
    report, bureau = office.report("higashinari", state="shared"), office.person("city", "bureau")
    office.transition(bureau, report, "unshare")
    with office.uow(office.person("ikuno", "coordinator")) as uow, pytest.raises(NotFound):
        uow.access(report, Permission.VIEW)
    office.transition(bureau, report, "share")
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        assert uow.access(report, Permission.VIEW).version_number == 1


def test_a_return_needs_a_reason_and_gives_the_report_back_to_its_office(office: Office) -> None:
    report, bureau = office.report("higashinari", state="submitted"), office.person("city", "bureau")
    with office.uow(bureau) as uow, pytest.raises(Refused, match="理由"):
        reviewing.transition(uow, report, "return", comment="  ")
    office.transition(bureau, report, "return", "開催日を確かめてください")
    with office.uow(bureau) as uow, pytest.raises(NotFound):
        uow.access(report, Permission.VIEW)
    with office.uow(office.person("higashinari", "coordinator")) as uow:
        document = uow.access(report, Permission.EDIT)
        assert document.state == "returned"
        assert document.confirmed_by_name == ""


def test_an_act_that_came_too_late_says_so(office: Office) -> None:
    report, bureau = office.report("higashinari", state="accepted"), office.person("city", "bureau")
    with office.uow(bureau) as uow, pytest.raises(WrongState):
        reviewing.transition(uow, report, "accept")


def test_a_stale_edit_is_refused_with_both_texts(office: Office) -> None:
    report, tanaka = office.report("higashinari"), office.person("higashinari", "coordinator")
    with office.uow(tanaka) as uow:
        fields = documents.current_version(uow, uow.access(report, Permission.VIEW)).content.fields
    office.do(
        tanaka, lambda uow: documents.save_version(uow, report, title="", typed={**fields, "place": "一"}, base=1)
    )
    with office.uow(tanaka) as uow, pytest.raises(EditConflict) as refused:
        documents.save_version(uow, report, title="", typed={**fields, "place": "二"}, base=1)
    assert refused.value.current.content.fields["place"] == "一"
    assert refused.value.mine.fields["place"] == "二"


def test_saving_the_same_again_makes_no_version(office: Office) -> None:
    report, tanaka = office.report("higashinari"), office.person("higashinari", "coordinator")
    with office.uow(tanaka) as uow:
        fields = documents.current_version(uow, uow.access(report, Permission.VIEW)).content.fields
    version = office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields, base=1))
    assert version.number == 1
