"""Steps in what a zone takes: a burst within a day, from the flow of its inlets alone.

    flow      ....::::....::::    ....::::....::::          24 hours, and 6, against what is usual
                              ::::                ~~~~      at that hour of the week; a rise is a
              usual days      burst               repair    suspected leak, a fall its end

Every hour the mean of the last hours is compared with the days before. How far it usually strays
is learnt from the zone itself, so the threshold needs nobody to set it. What a step changed is
taken off afterwards, so that one burst is not called twice. A day that only looks like another
day of the week, a holiday or a Saturday that is worked, is no step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.series.robust import MAD_TO_SIGMA

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

HOURS_A_DAY = 24
HOURS_A_WEEK = 168
HALF_A_WEEK = 84
KNOWN_FRAC_MIN = 0.75
SAMPLE_H = 5
"""Every so many hours the past is looked at for how far it strays: no divisor of a day."""
SAMPLES_MIN = 28
MEMORIES_DAYS = (30, 120)
OTHER_WEEKDAYS = range(-3, 4)


@dataclass(frozen=True)
class Window:
    """Hours that are looked at together, and when they are a step.

    Attributes
    ----------
    hours : int
        How many of the last hours.
    departures : float
        How many times their usual departure they must stray. [-]
    least_frac : float
        Smaller steps than this share of the zone's flow are left to others. [-]
    record : float
        And how many times the most they strayed in the last six weeks. [-]
    """

    hours: int
    departures: float
    least_frac: float
    record: float = 0.0


DAY = Window(HOURS_A_DAY, departures=5.0, least_frac=0.03)
QUARTER = Window(6, departures=7.0, least_frac=0.05, record=1.3)


@dataclass(frozen=True)
class StepRule:
    """When a step is called; the defaults were chosen on worlds made for it, not on real zones.

    Attributes
    ----------
    windows : tuple of Window
        The first is a whole day.
    level_frac : float
        The usual departure is not taken smaller than this share of the zone's flow. [-]
    reference_days : int
        How many days before are the comparison. [d]
    weeks : int
        Over how many weeks the habits of each hour of the week are learnt.
    hours : int
        How many hours in a row must stray.
    fresh_hours : int
        After a step only what followed it is the comparison, as soon as there is so much. [h]
    record_days : int
        How far back the record reaches. [d]
    learning_days : int
        Days before the first judgement. [d]
    """

    windows: tuple[Window, ...] = (DAY, QUARTER)
    level_frac: float = 0.01
    reference_days: int = 10
    weeks: int = 6
    hours: int = 3
    fresh_hours: int = 48
    record_days: int = 42
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
    (`decision.judge_nights`). The comparison is Shewhart's chart on moving means.

    References
    ----------
    .. [1] W. A. Shewhart, "Economic Control of Quality of Manufactured Product", 1931, ch. 20.
    """
    rule = rule or StepRule()
    hours, flow = np.asarray(hour_s, dtype=float), np.asarray(flow_m3s, dtype=float)
    watch = _Watch(hours, flow, rule, level_m3s)
    found: list[Step] = []
    now = rule.learning_days * HOURS_A_DAY
    watch.learn(min(now, flow.size))
    while now < flow.size:
        # A day at once: nothing that judges an hour is younger than the hour itself.
        until = min(now + HOURS_A_DAY, flow.size)
        watch.look(now, until)
        step = next((one for hour in range(now, until) if (one := watch.step_at(hour))), None)
        now = until
        if step is not None:
            found.append(step)
            now = watch.take_off(step)
    return found


