"""Work that outlasts a request, and documents saved together."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from portal.cli.acting import acting_as, open_site
from portal.cli.terminal import DONE, Parser, add_acting, add_command, count, print_table, save_file
from portal.settings import Settings

if TYPE_CHECKING:
    from portal.services.uow import UnitOfWork


def describe(commands: Any) -> None:
    """Add the commands about jobs and packages."""
    pack = add_command(commands, "pack", _pack, "文書や月の提出分を、ひとつのZIP・Word・PDFにまとめる")
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
    pack.add_argument("-o", "--output", default="", metavar="ファイル", help="保存先（- なら標準出力）")
    add_acting(pack, system=False)
    job = commands.add_parser("jobs", help="時間のかかる作業を一覧・取りやめ・実行する")
    acts = job.add_subparsers(title="コマンド", metavar="コマンド", required=True, parser_class=Parser)
    shown = add_command(acts, "list", _jobs_list, "作業を新しい順に一覧にする")
    shown.add_argument("--most", type=count, default=20, metavar="件数", help="表示する件数（初期値20）")
    cancel = add_command(acts, "cancel", _jobs_cancel, "作業を取りやめる。終わったものは一覧から消す")
    cancel.add_argument("id", type=int, metavar="番号")
    for command in (shown, cancel):
        add_acting(command, system=True)
    add_command(acts, "work", _jobs_work, "待っている作業を、サーバーを動かさずに済ませる")


def done_here(uow: "UnitOfWork", job: Any) -> tuple[str, bytes]:
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
    with acting_as(open_site(settings), given) as uow:
        month = None
        if given.month:
            kind = next(one for one in packets.forms() if one.form_number == given.form)
            month = packets.handed_in(uow, kind, packets.read_month(given.month), ward=given.ward)
            if not month.documents:
                raise Refused("この月に提出された文書はありません。")
        chosen = month.documents if month else given.ids
        if given.to == "zip":
            return save_file(given, *done_here(uow, packing.start(uow, chosen, with_files=given.files)))
        wanted = packets.packet_of(month) if month else packets.packet_of_documents(uow, chosen)
        return save_file(given, *done_here(uow, packets.start(uow, wanted, given.to)))


def _jobs_list(given: argparse.Namespace, settings: Settings) -> int:
    from portal.kinds.calendar import write_moment
    from portal.services import jobs

    with acting_as(open_site(settings), given) as uow:
        page = jobs.own_jobs(uow, size=given.most)
        rows = [
            (str(one.id), one.title, jobs.STATES[one.state], f"{one.done}/{one.total}", write_moment(one.created_at))
            for one in page.items
        ]
    print_table(("番号", "作業", "状態", "進み", "頼んだ日時"), rows)
    return DONE


def _jobs_cancel(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import jobs
    from portal.services.errors import NotFound, Refused

    with acting_as(open_site(settings), given) as uow:
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

    site, count = open_site(settings), 0
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
