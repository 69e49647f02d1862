"""The pages while the cold wave is rehearsed at 60 times speed; or the whole wave played at once.

    python -m benchmarks.cold_wave --url http://127.0.0.1:8700 [--minutes 8]
    python -m benchmarks.cold_wave --whole [--days 7]

With ``--url`` a demo must run there: the rehearsal is started on its page as a person starts it, a
report of the wave is made, and while it goes on people of several posts ask for their pages all the
time: the walls of the hotline and of the wave, desk, board, lists, map, the phone's day, reports.
Measured is each whole answer. With ``--whole`` the wave is played without waiting on a database of
its own, day after day, and what the product counts at its end is compared with the script.
"""

from __future__ import annotations

import argparse
import http.client
import http.cookies
import os
import re
import statistics
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import machine

BAR_MS = 500.0
DAYS, EXCHANGED_BAR, FAULTS_BAR = 7, 800, 300
PAUSE_S = 0.25
KEPT_OPEN_S = 3.0  # the server closes a connection that is quiet for five seconds
# Post, what is asked, where.
ASKED = (
    ("service_manager", "wall of the hotline", "/hotline/wall/"),
    ("service_manager", "report of 17:00", "/hotline/report/"),
    ("service_manager", "wall of the wave", "/surges/{wave}/wall/"),
    ("dispatcher", "ranking of the wave", "/surges/{wave}/ranking/"),
    ("service_manager", "report of the wave", "/surges/reports/{report}/"),
    ("service_manager", "list of incidents", "/hotline/incidents/?standing=open"),
    ("hotline_agent", "desk", "/hotline/desk/"),
    ("hotline_agent", "list of calls", "/hotline/calls/"),
    ("dispatcher", "board, first view", "/fieldwork/board/"),
    ("dispatcher", "board's answer", "/api/v1/fieldwork/board/view"),
    ("dispatcher", "list of cases", "/cases/?standing=open"),
    ("dispatcher", "map of open jobs", "/api/v1/fieldwork/map"),
    ("dispatcher", "map page", "/map/"),
    ("dispatcher", "stock outlook", "/fieldwork/stock/outlook/"),
    ("dispatcher", "rehearsal", "/rehearsals/"),
    ("crew", "phone's day", "/api/v1/fieldwork/phone/day"),
)


class Person:
    """Somebody signed in to the demo by its button, with one connection kept open."""

    def __init__(self, host: str, port: int, post: str) -> None:
        self._host, self._port = host, port
        self._line = http.client.HTTPConnection(host, port, timeout=60)
        self._cookies: dict[str, str] = {}
        self._asked_at = time.monotonic()
        page = self.ask("GET", "/sign-in/")[1]
        before, button, _after = page.partition(f'data-post="{post}"')
        names = re.findall(r'name="username" value="([^"]+)"', before)
        if not button or not names:
            msg = f"nobody of post {post} can sign in by a button"
            raise SystemExit(msg)
        self.post("/sign-in/demo/", {"username": names[-1]}, page)

    def ask(self, how: str, path: str, body: str = "") -> tuple[int, str, float]:
        """Ask for something; return its status, text and the milliseconds of the whole answer."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://{self._host}:{self._port}/"
            headers["Origin"] = f"http://{self._host}:{self._port}"
        if time.monotonic() - self._asked_at > KEPT_OPEN_S:
            self._line.close()
        self._asked_at = time.monotonic()
        begun = time.perf_counter()
        self._line.request(how, path, body or None, headers)
        answer = self._line.getresponse()
        text = answer.read().decode("utf-8", "replace")
        took_ms = (time.perf_counter() - begun) * 1e3
        for line in answer.headers.get_all("Set-Cookie") or ():
            for key, morsel in http.cookies.SimpleCookie(line).items():
                self._cookies[key] = morsel.value
        return answer.status, text, took_ms

    def post(self, path: str, values: dict[str, str], page: str) -> int:
        """Send a form as the page does."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        token = {"csrfmiddlewaretoken": found.group(1)} if found else {}
        return self.ask("POST", path, urllib.parse.urlencode({**token, **values}))[0]


def spread(times: list[float]) -> dict[str, float]:
    """Return the middle, the 95th percentile and the worst of some times."""
    ordered = sorted(times)
    return {
        "asked": len(ordered),
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))], 1),
        "worst": round(ordered[-1], 1),
    }


