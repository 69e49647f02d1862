"""What a zone took in each night: from the points of its setup to the laboratory's figures.

The only place where this area meets readings, and where m³/h, L/h and m of level become the
laboratory's SI and back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.leakage import rules
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.lab.leakage import night as lab_night

M3S_PER_M3H = 1 / 3600
M3S_PER_LH = 1 / 3_600_000
HOUR_S = 3600
# What loggers are set to; a zone is balanced at the interval of its slowest one.
STEPS_S = (300, 600, 900, 1200, 1800, HOUR_S)

# Readings of so many days are held in memory at once: a year of a zone's flow meters at five
# minutes would do, a year of every zone of a city would not.
DAYS_AT_ONCE = 31


@dataclass(frozen=True, slots=True)
class Balance:
    """A zone's measuring points by their part in its balance."""

    inlets: tuple[str, ...]
    outlets: tuple[str, ...] = ()
    level_point: str | None = None
    tank_area_m2: float | None = None
    meters: tuple[str, ...] = ()
    from_h: int = rules.NIGHT_FROM_H
    until_h: int = rules.NIGHT_UNTIL_H

    @property
    def flows(self) -> tuple[str, ...]:
        """Codes read at their own interval: everything but the customers' meters."""
        level = () if self.level_point is None else (self.level_point,)
        return (*self.inlets, *self.outlets, *level)


@dataclass(frozen=True, slots=True)
class Measured:
    """One night as measured; NaN where the readings did not suffice. [m³/h]"""

    night: date
    inflow_m3h: float
    use_m3h: float
    standard_error_m3h: float
    completeness_frac: float
    meters_read: int
    meters_total: int
    inputs: Mapping[str, object] = field(default_factory=dict)
    clock_change: bool = False

    @property
    def flow_m3h(self) -> float:
        """Net inflow less metered use."""
        return self.inflow_m3h - self.use_m3h


def measure(
    balance: Balance, from_date: date, until_date: date, zone: ZoneInfo
) -> Iterator[Measured]:
    """Measure every night of a period, earliest first.

    Nights without a single reading are given too, with a completeness of zero.
    """
    start = from_date
    while start < until_date:
        end = min(start + timedelta(days=DAYS_AT_ONCE), until_date)
        yield from _measure_chunk(balance, start, end, zone)
        start = end


def _measure_chunk(
    balance: Balance, from_date: date, until_date: date, zone: ZoneInfo
) -> Iterator[Measured]:
    from_at = datetime.combine(from_date, time(0), tzinfo=zone).astimezone(UTC)
    until = datetime.combine(until_date, time(0), tzinfo=zone).astimezone(UTC)
    step_s = _step_s(balance, from_at, until)
    flows = telemetry.readings(balance.flows, from_at, until, step_s=step_s)
    meters = telemetry.hourly(balance.meters, from_at, until) if balance.meters else {}
    at_s, rows = _on_one_grid(flows, balance.flows, from_at, until, step_s)
    hour_s, use = _hours_on_one_grid(meters, balance.meters, from_at, until)
    for day in range((until_date - from_date).days):
        night = from_date + timedelta(days=day)
        window = rules.window(night, zone, from_h=balance.from_h, until_h=balance.until_h)
        yield _measure_night(balance, night, window, (at_s, rows), (hour_s, use), step_s)


def _step_s(balance: Balance, from_at: datetime, until: datetime) -> int:
    """Return the interval of the slowest flow or level.

    It is what a point is expected to keep to; where nobody said so, as for readings from files,
    the usual number of readings an hour.
    """
    stated = {
        point.code: point.expected_every_s
        for point in telemetry.points(balance.flows)
        if point.expected_every_s
    }
    every = [float(one) for one in stated.values()]
    others = [code for code in balance.flows if code not in stated]
    if others:
        hours = telemetry.hourly(others, from_at, until)
        every += [HOUR_S / float(np.median(one.count)) for one in hours.values() if len(one)]
    slowest = max(every, default=0.0)
    return next((step for step in STEPS_S if step >= slowest), HOUR_S)


