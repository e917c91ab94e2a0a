"""What the search offers by itself: completions, もしかして, similar meetings, last year's. Never a word of a hidden document."""

from typing import Any

import pytest

from tests.support.browsing import counting_queries
from tests.support.office import Office
from tests.web.conftest import Visit

HOME, NEIGHBOUR = "higashinari", "ikuno"
HIDDEN = "椿餅三郎"


@pytest.fixture
def full(office: Office) -> Office:
    """Two wards: reports of two years at home, a shared one and a hidden draft next door."""
    for year, title in ((2024, "二年前"), (2025, "前年"), (2026, "今年")):
        for month in (6, 11):
            office.report(
                HOME,
                title=f"{title}{month}月の連絡会",
                body_name="病院連絡会",
                held_on=f"{year}-{month:02}-10",
                record="<p>退院支援の申し送りと薬の管理を話し合った。</p>",
            )
    office.report(
        HOME, title="別の会議", body_name="地域ケア会議", record="<p>飲み残しを減らす服薬カレンダーの試行を決めた。</p>"
    )
    office.report(
        NEIGHBOUR,
        title="生野の連絡会",
        state="shared",
        record="<p>退院支援と、飲み残しを減らす服薬カレンダーの試行。</p>",
    )
    office.report(
        NEIGHBOUR,
        title=f"{HIDDEN}の会議",
        body_name="病院連絡会",
        record=f"<p>{HIDDEN} 飲み残しを減らす服薬カレンダーの試行</p>",
    )
    office.catch_up()
    return office


def suggested(visitor: Any, typed: str) -> list[dict[str, str]]:
    return list(visitor.get(f"/search/suggestions?q={typed}").response.get_json()["items"])


def test_the_box_completes_words_and_leads_to_titles(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    assert "退院支援" in [one["value"] for one in suggested(tanaka, "たいいん")]
    titles = [one for one in suggested(tanaka, "今年11月") if "url" in one]
    assert [one["label"] for one in titles] == ["今年11月の連絡会"]
    assert "東成区" in titles[0]["note"]
    assert tanaka.get(titles[0]["url"]).status == 200
    assert suggested(tanaka, "") == []


def test_nothing_is_offered_of_what_is_hidden(full: Office, visit: Visit) -> None:
    suzuki, tanaka = visit(full.person(NEIGHBOUR, "coordinator")), visit(full.person(HOME, "coordinator"))
    for typed in ("椿", "椿餅", "つばき", HIDDEN[:3]):
        assert [one["value"] for one in suggested(suzuki, typed)] != [], typed
        assert suggested(tanaka, typed) == []
    assert HIDDEN in suzuki.get("/search?q=椿餅四郎").words
    told = tanaka.get("/search?q=椿餅四郎")
    assert HIDDEN not in told.text
    assert "もしかして" not in told.words


def test_a_right_that_was_taken_away_is_felt_at_once(full: Office, visit: Visit) -> None:
    bureau, tanaka = full.person("city", "bureau"), visit(full.person(HOME, "coordinator"))
    assert [one["label"] for one in suggested(tanaka, "生野の") if "url" in one] == ["生野の連絡会"]
    (report,) = [
        hit.get("href").split("/")[2].split("?")[0]
        for hit in visit(bureau).get("/search?q=生野の連絡会&ward=ikuno").find("//h3/a")
    ]
    full.transition(bureau, int(report), "unshare")  # the index has not heard of it yet
    assert suggested(tanaka, "生野の") == []


def test_a_mistyped_search_leads_to_what_was_meant(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    page = tanaka.get("/search?q=退院四縁&ward=higashinari")
    (link,) = page.find("//p[@class='meant']/a")
    assert link.text_content() == "退院支援"
    assert "（7件）" in page.words
    found = tanaka.get(link.get("href"))
    assert "7件" in found.words
    assert "もしかして" not in found.words


def test_nothing_found_says_what_was_tried_and_whom_to_ask(full: Office, visit: Visit) -> None:
    page = visit(full.person(HOME, "coordinator")).get("/search?q=zzz&has_issue=0")
    for words in ("異体字", "大阪市健康局", "06-"):
        assert words in page.words


def test_open_issues_and_attendees_narrow_a_search(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    page = tanaka.get("/search?q=連絡会")
    assert page.find("//fieldset[legend='課題']//input[@name='has_issue']") != []
    assert "1件" not in tanaka.get("/search?q=連絡会&attendees_only=1").find("//p[@class='lead']")[0].text_content()
    assert tanaka.get("/search?q=見本&attendees_only=1").find("//ol[@class='hits']/li") != []


def test_a_document_leads_to_the_same_meeting_of_last_year(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    address = tanaka.get("/search?q=今年11月の連絡会").find("//ol[@class='hits']//h3/a/@href")[0].split("?")[0]
    page = tanaka.get(address)
    assert [one.text_content() for one in page.find("//section[@aria-labelledby='last-year']//a")] == [
        "前年11月の連絡会"
    ]
    (last,) = page.find("//section[@aria-labelledby='last-year']//a/@href")
    (before,) = tanaka.get(last).find("//section[@aria-labelledby='last-year']//a/@href")
    assert tanaka.get(before).find("//section[@aria-labelledby='last-year']") == []


def test_similar_meetings_are_a_part_that_the_page_asks_for(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    address = tanaka.get("/search?q=題名:別の会議").find("//ol[@class='hits']//h3/a/@href")[0].split("?")[0]
    page = tanaka.get(address)
    (link,) = page.find("//poll-fragment[@id='related']//a/@href")
    part = tanaka.get(link, headers={"X-Fragment": "related"})
    assert part.response.headers["X-Fragment"] == "related"
    assert "生野の連絡会" in part.words
    assert HIDDEN not in part.text
    whole = tanaka.get(link)
    assert "似た会議" in whole.words
    assert HIDDEN not in whole.text
    with counting_queries(full.site.engine) as seen:
        tanaka.get(link)
    assert len(seen) <= 6
