"""Forms from a terminal: the register, and Word templates that are tried and put in force."""

import argparse
import sys
from pathlib import Path
from typing import Any

from portal.cli.acting import acting_as, open_site
from portal.cli.terminal import DONE, FOUND, Parser, add_acting, add_command, print_table
from portal.settings import Settings


def describe(commands: Any) -> None:
    """Add the commands about forms."""
    forms = commands.add_parser("forms", help="様式の一覧、Wordのひな形の確認・登録をする")
    acts = forms.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=Parser)
    listed = add_command(acts, "list", _list, "様式の一覧を表示する")
    listed.add_argument("--year", type=int, default=0, metavar="年度", help="年度（始まる年。初期値はいまの年度）")
    check = add_command(acts, "check", _check, "Wordのひな形の印を確かめる（登録はしない）")
    put = add_command(acts, "put", _put, "Wordのひな形を登録し、--year があれば使い始める")
    put.add_argument("--year", type=int, default=0, metavar="年度", help="使い始める年度（始まる年）")
    put.add_argument("--comment", default="", metavar="メモ", help="どこを直したか")
    add_acting(put, system=False)
    for command in (check, put):
        command.add_argument("file", type=Path, metavar="ファイル")
        command.add_argument(
            "--form", default="form7", metavar="ひな形", help="form7、form8、plain のどれか（初期値 form7）"
        )


def _list(given: argparse.Namespace, _: Settings) -> int:
    from portal.kinds import form_register
    from portal.kinds.calendar import fiscal_year, today

    found = form_register.forms(given.year or fiscal_year(today()))
    rows = [
        (one.full_title, form_register.MADE_BY[one.made_by], one.due.in_words, one.channels_in_words) for one in found
    ]
    print_table(("様式", "作る人", "時期", "出し方"), rows)
    return DONE


def _check(given: argparse.Namespace, _: Settings) -> int:
    from portal.services import templates
    from portal.services.errors import Refused

    if not given.file.is_file():
        raise Refused(f"ファイル「{given.file}」が見つかりません。")
    return _tell(templates.look_at(given.form, given.file))


def _put(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import templates
    from portal.services.errors import Refused

    if not given.file.is_file():
        raise Refused(f"ファイル「{given.file}」が見つかりません。")
    with acting_as(open_site(settings), given) as uow, given.file.open("rb") as file:
        made = templates.upload(uow, given.form, name=given.file.name, source=file, comment=given.comment)
        if given.year:
            templates.put_in_force(uow, made.id, given.year)
        uow.commit()
        print(f"「{made.name}」を登録しました（番号 {made.id}）。")
        return _tell(templates.verdict(uow, made))


def _tell(verdict: Any) -> int:
    for name in verdict.unknown:
        print(f"様式にない名前の印: 《{name}》", file=sys.stderr)
    if verdict.unmarked:
        print(f"印のない項目（《その他の項目》に印刷）: {'、'.join(verdict.unmarked)}")
    return FOUND if verdict.unknown else DONE
