"""Where a leak lies when there is no hydraulic model: pipes, lengths, and by how much sensors fell.

    works ===o---o---o---o        a flow is guessed: what comes in is used evenly along all pipes;
             |   |       s1       what a leak in each pipe would do to the sensors follows from it
             o---o---s2           and is set beside what they did

Two things speak for a pipe: that the pattern of the falls is like that of a leak in it, and that
it lies near the sensors that fell. How large the falls should be is not asked, because nobody
knows the pipes' roughness here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from huoshui.lab.hydraulics.friction import DIAMETER_EXPONENT, FLOW_EXPONENT
from huoshui.lab.leakage import search_area
from huoshui.lab.leakage.pipe_plan import USUAL_M, PipePlan
from huoshui.lab.leakage.sensor_falls import Falls

Floats = NDArray[np.float64]

ROUNDS = 60
STEADY_FRAC = 1e-6  # of all flow
STILL_FRAC = 5e-4  # of all flow: below it the law of friction does not hold
FREE = 100.0  # so wide that the pattern of the flow is as good as taken out
NEARLY = 0.98
ALIKE_FRAC = 2e-3  # a pattern that leaves less unexplained is not believed to be better for it


@dataclass(frozen=True)
class RankRule:
    """How pipes are judged; the defaults were chosen on made worlds, see the notes on detection.

    Attributes
    ----------
    error_frac : float
        The guess errs at each sensor by this share of the largest fall. [-]
    weight : float
        What the likeness of the patterns counts: half of the exponent. [-]
    fade_m : float
        Distance over which being near a sensor that fell fades to a third. [m]
    near_weight : float
        Exponent of being near. [-]
    """

    error_frac: float = 0.12
    weight: float = 3.0
    fade_m: float = 250.0
    near_weight: float = 2.0


def effects(plan: PipePlan, sensors: NDArray[np.int64]) -> Floats:
    """Guess what a leak in each pipe does to sensors, beyond what its flow does to all of them.

    Parameters
    ----------
    plan : PipePlan
        With its sources. Pipes of unknown diameter are taken to be as the middle of the others.
    sensors : ndarray of int, shape (n_sensors,)
        Nodes.

    Returns
    -------
    ndarray, shape (n_pipes, n_sensors)
        Falls, to a common scale; zero where no source reaches the pipe. [-]

    Notes
    -----
    All use is spread along the pipes by length, the flows are solved with the friction of
    Hazen-Williams [1]_ at one roughness, and the heads' answer to a small leak follows from the
    linearised equations. Of it the mean over all places is taken off, because the flow, by which
    the falls were corrected, holds the leak too. Behind a pump or a regulator the head is fixed.

    References
    ----------
    .. [1] L. Rossman et al., "EPANET 2.2 User Manual", U.S. EPA, EPA/600/R-20/133, 2020, ch. 3.
    """
    count = len(plan.nodes)
    border = np.flatnonzero(plan.is_border)
    inner = np.flatnonzero(~plan.is_border)
    start, end = plan.ends[inner].T
    part = plan.parts()
    border = border[part[plan.ends[border, 0]] != part[plan.ends[border, 1]]]
    into = [(int(plan.ends[link, 0]), int(part[plan.ends[link, 1]])) for link in border]
    fixed = np.zeros(count, dtype=bool)
    fixed[[*plan.sources, *plan.ends[border, 1].tolist()]] = True
    fed = plan.is_fed()
    free = np.flatnonzero(fed & ~fixed)
    along = np.zeros(count)
    np.add.at(along, plan.ends.ravel(), np.repeat(plan.lengths_m / 2, 2))
    use = along * fed
    use /= max(float(use.sum()), 1e-300)
    drawn = _with_what_lies_behind(use, part, into)
    resistance = _resistance(plan)[inner]
    flow = np.full(inner.size, 0.1)
    for _round in range(ROUNDS):
        ease = 1 / (resistance * np.maximum(np.abs(flow), STILL_FRAC) ** (FLOW_EXPONENT - 1))
        head = np.zeros(count)
        if free.size:
            head[free] = splu(_laplacian(ease, start, end, count, free)).solve(-drawn[free])
        before, flow = flow, (flow + ease * (head[start] - head[end])) / 2
        if np.abs(flow - before).max(initial=0.0) < STEADY_FRAC:
            break
    ease = 1 / (
        FLOW_EXPONENT * resistance * np.maximum(np.abs(flow), STILL_FRAC) ** (FLOW_EXPONENT - 1)
    )
    unit = np.zeros((count, sensors.size))
    unit[sensors, np.arange(sensors.size)] = 1.0
    answer = np.zeros((count, sensors.size))
    if free.size:
        answer[free] = splu(_laplacian(ease, start, end, count, free)).solve(unit[free])
    zones = sorted({zone for _node, zone in into})
    for _round in zones:
        for behind in zones:
            doors = [node for node, zone in into if zone == behind]
            outside = part[sensors] != behind
            answer[np.ix_(part == behind, outside)] = answer[doors].mean(axis=0)[outside]
    beyond = answer - use @ answer
    beyond[~fed] = 0.0
    found: Floats = beyond[plan.ends[plan.pipes]].mean(axis=1)
    return found


def _resistance(plan: PipePlan) -> Floats:
    """Return what a pipe resists, to a common scale; next to nothing where it has no length."""
    known = plan.diameters_m[np.isfinite(plan.diameters_m) & (plan.lengths_m > 0)]
    usual = float(np.median(known)) if known.size else USUAL_M
    wide = np.where(np.isfinite(plan.diameters_m), plan.diameters_m, usual) / usual
    length = np.where(plan.lengths_m > 0, plan.lengths_m, 0.01)
    return length / wide**DIAMETER_EXPONENT


def _with_what_lies_behind(
    use: Floats, part: NDArray[np.int32], into: list[tuple[int, int]]
) -> Floats:
    """Return what each node gives away, with what is drawn through pumps and regulators there."""
    zones = sorted({zone for _node, zone in into})
    drawn = use
    for _round in zones:  # once for each zone that can stand behind another
        whole = {zone: float(drawn[part == zone].sum()) for zone in zones}
        drawn = use.copy()
        for zone in zones:
            doors = [node for node, behind in into if behind == zone]
            np.add.at(drawn, doors, whole[zone] / len(doors))
    return drawn


def _laplacian(
    ease: Floats, start: NDArray[np.int64], end: NDArray[np.int64], count: int,
    free: NDArray[np.int64],
) -> sparse.csc_matrix:  # fmt: skip
    rows = np.concatenate([start, end, start, end])
    columns = np.concatenate([start, end, end, start])
    values = np.concatenate([ease, ease, -ease, -ease])
    whole = sparse.coo_matrix((values, (rows, columns)), shape=(count, count)).tocsr()
    return whole[free][:, free].tocsc()


def rank(
    *,
    effects: ArrayLike,
    ways_m: ArrayLike,
    lengths_m: ArrayLike,
    fallen: Falls,
    rule: RankRule | None = None,
) -> Floats:
    """Return the probability that the leak lies in each pipe.

    Parameters
    ----------
    effects : array_like, shape (n_pipes, n_sensors)
        What `effects` guessed.
    ways_m : array_like, shape (n_pipes, n_sensors)
        Ways along pipes; infinite where none leads. [m]
    lengths_m : array_like, shape (n_pipes,)
        [m]
    fallen : Falls
    rule : RankRule, optional

    Returns
    -------
    ndarray, shape (n_pipes,)
        Sums to one; by length alone where fewer than two sensors are known or none of them fell.

    Notes
    -----
    The likelihood of one pattern of unknown size and errors of unknown size is the share of the
    falls that it leaves unexplained, to a power (the profile likelihood of linear regression);
    the power is lower than the number of sensors because the guess errs alike at many of them.
    Where no sensor fell beyond what the flow explains, what looks like flow speaks for no pipe.
    """
    rule = rule or RankRule()
    length = np.asarray(lengths_m, dtype=float)
    known, fall = fallen.known, fallen.falls_m[fallen.known]
    if not fallen.tell_a_place():
        even: Floats = length / length.sum()
        return even
    pattern = np.asarray(effects, dtype=float)[:, known]
    error = (rule.error_frac * np.abs(fall).max()) ** 2
    covariance = fallen.covariance_m2[np.ix_(known, known)] + np.diag(np.full(fall.size, error))
    down = np.maximum(fall, 0.0)
    if not down.any():
        # The leak's own flow would explain more than fell: what looks like flow may be any size.
        flow = fallen.with_flow[known]
        covariance += (
            FREE * float(fall @ fall) * np.outer(flow, flow) / max(float(flow @ flow), 1e-300)
        )
        down = np.maximum(fall - np.median(fall), 0.0)
    white = np.linalg.inv(np.linalg.cholesky(covariance))
    shape, seen = pattern @ white.T, white @ fall
    size = np.maximum(shape @ seen / np.maximum((shape**2).sum(axis=1), 1e-300), 0.0)
    left = ((seen - size[:, None] * shape) ** 2).sum(axis=1)
    near = np.exp(-np.asarray(ways_m, dtype=float)[:, known] / rule.fade_m)
    nearness = near @ down / np.maximum(np.linalg.norm(near, axis=1), 1e-300)
    least = max(float(left.min()), ALIKE_FRAC * float(seen @ seen), 1e-300)
    weight = (np.maximum(left, least) / least) ** -rule.weight
    weight *= (nearness / max(float(nearness.max()), 1e-300)) ** rule.near_weight * length
    found: Floats = weight / max(float(weight.sum()), 1e-300)
    return found


@dataclass(frozen=True)
class Ranked:
    """Where a leak lies, as far as pipes and pressures tell.

    Attributes
    ----------
    link : str
        The pipe with most probability within reach of it.
    confidence_frac : float
        That probability. [-]
    pipes : tuple of (str, float)
        The likeliest pipes with their probability, likeliest per metre first.
    walk_m_50, walk_m_90 : float
        Length of pipe to walk until the leak is passed with that probability. [m]
    falls_m : dict
        By how much each sensor fell that was measured, beyond what the flow explains; by how much
        at all where none fell beyond that. [m]
    """

    link: str
    confidence_frac: float
    pipes: tuple[tuple[str, float], ...]
    walk_m_50: float
    walk_m_90: float
    falls_m: dict[str, float]


class PipeRanker:
    """Ranks the pipes of one plan for one set of sensors.

    Parameters
    ----------
    plan : PipePlan
        With its sources.
    sensors : sequence of str
        The nodes at which they stand, in the order of the pressures.
    rule : RankRule, optional

    Raises
    ------
    UnknownNode
        If a sensor stands at a node that no pipe has.
    """

    REACH_M = 300.0
    LISTED = 50

    def __init__(
        self, plan: PipePlan, sensors: Sequence[str], rule: RankRule | None = None
    ) -> None:
        self.rule = rule or RankRule()
        self.sensors = tuple(sensors)
        numbers = np.array([plan.number(name) for name in sensors], np.int64)
        self.names = [plan.names[pipe] for pipe in plan.pipes]
        self.lengths_m = plan.lengths_m[plan.pipes]
        self.effects = effects(plan, numbers)
        self.ways_m = plan.ways_m(numbers.tolist())
        self.near = plan.near(self.REACH_M)

    def rank(self, fallen: Falls) -> Ranked | None:
        """Rank the pipes; nothing where fewer than two sensors are known or none of them fell."""
        if not fallen.tell_a_place():
            return None
        chance = rank(
            effects=self.effects, ways_m=self.ways_m, lengths_m=self.lengths_m, fallen=fallen,
            rule=self.rule,
        )  # fmt: skip
        mass = self.near @ chance
        # Of places that hold nearly as much, the pipe that is itself the likeliest.
        best = int(np.argmax(np.where(mass >= NEARLY * mass.max(), chance, -1.0)))
        half, most = search_area.walk(
            probability=chance, lengths_m=self.lengths_m, shares_frac=(0.5, 0.9)
        )
        told = fallen.falls_m if (fallen.falls_m[fallen.known] > 0).any() else fallen.whole_m
        order = np.argsort(-chance / self.lengths_m, kind="stable")[: self.LISTED]
        return Ranked(
            link=self.names[best],
            confidence_frac=min(float(mass[best]), 1.0),
            pipes=tuple((self.names[pipe], float(chance[pipe])) for pipe in order),
            walk_m_50=half,
            walk_m_90=most,
            falls_m={
                name: float(fall)
                for name, fall in zip(self.sensors, told, strict=True)
                if np.isfinite(fall)
            },
        )
