"""EPANET as the reference engine.

R (head 50 m) ---- P1: 1000 m, 200 mm, C 130 ---- A ---- P2: 500 m, 150 mm, C 100 ---- B
                                              36 m³/h                            18 m³/h
"""

import numpy as np
import pytest

from huoshui.lab.hydraulics import epanet, friction

SI = """
[JUNCTIONS]
 A  10  36
 B  5   18
[RESERVOIRS]
 R  50
[PIPES]
 P1  R  A  1000  200  130  0  Open
 P2  A  B  500   150  100  0  Open
[TIMES]
 Duration 0
[OPTIONS]
 Units CMH
 Headloss H-W
 Accuracy 1e-6
[END]
"""

US = """
[JUNCTIONS]
 A  32.8084  158.5032
 B  16.4042  79.2516
[RESERVOIRS]
 R  164.0420
[PIPES]
 P1  R  A  3280.8399  7.87402  130  0  Open
 P2  A  B  1640.4199  5.90551  100  0  Open
[TIMES]
 Duration 0
[OPTIONS]
 Units GPM
 Headloss H-W
 Accuracy 1e-6
[END]
"""

TANK = """
[JUNCTIONS]
 A  10  0
[RESERVOIRS]
 R  50
[TANKS]
 T  20  2  0  10  10  0
[PIPES]
 P1  R  A  1000  200  130  0  Open
 P2  A  T  1000  200  130  0  Open
[CONTROLS]
 LINK P2 CLOSED IF NODE T ABOVE 9
[OPTIONS]
 Units LPS
 Headloss H-W
[END]
"""


def steady(text, **emitters):
    with epanet.EpanetProject(text) as project:
        project.set_accuracy(1e-7)
        project.set_emitters(emitters)
        next(project.moments())
        return {
            "head": dict(zip(project.node_ids, project.heads_m(), strict=True)),
            "pressure": dict(zip(project.node_ids, project.pressures_m(), strict=True)),
            "flow": dict(zip(project.link_ids, project.flows_m3s(), strict=True)),
            "demand": dict(zip(project.node_ids, project.demands_m3s(), strict=True)),
            "speed": dict(zip(project.link_ids, project.velocities_ms(), strict=True)),
        }


class TestSteadyState:
    def test_loses_the_head_that_hazen_and_williams_say(self):
        found = steady(SI)

        loss = friction.headloss_hazen_williams(
            flow_m3s=[54 / 3600, 18 / 3600],
            diameter_m=[0.2, 0.15],
            length_m=[1000, 500],
            roughness_c=[130, 100],
        )
        assert found["head"]["A"] == pytest.approx(50 - loss[0], abs=1e-4)
        assert found["head"]["B"] == pytest.approx(50 - loss.sum(), abs=1e-4)

    def test_gives_si_whatever_the_file_speaks(self):
        metric, american = steady(SI), steady(US)

        for what in metric:
            for name in metric[what]:
                assert american[what][name] == pytest.approx(metric[what][name], rel=1e-4), name

    def test_keeps_every_cubic_metre(self):
        found = steady(SI)

        assert sum(found["demand"].values()) == pytest.approx(0, abs=1e-9)
        assert found["flow"]["P1"] == pytest.approx(54 / 3600)
        assert found["speed"]["P1"] == pytest.approx(54 / 3600 / (np.pi / 4 * 0.2**2), rel=1e-4)

    @pytest.mark.parametrize("options", ["", "Specific Gravity 1.1", "Pressure KPA"])
    @pytest.mark.parametrize("text", [SI, US])
    def test_leaks_follow_the_root_of_the_pressure(self, text, options):
        text = text.replace("[END]", f" {options}\n[END]")
        found = steady(text, B=1e-3)

        lost = epanet.leak_outflow_m3s(coefficient=1e-3, pressure_m=found["pressure"]["B"])
        assert found["demand"]["B"] - 18 / 3600 == pytest.approx(float(lost), rel=1e-3)


