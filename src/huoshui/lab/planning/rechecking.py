"""Computes again, and another way, how long the legs of a plan take.

Written apart from `driving` on purpose, as `checking` is from the planners: plain Python over the
lines as they were given, no graph of ours, no library. Slow, and so for benchmarks and tests.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from huoshui.lab.planning.problem import Floats, Plan, Problem

RADIUS_M = 6_371_008.8
AT_JUNCTION_M = 0.1
Spot = tuple[float, float]
Line = tuple[Sequence[Spot], float, bool]
"""Course, speed [km h⁻¹], whether it is one-way."""


def _apart_m(one: Spot, other: Spot) -> float:
    (a, b), (c, d) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    half = math.sin((d - b) / 2) ** 2 + math.cos(b) * math.cos(d) * math.sin((c - a) / 2) ** 2
    return 2 * RADIUS_M * math.asin(math.sqrt(half))


def legs(problem: Problem, plan: Plan) -> set[tuple[int, int]]:
    """Return from which place to which the teams of a plan drive."""
    tasks = {one.key: one for one in problem.tasks}
    teams = {one.key: one for one in problem.teams}
    found = set()
    for route in plan.routes:
        team = teams[route.team]
        stops = [team.start, *(tasks[visit.task].place for visit in route.visits)]
        if team.end is not None:
            stops.append(team.end)
        found |= set(itertools.pairwise(stops))
    return found


def table_s(
    lines: Iterable[Line],
    places: Sequence[Spot],
    wanted: Iterable[tuple[int, int]],
    *,
    off_speed_kmh: float,
    factor: float,
    never_slower_than_line: bool = False,
) -> Floats:
    """Return how long the wanted legs take, NaN for all others. [s]"""
    found = np.full((len(places), len(places)), np.nan)
    np.fill_diagonal(found, 0.0)
    arcs, off_m = _joined(list(lines), places, off_speed_kmh, factor)
    ends: dict[int, set[int]] = defaultdict(set)
    for begin, end in wanted:
        ends[begin].add(end)
    for begin, some in ends.items():
        reached = _reached(arcs, ("place", begin), {("place", one) for one in some})
        for end in some:
            straight_m = _apart_m(places[begin], places[end]) * factor
            straight_s = straight_m / (off_speed_kmh / 3.6)
            taken = reached.get(("place", end), math.inf)
            near = straight_m <= (off_m[begin] + off_m[end]) * factor
            if math.isinf(taken) or near or (never_slower_than_line and straight_s < taken):
                taken = straight_s
            found[begin, end] = 0.0 if begin == end else taken
    return found


def _joined(
    lines: list[Line], places: Sequence[Spot], off_speed_kmh: float, factor: float
) -> tuple[dict[object, list[tuple[object, float]]], list[float]]:
    """Return who leads where in how many seconds, places joined to their nearest pieces."""
    pieces = []
    for course, speed_kmh, one_way in lines:
        keys = [(round(lon * 1e6), round(lat * 1e6)) for lon, lat in course]
        for a, b, one, other in zip(keys, keys[1:], course, course[1:], strict=False):
            pieces.append((a, b, one, other, speed_kmh / 3.6, one_way))
    middle = math.radians(sum((one[2][1] + one[3][1]) / 2 for one in pieces) / len(pieces))
    scale_y = math.radians(1) * RADIUS_M
    scale_x = scale_y * math.cos(middle)
    on_piece: dict[int, list[tuple[float, int]]] = defaultdict(list)
    off_m = []
    for number, (lon, lat) in enumerate(places):
        best = (math.inf, 0, 0.0)
        for which, (_a, _b, one, other, _speed, _way) in enumerate(pieces):
            run = ((other[0] - one[0]) * scale_x, (other[1] - one[1]) * scale_y)
            to = ((lon - one[0]) * scale_x, (lat - one[1]) * scale_y)
            square = run[0] ** 2 + run[1] ** 2
            frac = 0.0
            if square:
                frac = min(max((to[0] * run[0] + to[1] * run[1]) / square, 0.0), 1.0)
            away = math.hypot(to[0] - frac * run[0], to[1] - frac * run[1])
            best = min(best, (away, which, frac))
        off_m.append(best[0])
        on_piece[best[1]].append((best[2], number))
    arcs: dict[object, list[tuple[object, float]]] = defaultdict(list)
    for which, (a, b, one, other, speed, one_way) in enumerate(pieces):
        stops: list[tuple[float, object]] = [(0.0, a)]
        stops += [(frac, ("foot", number)) for frac, number in sorted(on_piece.get(which, []))]
        stops.append((1.0, b))
        length_m = _apart_m(one, other)
        for (frac, begin), (later, end) in itertools.pairwise(stops):
            way_m = (later - frac) * length_m
            seconds = way_m / speed
            arcs[begin].append((end, seconds))
            # Whoever stands at an end of a one-way piece stands at the junction.
            if not one_way or way_m <= AT_JUNCTION_M:
                arcs[end].append((begin, seconds))
    for number, away in enumerate(off_m):
        seconds = away * factor / (off_speed_kmh / 3.6)
        arcs["place", number].append((("foot", number), seconds))
        arcs["foot", number].append((("place", number), seconds))
    return arcs, off_m


def _reached(
    arcs: dict[object, list[tuple[object, float]]], begin: object, wanted: set[object]
) -> dict[object, float]:
    """Return how soon the wanted ends are reached (E. Dijkstra, 1959)."""
    known: dict[object, float] = {}
    heap: list[tuple[float, int, object]] = [(0.0, 0, begin)]
    pushed = 0
    while heap and not wanted <= known.keys():
        seconds, _order, at = heapq.heappop(heap)
        if at in known:
            continue
        known[at] = seconds
        for end, more in arcs.get(at, ()):
            if end not in known:
                pushed += 1
                heapq.heappush(heap, (seconds + more, pushed, end))
    return known
