"""Files brought in from a terminal."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal.cli.acting import catch_up, open_site
from portal.cli.terminal import DONE, FOUND, Progress, add_command, share
from portal.settings import Settings

if TYPE_CHECKING:
    from portal.services.site import Site
    from portal.services.uow import UnitOfWork


def describe(commands: Any) -> None:
    """Add the command that brings files in."""
    take_in = add_command(
        commands, "import", _import, "過去の会議録を確認待ちに取り込む（--as-files で資料として登録）"
    )
    take_in.add_argument("folder", type=Path, metavar="フォルダー", help="フォルダーかZIPファイル")
    take_in.add_argument("--ward", default="", metavar="区", help="取り込む区（higashinari など）")
    take_in.add_argument("--as-files", action="store_true", help="読み取らずに、ファイルをそのまま資料として登録する")
    take_in.add_argument("--dry-run", action="store_true", help="取り込まずに、議事録として何が読み取れるかを表示する")
    take_in.add_argument("--json", action="store_true", help="--dry-run の結果をJSONで表示する")
    take_in.add_argument(
        "--confidence",
        type=share,
        default=0.75,
        metavar="値",
        help="この確からしさ以上の読み取りだけを答えとする（初期値0.75）",
    )


def _import(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import importing
    from portal.services.errors import Refused
    from portal.services.uow import UnitOfWork
    from tenants import find_ward

    if given.dry_run:
        return _dry_run(given)
    if given.json:
        raise Refused("--json は --dry-run と一緒に指定してください。")
    if not given.ward:
        raise Refused("取り込む区を --ward higashinari のように指定してください。")
    if find_ward(given.ward) is None:
        raise Refused(f"「{given.ward}」という区はありません。higashinari のように指定してください。")
    if not given.folder.is_dir() and (given.as_files or not given.folder.is_file()):
        raise Refused(f"フォルダー「{given.folder}」が見つかりません。")
    site = open_site(settings)
    with UnitOfWork(site, importing.operator(given.ward), name="フォルダーからの取り込み") as uow:
        return _as_files(given, site, uow) if given.as_files else _into_the_queue(given, uow)


def _as_files(given: argparse.Namespace, site: "Site", uow: "UnitOfWork") -> int:
    from portal.services import importing

    progress = Progress("取り込み", total=len(importing.files_of(given.folder)))
    results = []
    for one in importing.import_folder(uow, given.folder, ward=given.ward):
        results.append(one)
        progress.step(f"{one.path.relative_to(given.folder)}　{one.message}")
    progress.end()
    catch_up(site)
    return _print_summary(given.folder, results)


def _into_the_queue(given: argparse.Namespace, uow: "UnitOfWork") -> int:
    """Bring old minutes into the review queue and read them; run again, an interrupted import goes on."""
    from portal.services import old_minutes

    batch = old_minutes.continued(uow, given.folder.name)
    uow.commit()
    for _ in old_minutes.bring_all(uow, batch, given.folder):
        pass
    progress = Progress("読み取り", total=old_minutes.progress(uow, batch).counts.get(old_minutes.WAITING, 0))
    for item in old_minutes.read_here(uow, batch):
        progress.step(f"{item.path}　{old_minutes.STATES[item.state]}")
    progress.end()
    for item in old_minutes.items(uow, batch):
        for told in (item.message, *item.warnings):
            if told:
                print(f"{item.path}　{told}", file=sys.stderr)
    counts = old_minutes.progress(uow, batch).counts
    print("、".join(f"{title} {counts[state]}件" for state, title in old_minutes.STATES.items() if counts.get(state)))
    print("「過去の会議録の取込み」の画面で、一件ずつ確かめて登録してください。")
    return FOUND if counts.get(old_minutes.UNREADABLE) else DONE


def _dry_run(given: argparse.Namespace) -> int:
    """Say what would be read out of a folder or ZIP of old minutes; nothing is brought in and no site is opened."""
    import json

    from portal.services import importing

    kinds: list[str] = []
    for minutes in importing.survey(given.folder):
        if given.json:
            name = json.dumps(minutes.file, ensure_ascii=False)
            answers = json.dumps(importing.as_answers(minutes, given.confidence), ensure_ascii=False)
            print(f"{',' if kinds else '{'}\n{name}: {answers}", end="", flush=True)
        else:
            _print_minutes(minutes, given.confidence)
        kinds.append(minutes.kind_guess)
    if given.json:
        print("\n}" if kinds else "{}")
    unread, read = kinds.count("unreadable"), kinds.count("minutes")
    others = len(kinds) - unread - read
    print(
        f"{len(kinds)}件のうち{read}件を議事録として読み取りました"
        f"（議事録でないもの{others}件、読めなかったもの{unread}件）。取り込みはしていません。",
        file=sys.stderr,
    )
    return DONE


def _print_minutes(minutes: Any, confidence: float) -> None:
    from portal.services.importing import KIND_NAMES

    print(f"{minutes.file}　［{KIND_NAMES[minutes.kind_guess]}］")
    for warning in minutes.warnings:
        print(f"  ※ {warning}")
    for found in minutes.answers(confidence).values():
        said = "、".join(found.value) if isinstance(found.value, list) else found.value.replace("\n", " ")
        print(f"  {found.field}　{said[:120] or 'なし'}　（確からしさ {found.confidence:.2f}・{found.place}）")
    if minutes.not_understood:
        print(f"  読み取れなかった見出し　{'、'.join(minutes.not_understood)[:200]}")


def _print_summary(folder: Path, results: Sequence[Any]) -> int:
    """Say how many files came in, and of each one left out, why."""
    left_out = [one for one in results if one.document_id is None]
    there = [one for one in results if one.document_id is not None and one.message.startswith("すでに")]
    unread = [one for one in results if one not in left_out and one not in there and one.message != "取り込みました。"]
    print(
        f"{len(results)}件のうち{len(results) - len(left_out) - len(there)}件を取り込みました"
        f"（登録済み{len(there)}件、取り込めなかったもの{len(left_out)}件）。"
    )
    if unread:
        print(f"取り込みましたが、本文を検索できないものが{len(unread)}件あります。")
    for one in (*left_out, *unread):
        print(f"  {one.path.relative_to(folder)}　{one.message}")
    return FOUND if left_out else DONE
