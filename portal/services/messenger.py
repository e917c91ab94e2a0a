"""The worker's messenger: after the index has taken something in, saved searches look at it; mail goes out when it is due.

Runs in a thread beside the index worker, so that a slow mail server or many searches never keep the index waiting.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from portal.services import mailing, saved_searches
from portal.services.errors import SearchRebuilding
from portal.services.site import Site

EVERY = 30
"""Seconds between two rounds."""
PAUSE = 0.005
"""Seconds left to the index between two searches."""
log = logging.getLogger(__name__)


@contextmanager
def beside(site: Site, stop: threading.Event) -> Iterator[None]:
    """Let the messenger work for as long as the block lasts."""
    ended = threading.Event()
    thread = threading.Thread(target=_work, args=(site, stop, ended), name="messenger", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(mailing.SERVER_SECONDS)


def _work(site: Site, stop: threading.Event, ended: threading.Event) -> None:
    while not ended.wait(EVERY) and not stop.is_set():
        round_once(site, stop)


def round_once(site: Site, stop: threading.Event) -> None:
    """Look for news and send what is due, once. A failure is logged and tried again; nothing that waits is lost."""
    try:
        saved_searches.look_for_news(site, lambda: stop.wait(PAUSE))
    except SearchRebuilding:
        log.info("saved searches wait for the index")
    except Exception:
        log.exception("saved searches: will try again")
    try:
        mailing.bundle(site)
        mailing.send_due(site)
    except Exception:
        log.exception("mail: will try again")
