"""Steady states of one network for many demands at once, and what sensors would see of a leak."""

from __future__ import annotations

import ctypes
import dataclasses
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

from huoshui.lab.hydraulics import epanet, frozen, kernels, lanes, native, ordering

Values = NDArray[np.float64]
Places = NDArray[np.int32]
Mask = NDArray[np.bool_]

ACCURACY = 1e-5
TRIALS = 200
CHECK_EVERY = 2
CHECK_UNTIL = 10
CLOSED_CONDUCTANCE = 9.290304e-10
"""What EPANET lets through a closed link, 1e-8 ft³ s⁻¹ per ft. [m² s⁻¹]"""
NOT_BALANCED = (1, 2)
"""EPANET's warnings that it found no state: not balanced, not stable."""
HOLDING = 9.290304e6
"""What holds a head in place, EPANET's 1e8 ft³ s⁻¹ per ft. [m² s⁻¹]"""


@dataclass(frozen=True)
class SteadyStates:
    """Steady states, one row for each scenario.

    Attributes
    ----------
    heads_m : ndarray, shape (n_scenarios, n_nodes or n_wanted)
        Heads; NaN in scenarios that did not converge. [m]
    flows_m3s : ndarray, shape (n_scenarios, n_links or n_wanted)
        Flows, positive from start to end; NaN where not converged. [m³ s⁻¹]
    outflows_m3s : ndarray, shape (n_scenarios, n_grounds)
        Outflows that depend on pressure, as the network lists them. [m³ s⁻¹]
    statuses : ndarray of int32, shape (n_scenarios, n_special)
        `frozen.Status` of each special link.
    converged : ndarray of bool, shape (n_scenarios,)
        Whether flows changed by less than the accuracy and every status agreed with its heads.
        Ask EPANET about the others.
    trials : ndarray of int32, shape (n_scenarios,)
        Newton steps used; -1 without convergence.
    change : ndarray, shape (n_scenarios,)
        The last step's sum of flow changes over the sum of flows. [-]
    settings : ndarray, shape (1 or n_scenarios, n_special), or None
        The settings asked for; those of the network without.
    """

    heads_m: Values
    flows_m3s: Values
    outflows_m3s: Values
    statuses: Places
    converged: NDArray[np.bool_]
    trials: Places
    change: Values
    settings: Values | None = None

    def settings_of(self, scenario: int, network: frozen.FrozenNetwork) -> Values:
        """Return the settings of one scenario, shape (n_special,)."""
        if self.settings is None:
            return network.settings
        row: Values = self.settings[scenario if len(self.settings) > 1 else 0]
        return row


