"""Documents as files: Word, PDF, 見え消し, and files that come back."""

import argparse
import sys
from pathlib import Path
from typing import Any

from portal.cli.acting import acting_as, open_site
from portal.cli.jobs import done_here
from portal.cli.terminal import DONE, add_acting, add_command, save_file
from portal.settings import Settings


def describe(commands: Any) -> None:
    """Add the commands about documents as files."""
    export = add_command(commands, "export", _export, "文書をWordファイルかPDFに保存する")
    export.add_argument("--pdf", action="store_true", help="PDFにする（LibreOffice が要る）")
    redline = add_command(commands, "redline", _redline, "ふたつの版の見え消しをWordファイルに保存する")
    redline.add_argument("--from", dest="old", type=int, metavar="版", help="もとの版（初期値は --to のひとつ前）")
    redline.add_argument("--to", dest="new", type=int, metavar="版", help="比べる版（初期値はいまの版）")
    redline.add_argument("--printed", action="store_true", help="変更履歴でなく、取消線と下線を付けた印刷用にする")
    word_in = add_command(commands, "word-in", _word_in, "Wordで直したファイルを文書と比べ、選んだ項目を取り込む")
    word_in.add_argument("id", type=int, metavar="文書ID")
    word_in.add_argument("file", type=Path, metavar="ファイル")
    word_in.add_argument(
        "--take",
        action="append",
        default=[],
        metavar="項目",
        help="取り込む項目の名前（繰り返し可。all で、両方で変わった項目のほかすべて）",
    )
    word_in.add_argument("--comment", default="", metavar="メモ", help="新しい版の説明")
    word_in.add_argument("--json", action="store_true", help="比べた結果をJSONで表示する")
    add_acting(word_in, system=False)
    for command in (export, redline):
        command.add_argument("id", type=int, metavar="文書ID")
        command.add_argument("-o", "--output", default="", metavar="ファイル", help="保存先（- なら標準出力）")
        add_acting(command, system=False)


def _export(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import exporting, printing

    with acting_as(open_site(settings), given) as uow:
        if not given.pdf:
            name, content = exporting.as_word(uow, given.id)
            uow.commit()
            return save_file(given, name, content)
        made = printing.as_pdf(uow, given.id)
        if made is not None:
            uow.commit()
            return save_file(given, made[0], made[1].read_bytes())
        return save_file(given, *done_here(uow, printing.start(uow, given.id)))


def _redline(given: argparse.Namespace, settings: Settings) -> int:
    from portal.security.workflows import Permission
    from portal.services import redlining

    with acting_as(open_site(settings), given) as uow:
        new = given.new or uow.access(given.id, Permission.EXPORT).version_number
        old = given.old or max(1, new - 1)
        style: redlining.Style = "printed" if given.printed else "tracked"
        name, content = redlining.redline(uow, given.id, old=old, new=new, style=style)
        uow.commit()
    return save_file(given, name, content)


def _word_in(given: argparse.Namespace, settings: Settings) -> int:
    """Read an edited Word file; print what it changes, and take over the fields that were named."""
    from portal.services import returning
    from portal.services.errors import Refused

    if not given.file.is_file():
        raise Refused(f"{given.file} というファイルはありません。")
    with acting_as(open_site(settings), given) as uow:
        with given.file.open("rb") as source:
            found = returning.read_file(uow, given.id, name=given.file.name, source=source)
        takeable = [one.name for one in found.offered if not one.problem and not one.disputed]
        chosen = takeable if given.take == ["all"] else given.take
        version = None
        if chosen:
            version = returning.accept(uow, given.id, fields=chosen, base=found.current, comment=given.comment)
        uow.commit()
    _print_returned(found, version, as_json=given.json)
    return DONE


def _print_returned(found: Any, version: Any, *, as_json: bool) -> None:
    import json

    if as_json:
        fields = [
            {"name": one.name, "label": one.label, "before": one.before, "after": one.after, "disputed": one.disputed}
            | {"problem": one.problem, "tracked": [vars(change) for change in one.changes]}
            for one in found.offered
        ]
        whole = {"base_version": found.base, "current_version": found.current, "fields": fields}
        whole |= {"warnings": found.warnings, "version": version.number if version else None}
        print(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    print(f"第{found.base}版から保存したファイルを、いまの第{found.current}版と比べました。")
    for one in found.offered:
        told = one.problem or ("両方で変わりました。" if one.disputed else "")
        print(f"\n{one.label}（{one.name}）{told}\n- {one.before}\n+ {one.after}")
    for warning in found.warnings:
        print(f"注意: {warning}", file=sys.stderr)
    if version:
        print(f"\n第{version.number}版として保存しました。")
    elif not found.offered:
        print("項目の変更は見つかりませんでした。")
    else:
        print("\n取り込むときは --take に項目の名前（すべてなら all）を付けてください。")
