"""Evening out the load of grids: which estates another specialist should take over.

Estates that lie beside each other belong together, so an estate moves only to a grid that has one
of its neighbours, and never so that the rest of its old grid falls apart. Plain arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5
MOVES_MAX = 40
EVEN_FRAC = 0.02
"""A move must make the sum of squares smaller by this share of the mean load squared."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One estate as the load sees it: where it is, how many accounts, whose it is now.

    Where nobody knows its place, longitude and latitude are NaN, and it lies beside no other.
    """

    code: str
    lon: float
    lat: float
    load: int
    grid: str


@dataclass(frozen=True, slots=True)
class Move:
    """One estate that changes its grid."""

    estate: str
    from_grid: str
    to_grid: str


def loads(ground: Sequence[Ground], grids: Sequence[str]) -> dict[str, int]:
    """Return the accounts of each grid, also of one that has no estate."""
    found = dict.fromkeys(grids, 0)
    for one in ground:
        if one.grid:
            found[one.grid] = found.get(one.grid, 0) + one.load
    return found


def spread(load: Mapping[str, int]) -> float:
    """Return how many times the mean load the busiest grid has; 1 is perfectly even."""
    mean = sum(load.values()) / max(len(load), 1)
    return max(load.values(), default=0) / mean if mean else 1.0


def neighbours(ground: Sequence[Ground]) -> list[set[int]]:
    """Return for each estate the places of those beside it, both ways."""
    places = np.array([[one.lon, one.lat] for one in ground], float).reshape(-1, 2)
    known = np.isfinite(places).all(axis=1)
    if known.sum() < 2:
        return [set() for _ in ground]
    places[:, 0] *= np.cos(np.radians(places[known, 1].mean()))
    beside: list[set[int]] = [set() for _ in ground]
    for at, place in enumerate(places):
        if not known[at]:
            continue
        apart: NDArray[np.float64] = np.hypot(*(places - place).T)
        apart[at] = np.inf
        for other in np.argsort(apart, kind="stable")[:NEIGHBOURS]:
            if np.isfinite(apart[other]):
                beside[at].add(int(other))
                beside[int(other)].add(at)
    return beside


def proposal(ground: Sequence[Ground], grids: Sequence[str]) -> list[Move]:
    """Return moves that even out the load, the most useful first; none where none helps.

    An estate without a grid is given to the least busy grid beside it.
    """
    whose = [one.grid for one in ground]
    load = loads(ground, grids)
    beside = neighbours(ground)
    moves: list[Move] = []
    for at in sorted(range(len(ground)), key=lambda one: -ground[one].load):
        if not whose[at] and grids:
            near = {whose[other] for other in beside[at]} - {""} or set(grids)
            target = min(sorted(near), key=lambda one: load[one])
            moves.append(Move(ground[at].code, "", target))
            whose[at] = target
            load[target] += ground[at].load
    mean = sum(load.values()) / max(len(load), 1)
    while len(moves) < MOVES_MAX:
        best = _best(ground, whose, load, beside)
        if best is None or best[0] < EVEN_FRAC * mean * mean:
            break
        _gain, at, target = best
        moves.append(Move(ground[at].code, whose[at], target))
        load[whose[at]] -= ground[at].load
        load[target] += ground[at].load
        whose[at] = target
    return _shortest(moves)


def _best(
    ground: Sequence[Ground], whose: list[str], load: Mapping[str, int], beside: list[set[int]]
) -> tuple[float, int, str] | None:
    """Return the move by which the sum of squares falls most: gain, estate, grid."""
    best: tuple[float, int, str] | None = None
    rank = (0.0, 0)
    for at, one in enumerate(ground):
        around = [whose[other] for other in beside[at]]
        for target in sorted(set(around) - {whose[at], ""}):
            # (a-x)² + (b+x)² is smaller than a² + b² by 2x(a-b-x).
            gain = 2.0 * one.load * (load[whose[at]] - load[target] - one.load)
            # Between equals moves what lies deepest among its new neighbours.
            mine = (gain, around.count(target) - around.count(whose[at]))
            if gain > 0 and (best is None or mine > rank) and _holds(at, whose, beside):
                best, rank = (gain, at, target), mine
    return best


def _holds(at: int, whose: list[str], beside: list[set[int]]) -> bool:
    """Say whether the grid of an estate stays in one piece without it, and keeps some estate."""
    rest = {other for other, grid in enumerate(whose) if grid == whose[at] and other != at}
    if not rest:
        return False
    pieces_before = _pieces(rest | {at}, beside)
    return _pieces(rest, beside) <= pieces_before


def _pieces(members: set[int], beside: list[set[int]]) -> int:
    left, count = set(members), 0
    while left:
        count += 1
        stack = [left.pop()]
        while stack:
            reached = beside[stack.pop()] & left
            left -= reached
            stack += reached
    return count


def _shortest(moves: Sequence[Move]) -> list[Move]:
    """Return one move for each estate, from where it was at first to where it ends."""
    first: dict[str, str] = {}
    latest: dict[str, str] = {}
    for one in moves:
        first.setdefault(one.estate, one.from_grid)
        latest[one.estate] = one.to_grid
    return [
        Move(estate, first[estate], target)
        for estate, target in latest.items()
        if first[estate] != target
    ]