def measure(url: str, minutes: float) -> dict[str, Any]:
    """Start the rehearsal and ask for pages while it goes on."""
    parts = urllib.parse.urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    people = {post: Person(host, port, post) for post, _what, _path in ASKED}
    page = people["dispatcher"].ask("GET", "/rehearsals/")[1]
    if 'value="start"' in page:
        people["dispatcher"].post(
            "/rehearsals/cold-wave/", {"wanted": "start", "speed": "60"}, page
        )
    _wait_for_the_morning(people["dispatcher"])
    named = _wave(Person(host, port, "manager"))
    took: dict[str, list[float]] = {what: [] for _post, what, _path in ASKED}
    wrong: list[str] = []
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until:
        for post, what, path in ASKED:
            status, _text, took_ms = people[post].ask("GET", path.format_map(named))
            took[what].append(took_ms)
            if status != 200:
                wrong.append(f"{path} answered {status}")
            time.sleep(PAUSE_S)
    page = people["dispatcher"].ask("GET", "/rehearsals/")[1]
    figures = dict(re.findall(r"<tr><td>([^<]+)</td><td[^>]*>([^<]+)</td>", page))
    by_page = {what: spread(times) for what, times in took.items()}
    late = {what: one for what, one in by_page.items() if one["p95"] > BAR_MS}
    return {
        "minutes": minutes,
        "pages_ms": by_page,
        "every_answer_ms": spread([one for times in took.values() for one in times]),
        "pages_over_the_bar": sorted(late),
        "script_until_then": figures,
        "wrong": sorted(set(wrong)),
        "bar_ms": BAR_MS,
        "passed": not late and not wrong,
    }


def _wave(manager: Person) -> dict[str, str]:
    """Have a report made of the wave that stands; return the codes of the wave and of the report.

    A report opened again and again costs what any opens: its rows are those of its moment.
    """
    page = manager.ask("GET", "/rehearsals/")[1]
    wave = re.findall(r"/surges/([^/\"]+)/wall/", page)
    if not wave:
        msg = "the rehearsal names no wave"
        raise SystemExit(msg)
    address = f"/surges/{wave[0]}/report/"
    form = manager.ask("GET", address)[1]
    until = re.findall(r'<input[^>]*name="until"[^>]*value="([^"]+)"', form) or re.findall(
        r'<input[^>]*value="([^"]+)"[^>]*name="until"', form
    )
    manager.post(address, {"until": until[0] if until else ""}, form)
    made = re.findall(r"/surges/reports/([^/\"]+-R\d+)/", manager.ask("GET", "/surges/reports/")[1])
    if not made:
        msg = f"no report of the wave {wave[0]} could be made"
        raise SystemExit(msg)
    return {"wave": wave[0], "report": made[0]}


def _wait_for_the_morning(person: Person) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        _status, page, _ms = person.ask("GET", "/rehearsals/")
        if 'value="hold"' in page and re.search(r"<td[^>]*>[1-9]\d*</td>", page):
            return
        time.sleep(1)
    msg = "the rehearsal did not begin; does the part of the demo city run?"
    raise SystemExit(msg)


