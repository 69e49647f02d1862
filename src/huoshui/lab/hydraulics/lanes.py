"""The kernel of the steady-state solver in numpy: the same steps as `steady.c`, without a compiler.

Scenarios lie side by side in the last axis, so that every step of the elimination is one operation
on all of them. It is the slower way and the second opinion on the compiled one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.hydraulics.frozen import Ground, Kind, Status

Values = NDArray[np.float64]
Places = NDArray[np.int32]
Arrays = Mapping[str, NDArray[Any]]

# As in steady.c, where they are explained.
BIG = 9.290304e6
TINY_CONDUCTANCE = 9.290304e-10
OPEN_CONDUCTANCE = 9.290304e4
FLAT = 1.0763910416709722e-6
STEEP = 1.0763910416709722e9
HEAD_BOUND_M = 1.524e-4
FLOW_BOUND_M3S = 2.8316846592e-6
CLOSED_FLOW_M3S = 2.8316846592e-8
REOPENED_FLOW_M3S = 1e-4
ABREAST = 128
"""Scenarios solved side by side: enough to hide the cost of a call, few enough for the cache."""

PUMPS = (Kind.PUMP_POWER, Kind.PUMP_CURVE, Kind.PUMP_POWER_KW)
HOLDING = (Kind.PRV, Kind.PSV)


@dataclass(frozen=True)
class Question:
    """Scenarios in the kernel's order of nodes."""

    scenarios: int
    demand: Values | None
    base_node: Places
    base_group: Places
    base: Values
    factor: Values
    fixed: Values
    setting: Values
    ground_r: Values | None


@dataclass(frozen=True)
class Begin:
    """Where every scenario starts."""

    flow: Values
    ground: Values
    status: Places


@dataclass(frozen=True)
class Answer:
    """Arrays that the kernel fills."""

    heads: Values
    flows: Values
    grounds: Values
    statuses: Places
    trials: Places
    change: Values


@dataclass(frozen=True)
class Options:
    """Bounds of the iteration."""

    accuracy: float
    trials: int
    check_every: int
    check_until: int
    in_time: bool


def darcy(
    flow: Values, *, resistance: Values, minor: Values, roughness: Values, slowness: Values
) -> tuple[Values, Values]:
    """Return loss and gradient of Darcy-Weisbach pipes at flows without sign.

    Laminar flow below a Reynolds number of 2000, Swamee and Jain's formula from 4000, Dunlop's
    cubic in between, as EPANET has it.
    """
    w = np.maximum(flow / slowness, 1.0)
    y1 = 4.61841319859066668690 * w**-0.9
    y2 = roughness / 3.7 + y1
    y3 = -0.86858896380650365530 * np.log(y2)
    full = 1.0 / (y3 * y3)
    d_full = 1.8 * full * y1 * -0.86858896380650365530 / y2 / y3 / np.maximum(flow, 1e-30)
    z2 = roughness / 3.7 + 3.28895476345399058690e-3
    z3 = -0.86858896380650365530 * np.log(z2)
    fa = 1.0 / (z3 * z3)
    fb = (2.0 - 5.14214965799093883760e-3 / (z2 * z3)) * fa
    x = w / (500 * np.pi)
    x1, x2 = 7.0 * fa - fb, 0.128 - 17.0 * fa + 2.5 * fb
    x3, x4 = -0.128 + 13.0 * fa - 2.0 * fb, 0.032 - 3.0 * fa + 0.5 * fb
    between = x1 + x * (x2 + x * (x3 + x * x4))
    d_between = (x2 + x * (2.0 * x3 + 3.0 * x * x4)) / slowness / (500 * np.pi)
    rough = w >= 1000 * np.pi
    factor, change = np.where(rough, full, between), np.where(rough, d_full, d_between)
    r1 = factor * resistance + minor
    smooth = flow <= 500 * np.pi * slowness
    viscous = 16 * np.pi * slowness * resistance
    loss = np.where(smooth, flow * (viscous + minor * flow), r1 * flow * flow)
    slope = np.where(
        smooth, viscous + 2 * minor * flow, 2 * r1 * flow + change * resistance * flow * flow
    )
    return loss, slope


