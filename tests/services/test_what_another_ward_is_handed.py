"""The shared edition through every service that hands something out: no hidden word in file, difference, history or list."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from portal.models import Act
from portal.security.workflows import Permission
from portal.services import attaching, documents, explaining, exporting, finding, home
from portal.services.errors import NotFound
from portal.services.finding import Filters
from tests.support.office import Office, make_site

HIDDEN = {
    "reflections": "紫陽花作戦",
    "reporter": "椿餅三郎",
    "attendee": "柏餅四郎",
    "presenter": "桜餅五郎",
    "speaker": "草餅六郎",
    "absentee": "粟餅七郎",
    "file": "白鷺計画書.txt",
    "file text": "水仙名簿",
    "comment": "朝霧の理由",
    "first version": "夕立の場所",
    "confirmed by": "餡餅八郎",
}


@pytest.fixture(scope="module")
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Yield an office whose one shared report hides a word in every place that is not shared."""
    for site in make_site("sqlite", tmp_path_factory.mktemp("site"), request):
        made = Office(site)
        made.shared = report_with_secrets(made)
        yield made


def report_with_secrets(office: Office) -> int:
    tanaka = office.person("higashinari", "coordinator")
    person = {"affiliation": "医師会", "profession": "医師"}
    typed = {
        "reflections": f"<p>{HIDDEN['reflections']}</p>",
        "reporter": HIDDEN["reporter"],
        "attendees": [{**person, "name": HIDDEN["attendee"]}],
        "absentees": [{**person, "name": HIDDEN["absentee"]}],
        "agenda": [{"subject": "退院支援", "presenter": HIDDEN["presenter"]}],
        "opinions": [{"speaker": HIDDEN["speaker"], "gist": "早めに"}],
        "headcount": 1,
        "headcounts": [],
    }
    report = office.report("higashinari", **{**typed, "place": HIDDEN["first version"]})
    fields = {**documents.kind_named("meeting_report").example()["fields"], **typed}
    office.do(
        tanaka,
        lambda uow: documents.save_version(uow, report, title="", typed=fields, comment=HIDDEN["comment"], base=1),
    )
    office.do(
        tanaka,
        lambda uow: attaching.attach(uow, report, name=HIDDEN["file"], source=io.BytesIO(HIDDEN["file text"].encode())),
    )
    bureau, office_head = (
        office.person("city", "bureau"),
        office.person("higashinari", "responsible", HIDDEN["confirmed by"]),
    )
    for person, step in [
        (tanaka, "request_confirmation"),
        (office_head, "confirm"),
        (bureau, "accept"),
        (bureau, "share"),
    ]:
        office.transition(person, report, step)
    return report


def hidden_in(shown: Any) -> list[str]:
    text = shown if isinstance(shown, str) else repr(shown)
    return [place for place, word in HIDDEN.items() if word in text]


def words_of(docx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return " ".join(
            re.sub("<[^>]*>", "", package.read(name).decode("utf-8", "ignore")) for name in package.namelist()
        )


def test_the_own_ward_and_the_city_office_read_the_hidden_words(office: Office) -> None:
    for ward, role in [("higashinari", "ward_office"), ("city", "bureau"), ("city", "auditor")]:
        with office.uow(office.person(ward, role)) as uow:
            document = uow.access(office.shared, Permission.VIEW)
            shown = documents.current_version(uow, document).content_json
            assert set(hidden_in(shown)) == {"reflections", "reporter", "attendee", "presenter", "speaker", "absentee"}
    with office.uow(office.person("city", "bureau")) as uow:
        assert "reflections" in hidden_in(words_of(exporting.as_word(uow, office.shared)[1]))


def test_the_word_file_of_another_ward_holds_no_hidden_word_even_in_its_properties(office: Office) -> None:
    for role in ("coordinator", "responsible", "ward_office"):
        with office.uow(office.person("ikuno", role)) as uow:
            name, docx = exporting.as_word(uow, office.shared)
            shown = words_of(docx)
            assert hidden_in(name + shown) == []
            assert "退院支援" in shown


def test_content_history_and_difference_of_another_ward_hold_no_hidden_word(office: Office) -> None:
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        document = uow.access(office.shared, Permission.VIEW)
        for version in documents.versions(uow, document):
            assert hidden_in([version.content_json, version.comment, version.author_name, version.author_id]) == []
        assert hidden_in([vars(document), [vars(one) for one in attaching.attachments(uow, document)]]) == []
        assert hidden_in(documents.difference(uow, document, 1, 1)) == []
        assert [vars(act) for act in home.acts_of(uow, document)] == []
        assert uow.session.query(Act).all() == []
        assert hidden_in(explaining.who_sees(uow, document)) == []


def test_lists_suggestions_and_counts_of_another_ward_come_from_the_shared_edition(office: Office) -> None:
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        page = finding.list_documents(uow, Filters())
        assert (page.total, [one.edition for one in page.items]) == (1, ["shared"])
        assert hidden_in([vars(one) for one in page.items]) == []
        assert finding.meeting_names(uow, "higashinari", "") == ["病院連絡会"]
        assert finding.counts_of_ward(uow, "higashinari")["kind"] == [("meeting_report", 1)]
        carried = finding.last_of_same_body(uow, "higashinari", "meeting_report")
        assert carried.is_shared_edition


def test_both_ways_to_the_shared_edition_show_the_same_and_neither_the_full_report(office: Office) -> None:
    with office.uow(office.person("ikuno", "coordinator")) as uow:
        by_report = uow.access(office.shared, Permission.VIEW)
        assert uow.access(by_report.id, Permission.VIEW) is by_report
        assert by_report.public_id == office.shared
    with office.uow(office.person("higashinari", "coordinator")) as uow:
        assert uow.access(office.shared, Permission.VIEW).edition == "full"
        with pytest.raises(NotFound):
            uow.access(by_report.id, Permission.VIEW)
