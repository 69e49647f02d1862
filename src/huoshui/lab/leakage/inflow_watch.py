"""Steps in what a zone takes: a burst within a day, from the flow of its inlets alone.

    flow      ....::::....::::    ....::::....::::          24 hours against the days before,
                              ::::                ~~~~      weekday by weekday; a rise is a
              usual days      burst               repair    suspected leak, a fall its end

Every hour the mean of the last 24 hours is compared with the days before. How far it usually
strays is learnt from the zone itself, so the threshold needs nobody to set it. After each step
the zone starts anew from its new level, so that one burst is not called twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.series.robust import MAD_TO_SIGMA

Array = NDArray[np.float64]

HOURS_A_DAY = 24
HOURS_A_WEEK = 168
HOURS_KNOWN_MIN = 18


@dataclass(frozen=True)
class StepRule:
    """When a step is called; the defaults were chosen on worlds made for it, not on real zones.

    Attributes
    ----------
    departures : float
        How many times its usual departure a day must stray. [-]
    level_frac : float
        The usual departure is not taken smaller than this share of the zone's flow. [-]
    least_frac : float
        Smaller steps than this share of the zone's flow are left to the night flow. [-]
    reference_days : int
        How many days before are the comparison. [d]
    weeks : int
        Over how many weeks the weekdays' habits are learnt.
    hours : int
        How many hours in a row must stray.
    learning_days : int
        Days before the first judgement. [d]
    """

    departures: float = 5.0
    level_frac: float = 0.01
    least_frac: float = 0.03
    reference_days: int = 10
    weeks: int = 6
    hours: int = 3
    learning_days: int = 14


@dataclass(frozen=True)
class Step:
    """A zone takes more or less than before, since a moment.

    Attributes
    ----------
    since_s : float
        When it probably began. [s]
    known_s : float
        When it was called: nothing measured later was looked at. [s]
    size_m3s, error_m3s : float
        Change of the flow, positive for a rise, and its usual error. [m³ s⁻¹]
    departures : float
        Size in usual departures. [-]
    """

    since_s: float
    known_s: float
    size_m3s: float
    error_m3s: float
    departures: float

    @property
    def is_rise(self) -> bool:
        """Say whether the zone takes more than before."""
        return self.size_m3s > 0


def hourly(*, at_s: ArrayLike, flow_m3s: ArrayLike) -> tuple[Array, Array]:
    """Return whole hours and the mean flow in each; NaN where less than half of it is known."""
    at, flow = np.asarray(at_s, dtype=float), np.asarray(flow_m3s, dtype=float)
    hour = (at // 3600).astype(np.int64)
    first = int(hour[0])
    place, known = hour - first, np.isfinite(flow)
    count = int(place[-1]) + 1
    step_s = float(np.median(np.diff(at))) if at.size > 1 else 3600.0
    sums = np.bincount(place[known], weights=flow[known], minlength=count)
    numbers = np.bincount(place[known], minlength=count)
    enough = numbers >= max(1.0, 0.5 * 3600 / max(step_s, 1.0))
    means: Array = np.where(enough, sums / np.maximum(numbers, 1), np.nan)
    hours: Array = 3600.0 * np.arange(first, first + count, dtype=float)
    return hours, means


def find_steps(
    *,
    hour_s: ArrayLike,
    flow_m3s: ArrayLike,
    rule: StepRule | None = None,
    level_m3s: float | None = None,
) -> list[Step]:
    """Find the steps of a zone's hourly flow, each from what was measured before it was called.

    Parameters
    ----------
    hour_s : array_like, shape (n,)
        Beginnings of whole hours in local time, without gaps. [s]
    flow_m3s : array_like, shape (n,)
        Mean net inflow of each hour; NaN is not known. [m³ s⁻¹]
    rule : StepRule, optional
    level_m3s : float, optional
        What the zone usually takes in; where customers' meters have been taken off, their use
        with it. Learnt from the first days where not given. [m³ s⁻¹]

    Returns
    -------
    list of Step
        Rises and falls by the moment they were called.

    Notes
    -----
    A step between two levels; growth that takes weeks is followed by the night flow instead
    (`decision.judge_nights`). The comparison is Shewhart's chart on a moving mean of a day.

    References
    ----------
    .. [1] W. A. Shewhart, "Economic Control of Quality of Manufactured Product", 1931, ch. 20.
    """
    rule = rule or StepRule()
    hours, flow = np.asarray(hour_s, dtype=float), np.asarray(flow_m3s, dtype=float)
    day = _moving_day(flow, _steadiness(flow[: rule.learning_days * HOURS_A_DAY]))
    habit = _weekday_habits(day, rule.weeks)
    plain = day - habit
    departures = np.full(flow.size, np.nan)
    level = float(np.nanmedian(np.abs(flow[: rule.learning_days * HOURS_A_DAY])))
    level = level if level_m3s is None else level_m3s
    found: list[Step] = []
    fresh_from, streak = 0, 0
    for now in range(rule.learning_days * HOURS_A_DAY, flow.size):
        oldest = max(fresh_from + HOURS_A_DAY - 1, now - rule.reference_days * HOURS_A_DAY)
        before = plain[oldest : now - HOURS_A_DAY + 1]
        before = before[np.isfinite(before)]
        if before.size < HOURS_A_DAY or not np.isfinite(plain[now]):
            streak = 0
            continue
        departures[now] = plain[now] - np.median(before)
        usual = min(
            _usual(departures[max(0, now - days * HOURS_A_DAY) : now - HOURS_A_DAY : 6])
            for days in (30, 120)
        )
        if not np.isfinite(usual):
            usual = 2.5 * rule.level_frac * level
        usual = max(usual, rule.level_frac * level)
        if usual <= 0:  # nothing has ever flowed here
            continue
        # A reference of few days is itself uncertain.
        usual *= np.sqrt(1 + HOURS_A_DAY * 2 / before.size)
        side = np.sign(departures[now]) if abs(departures[now]) > rule.departures * usual else 0.0
        streak = int(side) if side * streak <= 0 else streak + int(side)
        if abs(streak) < rule.hours:
            continue
        since = _onset(flow, now)
        size = float(np.nanmean(flow[since : now + 1] - _same_hours(flow, since, now + 1)))
        if not np.isfinite(size) or size * side <= 0:
            size = float(departures[now])
        if abs(size) < rule.least_frac * level:
            streak = 0
            continue
        found.append(
            Step(
                since_s=float(hours[since]),
                known_s=float(hours[now]) + 3600.0,
                size_m3s=size,
                error_m3s=float(usual),
                departures=abs(float(departures[now])) / float(usual),
            )
        )
        departures[since : now + 1] = np.nan
        fresh_from, streak = since, 0
    return found


RETURN_DAYS = 4
RETURN_LIKENESS = 0.35


def returns(steps: Sequence[Step]) -> frozenset[int]:
    """Tell which rises only bring a zone back to where it was before an unexplained fall.

    A valve closed for works, a meter that stood still: the flow falls, and after hours or days it
    is back. The way back is no new leak. A fall that ended a rise called before explains itself,
    and what rises after it is judged like any other.

    Returns
    -------
    frozenset of int
        Places in ``steps``.
    """
    found = set()
    for place, rise in enumerate(steps):
        if not rise.is_rise or not place or steps[place - 1].is_rise:
            continue
        fall = steps[place - 1]
        is_soon = rise.since_s - fall.since_s <= RETURN_DAYS * HOURS_A_DAY * 3600
        is_like = abs(rise.size_m3s + fall.size_m3s) <= RETURN_LIKENESS * -fall.size_m3s
        if is_soon and is_like and not _ends_a_rise(steps[: place - 1], -fall.size_m3s):
            found.add(place)
    return frozenset(found)


def _ends_a_rise(before: Sequence[Step], size_m3s: float) -> bool:
    """Tell whether a fall of some size takes back the last rise that still ran."""
    running: list[float] = []
    for step in before:
        if step.is_rise:
            running.append(step.size_m3s)
        elif running:
            running.pop()
    return any(abs(one - size_m3s) <= RETURN_LIKENESS * max(one, size_m3s) for one in running)


def _usual(departures: Array) -> float:
    """Return how far a zone usually strays, about its own middle; infinite where few are known.

    About the middle, because a leak that grows lifts every departure alike.
    """
    known = departures[np.isfinite(departures)]
    if known.size < 28:
        return np.inf
    return MAD_TO_SIGMA * float(np.median(np.abs(known - np.median(known))))


def _steadiness(learning: Array) -> Array:
    """Return the weight of each place in the day: the less is taken, the steadier; (24,).

    What customers take strays in proportion to itself, a leak runs all day: so the hours of the
    night say most about it.
    """
    days = learning.size // HOURS_A_DAY
    table = learning[: days * HOURS_A_DAY].reshape(days, HOURS_A_DAY)
    known = np.isfinite(table).any(axis=0)
    usual = np.full(HOURS_A_DAY, np.nan)
    usual[known] = np.abs(np.nanmedian(table[:, known], axis=0))
    mean = float(np.nanmean(usual)) if known.any() else 0.0
    if mean <= 0:
        return np.full(HOURS_A_DAY, 1 / HOURS_A_DAY)
    # A floor keeps one lucky hour from standing for the whole day.
    usual = np.maximum(np.where(known, usual, mean), 0.3 * mean)
    weight: Array = usual**-2 / np.sum(usual**-2)
    return weight


def _moving_day(flow: Array, weight: Array) -> Array:
    """Return the weighted mean of the 24 hours that end with each hour; NaN where few are known."""
    known = np.isfinite(flow)
    weights = np.where(known, np.resize(weight, flow.size), 0.0)
    sums = np.concatenate([[0.0], np.cumsum(weights * np.where(known, flow, 0.0))])
    counts = np.concatenate([[0.0], np.cumsum(weights)])
    day = np.full(flow.size, np.nan)
    if flow.size >= HOURS_A_DAY:
        number = counts[HOURS_A_DAY:] - counts[:-HOURS_A_DAY]
        total = sums[HOURS_A_DAY:] - sums[:-HOURS_A_DAY]
        enough = number >= HOURS_KNOWN_MIN / HOURS_A_DAY
        day[HOURS_A_DAY - 1 :] = np.where(enough, total / np.maximum(number, 1e-9), np.nan)
    return day


def _weekday_habits(day: Array, weeks: int) -> Array:
    """Return by how much a day's mean usually differs from its week, from the weeks before it.

    A week is the seven days that end with the hour, so nothing later is looked at.
    """
    week = np.full(day.size, np.nan)
    if day.size > HOURS_A_WEEK:
        middle = np.stack(
            [np.roll(day, shift) for shift in range(-3 * 24, 4 * 24, HOURS_A_DAY)]
        ).mean(axis=0)
        week[3 * 24 : -3 * 24] = middle[3 * 24 : -3 * 24]
    apart = day - week  # known three days later
    earlier = np.full((weeks, day.size), np.nan)
    for number in range(1, weeks + 1):
        shift = number * HOURS_A_WEEK
        if shift < day.size:
            earlier[number - 1, shift:] = apart[:-shift]
    some = np.isfinite(earlier).any(axis=0)
    habit = np.zeros(day.size)
    habit[some] = np.nanmedian(earlier[:, some], axis=0)
    return habit


def _same_hours(flow: Array, first: int, until: int) -> Array:
    """Return the mean flow of the same hours of day over the week before an hour."""
    back = np.stack([_shifted(flow, first, until, days) for days in range(1, 8)])
    found: Array = np.nanmean(back, axis=0) if np.isfinite(back).any() else back[0]
    return found


def _shifted(flow: Array, first: int, until: int, days: int) -> Array:
    """Return the flow some days before; of days inside the step itself, days before that."""
    place = np.arange(first, until) - days * HOURS_A_DAY
    while np.any(place >= first):
        place = np.where(place >= first, place - HOURS_A_DAY * 7, place)
    return np.where(place >= 0, flow[np.maximum(place, 0)], np.nan)


def _onset(flow: Array, now: int) -> int:
    """Return the hour from which on the flow most probably stands at its new level."""
    first = max(0, now - 2 * HOURS_A_DAY)
    gaps = flow[first : now + 1] - _same_hours(flow, first, now + 1)
    gaps = np.nan_to_num(gaps)
    tail = np.cumsum(gaps[::-1])[::-1] ** 2 / np.arange(gaps.size, 0, -1)
    return first + int(np.argmax(tail))
