"""The `portal` command: the portal's services from a terminal. Exit 0 is done, 1 refused or something found, 2 wrong use.

Everything heavy is imported by the command that needs it, so that the command itself starts at once.
"""

import argparse
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from portal.settings import Settings, WrongSetting

if TYPE_CHECKING:
    from portal.security.identity import Reader
    from portal.services.site import Site
    from portal.services.uow import UnitOfWork

DONE, FOUND, WRONG_USE = 0, 1, 2
OURS = {"portal.sqlite3", "blobs", "index", "secret.key"}
"""What makes a data folder the portal's own."""
HARMLESS = {"lost+found", "demo-accounts.txt", "incoming", "index.lock", "jobs.lock", "pdf", "results"}


class CannotOpen(Exception):
    """The site the settings name cannot be opened; the message says which setting and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given, Settings.from_environment()))
    except (WrongSetting, CannotOpen) as wrong:
        return _fail(str(wrong), WRONG_USE)
    except KeyboardInterrupt:
        return _fail("中断しました。", FOUND)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `portal search ... | head` is no failure
        return DONE
    except Exception as failure:
        from portal.kinds import Invalid
        from portal.services.errors import Refused

        if isinstance(failure, Refused | Invalid):
            return _fail(str(failure), FOUND)
        raise


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


# -- commands ---------------------------------------------------------------------------------------------------------


def _serve(_: argparse.Namespace, settings: Settings) -> int:
    import logging

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from portal.serving import serve

    _open(settings).engine.dispose()  # says in words what is wrong with the data, before anything is started
    serve(settings, announce=lambda address: print(f"{address} で利用できます（終了は Ctrl+C）。", flush=True))
    return DONE


def _demo(given: argparse.Namespace, settings: Settings) -> int:
    from portal import demo

    site = _open(settings)
    _catch_up(site)  # an index that is there takes everything once; a missing one would be made from all of it first
    accounts = demo.make(site, small=given.small, progress=_Progress("デモサイト", shown=not given.json))
    _catch_up(site)
    if given.json:
        import json

        print(json.dumps(accounts, ensure_ascii=False, indent=2))
    else:
        from tenants import ward_name

        rows = [(one["account"], one["password"], ward_name(one["ward"]), _role_name(one["role"])) for one in accounts]
        _print_table(("アカウント", "パスワード", "区", "役割"), rows)
    return DONE


def _account_add(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import accounts

    site = _open(settings)
    made_up = not given.password_stdin
    password = accounts.made_up_password() if made_up else sys.stdin.readline().rstrip("\r\n")
    with _as_portal(site) as uow:
        account = accounts.add_account(
            uow,
            login=given.login,
            name=given.name,
            profession=given.profession,
            password=password,
            roles=[(given.ward, _role(given.role))],
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

    with _as_portal(_open(settings)) as uow:
        rows = [
            (
                one.login,
                one.name,
                "、".join(f"{ward_name(held.ward_id)} {_role_name(held.role)}" for held in one.memberships),
                "停止中" if one.disabled_at else "利用中",
            )
            for one in accounts.all_accounts(uow)
        ]
    _print_table(("アカウント", "氏名", "区と役割", "状態"), rows)
    return DONE


def _account_disable(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import accounts

    with _as_portal(_open(settings)) as uow:
        account = _account(uow, given.login)
        accounts.disable(uow, account.id)
        uow.commit()
    print(f"アカウント「{account.login}」を停止しました。ログイン中の画面もすぐに使えなくなります。")
    return DONE


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
    if not given.folder.is_dir():
        raise Refused(f"フォルダー「{given.folder}」が見つかりません。")
    site = _open(settings)
    progress = _Progress("取り込み", total=len(importing.files_of(given.folder)))
    results = []
    with UnitOfWork(site, importing.operator(given.ward), name="フォルダーからの取り込み") as uow:
        for one in importing.import_folder(uow, given.folder, ward=given.ward):
            results.append(one)
            progress.step(f"{one.path.relative_to(given.folder)}　{one.message}")
    progress.end()
    _catch_up(site)
    return _print_summary(given.folder, results)


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


def _search(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import finding, suggesting

    site = _open(settings)
    _catch_up(site)
    filters = finding.Filters(wards=tuple(given.ward), kinds=tuple(given.kind))
    with _acting(site, given) as uow:
        words = " ".join(given.words)
        if given.csv or given.xlsx:
            from portal.services import lists

            return _save_list(given, uow, lists.hits(uow, words, filters, without_words=given.without))
        found = finding.search(uow, words, filters, size=given.most, without_words=given.without)
        if given.json:
            _print_hits_as_json(found, settings)
        else:
            _print_hits(found)
            for one in suggesting.spellings(uow, words, filters, found):
                print(f"\nもしかして: {one.text}（{one.total}件）")
    return DONE if found.total else FOUND


def _save_list(given: argparse.Namespace, uow: "UnitOfWork", listing: Any) -> int:
    """Write a list into the file named by --csv or --xlsx, a folder or - included."""
    from portal.services import spreadsheets

    form = "csv" if given.csv else "xlsx"
    content = spreadsheets.write(listing, form)
    uow.audit("list.exported", list=listing.name, format=form, count=min(listing.total, spreadsheets.MOST))
    uow.commit()
    given.output = given.csv or given.xlsx
    _save(given, listing.file_name(form), content)
    return DONE if listing.total else FOUND


def _list(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import auditing, finding, lists
    from portal.services.errors import Refused
    from tenants import find_ward, ward_name

    if given.ward and find_ward(given.ward) is None:
        raise Refused(f"「{given.ward}」という区はありません。higashinari のように指定してください。")
    wards, about = ((given.ward,), [("区", ward_name(given.ward))]) if given.ward else ((), [])
    made: dict[str, Callable[[UnitOfWork], Any]] = {
        "archive": lambda uow: lists.archive(uow, finding.Filters(wards=wards), about),
        "wards": lists.wards,
        "waiting": lists.waiting,
        "notices": lists.notices,
        "searches": lists.saved_searches,
        "audit": lambda uow: lists.acts(uow, auditing.Filters(ward=given.ward), about),
        "people": lambda uow: lists.people(uow, ward=given.ward, about=about),
    }
    with _acting(_open(settings), given) as uow:
        return _save_list(given, uow, made[given.list](uow))


def _searches_list(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import lists, noticing, saved_searches

    with _acting(_open(settings), given) as uow:
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
    _print_table(("番号", "名前", "条件", "新しい文書", "フィード"), rows)
    return DONE


def _searches_add(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import finding, saved_searches

    site = _open(settings)
    _catch_up(site)
    filters = finding.Filters(wards=tuple(given.ward), kinds=tuple(given.kind))
    asked = saved_searches.Conditions(" ".join(given.words), filters)
    with _acting(site, given) as uow:
        search = saved_searches.save(uow, name=given.name, conditions=asked, notify=given.notify)
        uow.commit()
    print(f"検索「{search.name}」を保存しました（番号 {search.id}）。")
    return DONE


def _searches_run(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import lists, saved_searches

    site = _open(settings)
    _catch_up(site)
    with _acting(site, given) as uow:
        search = saved_searches.one(uow, given.id)
        if given.csv or given.xlsx:
            return _save_list(given, uow, lists.hits_of(uow, search))
        found = saved_searches.run(uow, search)
        _print_hits(found)
    return DONE if found.total else FOUND


def _searches_remove(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import saved_searches

    with _acting(_open(settings), given) as uow:
        saved_searches.remove(uow, given.id)
        uow.commit()
    print("保存した検索を削除しました。")
    return DONE


def _searches_feed(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import saved_searches

    with _acting(_open(settings), given) as uow:
        secret = "" if given.stop else saved_searches.open_feed(uow, given.id)
        if given.stop:
            saved_searches.close_feed(uow, given.id)
        uow.commit()
    print(f"{settings.address}/feeds/{secret}.atom" if secret else "フィードを止めました。")
    return DONE


def _notices(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import noticing
    from tenants import ward_name

    with _acting(_open(settings), given) as uow:
        page = noticing.notices(uow, size=given.most, unread_only=not given.all)
        for one in page.items:
            search = f"「{one.search.name}」" if one.search else ""
            print(f"{one.notice.created_at:%Y-%m-%d}　{one.event.told}{search}")
            print(f"  {one.document.public_id}　{one.document.title}（{ward_name(one.document.ward_id)}）")
        if given.read:
            print(f"{noticing.mark_read(uow)}件のお知らせを、読んだことにしました。")
            uow.commit()
    return DONE if page.items else FOUND


def _mail(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import mailing

    site = _open(settings)
    if given.retry:
        with _as_portal(site) as uow:
            mailing.try_again(uow)
            uow.commit()
    if given.send or given.retry:
        mailing.bundle(site)
        print(f"{mailing.send_due(site)}通のメールを送りました。")
    with _as_portal(site) as uow:
        counted, troubled = mailing.standing(uow)
    titles = {"waiting": "送信待ち", "sent": "送信済み", "empty": "送る内容がなくなった", "failed": "送れなかった"}
    print("、".join(f"{titles[state]} {count:,}通" for state, count in counted.items()) or "メールはまだありません。")
    for one in troubled:
        print(f"  {one.created_at:%Y-%m-%d %H:%M}　{titles[one.state]}（{one.tries}回）　{one.trouble}")
    return FOUND if counted.get("failed") else DONE


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

    site = _open(settings)
    _catch_up(site)
    with _acting(site, given) as uow:
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
    _print_table(("", "文書ID", "題名", "会議日"), table)
    return DONE


def _synonyms_list(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import synonyms

    with _as_portal(_open(settings)) as uow:
        rows = [
            (one.key, "、".join(one.words), "、".join(one.related), "停止中" if one.off else "使用中")
            for one in synonyms.groups(uow, words=given.word)
        ]
    _print_table(("見出し語", "同じ意味のことば", "関連することば", "状態"), rows)
    return DONE if rows else FOUND


def _synonyms_export(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import spreadsheets, synonyms

    with _as_portal(_open(settings)) as uow:
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
    with _as_portal(_open(settings)) as uow:
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


def _export(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import exporting, printing

    with _acting(_open(settings), given) as uow:
        if not given.pdf:
            name, content = exporting.as_word(uow, given.id)
            uow.commit()
            return _save(given, name, content)
        made = printing.as_pdf(uow, given.id)
        if made is not None:
            uow.commit()
            return _save(given, made[0], made[1].read_bytes())
        return _save(given, *_done_here(uow, printing.start(uow, given.id)))


def _done_here(uow: "UnitOfWork", job: Any) -> tuple[str, bytes]:
    """Do a job in this process, with a bar; return file name and bytes of what it made. Raises Refused when it failed."""
    from portal.services import jobs
    from portal.services.errors import Refused

    jobs.do_here(uow, job, worker=f"terminal:{os.getpid()}")
    ended = jobs.find(uow, job.id)
    if ended.state != jobs.DONE:
        raise Refused(ended.message or jobs.STATES[ended.state])
    if ended.message:
        print(ended.message, file=sys.stderr)
    _, path = jobs.open_result(uow, job.id)
    content = path.read_bytes()
    uow.commit()
    return ended.result_name, content


def _pack(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import packets, packing
    from portal.services.errors import Refused
    from tenants import find_ward

    if bool(given.ids) == bool(given.month):
        raise Refused("文書IDを並べるか、--month で月を指定してください。")
    if given.ward and find_ward(given.ward) is None:
        raise Refused(f"「{given.ward}」という区はありません。higashinari のように指定してください。")
    with _acting(_open(settings), given) as uow:
        month = None
        if given.month:
            kind = next(one for one in packets.forms() if one.form_number == given.form)
            month = packets.handed_in(uow, kind, packets.read_month(given.month), ward=given.ward)
            if not month.documents:
                raise Refused("この月に提出された文書はありません。")
        chosen = month.documents if month else given.ids
        if given.to == "zip":
            return _save(given, *_done_here(uow, packing.start(uow, chosen, with_files=given.files)))
        wanted = packets.packet_of(month) if month else packets.packet_of_documents(uow, chosen)
        return _save(given, *_done_here(uow, packets.start(uow, wanted, given.to)))


def _jobs_list(given: argparse.Namespace, settings: Settings) -> int:
    from portal.kinds.calendar import write_moment
    from portal.services import jobs

    with _acting(_open(settings), given) as uow:
        page = jobs.own_jobs(uow, size=given.most)
        rows = [
            (str(one.id), one.title, jobs.STATES[one.state], f"{one.done}/{one.total}", write_moment(one.created_at))
            for one in page.items
        ]
    _print_table(("番号", "作業", "状態", "進み", "頼んだ日時"), rows)
    return DONE


def _jobs_cancel(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import jobs
    from portal.services.errors import NotFound, Refused

    with _acting(_open(settings), given) as uow:
        try:
            job = jobs.cancel(uow, given.id)
        except NotFound:
            raise Refused(f"番号{given.id}の作業はありません。") from None
        uow.commit()
    print(f"作業「{job.title}」を{'取りやめました' if job.cancel_asked else '一覧から消しました'}。")
    return DONE


def _jobs_work(_: argparse.Namespace, settings: Settings) -> int:
    from portal.services import jobs
    from portal.serving import only_job_worker, worker_name

    site, count = _open(settings), 0
    with only_job_worker(settings) as alone:
        if not alone:
            print("作業は、動いているサーバーが進めています。")
            return DONE
        jobs.load()
        jobs.release(site, worker_name(settings))
        while jobs.do_next(site, worker=worker_name(settings)):
            count += 1
    print(f"{count}件の作業をしました。")
    return DONE


def _redline(given: argparse.Namespace, settings: Settings) -> int:
    from portal.security.workflows import Permission
    from portal.services import redlining

    with _acting(_open(settings), given) as uow:
        new = given.new or uow.access(given.id, Permission.EXPORT).version_number
        old = given.old or max(1, new - 1)
        style: redlining.Style = "printed" if given.printed else "tracked"
        name, content = redlining.redline(uow, given.id, old=old, new=new, style=style)
        uow.commit()
    return _save(given, name, content)


def _word_in(given: argparse.Namespace, settings: Settings) -> int:
    """Read an edited Word file; print what it changes, and take over the fields that were named."""
    from portal.services import returning
    from portal.services.errors import Refused

    if not given.file.is_file():
        raise Refused(f"{given.file} というファイルはありません。")
    with _acting(_open(settings), given) as uow:
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


def _save(given: argparse.Namespace, name: str, content: bytes) -> int:
    if given.output == "-":
        sys.stdout.buffer.write(content)
        return DONE
    target = Path(given.output or name)
    target = target / name if target.is_dir() else target
    target.write_bytes(content)
    print(f"{target} に保存しました。")
    return DONE


def _reindex(_: argparse.Namespace, settings: Settings) -> int:
    from portal.services import indexing

    site = _open(settings)
    count = indexing.rebuild(site, processes=min(os.cpu_count() or 1, 4), progress=_tell_progress)
    _catch_up(site)
    print(f"検索の索引を作り直しました（{count:,}件）。")
    return DONE


def _tell_progress(done: int, total: int) -> None:
    """Say how far a long job is; only to a person who watches."""
    if sys.stderr.isatty():
        print(f"\r{done:,} / {total:,}件", end="\n" if done >= total else "", file=sys.stderr, flush=True)


def _check(_: argparse.Namespace, settings: Settings) -> int:
    from portal.services import checking, printing

    site = _open(settings)
    _catch_up(site)
    problems = checking.check(site)
    for problem in problems:
        print(problem)
    print(f"{len(problems):,}件の問題が見つかりました。" if problems else "問題はありません。")
    if not printing.can_print(site):
        print("LibreOfficeがないため、PDFは作れません（Wordでの保存など、ほかのことはできます）。")
    return FOUND if problems else DONE


# -- the site, and who acts -------------------------------------------------------------------------------------------


def _open(settings: Settings) -> "Site":
    """Open the site the settings name. Raises CannotOpen for a folder or database that is not this portal's."""
    import logging

    from sqlalchemy.exc import DatabaseError, OperationalError

    from portal.db.upgrade import NewerDatabase
    from portal.services.site import Site

    logging.getLogger("portal").addHandler(logging.NullHandler())  # an index made anew is no news on a terminal
    _refuse_foreign_folder(settings.data)
    try:
        return Site.open(settings)
    except NewerDatabase:
        raise CannotOpen(
            f"データ（PORTAL_DATA={settings.data}）は、このポータルより新しい版で作られています。"
            "ポータルを新しい版に入れ替えてから実行してください。データには手を加えていません。"
        ) from None
    except (OperationalError, DatabaseError) as failure:
        key = "PORTAL_DATABASE_URL" if settings.database_url else f"PORTAL_DATA（{settings.sqlite_path}）"
        raise CannotOpen(f"{key} のデータベースを開けません: {str(failure.orig).strip().splitlines()[0]}") from failure
    except OSError as failure:
        raise _cannot("に書き込めません", settings.data, failure) from failure


