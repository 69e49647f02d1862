"""What looks at all that runs report by themselves: leaks that nobody has reported yet.

    reported        A               B               C (mended: no look sees it, its place is free)
                    |  450 m        |
    one look        a           d   b                     a is A, b is B: d is one more
                              looking back sees d as well: reported, where both have it

The looks (`standing`) see most leaks on most days, and some that are none. What several looks in a
row see and looking back (`looking_back`) has nearby is reported, unless it is a leak that was
reported before: each report stands for one leak of a look at most, and each leak for one report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.leakage.agreement import Agreed, as_watched, common_place
from huoshui.lab.leakage.looking_back import Running
from huoshui.lab.leakage.place import Place
from huoshui.lab.leakage.standing import Standing

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CallRule:
    """When looks report a leak; chosen on made worlds, see the notes on detection.

    Attributes
    ----------
    looks, times : int
        So many of the latest looks are asked, and so many of them must see it, the last one
        included.
    wander_m, shrink_frac : float
        From look to look a leak may wander so far, and must keep this share of the least size.
        [m], [-]
    size_m3h, mass : float
        What it must lose, and its probability within reach. [m³/h], [-]
    back_m, back_m3h, back_days : float, float, int
        Looking back must have had a leak so near and so large, not longer ago.
        [m], [m³/h], [d]
    same_m : float
        A leak of a look and a report may be one within this way. [m]
    apart_m : float
        A leak nearer to a standing report than this is not reported. [m]
    free_looks : int
        A report of which so many looks in a row see nothing within ``same_m`` frees its place.
    reach_m : float
        What is within reach of a crew. [m]
    """

    looks: int = 4
    times: int = 3
    wander_m: float = 300.0
    shrink_frac: float = 0.7
    size_m3h: float = 2.0
    mass: float = 0.65
    back_m: float = 450.0
    back_m3h: float = 1.5
    back_days: int = 16
    same_m: float = 450.0
    apart_m: float = 330.0
    free_looks: int = 5
    reach_m: float = 300.0


@dataclass
class _Standing:
    """The place of a report, and the number of the last look that saw a leak about it."""

    pipe: int
    seen: int


class LookCalls:
    """Goes through the looks once; what it reports for a day uses nothing later."""

    def __init__(self, place: Place, rule: CallRule | None = None) -> None:
        """Begin without reports."""
        self.rule = rule or CallRule()
        self.ways = np.where(np.isfinite(place.ways_m), place.ways_m, 1e9)
        self.near = (place.ways_m <= self.rule.reach_m).astype(float)
        self._reported: list[_Standing] = []

    def run(
        self,
        looks: Mapping[int, Sequence[Standing]],
        back: Mapping[int, Sequence[Running]],
        reports: Sequence[Agreed],
        *,
        from_day: int,
    ) -> list[Agreed]:
        """Return what looks report besides what was reported without them.

        Parameters
        ----------
        looks : mapping
            See `standing.StandingLeaks.looks`.
        back : mapping
            What looking back saw, by the day before which everything was measured.
        reports : sequence of Agreed
            What the watch and looking back report.
        from_day : int
            Reports begin here.
        """
        self._reported = []
        waiting = sorted(reports, key=lambda one: one.known_day)
        days, found = sorted(looks), list[Agreed]()
        for number, day in enumerate(days):
            while waiting and waiting[0].known_day <= day:
                self._reported.append(_Standing(waiting.pop(0).leak.pipe, number))
            self._free(number, looks[day])
            if day < from_day:
                continue
            latest = max((one for one in back if day - self.rule.back_days < one <= day), default=0)
            past = [looks[one] for one in days[max(0, number + 1 - self.rule.looks) : number]]
            for leak in self._unreported(looks[day]):
                if not self._lasts(leak, past):
                    continue
                call = self._seconded(leak, back.get(latest, ()), day)
                if call is None or self._is_near_a_report(leak.pipe, call.leak.pipe):
                    continue
                found.append(call)
                self._reported.append(_Standing(call.leak.pipe, number))
        return found

    def _free(self, number: int, seen: Sequence[Standing]) -> None:
        """Let go of reports that looks have not seen for long: what was mended is over."""
        places = [leak.pipe for leak in seen]
        for one in self._reported:
            if places and float(self.ways[one.pipe, places].min()) <= self.rule.same_m:
                one.seen = number
        self._reported = [one for one in self._reported if number - one.seen < self.rule.free_looks]

    def _unreported(self, seen: Sequence[Standing]) -> list[Standing]:
        """Return the leaks of a look that are left when each report has taken one."""
        from scipy.optimize import linear_sum_assignment

        if not seen or not self._reported:
            return list(seen)
        ways = self.ways[np.ix_([one.pipe for one in self._reported], [one.pipe for one in seen])]
        rows, columns = linear_sum_assignment(np.minimum(ways, self.rule.same_m))
        taken = set(columns[ways[rows, columns] < self.rule.same_m].tolist())
        return [leak for place, leak in enumerate(seen) if place not in taken]

    def _lasts(self, leak: Standing, past: Sequence[Sequence[Standing]]) -> bool:
        """Say whether a leak is large and clear, and was seen in looks before."""
        rule = self.rule
        if leak.mass < rule.mass or leak.size_m3h < rule.size_m3h:
            return False
        least = rule.shrink_frac * rule.size_m3h
        times = 1 + sum(
            any(
                self.ways[leak.pipe, one.pipe] <= rule.wander_m and one.size_m3h >= least
                for one in look
            )
            for look in past
        )
        return times >= rule.times

    def _seconded(self, leak: Standing, seen: Sequence[Running], day: int) -> Agreed | None:
        """Return the report of a leak that looking back has as well, where both have it."""
        ways = self.ways[leak.pipe]
        large = [one for one in seen if one.now_m3h >= self.rule.back_m3h]
        other = min(large, key=lambda one: float(ways[one.pipe]), default=None)
        if other is None or ways[other.pipe] > self.rule.back_m:
            return None
        pipe, mass, probability = common_place(self.near, leak.probability, other.probability)
        watched = replace(
            as_watched(other, day),
            pipe=pipe,
            mass=mass,
            probability=probability,
            size_m3h=leak.size_m3h,
            departures=float(np.sqrt(2 * leak.gain)),
        )
        return Agreed(watched, day)

    def _is_near_a_report(self, *pipes: int) -> bool:
        return any(
            self.ways[one.pipe, pipe] < self.rule.apart_m
            for one in self._reported
            for pipe in pipes
        )
