"""Work that outlasts a request: asked for by a person, done by the job worker as that person, its result kept for a week.

    @job("packing.zip")
    def make_zip(work: Work) -> Result | None:
        for number, document_id in enumerate(work.payload["documents"]):
            with work.acting() as uow:                  # the person who asked, with the rights they have now
                ...
                uow.commit()
            work.step(number + 1, "東成区")             # raises Cancelled; never inside a unit of work that has begun

    jobs.start(uow, "packing.zip", title="報告120件をWordで保存", payload={"documents": ids}, size=120)

A worker that is killed leaves its job to the next one, which begins it again: a job does its work in steps that may be done
twice. `work.done` says how far the try before came.
"""

import errno
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, Select, and_, func, or_, select, update
from sqlalchemy.orm import aliased

from portal.db.base import now
from portal.db.blobs import BlobStore
from portal.db.session import ReaderSession
from portal.kinds import Invalid
from portal.models import Document, Job
from portal.security.identity import SystemIdentity
from portal.security.policy import permits
from portal.security.workflows import Permission
from portal.services.acting import acting_for
from portal.services.errors import NotFound, Refused
from portal.services.indexing import portal_session
from portal.services.site import Site
from portal.services.uow import UnitOfWork

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
STATES = {WAITING: "順番待ち", RUNNING: "作業中", DONE: "できました", FAILED: "できませんでした", CANCELLED: "取りやめ"}
OPEN = (WAITING, RUNNING)
QUICK, LONG = "quick", "long"
QUICK_SIZE = 100
"""Up to so many documents a job stands in the quick lane, where no bulk import is before it."""
MOST_OPEN = 20
"""Jobs one person may have waiting or running."""
MOST_TRIES = 3
"""How often a job is begun whose worker died."""
KEPT = timedelta(days=7)
"""How long an ended job and its result are kept."""
SILENT = timedelta(minutes=2)
"""After so long without a sign a job's worker is taken for dead by those of other hosts."""
BEAT = 1.0
"""Seconds between two signs of a running job."""
PAUSE = 0.3
"""Seconds between two looks at what waits."""
TURN = 60.0
"""Seconds after which work that can be taken up again lets another person's work of its lane go first."""
SWEEP = 3600.0
_UNEXPECTED = "思わぬ不具合のため、できませんでした。もう一度行っても同じときは、システム管理者に連絡してください。"
_NO_ROOM = "サーバーの空き容量が足りないため、できませんでした。システム管理者に連絡してください。"
log = logging.getLogger(__name__)


class Cancelled(Exception):
    """The person does not want the result any more."""


class Interrupted(Exception):
    """The worker is stopping, or somebody else's turn has come; the job goes back into the line."""


class Superseded(Exception):
    """Somebody else has taken the job up, or it is gone."""


@dataclass(frozen=True)
class Result:
    """A file a job made. `documents` are those whose words stand in it: who loses sight of one does not get the file."""

    path: Path
    name: str
    media_type: str
    documents: Sequence[int] = ()


Run = Callable[["Work"], Result | None]
_runs: dict[str, Run] = {}
_in_turns: set[str] = set()


def job(name: str, *, in_turns: bool = False) -> Callable[[Run], Run]:
    """Register a function as the work of that name. A module of `services` that does so is found by the worker.

    `in_turns` says that the work goes on from where it was when it is begun again: it may be made to wait for others.
    """

    def register(run: Run) -> Run:
        assert name not in _runs, f"two jobs are called {name!r}"
        _runs[name] = run
        if in_turns:
            _in_turns.add(name)
        return run

    return register


Tidy = Callable[[Site], None]
_tidies: list[Tidy] = []


def tidying(tidy: Tidy) -> Tidy:
    """Let the job worker call a function every hour, to throw away what is not needed any more."""
    _tidies.append(tidy)
    return tidy


