"""Areas between meters.

R ==m1==> a --- b ==m2==> c --- T

``=m=`` carries a meter; T is a tank. a and b are one area, c and T another, R a third.
"""

import numpy as np
import pytest

from huoshui.lab.hydraulics import metered_areas

R, A, B, C, T = range(5)
LINKS = [(R, A), (A, B), (B, C), (C, T)]
METERS = [0, 2]


@pytest.fixture
def area():
    return metered_areas.areas_between_meters(n_nodes=5, link_nodes=LINKS, metered_links=METERS)


def demand(area, flows, storage):
    return metered_areas.measured_demand(
        area=area,
        n_areas=3,
        meter_nodes=[LINKS[meter] for meter in METERS],
        flow_m3s=flows,
        tank_area=[area[T]],
        storage_change_m3s=[storage],
    )


class TestAreasBetweenMeters:
    def test_joins_what_no_meter_parts(self, area):
        assert area[A] == area[B]
        assert area[C] == area[T]
        assert len({area[R], area[A], area[C]}) == 3


class TestMeasuredDemand:
    def test_is_inflow_less_outflow_less_storage(self, area):
        found = demand(area, [0.050, 0.020], 0.005)

        assert found[area[A]] == pytest.approx(0.030)
        assert found[area[C]] == pytest.approx(0.015)

    def test_loses_no_water_between_the_areas(self, area):
        found = demand(area, [0.050, 0.020], 0.005)

        assert found.sum() + 0.005 == pytest.approx(0.0)

    def test_does_not_know_an_area_whose_meter_is_silent(self, area):
        found = demand(area, [0.050, np.nan], 0.005)

        assert np.isnan(found[area[A]])
        assert np.isnan(found[area[C]])
        assert found[area[R]] == pytest.approx(-0.050)
