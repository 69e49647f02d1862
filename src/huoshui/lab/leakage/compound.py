"""A compound behind a master meter: what is lost between it and the homes, and alarms by night.

    master   ....::::....::::....::::    the lowest hour of the night, and three hours
    homes    |d1 |d2 |d3 |d4 |d5 |d6     in a row, against what is usual; what the homes'
    ----------------------------------   meters did not count of the master's volume is
    lost     = master - homes            the loss, with a band for those not read

Every threshold comes from the compound's own nights: nobody sets one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.series.robust import MAD_TO_SIGMA

Array = NDArray[np.float64]

HOURS_A_DAY = 24
NORMAL_95 = 1.96
NIGHT = slice(1, 5)
"""Hours of the day among which the lowest is looked for: 01:00 to 05:00."""
NIGHTS_KNOWN_MIN = 10
DAYS_KIND_MIN = 4


@dataclass(frozen=True)
class CompoundRule:
    """When an alarm is raised; multiples of what the compound itself shows.

    Attributes
    ----------
    memory_days : int
        How many days back are usual; workdays and weekends apart. [d]
    learning_days : int
        First days, which only teach. [d]
    growth_days : int
        Within so many days of an alarm more of the same is its growth, not another. [d]
    night_floor_frac : float
        The usual departure of nights is not taken smaller than this share of a usual night. [-]
    burst_departures : float
        Three hours together must stray by so many of their usual departures. [-]
    burst_record : float
        And by so many times the most they strayed in the memory. [-]
    drift, limit : float
        Of the cumulative sum of nights: what each night is allowed, where it alarms. [departures]
    end_frac : float
        A leak has ended when two nights show less than this share of it. [-]
    """

    memory_days: int = 42
    learning_days: int = 21
    growth_days: int = 10
    night_floor_frac: float = 0.1
    burst_departures: float = 6.0
    burst_record: float = 1.3
    drift: float = 1.0
    limit: float = 8.0
    end_frac: float = 0.4


@dataclass
class CompoundAlarm:
    """Something runs behind the master meter.

    Attributes
    ----------
    since_s, known_s : float
        When it probably began, and when it was known. [local s]
    size_m3s : float
        What it takes. [m³ s⁻¹]
    evidence : str
        ``hours`` (three hours in a row) or ``nights``.
    departures : float
        Strength of the evidence. [usual departures]
    ended_s : float or None
        When its end was seen. [local s]
    grown_s : float or None
        When it was last seen to have grown; ``size_m3s`` is from then. [local s]
    """

    since_s: float
    known_s: float
    size_m3s: float
    evidence: str
    departures: float
    ended_s: float | None = None
    grown_s: float | None = None


@dataclass
class _Run:
    """A part of what runs: taken off from its begin on; a growth is a part of its own."""

    alarm: CompoundAlarm
    since_s: float
    size_m3s: float


@dataclass(frozen=True)
class Watched:
    """The alarms, and each night as it was measured.

    Attributes
    ----------
    alarms : list of CompoundAlarm
    night_s : ndarray, shape (n_days,)
        Midnights. [local s]
    night_m3s : ndarray, shape (n_days,)
        Lowest hour of the night; NaN where an hour of it is missing. [m³ s⁻¹]
    """

    alarms: list[CompoundAlarm]
    night_s: Array
    night_m3s: Array


@dataclass
class _Watch:
    """What is usual, learnt day by day; leaks that run are taken off."""

    rule: CompoundRule
    digit: float
    days: deque[tuple[bool, Array]] = field(default_factory=deque)
    nights: deque[float] = field(default_factory=deque)
    records: deque[float] = field(default_factory=deque)
    last_hours: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=3))
    sums: float = 0.0
    rising_since: int = 0
    quiet: int = 0

    def usual(self, *, is_weekend: bool) -> tuple[Array, Array]:
        """Return the usual flow of each hour of such a day, and how far days stray from it."""
        kinds = np.array([kind for kind, _day in self.days])
        table = np.array([day for _kind, day in self.days])
        middle = np.full((2, HOURS_A_DAY), np.nan)
        for kind in (0, 1):
            own = kinds == bool(kind)
            middle[kind] = np.nanmedian(table[own] if own.sum() >= DAYS_KIND_MIN else table, axis=0)
        apart = table - middle[kinds.astype(int)]
        spread = MAD_TO_SIGMA * np.nanmedian(np.abs(apart), axis=0)
        return middle[int(is_weekend)], np.maximum(spread, max(self.digit, 1e-9))

    def usual_night(self) -> tuple[float, float]:
        """Return the usual lowest hour of a night, and how far it strays."""
        known = np.array([one for one in self.nights if np.isfinite(one)])
        if known.size < NIGHTS_KNOWN_MIN:
            return np.nan, np.nan
        middle = float(np.median(known))
        spread = MAD_TO_SIGMA * float(np.median(np.abs(known - middle)))
        return middle, max(spread, self.digit, self.rule.night_floor_frac * abs(middle))


def watch(*, hour_s: ArrayLike, flow_m3s: ArrayLike, rule: CompoundRule | None = None) -> Watched:
    """Watch a master meter hour by hour; nothing later than an alarm is looked at for it.

    Parameters
    ----------
    hour_s : array_like, shape (n,)
        Beginnings of whole hours in local time, without gaps. [s]
    flow_m3s : array_like, shape (n,)
        Mean flow of each hour; NaN is not known. [m³ s⁻¹]
    rule : CompoundRule, optional

    Returns
    -------
    Watched

    Notes
    -----
    Three hours in a row against the same hours of the last six weeks find a burst at any time of
    day. The lowest hour of the night, summed up by Page's rule, finds what is small or grows. A
    leak that was called is taken off afterwards, so that it is not called twice and the next one
    is seen beside it. The first three weeks only teach.

    References
    ----------
    .. [1] E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954) 100-115.
    """
    rule = rule or CompoundRule()
    hours, flow = np.asarray(hour_s, dtype=float), np.asarray(flow_m3s, dtype=float)
    skip = int((-hours[0] // 3600) % HOURS_A_DAY) if hours.size else 0
    whole = max(hours.size - skip, 0) // HOURS_A_DAY
    table = flow[skip : skip + whole * HOURS_A_DAY].reshape(whole, HOURS_A_DAY)
    at = hours[skip:]
    known = np.isfinite(table[:, NIGHT]).all(axis=1)
    night = np.full(whole, np.nan)
    night[known] = table[known, NIGHT].min(axis=1)
    state = _Watch(rule, digit=_digit(flow))
    alarms: list[CompoundAlarm] = []
    running: list[_Run] = []
    beyond = np.full(whole * HOURS_A_DAY, np.nan)
    for day in range(whole):
        is_weekend = bool((int(at[day * HOURS_A_DAY] // 86400) + 3) % 7 >= 5)
        strongest = 0.0
        if day >= rule.learning_days:
            place = slice(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY)
            strongest = _judge_hours(state, alarms, running, beyond, at, table[day], place,
                                     is_weekend=is_weekend)  # fmt: skip
        usual, departure = state.usual_night()
        if day >= rule.learning_days and np.isfinite(usual) and np.isfinite(night[day]):
            off = sum(one.size_m3s for one in running if one.since_s <= at[day * HOURS_A_DAY])
            _judge_night(
                state, alarms, running, beyond, at, day, (night[day] - off - usual) / departure
            )
        off_today = _taken_off(running, at, day)
        state.days.append((is_weekend, table[day] - off_today))
        state.nights.append(float(night[day] - off_today[NIGHT].max()))
        state.records.append(strongest)
        for memory in (state.days, state.nights, state.records):
            while len(memory) > rule.memory_days:
                memory.popleft()
    return Watched(alarms, at[: whole * HOURS_A_DAY : HOURS_A_DAY], night)


def _judge_hours(
    state: _Watch,
    alarms: list[CompoundAlarm],
    running: list[_Run],
    beyond: Array,
    at: Array,
    flow: Array,
    place: slice,
    *,
    is_weekend: bool,
) -> float:
    """Judge the hours of a day one by one; return how far the unsuspected ones strayed at most."""
    rule = state.rule
    middle, spread = state.usual(is_weekend=is_weekend)
    record = max(state.records, default=0.0)
    strongest = 0.0
    for hour in range(HOURS_A_DAY):
        now = place.start + hour
        beyond[now] = flow[hour] - sum(one.size_m3s for one in running) - middle[hour]
        state.last_hours.append((float(beyond[now]), float(spread[hour])))
        if running and _is_over(state.last_hours, running[-1].size_m3s):
            running[-1].alarm.ended_s = float(at[now]) + 3600.0
            beyond[now - 2 : now + 1] += running.pop().size_m3s
            state.last_hours.clear()
            continue
        strength = _strength(state.last_hours)
        if strength < max(rule.burst_departures, rule.burst_record * record):
            strongest = max(strongest, strength)
            continue
        first = _onset(beyond, now)
        # The hours that stray least say most about its size.
        weight = spread[np.arange(first, now + 1) % HOURS_A_DAY] ** -2
        known = np.isfinite(beyond[first : now + 1])
        size = float(np.average(beyond[first : now + 1][known], weights=weight[known]))
        one = CompoundAlarm(float(at[first]), float(at[now]) + 3600.0, size, "hours", strength)
        _raise(one, state, alarms, running)
        beyond[first : now + 1] -= size
        state.last_hours.clear()
        state.sums, state.quiet = 0.0, 0
    return strongest


def _raise(
    new: CompoundAlarm, state: _Watch, alarms: list[CompoundAlarm], running: list[_Run]
) -> None:
    """Raise an alarm, or take it for the growth of the one that runs."""
    latest = running[-1].alarm if running else None
    if latest is not None and latest.ended_s is None:
        days = (new.known_s - (latest.grown_s or latest.known_s)) / 86400
        if days <= state.rule.growth_days and new.size_m3s <= 2 * latest.size_m3s:
            latest.grown_s = new.known_s
            latest.size_m3s += new.size_m3s
            running.append(_Run(latest, new.since_s, new.size_m3s))
            return
    alarms.append(new)
    running.append(_Run(new, new.since_s, new.size_m3s))


def _is_over(last: deque[tuple[float, float]], size: float) -> bool:
    """Tell whether three hours show that what was called has stopped."""
    if len(last) < 3 or any(spread * 3 > size for _beyond, spread in last):
        return False
    return all(beyond < -0.6 * size for beyond, _spread in last)


def _judge_night(
    state: _Watch,
    alarms: list[CompoundAlarm],
    running: list[_Run],
    beyond: Array,
    at: Array,
    day: int,
    departures: float,
) -> None:
    """Sum up the nights: alarm where they rise, end a leak where they fall by its size."""
    rule = state.rule
    morning = day * HOURS_A_DAY + NIGHT.stop
    spread = state.usual_night()[1]
    if running:
        size = running[-1].size_m3s
        is_back = departures * spread < -(1 - rule.end_frac) * size and departures < -2
        state.quiet = state.quiet + 1 if is_back else 0
        if state.quiet >= 2:
            running.pop().alarm.ended_s = float(at[morning - 1]) + 3600.0
            state.sums, state.quiet = 0.0, 0
            return
    if state.sums <= 0:
        state.rising_since = day
    # One wild night is one night: it may not fill the sum alone.
    state.sums = max(0.0, state.sums + min(departures, 0.6 * rule.limit) - rule.drift)
    if state.sums < rule.limit:
        return
    nights = np.concatenate(
        [
            beyond[d * HOURS_A_DAY + NIGHT.start : d * HOURS_A_DAY + NIGHT.stop]
            for d in range(state.rising_since, day + 1)
        ]
    )
    nights = nights[np.isfinite(nights)]
    size = float(np.median(nights[-2 * (NIGHT.stop - NIGHT.start) :])) if nights.size else np.nan
    if not size > 0:
        size = departures * spread
    if not size > 0:
        return
    first = max(state.rising_since * HOURS_A_DAY - HOURS_A_DAY, 0)
    begin = first + int(np.argmax(_gain(np.nan_to_num(beyond[first:morning]), size)))
    one = CompoundAlarm(
        float(at[begin]), float(at[morning - 1]) + 3600.0, size, "nights", state.sums
    )
    _raise(one, state, alarms, running)
    state.sums = 0.0


def _gain(window: Array, size: float) -> Array:
    """Return, for each first hour, how much better a step of that size from there on fits."""
    better = window**2 - (window - size) ** 2
    gain: Array = np.cumsum(better[::-1])[::-1]
    return gain


def _taken_off(running: list[_Run], at: Array, day: int) -> Array:
    """Return what known leaks took in each hour of a day."""
    hours = at[day * HOURS_A_DAY : (day + 1) * HOURS_A_DAY]
    off = np.zeros(HOURS_A_DAY)
    for one in running:
        off += np.where(hours >= one.since_s, one.size_m3s, 0.0)
    return off


def _strength(last: deque[tuple[float, float]]) -> float:
    """Return by how many usual departures three hours together stray, each of them upwards."""
    if len(last) < 3 or not all(beyond > 2 * spread for beyond, spread in last):
        return 0.0
    total = sum(beyond for beyond, _spread in last)
    return float(total / np.sqrt(sum(spread**2 for _beyond, spread in last)))


def _onset(beyond: Array, now: int) -> int:
    first = max(0, now - 12)
    window = np.nan_to_num(beyond[first : now + 1])
    size = float(np.mean(window[-3:]))
    return first + int(np.argmax(_gain(window, size)))


def _digit(flow: Array) -> float:
    """Return the smallest step between two hours that was seen: the meter's pulse."""
    known = np.unique(np.round(flow[np.isfinite(flow)], 12))
    steps = np.diff(known)
    return float(steps[steps > 1e-12].min()) if (steps > 1e-12).any() else 0.0