@dataclass
class Work:
    """What a running job holds: whose it is, what was asked, where it may write, how far it is."""

    site: Site
    row: Job
    folder: Path
    stop: threading.Event
    summary: str = ""
    """What the person reads when all is done, where a file alone does not say it."""
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0.0
    _said: str = ""
    _begun: list[UnitOfWork] = field(default_factory=list)

    @property
    def payload(self) -> Mapping[str, Any]:
        """What was asked for."""
        return self.row.payload

    @property
    def done(self) -> int:
        """How many steps are done, those of an earlier try included."""
        return self.row.done

    @contextmanager
    def acting(self, *, writes: bool = True) -> Iterator[UnitOfWork]:
        """Yield a unit of work of the person who asked. Raises Forbidden when they may not act in that role any more."""
        with acting_for(self.site, self.row.account_id, self.row.ward_id, self.row.role, writes=writes) as uow:
            self._begun.append(uow)
            try:
                yield uow
            finally:
                self._begun.remove(uow)

    def step(self, done: int, message: str = "", *, total: int | None = None) -> None:
        """Say how far the work is. Raises Cancelled or Interrupted when it shall not go on."""
        grown = total is not None and total != self.row.total
        self.row.done, self.row.total = done, total if total is not None else self.row.total
        self._said = message or self._said
        self.beat(at_once=grown)

    def beat(self, *, at_once: bool = False) -> None:
        """Give a sign of life while something long is waited for. Raises Cancelled or Interrupted."""
        if self.stop.is_set():
            raise Interrupted
        if not at_once and time.monotonic() - self._told < BEAT:
            return
        # The sign is written by another connection: on SQLite it would wait for us for ever.
        assert not any(one.session.in_transaction() for one in self._begun), "a step inside a transaction"
        self._told = time.monotonic()
        changed = {"done": self.row.done, "total": self.row.total, "message": self._said, "beat_at": now()}
        if not _write(self.site, self.row, **changed):
            raise Superseded
        with _looking(self.site) as session:
            if session.scalar(select(Job.cancel_asked).where(Job.id == self.row.id)):
                raise Cancelled
            if self.row.name in _in_turns and self._told - self._began > TURN and _others_wait(session, self.row):
                raise Interrupted


# -- what a person does -----------------------------------------------------------------------------------------------


def start(uow: UnitOfWork, name: str, *, title: str, payload: Mapping[str, Any], size: int = 1) -> Job:
    """Ask for work of that name; the same thing asked for again while it is not done is the same job.

    `size` is roughly how many documents it is about. Raises Refused when the person has too much waiting already.
    """
    waiting = uow.session.scalars(_own().where(Job.state.in_(OPEN), Job.cancel_asked.is_(False))).all()
    for one in waiting:
        if one.name == name and one.payload == payload:
            return one
    if len(waiting) >= MOST_OPEN:
        raise Refused(
            f"順番を待っている作業が{MOST_OPEN}件あります。どれかが終わるか取りやめてから、もう一度行ってください。"
        )
    asked = Job(
        ward_id=uow.reader.ward,
        account_id=uow.identity.account_id,
        role=str(uow.identity.role),
        name=name,
        title=title,
        payload=dict(payload),
        lane=QUICK if size <= QUICK_SIZE else LONG,
        state=WAITING,
        total=size,
    )
    uow.session.add(asked)
    uow.flush()
    return asked


@dataclass(frozen=True)
class Page:
    """One page of a person's jobs, newest first."""

    total: int
    items: Sequence[Job]
    number: int = 1
    size: int = 20

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))


def own_jobs(uow: UnitOfWork, *, page: int = 1, size: int = 20) -> Page:
    """Return what the acting person asked for in the ward and role they act in, newest first."""
    total = uow.session.scalar(select(func.count(Job.id))) or 0
    found = uow.session.scalars(_own().order_by(Job.id.desc()).offset((page - 1) * size).limit(size)).all()
    return Page(total, found, page, size)