class SteadySolver:
    """Solve one network for many demands; the structure is analysed once.

    Everything is in the order of the network's ``node_ids`` and ``link_ids``. A solver may be used
    by several threads at once; it is not changed by solving.
    """

    def __init__(
        self, network: frozen.FrozenNetwork, *, kernel: kernels.Kernel | None = None
    ) -> None:
        """Analyse a network.

        Parameters
        ----------
        network : FrozenNetwork
            The network and the moment from which solutions start.
        kernel : Kernel, optional
            Insist on one kernel; without it, the quickest that this machine has.

        Raises
        ------
        KernelMissing
            If the kernel insisted on is not there.
        """
        self.network = network
        self.kernel = kernels.choose(kernel)
        self._library = native.load() if self.kernel == kernels.Kernel.C else None
        self._analyse()

    def _module(self) -> ModuleType:
        """Return the kernel that is a module of Python."""
        if self.kernel == kernels.Kernel.NUMBA:
            module = kernels.numba_kernel()
            assert module is not None
            return module
        return lanes

    def _analyse(self) -> None:
        """Number junctions as they are eliminated, and lay everything out for the kernel.

        After it, ``_nodes`` holds the nodes in the kernel's order (junctions as eliminated, then
        fixed heads), ``_rank`` the way back, and ``_arrays`` what the kernel reads.
        """
        n = self.network
        junctions, fixed = np.flatnonzero(~n.is_fixed), np.flatnonzero(n.is_fixed)
        place = np.full(len(n.node_ids), -1, dtype=np.int64)
        place[junctions] = np.arange(len(junctions))
        ends = place[n.link_nodes]
        joined = ends[(ends >= 0).all(axis=1)]
        steps = ordering.eliminate(len(junctions), [(int(a), int(b)) for a, b in joined])
        self._nodes = np.concatenate([junctions[steps.order], fixed]).astype(np.int32)
        self._rank = np.empty(len(n.node_ids), dtype=np.int32)
        self._rank[self._nodes] = np.arange(len(n.node_ids), dtype=np.int32)
        ranked = self._rank[n.link_nodes]
        entry = {
            (column, int(row)): at
            for column in range(len(junctions))
            for at, row in enumerate(
                steps.row[steps.column[column] : steps.column[column + 1]],
                start=int(steps.column[column]),
            )
        }
        places = [entry.get((min(a, b), max(a, b)), -1) for a, b in ranked.tolist()]
        plain = np.ones(len(n.link_ids), dtype=bool)
        plain[n.special] = False
        ordinary = np.flatnonzero(plain).astype(np.int32)
        nothing = np.zeros(0, dtype=np.int32)
        self._arrays: dict[str, NDArray[Any]] = {
            "start": np.ascontiguousarray(ranked[:, 0]),
            "end": np.ascontiguousarray(ranked[:, 1]),
            "place": np.asarray(places, dtype=np.int32),
            "resist": n.resistance,
            "minor": n.minor,
            "rough": n.relative_roughness,
            "slow": n.slowness,
            "pipe": nothing if n.is_darcy else ordinary,
            "darcy_pipe": ordinary if n.is_darcy else nothing,
            "special": n.special,
            "kind": n.kinds,
            "shut_head": n.shutoff_m,
            "pump_r": n.pump_r,
            "pump_n": n.pump_n,
            "curve_at": n.curve_at,
            "curve_size": n.curve_size,
            "curve_x": n.curve_x,
            "curve_y": n.curve_y,
            "diameter": n.diameters_m[n.special],
            "floor": n.floors_m[fixed],
            "ceiling": n.ceilings_m[fixed],
            "ground": self._rank[n.ground_nodes],
            "ground_kind": n.ground_kinds,
            "ground_r": n.ground_r,
            "ground_n": n.ground_n,
            "ground_head": n.ground_head_m,
            "ground_span": n.ground_span_m,
            "column": steps.column,
            "row": steps.row,
            "target": steps.target,
            "elevation": n.elevations_m[self._nodes],
        }
        self._arrays |= self._held()
        self._arrays = {name: np.ascontiguousarray(a) for name, a in self._arrays.items()}
        self._counts = {
            "junctions": len(junctions),
            "fixed": len(fixed),
            "links": len(n.link_ids),
            "pipes": len(self._arrays["pipe"]),
            "darcy": len(self._arrays["darcy_pipe"]),
            "specials": len(n.special),
            "grounds": len(n.ground_nodes),
            "fill": len(steps.row),
        }
        self._view = native.NetworkArrays(
            exponent=n.exponent,
            **self._counts,
            **{name: native.pointer(array) for name, array in self._arrays.items()},
        )

    def _held(self) -> dict[str, NDArray[Any]]:
        """Return the links and outflows at the node that each PRV or PSV holds."""
        n, start, end = self.network, self._arrays["start"], self._arrays["end"]
        links: list[int] = []
        outflows: list[int] = []
        link_at, outflow_at = [0], [0]
        for kind, valve in zip(n.kinds.tolist(), n.special.tolist(), strict=True):
            if kind in lanes.HOLDING:
                node = (end if kind == frozen.Kind.PRV else start)[valve]
                links += [-int(link) - 1 for link in np.flatnonzero(start == node)]
                links += [int(link) + 1 for link in np.flatnonzero(end == node)]
                outflows += np.flatnonzero(self._arrays["ground"] == node).tolist()
            link_at.append(len(links))
            outflow_at.append(len(outflows))
        return {
            "held_at": np.asarray(link_at, dtype=np.int32),
            "held": np.asarray(links, dtype=np.int32),
            "held_ground_at": np.asarray(outflow_at, dtype=np.int32),
            "held_ground": np.asarray(outflows, dtype=np.int32),
        }

    # -- solving

    def solve(
        self,
        *,
        demands_m3s: ArrayLike | None = None,
        base_m3s: ArrayLike | None = None,
        factors: ArrayLike | None = None,
        heads_m: ArrayLike | None = None,
        settings: ArrayLike | None = None,
        ground_r: ArrayLike | None = None,
        nodes: ArrayLike | None = None,
        links: ArrayLike | None = None,
        start: SteadyStates | None = None,
        in_time: bool = False,
        accuracy: float = ACCURACY,
        trials: int = TRIALS,
    ) -> SteadyStates:
        """Return the steady state of every scenario.

        Parameters
        ----------
        demands_m3s : array_like, shape (n_scenarios, n_nodes), optional
            Demand at each node; what stands at reservoirs and tanks is not used. The network's own
            demands without this and without ``factors``. [m³ s⁻¹]
        base_m3s : array_like, shape (n_groups, n_nodes); factors : array_like, shape
            (n_scenarios, n_groups); optional
            Demands written as groups: what is demanded is ``factors @ base_m3s``, worked out
            scenario by scenario so that a year of them never lies in memory. Added to
            ``demands_m3s`` if that is given too. [m³ s⁻¹], [-]
        heads_m : array_like, shape (n_nodes,) or (n_scenarios, n_nodes), optional
            Heads of reservoirs and tanks; what stands at junctions is not used. The network's own
            without. [m]
        settings : array_like, shape (n_special,) or (n_scenarios, n_special), optional
            Settings of special links as in the network; a pump at zero stands still.
        ground_r : array_like, shape (n_scenarios, n_grounds), optional
            Coefficients of the outflows that depend on pressure; zero: none.
        nodes, links : array_like of int, optional
            Places of the nodes and links whose results are wanted; all without.
        start : SteadyStates, optional
            Where to start from: the first scenario of an earlier answer for all nodes and links.
        in_time : bool
            Whether neighboring scenarios are alike, as moments of a series: most then start from
            the one before them. Answers then agree with separate ones within the accuracy.
        accuracy : float
            Sum of flow changes over sum of flows at which a scenario has converged. [-]
        trials : int
            Newton steps at most.

        Returns
        -------
        SteadyStates
            In the order of the scenarios.

        Raises
        ------
        ValueError
            If a shape does not fit.

        References
        ----------
        .. [1] E. Todini, L. Rossman, "Unified framework for deriving simultaneous equation
           algorithms for water distribution networks", J. Hydraul. Eng. 139(5), 2013.
        .. [2] L. Rossman et al., "EPANET 2.2 User Manual", EPA/600/R-20/133, 2020, ch. 12.
        """
        n, counts = self.network, self._counts
        question = self._question(demands_m3s, base_m3s, factors, heads_m, settings, ground_r)
        scenarios = question.scenarios
        wanted_nodes = self._wanted(nodes, len(n.node_ids))
        wanted_links = self._wanted(links, len(n.link_ids))
        begin_flow = n.flows_m3s if start is None else start.flows_m3s[0]
        begin_ground = n.ground_flows_m3s if start is None else start.outflows_m3s[0]
        begin_status = n.statuses if start is None else start.statuses[0]
        if len(begin_flow) != len(n.link_ids):
            raise ValueError("start must hold all links")
        answer = lanes.Answer(
            heads=np.empty((scenarios, len(wanted_nodes))),
            flows=np.empty((scenarios, len(wanted_links))),
            grounds=np.empty((scenarios, counts["grounds"])),
            statuses=np.empty((scenarios, counts["specials"]), dtype=np.int32),
            trials=np.full(scenarios, -1, dtype=np.int32),
            change=np.full(scenarios, np.inf),
        )
        begin = lanes.Begin(
            flow=np.ascontiguousarray(begin_flow, dtype=float),
            ground=np.ascontiguousarray(begin_ground, dtype=float),
            status=np.ascontiguousarray(begin_status, dtype=np.int32),
        )
        options = lanes.Options(accuracy, trials, CHECK_EVERY, CHECK_UNTIL, in_time)
        out_nodes = np.ascontiguousarray(self._rank[wanted_nodes])
        if self._library is None and scenarios:
            self._module().solve(
                self._arrays, self._counts, n.exponent, options, question, begin,
                out_nodes, wanted_links, answer,
            )  # fmt: skip
        elif scenarios:
            self._solve_compiled(options, question, begin, out_nodes, wanted_links, answer)
        converged = answer.trials > 0
        answer.heads[~converged] = np.nan
        answer.flows[~converged] = np.nan
        return SteadyStates(
            heads_m=answer.heads,
            flows_m3s=answer.flows,
            outflows_m3s=answer.grounds,
            statuses=answer.statuses,
            converged=converged,
            trials=answer.trials,
            change=answer.change,
            settings=question.setting,
        )

    def _wanted(self, places: ArrayLike | None, count: int) -> Places:
        if places is None:
            return np.arange(count, dtype=np.int32)
        found = np.ascontiguousarray(places, dtype=np.int32)
        if found.size and (found.min() < 0 or found.max() >= count):
            raise ValueError(f"places must lie between 0 and {count - 1}")
        return found

    def _question(
        self,
        demands_m3s: ArrayLike | None,
        base_m3s: ArrayLike | None,
        factors: ArrayLike | None,
        heads_m: ArrayLike | None,
        settings: ArrayLike | None,
        ground_r: ArrayLike | None,
    ) -> lanes.Question:
        """Return the scenarios in the kernel's order, checked for their shapes."""
        n, junctions = self.network, self._nodes[: self._counts["junctions"]]
        if (base_m3s is None) != (factors is None):
            raise ValueError("base_m3s and factors go together")
        rows = {
            name: np.atleast_2d(np.asarray(values, dtype=float)).shape[0]
            for name, values in (
                ("demands_m3s", demands_m3s),
                ("factors", factors),
                ("ground_r", ground_r),
            )
            if values is not None
        }
        for name, values in (("heads_m", heads_m), ("settings", settings)):
            if values is not None and np.ndim(np.asarray(values)) == 2:
                rows[name] = len(np.asarray(values))
        scenarios = max(rows.values(), default=1)
        if len(set(rows.values()) - {1}) > 1:
            raise ValueError(f"the numbers of scenarios differ: {rows}")
        demand = None
        if demands_m3s is None and factors is None:
            demand = _spread(n.demands_m3s, scenarios, len(n.node_ids), "demands_m3s")
        elif demands_m3s is not None:
            demand = _spread(demands_m3s, scenarios, len(n.node_ids), "demands_m3s")
        group = node = np.zeros(0, dtype=np.int32)
        base, factor = np.zeros(0), np.zeros((0, 0))
        if base_m3s is not None and factors is not None:
            table = np.atleast_2d(np.asarray(base_m3s, dtype=float))
            if table.shape[1] != len(n.node_ids):
                raise ValueError(f"base_m3s wants {len(n.node_ids)} nodes, not {table.shape[1]}")
            table = table[:, junctions]
            group, node = (found.astype(np.int32) for found in np.nonzero(table))
            base = table[group, node]
            factor = _spread(factors, scenarios, len(table), "factors")
        fixed = self._nodes[self._counts["junctions"] :]
        heads = np.atleast_2d(np.asarray(n.heads_m if heads_m is None else heads_m, dtype=float))
        held = np.atleast_2d(np.asarray(n.settings if settings is None else settings, dtype=float))
        if heads.shape[1] != len(n.node_ids) or held.shape[1] != len(n.special):
            raise ValueError("heads_m wants a value for each node, settings for each special link")
        coefficient = None
        if ground_r is not None:
            coefficient = _spread(ground_r, scenarios, len(n.ground_nodes), "ground_r")
        return lanes.Question(
            scenarios=scenarios,
            demand=None if demand is None else np.ascontiguousarray(demand[:, junctions]),
            base_node=np.ascontiguousarray(node),
            base_group=np.ascontiguousarray(group),
            base=np.ascontiguousarray(base),
            factor=np.ascontiguousarray(factor),
            fixed=np.ascontiguousarray(heads[:, fixed]),
            setting=np.ascontiguousarray(held),
            ground_r=coefficient,
        )

    def _solve_compiled(
        self,
        options: lanes.Options,
        question: lanes.Question,
        begin: lanes.Begin,
        out_nodes: Places,
        out_links: Places,
        answer: lanes.Answer,
    ) -> None:
        assert self._library is not None
        bounds = native.Options(
            options.accuracy,
            options.trials,
            options.check_every,
            options.check_until,
            int(options.in_time),
        )
        at, whole = native.pointer, ctypes.c_int64
        failed = self._library.steady_solve(
            ctypes.byref(self._view), ctypes.byref(bounds), whole(question.scenarios),
            at(question.demand), whole(len(question.base)), at(question.base_node),
            at(question.base_group), at(question.base), whole(question.factor.shape[1]),
            at(question.factor), at(question.fixed), whole(len(question.fixed)),
            at(question.setting), whole(len(question.setting)), at(question.ground_r),
            at(begin.flow), at(begin.ground), at(begin.status), whole(len(out_nodes)),
            at(out_nodes), at(answer.heads), whole(len(out_links)), at(out_links),
            at(answer.flows), at(answer.grounds), at(answer.statuses), at(answer.trials),
            at(answer.change),
        )  # fmt: skip
        if failed:
            raise MemoryError("the steady-state kernel found no memory")

    # -- sensitivities

    def sensitivities(
        self, *, sensors: ArrayLike, state: SteadyStates | None = None, scenario: int = 0
    ) -> Values:
        """Return by how much each sensor's head changes for one unit more demand at each node.

        Parameters
        ----------
        sensors : array_like of int, shape (n_sensors,)
            Places of the sensors' nodes.
        state : SteadyStates, optional
            The state about which things change, with all nodes and links; the network's own
            demands are solved without.
        scenario : int
            Which of its scenarios.

        Returns
        -------
        ndarray, shape (n_sensors, n_nodes)
            Change of head for one more cubic metre a second, so mostly negative; zero at and for
            reservoirs and tanks. Multiply by a leak's flow; exact for small ones. [m / (m³ s⁻¹)]

        Notes
        -----
        One factorisation of the symmetric Newton matrix and one back-substitution for each sensor
        (the adjoint) give all nodes at once. A valve that holds a pressure makes the matrix
        unsymmetric: what is taken behind it is drawn in front of it. That is put right by one
        more right-hand side for each such valve (Woodbury's identity).

        References
        ----------
        .. [1] O. Piller et al., "Sensitivity analysis of pressure-driven and demand-driven water
           distribution networks", WRR 53, 2017 (the adjoint of the gradient algorithm).
        """
        if state is None:
            state = self.solve(accuracy=1e-7)
        if not state.converged[scenario]:
            raise ValueError(f"scenario {scenario} did not converge")
        places = self._wanted(sensors, len(self.network.node_ids))
        linear = self.linearised(state=state, scenario=scenario)
        count = self._counts["junctions"]
        sides = np.zeros((len(places), count))
        rank = self._rank[places]
        inside = np.flatnonzero(rank < count)
        sides[inside, rank[inside]] = 1.0
        found = np.zeros((len(places), len(self.network.node_ids)))
        found[:, self._nodes[:count]] = -linear.adjoint(sides)
        return found

    def fed(self, *, state: SteadyStates, scenario: int = 0) -> NDArray[np.bool_]:
        """Return which nodes water can reach: joined to a reservoir or tank by links not closed.

        The head of the others is not defined by the equations. EPANET and this solver give them
        one by letting a trickle through closed links; nobody should build on it.

        Returns
        -------
        ndarray of bool, shape (n_nodes,)
            True where the head means something.
        """
        n = self.network
        is_open = np.ones(len(n.link_ids), dtype=bool)
        status, setting = state.statuses[scenario], state.settings_of(scenario, n)
        pump = np.isin(n.kinds, lanes.PUMPS)
        is_open[n.special] = (status > frozen.Status.CLOSED) & ~(pump & (setting <= 0))
        ends = n.link_nodes[is_open]
        held = np.zeros(0, dtype=np.int64)
        for place in np.flatnonzero(status == frozen.Status.ACTIVE):
            if n.kinds[place] in (frozen.Kind.PRV, frozen.Kind.PSV):
                side = 1 if n.kinds[place] == frozen.Kind.PRV else 0
                held = np.append(held, n.link_nodes[n.special[place], side])
        count = len(n.node_ids)
        sources = np.append(np.flatnonzero(n.is_fixed), held)
        graph = sparse.coo_matrix(
            (
                np.ones(len(ends) + len(sources)),
                (
                    np.append(ends[:, 0], sources),
                    np.append(ends[:, 1], np.full(len(sources), count)),
                ),
            ),
            shape=(count + 1, count + 1),
        )
        _, label = csgraph.connected_components(graph, directed=False)
        found: NDArray[np.bool_] = label[:count] == label[count]
        return found

    def linearised(self, *, state: SteadyStates, scenario: int = 0) -> Linearised:
        """Return the network about a state: how heads answer to small demands.

        Parameters
        ----------
        state : SteadyStates
            With all nodes and links.
        scenario : int
            Which of its scenarios.
        """
        return Linearised(self, state, scenario)


