"""The demo city as the outside world: what it measures, sent over MQTT like a real city's.

`fill` sends the history as loggers do that had no connection, a day at a time. `follow` sends the
present, every five minutes of the shown clock, and repairs the pipes that crews repaired.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import OperationalError

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import facade as telemetry
from huoshui.democity import desk, home, hotline, messages, routine, timetable
from huoshui.democity.cold_wave import live
from huoshui.democity.simulate import living
from huoshui.kernel import clock, errors

log = logging.getLogger(__name__)

SAVE_EVERY_S = 2.0
LOOK_FOR_REPAIRS_EVERY_S = 1.0
STORE_PATIENCE_S = 180.0
LISTENING_PATIENCE_S = 120.0
DAYS_BETWEEN_SAVES = 20
CATCH_UP_AT_ONCE = timedelta(days=1)
# Kept in the state of the city while a rehearsal goes on.
REHEARSED = "rehearsed"


class StoreTooSlow(errors.Unavailable):
    """The measurements were sent, but the store has not taken them all in."""

    def __init__(self) -> None:
        super().__init__(
            "democity.store_too_slow",
            "The store has not taken in all measurements of the history yet.",
            retry_after_s=30,
        )


class NobodyListens(errors.Unavailable):
    """The store has not subscribed to the broker, so what is sent would be thrown away."""

    def __init__(self) -> None:
        super().__init__(
            "democity.nobody_listens",
            "The store does not listen to the broker of the demo city.",
            retry_after_s=10,
        )


class MeasurementsLost(errors.Unavailable):
    """The store has the last measurements that were sent, but not the first ones."""

    def __init__(self, code: str, moment: datetime) -> None:
        super().__init__(
            "democity.measurements_lost",
            f"The store knows nothing of {code} at {moment.isoformat()}, which was sent.",
            retry_after_s=30,
        )


def fill(tell: Callable[[str], None]) -> None:
    """Send the history up to the moment at which the demo begins, and wait until it is stored.

    Stopped and started again it goes on where it was.
    """
    state, more = home.load()
    city = timetable.city(state)
    sender = messages.Sender()
    total = (timetable.SHOWN_FROM - state.at) / timedelta(days=1)
    first: living.Block | None = None
    latest: dict[str, datetime] = {}
    try:
        wait_until_heard(threading.Event())
        for number, block in enumerate(city.step(timetable.SHOWN_FROM)):
            sender.send(block)
            first = first or block
            latest |= dict.fromkeys(block.codes, block.from_at)
            if number % (2 * DAYS_BETWEEN_SAVES) == 0:
                sender.settle()
                home.save(state, more)
            left = (timetable.SHOWN_FROM - state.at) / timedelta(days=1)
            tell(f"{total - left:.0f} / {total:.0f} d")
        sender.settle()
        _wait_until_stored(latest)
        if first is not None:
            _check_stored(first)
        home.save(state, more)
    finally:
        sender.close()
        city.close()


def wait_until_heard(stop: threading.Event) -> None:
    """Wait until the store listens to the broker; raises `NobodyListens`.

    A broker throws away what comes before anybody has asked for it.
    """
    began = clock.real_now()
    deadline = time.monotonic() + LISTENING_PATIENCE_S
    brokers = {one.code for one in telemetry.sources() if one.connector == "mqtt"}
    while not brokers & telemetry.connected_sources(began):
        if time.monotonic() > deadline or stop.wait(0.1):
            raise NobodyListens


def _check_stored(block: living.Block) -> None:
    """Look up a block that was sent; raises `MeasurementsLost` when none of it is there."""
    stored = telemetry.readings(block.codes, block.from_at, block.until)
    if not any(len(series) for series in stored.values()):
        raise MeasurementsLost(block.codes[0], block.from_at)


def _wait_until_stored(latest: dict[str, datetime]) -> None:
    """Wait until the store knows a reading of the last block of nearly every point.

    A point that is silent in its last block never gets there, so one in five may be missing.
    """
    deadline = time.monotonic() + STORE_PATIENCE_S
    while True:
        stored = telemetry.latest(list(latest))
        there = sum(
            code in stored and stored[code].at_us >= moment.timestamp() * 1e6
            for code, moment in latest.items()
        )
        if there >= 0.8 * len(latest):
            return
        if time.monotonic() > deadline:
            raise StoreTooSlow
        time.sleep(0.2)


def follow(stop: threading.Event) -> None:
    """Send the present until told to stop."""
    try:
        wait_until_heard(stop)
    except NobodyListens as problem:
        log.warning("%s", problem)
    state, more = home.load()
    begin_clock(more)
    city = timetable.city(state)
    sender = messages.Sender(stop)
    follower = _Follower(city, sender, more)
    callers, rehearsal, crews = hotline.Callers(), live.Rehearsal(), routine.Routine()
    follower.speed_before = lambda: rehearsal.speed_before
    try:
        while not stop.is_set():
            try:
                follower.look_for_repairs()
                follower.catch_up()
                rehearsal.look()
                crews.look(is_all_called_up=rehearsal.is_played)
                if not rehearsal.is_played:
                    callers.look()
            except errors.Unavailable as problem:
                log.warning("%s", problem)
            except OperationalError as problem:
                log.warning("The database was busy: %s", problem)
            stop.wait(0.05 if rehearsal.is_played else follower.pause_s())
        follower.save()
    finally:
        sender.close()
        city.close()


def begin_clock(more: dict[str, object]) -> None:
    """Let the shown clock run, if `city.build` held it or a rehearsal set its speed.

    Otherwise leave it as people set it.
    """
    rehearsed = more.pop(REHEARSED, None)
    if more.pop(home.HELD, False) or rehearsed is not None:
        clock.set_speed(float(str(more.get("speed", timetable.SPEED))))


class _Follower:
    """The loop of `follow`, one turn at a time."""

    def __init__(
        self, city: living.LiveCity, sender: messages.Sender, more: dict[str, object]
    ) -> None:
        self._city = city
        self._sender = sender
        self._more = more
        self._shift_book = desk.ShiftBook(desk.folder())
        self._saved_s = 0.0
        self._looked_s = 0.0
        self._saved_speed: float | None = None
        self.speed_before: Callable[[], float | None] = lambda: None

    def catch_up(self) -> None:
        """Send everything up to the shown present, at most a day at once."""
        target = living.utc(clock.now())
        target = min(target, self._city.state.at + CATCH_UP_AT_ONCE)
        sent = False
        for block in self._city.step(target):
            self._sender.send(block)
            self._shift_book.note(block)
            sent = True
        if sent:
            self._sender.settle()
        changed = clock.settled_speed() != self._saved_speed
        changed |= (self.speed_before() is not None) != (REHEARSED in self._more)
        if changed or (sent and time.monotonic() - self._saved_s > SAVE_EVERY_S):
            self.save()

    def save(self) -> None:
        """Keep where the city is and how fast its clock runs."""
        before = self.speed_before()
        self._more.pop(REHEARSED, None)
        if before is not None:
            self._more[REHEARSED] = True
        speed = clock.settled_speed() if before is None else before
        if speed > 0:
            self._more["speed"] = speed
        self._more["shown"] = clock.now().isoformat()
        home.save(self._city.state, self._more)
        self._saved_s = time.monotonic()
        self._saved_speed = clock.settled_speed()

    def pause_s(self) -> float:
        """Return how long nothing will have to be sent. [real s]"""
        ahead = (self._city.state.at + living.STEP - clock.now()).total_seconds()
        return min(0.5, max(0.02, ahead / max(clock.speed(), 1e-3)))

    def look_for_repairs(self) -> None:
        """Repair the pipes of jobs that a second person has closed as repaired."""
        if time.monotonic() - self._looked_s < LOOK_FOR_REPAIRS_EVERY_S:
            return
        self._looked_s = time.monotonic()
        done = {str(number) for number in self._more.get("repaired", [])}  # type: ignore[attr-defined]
        for job in fieldwork.closed_jobs(since=timetable.SHOWN_FROM):
            if job.number in done or job.report is None:
                continue
            done.add(job.number)
            if job.report.found == fieldwork_contracts.Found.LEAK_REPAIRED:
                repair(self._city, job)
            elif job.origin.startswith("fieldwork.condition:"):
                self._city.mend_machine(job.place.asset_code)
            self._more["repaired"] = sorted(done)
            self.save()


def repair(city: living.LiveCity, job: fieldwork_contracts.Job) -> str | None:
    """Close the leak a crew repaired; return its pipe, or None if nothing leaks there.

    The crew of the demo cannot dig: when they name another asset than the one that leaks, the
    leak of the same zone that began first is taken to be the one they found.
    """
    named = job.report.found_asset_code if job.report else ""
    running = city.running_leaks()
    if named and any(leak.pipe == named for leak in running):
        city.repair_leak(named)
        return named
    asset = network.asset(named) if named else None
    zone = asset.zone if asset is not None else job.place.zone_code
    for leak in running:
        if leak.zone == zone:
            city.repair_leak(leak.pipe)
            return leak.pipe
    return None
