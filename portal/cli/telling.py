"""What the portal tells people by itself: notices, mail, and lists as files."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from portal.cli.acting import acting_as, as_portal, open_site
from portal.cli.searching import save_list
from portal.cli.terminal import DONE, FOUND, add_acting, add_command, add_saving, count
from portal.settings import Settings

if TYPE_CHECKING:
    from portal.services.uow import UnitOfWork


def describe(commands: Any) -> None:
    """Add the commands about notices, mail and lists."""
    told = "、".join(f"{name}（{title}）" for name, title in LISTS.items())
    whole = add_command(commands, "list", _list, "画面の一覧をExcelやCSVのファイルに保存する")
    whole.add_argument("list", choices=tuple(LISTS), metavar="一覧", help=told)
    whole.add_argument("--ward", default="", metavar="区", help="区で絞り込む")
    add_saving(whole, required=True)
    notices = add_command(commands, "notices", _notices, "お知らせを見る")
    notices.add_argument("--all", action="store_true", help="読んだものも表示する")
    notices.add_argument("--read", action="store_true", help="すべて読んだことにする")
    notices.add_argument("--most", type=count, default=50, metavar="件数", help="表示する件数（初期値50）")
    for command in (whole, notices):
        add_acting(command, system=False)
    mail = add_command(commands, "mail", _mail, "お知らせのメールの状態を見る、送る")
    mail.add_argument("--send", action="store_true", help="送る時刻になったものを、いま送る")
    mail.add_argument("--retry", action="store_true", help="送れなかったものも、いまもう一度送る")


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
    with acting_as(open_site(settings), given) as uow:
        return save_list(given, uow, made[given.list](uow))


def _notices(given: argparse.Namespace, settings: Settings) -> int:
    from portal.services import noticing
    from tenants import ward_name

    with acting_as(open_site(settings), given) as uow:
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

    site = open_site(settings)
    if given.retry:
        with as_portal(site) as uow:
            mailing.try_again(uow)
            uow.commit()
    if given.send or given.retry:
        mailing.bundle(site)
        print(f"{mailing.send_due(site)}通のメールを送りました。")
    with as_portal(site) as uow:
        counted, troubled = mailing.standing(uow)
    titles = {"waiting": "送信待ち", "sent": "送信済み", "empty": "送る内容がなくなった", "failed": "送れなかった"}
    print("、".join(f"{titles[state]} {count:,}通" for state, count in counted.items()) or "メールはまだありません。")
    for one in troubled:
        print(f"  {one.created_at:%Y-%m-%d %H:%M}　{titles[one.state]}（{one.tries}回）　{one.trouble}")
    return FOUND if counted.get("failed") else DONE


LISTS = {
    "archive": "区の書庫", "wards": "各区の件数", "waiting": "待っている仕事", "notices": "お知らせ", "searches": "保存した検索",
    "audit": "操作の記録", "people": "利用者",
}  # fmt: skip
