"""The kernel of the steady-state solver for numba: the same steps as `steady.c`, as vectors too.

Where there is no C compiler, this is the next quickest. Importing it imports numba, which takes a
second or two; nothing here is compiled before it is called. `kernels` decides which kernel works
and where numba keeps what it compiled. Names and order follow the C, where the reasons stand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.hydraulics import lanes
from huoshui.lab.hydraulics.frozen import Ground, Kind, Status
from huoshui.lab.hydraulics.numba_formulas import curve, darcy, jit, pipe_one, pump, vpow
from huoshui.lab.hydraulics.numba_vectors import WIDTH, load, magnitude, pick, spread, store

BIG = lanes.BIG
TINY_P = lanes.TINY_CONDUCTANCE
OPEN_P = lanes.OPEN_CONDUCTANCE
FLAT = lanes.FLAT
STEEP = lanes.STEEP
H_TOL = lanes.HEAD_BOUND_M
Q_TOL = lanes.FLOW_BOUND_M3S
CLOSED_FLOW = lanes.CLOSED_FLOW_M3S
REOPENED_FLOW = lanes.REOPENED_FLOW_M3S

XHEAD, TEMPCLOSED, CLOSED, OPEN, ACTIVE, XFCV = (
    int(one)
    for one in (
        Status.OVER_SHUTOFF, Status.TANK_CLOSED, Status.CLOSED, Status.OPEN, Status.ACTIVE,
        Status.FLOW_NOT_REACHED,
    )
)  # fmt: skip
CV, SWITCHED, PUMP_POWER, PUMP_CURVE, PUMP_HP, PRV, PSV, FCV, TCV, PBV, GPV = (
    int(one)
    for one in (
        Kind.CHECK_VALVE, Kind.SWITCHED, Kind.PUMP_POWER, Kind.PUMP_CURVE, Kind.PUMP_POWER_KW,
        Kind.PRV, Kind.PSV, Kind.FCV, Kind.TCV, Kind.PBV, Kind.GPV,
    )
)  # fmt: skip
EMITTER, DEMAND = int(Ground.EMITTER), int(Ground.DEMAND)


class Network(NamedTuple):
    """The network's arrays, as in `steady.c`."""

    junctions: int
    exponent: float
    is_darcy: bool
    start: Any
    end: Any
    place: Any
    resist: Any
    minor: Any
    rough: Any
    slow: Any
    pipe: Any
    darcy_pipe: Any
    special: Any
    kind: Any
    shut_head: Any
    pump_r: Any
    pump_n: Any
    curve_at: Any
    curve_size: Any
    curve_x: Any
    curve_y: Any
    diameter: Any
    floor: Any
    ceiling: Any
    ground: Any
    ground_kind: Any
    ground_n: Any
    ground_head: Any
    ground_span: Any
    column: Any
    row: Any
    target: Any
    elevation: Any
    held_at: Any
    held: Any
    held_ground_at: Any
    held_ground: Any


class Work(NamedTuple):
    """Eight scenarios under way; tables have a row for each item and eight columns."""

    head: Any
    flow: Any
    p: Any
    y: Any
    diag: Any
    off: Any
    column: Any
    demand: Any
    ground_flow: Any
    ground_p: Any
    ground_y: Any
    ground_r: Any
    setting: Any
    status: Any


class Bounds(NamedTuple):
    """When to stop and when to look at statuses."""

    accuracy: float
    trials: int
    check_every: int
    check_until: int
    warm: bool


class Asked(NamedTuple):
    """The scenarios, with tables of one row where all are alike and of none where not asked."""

    demand: Any
    base_node: Any
    base_group: Any
    base: Any
    factor: Any
    fixed: Any
    setting: Any
    ground_r: Any
    flow: Any
    ground: Any
    status: Any
    out_nodes: Any
    out_links: Any


class Found(NamedTuple):
    """Arrays to fill."""

    heads: Any
    flows: Any
    grounds: Any
    statuses: Any
    trials: Any
    change: Any


