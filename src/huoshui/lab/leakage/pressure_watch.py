"""Leaks in a zone with pressure sensors: which pipe, since when, how large, how sure.

    residual of      ........                 ........
    the sensors              ................            each step is split off as it was seen,
                     leak A: |---- x_A ----|             so a leak put on the wrong pipe casts
                                                         no shadow on the days after

Day by day the sensors' residuals (`zone_model`) are compared with the days before, over short
windows for bursts and long ones for leaks that grow. A rise that the noise, the known leaks and
an error of the model do not explain is a leak; its own residual, gathered as it grows, says where.
A report is made once and only when most of the probability lies within reach of one pipe.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.leakage.place import PARTS_OF_DAY, STABLE, Place, usual_stray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

WINDOWS = ((2, 7), (3, 8), (5, 10), (8, 14), (13, 20), (20, 30), (30, 35), (45, 45))
SLOW_FROM = 6
SLOW_WOBBLE_FRAC = 0.05
SENSOR_DRIFT_M = 0.001
"""How far a sensor strays from the model in twenty days. [m]"""
NIGHTS_OF_NOISE = 120


@dataclass(frozen=True)
class WatchRule:
    """When to call and when to report; chosen on three worlds made for it (seeds 101, 112, school).

    Attributes
    ----------
    departures : float
        What a leak must explain, in standard deviations. [-]
    days : int
        On how many days in a row.
    model_frac : float
        Error of the model's signatures, as a share: once common to neighbours, once alone. [-]
    wobble_frac : float
        By how much the residual of a known leak strays with the weekday. [-]
    slow_m3h_per_day, steady_m3h_per_day : float
        How fast a known leak may go on growing: one that grew, and a burst. [m³/h per day]
    burst_m3h : float
        A step of this size is a leak of its own even if it looks like a known one. [m³/h]
    report_m3h : float
        Smaller leaks are watched and not reported yet. [m³/h]
    report_mass : float
        Probability that must lie within reach of the reported pipe. [-]
    reach_m : float
        What is within reach of a crew. [m]
    alike : float
        A small rise whose residual is so like a known leak's (cosine) is its growth. [-]
    temper : float
        The model errs alike at many sensors and hours, so they count for less than they are:
        without this, half of the probability held the leaking pipe in 22 % of 72 known steps,
        nine tenths in 35 %; with it in 46 % and 74 %. [-]
    calibration_days : int
        First days, without leaks, on which the sensors are set against the model. [d]
    """

    departures: float = 7.0
    days: int = 2
    model_frac: float = 0.1
    wobble_frac: float = 0.02
    slow_m3h_per_day: float = 0.15
    steady_m3h_per_day: float = 0.02
    burst_m3h: float = 6.0
    size_m3h_min: float = 1.2
    report_m3h: float = 1.6
    report_mass: float = 0.65
    reach_m: float = 300.0
    temper: float = 8.0
    alike: float = 0.94
    merge_m: float = 350.0
    group_m: float = 220.0
    calibration_days: int = 7
    settle_days: int = 4
    demand_frac: float = 0.05
    drift_frac: float = 0.02
    largest_m3h: float = 20.0


@dataclass
class WatchedLeak:
    """A leak as it is known so far.

    Attributes
    ----------
    pipe : int
        Place of the likeliest pipe's neighbourhood.
    since_day, called_day : int
        First day that probably leaked, and the day after which it was called.
    reported_day : int or None
        Day after which it was reported; None while it is only watched.
    ended_day : int or None
        Day after which its end was seen.
    size_m3h : float
        Size that the model needs to explain its residual.
    probability : ndarray, shape (n_pipes,)
        For each pipe, at the time of the report or of the latest growth before it.
    mass : float
        Part of it within reach of ``pipe``.
    departures : float
        How sure it is that there is a leak. [standard deviations]
    is_carried : bool
        Whether it still ran when reports were first asked for.
    """

    pipe: int
    since_day: int
    called_day: int
    residual: Array
    reported_day: int | None = None
    ended_day: int | None = None
    size_m3h: float = 0.0
    mass: float = 0.0
    departures: float = 0.0
    probability: Array = field(default_factory=lambda: np.zeros(0))
    is_carried: bool = False


@dataclass
class _Split:
    """A step that was split off the residuals."""

    day: int
    onset: int
    step: Array
    reference: Array
    reference_days: int
    error: float
    growth: Array
    size_m3h: float
    is_slow: bool
    is_large: bool
    leak: WatchedLeak | None


@dataclass(frozen=True)
class _Window:
    """Mean of some days less the mean of the days before."""

    first: int
    oldest: int
    days: int
    before: int
    span: tuple[int, int]
    change: Array
    reference: Array


@dataclass(frozen=True)
class _Fit:
    """The best single explanation of a window, upwards or downwards."""

    score: float
    pipe: int
    window: _Window
    sizes: Array
    scores: Array


class PressureWatch:
    """Goes through the days once; what it says of a day uses nothing later."""

    def __init__(self, place: Place, rule: WatchRule | None = None) -> None:
        """Prepare what does not change from day to day."""
        self.place, self.rule = place, rule or WatchRule()
        self.features = place.shapes.shape[1]
        self.sensors = place.sensors
        self.relative = place.error_by_pipe()
        model = np.zeros((self.features, self.features))
        model[: self.sensors, : self.sensors] = place.error_of_shapes()
        model *= self.rule.model_frac**2
        for place_of in range(self.sensors, self.features):
            model[place_of, place_of] = 0.25**2
        self.model_error = model
        demand = place.customers
        self.demand_error = np.zeros((self.features, self.features))
        self.demand_error[: self.sensors, : self.sensors] = demand.T @ demand
        self.leaks: list[WatchedLeak] = []
        self._splits: list[_Split] = []
        self._grown_of: tuple[int, ...] | None = None
        self._grown = (np.zeros(0), np.zeros(0))
        self._pending: tuple[int, int, int] | None = None  # side, first day, latest day
        self._ending: tuple[WatchedLeak, int] | None = None

    def run(
        self, residuals: Array, scaled: Flags, *, report_from_day: int = 0
    ) -> list[WatchedLeak]:
        """Watch all days; shape (n_days, n_features), see `Place`.

        ``scaled`` tells for each area whether its balance is an inflow, which drifts with the
        season, or inflow less metered use. What was reported before ``report_from_day`` and still
        runs then is marked ``carried``.
        """
        self.raw = residuals
        self.rest = residuals.copy()
        self.usable = np.ones(len(residuals), dtype=bool)
        self.scaled = scaled
        for day in range(self.rule.calibration_days + 1, len(residuals)):
            if day == report_from_day:
                self._carry_over(day)
            self._learn_noise(day)
            if self._settle(day) or self._see_end(day):
                continue
            self._see_change(day)
        return self.leaks

    # -- noise

    def _learn_noise(self, day: int) -> None:
        if day % 30 and hasattr(self, "noise"):
            return
        recent = self.raw[max(0, day - NIGHTS_OF_NOISE) : day, : self.sensors]
        noise = self.rule.demand_frac**2 / PARTS_OF_DAY * self.demand_error
        noise[np.arange(self.sensors), np.arange(self.sensors)] += usual_stray(recent) ** 2
        for area in range(self.place.areas):
            at = self.sensors + area
            noise[at, at] = 2.0**2 if self.scaled[area] else 0.7**2
        self.noise = noise

    def _covariance(self, window: _Window) -> Array:
        """Return how a window's change strays without a new leak."""
        rule, span = self.rule, sum(window.span)
        spread = self.noise * (1 / window.days + 1 / window.before)
        spread += rule.drift_frac**2 * self.demand_error * span / 60
        spread[np.arange(self.sensors), np.arange(self.sensors)] += SENSOR_DRIFT_M**2 * span / 20
        for area in range(self.place.areas):
            if self.scaled[area]:
                spread[self.sensors + area, self.sensors + area] += 0.6**2 * span / 2
        error, weights = 0.0, []
        for split in self._splits:
            weight = 0.0
            wobble = SLOW_WOBBLE_FRAC if split.is_slow else rule.wobble_frac
            if split.onset > window.oldest:
                error += split.error
                weight += wobble**2
            if split.leak is not None and split.leak.ended_day is None:
                weight += wobble**2
            weights.append(weight)
        if weights:
            steps = np.array([split.step for split in self._splits])
            steps *= np.sqrt(weights)[:, None]
            spread += error * self.noise + steps.T @ steps
        steady, slow = self._growth()
        spread += (rule.steady_m3h_per_day * span / 2) ** 2 * steady
        spread += (rule.slow_m3h_per_day * span / 2) ** 2 * slow
        return spread

    def _growth(self) -> tuple[Array, Array]:
        """Return how known leaks may grow per m³/h, of bursts and of those that grew."""
        running = tuple(
            number
            for number, split in enumerate(self._splits)
            if split.leak is not None and split.leak.ended_day is None
        )
        if running != self._grown_of:
            self._grown_of = running
            self._grown = (np.zeros_like(self.noise), np.zeros_like(self.noise))
            for number in running:
                split = self._splits[number]
                self._grown[split.is_slow][:] += split.growth
        return self._grown

    # -- days

    def _mean(self, first: int, until: int) -> tuple[Array, int]:
        rows = np.flatnonzero(self.usable[first:until]) + first
        if not rows.size:
            return np.zeros(self.features), 0
        return self.rest[rows].mean(axis=0), int(rows.size)

    def _window(self, day: int, length: int, before: int) -> _Window | None:
        first = day - length + 1
        oldest = max(0, first - before)
        if first < self.rule.calibration_days:
            return None
        now, days = self._mean(first, day + 1)
        then, past = self._mean(oldest, first)
        if days < 2 or past < 2:
            return None
        return _Window(first, oldest, days, past, (length, before), now - then, then)

    def _settle(self, day: int) -> bool:
        """Learn the newest burst better for some days; say whether the day is used up."""
        if not self._splits:
            return False
        split = self._splits[-1]
        if split.is_slow or not split.is_large:
            return False
        if not 0 < day - split.day <= self.rule.settle_days:
            return False
        rows = np.arange(split.onset + 1, day + 1)
        more = self.rest[rows].mean(axis=0) - split.reference
        sensors = slice(0, self.sensors)
        if np.linalg.norm(more[sensors]) > 0.35 * np.linalg.norm(split.step[sensors]):
            split.day = -self.rule.settle_days  # something else has begun
            return False
        self.rest[split.onset :] -= more
        split.step = split.step + more
        split.error = 1 / rows.size + 1 / split.reference_days
        if split.leak is not None:
            split.leak.residual = split.leak.residual + more
            self._locate(split.leak, day)
        return True

    def _see_end(self, day: int) -> bool:
        """Look whether a known leak has ended; say whether the day is used up."""
        for length, before in WINDOWS[:2]:
            window = self._window(day, length, before)
            if window is None:
                continue
            change = window.change
            spread = np.diag(self.noise) * (1 / window.days + 1 / window.before)
            for area in range(self.place.areas):
                if self.scaled[area]:
                    spread[self.sensors + area] += 0.6**2 * sum(window.span) / 2
            unit = np.sqrt(spread + (0.1 * np.abs(change).mean()) ** 2)
            seen = change / unit
            best: tuple[float, WatchedLeak] | None = None
            for leak in self.leaks:
                if leak.ended_day is not None:
                    continue
                known = leak.residual / unit
                part = -float(seen @ known) / float(known @ known)
                alike = _cosine(seen, known)
                if alike < -0.85 and 0.5 < part < 2.5 and np.linalg.norm(seen) > 25:
                    best = (alike, leak) if best is None or alike < best[0] else best
            if best is None:
                continue
            leak = best[1]
            if self._ending is None or self._ending[0] is not leak or day - self._ending[1] > 1:
                self._ending = (leak, day)
                return False
            leak.ended_day, self._ending = day, None
            self._split_step(day, window, leak.pipe, -leak.size_m3h, None, is_large=True)
            return True
        return False

    def _see_change(self, day: int) -> None:
        """Look for a change that nothing known explains."""
        rise: _Fit | None = None
        fall: _Fit | None = None
        for length, before in WINDOWS:
            window = self._window(day, length, before)
            fits = None if window is None else self._explain(window)
            if fits is None:
                continue
            up, down = fits
            rise = up if rise is None or up.score > rise.score else rise
            fall = down if fall is None or down.score > fall.score else fall
        if rise is None or fall is None or max(rise.score, fall.score) < self.rule.departures:
            self._pending = None
            return
        side = 1 if rise.score >= fall.score else -1
        if self._pending is None or self._pending[0] != side or day - self._pending[2] > 3:
            self._pending = (side, day, day)
        self._pending = (side, self._pending[1], day)
        fit = rise if side > 0 else fall
        size = float(fit.sizes[fit.pipe])
        if day - self._pending[1] + 1 < self.rule.days or abs(size) < self.rule.size_m3h_min:
            return
        self._pending = None
        if side > 0:
            self._take_rise(day, fit)
        else:
            self._take_fall(day, fit, size)

    def _explain(self, window: _Window) -> tuple[_Fit, _Fit] | None:
        """Fit one leak at each pipe; None where even the best does not stand out."""
        spread = self._covariance(window)
        scores, sizes = self._scores(spread, window.change)
        pipe = int(np.argmax(np.abs(scores)))
        if abs(scores[pipe]) < self.rule.departures:
            return None
        size = float(sizes[pipe])
        for _ in range(3):
            wrong = spread + size**2 * self.relative[pipe] * self.model_error
            scores, sizes = self._scores(wrong, window.change)
            pipe = int(np.argmax(np.abs(scores)))
            size = float(sizes[pipe])
        top, bottom = int(np.argmax(scores)), int(np.argmin(scores))
        return (
            _Fit(float(scores[top]), top, window, sizes, scores),
            _Fit(float(-scores[bottom]), bottom, window, sizes, scores),
        )

    def _scores(self, spread: Array, change: Array) -> tuple[Array, Array]:
        """Return for each pipe how many standard deviations it explains, and its size. [m³/h]"""
        shapes = self.place.shapes
        weighed = np.linalg.solve(spread, shapes.T)
        power = np.einsum("pf,fp->p", shapes, weighed) + 1 / self.rule.largest_m3h**2
        match = change @ weighed
        return match / np.sqrt(power), match / power

    def _posterior(self, scores: Array) -> tuple[Array, int, float]:
        """Return each pipe's probability, the best place to dig, and what is within reach."""
        gain = np.where(scores > 0, scores**2 / 2, 0.0)
        weight = np.exp((gain - gain.max()) / self.rule.temper) * self.place.lengths_m
        probability = weight / weight.sum()
        within = (self.place.ways_m <= self.rule.reach_m) @ probability
        pipe = int(np.argmax(within))
        return probability, pipe, float(within[pipe])

    # -- deeds

    def _take_rise(self, day: int, fit: _Fit) -> None:
        rule, window = self.rule, fit.window
        probability, pipe, _mass = self._posterior(fit.scores)
        size = float(fit.sizes[fit.pipe])
        is_burst = window.span[0] < SLOW_FROM and size > rule.burst_m3h
        known: list[tuple[float, WatchedLeak]] = []
        for leak in self.leaks:
            if leak.ended_day is not None:
                continue
            alike = _cosine(window.change[: self.sensors], leak.residual[: self.sensors])
            near = self.place.ways_m[leak.pipe, pipe] < rule.merge_m
            # Seen over a longer window that began before the leak was known to.
            is_older = near and window.first < leak.since_day
            if (alike > rule.alike and not is_burst) or (near and alike > 0.8) or is_older:
                known.append((alike, leak))
        if known:
            leak = max(known, key=lambda one: one[0])[1]
        else:
            leak = WatchedLeak(pipe, window.first, day, np.zeros(self.features))
            leak.probability = probability
            self.leaks.append(leak)
        leak.residual = leak.residual + window.change
        self._split_step(day, window, pipe, size, leak, is_large=is_burst)
        self._locate(leak, day)

    def _take_fall(self, day: int, fit: _Fit, size: float) -> None:
        window = fit.window
        ended = [
            (alike, leak)
            for leak in self.leaks
            if leak.ended_day is None
            and (alike := _cosine(window.change[: self.sensors], leak.residual[: self.sensors]))
            < -0.85
            and np.linalg.norm(window.change) > 0.4 * np.linalg.norm(leak.residual)
        ]
        if ended:
            min(ended, key=lambda one: one[0])[1].ended_day = day
        is_large = window.span[0] < SLOW_FROM and abs(size) > self.rule.burst_m3h
        self._split_step(day, window, fit.pipe, size, None, is_large=is_large)

    def _split_step(
        self,
        day: int,
        window: _Window,
        pipe: int,
        size: float,
        leak: WatchedLeak | None,
        *,
        is_large: bool,
    ) -> None:
        """Take a change out of the residuals, as it was seen and not as the model has it."""
        near = self.place.shapes[self.place.ways_m[pipe] <= self.rule.group_m]
        unit = window.change / max(abs(size), 1.0)
        is_slow = window.span[0] >= SLOW_FROM
        if is_slow:
            spread = self._covariance(window)
            weighed = np.linalg.solve(spread, window.change)
            rows = slice(window.oldest, day + 1)
            part = (self.rest[rows] - window.reference) @ weighed / (window.change @ weighed)
            part = np.clip(part, 0.0, 3.0)
            part = np.convolve(np.pad(part, 2, mode="edge"), np.ones(5) / 5, "valid")
            self.rest[rows] -= part[:, None] * window.change
            self.rest[day + 1 :] -= part[-1] * window.change
        else:
            self.rest[window.first :] -= window.change
            self.usable[window.first] = False
        self._splits.append(
            _Split(
                day=day,
                onset=window.first,
                step=window.change.copy(),
                reference=window.reference,
                reference_days=window.before,
                error=1 / window.days + 1 / window.before,
                growth=near.T @ near / max(len(near), 1) + np.outer(unit, unit),
                size_m3h=size,
                is_slow=is_slow,
                is_large=is_large,
                leak=leak,
            )
        )

    def _locate(self, leak: WatchedLeak, day: int) -> None:
        """Say where a leak lies from all that was seen of it; report it once that is clear."""
        if leak.reported_day is not None:
            return
        spread = 0.4 * self.noise
        for area in range(self.place.areas):
            if self.scaled[area]:
                spread[self.sensors + area, self.sensors + area] = 9.0
        sensors = slice(0, self.sensors)
        shapes = self.place.pressures
        strength = np.maximum(np.linalg.norm(shapes, axis=1), STABLE)
        pipe, size = int(np.argmax(shapes @ leak.residual[sensors] / strength)), 5.0
        scores = np.zeros(len(shapes))
        for _ in range(4):
            wrong = spread + size**2 * self.relative[pipe] * self.model_error
            scores, sizes = self._scores(wrong, leak.residual)
            pipe = int(np.argmax(scores))
            size = float(sizes[pipe])
        leak.probability, leak.pipe, leak.mass = self._posterior(scores)
        leak.size_m3h, leak.departures = size, float(scores[pipe])
        if size >= self.rule.report_m3h and leak.mass >= self.rule.report_mass:
            leak.reported_day = day

    def _carry_over(self, day: int) -> None:
        """Mark what was reported before a day and still runs, checked against all residuals."""
        from scipy.optimize import nnls

        if not self.leaks:
            return
        sensors = slice(0, self.sensors)
        noise = np.sqrt(np.diag(self.noise)[sensors]) + 0.003
        table = np.array([leak.residual[sensors] / noise for leak in self.leaks])
        seen = self.raw[max(0, day - 10) : day, sensors].mean(axis=0) / noise
        parts, _rest = nnls(table.T, seen)
        for leak, part in zip(self.leaks, parts, strict=True):
            if part < 0.3 and leak.ended_day is None:
                leak.ended_day = day - 1
            leak.is_carried = leak.reported_day is not None and leak.ended_day is None


def _cosine(one: Array, other: Array) -> float:
    """Return how alike two residuals are: 1 the same, 0 nothing in common, -1 opposite."""
    size = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
    return float(one @ other) / max(size, 1e-300)