class Linearised:
    """A network about one state. Junctions are in the solver's elimination order."""

    def __init__(self, solver: SteadySolver, state: SteadyStates, scenario: int) -> None:
        """Work out the conductance of each link; see `SteadySolver.linearised`."""
        n = solver.network
        if state.flows_m3s.shape[1] != len(n.link_ids):
            raise ValueError("the state must hold all links")
        self._solver = solver
        self._count = solver._counts["junctions"]
        gradients = lanes.gradients(
            solver._arrays,
            solver._counts,
            n.exponent,
            state.settings_of(scenario, n),
            state.flows_m3s[scenario],
            state.outflows_m3s[scenario],
            state.statuses[scenario],
        )
        self.conductance, ground, held = gradients
        self._grounded = np.zeros(self._count)
        np.add.at(self._grounded, solver._arrays["ground"], ground)
        self._holders: list[tuple[int, int]] = []
        """For each valve that holds a pressure: the node held and the node it draws from."""
        self._sources = np.arange(self._count)
        balance = []
        for hold, draw in held:
            row = self._row(hold)
            self._grounded[hold] += HOLDING
            self._holders.append((hold, draw))
            balance.append(row)
        self._balance = np.asarray(balance).reshape(len(held), self._count)
        for hold, _draw in held:
            self._sources[hold] = self._drawn_from(hold)
        self._correct()

    def _row(self, node: int) -> Values:
        """Return how the outflow of a junction into its links depends on the heads."""
        start, end = self._solver._arrays["start"], self._solver._arrays["end"]
        row = np.zeros(self._count)
        for link in np.flatnonzero((start == node) | (end == node)):
            other = int(end[link] if start[link] == node else start[link])
            row[node] += self.conductance[link]
            if other < self._count:
                row[other] -= self.conductance[link]
        row[node] += self._grounded[node]
        return row

    def _drawn_from(self, node: int) -> int:
        """Return where what is taken at a held node comes from, through valves in series."""
        draws = dict(self._holders)
        seen = set()
        while node in draws and node not in seen:
            seen.add(node)
            node = draws[node]
        return node

    def _symmetric(self, sides: Values) -> Values:
        """Solve the symmetric part for rows of right-hand sides."""
        found = np.ascontiguousarray(sides, dtype=float).copy()
        solver = self._solver
        if solver._library is None:
            solved: Values = solver._module().linear(
                solver._arrays, solver._counts, self.conductance, self._grounded, found
            )
            return solved
        failed = solver._library.steady_linear(
            ctypes.byref(solver._view),
            native.pointer(np.ascontiguousarray(self.conductance)),
            native.pointer(self._grounded),
            ctypes.c_int64(len(found)),
            native.pointer(found),
        )
        if failed:
            raise MemoryError("the steady-state kernel found no memory")
        return found

    def _correct(self) -> None:
        """Prepare the correction for valves that hold a pressure."""
        holders = len(self._holders)
        if not holders:
            return
        # J = A + Σ e_draw cᵀ: what leaves a held node is drawn from the node before its valve.
        draw = np.zeros((holders, self._count))
        for place, (hold, _draw) in enumerate(self._holders):
            source = int(self._sources[hold])
            if source < self._count:
                draw[place, source] = 1.0
        self._draw = draw
        self._solved_balance = self._symmetric(self._balance)
        self._small = np.eye(holders) + draw @ self._solved_balance.T

    def adjoint(self, sides: Values) -> Values:
        """Return for rows of weights on heads how the weighted head answers to each inflow.

        Parameters
        ----------
        sides : ndarray, shape (n_rows, n_junctions)
            Weights, junctions in elimination order.

        Returns
        -------
        ndarray, shape (n_rows, n_junctions)
            Change of the weighted head for one cubic metre a second more into each junction.
        """
        found = self._symmetric(sides)
        if not self._holders:
            return found
        # J⁻ᵀ = A⁻¹ - A⁻¹ C (I + Uᵀ A⁻¹ C)⁻¹ Uᵀ A⁻¹, and water at a held node comes from elsewhere.
        weights = np.linalg.solve(self._small, self._draw @ found.T)
        found = found - weights.T @ self._solved_balance
        answer: Values = found.copy()
        for hold, _draw in self._holders:
            source = int(self._sources[hold])
            answer[:, hold] = found[:, source] if source < self._count else 0.0
        return answer


def _spread(values: ArrayLike, rows: int, columns: int, name: str) -> Values:
    """Return a table with a row for each scenario, refusing another width."""
    table = np.atleast_2d(np.asarray(values, dtype=float))
    if table.shape[1] != columns or table.shape[0] not in (1, rows):
        raise ValueError(f"{name} must have the shape ({rows}, {columns}), not {table.shape}")
    return np.ascontiguousarray(np.broadcast_to(table, (rows, columns)))


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
    solver: SteadySolver,
    project: epanet.EpanetProject,
    *,
    demands_m3s: ArrayLike,
    accuracy: float = ACCURACY,
    trials: int = TRIALS,
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
