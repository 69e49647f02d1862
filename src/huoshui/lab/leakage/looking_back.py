"""All that runs at once, by everything that was seen so far: slow leaks beside quick ones.

    residual     .....--^^|      burst, repaired: its sharp fall tells how long it had run,
                          |..--  and those days are left out
    leaks        [A: since day 40, over 70 days, pipe 12] + [B: ...]  fitted together to the rest

The watch (`pressure_watch`) takes one step after the other and never looks back; leaks that grow
for weeks are lost between the others' steps. Here the residuals of all days up to one day are
explained anew by a few leaks, each with a moment, a time of growth and a pipe. Days on which
something ran that has ended since say little and are left out, so repairs make the past clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.leakage.place import PARTS_OF_DAY, Place, usual_stray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

GROWTHS_D = (0, 25, 45, 70, 95)
"""Times of growth that are tried; a leak's width grows evenly, so its loss with the square."""
BLOCK_DAYS = 2
STEP_DAYS = 5
DAYS_OF_NOISE = 60
USUAL_M3H = 6.0
SCREENED = 4
"""Every so manieth pipe is enough to see which moments are worth a closer look."""
TRIED = 4


@dataclass(frozen=True)
class LookRule:
    """How to explain the past; chosen on made worlds, see the notes on detection.

    Attributes
    ----------
    model_frac : float
        Error of the model's signatures, as a share: common to neighbours, and alone. [-]
    gain_min : float
        What a leak must add to the logarithm of the likelihood. [-]
    leaks_max : int
        More leaks at once are not looked for.
    wobble_frac : float
        By how much the residual of a running leak strays from day to day. [-]
    drift_per_day : float
        By how much a day's variance grows with the days since the sensors were set. [-]
    usual_m3h : float
        Leaks are not expected to be much larger. [m³/h]
    temper : float
        The logarithm of the likelihood is divided by it; see `WatchRule`. [-]
    reach_m : float
        What is within reach of a crew. [m]
    features : int
        Directions that are kept of sensors and parts of the day, those that leaks move most.
    fall_m3h_min, fall_departures : float
        A sharp fall of this size and clearness is an end. [m³/h, standard deviations]
    fall_days : int
        What ended is looked for so far back. [d]
    demand_frac : float
        What a customer's use of a day strays from its habit. [-]
    calibration_days : int
        First days, without leaks, on which the sensors are set against the model. [d]
    """

    model_frac: float = 0.1
    gain_min: float = 30.0
    leaks_max: int = 12
    wobble_frac: float = 0.05
    drift_per_day: float = 0.02
    usual_m3h: float = 10.0
    temper: float = 4.0
    reach_m: float = 300.0
    features: int = 48
    fall_m3h_min: float = 5.0
    fall_departures: float = 8.0
    fall_days: int = 80
    demand_frac: float = 0.05
    calibration_days: int = 7


@dataclass
class Running:
    """One leak of an explanation.

    Attributes
    ----------
    since_day, growth_days : int
        When it began, and how long it grew; zero growth is a burst. [d]
    pipe : int
        The place with most probability within reach.
    size_m3h, now_m3h : float
        Fully grown, and on the last day. [m³/h]
    gain : float
        Logarithm of how much likelier the past is with it. [-]
    probability : ndarray, shape (n_pipes,)
    mass : float
        Probability within reach of ``pipe``. [-]
    """

    since_day: int
    growth_days: int
    pipe: int = 0
    size_m3h: float = 0.0
    now_m3h: float = 0.0
    gain: float = 0.0
    mass: float = 0.0
    probability: Array = field(default_factory=lambda: np.zeros(0))
    # What it says of each direction, and how sure; where it is in the library of moments.
    mean: Array = field(default_factory=lambda: np.zeros(0))
    variance: Array = field(default_factory=lambda: np.ones(0))
    entry: int = -1
    overlap: Array = field(default_factory=lambda: np.zeros((0, 0)))


@dataclass(frozen=True)
class _Candidate:
    gain: float
    entry: int
    seen: Array
    precision: Array


