"""Runs over time in EPANET: results as arrays, warnings as data, states to go on from."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.hydraulics import epanet

Values = NDArray[np.float64]

S_PER_HOUR = 3600.0
OVER_SHUTOFF = 0
"""EPANET's state of a pump whose head is above what it can lift."""


class Trouble(enum.IntEnum):
    """What EPANET warns of at a moment; the numbers are EPANET's."""

    NOT_BALANCED = 1
    UNSTABLE = 2
    CUT_OFF = 3
    PUMP_OVERLOADED = 4
    VALVE_CANNOT_HOLD = 5
    NEGATIVE_PRESSURE = 6


@dataclass(frozen=True)
class Warned:
    """A trouble, from the first to the last moment that had it."""

    trouble: Trouble
    first_s: float
    latest_s: float
    moments: int


@dataclass(frozen=True)
class RunState:
    """From where a run can be gone on with, in this process or another.

    Attributes
    ----------
    at_s : float
        Moment since the start of the file's run. [s]
    levels_m : ndarray, shape (n_nodes,)
        Levels of tanks above their floor; NaN for others. [m]
    is_open : ndarray of bool, shape (n_links,)
        Whether each link is open.
    settings : ndarray, shape (n_links,)
        Settings of pumps and valves in the file's units; NaN for others.
    """

    at_s: float
    levels_m: Values
    is_open: NDArray[np.bool_]
    settings: Values


@dataclass(frozen=True)
class Simulation:
    """What a run found, one row for each report step.

    Attributes
    ----------
    node_ids, link_ids : tuple of str
        Nodes and links, in the order of the columns.
    is_fixed : ndarray of bool, shape (n_nodes,)
        Reservoirs and tanks.
    at_s : ndarray, shape (n_steps,)
        Moments since the start of the file's run. [s]
    heads_m, pressures_m, demands_m3s : ndarray, shape (n_steps, n_nodes)
        Head; pressure (of a tank its level); outflow, leaks included. [m], [m], [m³ s⁻¹]
    flows_m3s, velocities_ms : ndarray, shape (n_steps, n_links)
        Flow, positive from start to end; speed without sign. [m³ s⁻¹], [m s⁻¹]
    quality : ndarray, shape (n_steps, n_nodes)
        Age [h], a substance [mg L⁻¹] or the share of a source [%]; no column without.
    quality_kind : epanet.Quality
        Which of them.
    energy_kwh : mapping of str to float
        For each pump over the whole run. [kWh]
    supplied_m3, leaked_m3 : float
        Volume that left at nodes, leaks included; the part that pipes and emitters leaked. [m³]
    warned : tuple of Warned
        What EPANET warned of.
    state : RunState
        The end, to go on from.
    """

    node_ids: tuple[str, ...]
    link_ids: tuple[str, ...]
    is_fixed: NDArray[np.bool_]
    at_s: Values
    heads_m: Values
    pressures_m: Values
    demands_m3s: Values
    flows_m3s: Values
    velocities_ms: Values
    quality: Values
    quality_kind: epanet.Quality
    energy_kwh: dict[str, float]
    supplied_m3: float
    leaked_m3: float
    warned: tuple[Warned, ...]
    state: RunState


class CannotResume(ValueError):
    """A file's rules look at the time since the start, which a run that goes on does not know."""


def simulate(
    project: epanet.EpanetProject,
    *,
    duration_s: float | None = None,
    quality: epanet.Quality | None = None,
    progress: Callable[[float, float], None] | None = None,
    resumed_at_s: float = 0.0,
) -> Simulation:
    """Run a network from its start and gather what it does at each report step.

    Parameters
    ----------
    project : EpanetProject
        Open; used up to its end, and may be run again.
    duration_s : float, optional
        How long; the file's duration without. [s]
    quality : Quality, optional
        What to follow besides; what the file says without.
    progress : callable, optional
        Called with the moment and the duration after each moment solved. [s], [s]
    resumed_at_s : float
        Moment at which this run begins, for a project that `resume` prepared. [s]

    Returns
    -------
    Simulation
    """
    if duration_s is not None:
        project.set_time_s("DURATION", round(duration_s))
    whole = float(project.time_s("DURATION"))
    if quality is not None:
        project.set_quality(quality)
    kind = project.quality()
    gathered = _Gathered(project, kind, resumed_at_s)
    project.start()
    if kind:
        project.start_quality()
    report = max(project.time_s("REPORTSTEP"), 1)
    while True:
        project.warnings.clear()
        now = project.solve()
        gathered.warn(now)
        if kind:
            project.solve_quality()
        if (now + resumed_at_s) % report == 0 or now >= whole:
            gathered.keep(now)
        if progress is not None:
            progress(now, whole)
        gathered.measure()
        step = project.advance()
        if kind:
            project.advance_quality()
        gathered.pass_time(step)
        if step <= 0:
            break
    state = gathered.state(now)
    if kind:
        project.end_quality()
    return gathered.finished(state)