class _Watch:
    """The flow less the steps called so far, and how far its means stray from the days before."""

    def __init__(self, hours: Array, flow: Array, rule: StepRule, level_m3s: float | None) -> None:
        learning = rule.learning_days * HOURS_A_DAY
        first = np.abs(flow[np.isfinite(flow)][:learning])
        usually = float(np.median(first)) if first.size else 0.0
        self.level = usually if level_m3s is None else level_m3s
        self.hours, self.rule, self.left = hours, rule, flow.copy()
        self.weight = np.resize(_steadiness(flow[:learning]) * HOURS_A_DAY, flow.size)
        self.weights = _summed(self.weight)
        self.fresh_from = -HOURS_A_DAY
        shape = (len(rule.windows), flow.size)
        self.apart = np.full(flow.size, np.nan)  # the flow besides the habits of its hour
        self.means, self.before = np.full(shape, np.nan), np.full(shape, np.nan)
        self.away, self.usual = np.full(shape, np.nan), np.full(shape, np.nan)
        self.side = np.zeros(shape, dtype=np.int64)
        self._add_up()

    def _add_up(self) -> None:
        known = np.isfinite(self.left)
        self.total, self.known = _summed(np.where(known, self.left, 0.0)), _summed(known)

    def learn(self, until: int) -> None:
        """Learn the habits of the first days, as soon as there is a week and a half."""
        hours = np.arange(min(HOURS_A_WEEK + HALF_A_WEEK, until), until)
        self.apart[hours] = self.left[hours] - self.habits(hours)
        self._average(0, until)

    def habits(self, hours: Indices, *, days_later: int = 0) -> Array:
        """Return by how much the same hours of the weeks before differed from their own week.

        With ``days_later``, the hours of another day of the week.
        """
        weeks = HOURS_A_WEEK * np.arange(1, self.rule.weeks + 1)
        place = hours[:, None] - weeks + HOURS_A_DAY * days_later
        there = place >= HALF_A_WEEK
        place = np.where(there, place, HALF_A_WEEK)
        begin, end = place - HALF_A_WEEK, place + HALF_A_WEEK
        count = self.known[end] - self.known[begin]
        week = (self.total[end] - self.total[begin]) / np.maximum(count, 1)
        enough = there & (count > HALF_A_WEEK)
        return _middle(np.where(enough, self.left[place] - week, np.nan))[0]

    def _average(self, first: int, until: int) -> None:
        """Put down the weighted means of the hours that end with each hour."""
        begin = max(first - HOURS_A_DAY, 0)
        apart, weight = self.apart[begin:until], self.weight[begin:until]
        weight = np.where(np.isfinite(apart), weight, 0.0)
        totals, weights = _summed(weight * np.nan_to_num(apart)), _summed(weight)
        hour = np.arange(first, until)
        for row, window in enumerate(self.rule.windows):
            low, high = np.maximum(hour + 1 - window.hours - begin, 0), hour + 1 - begin
            held = weights[high] - weights[low]
            enough = held >= KNOWN_FRAC_MIN * self._weight_of(hour, window)
            mean = (totals[high] - totals[low]) / np.maximum(held, 1e-9)
            self.means[row, hour] = np.where(enough, mean, np.nan)

    def _weight_of(self, hour: Indices, window: Window) -> Array:
        found: Array = self.weights[hour + 1] - self.weights[np.maximum(hour + 1 - window.hours, 0)]
        return found

    def look(self, first: int, until: int) -> None:
        """Compare the means that end with some hours with the days before."""
        rule, hour = self.rule, np.arange(first, until)
        self.apart[hour] = self.left[hour] - self.habits(hour)
        self._average(first, until)
        floor = rule.level_frac * self.level
        for row, window in enumerate(rule.windows):
            before, count = self._before(hour, window)
            # The error of fewer hours, of restless hours, as if they were a day.
            wider = np.sqrt(HOURS_A_DAY / self._weight_of(hour, window))
            away = np.where(count >= HOURS_A_DAY, (self.means[row, hour] - before) / wider, np.nan)
            self.before[row, hour], self.away[row, hour] = before, away
            usual = self._usual(hour, row)
            usual = np.maximum(np.where(np.isfinite(usual), usual, 2.5 * floor), floor)
            # A reference of few days is itself uncertain.
            usual *= np.sqrt(1 + 2 * HOURS_A_DAY / np.maximum(count, 1))
            limit = window.departures * usual
            if window.record:
                past = np.abs(self._back(row, hour, np.arange(rule.record_days * HOURS_A_DAY)))
                limit = np.maximum(limit, window.record * np.nan_to_num(past).max(axis=1))
            strays = (np.abs(np.nan_to_num(away)) > limit) & (usual > 0)
            self.usual[row, hour] = usual
            self.side[row, hour] = np.where(strays, np.sign(np.nan_to_num(away)), 0)

    def _before(self, hour: Indices, window: Window) -> tuple[Array, Array]:
        """Return the mean of the days before, and of how many hours; since a step, if enough."""
        longest = self.rule.reference_days * HOURS_A_DAY
        place = hour[:, None] - np.arange(window.hours, longest + 1)
        past = np.where(place >= 0, self.means[0][np.maximum(place, 0)], np.nan)
        since = np.where(place >= self.fresh_from + HOURS_A_DAY, past, np.nan)
        middle, count = _middle(since)
        older, more = _middle(past)
        few = (count < self.rule.fresh_hours) & (more > count)
        return (
            np.where(few, older, middle),
            np.where(few, np.minimum(more, self.rule.fresh_hours), count),
        )

    def _back(self, row: int, hour: Indices, ago: Indices) -> Array:
        """Return how far means strayed some hours before the day before each hour."""
        place = hour[:, None] - HOURS_A_DAY - ago
        found: Array = np.where(place >= 0, self.away[row][np.maximum(place, 0)], np.nan)
        return found

    def _usual(self, hour: Indices, row: int) -> Array:
        """Return how far a zone usually strays, about its own middle; infinite where unknown.

        About the middle, because a leak that grows lifts every departure alike.
        """
        usual = np.full(hour.size, np.inf)
        for days in MEMORIES_DAYS:
            past = self._back(row, hour, np.arange(SAMPLE_H, (days - 1) * HOURS_A_DAY, SAMPLE_H))
            middle, count = _middle(past)
            spread = MAD_TO_SIGMA * _middle(np.abs(past - middle[:, None]))[0]
            usual = np.minimum(usual, np.where(count >= SAMPLES_MIN, spread, np.inf))
        return usual

    def step_at(self, hour: int) -> Step | None:
        """Return the step that is called at the end of an hour, if any."""
        for row, window in enumerate(self.rule.windows):
            side = self.side[row, hour]
            if not side or np.any(self.side[row, hour - self.rule.hours + 1 : hour] != side):
                continue
            since, size = self._begin_and_size(row, hour, int(side))
            if not size * side > window.least_frac * self.level:
                continue
            if self._is_another_weekday(row, hour, since, size):
                continue
            return Step(
                since_s=float(self.hours[since]),
                known_s=float(self.hours[hour]) + 3600.0,
                size_m3s=size,
                error_m3s=float(self.usual[row, hour]),
                departures=float(abs(self.away[row, hour]) / self.usual[row, hour]),
            )
        return None

    def _begin_and_size(self, row: int, hour: int, side: int) -> tuple[int, float]:
        """Return the hour from which on the flow most probably stands elsewhere, and how far."""
        first = max(0, hour - 2 * max(self.rule.windows[row].hours, HOURS_A_DAY // 2))
        gaps = self.apart[first : hour + 1] - self.before[row, hour]
        weight = np.where(np.isfinite(gaps), self.weight[first : hour + 1], 0.0)
        moved = np.cumsum((weight * np.nan_to_num(gaps))[::-1])[::-1]
        weights = np.maximum(np.cumsum(weight[::-1])[::-1], 1e-9)
        gain = np.where(moved * side > 0, moved**2 / weights, 0.0)
        place = int(np.argmax(gain[: 1 - self.rule.hours]))
        return first + place, float(moved[place] / weights[place])

    def _is_another_weekday(self, row: int, hour: int, since: int, size: float) -> bool:
        """Tell whether other days of the week explain the last 24 hours better than a step.

        Each of the two days that they touch for itself: holidays, weeks that begin anew.
        """
        span = np.arange(hour - HOURS_A_DAY + 1, hour + 1)
        flow, weight = self.left[span] - self.before[row, hour], self.weight[span]
        stepped = self.habits(span) + size * (span >= since)
        by_step = np.nansum(weight * (flow - stepped) ** 2)
        errors = np.array(
            [
                np.nan_to_num(weight * (flow - self.habits(span, days_later=days)) ** 2)
                for days in OTHER_WEEKDAYS
            ]
        )
        day = self.hours[span] // 86400
        by_weekday = sum(errors[:, day == one].sum(axis=1).min() for one in np.unique(day))
        return bool(by_weekday < by_step)

    def take_off(self, step: Step) -> int:
        """Go on as if the step had not been; return the first hour that has not been judged."""
        since, after = (
            int((moment - self.hours[0]) // 3600) for moment in (step.since_s, step.known_s)
        )
        self.left[since:] -= step.size_m3s
        self.apart[since:after] -= step.size_m3s
        self._add_up()
        self._average(since, after)
        self.away[:, since:after] = np.nan
        self.side[:, :after] = 0
        self.fresh_from = since
        return after


def _summed(values: ArrayLike) -> Array:
    """Return the sums of the first 0, 1, 2 ... values."""
    found: Array = np.concatenate([[0.0], np.cumsum(values)])
    return found


def _middle(rows: Array) -> tuple[Array, Array]:
    """Return the median of what is known in each row, and how much that is."""
    rows = np.sort(rows, axis=-1)  # NaN comes last
    count = np.isfinite(rows).sum(axis=-1)
    low = np.maximum((count - 1) // 2, 0)[:, None]
    high = np.minimum(count // 2, rows.shape[-1] - 1)[:, None]
    both = np.take_along_axis(rows, low, -1) + np.take_along_axis(rows, high, -1)
    return np.where(count > 0, both[:, 0] / 2, np.nan), count.astype(float)


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
