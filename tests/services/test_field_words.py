"""Field words in a query name wards, kinds and states as people call them."""

import pytest

from portal.services import finding
from tests.support.office import Office


@pytest.mark.parametrize(
    "typed", ["区:東成 ペンギン", "区:東成区 ペンギン", "区:ひがしなりく ペンギン", "種類:様式7 ペンギン"]
)
def test_a_ward_is_named_as_people_name_it(sqlite_office: Office, typed: str) -> None:
    report = sqlite_office.report("higashinari", state="shared", record="<p>ペンギン</p>")
    sqlite_office.report("ikuno", state="shared", kind="training_report", record="<p>ペンギン</p>")
    sqlite_office.catch_up()
    with sqlite_office.uow(sqlite_office.person("city", "bureau")) as uow:
        found = finding.search(uow, typed, finding.Filters())
    assert [hit.document.id for hit in found.hits] == [report]
