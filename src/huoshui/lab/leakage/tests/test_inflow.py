"""What a zone takes in.

inlet ---->  [ zone, tank ]  ----> outlet
"""

import numpy as np
import pytest

from huoshui.lab.leakage import inflow


class TestNetInflow:
    def test_keeps_every_cubic_metre(self):
        rng = np.random.default_rng(3)
        at = np.cumsum(rng.uniform(60, 600, 200))
        inlets, outlets = rng.uniform(0, 0.1, (2, 200)), rng.uniform(0, 0.05, 200)
        stored = 500 + np.cumsum(rng.normal(0, 2, 200))

        net = inflow.net_inflow(at_s=at, inlets_m3s=inlets, outlets_m3s=outlets, stored_m3=stored)

        crossed = np.trapezoid(inlets.sum(axis=0) - outlets, at)
        assert np.sum(net * np.diff(at)) == pytest.approx(crossed - (stored[-1] - stored[0]))

    def test_sees_nothing_when_the_tank_takes_all_that_enters(self):
        at = np.arange(0.0, 3600, 300)

        net = inflow.net_inflow(at_s=at, inlets_m3s=np.full(12, 0.01), stored_m3=0.01 * at)

        assert net == pytest.approx(np.zeros(11), abs=1e-12)

    def test_does_not_know_what_one_missing_meter_leaves_open(self):
        inlets = np.array([[1.0, np.nan, 1.0], [2.0, 2.0, 2.0]])

        net = inflow.boundary_inflow(at_s=[0, 1, 2], inlets_m3s=inlets)

        assert net[0] == 3.0
        assert np.isnan(net[1])

    def test_refuses_moments_that_do_not_rise(self):
        with pytest.raises(inflow.MomentsNotRising, match="moment 2"):
            inflow.boundary_inflow(at_s=[0, 2, 2], inlets_m3s=[1, 1, 1])

    def test_refuses_arrays_of_different_moments(self):
        with pytest.raises(inflow.ShapesDiffer, match="inlets_m3s has 2"):
            inflow.boundary_inflow(at_s=[0, 1, 2], inlets_m3s=[1, 1])


class TestCylinderVolume:
    def test_is_the_area_times_the_level(self):
        assert inflow.cylinder_volume(level_m=2.0, diameter_m=2.0) == pytest.approx(2 * np.pi)

    @pytest.mark.parametrize(("level", "diameter"), [(-0.1, 1.0), (1.0, 0.0)])
    def test_refuses_a_tank_that_cannot_exist(self, level, diameter):
        with pytest.raises(ValueError, match="zero"):
            inflow.cylinder_volume(level_m=level, diameter_m=diameter)
