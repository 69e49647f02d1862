"""One moment of a network as arrays: what a steady state needs to know, in SI."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.lab import units
from huoshui.lab.hydraulics import epanet

Values = NDArray[np.float64]
Places = NDArray[np.int32]
Mask = NDArray[np.bool_]

# EPANET's own numbers, which its answers depend on by up to a centimetre.
GRAVITY_FTS2 = 32.2
VISCOSITY_FT2S = 1.1e-5
MINOR_LOSS = 0.02517
HAZEN_WILLIAMS = 4.727
HORSEPOWER_HEAD = 8.814
KW_PER_HORSEPOWER = 0.7457
KPA_PER_PSI = 6.895
BAR_PER_PSI = 0.068948
ONE_POINT_SHUTOFF = 1.33334
LEAK_DISCHARGE = 4.8149866e-6
"""0.6 √(2 g) in ft^0.5 s⁻¹, for an area in mm² taken as m² and turned into ft² apart."""
FT = units.M_PER_FOOT
FT3 = units.M3_PER_FOOT3


class Kind(enum.IntEnum):
    """What a link with a status of its own is; the numbers are those of the kernel."""

    CHECK_VALVE = 0
    SWITCHED = 1
    PUMP_POWER = 2
    PUMP_CURVE = 3
    PUMP_POWER_KW = 4
    PRV = 5
    PSV = 6
    FCV = 7
    TCV = 8
    PBV = 9
    GPV = 10


class Status(enum.IntEnum):
    """What state a link is in; the numbers are those of the kernel and of EPANET."""

    OVER_SHUTOFF = 0
    TANK_CLOSED = 1
    CLOSED = 2
    OPEN = 3
    ACTIVE = 4
    FLOW_NOT_REACHED = 6


class Ground(enum.IntEnum):
    """What an outflow that depends on pressure is."""

    EMITTER = 0
    LEAK = 1
    DEMAND = 2


class NotSupported(ValueError):
    """The network has something that only EPANET computes; the message names it."""


@dataclass(frozen=True)
class FrozenNetwork:
    """One network at one moment.

    Nodes are in the order of ``node_ids``, links in that of ``link_ids``, as in the project it was
    frozen from. Special links (valves, pumps, check valves, links at tanks, closed pipes) have a
    status; the others are pipes with water in them whatever happens.

    Attributes
    ----------
    is_fixed : ndarray of bool, shape (n_nodes,)
        Reservoirs and tanks: their head is given.
    elevations_m, heads_m, demands_m3s : ndarray, shape (n_nodes,)
        Elevation; the head of that moment; the demand asked for. [m], [m], [m³ s⁻¹]
    floors_m, ceilings_m : ndarray, shape (n_nodes,)
        Head at which a tank is empty or full and its links close; ∓inf for others. [m]
    link_nodes : ndarray of int32, shape (n_links, 2)
        Places of the start and end node.
    flows_m3s : ndarray, shape (n_links,)
        Flow of that moment, positive from start to end. [m³ s⁻¹]
    resistance, minor : ndarray, shape (n_links,)
        Head loss is resistance·q^exponent + minor·q²; with Darcy-Weisbach the resistance still
        wants its friction factor. [m (m³ s⁻¹)^-exponent], [s² m⁻⁵]
    relative_roughness, slowness : ndarray, shape (n_links,)
        For Darcy-Weisbach: roughness over diameter, viscosity times diameter. [-], [m³ s⁻¹]
    exponent : float
        1.852 for Hazen-Williams, 2 for the others. [-]
    is_darcy : bool
        Whether friction is Darcy-Weisbach.
    special : ndarray of int32, shape (n_special,)
        Links that have a status.
    kinds, statuses : ndarray of int32, shape (n_special,)
        `Kind` and `Status` of each.
    settings : ndarray, shape (n_special,)
        Pressure held [m], flow held [m³ s⁻¹], loss coefficient, relative speed; NaN: none.
    shutoff_m, pump_r, pump_n : ndarray, shape (n_special,)
        Pump curve: head = shutoff - r q^n; of a pump of constant power: head = r / q.
    curve_at, curve_size : ndarray of int32, shape (n_special,); curve_x, curve_y : ndarray
        Points of pump and valve curves. [m³ s⁻¹], [m]
    ground_nodes, ground_kinds : ndarray of int32, shape (n_grounds,)
        Nodes with an outflow that depends on their pressure, and its `Ground`.
    ground_r, ground_n, ground_head_m, ground_span_m : ndarray, shape (n_grounds,)
        Head above ``ground_head_m`` is r·q^n; for a demand, r is the demand in full and
        ``ground_span_m`` the pressure between none and all of it.
    ground_flows_m3s : ndarray, shape (n_grounds,)
        Outflow of that moment. [m³ s⁻¹]
    """

    node_ids: tuple[str, ...]
    link_ids: tuple[str, ...]
    is_fixed: Mask
    elevations_m: Values
    heads_m: Values
    demands_m3s: Values
    floors_m: Values
    ceilings_m: Values
    link_nodes: Places
    flows_m3s: Values
    diameters_m: Values
    lengths_m: Values
    roughness: Values
    resistance: Values
    minor: Values
    relative_roughness: Values
    slowness: Values
    exponent: float
    is_darcy: bool
    special: Places
    kinds: Places
    statuses: Places
    settings: Values
    shutoff_m: Values
    pump_r: Values
    pump_n: Values
    curve_at: Places
    curve_size: Places
    curve_x: Values
    curve_y: Values
    ground_nodes: Places
    ground_kinds: Places
    ground_r: Values
    ground_n: Values
    ground_head_m: Values
    ground_span_m: Values
    ground_flows_m3s: Values

    def nodes(self, names: Sequence[str]) -> Places:
        """Return the places of nodes by name, refusing unknown ones."""
        return _found(names, self.node_ids, "node")

    def links(self, names: Sequence[str]) -> Places:
        """Return the places of links by name, refusing unknown ones."""
        return _found(names, self.link_ids, "link")


def _found(names: Sequence[str], known: tuple[str, ...], what: str) -> Places:
    at = {name: place for place, name in enumerate(known)}
    missing = [name for name in names if name not in at]
    if missing:
        raise epanet.UnknownObject(f"no {what} {', '.join(missing[:5])}")
    return np.asarray([at[name] for name in names], dtype=np.int32)


def load(path: Path | str) -> FrozenNetwork:
    """Read an INP file, solve its first moment with EPANET at 1e-6 and freeze it.

    Raises
    ------
    epanet.EpanetRefused
        If EPANET cannot read or solve it.
    NotSupported
        If it has something only EPANET computes.
    """
    with epanet.EpanetProject.from_path(Path(path)) as project:
        project.set_accuracy(1e-6)
        project.start()
        project.solve()
        return freeze(project)


def freeze(project: epanet.EpanetProject) -> FrozenNetwork:
    """Return the moment that a project has just solved.

    Parameters
    ----------
    project : EpanetProject
        Started and solved.

    Raises
    ------
    NotSupported
        For positional control valves, and pumps or valves whose curve is missing.

    References
    ----------
    .. [1] L. Rossman et al., "EPANET 2.2 User Manual", U.S. EPA, EPA/600/R-20/133, 2020, ch. 12
       (head losses, pumps, valves, emitters, pressure-dependent demand).
    .. [2] OWA-EPANET 2.3, "Pipe leakage": FAVAD with a fixed and a pressure-dependent area.
    """
    nodes, links, option = project.raw_nodes, project.raw_links, project.raw_option
    metric = project.is_metric
    flow_unit, length = project.flow_unit_m3s, 1.0 if metric else FT
    pressure = _pressure_unit_m(project)
    node_types = project.node_types()
    link_types = project.link_types()
    is_fixed = node_types > 0
    elevations = nodes("ELEVATION") * length
    diameters = links("DIAMETER") * (1e-3 if metric else FT / 12)
    lengths = links("LENGTH") * length
    roughness = links("ROUGHNESS")
    form = int(option("HEADLOSSFORM"))
    with np.errstate(divide="ignore", invalid="ignore"):
        resistance, relative, slowness = _friction(
            form=form,
            roughness=roughness * (1.0 if form != 1 else 1e-3 if metric else FT * 1e-3),
            diameter_m=diameters,
            length_m=lengths,
            viscosity_m2s=option("SP_VISCOS") * VISCOSITY_FT2S * FT * FT,
        )
        minor = MINOR_LOSS * links("MINORLOSS") / (diameters / FT) ** 4 * FT / FT3**2
    is_pipe = link_types <= 1
    is_pump = link_types == 2
    resistance[~is_pipe] = 0.0
    minor[is_pump] = 0.0
    relative[~is_pipe], slowness[~is_pipe] = 0.0, 1.0
    floors, ceilings = _tank_limits(project, node_types, elevations, length)
    ends = project.link_nodes.astype(np.int32)
    heads, flows = project.heads_m(), project.flows_m3s()
    specials = _specials(
        project, link_types, ends, elevations, heads, flows, floors, ceilings, pressure
    )
    demands = nodes("FULLDEMAND") * flow_unit
    demands[is_fixed] = 0.0
    grounds = _grounds(project, demands, is_fixed, elevations, link_types, lengths, pressure)
    if int(option("DEMAND_MODEL")) == 1:
        demands = np.where(demands > 0, 0.0, demands)
    return FrozenNetwork(
        node_ids=project.node_ids,
        link_ids=project.link_ids,
        is_fixed=is_fixed,
        elevations_m=elevations,
        heads_m=heads,
        demands_m3s=demands,
        floors_m=floors,
        ceilings_m=ceilings,
        link_nodes=ends,
        flows_m3s=flows,
        diameters_m=diameters,
        lengths_m=lengths,
        roughness=roughness,
        resistance=resistance,
        minor=np.nan_to_num(minor, nan=0.0, posinf=0.0),
        relative_roughness=relative,
        slowness=slowness,
        exponent=1.852 if form == 0 else 2.0,
        is_darcy=form == 1,
        **specials,
        **grounds,
    )


def _pressure_unit_m(project: epanet.EpanetProject) -> float:
    """Return how many metres of head one unit of pressure in the file is.

    A unit of pressure is less head of a heavier liquid; a metre or a foot of it stays one.
    """
    gravity = project.raw_option("SP_GRAVITY")
    return {
        0: FT / (epanet.PSI_PER_FOOT * gravity),
        1: FT / (epanet.PSI_PER_FOOT * KPA_PER_PSI * gravity),
        2: 1.0,
        3: FT / (epanet.PSI_PER_FOOT * BAR_PER_PSI * gravity),
        4: FT,
    }[int(project.raw_option("PRESS_UNITS"))]


def _friction(
    *, form: int, roughness: Values, diameter_m: Values, length_m: Values, viscosity_m2s: float
) -> tuple[Values, Values, Values]:
    """Return resistance, relative roughness and slowness of pipes in EPANET's three formulas."""
    diameter, run = diameter_m / FT, length_m / FT
    nothing, one = np.zeros_like(diameter), np.ones_like(diameter)
    if form == 0:
        in_feet = HAZEN_WILLIAMS * run / roughness**1.852 / diameter**4.871
        return in_feet * FT / FT3**1.852, nothing, one
    if form == 1:
        area = math.pi * diameter**2 / 4
        in_feet = run / 2.0 / GRAVITY_FTS2 / diameter / area**2
        slow = viscosity_m2s * diameter_m
        return in_feet * FT / FT3**2, roughness / diameter_m, slow
    per_area = 4.0 * roughness / (1.49 * math.pi * diameter**2)
    in_feet = per_area**2 * (diameter / 4.0) ** -1.333 * run
    return in_feet * FT / FT3**2, nothing, one


