"""The pipes and customers of a network file, fitted to the first days of measurements.

    heads fall by    r q^1.852   in every pipe; the file's r is wrong by a factor of its own
    sensors read     h(r, d) + what they are set wrong by + chance

Thirty sensors cannot tell a thousand pipes, and need not: of all networks that agree with the
first days, the one nearest to the file is taken. How far files stray from their pipes is learnt
by the same days: the spread under which what was measured is least surprising.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab import units
from huoshui.lab.hydraulics import frozen, steady
from huoshui.lab.leakage import zone_model
from huoshui.lab.series.holes import mean_known

Array = NDArray[np.float64]

HOURS = 24
ROUNDS = 3
SPREADS = (0.05, 0.1, 0.15, 0.2, 0.27, 0.35, 0.45, 0.6)
"""Standard deviations of a pipe's log resistance that are tried. [-]"""
PROBE_DAY = 3
DEMAND_SHARE = 0.6
"""Standard deviation of a customer's log demand, as a share of that of pipes. [-]"""
OFFSET_M = 0.5
"""How far a sensor's height may be wrong: so much that only changes with the flow count. [m]"""
CHANCE_M = 0.01
"""What an hour's mean of a sensor strays by itself. [m]"""
CHANCE_USE_FRAC = 0.06
"""What a customer's use of one hour strays from its habit on one day. [-]"""


@dataclass(frozen=True)
class Fit:
    """What the first days say of the file.

    Attributes
    ----------
    corrections : Corrections
        For `zone_model.ZoneModel`.
    spread : float
        Standard deviation of a pipe's log resistance that explains the days best. [-]
    before_m, after_m : float
        Root mean square of what sensors read besides the model, without and with the
        corrections. [m]
    """

    corrections: zone_model.Corrections
    spread: float
    before_m: float
    after_m: float


@dataclass(frozen=True)
class Answers:
    """How sensors' heads answer to factors of pipes and of customers at one moment.

    Attributes
    ----------
    pipes : ndarray, shape (n_sensors, n_links)
        Change of head per log of each pipe's resistance. [m]
    customers : ndarray, shape (n_sensors, n_nodes)
        Per log of what each node takes, the sum of its area kept. [m]
    """

    pipes: Array
    customers: Array


def answers(model: zone_model.ZoneModel, row: int) -> Answers:
    """Return how sensors answer to the file's errors about the state of one row of the records.

    Notes
    -----
    With the conductance g = dq/dh of each pipe and G the answer of sensors to demands (the
    adjoint of the network's matrix, Piller et al. 2017), a pipe whose resistance grows by a share
    loses that share of its head, as if g h more were taken at its start and put back at its end.
    """
    project = model.project
    model.solve_at(row)
    network = frozen.freeze(project)
    solver = steady.SteadySolver(network)
    state = steady.SteadyStates(
        heads_m=network.heads_m[None],
        flows_m3s=network.flows_m3s[None],
        outflows_m3s=network.ground_flows_m3s[None],
        statuses=network.statuses[None],
        converged=np.ones(1, dtype=bool),
        trials=np.ones(1, dtype=np.int32),
        change=np.zeros(1),
    )
    to_demand = solver.sensitivities(sensors=model.sensors, state=state)
    conductance = solver.linearised(state=state).conductance
    start, end = network.link_nodes.T
    drop = network.heads_m[start] - network.heads_m[end]
    moved = np.where(network.resistance > 0, conductance * drop, 0.0)
    pipes = -(to_demand[:, start] - to_demand[:, end]) * moved
    use = model.use_at(row)
    customers = to_demand * use
    for area in model.areas:
        total = float(use[area.nodes].sum())
        if total > 0:
            share = use[area.nodes] / total
            common = to_demand[:, area.nodes] @ share
            customers[:, area.nodes] -= common[:, None] * use[area.nodes]
    return Answers(pipes, customers)


@dataclass(frozen=True)
class Estimate:
    """Of all corrections together.

    Attributes
    ----------
    spread : float
        Standard deviation of a pipe's correction under which what was seen surprises least. [-]
    pipes, customers : ndarray
        Likeliest corrections. [-]
    """

    spread: float
    pipes: Array
    customers: Array


