"""Points that nobody measures: worked out by a formula from other points, live and for the past.

Both ways use the same rule for values of different moments: a value holds until the next of its
point, for an hour at most. The quality is the worst of the values used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import contracts, handing, models, queries, refusals
from huoshui.areas.telemetry.contracts import Quality, Series
from huoshui.areas.telemetry.ingest import Historian
from huoshui.areas.telemetry.validation import NONE_US
from huoshui.kernel import audit
from huoshui.lab.series import expression

HOLD_US = 3_600_000_000
# Values of one moment come in several messages; after so many looks the rest is not waited for.
LOOKS_MAX = 3
SOURCE = "calculated"
PAST = timedelta(days=31)
# So far back live values are worked out; what came later than that is for `calculate_past`.
BACKLOG_US = 31 * 86_400_000_000


@dataclass(frozen=True)
class Formula:
    """One calculated point: its number, its formula, and the numbers of what that reads."""

    point_id: int
    expression: expression.Expression
    inputs: Mapping[str, int]


def formulas() -> list[Formula]:
    """Return the calculated points whose inputs are all declared."""
    ids = queries.point_ids()
    found = []
    for row in models.CalculatedPoint.objects.order_by("pk"):
        made = expression.compile(row.expression)
        if made.names <= ids.keys():
            inputs = {name: ids[name] for name in sorted(made.names)}
            found.append(Formula(row.point_id, made, inputs))
    return found


def series_of(formula: expression.Expression, inputs: Mapping[str, Series]) -> Series:
    """Return the formula's value at each moment that any of its inputs has.

    Moments at which it is not known are left out.
    """
    parts = [one.at_us for one in inputs.values()]
    at_us: NDArray[np.int64] = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
    quality = np.zeros(len(at_us), np.uint8)
    columns = {}
    for name, one in inputs.items():
        usable = (one.quality < Quality.BAD) & ~np.isnan(one.value)
        moments, values, marks = one.at_us[usable], one.value[usable], one.quality[usable]
        place = np.searchsorted(moments, at_us, side="right") - 1
        inside = np.maximum(place, 0)
        known = np.zeros(len(at_us), bool)
        if len(moments):
            known = (place >= 0) & (at_us - moments[inside] <= HOLD_US)
        column = np.full(len(at_us), np.nan)
        column[known] = values[inside[known]]
        quality[known] = np.maximum(quality[known], marks[inside[known]])
        columns[name] = column
    value = formula.evaluate(columns, at_us)
    fine = ~np.isnan(value)
    return Series(at_us[fine], value[fine], quality[fine])


@dataclass(frozen=True)
class _Inputs:
    """The inputs of a formula at one look: the newest of each, and how many there were before."""

    newest: tuple[tuple[int, float, int], ...]
    times: tuple[int, ...]

    @property
    def moments(self) -> tuple[int, ...]:
        return tuple(row[0] for row in self.newest)

    @property
    def latest_us(self) -> int:
        return max(self.moments, default=NONE_US)


class Calculator:
    """Works calculated points out as the values they follow from arrive.

    Each moment of the inputs, in order: a logger may deliver a day at once.
    """

    def __init__(self, historian: Historian) -> None:
        self.historian = historian
        self.formulas: list[Formula] = []
        # Of each point: the inputs at the last look and how often it looked, and when it was done.
        self._looked: dict[int, tuple[tuple[int, ...], int]] = {}
        self._done: dict[int, _Inputs] = {}

    def refresh(self) -> None:
        """Take over the formulas."""
        self.formulas = formulas()

    def calculate(self) -> int:
        """Store the values that are due; return how many."""
        batches, done = [], {}
        for one in self.formulas:
            numbers = list(one.inputs.values())
            # Counted first: a reading that comes in between is counted again, never missed.
            times = self.historian.newest.counted(numbers)
            found = _Inputs(tuple(self.historian.newest.of(numbers)), times)
            before = self._done.get(one.point_id)
            if found.latest_us == NONE_US or (before and found.moments == before.moments):
                continue
            looked, looks = self._looked.get(one.point_id, ((), 0))
            self._looked[one.point_id] = (found.moments, looks + 1)
            if len(set(found.moments)) > 1 and found.moments != looked and looks < LOOKS_MAX:
                continue
            self._looked[one.point_id] = (found.moments, 0)
            done[one.point_id] = found
            made = self._values(one, found, before)
            if len(made):
                batches.append(_batch(one.point_id, made.at_us, made.value, made.quality))
        if batches:
            self.historian.accept_many(batches)
        # Only now: what could not be stored is worked out once more.
        self._done.update(done)
        return sum(len(one) for one in batches)

    def _values(self, one: Formula, found: _Inputs, before: _Inputs | None) -> Series:
        """Return the values at the moments that came since the last time."""
        since_us = self._since_us(one, found, before)
        steps = None if one.expression.window_s else _single_steps(found, before)
        if steps is None:
            back_us = round(one.expression.window_s * 1e6) + HOLD_US
            read = queries.reader().readings(
                list(one.inputs.values()), since_us - back_us, found.latest_us + 1
            )
            inputs = {
                name: Series(read[number].at_us, read[number].value, read[number].quality)
                for name, number in one.inputs.items()
            }
        else:
            inputs = dict(zip(one.inputs, steps, strict=True))
        series = series_of(one.expression, inputs)
        fresh = (series.at_us > since_us) & (series.at_us <= found.latest_us)
        return Series(series.at_us[fresh], series.value[fresh], series.quality[fresh])

    def _since_us(self, one: Formula, found: _Inputs, before: _Inputs | None) -> int:
        """Return the moment after which values are due."""
        latest_us = found.latest_us
        if before is None:
            # A new start goes on where the point itself ended; a new point begins now.
            [(own_us, _value, _quality)] = self.historian.newest.of([one.point_id])
            since_us = own_us if NONE_US < own_us < latest_us else latest_us - 1
        else:
            # From where the input that was furthest behind has gone on; what was worked out
            # without it is replaced. A moment before the known one: the clock was set back.
            since_us = min(
                was if NONE_US < was < now else now - 1
                for was, now in zip(before.moments, found.moments, strict=True)
                if was != now
            )
        return max(since_us, latest_us - BACKLOG_US)


def _single_steps(found: _Inputs, before: _Inputs | None) -> list[Series] | None:
    """Return each input's last and newest reading where there was none in between, else None."""
    if before is None:
        return None
    steps = []
    for was, now, more in zip(
        before.newest,
        found.newest,
        (now - was for was, now in zip(before.times, found.times, strict=True)),
        strict=True,
    ):
        if more not in (0, 1) or was[0] > now[0] or NONE_US in (was[0], now[0]):
            return None
        rows = [now] if was[0] == now[0] else [was, now]
        steps.append(
            Series(
                np.array([row[0] for row in rows], np.int64),
                np.array([row[1] for row in rows]),
                np.array([row[2] for row in rows], np.uint8),
            )
        )
    return steps


