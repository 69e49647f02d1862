"""How many leaks are found in years that nobody has seen, and how many reports are false.

    python benchmarks/detection.py --worlds FOLDER 113 114

makes two years of L-Town for each seed (about a minute and a half of processor time, kept in the
folder outside of the repository), finds the leaks of the second year with pressures and with flows
alone, values them, and sets the losses of each month against the truth. Even seeds have a network
like its file, odd ones a worse one. A score never stands without its number of false reports.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import machine
import numpy as np

from huoshui.democity.simulate import scada_years
from huoshui.democity.worlds import ltown
from huoshui.lab.hydraulics import epanet
from huoshui.lab.leakage import battle, battle_files, detection, zone_model
from huoshui.lab.series import scada_files

M3H = 1 / 3600
BURST_M3H = 15.0


def made(folder: Path, seed: int) -> Path:
    """Return the folder of a world, making it first where it is missing."""
    home = folder / str(seed)
    if not (home / "leaks.csv").is_file():
        town = scada_years.Town(seed, scada_years.WORSE if seed % 2 else None)
        scada_years.write_world(home, town, town.run())
        town.close()
    return home


def table(home: Path, name: str, unit: float) -> detection.Series:
    """Return both years of one table, SI."""
    read = scada_files.read([home / str(year) / f"{name}.csv.gz" for year in scada_years.YEARS])
    return detection.Series(read.at_s, read.names, read.values * unit)


def truth(home: Path) -> tuple[Any, Any, list[battle_files.Leak]]:
    """Return moments, flows [m³ s⁻¹] and the leaks of the second year."""
    flows = scada_files.read(home / "2019/truth_leak_flows_m3h_hourly.csv.gz")
    leaks = []
    for column, link in enumerate(flows.names):
        on = np.flatnonzero(flows.values[:, column] > 0)
        leaks.append(battle_files.Leak(link, flows.at_s[on[0]], flows.at_s[on[-1]] + 3600))
    return flows.at_s, flows.values * M3H, leaks


def by_pressures(home: Path, text: str, records: zone_model.Records) -> dict[str, Any]:
    """Value the reports of the second year."""
    at, flows, leaks = truth(home)
    began = time.process_time()
    found = detection.detect(text, records, report_from_s=float(at[0]))
    spent = time.process_time() - began
    reports = [battle_files.Report(one.link, one.known_s) for one in found]
    with epanet.EpanetProject(text) as project:
        ways = battle.centre_distances(
            link_nodes=project.link_nodes,
            length_m=project.lengths_m(),
            n_nodes=len(project.node_ids),
            from_links=[project.link(leak.link) for leak in leaks],
            to_links=[project.link(one.link) for one in reports],
        )
    score = battle.score(
        reports=reports, leaks=leaks, at_s=at, leak_flows_m3s=flows, distance_m=ways
    )
    return {
        "score_eur": round(score.score_eur),
        "best_eur": round(score.best_eur),
        "leaks": len(leaks),
        "found": score.count(battle.Outcome.HIT),
        "false_reports": score.count(battle.Outcome.FALSE),
        "repeats": score.count(battle.Outcome.REPEAT),
        "processor_s": round(spent, 1),
    }


def by_inflow(home: Path, text: str, records: zone_model.Records) -> dict[str, Any]:
    """Count the bursts of the second year called within a day, and calls without any leak.

    A call is false when no leak of its area that began in the 70 days before still ran.
    """
    at, flows, leaks = truth(home)
    model = zone_model.ZoneModel(text, records)
    bursts = within = calls = wrong = 0
    for area in model.areas:
        nodes = set(area.nodes.tolist())
        here = [
            (leak, flows[:, column])
            for column, leak in enumerate(leaks)
            if set(model.project.link_nodes[model.project.link(leak.link)].tolist()) & nodes
        ]
        found = detection.detect_by_inflow(
            at_s=records.at_s,
            inflow_m3s=area.inflow_m3s if area.is_scaled else area.unmetered_m3s,
            link="inlet",
            report_from_s=float(at[0]),
            level_m3s=float(np.nanmedian(area.inflow_m3s[: 14 * 96])),
        )
        calls += len(found)
        for one in found:
            wrong += not any(
                0 <= one.known_s - leak.start_s < 70 * 86400 and leak.end_s > one.since_s
                for leak, _flow in here
            )
        for leak, flow in here:
            first = int(np.flatnonzero(flow > 0)[0])
            if first == 0 or flow[first : first + 12].max() < BURST_M3H * M3H:
                continue
            bursts += 1
            within += any(0 <= one.known_s - leak.start_s <= 86400 for one in found)
    model.close()
    return {"bursts": bursts, "within_24_h": within, "calls": calls, "false_calls": wrong}


def by_month(home: Path, text: str, records: zone_model.Records) -> dict[str, Any]:
    """Set the losses of the second year's months, from flows and levels only, against the truth.

    The sum of all areas, and each area's months in which more than 1 m³/h leaked.
    """
    at, flows, leaks = truth(home)
    given = {
        "flows": table(home, "SCADA_Flows", M3H),
        "levels": table(home, "SCADA_Levels", 1.0),
        "uses": detection.NO_METERS,
    }
    began = time.process_time()
    losses = detection.losses_of_areas(text, **given)
    spent = time.process_time() - began
    model = zone_model.ZoneModel(text, records)
    ends = [model.project.link_nodes[model.project.link(leak.link)] for leak in leaks]
    month = at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    said, true, held = [], [], 0
    for area, zone in zip(model.areas, losses, strict=True):
        here = np.isin(ends, area.nodes).any(axis=1)
        ran = flows[:, here].sum(axis=1)
        months = [one for one in zone.months if one.from_s >= at[0]]
        said.append([one.loss_m3s / M3H for one in months])
        true.append([ran[month == one].mean() / M3H for one in np.unique(month)])
        widths = np.array([one.half_width_m3s / M3H for one in months])
        held += int(np.sum(np.abs(np.array(said[-1]) - true[-1]) <= widths))
    model.close()
    by_area, really = np.array(said), np.array(true)
    judged = really > 1.0
    wrong = np.abs(by_area / np.where(judged, really, np.nan) - 1)
    total = np.abs(by_area.sum(axis=0) / really.sum(axis=0) - 1)
    return {
        "months": int(total.size),
        "within_10_percent": int(np.sum(total <= 0.1)),
        "worst_frac": round(float(total.max()), 3),
        "mean_frac": round(float(total.mean()), 3),
        "area_months": int(judged.sum()),
        "area_months_within_10_percent": int(np.sum(wrong <= 0.1)),
        "area_months_in_band": held,
        "area_months_with_band": int(by_area.size),
        "processor_s": round(spent, 1),
    }


def main() -> int:
    """Judge each seed and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=Path, required=True)
    parser.add_argument("--pressures-only", action="store_true")
    parser.add_argument("--keep-as", default="detection", help="name of the result's file")
    parser.add_argument("seeds", type=int, nargs="+")
    options = parser.parse_args()
    text = ltown.network_path().read_text(encoding="utf-8", errors="replace")
    facts = machine.facts("src/huoshui/lab/leakage", "src/huoshui/democity/simulate")
    worlds: dict[str, dict[str, Any]] = {}
    for seed in options.seeds:
        home = made(options.worlds, seed)
        records = detection.on_one_grid(
            pressures=table(home, "SCADA_Pressures", 1.0),
            flows=table(home, "SCADA_Flows", M3H),
            levels=table(home, "SCADA_Levels", 1.0),
            uses=table(home, "SCADA_Demands_hourly", M3H / 1000),
        )
        worlds[str(seed)] = {
            "worse_model": bool(seed % 2),
            "pressures": by_pressures(home, text, records),
        }
        if not options.pressures_only:
            worlds[str(seed)]["inflow"] = by_inflow(home, text, records)
            worlds[str(seed)]["monthly_losses"] = by_month(home, text, records)
        machine.keep(options.keep_as, {**facts, "worlds": worlds})
    return 0


if __name__ == "__main__":
    sys.exit(main())
