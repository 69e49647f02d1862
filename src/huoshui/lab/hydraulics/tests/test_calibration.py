"""Roughness and demand found again that were put in on purpose.

    R --m1 (C 130)-- A --p2 (C 100)-- B --p3 (C 90)-- C
                     |                                |
                     +--p4 (C 80)-- D --p5 (C 70)-- E-+p6 (C 70)

Sensors stand at A, B, C and E; m1 is metered. p4 and p5 carry the same water to E and nobody takes
any at D, so only the sum of their losses shows.
"""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.hydraulics import calibration, epanet, frozen, hindcast, steady

NETWORK = """
[JUNCTIONS]
A 10 6 home
B 12 8 home
C 9 9 work
D 11 0
E 8 7 home
[RESERVOIRS]
R 70
[PIPES]
m1 R A 900 250 {m1} 0 Open
p2 A B 700 200 {p2} 0 Open
p3 B C 700 150 {p3} 0 Open
p4 A D 600 150 {p4} 0 Open
p5 D E 600 150 {p5} 0 Open
p6 E C 600 100 {p5} 0 Open
[PATTERNS]
home 0.4 0.5 0.9 1.6 1.3 0.8
work 0.2 0.3 1.9 1.4 0.6 0.3
[TIMES]
Duration 24:00
Hydraulic Timestep 1:00
Pattern Timestep 4:00
[OPTIONS]
Units LPS
Headloss H-W
Accuracy 1e-7
Trials 200
[END]
"""
SHOWN = {"m1": 130, "p2": 100, "p3": 90, "p4": 80, "p5": 70}
TRUE = {**SHOWN, "m1": 115, "p2": 120, "p3": 80}
SENSORS = ("A", "B", "C", "E")


def opened(values: dict[str, int]) -> epanet.EpanetProject:
    return epanet.EpanetProject(NETWORK.format(**values))


def measured(values: dict[str, int], **offsets: float) -> tuple[hindcast.Boundaries, np.ndarray]:
    rng = np.random.default_rng(7)
    with opened(values) as project:
        at, flows, pressures = [], [], []
        places = [project.node(name) for name in SENSORS]
        for now in project.moments():
            at.append(now)
            flows.append(project.flows_m3s()[project.link("m1")])
            pressures.append(project.pressures_m()[places])
    shown = np.asarray(pressures) + rng.normal(0, 0.01, (len(at), len(SENSORS)))
    for name, offset in offsets.items():
        shown[:, SENSORS.index(name)] += offset
    given = hindcast.Boundaries(
        at_s=np.asarray(at), flows_m3s={"m1": np.asarray(flows)}, levels_m={}
    )
    return given, shown


@pytest.fixture(scope="module")
def model() -> tuple[frozen.FrozenNetwork, hindcast.DemandModel]:
    with opened(SHOWN) as project:
        project.start()
        project.solve()
        return frozen.freeze(project), hindcast.demand_model(project)


def calibrated(model, values=TRUE, *, with_demands=False, **offsets) -> calibration.Calibration:
    network, demands = model
    given, shown = measured(values, **offsets)
    groups = [
        calibration.PipeGroup(name, network.links([name]).astype(np.int64))
        for name in ("m1", "p2", "p3", "p4", "p5")
    ]
    return calibration.calibrate(
        network, demands=demands, boundaries=given, tank_areas_m2={}, start_s=0.0,
        sensors=SENSORS, pressures_m=shown, groups=groups, with_demands=with_demands,
    )  # fmt: skip


def factor(name: str) -> float:
    """What the resistance must be multiplied by: Hazen-Williams has C to the power of -1.852."""
    return (TRUE[name] / SHOWN[name]) ** -1.852