def _cannot(what: str, folder: Path, failure: OSError) -> CannotOpen:
    from portal.serving import in_words

    return CannotOpen(f"PORTAL_DATA={folder} {what}（{in_words(failure)}）。")


def _refuse_foreign_folder(folder: Path) -> None:
    try:
        names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    except OSError as failure:
        raise _cannot("を読めません", folder, failure) from failure
    strange = sorted(name for name in names - HARMLESS if not name.startswith("."))
    if strange and not names & OURS:
        raise CannotOpen(
            f"PORTAL_DATA={folder} には、このポータルのものではないファイルがあります（{strange[0]} など）。"
            "空のフォルダーか、ポータルのデータフォルダーを指定してください。"
        )


def _as_portal(site: "Site") -> "UnitOfWork":
    from portal.security.identity import SystemIdentity
    from portal.services.uow import UnitOfWork

    return UnitOfWork(site, SystemIdentity(), name="ポータル")


def _acting(site: "Site", given: argparse.Namespace) -> "UnitOfWork":
    """Return a unit of work of the person named by --as, or of the portal itself."""
    from portal.services.uow import UnitOfWork

    if not given.acting:
        return _as_portal(site)
    with _as_portal(site) as uow:
        account = _account(uow, given.acting)
        return UnitOfWork(site, _identity(account, given), name=account.name, profession=account.profession)