@dataclass(frozen=True)
class CompoundLoss:
    """What a compound lost in a period.

    Attributes
    ----------
    supplied_m3, read_m3, estimated_m3 : float
        By the master meter; by homes' meters; of homes that were not read. [m³]
    homes, homes_read : int
        All, and those whose use of the whole period came from readings.
    loss_m3, half_width_m3 : float
        Supplied less used, and half of its 95 % band; NaN where less than 75 % of the master's
        hours are known or less than half of the homes were read. [m³]
    known_frac : float
        Share of the master's hours that are known. [-]
    """

    supplied_m3: float
    read_m3: float
    estimated_m3: float
    homes: int
    homes_read: int
    loss_m3: float
    half_width_m3: float
    known_frac: float


def loss(
    *,
    hour_s: ArrayLike,
    flow_m3s: ArrayLike,
    reading_s: ArrayLike,
    registers_m3: ArrayLike,
    from_s: float,
    until_s: float,
    master_error_frac: float = 0.01,
    missed_frac: float = 0.025,
    missed_error_frac: float = 0.015,
    public_m3: float = 0.0,
) -> CompoundLoss:
    """Balance a compound: the master's volume less that of the homes, read or not.

    Parameters
    ----------
    hour_s, flow_m3s : array_like, shape (n,)
        The master meter by whole hours; one not known is taken as usual at that hour. [s, m³ s⁻¹]
    reading_s : array_like, shape (n_readings,)
        When the homes were read, rising. [local s]
    registers_m3 : array_like, shape (n_readings, homes)
        What their meters showed; NaN is not read. [m³]
    from_s, until_s : float
        The period. [local s]
    master_error_frac : float
        Half of the 95 % band of the master meter. [-]
    missed_frac, missed_error_frac : float
        What homes' meters do not count, and half of its 95 % band. [-]
    public_m3 : float
        Told use without a meter: gardens, a tank cleaned. [m³]

    Returns
    -------
    CompoundLoss

    Notes
    -----
    A home read before and after an edge of the period is read between in proportion to time. One
    without a reading after the end uses what it used before, times how the others changed; one
    never read uses as much as the others. Each of those is as wrong as homes differ.
    """
    hours, flow = np.asarray(hour_s, dtype=float), np.asarray(flow_m3s, dtype=float)
    inside = (hours >= from_s) & (hours < until_s)
    usual = _usual_hours(hours, flow)
    taken = np.where(np.isfinite(flow), flow, usual)[inside] * 3600.0
    expected = max(round((until_s - from_s) / 3600.0), 1)
    share = float(np.isfinite(flow[inside]).sum()) / expected
    supplied = float(taken.sum())
    if taken.size:
        supplied *= expected / taken.size
    moments, shown = np.asarray(reading_s, dtype=float), np.asarray(registers_m3, dtype=float)
    used, before = _home_uses(moments, shown, from_s, until_s)
    read = np.isfinite(used)
    homes = used.size
    count = int(read.sum())
    if share < 0.75 or 2 * count < homes or count < 2:
        return CompoundLoss(supplied, float(np.nansum(used)), np.nan, homes, count, np.nan, np.nan,
                            share)  # fmt: skip
    mean, spread = float(used[read].mean()), float(used[read].std(ddof=1))
    both = read & np.isfinite(before) & (before > 0)
    change = float(used[both].sum() / before[both].sum()) if both.any() else 1.0
    with_past = ~read & np.isfinite(before)
    without = ~read & ~with_past
    ratio = float(np.std(used[both] - change * before[both], ddof=1)) if both.sum() > 2 else spread
    guess = float((change * before[with_past]).sum()) + mean * int(without.sum())
    total = float(used[read].sum()) + guess
    variance = NORMAL_95**2 * (
        int(with_past.sum()) * ratio**2
        + int(without.sum()) * spread**2
        + int(without.sum()) ** 2 * spread**2 / count
    )
    true_use = total / (1 - missed_frac) + public_m3
    gap_error = (
        NORMAL_95
        * float(np.nanstd(flow - usual))
        * 3600.0
        * np.sqrt(max((1 - share) * expected, 0.0) * HOURS_A_DAY)
    )
    width = float(
        np.sqrt(
            (master_error_frac * supplied) ** 2
            + variance / (1 - missed_frac) ** 2
            + (missed_error_frac * true_use) ** 2
            + gap_error**2
        )
    )
    return CompoundLoss(supplied, float(used[read].sum()), guess, homes, count,
                        supplied - true_use, width, share)  # fmt: skip


