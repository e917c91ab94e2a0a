"""Administering people at the screen: added, given roles, stopped, given a new password; each asked about and written down."""

import pytest
from sqlalchemy import select

from portal.models import Account, AuditEntry
from portal.security.identity import Identity, SystemIdentity
from tests.support.browsing import Page, Visitor, counting_queries
from tests.support.office import Office
from tests.web.conftest import Visit

TYPED = {
    "name": "山田 花子", "login": "Hanako", "profession": "看護師",
    "ward-0": "higashinari", "role-0": "coordinator",
    "ward-1": "ikuno", "role-1": "ward_office", "ends_on-1": "令和20年3月31日",
}  # fmt: skip


@pytest.fixture
def admin(office: Office, visit: Visit) -> Visitor:
    return visit(office.person("city", "bureau_admin", name="管理 者"))


def add(admin: Visitor, **typed: str) -> Page:
    """Fill in the form for a new person and say yes to the question."""
    page = admin.get("/admin/people/new")
    data = {**TYPED, **typed}
    asked = admin.post(page.form("/admin/people/new").action, data)
    return admin.send(asked.form("/admin/people/new"), sure="1") if asked.status == 200 else asked


def account(office: Office, login: str) -> Account | None:
    with office.uow(SystemIdentity()) as uow:
        found = uow.session.scalars(select(Account).where(Account.login == login)).one_or_none()
        if found:
            _ = [one.role for one in found.memberships]
        return found


def written_down(office: Office) -> list[str]:
    with office.uow(SystemIdentity()) as uow:
        rows = uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        return [row.action for row in rows if row.action.startswith("account.")]


def act(admin: Visitor, person: Identity, path: str, **typed: str) -> Page:
    """Press a button on a person's page and say yes to the question."""
    page = admin.get(f"/admin/people/{person.account_id}")
    asked = admin.send(page.form(f"/admin/people/{person.account_id}/{path}"), **typed)
    return admin.send(asked.form(), sure="1") if asked.status == 200 else asked


def test_a_new_person_gets_several_roles_and_a_first_password(office: Office, visit: Visit, admin: Visitor) -> None:
    page = admin.get("/admin/people/new")
    asked = admin.post(page.form("/admin/people/new").action, TYPED)
    assert "山田 花子（hanako）のアカウントを作ります" in asked.words
    assert "東成区のコーディネーター、生野区の区役所担当（令和20年3月31日" in asked.words
    assert account(office, "hanako") is None, "nothing is made before the yes"
    assert written_down(office) == []
    made = admin.send(asked.form("/admin/people/new"), sure="1")
    password = made.find("//code")[0].text_content()
    found = account(office, "hanako")
    assert found
    assert [(one.ward_id, one.role) for one in found.memberships] == [
        ("higashinari", "coordinator"),
        ("ikuno", "ward_office"),
    ]
    assert written_down(office) == ["account.created", "account.role.added", "account.role.added"]
    begun = visit().sign_in("hanako", password)
    assert begun.location.startswith("/account/password")
    assert password not in admin.get(f"/admin/people/{found.id}").text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": "  "}, "アカウント名と氏名を入力"),
        ({"login": ""}, "アカウント名と氏名を入力"),
        ({"login": "ha nako"}, "空白"),
        ({"ward-0": "", "role-0": "", "ward-1": "", "role-1": ""}, "1つ以上"),
        ({"role-0": ""}, "両方"),
        ({"ward-0": "nowhere"}, "両方"),
        ({"role-0": "root"}, "両方"),
        ({"role-0": "bureau"}, "「東成区」に「健康局担当」という役割はありません"),
        ({"ends_on-1": "令和8年13月1日"}, "月は1〜12"),
        ({"ends_on-1": "平成元年1月8日"}, "今日か今日より後"),
    ],
)
def test_what_cannot_be_made_is_told_and_nothing_typed_is_lost(
    sqlite_office: Office, typed: dict[str, str], told: str
) -> None:
    admin = Visitor.of(sqlite_office, sqlite_office.person("city", "bureau_admin"))
    refused = add(admin, **typed)
    assert refused.status == 422
    assert told in refused.words
    form = refused.form("/admin/people/new")
    for name, value in {**TYPED, **typed}.items():
        if value not in ("nowhere", "root"):
            assert form.fields.get(name, [""]) == [value]
    assert account(sqlite_office, "hanako") is None


def test_a_taken_name_is_told(office: Office, admin: Visitor) -> None:
    assert add(admin).status == 200
    again = add(admin, login="ＨＡＮＡＫＯ")
    assert again.status == 422
    assert "「hanako」はすでに使われています" in again.words


def test_a_name_that_is_a_script_is_only_a_name(office: Office, admin: Visitor) -> None:
    bad = '"><script>alert(1)</script>'
    made = add(admin, name=bad, login="x<b>y", profession=bad)
    found = account(office, "x<b>y")
    assert found
    for page in (
        made,
        admin.get("/admin/people"),
        admin.get(f"/admin/people/{found.id}"),
        admin.get("/audit"),
        admin.get("/admin/people", query_string={"q": bad}),
    ):
        assert not page.find("//main//script | //main//b")
        assert "<script>alert" not in page.text


