"""The audit trail at the screen: who reads it, what it says, how it is narrowed."""

import pytest

from portal.security.identity import Role
from portal.services import accounts
from tests.support.browsing import Page, Visitor, counting_queries
from tests.support.office import Office
from tests.web.conftest import Visit


def lines(page: Page) -> list[str]:
    return [" ".join(one.text_content().split()) for one in page.find("//tbody/tr")]


@pytest.fixture
def busy(office: Office) -> Office:
    """An office where something has happened."""
    office.person("city", "bureau_admin", name="管理 者")
    tanaka = office.person("higashinari", "coordinator", name="田中 一郎")
    office.report("higashinari", state="submitted", title="東成の報告")
    office.report("ikuno", title="生野の下書き")
    admin = office.person("city", "bureau_admin", name="管理 者")
    office.do(admin, lambda uow: accounts.add_role(uow, tanaka.account_id, ward="kita", role=Role.WARD_OFFICE))
    return office


def test_it_is_for_the_bureau_and_the_auditor(busy: Office, visit: Visit) -> None:
    for ward, role, status in [
        ("city", "bureau", 200), ("city", "bureau_admin", 200), ("city", "auditor", 200), ("city", "system_admin", 403),
        ("higashinari", "coordinator", 403), ("higashinari", "responsible", 403), ("higashinari", "ward_office", 403),
    ]:  # fmt: skip
        page = visit(busy.person(ward, role)).get("/audit")
        assert page.status == status
        if status == 403:
            assert "健康局と監査担当" in page.words
            assert "東成の報告" not in page.text


def test_acts_are_told_in_words_and_titles_only_to_who_may_see_them(busy: Office, visit: Visit) -> None:
    page = visit(busy.person("city", "auditor")).get("/audit")
    told = lines(page)
    assert any("法人確認を依頼する" in line and "東成の報告" in line for line in told)
    assert any("役割の追加・変更" in line and "田中 一郎" in line and "北区 区役所担当" in line for line in told)
    assert any("文書の作成" in line and "生野区の文書" in line for line in told)
    assert "生野の下書き" not in page.text, "a draft is nobody else's to read"
    assert told[0].count("ログイン") == 1
    assert "監査担当" in told[0]


def test_it_is_narrowed_by_ward_person_action_and_day(busy: Office, visit: Visit) -> None:
    visitor = visit(busy.person("city", "bureau"))
    assert {line for line in lines(visitor.get("/audit?ward=ikuno")) if "生野区" not in line} == set()
    assert lines(visitor.get("/audit?action=document."))
    assert all("文書の作成" in line for line in lines(visitor.get("/audit?action=document.created")))
    assert len(lines(visitor.get("/audit?action=document.created"))) == 2
    assert all("管理 者" in line for line in lines(visitor.get("/audit?who=管理")))
    assert lines(visitor.get("/audit?since=2020.1.1&until=令和30年1月1日"))
    empty = visitor.get("/audit?since=令和30年1月1日")
    assert "この条件に合う記録はありません" in empty.words
    assert empty.find("//input[@name='since']")[0].value == "令和30年1月1日"


def test_a_day_that_cannot_be_read_is_told_and_the_list_stays(busy: Office, visit: Visit) -> None:
    page = visit(busy.person("city", "bureau")).get("/audit?since=令和8年13月1日")
    assert "月は1〜12" in page.words
    assert page.find("//input[@name='since']")[0].get("aria-invalid") == "true"
    assert lines(page)


def test_no_question_whatever_is_an_error(busy: Office, visit: Visit) -> None:
    visitor = visit(busy.person("city", "bureau"))
    for odd in [
        "ward=zz", "action=xx", "action=document.%25", "who=%25%25", "who='--", "page=-3", "page=x", "page=99999999999999999999",
        "document=x", "document=-1", "document=99999999999999999999", "since=<script>", "until=9999-12-31", "who=" + "あ" * 3000,
    ]:  # fmt: skip
        page = visitor.get(f"/audit?{odd}")
        assert page.status == 200, odd
        assert "<script>" not in page.text.replace("<script type", "")


def test_it_is_read_by_pages_with_a_constant_number_of_queries(sqlite_office: Office) -> None:
    for _ in range(2):
        sqlite_office.report("higashinari")
    visitor = Visitor.of(sqlite_office, sqlite_office.person("city", "bureau"))
    with counting_queries(sqlite_office.site.engine) as few:
        visitor.get("/audit")
    for _ in range(20):
        sqlite_office.report("ikuno", state="submitted")
    with counting_queries(sqlite_office.site.engine) as many:
        page = visitor.get("/audit")
    assert len(lines(page)) == 50
    assert len(many) == len(few)
    second = visitor.get(page.find("//nav[@class='pager']//a[@rel='next']")[0].get("href"))
    assert 10 < len(lines(second)) < 50
