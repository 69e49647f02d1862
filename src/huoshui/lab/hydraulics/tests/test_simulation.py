"""Runs over time.

R (20 m) --pump P-- A --p1-- B --p2-- T (tank, floor 40 m)
                    |
                    C (leaking pipe p3)
"""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.hydraulics import epanet, simulation

RUN = """
[JUNCTIONS]
A 10 2
B 12 8
C 9 1
[RESERVOIRS]
R 20
[TANKS]
T 40 3 0.5 8 12 0
[PIPES]
p1 A B 800 250 120 0 Open
p2 B T 500 250 120 0 Open
p3 A C 400 150 120 0 Open
[PUMPS]
P R A HEAD 1 PATTERN speed
[CURVES]
1 30 45
[PATTERNS]
1 0.5 0.8 1.6 1.3 0.9 0.6
speed 1
[CONTROLS]
LINK P CLOSED IF NODE T ABOVE 7
LINK P OPEN IF NODE T BELOW 2
LINK p3 CLOSED AT TIME 7
LINK p3 OPEN AT TIME 15
LINK p3 CLOSED AT CLOCKTIME 9 PM
[LEAKAGE]
p3 40 0
[QUALITY]
R 0.8
[REACTIONS]
Global Bulk -0.5
[TIMES]
Duration 24:00
Hydraulic Timestep 0:30
Quality Timestep 0:05
Pattern Timestep 4:00
Report Timestep 1:00
[OPTIONS]
Units LPS
Headloss H-W
Accuracy 1e-6
{options}
[RULES]
{rules}
[END]
"""


def text(*, options: str = "", rules: str = "") -> str:
    return RUN.format(options=options, rules=rules)


class TestSimulate:
    def test_balances_the_water_over_the_day(self):
        with epanet.EpanetProject(text()) as project:
            found = simulation.simulate(project)
        assert found.at_s.tolist() == [3600.0 * hour for hour in range(25)]
        tank = found.node_ids.index("T")
        gained = (found.pressures_m[-1, tank] - found.pressures_m[0, tank]) * np.pi / 4 * 12**2
        with epanet.EpanetProject(text()) as project:
            pumped, before, flow = 0.0, 0.0, 0.0
            for now in project.moments():
                pumped += flow * (now - before)
                flow, before = project.flows_m3s()[project.link("P")], now
        assert found.supplied_m3 == pytest.approx(pumped - gained, rel=1e-4)

    def test_tells_leakage_apart_from_demand(self):
        with epanet.EpanetProject(text()) as project:
            found = simulation.simulate(project)
        # p3 is closed from 7 to 15 h and after 21 h: the half of its leak that EPANET puts at A
        # runs on. 40 mm² in 100 m of 400 m are 160 mm² in all; an orifice of 0.6 sqrt(2 g h).
        assert 0 < found.leaked_m3 < found.supplied_m3
        demand = 11e-3 * 4 * 3600 * (0.5 + 0.8 + 1.6 + 1.3 + 0.9 + 0.6)
        assert found.supplied_m3 - found.leaked_m3 == pytest.approx(demand, rel=1e-3)

    def test_follows_age_and_chlorine(self):
        with epanet.EpanetProject(text(options="Quality Chlorine mg/L")) as project:
            chlorine = simulation.simulate(project)
            age = simulation.simulate(project, quality=epanet.Quality.AGE)
        a = chlorine.node_ids.index("A")
        assert chlorine.quality_kind == epanet.Quality.SUBSTANCE
        assert chlorine.quality[1, a] == pytest.approx(0.8, abs=0.02)
        assert age.quality[-1].max() < 24
        assert age.quality[-1, age.node_ids.index("T")] > 2

    def test_counts_the_energy_of_pumps(self):
        with epanet.EpanetProject(text()) as project:
            found = simulation.simulate(project)
        assert set(found.energy_kwh) == {"P"}
        # At 75 %, EPANET's efficiency without a curve: at least what the lift itself takes.
        assert found.energy_kwh["P"] > 1000 * 9.81 * found.supplied_m3 * 20 / 3.6e6

    def test_gives_warnings_with_their_time(self):
        with epanet.EpanetProject(text(options="Demand Multiplier 12")) as project:
            found = simulation.simulate(project)
        troubles = {one.trouble: one for one in found.warned}
        low = troubles[simulation.Trouble.PUMP_OVERLOADED]
        # As soon as the tank has run empty; 132 L/s are asked of a pump for 30.
        assert low.moments > 40
        assert 0 < low.first_s < low.latest_s == 86_400

    def test_tells_how_far_it_is(self):
        heard = []
        with epanet.EpanetProject(text()) as project:
            simulation.simulate(
                project, duration_s=7200, progress=lambda now, whole: heard.append((now, whole))
            )
        assert heard[0] == (0.0, 7200.0)
        assert heard[-1] == (7200.0, 7200.0)


class TestResume:
    @pytest.mark.parametrize("hours", [4, 8, 13, 22])
    def test_goes_on_as_if_it_had_never_stopped(self, hours):
        with epanet.EpanetProject(text()) as project:
            whole = simulation.simulate(project)
        with epanet.EpanetProject(text()) as project:
            first = simulation.simulate(project, duration_s=hours * 3600)
        with epanet.EpanetProject(text()) as project:
            simulation.resume(project, first.state)
            rest = simulation.simulate(project, resumed_at_s=first.state.at_s)
        assert rest.at_s.tolist() == whole.at_s[hours:].tolist()
        np.testing.assert_allclose(rest.heads_m, whole.heads_m[hours:], atol=1e-3)
        np.testing.assert_allclose(rest.flows_m3s[1:], whole.flows_m3s[hours + 1 :], atol=1e-5)
        np.testing.assert_allclose(
            first.supplied_m3 + rest.supplied_m3, whole.supplied_m3, rtol=1e-5
        )

    def test_refuses_rules_that_look_at_the_time_since_the_start(self):
        rule = "RULE 1\nIF SYSTEM TIME > 6\nTHEN LINK p3 STATUS IS CLOSED"
        with epanet.EpanetProject(text(rules=rule)) as project:
            state = simulation.simulate(project, duration_s=3600).state
        with (
            epanet.EpanetProject(text(rules=rule)) as project,
            pytest.raises(simulation.CannotResume, match="time since the start"),
        ):
            simulation.resume(project, state)

    def test_takes_rules_that_look_at_the_clock(self):
        rule = "RULE 1\nIF SYSTEM CLOCKTIME > 6 PM\nTHEN LINK p1 STATUS IS CLOSED"
        with epanet.EpanetProject(text(rules=rule)) as project:
            state = simulation.simulate(project, duration_s=3600).state
        with epanet.EpanetProject(text(rules=rule)) as project:
            simulation.resume(project, state)
            rest = simulation.simulate(project, resumed_at_s=state.at_s)
        assert not rest.flows_m3s[-1, rest.link_ids.index("p1")] > 1e-6

    def test_refuses_the_state_of_another_network(self):
        with epanet.EpanetProject(text()) as project:
            state = simulation.simulate(project, duration_s=0).state
        other = (
            text()
            .replace("C 9 1\n", "C 9 1\nD 9 1\n")
            .replace("p3 A C", "p4 A D 400 150 120 0 Open\np3 A C")
        )
        with (
            epanet.EpanetProject(other) as project,
            pytest.raises(ValueError, match="another network"),
        ):
            simulation.resume(project, state)
