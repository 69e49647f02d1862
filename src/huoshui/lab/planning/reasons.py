"""Why a task stayed out of a plan, in the words of whoever has to explain it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from huoshui.lab.planning import scheduling
from huoshui.lab.planning.problem import Left, Problem, Reason, Route, Task, Team


def left_of(problem: Problem, routes: Iterable[Route]) -> tuple[Left, ...]:
    """Return every task that no route has, and why.

    The first of these that holds: nobody works where it lies; nobody who does has the skills;
    nobody who has them carries the parts; none of those could be there in time even with nothing
    else to do; the parts are promised to other tasks; the teams' time is.
    """
    tasks = {one.key: one for one in problem.tasks}
    teams = {one.key: one for one in problem.teams}
    used: dict[str, Counter[str]] = {key: Counter() for key in teams}
    done = set()
    for route in routes:
        for visit in route.visits:
            done.add(visit.task)
            used[route.team].update(tasks[visit.task].parts)
    return tuple(_why(problem, one, used) for one in problem.tasks if one.key not in done)


def _why(problem: Problem, task: Task, used: dict[str, Counter[str]]) -> Left:
    near = [one for one in problem.teams if task.pinned_to or scheduling.may(one, task)]
    if problem.teams and not near:
        return Left(task.key, Reason.ELSEWHERE)
    skilled = [one for one in near if scheduling.able(one, task)]
    if not skilled:
        return Left(task.key, Reason.NO_SKILL, _missing_skills(near, task))
    carrying = [one for one in skilled if scheduling.carries(one, [task])]
    if not carrying:
        lacking = [
            part
            for part, count in sorted(task.parts.items())
            if all(one.stock.get(part, 0) < count for one in skilled)
        ]
        return Left(task.key, Reason.NO_PARTS, tuple(lacking or sorted(task.parts)))
    in_time = [one for one in carrying if scheduling.route_of(problem, one, [task]) is not None]
    if not in_time:
        return Left(task.key, Reason.NO_TIME)
    short = [
        part
        for part, count in sorted(task.parts.items())
        if all(one.stock.get(part, 0) - used[one.key][part] < count for one in in_time)
    ]
    if short:
        return Left(task.key, Reason.PARTS_USED_UP, tuple(short))
    return Left(task.key, Reason.TEAMS_FULL)


def _missing_skills(teams: Iterable[Team], task: Task) -> tuple[str, ...]:
    """Return the skills nobody has; where each is there but never together, all of them."""
    there = {skill for one in teams for skill in one.skills}
    return tuple(sorted(task.skills - there)) or tuple(sorted(task.skills))
