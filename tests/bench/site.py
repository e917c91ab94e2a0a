"""`make bench`: a site filled from the scale data, served as people run it, and what each request costs.

Prints server CPU milliseconds a request (all processes of the server, from /proc) and wall p50/p95 with 1 and 8
connections (wrk for reads, a small client for writes), beside a three-query Flask page on the same server as the ceiling.
"""

import argparse
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import tenants
from portal.kinds import find_kind
from portal.models import Account, Membership
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import accounts, documents, indexing, signing_in
from portal.services.site import Site
from portal.services.uow import UnitOfWork
from portal.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("PORTAL_SHARED", ROOT.parent / "shared"))
PASSWORD = "asagao himawari kosumosu"
STATES = ("draft", "submitted", "accepted", "shared")
GOALS = {
    "document page": 3.0, "listing of 50": 4.0, "search page": 5.0, "search JSON": 2.0, "document JSON": 1.0,
    "create": 10.0, "edit = new version": 8.0,
}  # fmt: skip


def main() -> int:
    """Fill, serve, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2000, 10000])
    parser.add_argument("--port", type=int, default=8099)
    given = parser.parse_args()
    source = SHARED / "scale" / "minutes-20k.jsonl.gz"
    if not source.exists():
        print(f"測定用のデータ {source.name} がありません。PORTAL_SHARED で場所を指定してください。")
        return 1
    for size in given.sizes:
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
            measure(size, source, Path(folder), given.port)
    ceiling(given.port)
    return 0


def measure(size: int, source: Path, folder: Path, port: int) -> None:
    """Measure one site of `size` reports."""
    started = time.monotonic()
    site = Site.open(Settings(data=folder, password_cost="low"))
    someone, first = fill(site, source, size)
    indexing.rebuild(site)
    site.engine.dispose()
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"\n== {size:,} reports ({time.monotonic() - started:.0f} s to fill) ==")
    print(f"disk per document: {disk / size / 1024:.1f} KB")
    login = someone
    with served(folder, port) as server:
        print(
            f"cold start: {server.cold_start:.2f} s   idle memory: {server.memory_mb():.0f} MB (PSS of all processes)"
        )
        cookie = signing_in.sign_in(site, login=login, password=PASSWORD)
        token = signing_in.sign_in(site, login=login, password=PASSWORD, channel="api")
        by_cookie = {"Cookie": f"portal_session={cookie}; {form_cookie(port)}"}
        by_token = {"Authorization": f"Bearer {token}"}
        words = quote("退院支援")
        print(f"{'request':<22}{'CPU ms':>8}{'goal':>7}   wall ms p50/p95, 1 and 8 connections")
        for name, path, headers in (
            ("document page", f"/documents/{first}", by_cookie),
            ("listing of 50", "/higashinari/", by_cookie),
            ("search page", f"/search?q={words}", by_cookie),
            ("document JSON", f"/api/v1/documents/{first}", by_token),
            ("search JSON", f"/api/v1/search?q={words}", by_token),
        ):
            report(name, *reads(server, path, headers))
        report("create", *writes(server, lambda n: creating(by_token, n)))
        report("edit = new version", *writes(server, lambda n: editing(server, by_token, first, n), one_writer=True))


def fill(site: Site, source: Path, size: int) -> tuple[str, int]:
    """Fill a site with reports through the services; return a coordinator's login and a report of theirs."""
    kind = find_kind("meeting_report")
    assert kind is not None
    example, wards = kind.example()["fields"], tenants.all_wards()
    with UnitOfWork(site, SystemIdentity()) as uow:
        for ward in wards:
            account = Account(
                login=f"co-{ward.slug}", name=f"{ward.name}の人", password_hash=accounts.hash_password(site, PASSWORD)
            )
            account.memberships = [Membership(ward_id=ward.slug, role="coordinator")]
            uow.session.add(account)
        uow.commit()
        ids = {account.login.removeprefix("co-"): account.id for account in uow.session.query(Account)}
    lines = lines_of(source, size)
    by_ward: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_ward.setdefault(wards[line["ward"]].slug, []).append(line)
    first = 0
    for slug, mine in by_ward.items():
        identity = Identity(ids[slug], slug, Role.COORDINATOR)
        with UnitOfWork(site, identity, name=slug) as uow:
            for number, line in enumerate(mine):
                body = line["title"].split(" ")[1] if " " in line["title"] else "病院連絡会"
                typed = {**example, "meeting_name": line["title"], "body_name": body, "held_on": line["date"],
                         "record": "<p>" + line["text"].replace("\n", "</p><p>") + "</p>"}  # fmt: skip
                document = documents.create(uow, ward=slug, kind=kind, title="", typed=typed)
                document.state = STATES[number % len(STATES)] if slug != "higashinari" or number else "draft"
                uow.set_readers(document)
                if slug == "higashinari" and not number:
                    first = document.id
                if number % 200 == 199:
                    uow.commit()
            uow.commit()
    return "co-higashinari", first


def lines_of(source: Path, size: int) -> Iterator[dict[str, Any]]:
    """Yield `size` lines of the scale data, begun anew when they run out; days are kept plausible."""
    done = 0
    while done < size:
        with gzip.open(source, "rt", encoding="utf-8") as file:
            for text in file:
                line = json.loads(text)
                date.fromisoformat(line["date"])
                yield line
                done += 1
                if done == size:
                    return