def _usual_hours(hours: Array, flow: Array) -> Array:
    """Return the median of each hour of the day; shape of ``flow``."""
    place = (hours // 3600).astype(np.int64) % HOURS_A_DAY
    middle = np.full(HOURS_A_DAY, np.nan)
    for hour in range(HOURS_A_DAY):
        known = flow[(place == hour) & np.isfinite(flow)]
        if known.size:
            middle[hour] = np.median(known)
    usual: Array = middle[place]
    return usual


def _home_uses(moments: Array, shown: Array, from_s: float, until_s: float) -> tuple[Array, Array]:
    """Return each home's use in the period, and in as long a time before by its earlier mean."""
    homes = shown.shape[1]
    used, before = np.full(homes, np.nan), np.full(homes, np.nan)
    for home in range(homes):
        rows = np.flatnonzero(np.isfinite(shown[:, home]))
        at, value = moments[rows], shown[rows, home]
        if at.size < 2:
            continue
        if np.any(np.diff(value) < 0):  # a meter was exchanged or misread
            continue
        if at[0] <= from_s and at[-1] >= until_s:
            used[home] = float(np.diff(np.interp([from_s, until_s], at, value))[0])
        early = at <= max(from_s, at[1])
        span = at[early][-1] - at[0]
        if span > 0:
            before[home] = float(value[early][-1] - value[0]) / span * (until_s - from_s)
    return used, before
