"""What a terminal shows, and how a command line is read: Japanese words, tables, a bar, files."""

import argparse
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

DONE, FOUND, WRONG_USE = 0, 1, 2


def fail(message: str, code: int) -> int:
    """Say what went wrong and return the exit code."""
    print(message, file=sys.stderr)
    return code


def save_file(given: argparse.Namespace, name: str, content: bytes) -> int:
    """Write a file where the command says, or to standard output."""
    if given.output == "-":
        sys.stdout.buffer.write(content)
        return DONE
    target = Path(given.output or name)
    target = target / name if target.is_dir() else target
    target.write_bytes(content)
    print(f"{target} に保存しました。")
    return DONE


def tell_progress(done: int, total: int) -> None:
    """Say how far a long job is; only to a person who watches."""
    if sys.stderr.isatty():
        print(f"\r{done:,} / {total:,}件", end="\n" if done >= total else "", file=sys.stderr, flush=True)


class Progress:
    """A bar on a terminal, plain lines otherwise; always on stderr, so that stdout holds the answer alone."""

    def __init__(self, label: str, total: int = 0, *, shown: bool = True) -> None:
        self.label, self.total, self.done, self.shown = label, total, 0, shown
        self.bar = sys.stderr.isatty()

    def step(self, message: str) -> None:
        """Note that one more is done."""
        self.done += 1
        if not self.shown:
            return
        if self.bar:
            filled = 30 * self.done // max(self.total, self.done)
            line = f"{self.label} [{'#' * filled}{'.' * (30 - filled)}] {self.done}/{self.total}　{message}"
            print(f"\r\x1b[K{_cut(line, 78)}", end="", file=sys.stderr, flush=True)
        else:
            print(f"{self.done}/{self.total}　{message}", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line of the bar."""
        if self.bar and self.done and self.shown:
            print(file=sys.stderr)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def _cut(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-1]
    return text


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their heads; Japanese letters are two columns wide."""
    widths = [max(_width(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


_IN_JAPANESE = (
    (r"the following arguments are required: (.*)", r"次の指定が必要です: \1"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", r"\1 に \2 は使えません。使えるもの: \3"),
    (r"argument (.*): invalid (?:int|count) value: (.*)", r"\1 は数字で指定してください（いま \2）。"),
    (r"argument (.*): expected one argument", r"\1 の後に値を書いてください。"),
    (r"argument (.*): expected at least one argument", r"\1 の後に値を書いてください。"),
    (r"argument (.*): not allowed with argument (.*)", r"\1 と \2 は一緒に使えません。"),
    (r"argument ([^:]*): ([^a-z]*)", r"\1 は\2"),
    (r"unrecognized arguments: (.*)", r"わからない指定です: \1"),
)


class Parser(argparse.ArgumentParser):
    """argparse whose headings and complaints are Japanese."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"add_help": False, "formatter_class": _Formatter, **more})
        self._positionals.title, self._optionals.title = "対象", "オプション"
        self.add_argument("-h", "--help", action="help", help="この説明を表示する")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the line, and how it is used."""
        for pattern, words in _IN_JAPANESE:
            message = re.sub(pattern, words, message)
        print(f"{message}\n{self.format_usage()}", end="", file=sys.stderr)
        raise SystemExit(WRONG_USE)


class _Formatter(argparse.HelpFormatter):
    def add_usage(
        self, usage: str | None, actions: Iterable[Any], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, "使い方: " if prefix is None else prefix)


def add_command(commands: Any, name: str, run: Callable[..., int], help_text: str) -> Any:
    """Add one command with what runs it."""
    command = commands.add_parser(name, help=help_text, description=help_text)
    command.set_defaults(run=run)
    return command


def share(text: str) -> float:
    """Read a number between 0 and 1."""
    if not 0 <= (number := float(text)) <= 1:
        raise argparse.ArgumentTypeError("0から1までにしてください。")
    return number


def count(text: str) -> int:
    """Read a number between 1 and 1000."""
    if not 1 <= (number := int(text)) <= 1000:
        raise argparse.ArgumentTypeError("1から1000までにしてください。")
    return number


def add_saving(command: Any, *, required: bool = False) -> None:
    """Add where a list is saved."""
    where = command.add_mutually_exclusive_group(required=required)
    where.add_argument("--csv", default="", metavar="ファイル", help="一覧をCSVで保存する（- なら標準出力）")
    where.add_argument("--xlsx", default="", metavar="ファイル", help="一覧をExcelで保存する（- なら標準出力）")


def add_acting(command: Any, *, system: bool) -> None:
    """Add as whom a command acts."""
    who = command.add_mutually_exclusive_group(required=not system)
    who.add_argument("--as", dest="acting", default="", metavar="アカウント名", help="このアカウントの権限で行う")
    if system:
        who.add_argument("--system", action="store_true", help="ポータル自身としてすべてを対象にする（初期値）")
    command.add_argument("--as-ward", default="", metavar="区", help="--as のアカウントが使う区")
    command.add_argument("--as-role", default="", metavar="役割", help="--as のアカウントが使う役割")