def _tank_limits(
    project: epanet.EpanetProject, types: Places, elevations: Values, length: float
) -> tuple[Values, Values]:
    floors = np.full(len(types), -np.inf)
    ceilings = np.full(len(types), np.inf)
    tanks = types == 2
    if tanks.any():
        floors[tanks] = (elevations + project.raw_nodes("MINLEVEL") * length)[tanks]
        full = elevations + project.raw_nodes("MAXLEVEL") * length
        closing = tanks & (project.raw_nodes("CANOVERFLOW") == 0)
        ceilings[closing] = full[closing]
    return floors, ceilings


def _specials(
    project: epanet.EpanetProject,
    types: Places,
    ends: Places,
    elevations: Values,
    heads: Values,
    flows: Values,
    floors: Values,
    ceilings: Values,
    pressure: float,
) -> dict[str, Any]:
    """Return the links with a status: kinds, states, settings and curves."""
    is_open = project.raw_links("STATUS") > 0
    starts_open = project.raw_links("INITSTATUS") > 0
    setting = project.raw_links("SETTING")
    initial = project.raw_links("INITSETTING")
    at_tank = np.isfinite(floors)[ends].any(axis=1)
    special = np.flatnonzero((types != 1) | at_tank | ~is_open)
    count = len(special)
    kinds = np.zeros(count, dtype=np.int32)
    statuses = np.zeros(count, dtype=np.int32)
    settings = np.full(count, np.nan)
    shutoff, pump_r, pump_n = np.full(count, 0.0), np.zeros(count), np.ones(count)
    curve_at, curve_size = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.int32)
    xs: list[float] = []
    ys: list[float] = []
    for place, link in enumerate(special.tolist()):
        kind = int(types[link])
        statuses[place] = Status.OPEN if is_open[link] else Status.CLOSED
        limit = _at_limit(ends[link], heads, floors, ceilings)
        if not is_open[link] and starts_open[link] and limit and kind <= 2:
            statuses[place] = Status.TANK_CLOSED
        if kind <= 1:
            kinds[place] = Kind.CHECK_VALVE if kind == 0 else Kind.SWITCHED
            continue
        name = project.link_ids[link]
        unset = setting[link] == 0 and initial[link] != 0
        if kind == 2:
            settings[place] = setting[link]
            kinds[place], shutoff[place], pump_r[place], pump_n[place], curve = _pump(project, link)
            if not is_open[link] and project.raw_link(link, "PUMP_STATE") == 0:
                statuses[place] = Status.OVER_SHUTOFF
        else:
            kinds[place], settings[place], curve = _valve(
                project, link, kind, math.nan if unset else setting[link], pressure
            )
            if is_open[link] and math.isfinite(settings[place]):
                statuses[place] = _valve_status(
                    kinds[place], settings[place], ends[link], elevations, heads, flows[link]
                )
        if curve:
            if len(curve) < 2:
                msg = f"the curve of {name} has fewer than two points"
                raise NotSupported(msg)
            curve_at[place], curve_size[place] = len(xs), len(curve)
            xs.extend(x * project.flow_unit_m3s for x, _ in curve)
            ys.extend(y * (1.0 if project.is_metric else FT) for _, y in curve)
    return {
        "special": special.astype(np.int32),
        "kinds": kinds,
        "statuses": statuses,
        "settings": settings,
        "shutoff_m": shutoff,
        "pump_r": pump_r,
        "pump_n": pump_n,
        "curve_at": curve_at,
        "curve_size": curve_size,
        "curve_x": np.asarray(xs),
        "curve_y": np.asarray(ys),
    }


