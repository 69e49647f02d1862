"""Nearest first: the plan without a planner, to compare with and to begin from."""

from __future__ import annotations

import heapq
from collections import Counter

from huoshui.lab.planning import reasons, scheduling
from huoshui.lab.planning.problem import Plan, Problem, Task, Team


def plan(problem: Problem) -> Plan:
    """Give each team, whenever it is free, the nearest task that it can still do.

    Of two as near, the one that matters more. This is how a dispatcher works by telephone: no rule
    is broken, and nobody looks ahead.
    """
    open_tasks = dict(enumerate(problem.tasks))
    orders: dict[str, list[Task]] = {one.key: [] for one in problem.teams}
    used: dict[str, Counter[str]] = {one.key: Counter() for one in problem.teams}
    queue = [(one.from_s, number, one.start) for number, one in enumerate(problem.teams)]
    heapq.heapify(queue)
    while queue and open_tasks:
        moment, number, place = heapq.heappop(queue)
        team = problem.teams[number]
        found = _nearest(problem, team, place, moment, open_tasks, used[team.key])
        if found is None:
            continue
        task = open_tasks.pop(found)
        orders[team.key].append(task)
        used[team.key].update(task.parts)
        drive_s = scheduling.whole_s(float(problem.travel_s[place, task.place]))
        begin_s = max(moment + drive_s, task.from_s)
        heapq.heappush(queue, (begin_s + task.service_s, number, task.place))
    routes = []
    for team in problem.teams:
        if orders[team.key]:
            route = scheduling.route_of(problem, team, orders[team.key])
            assert route is not None, "nearest-first chose only what fits"
            routes.append(route)
    return Plan(tuple(routes), reasons.left_of(problem, routes))


def _nearest(
    problem: Problem,
    team: Team,
    place: int,
    moment: int,
    open_tasks: dict[int, Task],
    used: Counter[str],
) -> int | None:
    best: tuple[float, int, int] | None = None
    for number, task in open_tasks.items():
        way_s = float(problem.travel_s[place, task.place])
        rank = (way_s, -task.weight, number)
        if best is not None and rank >= best:
            continue
        if not scheduling.able(team, task) or any(
            team.stock.get(part, 0) - used[part] < count for part, count in task.parts.items()
        ):
            continue
        begin_s = max(moment + scheduling.whole_s(way_s), task.from_s)
        back_s = 0
        if team.end is not None:
            back_s = scheduling.whole_s(float(problem.travel_s[task.place, team.end]))
        if begin_s <= task.until_s and begin_s + task.service_s + back_s <= team.until_s:
            best = rank
    return None if best is None else best[2]