def _batch(
    point_id: int,
    at_us: NDArray[np.int64],
    value: NDArray[np.float64],
    quality: NDArray[np.uint8],
) -> contracts.Batch:
    return contracts.Batch(SOURCE, np.full(len(at_us), point_id, np.int32), at_us, value, quality)


def calculate_past(
    point_code: str, from_at: datetime, until: datetime, by_id: int
) -> contracts.Handed:
    """Work a calculated point out anew for [from_at, until); what is there is replaced. Audited."""
    row = models.CalculatedPoint.objects.filter(point__code=point_code).first()
    if row is None:
        raise refusals.NoSuchPoint([point_code])
    made = expression.compile(row.expression)
    audit.record(
        by_id,
        "telemetry.past_calculated",
        f"point:{point_code}",
        {"from": from_at.isoformat(), "until": until.isoformat()},
    )
    back = timedelta(seconds=made.window_s) + timedelta(hours=1)
    batches = []
    begin = from_at
    while begin < until:
        end = min(begin + PAST, until)
        inputs = queries.readings(sorted(made.names), begin - back, end)
        found = series_of(made, inputs)
        inside = found.at_us >= contracts.to_us(begin)
        if inside.any():
            batches.append(
                _batch(row.point_id, found.at_us[inside], found.value[inside],
                       found.quality[inside])
            )  # fmt: skip
        begin = end
    return handing.hand_in(batches, by_id=by_id)
