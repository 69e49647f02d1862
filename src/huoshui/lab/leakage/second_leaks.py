"""A second leak near one that was reported: what is lost there has grown since.

    lost about a report, m³/h      10 11 10 10 | 11 10 25 26 24 25 27      look after look
                                   taken as    |      grown for five looks: reported again,
                                   usual       |      where what came lies

Two leaks within some hundred metres are one to a look (`standing`), which only grows. What has
come since the report is placed by itself, from the change of what sensors read; where that and the
look agree, it is reported. A leak that only grows is told a second time by this, which costs a way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.leakage.agreement import Agreed, common_place
from huoshui.lab.leakage.pressure_watch import WatchedLeak
from huoshui.lab.leakage.standing import Standing

Array = NDArray[np.float64]
Looks = Mapping[int, Sequence[Standing]]
Risen = Callable[[int, int, Looks, int], Standing]
"""What came between two looks about a pipe, see `standing.StandingLeaks.risen`."""


@dataclass(frozen=True)
class SecondRule:
    """When what has grown about a report is one more leak; see the notes on detection.

    Attributes
    ----------
    about_m : float
        What looks see so near to a report is taken together. [m]
    settle_looks, usual_looks : int
        So many looks after a report are left out, and so many tell what is usual there.
    grown_m3h, grown_frac : float
        It has grown when it is larger by this and by this share. [m³/h], [-]
    times : int
        In so many looks in a row.
    gain : float
        By how much what came must raise the logarithm of the likelihood. [-]
    size_m3h : float
        How large what came must be. [m³/h]
    agree_m : float
        Look and what came must lie so near to each other. [m]
    """

    about_m: float = 300.0
    settle_looks: int = 3
    usual_looks: int = 4
    grown_m3h: float = 7.0
    grown_frac: float = 0.6
    times: int = 5
    gain: float = 20.0
    size_m3h: float = 5.0
    agree_m: float = 450.0


@dataclass
class _About:
    """What looks have seen about one report since its place was last taken for known."""

    pipe: int
    since: int
    lost: list[float] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    over: int = 0

    def begin(self, number: int) -> None:
        """Take what is lost from a look on for usual."""
        self.since, self.lost, self.days, self.over = number, [], [], 0


class SecondLeaks:
    """Goes through the looks beside those who report; what it says of a day uses nothing later."""

    def __init__(
        self, ways_m: Array, near: Array, risen: Risen, rule: SecondRule | None = None
    ) -> None:
        """Begin without reports; ``near`` tells with ones what is within reach of what."""
        self.ways, self.near, self.risen = ways_m, near, risen
        self.rule = rule or SecondRule()
        self._about: list[_About] = []

    def reported(self, pipe: int, number: int) -> None:
        """Remember a report, made at or before a look."""
        self._about.append(_About(pipe, number))

    def look(self, number: int, day: int, looks: Looks) -> Agreed | None:
        """Return the report of what has grown, at most one for each look."""
        for about in self._about:
            if self._has_grown(about, number, day, looks[day]):
                call = self._called(about, number, day, looks)
                if call is not None:
                    return call
        return None

    def _has_grown(self, about: _About, number: int, day: int, seen: Sequence[Standing]) -> bool:
        rule = self.rule
        if number - about.since < rule.settle_looks:
            return False
        near = [leak.size_m3h for leak in seen if self._way(about, leak) <= rule.about_m]
        about.lost.append(sum(near))
        about.days.append(day)
        if len(about.lost) < rule.usual_looks:
            return False
        usual = float(np.median(about.lost[: rule.usual_looks]))
        more = max(rule.grown_m3h, rule.grown_frac * usual)
        about.over = about.over + 1 if about.lost[-1] > usual + more else 0
        return about.over >= rule.times

    def _way(self, about: _About, leak: Standing) -> float:
        return float(self.ways[about.pipe, leak.pipe])

    def _called(self, about: _About, number: int, day: int, looks: Looks) -> Agreed | None:
        rule = self.rule
        near = [
            leak
            for leak in looks[day]
            if self._way(about, leak) <= rule.about_m and leak.size_m3h >= rule.grown_m3h
        ]
        if not near:
            return None
        beside = [
            other for other in self._about if self.ways[about.pipe, other.pipe] <= rule.about_m
        ]
        recent = rule.settle_looks + rule.usual_looks + rule.times
        if any(other is not about and number - other.since < recent for other in beside):
            # Another report has told of it meanwhile.
            about.begin(number)
            return None
        leak = max(near, key=lambda one: one.size_m3h)
        came = self.risen(day, about.days[rule.usual_looks // 2], looks, about.pipe)
        is_clear = came.gain >= rule.gain and came.size_m3h >= rule.size_m3h
        if not is_clear or self.ways[leak.pipe, came.pipe] > rule.agree_m:
            return None
        for other in beside:
            other.begin(number)
        return as_called(leak, day, *common_place(self.near, leak.probability, came.probability))


def as_called(leak: Standing, day: int, pipe: int, mass: float, probability: Array) -> Agreed:
    """Return a leak of a look as a report, at a place found with the help of others."""
    watched = WatchedLeak(
        pipe=pipe,
        since_day=day,
        called_day=day - 1,
        residual=np.zeros(0),
        reported_day=day - 1,
        size_m3h=leak.size_m3h,
        mass=mass,
        departures=float(np.sqrt(2 * leak.gain)),
        probability=probability,
    )
    return Agreed(watched, day)
