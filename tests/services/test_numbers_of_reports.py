"""Report numbers: unique however many write at once, one sequence a ward, form and 年度, without holes."""

from sqlalchemy import select

from portal.kinds import find_kind
from portal.models import Document
from portal.security.identity import SystemIdentity
from portal.services import documents
from portal.services.uow import UnitOfWork
from tests.services.at_once import at_once
from tests.support.office import Office

MEETING, TRAINING = find_kind("meeting_report"), find_kind("training_report")


def numbers(office: Office) -> list[str]:
    with office.uow(SystemIdentity()) as uow:
        return sorted(uow.session.scalars(select(Document.number).where(Document.number.is_not(None))))


def test_eight_coordinators_who_save_together_get_eight_numbers_in_a_row(office: Office) -> None:
    people = [office.person("higashinari", "coordinator", name=f"見本{n}") for n in range(8)]

    def write(person: object) -> None:
        for _ in range(3):
            office.do(person, make)

    results = at_once([lambda person=person: write(person) for person in people])
    assert results == [None] * 8
    assert numbers(office) == [f"R8-東成-様式7-{n:03d}" for n in range(1, 25)]


def make(uow: UnitOfWork, ward: str = "higashinari", kind: object = MEETING, **fields: object) -> Document:
    return documents.create(uow, ward=ward, kind=kind, title="", typed={**kind.example()["fields"], **fields})


def test_wards_forms_and_fiscal_years_count_for_themselves(sqlite_office: Office) -> None:
    office = sqlite_office
    for ward, kind, day in [
        ("higashinari", MEETING, "2026-10-15"), ("higashinari", MEETING, "2027-03-31"), ("higashinari", MEETING, "2027-04-01"),
        ("higashinari", TRAINING, "2026-10-15"), ("ikuno", MEETING, "2026-10-15"), ("higashinari", MEETING, "2019-04-30"),
    ]:  # fmt: skip
        office.do(office.person(ward, "coordinator"), lambda uow, w=ward, k=kind, d=day: make(uow, w, k, held_on=d))
    assert numbers(office) == [
        "R1-東成-様式7-001", "R8-東成-様式7-001", "R8-東成-様式7-002", "R8-東成-様式8-001", "R8-生野-様式7-001", "R9-東成-様式7-001",
    ]  # fmt: skip


def test_what_was_not_saved_takes_no_number(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    with office.uow(tanaka) as uow:
        make(uow)  # never committed
    office.do(tanaka, make)
    assert numbers(office) == ["R8-東成-様式7-001"]


def test_a_report_keeps_its_number_until_its_meeting_moves_to_another_fiscal_year(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report = office.report("higashinari")
    for base, day, number in [(1, "2026-12-01", "R8-東成-様式7-001"), (2, "2027-05-01", "R9-東成-様式7-001")]:
        typed = {**MEETING.example()["fields"], "held_on": day}
        office.do(tanaka, lambda uow, t=typed, b=base: documents.save_version(uow, report, title="", typed=t, base=b))
        assert numbers(office) == [number]


def test_a_deleted_report_keeps_its_number_for_ever(sqlite_office: Office) -> None:
    office, tanaka = sqlite_office, sqlite_office.person("higashinari", "coordinator")
    report = office.report("higashinari")
    office.do(tanaka, lambda uow: documents.delete(uow, report))
    office.report("higashinari")
    assert numbers(office) == ["R8-東成-様式7-001", "R8-東成-様式7-002"]


def test_a_file_has_no_number(sqlite_office: Office) -> None:
    kind = find_kind("file")
    made = sqlite_office.do(
        sqlite_office.person("higashinari", "ward_office"),
        lambda uow: documents.create(uow, ward="higashinari", kind=kind, title="一覧", typed={}),
    )
    assert made.number is None
