"""Which metres of each pipe somebody walked along.

A metre of pipe is covered where it lies within a distance of the track. For each straight piece of
pipe and each straight leg of the track the covered part is one stretch, because what lies within a
distance of a straight leg is convex; its ends are computed exactly and the stretches of all legs
are put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from huoshui.lab.patrol.tracks import Legs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Stretch = tuple[float, float]

FLAT = 1e-9
"""Below this a length in metres counts as none."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What was walked of one pipe; ``missed`` is the rest, metres from the pipe's start. [m]"""

    length_m: float
    covered_m: float
    missed: tuple[Stretch, ...]


def coverage(
    *, pipes: Mapping[str, Floats], legs: Legs, near_m: float, shortest_gap_m: float = 0.0
) -> dict[str, Covered]:
    """Return what was walked of each pipe.

    Parameters
    ----------
    pipes : mapping of str to ndarray, shape (n_points, 2)
        The course of each pipe in the plane of the track. [m]
    legs : Legs
        What was walked.
    near_m : float
        How near counts as walked along, greater than zero; exactly so near counts. [m]
    shortest_gap_m : float
        A piece left out that is shorter counts as covered: no receiver is that exact; a whole
        pipe does not. [m]

    Raises
    ------
    ValueError
        If a distance is not one, or a pipe has less than two points or a place that is no number.
    """
    if not near_m > 0 or not shortest_gap_m >= 0:
        msg = f"near_m is {near_m}, shortest_gap_m is {shortest_gap_m}"
        raise ValueError(msg)
    pieces = _Pieces.of(pipes)
    low, high, piece = _stretches(pieces, legs, near_m)
    order = np.argsort(pieces.pipe[piece], kind="stable")
    low, high, owner = low[order], high[order], pieces.pipe[piece][order]
    edges = np.searchsorted(owner, np.arange(len(pipes) + 1))
    found = {}
    for number, (code, length) in enumerate(zip(pipes, pieces.length_m, strict=True)):
        own = slice(edges[number], edges[number + 1])
        missed = _rest(low[own], high[own], length, shortest_gap_m)
        left = sum(end - begin for begin, end in missed)
        found[code] = Covered(length, length - left, missed)
    return found


def missed_by_all(walks: Sequence[Sequence[Stretch]]) -> tuple[Stretch, ...]:
    """Return which metres of one pipe every one of several walks left out.

    Parameters
    ----------
    walks : sequence of sequences of (float, float)
        What each walk left out, rising and not overlapping. No walk at all is an error: what is
        left out then is the whole pipe, whose length this does not know. [m]
    """
    if not walks:
        msg = "no walk was given"
        raise ValueError(msg)
    left = list(walks[0])
    for other in walks[1:]:
        left = [
            (max(one[0], two[0]), min(one[1], two[1]))
            for one in left
            for two in other
            if min(one[1], two[1]) - max(one[0], two[0]) > FLAT
        ]
    return tuple(left)