def _at_limit(ends: Places, heads: Values, floors: Values, ceilings: Values) -> bool:
    near = 1e-3
    return bool(
        np.any((heads[ends] >= ceilings[ends] - near) | (heads[ends] <= floors[ends] + near))
    )


def _pump(
    project: epanet.EpanetProject, link: int
) -> tuple[Kind, float, float, float, list[tuple[float, float]]]:
    """Return kind, shutoff head, r, n and curve points of a pump."""
    metric, flow = project.is_metric, project.flow_unit_m3s
    kind = project.pump_type(link)
    if kind == 0:
        power = project.raw_link(link, "PUMP_POWER") / (KW_PER_HORSEPOWER if metric else 1.0)
        return Kind.PUMP_POWER_KW, math.inf, HORSEPOWER_HEAD * power * FT * FT3, -1.0, []
    if kind not in (1, 2):
        msg = f"pump {project.link_ids[link]} has no curve"
        raise NotSupported(msg)
    points = project.curve(int(project.raw_link(link, "PUMP_HCURVE")))
    head = 1.0 if metric else FT
    if kind == 2:
        return Kind.PUMP_CURVE, points[0][1] * head, 0.0, 1.0, points
    if len(points) == 1:
        (q1, h1), q2, h2 = points[0], 2 * points[0][0], 0.0
        h0 = ONE_POINT_SHUTOFF * h1
    else:
        (_, h0), (q1, h1), (q2, h2) = points
    n = math.log((h0 - h2) / (h0 - h1)) / math.log(q2 / q1)
    r = (h0 - h1) * head / (q1 * flow) ** n
    return Kind.PUMP_POWER, h0 * head, r, n, []


