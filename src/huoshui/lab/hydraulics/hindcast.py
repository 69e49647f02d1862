"""What a model says for every moment that was measured, driven by the measured boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.hydraulics import epanet, frozen, metered_areas, steady

Values = NDArray[np.float64]
Places = NDArray[np.int32]

CHUNK = 8192
"""Moments solved at a time: the heads of their tanks are a table as wide as the network."""
SLOPE_WINDOW_S = 3600.0
"""Over how long a tank's level is fitted by a line to tell what it takes up."""


@dataclass(frozen=True)
class DemandModel:
    """The demands of an INP file: groups of nodes that follow one pattern each.

    Attributes
    ----------
    base_m3s : ndarray, shape (n_groups, n_nodes)
        Base demand, the file's multiplier included. [m³ s⁻¹]
    patterns : tuple of ndarray
        The multipliers of each group's pattern. [-]
    step_s : float
        How long each multiplier holds. [s]
    names : tuple of str
        The patterns' names; empty for demands without one.
    """

    base_m3s: Values
    patterns: tuple[Values, ...]
    step_s: float
    names: tuple[str, ...]

    def factors(self, *, at_s: ArrayLike, start_s: float) -> Values:
        """Return the multiplier of each group at each moment.

        Parameters
        ----------
        at_s : array_like, shape (n_times,)
            Moments. [s]
        start_s : float
            Moment at which every pattern begins. [s]

        Returns
        -------
        ndarray, shape (n_times, n_groups)
            Multipliers; a pattern repeats itself. [-]
        """
        step = np.floor((np.asarray(at_s, dtype=float) - start_s) / self.step_s).astype(np.int64)
        columns = [pattern[step % len(pattern)] for pattern in self.patterns]
        return np.stack(columns, axis=1) if columns else np.zeros((len(step), 0))


def demand_model(project: epanet.EpanetProject) -> DemandModel:
    """Read the demands of an open project, one group for each pattern in use."""
    groups: dict[str, Values] = {}
    for node, demands in project.base_demands_m3s().items():
        place = project.node(node)
        for base, pattern in demands:
            if base:
                groups.setdefault(pattern, np.zeros(len(project.node_ids)))[place] += base
    one = np.ones(1)
    return DemandModel(
        base_m3s=np.stack(list(groups.values())) * project.demand_multiplier()
        if groups
        else np.zeros((0, len(project.node_ids))),
        patterns=tuple(project.pattern_values(name) if name else one for name in groups),
        step_s=float(project.pattern_step_s()),
        names=tuple(groups),
    )


@dataclass(frozen=True)
class Boundaries:
    """What was measured and drives the model.

    Attributes
    ----------
    at_s : ndarray, shape (n_times,)
        Moments, rising. [s]
    flows_m3s : mapping of link name to ndarray, shape (n_times,)
        Flow meters, positive from start to end; NaN is not known. [m³ s⁻¹]
    levels_m : mapping of tank name to ndarray, shape (n_times,)
        Tank levels above the tank's floor; NaN is not known. [m]
    """

    at_s: Values
    flows_m3s: Mapping[str, Values]
    levels_m: Mapping[str, Values]


@dataclass(frozen=True)
class Hindcast:
    """What the model says.

    Attributes
    ----------
    heads_m : ndarray, shape (n_times, n_wanted_nodes)
        Heads; NaN where a boundary is not known or nothing converged. [m]
    flows_m3s : ndarray, shape (n_times, n_wanted_links)
        Flows. [m³ s⁻¹]
    converged : ndarray of bool, shape (n_times,)
        Whether the moment was solved.
    area : ndarray of int, shape (n_nodes,)
        Metered area of each node.
    scales : ndarray, shape (n_times, n_areas)
        By how much the file's demands were multiplied so that each metered area takes what was
        measured; one where the meters do not tell. [-]
    scaled_areas : ndarray of bool, shape (n_areas,)
        Whether the meters tell what an area takes.
    replaced_pumps : tuple of str
        Pumps whose measured flow stands in their place.
    """

    heads_m: Values
    flows_m3s: Values
    converged: NDArray[np.bool_]
    area: NDArray[np.int64]
    scales: Values
    scaled_areas: NDArray[np.bool_]
    replaced_pumps: tuple[str, ...]