def _identity(account: Any, given: argparse.Namespace) -> "Reader":
    from portal.kinds.calendar import today
    from portal.security.identity import Identity, Role
    from portal.services.errors import Forbidden

    if account.disabled_at is not None:
        raise Forbidden(f"アカウント「{account.login}」は停止中です。")
    for held in account.memberships:
        live = held.ends_on is None or held.ends_on >= today()
        if live and given.as_ward in ("", held.ward_id) and given.as_role in ("", held.role):
            return Identity(account.id, held.ward_id, Role(held.role))
    raise Forbidden(f"アカウント「{account.login}」は、その区・役割を持っていません。")


def _account(uow: "UnitOfWork", login: str) -> Any:
    from portal.services import accounts
    from portal.services.errors import Refused

    wanted = accounts.normal_login(login)
    for account in accounts.all_accounts(uow):
        if account.login == wanted:
            return account
    raise Refused(f"アカウント「{login}」はありません。")


def _role(name: str) -> Any:
    from portal.security.identity import ROLE_NAMES, Role
    from portal.services.errors import Refused

    try:
        return Role(name)
    except ValueError:
        known = "、".join(f"{role}（{title}）" for role, title in ROLE_NAMES.items())
        raise Refused(f"「{name}」という役割はありません。使える役割: {known}") from None


