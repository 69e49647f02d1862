"""Head loss in one pipe.

    A ---- 1000 m, 300 mm, C = 130, 50 L/s ----> B

Worked in the units of the source: 4.727 x 130^-1.852 x 0.98425^-4.871 x 3280.84 x 1.76573^1.852
= 5.840 ft, so that a wrong conversion of the constant shows.
"""

import numpy as np
import pytest

from huoshui.lab.hydraulics import friction

PIPE = {"diameter_m": 0.3, "length_m": 1000.0, "roughness_c": 130.0}


class TestHeadlossHazenWilliams:
    def test_agrees_with_the_source_in_its_own_units(self):
        loss_m = friction.headloss_hazen_williams(flow_m3s=0.050, **PIPE)

        assert loss_m / 0.3048 == pytest.approx(5.840, abs=0.001)

    def test_turns_with_the_flow(self):
        there, back = friction.headloss_hazen_williams(flow_m3s=[[0.05], [-0.05]], **PIPE)

        assert back == -there

    @pytest.mark.parametrize(
        ("parameter", "value"), [("diameter_m", 0.0), ("roughness_c", 0.0), ("length_m", -1.0)]
    )
    def test_refuses_a_pipe_that_cannot_exist(self, parameter, value):
        with pytest.raises(friction.OutsideValidRange, match=parameter):
            friction.headloss_hazen_williams(flow_m3s=0.05, **{**PIPE, parameter: value})

    def test_keeps_a_missing_reading_missing(self):
        assert np.isnan(friction.headloss_hazen_williams(flow_m3s=np.nan, **PIPE))