def _valve(
    project: epanet.EpanetProject, link: int, kind: int, setting: float, pressure: float
) -> tuple[Kind, float, list[tuple[float, float]]]:
    """Return kind, setting in SI and curve points of a valve."""
    match kind:
        case 3:
            return Kind.PRV, setting * pressure, []
        case 4:
            return Kind.PSV, setting * pressure, []
        case 5:
            return Kind.PBV, setting * pressure, []
        case 6:
            return Kind.FCV, setting * project.flow_unit_m3s, []
        case 7:
            return Kind.TCV, setting, []
        case 8:
            curve = project.curve(int(project.raw_link(link, "GPV_CURVE")))
            return Kind.GPV, math.nan, curve
        case _:
            msg = f"valve {project.link_ids[link]} is controlled by its position"
            raise NotSupported(msg)


def _valve_status(
    kind: int, setting: float, ends: Places, elevations: Values, heads: Values, flow: float
) -> Status:
    """Return whether an open valve holds its setting, as its heads and flow tell it."""
    near = 1e-2
    start, end = int(ends[0]), int(ends[1])
    if kind == Kind.PRV and abs(heads[end] - elevations[end] - setting) < near:
        return Status.ACTIVE
    if kind == Kind.PSV and abs(heads[start] - elevations[start] - setting) < near:
        return Status.ACTIVE
    if kind == Kind.FCV:
        reached = abs(flow - setting) <= 1e-3 * abs(setting) + 1e-6
        return Status.ACTIVE if reached else Status.FLOW_NOT_REACHED
    return Status.OPEN


