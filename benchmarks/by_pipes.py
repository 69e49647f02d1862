"""How far a crew walks to a leak when there are pipes and pressures, and no hydraulic model.

    python benchmarks/by_pipes.py --worlds FOLDER 103 104

takes each leak of two years of L-Town worlds (made as `detection.py` makes them) that came at
once, had 4 m³/h or more and stood alone: others changed by less than a quarter of it in that
day. From its true start on, the pipes are ranked by what was measured in 3, 6 and 24 hours, and
walked in that order; beside it the pipes by distance from the sensor that fell most, and by chance.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import detection as worlds
import machine
import numpy as np

from huoshui.democity.simulate import scada_years
from huoshui.democity.worlds import ltown
from huoshui.lab.leakage import by_pipes, pipe_plan, search_area, sensor_falls
from huoshui.lab.series import scada_files

HOURS = (3, 6, 24)
LEAST_M3H = 4.0
INLETS = ("p227", "p235")


def starts(home: Path) -> list[tuple[str, float]]:
    """Return the pipes and starts of leaks that came at once and alone."""
    read = [
        scada_files.read(home / str(year) / "truth_leak_flows_m3h_hourly.csv.gz")
        for year in scada_years.YEARS
    ]
    names = sorted({name for one in read for name in one.names})
    at = np.concatenate([one.at_s for one in read])
    flow = np.zeros((at.size, len(names)))
    row = 0
    for one in read:
        columns = [names.index(name) for name in one.names]
        flow[row : row + one.at_s.size, columns] = np.nan_to_num(one.values)
        row += one.at_s.size
    found = []
    for column, name in enumerate(names):
        first = int(np.argmax(flow[:, column] > 0))
        if first < 30 * 24 or first + 36 > at.size:
            continue
        size = flow[first + 2 : first + 26, column].mean()
        if size < LEAST_M3H or flow[first + 2 : first + 6, column].mean() < 0.6 * size:
            continue
        others = np.abs(flow[first + 2 : first + 26].mean(0) - flow[first - 24 : first].mean(0))
        others[column] = 0.0
        if others.sum() <= 0.25 * size:
            found.append((name, float(at[first])))
    return found


def walked(chance: Any, lengths: Any, true: int) -> float:
    """Return how much pipe is walked until the middle of the true one."""
    order = np.argsort(-chance / lengths, kind="stable")
    passed = np.cumsum(lengths[order])
    return float(passed[int(np.flatnonzero(order == true)[0])] - lengths[true] / 2)


def summary(rows: list[dict[str, float]]) -> dict[str, Any]:
    """Return what the walks of one way come to."""
    walk = np.array([row["walk"] for row in rows])
    return {
        "leaks": len(rows),
        "walk_m_median": round(float(np.median(walk))),
        "walk_m_mean": round(float(walk.mean())),
        "walk_m_p90": round(float(np.percentile(walk, 90))),
        "within_300_m": int(sum(row["hit"] for row in rows)),
        "in_half_area": int(sum(row["walk"] <= row["half"] for row in rows)),
        "in_most_area": int(sum(row["walk"] <= row["most"] for row in rows)),
        "half_area_m_median": round(float(np.median([row["half"] for row in rows]))),
        "most_area_m_median": round(float(np.median([row["most"] for row in rows]))),
    }


def main() -> int:
    """Walk to every leak of every seed and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=Path, required=True)
    parser.add_argument("seeds", type=int, nargs="+")
    options = parser.parse_args()
    facts = machine.facts("src/huoshui/lab/leakage", "src/huoshui/democity/simulate")
    text = ltown.network_path().read_text(encoding="utf-8", errors="replace")
    plan = pipe_plan.from_inp(text)
    bare = replace(plan, diameters_m=np.full(len(plan.names), np.nan))
    kept: dict[str, list[dict[str, float]]] = {}
    for seed in options.seeds:
        home = worlds.made(options.worlds, seed)
        pressures = worlds.table(home, "SCADA_Pressures", 1.0)
        flows = worlds.table(home, "SCADA_Flows", worlds.M3H)
        inflow = flows.values[:, [flows.names.index(name) for name in INLETS]].sum(axis=1)
        rankers = {
            "pipes": by_pipes.PipeRanker(plan, pressures.names),
            "pipes_without_diameters": by_pipes.PipeRanker(bare, pressures.names),
        }
        ranker = rankers["pipes"]
        for name, since in starts(home):
            true = ranker.names.index(name)
            near = slice(*np.searchsorted(pressures.at_s, [since - 45 * 86400, since + 2 * 86400]))
            for hours in HOURS:
                fallen = sensor_falls.falls(
                    at_s=pressures.at_s[near], pressures_m=pressures.values[near],
                    flow_at_s=flows.at_s, flow_m3s=inflow, since_s=since + 3600,
                    until_s=since + 3600 * (1 + hours),
                )  # fmt: skip
                by_distance = 1 / (1 + ranker.ways_m[:, int(np.nanargmax(fallen.falls_m))])
                ways = {"nearest_sensor": by_distance * ranker.lengths_m}
                for way, one in rankers.items():
                    ways[way] = by_pipes.rank(
                        effects=one.effects, ways_m=one.ways_m, lengths_m=one.lengths_m,
                        fallen=fallen,
                    )  # fmt: skip
                for way, weight in ways.items():
                    chance = weight / weight.sum()
                    half, most = search_area.walk(
                        probability=chance, lengths_m=ranker.lengths_m, shares_frac=(0.5, 0.9)
                    )
                    best = int(np.argmax(ranker.near @ chance))
                    row = {
                        "walk": walked(chance, ranker.lengths_m, true), "half": half, "most": most,
                        "hit": float(ranker.near[best, true]),
                    }  # fmt: skip
                    kept.setdefault(f"{way}_{hours}_h", []).append(row)
    found = {way: summary(rows) for way, rows in sorted(kept.items())}
    by_chance = round(float(ranker.lengths_m.sum()) / 2)
    machine.keep(
        "by_pipes", {**facts, "seeds": options.seeds, "walk_m_by_chance": by_chance, "ways": found}
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