def piece_of(line: Floats, *, from_m: float, to_m: float) -> Floats:
    """Return the part of a course between two distances from its start, shape (n, 2). [m]"""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    inside = (along > from_m) & (along < to_m)
    ends = [
        [np.interp(one, along, line[:, 0]), np.interp(one, along, line[:, 1])]
        for one in (from_m, to_m)
    ]
    return np.vstack([ends[:1], line[inside], ends[1:]])


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The straight pieces of all pipes: their ends, their pipe, and where on it they begin."""

    from_xy: Floats
    step_xy: Floats
    piece_m: Floats
    pipe: Ints
    begin_m: Floats
    length_m: list[float]

    @classmethod
    def of(cls, pipes: Mapping[str, Floats]) -> _Pieces:
        begins, steps, owners, begin_m, length_m = [], [], [], [], []
        for number, (code, given) in enumerate(pipes.items()):
            line = np.asarray(given, float)
            if line.ndim != 2 or line.shape[0] < 2 or line.shape[1] != 2:
                msg = f"pipe {code} has no course"
                raise ValueError(msg)
            if not np.isfinite(line).all():
                msg = f"pipe {code} has a place that is no number"
                raise ValueError(msg)
            step = np.diff(line, axis=0)
            long_m = np.hypot(*step.T)
            along = np.concatenate([[0.0], np.cumsum(long_m)])
            begins.append(line[:-1])
            steps.append(step)
            owners.append(np.full(len(step), number, np.int64))
            begin_m.append(along[:-1])
            length_m.append(float(along[-1]))
        flat = np.zeros((0, 2))
        step_xy = np.concatenate([flat, *steps])
        return cls(
            np.concatenate([flat, *begins]),
            step_xy,
            np.hypot(*step_xy.T),
            np.concatenate([np.zeros(0, np.int64), *owners]),
            np.concatenate([np.zeros(0), *begin_m]),
            length_m,
        )


def _stretches(pieces: _Pieces, legs: Legs, near_m: float) -> tuple[Floats, Floats, Ints]:
    """Return from, to and piece of everything covered, in metres along the pipe."""
    none = np.zeros(0), np.zeros(0), np.zeros(0, np.int64)
    if not len(pieces.from_xy) or not len(legs.from_xy_m):
        return none
    tree = shapely.STRtree(shapely.linestrings(np.stack([legs.from_xy_m, legs.to_xy_m], axis=1)))
    courses = shapely.linestrings(
        np.stack([pieces.from_xy, pieces.from_xy + pieces.step_xy], axis=1)
    )
    # By boxes only, a millimetre wider: what is exact comes below.
    boxes = shapely.bounds(courses) + np.array([-1.0, -1.0, 1.0, 1.0]) * (near_m + 0.001)
    piece, leg = tree.query(shapely.box(*boxes.T))
    keep = pieces.piece_m[piece] > FLAT
    piece, leg = piece[keep], leg[keep]
    low, high = _near_stretch(
        origin=pieces.from_xy[piece],
        direction=pieces.step_xy[piece] / pieces.piece_m[piece, None],
        from_xy=legs.from_xy_m[leg],
        to_xy=legs.to_xy_m[leg],
        near_m=near_m,
    )
    low = np.clip(low, 0.0, pieces.piece_m[piece])
    high = np.clip(high, 0.0, pieces.piece_m[piece])
    keep = high > low
    begin = pieces.begin_m[piece[keep]]
    return low[keep] + begin, high[keep] + begin, piece[keep]


def _near_stretch(
    *, origin: Floats, direction: Floats, from_xy: Floats, to_xy: Floats, near_m: float
) -> tuple[Floats, Floats]:
    """Return where straight lines are within a distance of straight legs; NaN where nowhere.

    The capsule around a leg is two discs and the box between them. It is convex, so the line's
    part of it is one stretch: from the least to the greatest of the three parts.
    """
    leg = to_xy - from_xy
    leg_m = np.hypot(*leg.T)
    parts = [_in_disc(origin, direction, centre, near_m) for centre in (from_xy, to_xy)]
    unit = np.divide(leg, leg_m[:, None], out=np.zeros_like(leg), where=leg_m[:, None] > FLAT)
    away = origin - from_xy
    along = _between(_dot(away, unit), _dot(direction, unit), np.zeros_like(leg_m), leg_m)
    across = _between(
        _cross(unit, away), _cross(unit, direction), np.full_like(leg_m, -near_m), near_m
    )
    low, high = np.maximum(along[0], across[0]), np.minimum(along[1], across[1])
    none = (low > high) | (leg_m <= FLAT)
    parts.append((np.where(none, np.nan, low), np.where(none, np.nan, high)))
    lows, highs = (np.stack(ends) for ends in zip(*parts, strict=True))
    return np.fmin.reduce(lows), np.fmax.reduce(highs)


def _in_disc(
    origin: Floats, direction: Floats, centre: Floats, radius: float
) -> tuple[Floats, Floats]:
    away = origin - centre
    middle = -_dot(away, direction)
    square = radius**2 - _dot(away, away) + middle**2
    half = np.sqrt(np.where(square >= 0, square, np.nan))
    return middle - half, middle + half


def _between(
    start: Floats, slope: Floats, least: Floats, most: Floats | float
) -> tuple[Floats, Floats]:
    """Return for which t ``start + slope t`` is between two bounds; an empty range where never."""
    level = np.abs(slope) <= 1e-12
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (least - start) / slope, (most - start) / slope
    inside = (start >= least - FLAT) & (start <= most + FLAT)
    low = np.where(level, np.where(inside, -np.inf, np.inf), np.minimum(one, two))
    high = np.where(level, np.where(inside, np.inf, -np.inf), np.maximum(one, two))
    return low, high


def _dot(one: Floats, two: Floats) -> Floats:
    found: Floats = (one * two).sum(axis=1)
    return found


def _cross(one: Floats, two: Floats) -> Floats:
    found: Floats = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    return found


def _rest(low: Floats, high: Floats, length: float, shortest_m: float) -> tuple[Stretch, ...]:
    """Return what lies between covered stretches, at both ends too."""
    order = np.argsort(low, kind="stable")
    begins = np.concatenate([low[order], [length]])
    ends = np.concatenate([[0.0], np.maximum.accumulate(high[order])])
    gaps = begins - ends
    # A short pipe that nobody came near is no error of the receiver.
    left = (gaps > FLAT) & ((gaps >= shortest_m) | (gaps >= length - FLAT))
    return tuple(
        (float(begin), float(end)) for begin, end in zip(ends[left], begins[left], strict=True)
    )
