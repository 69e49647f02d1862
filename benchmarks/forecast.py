"""Forecasts of ten real areas, rolling over 18 months, against the median of six weeks.

    .venv/bin/python -m benchmarks.forecast [--folder FOLDER] [--every 7] [--from 2021-01-25]

The folder holds ``inflow.csv`` and ``weather.csv`` of the Battle of Water Demand Forecasting
(WDSA-CCWI 2024): hourly net inflows of ten areas of an Italian city in L/s, and its weather. For
every start the method sees what lay before it, and the weather of the week ahead, which was given
in the battle too; it is measured without any weather as well. The peer of the same run is the
median of the same hour of the week over the six weeks before. Three figures are compared, each the
mean over starts of each area, then over areas: mean and largest absolute error of day 1, mean
absolute error of days 2 to 7. What was chosen by looking at errors was chosen on starts before
2022; the later ones are told apart.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from huoshui.cli import wall_tables
from huoshui.lab.demand import backtest, wall_hours
from huoshui.lab.demand import forecast as forecasts

FOLDER = "HUOSHUI_REAL_AREAS"
CHOSEN_UNTIL = datetime.fromisoformat("2022-01-01T00:00")
FIRST_START = "2021-01-25"
MEASURES = ("day_1_mean_lps", "day_1_max_lps", "days_2_to_7_mean_lps")
COUNTRY = "IT"


def read(folder: Path) -> tuple[wall_hours.WallHours, wall_hours.WallHours, wall_hours.WallHours]:
    """Return inflow, rain and temperature."""
    flow, weather = (
        wall_tables.read_table(folder / name) for name in ("inflow.csv", "weather.csv")
    )
    rain, warm = (wall_hours.on_wall_hours(weather.at, weather.value[:, [at]]) for at in (0, 1))
    return wall_hours.on_wall_hours(flow.at, flow.value), rain, warm


def by_hour_of_day(history: wall_hours.WallHours, at: list[datetime]) -> NDArray[np.float64]:
    """Return the median of the same hour of the day over six weeks: the peer read more loosely."""
    value = history.between(at[0] - timedelta(days=42), at[0]).reshape(42, 24, -1)
    hour = np.array([(one - at[0]) // timedelta(hours=1) % 24 for one in at])
    with np.errstate(invalid="ignore"):
        middle = np.ma.median(np.ma.masked_invalid(value), axis=0).filled(np.nan)
    return np.asarray(middle)[hour]


def rolled(folder: Path, first: datetime, every: int) -> dict[str, Any]:
    """Return the errors of all methods at every start, the band's share inside, and times."""
    flow, rain, warm = read(folder)
    starts, one = [], first
    while one + timedelta(days=7) <= flow.ends_at:
        starts.append(one)
        one += timedelta(days=every)
    errors: dict[str, list[NDArray[np.float64]]] = {}
    inside: list[NDArray[np.float64]] = []
    took: list[float] = []
    for start_at in starts:
        begun = time.perf_counter()
        ours = forecasts.forecast(
            flow, start_at=start_at, country=COUNTRY, rain_mm=rain, temperature_c=warm
        )
        took.append(time.perf_counter() - begun)
        blind = forecasts.forecast(flow, start_at=start_at, country=COUNTRY, with_bands=False)
        found = {
            "ours": ours.value,
            "ours_without_weather": blind.value,
            "six_week_median": backtest.peer(flow, ours.at),
            "six_week_median_by_hour_of_day": by_hour_of_day(flow, ours.at),
        }
        measured = backtest.measured_at(flow, ours.at)
        # All are judged on the same hours.
        known = np.all([np.isfinite(value) for value in found.values()], axis=0)
        for name, value in found.items():
            judged = np.where(known, measured, np.nan)
            errors.setdefault(name, []).append(backtest.errors_of(value, judged).stacked())
        proven = np.isfinite(measured) & np.isfinite(ours.low)
        held = (measured >= ours.low) & (measured <= ours.high)
        inside.append(np.array([np.sum(held & proven), np.sum(proven)], dtype=float))
    return {
        "starts": starts,
        "errors": {name: np.array(some) for name, some in errors.items()},
        "inside": np.array(inside),
        "took": took,
    }


def told(rolled_: dict[str, Any], use: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the three figures of each method over some starts, and what ours is better."""
    found: dict[str, Any] = {"starts": int(use.sum())}
    mean = {}
    for name, errors in rolled_["errors"].items():
        per_area = np.nanmean(errors[use], axis=0)
        mean[name] = per_area.mean(axis=1)
        found[name] = dict(zip(MEASURES, mean[name].round(3).tolist(), strict=True))
        if name in ("ours", "six_week_median"):
            found[name]["by_area"] = {
                measure: row.round(2).tolist()
                for measure, row in zip(MEASURES, per_area, strict=True)
            }
    for peer in ("six_week_median", "six_week_median_by_hour_of_day"):
        better = 1 - mean["ours"] / mean[peer]
        found[f"better_than_{peer}_frac"] = dict(
            zip(MEASURES, better.round(3).tolist(), strict=True)
        )
    held, proven = rolled_["inside"][use].sum(axis=0)
    found["band_promised_frac"] = forecasts.SHARE_INSIDE
    found["band_held_frac"] = round(held / proven, 3)
    return found


def main() -> None:
    """Roll over the history and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=os.environ.get(FOLDER))
    options.add_argument("--every", type=int, default=7, help="Days between starts.")
    options.add_argument("--from", dest="first", default=FIRST_START, help="The first start.")
    chosen = options.parse_args()
    if chosen.folder is None or not (Path(chosen.folder) / "inflow.csv").exists():
        print(f"skipped: no inflow.csv of the ten areas; name its folder by --folder or {FOLDER}")
        return
    first = datetime.fromisoformat(chosen.first)
    found: dict[str, Any] = machine.facts("src/huoshui/lab/demand", "benchmarks/forecast.py")
    run = rolled(Path(chosen.folder), first, chosen.every)
    early = np.array([start < CHOSEN_UNTIL for start in run["starts"]])
    found |= {
        "first_start": run["starts"][0].isoformat(timespec="minutes"),
        "latest_start": run["starts"][-1].isoformat(timespec="minutes"),
        "every_days": chosen.every,
        "ten_areas_with_bands_s": {
            "median": round(statistics.median(run["took"]), 2),
            "largest": round(max(run["took"]), 2),
        },
        "whole": told(run, np.full(len(early), True)),
        "chosen_on_2021": told(run, early),
        "not_looked_at_2022": told(run, ~early),
    }
    machine.keep("forecast", found)


if __name__ == "__main__":
    main()