class _Gathered:
    """What a run has found so far."""

    def __init__(self, project: epanet.EpanetProject, kind: epanet.Quality, begin_s: float) -> None:
        self._project, self._kind, self._begin = project, kind, begin_s
        self._rows: dict[str, list[Values]] = {
            name: [] for name in ("heads", "demands", "flows", "velocities", "quality")
        }
        self._at: list[float] = []
        self._pumps = np.flatnonzero(project.link_types() == 2).tolist()
        self._fixed = project.node_types() > 0
        self._energy = np.zeros(len(self._pumps))
        self._power = np.zeros(len(self._pumps))
        self._supplied = self._leaked = self._out = self._leak = 0.0
        self._troubles: dict[int, list[float]] = {}

    def warn(self, now: float) -> None:
        for code in self._project.warnings:
            self._troubles.setdefault(code, []).append(now + self._begin)

    def keep(self, now: float) -> None:
        project = self._project
        self._at.append(now + self._begin)
        self._rows["heads"].append(project.heads_m())
        self._rows["demands"].append(project.demands_m3s())
        self._rows["flows"].append(project.flows_m3s())
        self._rows["velocities"].append(project.velocities_ms())
        quality = project.raw_nodes("QUALITY") if self._kind else np.zeros(0)
        self._rows["quality"].append(quality)

    def measure(self) -> None:
        """Note what runs until the next moment."""
        project, unit = self._project, self._project.flow_unit_m3s
        self._power = np.asarray([project.raw_link(pump, "ENERGY") for pump in self._pumps])
        inside = ~self._fixed
        self._out = float(project.demands_m3s()[inside].clip(min=0).sum())
        leaks = project.raw_nodes("LEAKAGEFLOW") + project.raw_nodes("EMITTERFLOW")
        self._leak = float(leaks[inside].sum()) * unit

    def pass_time(self, step_s: float) -> None:
        self._energy += self._power * step_s / S_PER_HOUR
        self._supplied += self._out * step_s
        self._leaked += self._leak * step_s

    def state(self, now: float) -> RunState:
        project = self._project
        kinds = project.link_types()
        settings = np.where(kinds >= 2, project.raw_links("SETTING"), np.nan)
        is_open = project.raw_links("STATUS") > 0
        for pump in self._pumps:
            # A pump against too much head counts as closed, but nobody switched it off.
            is_open[pump] |= project.raw_link(pump, "PUMP_STATE") == OVER_SHUTOFF
        tanks = project.node_types() == 2
        return RunState(
            at_s=now + self._begin,
            levels_m=np.where(tanks, project.pressures_m(), np.nan),
            is_open=is_open,
            settings=settings,
        )

    def finished(self, state: RunState) -> Simulation:
        project = self._project
        tables = {name: np.asarray(rows) for name, rows in self._rows.items()}
        return Simulation(
            node_ids=project.node_ids,
            link_ids=project.link_ids,
            is_fixed=self._fixed,
            at_s=np.asarray(self._at),
            heads_m=tables["heads"],
            pressures_m=tables["heads"] - project.elevations_m,
            demands_m3s=tables["demands"],
            flows_m3s=tables["flows"],
            velocities_ms=tables["velocities"],
            quality=tables["quality"],
            quality_kind=self._kind,
            energy_kwh={
                project.link_ids[pump]: float(used)
                for pump, used in zip(self._pumps, self._energy, strict=True)
            },
            supplied_m3=self._supplied,
            leaked_m3=self._leaked,
            warned=tuple(
                Warned(Trouble(code), min(found), max(found), len(found))
                for code, found in sorted(self._troubles.items())
            ),
            state=state,
        )


def resume(project: epanet.EpanetProject, state: RunState) -> None:
    """Set a freshly opened project so that its next run goes on from a state.

    Tank levels, open links and settings become those of the state; patterns, the clock and
    controls at a time since the start are moved by its moment. Quality begins anew, because what
    is in the pipes cannot be put back.

    Raises
    ------
    CannotResume
        If a rule looks at the time since the start of the run.
    ValueError
        If the state is of another network.
    """
    if len(state.levels_m) != len(project.node_ids) or len(state.is_open) != len(project.link_ids):
        raise ValueError("the state is of another network")
    passed = round(state.at_s)
    if project.has_rules_on_time():
        raise CannotResume("a rule looks at the time since the start of the run")
    for place in np.flatnonzero(np.isfinite(state.levels_m)).tolist():
        project.set_tank_level(project.node_ids[place], float(state.levels_m[place]))
    for place, name in enumerate(project.link_ids):
        project.set_state(
            name, is_open=bool(state.is_open[place]), setting=float(state.settings[place])
        )
    project.set_time_s("PATTERNSTART", project.time_s("PATTERNSTART") + passed)
    clock = (project.time_s("STARTTIME") + passed) % 86_400
    project.set_time_s("STARTTIME", clock)
    project.move_timed_controls(-passed)
    left = max(project.time_s("DURATION") - passed, 0)
    project.set_time_s("DURATION", left)
