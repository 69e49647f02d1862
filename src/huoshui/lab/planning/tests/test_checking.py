"""The checker finds every rule that a plan breaks, one at a time.

depot --- 1 --- 2        ten minutes from each place to the next
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from huoshui.lab.planning import checking, scheduling
from huoshui.lab.planning import problem as p
from huoshui.lab.planning.tests.worlds import HOUR, line

TEAM = p.Team("c", 0, 0, 2 * HOUR, frozenset({"fit"}), {"meter": 1}, 0)
FIRST = p.Task("a", 1, 1800, 0, HOUR, frozenset({"fit"}), {"meter": 1})
SECOND = p.Task("b", 2, 1800, 0, 2 * HOUR)
PROBLEM = line(FIRST, SECOND, teams=(TEAM,))
VISITS = (p.Visit("a", 600, 600, 600.0), p.Visit("b", 3000, 600, 600.0))
GOOD = p.Plan((p.Route("c", VISITS, 1200, 1200.0),), ())


def changed(**visit: object) -> p.Plan:
    (route,) = GOOD.routes
    visits = (replace(VISITS[0], **visit), VISITS[1])
    return replace(GOOD, routes=(replace(route, visits=visits),))


def rules(plan: p.Plan, problem: p.Problem = PROBLEM) -> set[p.Rule]:
    return {one.rule for one in checking.broken_rules(problem, plan)}


class TestBrokenRules:
    def test_finds_nothing_in_a_good_plan(self):
        assert rules(GOOD) == set()

    @pytest.mark.parametrize(
        ("plan", "rule"),
        [
            (p.Plan((), ()), p.Rule.ONCE),
            (replace(GOOD, left=(p.Left("a", p.Reason.NO_TIME),)), p.Rule.ONCE),
            (replace(GOOD, routes=GOOD.routes * 2), p.Rule.ONCE),
            (changed(begin_s=500), p.Rule.TRAVEL),
            (changed(drive_s=300), p.Rule.TRAVEL),
            (changed(begin_s=HOUR + 1), p.Rule.WINDOW),
        ],
    )
    def test_finds_what_a_plan_says_wrong(self, plan, rule):
        assert rule in rules(plan)

    @pytest.mark.parametrize(
        ("team", "rule"),
        [
            (replace(TEAM, skills=frozenset()), p.Rule.SKILL),
            (replace(TEAM, stock={}), p.Rule.PARTS),
            (replace(TEAM, until_s=4700), p.Rule.SHIFT),
            (replace(TEAM, until_s=5999), p.Rule.SHIFT),  # the way back does not fit any more
        ],
    )
    def test_finds_what_a_team_cannot(self, team, rule):
        assert rules(GOOD, line(FIRST, SECOND, teams=(team,))) == {rule}

    def test_finds_a_task_of_another_team(self):
        pinned = replace(FIRST, pinned_to="d")

        assert rules(GOOD, line(pinned, SECOND, teams=(TEAM,))) == {p.Rule.PINNED}

    @pytest.mark.parametrize(
        ("ground", "grounds", "wanted"),
        [
            ("s", {"n"}, {p.Rule.GROUND}),
            ("", {"n"}, {p.Rule.GROUND}),
            ("n", {"n", "s"}, set()),
            ("s", None, set()),
        ],
    )
    def test_finds_a_task_where_its_team_does_not_work(self, ground, grounds, wanted):
        team = replace(TEAM, grounds=None if grounds is None else frozenset(grounds))
        tasks = [replace(one, ground=ground) for one in (FIRST, SECOND)]
        problem = line(*tasks, teams=(team,))

        assert rules(GOOD, problem) == wanted
        _route, broken = scheduling.route_with_faults(problem, team, tasks)
        assert {one.rule for one in broken} == wanted


class TestRouteWithFaults:
    def test_agrees_with_the_checker_on_a_good_order(self):
        route, broken = scheduling.route_with_faults(PROBLEM, TEAM, [FIRST, SECOND])

        assert (p.Plan((route,), ()), broken) == (GOOD, [])

    def test_names_what_a_persons_order_breaks_and_goes_on(self):
        late = replace(FIRST, until_s=1200, parts={"meter": 2})

        route, broken = scheduling.route_with_faults(PROBLEM, TEAM, [SECOND, late])

        assert [visit.task for visit in route.visits] == ["b", "a"]
        assert {one.rule for one in broken} == {p.Rule.WINDOW, p.Rule.PARTS}
