"""Our steady states against EPANET's, device by device.

    R(60 m) --p1-- A --p2-- B --p3-- C --p4-- D
                   |                 |
                   +------- p5 ------+---- device ---- E --p6-- F --p7-- T (tank, 41 m)

The device stands between C and E; every case changes one thing. EPANET 2.3.5 is the other program.
"""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.kernel import compiling
from huoshui.lab.hydraulics import epanet, frozen, kernels, native, ordering, steady

NETWORK = """
[JUNCTIONS]
A 10 0
B 12 4
C 8 3
D 5 6
E 9 2
F 11 5
[RESERVOIRS]
R {reservoir}
[TANKS]
T 36 5 {low} {high} 20 0
[PIPES]
p1 R A 900 300 {rough} {minor} Open
p2 A B 400 200 {rough} 0 Open
p3 B C 500 200 {rough} 0 Open
p4 C D 300 150 {rough} 1.5 Open
p5 A C 700 250 {rough} 0 Open
p6 E F 350 200 {rough} 0 {p6}
p7 F T 800 200 {rough} 0 {p7}
{pipe}
[PUMPS]
{pump}
[VALVES]
{valve}
[EMITTERS]
{emitter}
[CURVES]
{curve}
[STATUS]
{status}
[LEAKAGE]
{leakage}
[TIMES]
Duration 0
[OPTIONS]
Units LPS
Headloss {formula}
Trials 200
Accuracy 1e-7
{options}
[END]
"""
PLAIN = {
    "reservoir": 60, "low": 0, "high": 10, "rough": 110, "minor": 2.5, "p6": "Open", "p7": "Open",
    "pipe": "dev C E 400 200 110 0 Open", "pump": "", "valve": "", "emitter": "", "curve": "",
    "status": "", "leakage": "", "formula": "H-W", "options": "",
}  # fmt: skip


def device(kind: str, **others: object) -> dict[str, object]:
    return {"pipe": "", "valve": f"dev C E 200 {kind}", **others}


def pump(words: str, **others: object) -> dict[str, object]:
    return {"pipe": "", "pump": f"dev C E {words}", **others}


CASES: dict[str, dict[str, object]] = {
    "hazen-williams": {},
    "darcy-weisbach": {"formula": "D-W", "rough": 0.25, "pipe": "dev C E 400 200 0.25 0 Open"},
    "darcy-weisbach, near standstill": {
        "formula": "D-W", "rough": 0.25, "reservoir": 41.001, "options": "Demand Multiplier 0.001",
        "pipe": "dev C E 400 200 0.25 0 CV",
    },
    "chezy-manning": {"formula": "C-M", "rough": 0.012, "pipe": "dev C E 400 200 0.012 0 Open"},
    "check valve that lets through": {"pipe": "dev C E 400 200 110 0 CV"},
    "check valve that holds": {"pipe": "dev E C 400 200 110 0 CV"},
    "closed pipe": {"pipe": "dev C E 400 200 110 0 Closed"},
    "full tank": {"high": 5, "pipe": "dev C E 400 200 110 0 Open"},
    "empty tank": {"low": 5, "reservoir": 35, "options": "Demand Multiplier 0.5"},
    "PRV that reduces": device("PRV 35 0"),
    "PRV that stands open": device("PRV 70 2"),
    "PRV that closes": device("PRV 10 0"),
    "PRV fixed open": device("PRV 25 1.2", status="dev Open"),
    "PSV that holds": device("PSV 48 0"),
    "PSV that stands open": device("PSV 20 0"),
    "FCV that limits": device("FCV 6 0"),
    "FCV that is not reached": device("FCV 900 0"),
    "TCV": device("TCV 35 0"),
    "TCV fixed open": device("TCV 35 0.8", status="dev Open"),
    "PBV": device("PBV 4 0"),
    "GPV": device("GPV 1 0", curve="1 0 0\n1 10 1.5\n1 30 8\n1 60 30"),
    "pump with one point": pump("HEAD 1", reservoir=40, curve="1 25 8"),
    "pump with three points": pump("HEAD 1", reservoir=40, curve="1 0 14\n1 25 10\n1 50 2"),
    "pump with any curve": pump("HEAD 1", reservoir=40, curve="1 0 14\n1 10 13\n1 30 9\n1 60 1"),
    "pump at another speed": pump("HEAD 1 SPEED 0.8", reservoir=42, curve="1 25 8"),
    "pump of constant power": pump("POWER 1.5", reservoir=40),
    "pump against too much head": pump("HEAD 1", reservoir=20, curve="1 25 8"),
    "emitters": {"emitter": "D 0.6\nF 0.3"},
    "emitters of another exponent": {"emitter": "D 0.6", "options": "Emitter Exponent 0.9"},
    "leaking pipes": {"leakage": "p3 20 0.5\np6 10 0"},
    "pressure-dependent demand": {
        "reservoir": 30,
        "options": "Demand Model PDA\nMinimum Pressure 5\nRequired Pressure 40",
    },
    "heavier than water": device("PRV 35 0", options="Specific Gravity 1.1\nViscosity 1.3"),
    "heavier than water, PBV": device("PBV 4 0", options="Specific Gravity 1.1"),
    "heavier than water, kPa": device(
        "PRV 380 0", options="Specific Gravity 1.1\nPressure KPA", emitter="D 0.6"
    ),
    "heavier than water, bar": device("PSV 5.1 0", options="Specific Gravity 1.1\nPressure BAR"),
    "feet of pressure": device("PRV 115 0", options="Pressure FEET", emitter="D 0.6"),
    "heavier than water, emitters": {"emitter": "D 0.6", "options": "Specific Gravity 1.1"},
    "heavier than water, pressure-dependent demand": {
        "reservoir": 30,
        "options": "Demand Model PDA\nMinimum Pressure 5\nRequired Pressure 40\n"
        "Specific Gravity 1.1",
    },
}  # fmt: skip