@jit()
def special(n, w, s, lane):
    """Return p and y of one link whose status may change, in one lane."""
    k, kind, setting = n.special[s], n.kind[s], w.setting[s, lane]
    q = w.flow[k, lane]
    a = abs(q)
    is_pump = PUMP_POWER <= kind <= PUMP_HP
    if w.status[s, lane] <= CLOSED or (is_pump and not setting > 0):
        return TINY_P, q
    if kind in (CV, SWITCHED):
        loss, slope = pipe_one(n, k, a)
        return 1.0 / slope, (-loss if q < 0 else loss) / slope
    if is_pump:
        loss, slope = pump(n, s, q, setting)
        return 1.0 / slope, loss / slope
    if kind == GPV:
        slope, at_zero = curve(n, s, a)
        slope = max(slope, FLAT)
        return 1.0 / slope, (at_zero / slope + a) * (-1.0 if q < 0 else 1.0)
    m = n.minor[k]
    if kind == PBV and not math.isnan(setting) and setting != 0 and m * a * a <= setting:
        return BIG, setting * BIG
    if kind == TCV and not math.isnan(setting):
        m = 0.02517 * setting / (n.diameter[s] / 0.3048) ** 4 / 0.3048**5
    if not m > 0:
        return OPEN_P, q
    slope = 2.0 * m * a
    if slope < FLAT:
        return 1.0 / FLAT, q
    return 1.0 / slope, q / 2.0


@jit()
def grounds(n, w):
    """Work out what outflows that depend on pressure add: links to the ground at a given head."""
    for g in range(len(n.ground)):
        e = n.ground_n[g]
        q, r = load(w.ground_flow, g), load(w.ground_r, g)
        there = r > 0.0
        if n.ground_kind[g] == DEMAND:
            full = pick(there, r, spread(1.0))
            part = q / full
            slope = vpow(magnitude(part), e - 1.0) * (e * n.ground_span[g]) / full
            loss = slope * q / e
            flat = slope < FLAT
            slope = pick(flat, spread(FLAT), slope)
            loss = pick(flat, slope * q, loss)
            none = part <= 0.0
            every = part >= 1.0
            slope = pick(none | every, spread(STEEP), slope)
            above = (q - full) * STEEP + n.ground_span[g]
            loss = pick(none, q * STEEP, pick(every, above, loss))
        else:
            slope = vpow(magnitude(q), e - 1.0) * r * e
            loss = slope * q / e
            flat = slope < FLAT
            steep = slope > STEEP
            slope = pick(flat, spread(FLAT), pick(steep, spread(STEEP), slope))
            loss = pick(flat | steep, slope * q, loss)
            if n.ground_kind[g] != EMITTER:
                back = q <= 0.0
                slope = pick(back, spread(STEEP), slope)
                loss = pick(back, q * STEEP, loss)
        store(w.ground_p, g, pick(there, 1.0 / slope, spread(0.0)))
        store(w.ground_y, g, pick(there, loss / slope, q))


@jit()
def add(junctions, a, b, at, head, diag, off, p, carried):
    """Add one link's share to the matrix and the right-hand side."""
    if at >= 0:
        store(head, a, load(head, a) - carried)
        store(head, b, load(head, b) + carried)
        store(diag, a, load(diag, a) + p)
        store(diag, b, load(diag, b) + p)
        store(off, at, load(off, at) - p)
    elif a < junctions:
        store(head, a, load(head, a) + (p * load(head, b) - carried))
        store(diag, a, load(diag, a) + p)
    elif b < junctions:
        store(head, b, load(head, b) + (p * load(head, a) + carried))
        store(diag, b, load(diag, b) + p)


@jit()
def add_pipes(n, w):
    """Add the pipes that are open in all scenarios."""
    start, end, place, resist, minor = n.start, n.end, n.place, n.resist, n.minor
    flow, ps, ys, head, diag, off = w.flow, w.p, w.y, w.head, w.diag, w.off
    e, junctions = n.exponent, n.junctions
    for i in range(len(n.pipe)):
        k = n.pipe[i]
        q = load(flow, k)
        a = magnitude(q)
        slope = (a if e == 2.0 else vpow(a, e - 1.0)) * (e * resist[k])
        flat = slope < FLAT
        base = pick(flat, spread(FLAT / e), slope)
        loss = pick(flat, base * q, slope * q * (1.0 / e))
        if minor[k] > 0:
            base = base + a * (2.0 * minor[k])
            loss = loss + a * q * minor[k]
        p = 1.0 / base
        y = loss * p
        store(ps, k, p)
        store(ys, k, y)
        add(junctions, start[k], end[k], place[k], head, diag, off, p, q - y)
    for i in range(len(n.darcy_pipe)):
        k = n.darcy_pipe[i]
        q = load(flow, k)
        loss, slope = darcy(magnitude(q), resist[k], minor[k], n.rough[k], n.slow[k])
        p = 1.0 / slope
        y = pick(q < 0.0, -loss, loss) * p
        store(ps, k, p)
        store(ys, k, y)
        add(junctions, start[k], end[k], place[k], head, diag, off, p, q - y)


