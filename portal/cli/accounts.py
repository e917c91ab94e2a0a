"""Accounts from a terminal."""

import argparse
import sys
from typing import Any

from portal.cli.acting import account_named, as_portal, open_site, role_name, role_named
from portal.cli.terminal import DONE, Parser, add_command, print_table
from portal.settings import Settings


def describe(commands: Any) -> None:
    """Add the commands about accounts."""
    account = commands.add_parser("account", help="アカウントを登録・一覧・停止する")
    acts = account.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=Parser)
    add = add_command(acts, "add", _account_add, "アカウントを登録する")
    add.add_argument("login", metavar="アカウント名")
    add.add_argument("--name", required=True, metavar="氏名", help="氏名")
    add.add_argument("--profession", default="", metavar="職種", help="職種")
    add.add_argument("--ward", required=True, metavar="区", help="区（higashinari など。健康局は city）")
    add.add_argument("--role", required=True, metavar="役割", help="coordinator、ward_office、bureau など")
    add.add_argument(
        "--password-stdin", action="store_true", help="パスワードを標準入力から読む（なければ作って表示する）"
    )
    add_command(acts, "list", _account_list, "アカウントを一覧にする")
    disable = add_command(acts, "disable", _account_disable, "アカウントを停止する")
    disable.add_argument("login", metavar="アカウント名")


def _account_add(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import accounts

    site = open_site(settings)
    made_up = not given.password_stdin
    password = accounts.made_up_password() if made_up else sys.stdin.readline().rstrip("\r\n")
    with as_portal(site) as uow:
        account = accounts.add_account(
            uow,
            login=given.login,
            name=given.name,
            profession=given.profession,
            password=password,
            roles=[(given.ward, role_named(given.role))],
        )
        account.must_change_password = made_up
        uow.commit()
        print(f"アカウント「{account.login}」を登録しました。")
    if made_up:
        print(f"最初のパスワード: {password}")
        print("本人に渡してください。最初のログインで変更を求められます。")
    return DONE


def _account_list(_: argparse.Namespace, settings: Settings) -> int:
    from portal.services import accounts
    from tenants import ward_name

    with as_portal(open_site(settings)) as uow:
        rows = [
            (
                one.login,
                one.name,
                "、".join(f"{ward_name(held.ward_id)} {role_name(held.role)}" for held in one.memberships),
                "停止中" if one.disabled_at else "利用中",
            )
            for one in accounts.all_accounts(uow)
        ]
    print_table(("アカウント", "氏名", "区と役割", "状態"), rows)
    return DONE


def _account_disable(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import accounts

    with as_portal(open_site(settings)) as uow:
        account = account_named(uow, given.login)
        accounts.disable(uow, account.id)
        uow.commit()
    print(f"アカウント「{account.login}」を停止しました。ログイン中の画面もすぐに使えなくなります。")
    return DONE