STANDS = {
    "check valve that lets through": frozen.Status.OPEN,
    "check valve that holds": frozen.Status.CLOSED,
    "closed pipe": frozen.Status.CLOSED,
    "PRV that reduces": frozen.Status.ACTIVE,
    "PRV that stands open": frozen.Status.OPEN,
    "PRV that closes": frozen.Status.CLOSED,
    "PSV that holds": frozen.Status.ACTIVE,
    "PSV that stands open": frozen.Status.OPEN,
    "FCV that limits": frozen.Status.ACTIVE,
    "FCV that is not reached": frozen.Status.FLOW_NOT_REACHED,
    "pump with one point": frozen.Status.OPEN,
    "pump against too much head": frozen.Status.OVER_SHUTOFF,
    "heavier than water": frozen.Status.ACTIVE,
    "heavier than water, kPa": frozen.Status.ACTIVE,
    "heavier than water, bar": frozen.Status.ACTIVE,
    "feet of pressure": frozen.Status.ACTIVE,
}
"""What the device is in: a case that does not do what its name says proves nothing."""


@pytest.fixture(scope="session", params=list(kernels.Kernel))
def kernel(request: pytest.FixtureRequest) -> kernels.Kernel:
    if request.param == kernels.Kernel.C:
        compiling.ensure(native.SOURCE, native.library_path())
    try:
        return kernels.choose(request.param)
    except kernels.KernelMissing as missing:
        pytest.skip(str(missing))


def text(**changes: object) -> str:
    return NETWORK.format(**{**PLAIN, **changes})


def solved(project: epanet.EpanetProject) -> np.ndarray:
    project.start()
    project.solve()
    return project.heads_m()


class TestCases:
    @pytest.mark.parametrize("name", STANDS)
    def test_do_what_their_names_say(self, name):
        with epanet.EpanetProject(text(**CASES[name])) as project:
            solved(project)
            network = frozen.freeze(project)
        place = network.special.tolist().index(network.links(["dev"])[0])
        assert frozen.Status(network.statuses[place]) == STANDS[name]


