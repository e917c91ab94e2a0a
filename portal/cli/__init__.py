"""The `portal` command: the portal's services from a terminal. Exit 0 is done, 1 refused or something found, 2 wrong use.

Everything heavy is imported by the command that needs it, so that the command itself starts at once.
"""

import os
import sys
from collections.abc import Sequence

from portal.cli import accounts, documents, forms, importing, jobs, searching, site, telling
from portal.cli.acting import CannotOpen
from portal.cli.terminal import DONE, FOUND, WRONG_USE, Parser, fail
from portal.settings import Settings, WrongSetting


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given, Settings.from_environment()))
    except (WrongSetting, CannotOpen) as wrong:
        return fail(str(wrong), WRONG_USE)
    except KeyboardInterrupt:
        return fail("中断しました。", FOUND)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `portal search ... | head` is no failure
        return DONE
    except Exception as failure:
        from portal.kinds import Invalid
        from portal.services.errors import Refused

        if isinstance(failure, Refused | Invalid):
            return fail(str(failure), FOUND)
        raise


def _parser() -> Parser:
    parser = Parser(
        prog="portal", description="在宅医療・介護連携ポータルの管理コマンド。設定は環境変数 PORTAL_* で行います。"
    )
    commands = parser.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=Parser)
    for part in (site, accounts, importing, searching, documents, jobs, forms, telling):
        part.describe(commands)
    return parser