def form_cookie(port: int) -> str:
    """Return the cookie of the forms, which a browser has since its first page."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/sign-in")
    return str(connection.getresponse().getheader("Set-Cookie")).partition(";")[0]


class Server:
    """A running server and its processes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, cold_start: float) -> None:
        self.process, self.port, self.cold_start = process, port, cold_start

    def processes(self) -> list[int]:
        """Return the server and everything it started."""
        found, parents = [self.process.pid], [self.process.pid]
        while parents:
            children = Path(f"/proc/{parents[0]}/task/{parents.pop(0)}/children").read_text().split()
            found += map(int, children)
            parents += map(int, children)
        return found

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far by all processes."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return the memory of all processes, shared pages counted once."""
        time.sleep(2)
        total = 0
        for pid in self.processes():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]
        return total / 1024


@contextmanager
def served(folder: Path, port: int, command: list[str] | None = None) -> Iterator[Server]:
    """Run a server, by default `portal serve` as it comes, and wait for its first answer."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
    environment |= {"PORTAL_DATA": str(folder), "PORTAL_PORT": str(port)}
    started = time.monotonic()
    program = command or [sys.executable, "-c", "import sys; from portal.cli import main; sys.exit(main(['serve']))"]
    process = subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL, cwd=ROOT)
    try:
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/sign-in")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.01)
        yield Server(process, port, time.monotonic() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def reads(server: Server, path: str, headers: dict[str, str]) -> tuple[float, list[tuple[float, float]]]:
    """Return CPU ms a request and (p50, p95) wall ms with 1 and 8 connections."""
    wrk(server, path, headers, connections=2, seconds=1)  # warm
    before, walls, requests = server.cpu_seconds(), [], 0
    for connections in (1, 8):
        done, p50, p95 = wrk(server, path, headers, connections=connections, seconds=4)
        requests += done
        walls.append((p50, p95))
    return (server.cpu_seconds() - before) * 1000 / requests, walls


def wrk(
    server: Server, path: str, headers: dict[str, str], *, connections: int, seconds: int
) -> tuple[int, float, float]:
    """Run wrk; return how many requests were done and their p50 and p95 in ms. Any answer but 2xx ends the benchmark."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk がありません: apt-get install wrk")
    script = ROOT / "tests" / "bench" / "percentiles.lua"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    printed = subprocess.run([*command, f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True).stdout
    found = re.search(r"bench requests=(\d+) bad=(\d+) p50=([\d.]+) p95=([\d.]+)", printed)
    if found is None or int(found[2]):
        raise SystemExit(f"{path}: {printed}")
    return int(found[1]), float(found[3]), float(found[4])


Request = tuple[str, str, dict[str, str], bytes]


def writes(
    server: Server, make: Callable[[int], Request], *, one_writer: bool = False, each: int = 160
) -> tuple[float, list[tuple[float, float]]]:
    """Return CPU ms a write and (p50, p95) wall ms with 1 and 8 writers; an error ends the benchmark."""
    before, walls = server.cpu_seconds(), []
    for writers in (1,) if one_writer else (1, 8):
        write = partial(_write, server, make, count=each // writers)
        with ThreadPoolExecutor(writers) as pool:
            times = sorted(one for part in pool.map(write, range(writers)) for one in part)
        walls.append((median(times), times[int(len(times) * 0.95)]))
    time.sleep(1.5)  # let the index worker finish: its work belongs to the write
    return (server.cpu_seconds() - before) * 1000 / (each * len(walls)), walls


def _write(server: Server, make: Callable[[int], Request], writer: int, count: int) -> list[float]:
    connection, times = http.client.HTTPConnection("127.0.0.1", server.port), []
    for number in range(count):
        method, path, headers, body = make(writer * 100_000 + number)
        started = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        read = answer.read()
        times.append((time.perf_counter() - started) * 1000)
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {read[:300]!r}")
    return times


def creating(headers: dict[str, str], number: int) -> Request:
    """Return one create."""
    kind = find_kind("meeting_report")
    assert kind is not None
    body = {"kind": kind.name, **kind.example(), "nonce": f"bench-{time.monotonic_ns()}-{number}"}
    return (
        "POST",
        "/api/v1/wards/higashinari/documents",
        {**headers, "Content-Type": "application/json"},
        json.dumps(body).encode(),
    )


def editing(server: Server, headers: dict[str, str], document: int, number: int) -> Request:
    """Return one edit of the newest version."""
    kind = find_kind("meeting_report")
    assert kind is not None
    fields = {**kind.example()["fields"], "place": f"第{number}会議室"}
    sent = {**headers, "Content-Type": "application/json", "If-Match": f'"{number + 1}"'}
    return "PUT", f"/api/v1/documents/{document}", sent, json.dumps({"fields": fields}).encode()


def report(name: str, cpu: float, walls: list[tuple[float, float]]) -> None:
    """Print one line of the table."""
    shown = "   ".join(f"{p50:.1f}/{p95:.1f}" for p50, p95 in walls)
    goal = GOALS.get(name)
    print(f"{name:<22}{cpu:>8.2f}{f'{goal:.0f}' if goal else '':>7}   {shown}", flush=True)


def ceiling(port: int) -> None:
    """Measure a three-query Flask page on the same server: as fast as this stack can be."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.ceiling", folder, str(port)]
        with served(Path(folder), port, command) as server:
            print("\n== ceiling: three SQLite queries and a Jinja page, Flask on granian ==")
            report("three-query page", *reads(server, "/", {}))


if __name__ == "__main__":
    sys.exit(main())
