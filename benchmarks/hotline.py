"""Time from the event of a call to the screen that pops, among 500,000 accounts.

    .venv/bin/python -m benchmarks.hotline [--accounts 500000] [--calls 200] [--home FOLDER]

A telephone system tells the running web part that a call rings. An agent's desk follows the live
stream, hears of the call, and fetches what is known of the caller: who, where, meter, balance,
open cases, earlier calls, incidents and announcements. Measured is the time from the moment before
the event is sent until the whole fragment is there, over real connections. Most callers are known,
some numbers nobody has, some are withheld. The same caller is never asked for twice.

The stages are printed beside the whole: until the telephone system has its answer, until the desk
hears of the call, from there until the fragment is whole. With ``--home`` the register is made in
that folder and kept, and a later run with the same folder measures at once; ``--fill`` only makes
it.
"""

from __future__ import annotations

import argparse
import html
import http.client
import json
import os
import queue
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import agents, machine

BAR_P95_MS = 150.0
SEED = 20260301
EARLIER_CALLS = 100_000
OPEN_CASES = 500
HEARD_WITHIN_S = 10.0
SHOWN = ("screen", "stages", "p95", "passed", "wrong")


def prepare(accounts: int, file: Path) -> None:
    """Make the register, one agent, earlier calls and open cases; write what will be asked for."""
    agents.prepare(accounts, 1, file)
    from huoshui.areas.customers.models import Account
    from huoshui.areas.hotline.models import AgentSeat, Call, Topic
    from huoshui.kernel import cases, clock

    dice = random.Random(SEED)
    given = json.loads(file.read_text())
    topics = list(Topic.objects.filter(above__isnull=False))
    least = Account.objects.order_by("id").values_list("pk", flat=True)[0]
    picked = [least + dice.randrange(accounts) for _ in range(5_000)]
    people = [
        (one.code, one.holder.phones.values_list("number", flat=True)[0], one.premises)
        for one in Account.objects.filter(pk__in=picked).select_related("holder", "premises")
    ]
    now = clock.now()
    agent = AgentSeat.objects.get()
    rows = []
    for n in range(EARLIER_CALLS):
        code, phone, _premises = dice.choice(people)
        topic = dice.choice(topics)
        began = now - timedelta(minutes=dice.randrange(60, 360 * 24 * 60))
        rows.append(
            Call(ref=f"earlier-{n}", caller_number=phone, caller_key=phone, state="ended",
                 agent_id=agent.user_id, began_at=began, answered_at=began + timedelta(seconds=8),
                 ended_at=began + timedelta(seconds=90), wait_s=8.0, topic=topic, kind=topic.kind,
                 account_code=code, wrapped_at=began + timedelta(seconds=95))
        )  # fmt: skip
    Call.objects.bulk_create(rows, batch_size=2_000)
    for code, phone, premises in people[:OPEN_CASES]:
        cases.open_case(
            "hotline.repair", f"无水 · {premises.address}", by_id=agent.user_id,
            lon=premises.lon, lat=premises.lat, place=premises.address, channel="phone",
            links=(("customers.account", code),), person={"name": "", "phone": phone},
            due_at=now + timedelta(hours=1),
        )  # fmt: skip
    known = [[phone, code] for code, phone, _premises in people]
    given |= {"known": known, "agent": agent.user_id}
    file.write_text(json.dumps(given))


class Heard:
    """The live stream as the desk follows it, each item with the moment it came."""

    def __init__(self, port: int, agent: int, session: str) -> None:
        self.items: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue()
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Cookie": f"{agents.SESSION}={session}"}
        self.line.request("GET", f"/live/hotline?keys=agent:{agent}", headers=headers)
        self.answer = self.line.getresponse()
        if self.answer.status != 200:
            raise LookupError(self.answer.read().decode())
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        while line := self.answer.readline():
            if line.startswith(b"data: "):
                came = time.perf_counter()
                for item in json.loads(line[6:]):
                    self.items.put((came, item))