def _measure_night(
    balance: Balance,
    night: date,
    window: tuple[datetime, datetime],
    flows: tuple[NDArray[np.float64], NDArray[np.float64]],
    meters: tuple[NDArray[np.float64], NDArray[np.float64]],
    step_s: int,
) -> Measured:
    from_s, until_s = window[0].timestamp(), window[1].timestamp()
    at_s, rows = _cut(*flows, from_s, until_s)
    # Where clocks are put forward or back the window is an hour shorter or longer, and timers of
    # pumps and tanks run at other hours of the city: such a night compares with no other.
    clock_change = until_s - from_s != (balance.until_h - balance.from_h) * HOUR_S
    n_in, n_out = len(balance.inlets), len(balance.outlets)
    stored = None
    if balance.level_point is not None and balance.tank_area_m2:
        stored = rows[n_in + n_out :] * balance.tank_area_m2
    taken = lab_night.night_flow(
        at_s=at_s,
        inlets_m3s=rows[:n_in] * M3S_PER_M3H,
        outlets_m3s=rows[n_in : n_in + n_out] * M3S_PER_M3H if n_out else None,
        stored_m3=stored,
        from_s=from_s,
        until_s=until_s,
        step_s=step_s,
    )
    use_m3h, read = 0.0, 0
    if balance.meters:
        hour_s, use = _cut(*meters, from_s, until_s)
        metered = lab_night.metered_use(
            at_s=hour_s,
            meters_m3s=use * M3S_PER_LH,
            from_s=from_s,
            until_s=until_s,
            step_s=HOUR_S,
        )
        read = metered.meters_read
        # Meters of one zone are alike; those not read are taken to use as much as the others.
        # Counted as zero they would look like a leak of the same size.
        share = read / len(balance.meters)
        enough = share >= lab_night.COMPLETENESS_FRAC_MIN
        use_m3h = metered.use_m3s / share / M3S_PER_M3H if enough else math.nan
    return Measured(
        night=night,
        inflow_m3h=math.nan if clock_change else taken.flow_m3s / M3S_PER_M3H,
        use_m3h=use_m3h,
        standard_error_m3h=taken.standard_error_m3s / M3S_PER_M3H,
        completeness_frac=min(taken.completeness_frac, 1.0),
        meters_read=read,
        meters_total=len(balance.meters),
        inputs=_inputs(balance, rows, read),
        clock_change=clock_change,
    )


def _inputs(balance: Balance, rows: NDArray[np.float64], meters_read: int) -> dict[str, object]:
    """Return what the figure was made of: each point's mean and number of readings."""
    points = [
        {
            "point": code,
            "mean": None if not np.isfinite(row).any() else round(float(np.nanmean(row)), 4),
            "readings": int(np.isfinite(row).sum()),
        }
        for code, row in zip(balance.flows, rows, strict=True)
    ]
    return {
        "points": points,
        "meters_read": meters_read,
        "meters_total": len(balance.meters),
        "tank_area_m2": balance.tank_area_m2,
    }


def _cut(
    at_s: NDArray[np.float64], rows: NDArray[np.float64], from_s: float, until_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    left, right = np.searchsorted(at_s, [from_s, until_s])
    return at_s[left:right], rows[:, left:right]


def _on_one_grid(
    series: Mapping[str, telemetry_contracts.Series],
    codes: Sequence[str],
    from_at: datetime,
    until: datetime,
    step_s: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lay series of steps side by side; a step without a usable reading is NaN."""
    count = math.ceil((until - from_at).total_seconds() / step_s)
    origin_us = telemetry_contracts.to_us(from_at)
    rows = np.full((len(codes), count), np.nan)
    for row, code in zip(rows, codes, strict=True):
        one = series.get(code)
        if one is None:
            continue
        place = (one.at_us - origin_us) // (step_s * 1_000_000)
        usable = (one.quality <= telemetry_contracts.Quality.DOUBTFUL) & np.isfinite(one.value)
        row[place[usable]] = one.value[usable]
    at_s = from_at.timestamp() + np.arange(count, dtype=np.float64) * step_s
    return np.asarray(at_s, dtype=np.float64), rows


def _hours_on_one_grid(
    series: Mapping[str, telemetry_contracts.HourlySeries],
    codes: Sequence[str],
    from_at: datetime,
    until: datetime,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    origin = from_at.replace(minute=0, second=0, microsecond=0)
    count = math.ceil((until - origin).total_seconds() / HOUR_S)
    origin_us = telemetry_contracts.to_us(origin)
    rows = np.full((len(codes), count), np.nan)
    for row, code in zip(rows, codes, strict=True):
        one = series.get(code)
        if one is not None:
            row[(one.hour_us - origin_us) // (HOUR_S * 1_000_000)] = one.value_mean
    at_s = origin.timestamp() + np.arange(count, dtype=np.float64) * HOUR_S
    return np.asarray(at_s, dtype=np.float64), rows
