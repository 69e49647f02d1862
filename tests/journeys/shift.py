"""A shift of one crew: a small town of its own, its web server, and a line that can be cut.

    R1 -- p1 -- n1 -- p2 -- n2 -- ...     one street, one job at each pipe

The line is a forwarder between the browser and the server: cutting it takes the network away from
the page and from its service worker alike, in the middle of a request if need be.
"""

from __future__ import annotations

import os
import select
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.journeys import city

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "wet-boots-every-day"
PATIENCE_S = 180.0
PEOPLE = (("chen", "陈师傅", "crew"), ("zhao", "赵师傅", "crew"), ("dong", "董调度", "dispatcher"))


def make(jobs: int) -> None:
    """Make people, a street with a pipe for each job, and give every job to Chen."""
    from huoshui.areas.fieldwork import contracts
    from huoshui.areas.fieldwork import facade as fieldwork
    from huoshui.areas.network import contracts as network_contracts
    from huoshui.areas.network import facade as network
    from huoshui.kernel import settings
    from huoshui.kernel.accounts import actions as accounts

    people = {
        name: accounts.add_user(name, shown, posts=(post,), password=PASSWORD, language="en")[0]
        for name, shown, post in PEOPLE
    }
    path = settings.get().home / "street.inp"
    path.write_text(_street(jobs))
    report = network.import_inp(path, crs=network.local_grid(lon=117.0, lat=36.65), by_id=None)
    assert report.ok, report.problems
    assets = ("R1", *(f"{kind}{at}" for at in range(1, jobs + 1) for kind in "np"))
    zone = network_contracts.ZoneDeclaration(code="A", name="Old town", assets=assets)
    network.assign_zones([zone], by_id=None)
    kinds = (contracts.JobKind.REPAIR, contracts.JobKind.LEAK_SEARCH, contracts.JobKind.INSPECTION)
    for at in range(1, jobs + 1):
        job = fieldwork.request_job(
            place=contracts.Place(asset_code=f"p{at}"),
            by_id=people["dong"].pk,
            kind=kinds[at % 3],
            priority=contracts.Priority.URGENT if at == 1 else contracts.Priority.NORMAL,
        )
        fieldwork.assign_job(number=job.number, to=people["chen"], by_id=people["dong"].pk)


def equip() -> None:
    """Let Chen drive a van with two clamps and three meters, and give him a meter to exchange."""
    from huoshui.areas.fieldwork import contracts
    from huoshui.areas.fieldwork import facade as fieldwork
    from huoshui.kernel import clock, settings
    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.intake import kinds

    dong = User.objects.get(username="dong")
    named, today = contracts.NamedThing, clock.local(clock.now()).date()
    fieldwork.set_up_crew_work(
        dong.pk,
        contracts.CrewWork(
            parts=(named("clamp", "抱箍", "Clamp", "pc"),
                   named("meter", "水表", "Meter", "pc", is_meter=True)),
            types=(contracts.TypeDeclaration(
                "exchange", "换表", "Exchange a meter", contracts.JobKind.REPAIR,
                contracts.Priority.HIGH, 30, (), (("meter", 1), ("clamp", 1)), True),),
            patterns=(contracts.PatternDeclaration(
                "always", "全天", "All day", "00:00-23:59", today),),
            stores=(contracts.StoreDeclaration("D", "Depot", 117.0, 36.65),),
            crews=(contracts.CrewDeclaration(
                "Q", "Crew Q", (), "always", 0, "D", "VAN-1", ("chen",),
                (("clamp", 2), ("meter", 3))),),
        ),
    )  # fmt: skip
    table = settings.get().home / "accounts.csv"
    table.write_text(
        "code,name,address,meter,reading_m3,reading_date\n"
        "A1,王五,光明小区3号楼,OLD-1,100,2026-01-01\n",
        encoding="utf-8",
    )
    assert kinds.KINDS["accounts"].carry_out(table, table.name, {}, None).created == 1
    job = fieldwork.request_job(
        place=contracts.Place(lon=117.002, lat=36.651, account_code="A1"), by_id=dong.pk,
        title="Exchange at Guangming 3", work=contracts.Work("exchange"),
    )  # fmt: skip
    fieldwork.give_to_crew(number=job.number, crew_code="Q", by_id=dong.pk)


def _street(jobs: int) -> str:
    junctions = "\n".join(f" n{at} 10 0" for at in range(1, jobs + 1))
    pipes = "\n".join(
        f" p{at} {f'n{at - 1}' if at > 1 else 'R1'} n{at} 200 {100 + 50 * (at % 5)} 120 0 Open"
        for at in range(1, jobs + 1)
    )
    places = "\n".join(
        f" n{at} {200 * (at % 10)} {150 * (at // 10)}" for at in range(1, jobs + 1)
    )  # fmt: skip
    return (
        f"[JUNCTIONS]\n{junctions}\n[RESERVOIRS]\n R1 60\n[PIPES]\n{pipes}\n[COORDINATES]\n"
        f" R1 0 -200\n{places}\n[OPTIONS]\n Units CMH\n Headloss H-W\n[END]\n"
    )


