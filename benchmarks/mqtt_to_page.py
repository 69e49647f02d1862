"""How long a value takes from the sender's MQTT client until it stands on a browser's page.

    .venv/bin/python -m benchmarks.mqtt_to_page [--points 2000] [--every-s 10] [--seconds 60]

A whole installation is started in a folder of its own: broker, ingest, web. A client publishes
every point once in ten seconds, one reading a message (200 messages a second for 2,000 points). A
real Chromium shows the list of points; a script in the page notes when each shown value changes.
Both clocks are this machine's, so the difference is the whole way: broker, connector, durable
commit, newest values, live stream, page.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import orjson

from benchmarks import machine
from tests.journeys import browser

BAR_S = 1.0
PARTS = ("broker", "ingest", "web")
# Notes [code, shown text, moment] of every change of a live value.
WATCH = """() => {
  window.seen = [];
  const note = (node) => {
    const el = node.nodeType === 1 ? node : node.parentElement;
    const value = el?.closest('[data-live="value"]');
    const row = value?.closest('[data-live-point]');
    if (row) window.seen.push([row.dataset.livePoint, value.textContent, Date.now()]);
  };
  new MutationObserver((changes) => changes.forEach((one) => note(one.target)))
    .observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(points: int) -> str:
    """Make database, user and points in this process's home; return the user's password."""
    import django
    from django.core.management import call_command

    from huoshui.cli import setup
    from huoshui.kernel import settings

    setup.make_secrets(settings.get().home)
    settings.get.cache_clear()
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)

    from huoshui.areas.telemetry import facade as telemetry
    from huoshui.areas.telemetry.contracts import PointDeclaration
    from huoshui.kernel.accounts import actions

    telemetry.declare_points(
        [
            PointDeclaration(
                f"b{i:04d}.flow", f"Point {i}", f"测点 {i}", "flow", limit_high=1e6, range_max=1e7
            )
            for i in range(points)
        ],
        by_id=None,
    )
    _user, password = actions.add_user("viewer", "Viewer", posts=("viewer",))
    return password


class Sender(threading.Thread):
    """Publishes every point in turn and remembers when each value left."""

    def __init__(self, points: int, every_s: float) -> None:
        super().__init__(name="sender", daemon=True)
        self.points, self.every_s = points, every_s
        self.sent: dict[tuple[str, str], float] = {}
        self.stopping = threading.Event()
        self.late_s_max = 0.0

    def connected(self) -> Any:
        """Return a client of the city's broker that sends in the background."""
        import paho.mqtt.client as paho
        from paho.mqtt.enums import CallbackAPIVersion

        from huoshui.kernel import settings

        chosen = settings.get()
        assert chosen.mqtt_password is not None
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="sender")
        client.max_inflight_messages_set(1_000)
        client.username_pw_set(chosen.mqtt_username, chosen.mqtt_password.get_secret_value())
        client.connect(chosen.mqtt_host, chosen.mqtt_port)
        client.loop_start()
        return client

    def run(self) -> None:
        client = self.connected()
        begun = time.monotonic()
        number = 0
        while not self.stopping.is_set():
            due = begun + number * self.every_s / self.points
            time.sleep(max(0.0, due - time.monotonic()))
            self.late_s_max = max(self.late_s_max, time.monotonic() - due)
            code = f"b{number % self.points:04d}.flow"
            # Each value is sent once only, so that a shown text says which message it was.
            value = round(number / 100 + 1, 2)
            now = time.time()
            at = (
                time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06d}Z"
            )
            body = orjson.dumps({"readings": [{"point": code, "at": at, "value": value}]})
            self.sent[code, f"{value:,.2f}"] = time.time()
            client.publish("huoshui/benchmark/readings", body, qos=1)
            number += 1
        client.disconnect()
        client.loop_stop()


def wait_until_served(port: int) -> None:
    """Return when the web part answers; raises after a minute and a half."""
    until = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def look(executable: str, port: int, password: str, seconds: float) -> list[list[Any]]:
    """Sign in, open the list of points, and return the changes seen in ``seconds``."""
    with browser.started(executable) as chromium:
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{port}/telemetry/points/")
        page.fill("input[name=username]", "viewer")
        page.fill("input[name=password]", password)
        page.locator("form:has(input[name=password]) button").first.click()
        page.wait_for_selector("[data-live-point]")
        page.wait_for_timeout(3_000)
        page.evaluate(WATCH)
        page.wait_for_timeout(seconds * 1_000)
        seen: list[list[Any]] = page.evaluate("() => window.seen")
    return seen


def measure(chosen: argparse.Namespace, executable: str) -> dict[str, Any]:
    """Run the installation once and return what was found."""
    password = prepare(chosen.points)
    command = [sys.executable, "-m", "huoshui.cli"]
    running = [subprocess.Popen([*command, part]) for part in PARTS]
    sender = Sender(chosen.points, chosen.every_s)
    try:
        port = int(os.environ["HUOSHUI_PORT"])
        wait_until_served(port)
        sender.start()
        time.sleep(3)
        seen = look(executable, port, password, chosen.seconds)
    finally:
        sender.stopping.set()
        for part in running[::-1]:
            part.terminate()
            part.wait(20)
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
        "points": chosen.points,
        "messages_sent": len(sender.sent),
        "messages_per_s": chosen.points / chosen.every_s,
        "sender_late_s_max": round(sender.late_s_max, 3),
        "values_seen": len(delays_s),
        "delay_s_median": round(cuts[49], 3),
        "delay_s_p95": round(cuts[94], 3),
        "delay_s_p99": round(cuts[98], 3),
        "delay_s_max": round(delays_s[-1], 3),
        "bar_s_p95": BAR_S,
    }


def main() -> int:
    """Measure, keep the result, and fail when the bar is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--points", type=int, default=2_000)
    options.add_argument("--every-s", type=float, default=10.0)
    options.add_argument("--seconds", type=float, default=60.0)
    chosen = options.parse_args()
    executable = browser.find()
    if executable is None:
        print(f"skipped: {browser.HOW}")
        return 0
    facts = machine.facts("src")
    with tempfile.TemporaryDirectory(prefix="huoshui-page-") as home:
        os.environ |= {
            "HUOSHUI_HOME": home,
            "HUOSHUI_PORT": str(free_port()),
            "HUOSHUI_MQTT_PORT": str(free_port()),
            "HUOSHUI_LOG_LEVEL": "warning",
            "DJANGO_SETTINGS_MODULE": "huoshui.project.settings",
        }
        sys.path.insert(0, str(Path(machine.ROOT, "src")))
        found = {**facts, **measure(chosen, executable)}
    machine.keep("mqtt_to_page", found)
    return int(found["delay_s_p95"] > BAR_S)


if __name__ == "__main__":
    sys.exit(main())
