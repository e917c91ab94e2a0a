"""The search screen: what was found and where, how it was read, and what to do when nothing was."""

import shutil

import pytest

from tests.support.browsing import Page
from tests.support.office import Office
from tests.web.conftest import Visit

HOME, NEIGHBOUR = "higashinari", "ikuno"


@pytest.fixture
def full(office: Office) -> Office:
    """An office with reports of two wards, found by the search."""
    office.report(HOME, title="十月の連絡会", held_on="2026-10-15", record="<p>退院支援の試行を始めた。</p>")
    office.report(
        HOME, title="九月の連絡会", held_on="2026-09-10", record="<p>退院支援</p>", decisions=[], items=["イ"]
    )
    office.report(NEIGHBOUR, title="生野の連絡会", state="shared", record="<p>退院支援を共有した。</p>")
    office.report(NEIGHBOUR, title="生野の下書き", record="<p>退院支援の下書き。</p>")
    office.catch_up()
    return office


def titles(page: Page) -> list[str]:
    return [one.text_content() for one in page.find("//ol[@class='hits']//h3/a")]


def chips(page: Page) -> list[str]:
    return [one.text_content().removesuffix("×を外す") for one in page.find("//ul[@class='chips']//a")]


def test_hits_say_where_they_are_from_and_mark_the_words(full: Office, visit: Visit) -> None:
    page = visit(full.person(HOME, "coordinator")).get("/search?q=退院支援&sort=date")
    assert set(titles(page)) == {"十月の連絡会", "九月の連絡会", "生野の連絡会"}
    assert "3件" in page.words
    assert "退院支援" in {one.text_content() for one in page.find("//p[@class='snippet']/mark")}
    assert "生野区" in page.words
    assert "24区共有版" in page.words
    assert "生野の下書き" not in page.text


def test_a_hit_leads_to_the_passage(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    page = tanaka.get("/search?q=退院支援の試行")
    opened = tanaka.get(page.find("//ol[@class='hits']//h3/a/@href")[0])
    assert opened.status == 200
    assert opened.find("//*[@id='hit']") != []


def test_conditions_are_chips_and_stay_when_another_is_taken_off(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    page = tanaka.get("/search?q=退院支援&ward=higashinari&fiscal_year=2026&has_decision=1&from=R8.10.1")
    assert titles(page) == ["十月の連絡会"]
    assert chips(page) == ["東成区", "令和8年度", "決定あり", "令和8年10月1日から", "条件をすべて外す"]
    less = tanaka.get(page.find("//ul[@class='chips']//a[contains(., '決定あり')]/@href")[0])
    assert chips(less) == ["東成区", "令和8年度", "令和8年10月1日から", "条件をすべて外す"]
    assert less.find("//input[@name='ward' and @value='higashinari']/@checked") != []
    everything = tanaka.get(page.find("//ul[@class='chips']//a/@href")[-1])
    assert (chips(everything), len(titles(everything))) == ([], 3)


def test_counts_beside_the_conditions_are_of_what_may_be_seen(full: Office, visit: Visit) -> None:
    page = visit(full.person(HOME, "coordinator")).get("/search?q=退院支援")
    wards = [" ".join(one.text_content().split()) for one in page.find("//fieldset[legend='区']//li")]
    assert wards == ["東成区2", "生野区1"]


def test_a_wrong_date_is_said_and_the_search_goes_on(full: Office, visit: Visit) -> None:
    page = visit(full.person(HOME, "coordinator")).get("/search?q=退院支援&from=令和8年13月1日&to=２０２７年４月１日")
    assert page.status == 200
    assert "月は1〜12で入力してください。この条件は使わずに探しました。" in page.words
    assert len(titles(page)) == 3
    assert page.find("//input[@name='from']/@value") == ["令和8年13月1日"]


def test_dates_the_wrong_way_round_are_exchanged(full: Office, visit: Visit) -> None:
    page = visit(full.person(HOME, "coordinator")).get("/search?q=退院支援&ward=higashinari&from=R8.9.30&to=R8.9.1")
    assert "入れ替えて探しました" in page.words
    assert titles(page) == ["九月の連絡会"]


def test_nothing_found_names_the_condition_that_keeps_everything_back(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    page = tanaka.get("/search?q=退院支援の試行&fiscal_year=2020&ward=higashinari")
    assert "に合う文書はありません。" in page.words
    helps = page.find("//main//a[contains(., '「年度」の条件を外す')]/@href")
    assert "十月の連絡会" in titles(tanaka.get(helps[0]))
    both = tanaka.get("/search?q=退院支援の試行&fiscal_year=2020&ward=suminoe")
    assert both.find("//div[contains(@class, 'section')]//a[contains(., '条件をすべて外す')]") != []


def test_without_words_the_conditions_list(full: Office, visit: Visit) -> None:
    page = visit(full.person(HOME, "coordinator")).get("/search?ward=ikuno")
    assert titles(page) == ["生野の連絡会"]
    assert visit(full.person(HOME, "coordinator")).get("/search").status == 200


def test_nothing_typed_is_ever_an_error(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    for typed in (
        '"',
        "((",
        "-",
        "区:",
        "*",
        "<script>",
        "\x00",
        "AND OR NOT",
        "ア" * 3000,
        "🍵",
        "%",
        "\\",
        "区:なし",
    ):
        assert tanaka.get("/search", query_string={"q": typed, "page": "x"}).status == 200, typed
    for query in ("page=-1", "page=99999", "sort=<b>", "fiscal_year=9999999999999", "item=x&state=y&has_decision=2"):
        assert tanaka.get(f"/search?q=退院&{query}").status == 200, query


def test_without_an_index_the_page_says_what_can_be_done(full: Office, visit: Visit) -> None:
    tanaka = visit(full.person(HOME, "coordinator"))
    tanaka.get("/search?q=退院")
    shutil.rmtree(full.site.settings.index_folder)
    page = tanaka.get("/search?q=退院")
    assert page.status == 503
    assert "書庫の一覧からは、いまも文書を開けます。" in page.words
    assert tanaka.get(f"/{HOME}/").status == 200


def test_a_long_facet_shows_six_values_and_the_rest_on_request(office: Office, visit: Visit) -> None:
    for number in range(9):
        office.report(HOME, body_name=f"会議体{number}")
    office.catch_up()
    page = visit(office.person(HOME, "coordinator")).get("/search?body_name=会議体8")
    facet = "//fieldset[legend='会議体']"
    assert len(page.find(f"{facet}/ul/li")) == 6
    assert page.find(f"{facet}/ul//input[@value='会議体8']/@checked") != []
    assert page.find(f"string({facet}/details/summary)") == list("ほか3件")
