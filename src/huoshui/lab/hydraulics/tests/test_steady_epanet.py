"""States without holes.

    R(60 m) --p1-- A --PRV 25 m-- B --p2-- C --p3-- T (tank)

EPANET is asked for what our solver does not find. ky15 of the package epyt is a town whose pumps
cannot deliver more than twice its demands: our Newton steps break down there, EPANET goes on.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from huoshui.lab.hydraulics import epanet, frozen, steady

NETWORK = """
[JUNCTIONS]
A 10 2 day
B 5 4
C 8 3 day
[RESERVOIRS]
R 60
[TANKS]
T 20 5 0 10 20 0
[PIPES]
p1 R A 900 300 110 0 Open
p2 B C 500 200 110 0 Open
p3 C T 800 200 110 0 Open
[VALVES]
v A B 200 PRV 25 0
[PATTERNS]
1 1.5
day 0.5 2
[CONTROLS]
LINK p3 CLOSED AT TIME 0
[TIMES]
Duration 0
[OPTIONS]
Units LPS
Headloss H-W
Demand Multiplier 1.2
{options}
[END]
"""


def town(name: str) -> Path:
    spec = importlib.util.find_spec("epyt")
    assert spec is not None
    folder = Path(next(iter(spec.submodule_search_locations or ())))
    return next(folder.rglob(name))


class TestSolveAll:
    def test_leaves_no_hole_where_our_solver_finds_nothing(self):
        path = town("ky15.inp")
        network = frozen.load(path)
        solver = steady.SteadySolver(network)
        factors = np.asarray([[0.5], [1.0], [2.3], [1.2], [2.4]])
        demands = factors * network.demands_m3s
        own = solver.solve(demands_m3s=demands)
        assert own.converged.tolist() == [True, True, False, True, False]
        with epanet.EpanetProject.from_path(path) as project:
            found = steady.solve_all(solver, project, demands_m3s=demands)
        assert found.by_epanet.tolist() == [False, False, True, False, True]
        assert not found.unsolved.any()
        assert np.isfinite(found.heads_m).all()
        np.testing.assert_array_equal(found.heads_m[:2], own.heads_m[:2])
        # The same scenario by EPANET's own multiplier, in a run of its own.
        with epanet.EpanetProject.from_path(path) as project:
            project.set_accuracy(steady.ACCURACY)
            project.set_demand_multiplier(project.demand_multiplier() * 2.3)
            project.start()
            project.solve()
            np.testing.assert_allclose(found.heads_m[2], project.heads_m(), rtol=1e-6)
            np.testing.assert_allclose(found.flows_m3s[2], project.flows_m3s(), atol=1e-6)

    def test_gets_from_epanet_what_our_solver_finds_with_more_steps(self):
        text = NETWORK.format(options="")
        with epanet.EpanetProject(text) as project:
            project.start()
            project.solve()
            network = frozen.freeze(project)
            solver = steady.SteadySolver(network)
            demands = np.asarray([[0.3], [1.0], [2.5]]) * network.demands_m3s
            expected = solver.solve(demands_m3s=demands, accuracy=1e-7)
            found = steady.solve_all(solver, project, demands_m3s=demands, accuracy=1e-7, trials=1)
        assert expected.converged.all()
        assert found.by_epanet.all()
        np.testing.assert_allclose(found.heads_m, expected.heads_m, atol=0.002)
        np.testing.assert_allclose(found.flows_m3s, expected.flows_m3s, atol=2e-5)

    def test_names_what_neither_solves(self):
        text = NETWORK.format(options="")
        with epanet.EpanetProject(text) as project:
            project.start()
            project.solve()
            network = frozen.freeze(project)
            demands = np.stack([network.demands_m3s, np.full(len(network.node_ids), np.nan)])
            found = steady.solve_all(steady.SteadySolver(network), project, demands_m3s=demands)
        assert found.unsolved.tolist() == [False, True]
        assert np.isnan(found.heads_m[1]).all()
        assert np.isfinite(found.heads_m[0]).all()

    def test_names_what_epanet_calls_unbalanced(self):
        path = town("Richmond_standard.inp")
        network = frozen.load(path)
        with epanet.EpanetProject.from_path(path) as project:
            found = steady.solve_all(
                steady.SteadySolver(network), project, demands_m3s=network.demands_m3s[None]
            )
        assert found.unsolved.tolist() == [True]
        assert np.isnan(found.flows_m3s).all()

    def test_refuses_another_network_and_demands_that_follow_pressure(self):
        options = "Demand Model PDA\nMinimum Pressure 5\nRequired Pressure 20"
        with epanet.EpanetProject(NETWORK.format(options=options)) as project:
            project.start()
            project.solve()
            network = frozen.freeze(project)
            solver = steady.SteadySolver(network)
            with pytest.raises(frozen.NotSupported, match="depend on pressure"):
                steady.solve_all(solver, project, demands_m3s=network.demands_m3s)
        with (
            epanet.EpanetProject.from_path(town("ky15.inp")) as other,
            pytest.raises(ValueError, match="not of the network"),
        ):
            steady.solve_all(solver, other, demands_m3s=network.demands_m3s)
