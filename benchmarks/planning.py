"""A day of 300 jobs for 40 crews: how much less they drive than nearest first, and no rule broken.

Three towns, each with depots, skills that not every crew has, time windows, priorities, meters and
clamps in the vehicles; crews come back to their depot. A quiet day and a full one. Nearest first
keeps the same rules, and places fewer jobs because it does not look ahead, so the driving that is
saved altogether is a lower bound; it is given for each placed job as well. The checker shares no
code with the planners.
"""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np

from benchmarks import machine
from huoshui.lab.planning import checking, nearest, routing, travel
from huoshui.lab.planning import problem as p

HOUR = 3600
JOBS, CREWS, DEPOTS = 300, 40, 8
BAR_S, BAR_SAVED = 30.0, 0.15
# The rest of the bar is for building the model and reading the answer.
LIMIT_S = 28.0
SEEDS = (1, 2, 3)
SPEED_KMH = 25.0


def town(seed: int, *, busy: bool) -> p.Problem:
    """Return one day of a town of some 22 by 22 km."""
    dice = random.Random(seed)
    lon = np.array([113.6 + dice.uniform(-0.12, 0.12) for _ in range(JOBS + DEPOTS)])
    lat = np.array([34.75 + dice.uniform(-0.1, 0.1) for _ in range(JOBS + DEPOTS)])
    ways = travel.by_line_m(lon, lat)
    minutes = (30, 45, 60) if busy else (10, 15, 20, 30)
    parts = {"fit": {"meter": 1}, "weld": {"clamp": 1}, "leak": {}}
    jobs = []
    for number in range(JOBS):
        from_h, until_h = dice.choice([(0, 9)] * 6 + [(0, 4)] * 2 + [(4, 9)] * 2)
        skill = dice.choice(["fit", "fit", "fit", "weld", "leak"])
        jobs.append(
            p.Task(
                f"j{number}", number, dice.choice(minutes) * 60, from_h * HOUR,
                until_h * HOUR, frozenset([skill]), parts[skill], dice.choice([1, 1, 1, 4, 20]),
            )
        )  # fmt: skip
    crews = []
    for number in range(CREWS):
        rare = 4 if busy else 2
        skills = {"fit"} | ({"weld"} if number % rare == 0 else set())
        skills |= {"leak"} if number % rare == 1 else set()
        depot = JOBS + number % DEPOTS
        crews.append(
            p.Team(f"c{number}", depot, 0, 9 * HOUR, frozenset(skills),
                   {"meter": 12, "clamp": 9}, depot)
        )  # fmt: skip
    return p.Problem(tuple(jobs), tuple(crews), travel.duration_s(ways, speed_kmh=SPEED_KMH), ways)


def measure(seed: int, *, busy: bool) -> dict[str, Any]:
    """Plan one town both ways."""
    problem = town(seed, busy=busy)
    simple = nearest.plan(problem)
    begun = time.perf_counter()
    plan = routing.plan(problem, time_limit_s=LIMIT_S)
    took_s = time.perf_counter() - begun
    per_job = [one.drive_s / one.placed / 60 for one in (simple, plan)]
    return {
        "town": seed,
        "load": "full day" if busy else "quiet day",
        "took_s": round(took_s, 2),
        "nearest_first": {"placed": simple.placed, "drive_h": round(simple.drive_s / 3600, 2)},
        "planner": {"placed": plan.placed, "drive_h": round(plan.drive_s / 3600, 2)},
        "drive_min_per_job": [round(one, 2) for one in per_job],
        "saved_frac": round(1 - plan.drive_s / simple.drive_s, 4),
        "saved_frac_per_job": round(1 - per_job[1] / per_job[0], 4),
        "rules_broken": len(checking.broken_rules(problem, plan)),
        "left_reasons": sorted(str(one.reason) for one in plan.left),
    }


def main() -> None:
    """Measure all towns and keep the result."""
    facts = machine.facts("src/huoshui/lab/planning", "benchmarks/planning.py")
    runs = [measure(seed, busy=busy) for busy in (False, True) for seed in SEEDS]
    machine.keep(
        "planning",
        {
            "what": f"{JOBS} jobs, {CREWS} crews, against nearest first with the same rules",
            **facts,
            "bars": {"took_s": BAR_S, "saved_frac": BAR_SAVED, "rules_broken": 0},
            "least_saved_frac": min(one["saved_frac"] for one in runs),
            "least_saved_frac_per_job": min(one["saved_frac_per_job"] for one in runs),
            "longest_s": max(one["took_s"] for one in runs),
            "rules_broken": sum(one["rules_broken"] for one in runs),
            "runs": runs,
        },
    )


if __name__ == "__main__":
    main()
