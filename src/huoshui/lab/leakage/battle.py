"""What reports of leaks are worth: the economic score of the battle of 2020 (BattLeDIM).

    reported pipe .....x..... leaking pipe        x: along pipes, from centre to centre

A report within 300 m of a leak that runs saves the water that would still have run out, at
0.80 EUR/m³, and costs the crew its way; a report of nothing costs 500 EUR. The score can be bought
with many guesses, so a result never comes without the number of false reports.

References
----------
.. [1] S. G. Vrachimis et al., "Battle of the Leakage Detection and Isolation Methods", Journal of
   Water Resources Planning and Management 148 (12), 2022, 04022068, economic score.
.. [2] The organisers' scoring program and its reports (github.com/KIOS-Research/BattLeDIM,
   August 2020): order of the reports, repeats, rounding to steps. This is written anew from them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.leakage.battle_files import Leak, Report

Floats = NDArray[np.float64]

STEP_S = 300.0
S_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What is paid for what; the defaults are the battle's."""

    water_eur_per_m3: float = 0.80
    crew_eur: float = 500.0
    reach_m: float = 300.0


class Outcome(StrEnum):
    """What a report turned out to be."""

    HIT = "hit"
    REPEAT = "repeat"
    FALSE = "false"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Judged:
    """A report and what it was worth.

    ``leak`` is the number of the leak that was found; ``distance_m`` the way to it, else the way
    to the nearest leak that runs, infinite without one; ``delay_s`` the time since it began.
    """

    report: Report
    outcome: Outcome
    leak: int | None
    distance_m: float
    delay_s: float
    saved_m3: float
    score_eur: float


@dataclass(frozen=True, slots=True)
class Score:
    """The sum, and what it is made of. ``best_eur`` is for finding each leak where it begins."""

    score_eur: float
    best_eur: float
    judged: tuple[Judged, ...]
    missed: tuple[int, ...]

    def count(self, outcome: Outcome) -> int:
        """Return how many reports turned out so."""
        return sum(one.outcome == outcome for one in self.judged)


class UnknownLink(KeyError):
    """A report or a leak names a link that the network does not have."""


def centre_distances(
    *,
    link_nodes: ArrayLike,
    length_m: ArrayLike,
    n_nodes: int,
    from_links: Sequence[int],
    to_links: Sequence[int],
) -> Floats:
    """Return the way along pipes between the centres of links.

    Parameters
    ----------
    link_nodes : array_like of int, shape (n_links, 2)
        Nodes at both ends of each link.
    length_m : array_like, shape (n_links,)
        Length; pumps and valves, which have none, join nothing here. [m]
    n_nodes : int
        Number of nodes.
    from_links, to_links : sequence of int
        Numbers of the links.

    Returns
    -------
    ndarray, shape (n_from, n_to)
        Zero from a link to itself, infinite where pipes do not lead. [m]

    Notes
    -----
    The least way between any of their ends plus half of both lengths, as in [2]_: between two
    pipes that share a node this is the mean of their lengths. That pumps and valves join nothing
    follows from the published distances, in which the area behind the pump is out of reach.
    """
    ends = np.asarray(link_nodes, dtype=np.int64).reshape(-1, 2)
    length = np.asarray(length_m, dtype=float)
    starts, targets = np.asarray(from_links, np.int64), np.asarray(to_links, np.int64)
    if not len(starts) or not len(targets):
        return np.zeros((len(starts), len(targets)))
    from scipy.sparse import csgraph

    from huoshui.lab.graph import nearness

    pipes = length > 0
    network = nearness.weighted(
        start=ends[pipes, 0], end=ends[pipes, 1], length_m=length[pipes], nodes=n_nodes
    )
    sources, back = np.unique(ends[starts], return_inverse=True)
    ways = csgraph.dijkstra(network, directed=False, indices=sources)
    between = ways[back.reshape(-1, 2)][:, :, ends[targets]]  # from, its end, to, its end
    found: Floats = between.min(axis=(1, 3)) + (length[starts, None] + length[None, targets]) / 2
    found[starts[:, None] == targets[None, :]] = 0.0
    return found


