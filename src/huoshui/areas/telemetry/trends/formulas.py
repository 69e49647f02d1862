"""Lines that no point has: a formula over points, worked out for the period one looks at.

Up to eight days the readings themselves are used: each value holds until the next of its point,
for an hour at most, and the quality is the worst of the values used. Over longer periods the
hourly means are used, so a formula that is not a plain sum is then one of means.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from huoshui.areas.telemetry import calculated, contracts, queries, refusals
from huoshui.areas.telemetry.contracts import ChartSeries, HourlySeries, Series
from huoshui.areas.telemetry.store import thinning
from huoshui.lab.series import expression

HOLD = timedelta(microseconds=calculated.HOLD_US)


def line(
    formula: expression.Expression, from_at: datetime, until: datetime, max_points: int
) -> ChartSeries:
    """Return the formula's line over [from_at, until), thinned so that peaks stay.

    Refuses points that nobody declared with `telemetry.no_such_point`.
    """
    names = sorted(formula.names)
    if missing := [name for name in names if name not in queries.point_ids()]:
        raise refusals.NoSuchPoint(missing)
    back = max(HOLD, timedelta(seconds=formula.window_s))
    if (until - from_at).total_seconds() > queries.RAW_CHART_S:
        means = queries.hourly(names, from_at - back, until)
        found = _within(_of_means(formula, means), from_at)
        return _thinned("hourly", found, max_points)
    inputs = queries.readings(names, from_at - back, until)
    return _thinned("raw", _within(calculated.series_of(formula, inputs), from_at), max_points)


def _of_means(
    formula: expression.Expression, inputs: Mapping[str, HourlySeries]
) -> contracts.Series:
    """Return the formula of the means of those hours that every input has."""
    hours = None
    for one in inputs.values():
        hours = one.hour_us if hours is None else np.intersect1d(hours, one.hour_us)
    if hours is None:
        hours = np.empty(0, np.int64)
    columns = {
        name: one.value_mean[np.searchsorted(one.hour_us, hours)] for name, one in inputs.items()
    }
    value = formula.evaluate(columns, hours)
    fine = ~np.isnan(value)
    return Series(hours[fine], value[fine], np.zeros(int(fine.sum()), np.uint8))


def _within(series: Series, from_at: datetime) -> Series:
    keep = series.at_us >= contracts.to_us(from_at)
    return Series(series.at_us[keep], series.value[keep], series.quality[keep])


def _thinned(resolution: str, series: Series, max_points: int) -> ChartSeries:
    rows = thinning.keep_peaks(series.value, max_points)
    value = series.value[rows]
    return ChartSeries(
        resolution, series.at_us[rows], value, value, value, series.quality[rows], len(series)
    )