def _role_name(name: str) -> str:
    from portal.security.identity import ROLE_NAMES, Role

    return ROLE_NAMES[Role(name)]


def _catch_up(site: "Site") -> None:
    """Bring the index up to date, unless a running server's index worker is doing so anyway."""
    from portal.services import indexing
    from portal.serving import only_index_worker

    with only_index_worker(site.settings) as here, site.index_home.alone() as anywhere:
        if here and anywhere:
            index = indexing.open_or_rebuild(site)
            while indexing.drain_once(site, index):
                pass
            index.close()
            return
    _wait_for_worker(site)


def _wait_for_worker(site: "Site", seconds: float = 20) -> None:
    import time

    from portal import catalog
    from portal.security.identity import SystemIdentity
    from portal.services.uow import UnitOfWork

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with UnitOfWork(site, SystemIdentity(), writes=False) as uow:
            if not catalog.waiting(uow.session):
                return
        time.sleep(0.1)
    print("新しい内容の一部は、まだ検索に反映されていません。", file=sys.stderr)


# -- what a terminal shows --------------------------------------------------------------------------------------------


class _Progress:
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


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(_width(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


# -- the words of the command line ------------------------------------------------------------------------------------

_IN_JAPANESE = (
    (r"the following arguments are required: (.*)", r"次の指定が必要です: \1"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", r"\1 に \2 は使えません。使えるもの: \3"),
    (r"argument (.*): invalid (?:int|_count) value: (.*)", r"\1 は数字で指定してください（いま \2）。"),
    (r"argument (.*): expected one argument", r"\1 の後に値を書いてください。"),
    (r"argument (.*): expected at least one argument", r"\1 の後に値を書いてください。"),
    (r"argument (.*): not allowed with argument (.*)", r"\1 と \2 は一緒に使えません。"),
    (r"argument ([^:]*): ([^a-z]*)", r"\1 は\2"),
    (r"unrecognized arguments: (.*)", r"わからない指定です: \1"),
)


class _Parser(argparse.ArgumentParser):
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


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="portal", description="在宅医療・介護連携ポータルの管理コマンド。設定は環境変数 PORTAL_* で行います。"
    )
    commands = parser.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=_Parser)
    _describe_site_commands(commands)
    _describe_account_commands(commands)
    _describe_document_commands(commands)
    _describe_job_commands(commands)
    _describe_notice_commands(commands)
    _describe_synonym_commands(commands)
    return parser


def _command(commands: Any, name: str, run: Callable[..., int], help_text: str) -> Any:
    command = commands.add_parser(name, help=help_text, description=help_text)
    command.set_defaults(run=run)
    return command


def _describe_site_commands(commands: Any) -> None:
    _command(commands, "serve", _serve, "サイトを動かす（Webと検索の索引づくり）")
    demo = _command(commands, "demo", _demo, "架空のデータでデモサイトを作り、アカウントの一覧を表示する")
    demo.add_argument("--json", action="store_true", help="アカウントの一覧だけをJSONで表示する")
    demo.add_argument("--small", action="store_true", help="各区の報告を少なくして、早く作る")
    _command(commands, "reindex", _reindex, "検索の索引を作り直す")
    _command(commands, "check", _check, "データ・添付・索引・記録に食い違いがないか調べる")


def _describe_account_commands(commands: Any) -> None:
    account = commands.add_parser("account", help="アカウントを登録・一覧・停止する")
    acts = account.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=_Parser)
    add = _command(acts, "add", _account_add, "アカウントを登録する")
    add.add_argument("login", metavar="アカウント名")
    add.add_argument("--name", required=True, metavar="氏名", help="氏名")
    add.add_argument("--profession", default="", metavar="職種", help="職種")
    add.add_argument("--ward", required=True, metavar="区", help="区（higashinari など。健康局は city）")
    add.add_argument("--role", required=True, metavar="役割", help="coordinator、ward_office、bureau など")
    add.add_argument(
        "--password-stdin", action="store_true", help="パスワードを標準入力から読む（なければ作って表示する）"
    )
    _command(acts, "list", _account_list, "アカウントを一覧にする")
    disable = _command(acts, "disable", _account_disable, "アカウントを停止する")
    disable.add_argument("login", metavar="アカウント名")


