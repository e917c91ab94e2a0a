"""Finding from a terminal: searches, saved ones, related documents, synonyms, lists as files."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal.cli.acting import acting_as, as_portal, catch_up, open_site
from portal.cli.terminal import DONE, FOUND, Parser, add_acting, add_command, add_saving, count, print_table, save_file
from portal.settings import Settings

if TYPE_CHECKING:
    from portal.services.uow import UnitOfWork


def describe(commands: Any) -> None:
    """Add the commands about finding."""
    search = add_command(commands, "search", _search, "文書を検索する")
    search.add_argument("words", nargs="+", metavar="言葉")
    search.add_argument("--ward", action="append", default=[], metavar="区", help="区で絞り込む（繰り返し可）")
    search.add_argument("--kind", action="append", default=[], metavar="種類", help="種類で絞り込む（繰り返し可）")
    search.add_argument("--most", type=count, default=20, metavar="件数", help="表示する件数（初期値20）")
    search.add_argument("--json", action="store_true", help="結果をJSONで表示する")
    search.add_argument(
        "--without", action="append", default=[], metavar="言葉", help="同義語として探さない言葉（繰り返し可）"
    )
    add_saving(search)
    related = add_command(commands, "related", _related, "似た文書と、前年の同じ会議を表示する")
    related.add_argument("id", type=int, metavar="文書ID")
    for command in (search, related):
        add_acting(command, system=True)
    synonyms = commands.add_parser("synonyms", help="検索の同義語を一覧・保存・取り込みする")
    acts = synonyms.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=Parser)
    listed = add_command(acts, "list", _synonyms_list, "同義語のグループを一覧にする")
    listed.add_argument("word", nargs="?", default="", metavar="言葉", help="この言葉を含むグループだけ")
    export = add_command(acts, "export", _synonyms_export, "同義語をCSVに保存する")
    export.add_argument("-o", "--output", default="-", metavar="ファイル", help="保存先（初期値の - は標準出力）")
    take_in = add_command(acts, "import", _synonyms_import, "同義語のCSVを取り込む")
    take_in.add_argument("file", type=Path, metavar="ファイル")
    take_in.add_argument("--comment", required=True, metavar="理由", help="変更の理由")
    take_in.add_argument("--dry-run", action="store_true", help="取り込まずに、何が変わるかだけを表示する")
    searches = commands.add_parser("searches", help="検索を保存・実行・削除する、フィードを作る")
    _describe_search_acts(
        searches.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=Parser)
    )


def _describe_search_acts(acts: Any) -> None:
    add = add_command(acts, "add", _searches_add, "検索を保存する")
    add.add_argument("words", nargs="*", metavar="言葉")
    add.add_argument("--name", required=True, metavar="名前", help="保存する名前")
    add.add_argument("--ward", action="append", default=[], metavar="区", help="区で絞り込む（繰り返し可）")
    add.add_argument("--kind", action="append", default=[], metavar="種類", help="種類で絞り込む（繰り返し可）")
    channels = ("none", "screen", "mail")
    add.add_argument(
        "--notify",
        choices=channels,
        default="none",
        metavar="知らせ方",
        help="none、screen（画面）、mail（画面とメール）",
    )
    show = add_command(acts, "list", _searches_list, "保存した検索を一覧にする")
    run = add_command(acts, "run", _searches_run, "保存した検索を実行する")
    add_saving(run)
    remove = add_command(acts, "remove", _searches_remove, "保存した検索を削除する")
    feed = add_command(acts, "feed", _searches_feed, "フィードのアドレスを作り、一度だけ表示する")
    feed.add_argument("--stop", action="store_true", help="フィードを止める")
    for command in (run, remove, feed):
        command.add_argument("id", type=int, metavar="番号")
    for command in (add, show, run, remove, feed):
        add_acting(command, system=False)


def _search(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import finding, suggesting

    site = open_site(settings)
    catch_up(site)
    filters = finding.Filters(wards=tuple(given.ward), kinds=tuple(given.kind))
    with acting_as(site, given) as uow:
        words = " ".join(given.words)
        if given.csv or given.xlsx:
            from portal.services import lists

            return save_list(given, uow, lists.hits(uow, words, filters, without_words=given.without))
        found = finding.search(uow, words, filters, size=given.most, without_words=given.without)
        if given.json:
            _print_hits_as_json(found, settings)
        else:
            _print_hits(found)
            for one in suggesting.spellings(uow, words, filters, found):
                print(f"\nもしかして: {one.text}（{one.total}件）")
    return DONE if found.total else FOUND


def save_list(given: argparse.Namespace, uow: "UnitOfWork", listing: Any) -> int:
    """Write a list into the file named by --csv or --xlsx, a folder or - included."""
    from portal.services import spreadsheets

    form = "csv" if given.csv else "xlsx"
    content = spreadsheets.write(listing, form)
    uow.audit("list.exported", list=listing.name, format=form, count=min(listing.total, spreadsheets.MOST))
    uow.commit()
    given.output = given.csv or given.xlsx
    save_file(given, listing.file_name(form), content)
    return DONE if listing.total else FOUND


def _searches_list(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import lists, noticing, saved_searches

    with acting_as(open_site(settings), given) as uow:
        found = saved_searches.mine(uow)
        feeds = saved_searches.has_feed(uow, found)
        rows = [
            (
                str(one.id),
                one.name,
                lists.conditions_in_words(one),
                noticing.CHANNELS[one.notify],
                "あり" if one.id in feeds else "",
            )
            for one in found
        ]
    print_table(("番号", "名前", "条件", "新しい文書", "フィード"), rows)
    return DONE


def _searches_add(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import finding, saved_searches

    site = open_site(settings)
    catch_up(site)
    filters = finding.Filters(wards=tuple(given.ward), kinds=tuple(given.kind))
    asked = saved_searches.Conditions(" ".join(given.words), filters)
    with acting_as(site, given) as uow:
        search = saved_searches.save(uow, name=given.name, conditions=asked, notify=given.notify)
        uow.commit()
    print(f"検索「{search.name}」を保存しました（番号 {search.id}）。")
    return DONE


def _searches_run(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import lists, saved_searches

    site = open_site(settings)
    catch_up(site)
    with acting_as(site, given) as uow:
        search = saved_searches.one(uow, given.id)
        if given.csv or given.xlsx:
            return save_list(given, uow, lists.hits_of(uow, search))
        found = saved_searches.run(uow, search)
        _print_hits(found)
    return DONE if found.total else FOUND


def _searches_remove(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import saved_searches

    with acting_as(open_site(settings), given) as uow:
        saved_searches.remove(uow, given.id)
        uow.commit()
    print("保存した検索を削除しました。")
    return DONE


def _searches_feed(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import saved_searches

    with acting_as(open_site(settings), given) as uow:
        secret = "" if given.stop else saved_searches.open_feed(uow, given.id)
        if given.stop:
            saved_searches.close_feed(uow, given.id)
        uow.commit()
    print(f"{settings.address}/feeds/{secret}.atom" if secret else "フィードを止めました。")
    return DONE


def _print_hits(found: Any) -> None:
    from tenants import ward_name

    bold, plain = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    print(f"{found.total}件見つかりました。")
    for hit in found.hits:
        one = hit.document
        day = one.held_on.isoformat() if one.held_on else "日付なし"
        print(f"\n{one.public_id}　{bold}{one.title}{plain}（{ward_name(one.ward_id)}、{day}）")
        text = "".join(f"{bold}{piece.text}{plain}" if piece.marked else piece.text for piece in hit.snippet)
        print(f"  {hit.source.label}: {' '.join(text.split())}")
    for group in found.reading.synonyms:
        if group.others:
            print(f"\n「{group.word}」と合わせて、次の言葉でも探しました: {'、'.join(group.others)}")
    for note in (*found.reading.notes, *found.notes):
        print(f"\n{note}")


def _related(given: argparse.Namespace, settings: Settings) -> int:
    from portal.security.workflows import Permission
    from portal.services import suggesting

    site = open_site(settings)
    catch_up(site)
    with acting_as(site, given) as uow:
        document = uow.access(given.id, Permission.VIEW)
        last = suggesting.same_meeting_last_year(uow, document)
        rows = [("前年の同じ会議", last)] if last else []
        rows += [("似た文書", one) for one in suggesting.similar(uow, document)]
        table = [
            (why, str(one.public_id), one.title, one.held_on.isoformat() if one.held_on else "") for why, one in rows
        ]
    if not table:
        print("似た文書はありません。")
        return FOUND
    print_table(("", "文書ID", "題名", "会議日"), table)
    return DONE


def _synonyms_list(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import synonyms

    with as_portal(open_site(settings)) as uow:
        rows = [
            (one.key, "、".join(one.words), "、".join(one.related), "停止中" if one.off else "使用中")
            for one in synonyms.groups(uow, words=given.word)
        ]
    print_table(("見出し語", "同じ意味のことば", "関連することば", "状態"), rows)
    return DONE if rows else FOUND


def _synonyms_export(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import spreadsheets, synonyms

    with as_portal(open_site(settings)) as uow:
        content = spreadsheets.as_csv(synonyms.listing(uow))
    if given.output == "-":
        sys.stdout.buffer.write(content)
    else:
        Path(given.output).write_bytes(content)
        print(f"{given.output} に保存しました。")
    return DONE


def _synonyms_import(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import synonyms
    from portal.services.errors import Refused

    try:
        text = given.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Refused(f"{given.file} を読めません。UTF-8のCSVファイルを指定してください。") from None
    with as_portal(open_site(settings)) as uow:
        done = synonyms.import_csv(uow, text, comment=given.comment)
        if not given.dry_run:
            uow.commit()
    print(f"追加 {len(done.added)}件、変更 {len(done.changed)}件、同じもの {done.same}件。")
    for problem in done.problems:
        print(problem)
    return FOUND if done.problems else DONE


def _print_hits_as_json(found: Any, settings: Settings) -> None:
    import json

    items = [
        {
            "id": hit.document.public_id,
            "ward": hit.document.ward_id,
            "kind": hit.document.kind_name,
            "title": hit.document.title,
            "held_on": hit.document.held_on.isoformat() if hit.document.held_on else None,
            "snippet": "".join(piece.text for piece in hit.snippet),
            "source": {"name": hit.source.name, "label": hit.source.label},
            "url": f"{settings.address}/documents/{hit.document.public_id}",
        }
        for hit in found.hits
    ]
    print(json.dumps({"total": found.total, "items": items}, ensure_ascii=False, indent=2))