@jit()
def balance(n, w, s, node, lane):
    """Return what flows into the node a valve holds, less what leaves it, in one lane."""
    total = -w.demand[node, lane] if node < n.junctions else 0.0
    for i in range(n.held_at[s], n.held_at[s + 1]):
        k = n.held[i]
        total += w.flow[k - 1, lane] if k > 0 else -w.flow[-k - 1, lane]
    for i in range(n.held_ground_at[s], n.held_ground_at[s + 1]):
        total -= w.ground_flow[n.held_ground[i], lane]
    return total


@jit()
def assemble(n, w):
    """Set up the matrix and the right-hand side at the present flows."""
    w.diag[:] = 0.0
    w.off[:] = 0.0
    for j in range(n.junctions):
        store(w.head, j, -load(w.demand, j))
    add_pipes(n, w)
    grounds(n, w)
    for s in range(len(n.special)):
        kind, k = n.kind[s], n.special[s]
        node = n.end[k] if kind == PRV else n.start[k]
        for lane in range(WIDTH):
            p, y = special(n, w, s, lane)
            if w.status[s, lane] == ACTIVE:
                if kind in (PRV, PSV):
                    short = balance(n, w, s, node, lane)
                    p, y = 0.0, (short if kind == PRV else -short)
                    if node < n.junctions:
                        w.diag[node, lane] += BIG
                        w.head[node, lane] += BIG * (n.elevation[node] + w.setting[s, lane])
                elif kind == FCV:
                    p, y = TINY_P, w.flow[k, lane] - w.setting[s, lane]
            w.p[k, lane] = p
            w.y[k, lane] = y
        carried = load(w.flow, k) - load(w.y, k)
        add(
            n.junctions, n.start[k], n.end[k], n.place[k], w.head, w.diag, w.off,
            load(w.p, k), carried,
        )  # fmt: skip
    for g in range(len(n.ground)):
        j = n.ground[g]
        p = load(w.ground_p, g)
        store(w.diag, j, load(w.diag, j) + p)
        gives = load(w.ground_y, g) - load(w.ground_flow, g) + p * n.ground_head[g]
        store(w.head, j, load(w.head, j) + gives)


@jit()
def factor(columns, rows, targets, diag, off, column):
    """Eliminate; pivots are left inverted and columns scaled."""
    used = 0
    for k in range(len(diag)):
        begin, count = columns[k], columns[k + 1] - columns[k]
        inverse = 1.0 / load(diag, k)
        store(diag, k, inverse)
        for e in range(count):
            entry = load(off, begin + e)
            scaled = entry * inverse
            store(column, e, entry)
            j = rows[begin + e]
            store(diag, j, load(diag, j) - scaled * entry)
            for f in range(e):
                at = targets[used]
                used += 1
                store(off, at, load(off, at) - scaled * load(column, f))
            store(off, begin + e, scaled)


@jit()
def substitute(columns, rows, diag, off, x):
    """Solve in place with what `factor` left."""
    for k in range(len(diag)):
        value = load(x, k)
        for e in range(columns[k], columns[k + 1]):
            j = rows[e]
            store(x, j, load(x, j) - load(off, e) * value)
        store(x, k, value * load(diag, k))
    for k in range(len(diag) - 1, -1, -1):
        value = load(x, k)
        for e in range(columns[k], columns[k + 1]):
            value = value - load(off, e) * load(x, rows[e])
        store(x, k, value)


@jit()
def check_valve(q, drop, status):
    """Return whether a check valve is open, by flow and head drop along it."""
    if abs(drop) > H_TOL:
        return CLOSED if drop < 0 or q < -Q_TOL else OPEN
    return CLOSED if q < -Q_TOL else status


