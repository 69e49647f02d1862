"""Points that nobody measures: worked out by a formula from other points, live and for the past.

Both ways use the same rule for values of different moments: a value holds until the next of its
point, for an hour at most. The quality is the worst of the values used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class Calculator:
    """Works calculated points out as the values they follow from arrive."""

    def __init__(self, historian: Historian) -> None:
        self.historian = historian
        self.formulas: list[Formula] = []
        # Of each point: the moments of the inputs at the last look, and how often it looked.
        self._looked: dict[int, tuple[tuple[int, ...], int]] = {}
        self._done: dict[int, int] = {}

    def refresh(self) -> None:
        """Take over the formulas."""
        self.formulas = formulas()

    def calculate(self) -> int:
        """Store the values that are due; return how many."""
        batches = []
        for one in self.formulas:
            numbers = list(one.inputs.values())
            newest = self.historian.newest.of(numbers)
            moments = tuple(row[0] for row in newest)
            at_us = max(moments, default=NONE_US)
            # Not "later than": after the clock was set back the newest moment is an earlier one.
            if at_us in (NONE_US, self._done.get(one.point_id)):
                continue
            before, looks = self._looked.get(one.point_id, ((), 0))
            self._looked[one.point_id] = (moments, looks + 1)
            if len(set(moments)) > 1 and moments != before and looks < LOOKS_MAX:
                continue
            self._looked[one.point_id] = (moments, 0)
            self._done[one.point_id] = at_us
            made = self._value(one, newest, at_us)
            if made is not None:
                batches.append(_batch(one.point_id, *made))
        if batches:
            self.historian.accept_many(batches)
        return len(batches)

    def _value(
        self, one: Formula, newest: Sequence[tuple[int, float, int]], at_us: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]] | None:
        if one.expression.window_s:
            from_us = at_us - round(one.expression.window_s * 1e6) - HOLD_US
            found = queries.reader().readings(list(one.inputs.values()), from_us, at_us + 1)
            inputs = {
                name: Series(found[number].at_us, found[number].value, found[number].quality)
                for name, number in one.inputs.items()
            }
        else:
            inputs = {
                name: Series(
                    np.array([row[0]], np.int64),
                    np.array([row[1]]),
                    np.array([row[2]], np.uint8),
                )
                for name, row in zip(one.inputs, newest, strict=True)
                if row[0] != NONE_US
            }
            if len(inputs) < len(one.inputs):
                return None
        series = series_of(one.expression, inputs)
        if not len(series) or series.at_us[-1] != at_us:
            return None
        return series.at_us[-1:], series.value[-1:], series.quality[-1:]


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