def score(
    *,
    reports: Sequence[Report],
    leaks: Sequence[Leak],
    at_s: ArrayLike,
    leak_flows_m3s: ArrayLike,
    distance_m: ArrayLike,
    terms: Terms | None = None,
) -> Score:
    """Judge reports of leaks by the water they save and the crews they cost.

    Parameters
    ----------
    reports : sequence of Report
        In any order; they are judged by their moments.
    leaks : sequence of Leak
        The leaks that ran.
    at_s : array_like, shape (n_times,)
        Beginnings of equal steps, rising, on the same clock as the reports. [s]
    leak_flows_m3s : array_like, shape (n_times, n_leaks)
        What each leak lost, zero while it did not run. [m³ s⁻¹]
    distance_m : array_like, shape (n_leaks, n_reports)
        Ways from `centre_distances`. [m]
    terms : Terms, optional
        Prices and reach.

    Returns
    -------
    Score

    Notes
    -----
    Moments are rounded to steps of five minutes. A report hits the nearest leak within reach that
    runs and was not found before; it saves the water from the step before the report until the
    end (the step before: the published program counts steps from one, not from zero; over the
    battle this is worth 2 EUR of 523,154) and costs 500 EUR times its share of the reach. A report
    that meets only leaks found before costs nothing. Reports before the first step are not judged.
    """
    terms = terms or Terms()
    at = np.asarray(at_s, dtype=float)
    flows = np.asarray(leak_flows_m3s, dtype=float).reshape(len(at), len(leaks))
    ways = np.asarray(distance_m, dtype=float).reshape(len(leaks), len(reports))
    step_s = float(np.median(np.diff(at))) if len(at) > 1 else STEP_S
    spans = [(_step(one.start_s), _step(one.end_s)) for one in leaks]
    found: set[int] = set()
    judged = []
    for number in sorted(range(len(reports)), key=lambda one: _step(reports[one].at_s)):
        moment = _step(reports[number].at_s)
        running = [leak for leak, (start, end) in enumerate(spans) if start <= moment <= end]
        near = [leak for leak in running if ways[leak, number] <= terms.reach_m]
        fresh = [leak for leak in near if leak not in found]
        way = min((float(ways[leak, number]) for leak in running), default=math.inf)
        outcome, leak, saved, euro, delay = Outcome.FALSE, None, 0.0, -terms.crew_eur, math.nan
        if len(at) and moment < _step(float(at[0])):
            outcome, euro = Outcome.TOO_EARLY, 0.0
        elif fresh:
            leak = min(fresh, key=lambda one: float(ways[one, number]))
            found.add(leak)
            way = float(ways[leak, number])
            saved = _volume_since(at, flows[:, leak], moment - STEP_S, step_s)
            euro = saved * terms.water_eur_per_m3 - terms.crew_eur * way / terms.reach_m
            outcome, delay = Outcome.HIT, reports[number].at_s - leaks[leak].start_s
        elif near:
            outcome, euro = Outcome.REPEAT, 0.0
        judged.append(Judged(reports[number], outcome, leak, way, delay, saved, euro))
    best = sum(
        _volume_since(at, flows[:, leak], start - STEP_S, step_s) * terms.water_eur_per_m3
        for leak, (start, _end) in enumerate(spans)
    )
    return Score(
        score_eur=sum(one.score_eur for one in judged),
        best_eur=best,
        judged=tuple(judged),
        missed=tuple(sorted(set(range(len(leaks))) - found)),
    )


def places(names: Sequence[str], known: Mapping[str, int]) -> list[int]:
    """Return the numbers of links, refusing names that the network does not have."""
    for name in names:
        if name not in known:
            raise UnknownLink(name)
    return [known[name] for name in names]


def _step(moment_s: float) -> float:
    """Return a moment rounded to the battle's step."""
    return math.floor(moment_s / STEP_S + 0.5) * STEP_S if math.isfinite(moment_s) else moment_s


def _volume_since(at: Floats, flow_m3s: Floats, moment_s: float, step_s: float) -> float:
    """Return what ran out after a moment; a row stands for the step that begins with it. [m³]"""
    left_s = np.clip(at + step_s - moment_s, 0.0, step_s)
    return float(np.sum(np.nan_to_num(flow_m3s) * left_s))
