"""見え消し as a service: for those who may have the file, between versions of the edition they meet, noted each time."""

import io
import re
import zipfile
from itertools import pairwise

import pytest

from portal.services import documents, redlining
from portal.services.auditing import ACTIONS
from portal.services.errors import NotFound, Refused
from tests.support.calling import Caller
from tests.support.office import Office

SECRET = "紫陽花作戦"


def words_of(docx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return " ".join(re.sub("<[^>]*>", "", package.read(name).decode()) for name in package.namelist())


def twice_saved(office: Office) -> int:
    """Return a shared report whose second version hides a word in what is not shared."""
    report = office.report("higashinari", place="区民ホール")
    tanaka, bureau = office.person("higashinari", "coordinator"), office.person("city", "bureau")
    fields = {**documents.kind_named("meeting_report").example()["fields"], "reflections": f"<p>{SECRET}</p>"}
    office.do(tanaka, lambda uow: documents.save_version(uow, report, title="", typed=fields, base=1))
    office.transition(tanaka, report, "request_confirmation")
    office.transition(office.person("higashinari", "responsible"), report, "confirm")
    office.transition(bureau, report, "accept")
    office.transition(bureau, report, "share")
    return report


@pytest.mark.parametrize("style", ["tracked", "printed"])
def test_the_own_ward_gets_both_versions_in_one_file_and_the_trail_says_so(
    office: Office, style: redlining.Style
) -> None:
    report = twice_saved(office)
    auditor = office.person("city", "auditor")
    with office.uow(office.person("higashinari", "coordinator", name="見本 花子")) as uow:
        name, docx = redlining.redline(uow, report, old=1, new=2, style=style)
        uow.commit()
    shown = words_of(docx)
    assert ("区民ホール" in shown, SECRET in shown) == (True, True)
    assert re.search(r"_見え消し（第1版→第2版(、印刷用)?）\.docx$", name)
    trail = Caller.of(office, auditor).get("/audit", action="document.redlined").data["items"]
    assert [one["about"] for one in trail] == ["第2版、第1版からの変更、Word"]
    assert ACTIONS["document.redlined"] == "見え消しをWordで保存"


def test_another_ward_compares_versions_of_the_shared_edition_alone(office: Office) -> None:
    report = twice_saved(office)
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        for old, new in ((1, 2), (2, 1), (2, 3)):
            with pytest.raises(NotFound):
                redlining.redline(uow, report, old=old, new=new)


def test_versions_of_the_shared_edition_show_no_hidden_word_to_another_ward(office: Office) -> None:
    report = twice_saved(office)
    bureau = office.person("city", "bureau")
    office.transition(bureau, report, "unshare")
    office.transition(bureau, report, "share")
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        document = uow.access(report, documents.Permission.VIEW)
        numbers = [one.number for one in documents.versions(uow, document)]
        for old, new in pairwise(numbers):
            for style in redlining.STYLES:
                name, docx = redlining.redline(uow, report, old=old, new=new, style=style)
                assert SECRET not in name + words_of(docx)


def test_a_draft_of_another_ward_is_not_there(office: Office) -> None:
    report = office.report("higashinari")
    with office.uow(office.person("ikuno", "coordinator")) as uow, pytest.raises(NotFound):
        redlining.redline(uow, report, old=1, new=2)


def test_one_version_has_no_redline_with_itself(office: Office) -> None:
    report = office.report("higashinari")
    with (
        office.uow(office.person("higashinari", "coordinator")) as uow,
        pytest.raises(Refused, match="比べる版を選び直してください"),
    ):
        redlining.redline(uow, report, old=1, new=1)


def test_a_program_asks_for_it_by_numbers_or_gets_the_last_change(office: Office) -> None:
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    report = twice_saved(office)
    for asked in ({}, {"from": 2, "to": 1}, {"style": "printed"}):
        handed = tanaka.get(f"/documents/{report}/redline", **asked)
        assert handed.response.data.startswith(b"PK"), handed.data
        assert handed.headers["Content-Disposition"].startswith("attachment;")
    assert tanaka.get(f"/documents/{report}/redline", to=1).status == 400
    assert tanaka.get(f"/documents/{report}/redline", to=9).status == 404
    assert tanaka.get(f"/documents/{report}/redline", style="rot13").status == 422