def _describe_document_commands(commands: Any) -> None:
    take_in = _command(commands, "import", _import, "フォルダーのファイルを資料として取り込む")
    take_in.add_argument(
        "folder", type=Path, metavar="フォルダー", help="フォルダー（--dry-run では ZIP ファイルも可）"
    )
    take_in.add_argument("--ward", default="", metavar="区", help="取り込む区（higashinari など）")
    take_in.add_argument("--dry-run", action="store_true", help="取り込まずに、議事録として何が読み取れるかを表示する")
    take_in.add_argument("--json", action="store_true", help="--dry-run の結果をJSONで表示する")
    take_in.add_argument(
        "--confidence",
        type=_share,
        default=0.75,
        metavar="値",
        help="この確からしさ以上の読み取りだけを答えとする（初期値0.75）",
    )
    search = _command(commands, "search", _search, "文書を検索する")
    search.add_argument("words", nargs="+", metavar="言葉")
    search.add_argument("--ward", action="append", default=[], metavar="区", help="区で絞り込む（繰り返し可）")
    search.add_argument("--kind", action="append", default=[], metavar="種類", help="種類で絞り込む（繰り返し可）")
    search.add_argument("--most", type=_count, default=20, metavar="件数", help="表示する件数（初期値20）")
    search.add_argument("--json", action="store_true", help="結果をJSONで表示する")
    search.add_argument(
        "--without", action="append", default=[], metavar="言葉", help="同義語として探さない言葉（繰り返し可）"
    )
    _describe_saving(search)
    related = _command(commands, "related", _related, "似た文書と、前年の同じ会議を表示する")
    related.add_argument("id", type=int, metavar="文書ID")
    for command in (search, related):
        _describe_acting(command, system=True)
    export = _command(commands, "export", _export, "文書をWordファイルかPDFに保存する")
    export.add_argument("--pdf", action="store_true", help="PDFにする（LibreOffice が要る）")
    pack = _command(commands, "pack", _pack, "文書や月の提出分を、ひとつのZIP・Word・PDFにまとめる")
    pack.add_argument("ids", type=int, nargs="*", metavar="文書ID")
    pack.add_argument(
        "--month", default="", metavar="月", help="この月に開催した分の提出された報告（2026-10 のように）"
    )
    pack.add_argument("--ward", default="", metavar="区", help="--month の区（なければ24区すべて）")
    pack.add_argument("--form", type=int, choices=(7, 8), default=7, metavar="様式", help="--month の様式（7 か 8）")
    pack.add_argument(
        "--to", choices=("zip", "docx", "pdf"), default="zip", help="1件ずつのZIPか、ひとつに綴ったWord・PDF"
    )
    pack.add_argument("--files", action="store_true", help="ZIPに添付も入れる")
    redline = _command(commands, "redline", _redline, "ふたつの版の見え消しをWordファイルに保存する")
    redline.add_argument("--from", dest="old", type=int, metavar="版", help="もとの版（初期値は --to のひとつ前）")
    redline.add_argument("--to", dest="new", type=int, metavar="版", help="比べる版（初期値はいまの版）")
    redline.add_argument("--printed", action="store_true", help="変更履歴でなく、取消線と下線を付けた印刷用にする")
    word_in = _command(commands, "word-in", _word_in, "Wordで直したファイルを文書と比べ、選んだ項目を取り込む")
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
    _describe_acting(word_in, system=False)
    for command in (export, redline):
        command.add_argument("id", type=int, metavar="文書ID")
    for command in (export, redline, pack):
        command.add_argument("-o", "--output", default="", metavar="ファイル", help="保存先（- なら標準出力）")
        _describe_acting(command, system=False)


