"""Plans of the planner and of nearest-first, read by the independent checker.

depot --- 1 --- 2 --- 3 --- 4        one street; ten minutes from each place to the next
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.lab.planning import checking, nearest, routing, scheduling
from huoshui.lab.planning import problem as p
from huoshui.lab.planning.tests.worlds import HOUR, line, parted, scattered

DAY = p.Team("c", 0, 0, 9 * HOUR, frozenset({"fit"}), {"meter": 2}, 0)


def task(key: str, place: int, **more: object) -> p.Task:
    values: dict[str, object] = {"service_s": 1800, "from_s": 0, "until_s": 9 * HOUR, **more}
    return p.Task(key, place, **values)  # type: ignore[arg-type]


def order(plan: p.Plan, team: str = "c") -> list[str]:
    return [one.task for route in plan.routes if route.team == team for one in route.visits]


def best_by_hand(problem: p.Problem) -> int:
    """Return the least driving of any plan that places everything with one team."""
    (team,) = problem.teams
    routes = (
        scheduling.route_of(problem, team, tasks) for tasks in itertools.permutations(problem.tasks)
    )
    return min(p.Plan((one,), ()).drive_s for one in routes if one is not None)


class TestPlan:
    @settings(max_examples=60, deadline=None)
    @given(
        seed=st.integers(0, 10_000),
        tasks=st.integers(0, 14),
        teams=st.integers(1, 5),
        tight=st.booleans(),
    )
    def test_never_breaks_a_rule(self, seed, tasks, teams, tight):
        problem = scattered(seed, tasks=tasks, teams=teams, tight=tight)

        for plan in (nearest.plan(problem), routing.plan(problem, time_limit_s=0.05)):
            assert checking.broken_rules(problem, plan) == []

    @pytest.mark.parametrize("seed", range(4))
    def test_drives_as_little_as_trying_every_order(self, seed):
        problem = scattered(seed, tasks=7, teams=1)
        free = p.Problem(
            tuple(p.Task(one.key, one.place, 600, 0, 24 * HOUR) for one in problem.tasks),
            (p.Team("c0", problem.teams[0].start, 0, 24 * HOUR, end=problem.teams[0].start),),
            problem.travel_s,
            problem.travel_m,
        )

        plan = routing.plan(free, time_limit_s=0.5)

        assert plan.drive_s == best_by_hand(free)

    def test_leaves_out_no_more_than_nearest_first(self):
        problem = scattered(3, tasks=40, teams=5)

        plan, simple = routing.plan(problem, time_limit_s=1.0), nearest.plan(problem)

        weight = {one.key: one.weight for one in problem.tasks}
        assert sum(weight[one.task] for one in plan.left) < sum(
            weight[one.task] for one in simple.left
        )

    def test_does_what_matters_more_where_not_both_fit(self):
        short = p.Team("c", 0, 0, 2 * HOUR, end=0)
        low = task("low", 1, service_s=HOUR, weight=1)
        high = task("high", 2, service_s=HOUR, weight=5)

        plan = routing.plan(line(low, high, teams=(short,)), time_limit_s=0.2)

        assert order(plan) == ["high"]
        assert plan.left == (p.Left("low", p.Reason.TEAMS_FULL),)

    def test_goes_first_to_what_is_due_first(self):
        near = task("near", 1)
        pressing = task("pressing", 2, weight=20, due_s=1300)

        plan = routing.plan(line(near, pressing, teams=(DAY,)), time_limit_s=0.2)

        assert order(plan) == ["pressing", "near"]

    def test_gives_a_pinned_task_to_its_team_only(self):
        other = p.Team("d", 1, 0, 9 * HOUR)
        pinned = task("t", 1, pinned_to="c")

        plan = routing.plan(line(pinned, teams=(DAY, other)), time_limit_s=0.2)

        assert (order(plan, "c"), order(plan, "d")) == (["t"], [])

    @pytest.mark.parametrize("seed", [3, 8])
    def test_sends_no_team_where_it_does_not_work(self, seed):
        problem = parted(scattered(seed, tasks=40, teams=6), seed)
        grounds = {one.key: one.ground for one in problem.tasks}

        plan = routing.plan(problem, time_limit_s=0.5)

        assert checking.broken_rules(problem, plan) == []
        assert {grounds[key] for key in order(plan, "c1")} <= {"n"}
        assert plan.placed >= nearest.plan(problem).placed

    def test_lets_a_team_do_what_is_pinned_to_it_anywhere(self):
        north = replace(DAY, grounds=frozenset({"n"}))
        pinned = task("t", 1, pinned_to="c", ground="s")

        assert order(routing.plan(line(pinned, teams=(north,)), time_limit_s=0.1)) == ["t"]

    def test_ends_early_when_it_is_told_to(self):
        problem = scattered(5, tasks=60, teams=6)
        ticks = itertools.count()

        plan = routing.plan(
            problem, time_limit_s=20.0, tell=lambda share: False, seconds=lambda: next(ticks)
        )

        # Each look asks the clock once and the first one says no: it never came to twenty seconds.
        assert next(ticks) < 20
        assert checking.broken_rules(problem, plan) == []

    def test_is_empty_without_teams(self):
        plan = routing.plan(line(task("t", 1), teams=()), time_limit_s=0.1)

        assert plan.left == (p.Left("t", p.Reason.NO_SKILL, ()),)


class TestReasons:
    @pytest.mark.parametrize(
        ("asked", "reason", "lacking"),
        [
            ({"skills": frozenset({"weld"})}, p.Reason.NO_SKILL, ("weld",)),
            ({"parts": {"meter": 3}}, p.Reason.NO_PARTS, ("meter",)),
            ({"parts": {"clamp": 1, "meter": 1}}, p.Reason.NO_PARTS, ("clamp",)),
            ({"until_s": 500}, p.Reason.NO_TIME, ()),
            ({"service_s": 9 * HOUR}, p.Reason.NO_TIME, ()),
            ({"pinned_to": "elsewhere"}, p.Reason.NO_SKILL, ()),
        ],
    )
    def test_say_why_a_task_stayed_out(self, asked, reason, lacking):
        plan = routing.plan(line(task("t", 1, **asked), teams=(DAY,)), time_limit_s=0.1)

        assert plan.left == (p.Left("t", reason, lacking),)

    def test_say_that_no_team_works_there(self):
        north = replace(DAY, grounds=frozenset({"n"}))
        asked = [task("s", 1, ground="s", skills=frozenset({"weld"})), task("none", 1)]

        plan = routing.plan(line(*asked, teams=(north,)), time_limit_s=0.1)

        assert [(one.task, one.reason) for one in plan.left] == [
            ("s", p.Reason.ELSEWHERE), ("none", p.Reason.ELSEWHERE),
        ]  # fmt: skip

    def test_tell_parts_used_up_from_parts_never_there(self):
        tasks = [task(f"t{k}", 1, parts={"meter": 1}) for k in range(3)]

        plan = routing.plan(line(*tasks, teams=(DAY,)), time_limit_s=0.2)

        assert [(one.reason, one.lacking) for one in plan.left] == [
            (p.Reason.PARTS_USED_UP, ("meter",))
        ]


class TestNearest:
    def test_takes_the_nearest_each_time(self):
        plan = nearest.plan(line(task("far", 3), task("near", 1), task("mid", 2), teams=(DAY,)))

        assert order(plan) == ["near", "mid", "far"]
        assert plan.drive_s == 3600  # three times ten minutes there, half an hour back
