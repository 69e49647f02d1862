"""Where a leak lies by pipes and falls alone."""

import numpy as np
import pytest

from huoshui.lab.leakage import by_pipes, pipe_plan, sensor_falls

HOUR = 3600.0


def planned(tmp_path, rows, sources=("works",)):
    path = tmp_path / "pipes.csv"
    path.write_text("id,from,to,length,diameter,kind\n" + "\n".join(rows) + "\n")
    return pipe_plan.read(path, sources=list(sources))


def numbers(plan, *names):
    return np.array([plan.number(name) for name in names], np.int64)


class TestEffects:
    def test_is_what_two_pipes_in_a_row_give_by_hand(self, tmp_path):
        plan = planned(tmp_path, ["p1,works,n1,100,100,", "p2,n1,n2,100,100,"])

        found = by_pipes.effects(plan, numbers(plan, "n1", "n2"))

        # All use is 1, spread by length: 0.25 at the works, 0.5 at n1, 0.25 at n2, so 0.75 flows in
        # the first pipe and 0.25 in the second. With head loss r q^1.852 the answer to a small
        # draw is 1.852 r q^0.852 for each pipe on the way, r = 100 to a scale.
        first, second = 1.852 * 100 * 0.75**0.852, 1.852 * 100 * 0.25**0.852
        # At the sensor n1: 0, first, first at the three nodes; in the mean 0.75 first.
        # At n2: 0, first, first + second; in the mean 0.75 first + 0.25 second.
        assert found[:, 0] == pytest.approx([-0.25 * first, 0.25 * first])
        assert found[:, 1] == pytest.approx(
            [-0.25 * first - 0.25 * second, 0.25 * first + 0.25 * second], rel=1e-6
        )

    def test_knows_that_a_narrow_pipe_resists_more(self, tmp_path):
        # Two equal branches but for the width: a leak at the end of the narrow one falls further.
        plan = planned(
            tmp_path, ["p1,works,wide,100,200,", "p2,works,narrow,100,100,"]
        )  # fmt: skip

        found = by_pipes.effects(plan, numbers(plan, "wide", "narrow"))

        assert found[1, 1] / found[0, 0] == pytest.approx(2**4.871)

    def test_joins_no_heads_through_a_regulator_but_draws_through_it(self, tmp_path):
        plan = planned(
            tmp_path, ["p1,works,n1,100,100,", "r,n1,n2,,,regulator", "p2,n2,n3,100,100,"]
        )

        found = by_pipes.effects(plan, numbers(plan, "n1", "n3"))

        # Behind the regulator a leak moves n3; before it, it moves n1 as any draw at n1 does.
        assert found[1, 1] > found[0, 1]
        assert found[1, 0] > found[0, 0]
        # What lies before the regulator does nothing to n3: its fall is only the mean taken off.
        by_mean = found[0, 1]
        assert by_mean < 0

    def test_says_nothing_of_pipes_that_no_source_reaches(self, tmp_path):
        rows = ["p1,works,n1,100,100,", "p2,n1,n2,100,100,", "p3,x,y,70,100,"]
        plan = planned(tmp_path, rows)

        found = by_pipes.effects(plan, numbers(plan, "n1"))

        assert found[2, 0] == 0
        assert found[0, 0] < 0 < found[1, 0]
        assert plan.unfed_m() == 70.0