class TestSteadySolver:
    @pytest.mark.parametrize("name", CASES)
    def test_finds_the_heads_of_epanet_after_demands_changed(self, name, kernel):
        with epanet.EpanetProject(text(**CASES[name])) as project:
            before = solved(project)
            network = frozen.freeze(project)
            multiplier = project.demand_multiplier()
            project.set_demand_multiplier(multiplier * 1.4)
            after = solved(project)
            flows = project.flows_m3s()
            solver = steady.SteadySolver(network, kernel=kernel)
            is_demand = network.ground_kinds == frozen.Ground.DEMAND
            found = solver.solve(
                demands_m3s=np.stack([network.demands_m3s, network.demands_m3s * 1.4]),
                ground_r=np.stack(
                    [network.ground_r, np.where(is_demand, 1.4, 1.0) * network.ground_r]
                ),
                accuracy=1e-7,
            )
        assert found.converged.all()
        fed = solver.fed(state=found, scenario=1)
        assert fed.sum() >= 4
        np.testing.assert_allclose(found.heads_m[0][fed], before[fed], atol=0.002)
        np.testing.assert_allclose(found.heads_m[1][fed], after[fed], atol=0.002)
        np.testing.assert_allclose(found.flows_m3s[1], flows, atol=2e-5)

    @pytest.mark.parametrize(
        "name", ["PRV that reduces", "FCV that limits", "pump with one point", "full tank"]
    )
    def test_finds_the_state_of_valves_that_another_reservoir_changes(self, name, kernel):
        with epanet.EpanetProject(text(**CASES[name])) as project:
            solved(project)
            network = frozen.freeze(project)
        other = {**CASES[name], "reservoir": 33}
        with epanet.EpanetProject(text(**other)) as project:
            expected = solved(project)
            heads = np.where(network.is_fixed, expected, np.nan)
        solver = steady.SteadySolver(network, kernel=kernel)
        found = solver.solve(heads_m=np.nan_to_num(heads), accuracy=1e-7)
        np.testing.assert_allclose(found.heads_m[0], expected, atol=0.002)

    def test_balances_every_junction(self, kernel):
        with epanet.EpanetProject(text(**CASES["emitters"])) as project:
            solved(project)
            network = frozen.freeze(project)
        solver = steady.SteadySolver(network, kernel=kernel)
        demands = np.random.default_rng(3).uniform(0, 0.01, (11, len(network.node_ids)))
        found = solver.solve(demands_m3s=demands, accuracy=1e-9)
        balance = -demands
        np.add.at(balance.T, network.link_nodes[:, 1], found.flows_m3s.T)
        np.subtract.at(balance.T, network.link_nodes[:, 0], found.flows_m3s.T)
        np.subtract.at(balance.T, network.ground_nodes, found.outflows_m3s.T)
        np.testing.assert_allclose(balance[:, ~network.is_fixed], 0, atol=1e-9)

    def test_takes_demands_as_groups_times_factors(self, kernel):
        with epanet.EpanetProject(text()) as project:
            solved(project)
            network = frozen.freeze(project)
        solver = steady.SteadySolver(network, kernel=kernel)
        rng = np.random.default_rng(5)
        base, factors = rng.uniform(0, 0.004, (3, 8)), rng.uniform(0, 2, (20, 3))
        grouped = solver.solve(base_m3s=base, factors=factors, accuracy=1e-8)
        plain = solver.solve(demands_m3s=factors @ base, accuracy=1e-8)
        np.testing.assert_allclose(grouped.heads_m, plain.heads_m, atol=1e-6)

    def test_gives_the_same_in_a_series_and_apart(self, kernel):
        with epanet.EpanetProject(text(**CASES["PRV that reduces"])) as project:
            solved(project)
            network = frozen.freeze(project)
        solver = steady.SteadySolver(network, kernel=kernel)
        factors = 1 + 0.8 * np.sin(np.arange(50) / 5)
        demands = factors[:, None] * network.demands_m3s
        series = solver.solve(demands_m3s=demands, in_time=True, accuracy=1e-8)
        apart = solver.solve(demands_m3s=demands, accuracy=1e-8)
        np.testing.assert_allclose(series.heads_m, apart.heads_m, atol=1e-4)

    def test_gives_only_the_results_that_are_wanted(self, kernel):
        with epanet.EpanetProject(text()) as project:
            solved(project)
            network = frozen.freeze(project)
        solver = steady.SteadySolver(network, kernel=kernel)
        everything = solver.solve()
        some = solver.solve(nodes=network.nodes(["F", "A"]), links=network.links(["p3"]))
        np.testing.assert_array_equal(some.heads_m, everything.heads_m[:, [5, 0]])
        np.testing.assert_array_equal(some.flows_m3s, everything.flows_m3s[:, [2]])

    def test_says_which_scenarios_did_not_converge(self, kernel):
        with epanet.EpanetProject(text()) as project:
            solved(project)
            network = frozen.freeze(project)
        solver = steady.SteadySolver(network, kernel=kernel)
        demands = np.stack([network.demands_m3s, np.full(8, np.nan)])
        found = solver.solve(demands_m3s=demands)
        assert found.converged.tolist() == [True, False]
        assert np.isnan(found.heads_m[1]).all()
        assert np.isfinite(found.heads_m[0]).all()

    def test_refuses_shapes_that_do_not_fit(self, kernel):
        with epanet.EpanetProject(text()) as project:
            solved(project)
            network = frozen.freeze(project)
        solver = steady.SteadySolver(network, kernel=kernel)
        with pytest.raises(ValueError, match="demands_m3s must have the shape"):
            solver.solve(demands_m3s=np.zeros((2, 7)))
        with pytest.raises(ValueError, match="go together"):
            solver.solve(factors=np.zeros((2, 7)))
        with pytest.raises(ValueError, match="numbers of scenarios differ"):
            solver.solve(demands_m3s=np.zeros((2, 8)), heads_m=np.zeros((3, 8)))


