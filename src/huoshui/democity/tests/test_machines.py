"""Pumps that tell of themselves, and a bearing that wears out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from huoshui.democity.simulate import living, machines

STEP = timedelta(minutes=5)


def run(found: machines.Machines, begin: datetime, hours: float, flow_m3h: float) -> np.ndarray:
    """Let the pump run evenly; return the truth, a column for each step."""
    count = int(hours * 12)
    return np.array(
        [found.step(begin + n * STEP, {"PUMP_1": flow_m3h}, 300.0) for n in range(count)]
    ).T


@pytest.fixture
def pump():
    return machines.Machines(("PUMP_1",), {})


class TestMachines:
    def test_count_the_hours_that_they_run(self, pump):
        begin = datetime(2026, 2, 1, tzinfo=UTC)
        run(pump, begin, 10, 44.0)
        run(pump, begin + timedelta(hours=10), 5, 0.0)

        assert pump.states["PUMP_1"].hours == pytest.approx(machines.HOURS_THEN + 10)

    def test_a_bearing_warms_towards_its_balance(self, pump):
        # The exact solution of a body that cools by its difference: 27 (1 - e^(-t / 1500 s)).
        truth = run(pump, datetime(2025, 12, 1, tzinfo=UTC), 2, 44.0)
        rise = truth[1] - truth[2]

        assert rise[-1] == pytest.approx(27 * (1 - np.exp(-7200 / 1500)), abs=1e-6)

    def test_wear_shows_and_mending_ends_it(self, pump):
        day = machines.BEARING.from_at + timedelta(days=50)
        worn = run(pump, day, 4, 44.0)
        pump.mend("PUMP_1", day + timedelta(hours=4))
        sound = run(pump, day + timedelta(hours=4), 4, 44.0)

        # Four hours after fifty days of 0.22 °C; a little is left of the warming up.
        assert worn[1][-1] - worn[2][-1] == pytest.approx(27 + 0.22 * 50.15, abs=0.1)
        assert sound[1][-1] - sound[2][-1] == pytest.approx(27, abs=0.1)
        assert sound[3][-1] < worn[3][-1] - 1.3

    def test_are_remembered_in_a_file(self, pump):
        run(pump, datetime(2026, 2, 1, tzinfo=UTC), 3, 44.0)
        pump.mend("PUMP_1", datetime(2026, 2, 1, tzinfo=UTC))
        state = living.State(at=datetime(2026, 2, 2, tzinfo=UTC), machines=pump.states)
        again = living.State.of_record(state.as_record())

        assert again.machines == pump.states

    def test_states_of_before_have_none(self):
        record = living.State(at=datetime(2026, 2, 2, tzinfo=UTC)).as_record()
        del record["machines"]

        assert living.State.of_record(record).machines == {}
