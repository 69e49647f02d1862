"""Reads a plan and names every rule it breaks.

Written apart from the planners on purpose: it recomputes everything from the problem and believes
no figure of the plan. A planner that is wrong is caught here.
"""

from __future__ import annotations

from collections import Counter

from huoshui.lab.planning.problem import Broken, Plan, Problem, Rule

ROUNDING_S = 1


def broken_rules(problem: Problem, plan: Plan) -> list[Broken]:
    """Return what a plan breaks, nothing for a good one.

    Each task is done once or named as left; by a team that may do it where it lies, knows how and
    carries enough for its whole route; begun inside its window, after the way there; done, and the
    team back where it has to be, before the end of its shift.
    """
    tasks = {one.key: one for one in problem.tasks}
    teams = {one.key: one for one in problem.teams}
    found: list[Broken] = []
    seen = Counter(visit.task for route in plan.routes for visit in route.visits)
    seen.update(one.task for one in plan.left)
    found += [Broken(Rule.ONCE, key) for key in tasks if seen[key] != 1]
    found += [Broken(Rule.ONCE, key) for key in seen if key not in tasks]
    routes_of = Counter(route.team for route in plan.routes)
    found += [Broken(Rule.ONCE, key, key) for key, n in routes_of.items() if n > 1]
    for route in plan.routes:
        team = teams.get(route.team)
        if team is None:
            found.append(Broken(Rule.ONCE, route.team, route.team))
            continue
        free_s, at = team.from_s, team.start
        load = dict(team.stock)
        for visit in route.visits:
            task = tasks.get(visit.task)
            if task is None:
                continue
            if not all(skill in team.skills for skill in task.skills):
                found.append(Broken(Rule.SKILL, task.key, team.key))
            if task.pinned_to is not None and task.pinned_to != team.key:
                found.append(Broken(Rule.PINNED, task.key, team.key))
            elsewhere = team.grounds is not None and list(team.grounds).count(task.ground) == 0
            if task.pinned_to is None and elsewhere:
                found.append(Broken(Rule.GROUND, task.key, team.key))
            for part, count in task.parts.items():
                load[part] = load.get(part, 0) - count
                if load[part] < 0:
                    found.append(Broken(Rule.PARTS, task.key, team.key))
            way_s = float(problem.travel_s[at, task.place])
            if visit.begin_s < free_s + way_s - 1e-6 or not (
                way_s - 1e-6 <= visit.drive_s <= way_s + ROUNDING_S
            ):
                found.append(Broken(Rule.TRAVEL, task.key, team.key))
            if not task.from_s <= visit.begin_s <= task.until_s:
                found.append(Broken(Rule.WINDOW, task.key, team.key))
            free_s, at = visit.begin_s + task.service_s, task.place
            if free_s > team.until_s:
                found.append(Broken(Rule.SHIFT, task.key, team.key))
        if team.end is not None and route.visits:
            back_s = float(problem.travel_s[at, team.end])
            if free_s + back_s > team.until_s + 1e-6:
                found.append(Broken(Rule.SHIFT, route.visits[-1].task, team.key))
            if not back_s - 1e-6 <= route.back_s <= back_s + ROUNDING_S:
                found.append(Broken(Rule.TRAVEL, team.key, team.key))
    return found
