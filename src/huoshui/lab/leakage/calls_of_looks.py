"""What looks at all that runs report by themselves: leaks that nobody has reported yet.

    reported        A               B               C (mended: no look sees it, its place is free)
                    |  450 m        |
    one look        a           d   b                     a is A, b is B: d is one more
                              looking back sees d as well: reported, where both have it

The looks (`standing`) see most leaks on most days, and some that are none. What several looks in a
row see and looking back (`looking_back`) has nearby is reported, unless it is a leak that was
reported before: each report stands for one leak of a look at most, and each leak for one report.
Fewer looks do where the watch (`pressure_watch`) called it. What has grown about a report is one
more leak (`second_leaks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.leakage.agreement import Agreed, as_watched, common_place
from huoshui.lab.leakage.looking_back import Running
from huoshui.lab.leakage.place import Place
from huoshui.lab.leakage.second_leaks import Risen, SecondLeaks, as_called
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
    called_looks, called_times : int
        The same as ``looks`` and ``times`` for what the watch called.
    called_m, called_days : float, int
        A leak of a look is the watch's where they lie so near, not longer after the call. [m], [d]
    same_m : float
        A leak of a look and a report may be one within this way. [m]
    apart_m : float
        A leak nearer to a standing report than this is not reported. [m]
    free_looks : int
        A report of which so many looks in a row see nothing of ``size_m3h`` within ``same_m`` frees
        its place.
    reach_m : float
        What is within reach of a crew. [m]
    """

    looks: int = 7
    times: int = 6
    wander_m: float = 300.0
    shrink_frac: float = 0.7
    size_m3h: float = 2.0
    mass: float = 0.65
    back_m: float = 450.0
    back_m3h: float = 1.5
    back_days: int = 16
    called_looks: int = 4
    called_times: int = 3
    called_m: float = 300.0
    called_days: int = 30
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

    def __init__(
        self, place: Place, rule: CallRule | None = None, *, risen: Risen | None = None
    ) -> None:
        """Begin without reports; without ``risen`` nothing is told of leaks near a report."""
        self.rule = rule or CallRule()
        self.ways = np.where(np.isfinite(place.ways_m), place.ways_m, 1e9)
        self.near = (place.ways_m <= self.rule.reach_m).astype(float)
        self._reported: list[_Standing] = []
        self.second = None if risen is None else SecondLeaks(self.ways, self.near, risen)

    def run(
        self,
        looks: Mapping[int, Sequence[Standing]],
        back: Mapping[int, Sequence[Running]],
        reports: Sequence[Agreed],
        *,
        from_day: int,
        calls: Sequence[Agreed] = (),
    ) -> list[Agreed]:
        """Return what looks report besides what was reported without them; once for each object.

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
        calls : sequence of Agreed
            What the watch called, whether it was reported or not.
        """
        waiting = sorted(reports, key=lambda one: one.known_day)
        days, found = sorted(looks), list[Agreed]()
        for number, day in enumerate(days):
            while waiting and waiting[0].known_day <= day:
                self._remember(waiting.pop(0), number)
            self._free(number, looks[day])
            if day < from_day:
                continue
            latest = max((one for one in back if day - self.rule.back_days < one <= day), default=0)
            past = [looks[one] for one in days[max(0, number + 1 - self.rule.looks) : number]]
            for leak in self._unreported(looks[day]):
                if self._lasts(leak, past, self.rule.times):
                    call = self._seconded(leak, back.get(latest, ()), day)
                    found += self._taken(call, leak, number)
            past = past[len(past) + 1 - self.rule.called_looks :]
            for called in calls:
                if self._is_waiting(called, day):
                    found += self._of_watch(called, looks[day], past, number, day)
            if self.second is not None:
                grown = self.second.look(number, day, looks)
                if grown is not None:
                    found.append(grown)
                    self._remember(grown, number)
        return found

    def _remember(self, report: Agreed, number: int) -> None:
        self._reported.append(_Standing(report.leak.pipe, number))
        if self.second is not None:
            self.second.reported(report.leak.pipe, number)

    def _taken(self, call: Agreed | None, leak: Standing, number: int) -> list[Agreed]:
        """Return a report where there is one and nothing near was reported before."""
        if call is None or self._is_near_a_report(leak.pipe, call.leak.pipe):
            return []
        self._remember(call, number)
        return [call]

    def _is_waiting(self, called: Agreed, day: int) -> bool:
        """Say whether a call of the watch is recent and its leak not known to have ended."""
        ended = called.leak.ended_day
        is_recent = called.known_day <= day <= called.known_day + self.rule.called_days
        return is_recent and (ended is None or ended >= day)

    def _of_watch(
        self,
        called: Agreed,
        seen: Sequence[Standing],
        past: Sequence[Sequence[Standing]],
        number: int,
        day: int,
    ) -> list[Agreed]:
        """Return the report of a call of the watch that looks see as well, where both have it."""
        ways = self.ways[called.leak.pipe]
        clear = [leak for leak in seen if self._is_clear(leak)]
        leak = min(clear, key=lambda one: float(ways[one.pipe]), default=None)
        if leak is None or ways[leak.pipe] > self.rule.called_m:
            return []
        if self._is_near_a_report(leak.pipe, called.leak.pipe):
            return []
        if not self._lasts(leak, past, self.rule.called_times):
            return []
        place = common_place(self.near, leak.probability, called.leak.probability)
        call = as_called(leak, day, *place)
        self._remember(call, number)
        return [call]

    def _free(self, number: int, seen: Sequence[Standing]) -> None:
        """Let go of reports that looks have not seen for long: what was mended is over."""
        places = [leak.pipe for leak in seen if leak.size_m3h >= self.rule.size_m3h]
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

    def _is_clear(self, leak: Standing) -> bool:
        return leak.mass >= self.rule.mass and leak.size_m3h >= self.rule.size_m3h

    def _lasts(self, leak: Standing, past: Sequence[Sequence[Standing]], times: int) -> bool:
        """Say whether a leak is large and clear, and was seen in looks before."""
        rule = self.rule
        least = rule.shrink_frac * rule.size_m3h
        seen = 1 + sum(
            any(
                self.ways[leak.pipe, one.pipe] <= rule.wander_m and one.size_m3h >= least
                for one in look
            )
            for look in past
        )
        return self._is_clear(leak) and seen >= times

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