class TestSensitivities:
    @pytest.mark.parametrize(
        "name",
        ["hazen-williams", "darcy-weisbach", "PRV that reduces", "PSV that holds", "emitters",
         "FCV that limits", "pump with one point", "pressure-dependent demand", "PBV"],
    )  # fmt: skip
    def test_are_the_differences_of_solved_states(self, name, kernel):
        with epanet.EpanetProject(text(**CASES[name])) as project:
            solved(project)
            network = frozen.freeze(project)
        solver = steady.SteadySolver(network, kernel=kernel)
        sensors = network.nodes(["D", "E", "F", "T"])
        found = solver.sensitivities(sensors=sensors)
        small = 1e-4
        pushed = network.demands_m3s + small * np.eye(len(network.node_ids))
        pulled = network.demands_m3s - small * np.eye(len(network.node_ids))
        more = solver.solve(demands_m3s=pushed, nodes=sensors, accuracy=1e-6)
        less = solver.solve(demands_m3s=pulled, nodes=sensors, accuracy=1e-6)
        expected = (more.heads_m - less.heads_m).T / (2 * small)
        # A valve that breaks pressure is a conductance of 1e7: its flow is known to 1e-8 m3/s
        # only, which the difference divides by 2e-4.
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=0.1 if name == "PBV" else 0.02)
        assert not found[3].any()

    def test_follow_a_pump_that_another_setting_stops(self, kernel):
        with epanet.EpanetProject(text(**CASES["pump with one point"])) as project:
            solved(project)
            network = frozen.freeze(project)
        solver = steady.SteadySolver(network, kernel=kernel)
        stopped = np.zeros_like(network.settings)
        state = solver.solve(settings=stopped, accuracy=1e-9)
        found = solver.sensitivities(sensors=network.nodes(["D"]), state=state)
        # Water taken behind the standing pump is not drawn from in front of it.
        assert found[0, network.nodes(["A"])[0]] < -1
        assert found[0, network.nodes(["E"])[0]] == pytest.approx(0, abs=1e-3)


class TestEliminate:
    def test_factors_any_symmetric_matrix(self):
        rng = np.random.default_rng(1)
        count = 30
        edges = [tuple(pair) for pair in rng.integers(0, count, (45, 2)).tolist()]
        steps = ordering.eliminate(count, edges)
        assert sorted(steps.order.tolist()) == list(range(count))
        # The structure of the factor holds every entry that elimination makes.
        filled = np.eye(count, dtype=bool)
        for one, other in edges:
            filled[one, other] = filled[other, one] = True
        filled = filled[np.ix_(steps.order, steps.order)]
        for k in range(count):
            rows = np.flatnonzero(filled[:, k] & (np.arange(count) > k))
            filled[np.ix_(rows, rows)] = True
            assert rows.tolist() == steps.row[steps.column[k] : steps.column[k + 1]].tolist()

    def test_fills_nothing_in_on_a_tree(self):
        steps = ordering.eliminate(6, [(0, 1), (1, 2), (1, 3), (3, 4), (3, 5)])
        assert len(steps.row) == 5
        assert len(steps.target) == 0
