"""`portal serve`: granian's web workers and the index worker, started together, restarted when one dies, stopped together.

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
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any

from portal.services import indexing
from portal.services.errors import Refused
from portal.services.site import Site
from portal.settings import Settings

KILL_AFTER = 10
"""Seconds a worker gets to finish what it is doing when the server stops."""
INDEX_WORKER_KILL_AFTER = 3
"""Seconds for the index worker: a long rebuild is better begun again than waited for, and nothing is lost."""
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
    keeper = _IndexWorkerKeeper(settings)
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
    server.on_startup(keeper.start)
    server.on_startup(lambda: threading.Thread(target=_tell, args=(settings, announce), daemon=True).start())
    try:
        server.serve(target_loader=partial(_application, app, os.getpid()), wrap_loader=False)
    finally:
        keeper.stop()


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


def address_of(settings: Settings) -> str:
    """Return the address people open: the origin when there is one, otherwise host and port."""
    return settings.origin or f"http://{_within_brackets(_reachable(settings.host))}:{settings.port}"


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 (compared, not bound)


def _within_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host


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
            socket.create_connection((_reachable(settings.host), settings.port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.02)
    announce(address_of(settings))


# -- the index worker -------------------------------------------------------------------------------------------------


class _IndexWorkerKeeper:
    """Runs the index worker in a process of its own and starts it again when it dies."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._keep, name="index-worker-keeper")

    def start(self) -> None:
        """Start the worker and the watch over it."""
        self.thread.start()

    def stop(self) -> None:
        """End the worker and wait for it."""
        self.stopping.set()
        if self.thread.is_alive():
            self.thread.join()

    def _keep(self) -> None:
        # One thread forks and waits: the kernel ends a child with the thread that forked it.
        while not self.stopping.is_set():
            process = _fork.Process(name="index-worker", target=_index_worker, args=(self.settings, os.getpid()))
            process.start()
            while process.is_alive() and not self.stopping.wait(0.1):
                pass
            if self.stopping.is_set():
                _end(process)
            else:
                log.warning("index worker ended with code %s and is started again", process.exitcode)
                self.stopping.wait(PAUSE_BEFORE_RESTART)


def _end(process: Any) -> None:
    process.terminate()
    process.join(INDEX_WORKER_KILL_AFTER)
    if process.is_alive():
        process.kill()
        process.join()


def _index_worker(settings: Settings, parent: int) -> None:
    _end_with(parent)
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the parent says when to end
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    site = Site.open(settings)
    while not stop.is_set():
        with only_index_worker(settings) as alone:
            if alone:
                indexing.work(site, stop)
        stop.wait(1)


@contextmanager
def only_index_worker(settings: Settings) -> Iterator[bool]:
    """Yield True to the one process that may write this site's index, False while another one does.

    The lock file holds the number of the process that has it; the kernel lets go of the lock with the process.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.data / "index.lock").open("a") as file:
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
