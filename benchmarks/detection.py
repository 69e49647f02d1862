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
from huoshui.lab.leakage import battle, battle_files, by_inflow, detection, zone_model
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


def both_years(home: Path) -> tuple[Any, list[str], Any]:
    """Return the hours of both years, the leaking pipes, and what each lost [m³ s⁻¹]."""
    parts = [
        scada_files.read(home / str(year) / "truth_leak_flows_m3h_hourly.csv.gz")
        for year in scada_years.YEARS
    ]
    at = np.concatenate([part.at_s for part in parts])
    names = sorted({name for part in parts for name in part.names})
    lost = np.zeros((at.size, len(names)))
    for part in parts:
        rows = np.searchsorted(at, part.at_s)
        for column, name in enumerate(part.names):
            lost[rows, names.index(name)] = part.values[:, column] * M3H
    return at, names, lost


def by_flows(home: Path, text: str, records: zone_model.Records) -> dict[str, Any]:
    """Call the bursts of the second year by flows and tank levels only."""
    areas = by_inflow.inflows_of_areas(
        text,
        flows=table(home, "SCADA_Flows", M3H),
        levels=table(home, "SCADA_Levels", 1.0),
        uses=detection.NO_METERS,
    )
    start_s = float(truth(home)[0][0])
    began = time.process_time()
    calls = [by_inflow.bursts_of_areas([area], report_from_s=start_s) for area in areas]
    spent = time.process_time() - began
    model = zone_model.ZoneModel(text, records)
    model.close()
    return {**judged_calls(home, model, calls), "processor_s": round(spent, 1)}


def judged_calls(
    home: Path, model: zone_model.ZoneModel, calls: list[list[detection.Found]]
) -> dict[str, Any]:
    """Say which bursts of the second year were called within a day, and which calls were wrong.

    A call is false when the leaks of its area together grew by less than a third of what was
    called in the fortnight before it, and a repeat when the leak that grew most since a day
    before its beginning was called before.
    """
    at, names, lost = both_years(home)
    second = truth(home)[0][0]
    ends = [model.project.link_nodes[model.project.link(name)] for name in names]
    delays: list[float] = []
    false = repeats = 0
    for area, found in zip(model.areas, calls, strict=True):
        flows = lost[:, np.isin(ends, area.nodes).any(axis=1)]
        called: set[int] = set()
        for one in found:
            hour = int(np.searchsorted(at, one.known_s)) - 1
            before = max(0, hour - 14 * 24)
            together = flows.sum(axis=1)
            if together[hour] - together[before:hour].min() < one.size_m3s / 3:
                false += 1
                continue
            since = min(max(before, int(np.searchsorted(at, one.since_s)) - 24), hour - 1)
            grown = int(np.argmax(flows[hour] - flows[since:hour].min(axis=0)))
            repeats += grown in called
            called.add(grown)
        for flow in flows.T:
            first = int(np.flatnonzero(flow > 0)[0])
            if at[first] < second or flow[first : first + 12].max() < BURST_M3H * M3H:
                continue
            late = [one.known_s - at[first] for one in found if one.known_s >= at[first]]
            delays.append(min(late, default=np.inf) / 3600)
    return {
        "bursts": len(delays),
        "within_24_h": int(np.sum(np.array(delays) <= 24)),
        "delays_h": [round(one) if one <= 168 else None for one in sorted(delays)],
        "calls": sum(len(found) for found in calls),
        "false_calls": false,
        "repeats": repeats,
    }


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
    losses = by_inflow.losses_of_areas(by_inflow.inflows_of_areas(text, **given))
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
    parser.add_argument("--flows-only", action="store_true")
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
        worlds[str(seed)] = {"worse_model": bool(seed % 2)}
        if not options.flows_only:
            worlds[str(seed)]["pressures"] = by_pressures(home, text, records)
        if not options.pressures_only:
            worlds[str(seed)]["inflow"] = by_flows(home, text, records)
            worlds[str(seed)]["monthly_losses"] = by_month(home, text, records)
        machine.keep(options.keep_as, {**facts, "worlds": worlds})
    return 0


if __name__ == "__main__":
    sys.exit(main())
