"""20,000 points at one reading in ten seconds with 2,000 alarm rules.

    .venv/bin/python -m benchmarks.alarms [--points 20000] [--rules 2000] [--seconds 60] [--engine]

First the engine alone: the readings of ten minutes go through it in messages of 20, and the time
on the processor is held against the time they stand for. Then the whole installation, as in
``mqtt_to_page``: broker, ingest, web and a real browser on the list of points; the delay from the
sender to the page, and how much of one core each part used meanwhile. The rules are of all kinds:
a fifth each limits with delays, rates, flat lines, deviations from another point, and formulas;
one reading in a thousand is beyond its limit, so alarms come and go all the time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from benchmarks import machine, mqtt_to_page
from tests.journeys import browser

EVERY_S = 10.0
PACK = 20
BAR_S = 1.0
KINDS = ("limit_high", "rate", "flat", "deviation", "expression")


def watched(points: int, rules: int) -> tuple[list[Any], list[Any]]:
    """Return the points and the rules as the engine takes them."""
    from huoshui.areas.telemetry import conditions, validation
    from huoshui.lab.series import expression

    nan = float("nan")
    found = []
    for number in range(rules):
        kind, own, other = KINDS[number % 5], number + 1, (number + 7) % points + 1
        formula = expression.compile(f"{{b{own}}} - {{b{other}}} > 1e6")
        facts_of: dict[str, dict[str, Any]] = {
            "limit_high": {"threshold": 900.0, "dead_band": 5.0, "on_delay_us": 30_000_000},
            "rate": {"threshold": 1e6, "window_us": 600_000_000},
            "flat": {"threshold": 0.0, "window_us": 600_000_000},
            "deviation": {"threshold": 1e6, "reference_id": other},
            "expression": {
                "expression": formula,
                "inputs": ((f"b{own}", own), (f"b{other}", other)),
            },
        }
        found.append(conditions.WatchedRule(f"r{number}", own, kind, **facts_of[kind]))
    declared = [
        validation.WatchedPoint(one, 0.0, 1e7, nan, (nan, nan, nan, 1000.0), 1.0, 0, 10_000_000)
        for one in range(1, points + 1)
    ]
    return declared, found


def engine(points: int, rules: int) -> dict[str, Any]:
    """Return the engine's share of one core at this rate."""
    from huoshui.areas.telemetry import validation, watch

    declared, found = watched(points, rules)
    judge = watch.Watch(validation.PointTable(declared), (), found)
    chance = np.random.default_rng(1)
    rounds, transitions, begun = 60, 0, 0.0
    quality = np.zeros(PACK, np.uint8)
    for turn in range(rounds + 1):
        if turn == 1:
            # The first round fills the memories and is not counted.
            begun = time.process_time()
        value = chance.uniform(10, 800, points)
        value[chance.random(points) < 0.001] = 1100.0
        for first in range(0, points, PACK):
            slot = np.arange(first, min(first + PACK, points))
            at_us = 1_700_000_000_000_000 + turn * 10_000_000 + slot * 500
            outcome = judge.judge(slot, at_us, value[slot], quality[: len(slot)])
            judge.adopt(outcome)
            transitions += len(outcome.transitions)
    spent_s = time.process_time() - begun
    return {
        "engine_readings": rounds * points,
        "engine_cpu_s": round(spent_s, 2),
        "engine_share_of_a_core": round(spent_s / (rounds * EVERY_S), 4),
        "engine_transitions": transitions,
    }


def declare(points: int, rules: int) -> str:
    """Make an installation with these points and rules; return the reader's password."""
    password = mqtt_to_page.prepare(points)
    from huoshui.areas.telemetry import facade as telemetry

    ids = telemetry.point_ids()
    for number in range(rules):
        code, other = f"b{number:04d}.flow", f"b{(number + 7) % points:04d}.flow"
        kind = KINDS[number % 5]
        facts: dict[str, Any] = {
            "code": f"rule_{number}", "name_en": f"Rule {number}", "name_zh": f"规则 {number}",
            "kind": kind, "state": "live", "point_id": ids[code], "priority": "low",
            "threshold": 1e6, "window_s": 600 if kind in {"rate", "flat"} else None,
            "reference_id": ids[other] if kind == "deviation" else None,
            "expression": f"{{{code}}} - {{{other}}} > 1e6" if kind == "expression" else "",
        }  # fmt: skip
        telemetry.save_alarm_rule(facts, by_id=None)
    return password