def _describe_job_commands(commands: Any) -> None:
    job = commands.add_parser("jobs", help="時間のかかる作業を一覧・取りやめ・実行する")
    acts = job.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=_Parser)
    shown = _command(acts, "list", _jobs_list, "作業を新しい順に一覧にする")
    shown.add_argument("--most", type=_count, default=20, metavar="件数", help="表示する件数（初期値20）")
    cancel = _command(acts, "cancel", _jobs_cancel, "作業を取りやめる。終わったものは一覧から消す")
    cancel.add_argument("id", type=int, metavar="番号")
    for command in (shown, cancel):
        _describe_acting(command, system=True)
    _command(acts, "work", _jobs_work, "待っている作業を、サーバーを動かさずに済ませる")


def _describe_synonym_commands(commands: Any) -> None:
    synonyms = commands.add_parser("synonyms", help="検索の同義語を一覧・保存・取り込みする")
    acts = synonyms.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=_Parser)
    listed = _command(acts, "list", _synonyms_list, "同義語のグループを一覧にする")
    listed.add_argument("word", nargs="?", default="", metavar="言葉", help="この言葉を含むグループだけ")
    export = _command(acts, "export", _synonyms_export, "同義語をCSVに保存する")
    export.add_argument("-o", "--output", default="-", metavar="ファイル", help="保存先（初期値の - は標準出力）")
    take_in = _command(acts, "import", _synonyms_import, "同義語のCSVを取り込む")
    take_in.add_argument("file", type=Path, metavar="ファイル")
    take_in.add_argument("--comment", required=True, metavar="理由", help="変更の理由")
    take_in.add_argument("--dry-run", action="store_true", help="取り込まずに、何が変わるかだけを表示する")


