"""The people who may use the portal, for those who administer accounts.

Every change is tried, taken back and shown as a sentence first; the same form sent again with `sure` makes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import tenants
from portal.kinds.calendar import parse_day, write_day
from portal.models import Account
from portal.security.identity import ROLE_NAMES, Role
from portal.services import accounts, lists
from portal.services.errors import NotFound, Refused
from portal.web import list_files
from portal.web.guard import Needs, needs
from portal.words import t

bp = Blueprint("people", __name__, url_prefix="/admin/people")
ROLE_ROWS = 3
"""How many roles a new account can be given at once; more are added on its page."""


@dataclass(frozen=True)
class Given:
    """One role as it is typed: in which ward, and until when."""

    ward: str
    role: Role
    ends_on: date | None

    @property
    def in_words(self) -> str:
        """The role as people say it."""
        told = t("{place}の{role}", place=tenants.ward_name(self.ward), role=t(ROLE_NAMES[self.role]))
        return told + t("（{day}まで）", day=write_day(self.ends_on)) if self.ends_on else told


@dataclass(frozen=True)
class Change:
    """What is about to be done to somebody, in words, for the page that asks."""

    title: str
    sentences: Sequence[str]
    yes: str
    back: str
    danger: bool = False


@bp.get("")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def listing() -> ResponseReturnValue:
    """List the accounts, narrowed by words and ward."""
    words, ward = request.args.get("q", "").strip()[:100], request.args.get("ward", "")
    ward = ward if tenants.find_ward(ward) else ""
    if form := list_files.wanted_format():
        about = list_files.conditions((), 区=tenants.ward_name(ward) if ward else "", 氏名=words)
        return list_files.as_file(lists.people(g.uow, words=words, ward=ward, about=about), form)
    found = accounts.find_accounts(g.uow, words=words, ward=ward, page=request.args.get("page", 1, type=int))
    return render_template(
        "people.html", here="people", found=found, words=words, ward=ward, tenants=tenants.all_tenants(),
        last=accounts.last_sign_ins(g.uow, [one.id for one in found.accounts]),
        address=lambda number: url_for(".listing", q=words, ward=ward, page=number),
    )  # fmt: skip


@bp.get("/new")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def new() -> str:
    """Ask who the new person is."""
    return _new_page()


@bp.post("/new")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def create() -> ResponseReturnValue:
    """Make an account with a first password, which is shown this once."""
    entered = request.form
    if entered.get("back"):
        return _new_page()
    password = accounts.made_up_password()
    try:
        given = _roles_typed()
        account = accounts.add_account(
            g.uow, login=entered.get("login", ""), name=entered.get("name", ""), password=password, roles=(),
            profession=entered.get("profession", ""), first_password=True,
        )  # fmt: skip
        for one in given:
            accounts.add_role(g.uow, account.id, ward=one.ward, role=one.role, ends_on=one.ends_on)
    except Refused as refused:
        return _new_page(told=str(refused)), 422
    sentences = [
        t("{whom}のアカウントを作ります。", whom=_whom(account)),
        t("役割：{roles}", roles="、".join(one.in_words for one in given)),
        t("最初のパスワードは、次の画面に一度だけ表示します。"),
    ]
    if not _is_sure():
        return _ask(Change("利用者を登録します", sentences, "登録する", url_for(".new")))
    return render_template("people_password.html", here="people", account=account, password=password, made=True)


def _new_page(told: str = "") -> str:
    rows = [
        {name: request.form.get(f"{name}-{number}", "") for name in ("ward", "role", "ends_on")}
        for number in range(ROLE_ROWS)
    ]
    return render_template(
        "people_new.html", here="people", typed=request.form, rows=rows, told=told, roles=ROLE_NAMES,
        tenants=tenants.all_tenants(),
    )  # fmt: skip


@bp.get("/<int:account_id>")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def show(account_id: int) -> str:
    """Show one account with its roles."""
    return _person_page(account_id)


def _person_page(account_id: int, told: str = "") -> str:
    account = accounts.one_account(g.uow, account_id)
    return render_template(
        "people_person.html", here="people", account=account, told=told, typed=request.form, roles=ROLE_NAMES,
        tenants=tenants.all_tenants(), last=accounts.last_sign_ins(g.uow, [account.id]).get(account.id),
    )  # fmt: skip


@bp.post("/<int:account_id>/roles/add")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def add_role(account_id: int) -> ResponseReturnValue:
    """Give a role, or change until when it lasts."""

    def act(account: Account) -> Change:
        given = _role_typed(request.form.get("ward", ""), request.form.get("role", ""), request.form.get("ends_on", ""))
        accounts.add_role(g.uow, account_id, ward=given.ward, role=given.role, ends_on=given.ends_on)
        sentences = [t("{whom}に、{role}の役割を付けます。", whom=_whom(account), role=given.in_words)]
        return Change("役割を付けます", sentences, "役割を付ける", _page_of(account))

    return _change(account_id, act, "役割を付けました。")


@bp.post("/<int:account_id>/roles/remove")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def remove_role(account_id: int) -> ResponseReturnValue:
    """Take a role away."""

    def act(account: Account) -> Change:
        ward, _, role = request.form.get("held", "").partition(":")
        given = _role_typed(ward, role, "")
        accounts.remove_role(g.uow, account_id, ward=given.ward, role=given.role)
        sentences = [
            t("{whom}から、{role}の役割を外します。", whom=_whom(account), role=given.in_words),
            t("この役割で使っている画面は、すぐに使えなくなります。書いた文書は残ります。"),
        ]
        return Change("役割を外します", sentences, "役割を外す", _page_of(account), danger=True)

    return _change(account_id, act, "役割を外しました。")


@bp.post("/<int:account_id>/disable")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def disable(account_id: int) -> ResponseReturnValue:
    """End an account until it is enabled again."""

    def act(account: Account) -> Change:
        accounts.disable(g.uow, account_id)
        sentences = [
            t("{whom}のアカウントを止めます。", whom=_whom(account)),
            t("使っている画面はすぐに使えなくなり、ログインもできません。書いた文書と記録は残り、あとで再開できます。"),
        ]
        return Change("アカウントを止めます", sentences, "アカウントを止める", _page_of(account), danger=True)

    return _change(account_id, act, "アカウントを止めました。")


@bp.post("/<int:account_id>/enable")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def enable(account_id: int) -> ResponseReturnValue:
    """Let a disabled account sign in again."""

    def act(account: Account) -> Change:
        accounts.enable(g.uow, account_id)
        sentences = [t("{whom}が、またログインできるようになります。", whom=_whom(account))]
        return Change("アカウントを再開します", sentences, "アカウントを再開する", _page_of(account))

    return _change(account_id, act, "アカウントを再開しました。")


@bp.post("/<int:account_id>/password")
@needs(Needs.ACCOUNTS_ADMINISTRATOR)
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give a new first password, which is shown this once."""
    account = accounts.one_account(g.uow, account_id)
    password = accounts.reset_password(g.uow, account_id)
    if not _is_sure():
        sentences = [
            t("{whom}のパスワードを新しくし、2段階認証を解除します。", whom=_whom(account)),
            t("使っている画面はすぐに使えなくなります。新しいパスワードは、次の画面に一度だけ表示します。"),
            t("本人からの依頼であることを、電話などで確かめてください。"),
        ]
        return _ask(Change("パスワードを再発行します", sentences, "再発行する", _page_of(account), danger=True))
    return render_template("people_password.html", here="people", account=account, password=password, made=False)


