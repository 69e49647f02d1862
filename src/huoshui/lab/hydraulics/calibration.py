"""Roughness and demand fitted to measured pressures, and what the sensors cannot tell."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.hydraulics import frozen, hindcast, lanes, steady
from huoshui.lab.series.robust import MAD_TO_SIGMA

Values = NDArray[np.float64]

ROUNDS = 8
SETTLED = 1e-3
"""A round whose largest change of a logarithm is below this is the last."""
RESISTANCE_PRIOR = 0.5
DEMAND_PRIOR = 0.2
"""What is believed before anything is measured: standard deviations of the logarithms. A group's
resistance is seldom off by more than a factor of 2.7 (C by 1.7), a share of demand by 1.5."""
OFFSET_PRIOR_M = 0.3
"""Of the heights and zeros of pressure sensors. [m]"""
LEAST_NOISE_M = 0.005
DOUBT = 3.0
"""Noises from the model at which a reading counts half; ten times as far it hardly counts."""
HARDLY = 0.1
"""Weight below which a reading is told to have hardly counted."""
KNOWN = 0.5
"""Share of an answer that comes from the measurements, below which nothing is known."""
CONFOUNDED = 0.9
"""Correlation of two answers from which only their combination is known."""


@dataclass(frozen=True)
class PipeGroup:
    """Pipes whose resistance is wrong by one factor."""

    name: str
    links: NDArray[np.int64]


@dataclass(frozen=True)
class Parameter:
    """One answer.

    Attributes
    ----------
    name : str
        The group of pipes, or pattern and area of the demand.
    kind : str
        ``resistance`` or ``demand``.
    factor : float
        By what the file's resistance or demand is to be multiplied. [-]
    low, high : float
        Between these it lies with 95 % probability. [-]
    resolution : float
        Share of the answer that comes from the measurements: 1 is known from them alone, 0 is
        what was believed before. [-]
    """

    name: str
    kind: str
    factor: float
    low: float
    high: float
    resolution: float

    @property
    def is_known(self) -> bool:
        """Whether the sensors say more than the belief before."""
        return self.resolution >= KNOWN


@dataclass(frozen=True)
class Calibration:
    """What the measurements say.

    Attributes
    ----------
    parameters : tuple of Parameter
        Pipe groups, then demands.
    confounded : tuple of (str, str, float)
        Pairs of answers of which only a combination is known, with their correlation.
    singular_values : ndarray, shape (n_parameters,)
        Of the answers weighed by noise and belief: so many are known as there are above 1.
    combinations : tuple of tuple of (str, float)
        For each singular value below 1: the combination of answers that nothing is known of, the
        greatest shares first.
    offsets_m : ndarray, shape (n_sensors,)
        What each sensor shows too much. [m]
    doubted_frac : ndarray, shape (n_sensors,)
        Share of each sensor's readings that hardly counted, because they lie far from all the
        model can do: a dead sensor, a moment with a wrong boundary. NaN without readings. [-]
    rmse_before_m, rmse_after_m : float
        Of the pressures that counted, offsets taken out of both. [m]
    noise_m : float
        Robust standard deviation of what is left: noise and what the model cannot do. [m]
    network : FrozenNetwork
        With the resistances found.
    """

    parameters: tuple[Parameter, ...]
    confounded: tuple[tuple[str, str, float], ...]
    singular_values: Values
    combinations: tuple[tuple[tuple[str, float], ...], ...]
    offsets_m: Values
    doubted_frac: Values
    rmse_before_m: float
    rmse_after_m: float
    noise_m: float
    network: frozen.FrozenNetwork


def groups_by_roughness(network: frozen.FrozenNetwork, *, most: int = 12) -> list[PipeGroup]:
    """Return pipes in groups of one roughness; neighbors in size are joined where there are more.

    Parameters
    ----------
    network : FrozenNetwork
        The network.
    most : int
        Number of groups at most.
    """
    pipes = np.flatnonzero(network.resistance > 0)
    values = network.roughness[pipes]
    kinds = np.unique(values)
    edges = np.array_split(kinds, min(most, len(kinds)))
    found = []
    for part in edges:
        inside = pipes[(values >= part[0]) & (values <= part[-1])]
        name = f"{part[0]:g}" if len(part) == 1 else f"{part[0]:g}–{part[-1]:g}"
        found.append(PipeGroup(name, inside))
    return found


def calibrate(
    network: frozen.FrozenNetwork,
    *,
    demands: hindcast.DemandModel,
    boundaries: hindcast.Boundaries,
    tank_areas_m2: dict[str, float],
    start_s: float,
    sensors: Sequence[str],
    pressures_m: ArrayLike,
    groups: Sequence[PipeGroup],
    with_demands: bool = True,
    moments: int = 96,
) -> Calibration:
    """Fit resistances of pipe groups and shares of demand to measured pressures.

    Parameters
    ----------
    network, demands, boundaries, tank_areas_m2, start_s
        As in `hindcast.hindcast`.
    sensors : sequence of str
        Nodes with a pressure sensor.
    pressures_m : array_like, shape (n_times, n_sensors)
        What they measured; NaN is not known. [m]
    groups : sequence of PipeGroup
        Pipes whose resistance shares a factor.
    with_demands : bool
        Whether the demand of each pattern in each area is fitted too. In an area that meters
        enclose its sum is theirs, and only the shares of the patterns are.
    moments : int
        Moments used at most, evenly spread over those with all boundaries.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        If there is nothing to fit, or no moment with all boundaries and a pressure.

    Notes
    -----
    Gauss-Newton for the most probable factors: pressures with independent noise, whose size is
    taken from what is left over and at first from the misfit; logarithms of factors that are
    normal about zero; an offset for each sensor. Readings far from the model weigh less in each
    round, 1 / (1 + (residual / 3 noises)²), so that one wrong moment cannot bend the answer. The
    sensitivities of a moment cost one factorisation: a pipe that resists more is water taken at
    its start and given at its end. The resolution is the diagonal of the resolution matrix; what
    cannot be known are the singular vectors of the weighed Jacobian with values below 1.

    References
    ----------
    .. [1] A. Tarantola, "Inverse problem theory", SIAM 2005, ch. 3.2 (the least-squares problem,
       posterior covariance and resolution).
    .. [2] Z. Kapelan, D. Savic, G. Walters, "Calibration of water distribution hydraulic models
       using a Bayesian-type procedure", J. Hydraul. Eng. 133(8), 2007.
    .. [3] P. W. Holland, R. E. Welsch, "Robust regression using iteratively reweighted
       least-squares", Communications in Statistics A6(9), 1977 (the weights of Cauchy).
    """
    problem = _Problem(
        network, demands, boundaries, tank_areas_m2, start_s, sensors, pressures_m, groups,
        with_demands=with_demands, moments=moments,
    )  # fmt: skip
    return problem.solved()


class _Problem:
    """The least-squares problem: logarithms of factors, then offsets."""

    def __init__(
        self,
        network: frozen.FrozenNetwork,
        demands: hindcast.DemandModel,
        boundaries: hindcast.Boundaries,
        tank_areas_m2: dict[str, float],
        start_s: float,
        sensors: Sequence[str],
        pressures_m: ArrayLike,
        groups: Sequence[PipeGroup],
        *,
        with_demands: bool,
        moments: int,
    ) -> None:
        self.network, self.groups = network, list(groups)
        self.drive = hindcast.prepare(
            network, demands=demands, boundaries=boundaries, tank_areas_m2=tank_areas_m2,
            start_s=start_s,
        )  # fmt: skip
        self.sensors = network.nodes(list(sensors))
        self.measured = np.asarray(pressures_m, dtype=float)
        bounded = np.isfinite(self.drive.factors).all(axis=1)
        for head in self.drive.tank_heads_m.values():
            bounded &= np.isfinite(head)
        rows = np.flatnonzero(bounded & np.isfinite(self.measured).any(axis=1))
        some = np.unique(np.linspace(0, max(len(rows) - 1, 0), moments).round().astype(np.int64))
        self.rows = rows[some] if len(rows) else rows
        self.free = self._free_demands() if with_demands else []
        if not len(self.rows) or not (self.groups or self.free):
            raise ValueError("there is nothing to fit, or no moment with all its boundaries")
        self.count = len(self.groups) + len(self.free)
        prior = [RESISTANCE_PRIOR] * len(self.groups) + [DEMAND_PRIOR] * len(self.free)
        self.prior = np.asarray([*prior, *[OFFSET_PRIOR_M] * len(self.sensors)])

    def _free_demands(self) -> list[int]:
        """Return the demand groups that pressures may tell: not those that meters tell alone."""
        drive = self.drive
        zones = drive.group_area
        return [
            int(group)
            for group in np.flatnonzero(drive.group_pattern >= 0)
            if not drive.scaled_areas[zones[group]] or np.sum(zones == zones[group]) > 1
        ]

    def factors_of_groups(self, logs: Values) -> Values:
        """Return the demand factors with the logarithms found; metered areas keep their sum."""
        drive = self.drive
        factors = drive.factors[self.rows].copy()
        sums = drive.base_m3s.sum(axis=1)
        for number, group in enumerate(self.free):
            factors[:, group] *= np.exp(logs[len(self.groups) + number])
        for zone in np.flatnonzero(drive.scaled_areas):
            inside = np.flatnonzero(drive.group_area == zone)
            if len(inside):
                before = drive.factors[self.rows][:, inside] @ sums[inside]
                after = factors[:, inside] @ sums[inside]
                ratio = np.divide(before, after, out=np.ones_like(before), where=after > 0)
                factors[:, inside] *= ratio[:, None]
        return factors

    def changed(self, logs: Values) -> frozen.FrozenNetwork:
        """Return the network with the resistances found."""
        resistance = self.network.resistance.copy()
        for number, group in enumerate(self.groups):
            resistance[group.links] = self.network.resistance[group.links] * np.exp(logs[number])
        return dataclasses.replace(self.network, resistance=resistance)

    def modelled(self, logs: Values) -> tuple[Values, Values]:
        """Return pressures at the sensors and what they answer to each logarithm.

        Shapes (n_rows, n_sensors) and (n_rows, n_sensors, n_parameters).
        """
        network = self.changed(logs)
        solver = steady.SteadySolver(network)
        factors = self.factors_of_groups(logs)
        given = self.drive.scenarios(self.rows) | {"factors": factors}
        states = solver.solve(**given, accuracy=1e-6)
        heads = states.heads_m[:, self.sensors] - network.elevations_m[self.sensors]
        answers = np.full((*heads.shape, self.count), np.nan)
        for row in np.flatnonzero(states.converged).tolist():
            answers[row] = self._answers(solver, network, states, row, factors[row])
        return heads, answers

    def _answers(
        self,
        solver: steady.SteadySolver,
        network: frozen.FrozenNetwork,
        states: steady.SteadyStates,
        row: int,
        factors: Values,
    ) -> Values:
        """Return by how much each sensor's pressure changes with each logarithm at one moment."""
        to_demand = solver.sensitivities(sensors=self.sensors, state=states, scenario=row)
        found = np.empty((len(self.sensors), self.count))
        conductance, friction = _friction(network, solver, states, row)
        push = conductance * friction
        start, end = network.link_nodes.T
        for number, group in enumerate(self.groups):
            links = group.links
            across = to_demand[:, end[links]] - to_demand[:, start[links]]
            found[:, number] = across @ push[links]
        drive = self.drive
        taken = drive.base_m3s * factors[:, None]
        for number, group_of in enumerate(self.free):
            change = taken[group_of].copy()
            zone = drive.group_area[group_of]
            if drive.scaled_areas[zone]:
                inside = np.flatnonzero(drive.group_area == zone)
                whole = taken[inside].sum(axis=0)
                change -= whole * (change.sum() / max(float(whole.sum()), 1e-12))
            found[:, len(self.groups) + number] = to_demand @ change
        return found

    def solved(self) -> Calibration:
        """Find the most probable logarithms."""
        sensors = len(self.sensors)
        x = np.zeros(self.count + sensors)
        seen = self.measured[self.rows]
        eye = np.broadcast_to(np.eye(sensors), (len(self.rows), sensors, sensors))
        noise, first = np.nan, np.zeros_like(seen)
        weight, weighed = np.zeros_like(seen), np.zeros((0, 0))
        for number in range(ROUNDS):
            heads, answers = self.modelled(x[: self.count])
            residual = seen - heads - x[self.count :]
            known = np.isfinite(residual)
            if not known.any():
                raise ValueError("no moment could be solved")
            centred = residual - _medians(residual)
            if number == 0:
                first = residual
            noise = max(float(np.nanmedian(np.abs(centred))) * MAD_TO_SIGMA, LEAST_NOISE_M)
            weight = np.where(known, 1.0 / (1.0 + (residual / (DOUBT * noise)) ** 2), 0.0)
            # Moments of a sensor are not independent where the model is wrong for all of them:
            # one day's worth of evidence at most comes from each sensor.
            share = np.sqrt(min(1.0, 24.0 * sensors / max(float(weight.sum()), 1.0)))
            scale = share * np.sqrt(weight[known]) / noise
            weighed = np.concatenate([answers, eye], axis=2)[known] * self.prior * scale[:, None]
            target = residual[known] * scale
            normal = weighed.T @ weighed + np.eye(len(x))
            step = np.linalg.solve(normal, weighed.T @ target - x / self.prior) * self.prior
            step[: self.count] = np.clip(step[: self.count], -0.7, 0.7)
            x = x + step
            if np.abs(step[: self.count]).max() < SETTLED:
                break
        counted = weight >= HARDLY
        many = np.maximum(counted.sum(axis=0), 1)
        first = first - np.where(counted, first, 0.0).sum(axis=0) / many
        before = float(np.sqrt(np.mean(first[counted] ** 2)))
        return self._told(x, weighed, before, noise, weight)

    def _told(
        self, x: Values, weighed: Values, before: float, noise: float, weight: Values
    ) -> Calibration:
        """Say what was found and how well it is known."""
        heads, _answers = self.modelled(x[: self.count])
        left = self.measured[self.rows] - heads - x[self.count :]
        given = np.isfinite(self.measured[self.rows])
        readings = given.sum(axis=0)
        hardly = (given & (weight < HARDLY)).sum(axis=0)
        normal = weighed.T @ weighed
        posterior: Values = np.linalg.inv(normal + np.eye(len(x))).astype(float)
        resolution = np.diag(posterior @ normal)[: self.count]
        deviation = np.sqrt(np.diag(posterior)) * self.prior
        names = [group.name for group in self.groups] + [self._name(g) for g in self.free]
        parameters = tuple(
            Parameter(
                name=name,
                kind="resistance" if number < len(self.groups) else "demand",
                factor=float(np.exp(x[number])),
                low=float(np.exp(x[number] - 1.96 * deviation[number])),
                high=float(np.exp(x[number] + 1.96 * deviation[number])),
                resolution=float(resolution[number]),
            )
            for number, name in enumerate(names)
        )
        # Offsets are of no interest: what is known of the rest once they are left free.
        offsets = slice(self.count, None)
        inside = normal[: self.count, : self.count] - normal[
            : self.count, offsets
        ] @ np.linalg.solve(
            normal[offsets, offsets] + np.eye(len(x) - self.count), normal[offsets, : self.count]
        )
        values, vectors = np.linalg.eigh(inside)
        order = np.argsort(-values)
        singular = np.sqrt(np.maximum(values[order], 0.0))
        unknown = tuple(
            _combination(vectors[:, column], names)
            for column, value in zip(order, singular, strict=True)
            if value < 1
        )
        return Calibration(
            parameters=parameters,
            confounded=_pairs(posterior[: self.count, : self.count], names),
            singular_values=singular,
            combinations=unknown,
            offsets_m=x[self.count :],
            rmse_before_m=before,
            doubted_frac=np.where(readings > 0, hardly / np.maximum(readings, 1), np.nan),
            rmse_after_m=float(np.sqrt(np.nanmean(left[weight >= HARDLY] ** 2))),
            noise_m=noise,
            network=self.changed(x[: self.count]),
        )

    def _name(self, group: int) -> str:
        return f"{self.drive.group_pattern[group]}@{self.drive.group_area[group]}"