def _share(text: str) -> float:
    if not 0 <= (number := float(text)) <= 1:
        raise argparse.ArgumentTypeError("0から1までにしてください。")
    return number


def _count(text: str) -> int:
    if not 1 <= (number := int(text)) <= 1000:
        raise argparse.ArgumentTypeError("1から1000までにしてください。")
    return number


LISTS = {
    "archive": "区の書庫", "wards": "各区の件数", "waiting": "待っている仕事", "notices": "お知らせ", "searches": "保存した検索",
    "audit": "操作の記録", "people": "利用者",
}  # fmt: skip


def _describe_notice_commands(commands: Any) -> None:
    told = "、".join(f"{name}（{title}）" for name, title in LISTS.items())
    whole = _command(commands, "list", _list, "画面の一覧をExcelやCSVのファイルに保存する")
    whole.add_argument("list", choices=tuple(LISTS), metavar="一覧", help=told)
    whole.add_argument("--ward", default="", metavar="区", help="区で絞り込む")
    _describe_saving(whole, required=True)
    notices = _command(commands, "notices", _notices, "お知らせを見る")
    notices.add_argument("--all", action="store_true", help="読んだものも表示する")
    notices.add_argument("--read", action="store_true", help="すべて読んだことにする")
    notices.add_argument("--most", type=_count, default=50, metavar="件数", help="表示する件数（初期値50）")
    for command in (whole, notices):
        _describe_acting(command, system=False)
    mail = _command(commands, "mail", _mail, "お知らせのメールの状態を見る、送る")
    mail.add_argument("--send", action="store_true", help="送る時刻になったものを、いま送る")
    mail.add_argument("--retry", action="store_true", help="送れなかったものも、いまもう一度送る")
    searches = commands.add_parser("searches", help="検索を保存・実行・削除する、フィードを作る")
    _describe_search_acts(
        searches.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=_Parser)
    )