class LookingBack:
    """Explains the days up to any day and uses nothing later.

    ``residuals`` are those of `day_residuals.Prepared`; the noise is learnt from the first
    `DAYS_OF_NOISE` days, so the first look should not be earlier.
    """

    def __init__(
        self, residuals: Array, scaled: Flags, place: Place, rule: LookRule | None = None
    ) -> None:
        """Choose the directions in which leaks stand out of the noise."""
        self.rule, self.place = rule or LookRule(), place
        self.relative = place.error_by_pipe()
        basis, self.shapes, self.error = self._directions(residuals, scaled)
        self.days = residuals @ basis.T
        self.days -= self.days[: self.rule.calibration_days].mean(axis=0)
        self.near = (place.ways_m <= self.rule.reach_m).astype(float)
        self._falls: dict[int, tuple[float, Array] | None] = {}
        self.running: list[Running] = []

    def _directions(self, residuals: Array, scaled: Flags) -> tuple[Array, Array, Array]:
        """Return directions, shapes and the model's error along them.

        In these directions the noise of a day is one and the model's error does not mix.
        """
        place, rule, sensors = self.place, self.rule, self.place.sensors
        demand = place.customers
        noise = np.zeros((residuals.shape[1],) * 2)
        noise[:sensors, :sensors] = rule.demand_frac**2 / PARTS_OF_DAY * demand.T @ demand
        stray = usual_stray(residuals[:DAYS_OF_NOISE, :sensors])
        noise[:sensors, :sensors] += np.diag(stray**2)
        wrong = np.zeros_like(noise)
        wrong[:sensors, :sensors] = rule.model_frac**2 * place.error_of_shapes()
        for area in range(place.areas):
            at = sensors + area
            # A scaled area's balance holds the season too.
            noise[at, at] = 4.0**2 if scaled[area] else 0.7**2
            wrong[at, at] = 0.1**2
        white = np.linalg.inv(np.linalg.cholesky(noise))
        values, turned = np.linalg.eigh(white @ wrong @ white.T)
        basis = turned.T @ white
        shapes = place.shapes @ basis.T
        kept = np.argsort(-np.sum(shapes**2, axis=0))[: rule.features]
        error = np.maximum(values[kept], 0.0)
        return basis[kept], np.ascontiguousarray(shapes[:, kept]), error

    # -- what has ended

    def _fall(self, day: int) -> tuple[float, Array] | None:
        """Return size and residual of what ended on a day; needs the two days after it."""
        if day not in self._falls:
            self._falls[day] = self._fall_anew(day)
        return self._falls[day]

    def _fall_anew(self, day: int) -> tuple[float, Array] | None:
        change = self.days[day - 2 : day].mean(axis=0) - self.days[day + 1 : day + 3].mean(axis=0)
        size, best, scores = 8.0, 0, np.zeros(1)
        for _ in range(3):
            weight = 1 / (1 + 2 * size**2 * self.error)
            power = self.shapes**2 @ weight + 1 / 30**2
            match = self.shapes @ (weight * change)
            scores = match / np.sqrt(power)
            best = int(np.argmax(scores))
            size = max(float(match[best] / power[best]), 0.5)
        rule = self.rule
        clear = scores[best] > max(rule.fall_departures, float(np.max(-scores)))
        return (size, change) if clear and size > rule.fall_m3h_min else None

    def quiet_days(self, until: int) -> Flags:
        """Return on which days up to one nothing ran that has ended since; (until,)."""
        quiet = np.ones(until, dtype=bool)
        falls = {day: fall for day in range(9, until - 2) if (fall := self._fall(day)) is not None}
        sizes = {day: float(np.linalg.norm(change)) for day, (_size, change) in falls.items()}
        for day, (_size, change) in falls.items():
            if sizes[day] < max(sizes.get(near, 0.0) for near in range(day - 2, day + 3)):
                continue
            after = self.days[day + 1 : day + 3].mean(axis=0)
            oldest = max(0, day - self.rule.fall_days)
            share = (self.days[oldest:day] - after) @ change / (change @ change)
            first = share.size - 1
            while first > 0 and share[first - 1] > 0.08:
                first -= 1
            quiet[max(oldest + first - 1, 0) : day + 1] = False
        return quiet

    # -- looking back from a day

    def look(self, until: int) -> list[Running]:
        """Return what explains the days before ``until`` (exclusive), the clearest first.

        The last explanation is where the search begins, so looks are made in order of time.
        """
        rule = self.rule
        quiet = self.quiet_days(until)
        age = 1 + rule.drift_per_day * np.arange(until)
        days = self.days[:until]
        weights = np.where(quiet, 1 / age, 0.0)[:, None] * np.ones_like(days)
        past = _Past(self, days, weights)
        past.begin_with(self.running)
        past.search()
        if past.running:
            # Days that nothing explains, the end that was not seen among them, count for less.
            strange = past.strangeness() / age
            usual = float(np.median(strange[quiet])) if quiet.any() else 1.0
            past.read(days, weights / np.maximum(1, strange / (3 * max(usual, 1e-9)))[:, None])
            past.settle()
        self.running = past.running
        for leak in past.running:
            leak.now_m3h = leak.size_m3h * float(past.daily[leak.entry, -1])
        return sorted(past.running, key=lambda leak: -leak.gain)

    def place_of(self, seen: Array, precision: Array) -> tuple[Array, Array]:
        """Return for each pipe how likely a leak there is, and its size. [log, m³/h]"""
        size, share = 5.0, 1.0
        match = power = np.ones(len(self.shapes))
        for _ in range(4):
            weight = 1 / (1 / precision + size**2 * share * self.error)
            power = self.shapes**2 @ weight + 1 / 30**2
            match = self.shapes @ (weight * seen)
            best = int(np.argmax(match / np.sqrt(power)))
            size, share = max(float(match[best] / power[best]), 0.2), float(self.relative[best])
        sizes = np.maximum(match / power, 0.0)
        variance = 1 / precision + (sizes**2 * self.relative)[:, None] * self.error
        left = seen - sizes[:, None] * self.shapes
        likely = -0.5 * np.sum(np.log(variance * precision) + left**2 / variance, axis=1)
        likely += 0.5 * float(np.sum(precision * seen**2))
        likely -= 0.5 * (sizes / self.rule.usual_m3h) ** 2
        return likely, sizes

    def put(self, leak: Running, seen: Array, precision: Array) -> None:
        """Say where a leak lies and how large it is from what is seen of it alone."""
        likely, sizes = self.place_of(seen, precision)
        weight = np.exp((likely - likely.max()) / self.rule.temper) * self.place.lengths_m
        leak.probability = weight / weight.sum()
        within = self.near @ leak.probability
        leak.pipe = int(np.argmax(within))
        leak.mass = float(within[leak.pipe])
        best = int(np.argmax(likely))
        leak.size_m3h, leak.gain = float(sizes[best]), float(likely[best])
        leak.mean = leak.size_m3h * self.shapes[best]
        leak.variance = np.maximum(leak.size_m3h**2 * self.relative[best] * self.error, 1e-6)


