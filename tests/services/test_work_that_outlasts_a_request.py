"""A person asks for something long; the job worker does it with that person's rights, and only that person gets the result."""

import errno
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.db.base import now
from portal.models import Account, Document, Job, Membership
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import jobs
from portal.services.errors import NotFound, Refused
from portal.services.jobs import Result, Work
from portal.services.uow import UnitOfWork
from tests.support.office import Office

WORKER = "here"


@pytest.fixture(autouse=True)
def work_for_tests(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Register a few kinds of work, for the length of one test."""
    kinds = dict(jobs._runs)
    monkeypatch.setattr(jobs, "_runs", kinds)
    jobs.job("test.count")(counting)
    jobs.job("test.titles")(titles)
    jobs.job("test.breaks")(breaking)
    return kinds


def counting(work: Work) -> None:
    for number in range(work.done, work.payload["steps"]):
        work.step(number + 1, f"{number + 1}件目", total=work.payload["steps"])
    work.summary = "数え終わりました。"


def titles(work: Work) -> Result:
    """Write down the titles of everything the person sees."""
    with work.acting(writes=False) as uow:
        seen = uow.session.scalars(select(Document).order_by(Document.id)).all()
    path = work.folder / "titles.txt"
    path.write_text("\n".join(one.title for one in seen), "utf-8")
    return Result(path, "題名.txt", "text/plain", [one.id for one in seen])


def breaking(work: Work) -> None:
    raise RuntimeError("秘密の値")


def ask(office: Office, person: Identity, name: str = "test.count", **payload: Any) -> int:
    def start(uow: UnitOfWork) -> int:
        size = payload.pop("size", 1)
        return jobs.start(uow, name, title="作業", payload=payload or {"steps": 3}, size=size).id

    return int(office.do(person, start))


def do_all(office: Office) -> int:
    count = 0
    while jobs.do_next(office.site, worker=WORKER):
        count += 1
    return count


def look(office: Office, person: Identity, job_id: int) -> Job:
    with office.uow(person) as uow:
        return jobs.find(uow, job_id)


def change(office: Office, job_id: int, **values: Any) -> None:
    office.do(SystemIdentity(), lambda uow: uow.session.execute(update(Job).where(Job.id == job_id).values(**values)))


def test_what_was_asked_for_is_done_and_says_how_far_it_is(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka, steps=3)
    assert look(office, tanaka, asked).state == "waiting"
    assert do_all(office) == 1
    found = look(office, tanaka, asked)
    assert (found.state, found.done, found.total, found.message) == ("done", 3, 3, "数え終わりました。")
    assert found.ended_at is not None


def test_the_result_holds_what_the_person_sees_and_nobody_else_gets_it(office: Office) -> None:
    office.report("higashinari", meeting_name="東成の会")
    office.report("ikuno", meeting_name="生野の会")
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka, "test.titles")
    do_all(office)
    with office.uow(tanaka) as uow:
        found, path = jobs.open_result(uow, asked)
        assert (found.result_name, found.result_type) == ("題名.txt", "text/plain")
        assert "東成の会" in path.read_text("utf-8")
        assert "生野の会" not in path.read_text("utf-8")
    for other in (
        ("higashinari", "responsible"),
        ("ikuno", "coordinator"),
        ("city", "bureau_admin"),
        ("city", "auditor"),
    ):
        with office.uow(office.person(*other)) as uow:
            assert jobs.own_jobs(uow).total == 0
            for act in (jobs.find, jobs.open_result, jobs.cancel):
                with pytest.raises(NotFound):
                    act(uow, asked)


def test_the_same_person_in_another_role_sees_nothing_of_it(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka)
    with office.uow(Identity(tanaka.account_id, "ikuno", Role.COORDINATOR)) as uow:
        assert jobs.own_jobs(uow).total == 0
        with pytest.raises(NotFound):
            jobs.find(uow, asked)


def test_who_lost_sight_of_a_document_does_not_get_the_file_it_stands_in(office: Office) -> None:
    report, bureau = office.report("higashinari", state="shared"), office.person("city", "bureau")
    neighbour = office.person("ikuno", "coordinator")
    asked = ask(office, neighbour, "test.titles")
    do_all(office)
    office.do(neighbour, lambda uow: jobs.open_result(uow, asked))
    office.transition(bureau, report, "unshare")
    with office.uow(neighbour) as uow, pytest.raises(Refused, match="認められていない"):
        jobs.open_result(uow, asked)


@pytest.mark.parametrize("how", ["disabled", "moved", "over"])
def test_who_may_not_act_any_more_is_not_acted_for(office: Office, how: str) -> None:
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka, "test.titles")
    with office.uow(SystemIdentity()) as uow:
        if how == "disabled":
            uow.session.get_one(Account, tanaka.account_id).disabled_at = now()
        else:
            held = uow.session.scalars(select(Membership).where(Membership.account_id == tanaka.account_id)).one()
            if how == "moved":
                held.ward_id = "ikuno"
            else:
                held.ends_on = (now() - timedelta(days=3)).date()
        uow.commit()
    do_all(office)
    found = look(office, tanaka, asked)
    assert (found.state, found.result_sha256) == ("failed", None)
    assert "アカウント" in found.message


def test_a_failure_is_said_in_words_and_betrays_nothing(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka, "test.breaks", x=1)
    do_all(office)
    found = look(office, tanaka, asked)
    assert found.state == "failed"
    assert "思わぬ不具合" in found.message
    assert "秘密" not in found.message


def test_a_full_disk_is_said_to_be_full(office: Office, work_for_tests: dict[str, Any]) -> None:
    def write(work: Work) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    jobs.job("test.full")(write)
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka, "test.full", x=1)
    do_all(office)
    assert "空き容量" in look(office, tanaka, asked).message


def test_what_waits_is_cancelled_at_once_and_what_runs_after_its_step(
    office: Office, work_for_tests: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BEAT", 0.0)
    tanaka = office.person("higashinari", "coordinator")
    waiting = ask(office, tanaka, steps=1)
    office.do(tanaka, lambda uow: jobs.cancel(uow, waiting))
    assert look(office, tanaka, waiting).state == "cancelled"
    seen = []

    def cancelled_by_its_owner(work: Work) -> None:
        for number in range(10):
            seen.append(number)
            if number == 4:
                office.do(tanaka, lambda uow: jobs.cancel(uow, work.row.id))
            work.step(number + 1)

    jobs.job("test.long")(cancelled_by_its_owner)
    running = ask(office, tanaka, "test.long", x=1)
    do_all(office)
    assert (look(office, tanaka, running).state, seen) == ("cancelled", [0, 1, 2, 3, 4])
    office.do(tanaka, lambda uow: jobs.cancel(uow, running))
    with office.uow(tanaka) as uow:
        assert [one.id for one in jobs.own_jobs(uow).items] == [waiting]


def test_a_job_whose_worker_was_killed_is_begun_again_but_not_for_ever(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka, steps=5)
    for tried in range(1, jobs.MOST_TRIES + 1):
        assert jobs._take(office.site, WORKER, (jobs.QUICK,)) is not None  # and dies
        change(office, asked, done=tried)
        assert jobs.do_next(office.site, worker="elsewhere") is False  # it may still be alive
        jobs.release(office.site, "elsewhere")
        assert look(office, tanaka, asked).state == "running"
        jobs.release(office.site, WORKER)
    found = look(office, tanaka, asked)
    assert found.state == "failed"
    assert "途中で止まりました" in found.message


def test_another_host_takes_up_what_is_silent_for_long_and_the_first_ones_late_word_counts_no_more(
    office: Office,
) -> None:
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka, steps=2)
    first = jobs._take(office.site, WORKER, (jobs.QUICK,))
    assert first is not None
    change(office, asked, beat_at=now() - jobs.SILENT - timedelta(seconds=1))
    assert jobs.do_next(office.site, worker="elsewhere") is True
    assert look(office, tanaka, asked).state == "done"
    assert jobs._write(office.site, first, state="failed") is False
    assert look(office, tanaka, asked).state == "done"


def test_a_worker_that_stops_puts_its_job_back_into_the_line(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BEAT", 0.0)
    tanaka, stop = office.person("higashinari", "coordinator"), threading.Event()
    asked = ask(office, tanaka, steps=3)
    stop.set()
    jobs.do_next(office.site, worker=WORKER, stop=stop)
    found = look(office, tanaka, asked)
    assert (found.state, found.tries) == ("waiting", 0)
    assert do_all(office) == 1


def test_two_workers_never_do_the_same_job(office: Office, work_for_tests: dict[str, Any]) -> None:
    done: list[int] = []
    jobs.job("test.once")(lambda work: done.append(work.row.id))
    tanaka = office.person("higashinari", "coordinator")
    for number in range(12):
        ask(office, tanaka, "test.once", number=number)

    def work(name: str) -> None:
        while jobs.do_next(office.site, worker=name):
            pass

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(set(done))
    assert len(done) == 12


def test_a_bulk_import_is_not_before_a_single_file_and_people_take_turns(
    office: Office, work_for_tests: dict[str, Any]
) -> None:
    order: list[str] = []
    jobs.job("test.order")(lambda work: order.append(work.payload["who"]))
    tanaka, sato = office.person("higashinari", "coordinator"), office.person("ikuno", "coordinator")
    ask(office, tanaka, "test.order", who="bulk", size=5000)
    for number in range(3):
        ask(office, tanaka, "test.order", who=f"tanaka {number}")
    ask(office, sato, "test.order", who="sato")
    do_all(office)
    assert order == ["tanaka 0", "sato", "tanaka 1", "tanaka 2", "bulk"]


def test_an_import_of_thousands_lets_others_go_first_and_goes_on_where_it_was(
    office: Office, work_for_tests: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BEAT", 0.0)
    monkeypatch.setattr(jobs, "TURN", 0.0)
    order: list[str] = []

    def bulk(work: Work) -> None:
        for number in range(work.done, 3):
            order.append(f"bulk {number}")
            work.step(number + 1, total=3)

    jobs.job("test.bulk", in_turns=True)(bulk)
    jobs.job("test.order")(lambda work: order.append(work.payload["who"]))
    tanaka, sato = office.person("higashinari", "coordinator"), office.person("ikuno", "coordinator")
    asked = ask(office, tanaka, "test.bulk", x=1, size=5000)
    ask(office, sato, "test.order", who="sato", size=5000)
    do_all(office)
    assert order == ["bulk 0", "sato", "bulk 1", "bulk 2"]
    assert (look(office, tanaka, asked).state, look(office, tanaka, asked).tries) == ("done", 1)


def test_the_same_thing_asked_for_twice_is_one_job_and_nobody_fills_the_line(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    assert ask(office, tanaka, steps=1) == ask(office, tanaka, steps=1)
    for number in range(2, jobs.MOST_OPEN + 1):
        ask(office, tanaka, steps=number)
    with pytest.raises(Refused, match="順番を待っている"):
        ask(office, tanaka, steps=99)
    assert ask(office, office.person("ikuno", "coordinator"), steps=99)


def test_results_go_after_a_week_with_their_files(office: Office) -> None:
    tanaka = office.person("higashinari", "coordinator")
    office.report("higashinari")
    asked = ask(office, tanaka, "test.titles")
    do_all(office)
    with office.uow(tanaka) as uow:
        _, path = jobs.open_result(uow, asked)
    assert jobs.sweep(office.site) == 0
    assert path.is_file()
    assert jobs.sweep(office.site, now() + timedelta(days=8)) == 1
    assert not path.is_file()
    with office.uow(tanaka) as uow, pytest.raises(NotFound):
        jobs.find(uow, asked)


def test_a_step_inside_an_open_transaction_is_a_fault_that_shows(
    office: Office, work_for_tests: dict[str, Any]
) -> None:
    def wrong(work: Work) -> None:
        with work.acting() as uow:
            uow.session.scalars(select(Document)).all()
            work.step(1)

    jobs.job("test.wrong")(wrong)
    tanaka = office.person("higashinari", "coordinator")
    asked = ask(office, tanaka, "test.wrong", x=1)
    do_all(office)
    assert look(office, tanaka, asked).state == "failed"