def _describe_search_acts(acts: Any) -> None:
    add = _command(acts, "add", _searches_add, "検索を保存する")
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
    show = _command(acts, "list", _searches_list, "保存した検索を一覧にする")
    run = _command(acts, "run", _searches_run, "保存した検索を実行する")
    _describe_saving(run)
    remove = _command(acts, "remove", _searches_remove, "保存した検索を削除する")
    feed = _command(acts, "feed", _searches_feed, "フィードのアドレスを作り、一度だけ表示する")
    feed.add_argument("--stop", action="store_true", help="フィードを止める")
    for command in (run, remove, feed):
        command.add_argument("id", type=int, metavar="番号")
    for command in (add, show, run, remove, feed):
        _describe_acting(command, system=False)


def _describe_saving(command: Any, *, required: bool = False) -> None:
    where = command.add_mutually_exclusive_group(required=required)
    where.add_argument("--csv", default="", metavar="ファイル", help="一覧をCSVで保存する（- なら標準出力）")
    where.add_argument("--xlsx", default="", metavar="ファイル", help="一覧をExcelで保存する（- なら標準出力）")


def _describe_acting(command: Any, *, system: bool) -> None:
    who = command.add_mutually_exclusive_group(required=not system)
    who.add_argument("--as", dest="acting", default="", metavar="アカウント名", help="このアカウントの権限で行う")
    if system:
        who.add_argument("--system", action="store_true", help="ポータル自身としてすべてを対象にする（初期値）")
    command.add_argument("--as-ward", default="", metavar="区", help="--as のアカウントが使う区")
    command.add_argument("--as-role", default="", metavar="役割", help="--as のアカウントが使う役割")


if __name__ == "__main__":
    sys.exit(main())
