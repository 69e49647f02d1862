"""Our steady states against EPANET's on every network file of two public packages.

Each network is solved for its first moment from a cold start, and again with other demands at every
node. A head counts where water can reach the node: the others are not defined by the equations.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from huoshui.kernel import compiling
from huoshui.lab.hydraulics import epanet, frozen, native, steady

NOT_SOLVED_BY_EPANET = {
    "epyt/networks/asce-tf-wdst/Net1broken.inp": "two nodes of one name",
    "epyt/networks/exeter-benchmarks/Richmond_standard.inp": "not balanced after 200 trials",
    "wntr/tests/networks_for_testing/bad_syntax.inp": "wrong on purpose",
    "wntr/tests/networks_for_testing/bad_values.inp": "wrong on purpose",
}
WITHOUT_PHYSICAL_HEADS = {
    # Demands far above what the pipes can carry: heads of 1e18 m and more, in any program.
    "epyt/networks/exeter-benchmarks/gessler1985.inp",
    "epyt/networks/exeter-benchmarks/hanoi-exeter.inp",
    # Some 430 nodes stand 1.5 km below ground behind a pump in the wrong place, and EPANET itself
    # gives other heads there from another start.
    "epyt/networks/asce-tf-wdst/ky11.inp",
    # The node behind a valve that holds a flow nobody can deliver.
    "wntr/tests/networks_for_testing/fcv_open_no_downstream_sources.inp",
}
ACCURACY = 1e-5


def files() -> dict[str, Path]:
    found = {}
    for package in ("epyt", "wntr"):
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            for path in sorted(Path(folder).rglob("*.inp")):
                found[f"{package}/{path.relative_to(folder).as_posix()}"] = path
    return found


FILES = files()


@pytest.fixture(scope="module", autouse=True)
def _kernel() -> None:
    compiling.ensure(native.SOURCE, native.library_path())


def cold(network: frozen.FrozenNetwork, like: steady.SteadyStates) -> steady.SteadyStates:
    """Where EPANET starts from: a foot a second in every pipe."""
    area = np.pi / 4 * network.diameters_m**2
    flows = np.where(area > 0, 0.3048 * area, 0.05)
    return steady.SteadyStates(
        heads_m=like.heads_m,
        flows_m3s=flows[None],
        outflows_m3s=np.full((1, len(network.ground_nodes)), 1e-3),
        statuses=network.statuses[None],
        converged=like.converged,
        trials=like.trials,
        change=like.change,
    )


class TestEveryPublicNetwork:
    def test_is_there(self):
        # 46 files in epyt 2.3.5 and 39 in wntr 1.5.0.
        assert len(FILES) == 85

    @pytest.mark.parametrize("name", FILES)
    def test_has_the_heads_of_epanet_within_a_centimeter(self, name):
        try:
            project = epanet.EpanetProject.from_path(FILES[name])
        except epanet.EpanetRefused:
            assert name in NOT_SOLVED_BY_EPANET
            return
        with project:
            project.set_accuracy(ACCURACY)
            project.start()
            project.solve()
            if name in NOT_SOLVED_BY_EPANET:
                assert 1 in project.warnings  # "system unbalanced"
                return
            network = frozen.freeze(project)
            full = project.raw_nodes("FULLDEMAND") * project.flow_unit_m3s
            solver = steady.SteadySolver(network)
            own = solver.solve(accuracy=ACCURACY)
            assert own.converged.all()
            restarted = solver.solve(start=cold(network, own), accuracy=ACCURACY)
            assert restarted.converged.all()

            factors = np.random.default_rng(1).uniform(0.7, 1.2, len(full))
            wanted = np.where(network.is_fixed, 0.0, full * factors)
            project.set_demand_multiplier(1.0)
            project.add_pattern("always", [1.0])
            project.set_demands(
                {
                    node: [(float(wanted[place]), "always")]
                    for place, node in enumerate(network.node_ids)
                    if not network.is_fixed[place]
                }
            )
            project.start()
            project.solve()
            other = project.heads_m()
        is_demand = network.ground_kinds == frozen.Ground.DEMAND
        coefficient = network.ground_r.copy()
        coefficient[is_demand] = wanted[network.ground_nodes[is_demand]]
        asked = wanted.copy()
        asked[network.ground_nodes[is_demand]] = 0.0
        changed = solver.solve(demands_m3s=asked, ground_r=coefficient[None], accuracy=ACCURACY)
        assert changed.converged.all()
        if name in WITHOUT_PHYSICAL_HEADS:
            return
        for found, expected in (
            (own, network.heads_m),
            (restarted, network.heads_m),
            (changed, other),
        ):
            fed = solver.fed(state=found)
            np.testing.assert_allclose(found.heads_m[0][fed], expected[fed], atol=0.01)
