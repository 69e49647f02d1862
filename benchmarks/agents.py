"""A hundred agents of the hotline at work at once, against the running web part.

    .venv/bin/python -m benchmarks.agents [--agents 100 200 400] [--accounts 500000]
        [--call-s 60] [--seconds 120] [--stores embedded postgresql]

Each agent is a thread with a session of its own. It takes one call after the other: the telephone
system tells that it rings and is answered, the screen pops, the agent types an address, chooses a
topic, notes the call, which opens a case, looks at the cases and at one of them, and hangs up.
Between the steps it waits as people do, so that a call takes ``--call-s`` on average; a real one
takes about three minutes. Web part, worker and this program share the computer's cores. The same
is done on the embedded store and on PostgreSQL. An answer with another status than the step
expects is an error.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import http.client
import json
import multiprocessing
import os
import random
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import cluster, machine

BAR_P95_MS = 400.0
WARM_UP_S = 10.0
PROCESSES = 2
PHONES = 5_000
# The web part keeps an unused connection for 30 s; a browser sees that it was closed, and opens
# another one before it asks.
IDLE_S = 20.0
TOPICS = ("no_water", "low_pressure", "leak_at_meter", "meter_fault")
CASE = re.compile(r'href="(/cases/[A-Z]+\d+/)"')
SESSION, CSRF = "huoshui_session", "huoshui_csrf"


# The city and its agents ----------------------------------------------------------------------


def prepare(accounts: int, agents: int, file: Path) -> None:
    """Make the register and the agents; write their sessions and what they will type."""
    from benchmarks import customers

    customers.prepare(accounts)
    from django.test import Client

    from huoshui.areas.customers.models import Account
    from huoshui.areas.hotline.actions import seats
    from huoshui.kernel.accounts import actions

    found: dict[str, Any] = {"agents": [], "calls": []}
    for n in range(agents):
        user, _password = actions.add_user(f"agent{n}", f"坐席{n}", posts=["hotline_agent"])
        user.must_change_password = False
        user.save()
        seats.sit_down(user_id=user.pk, extension=str(8000 + n))
        client = Client()
        client.force_login(user)
        found["agents"].append([str(8000 + n), client.cookies[SESSION].value])
    dice = random.Random(7)
    least = Account.objects.order_by("id").first().pk
    for _ in range(PHONES):
        one = Account.objects.get(pk=least + dice.randrange(accounts))
        found["calls"].append([one.holder.phones.first().number, one.premises.address])
    file.write_text(json.dumps(found))


# One agent ------------------------------------------------------------------------------------


class Agent:
    """One person at one desk, as a browser and a telephone system see them."""

    def __init__(self, extension: str, session: str, given: dict[str, Any], number: int) -> None:
        self.extension = extension
        self.cookies = {SESSION: session}
        self.given = given
        self.dice = random.Random(number)
        self.port = int(given["port"])
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.asked = time.monotonic()
        self.took: list[tuple[str, float, float]] = []
        self.errors: list[str] = []

    def work(self, until: float) -> None:
        """Take calls until then."""
        time.sleep(self.dice.random() * float(self.given["call_s"]))
        calls = 0
        while time.monotonic() < until:
            calls += 1
            try:
                self.take_call(f"{self.extension}-{calls}-{secrets.token_hex(4)}")
            except (OSError, http.client.HTTPException, LookupError) as problem:
                self.errors.append(repr(problem))
                self.line.close()

    def take_call(self, ref: str) -> None:
        """Take one call from the ringing to the hanging up."""
        phone, address = self.dice.choice(self.given["calls"])
        topic = self.dice.choice(TOPICS)
        self.told(ref, "ringing", caller=phone)
        self.pause()
        self.told(ref, "answered")
        popped = self.get("pop", "/hotline/desk/pop/")
        call = re.search(r'data-hl-call="(\d+)"', popped)
        if call is None:
            raise LookupError(f"no call on the desk of {self.extension}")
        self.pause()
        typed = urllib.parse.quote(address[: self.dice.randint(4, len(address))])
        self.get("find", f"/hotline/desk/find/?call={call[1]}&q={typed}")
        self.pause()
        self.get("similar", f"/hotline/desk/{call[1]}/similar/?topic={topic}")
        self.pause()
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', popped))
        hidden |= {"topic": topic, "place": address, "own_case": "1"}
        hidden["note"] = "厨房和卫生间都没有水"
        self.ask("note", "POST", f"/hotline/desk/{call[1]}/wrap/", hidden, expected=302)
        self.get("desk", "/hotline/desk/")
        self.pause()
        listed = self.get("cases", "/cases/hotline.repair/?sort=-opened_at")
        case = CASE.search(listed)
        self.pause()
        if case:
            self.get("case", case[1])
        self.pause()
        self.told(ref, "ended")
        self.pause()

    def pause(self) -> None:
        """Wait as somebody who listens, reads and types."""
        time.sleep(self.dice.expovariate(8 / float(self.given["call_s"])))

    def told(self, ref: str, kind: str, caller: str = "") -> None:
        """Have the telephone system tell of the call."""
        event = {"event_id": f"{ref}-{kind}", "call_id": ref, "kind": kind,
                 "at": datetime.now(tz=UTC).isoformat(), "caller": caller,
                 "extension": self.extension}  # fmt: skip
        body = json.dumps(event).encode()
        stamp = str(int(time.time()))
        key = str(self.given["secret"]).encode()
        signed = hmac.new(key, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Huoshui-Timestamp": stamp,
                   "X-Huoshui-Signature": f"sha256={signed}"}  # fmt: skip
        self.send(f"event {kind}", "POST", "/api/v1/hotline/events", body, headers, 202)

    def get(self, what: str, path: str) -> str:
        """Open an address; return the page."""
        return self.ask(what, "GET", path)

    def ask(
        self, what: str, how: str, path: str, form: dict[str, str] | None = None,
        expected: int = 200,
    ) -> str:  # fmt: skip
        """Ask as the agent's browser; return the page."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded",
                        "X-CSRFToken": self.cookies.get(CSRF, "")}  # fmt: skip
            body = urllib.parse.urlencode(form).encode()
        return self.send(what, how, path, body, headers, expected)

    def send(
        self, what: str, how: str, path: str, body: bytes | None, headers: dict[str, str],
        expected: int,
    ) -> str:  # fmt: skip
        """Send, wait for the whole answer, and note how long it took."""
        if time.monotonic() - self.asked > IDLE_S:
            self.line.close()
        begun = time.perf_counter()
        self.line.request(how, path, body, headers)
        answer = self.line.getresponse()
        text = answer.read().decode()
        self.asked = time.monotonic()
        self.took.append((what, time.monotonic(), time.perf_counter() - begun))
        for one in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = one.split(";")[0].partition("=")
            if name == CSRF:
                self.cookies[name] = value
        if answer.status != expected:
            self.errors.append(f"{what}: {answer.status}")
        return text


