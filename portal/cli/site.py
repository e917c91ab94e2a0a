"""The site itself: serve it, fill it for a demonstration, rebuild its index, check it."""

import argparse
import os
from typing import Any

from portal.cli.acting import catch_up, open_site, role_name
from portal.cli.terminal import DONE, FOUND, Progress, add_command, print_table, tell_progress
from portal.settings import Settings


def describe(commands: Any) -> None:
    """Add the commands of the site."""
    add_command(commands, "serve", _serve, "サイトを動かす（Webと検索の索引づくり）")
    demo = add_command(commands, "demo", _demo, "架空のデータでデモサイトを作り、アカウントの一覧を表示する")
    demo.add_argument("--json", action="store_true", help="アカウントの一覧だけをJSONで表示する")
    demo.add_argument("--small", action="store_true", help="各区の報告を少なくして、早く作る")
    add_command(commands, "reindex", _reindex, "検索の索引を作り直す")
    add_command(commands, "check", _check, "データ・添付・索引・記録に食い違いがないか調べる")


def _serve(_: argparse.Namespace, settings: Settings) -> int:
    import logging

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from portal.serving import serve

    open_site(settings).engine.dispose()  # says in words what is wrong with the data, before anything is started
    serve(settings, announce=lambda address: print(f"{address} で利用できます（終了は Ctrl+C）。", flush=True))
    return DONE


def _demo(given: argparse.Namespace, settings: Settings) -> int:
    from portal import demo

    site = open_site(settings)
    catch_up(site)  # an index that is there takes everything once; a missing one would be made from all of it first
    accounts = demo.make(site, small=given.small, progress=Progress("デモサイト", shown=not given.json))
    catch_up(site)
    if given.json:
        import json

        print(json.dumps(accounts, ensure_ascii=False, indent=2))
    else:
        from tenants import ward_name

        rows = [(one["account"], one["password"], ward_name(one["ward"]), role_name(one["role"])) for one in accounts]
        print_table(("アカウント", "パスワード", "区", "役割"), rows)
    return DONE


def _reindex(_: argparse.Namespace, settings: Settings) -> int:
    from portal.services import indexing

    site = open_site(settings)
    count = indexing.rebuild(site, processes=min(os.cpu_count() or 1, 4), progress=tell_progress)
    catch_up(site)
    print(f"検索の索引を作り直しました（{count:,}件）。")
    return DONE


def _check(_: argparse.Namespace, settings: Settings) -> int:
    from portal.services import checking, printing

    site = open_site(settings)
    catch_up(site)
    problems = checking.check(site)
    for problem in problems:
        print(problem)
    print(f"{len(problems):,}件の問題が見つかりました。" if problems else "問題はありません。")
    if not printing.can_print(site):
        print("LibreOfficeがないため、PDFは作れません（Wordでの保存など、ほかのことはできます）。")
    return FOUND if problems else DONE