def _change(account_id: int, act: Callable[[Account], Change], told: str) -> ResponseReturnValue:
    """Do an act to an account; without `sure` it is taken back and asked about, and a refusal is told on the page."""
    if request.form.get("back"):
        return _person_page(account_id)
    try:
        change = act(accounts.one_account(g.uow, account_id))
    except NotFound:
        raise
    except Refused as refused:
        g.uow.session.rollback()
        return _person_page(account_id, told=str(refused)), 422
    if not _is_sure():
        return _ask(change)
    flash(t(told), "good")
    return redirect(url_for(".show", account_id=account_id), 303)


def _ask(change: Change) -> ResponseReturnValue:
    """Show what would happen. The act was only tried: nothing of it is kept."""
    g.may_write = False
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return render_template("people_sure.html", here="people", change=change, kept=kept)


def _is_sure() -> bool:
    return request.form.get("sure") == "1"


def _whom(account: Account) -> str:
    return f"{account.name}（{account.login}）"


def _page_of(account: Account) -> str:
    return url_for(".show", account_id=account.id)


def _roles_typed() -> list[Given]:
    rows = [[request.form.get(f"{name}-{n}", "") for name in ("ward", "role", "ends_on")] for n in range(ROLE_ROWS)]
    given = [_role_typed(*row) for row in rows if row[0] or row[1]]
    if not given:
        raise Refused("区と役割を1つ以上選んでください。")
    return given


def _role_typed(ward: str, role: str, ends_on: str) -> Given:
    if not tenants.find_ward(ward) or role not in set(Role):
        raise Refused("区と役割の両方を選んでください。")
    try:
        return Given(ward, Role(role), parse_day(ends_on) if ends_on.strip() else None)
    except ValueError as wrong:
        raise Refused(f"役割の終わりの日：{wrong}") from None
