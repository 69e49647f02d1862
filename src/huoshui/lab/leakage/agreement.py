"""What the watch calls and what looking back explains: reported where both agree.

    watch          ...x.........x........x.....     x: called, at once, sometimes at a wrong place
    looking back   ......o......o...o..o....o..     o: explained by all days so far
                         wait   yes    twice: a slow leak that the watch never called

Each sees what the other misses: the watch is quick and takes a step for what it seems at the time,
looking back is slow and sees growth. A call waits until a look puts a leak near it, and is then
made where both together find it likeliest; what two looks in a row see is reported without a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.leakage.looking_back import DAYS_OF_NOISE, LookingBack, Running
from huoshui.lab.leakage.pressure_watch import WatchedLeak

Array = NDArray[np.float64]

CENTRED = 0.02
"""How much the middle of a likely neighbourhood counts beside what lies within reach. [-]"""


@dataclass(frozen=True)
class AgreeRule:
    """When to look back and when to report; chosen on made worlds, see the notes on detection.

    Attributes
    ----------
    every_days : int
        Looks back are made so often, and on each day the watch calls. [d]
    agree_m : float
        A call and a leak seen looking back are the same within this way. [m]
    agree_m3h : float
        A leak seen looking back must be so large to confirm a call. [m³/h]
    wait_days : int
        A call that nothing confirms for so long is dropped. [d]
    alone_m3h, alone_mass : float
        What a leak must have to be reported without a call: size, and probability within reach.
        [m³/h, -]
    alone_times : int
        In so many regular looks in a row.
    same_m : float
        From look to look a leak may wander so far. [m]
    apart_m : float
        A leak nearer to a report than this is not reported without a call. [m]
    """

    every_days: int = 15
    agree_m: float = 600.0
    agree_m3h: float = 1.5
    wait_days: int = 30
    alone_m3h: float = 2.0
    alone_mass: float = 0.65
    alone_times: int = 2
    same_m: float = 300.0
    apart_m: float = 330.0


@dataclass
class _Track:
    """A leak from look to look."""

    pipe: int
    day: int
    times: int = 0


@dataclass(frozen=True)
class Agreed:
    """A leak and the day before which everything that speaks for it was measured."""

    leak: WatchedLeak
    known_day: int


class Agreement:
    """Goes through the days once; what it reports for a day uses nothing later."""

    def __init__(self, back: LookingBack, rule: AgreeRule | None = None) -> None:
        """Begin without reports."""
        self.back, self.rule = back, rule or AgreeRule()
        self.reports: list[Agreed] = []
        self.seen: dict[int, list[Running]] = {}
        self._tracks: list[_Track] = []

    def run(self, calls: Sequence[Agreed], *, from_day: int) -> list[Agreed]:
        """Return the reports from a day on.

        Parameters
        ----------
        calls : sequence of Agreed
            What the watch called, by day.
        from_day : int
            Reports begin here.
        """
        first = max(from_day, DAYS_OF_NOISE)
        last = len(self.back.days)
        regular = set(range(first, last + 1, self.rule.every_days))
        called = {call.known_day for call in calls if first <= call.known_day <= last}
        # Before there is enough to look back on, the watch is alone.
        self.reports += [call for call in calls if call.known_day < first]
        waiting = [call for call in calls if call.known_day >= first]
        for day in sorted(regular | called):
            seen = self.back.look(day)
            self.seen[day] = [replace(leak, overlap=np.zeros(0)) for leak in seen]
            waiting = [call for call in waiting if not self._is_done(call, seen, day)]
            if day in regular:
                self._follow(seen, day)
        return self.reports

    def _is_done(self, call: Agreed, seen: Sequence[Running], day: int) -> bool:
        """Report a call that is confirmed; say whether it need not wait any longer."""
        leak, rule = call.leak, self.rule
        if call.known_day > day:
            return False
        has_ended = leak.ended_day is not None and leak.ended_day < day
        if day - call.known_day > rule.wait_days or has_ended:
            return True
        ways = self.back.place.ways_m[leak.pipe]
        large = [one for one in seen if one.now_m3h > rule.agree_m3h]
        near = min(large, key=lambda one: float(ways[one.pipe]), default=None)
        if near is None or ways[near.pipe] > rule.agree_m:
            return False
        pipe, mass, probability = common_place(self.back.near, leak.probability, near.probability)
        self.reports.append(
            Agreed(replace(leak, pipe=pipe, probability=probability, mass=mass), day)
        )
        return True

    def _follow(self, seen: Sequence[Running], day: int) -> None:
        """Report leaks that nobody called once several looks in a row have seen them."""
        rule, ways = self.rule, self.back.place.ways_m
        old = [track for track in self._tracks if day - track.day <= 1.5 * rule.every_days]
        self._tracks = []
        for leak in seen:
            alike = (track for track in old if ways[track.pipe, leak.pipe] < rule.same_m)
            track = next(alike, None)
            if track is None:
                track = _Track(leak.pipe, day)
            else:
                old.remove(track)
            is_clear = leak.now_m3h >= rule.alone_m3h and leak.mass >= rule.alone_mass
            track.times = track.times + 1 if is_clear else 0
            track.pipe, track.day = leak.pipe, day
            self._tracks.append(track)
            if track.times < rule.alone_times or self._is_known(leak.pipe):
                continue
            self.reports.append(Agreed(as_watched(leak, day), day))

    def _is_known(self, pipe: int) -> bool:
        ways = self.back.place.ways_m[pipe]
        return any(ways[one.leak.pipe] < self.rule.apart_m for one in self.reports)


def common_place(near: Array, one: Array, other: Array) -> tuple[int, float, Array]:
    """Return where two see the same leak: the pipe, the probability within its reach, and all.

    ``near`` tells which pipes are within reach of which, as zeros and ones.
    """
    probability: Array = (one + other) / 2
    within = near @ probability
    # Where many places are as good, the middle of them.
    middle = near @ within
    pipe = int(np.argmax(within + CENTRED * middle / max(float(middle.max()), 1e-300)))
    return pipe, float(within[pipe]), probability


def as_watched(leak: Running, day: int) -> WatchedLeak:
    """Return a leak seen looking back as the watch would have called it."""
    return WatchedLeak(
        pipe=leak.pipe,
        since_day=leak.since_day,
        called_day=day - 1,
        residual=np.zeros(0),
        reported_day=day - 1,
        size_m3h=leak.now_m3h,
        mass=leak.mass,
        departures=float(np.sqrt(2 * leak.gain)),
        probability=leak.probability,
    )