class Line:
    """The way from the browser to the server."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._whole = True
        self._left: int | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.cuts = 0
        self.up_bytes = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listening.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Take the line away at once, in the middle of whatever is on it."""
        with self._lock:
            self._whole, self._left = False, None
            self.cuts += 1
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def cut_after(self, upward_bytes: int) -> None:
        """Let so many bytes go up, then take the line away."""
        with self._lock:
            self._whole, self._left = True, upward_bytes

    def mend(self) -> None:
        """Give the line back."""
        with self._lock:
            self._whole, self._left = True, None

    @property
    def is_whole(self) -> bool:
        return self._whole

    def close(self) -> None:
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                browser, _address = self._listening.accept()
            except OSError:
                return
            if not self._whole:
                browser.close()
                continue
            threading.Thread(target=self._carry, args=(browser,), daemon=True).start()

    def _carry(self, browser: socket.socket) -> None:
        with browser, socket.socket() as server:
            try:
                server.connect(("127.0.0.1", self._server))
            except OSError:
                return
            with self._lock:
                self._open |= {browser, server}
            with suppress(OSError):
                self._pump(browser, server)
            with self._lock:
                self._open -= {browser, server}

    def _pump(self, browser: socket.socket, server: socket.socket) -> None:
        while self._whole:
            ready, _, _ = select.select([browser, server], [], [], 0.5)
            for one in ready:
                piece = one.recv(16_384)
                if not piece or not self._whole:
                    return
                if one is browser and self._used_up(len(piece)):
                    self.cut()
                    return
                (server if one is browser else browser).sendall(piece)

    def _used_up(self, count: int) -> bool:
        with self._lock:
            self.up_bytes += count
            if self._left is None:
                return False
            self._left -= count
            return self._left < 0


class Shift:
    """A running town with its line and its home."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self._port = port
        self._lines: list[Line] = []

    def new_line(self) -> Line:
        """Return one more way to the server, for one more phone."""
        self._lines.append(Line(self._port))
        return self._lines[-1]

    def close(self) -> None:
        for line in self._lines:
            line.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the server's database, reading only."""
        with sqlite3.connect(f"file:{self.home / 'huoshui.sqlite'}?mode=ro", uri=True) as base:
            return list(base.execute(query, values))

    def count(self, table: str, where: str = "1=1") -> int:
        return int(self.rows(f"select count(*) from {table} where {where}")[0][0])

    def run(self, code: str) -> None:
        """Let somebody in the office do something, in a process of its own."""
        subprocess.run(
            [sys.executable, "-m", "huoshui.cli", "manage", "shell", "--no-imports", "-c", code],
            cwd=ROOT, env=environment(self.home), check=True, capture_output=True,
        )  # fmt: skip


def environment(home: Path, port: int = 0) -> dict[str, str]:
    """Return what a process of this town inherits."""
    rest = {k: v for k, v in os.environ.items() if not k.startswith(("HUOSHUI_", "PYTEST"))}
    chosen = {"HUOSHUI_HOME": str(home), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return rest | chosen | ({"HUOSHUI_PORT": str(port)} if port else {})


@contextmanager
def running(home: Path, *, jobs: int) -> Iterator[Shift]:
    """Set the town up, serve its pages, and stop everything afterwards."""
    home.mkdir(parents=True, exist_ok=True)
    port = city.free_port()
    env = environment(home, port)
    cli = (sys.executable, "-m", "huoshui.cli")
    log = (home / "web.log").open("w")
    for step in (
        (*cli, "setup", "--secrets-only"),
        (*cli, "manage", "migrate", "--verbosity", "0"),
        (*cli, "manage", "shell", "--no-imports", "-c",
         f"from tests.journeys import shift; shift.make({jobs})"),
    ):  # fmt: skip
        subprocess.run(step, cwd=ROOT, env=env, check=True, stdout=log, stderr=log)
    web = subprocess.Popen((*cli, "web"), cwd=ROOT, env=env, stdout=log, stderr=log)
    shift = Shift(home, port)
    try:
        _wait(f"http://127.0.0.1:{port}/sign-in/", web)
        yield shift
    finally:
        shift.close()
        web.terminate()
        try:
            web.wait(20)
        except subprocess.TimeoutExpired:
            web.kill()
        log.close()


def _wait(address: str, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if web.poll() is not None:
            raise RuntimeError(f"the server ended with {web.returncode}")
        with suppress(OSError), urllib.request.urlopen(address, timeout=10) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError("the server was not there in time")