def hindcast(
    solver: steady.SteadySolver,
    *,
    demands: DemandModel,
    boundaries: Boundaries,
    tank_areas_m2: Mapping[str, float],
    start_s: float,
    nodes: ArrayLike,
    links: ArrayLike,
    extra_m3s: Values | None = None,
    accuracy: float = steady.ACCURACY,
) -> Hindcast:
    """Solve a network for each measured moment.

    Where flow meters enclose an area, the demands of the file are scaled so that the area takes
    what was measured (less what its tanks take up), so that leaks are part of the demand until
    somebody finds them. Measured levels are the heads of their tanks. A metered pump between two
    parts that each have a reservoir or tank is replaced by its measured flow.

    Parameters
    ----------
    solver : SteadySolver
        Of the network.
    demands : DemandModel
        Of the same file.
    boundaries : Boundaries
        What was measured.
    tank_areas_m2 : mapping of str to float
        Cross-section of each tank with a measured level. [m²]
    start_s : float
        Moment at which the file's patterns begin. [s]
    nodes, links : array_like of int
        Places of the results wanted.
    extra_m3s : ndarray, shape (n_times, n_nodes), optional
        Demands on top, known leaks for instance; they are part of what the meters measured.
        [m³ s⁻¹]
    accuracy : float
        As in `SteadySolver.solve`. [-]

    Returns
    -------
    Hindcast
        A moment without one of its boundaries is NaN: nothing is filled in.
    """
    drive = prepare(
        solver.network,
        demands=demands,
        boundaries=boundaries,
        tank_areas_m2=tank_areas_m2,
        start_s=start_s,
        extra_m3s=extra_m3s,
    )
    count = len(boundaries.at_s)
    heads = np.empty((count, np.size(nodes)))
    flows = np.empty((count, np.size(links)))
    converged = np.zeros(count, dtype=bool)
    for first in range(0, count, CHUNK):
        now = np.arange(first, min(first + CHUNK, count))
        found = solver.solve(
            **drive.scenarios(now), nodes=nodes, links=links, in_time=True, accuracy=accuracy
        )
        heads[now], flows[now] = found.heads_m, found.flows_m3s
        converged[now] = found.converged
    return Hindcast(
        heads_m=heads,
        flows_m3s=flows,
        converged=converged,
        area=drive.area,
        scales=drive.scales,
        scaled_areas=drive.scaled_areas,
        replaced_pumps=tuple(solver.network.link_ids[link] for link in drive.replaced),
    )


