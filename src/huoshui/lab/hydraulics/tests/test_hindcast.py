"""A model driven by measured boundaries.

    R (60 m) --m1-- A --p2-- B --pump-- C --p3-- T (tank, floor 70 m)
                    |                   |
                    D                   E --p5-- F

Metered are m1 and the pump; A, B and D are one area, C, E, F and T the other.
"""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.hydraulics import epanet, frozen, hindcast, steady

NETWORK = """
[JUNCTIONS]
A 10 2 day
B 12 4 day
D 9 3 shop
C 20 1 day
E 22 2 day
F 18 3 shop
[RESERVOIRS]
R 60
[TANKS]
T 70 5 0 20 10 0
[PIPES]
m1 R A 900 300 110 0 Open
p2 A B 400 200 110 0 Open
p3 C T 500 200 110 0 Open
p4 A D 300 150 110 0 Open
p5 E F 300 150 110 0 Open
p6 C E 300 150 110 0 Open
[PUMPS]
P B C HEAD 1
[CURVES]
1 12 30
[PATTERNS]
day 0.4 0.7 1.5 1.4 1.2 0.8
shop 0.1 0.9 1.8 1.8 1.1 0.3
[TIMES]
Duration 24:00
Hydraulic Timestep 0:15
Report Timestep 0:15
Pattern Timestep 4:00
[OPTIONS]
Units LPS
Headloss H-W
Trials 200
Accuracy 1e-7
[END]
"""
STEP_S = 900.0


@pytest.fixture(scope="module")
def day() -> dict[str, object]:
    """A day in which everybody takes 1.3 times what the file says, as EPANET has it."""
    with epanet.EpanetProject(NETWORK) as project:
        project.start()
        project.solve()
        network = frozen.freeze(project)
        demands = hindcast.demand_model(project)
        project.set_demand_multiplier(1.3)
        rows = {"at": [], "heads": [], "flows": []}
        for now in project.moments():
            if now % STEP_S == 0:
                rows["at"].append(now)
                rows["heads"].append(project.heads_m())
                rows["flows"].append(project.flows_m3s())
    heads, flows = np.asarray(rows["heads"]), np.asarray(rows["flows"])
    return {
        "network": network,
        "demands": demands,
        "heads": heads,
        "flows": flows,
        "at": np.asarray(rows["at"]),
        "level": heads[:, network.nodes(["T"])[0]] - 70.0,
    }


def boundaries(day: dict[str, object]) -> hindcast.Boundaries:
    network, flows = day["network"], day["flows"]
    meters = {name: flows[:, network.links([name])[0]] for name in ("m1", "P")}
    return hindcast.Boundaries(at_s=day["at"], flows_m3s=meters, levels_m={"T": day["level"]})


def found(day: dict[str, object], given: hindcast.Boundaries) -> hindcast.Hindcast:
    network = day["network"]
    return hindcast.hindcast(
        steady.SteadySolver(network),
        demands=day["demands"],
        boundaries=given,
        tank_areas_m2={"T": np.pi / 4 * 10**2},
        start_s=0.0,
        nodes=np.arange(len(network.node_ids)),
        links=np.arange(len(network.link_ids)),
        accuracy=1e-7,
    )


class TestHindcast:
    def test_finds_the_day_again_from_its_boundaries(self, day):
        answer = found(day, boundaries(day))
        assert answer.replaced_pumps == ("P",)
        assert answer.converged.all()
        # Away from the moments at which the pattern changes the tank's slope is that of the hour.
        inside = np.flatnonzero(
            (day["at"] % (4 * 3600) >= 1800) & (day["at"] % (4 * 3600) < 12_600)
        )
        inside = inside[(inside > 3) & (inside < len(day["at"]) - 4)]
        scales = answer.scales[inside][:, answer.scaled_areas]
        np.testing.assert_allclose(scales, 1.3, rtol=0.02)
        np.testing.assert_allclose(answer.heads_m[inside], day["heads"][inside], atol=0.05)

    def test_leaves_a_moment_open_whose_boundary_is_not_known(self, day):
        given = boundaries(day)
        given.flows_m3s["m1"][10] = np.nan
        answer = found(day, given)
        assert not answer.converged[10]
        assert np.isnan(answer.heads_m[10]).all()
        assert answer.converged[9]
        assert answer.converged[11]

    def test_keeps_the_demands_of_the_file_where_no_meter_tells(self, day):
        given = boundaries(day)
        alone = hindcast.Boundaries(at_s=given.at_s, flows_m3s={}, levels_m=given.levels_m)
        answer = found(day, alone)
        assert not answer.scaled_areas.any()
        assert answer.replaced_pumps == ()
        np.testing.assert_array_equal(answer.scales, 1.0)


class TestDemandModel:
    def test_repeats_its_patterns_from_where_they_begin(self, day):
        factors = day["demands"].factors(at_s=[0, 3 * 3600, 5 * 3600, 24 * 3600], start_s=0.0)
        expected = {"day": [0.4, 0.4, 0.7, 0.4], "shop": [0.1, 0.1, 0.9, 0.1]}
        assert sorted(map(tuple, factors.T)) == sorted(map(tuple, expected.values()))
        later = day["demands"].factors(at_s=[5 * 3600], start_s=4 * 3600)
        np.testing.assert_array_equal(later, factors[:1])


class TestLevelSlope:
    def test_finds_the_slope_of_a_line_through_rounded_levels(self):
        at = np.arange(0, 86_400, 300.0)
        level = np.round(2 + 1e-4 * at, 2)
        slope = hindcast.level_slope(at_s=at, level_m=level)
        np.testing.assert_allclose(slope[6:-6], 1e-4, rtol=0.05)

    def test_leaves_out_what_is_not_known(self):
        at = np.arange(0, 36_000, 300.0)
        level = 3 - 2e-4 * at
        level[20:24] = np.nan
        level[60:90] = np.nan
        slope = hindcast.level_slope(at_s=at, level_m=level)
        np.testing.assert_allclose(slope[15:30], -2e-4, rtol=1e-6)
        assert np.isnan(slope[75])
