"""``huoshui demo``: set up the demo city once, run every part of it, stop them all together.

This process only starts and watches others, so it loads neither Django nor the science.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import FrameType

from huoshui.cli import running, supervisor
from huoshui.cli.speaking import gettext as _
from huoshui.cli.speaking import mark as gettext_noop
from huoshui.kernel import errors, settings

MARK = "demo.json"
"""Tells a demo's home folder from a real installation's; written first, removed last."""
PROGRESS = "@progress "
"""A stage prints lines that begin so; all else it prints goes to its log."""
READY_PATIENCE_S = 60.0
TOLD_EVERY_S = 10.0
"""In a log, where lines stay, how far a stage is, is said no more often."""
STEPS = (
    gettext_noop("tables"),
    gettext_noop("people"),
    gettext_noop("network"),
    gettext_noop("points"),
    gettext_noop("zones"),
    gettext_noop("customers"),
    gettext_noop("hotline"),
    gettext_noop("announcements"),
    gettext_noop("crews"),
    gettext_noop("patrol rounds"),
    gettext_noop("rounds to plants"),
    gettext_noop("last winter's cold wave"),
    gettext_noop("maintenance"),
    gettext_noop("the day's work"),
)
"""What the stages say of themselves, besides dates and numbers of days."""
TELLING_ENTRIES = ("huoshui.sqlite", "historian", "files", "secrets", "democity")
"""One of these without the mark is somebody else's: an installation, or a folder of that name."""
OWN_ENTRIES = (
    "historian",
    "files",
    "secrets",
    "audit",
    "incoming",
    "intake",
    "run",
    "logs",
    "democity",
    "huoshui.sqlite",
    "huoshui.sqlite-wal",
    "huoshui.sqlite-shm",
    "tiles.sqlite",
    "tiles.sqlite-wal",
    "tiles.sqlite-shm",
)


class PortInUse(errors.Refused):
    """Something else listens where a part wants to listen."""

    def __init__(self, port: int, option: str) -> None:
        super().__init__(
            "demo.port_in_use",
            _("Port %(port)d on this computer is already in use.") % {"port": port},
            data={"port": port},
            next_step=_(
                "Stop the other program, or choose another port: ./huoshui demo %(option)s %(port)d"
            )
            % {"option": option, "port": port + 20},
        )


