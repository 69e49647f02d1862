"""Reads: points and alarms from the database, readings from the store."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import contracts, models, refusals, rules
from huoshui.areas.telemetry.store import latest as latest_store
from huoshui.areas.telemetry.validation import WatchedPoint, number_or_nan
from huoshui.kernel import settings

if TYPE_CHECKING:
    from huoshui.areas.telemetry.store.corrections import Corrections
    from huoshui.areas.telemetry.store.readers import Reader

DAY_S = 86_400
HOUR_US = 3_600_000_000
# A chart of up to eight days shows readings, a longer one hours: more would not fit the pixels.
RAW_CHART_S = 8 * DAY_S


def folder() -> Path:
    """Return where this installation's historian lives."""
    return settings.get().home / "historian"


def reader() -> Reader:
    """Return this process's reader; the libraries behind it load at the first question."""
    return _reader(folder())


@functools.cache
def _reader(home: Path) -> Reader:
    from huoshui.areas.telemetry.store.readers import Reader

    return Reader(home, corrections)


def corrections(point_ids: Sequence[int] | None = None) -> Corrections:
    """Return the corrections of some points, or of all, as the store applies them."""
    from huoshui.areas.telemetry.store.corrections import Correction, Corrections

    rows = models.Correction.objects.order_by("id")
    if point_ids is not None and len(point_ids) <= 500:
        rows = rows.filter(point_id__in=list(point_ids))
    return Corrections(
        [
            Correction(
                number=row.pk,
                revision=row.revision,
                point_id=row.point_id,
                from_us=contracts.to_us(row.from_at),
                until_us=contracts.to_us(row.until),
                how=row.how,
                value=number_or_nan(row.value),
                offset=row.offset,
                line=(
                    contracts.to_us(row.line_from_at) if row.line_from_at else 0,
                    number_or_nan(row.line_from),
                    contracts.to_us(row.line_until) if row.line_until else 0,
                    number_or_nan(row.line_to),
                ),
                stands=row.undone_at is None,
            )
            for row in rows
        ]
    )


# Points -----------------------------------------------------------------------------------


def point_ids() -> dict[str, int]:
    """Return the store's number of every declared point by its code."""
    return dict(models.Point.objects.values_list("code", "id"))


def points(
    codes: Sequence[str] | None = None,
    *,
    kind: str | None = None,
    asset_code: str | None = None,
    zone_code: str | None = None,
) -> list[contracts.Point]:
    """Return points ordered by code; every given condition must hold."""
    rows = models.Point.objects.order_by("code")
    if codes is not None and len(codes) <= 500:
        rows = rows.filter(code__in=list(codes))
    if kind is not None:
        rows = rows.filter(kind=kind)
    if asset_code is not None:
        rows = rows.filter(asset_id=asset_code)
    if zone_code is not None:
        rows = rows.filter(zone_id=zone_code)
    found = [as_contract(row) for row in rows]
    if codes is not None and len(codes) > 500:
        wanted = set(codes)
        found = [point for point in found if point.code in wanted]
    return found


def point(code: str) -> contracts.Point:
    """Return one point, or refuse with ``telemetry.no_such_point``."""
    found = points([code])
    if not found:
        raise refusals.NoSuchPoint([code])
    return found[0]


def as_contract(row: models.Point) -> contracts.Point:
    """Return a point as others may see it."""
    kind = contracts.KINDS[row.kind]
    return contracts.Point(
        id=row.pk,
        code=row.code,
        name_en=row.name_en,
        name_zh=row.name_zh,
        kind=row.kind,
        unit=kind.unit,
        decimals=kind.decimals,
        asset_code=row.asset_id,
        zone_code=row.zone_id,
        limit_low_low=row.limit_low_low,
        limit_low=row.limit_low,
        limit_high=row.limit_high,
        limit_high_high=row.limit_high_high,
        range_min=row.range_min,
        range_max=row.range_max,
        expected_every_s=row.expected_every_s,
    )


def watched_points() -> tuple[dict[str, int], list[WatchedPoint]]:
    """Return codes with numbers, and the points as the writer needs them."""
    ids: dict[str, int] = {}
    watched = []
    for row in models.Point.objects.all():
        ids[row.code] = row.pk
        limits = (row.limit_low_low, row.limit_low, row.limit_high, row.limit_high_high)
        low, high = row.range_min, row.range_max
        watched.append(
            WatchedPoint(
                id=row.pk,
                range_min=number_or_nan(low),
                range_max=number_or_nan(high),
                rate_max_per_s=number_or_nan(row.rate_max_per_s),
                limits=cast(
                    "tuple[float, float, float, float]", tuple(number_or_nan(one) for one in limits)
                ),
                dead_band=row.dead_band,
                delay_us=row.delay_s * 1_000_000,
                expected_every_us=(row.expected_every_s or 0) * 1_000_000,
                **_checks_of(row),
            )
        )
    return ids, watched


