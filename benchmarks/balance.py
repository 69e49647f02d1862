"""Balance and night flow of 200 zones for a year of readings: the books of a city in seconds.

    .venv/bin/python -m benchmarks.balance [--zones 200] [--step 900] [--rounds 5]

Readings are made from a seed: a daily rhythm, noise, a leak in every tenth zone, 2 of 100 readings
lost, in some zones twelve days of April. What is timed, from the array of readings on: night flows,
their low line, legitimate use, background and excess of each night, the factor from night to day,
the volumes of twelve months with their holes filled, the balance of each zone and month with its
bands, the Chinese loss rate of the year, UARL and ILI. Reading files or the historian is not part
of it; `benchmarks.night` times the historian.
"""

from __future__ import annotations

import argparse
import calendar
import statistics
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from huoshui.lab import units
from huoshui.lab.leakage import cjj92, components, indices, iwa, pressure, volumes

BAR_S = 2.0
YEAR = 2025
MONTHS = [calendar.monthrange(YEAR, month)[1] for month in range(1, 13)]
Floats = NDArray[np.float64]


def readings(zones: int, step_s: int) -> Floats:
    """Return a year of inflow of each zone. [m³ s⁻¹]"""
    rng = np.random.default_rng(YEAR)
    steps = units.S_PER_DAY // step_s
    hour = np.arange(steps) * step_s / units.S_PER_HOUR
    rhythm = 0.35 + np.exp(-(((hour - 8) / 2.5) ** 2)) + 0.9 * np.exp(-(((hour - 19) / 3) ** 2))
    size = rng.lognormal(np.log(0.015), 0.5, zones)
    flows = size[:, None, None] * rhythm * rng.normal(1, 0.08, (zones, 365, steps))
    leaking = np.arange(zones) % 10 == 0
    flows[leaking, 200:] += 0.3 * size[leaking, None, None]
    flows[rng.random(flows.shape) < 0.02] = np.nan
    flows[zones // 2 : zones // 2 + 5, 93:105] = np.nan
    return flows.reshape(zones, -1)


def books(flows: Floats, step_s: int) -> dict[str, Any]:
    """Return the figures of the year, as a leakage engineer asks for them."""
    zones = len(flows)
    people = 4_000 + 100 * (np.arange(zones) % 30)
    mains_m, connections = 12_000.0 + 50 * np.arange(zones), people / 3
    night, completeness = components.night_flows(flows_m3s=flows, step_s=step_s)
    low = components.nightline(night)
    parts = components.parts(
        flow_m3s=night,
        use_m3s=components.legitimate_use(people=people)[:, None],
        background_m3s=components.background_leakage(
            mains_m=mains_m, connections=connections, pressure_m=40.0
        )[:, None],
        use_error_frac=0.3,
        background_error_frac=0.3,
    )
    hours = pressure.hour_day_factor(
        pressures_m=np.tile(38 - 3 * np.sin(np.arange(24)), (zones, 1)),
        night_pressure_m=40.0, exponent=1.0,
    )  # fmt: skip
    months = volumes.period_volumes(flows_m3s=flows, step_s=step_s, days=MONTHS)
    own = months.volume_m3
    balance = iwa.balance(
        volumes_m3={
            "own_sources": own, "billed_metered": 0.85 * own, "unbilled_metered": 0.01 * own,
            "unbilled_unmetered": 0.005 * own, "unauthorised": 0.002 * own,
            "meter_errors": 0.02 * own,
        },
        half_widths_m3={
            "own_sources": np.hypot(0.02 * own, months.half_width_m3),
            "billed_metered": 0.01 * own, "unbilled_unmetered": 0.004 * own,
            "meter_errors": 0.01 * own,
        },
    )  # fmt: skip
    year = {name: one.volume_m3.sum(axis=1) for name, one in balance.figures.items()}
    rate = cjj92.loss_rate(
        supplied_m3=year["water_supplied"], authorised_m3=year["authorised"],
        household_read_m3=0.6 * year["water_supplied"], mains_m=mains_m,
        outlet_pressure_mpa=0.4, frost_depth_m=0.6,
    )  # fmt: skip
    index = indices.leakage_index(
        real_losses_m3s=year["real_losses"] / 365 / units.S_PER_DAY,
        mains_m=mains_m, connections=connections, pressure_m=40.0,
    )  # fmt: skip
    return {
        "nights": int(np.isfinite(parts.excess_m3s).sum()),
        "nights_sufficient": int((completeness >= 0.75).sum()),
        "lowest_line_m3h": float(np.nanmin(low) / units.M3S_PER_M3H),
        "daily_leakage_m3": float(np.nansum(parts.leakage_m3s, axis=1) @ hours * 3600 / 365),
        "months_balanced": int(months.sufficient().sum()),
        "months_refused": int((~months.sufficient()).sum()),
        "real_losses_m3": float(year["real_losses"].sum()),
        "first_grade": int((rate.grade == 1).sum()),
        "ili_blank": int(np.isnan(index.ili).sum()),
    }


def main() -> None:
    """Time the books and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zones", type=int, default=200)
    parser.add_argument("--step", type=int, default=900)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    flows = readings(options.zones, options.step)
    walls, processors, found = [], [], {}
    for _ in range(options.rounds + 1):
        wall, processor = time.perf_counter(), time.process_time()
        found = books(flows, options.step)
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    machine.keep(
        f"balance_{options.step}s",
        {
            **machine.facts("src/huoshui/lab", "benchmarks/balance.py"),
            "zones": options.zones,
            "readings": int(flows.size),
            "step_s": options.step,
            "rounds": options.rounds,
            # The first round loads and warms; it is not counted.
            "wall_s": round(statistics.median(walls[1:]), 3),
            "processor_s": round(statistics.median(processors[1:]), 3),
            "first_round_wall_s": round(walls[0], 3),
            "bar_s": BAR_S,
            **found,
        },
    )


if __name__ == "__main__":
    main()
