"""The site the settings name, and as whom a command acts."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal.settings import Settings

if TYPE_CHECKING:
    from portal.security.identity import Reader
    from portal.services.site import Site
    from portal.services.uow import UnitOfWork

OURS = {"portal.sqlite3", "blobs", "index", "secret.key"}
"""What makes a data folder the portal's own."""


HARMLESS = {"lost+found", "demo-accounts.txt", "incoming", "index.lock", "jobs.lock", "pdf", "results"}


class CannotOpen(Exception):
    """The site the settings name cannot be opened; the message says which setting and why."""


def open_site(settings: Settings) -> "Site":
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


def as_portal(site: "Site") -> "UnitOfWork":
    """Return a unit of work of the portal itself."""
    from portal.security.identity import SystemIdentity
    from portal.services.uow import UnitOfWork

    return UnitOfWork(site, SystemIdentity(), name="ポータル")


def acting_as(site: "Site", given: argparse.Namespace) -> "UnitOfWork":
    """Return a unit of work of the person named by --as, or of the portal itself."""
    from portal.services.uow import UnitOfWork

    if not given.acting:
        return as_portal(site)
    with as_portal(site) as uow:
        account = account_named(uow, given.acting)
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


def account_named(uow: "UnitOfWork", login: str) -> Any:
    """Return the account of that name. Raises Refused."""
    from portal.services import accounts
    from portal.services.errors import Refused

    wanted = accounts.normal_login(login)
    for account in accounts.all_accounts(uow):
        if account.login == wanted:
            return account
    raise Refused(f"アカウント「{login}」はありません。")


def role_named(name: str) -> Any:
    """Return the role of that name. Raises Refused naming those there are."""
    from portal.security.identity import ROLE_NAMES, Role
    from portal.services.errors import Refused

    try:
        return Role(name)
    except ValueError:
        known = "、".join(f"{role}（{title}）" for role, title in ROLE_NAMES.items())
        raise Refused(f"「{name}」という役割はありません。使える役割: {known}") from None


def role_name(name: str) -> str:
    """Return what people call a role."""
    from portal.security.identity import ROLE_NAMES, Role

    return ROLE_NAMES[Role(name)]


def catch_up(site: "Site") -> None:
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