def _checks_of(row: models.Point) -> dict[str, Any]:
    """Return how a point's readings are checked: as it says, else as usual for its kind."""
    usual = rules.CHECKS.get(row.kind, rules.NO_CHECKS)
    flat_s = usual.flat_after_s if row.flat_after_s is None else row.flat_after_s
    spike = usual.spike_min if row.spike_min is None else row.spike_min
    return {
        "flat_after_us": (flat_s or 0) * 1_000_000,
        "flat_band": row.flat_band,
        "flat_zero_ok": usual.flat_zero_ok,
        "spike_min": number_or_nan(spike or None),
    }


# Readings ---------------------------------------------------------------------------------


def _ids_of(codes: Sequence[str]) -> dict[str, int]:
    rows = models.Point.objects.all()
    if len(codes) <= 500:
        rows = rows.filter(code__in=list(codes))
    known = dict(rows.values_list("code", "id"))
    missing = [code for code in codes if code not in known]
    if missing:
        raise refusals.NoSuchPoint(missing)
    return {code: known[code] for code in codes}


def readings(
    codes: Sequence[str],
    from_at: datetime,
    until: datetime,
    *,
    step_s: int | None = None,
    version: str = "corrected",
) -> dict[str, contracts.Series]:
    """Return deduplicated readings of each code in [from_at, until); see the facade."""
    ids = _ids_of(codes)
    from_us, until_us = contracts.to_us(from_at), contracts.to_us(until)
    raw = version == "raw"
    found = reader().readings(list(ids.values()), from_us, until_us, raw=raw)
    answer = {}
    for code, number in ids.items():
        part = found[number]
        series = contracts.Series(part.at_us, part.value, part.quality)
        answer[code] = series if step_s is None else _in_steps(series, from_us, step_s)
    return answer


def readings_count(codes: Sequence[str], from_at: datetime, until: datetime) -> int:
    """Return how many readings there are at most, without reading them."""
    ids = list(_ids_of(codes).values())
    return reader().count(ids, contracts.to_us(from_at), contracts.to_us(until))


def _in_steps(series: contracts.Series, from_us: int, step_s: int) -> contracts.Series:
    """Return the mean of each step's usable readings, with the worst quality among them."""
    usable = (series.quality < contracts.Quality.BAD) & ~np.isnan(series.value)
    at_us, value, quality = series.at_us[usable], series.value[usable], series.quality[usable]
    if not len(at_us):
        return contracts.Series(at_us, value, quality)
    step = (at_us - from_us) // (step_s * 1_000_000)
    starts = np.flatnonzero(np.append(True, step[1:] != step[:-1]))
    counts = np.diff(np.append(starts, len(step)))
    return contracts.Series(
        from_us + step[starts] * (step_s * 1_000_000),
        np.add.reduceat(value, starts) / counts,
        np.maximum.reduceat(quality, starts),
    )


def hourly(
    codes: Sequence[str], from_at: datetime, until: datetime
) -> dict[str, contracts.HourlySeries]:
    """Return the UTC hours of each code that begin in [from_at, until)."""
    ids = _ids_of(codes)
    found = reader().hourly(list(ids.values()), contracts.to_us(from_at), contracts.to_us(until))
    # Rows of a matrix taken by columns lie scattered; callers want plain arrays.
    return {
        code: contracts.HourlySeries(
            found[number].hour_us,
            found[number].count,
            *(np.ascontiguousarray(row) for row in found[number].values),
        )
        for code, number in ids.items()
    }


def hourly_sums(
    groups: Mapping[str, Sequence[str]], from_at: datetime, until: datetime
) -> dict[str, contracts.SumSeries]:
    """Return the sums of groups of points, hour by hour; see the facade."""
    ids = _ids_of([code for codes in groups.values() for code in codes])
    group_of = np.full(max(ids.values(), default=0) + 1, -1, np.int32)
    for place, codes in enumerate(groups.values()):
        group_of[[ids[code] for code in codes]] = place
    found = reader().hourly_sums(
        group_of, len(groups), contracts.to_us(from_at), contracts.to_us(until)
    )
    hour_us = found.from_us + np.arange(found.total.shape[1], dtype=np.int64) * HOUR_US
    return {
        name: contracts.SumSeries(hour_us, found.total[place], found.points[place])
        for place, name in enumerate(groups)
    }


