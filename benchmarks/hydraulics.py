"""Our steady states and sensitivities against EPANET, in one run on one core.

    python -m benchmarks.hydraulics [--scada FOLDER]

EPANET is the owa-epanet library, its project kept open, driven the quickest way it has: many demand
vectors as the periods of one pattern for each node, results read as whole vectors; a leak at each
node by one call and a solution that starts from the one before. Both stop at the same accuracy.
What is measured is processor time, because the machine may be shared; runs take turns and the
median of five is given. With --scada, a folder with SCADA_Pressures, SCADA_Flows and SCADA_Levels
of a year of L-Town is held against the model.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from huoshui.kernel import compiling
from huoshui.lab.hydraulics import comparison, epanet, frozen, hindcast, kernels, native, steady
from huoshui.lab.series import scada_files

ROUNDS = 5
STATES = 2016
ACCURACY = 1e-5
SIGNATURE_ACCURACY = 1e-7
LEAK_M3S = 1 / 3600


def networks() -> Path:
    """Return the folder of network files in the package epyt, whose code is not imported."""
    import importlib.util

    spec = importlib.util.find_spec("epyt")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / "networks"


def processor_s(deed: Callable[[], Any]) -> tuple[float, Any]:
    """Return how much processor time a deed took, and what it gave."""
    began = time.process_time()
    result = deed()
    return time.process_time() - began, result


def taking_turns(*deeds: Callable[[], Any]) -> tuple[list[float], list[Any]]:
    """Return the median time of each deed over rounds in which all take turns, and its result."""
    times: list[list[float]] = [[] for _ in deeds]
    results: list[Any] = [None] * len(deeds)
    for _ in range(ROUNDS):
        for number, deed in enumerate(deeds):
            taken, results[number] = processor_s(deed)
            times[number].append(taken)
    return [statistics.median(one) for one in times], results


def states(path: Path, rng: np.random.Generator) -> dict[str, Any]:
    """Solve many demand vectors in EPANET and in our solver, in C, in numba and in numpy."""
    with epanet.EpanetProject.from_path(path) as project:
        project.remove_controls()
        project.set_accuracy(ACCURACY)
        project.start()
        project.solve()
        network = frozen.freeze(project)
        count = len(network.node_ids)
        # A tank as wide as a sea keeps its level, so that every moment is a question of its own.
        for place in np.flatnonzero(project.node_types() == 2).tolist():
            project.set_tank_diameter(project.node_ids[place], 1e5)
        factors = rng.uniform(0.3, 1.6, (STATES, 1)) * rng.uniform(0.8, 1.2, (STATES, count))
        demands = network.demands_m3s * factors
        project.set_demand_multiplier(1.0)
        wanted = {}
        for place in np.flatnonzero((network.demands_m3s > 0) & ~network.is_fixed).tolist():
            project.add_pattern(f"node{place}", factors[:, place])
            wanted[network.node_ids[place]] = [(network.demands_m3s[place], f"node{place}")]
        project.set_demands(wanted)
        project.set_times(duration_s=300 * (STATES - 1), step_s=300)

        def peer() -> np.ndarray:
            heads = np.empty((STATES, count))
            for moment in project.moments():
                heads[round(moment / 300)] = project.heads_m()
            return heads

        solvers = {kernel: steady.SteadySolver(network, kernel=kernel) for kernel in kernels.Kernel}
        deeds = [
            functools.partial(solver.solve, demands_m3s=demands, links=(), accuracy=ACCURACY)
            for solver in (solvers[kernels.Kernel.C], solvers[kernels.Kernel.NUMBA])
        ]
        first_s, _ = processor_s(
            lambda: solvers[kernels.Kernel.NUMBA].solve(links=(), accuracy=ACCURACY)
        )
        (theirs, ours, jitted), (expected, found, found_jitted) = taking_turns(peer, *deeds)
        numpy_s, _ = processor_s(
            lambda: solvers[kernels.Kernel.NUMPY].solve(
                demands_m3s=demands[:256], links=(), accuracy=ACCURACY
            )
        )
    off = np.abs(expected - found.heads_m)
    off_jitted = np.abs(expected - found_jitted.heads_m)
    return {
        "network": path.name,
        "nodes": count,
        "states": STATES,
        "accuracy": ACCURACY,
        "epanet_us_per_state": round(1e6 * theirs / STATES, 1),
        "own_us_per_state": round(1e6 * ours / STATES, 1),
        "times_faster": round(theirs / ours, 1),
        "numba_us_per_state": round(1e6 * jitted / STATES, 1),
        "numba_times_faster": round(theirs / jitted, 1),
        "numba_first_s": round(first_s, 2),
        "numpy_us_per_state": round(1e6 * numpy_s / 256, 1),
        "trials_mean": round(float(found.trials.mean()), 2),
        "converged": int(found.converged.sum()),
        "head_difference_m_max": float(f"{off.max():.2g}"),
        "numba_converged": int(found_jitted.converged.sum()),
        "numba_head_difference_m_max": float(f"{off_jitted.max():.2g}"),
    }


def sensitivities(path: Path, sensors: int, rng: np.random.Generator) -> dict[str, Any]:
    """Find what sensors see of a leak at each node: one EPANET run per node, and the adjoint."""
    with epanet.EpanetProject.from_path(path) as project:
        project.set_accuracy(SIGNATURE_ACCURACY)
        project.start()
        project.solve()
        network = frozen.freeze(project)
        junctions = np.flatnonzero(~network.is_fixed)
        places = rng.choice(junctions, sensors, replace=False)
        project.set_demand_multiplier(1.0)
        project.add_pattern("always", [1.0])
        project.set_demands(
            {
                network.node_ids[place]: [(float(network.demands_m3s[place]), "always")]
                for place in junctions.tolist()
            }
        )
        solver = steady.SteadySolver(network)
        base = solver.solve(accuracy=SIGNATURE_ACCURACY)
        fed = solver.fed(state=base)
        asked = junctions[fed[junctions]]
        project.start()
        project.solve()
        before = project.heads_m()[places]

        def peer() -> np.ndarray:
            found = np.empty((len(places), len(asked)))
            for number, place in enumerate(asked.tolist()):
                usual = float(network.demands_m3s[place])
                project.set_base_demand(place, usual + LEAK_M3S)
                project.solve_again()
                found[:, number] = project.heads_m()[places] - before
                project.set_base_demand(place, usual)
            return found

        (theirs, ours), (expected, found) = taking_turns(
            peer, lambda: solver.sensitivities(sensors=places, state=base)
        )
    signature = found[:, asked]
    lengths = np.linalg.norm(signature, axis=0) * np.linalg.norm(expected, axis=0)
    # A leak that moves no sensor by a tenth of a millimetre has no direction to compare.
    seen = np.linalg.norm(expected, axis=0) > 1e-4
    cosine = ((signature * expected).sum(axis=0) / np.maximum(lengths, 1e-30))[seen]
    return {
        "network": path.name,
        "nodes": len(network.node_ids),
        "sensors": sensors,
        "epanet_runs": len(asked),
        "epanet_s": round(theirs, 4),
        "own_s": round(ours, 6),
        "times_faster": round(theirs / ours),
        "leak_m3h": LEAK_M3S * 3600,
        "nodes_compared": int(seen.sum()),
        "cosine_median": round(float(np.median(cosine)), 6),
        "cosine_p5": round(float(np.percentile(cosine, 5)), 6),
        "cosine_min": round(float(cosine.min()), 6),
    }


def year(path: Path, folder: Path) -> dict[str, Any]:
    """Hold a year of five-minute measurements against the model."""
    began, wall = time.process_time(), time.monotonic()
    parts = {
        kind: scada_files.read(next(folder.glob(f"SCADA_{kind}.csv*")))
        for kind in ("Pressures", "Flows", "Levels")
    }
    read_s = time.process_time() - began
    with epanet.EpanetProject.from_path(path) as project:
        project.set_accuracy(1e-6)
        project.start()
        project.solve()
        network, demands = frozen.freeze(project), hindcast.demand_model(project)
        areas = {name: np.pi / 4 * project.tank_diameter_m(name) ** 2
                 for name in parts["Levels"].names}  # fmt: skip
    pressures, flows, levels = parts["Pressures"], parts["Flows"], parts["Levels"]
    places = network.nodes(pressures.names)
    found = hindcast.hindcast(
        steady.SteadySolver(network),
        demands=demands,
        boundaries=hindcast.Boundaries(
            at_s=pressures.at_s,
            flows_m3s={name: flows.column(name) / 3600 for name in flows.names},
            levels_m={name: levels.column(name) for name in levels.names},
        ),
        tank_areas_m2=areas,
        start_s=float(pressures.at_s[0]),
        nodes=places,
        links=network.links(flows.names),
    )
    fits = comparison.compare(
        at_s=pressures.at_s,
        names=pressures.names,
        measured=pressures.values,
        modelled=found.heads_m - network.elevations_m[places],
    ).sensors
    return {
        "network": path.name,
        "moments": len(found.converged),
        "converged": int(found.converged.sum()),
        "reading_processor_s": round(read_s, 2),
        "processor_s": round(time.process_time() - began, 2),
        "wall_s": round(time.monotonic() - wall, 2),
        "sensors": len(fits),
        "rmse_m_median": round(float(np.median([one.rmse for one in fits])), 3),
    }


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scada", type=Path)
    options = parser.parse_args()
    compiling.ensure(native.SOURCE, native.library_path())
    rng = np.random.default_rng(2026)
    folder = networks()
    found = machine.facts("src/huoshui/lab/hydraulics", "benchmarks/hydraulics.py")
    found["epanet"] = epanet.library_version()
    found["states"] = states(folder / "L-TOWN.inp", rng)
    found["sensitivities"] = sensitivities(folder / "L-TOWN.inp", 33, rng)
    if options.scada:
        found["year"] = year(folder / "L-TOWN.inp", options.scada)
    machine.keep("hydraulics", found)


if __name__ == "__main__":
    main()