@jit()
def pressure_valve(n, w, s, lane):
    """Return the status of a PRV or PSV."""
    k, old, setting = n.special[s], w.status[s, lane], w.setting[s, lane]
    q, h1, h2 = w.flow[k, lane], w.head[n.start[k], lane], w.head[n.end[k], lane]
    lost = n.minor[k] * q * q
    if old in (ACTIVE, OPEN) and q < -Q_TOL:
        return CLOSED
    if n.kind[s] == PRV:
        hold = n.elevation[n.end[k]] + setting
        if old == ACTIVE:
            return OPEN if h1 - lost < hold - H_TOL else ACTIVE
        if old == OPEN:
            return ACTIVE if h2 >= hold + H_TOL else OPEN
        if h1 >= hold + H_TOL and h2 < hold - H_TOL:
            return ACTIVE
        return OPEN if h1 < hold - H_TOL and h1 > h2 + H_TOL else old
    hold = n.elevation[n.start[k]] + setting
    if old == ACTIVE:
        return OPEN if h2 + lost > hold + H_TOL else ACTIVE
    if old == OPEN:
        return ACTIVE if h1 < hold - H_TOL else OPEN
    if h2 > hold + H_TOL and h1 > h2 + H_TOL:
        return OPEN
    return ACTIVE if h1 >= hold + H_TOL and h1 > h2 + H_TOL else old


@jit()
def pressure_valves(n, w, lane):
    """Change PRV and PSV of one lane; return whether one changed."""
    changed = False
    for s in range(len(n.special)):
        if n.kind[s] in (PRV, PSV) and not math.isnan(w.setting[s, lane]):
            now = pressure_valve(n, w, s, lane)
            changed |= now != w.status[s, lane]
            w.status[s, lane] = now
    return changed


@jit()
def at_tank(n, w, k, kind, lane, side):
    """Return whether a link would fill a full tank at one of its ends, or draw on an empty one."""
    tank = n.end[k] if side else n.start[k]
    place = tank - n.junctions
    if place < 0:
        return False
    other = n.start[k] if side else n.end[k]
    out = -w.flow[k, lane] if side else w.flow[k, lane]
    over = w.head[tank, lane] - w.head[other, lane]
    is_pump = PUMP_POWER <= kind <= PUMP_HP
    if w.head[tank, lane] >= n.ceiling[place] - H_TOL:
        if is_pump:
            if side == 1:
                return True
        elif check_valve(out, over, OPEN) == CLOSED:
            return True
    if w.head[tank, lane] <= n.floor[place] + H_TOL:
        if is_pump:
            return side == 0
        return check_valve(out, over, CLOSED) == OPEN
    return False


@jit()
def other_links(n, w, lane):
    """Change check valves, pumps, flow control valves and links at full or empty tanks."""
    changed = False
    for s in range(len(n.special)):
        kind, k, old = n.kind[s], n.special[s], w.status[s, lane]
        q, setting = w.flow[k, lane], w.setting[s, lane]
        drop = w.head[n.start[k], lane] - w.head[n.end[k], lane]
        now = OPEN if old <= TEMPCLOSED else old
        if kind == CV:
            now = check_valve(q, drop, now)
        if kind in (PUMP_POWER, PUMP_CURVE) and now >= OPEN and setting > 0:
            now = XHEAD if -drop > setting * setting * n.shut_head[s] + H_TOL else OPEN
        if kind == FCV and not math.isnan(setting) and now != CLOSED:
            if drop < -H_TOL or q < -Q_TOL:
                now = XFCV
            elif now == XFCV and q >= setting:
                now = ACTIVE
        for side in range(2):
            if now > CLOSED and at_tank(n, w, k, kind, lane, side):
                now = TEMPCLOSED
        if now != old:
            w.status[s, lane] = now
            if now <= CLOSED:
                w.flow[k, lane] = CLOSED_FLOW
            elif old <= CLOSED:
                w.flow[k, lane] = max(abs(q), REOPENED_FLOW)
            changed = True
    return changed


