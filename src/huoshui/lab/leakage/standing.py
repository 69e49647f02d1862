"""All leaks that run at one time, from what the sensors read besides the model on a few days.

    sensors less model   =   a x shape of A  +  b x shape of B  +  ...  +  chance  +  model's error
    lost, by flows       =   a + b + ...  +  what flows alone are wrong by
    mean of six days         one leak more while it explains much more than chance would

Nothing is remembered but where to begin the search: a leak that was put on a wrong pipe on one
day is put right on another, a slow one needs no step to be seen, and a repair is a leak that is
no longer there. It takes a model that agrees with the sensors to a few millimetres (`model_fit`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.leakage.place import PARTS_OF_DAY, Place, usual_stray
from huoshui.lab.series.holes import mean_known

Array = NDArray[np.float64]
Again = Callable[[int, int, Sequence[tuple[int, float]]], Array]
"""Reads some days anew beside leaks that are known, see `day_residuals.LeaksInside`."""
_Value = TypeVar("_Value", int, float)

NOISE_DAYS = 120
NOISE_EVERY = 30
LARGEST_M3H = 40.0
FIRST_M3H = 5.0
"""A leak of which nothing is known is first taken for one of this size."""
RUN_UP_DAYS = 30
NEVER = -1


@dataclass(frozen=True)
class StandingRule:
    """When one leak more is believed, and when it seconds what others call.

    Attributes
    ----------
    days, every_days : int
        Days of which a look takes the mean, and days from look to look. [d]
    gain : float
        By how much a leak must raise the logarithm of the likelihood. [-]
    keep_frac : float
        Share of it that a leak of the look before needs. [-]
    most : int
        Leaks at most.
    model_frac : float
        Error of the signatures, as a share: once common to neighbours, once alone. [-]
    usual_m3h : float
        What a leak loses before anything is known of it; ten of them at most would surprise.
        [m³/h]
    floor_m : float
        What the mean of a look strays beside chance. [m]
    features : int
        Directions of what sensors and hours show that are kept, those in which leaks differ most.
    temper : float
        By what the logarithm of the likelihood is divided where places are compared: the model
        errs alike at many sensors and hours. [-]
    demand_frac : float
        What a customer's use of a day strays from its habit. [-]
    lost_m3h, lost_frac : float
        What an area is known to lose is wrong by so much at least, or by what it strays from day
        to day, and by such a share of it. [m³/h], [-]
    reach_m : float
        What is within reach of a crew. [m]
    second_m, second_days : float, int
        A leak that others called is seconded by one that lies so near with half of its
        probability, in a look from the day before to so many days after, that one excluded.
        [m], [d]
    """

    days: int = 6
    every_days: int = 2
    gain: float = 20.0
    keep_frac: float = 0.6
    most: int = 14
    model_frac: float = 0.02
    usual_m3h: float = 20.0
    floor_m: float = 0.001
    features: int = 60
    temper: float = 4.0
    demand_frac: float = 0.05
    lost_m3h: float = 0.5
    lost_frac: float = 0.05
    reach_m: float = 300.0
    second_m: float = 600.0
    second_days: int = 7


@dataclass(frozen=True)
class Standing:
    """One leak of one look.

    Attributes
    ----------
    pipe : int
        The best place to dig.
    size_m3h : float
    probability : ndarray, shape (n_pipes,)
    mass : float
        Part of it within reach of ``pipe``.
    gain : float
        By how much it raises the logarithm of the likelihood.
    """

    pipe: int
    size_m3h: float
    probability: Array
    mass: float
    gain: float


class StandingLeaks:
    """Looks at a place again and again."""

    def __init__(self, place: Place, rule: StandingRule | None = None) -> None:
        """Prepare what does not change from look to look."""
        self.place, self.rule = place, rule or StandingRule()
        self.near = place.ways_m <= self.rule.reach_m
        self._relative = place.error_by_pipe()
        self._model_error = self.rule.model_frac**2 * place.error_of_shapes()
        demand = place.customers
        self._demand_error = self.rule.demand_frac**2 / PARTS_OF_DAY * demand.T @ demand
        self._begin: tuple[list[int], list[float]] = ([], [])
        self._raw = self._days = np.zeros((0, place.shapes.shape[1]))

    def learn(self, residuals: Array, lost: Array | None = None) -> None:
        """Learn what chance does from days before a look.

        Parameters
        ----------
        residuals : ndarray, shape (n_days, n_features)
            See `place.Place`.
        lost : ndarray, shape (n_days, n_areas), optional
            What each area is known to have lost; NaN is not known. [m³/h]
        """
        rule = self.rule
        self._lost_strays = np.full(self.place.areas, rule.lost_m3h)
        if lost is not None:
            strays = [usual_stray(_known_days(area)) for area in lost[-NOISE_DAYS:].T]
            by_day = np.concatenate(strays) / np.sqrt(rule.days)
            self._lost_strays = np.maximum(self._lost_strays, by_day)
        sensors = self.place.sensors
        stray = usual_stray(residuals[-NOISE_DAYS:, :sensors])
        chance = self._demand_error + np.diag(stray**2)
        chance = chance / rule.days + rule.floor_m**2 * np.eye(sensors)
        # In these directions chance is one, and leaks differ most.
        whiten = np.linalg.inv(np.linalg.cholesky(chance))
        shapes = self.place.pressures @ whiten.T
        turn = np.linalg.svd(shapes.T @ shapes)[0][:, : rule.features]
        self._turn = turn.T @ whiten
        self._by_sensors = shapes @ turn, self._turn @ self._model_error @ self._turn.T
        self._shapes, self._error = self._by_sensors

    # -- one look

    def look(self, residual: Array, lost: Array | None = None) -> list[Standing]:
        """Return the leaks that explain a mean residual, having learnt.

        Parameters
        ----------
        residual : ndarray, shape (n_features,)
            See `place.Place`.
        lost : ndarray, shape (n_areas,), optional
            What each area is known to lose; NaN is not known. [m³/h]
        """
        seen = self._seen(residual, lost)
        pipes, sizes = self._begin
        while True:
            pipes, sizes = self._revised(seen, pipes, sizes)
            if len(pipes) >= self.rule.most:
                break
            pipe, size, gains = self._one_more(seen, pipes, sizes, FIRST_M3H)
            if gains[pipe] < self.rule.gain:
                break
            pipes = [*pipes, pipe]
            sizes = self._sizes(seen, pipes, [*sizes, size])
        self._begin = (pipes, sizes)
        found = []
        for place, size in enumerate(sizes):
            others, theirs = _without(pipes, place), _without(sizes, place)
            _pipe, _size, gains = self._one_more(seen, others, theirs, size)
            found.append(self._standing(gains, size))
        return found

    def _standing(self, gains: Array, size: float) -> Standing:
        """Return where a leak lies of which it is known how much it explains in each pipe."""
        weight = np.exp((gains - gains.max()) / self.rule.temper) * self.place.lengths_m
        probability = weight / weight.sum()
        within = self.near @ probability
        best = int(np.argmax(within))
        return Standing(best, size, probability, float(within[best]), float(gains.max()))

    def _seen(self, residual: Array, lost: Array | None) -> Array:
        """Take what areas lose beside what sensors read; return what is seen in these units."""
        seen = self._turn @ residual[: self.place.sensors]
        self._shapes, self._error = self._by_sensors
        if lost is None:
            return seen
        known = np.isfinite(lost)
        total = lost[known]
        strays = np.hypot(self._lost_strays[known], self.rule.lost_frac * np.maximum(total, 0.0))
        inside = self.place.shapes[:, self.place.sensors :][:, known]
        self._shapes = np.column_stack([self._shapes, inside / strays])
        self._error = np.pad(self._error, (0, total.size))
        return np.concatenate([seen, total / strays])

    def _covariance(self, pipes: Sequence[int], sizes: Sequence[float]) -> Array:
        """Return how what is seen strays: chance, and the errors of some leaks' signatures."""
        strength = sum(
            size**2 * self._relative[pipe] for pipe, size in zip(pipes, sizes, strict=True)
        )
        covariance: Array = np.eye(len(self._error)) + strength * self._error
        return covariance

    def _one_more(
        self, seen: Array, pipes: Sequence[int], sizes: Sequence[float], size: float
    ) -> tuple[int, float, Array]:
        """Return the best pipe for a leak beside others of any size, its size and all gains."""
        beside = self._covariance(pipes, sizes)
        if pipes:
            known = self._shapes[list(pipes)]
            beside = beside + (self.rule.usual_m3h / 2) ** 2 * known.T @ known
        gains, pipe = np.zeros(0), 0
        for _ in range(2):
            spread = beside + 0.8 * size**2 * self._error
            weighed = np.linalg.solve(spread, np.column_stack([self._shapes.T, seen]))
            power = np.einsum("pf,fp->p", self._shapes, weighed[:, :-1])
            power += 1 / self.rule.usual_m3h**2
            match = self._shapes @ weighed[:, -1]
            gains = np.where(match > 0, match**2 / power / 2, 0.0)
            pipe = int(np.argmax(gains))
            size = float(np.clip(match[pipe] / power[pipe], 0.5, LARGEST_M3H))
        return pipe, size, gains

    def _sizes(self, seen: Array, pipes: Sequence[int], sizes: Sequence[float]) -> list[float]:
        """Return the sizes of leaks in known pipes together."""
        shapes = self._shapes[list(pipes)]
        weighed = np.linalg.solve(self._covariance(pipes, sizes), np.column_stack([shapes.T, seen]))
        power = shapes @ weighed[:, :-1] + np.eye(len(pipes)) / self.rule.usual_m3h**2
        found = np.maximum(np.linalg.solve(power, shapes @ weighed[:, -1]), 0.2)
        return [float(size) for size in found]

    def _revised(
        self, seen: Array, pipes: Sequence[int], sizes: Sequence[float]
    ) -> tuple[list[int], list[float]]:
        """Put each leak anew beside the others, and drop those that say too little."""
        pipes, sizes, place = list(pipes), list(sizes), 0
        while place < len(pipes):
            others, theirs = _without(pipes, place), _without(sizes, place)
            pipe, size, gains = self._one_more(seen, others, theirs, sizes[place])
            if gains[pipe] < self.rule.keep_frac * self.rule.gain:
                pipes, sizes = others, theirs
                continue
            pipes[place], sizes[place] = pipe, size
            place += 1
        return pipes, self._sizes(seen, pipes, sizes) if pipes else []

    # -- many looks

    def looks(
        self,
        residuals: Array,
        *,
        calibration_days: int,
        from_day: int = 0,
        again: Again | None = None,
        lost: Array | None = None,
    ) -> dict[int, list[Standing]]:
        """Return what is seen every few days; what is seen on a day uses the days before it only.

        Parameters
        ----------
        residuals : ndarray, shape (n_days, n_features)
            See `place.Place`.
        calibration_days : int
            First days, without leaks.
        from_day : int
            Nothing is wanted of days before; the looks begin a little earlier.
        again : callable, optional
            Reads the days since the last look anew, beside the leaks that it saw.
        lost : ndarray, shape (n_days, n_areas), optional
            What each area lost on each day; NaN is not known. [m³/h]
        """
        rule = self.rule
        usual = residuals[1:calibration_days].mean(axis=0)
        days, sensors = residuals.copy(), self.place.sensors
        self._raw, self._days = residuals, days
        first = calibration_days + rule.days + 1
        first = max(first, from_day - RUN_UP_DAYS)
        found: dict[int, list[Standing]] = {}
        learnt = -NOISE_EVERY
        for day in range(first, len(residuals) + 1, rule.every_days):
            if day - learnt >= NOISE_EVERY:
                self.learn(residuals[:day], None if lost is None else lost[:day])
                learnt = day
            leaks = list(zip(*self._begin, strict=True))
            if again is not None and leaks:
                since = day - rule.every_days
                days[since:day, :sensors] = again(since, day, leaks)
            latest = slice(day - rule.days, day)
            known = None if lost is None else mean_known(lost[latest])
            found[day] = self.look(days[latest].mean(axis=0) - usual, known)
        return found

    def risen(
        self, day: int, since: int, looks: Mapping[int, Sequence[Standing]], pipe: int
    ) -> Standing:
        """Return the leak about a pipe that best explains what came between two looks.

        Leaks further away than a crew's reach, that either look saw, may have changed as well.

        Parameters
        ----------
        day, since : int
            The later and the earlier look.
        looks : mapping
            What `looks` returned.
        pipe : int
            Where something has grown.
        """
        self.learn(self._raw[:day])
        count = self.rule.days
        change = self._days[day - count : day].mean(axis=0)
        change = change - self._days[since - count : since].mean(axis=0)
        beside: dict[int, float] = {}
        for leak in (*looks[day], *looks[since]):
            if not self.near[pipe, leak.pipe]:
                beside[leak.pipe] = max(leak.size_m3h, beside.get(leak.pipe, 0.0))
        seen = self._seen(change, None)
        _pipe, size, gains = self._one_more(seen, list(beside), list(beside.values()), FIRST_M3H)
        return self._standing(gains, size)

    def seconded(self, pipe: int, known_day: int, looks: Mapping[int, Sequence[Standing]]) -> int:
        """Return the day on which a look has a leak about a pipe that others called.

        Parameters
        ----------
        pipe : int
            Where a leak was called.
        known_day : int
            The day before which everything that speaks for it was measured.
        looks : mapping
            See `looks`.

        Returns
        -------
        int
            ``known_day`` or one of the days after; `NEVER` if no look in time has one, and
            ``known_day`` where it lies before the first look.
        """
        if not looks or known_day < min(looks):
            return known_day
        about = self.place.ways_m[pipe] <= self.rule.second_m
        for day in range(known_day - 1, known_day + self.rule.second_days):
            if any(float(about @ one.probability) >= 0.5 for one in looks.get(day, ())):
                return max(day, known_day)
        return NEVER


def _known_days(values: Array) -> Array:
    """Return the known values of a series as one column; two zeros where there are fewer."""
    known = values[np.isfinite(values)]
    return known[:, None] if known.size > 1 else np.zeros((2, 1))


def _without(values: Sequence[_Value], place: int) -> list[_Value]:
    return [value for number, value in enumerate(values) if number != place]