def measure(given: dict[str, Any], calls: int) -> dict[str, Any]:
    """Let so many calls ring, one after the other; say how long each took to show."""
    extension, session = given["agents"][0]
    agent = agents.Agent(extension, session, given, 1)
    telephone = agents.Agent(extension, session, given, 2)
    agent.get("desk", "/hotline/desk/")
    heard = Heard(int(given["port"]), int(given["agent"]), session)
    dice = random.Random(SEED + 1)
    took: dict[str, list[float]] = {name: [] for name in ("event", "heard", "fetch", "whole")}
    by_kind: dict[str, list[float]] = {"known": [], "unknown": [], "withheld": []}
    wrong: list[str] = []
    known = dice.sample(given["known"], min(calls, len(given["known"])))
    for n in range(calls):
        kind = ("known",) * 8 + ("unknown", "withheld")
        chosen = kind[n % 10]
        phone, code = known[n % len(known)]
        number = {"known": phone, "unknown": f"199{n:08d}", "withheld": ""}[chosen]
        ref = f"bench-{n}-{secrets.token_hex(3)}"
        time.sleep(dice.random() * 0.5)
        while not heard.items.empty():
            heard.items.get_nowait()
        begun = time.perf_counter()
        answered: queue.Queue[float] = queue.Queue()
        teller = threading.Thread(target=_tell, args=(telephone, ref, number, answered))
        teller.start()
        came, item = heard.items.get(timeout=HEARD_WITHIN_S)
        page = agent.get("pop", f"/hotline/desk/pop/?call={item['call']}")
        done = time.perf_counter()
        teller.join()
        if chosen == "known" and code not in html.unescape(page):
            wrong.append(f"{phone} ({code})")
        took["event"].append((answered.get() - begun) * 1e3)
        took["heard"].append((came - begun) * 1e3)
        took["fetch"].append((done - came) * 1e3)
        took["whole"].append((done - begun) * 1e3)
        by_kind[chosen].append((done - begun) * 1e3)
    heard.line.close()
    errors = agent.errors + telephone.errors
    return {
        "calls": calls,
        "screen_pop_p95_ms": agents.p95(took["whole"]),
        "screen_pop_median_ms": round(statistics.median(took["whole"]), 1),
        "screen_pop_worst_ms": round(max(took["whole"]), 1),
        "stages_ms": {
            "event to answer": spread(took["event"]),
            "event to desk hears": spread(took["heard"]),
            "desk hears to fragment": spread(took["fetch"]),
        },
        "p95_ms_by_caller": {name: agents.p95(several) for name, several in by_kind.items()},
        "wrong": wrong + errors,
        "bar_p95_ms": BAR_P95_MS,
        "passed": agents.p95(took["whole"]) <= BAR_P95_MS and not wrong and not errors,
    }


def _tell(telephone: agents.Agent, ref: str, number: str, answered: queue.Queue[float]) -> None:
    telephone.told(ref, "ringing", caller=number)
    answered.put(time.perf_counter())


def spread(times: list[float]) -> dict[str, float]:
    """Return the middle, the 95th percentile and the worst of some times."""
    return {"median": round(statistics.median(times), 1), "p95": agents.p95(times),
            "worst": round(max(times), 1)}  # fmt: skip


def filled(folder: Path, accounts: int) -> tuple[dict[str, str], dict[str, Any]]:
    """Make the home in a folder unless it is there; return its environment and what to ask for."""
    kept = folder / "benchmark.json"
    secret, key = secrets.token_hex(24), secrets.token_hex(32)
    if kept.exists():
        before = json.loads(kept.read_text())
        if before["accounts"] != accounts:
            msg = f"{folder} holds {before['accounts']} accounts, not {accounts}"
            raise SystemExit(msg)
        secret, key = before["secret"], before["key"]
    environment = {
        **os.environ,
        "HUOSHUI_HOME": str(folder / "home"),
        "HUOSHUI_SECRET_KEY": key,
        "HUOSHUI_TELEPHONY_SECRET": secret,
        "DJANGO_SETTINGS_MODULE": "huoshui.project.settings",
    }
    file = folder / "given.json"
    if not kept.exists():
        (folder / "home").mkdir(parents=True)
        subprocess.run(
            [sys.executable, "-m", "benchmarks.hotline", "--prepare", str(file),
             "--accounts", str(accounts)],
            env=environment, check=True,
        )  # fmt: skip
        kept.write_text(json.dumps({"accounts": accounts, "secret": secret, "key": key}))
    else:
        command = [sys.executable, "-m", "huoshui.cli", "manage", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=environment, check=True)
    return environment, {**json.loads(file.read_text()), "secret": secret, "call_s": 60}


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=500_000)
    options.add_argument("--calls", type=int, default=200)
    options.add_argument("--home", type=Path, help="keep the filled home in this folder")
    options.add_argument("--fill", action="store_true", help="only fill the home")
    options.add_argument("--dry", action="store_true", help="keep no result")
    options.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.prepare:
        prepare(chosen.accounts, chosen.prepare)
        return 0
    facts = machine.facts("src/huoshui/areas", "src/huoshui/kernel")
    with tempfile.TemporaryDirectory(prefix="huoshui-hotline-") as folder:
        environment, given = filled(chosen.home or Path(folder), chosen.accounts)
        if chosen.fill:
            return 0
        port = agents.free_port()
        with agents.served({**environment, "HUOSHUI_PORT": str(port)}, port):
            found = {**facts, "accounts": chosen.accounts, "earlier_calls": EARLIER_CALLS,
                     "open_cases": OPEN_CASES,
                     **measure({**given, "port": port}, chosen.calls)}  # fmt: skip
    found["machine"]["load_after"] = [round(load, 2) for load in os.getloadavg()]
    if not chosen.dry:
        machine.keep("hotline", found)
    print({name: found[name] for name in found if name.startswith(SHOWN)})
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