@dataclass(frozen=True)
class Drive:
    """How measured boundaries drive a network: what `SteadySolver.solve` wants to know.

    Attributes
    ----------
    network : FrozenNetwork
        The network.
    base_m3s : ndarray, shape (n_groups, n_nodes); factors : ndarray, shape (n_times, n_groups)
        Demand groups by pattern and area, and replaced pumps, with their factors.
    group_pattern : ndarray of int, shape (n_groups,)
        Pattern of the file each group follows; -1 for replaced pumps.
    group_area : ndarray of int, shape (n_groups,)
        Metered area of each group; -1 for replaced pumps.
    settings : ndarray, shape (n_special,)
        Settings with the replaced pumps at rest.
    tank_heads_m : mapping of int to ndarray, shape (n_times,)
        Heads of the tanks with a measured level, by their place. [m]
    area, scales, scaled_areas
        As in `Hindcast`.
    replaced : list of int
        Links whose measured flow stands in their place.
    extra_m3s : ndarray or None
        As in `hindcast`.
    """

    network: frozen.FrozenNetwork
    base_m3s: Values
    factors: Values
    group_pattern: NDArray[np.int64]
    group_area: NDArray[np.int64]
    settings: Values
    tank_heads_m: dict[int, Values]
    area: NDArray[np.int64]
    scales: Values
    scaled_areas: NDArray[np.bool_]
    replaced: list[int]
    extra_m3s: Values | None

    def scenarios(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Return the moments at some rows as arguments of `SteadySolver.solve`."""
        held = np.repeat(self.network.heads_m[None], len(rows), axis=0)
        for place, head in self.tank_heads_m.items():
            held[:, place] = head[rows]
        return {
            "demands_m3s": None if self.extra_m3s is None else self.extra_m3s[rows],
            "base_m3s": self.base_m3s,
            "factors": self.factors[rows],
            "heads_m": held,
            "settings": self.settings,
        }


def prepare(
    network: frozen.FrozenNetwork,
    *,
    demands: DemandModel,
    boundaries: Boundaries,
    tank_areas_m2: Mapping[str, float],
    start_s: float,
    extra_m3s: Values | None = None,
) -> Drive:
    """Return how boundaries drive a network; the arguments are those of `hindcast`."""
    metered = network.links(list(boundaries.flows_m3s))
    area = metered_areas.areas_between_meters(
        n_nodes=len(network.node_ids), link_nodes=network.link_nodes, metered_links=metered
    )
    scales, told = _scales(
        network, area, demands, boundaries, tank_areas_m2, start_s, metered, extra_m3s
    )
    replaced = _replaced(network, metered)
    settings = network.settings.copy()
    settings[np.isin(network.special, replaced)] = 0.0
    tanks = {
        place: network.elevations_m[place] + level
        for place, level in zip(
            network.nodes(list(boundaries.levels_m)).tolist(),
            boundaries.levels_m.values(),
            strict=True,
        )
    }
    base, factors, pattern, zone = _groups(
        network, area, demands, boundaries, scales, start_s, replaced
    )
    return Drive(
        network=network,
        base_m3s=base,
        factors=factors,
        group_pattern=pattern,
        group_area=zone,
        settings=settings,
        tank_heads_m=tanks,
        area=area,
        scales=scales,
        scaled_areas=told,
        replaced=replaced,
        extra_m3s=extra_m3s,
    )


def level_slope(*, at_s: ArrayLike, level_m: ArrayLike) -> Values:
    """Return how fast a level rises, by a line through the hour around each moment.

    Levels are told to a centimetre, which a difference over five minutes would turn into flows
    of many litres a second.

    Parameters
    ----------
    at_s : array_like, shape (n_times,)
        Moments, evenly spaced. [s]
    level_m : array_like, shape (n_times,)
        Level. NaN is not known and is left out of the line. [m]

    Returns
    -------
    ndarray, shape (n_times,)
        Slope; NaN with fewer than three levels in the hour. [m s⁻¹]
    """
    at, level = np.asarray(at_s, dtype=float), np.asarray(level_m, dtype=float)
    if len(at) < 3:
        return np.full(len(at), np.nan)
    step = float(np.median(np.diff(at)))
    half = max(round(SLOPE_WINDOW_S / 2 / step), 1)
    known: Values = np.isfinite(level).astype(float)
    offset = float(np.nanmean(level)) if known.any() else 0.0
    value: Values = np.where(known > 0, level - offset, 0.0)
    place: Values = np.arange(-half, half + 1).astype(float) * step

    def window(values: Values, weights: Values) -> Values:
        # "same" would be as long as the window where that is longer than the series.
        whole = np.convolve(values, weights[::-1], mode="full")
        return whole[half : half + len(values)]

    one = np.ones_like(place)
    n, sx, sxx = (window(known, weights) for weights in (one, place, place**2))
    sy, sxy = window(value, one), window(value, place)
    spread = n * sxx - sx**2
    with np.errstate(divide="ignore", invalid="ignore"):
        slope: Values = np.where(n >= 3, (n * sxy - sx * sy) / spread, np.nan)
    return slope


def _scales(
    network: frozen.FrozenNetwork,
    area: NDArray[np.int64],
    demands: DemandModel,
    boundaries: Boundaries,
    tank_areas_m2: Mapping[str, float],
    start_s: float,
    metered: Places,
    extra_m3s: Values | None,
) -> tuple[Values, NDArray[np.bool_]]:
    """Return the multiplier of demands of each area at each moment, and which meters tell it."""
    n_areas, count = int(area.max()) + 1, len(boundaries.at_s)
    measured = np.zeros((count, n_areas))
    for link, flow in zip(metered, boundaries.flows_m3s.values(), strict=True):
        start, end = network.link_nodes[link]
        measured[:, area[start]] -= flow
        measured[:, area[end]] += flow
    known_tanks = set()
    for name, level in boundaries.levels_m.items():
        place = int(network.nodes([name])[0])
        known_tanks.add(place)
        slope = level_slope(at_s=boundaries.at_s, level_m=level)
        measured[:, area[place]] -= slope * tank_areas_m2[name]
    told = np.ones(n_areas, dtype=bool)
    for place in np.flatnonzero(network.is_fixed).tolist():
        if place not in known_tanks:
            told[area[place]] = False
    if extra_m3s is not None:
        for number in range(n_areas):
            measured[:, number] -= extra_m3s[:, area == number].sum(axis=1)
    factors = demands.factors(at_s=boundaries.at_s, start_s=start_s)
    modelled = np.stack(
        [factors @ demands.base_m3s[:, area == number].sum(axis=1) for number in range(n_areas)],
        axis=1,
    )
    told &= (modelled > 0).all(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = np.where(told, np.maximum(measured, 0.0) / modelled, 1.0)
    return scales, told


def _replaced(network: frozen.FrozenNetwork, metered: Places) -> list[int]:
    """Return metered pumps that may be taken out: everything keeps a reservoir or tank."""
    pumps = [
        int(link)
        for link, kind in zip(network.special, network.kinds, strict=True)
        if kind in (frozen.Kind.PUMP_POWER, frozen.Kind.PUMP_CURVE, frozen.Kind.PUMP_POWER_KW)
        and link in metered
    ]
    kept: list[int] = []
    for pump in pumps:
        labels = metered_areas.areas_between_meters(
            n_nodes=len(network.node_ids),
            link_nodes=network.link_nodes,
            metered_links=[*kept, pump],
        )
        if set(labels.tolist()) <= set(labels[network.is_fixed].tolist()):
            kept.append(pump)
    return kept


def _groups(
    network: frozen.FrozenNetwork,
    area: NDArray[np.int64],
    demands: DemandModel,
    boundaries: Boundaries,
    scales: Values,
    start_s: float,
    replaced: list[int],
) -> tuple[Values, Values, NDArray[np.int64], NDArray[np.int64]]:
    """Return demand groups and replaced pumps: rows, factors, pattern and area of each."""
    pattern = demands.factors(at_s=boundaries.at_s, start_s=start_s)
    rows, columns, kinds = [], [], []
    for group, base in enumerate(demands.base_m3s):
        for number in np.unique(area[base != 0]).tolist():
            rows.append(np.where(area == number, base, 0.0))
            columns.append(pattern[:, group] * scales[:, number])
            kinds.append((group, number))
    for pump in replaced:
        start, end = network.link_nodes[pump]
        row = np.zeros(len(network.node_ids))
        row[start], row[end] = 1.0, -1.0
        rows.append(row)
        columns.append(boundaries.flows_m3s[network.link_ids[pump]])
        kinds.append((-1, -1))
    if not rows:
        rows, columns = [np.zeros(len(network.node_ids))], [np.zeros(len(boundaries.at_s))]
        kinds = [(-1, -1)]
    of = np.asarray(kinds, dtype=np.int64)
    return np.stack(rows), np.stack(columns, axis=1), of[:, 0], of[:, 1]
