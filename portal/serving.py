"""`portal serve`: granian's web workers, the index worker and the job worker, started together, restarted when one dies,
stopped together.

The parent loads the code once and forks, so that the processes share its memory. It keeps no connection of its own.
"""

import ctypes
import errno
import fcntl
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any

from portal.services import indexing, jobs, messenger
from portal.services.errors import Refused
from portal.services.site import Site
from portal.settings import Settings

KILL_AFTER = 10
"""Seconds a worker gets to finish what it is doing when the server stops."""
BACKGROUND_KILL_AFTER = 3
"""Seconds for the other two: a long rebuild or export is better begun again than waited for, and nothing is lost."""
PAUSE_BEFORE_RESTART = 0.5
_fork = get_context("fork")
log = logging.getLogger(__name__)


def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve the site until SIGTERM or SIGINT; `announce` gets the address once it answers.

    Raises Refused when somebody else listens there already.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    _refuse_taken_port(settings)
    app = _load(settings)
    keepers = [_Keeper(settings, "index-worker", _index_work), _Keeper(settings, "job-worker", _job_work)]
    server = Server(
        "portal",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER,
        websockets=False,
    )
    for keeper in keepers:
        server.on_startup(keeper.start)
    server.on_startup(lambda: threading.Thread(target=_tell, args=(settings, announce), daemon=True).start())
    try:
        server.serve(target_loader=partial(_application, app, os.getpid()), wrap_loader=False)
    finally:
        for keeper in keepers:
            keeper.stopping.set()
        for keeper in keepers:
            keeper.wait()


def _load(settings: Settings) -> Any:
    """Make the application before the workers are forked, so that they share it. No connection crosses the fork."""
    from portal.web.app import create_app

    site = Site.open(settings)
    app = create_app(site)
    site.engine.dispose()
    gc.collect()
    gc.freeze()  # the collector would write into every shared page
    return app


def _application(app: Any, parent: int) -> Any:
    """Return the application in a web worker; called there once."""
    _end_with(parent)
    return app


def _refuse_taken_port(settings: Settings) -> None:
    """The workers bind with SO_REUSEPORT and would share the port with a stranger without a word."""
    try:
        info = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(info[0], info[1]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(info[4])
            probe.listen(1)
    except OSError as failure:
        where = f"PORTAL_HOST={settings.host}、PORTAL_PORT={settings.port}"
        raise Refused(
            f"{where} では待ち受けられません（{in_words(failure)}）。"
            "ほかのプログラムが使っていないか確かめるか、別の値を指定してください。"
        ) from None


_WORDS = {
    errno.EACCES: "権限がありません",
    errno.EPERM: "権限がありません",
    errno.EROFS: "書き込みができない場所です",
    errno.ENOSPC: "空き容量がありません",
    errno.EADDRINUSE: "すでに使われています",
    errno.EADDRNOTAVAIL: "このコンピューターのアドレスではありません",
}


def in_words(failure: OSError) -> str:
    """Return what the system objected to, in Japanese where we know it."""
    if isinstance(failure, socket.gaierror):
        return "その名前のアドレスが見つかりません"
    return _WORDS.get(failure.errno or 0, failure.strerror or str(failure))


def _tell(settings: Settings, announce: Callable[[str], None]) -> None:
    """Wait until a worker answers, then say where."""
    while True:
        try:
            socket.create_connection((settings.reachable_host, settings.port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.02)
    announce(settings.address)


# -- the workers behind the web ---------------------------------------------------------------------------------------

Loop = Callable[[Site, threading.Event], None]


class _Keeper:
    """Runs a worker in a process of its own and starts it again when it dies."""

    def __init__(self, settings: Settings, name: str, loop: Loop) -> None:
        self.settings, self.name, self.loop = settings, name, loop
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._keep, name=f"{name}-keeper")

    def start(self) -> None:
        """Start the worker and the watch over it."""
        self.thread.start()

    def wait(self) -> None:
        """Wait until the worker has ended."""
        if self.thread.is_alive():
            self.thread.join()

    def _keep(self) -> None:
        # One thread forks and waits: the kernel ends a child with the thread that forked it.
        while not self.stopping.is_set():
            process = _fork.Process(
                name=self.name, target=_work, args=(self.settings, os.getpid(), self.name, self.loop)
            )
            process.start()
            while process.is_alive() and not self.stopping.wait(0.1):
                pass
            if self.stopping.is_set():
                _end(process)
            else:
                log.warning("%s ended with code %s and is started again", self.name, process.exitcode)
                self.stopping.wait(PAUSE_BEFORE_RESTART)


def _end(process: Any) -> None:
    process.terminate()
    process.join(BACKGROUND_KILL_AFTER)
    if process.is_alive():
        process.kill()
        process.join()


def _work(settings: Settings, parent: int, name: str, loop: Loop) -> None:
    _end_with(parent)
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the parent says when to end
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    site = Site.open(settings)
    while not stop.is_set():
        with _only_one(settings, LOCKS[name]) as alone:
            if alone:
                loop(site, stop)
        stop.wait(1)


LOCKS = {"index-worker": "index.lock", "job-worker": "jobs.lock"}


def _index_work(site: Site, stop: threading.Event) -> None:
    with site.index_home.alone() as mine:
        if mine:
            with messenger.beside(site, stop):
                indexing.work(site, stop)


def _job_work(site: Site, stop: threading.Event) -> None:
    jobs.work(site, stop, worker_name(site.settings))


def worker_name(settings: Settings) -> str:
    """Return the name of the one job worker this host runs for this site."""
    return f"{socket.gethostname()}:{settings.data}"


def only_index_worker(settings: Settings) -> AbstractContextManager[bool]:
    """Yield True to the one process that may write this site's index, False while another one does."""
    return _only_one(settings, LOCKS["index-worker"])


def only_job_worker(settings: Settings) -> AbstractContextManager[bool]:
    """Yield True to the one process of this host that does this site's jobs, False while another one does."""
    return _only_one(settings, LOCKS["job-worker"])


@contextmanager
def _only_one(settings: Settings, name: str) -> Iterator[bool]:
    """Hold a lock file, which names its process; the kernel lets go of the lock with the process."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.data / name).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            alone = False
        else:
            alone = True
            file.truncate(0)
            print(os.getpid(), file=file, flush=True)
        yield alone


def _end_with(parent: int) -> None:
    """Let the kernel end this process when its parent dies, kill -9 included: no orphan keeps the port or the index."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)