@jit()
def step(n, w, moved):
    """Make one Newton step; row 0 of ``moved`` gets the change of flows, row 1 their sum."""
    assemble(n, w)
    factor(n.column, n.row, n.target, w.diag, w.off, w.column)
    substitute(n.column, n.row, w.diag, w.off, w.head)
    start, end, head, flow, ps, ys = n.start, n.end, w.head, w.flow, w.p, w.y
    for k in range(len(start)):
        change = load(ys, k) - load(ps, k) * (load(head, start[k]) - load(head, end[k]))
        store(ys, k, change)
    for s in range(len(n.special)):
        if n.kind[s] == PUMP_HP:
            k = n.special[s]
            for lane in range(WIDTH):
                if w.status[s, lane] > CLOSED and ys[k, lane] > flow[k, lane]:
                    ys[k, lane] = flow[k, lane] / 2.0
    change_sum, flow_sum = spread(0.0), spread(0.0)
    for k in range(len(start)):
        change = load(ys, k)
        q = load(flow, k) - change
        store(flow, k, q)
        change_sum = change_sum + magnitude(change)
        flow_sum = flow_sum + magnitude(q)
    for g in range(len(n.ground)):
        over = load(head, n.ground[g]) - n.ground_head[g]
        change = load(w.ground_y, g) - load(w.ground_p, g) * over
        q = load(w.ground_flow, g) - change
        store(w.ground_flow, g, q)
        change_sum = change_sum + magnitude(change)
        flow_sum = flow_sum + magnitude(q)
    store(moved, 0, change_sum)
    store(moved, 1, flow_sum)


@jit()
def solve_block(n, w, bounds, moved, trials, change):
    """Solve eight scenarios that are set up; trials used and final change go to the lanes."""
    done = np.zeros(WIDTH, dtype=np.bool_)
    next_check = np.full(WIDTH, bounds.check_every)
    trials[:] = -1
    change[:] = np.inf
    left = WIDTH
    for trial in range(1, bounds.trials + 1):
        if not left:
            break
        step(n, w, moved)
        for lane in range(WIDTH):
            if done[lane]:
                continue
            error = moved[0, lane]
            if moved[1, lane] > Q_TOL:
                error /= moved[1, lane]
            change[lane] = error
            if math.isnan(error):
                done[lane] = True
                left -= 1
                continue
            changed = pressure_valves(n, w, lane)
            if error <= bounds.accuracy:
                changed |= other_links(n, w, lane)
                if not changed:
                    done[lane] = True
                    left -= 1
                    trials[lane] = trial
                    continue
                next_check[lane] = trial + bounds.check_every
            elif trial <= bounds.check_until and trial == next_check[lane]:
                other_links(n, w, lane)
                next_check[lane] += bounds.check_every


@jit()
def set_up(n, w, asked, lane, of):
    """Put one scenario's demands, heads and settings into its lane."""
    junctions = n.junctions
    if len(asked.demand):
        for j in range(junctions):
            w.demand[j, lane] = asked.demand[of, j]
    else:
        for j in range(junctions):
            w.demand[j, lane] = 0.0
    for i in range(len(asked.base)):
        share = asked.base[i] * asked.factor[of, asked.base_group[i]]
        w.demand[asked.base_node[i], lane] += share
    at = of if len(asked.fixed) > 1 else 0
    for i in range(asked.fixed.shape[1]):
        w.head[junctions + i, lane] = asked.fixed[at, i]
    at = of if len(asked.setting) > 1 else 0
    for s in range(len(n.special)):
        w.setting[s, lane] = asked.setting[at, s]
    at = of if len(asked.ground_r) > 1 else 0
    for g in range(len(n.ground)):
        w.ground_r[g, lane] = asked.ground_r[at, g]