def _medians(rows: Values) -> Values:
    """Return the median of each column of what is known; NaN where nothing is."""
    found = np.full(rows.shape[1], np.nan)
    some = np.isfinite(rows).any(axis=0)
    found[some] = np.nanmedian(rows[:, some], axis=0)
    return found


def _combination(vector: Values, names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Return the names that make up most of a direction, with their shares."""
    order = np.argsort(-np.abs(vector))
    sign = np.sign(vector[order[0]]) or 1.0
    kept = [place for place in order[:4].tolist() if abs(vector[place]) > 0.3]
    return tuple((names[place], float(sign * vector[place])) for place in kept)


def _pairs(covariance: Values, names: Sequence[str]) -> tuple[tuple[str, str, float], ...]:
    """Return the pairs of answers that go together."""
    scale: Values = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    return tuple(
        (names[a], names[b], float(correlation[a, b]))
        for a in range(len(names))
        for b in range(a + 1, len(names))
        if abs(correlation[a, b]) >= CONFOUNDED
    )


def _friction(
    network: frozen.FrozenNetwork,
    solver: steady.SteadySolver,
    states: steady.SteadyStates,
    row: int,
) -> tuple[Values, Values]:
    """Return each link's conductance and the part of its head loss that its resistance makes."""
    linear = solver.linearised(state=states, scenario=row)
    flow = states.flows_m3s[row]
    if network.is_darcy:
        loss, _slope = lanes.darcy(
            np.abs(flow),
            resistance=network.resistance,
            minor=np.zeros_like(network.minor),
            roughness=network.relative_roughness,
            slowness=network.slowness,
        )
        return linear.conductance, np.sign(flow) * loss
    loss = network.resistance * np.abs(flow) ** network.exponent
    return linear.conductance, np.sign(flow) * loss
