"""When each task of a route begins, as early as its rules allow."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from huoshui.lab.planning.problem import Broken, Problem, Route, Rule, Task, Team, Visit


def whole_s(seconds: float) -> int:
    """Return so many whole seconds, never fewer than it takes."""
    return math.ceil(seconds - 1e-9)


def may(team: Team, task: Task) -> bool:
    """Say whether a team may do a task at all: it is nobody else's, and lies where it works."""
    if task.pinned_to is not None:
        return task.pinned_to == team.key
    return team.grounds is None or task.ground in team.grounds


def able(team: Team, task: Task) -> bool:
    """Say whether a team has the skills for a task and may do it at all."""
    return task.skills <= team.skills and may(team, task)


def carries(team: Team, tasks: Iterable[Task]) -> bool:
    """Say whether a team's load of parts is enough for all the tasks together."""
    wanted: Counter[str] = Counter()
    for task in tasks:
        wanted.update(task.parts)
    return all(team.stock.get(part, 0) >= count for part, count in wanted.items())


def route_of(problem: Problem, team: Team, tasks: Sequence[Task]) -> Route | None:
    """Return the route of a team through tasks in this order, or None where time forbids it."""
    route, broken = route_with_faults(problem, team, tasks)
    return None if broken else route


def route_with_faults(
    problem: Problem, team: Team, tasks: Sequence[Task]
) -> tuple[Route, list[Broken]]:
    """Return the route in this order, and what it breaks: for orders that a person chose.

    A task that comes too late is begun when the team gets there.
    """
    broken = [
        Broken(Rule.SKILL, one.key, team.key) for one in tasks if not one.skills <= team.skills
    ]
    broken += [
        Broken(Rule.PINNED, one.key, team.key)
        for one in tasks
        if one.pinned_to not in (None, team.key)
    ]
    broken += [
        Broken(Rule.GROUND, one.key, team.key)
        for one in tasks
        if one.pinned_to is None and not may(team, one)
    ]
    used: Counter[str] = Counter()
    for one in tasks:
        used.update(one.parts)
        if any(used[part] > team.stock.get(part, 0) for part in one.parts):
            broken.append(Broken(Rule.PARTS, one.key, team.key))
    moment, place = team.from_s, team.start
    visits = []
    for task in tasks:
        drive_s = whole_s(float(problem.travel_s[place, task.place]))
        begin_s = max(moment + drive_s, task.from_s)
        if begin_s > task.until_s:
            broken.append(Broken(Rule.WINDOW, task.key, team.key))
        if begin_s + task.service_s > team.until_s:
            broken.append(Broken(Rule.SHIFT, task.key, team.key))
        drive_m = float(problem.travel_m[place, task.place])
        visits.append(Visit(task.key, begin_s, drive_s, drive_m))
        moment, place = begin_s + task.service_s, task.place
    back_s, back_m = 0, 0.0
    if visits and team.end is not None:
        back_s = whole_s(float(problem.travel_s[place, team.end]))
        back_m = float(problem.travel_m[place, team.end])
        last = visits[-1].task
        if moment + back_s > team.until_s and Broken(Rule.SHIFT, last, team.key) not in broken:
            broken.append(Broken(Rule.SHIFT, last, team.key))
    return Route(team.key, tuple(visits), back_s, back_m), broken
