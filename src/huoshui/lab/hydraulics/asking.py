"""Steady states without holes: what our solver does not find, EPANET is asked for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.hydraulics import epanet, frozen, steady

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]
NOT_BALANCED = (1, 2)
"""EPANET's warnings that it found no state: not balanced, not stable."""


@dataclass(frozen=True)
class AllStates:
    """Steady states, and who found each.

    Attributes
    ----------
    heads_m : ndarray, shape (n_scenarios, n_nodes)
        Heads; NaN only in scenarios that neither solved. [m]
    flows_m3s : ndarray, shape (n_scenarios, n_links)
        Flows, positive from start to end; NaN only where neither solved. [m³ s⁻¹]
    by_epanet : ndarray of bool, shape (n_scenarios,)
        Found by EPANET, because our solver had not converged.
    unsolved : ndarray of bool, shape (n_scenarios,)
        Found by neither.
    """

    heads_m: Values
    flows_m3s: Values
    by_epanet: Mask
    unsolved: Mask


def solve_all(
    solver: steady.SteadySolver,
    project: epanet.EpanetProject,
    *,
    demands_m3s: ArrayLike,
    accuracy: float = steady.ACCURACY,
    trials: int = steady.TRIALS,
) -> AllStates:
    """Return the steady state of every scenario, from EPANET where our solver finds none.

    Parameters
    ----------
    solver : SteadySolver
        Of the network that was frozen at the project's first moment.
    project : EpanetProject
        The same file. Where EPANET is asked, the project's demands are replaced and its controls
        and rules removed once they have acted at its first moment, as in the frozen network.
    demands_m3s : array_like, shape (n_scenarios, n_nodes)
        Demand at each node; what stands at reservoirs and tanks is not used. [m³ s⁻¹]
    accuracy : float
        Sum of flow changes over sum of flows at which both stop. [-]
    trials : int
        Newton steps of our solver at most, before EPANET is asked.

    Returns
    -------
    AllStates
        In the order of the scenarios.

    Raises
    ------
    frozen.NotSupported
        If the network's demands depend on pressure: they are no demands of scenarios.
    ValueError
        If the project is of another network, or a shape does not fit.

    Notes
    -----
    A scenario that EPANET calls unbalanced, or refuses, stays NaN and is ``unsolved``: some
    demands have no steady state. One question of EPANET costs a call for each node and a solution
    from a cold start, some milliseconds for a town.
    """
    network = solver.network
    if (project.node_ids, project.link_ids) != (network.node_ids, network.link_ids):
        raise ValueError("the project is not of the network that was frozen")
    if (network.ground_kinds == frozen.Ground.DEMAND).any():
        raise frozen.NotSupported("demands depend on pressure")
    own = solver.solve(demands_m3s=demands_m3s, accuracy=accuracy, trials=trials)
    found = AllStates(
        heads_m=own.heads_m,
        flows_m3s=own.flows_m3s,
        by_epanet=np.zeros(len(own.converged), dtype=bool),
        unsolved=~own.converged,
    )
    if own.converged.all():
        return found
    demands = np.broadcast_to(
        np.asarray(demands_m3s, dtype=float), (len(own.converged), len(network.node_ids))
    )
    return _asked(found, project, network, demands, accuracy)


def _asked(
    found: AllStates,
    project: epanet.EpanetProject,
    network: frozen.FrozenNetwork,
    demands_m3s: Values,
    accuracy: float,
) -> AllStates:
    """Fill the holes that EPANET can fill."""
    _hold_links(project, network)
    project.set_accuracy(accuracy)
    project.set_demand_multiplier(1.0)
    heads, flows = found.heads_m.copy(), found.flows_m3s.copy()
    by_epanet, unsolved = found.by_epanet.copy(), found.unsolved.copy()
    junctions = np.flatnonzero(~network.is_fixed).tolist()
    for scenario in np.flatnonzero(unsolved).tolist():
        wanted = demands_m3s[scenario]
        if not np.isfinite(wanted[junctions]).all():
            continue
        project.set_demands(
            {network.node_ids[place]: [(float(wanted[place]), "")] for place in junctions}
        )
        before = set(project.warnings)
        project.warnings.clear()
        try:
            project.start()
            project.solve()
            if not project.warnings.intersection(NOT_BALANCED):
                heads[scenario], flows[scenario] = project.heads_m(), project.flows_m3s()
                by_epanet[scenario], unsolved[scenario] = True, False
        except epanet.EpanetRefused:
            pass  # this scenario has no state; the next may
        project.warnings |= before
    return dataclasses.replace(
        found, heads_m=heads, flows_m3s=flows, by_epanet=by_epanet, unsolved=unsolved
    )


def _hold_links(project: epanet.EpanetProject, network: frozen.FrozenNetwork) -> None:
    """Let links start as controls had left them when the network was frozen, and drop controls."""
    project.start()
    project.solve()
    is_open = project.raw_links("STATUS") > 0
    waits = np.isin(network.statuses, (frozen.Status.TANK_CLOSED, frozen.Status.OVER_SHUTOFF))
    is_open[network.special[waits]] = True  # shut by what the scenario's heads may change
    settings = np.where(project.link_types() <= 1, np.nan, project.raw_links("SETTING"))
    for place, name in enumerate(project.link_ids):
        setting = float(settings[place])
        project.set_state(name, is_open=bool(is_open[place]), setting=setting)
    project.remove_controls()
