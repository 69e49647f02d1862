"""A day of 300 jobs for 40 crews: how much less they drive than nearest first, and no rule broken.

Three towns, each with depots, skills that not every crew has, time windows, priorities, meters and
clamps in the vehicles; crews come back to their depot. A quiet day and a full one. Nearest first
keeps the same rules, and places fewer jobs because it does not look ahead, so the driving that is
saved altogether is a lower bound; it is given for each placed job as well. The checker shares no
code with the planners.

The same towns once more over streets: a grid with missing and one-way streets, arterials, and a
river with two bridges, so that near is not always quick. The table of all ways is made by the
laboratory's graph; the checker then reads the plan with the times of its legs computed again by
`rechecking`, from the lines, by another program.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import machine
from huoshui.lab.planning import checking, driving, nearest, rechecking, roads, routing, travel
from huoshui.lab.planning import problem as p

HOUR = 3600
JOBS, CREWS, DEPOTS = 300, 40, 8
BAR_S, BAR_SAVED = 30.0, 0.15
# The rest of the bar is for building the model and reading the answer.
LIMIT_S = 28.0
SEEDS = (1, 2, 3)
SPEED_KMH = 25.0
SIDE, RIVER, BRIDGES = 70, 34, (10, 50)


def streets(seed: int) -> list[rechecking.Line]:
    """Return the streets of a town: course, speed, whether one-way."""
    dice = random.Random(seed)
    found: list[rechecking.Line] = []
    for x in range(SIDE):
        for y in range(SIDE):
            for to in ((x + 1, y), (x, y + 1)):
                river = y == RIVER and to[1] == RIVER + 1 and x not in BRIDGES
                main = (x % 10 == 0 and to[0] == x) or (y % 10 == 0 and to[1] == y)
                if max(to) >= SIDE or river or (not main and dice.random() < 0.12):
                    continue
                course = [
                    (113.48 + a * 0.24 / (SIDE - 1), 34.65 + b * 0.2 / (SIDE - 1))
                    for a, b in ((x, y), to)
                ]
                # Speeds as fieldwork takes them for arterials, secondary and small streets.
                speed = 40.0 if main else dice.choice((20.0, 30.0))
                found.append((course, speed, not main and dice.random() < 0.15))
    return found


def graph_of(lines: list[rechecking.Line]) -> roads.Graph:
    """Return the laboratory's graph of streets."""
    bends = np.array([spot for course, _speed, _one_way in lines for spot in course])
    return roads.of_lines(
        lon=bends[:, 0],
        lat=bends[:, 1],
        offsets=np.arange(0, len(bends) + 1, 2),
        speed_kmh=np.array([speed for _course, speed, _one_way in lines]),
        one_way=np.array([one_way for _course, _speed, one_way in lines]),
    )


def places(seed: int) -> tuple[random.Random, p.Floats, p.Floats]:
    """Return where jobs and depots are, and the dice for the rest of the day."""
    dice = random.Random(seed)
    lon = np.array([113.6 + dice.uniform(-0.12, 0.12) for _ in range(JOBS + DEPOTS)])
    lat = np.array([34.75 + dice.uniform(-0.1, 0.1) for _ in range(JOBS + DEPOTS)])
    return dice, lon, lat


def town(seed: int, *, busy: bool, over: driving.Driving) -> p.Problem:
    """Return one day of a town of some 22 by 22 km."""
    dice, _lon, _lat = places(seed)
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
    return p.Problem(tuple(jobs), tuple(crews), over.time_s, over.way_m)


def recheck(seed: int, problem: p.Problem, plan: p.Plan) -> int:
    """Return how many rules a plan breaks by the times that another program finds."""
    _dice, lon, lat = places(seed)
    table = rechecking.table_s(
        streets(seed), list(zip(lon.tolist(), lat.tolist(), strict=True)),
        rechecking.legs(problem, plan),
        off_speed_kmh=SPEED_KMH, factor=travel.DETOUR_FACTOR,
    )  # fmt: skip
    # Legs agree to a tenth of a second; a plan's whole seconds must not be held against that.
    again = np.where(np.abs(table - problem.travel_s) <= 0.1, problem.travel_s, table)
    return len(checking.broken_rules(replace(problem, travel_s=again), plan))


def measure(seed: int, *, busy: bool, by_streets: bool) -> dict[str, Any]:
    """Plan one town both ways."""
    _dice, lon, lat = places(seed)
    begun = time.perf_counter()
    if by_streets:
        over = driving.along(graph_of(streets(seed)), lon, lat, off_speed_kmh=SPEED_KMH)
    else:
        over = driving.by_line(lon, lat, speed_kmh=SPEED_KMH)
    table_s = time.perf_counter() - begun
    problem = town(seed, busy=busy, over=over)
    simple = nearest.plan(problem)
    begun = time.perf_counter()
    plan = routing.plan(problem, time_limit_s=LIMIT_S)
    took_s = time.perf_counter() - begun
    per_job = [one.drive_s / one.placed / 60 for one in (simple, plan)]
    return {
        "town": seed,
        "load": "full day" if busy else "quiet day",
        "ways": "streets" if by_streets else "straight line",
        "table_s": round(table_s, 2),
        "took_s": round(table_s + took_s, 2),
        "nearest_first": {"placed": simple.placed, "drive_h": round(simple.drive_s / 3600, 2)},
        "planner": {"placed": plan.placed, "drive_h": round(plan.drive_s / 3600, 2)},
        "drive_min_per_job": [round(one, 2) for one in per_job],
        "saved_frac": round(1 - plan.drive_s / simple.drive_s, 4),
        "saved_frac_per_job": round(1 - per_job[1] / per_job[0], 4),
        "rules_broken": len(checking.broken_rules(problem, plan)),
        "rules_broken_rechecked": recheck(seed, problem, plan) if by_streets else None,
        "left_reasons": sorted(str(one.reason) for one in plan.left),
    }


def main() -> None:
    """Measure all towns and keep the result."""
    facts = machine.facts("src/huoshui/lab/planning", "benchmarks/planning.py")
    runs = [
        measure(seed, busy=busy, by_streets=by_streets)
        for by_streets in (False, True)
        for busy in (False, True)
        for seed in SEEDS
    ]
    machine.keep(
        "planning",
        {
            "what": f"{JOBS} jobs, {CREWS} crews, against nearest first with the same rules",
            **facts,
            "bars": {"took_s": BAR_S, "saved_frac": BAR_SAVED, "rules_broken": 0},
            "least_saved_frac": min(one["saved_frac"] for one in runs),
            "least_saved_frac_per_job": min(one["saved_frac_per_job"] for one in runs),
            "longest_s": max(one["took_s"] for one in runs),
            "rules_broken": sum(one["rules_broken"] for one in runs)
            + sum(one["rules_broken_rechecked"] or 0 for one in runs),
            "runs": runs,
        },
    )


if __name__ == "__main__":
    main()
