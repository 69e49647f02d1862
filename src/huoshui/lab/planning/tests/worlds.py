"""Problems for the tests, small and seeded."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from huoshui.lab.planning import problem as p
from huoshui.lab.planning import travel

HOUR = 3600


def line(*tasks: p.Task, teams: tuple[p.Team, ...], way_s: float = 600.0) -> p.Problem:
    """Places 0, 1, 2 ... on one straight street, ``way_s`` seconds and as many metres apart."""
    used = {one.place for one in tasks} | {one.start for one in teams}
    used |= {one.end for one in teams if one.end is not None}
    at = np.arange(1 + max(used), dtype=float) * way_s
    ways = np.abs(at[:, None] - at[None, :])
    return p.Problem(tuple(tasks), teams, ways, ways)


def scattered(seed: int, *, tasks: int, teams: int, tight: bool = False) -> p.Problem:
    """A town with several depots, skills that not all have, windows and parts."""
    dice = random.Random(seed)
    depots = max(1, min(4, teams))
    count = tasks + depots
    lon = np.array([113.6 + dice.uniform(-0.1, 0.1) for _ in range(count)])
    lat = np.array([34.75 + dice.uniform(-0.08, 0.08) for _ in range(count)])
    ways = travel.by_line_m(lon, lat)
    wanted = []
    for number in range(tasks):
        skill = dice.choice(["fit", "fit", "weld", "leak"])
        from_s = dice.choice([0, 0, HOUR, 4 * HOUR])
        parts = {} if dice.random() < 0.4 else {dice.choice(["meter", "clamp"]): dice.randint(1, 2)}
        wanted.append(
            p.Task(
                f"t{number}", number, dice.choice([15, 30, 60, 120]) * 60, from_s,
                from_s + dice.choice([1, 3, 8]) * HOUR, frozenset([skill]), parts,
                dice.choice([1, 2, 5, 20]), dice.choice([None, from_s + HOUR]),
                f"c{dice.randrange(teams)}" if dice.random() < 0.1 else None,
            )
        )  # fmt: skip
    crews = []
    for number in range(teams):
        depot = tasks + number % depots
        begin = dice.choice([0, 0, 2 * HOUR])
        crews.append(
            p.Team(
                f"c{number}", depot, begin, begin + dice.choice([3, 9]) * HOUR,
                frozenset(dice.sample(["fit", "weld", "leak"], dice.randint(1, 3))),
                {"meter": dice.randint(0, 2 if tight else 9), "clamp": dice.randint(0, 3)},
                dice.choice([None, depot]),
            )
        )  # fmt: skip
    return p.Problem(tuple(wanted), tuple(crews), travel.duration_s(ways, speed_kmh=25.0), ways)


def parted(problem: p.Problem, seed: int) -> p.Problem:
    """Part a town into three units, of which two thirds of the teams work in some only."""
    dice = random.Random(seed)
    tasks = [replace(one, ground=dice.choice(["", "n", "s", "e"])) for one in problem.tasks]
    own = (None, frozenset({"n"}), frozenset({"s", "e"}))
    teams = [replace(one, grounds=own[k % 3]) for k, one in enumerate(problem.teams)]
    return replace(problem, tasks=tuple(tasks), teams=tuple(teams))