class NotADemo(errors.Refused):
    """The home folder holds an installation that the demo must not touch."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            "demo.home_is_not_a_demo",
            _("%(home)s holds something that is not a demo of ours.") % {"home": home},
            next_step=_(
                "Give the demo a folder of its own: HUOSHUI_HOME=~/huoshui-demo ./huoshui demo"
            ),
        )


class StageFailed(errors.Refused):
    """A step of the set-up did not finish."""

    def __init__(self, title: str, log: Path) -> None:
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-12:])
        super().__init__(
            "demo.set_up_failed",
            _("This step did not finish:") + f" {title}\n{tail}",
            next_step=_("The whole log:")
            + f" {log}\n"
            + _("To begin anew: ./huoshui demo --reset"),
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reset", action="store_true", help=_("forget this demo and begin anew"))
    parser.add_argument("--port", type=int, default=8700, help=_("port of the pages (8700)"))
    parser.add_argument("--mqtt-port", type=int, default=8701, help=_("port of the broker (8701)"))
    parser.add_argument(
        "--history-days",
        type=int,
        default=365,
        help=_("days of measurements before it begins (365)"),
    )


def run(options: argparse.Namespace) -> int:
    home = settings.load({k: v for k, v in os.environ.items() if k == "HUOSHUI_HOME"}).home
    home.mkdir(parents=True, exist_ok=True)
    with running.only_one(home / "run" / "demo.lock", "demo"):
        if not (home / MARK).exists() and any((home / one).exists() for one in TELLING_ENTRIES):
            raise NotADemo(home)
        if options.reset:
            say(_("Forgetting the demo of before"))
            forget(home)
        require_free(options.port, "--port")
        require_free(options.mqtt_port, "--mqtt-port")
        return Demo(home, options).run()


def forget(home: Path) -> None:
    """Remove what a demo made in its home, and nothing else that may lie there."""
    for name in OWN_ENTRIES:
        entry = home / name
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    (home / MARK).unlink(missing_ok=True)


def require_free(port: int, option: str) -> None:
    """Refuse with `demo.port_in_use` when somebody listens on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise PortInUse(port, option) from taken


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class _Teller:
    """Shows how far a stage is: in one line that changes, or where lines stay, in a few."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._is_live = sys.stdout.isatty()
        self._told_s = time.monotonic()
        if not self._is_live:
            say(f"  {title} ...")

    def tell(self, text: str) -> None:
        """Show what the stage is at."""
        if self._is_live:
            sys.stdout.write(f"\r  {self._title}: {text:<60.60}")
            sys.stdout.flush()
        elif time.monotonic() - self._told_s >= TOLD_EVERY_S:
            self._told_s = time.monotonic()
            say(f"    {text}")

    def end(self) -> None:
        """Clear the line that changed."""
        if self._is_live:
            sys.stdout.write("\r" + " " * (len(self._title) + 64) + "\r")


class Demo:
    """One run of the demo city on one home folder."""

    def __init__(self, home: Path, options: argparse.Namespace) -> None:
        self._home = home
        self._port = options.port
        self._history_days = options.history_days
        self._environment = {
            "HUOSHUI_DEMO": "true",
            "HUOSHUI_HOME": str(home),
            # Whoever also runs a real installation may have its settings in this terminal.
            "HUOSHUI_DATABASE_URL": "",
            "HUOSHUI_HTTPS": "false",
            "HUOSHUI_HOST": "127.0.0.1",
            "HUOSHUI_PORT": str(options.port),
            "HUOSHUI_MQTT_HOST": "127.0.0.1",
            "HUOSHUI_MQTT_PORT": str(options.mqtt_port),
        }
        self._parts = supervisor.Supervisor(home / "logs", self._environment)
        self._started: dict[str, supervisor.Part] = {}
        self._children: list[subprocess.Popen[str]] = []

    def run(self) -> int:
        """Set up what is missing, start all parts, and stay until told to stop."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        begun = time.monotonic()
        try:
            self._bring_up()
            self._greet(time.monotonic() - begun)
            self._parts.watch(
                lambda name, code: say(
                    _("The part %(name)s stopped (exit %(code)s); started again.")
                    % {"name": name, "code": code}
                )
            )
        except KeyboardInterrupt:
            pass
        except supervisor.PartFailed as failed:
            raise errors.Refused(
                "demo.part_failed", str(failed), next_step="Look there, or try --reset."
            ) from failed
        finally:
            for child in self._children:
                if child.poll() is None:
                    child.terminate()
            say("\n" + _("Stopping every part ..."))
            self._parts.stop()
        say(_("Stopped. ./huoshui demo goes on where it was."))
        return 0

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        # Once: a second Ctrl-C must not interrupt the orderly stop.
        for again in (signal.SIGINT, signal.SIGTERM):
            signal.signal(again, signal.SIG_IGN)
        self._parts.ask_to_stop()
        raise KeyboardInterrupt

    def _bring_up(self) -> None:
        mark = self._home / MARK
        state = json.loads(mark.read_text()) if mark.exists() else {}
        if not state:
            mark.write_text(json.dumps({"filled": False}))
        prepare = ("prepare", f"--history-days={self._history_days}")
        if state.get("filled"):
            self._stage(_("Waking the city"), *prepare)
        else:
            self._stage(_("Making the city"), *prepare)
            self._fill()
            mark.write_text(json.dumps({"filled": True}))
        # The pages first, alone on the processor: a person is waiting for them.
        self._wait_for_pages(self._start("web"))
        for part in ("broker", "ingest", "worker"):
            self._start(part)
        self._start("city", "live")

    def _fill(self) -> None:
        """Send the history through broker and store, then judge it."""
        broker, ingest = self._start("broker"), self._start("ingest")
        words = _("Measuring %(days)d days: simulation, broker, store")
        self._stage(words % {"days": self._history_days}, "fill")
        self._parts.require_running(broker)
        self._parts.require_running(ingest)
        self._stage(_("Judging the nights of these days"), "judge")

    def _start(self, name: str, *arguments: str) -> supervisor.Part:
        """Start a part unless it is there already."""
        if name not in self._started:
            self._started[name] = self._parts.start(name, name, *arguments)
        return self._started[name]

    def _stage(self, title: str, *arguments: str) -> None:
        """Run one step of the set-up as a child and show how far it is."""
        begun = time.monotonic()
        log = self._parts.log_of(f"set-up-{arguments[0]}")
        log.parent.mkdir(parents=True, exist_ok=True)
        teller = _Teller(title)
        with log.open("w") as out:
            child = subprocess.Popen(
                [sys.executable, "-m", "huoshui.cli", "city", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=out,
                env={**os.environ, **self._environment},
                text=True,
            )
            self._children.append(child)
            assert child.stdout is not None
            with child.stdout:
                for line in child.stdout:
                    if not line.startswith(PROGRESS):
                        out.write(line)
                    else:
                        teller.tell(_(line[len(PROGRESS) :].strip()))
            exit_code = child.wait()
        self._children.remove(child)
        teller.end()
        if exit_code != 0:
            raise StageFailed(title, log)
        say(f"  {title}  {time.monotonic() - begun:.1f} s")

    def _wait_for_pages(self, web: supervisor.Part) -> None:
        deadline = time.monotonic() + READY_PATIENCE_S
        while time.monotonic() < deadline:
            self._parts.require_running(web)
            if self._answers():
                return
            time.sleep(0.1)
        raise StageFailed("Starting the pages", self._parts.log_of("web"))

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._address}sign-in/", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def _greet(self, took_s: float) -> None:
        passwords = self._home / "secrets" / "demo-passwords.txt"
        say("")
        words = _("Huoshui is running, %(seconds)d s after the start:")
        say(f"{words % {'seconds': took_s}}  {self._address}")
        say(_("Sign in there with one click on a post (in the demo only)."))
        if passwords.exists():
            say(_("Names and passwords, made for this demo:") + f" {passwords}")
        say(_("Ctrl-C stops every part. Nothing listens beyond this computer."))
