"""Accounts and their roles, for those who administer them."""

from flask import Response, g

import tenants
from portal.security.identity import Role
from portal.services import accounts, lists
from portal.services.errors import NotFound
from portal.web import list_files
from portal.web.api import showing
from portal.web.api.answering import answer, listing, nothing, part
from portal.web.api.describing import FORMAT, TEXT, Answer, described, listed, optional, paging, record, saved
from portal.web.api.shapes import Day, Flag, Many, Secret, Table, Words
from portal.web.api.tokens import ROLES
from portal.web.guard import Needs, needs

bp = part("api_accounts")
NEW_ROLE = Table(
    label="役割",
    of={
        "ward": Words(label="区", required=True, options=lambda: [one.slug for one in tenants.all_tenants()]),
        "role": Words(label="役割", required=True, options=ROLES),
        "ends_on": Day(label="終わりの日"),
    },
    example={"ward": "higashinari", "role": "coordinator"},
)
NEW = Table(
    label="アカウント",
    of={
        "login": Words(label="アカウント名", required=True, least=1, limit=100, example="m.yamada"),
        "name": Words(label="氏名", required=True, least=1, limit=100, example="見本 花子"),
        "profession": Words(label="職種", limit=60, example="看護師"),
        "password": Secret(label="最初のパスワード（省くと作って返す）", limit=600),
        "must_change_password": Flag(label="最初のログインで変えてもらう", default=True),
        "roles": Many(label="役割の一覧", of=NEW_ROLE, most=60),
    },
)
MADE = record(account=showing.ACCOUNT, password=optional(TEXT))
ONE = {200: Answer(showing.ACCOUNT)}


@bp.get("/accounts")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
@described(
    "アカウントの一覧",
    query={"q": Words(label="アカウント名・氏名・職種の一部", limit=100), "ward": Words(label="区", limit=40), **paging(), **FORMAT},
    answers={200: saved(listed(showing.ACCOUNT))},
    problems=(403,),
)  # fmt: skip
def everybody() -> Response:
    """List accounts."""
    asked = g.asked
    if form := list_files.wanted_format():
        return list_files.as_file(lists.people(g.uow, words=asked["q"], ward=asked["ward"]), form)
    found = accounts.find_accounts(g.uow, words=asked["q"], ward=asked["ward"], page=asked["page"], size=asked["size"])
    shown = found.accounts if found.number == asked["page"] else ()
    return listing((showing.account(one) for one in shown), found.total)


@bp.post("/accounts")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
@described(
    "アカウントを作る。パスワードを省くと、本人に渡す最初のパスワードを一度だけ返す",
    body=NEW,
    answers={201: Answer(MADE, "作った", headers={"Location": "アカウントの所在"})},
    problems=(400, 403),
)
def create() -> Response:
    """Make an account with its roles."""
    sent = g.sent
    password = sent["password"] or accounts.made_up_password()
    made = accounts.add_account(
        g.uow,
        login=sent["login"],
        name=sent["name"],
        password=password,
        profession=sent["profession"],
        roles=[],
        first_password=sent["must_change_password"],
    )
    for one in sent["roles"]:
        accounts.add_role(g.uow, made.id, ward=one["ward"], role=Role(one["role"]), ends_on=one["ends_on"])
    g.uow.session.refresh(made, ["memberships"])
    told = {"account": showing.account(made), "password": None if sent["password"] else password}
    return answer(told, 201, Location=f"/api/v1/accounts/{made.id}")


@bp.get("/accounts/<id:account_id>")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
@described("ひとつのアカウント", answers=ONE, problems=(403, 404))
def show(account_id: int) -> Response:
    """Show one account."""
    return answer(showing.account(accounts.one_account(g.uow, account_id)))


@bp.post("/accounts/<id:account_id>/roles")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
@described("役割を与える。すでにあれば終わりの日を変える", body=NEW_ROLE, answers=ONE, problems=(400, 403, 404))
def add_role(account_id: int) -> Response:
    """Give an account a role in a ward."""
    sent = g.sent
    account = accounts.one_account(g.uow, account_id)
    accounts.add_role(g.uow, account_id, ward=sent["ward"], role=Role(sent["role"]), ends_on=sent["ends_on"])
    g.uow.session.refresh(account, ["memberships"])
    return answer(showing.account(account))


@bp.delete("/accounts/<id:account_id>/roles/<ward>/<role>")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
@described("役割を外す。その役割のログインは終わる", answers={204: Answer(told="外した")}, problems=(400, 403, 404))
def remove_role(account_id: int, ward: str, role: str) -> Response:
    """Take a role from an account."""
    if role not in ROLES:
        raise NotFound
    accounts.remove_role(g.uow, account_id, ward=ward, role=Role(role))
    return nothing()


@bp.post("/accounts/<id:account_id>/disable")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
@described("アカウントを停止する。ログインはすべて終わる", answers=ONE, problems=(400, 403, 404))
def disable(account_id: int) -> Response:
    """End an account."""
    accounts.disable(g.uow, account_id)
    return answer(showing.account(accounts.one_account(g.uow, account_id)))


@bp.post("/accounts/<id:account_id>/enable")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
@described("停止したアカウントを再開する", answers=ONE, problems=(403, 404))
def enable(account_id: int) -> Response:
    """Let a disabled account sign in again."""
    accounts.enable(g.uow, account_id)
    return answer(showing.account(accounts.one_account(g.uow, account_id)))


@bp.post("/accounts/<id:account_id>/password")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
@described(
    "パスワードを再発行し、2段階認証を外す。新しいパスワードは一度だけ返す",
    answers={200: Answer(record(password=TEXT))},
    problems=(403, 404),
)
def reset_password(account_id: int) -> Response:
    """Give an account a new first password."""
    return answer({"password": accounts.reset_password(g.uow, account_id)})
