"""The planner: routes for many teams at once, by the routing solver of OR-Tools.

The solver improves what `nearest` begins until its time is over, so a faster machine finds a better
plan: the one exception to "same input, same output" here. Every plan passes `checking` before it is
returned.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from huoshui.lab.planning import checking, nearest, reasons, scheduling
from huoshui.lab.planning.problem import Broken, Plan, Problem, Task

LEAVING_OUT_S = 20_000
"""What leaving out a task of weight 1 costs, as seconds of driving: more than any way to it."""

LATE_FRAC = 1
"""What a second of beginning after ``due_s`` costs a task of weight 1, as seconds of driving."""


class PlanBroken(Exception):
    """The planner broke a rule, which is a fault of ours; nothing of the plan may be used."""

    def __init__(self, broken: list[Broken]) -> None:
        super().__init__(", ".join(f"{one.rule} of {one.subject}" for one in broken[:5]))
        self.broken = broken


def plan(
    problem: Problem,
    *,
    time_limit_s: float,
    tell: Callable[[float], bool] = lambda share_frac: True,
    seconds: Callable[[], float] | None = None,
) -> Plan:
    """Return a plan that keeps every rule and drives little.

    Parameters
    ----------
    time_limit_s : float
        How long to improve the plan. [s]
    tell : callable
        Called now and then with the share of the time that is over, 0 to 1; the planning ends
        early once it returns False.
    seconds : callable, optional
        A clock that only goes forward, for ``tell``. [s]

    Returns
    -------
    Plan
        Leaves out as little as possible, what matters least first; then drives as little as
        possible. Never costs more than nearest-first, what is left out, late and driven together.

    Raises
    ------
    PlanBroken
        If the plan does not pass the checker.
    """
    simple = nearest.plan(problem)
    if not problem.tasks or not problem.teams:
        return simple
    found = _Model(problem).solve(simple, time_limit_s, tell, seconds)
    best = simple if found is None or _cost(problem, found) > _cost(problem, simple) else found
    broken = checking.broken_rules(problem, best)
    if broken:
        raise PlanBroken(broken)
    return best


def _cost(problem: Problem, found: Plan) -> float:
    """What a plan costs: the ways, what it leaves out, and what comes late."""
    tasks = {one.key: one for one in problem.tasks}
    late = sum(
        max(0, visit.begin_s - due) * LATE_FRAC * tasks[visit.task].weight
        for route in found.routes
        for visit in route.visits
        if (due := tasks[visit.task].due_s) is not None
    )
    return found.drive_s + late + sum(LEAVING_OUT_S * tasks[one.task].weight for one in found.left)


class _Model:
    """The problem as the solver wants it: tasks, then the teams' starts, then their ends."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        tasks, teams = problem.tasks, problem.teams
        n, m = len(tasks), len(teams)
        self.manager = pywrapcp.RoutingIndexManager(
            n + 2 * m, m, [n + k for k in range(m)], [n + m + k for k in range(m)]
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self._time(self._ways())
        self._parts()
        self._choices()

    def _ways(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        tasks, teams = self.problem.tasks, self.problem.teams
        places = [one.place for one in tasks] + [one.start for one in teams]
        ends = [one.end for one in teams]
        size, inner = len(places) + len(ends), len(places)
        ways = np.zeros((size, size), dtype=np.int64)
        chosen = self.problem.travel_s[np.ix_(places, places)]
        ways[:inner, :inner] = np.ceil(chosen - 1e-9).astype(np.int64)
        for number, end in enumerate(ends):
            if end is not None:
                back = self.problem.travel_s[places, end]
                ways[:inner, inner + number] = np.ceil(back - 1e-9).astype(np.int64)
                # A team that does nothing stays where it is.
                ways[len(tasks) + number, inner + number] = 0
        return ways

    def _time(self, ways: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> None:
        tasks, teams, routing = self.problem.tasks, self.problem.teams, self.routing
        drive = routing.RegisterTransitMatrix(ways.tolist())
        routing.SetArcCostEvaluatorOfAllVehicles(drive)
        service = np.zeros(len(ways), dtype=np.int64)
        service[: len(tasks)] = [one.service_s for one in tasks]
        lasting = routing.RegisterTransitMatrix((ways + service[:, None]).tolist())
        horizon = max(one.until_s for one in teams)
        routing.AddDimension(lasting, horizon, horizon, False, "time")
        self.times = routing.GetDimensionOrDie("time")
        for number, task in enumerate(tasks):
            index = self.manager.NodeToIndex(number)
            least, most = task.from_s, min(task.until_s, horizon - task.service_s)
            if least > most:
                routing.VehicleVar(index).SetValue(-1)
                continue
            self.times.CumulVar(index).SetRange(least, most)
            if task.due_s is not None:
                cost = LATE_FRAC * task.weight
                self.times.SetCumulVarSoftUpperBound(index, max(task.due_s, 0), cost)
        for number, team in enumerate(teams):
            for index in (routing.Start(number), routing.End(number)):
                self.times.CumulVar(index).SetRange(team.from_s, max(team.until_s, team.from_s))

    def _parts(self) -> None:
        tasks, teams = self.problem.tasks, self.problem.teams
        size = self.manager.GetNumberOfNodes()
        for part in sorted({part for one in tasks for part in one.parts}):
            wanted = [one.parts.get(part, 0) for one in tasks]
            loads = [one.stock.get(part, 0) for one in teams]
            if min(loads) >= sum(wanted):
                continue  # whoever does whatever, it is enough
            counts = wanted + [0] * (size - len(wanted))
            index = self.routing.RegisterUnaryTransitVector(counts)
            self.routing.AddDimensionWithVehicleCapacity(index, 0, loads, True, f"part {part}")

    def _choices(self) -> None:
        teams = self.problem.teams
        for number, task in enumerate(self.problem.tasks):
            index = self.manager.NodeToIndex(number)
            self.routing.AddDisjunction([index], LEAVING_OUT_S * task.weight)
            able = [
                k
                for k, team in enumerate(teams)
                if scheduling.able(team, task) and scheduling.carries(team, [task])
            ]
            if len(able) < len(teams):
                self.routing.VehicleVar(index).SetValues([-1, *able])

    def solve(
        self,
        simple: Plan,
        time_limit_s: float,
        tell: Callable[[float], bool],
        seconds: Callable[[], float] | None,
    ) -> Plan | None:
        routing = self.routing
        asked = pywrapcp.DefaultRoutingSearchParameters()
        asked.first_solution_strategy = (
            routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        )
        asked.local_search_metaheuristic = (
            routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        )
        asked.time_limit.FromMilliseconds(max(int(time_limit_s * 1000), 1))
        routing.CloseModelWithParameters(asked)
        if seconds is not None:
            clock, begun_s = seconds, seconds()

            def look() -> None:
                share = min((clock() - begun_s) / max(time_limit_s, 1e-3), 1.0)
                if not tell(share):
                    routing.solver().FinishCurrentSearch()

            routing.AddAtSolutionCallback(look)
        begin = routing.ReadAssignmentFromRoutes(self._numbers(simple), True)
        answer = (
            routing.SolveFromAssignmentWithParameters(begin, asked)
            if begin is not None
            else routing.SolveWithParameters(asked)
        )
        return None if answer is None else self._read(answer)

    def _numbers(self, simple: Plan) -> list[list[int]]:
        """Return a plan as the solver's indices, a list for each team."""
        number_of = {one.key: number for number, one in enumerate(self.problem.tasks)}
        of_team = {one.team: one for one in simple.routes}
        return [
            [
                self.manager.NodeToIndex(number_of[visit.task])
                for visit in (of_team[team.key].visits if team.key in of_team else ())
            ]
            for team in self.problem.teams
        ]

    def _read(self, answer: object) -> Plan | None:
        routes = []
        for number, team in enumerate(self.problem.teams):
            order: list[Task] = []
            index = answer.Value(self.routing.NextVar(self.routing.Start(number)))  # type: ignore[attr-defined]
            while not self.routing.IsEnd(index):
                order.append(self.problem.tasks[self.manager.IndexToNode(index)])
                index = answer.Value(self.routing.NextVar(index))  # type: ignore[attr-defined]
            if order:
                route = scheduling.route_of(self.problem, team, order)
                if route is None:
                    return None
                routes.append(route)
        return Plan(tuple(routes), reasons.left_of(self.problem, routes))