class TestDemands:
    def test_read_back_as_they_were_set(self):
        with epanet.EpanetProject(SI) as project:
            project.add_pattern("day", [1.0, 3.0])
            project.set_demands({"A": [(0.01, "day"), (0.002, "")]})
            project.set_times(duration_s=300, step_s=300)
            found = [project.demands_m3s()[project.node("A")] for _ in project.moments()]
            names = [pattern for _, pattern in project.base_demands_m3s()["A"]]

        assert found == pytest.approx([0.012, 0.032])
        assert names[0] == "day"

    def test_without_a_pattern_follow_the_default_of_the_file_and_say_so(self):
        # EPANET's default pattern is called 1 unless the options name another.
        text = SI.replace("[OPTIONS]", "[PATTERNS]\n 1 0.5 2\n[OPTIONS]")
        with epanet.EpanetProject(text) as project:
            project.start()
            project.solve()
            assert project.demands_m3s()[project.node("A")] == pytest.approx(0.005)
            assert project.base_demands_m3s()["A"] == [(pytest.approx(0.01), "1")]

    def test_set_without_a_pattern_are_constant_whatever_the_default_is(self):
        text = SI.replace("[OPTIONS]", "[PATTERNS]\n 1 0.5 2\n[OPTIONS]")
        with epanet.EpanetProject(text) as project:
            project.set_demands({"A": [(0.01, "")]})
            project.start()
            project.solve()
            found = project.demands_m3s()
            assert found[project.node("A")] == pytest.approx(0.01)
            assert found[project.node("B")] == pytest.approx(0.0025)

    def test_patterns_read_back(self):
        with epanet.EpanetProject(SI) as project:
            project.add_pattern("day", [1.0, 2.0, 0.5])

            assert project.pattern_values("day") == pytest.approx([1.0, 2.0, 0.5])


class TestTank:
    def test_rises_by_what_flows_in(self):
        with epanet.EpanetProject(TANK) as project:
            project.set_times(duration_s=600, step_s=60)
            project.set_accuracy(1e-6)
            levels, flows, at = [], [], []
            for moment in project.moments():
                at.append(moment)
                levels.append(project.pressures_m()[project.node("T")])
                flows.append(project.flows_m3s()[project.link("P2")])
            area = np.pi / 4 * project.tank_diameter_m("T") ** 2

        rise = area * (levels[-1] - levels[0])
        assert levels[0] == pytest.approx(2.0)
        assert rise == pytest.approx(np.sum(np.diff(at) * flows[:-1]), rel=1e-4)

    def test_starts_at_the_level_it_is_given_and_obeys_its_control(self):
        with epanet.EpanetProject(TANK) as project:
            project.set_tank_level("T", 9.5)
            project.set_times(duration_s=0, step_s=60)
            next(project.moments())
            assert project.pressures_m()[project.node("T")] == pytest.approx(9.5)
            assert not project.is_open("P2")

            project.remove_controls()
            project.set_link_open("P2", is_open=True)
            next(project.moments())
            assert project.is_open("P2")


class TestRefusals:
    def test_names_what_is_wrong_in_a_file(self):
        with pytest.raises(epanet.EpanetRefused) as refusal:
            epanet.EpanetProject(SI.replace("P2  A  B", "P2  A  X"))

        assert refusal.value.code == 200
        assert any("X" in line or "undefined" in line for line in refusal.value.details)

    def test_refuses_text_that_is_no_network(self):
        with (
            pytest.raises(epanet.EpanetRefused) as refusal,
            epanet.EpanetProject("this is not a network") as project,
        ):
            next(project.moments())

        assert refusal.value.code == 223  # not enough nodes

    def test_names_an_unknown_node(self):
        with epanet.EpanetProject(SI) as project, pytest.raises(epanet.UnknownObject, match="Q"):
            project.node("Q")

    def test_refuses_a_leak_that_feeds_the_network(self):
        with (
            epanet.EpanetProject(SI) as project,
            pytest.raises(ValueError, match="below zero"),
        ):
            project.set_emitters({"A": -1.0})


def test_the_library_is_the_one_that_was_measured():
    assert epanet.library_version().startswith("2.3.")
