"""How long until a well runs over.

---- edge 3.5 m        room 1.5 m x 40 m² = 60 m³
~~~~ water 2.0 m       in 0.025 m³/s, out 0.005 m³/s: 60 / 0.020 = 3000 s = 50 min
"""

import math

import pytest

from huoshui.lab.upkeep import overflow


class TestMinutesToOverflow:
    def test_agrees_with_the_worked_example(self):
        room_m3 = overflow.room(level_m=2.0, edge_level_m=3.5, area_m2=40.0)

        assert room_m3 == 60.0
        assert overflow.minutes_to_overflow(
            room_m3=room_m3, inflow_m3s=0.025, outflow_m3s=0.005
        ) == pytest.approx(50.0)

    def test_agrees_with_filling_step_by_step(self):
        # Conservation of volume: a second at a time, until the room is gone.
        volume_m3, seconds = 0.0, 0
        while volume_m3 < 7.3:
            volume_m3 += 0.013 - 0.004
            seconds += 1
        found = overflow.minutes_to_overflow(room_m3=7.3, inflow_m3s=0.013, outflow_m3s=0.004)

        assert found * 60 == pytest.approx(seconds, abs=1)

    def test_is_now_where_the_water_is_over_the_edge(self):
        assert overflow.room(level_m=3.6, edge_level_m=3.5, area_m2=40.0) == 0.0
        assert overflow.minutes_to_overflow(room_m3=0.0, inflow_m3s=0.0) == 0.0

    @pytest.mark.parametrize("outflow_m3s", [0.02, 0.05])
    def test_is_never_where_the_water_does_not_rise(self, outflow_m3s):
        found = overflow.minutes_to_overflow(room_m3=10.0, inflow_m3s=0.02, outflow_m3s=outflow_m3s)

        assert math.isinf(found)

    @pytest.mark.parametrize(
        "given",
        [
            {"room_m3": -1.0, "inflow_m3s": 0.1},
            {"room_m3": 1.0, "inflow_m3s": -0.1},
            {"room_m3": math.nan, "inflow_m3s": 0.1},
        ],
    )
    def test_refuses_what_cannot_be(self, given):
        with pytest.raises(overflow.OutsideValidRange):
            overflow.minutes_to_overflow(**given)

    def test_refuses_a_well_without_a_surface(self):
        with pytest.raises(overflow.OutsideValidRange, match="0"):
            overflow.room(level_m=1.0, edge_level_m=2.0, area_m2=0.0)
