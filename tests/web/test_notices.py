"""Notices, their settings and saved searches at the screen."""

from sqlalchemy import select

from portal.models import Notice
from portal.security.identity import Identity, SystemIdentity
from portal.services import noticing, saved_searches
from tests.support.browsing import Page, Visitor, counting_queries
from tests.support.office import Office
from tests.web.conftest import Visit

WARD = "higashinari"


def author(office: Office) -> Identity:
    return office.person(WARD, "coordinator")


def test_the_number_stands_on_every_page_and_a_notice_leads_to_its_document(office: Office, visit: Visit) -> None:
    report = office.report(WARD, state="accepted")
    tanaka = visit(author(office))
    assert "お知らせ2件の未読" in " ".join(tanaka.get("/").tree.xpath("string(//nav)").split())
    page = tanaka.get("/notices")
    assert "未読2件" in page.words
    assert "健康局が受け付けました。" in page.words
    opened = tanaka.get(page.find("//ul[@class='todo']//a")[0].get("href"))
    assert opened.location == f"/documents/{report}"
    assert "未読1件" in tanaka.get("/notices").words
    assert "読んだことにしました" in tanaka.send(page.form("/notices/read")).follow().words
    assert "未読のお知らせはありません" in tanaka.get("/notices").words


def test_a_page_costs_no_query_more_for_its_number(sqlite_office: Office) -> None:
    office = sqlite_office
    tanaka = Visitor.of(office, author(office))

    def queries(path: str) -> int:
        tanaka.get(path)
        with counting_queries(office.site.engine) as seen:
            tanaka.get(path)
        return len([one for one in seen if not one.startswith(("PRAGMA", "BEGIN"))])

    before = queries("/account"), queries("/notices")
    for _ in range(3):
        office.report(WARD, state="accepted")
    # The list's own page loads the documents in one query, however many there are.
    assert (queries("/account"), queries("/notices")) == (before[0], before[1] + 1)


def test_how_one_is_told_is_chosen_in_a_table(office: Office, visit: Visit) -> None:
    tanaka = visit(author(office))
    page = tanaka.get("/notices/settings")
    answer = tanaka.send(page.form("/notices/settings"), accepted="none", address="tanaka@example.jp")
    page = answer.follow()
    assert "保存しました" in page.words
    form = page.form("/notices/settings").fields
    assert (form["accepted"], form["returned"], form["address"]) == (["none"], ["mail"], ["tanaka@example.jp"])
    assert "tanaka@example.jp" in tanaka.get("/account").words


def test_a_wrong_address_is_told_and_what_was_chosen_stays_on_the_page(office: Office, visit: Visit) -> None:
    tanaka = visit(author(office))
    page = tanaka.send(tanaka.get("/notices/settings").form("/notices/settings"), accepted="none", address="tanaka")
    assert page.status == 422
    assert "メールアドレスの形になっていません" in page.words
    assert page.form("/notices/settings").fields["accepted"] == ["none"]
    with office.uow(author(office)) as uow:
        assert noticing.choices(uow)["accepted"] == "screen"


def kept(office: Office, visitor: Visitor, **typed: str) -> Page:
    """Save the search on screen, as a person does below the results."""
    page = visitor.get("/search?q=%E9%80%A3%E7%B5%A1%E4%BC%9A&ward=higashinari&from=R7.4.1&sort=date")
    return visitor.send(page.form("/searches"), **{"name": "連絡会の報告", **typed}).follow()


def test_a_search_is_saved_from_its_results_run_changed_and_deleted(office: Office, visit: Visit) -> None:
    office.report(WARD, state="accepted", title="病院連絡会の報告")
    office.catch_up()
    tanaka = visit(author(office))
    page = kept(office, tanaka, notify="screen")
    assert "検索を保存しました" in page.words
    assert "「連絡会」 東成区 2025-04-01から" in page.words
    results = tanaka.get("/searches/1").follow()
    assert results.heading == "「連絡会」の検索結果"
    assert "病院連絡会の報告" in results.words
    page = tanaka.send(tanaka.get("/searches/1/edit").form("/searches/1"), name="新しい名前", notify="mail").follow()
    assert "新しい名前" in page.words
    page = tanaka.send(tanaka.get("/searches/1/edit").form("/searches/1/delete")).follow()
    assert "保存した検索はありません" in page.words


def test_a_search_without_a_name_is_not_saved_and_says_so(office: Office, visit: Visit) -> None:
    office.report(WARD, state="accepted", title="病院連絡会の報告")
    office.catch_up()
    page = kept(office, visit(author(office)), name="　")
    assert page.heading == "「連絡会」の検索結果"
    assert "検索の名前を入力してください" in page.words


def test_a_feed_address_is_shown_once_and_can_be_stopped(office: Office, visit: Visit) -> None:
    office.report(WARD, state="accepted", title="病院連絡会の報告 <b>&")
    office.catch_up()
    tanaka, reader = visit(author(office)), visit()
    kept(office, tanaka)
    page = tanaka.send(tanaka.get("/searches/1/edit").form("/searches/1/feed"))
    address = page.find("//input[@id='feed-address']/@value")[0]
    path = address.partition("localhost")[2]
    feed = reader.get(path)
    assert feed.status == 200
    assert "病院連絡会の報告 &lt;b&gt;&amp;" in feed.text
    assert "feed-address" not in tanaka.get("/searches/1/edit").text
    assert "フィード：連絡会の報告" in tanaka.get("/account").words
    tanaka.send(tanaka.get("/searches/1/edit").form("/searches/1/feed/close"))
    assert reader.get(path).status == 404


def test_news_of_a_saved_search_are_on_the_list_of_notices(office: Office, visit: Visit) -> None:
    office.report("ikuno")
    office.catch_up()
    tanaka = visit(author(office))
    office.do(
        author(office),
        lambda uow: saved_searches.save(
            uow, name="連絡会", conditions=saved_searches.Conditions("連絡会"), notify="screen"
        ),
    )
    office.report(WARD, title="病院連絡会の報告")
    office.catch_up()
    saved_searches.look_for_news(office.site)
    page = tanaka.get("/notices")
    assert "保存した検索に、新しい文書があります。「連絡会」" in page.words
    assert "病院連絡会の報告" in page.words
    with office.uow(SystemIdentity()) as uow:
        assert [one.event for one in uow.session.scalars(select(Notice))] == ["search"]