def test_a_role_is_given_changed_and_taken_away(office: Office, visit: Visit, admin: Visitor) -> None:
    tanaka = office.person("higashinari", "coordinator", name="田中")
    at_work = visit(tanaka)
    given = act(admin, tanaka, "roles/add", ward="ikuno", role="coordinator", ends_on="R20.3.31")
    assert given.status == 303
    assert "役割を付けました" in given.follow().words
    assert "令和20年3月31日" in admin.get(f"/admin/people/{tanaka.account_id}").words
    wrong = act(admin, tanaka, "roles/add", ward="ikuno", role="coordinator", ends_on="いつか")
    assert wrong.status == 422
    assert wrong.find("//input[@name='ends_on']")[0].value == "いつか"
    taken = act(admin, tanaka, "roles/remove", held="higashinari:coordinator")
    assert taken.status == 303
    assert at_work.get("/").location.startswith("/sign-in"), "the sign-in in that role ended at once"
    again = admin.post(f"/admin/people/{tanaka.account_id}/roles/remove", {"held": "higashinari:coordinator"})
    assert again.status == 422
    assert written_down(office) == ["account.role.added", "account.role.removed"]


def test_an_account_is_stopped_and_opened_again(office: Office, visit: Visit, admin: Visitor) -> None:
    tanaka = office.person("higashinari", "coordinator")
    at_work = visit(tanaka)
    page = admin.get(f"/admin/people/{tanaka.account_id}")
    asked = admin.send(page.form(f"/admin/people/{tanaka.account_id}/disable"))
    assert asked.heading == "アカウントを止めます"
    assert at_work.get("/").status == 200, "the question alone does nothing"
    assert admin.send(asked.form(), sure="1").status == 303
    assert at_work.get("/").location.startswith("/sign-in")
    assert visit().sign_in(office.logins[tanaka.account_id]).status == 401
    assert act(admin, tanaka, "enable").status == 303
    assert visit().sign_in(office.logins[tanaka.account_id]).status == 303
    assert written_down(office) == ["account.disabled", "account.enabled"]


def test_a_forgotten_password_is_replaced_once_and_shown_once(office: Office, visit: Visit, admin: Visitor) -> None:
    tanaka = office.person("higashinari", "coordinator")
    at_work = visit(tanaka)
    given = act(admin, tanaka, "password")
    password = given.find("//code")[0].text_content()
    assert at_work.get("/").location.startswith("/sign-in")
    assert visit().sign_in(office.logins[tanaka.account_id]).status == 401
    assert visit().sign_in(office.logins[tanaka.account_id], password).location.startswith("/account/password")
    assert written_down(office) == ["account.password.reset"]


def test_the_last_administrator_stays(office: Office, admin: Visitor) -> None:
    me = office.person("city", "bureau_admin", name="管理 者")
    stopped = act(admin, me, "disable")
    assert stopped.status == 422
    assert "自分のアカウントは停止できません" in stopped.words
    removed = act(admin, me, "roles/remove", held="city:bureau_admin")
    assert removed.status == 422
    assert "管理者が一人もいなくなる" in removed.words
    assert admin.get("/admin/people").status == 200
    assert written_down(office) == []


def test_nobody_else_administers_people(office: Office, visit: Visit) -> None:
    tanaka = office.person("higashinari", "coordinator")
    paths = [
        "/new",
        *(f"/{tanaka.account_id}/{end}" for end in ("roles/add", "roles/remove", "disable", "enable", "password")),
    ]
    for ward, role in [("higashinari", "coordinator"), ("city", "bureau"), ("city", "auditor")]:
        visitor = visit(office.person(ward, role))
        assert visitor.get("/admin/people").status == 403
        assert visitor.get(f"/admin/people/{tanaka.account_id}").status == 403
        for path in paths:
            assert visitor.post(f"/admin/people{path}", {**TYPED, "sure": "1"}).status == 403
        assert "利用者の管理" not in visitor.get("/").text
    assert written_down(office) == []
    assert visit(office.person("city", "system_admin")).get("/admin/people").status == 200


def test_without_its_token_no_form_does_anything(office: Office, admin: Visitor) -> None:
    tanaka = office.person("higashinari", "coordinator")
    for end in ("roles/add", "roles/remove", "disable", "enable", "password"):
        refused = admin.post(f"/admin/people/{tanaka.account_id}/{end}", {"sure": "1"}, token="")
        assert refused.status == 400
        assert "画面を開いてから時間がたったため" in refused.words
    assert written_down(office) == []


def test_whom_nobody_knows_is_not_found(office: Office, admin: Visitor) -> None:
    admin.get("/admin/people")
    for number in (0, 4711, 2**31, 2**63, 10**30):
        assert admin.get(f"/admin/people/{number}").status == 404
        assert admin.post(f"/admin/people/{number}/disable", {"sure": "1"}).status == 404


def test_the_list_is_narrowed_and_paged_with_a_constant_number_of_queries(office: Office, admin: Visitor) -> None:
    office.person("higashinari", "coordinator", name="田中")
    with counting_queries(office.site.engine) as few:
        assert "2人" in admin.get("/admin/people").words
    with office.uow(SystemIdentity()) as uow:
        for number in range(60):
            uow.session.add(Account(login=f"p{number:02}", name=f"人{number}", password_hash="x"))
        uow.commit()
    with counting_queries(office.site.engine) as many:
        page = admin.get("/admin/people")
    assert "62人" in page.words
    assert len(page.find("//tbody/tr")) == 50
    assert len(many) == len(few)
    assert len(admin.get("/admin/people?page=2").find("//tbody/tr")) == 12
    assert "1人" in admin.get("/admin/people?ward=higashinari").words
    assert "田中" in admin.get("/admin/people?q=田").words
    for odd in ("?q=%25", "?q=_", "?ward=zz&page=0", "?page=-1", "?page=x", "?page=99999999999999999999"):
        assert admin.get(f"/admin/people{odd}").status == 200
    assert "この条件に合う利用者はいません" in admin.get("/admin/people?q=%25").words
