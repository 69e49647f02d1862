"""How soon leaks behind a master meter are known, and how often nothing is behind an alarm.

    python benchmarks/compound.py 1 2 3 ...

makes a year of one compound for each seed, with three hidden leaks, watches its master meter with
`compound` and with the day's steps of `inflow_watch`, and balances every month.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import machine
import numpy as np

from huoshui.democity.simulate import compounds
from huoshui.lab.leakage import compound, inflow_watch

M3H = 1 / 3600


def judged(made: compounds.Compound, alarms: list[tuple[float, float, float]]) -> dict[str, Any]:
    """Set alarms (known, since, size) against the leaks: each alarm belongs to one that runs."""
    false, delays, starts, sizes, seen = 0, [], [], [], set()
    for known, since, size in alarms:
        running = [
            number
            for number, leak in enumerate(made.leaks)
            if made.hour_s[leak.from_hour] <= known <= made.hour_s[leak.until_hour - 1] + 86400
        ]
        fresh = [number for number in running if number not in seen]
        if not running:
            false += 1
        elif fresh:
            leak = made.leaks[fresh[-1]]
            seen.add(fresh[-1])
            delays.append((known - made.hour_s[leak.from_hour]) / 3600)
            if not leak.growth_hours:
                starts.append(abs(since - made.hour_s[leak.from_hour]) / 3600)
                sizes.append(abs(size / M3H / leak.size_m3h - 1))
    abrupt = [n for n, leak in enumerate(made.leaks) if not leak.growth_hours]
    large = [n for n, leak in enumerate(made.leaks) if leak.size_m3h >= 1.0]
    return {
        "leaks": len(made.leaks), "found": len(seen), "abrupt": len(abrupt),
        "abrupt_found": len(seen.intersection(abrupt)), "large": len(large),
        "large_found": len(seen.intersection(large)), "false": false,
        "delays": delays, "starts": starts, "sizes": sizes,
    }  # fmt: skip


def summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of all compounds together."""
    sums: dict[str, Any] = {
        key: sum(row[key] for row in rows)
        for key in ("leaks", "found", "abrupt", "abrupt_found", "large", "large_found", "false")
    }
    for key, name in (("delays", "delay_h"), ("starts", "start_error_h"), ("sizes", "size_error")):
        values = [value for row in rows for value in row[key]]
        sums[f"{name}_median"] = round(float(np.median(values)), 2) if values else None
    sums["false_a_year"] = round(sums["false"] / len(rows), 2)
    return sums


def months(made: compounds.Compound) -> list[tuple[float, float, float, float]]:
    """Return true loss, error, half width, and the error with public use told, of each month."""
    first = np.datetime64(int(made.hour_s[0]), "s").astype("datetime64[M]")
    edges = [float((first + n).astype("datetime64[s]").astype(np.int64)) for n in range(13)]
    rows = []
    for from_s, until_s in itertools.pairwise(edges):
        found = compound.loss(
            hour_s=made.hour_s, flow_m3s=made.master_m3h * M3H, reading_s=made.day_s,
            registers_m3=made.registers_m3, from_s=from_s, until_s=until_s,
        )  # fmt: skip
        true = made.lost_m3h[(made.hour_s >= from_s) & (made.hour_s < until_s)].sum()
        public = made.public_m3h[(made.hour_s >= from_s) & (made.hour_s < until_s)].sum()
        error = found.loss_m3 - float(true)
        rows.append((float(true), error, found.half_width_m3, error - float(public)))
    return rows


def main() -> int:
    """Judge the seeds and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=int, nargs="+")
    options = parser.parse_args()
    facts = machine.facts("src/huoshui/lab/leakage", "src/huoshui/democity/simulate")
    own, told, steps, balances = [], [], [], []
    for seed in options.seeds:
        made = compounds.compound(seed)
        flow = made.master_m3h * M3H
        found = compound.watch(hour_s=made.hour_s, flow_m3s=flow)
        own.append(judged(made, [(a.known_s, a.since_s, a.size_m3s) for a in found.alarms]))
        known = np.where(made.public_m3h > 0, np.nan, flow)
        quiet = compound.watch(hour_s=made.hour_s, flow_m3s=known)
        told.append(judged(made, [(a.known_s, a.since_s, a.size_m3s) for a in quiet.alarms]))
        rises = [s for s in inflow_watch.find_steps(hour_s=made.hour_s, flow_m3s=flow) if s.is_rise]
        steps.append(judged(made, [(s.known_s, s.since_s, s.size_m3s) for s in rises]))
        balances += months(made)
    table = np.array(balances)
    machine.keep(
        "compound",
        {
            **facts,
            "seeds": options.seeds,
            "nights_and_hours": summed(own),
            "with_public_use_told": summed(told),
            "steps_of_a_day": summed(steps),
            "months": len(table),
            "months_inside_band": int(np.sum(np.abs(table[:, 1]) <= table[:, 2])),
            "months_inside_band_told": int(np.sum(np.abs(table[:, 3]) <= table[:, 2])),
            "error_m3_median_told": round(float(np.nanmedian(np.abs(table[:, 3]))), 1),
            "months_balanced": int(np.isfinite(table[:, 1]).sum()),
            "loss_m3_median": round(float(np.median(table[:, 0])), 1),
            "error_m3_median": round(float(np.nanmedian(np.abs(table[:, 1]))), 1),
            "half_width_m3_median": round(float(np.nanmedian(table[:, 2])), 1),
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
