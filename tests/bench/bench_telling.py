"""What lists as files and saved searches cost, on a demo site: `python -m tests.bench.bench_telling FOLDER` (made by `portal demo`).

Prints CPU time, so that a busy machine says the same.
"""

import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.db.base import now
from portal.models import Account, ChangedDocument
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import indexing, lists, saved_searches, spreadsheets
from portal.services.site import Site
from portal.services.spreadsheets import Listing
from portal.services.uow import UnitOfWork
from portal.settings import Settings

WORDS = ("退院支援", "看取り", "口腔ケア", "ケアマネ", "入院", "連携シート", "認知症", "服薬")
SEARCHES, CHANGED = 50, 50


def took(act: Callable[[], Any]) -> float:
    """Return the CPU seconds of an act."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def files() -> None:
    row = [
        date(2026, 11, 1), "東成区", "第12回 病院連絡会", "会議等報告書（様式7）", "R8-東成-様式7-002", "病院連絡会", "令和8年度", 3, "受付済み",
        "見本 花子", now(), 123,
    ]  # fmt: skip
    for form in spreadsheets.FORMATS:
        before = peak()
        listing = Listing("書庫", lists.DOCUMENT, (row for _ in range(spreadsheets.MOST)), spreadsheets.MOST)
        seconds = took(lambda listing=listing, form=form: spreadsheets.write(listing, form))
        print(f"{spreadsheets.MOST:,} rows as {form}: {seconds:.2f} s, {peak() - before} MB more at the peak")


def searches(site: Site) -> None:
    indexing.open_or_rebuild(site).close()
    with UnitOfWork(site, SystemIdentity()) as uow:
        found = select(Account).where(Account.login == "higashinari-coordinator")
        me = Identity(uow.session.scalars(found).one().id, "higashinari", Role.COORDINATOR)
        uow.session.add_all(ChangedDocument(document_id=number) for number in range(1, CHANGED + 1))
        uow.commit()
    with UnitOfWork(site, me) as uow:
        for number in range(SEARCHES - len(saved_searches.mine(uow))):
            asked = saved_searches.Conditions(f"{WORDS[number % 8]} {WORDS[number // 8 % 8]}")
            saved_searches.save(uow, name=f"見本{number}", conditions=asked, notify="screen")
        uow.commit()
    seconds = took(lambda: saved_searches.look_for_news(site))
    print(f"{SEARCHES} saved searches look at {CHANGED} changed documents: {seconds * 1000 / SEARCHES:.1f} ms each")


if __name__ == "__main__":
    files()
    searches(Site.open(Settings(data=Path(sys.argv[1]))))