class Sender(mqtt_to_page.Sender):
    """Publishes every point in turn, some in one message, as a station on site does."""

    def run(self) -> None:
        """Send until told to stop."""
        client = self.connected()
        begun, number = time.monotonic(), 0
        while not self.stopping.is_set():
            due = begun + number * self.every_s / self.points
            time.sleep(max(0.0, due - time.monotonic()))
            self.late_s_max = max(self.late_s_max, time.monotonic() - due)
            now = time.time()
            at = (
                time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06d}Z"
            )
            readings = []
            for _ in range(PACK):
                code, value = f"b{number % self.points:04d}.flow", round(number / 100 + 1, 2)
                readings.append({"point": code, "at": at, "value": value})
                self.sent[code, f"{value:,.2f}"] = now
                number += 1
            client.publish(
                "huoshui/benchmark/readings", orjson.dumps({"readings": readings}), qos=1
            )
        client.disconnect()
        client.loop_stop()


def cpu_s(process: subprocess.Popen[bytes]) -> float:
    """Return the seconds on the processor that a running process has used."""
    fields = (
        Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    )
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def whole(chosen: argparse.Namespace, executable: str) -> dict[str, Any]:
    """Run the installation once and return what was found."""
    password = declare(chosen.points, chosen.rules)
    command = [sys.executable, "-m", "huoshui.cli"]
    running = {part: subprocess.Popen([*command, part]) for part in mqtt_to_page.PARTS}
    sender = Sender(chosen.points, EVERY_S)
    try:
        port = int(os.environ["HUOSHUI_PORT"])
        mqtt_to_page.wait_until_served(port)
        sender.start()
        time.sleep(15)
        before = {part: cpu_s(one) for part, one in running.items()}
        begun = time.monotonic()
        seen = mqtt_to_page.look(executable, port, password, chosen.seconds)
        took_s = time.monotonic() - begun
        used = {part: cpu_s(one) - before[part] for part, one in running.items()}
    finally:
        sender.stopping.set()
        for one in [*running.values()][::-1]:
            one.terminate()
            one.wait(30)
    delays_s = sorted(
        at_ms / 1000 - sender.sent[code, text]
        for code, text, at_ms in seen
        if (code, text) in sender.sent
    )
    if len(delays_s) < 50:
        msg = f"only {len(delays_s)} of {len(seen)} changes on the page could be matched"
        raise SystemExit(msg)
    cuts = statistics.quantiles(delays_s, n=100)
    return {
        "readings_per_s": chosen.points / EVERY_S,
        "sender_late_s_max": round(sender.late_s_max, 3),
        "values_seen": len(delays_s),
        "delay_s_median": round(cuts[49], 3),
        "delay_s_p95": round(cuts[94], 3),
        "delay_s_max": round(delays_s[-1], 3),
        "bar_s_p95": BAR_S,
        "share_of_a_core": {part: round(one / took_s, 3) for part, one in used.items()},
    }


def main() -> int:
    """Measure, keep the result, and fail when a bar is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--points", type=int, default=20_000)
    options.add_argument("--rules", type=int, default=2_000)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--engine", action="store_true", help="the engine alone; keeps nothing")
    chosen = options.parse_args()
    facts = machine.facts("src", "benchmarks/alarms.py")
    found = {**facts, "points": chosen.points, "rules": chosen.rules}
    found |= engine(chosen.points, chosen.rules)
    if chosen.engine:
        print(found)
        return 0
    executable = browser.find()
    if executable is None:
        print(f"skipped: {browser.HOW}")
        return 0
    with tempfile.TemporaryDirectory(prefix="huoshui-alarms-") as home:
        os.environ |= {
            "HUOSHUI_HOME": home,
            "HUOSHUI_PORT": str(mqtt_to_page.free_port()),
            "HUOSHUI_MQTT_PORT": str(mqtt_to_page.free_port()),
            "HUOSHUI_LOG_LEVEL": "warning",
            "DJANGO_SETTINGS_MODULE": "huoshui.project.settings",
        }
        sys.path.insert(0, str(Path(machine.ROOT, "src")))
        found |= whole(chosen, executable)
    machine.keep("alarms", found)
    missed = found["delay_s_p95"] > BAR_S or found["share_of_a_core"]["ingest"] > 1.0
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
