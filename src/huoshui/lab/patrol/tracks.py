"""A recorded track: which fixes are good enough, and between which somebody really walked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Limits:
    """What still counts as a walk between two fixes.

    Attributes
    ----------
    accuracy_m : float
        A fix that its receiver calls worse than this is left out. [m]
    jump_m : float
        Fixes farther apart are not joined. [m]
    jump_s : float
        Fixes farther apart in time are not joined. [s]
    speed_ms : float
        Fixes that only something faster could have passed between are not joined. [m s⁻¹]
    """

    accuracy_m: float
    jump_m: float
    jump_s: float
    speed_ms: float


@dataclass(frozen=True, slots=True)
class Legs:
    """The parts of a track that count.

    Attributes
    ----------
    from_xy_m, to_xy_m : ndarray, shape (n_legs, 2)
        Both ends of each straight leg; a fix that joins no other is a leg without length. [m]
    length_m : float
        Of all legs together. [m]
    fixes : int
        How many fixes there were.
    inaccurate : int
        How many of them were left out as too inaccurate or without a place.
    gaps : int
        How often two fixes that follow each other were not joined.
    """

    from_xy_m: Floats
    to_xy_m: Floats
    length_m: float
    fixes: int
    inaccurate: int
    gaps: int


def legs(*, xy_m: Floats, at_s: Floats, accuracy_m: Floats, limits: Limits) -> Legs:
    """Join the fixes of one track to legs.

    Parameters
    ----------
    xy_m : ndarray, shape (n, 2)
        Where, in a plane; a fix with NaN is left out. [m]
    at_s : ndarray, shape (n,)
        When; need not rise, the fixes are put in order. [s]
    accuracy_m : ndarray, shape (n,)
        Radius that the receiver gave; NaN: it gave none, the fix is taken as good. [m]
    limits : Limits
        What still counts as a walk.

    Notes
    -----
    A straight line between two fixes is what is known, not more: the shorter the time between
    them, the truer. A fix that nothing joins still counts for where it is.
    """
    xy = np.asarray(xy_m, float).reshape(-1, 2)
    at = np.asarray(at_s, float)
    accuracy = np.asarray(accuracy_m, float)
    if not len(xy) == len(at) == len(accuracy):
        msg = f"{len(xy)} places, {len(at)} moments and {len(accuracy)} accuracies"
        raise ValueError(msg)
    good = np.isfinite(xy).all(axis=1) & np.isfinite(at) & ~(accuracy > limits.accuracy_m)
    order = np.argsort(at[good], kind="stable")
    xy, at = xy[good][order], at[good][order]
    step_m = np.hypot(*np.diff(xy, axis=0).T)
    step_s = np.diff(at)
    joined: Bools = (
        (step_m <= limits.jump_m) & (step_s <= limits.jump_s) & (step_m <= limits.speed_ms * step_s)
    )
    beside = np.zeros(len(xy), bool)
    beside[:-1] |= joined
    beside[1:] |= joined
    alone = xy[~beside]
    return Legs(
        from_xy_m=np.concatenate([xy[:-1][joined], alone]),
        to_xy_m=np.concatenate([xy[1:][joined], alone]),
        length_m=float(step_m[joined].sum()),
        fixes=len(good),
        inaccurate=int((~good).sum()),
        gaps=int((~joined).sum()),
    )
