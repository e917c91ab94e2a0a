"""Keeping the index: the worker's loop, a rebuild from nothing, and the comparison with the database."""

import logging
import threading
from collections.abc import Callable, Iterator

import search_index
from portal import catalog
from portal.db.engine import writing
from portal.db.session import ReaderSession
from portal.security.identity import SystemIdentity
from portal.services.site import Site
from search_index.engine import Engine

PAUSE = 0.15
"""Seconds between two looks at the outbox."""
_FEW = 2000  # documents that are done before other processes would have started
Progress = Callable[[int, int], None]
log = logging.getLogger(__name__)


def portal_session(site: Site) -> ReaderSession:
    """Return a writing session of the portal itself, for jobs that serve everybody."""
    return ReaderSession(writing(site.engine), SystemIdentity())


def drain_once(site: Site, index: Engine) -> int:
    """Bring the index up to date; return how many outbox rows were done."""
    with ReaderSession(site.engine, SystemIdentity()) as session:
        if not catalog.waiting(session):
            return 0
    with portal_session(site) as session:
        return catalog.drain(session, index)


def rebuild(site: Site, *, processes: int = 1, progress: Progress | None = None) -> int:
    """Make the index anew from the database, beside the old one, and put it in its place; return its number of entries.

    `progress` is told how many documents are done and how many there are.
    """
    with ReaderSession(site.engine, SystemIdentity()) as session:
        stamp, total = catalog.last_outbox_id(session), catalog.documents(session)
        entries = _Counted(_all_entries(session))
        told = (lambda done: progress(done, total)) if progress else None
        several = processes if total > _FEW else 1
        site.index_home.rebuild(entries, stamp, processes=several, progress=told)
    return entries.count


def _all_entries(session: ReaderSession) -> Iterator[search_index.Entry]:
    yield from catalog.all_entries(session)
    session.rollback()  # what follows takes minutes, and PostgreSQL ends transactions that sleep


class _Counted:
    """Entries on their way into the index, counted as they pass."""

    def __init__(self, entries: Iterator[search_index.Entry]) -> None:
        self.entries, self.count = entries, 0

    def __iter__(self) -> Iterator[search_index.Entry]:
        for entry in self.entries:
            self.count += 1
            yield entry


def open_or_rebuild(site: Site) -> Engine:
    """Open the index for writing; make it anew when it is missing, damaged or of another release."""
    try:
        return site.index_home.open()
    except (search_index.IndexMissing, search_index.IndexDamaged, search_index.IndexOutdated) as problem:
        log.warning("search index is made anew: %s", problem)
        rebuild(site)
        return site.index_home.open()


def work(site: Site, stop: threading.Event) -> None:
    """Drain the outbox until told to stop. A failure is logged and tried again; the outbox keeps what is due."""
    index: Engine | None = None
    while not stop.is_set():
        try:
            index = index or open_or_rebuild(site)
            if drain_once(site, index):
                continue
            index.refresh()  # one system call; an index that was taken away is noticed here and made anew
        except Exception:
            log.exception("index worker: will try again")
            index = None
            stop.wait(2)
        stop.wait(PAUSE)


def compare(site: Site) -> list[str]:
    """Return, in words, every difference between index and database; none means they are equal."""
    index = open_or_rebuild(site)
    with ReaderSession(site.engine, SystemIdentity()) as session:
        expected = {entry.id: search_index.digest(entry) for entry in catalog.all_entries(session)}
    found = index.ids()
    problems = [f"文書{one}が索引にありません。" for one in sorted(expected.keys() - found.keys())]
    problems += [f"索引の文書{one}はデータベースにありません。" for one in sorted(found.keys() - expected.keys())]
    problems += [
        f"文書{one}の索引が古くなっています。"
        for one in sorted(expected.keys() & found.keys())
        if expected[one] != found[one]
    ]
    return problems