def daily_means(
    codes: Sequence[str], starts: Sequence[datetime], hours: int
) -> dict[str, NDArray[np.float64]]:
    """Return the mean of each code in the hours from each start; see the facade."""
    ids = _ids_of(codes)
    starts_us = [contracts.to_us(start) for start in starts]
    table = reader().daily_means(list(ids.values()), starts_us, hours * HOUR_US)
    return {code: table[row] for row, code in enumerate(ids)}


def chart(code: str, from_at: datetime, until: datetime, max_points: int) -> contracts.ChartSeries:
    """Return one point's readings, or for long periods its hours, for a chart."""
    from huoshui.areas.telemetry.store import thinning

    if (until - from_at).total_seconds() > RAW_CHART_S:
        return _hourly_chart(code, from_at, until, max_points)
    series = readings([code], from_at, until)[code]
    rows = thinning.keep_peaks(series.value, max_points)
    value = series.value[rows]
    return contracts.ChartSeries(
        "raw", series.at_us[rows], value, value, value, series.quality[rows], len(series)
    )


def _hourly_chart(
    code: str, from_at: datetime, until: datetime, max_points: int
) -> contracts.ChartSeries:
    from huoshui.areas.telemetry.store import thinning

    series = hourly([code], from_at, until)[code]
    total = int(series.count.sum())
    at_us, mean = series.hour_us, series.value_mean
    low, high = series.value_min, series.value_max
    if len(series) > max_points:
        starts = thinning.stretches(len(series), max_points)
        at_us = at_us[starts]
        # Hours with more readings weigh more, so that the mean stays the mean.
        weight = np.add.reduceat(series.count, starts)
        mean = np.add.reduceat(mean * series.count, starts) / weight
        low, high = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    return contracts.ChartSeries(
        "hourly", at_us, mean, low, high, np.zeros(len(at_us), np.uint8), total
    )


def latest(codes: Sequence[str] | None = None) -> dict[str, contracts.Latest]:
    """Return the newest reading of each code that has one (all codes when None)."""
    file = latest_store.LatestReader(folder())
    try:
        if codes is None:
            code_of = {number: code for code, number in point_ids().items()}
            rows = file.since(-1)
        else:
            code_of = {number: code for code, number in point_ids().items() if code in set(codes)}
            rows = file.of(list(code_of))
    finally:
        file.close()
    return {one.code: one for one in _latest_rows(rows, code_of)}


def latest_since(change: int) -> tuple[int, list[contracts.Latest]]:
    """Return the newest change number and the values that changed after ``change``."""
    file = latest_store.LatestReader(folder())
    try:
        rows = file.since(change)
    finally:
        file.close()
    if not rows:
        return change, []
    code_of = {number: code for code, number in point_ids().items()}
    return rows[-1][4], _latest_rows(rows, code_of)


def _latest_rows(
    rows: Sequence[tuple[int, int, float | None, int, int]], code_of: dict[int, str]
) -> list[contracts.Latest]:
    return [
        contracts.Latest(code_of[number], at_us, value, contracts.Quality(quality), change)
        for number, at_us, value, quality, change in rows
        if number in code_of
    ]


# Alarms -----------------------------------------------------------------------------------


def standing_alarms() -> list[contracts.Alarm]:
    """Return the alarms not cleared yet, the most pressing and then the newest first."""
    rows = models.Alarm.objects.standing().select_related("point")
    order = {priority: place for place, priority in enumerate(rules.PRIORITY_ORDER)}
    found = [alarm_contract(row) for row in rows]
    return sorted(found, key=lambda alarm: order.get(alarm.priority, len(order)))


def alarm_contract(row: models.Alarm) -> contracts.Alarm:
    """Return an alarm as others may see it."""
    return contracts.Alarm(
        id=row.pk,
        point_code=row.point.code if row.point else None,
        zone_code=row.zone_id,
        rule=row.rule,
        priority=row.priority,
        raised_at=row.raised_at,
        cleared_at=row.cleared_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by_id=row.acknowledged_by_id,
        message=row.message,
        data=row.data,
    )
