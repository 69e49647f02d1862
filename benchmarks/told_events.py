"""False calls by flow where mains are filled and shut for works: told, not told, and back again.

    python benchmarks/told_events.py --worlds FOLDER 112 114 115

takes the worlds of `detection.py`, adds to the inflow of the largest area twelve fills and
flushings a year (a tenth to a third of the usual flow, two to twelve hours) and eight works (a
tenth to a half of it missing, five to sixty hours), and counts the calls of the second year.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import detection as worlds
import machine
import numpy as np

from huoshui.democity.worlds import ltown
from huoshui.lab.leakage import by_inflow, detection, inflow_watch, silences, zone_model

FILLS, WORKS = 24, 16
HOUR_S = 3600.0


def disturbed(at: Any, inflow: Any, seed: int) -> tuple[Any, list[silences.Span]]:
    """Return the inflow with fills and works, and when they were."""
    rng = np.random.default_rng(seed)
    flow, usual = inflow.copy(), float(np.nanmedian(inflow))
    days = int((at[-1] - at[0]) // 86400)
    spans = []
    for number, day in enumerate(rng.choice(np.arange(25, days - 5), FILLS + WORKS, replace=False)):
        begin = at[0] + 86400.0 * int(day) + HOUR_S * float(rng.integers(6, 22))
        is_fill = number < FILLS
        hours = float(rng.integers(2, 13) if is_fill else rng.integers(5, 61))
        part = rng.uniform(0.1, 0.33) if is_fill else -rng.uniform(0.1, 0.5)
        span = silences.Span(begin, begin + HOUR_S * hours, "fill" if is_fill else "works")
        here = silences.inside(at, [span])
        flow[here] = np.maximum(flow[here] + part * usual, 0.0)
        spans.append(span)
    return flow, spans


def judged(home: Path, text: str, seed: int) -> dict[str, Any]:
    """Count calls and false ones of the largest area, in four ways."""
    flows = worlds.table(home, "SCADA_Flows", worlds.M3H)
    nowhere = detection.Series(flows.at_s, (), np.zeros((len(flows.at_s), 0)))
    records = detection.on_one_grid(
        pressures=nowhere,
        flows=flows,
        levels=worlds.table(home, "SCADA_Levels", 1.0),
        uses=detection.NO_METERS,
    )
    at, _flows, leaks = worlds.truth(home)
    model = zone_model.ZoneModel(text, records)
    area = max(model.areas, key=lambda one: float(np.nanmean(one.inflow_m3s)))
    nodes = set(area.nodes.tolist())
    project = model.project
    here = [
        leak for leak in leaks if set(project.link_nodes[project.link(leak.link)].tolist()) & nodes
    ]
    model.close()
    flow, spans = disturbed(records.at_s, area.inflow_m3s, seed)
    silent = silences.inside(records.at_s, spans)
    answer = {}
    for name, given, is_told, is_back in (
        ("undisturbed", area.inflow_m3s, False, True),
        ("neither", flow, False, False),
        ("back_again", flow, False, True),
        ("told", flow, True, True),
    ):
        with mock.patch.object(
            inflow_watch, "returns", inflow_watch.returns if is_back else lambda _steps: frozenset()
        ):
            found = by_inflow.detect_by_inflow(
                at_s=records.at_s,
                inflow_m3s=np.where(silent & is_told, np.nan, given),
                link="inlet",
                report_from_s=float(at[0]),
            )
        wrong = sum(
            not any(
                0 <= one.known_s - leak.start_s < 70 * 86400 and leak.end_s > one.since_s
                for leak in here
            )
            for one in found
        )
        shaken = sum(
            any(span.from_s - HOUR_S <= one.since_s <= span.until_s + 30 * HOUR_S for span in spans)
            for one in found
        )
        answer[name] = {"calls": len(found), "false_calls": wrong, "calls_at_events": shaken}
    return answer


def main() -> int:
    """Judge each seed and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=Path, required=True)
    parser.add_argument("seeds", type=int, nargs="+")
    options = parser.parse_args()
    text = ltown.network_path().read_text(encoding="utf-8", errors="replace")
    facts = machine.facts("src/huoshui/lab/leakage", "src/huoshui/democity/simulate")
    found = {
        str(seed): judged(worlds.made(options.worlds, seed), text, seed) for seed in options.seeds
    }
    machine.keep("told_events", {**facts, "worlds": found})
    return 0


if __name__ == "__main__":
    sys.exit(main())