class TestFalls:
    """Two sensors for fifty days, hour by hour; the second falls twice as much with the flow."""

    START = 17_532 * 86400.0

    def table(self, days=50, seed=3):
        rng = np.random.default_rng(seed)
        hour = np.arange(days * 24)
        at = self.START + HOUR * hour
        flow = (0.03 + 0.02 * np.sin(2 * np.pi * hour / 24)) * rng.uniform(0.95, 1.05, hour.size)
        pressure = 50 - np.outer(flow**1.852, [1000.0, 2000.0])
        pressure += rng.normal(0, 0.01, pressure.shape)
        return at, flow, pressure

    def fallen(self, at, flow, pressure, since_h, until_h):
        return sensor_falls.falls(
            at_s=at, pressures_m=pressure, flow_at_s=at, flow_m3s=flow,
            since_s=self.START + HOUR * since_h, until_s=self.START + HOUR * until_h,
        )  # fmt: skip

    def test_takes_off_what_the_flow_explains(self):
        at, flow, pressure = self.table()
        flow[48 * 24 :] += 0.01  # everybody takes more, and the model of the slope knows it
        pressure[48 * 24 :] = 50 - np.outer(flow[48 * 24 :] ** 1.852, [1000.0, 2000.0])
        pressure[48 * 24 :, 1] -= 0.4

        found = self.fallen(at, flow, pressure, 48 * 24, 49 * 24)

        assert found.falls_m == pytest.approx([0.0, 0.4], abs=0.03)
        assert np.sqrt(np.diag(found.covariance_m2)) == pytest.approx([0.006, 0.006], abs=0.004)

    def test_looks_at_nothing_later(self):
        at, flow, pressure = self.table()
        later = pressure.copy()
        later[at >= self.START + HOUR * (48 * 24 + 5)] = 0.0

        one = self.fallen(at, flow, pressure, 48 * 24, 48 * 24 + 5)
        two = self.fallen(at, flow, later, 48 * 24, 48 * 24 + 5)

        assert one.falls_m.tolist() == two.falls_m.tolist()
        assert one.covariance_m2.tolist() == two.covariance_m2.tolist()

    def test_does_not_know_the_fall_of_a_silent_sensor(self):
        at, flow, pressure = self.table()
        pressure[48 * 24 :, 0] = np.nan

        found = self.fallen(at, flow, pressure, 48 * 24, 49 * 24)

        assert np.isnan(found.falls_m[0])
        assert np.isfinite(found.falls_m[1])


class TestPipeRanker:
    """Three streets of four pipes from the works, a sensor at the end of each."""

    @pytest.fixture
    def ranker(self, tmp_path):
        rows = [
            f"{street}{pipe},{'works' if pipe == 1 else street + 'n' + str(pipe - 1)},"
            f"{street}n{pipe},100,100,"
            for street in "abc"
            for pipe in (1, 2, 3, 4)
        ]
        return by_pipes.PipeRanker(planned(tmp_path, rows), ["an4", "bn4", "cn4"])

    def ranked(self, ranker, *falls):
        fall = np.array(falls)
        return ranker.rank(
            sensor_falls.Falls(fall, np.diag(np.full(3, 1e-4)), np.full(3, 1.0), fall)
        )

    def test_puts_a_leak_into_the_street_whose_sensor_fell(self, ranker):
        found = self.ranked(ranker, 0.5, -0.1, -0.1)

        assert found.link == "a4"
        assert sum(chance for pipe, chance in found.pipes if pipe[0] == "a") > 0.8
        assert sum(chance for _pipe, chance in found.pipes) == pytest.approx(1.0)
        assert found.walk_m_50 < 200 < 600
        assert found.falls_m == {"an4": 0.5, "bn4": -0.1, "cn4": -0.1}

    def test_does_without_a_silent_sensor(self, ranker):
        found = self.ranked(ranker, -0.1, 0.5, np.nan)

        assert found.link.startswith("b")
        assert set(found.falls_m) == {"an4", "bn4"}

    def test_knows_no_place_where_no_sensor_fell_or_only_one_is_known(self, ranker):
        assert self.ranked(ranker, -0.1, -0.2, 0.0) is None
        assert self.ranked(ranker, 0.5, np.nan, np.nan) is None

    def test_is_not_misled_by_a_flow_that_would_explain_more_than_fell(self, ranker):
        # All three fell; the leak's own flow makes falls of 1, 2.5 and 2.5 m of it expected.
        fallen = sensor_falls.Falls(
            np.array([0.5, -1.0, -1.0]) - 1.5, np.diag(np.full(3, 1e-4)), np.full(3, 1.0),
            np.array([1.5, 0.2, 0.2]),
        )  # fmt: skip

        assert ranker.rank(fallen).link == "a4"

    def test_refuses_a_sensor_that_no_pipe_has(self, tmp_path):
        plan = planned(tmp_path, ["p1,works,n1,100,100,"])

        with pytest.raises(pipe_plan.UnknownNode, match="moon"):
            by_pipes.PipeRanker(plan, ["moon"])