class TestCalibrate:
    def test_finds_the_resistances_again(self, model):
        found = {one.name: one for one in calibrated(model).parameters}
        for name in ("m1", "p2", "p3"):
            assert found[name].low <= factor(name) <= found[name].high
            assert found[name].factor == pytest.approx(factor(name), rel=0.1)
            assert found[name].is_known

    def test_says_which_pipes_the_sensors_cannot_tell_apart(self, model):
        answer = calibrated(model)
        assert [pair[:2] for pair in answer.confounded] == [("p4", "p5")]
        assert answer.confounded[0][2] < -0.9
        assert (answer.singular_values < 1).sum() == len(answer.combinations) == 1
        shares = dict(answer.combinations[0])
        assert set(shares) == {"p4", "p5"}
        assert shares["p4"] * shares["p5"] < 0

    def test_comes_closer_to_the_measurements(self, model):
        answer = calibrated(model)
        assert answer.rmse_after_m < 0.02 < 0.2 < answer.rmse_before_m
        assert answer.noise_m == pytest.approx(0.01, rel=0.4)

    def test_tells_the_height_of_a_sensor_from_the_roughness_of_its_pipes(self, model):
        answer = calibrated(model, B=0.4)
        np.testing.assert_allclose(answer.offsets_m, [0, 0.4, 0, 0], atol=0.05)

    @pytest.mark.parametrize("wrong", ["dead sensor", "no reading", "wrong moment"])
    def test_is_not_bent_by_what_is_wrong(self, model, wrong):
        network, demands = model
        given, shown = measured(TRUE)
        if wrong == "wrong moment":
            flows = given.flows_m3s["m1"] * np.where(np.arange(len(shown)) == 4, 60.0, 1.0)
            given = hindcast.Boundaries(given.at_s, {"m1": flows}, {})
        else:
            shown[:, SENSORS.index("C")] = -9999.0 if wrong == "dead sensor" else np.nan
        answer = calibration.calibrate(
            network, demands=demands, boundaries=given, tank_areas_m2={}, start_s=0.0,
            sensors=SENSORS, pressures_m=shown, with_demands=False,
            groups=[calibration.PipeGroup(name, network.links([name]).astype(np.int64))
                    for name in ("m1", "p2", "p3")],
        )  # fmt: skip
        for one in answer.parameters:
            assert one.factor == pytest.approx(factor(one.name), rel=0.1)
        one_moment = 1 / len(shown)
        np.testing.assert_allclose(
            answer.doubted_frac,
            {"dead sensor": [0, 0, 1, 0], "no reading": [0, 0, np.nan, 0],
             "wrong moment": [one_moment] * 4}[wrong],
        )  # fmt: skip
        assert answer.rmse_after_m < 0.02 < 0.2 < answer.rmse_before_m

    def test_leaves_a_right_model_as_it_is(self, model):
        for one in calibrated(model, SHOWN).parameters:
            assert one.low <= 1 <= one.high

    def test_fits_the_share_of_each_pattern_where_a_meter_has_the_sum(self, model):
        network, demands = model
        given, _shown = measured(TRUE)
        more = NETWORK.format(**TRUE).replace("C 9 9 work", "C 9 13 work")
        with epanet.EpanetProject(more) as project:
            rows, flows = [], []
            places = [project.node(name) for name in SENSORS]
            for _now in project.moments():
                rows.append(project.pressures_m()[places])
                flows.append(project.flows_m3s()[0])
        given = hindcast.Boundaries(given.at_s, {"m1": np.asarray(flows)}, {})
        answer = calibration.calibrate(
            network, demands=demands, boundaries=given, tank_areas_m2={}, start_s=0.0,
            sensors=SENSORS, pressures_m=np.asarray(rows),
            groups=[calibration.PipeGroup("m1", np.asarray([0]))],
        )  # fmt: skip
        shares = [one.factor for one in answer.parameters if one.kind == "demand"]
        assert max(shares) / min(shares) > 1.2

    def test_refuses_to_fit_nothing(self, model):
        network, demands = model
        given, shown = measured(TRUE)
        with pytest.raises(ValueError, match="nothing to fit"):
            calibration.calibrate(
                network, demands=demands, boundaries=given, tank_areas_m2={}, start_s=0.0,
                sensors=SENSORS, pressures_m=np.full_like(shown, np.nan), groups=[],
                with_demands=False,
            )  # fmt: skip


class TestJacobian:
    @pytest.mark.parametrize("form", ["H-W", "D-W"])
    def test_is_the_difference_of_solved_states(self, form):
        text = NETWORK.format(**SHOWN)
        if form == "D-W":
            text = NETWORK.format(m1=0.2, p2=0.4, p3=0.5, p4=0.6, p5=0.7).replace("H-W", form)
        with epanet.EpanetProject(text) as project:
            project.start()
            project.solve()
            network, demands = frozen.freeze(project), hindcast.demand_model(project)
        given, shown = measured(TRUE)
        groups = [calibration.PipeGroup(name, network.links([name]).astype(np.int64))
                  for name in ("m1", "p2", "p3", "p4")]  # fmt: skip
        problem = calibration._Problem(
            network, demands, given, {}, 0.0, SENSORS, shown, groups,
            with_demands=True, moments=5,
        )  # fmt: skip
        at = np.zeros(problem.count)
        _heads, answers = problem.modelled(at)
        for number in range(problem.count):
            step = np.zeros(problem.count)
            step[number] = 1e-4
            more, less = problem.modelled(at + step)[0], problem.modelled(at - step)[0]
            np.testing.assert_allclose(
                answers[:, :, number], (more - less) / 2e-4, rtol=2e-3, atol=2e-3
            )


class TestGroupsByRoughness:
    def test_has_every_pipe_once(self, model):
        network, _demands = model
        groups = calibration.groups_by_roughness(network, most=3)
        assert len(groups) == 3
        assert sorted(np.concatenate([one.links for one in groups]).tolist()) == list(range(6))
        assert steady.SteadySolver(network).solve().converged.all()