def _grounds(
    project: epanet.EpanetProject,
    demands: Values,
    is_fixed: Mask,
    elevations: Values,
    types: Places,
    lengths: Values,
    pressure: float,
) -> dict[str, Any]:
    """Return the outflows that depend on pressure: emitters, leakage of pipes, demands."""
    flow = project.flow_unit_m3s
    rows: list[tuple[int, Ground, float, float, float, float, float]] = []
    power, emitted = 1.0 / project.raw_option("EMITEXPON"), project.emitter_unit_m
    emitters = project.raw_nodes("EMITTER")
    outflow = project.raw_nodes("EMITTERFLOW") * flow
    back = project.raw_option("EMITBACKFLOW") != 0
    for node in np.flatnonzero((emitters > 0) & ~is_fixed).tolist():
        coefficient = emitters[node] * flow / emitted ** (1.0 / power)
        kind = Ground.EMITTER if back else Ground.LEAK
        r = coefficient**-power
        rows.append((node, kind, r, power, elevations[node], 0.0, outflow[node]))
    rows.extend(_pipe_leaks(project, elevations, is_fixed, types, lengths))
    if int(project.raw_option("DEMAND_MODEL")) == 1:
        least, wanted, exponent = project.pressure_demand()
        low, span = least * pressure, max((wanted - least) * pressure, 0.1 * pressure)
        delivered = project.raw_nodes("DEMANDFLOW") * flow
        for node in np.flatnonzero((demands > 0) & ~is_fixed).tolist():
            head = elevations[node] + low
            row = (node, Ground.DEMAND, demands[node], 1.0 / exponent, head, span, delivered[node])
            rows.append(row)
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    whole, real = (np.asarray(columns[i], dtype=np.int32) for i in (0, 1)), columns[2:]
    names = ("ground_nodes", "ground_kinds")
    found: dict[str, Any] = dict(zip(names, whole, strict=True))
    reals = ("ground_r", "ground_n", "ground_head_m", "ground_span_m", "ground_flows_m3s")
    found |= {
        name: np.asarray(values, dtype=float) for name, values in zip(reals, real, strict=True)
    }
    return found


def _pipe_leaks(
    project: epanet.EpanetProject,
    elevations: Values,
    is_fixed: Mask,
    types: Places,
    lengths: Values,
) -> list[tuple[int, Ground, float, float, float, float, float]]:
    """Return the leakage of pipes at their ends, its fixed and its growing area apart."""
    areas, expansions = project.raw_links("LEAK_AREA"), project.raw_links("LEAK_EXPAN")
    leaking = np.flatnonzero((types <= 1) & ((areas > 0) | (expansions > 0)))
    fixed, growing = np.zeros(len(elevations)), np.zeros(len(elevations))
    # Areas are mm2 per 100 m (or ft) of pipe. Growth is mm2 for each metre of pressure,
    # in files with feet too: EPANET 2.3.5 converts the length of the pipe, not the pressure.
    length = 1.0 if project.is_metric else FT
    discharge = LEAK_DISCHARGE * math.sqrt(FT)
    for link in leaking:
        ends = [node for node in project.link_nodes[link] if not is_fixed[node]]
        for node in ends:
            share = lengths[link] / length / 100.0 / len(ends)
            fixed[node] += discharge * areas[link] * share
            growing[node] += discharge * expansions[link] * share
    rows: list[tuple[int, Ground, float, float, float, float, float]] = []
    for node in np.flatnonzero((fixed > 0) | (growing > 0)).tolist():
        head = elevations[node]
        above = max(float(project.heads_m()[node] - head), 0.0)
        for coefficient, exponent in ((fixed[node], 0.5), (growing[node], 1.5)):
            if coefficient > 0:
                power = 1.0 / exponent
                now = coefficient * above**exponent
                rows.append((node, Ground.LEAK, coefficient**-power, power, head, 0.0, now))
    return rows