def load(given: dict[str, Any], agents: list[list[str]], until: float, answer: Any) -> None:
    """Let some agents work in this process until then; hand over what they saw."""
    people = [Agent(*one, given, n) for n, one in enumerate(agents)]
    threads = [threading.Thread(target=one.work, args=(until,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answer.put(
        (
            [took for one in people for took in one.took],
            [problem for one in people for problem in one.errors],
        )
    )


# The measurement ------------------------------------------------------------------------------


def free_port() -> int:
    """Return a port of the loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(environment: dict[str, str], port: int) -> Iterator[None]:
    """Run the web part and the worker."""
    command = [sys.executable, "-m", "huoshui.cli"]
    parts = [subprocess.Popen([*command, name], env=environment) for name in ("web", "worker")]
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield
    finally:
        for part in parts:
            part.send_signal(signal.SIGTERM)
        for part in parts:
            part.wait(30)


def worked(given: dict[str, Any], count: int, seconds: float) -> dict[str, Any]:
    """Let so many agents work; return what their answers took once all are at it."""
    spawned = multiprocessing.get_context("spawn")
    answers = spawned.Queue()
    agents = given["agents"][:count]
    warm_s = WARM_UP_S + float(given["call_s"])
    begun = time.monotonic()
    until = begun + warm_s + seconds
    loads = [
        spawned.Process(target=load, args=(given, agents[n::PROCESSES], until, answers))
        for n in range(PROCESSES)
    ]
    for one in loads:
        one.start()
    seen = [answers.get() for _ in loads]
    for one in loads:
        one.join()
    by_step: dict[str, list[float]] = defaultdict(list)
    for took, _problems in seen:
        for what, at, span_s in took:
            if begun + warm_s <= at <= until:
                by_step[what].append(span_s * 1e3)
    problems = [problem for _took, several in seen for problem in several]
    every = [one for several in by_step.values() for one in several]
    result = {
        "agents": count,
        "answers_per_s": round(len(every) / seconds, 1),
        "errors": len(problems),
        "median_ms": round(statistics.median(every), 1),
        "p95_ms": p95(every),
        "worst_ms": round(max(every), 1),
        "p95_ms_by_step": {name: p95(several) for name, several in sorted(by_step.items())},
    }
    print(result, problems[:5], flush=True)
    return result


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return round(statistics.quantiles(times, n=20)[-1], 1) if len(times) > 1 else times[0]


def on_store(chosen: argparse.Namespace, database_url: str) -> list[dict[str, Any]]:
    """Measure one store with more and more agents."""
    with tempfile.TemporaryDirectory(prefix="huoshui-agents-") as folder:
        port, secret = free_port(), secrets.token_hex(24)
        environment = {
            **os.environ,
            "HUOSHUI_HOME": str(Path(folder) / "home"),
            "HUOSHUI_PORT": str(port),
            "HUOSHUI_DATABASE_URL": database_url,
            "HUOSHUI_SECRET_KEY": secrets.token_hex(32),
            "HUOSHUI_TELEPHONY_SECRET": secret,
            "DJANGO_SETTINGS_MODULE": "huoshui.project.settings",
        }
        (Path(folder) / "home").mkdir()
        file = Path(folder) / "given.json"
        subprocess.run(
            [sys.executable, "-m", "benchmarks.agents", "--prepare", str(file),
             "--accounts", str(chosen.accounts), "--agents", str(max(chosen.agents))],
            env=environment, check=True,
        )  # fmt: skip
        given = {**json.loads(file.read_text()), "port": port, "secret": secret,
                 "call_s": chosen.call_s}  # fmt: skip
        with served(environment, port):
            return [worked(given, count, chosen.seconds) for count in sorted(chosen.agents)]


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--agents", type=int, nargs="+", default=[100, 200, 400])
    options.add_argument("--accounts", type=int, default=500_000)
    options.add_argument("--call-s", type=float, default=60.0)
    options.add_argument("--seconds", type=float, default=120.0)
    options.add_argument("--stores", nargs="+", default=["embedded", "postgresql"])
    options.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.prepare:
        prepare(chosen.accounts, max(chosen.agents), chosen.prepare)
        return 0
    facts = machine.facts("src/huoshui/areas", "src/huoshui/kernel")
    found: dict[str, Any] = {}
    for store in chosen.stores:
        with cluster.running() if store == "postgresql" else nullcontext() as server:
            if store == "embedded" or server is not None:
                found[store] = on_store(chosen, server.url if server else "")
    hundred = [one for several in found.values() for one in several if one["agents"] <= 100]
    passed = all(one["p95_ms"] <= BAR_P95_MS and not one["errors"] for one in hundred)
    machine.keep(
        "agents",
        {
            **facts,
            "accounts": chosen.accounts,
            "call_s": chosen.call_s,
            "bar_p95_ms": BAR_P95_MS,
            "stores": found,
            "passed": passed,
        },
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