class _Past:
    """The days up to one day, and the library of moments a leak may have begun at."""

    def __init__(self, back: LookingBack, days: Array, weights: Array) -> None:
        self.back, self.rule = back, back.rule
        count = len(days)
        self.odd = count % BLOCK_DAYS
        bursts = [(day, 0) for day in range(8 + count % 2, count - 2, 2)]
        grown = [(day, g) for g in GROWTHS_D if g for day in range(8, count - 6, STEP_DAYS)]
        self.library = bursts + grown
        at = np.arange(count)[None]
        since, growth = (np.array(column)[:, None] for column in zip(*self.library, strict=True))
        self.daily = np.where(
            growth == 0,
            np.clip(at + 1.0 - since, 0, 1),
            np.clip((at + 0.5 - since) / np.maximum(growth, 1), 0, 1) ** 2,
        )
        self.shares = self.daily[:, self.odd :].reshape(len(self.daily), -1, BLOCK_DAYS).mean(2)
        self.running: list[Running] = []
        self.read(days, weights)

    def read(self, days: Array, weights: Array) -> None:
        """Take days and what each counts for, gathered in blocks."""
        self.days = days
        parts = (-1, BLOCK_DAYS, days.shape[1])
        each, weight = days[self.odd :].reshape(parts), weights[self.odd :].reshape(parts)
        self.given = weight.sum(axis=1)
        self.blocks = (weight * each).sum(axis=1) / np.maximum(self.given, 1e-12)
        self._weigh(self.given)

    def _weigh(self, weights: Array) -> None:
        self.weights = weights
        self.power = self.shares**2 @ weights
        self.match = self.shares @ (weights * self.blocks)
        for leak in self.running:
            leak.overlap = self._overlap(leak.entry)

    def _overlap(self, entry: int) -> Array:
        found: Array = self.shares @ (self.weights * self.shares[entry][:, None])
        return found

    def begin_with(self, known: Sequence[Running]) -> None:
        """Begin with an earlier explanation, each leak at the nearest moment of this library."""
        since, growth = (np.array(column) for column in zip(*self.library, strict=True))
        for leak in known:
            far = np.abs(since - leak.since_day) + 1000.0 * (growth != leak.growth_days)
            entry = int(np.argmin(far))
            again = Running(*self.library[entry], size_m3h=leak.size_m3h, entry=entry)
            again.mean, again.variance = leak.mean, leak.variance
            again.overlap = self._overlap(entry)
            self.running.append(again)
        if self.running:
            self.settle()

    def search(self) -> None:
        """Add leak after leak as long as each explains enough, and settle them."""
        # Bounded, because what is added may make another superfluous, and so on in a circle.
        for _ in range(2 * self.rule.leaks_max):
            best = self._best(None)
            if best.gain < self.rule.gain_min or len(self.running) >= self.rule.leaks_max:
                break
            self.running.append(self._new(best))
            if len(self.running) > 1:
                self._refine()
        self.settle()

    def settle(self) -> None:
        """Let days on which much runs count for less, and place each leak anew."""
        if not self.running:
            return
        means = self._together(self.running)[1]
        shares = np.array([self.shares[leak.entry] for leak in self.running])
        stray = self.rule.wobble_frac**2 * (shares**2).T @ (means.T**2)
        self._weigh(self.given / (1 + stray))
        self._refine()

    def strangeness(self) -> Array:
        """Return how far each day lies from the explanation, as a mean square; (n_days,)."""
        means = self._together(self.running)[1]
        shares = np.array([self.daily[leak.entry] for leak in self.running])
        left = self.days - shares.T @ means.T
        stray = 1 + self.rule.wobble_frac**2 * (shares**2).T @ (means.T**2)
        strange: Array = (left**2 / stray).mean(axis=1)
        return strange

    def _refine(self) -> None:
        """Find the best moment and pipe of each leak while the others stay what they are."""
        for leak in list(self.running):
            best = self._best(leak)
            place = self.running.index(leak)
            if best.gain < self.rule.gain_min:
                self.running.pop(place)
            elif best.entry == leak.entry:
                self.back.put(leak, best.seen, best.precision)
            else:
                self.running[place] = self._new(best)

    def _new(self, found: _Candidate) -> Running:
        leak = Running(*self.library[found.entry], entry=found.entry)
        leak.overlap = self._overlap(found.entry)
        self.back.put(leak, found.seen, found.precision)
        return leak

    def _together(self, leaks: Sequence[Running]) -> tuple[Array, Array]:
        """Return the normal equations of some leaks, and what each is in every direction."""
        table = np.array([[one.overlap[other.entry] for other in leaks] for one in leaks])
        sure = np.array([1 / leak.variance for leak in leaks])
        table = table.transpose(2, 0, 1) + np.einsum("kj,kl->jkl", sure, np.eye(len(leaks)))
        right = np.array([self.match[leak.entry] for leak in leaks])
        right = right + sure * np.array([leak.mean for leak in leaks])
        return table, np.linalg.solve(table, right.T[:, :, None])[:, :, 0]

    def _best(self, without: Running | None) -> _Candidate:
        """Return the moment at which one more leak explains most, the others marginalised."""
        others = [leak for leak in self.running if leak is not without]
        power, match = self.power, self.match
        if others:
            table, means = self._together(others)
            overlaps = np.array([leak.overlap for leak in others])
            match = match - np.einsum("kld,dk->ld", overlaps, means)
            by_direction = overlaps.transpose(2, 0, 1)
            taken = (by_direction * (np.linalg.inv(table) @ by_direction)).sum(axis=1)
            power = power - taken.T
        power = np.maximum(power, 1e-9)
        seen = match / power
        weight = 1 / (1 / power + USUAL_M3H**2 * self.back.error)
        shapes = self.back.shapes[::SCREENED]
        scores = (weight * seen) @ shapes.T / np.sqrt(weight @ (shapes**2).T + 1 / 30**2)
        best: _Candidate | None = None
        for entry in np.argsort(-scores.max(axis=1))[:TRIED]:
            likely, _sizes = self.back.place_of(seen[entry], power[entry])
            gain = float(likely.max())
            if best is None or gain > best.gain:
                best = _Candidate(gain, int(entry), seen[entry], power[entry])
        assert best is not None
        return best
