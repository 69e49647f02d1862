"""The city through time: reproducible, seamless, conserving, and leaking as told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from huoshui.democity import worlds
from huoshui.democity.simulate import demand, leaks, living, sensors

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 2, 3, 20, 0, tzinfo=UTC)


MADE: list[living.LiveCity] = []


def a_city(*, at=START, state=None, plan=None, world=None):
    kept = state or living.State(at=at, levels_m={"T1": 3.0} if world is None else {"T": 2.5})
    MADE.append(living.LiveCity(world or worlds.l_town(), kept, zone=ZONE, plan=plan))
    return MADE[-1]


@pytest.fixture(autouse=True)
def _close_cities():
    yield
    while MADE:
        MADE.pop().close()


def measured(city, to):
    """Return each point's readings up to a moment, by code."""
    found: dict[str, list[np.ndarray]] = {}
    for block in city.step(to):
        for code, row in zip(block.codes, block.values, strict=True):
            found.setdefault(code, []).append(row)
    return {code: np.concatenate(rows) for code, rows in found.items()}


class TestLiveCity:
    def test_measures_every_point_at_every_step(self):
        city = a_city()

        found = measured(city, START + timedelta(hours=6))

        assert len(found) == 33 + 3 + 1 + 82 + 5
        assert {len(row) for code, row in found.items() if not code.endswith(".use")} == {72}
        assert {len(row) for code, row in found.items() if code.endswith(".use")} == {6}

    def test_is_the_same_every_time(self):
        one, two = (measured(a_city(), START + timedelta(hours=2)) for _ in range(2))

        for code in one:
            np.testing.assert_array_equal(one[code], two[code])

    def test_goes_on_after_a_restart_without_a_seam(self):
        whole = measured(a_city(), START + timedelta(hours=8))
        first = a_city()
        before = measured(first, START + timedelta(hours=3, minutes=25))
        record = first.state.as_record()
        again = a_city(state=living.State.of_record(record))
        after = measured(again, START + timedelta(hours=8))

        for code, row in whole.items():
            joined = np.concatenate([before[code], after[code]])
            np.testing.assert_allclose(joined, row, atol=0.06, err_msg=code)

    def test_steps_give_the_same_as_one_leap(self):
        leap = measured(a_city(), START + timedelta(hours=5))
        city = a_city()
        parts = [measured(city, START + timedelta(minutes=5 * n)) for n in range(1, 61)]

        for code, row in leap.items():
            joined = np.concatenate([part[code] for part in parts if code in part])
            np.testing.assert_array_equal(joined, row, err_msg=code)

    def test_does_nothing_when_the_clock_goes_back(self):
        assert not list(a_city().step(START - timedelta(days=1)))

    def test_runs_a_small_world_too(self):
        found = measured(a_city(world=worlds.three_zones()), START + timedelta(hours=1))

        assert set(found) == {
            *("N2.pressure", "N4.pressure", "N6.pressure"),
            *("M2.flow", "M3.flow", "B1.flow"),
            "T.level",
            "N6.use",
        }


class TestLeaks:
    def test_a_burst_raises_the_inflow_by_its_size(self):
        quiet, burst = a_city(), a_city()
        spot = next(spot for spot in living.spots_of(worlds.l_town()) if spot.zone == "AB")
        burst.start_leak(leaks.Leak(spot.pipe, spot.node, "AB", size_m3h=15.0, start_at=START))

        flows = [
            sum(np.nanmean(found[code]) for code in ("p227.flow", "p235.flow"))
            for found in (measured(city, START + timedelta(hours=3)) for city in (quiet, burst))
        ]

        assert flows[1] - flows[0] == pytest.approx(15.0, rel=0.25)

    def test_a_repair_takes_it_away(self):
        quiet, mended = a_city(), a_city()
        spot = living.spots_of(worlds.l_town())[0]
        mended.start_leak(leaks.Leak(spot.pipe, spot.node, spot.zone, 15.0, START))
        for city in (quiet, mended):
            list(city.step(START + timedelta(hours=1)))
        assert mended.running_leaks()

        assert mended.repair_leak(spot.pipe)
        later = START + timedelta(hours=3)
        flows = [np.nanmean(measured(city, later)["p227.flow"]) for city in (quiet, mended)]

        assert flows[0] == pytest.approx(flows[1], abs=0.1)
        assert not mended.running_leaks()
        assert not mended.repair_leak(spot.pipe)

    def test_growth_follows_the_square_of_time(self):
        leak = leaks.Leak("p", "n", "AB", 10.0, START, grows_d=10)

        shares = [leak.share(START + timedelta(days=days)) for days in (-1, 0, 5, 10, 20)]

        assert shares == [0.0, 0.0, 0.25, 1.0, 1.0]

    def test_hidden_leaks_come_when_they_are_due_but_never_too_many(self):
        world = worlds.l_town()
        plan = leaks.Plan(living.spots_of(world), START, seed=1)
        city = a_city(plan=plan)
        list(city.step(START + timedelta(hours=5)))
        assert not city.running_leaks()

        list(city.step(START + timedelta(hours=6)))
        assert [leak.zone for leak in city.running_leaks()] == ["AB"]

        for number in range(40):
            due = plan.coming(number).start_at
            assert due > START
        assert plan.coming(0).start_at - START == timedelta(hours=5, minutes=30)

    def test_the_past_is_healed_for_the_latest_eight_weeks(self):
        plan = leaks.Plan(living.spots_of(worlds.l_town()), START, seed=1)

        assert [leak.zone for leak in plan.past()] == ["AB", "C"]
        assert all(START - leak.repaired_at > timedelta(weeks=8) for leak in plan.past())


class TestHabits:
    def test_rest_on_saturday_and_sunday(self):
        city = a_city()
        means = []
        for day in range(7):
            monday = datetime(2026, 2, 2, tzinfo=UTC) + timedelta(days=day)
            factors = city._habits.factors(demand.epoch_day(monday))
            at_night = factors[:, :, (18 * 12) : (20 * 12)]  # 02:00 to 04:00 of the next local day
            means.append(at_night.mean())

        # Nights that end on Saturday and Sunday begin on the UTC days Friday and Saturday.
        assert sorted(range(7), key=lambda day: means[day])[-2:] == [4, 5]

    def test_join_days_without_a_step(self):
        city = a_city()
        today = city._habits._smooth(20000, 50, salt=2)
        tomorrow = city._habits._smooth(20001, 50, salt=2)

        step = np.abs(tomorrow[:, 0] - today[:, -1]).max()
        assert step <= np.abs(np.diff(today, axis=1)).max() * 1.5


class TestInstruments:
    def test_err_round_and_fall_silent(self):
        truth = np.full((200, 288), 40.0)

        values, quality = sensors.measure(truth, ["pressure"] * 200, day=20500, seed=1)

        known = np.isfinite(values)
        assert 0.97 < known.mean() < 1.0
        assert np.nanstd(values - np.nanmean(values, axis=1, keepdims=True)) == pytest.approx(
            0.02, rel=0.1
        )
        np.testing.assert_array_equal(values[known], np.round(values[known], 2))
        assert set(np.unique(quality)) <= {0, 1, 2}

    def test_never_report_a_negative_use(self):
        values, _quality = sensors.measure(np.zeros((50, 24)), ["use"] * 50, day=1, seed=1)

        assert np.nanmin(values) >= 0