def find(uow: UnitOfWork, job_id: int) -> Job:
    """Return one of the acting person's own jobs. Raises NotFound for anybody else's."""
    found = uow.session.scalars(_own().where(Job.id == job_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def is_before(uow: UnitOfWork, row: Job) -> int:
    """Return how many jobs of its lane were asked for earlier and are not done; of other people's nothing but the number."""
    if row.state != WAITING:
        return 0
    with uow.session.past_sight():
        earlier = select(func.count(Job.id)).where(Job.state.in_(OPEN), Job.lane == row.lane, Job.id < row.id)
        return uow.session.scalar(earlier) or 0


def cancel(uow: UnitOfWork, job_id: int) -> Job:
    """Stop one of one's own jobs: at once while it waits, after its present step while it runs. An ended one goes off the list."""
    found = find(uow, job_id)
    if found.state == WAITING:
        found.state, found.ended_at, found.cancel_asked = CANCELLED, now(), True
    elif found.state == RUNNING:
        found.cancel_asked = True
    else:
        uow.session.delete(found)
    uow.flush()
    return found


def open_result(uow: UnitOfWork, job_id: int) -> tuple[Job, Path]:
    """Return where the file is that a job made. Raises NotFound, and Refused when the person may not have it any more."""
    found = find(uow, job_id)
    if found.result_sha256 is None:
        raise NotFound
    if not _still_allowed(uow, found.document_ids):
        raise Refused("この中に、いまは保存を認められていない文書があります。もう一度選んで作り直してください。")
    path = results_of(uow.site).path(found.result_sha256)
    if not path.is_file():
        raise Refused("できたファイルは片付けられました。もう一度作り直してください。")
    uow.audit("job.downloaded", job=found.id, name=found.name)
    uow.flush()
    return found, path


def _still_allowed(uow: UnitOfWork, document_ids: Sequence[int]) -> bool:
    for start_at in range(0, len(document_ids), 500):
        wanted = document_ids[start_at : start_at + 500]
        seen = uow.session.scalars(select(Document).where(Document.id.in_(wanted))).all()
        if len(seen) < len(wanted) or not all(permits(uow.reader, Permission.EXPORT, one) for one in seen):
            return False
    return True


def results_of(site: Site) -> BlobStore:
    """Return where results lie: apart from attached files, so that they can be thrown away."""
    return BlobStore(site.settings.data / "results")


def _own() -> Select[Job]:
    """Return the query for jobs; the session narrows it to the reader's own."""
    return select(Job)


# -- what the worker does ---------------------------------------------------------------------------------------------


def work(site: Site, stop: threading.Event, worker: str) -> None:
    """Do what is asked for until told to stop: quick jobs beside long ones, so that no import keeps a single PDF waiting.

    `worker` names this host's only worker: what an earlier one of that name left unfinished is taken up at once.
    """
    load()
    release(site, worker)
    lanes = [
        threading.Thread(target=_keep_working, args=(site, stop, worker, one)) for one in ((QUICK,), (LONG, QUICK))
    ]
    for one in lanes:
        one.start()
    swept = 0.0
    while not stop.wait(1):
        if time.monotonic() - swept > SWEEP:
            swept = time.monotonic()
            _tidy_or_log(site)
    for one in lanes:
        one.join()


def load() -> None:
    """Import every service, so that all jobs are registered."""
    import pkgutil
    from importlib import import_module

    from portal import services

    for found in pkgutil.iter_modules(services.__path__):
        import_module(f"{services.__name__}.{found.name}")


def _keep_working(site: Site, stop: threading.Event, worker: str, lanes: Sequence[str]) -> None:
    while not stop.is_set():
        try:
            if do_next(site, worker=worker, lanes=lanes, stop=stop):
                continue
        except Exception:
            log.exception("job worker: will try again")
            stop.wait(2)
        stop.wait(PAUSE)


def do_next(
    site: Site, *, worker: str, lanes: Sequence[str] = (QUICK, LONG), stop: threading.Event | None = None
) -> bool:
    """Do the next job that waits in one of the lanes, the first one named first; say whether there was one."""
    row = _take(site, worker, lanes)
    if row is None:
        return False
    _do_in_scratch(site, row, stop or threading.Event())
    return True


def do_here(uow: UnitOfWork, row: Job, *, worker: str) -> None:
    """Do a job that was just asked for in this process and at once, for the terminal. Commits, so that no worker takes it."""
    _begin(row, worker)
    uow.commit()
    uow.session.expunge(row)
    _do_in_scratch(uow.site, row, threading.Event())


def _do_in_scratch(site: Site, row: Job, stop: threading.Event) -> None:
    folder = site.settings.data / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix="job-") as scratch:
        _do(Work(site, row, Path(scratch), stop))


def _do(work: Work) -> None:
    row, site = work.row, work.site
    try:
        with work.acting(writes=False):
            pass  # somebody who may not act any more is told so before anything is done
        result = _runs[row.name](work)
        kept = _keep(site, result) if result else {}
        _write(site, row, state=DONE, ended_at=now(), done=row.total, message=work.summary, **kept)
    except Interrupted:
        _write(site, row, state=WAITING, tries=row.tries - 1)
    except Cancelled:
        _write(site, row, state=CANCELLED, ended_at=now())
    except Superseded:
        log.warning("job %s is somebody else's now", row.id)
    except (Refused, Invalid) as refused:
        _write(site, row, state=FAILED, ended_at=now(), message=str(refused))
    except Exception as failure:
        log.exception("job %s (%s) failed", row.id, row.name)
        full = isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT)
        _write(site, row, state=FAILED, ended_at=now(), message=_NO_ROOM if full else _UNEXPECTED)