@jit(entry=True)
def solve_scenarios(n, bounds, scenarios, asked, found):
    """Solve them eight at a time: lane l takes l times blocks and those after it in turn."""
    links, nodes = len(n.start), n.junctions + asked.fixed.shape[1]
    specials, outflows = len(n.special), len(n.ground)
    w = Work(
        np.zeros((nodes, WIDTH)), np.zeros((links, WIDTH)), np.zeros((links, WIDTH)),
        np.zeros((links, WIDTH)), np.zeros((n.junctions, WIDTH)), np.zeros((len(n.row), WIDTH)),
        np.zeros((n.junctions, WIDTH)), np.zeros((n.junctions, WIDTH)),
        np.zeros((outflows, WIDTH)), np.zeros((outflows, WIDTH)), np.zeros((outflows, WIDTH)),
        np.zeros((outflows, WIDTH)), np.zeros((specials, WIDTH)),
        np.zeros((specials, WIDTH), dtype=np.int32),
    )  # fmt: skip
    moved = np.zeros((2, WIDTH))
    trials, change = np.zeros(WIDTH, dtype=np.int32), np.zeros(WIDTH)
    blocks = (scenarios + WIDTH - 1) // WIDTH
    for block in range(blocks):
        for lane in range(WIDTH):
            of = min(lane * blocks + block, scenarios - 1)
            set_up(n, w, asked, lane, of)
            if not (bounds.warm and block and found.trials[of - 1] > 0):
                w.flow[:, lane] = asked.flow
                w.ground_flow[:, lane] = asked.ground
                w.status[:, lane] = asked.status
        solve_block(n, w, bounds, moved, trials, change)
        for lane in range(WIDTH):
            of = lane * blocks + block
            if of >= scenarios:
                continue
            found.trials[of] = trials[lane]
            found.change[of] = change[lane]
            for i in range(len(asked.out_nodes)):
                found.heads[of, i] = w.head[asked.out_nodes[i], lane]
            for i in range(len(asked.out_links)):
                found.flows[of, i] = w.flow[asked.out_links[i], lane]
            found.grounds[of] = w.ground_flow[:, lane]
            found.statuses[of] = w.status[:, lane]


@jit(entry=True)
def solve_linear(columns, rows, targets, diag, off, sides):
    """Solve the system of one state for rows of right-hand sides, in place, eight at a time."""
    column = np.zeros((len(diag), WIDTH))
    x = np.zeros((len(diag), WIDTH))
    factor(columns, rows, targets, diag, off, column)
    for first in range(0, len(sides), WIDTH):
        for lane in range(WIDTH):
            x[:, lane] = sides[min(first + lane, len(sides) - 1)]
        substitute(columns, rows, diag, off, x)
        for lane in range(min(WIDTH, len(sides) - first)):
            sides[first + lane] = x[:, lane]


def _writable(array: NDArray[Any]) -> NDArray[Any]:
    """Return the same, or a copy where it may only be read: numba takes that for another type."""
    return np.array(array) if not array.flags.writeable else np.ascontiguousarray(array)


def solve(
    arrays: lanes.Arrays,
    counts: Mapping[str, int],
    exponent: float,
    options: lanes.Options,
    question: lanes.Question,
    begin: lanes.Begin,
    out_nodes: lanes.Places,
    out_links: lanes.Places,
    answer: lanes.Answer,
) -> None:
    """Solve all scenarios and fill in the answer."""
    names = [name for name in Network._fields if name in arrays]
    network = Network(
        junctions=counts["junctions"],
        exponent=float(exponent),
        is_darcy=bool(counts["darcy"]),
        **{name: _writable(arrays[name]) for name in names},
    )
    nothing = np.zeros((0, counts["junctions"]))
    asked = Asked(
        demand=nothing if question.demand is None else question.demand,
        ground_r=np.array(arrays["ground_r"], dtype=float)[None]
        if question.ground_r is None
        else question.ground_r,
        out_nodes=out_nodes,
        out_links=out_links,
        **{
            name: getattr(question, name)
            for name in ("base_node", "base_group", "base", "factor", "fixed", "setting")
        },
        **{name: getattr(begin, name) for name in ("flow", "ground", "status")},
    )
    bounds = Bounds(
        float(options.accuracy), int(options.trials), int(options.check_every),
        int(options.check_until), bool(options.in_time),
    )  # fmt: skip
    found = Found(*(getattr(answer, name) for name in Found._fields))
    asked = Asked(*(_writable(one) for one in asked))
    solve_scenarios(network, bounds, question.scenarios, asked, found)


def linear(
    arrays: lanes.Arrays,
    counts: Mapping[str, int],
    conductance: lanes.Values,
    grounded: lanes.Values,
    sides: lanes.Values,
) -> lanes.Values:
    """Solve the symmetric system of one state for rows of right-hand sides."""
    diagonal, off = lanes.matrix(arrays, counts, conductance, grounded)
    found = np.array(sides, dtype=float)
    wide = [np.repeat(one[:, None], WIDTH, axis=1) for one in (diagonal, off)]
    columns = (_writable(arrays[name]) for name in ("column", "row", "target"))
    solve_linear(*columns, *wide, found)
    return found