def estimate(*, seen_m: Array, by_pipe: Array, by_customer: Array, days: int) -> Estimate:
    """Return the likeliest corrections for what sensors read besides the file's network.

    Parameters
    ----------
    seen_m : ndarray, shape (n_hours, n_sensors)
        NaN is not known. [m]
    by_pipe, by_customer : ndarray, shape (n_hours, n_sensors, n_links or n_nodes)
        See `Answers`. [m]
    days : int
        Of which each hour is the mean.

    Notes
    -----
    Linear and Gaussian, every error with a covariance of its own: corrections, heights of sensors,
    use by chance. The spread is that of the greatest evidence (Rasmussen and Williams, "Gaussian
    Processes for Machine Learning", MIT Press 2006, sections 2.3 and 5.4).
    """
    hours, sensors = seen_m.shape
    known = np.isfinite(seen_m).ravel()
    table = np.concatenate([by_pipe, by_customer], axis=2).reshape(hours * sensors, -1)
    share = np.ones(table.shape[1])
    share[by_pipe.shape[2] :] = DEMAND_SHARE**2
    rest = CHANCE_M**2 * np.eye(hours * sensors)
    for hour, by_use in enumerate(by_customer):
        rows = slice(hour * sensors, (hour + 1) * sensors)
        rest[rows, rows] += CHANCE_USE_FRAC**2 / days * (by_use @ by_use.T)
    height = np.tile(np.eye(sensors), (hours, 1))
    rest += OFFSET_M**2 * (height @ height.T)
    told = (table * share) @ table.T
    told, rest = told[np.ix_(known, known)], rest[np.ix_(known, known)]
    values = seen_m.ravel()[known]
    best: tuple[float, float, Array] | None = None
    for spread in SPREADS:
        root = np.linalg.cholesky(spread**2 * told + rest)
        unlikely = np.linalg.solve(root, values)
        surprise = 0.5 * float(unlikely @ unlikely) + float(np.log(np.diag(root)).sum())
        if best is None or surprise < best[0]:
            best = (surprise, spread, np.linalg.solve(root.T, unlikely))
    assert best is not None
    mean = best[1] ** 2 * share * (table[known].T @ best[2])
    return Estimate(best[1], mean[: by_pipe.shape[2]], mean[by_pipe.shape[2] :])


def fit(text: str, records: zone_model.Records, *, days: int) -> Fit | None:
    """Fit a network file to the first days, which must be free of leaks.

    Parameters
    ----------
    text : str
        The network as an INP file.
    records : Records
        Of whole days, in steps that divide an hour.
    days : int
        How many first days are read; nothing later is.

    Returns
    -------
    Fit or None
        None where the file's head loss is not by Hazen-Williams, where it has something only
        EPANET computes, or where too little was measured.
    """
    step_s = float(records.at_s[1] - records.at_s[0])
    an_hour = int(3600 // step_s)
    if an_hour < 1 or 3600 % step_s:
        return None
    early = _first_days(records, max(zone_model.DAYS_MIN, days))
    # One day says how heads answer; what was seen is the mean of all.
    rows = (min(PROBE_DAY, days - 1) * HOURS + np.arange(HOURS)) * an_hour + an_hour // 2
    wrong: zone_model.Corrections | None = None
    guess: Estimate | None = None
    best: Fit | None = None
    for _ in range(ROUNDS + 1):
        model = zone_model.ZoneModel(text, early, corrections=wrong)
        try:
            if model.project.raw_option("HEADLOSSFORM") != 0:
                return None
            seen = _hourly(model, days * HOURS * an_hour, an_hour)
            told = [answers(model, int(row)) for row in rows]
        except frozen.NotSupported:
            return None
        finally:
            model.close()
        rest_m = _varying_m(seen)
        if not np.isfinite(rest_m):
            return None
        by_pipe = np.array([one.pipes for one in told])
        by_customer = np.array([one.customers for one in told])
        if wrong is None or guess is None or best is None:
            wrong = zone_model.Corrections(
                np.zeros(by_pipe.shape[2]), np.zeros(len(told[0].customers[0]))
            )
            best = Fit(wrong, 0.0, rest_m, rest_m)
        elif rest_m < best.after_m:
            best = Fit(wrong, guess.spread, best.before_m, rest_m)
        # What the file's own network would have left, if heads answered as they do here.
        from_file = seen + by_pipe @ wrong.resistance + by_customer @ wrong.demand
        guess = estimate(seen_m=from_file, by_pipe=by_pipe, by_customer=by_customer, days=days)
        wrong = zone_model.Corrections(guess.pipes, guess.customers)
    return best


def _hourly(model: zone_model.ZoneModel, until: int, an_hour: int) -> Array:
    """Return what sensors read besides the model, by hour of the day; (24, n_sensors). [m]"""
    seen = model.records.pressures_m[:until] - model.expected_pressures_m(until=until)
    by_day = seen.reshape(-1, HOURS, an_hour, seen.shape[1])
    table = by_day.transpose(1, 0, 2, 3).reshape(HOURS, -1, seen.shape[1])
    return mean_known(table, axis=1)


def _varying_m(seen: Array) -> float:
    """Return how much sensors stray from the model beside their height; NaN if nothing is known."""
    known = np.isfinite(seen)
    if not known.any():
        return np.nan
    count = np.maximum(known.sum(axis=0), 1)
    apart = np.where(known, seen - np.where(known, seen, 0.0).sum(axis=0) / count, 0.0)
    return float(np.sqrt((apart**2).sum() / known.sum()))


def _first_days(records: zone_model.Records, days: int) -> zone_model.Records:
    """Return the beginning of some records."""
    rows = slice(0, int(days * units.S_PER_DAY // (records.at_s[1] - records.at_s[0])))
    return dataclasses.replace(
        records,
        at_s=records.at_s[rows],
        pressures_m=records.pressures_m[rows],
        flows_m3s=records.flows_m3s[rows],
        levels_m=records.levels_m[rows],
        uses_m3s=records.uses_m3s[rows],
    )