def whole(days: int, home: Path) -> dict[str, Any]:
    """Play so many days of the wave at once on a database in ``home``; compare the counts."""
    os.environ["HUOSHUI_HOME"] = str(home)
    os.environ.setdefault("HUOSHUI_SECRET_KEY", "0" * 64)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from huoshui.areas.customers import facade as customers
    from huoshui.areas.fieldwork import facade as fieldwork
    from huoshui.areas.hotline import facade as hotline
    from huoshui.areas.surge import facade as surge
    from huoshui.democity.cold_wave import office, play, script, town, truth
    from huoshui.kernel import clock
    from huoshui.kernel.accounts import actions as accounts

    call_command("migrate", interactive=False, verbosity=0)
    begins = datetime(2026, 1, 7, 6, tzinfo=clock.local_zone())
    clock.set_now(begins - office.WARNED_BEFORE - timedelta(hours=2), times=0)
    for username, post in (("liwei", "manager"), ("zhangmin", "dispatcher"),
                           ("wuqiang", "service_manager"), ("liuyang", "crew_leader"),
                           ("zhaolei", "crew")):  # fmt: skip
        accounts.add_user(username, username, posts=(post,))
    written = script.write(days)
    cast = town.prepare(written, dispatcher="zhangmin", manager="liwei")
    clock.set_now(begins - office.WARNED_BEFORE, times=0)
    warning = office.warn(written, cast)
    clock.set_now(begins - timedelta(minutes=30), times=0)
    wave = play.Wave(written, cast, begins, run="whole")
    declared = office.declare(cast, warning)
    wave.begin()
    took = []
    ends_s = truth.lull_before(written, days * script.DAY_S)
    for day in range(days):
        begun = time.monotonic()
        wave.stage.play(min((day + 1) * script.DAY_S, ends_s))
        took.append(round(time.monotonic() - begun))
        print(f"day {day + 1}: {took[-1]} s, {len(wave.ledger.done)} done", file=sys.stderr)
    said, ledger = truth.count(written, ends_s), wave.ledger
    script_cures = Counter(one.cure for one in written.troubles)
    counted = surge.report(declared, by_id=cast.manager).figures
    waits, compared = fieldwork.waits(), surge.compare(declared).at_risk
    exposed = truth.exposed(written, ends_s)
    cured = {one: ledger.cured(one) for one in script.Cure}
    there = hotline.figures(begins, wave.stage.moment(ends_s))
    facts = hotline.call_facts(begins, clock.now() + timedelta(seconds=1))
    repairs = [one for one in facts if one.kind == "repair"]
    exchanged = customers.meter_exchanges(since=begins, until=clock.now())
    warnings = [
        one for one in fieldwork.stock_warnings(since=begins) if one.part_code == "meter_dn15"
    ]
    same = {
        "calls": (said.calls, there["all"]),
        "enquiries": (said.enquiries, there["enquiry"]),
        "repairs": (said.repairs, there["repair"]),
        "given_up": (said.given_up, there["abandoned"]),
        "folded": (
            said.folded,
            sum(one.incident_id is not None and not one.leads for one in repairs),
        ),
        "things_to_repair": (said.troubles, len({one.case_number for one in repairs} - {""})),
        "meters_exchanged": (cured[script.Cure.EXCHANGE], len(exchanged)),
        "report_calls": (said.calls, counted["calls"]),
        "report_repairs": (said.repairs, counted["repairs"]),
        "report_things_to_repair": (said.troubles, counted["cases"]),
        "report_meters_exchanged": (cured[script.Cure.EXCHANGE], counted["meters_exchanged"]),
        "report_faults_repaired": (cured[script.Cure.REPAIR], counted["faults_repaired"]),
        "report_thawed": (cured[script.Cure.THAW], counted["thawed"]),
        "report_jobs_with_a_crew_or_a_reason": (
            counted["jobs"], (counted["jobs_given"] or 0) + len(waits),
        ),
        "report_warned_and_frozen": (exposed.warned_frozen, compared.warned.hit),
        "report_not_warned_and_frozen": (exposed.not_warned_frozen, compared.others.hit),
    }  # fmt: skip
    enough = days < DAYS or (
        cured[script.Cure.EXCHANGE] >= EXCHANGED_BAR and cured[script.Cure.REPAIR] >= FAULTS_BAR
    )
    return {
        "days": days,
        "seconds_a_day": took,
        "script_and_product": same,
        "script_has": {str(cure): number for cure, number in script_cures.items()},
        "done_of_it": {str(cure): number for cure, number in cured.items()},
        "jobs_that_wait": dict(Counter(one.code for one in waits.values())),
        "jobs_done": len(ledger.done),
        "jobs_closed": ledger.closed,
        "called_back": ledger.called_back,
        "stock_warnings": [
            {"at": clock.local(one.began_at).isoformat(), "lying": one.lying} for one in warnings
        ],
        "orders": len(wave.keeper.orders),
        "least_in_stores": wave.keeper.least,
        "refused": dict(ledger.refused),
        "phone_entries": dict(ledger.receipts),
        "exposed": vars_of(exposed),
        "bar": {"meters_exchanged": EXCHANGED_BAR, "faults_repaired": FAULTS_BAR},
        "passed": enough
        and all(one == other for one, other in same.values())
        and not ledger.refused,
    }


def vars_of(one: Any) -> dict[str, Any]:
    """Return the values of a dataclass with slots."""
    return {name: getattr(one, name) for name in one.__slots__}


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="http://127.0.0.1:8700", help="a demo that runs")
    options.add_argument("--minutes", type=float, default=8.0)
    options.add_argument("--whole", action="store_true", help="play the whole wave at once")
    options.add_argument("--days", type=int, default=DAYS)
    options.add_argument("--dry", action="store_true", help="keep no result")
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui")
    if chosen.whole:
        with tempfile.TemporaryDirectory(prefix="huoshui-wave-") as folder:
            found = {**facts, **whole(chosen.days, Path(folder))}
    else:
        found = {**facts, **measure(chosen.url, chosen.minutes)}
    found["machine"]["load_after"] = [round(load, 2) for load in os.getloadavg()]
    name = "cold_wave_whole" if chosen.whole else "cold_wave"
    if chosen.dry:
        print(found)
    else:
        machine.keep(name, found)
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
