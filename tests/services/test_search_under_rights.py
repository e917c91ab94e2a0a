"""The search finds what the person may see, and neither hit, snippet, count nor facet tells of anything else."""

import io
import shutil
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from portal.models import OutboxEntry
from portal.security.identity import Identity, SystemIdentity
from portal.services import attaching, documents, finding, indexing
from portal.services.errors import SearchRebuilding
from portal.services.finding import Filters, Found, list_documents
from tests.support.office import Office, make_site

SECRET, REMARK, ENCLOSURE, OPEN_FILE = "椿餅三郎", "紫陽花作戦", "白鷺計画書", "朝顔便り"


@pytest.fixture(scope="module", params=["sqlite", "postgres", "postgres-search"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Yield an office, one for all tests of this file: reports of two wards in several states, with names and files."""
    for site in make_site(request.param, tmp_path_factory.mktemp("site"), request):
        made = Office(site)
        made.shared = shared_report(made)
        made.report("higashinari", state="draft", record="<p>退院支援の下書き</p>")
        made.report("ikuno", state="accepted", record="<p>退院支援を生野で</p>")
        made.report("higashinari", state="submitted", kind="training_report", record="<p>退院支援の研修</p>")
        made.catch_up()
        yield made


def shared_report(office: Office) -> int:
    report = office.report(
        "higashinari",
        title="退院支援の会議",
        record="<p>退院支援について話し合った</p>",
        reflections=f"<p>{REMARK}</p>",
        attendees=[{"affiliation": "医師会", "profession": "医師", "name": SECRET}],
        headcount=1,
        headcounts=[],
    )
    tanaka = office.person("higashinari", "coordinator")
    for name, word, shareable in [("区内.txt", ENCLOSURE, False), ("公開.txt", OPEN_FILE, True)]:
        office.do(
            tanaka,
            lambda uow, n=name, w=word, s=shareable: attaching.attach(
                uow, report, name=n, source=io.BytesIO(f"{w}の中身".encode()), shareable=s
            ),
        )
    steps = zip(("request_confirmation", "confirm", "accept", "share"), way(office), strict=True)
    for step, person in steps:
        office.transition(person, report, step)
    return report


def way(office: Office) -> tuple[Identity, ...]:
    bureau = office.person("city", "bureau")
    return office.person("higashinari", "coordinator"), office.person("higashinari", "responsible"), bureau, bureau


def search(office: Office, ward: str, role: str, words: str, **more: object) -> Found:
    with office.uow(office.person(ward, role)) as uow:
        return finding.search(uow, words, Filters(), **more)


def found(office: Office, ward: str, role: str, words: str) -> set[tuple[str, str]]:
    answer = search(office, ward, role, words)
    assert answer.total == len(answer.hits)
    return {(hit.document.ward_id, hit.document.edition) for hit in answer.hits}


def test_each_meets_the_edition_that_is_theirs(office: Office) -> None:
    ours, full, theirs = ("higashinari", "full"), ("higashinari", "full"), ("higashinari", "shared")
    assert found(office, "higashinari", "coordinator", "退院支援") == {ours}
    assert search(office, "higashinari", "coordinator", "退院支援").total == 3
    assert search(office, "higashinari", "ward_office", "退院支援").total == 2
    assert found(office, "ikuno", "coordinator", "退院支援") == {theirs, ("ikuno", "full")}
    assert found(office, "kita", "ward_office", "退院支援") == {theirs}
    assert found(office, "city", "bureau", "退院支援") == {full, ("ikuno", "full")}
    assert search(office, "city", "bureau", "退院支援").total == 3
    assert found(office, "city", "auditor", "退院支援") == {full, ("ikuno", "full")}
    assert search(office, "city", "system_admin", "退院支援").total == 0


@pytest.mark.parametrize("word", [SECRET, REMARK, ENCLOSURE, "見本 花子", "区内.txt"])
def test_a_hidden_word_finds_nothing_for_another_ward(office: Office, word: str) -> None:
    assert search(office, "higashinari", "ward_office", word).total >= 1
    for ward, role in [
        ("kita", "coordinator"),
        ("kita", "ward_office"),
        ("kita", "responsible"),
        ("city", "system_admin"),
    ]:
        answer = search(office, ward, role, f'"{word}"')
        assert (answer.total, list(answer.hits)) == (0, [])
        assert all(count == 0 for values in answer.facets.values() for _, count in values)
        mixed = search(office, ward, role, f"退院支援 {word}")
        assert word not in str([mixed.hits, mixed.facets, mixed.reading.notes])


def test_a_file_that_goes_with_the_shared_edition_is_found_and_said_to_be_a_file(office: Office) -> None:
    (hit,) = search(office, "kita", "coordinator", OPEN_FILE).hits
    assert (hit.source.name, hit.source.label) == ("attachment", "公開.txt")
    assert "".join(piece.text for piece in hit.snippet if piece.marked) == OPEN_FILE
    (hit,) = search(office, "higashinari", "coordinator", ENCLOSURE).hits
    assert hit.source.label == "区内.txt"


def test_snippets_of_another_ward_come_from_the_shared_edition(office: Office) -> None:
    (hit,) = search(office, "kita", "coordinator", "退院支援").hits
    shown = "".join(piece.text for piece in (*hit.title, *hit.snippet))
    assert not any(word in shown for word in (SECRET, REMARK, ENCLOSURE))
    assert any(piece.marked for piece in hit.snippet)


def test_counts_and_facets_are_those_of_what_may_be_seen(office: Office) -> None:
    for ward, role, wards in [
        ("kita", "coordinator", {"higashinari": 1}),
        ("ikuno", "coordinator", {"higashinari": 1, "ikuno": 1}),
        ("higashinari", "coordinator", {"higashinari": 3}),
        ("higashinari", "ward_office", {"higashinari": 2}),
        ("city", "bureau", {"higashinari": 2, "ikuno": 1}),
    ]:
        answer = search(office, ward, role, "退院支援")
        assert {name: count for name, count in answer.facets["ward"] if count} == wards, (ward, role)
        assert answer.total == sum(wards.values())
        with office.uow(office.person(ward, role)) as uow:
            assert list_documents(uow, Filters()).total == answer.total


def test_paging_counts_only_what_may_be_seen(office: Office) -> None:
    first = search(office, "city", "bureau", "退院支援", page=1, size=2)
    second = search(office, "city", "bureau", "退院支援", page=2, size=2)
    assert (first.total, len(first.hits), len(second.hits), first.last) == (3, 2, 1, 2)
    assert not {hit.document.id for hit in first.hits} & {hit.document.id for hit in second.hits}


def test_withdrawing_takes_effect_in_the_search_before_the_index_knows(office: Office) -> None:
    bureau = office.person("city", "bureau")
    office.transition(bureau, office.shared, "unshare")
    try:
        answer = search(office, "kita", "coordinator", "退院支援")
        assert (answer.total, list(answer.hits), answer.lagging) == (0, [], True)
        assert not any(count for values in answer.facets.values() for _, count in values)
        assert search(office, "city", "bureau", "退院支援").total >= 2
        office.catch_up()
        assert search(office, "kita", "coordinator", "退院支援").total == 0
        assert search(office, "city", "bureau", "退院支援").total == 3
    finally:
        office.transition(bureau, office.shared, "share")
        office.catch_up()
    assert found(office, "kita", "coordinator", OPEN_FILE) == {("higashinari", "shared")}


def total(office: Office, ward: str, role: str, word: str) -> int:
    """Count the documents that hold exactly this word."""
    return search(office, ward, role, f'"{word}"').total


def test_what_is_returned_leaves_the_search_of_those_who_lose_sight_of_it(office: Office) -> None:
    report = office.report("joto", state="submitted", record="<p>海鳴り会議</p>")
    office.catch_up()
    assert total(office, "city", "bureau", "海鳴り会議") == 1
    office.transition(office.person("city", "bureau"), report, "return", "直してください")
    assert total(office, "city", "bureau", "海鳴り会議") == 0
    office.catch_up()
    assert total(office, "joto", "coordinator", "海鳴り会議") == 1
    office.do(
        office.person("joto", "coordinator"),
        lambda uow: documents.save_version(uow, report, title="", typed=fields(record="<p>潮騒会議</p>"), base=1),
    )
    office.catch_up()
    assert total(office, "joto", "coordinator", "海鳴り会議") == 0
    assert total(office, "joto", "coordinator", "潮騒会議") == 1


def fields(**changed: object) -> dict[str, object]:
    kind = documents.kind_named("meeting_report")
    return {**kind.example()["fields"], **changed}


def test_a_deleted_report_and_a_removed_file_are_not_found_from_that_moment(office: Office) -> None:
    report, tanaka = office.report("abeno", record="<p>金木犀会議</p>"), office.person("abeno", "coordinator")
    made = office.do(
        tanaka, lambda uow: attaching.attach(uow, report, name="a.txt", source=io.BytesIO("水仙名簿".encode()))
    )
    office.catch_up()
    assert total(office, "abeno", "coordinator", "水仙名簿") == 1
    office.do(tanaka, lambda uow: attaching.remove(uow, made.id))
    assert total(office, "abeno", "coordinator", "水仙名簿") == 0
    office.catch_up()
    assert total(office, "abeno", "coordinator", "水仙名簿") == 0
    assert total(office, "abeno", "coordinator", "金木犀会議") == 1
    office.do(tanaka, lambda uow: documents.delete(uow, report))
    assert total(office, "abeno", "coordinator", "金木犀会議") == 0
    office.catch_up()
    assert total(office, "abeno", "coordinator", "金木犀会議") == 0
    assert indexing.compare(office.site) == []


def test_the_index_made_anew_is_the_index_kept_up(office: Office) -> None:
    assert indexing.compare(office.site) == []
    indexing.rebuild(office.site)
    assert indexing.compare(office.site) == []
    assert search(office, "kita", "coordinator", "退院支援").total == 1
    with office.uow(SystemIdentity()) as uow:
        assert uow.session.query(OutboxEntry).count() == 0


def take_the_index_away(office: Office) -> None:
    if office.site.settings.search == "postgresql":
        with office.site.engine.begin() as connection:
            connection.execute(text("UPDATE search.state SET half = ''"))
    else:
        shutil.rmtree(office.site.settings.index_folder)
        finding._forget_index(office.site)


def test_without_an_index_the_search_says_so_and_everything_else_works(office: Office) -> None:
    take_the_index_away(office)
    with pytest.raises(SearchRebuilding, match="作り直しています"):
        search(office, "kita", "coordinator", "退院支援")
    with office.uow(office.person("kita", "coordinator")) as uow:
        assert list_documents(uow, Filters()).total == 1
    office.report("kita", record="<p>夕凪会議</p>")
    office.catch_up()
    assert found(office, "nishi", "coordinator", "退院支援") == {("higashinari", "shared")}
    assert total(office, "kita", "coordinator", "夕凪会議") == 1


def test_a_worker_killed_between_index_and_database_does_the_same_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index commit comes first; what was not struck off the outbox is done once more and changes nothing."""
    office.report("nishi", record="<p>十六夜会議</p>")
    index = indexing.open_or_rebuild(office.site)
    monkeypatch.setattr("portal.catalog.draining.delete", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        indexing.drain_once(office.site, index)
    monkeypatch.undo()
    index.close()
    assert total(office, "nishi", "coordinator", "十六夜会議") == 1
    office.catch_up()
    assert total(office, "nishi", "coordinator", "十六夜会議") == 1
    assert indexing.compare(office.site) == []