def _keep(site: Site, result: Result) -> dict[str, Any]:
    with result.path.open("rb") as file:
        sha256, size = results_of(site).put(file)
    return {
        "result_sha256": sha256,
        "result_size": size,
        "result_name": result.name,
        "result_type": result.media_type,
        "document_ids": list(result.documents),
    }


def _take(site: Site, worker: str, lanes: Sequence[str]) -> Job | None:
    """Take the next job: the lanes in their order, and in a lane the person who was served the longest time ago."""
    silent = and_(Job.state == RUNNING, Job.beat_at < now() - SILENT)
    with _looking(site) as session:
        if (
            session.scalar(select(Job.id).where(or_(Job.state == WAITING, silent), Job.lane.in_(lanes)).limit(1))
            is None
        ):
            return None
    with portal_session(site) as session:
        _let_go(session, silent)
        row = next((one for lane in lanes if (one := session.scalars(_next(lane)).first())), None)
        if row is not None:
            _begin(row, worker)
        session.commit()
        return row


def _begin(row: Job, worker: str) -> None:
    row.state, row.worker, row.tries = RUNNING, worker, row.tries + 1
    row.started_at = row.beat_at = now()


def _next(lane: str) -> Select[Job]:
    other = aliased(Job)
    served = select(func.max(other.started_at)).where(other.account_id == Job.account_id).scalar_subquery()
    waiting = select(Job).where(Job.state == WAITING, Job.lane == lane)
    return waiting.order_by(served.asc().nulls_first(), Job.id).limit(1).with_for_update(skip_locked=True, of=Job)


def _others_wait(session: ReaderSession, row: Job) -> bool:
    others = Job.state == WAITING, Job.lane == row.lane, Job.account_id != row.account_id
    return session.scalar(select(Job.id).where(*others).limit(1)) is not None


def release(site: Site, worker: str) -> None:
    """Put back into the line what an earlier worker of that name was doing when it died."""
    with portal_session(site) as session:
        _let_go(session, and_(Job.state == RUNNING, Job.worker == worker))
        session.commit()


def _let_go(session: ReaderSession, which: Any) -> None:
    found = session.scalars(select(Job).where(which).with_for_update(skip_locked=True)).all()
    for row in found:
        row.state = WAITING
        if row.cancel_asked:
            row.state, row.ended_at = CANCELLED, now()
        elif row.tries >= MOST_TRIES:
            row.state, row.ended_at = FAILED, now()
            row.message = f"{MOST_TRIES}回試しましたが、途中で止まりました。対象を減らして、もう一度行ってください。"
    if found:
        session.flush()


def _write(site: Site, row: Job, **changed: Any) -> bool:
    """Write something of a job this worker has; say whether it still has it. A transaction of its own, and a short one."""
    mine = Job.id == row.id, Job.state == RUNNING, Job.tries == row.tries, Job.worker == row.worker
    with portal_session(site) as session:
        done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
            update(Job).where(*mine).values(**changed), execution_options={"synchronize_session": False}
        )
        session.commit()
        return done.rowcount == 1


def _looking(site: Site) -> ReaderSession:
    return ReaderSession(site.engine, SystemIdentity())


# -- tidying ----------------------------------------------------------------------------------------------------------


def _tidy_or_log(site: Site) -> None:
    for tidy in _tidies:
        try:
            tidy(site)
        except Exception:
            log.exception("tidying failed; will try again")


@tidying
def sweep_now(site: Site) -> None:
    """Throw away old jobs and results."""
    sweep(site)


def sweep(site: Site, at: datetime | None = None) -> int:
    """Throw away jobs that ended a week ago, and results no job names any more; return how many files went."""
    moment = at or now()
    with portal_session(site) as session:
        for row in session.scalars(select(Job).where(Job.ended_at < moment - KEPT)):
            session.delete(row)
        session.commit()
        named = set(session.scalars(select(Job.result_sha256).where(Job.result_sha256.is_not(None))))
    store, gone = results_of(site), 0
    old = (moment - timedelta(days=1)).timestamp()  # a younger one may be about to be named
    for path in [*store.folder.glob("??/*"), *store.stray_files()]:
        if path.name not in named and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
            gone += 1
    for folder in (site.settings.data / "incoming").glob("job-*"):  # of workers that were killed
        if folder.stat().st_mtime < old:
            shutil.rmtree(folder, ignore_errors=True)
    return gone