class _Lanes:
    """Scenarios under way, arrays of shape (items, lanes)."""

    def __init__(self, arrays: Arrays, counts: Mapping[str, int], exponent: float) -> None:
        self.n = arrays
        self.count = counts
        self.exponent = exponent
        self.head = self.flow = self.ground = self.setting = np.zeros((0, 0))
        self.demand = self.ground_r = np.zeros((0, 0))
        self.status: Places = np.zeros((0, 0), dtype=np.int32)

    # -- gradients

    def gradients(self) -> tuple[Values, Values, Values, Values]:
        """Return p and y of all links and of all outflows that depend on pressure."""
        p, y = np.empty_like(self.flow), np.empty_like(self.flow)
        n = self.n
        pipe = n["pipe"]
        if len(pipe):
            p[pipe], y[pipe] = self._power(pipe, self.flow[pipe])
        pipe = n["darcy_pipe"]
        if len(pipe):
            p[pipe], y[pipe] = self._darcy(pipe, self.flow[pipe])
        for place in range(self.count["specials"]):
            link = n["special"][place]
            p[link], y[link] = self._special(place, int(link))
        return p, y, *self._grounds()

    def _power(self, link: Places | int, q: Values) -> tuple[Values, Values]:
        r, m = (np.asarray(self.n[name][link])[..., None] for name in ("resist", "minor"))
        a, e = np.abs(q), self.exponent
        slope = e * r * a ** (e - 1.0)
        flat = slope < FLAT
        base = np.where(flat, FLAT / e, slope)
        loss = np.where(flat, base * q, slope * q / e) + m * a * q
        base = base + 2.0 * m * a
        return 1.0 / base, loss / base

    def _darcy(self, link: Places | int, q: Values) -> tuple[Values, Values]:
        r, m, e, s = (
            np.asarray(self.n[name][link])[..., None]
            for name in ("resist", "minor", "rough", "slow")
        )
        loss, slope = darcy(np.abs(q), resistance=r, minor=m, roughness=e, slowness=s)
        return 1.0 / slope, np.where(q < 0, -loss, loss) / slope

    def _special(self, place: int, link: int) -> tuple[Values, Values]:
        q, kind, setting = self.flow[link], int(self.n["kind"][place]), self.setting[place]
        closed = self.status[place] <= Status.CLOSED
        if kind in PUMPS:
            closed = closed | ~(setting > 0)
            p, y = self._pump(place, kind, q, np.where(setting > 0, setting, 1.0))
        elif kind in (Kind.CHECK_VALVE, Kind.SWITCHED):
            p, y = self._darcy(link, q) if self.count["darcy"] else self._power(link, q)
        elif kind == Kind.GPV:
            p, y = self._curve_valve(place, q)
        else:
            p, y = self._valve(place, link, kind, q, setting)
        return np.where(closed, TINY_CONDUCTANCE, p), np.where(closed, q, y)

    def _curve(self, place: int, at: Values) -> tuple[Values, Values]:
        """Return slope and value at zero of the piece of a curve that holds each point."""
        begin, size = int(self.n["curve_at"][place]), int(self.n["curve_size"][place])
        x, h = (self.n[name][begin : begin + size] for name in ("curve_x", "curve_y"))
        i = np.clip(np.searchsorted(x, at, side="left"), 1, size - 1)
        slope = (h[i] - h[i - 1]) / (x[i] - x[i - 1])
        return slope, h[i] - slope * x[i]

    def _pump(self, place: int, kind: int, q: Values, speed: Values) -> tuple[Values, Values]:
        a = np.abs(q)
        r = np.full_like(q, self.n["pump_r"][place])
        if kind == Kind.PUMP_POWER_KW:
            r = r * speed**3
            with np.errstate(divide="ignore"):
                slope = np.where(a > 0, r / np.maximum(a * a, 1e-300), np.inf)
            kept = (slope < STEEP) & (slope >= FLAT)
            slope = np.clip(slope, FLAT, STEEP)
            loss = np.where(kept, -r / np.maximum(a, 1e-150), -slope * a)
            return 1.0 / slope, loss / slope
        e = float(self.n["pump_n"][place])
        h0 = np.full_like(q, -float(self.n["shut_head"][place]))
        if kind == Kind.PUMP_CURVE:
            slope, at_zero = self._curve(place, a / speed)
            r, h0, e = -slope, -at_zero, 1.0
        h0, r = h0 * speed**2, r * speed ** (2.0 - e)
        if e == 1.0:
            slope = np.maximum(r, FLAT)
            loss = h0 + slope * q
        else:
            slope = e * r * a ** (e - 1.0)
            flat = slope < FLAT
            slope = np.where(flat, FLAT, slope)
            loss = h0 + np.where(flat, slope * q, slope * q / e)
        return 1.0 / slope, loss / slope

    def _curve_valve(self, place: int, q: Values) -> tuple[Values, Values]:
        a = np.abs(q)
        slope, at_zero = self._curve(place, a)
        slope = np.maximum(slope, FLAT)
        return 1.0 / slope, (at_zero / slope + a) * np.where(q < 0, -1.0, 1.0)

    def _valve(
        self, place: int, link: int, kind: int, q: Values, setting: Values
    ) -> tuple[Values, Values]:
        a = np.abs(q)
        m = np.full_like(q, self.n["minor"][link])
        if kind == Kind.TCV:
            d = self.n["diameter"][place] / 0.3048
            m = np.where(np.isnan(setting), m, 0.02517 * setting / d**4 / 0.3048**5)
        slope = np.maximum(2.0 * m * a, FLAT)
        loss = np.where(2.0 * m * a < FLAT, q * slope, q * slope / 2.0)
        free = ~(m > 0)
        p, y = np.where(free, OPEN_CONDUCTANCE, 1.0 / slope), np.where(free, q, loss / slope)
        if kind == Kind.PBV:
            breaks = ~np.isnan(setting) & (setting != 0) & (m * a * a <= setting)
            p, y = np.where(breaks, BIG, p), np.where(breaks, setting * BIG, y)
        return p, y

    def _grounds(self) -> tuple[Values, Values]:
        if not self.count["grounds"]:
            return self.ground, self.ground
        kind = self.n["ground_kind"][:, None]
        e, span = (self.n[name][:, None] for name in ("ground_n", "ground_span"))
        q, r = self.ground, self.ground_r
        a, there = np.maximum(np.abs(q), 1e-200), r > 0
        is_demand = kind == Ground.DEMAND
        full = np.where(there, r, 1.0)
        with np.errstate(over="ignore"):
            slope = np.where(
                is_demand, e * span * (a / full) ** (e - 1.0) / full, e * full * a ** (e - 1.0)
            )
        loss = slope * q / e
        flat, steep = slope < FLAT, (slope > STEEP) & ~is_demand
        slope = np.where(flat, FLAT, np.where(steep, STEEP, slope))
        loss = np.where(flat | steep, slope * q, loss)
        none, every = (q <= 0) & (kind != Ground.EMITTER), is_demand & (q >= full)
        slope = np.where(none | every, STEEP, slope)
        loss = np.where(none, STEEP * q, np.where(every, span + STEEP * (q - full), loss))
        return np.where(there, 1.0 / slope, 0.0), np.where(there, loss / slope, q)

    # -- one Newton step

    def held(self, place: int) -> tuple[int, int] | None:
        """Return the node a valve holds and the node it draws from, nothing for other links."""
        kind, link = int(self.n["kind"][place]), int(self.n["special"][place])
        if kind not in HOLDING:
            return None
        start, end = int(self.n["start"][link]), int(self.n["end"][link])
        return (end, start) if kind == Kind.PRV else (start, end)

    def step(self) -> Values:
        """Make one Newton step and return flow change over flow of each lane."""
        n, junctions = self.n, self.count["junctions"]
        p, y, ground_p, ground_y = self.gradients()
        balance = np.zeros_like(self.head)
        balance[:junctions] = -self.demand
        np.subtract.at(balance, n["start"], self.flow)
        np.add.at(balance, n["end"], self.flow)
        np.subtract.at(balance, n["ground"], self.ground)
        diagonal = np.zeros((junctions, self.flow.shape[1]))
        side = balance[:junctions].copy()
        self._hold(p, y, balance)
        starts, ends = n["start"], n["end"]
        inner = np.flatnonzero(starts < junctions)
        np.add.at(diagonal, starts[inner], p[inner])
        np.add.at(side, starts[inner], y[inner])
        inner = np.flatnonzero(ends < junctions)
        np.add.at(diagonal, ends[inner], p[inner])
        np.subtract.at(side, ends[inner], y[inner])
        off = np.zeros((self.count["fill"], self.flow.shape[1]))
        joined = np.flatnonzero(n["place"] >= 0)
        np.subtract.at(off, n["place"][joined], p[joined])
        for near, far in ((starts, ends), (ends, starts)):
            edge = np.flatnonzero((near < junctions) & (far >= junctions))
            np.add.at(side, near[edge], p[edge] * self.head[far[edge]])
        np.add.at(diagonal, n["ground"], ground_p)
        np.add.at(side, n["ground"], ground_y + ground_p * n["ground_head"][:, None])
        for place in range(self.count["specials"]):
            pair = self.held(place)
            if pair and pair[0] < junctions:
                active = self.status[place] == Status.ACTIVE
                diagonal[pair[0]] += np.where(active, BIG, 0.0)
                target = n["elevation"][pair[0]] + self.setting[place]
                side[pair[0]] += np.where(active, BIG * target, 0.0)
        factor(self.n, diagonal, off)
        substitute(self.n, diagonal, off, side)
        self.head[:junctions] = side
        change = y - p * (self.head[starts] - self.head[ends])
        for place in np.flatnonzero(n["kind"] == Kind.PUMP_POWER_KW).tolist():
            link = int(n["special"][place])
            back = (self.status[place] > Status.CLOSED) & (change[link] > self.flow[link])
            change[link] = np.where(back, self.flow[link] / 2.0, change[link])
        self.flow = self.flow - change
        seep = ground_y - ground_p * (self.head[n["ground"]] - n["ground_head"][:, None])
        self.ground = self.ground - seep
        moved = np.abs(change).sum(axis=0) + np.abs(seep).sum(axis=0)
        total = np.abs(self.flow).sum(axis=0) + np.abs(self.ground).sum(axis=0)
        change_of_flow: Values = moved / np.where(total > FLOW_BOUND_M3S, total, 1.0)
        return change_of_flow

    def _hold(self, p: Values, y: Values, balance: Values) -> None:
        """Let valves that hold a pressure or a flow carry what is asked of them."""
        for place in range(self.count["specials"]):
            kind, link = int(self.n["kind"][place]), int(self.n["special"][place])
            if kind not in (*HOLDING, Kind.FCV):
                continue
            active, q = self.status[place] == Status.ACTIVE, self.flow[link]
            if kind == Kind.FCV:
                wanted, conductance = self.setting[place], TINY_CONDUCTANCE
            else:
                short = balance[self.n["end" if kind == Kind.PRV else "start"][link]]
                wanted, conductance = q - short if kind == Kind.PRV else q + short, 0.0
            p[link] = np.where(active, conductance, p[link])
            y[link] = np.where(active, q - wanted, y[link])

    # -- statuses

    def pressure_valves(self, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Change PRV and PSV of the lanes asked for; return which lanes changed."""
        changed = np.zeros(self.flow.shape[1], dtype=bool)
        n, near = self.n, HEAD_BOUND_M
        for place in range(self.count["specials"]):
            kind, link = int(n["kind"][place]), int(n["special"][place])
            if kind not in HOLDING:
                continue
            setting, old, q = self.setting[place], self.status[place], self.flow[link]
            a, b = int(n["start"][link]), int(n["end"][link])
            h1, h2, lost = self.head[a], self.head[b], n["minor"][link] * q * q
            back = q < -FLOW_BOUND_M3S
            if kind == Kind.PRV:
                hold = n["elevation"][b] + setting
                when_active = np.where(h1 - lost < hold - near, Status.OPEN, Status.ACTIVE)
                when_open = np.where(h2 >= hold + near, Status.ACTIVE, Status.OPEN)
                to_active = (h1 >= hold + near) & (h2 < hold - near)
                to_open = (h1 < hold - near) & (h1 > h2 + near)
                when_closed = np.where(
                    to_active, Status.ACTIVE, np.where(to_open, Status.OPEN, old)
                )
            else:
                hold = n["elevation"][a] + setting
                when_active = np.where(h2 + lost > hold + near, Status.OPEN, Status.ACTIVE)
                when_open = np.where(h1 < hold - near, Status.ACTIVE, Status.OPEN)
                to_open = (h2 > hold + near) & (h1 > h2 + near)
                to_active = (h1 >= hold + near) & (h1 > h2 + near)
                when_closed = np.where(
                    to_open, Status.OPEN, np.where(to_active, Status.ACTIVE, old)
                )
            flowing = np.where(old == Status.ACTIVE, when_active, when_open)
            flowing = np.where(back, Status.CLOSED, flowing)
            now = np.where((old == Status.ACTIVE) | (old == Status.OPEN), flowing, when_closed)
            moved = asked & ~np.isnan(setting) & (now != old)
            self.status[place] = np.where(moved, now, old)
            changed |= moved
        return changed

    def other_links(self, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Change the other links of the lanes asked for; return which lanes changed."""
        changed = np.zeros(self.flow.shape[1], dtype=bool)
        n, near = self.n, HEAD_BOUND_M
        for place in range(self.count["specials"]):
            kind, link = int(n["kind"][place]), int(n["special"][place])
            old, q, setting = self.status[place], self.flow[link], self.setting[place]
            a, b = int(n["start"][link]), int(n["end"][link])
            h1, h2 = self.head[a], self.head[b]
            now = np.where(old <= Status.TANK_CLOSED, Status.OPEN, old)
            if kind == Kind.CHECK_VALVE:
                now = check_valve(q, h1 - h2, now)
            if kind in (Kind.PUMP_POWER, Kind.PUMP_CURVE):
                over = h2 - h1 > setting**2 * n["shut_head"][place] + near
                running = (now >= Status.OPEN) & (setting > 0)
                state = np.where(over, Status.OVER_SHUTOFF, Status.OPEN)
                now = np.where(running, state, now)
            if kind == Kind.FCV:
                fails = (h1 - h2 < -near) | (q < -FLOW_BOUND_M3S)
                again = (now == Status.FLOW_NOT_REACHED) & (q >= setting)
                state = np.where(again, Status.ACTIVE, now)
                state = np.where(fails, Status.FLOW_NOT_REACHED, state)
                now = np.where(~np.isnan(setting) & (now != Status.CLOSED), state, now)
            now = self._at_tanks(kind, link, now)
            moved = asked & (now != old)
            self.status[place] = np.where(moved, now, old)
            shut, opened = moved & (now <= Status.CLOSED), moved & (old <= Status.CLOSED)
            flow = np.where(opened, np.maximum(np.abs(q), REOPENED_FLOW_M3S), q)
            self.flow[link] = np.where(shut, CLOSED_FLOW_M3S, flow)
            changed |= moved
        return changed

    def _at_tanks(self, kind: int, link: int, now: Places) -> Places:
        """Close links that would fill a full tank or draw from an empty one."""
        q, junctions = self.flow[link], self.count["junctions"]
        ends = (int(self.n["start"][link]), int(self.n["end"][link]))
        for side, tank in enumerate(ends):
            place = tank - junctions
            if place < 0:
                continue
            over = self.head[tank] - self.head[ends[1 - side]]
            out = -q if side else q
            full = self.head[tank] >= self.n["ceiling"][place] - HEAD_BOUND_M
            empty = self.head[tank] <= self.n["floor"][place] + HEAD_BOUND_M
            opened, closed = (np.full_like(now, s) for s in (Status.OPEN, Status.CLOSED))
            if kind in PUMPS:
                fills, draws = np.asarray(side == 1), np.asarray(side == 0)
            else:
                fills = check_valve(out, over, opened) == Status.CLOSED
                draws = check_valve(out, over, closed) == Status.OPEN
            shut = (now > Status.CLOSED) & ((full & fills) | (empty & draws))
            now = np.where(shut, Status.TANK_CLOSED, now).astype(np.int32)
        return now


def check_valve(flow: Values, drop: Values, status: Places) -> Places:
    """Return whether check valves are open, by flow and head drop along them."""
    back = flow < -FLOW_BOUND_M3S
    by_head = np.where((drop < 0) | back, Status.CLOSED, Status.OPEN)
    by_flow = np.where(back, Status.CLOSED, status)
    found: Places = np.where(np.abs(drop) > HEAD_BOUND_M, by_head, by_flow).astype(np.int32)
    return found


def factor(arrays: Arrays, diagonal: Values, off: Values) -> None:
    """Factor in place: ``diagonal`` becomes the inverse pivots, ``off`` the scaled entries."""
    column, row, target = arrays["column"], arrays["row"], arrays["target"]
    used = 0
    for k in range(len(diagonal)):
        first, end = int(column[k]), int(column[k + 1])
        inverse = 1.0 / diagonal[k]
        diagonal[k] = inverse
        count = end - first
        if not count:
            continue
        entries = off[first:end]
        scaled = entries * inverse
        diagonal[row[first:end]] -= scaled * entries
        for later in range(1, count):
            off[target[used : used + later]] -= scaled[later] * entries[:later]
            used += later
        off[first:end] = scaled


def substitute(arrays: Arrays, inverse: Values, scaled: Values, side: Values) -> None:
    """Solve in place with what `factor` left."""
    column, row = arrays["column"], arrays["row"]
    for k in range(len(inverse)):
        first, end = int(column[k]), int(column[k + 1])
        side[row[first:end]] -= scaled[first:end] * side[k]
    side *= inverse
    for k in range(len(inverse) - 1, -1, -1):
        first, end = int(column[k]), int(column[k + 1])
        if end > first:
            side[k] -= (scaled[first:end] * side[row[first:end]]).sum(axis=0)


def _groups(scenarios: int) -> Iterator[NDArray[np.int64]]:
    for first in range(0, scenarios, ABREAST):
        yield np.arange(first, min(first + ABREAST, scenarios))


def solve(
    arrays: Arrays,
    counts: Mapping[str, int],
    exponent: float,
    options: Options,
    question: Question,
    begin: Begin,
    out_nodes: Places,
    out_links: Places,
    answer: Answer,
) -> None:
    """Solve all scenarios and fill in the answer; every one starts from ``begin``."""
    for of in _groups(question.scenarios):
        lanes = _Lanes(arrays, counts, exponent)
        count = len(of)
        demand = np.zeros((counts["junctions"], count))
        if question.demand is not None:
            demand += question.demand[of].T
        if len(question.base):
            factors = question.factor[of][:, question.base_group].T
            np.add.at(demand, question.base_node, question.base[:, None] * factors)
        lanes.demand = demand
        fixed = question.fixed[of] if len(question.fixed) > 1 else question.fixed
        setting = question.setting[of] if len(question.setting) > 1 else question.setting
        lanes.head = np.zeros((counts["junctions"] + counts["fixed"], count))
        lanes.head[counts["junctions"] :] = fixed.T
        lanes.setting = np.broadcast_to(setting.T, (counts["specials"], count))
        ground_r = (
            arrays["ground_r"][None, :] if question.ground_r is None else question.ground_r[of]
        )
        lanes.ground_r = np.broadcast_to(ground_r.T, (counts["grounds"], count))
        lanes.flow = np.repeat(begin.flow[:, None], count, axis=1)
        lanes.ground = np.repeat(begin.ground[:, None], count, axis=1)
        lanes.status = np.repeat(begin.status[:, None], count, axis=1)
        trials, change = _iterate(lanes, options)
        answer.trials[of], answer.change[of] = trials, change
        answer.heads[of] = lanes.head[out_nodes].T
        answer.flows[of] = lanes.flow[out_links].T
        answer.grounds[of] = lanes.ground.T
        answer.statuses[of] = lanes.status.T


def _iterate(lanes: _Lanes, options: Options) -> tuple[Places, Values]:
    count = lanes.flow.shape[1]
    trials = np.full(count, -1, dtype=np.int32)
    change = np.full(count, np.inf)
    waiting = np.ones(count, dtype=bool)
    next_check = np.full(count, options.check_every)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for trial in range(1, options.trials + 1):
            error = lanes.step()
            change = np.where(waiting, error, change)
            waiting &= ~np.isnan(error)
            moved = lanes.pressure_valves(waiting)
            near = waiting & (error <= options.accuracy)
            due = waiting & ~near & (next_check == trial) & (trial <= options.check_until)
            moved |= lanes.other_links(near | due)
            finished = near & ~moved
            trials[finished] = trial
            waiting &= ~finished
            next_check = np.where(near & moved, trial, next_check)
            next_check = np.where(
                (near & moved) | due, next_check + options.check_every, next_check
            )
            if not waiting.any():
                break
    return trials, change


def gradients(
    arrays: Arrays,
    counts: Mapping[str, int],
    exponent: float,
    settings: Values,
    flows: Values,
    grounds: Values,
    statuses: Places,
) -> tuple[Values, Values, list[tuple[int, int]]]:
    """Return conductances of links and outflows at one state, and the nodes that valves hold."""
    lanes = _Lanes(arrays, counts, exponent)
    lanes.flow, lanes.ground = flows[:, None].copy(), grounds[:, None].copy()
    lanes.status, lanes.setting = statuses[:, None].copy(), settings[:, None]
    lanes.ground_r = np.asarray(arrays["ground_r"], dtype=float)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        p, _y, ground_p, _ground_y = lanes.gradients()
    held = []
    for place in range(counts["specials"]):
        if statuses[place] != Status.ACTIVE:
            continue
        pair = lanes.held(place)
        link = arrays["special"][place]
        p[link] = 0.0 if pair else TINY_CONDUCTANCE
        if pair and pair[0] < counts["junctions"]:
            held.append(pair)
    return p[:, 0], ground_p[:, 0], held


def matrix(
    arrays: Arrays, counts: Mapping[str, int], conductance: Values, grounded: Values
) -> tuple[Values, Values]:
    """Return the diagonal and the other entries of the symmetric matrix of one state."""
    diagonal, off = grounded.copy(), np.zeros(counts["fill"])
    start, end, place = arrays["start"], arrays["end"], arrays["place"]
    for ends in (start, end):
        inner = ends < counts["junctions"]
        np.add.at(diagonal, ends[inner], conductance[inner])
    joined = place >= 0
    np.subtract.at(off, place[joined], conductance[joined])
    return diagonal, off


def linear(
    arrays: Arrays, counts: Mapping[str, int], conductance: Values, grounded: Values, sides: Values
) -> Values:
    """Solve the symmetric system of one state for rows of right-hand sides."""
    diagonal, off = matrix(arrays, counts, conductance, grounded)
    diagonal, off = diagonal[:, None], off[:, None]
    factor(arrays, diagonal, off)
    found = np.ascontiguousarray(sides.T)
    substitute(arrays, diagonal, off, found)
    return np.ascontiguousarray(found.T)
