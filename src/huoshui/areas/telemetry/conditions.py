"""Conditions that need more than one value: rate, flat line, deviation and formula.

A condition is one rule for one point. It takes readings one by one and says whether they are
beyond, inside, or tell nothing; delays and the state of the alarm are the business of watch.py.
What a condition remembers between readings is an immutable value that the caller keeps, so that a
batch that could not be stored leaves no trace.

Plain limits are not here: they are judged for whole batches at once, in arrays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.rules import LIMIT_KINDS
from huoshui.lab.series.expression import Expression

HOUR_US = 3_600_000_000
NAN = math.nan
# A value of another point counts as its present one for so long, where its rule says nothing else.
HOLD_US = HOUR_US


@dataclass(frozen=True)
class WatchedRule:
    """One rule as it applies to one point. NaN and 0 mean that the rule does not use it."""

    code: str
    point_id: int
    kind: str
    threshold: float = NAN
    dead_band: float = 0.0
    on_delay_us: int = 0
    off_delay_us: int = 0
    window_us: int = 0
    reference_id: int = -1
    expression: Expression | None = None
    inputs: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> str:
        """What tells its alarm from others of the same point; limits and silence come once."""
        once = self.kind in LIMIT_KINDS or self.kind == "no_data"
        return self.kind if once else f"{self.kind}:{self.code}"

    @property
    def memory_us(self) -> int:
        """How far back the readings reach that its present state depends on."""
        looks_back = max(self.on_delay_us, self.off_delay_us) + self.window_us
        others = self.reference_id >= 0 or len(self.inputs) > 0
        return looks_back + (HOLD_US if others else 0)


@dataclass(frozen=True)
class Band:
    """The expected range of a point's hours: one entry for each UTC hour from ``first_us`` on."""

    first_us: int
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def at(self, at_us: int) -> tuple[float, float]:
        """Return low and high of the hour of a moment, NaN where nothing is expected."""
        place = (at_us - self.first_us) // HOUR_US
        if not 0 <= place < len(self.low):
            return NAN, NAN
        return float(self.low[place]), float(self.high[place])


class Found(NamedTuple):
    """What one reading tells a condition: beyond, inside, or neither; and the figure to show."""

    memory: Any
    beyond: bool
    inside: bool
    shown: float


class Condition:
    """One rule for one point; ``feeds`` are the points whose readings it wants."""

    def __init__(self, rule: WatchedRule) -> None:
        self.rule = rule
        self.feeds: tuple[int, ...] = (rule.point_id,)

    def take(self, memory: Any, point_id: int, at_us: int, value: float) -> Found:
        """Take one trusted reading."""
        raise NotImplementedError

    def _found(self, memory: Any, amount: float) -> Found:
        """Compare an amount with the threshold; NaN tells nothing."""
        rule = self.rule
        return Found(
            memory, amount > rule.threshold, amount < rule.threshold - rule.dead_band, amount
        )


class Rate(Condition):
    """The value changes too fast: its change over the window, per hour, in either direction."""

    def take(self, memory: Any, point_id: int, at_us: int, value: float) -> Found:
        kept: tuple[tuple[int, float], ...] = memory or ()
        if kept and kept[-1][0] > at_us:
            kept = ()  # from before the clock was set back
        edge = at_us - self.rule.window_us
        # The last reading at or before the edge stays: the window begins with its value.
        first = 0
        while first + 1 < len(kept) and kept[first + 1][0] <= edge:
            first += 1
        kept = (*kept[first:], (at_us, value))
        span_us = at_us - kept[0][0]
        # Half a window at least: two readings a second apart are no trend.
        if span_us * 2 < self.rule.window_us or span_us <= 0:
            return Found(kept, False, False, NAN)
        amount = abs(value - kept[0][1]) / span_us * HOUR_US
        return self._found(kept, amount)


class Flat(Condition):
    """The value stays within the threshold for the whole window: a stuck instrument."""

    def take(self, memory: Any, point_id: int, at_us: int, value: float) -> Found:
        since_us, anchor = memory or (at_us, value)
        if abs(value - anchor) > self.rule.threshold or since_us > at_us:
            since_us, anchor = at_us, value
        stuck = at_us - since_us >= self.rule.window_us
        return Found((since_us, anchor), stuck, not stuck, value)


class Apart(Condition):
    """Two points differ by more than the threshold."""

    def __init__(self, rule: WatchedRule) -> None:
        super().__init__(rule)
        self.feeds = (rule.point_id, rule.reference_id)

    def take(self, memory: Any, point_id: int, at_us: int, value: float) -> Found:
        own, other = memory or ((None, NAN), (None, NAN))
        if point_id == self.rule.point_id:
            own = (at_us, value)
        else:
            other = (at_us, value)
        hold_us = self.rule.window_us or HOLD_US
        both = own[0] is not None and other[0] is not None and abs(own[0] - other[0]) <= hold_us
        return self._found((own, other), abs(own[1] - other[1]) if both else NAN)


class Unexpected(Condition):
    """The value lies outside the expected band of its hour by more than the threshold."""

    def __init__(self, rule: WatchedRule, bands: Mapping[int, Band]) -> None:
        super().__init__(rule)
        self.bands = bands

    def take(self, memory: Any, point_id: int, at_us: int, value: float) -> Found:
        band = self.bands.get(point_id)
        low, high = band.at(at_us) if band else (NAN, NAN)
        amount = NAN if math.isnan(low) else max(low - value, value - high, 0.0)
        found = self._found(memory, amount)
        # Back in the band is inside, also where no dead band leaves room below the threshold.
        return found._replace(inside=found.inside or amount == 0.0)


class Formula(Condition):
    """A formula over points is true."""

    def __init__(self, rule: WatchedRule) -> None:
        super().__init__(rule)
        self.feeds = tuple(dict.fromkeys(number for _name, number in rule.inputs))

    def take(self, memory: Any, point_id: int, at_us: int, value: float) -> Found:
        known: dict[int, tuple[int, float]] = {**(memory or {}), point_id: (at_us, value)}
        fresh = at_us - (self.rule.window_us or HOLD_US)
        values = {
            name: known[number][1] if number in known and known[number][0] >= fresh else NAN
            for name, number in self.rule.inputs
        }
        assert self.rule.expression is not None
        truth = float(self.rule.expression.evaluate(values)[0])
        return Found(known, not math.isnan(truth) and truth != 0.0, truth == 0.0, value)


def condition_of(rule: WatchedRule, bands: Mapping[int, Band]) -> Condition | None:
    """Return the condition of a rule, None for limits and silence, which watch.py judges."""
    if rule.kind == "rate":
        return Rate(rule)
    if rule.kind == "flat":
        return Flat(rule)
    if rule.kind == "expression":
        return Formula(rule)
    if rule.kind == "deviation":
        return Apart(rule) if rule.reference_id >= 0 else Unexpected(rule, bands)
    return None
