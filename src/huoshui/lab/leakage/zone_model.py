"""A network file run beside the measurements: what sensors should read, and what a leak would do.

The model is bound to what is measured. Customers' use in each area between flow meters is scaled
to the area's measured inflow, measured tanks keep their measured level, and a measured pump or
pipe between two areas is replaced by its measured flow. What a sensor reads besides is residual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.lab import units
from huoshui.lab.hydraulics import epanet, metered_areas
from huoshui.lab.hydraulics.friction import FLOW_EXPONENT

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

UNIT_LEAK_M3S = 8 / 3600
"""Size of the trial leak: large against rounding, small against the leaks that are looked for."""


@dataclass(frozen=True)
class Records:
    """Measurements on one grid, SI.

    Attributes
    ----------
    at_s : ndarray, shape (n_times,)
        Moments in local seconds since 1970, equally spaced.
    pressures_m, flows_m3s, levels_m, uses_m3s : ndarray, shape (n_times, n_instruments)
        Readings of pressure sensors, flow meters, tank levels and customers' meters; NaN is not
        known.
    pressure_nodes, flow_links, tanks, meter_nodes : sequence of str
        Names in the network file of each column.
    """

    at_s: Array
    pressures_m: Array
    flows_m3s: Array
    levels_m: Array
    uses_m3s: Array
    pressure_nodes: Sequence[str]
    flow_links: Sequence[str]
    tanks: Sequence[str]
    meter_nodes: Sequence[str]


@dataclass(frozen=True)
class Area:
    """Nodes that flow meters enclose.

    Attributes
    ----------
    nodes : ndarray of int
        Places in the model's nodes.
    inflow_m3s : ndarray, shape (n_times,)
        Measured inflow less what its tanks take up: use and losses. [m³ s⁻¹]
    unmetered_m3s : ndarray, shape (n_times,)
        The same less the use of metered customers. [m³ s⁻¹]
    hindsight_m3s : ndarray, shape (n_times,)
        As `inflow_m3s`, less what the tanks take up until the next reading instead of since the
        last: exact where a flow holds until the next reading, and never known at once. [m³ s⁻¹]
    is_scaled : bool
        Whether unmetered customers take what is left; else it is loss.
    largest_inlet : int
        Which of the flow meters brings it most.
    """

    nodes: Indices
    inflow_m3s: Array
    unmetered_m3s: Array
    hindsight_m3s: Array
    is_scaled: bool
    largest_inlet: int


@dataclass(frozen=True)
class Corrections:
    """What a network file has wrong, as natural logarithms of factors; zero leaves it. [-]

    Attributes
    ----------
    resistance : ndarray, shape (n_links,)
        Of each pipe's resistance, by Hazen-Williams.
    demand : ndarray, shape (n_nodes,)
        Of what each node takes. The sum of an area stays as measured.
    """

    resistance: Array
    demand: Array


DAYS_MIN = 21
JUST_M = 0.01
"""So far a tank is kept from empty and full, where EPANET cuts off what only it feeds."""


class TooShort(ValueError):
    """There are too few days to learn from."""

    def __init__(self, *, days: int, needed: int = DAYS_MIN) -> None:
        super().__init__(f"{days} whole days of measurements; {needed} are needed")
        self.days = days
        self.needed = needed


class ZoneModel:
    """A network file bound to the measurements of its zones."""

    def __init__(
        self, text: str, records: Records, *, corrections: Corrections | None = None
    ) -> None:
        """Cut the network at its meters and find what each area took."""
        days = (
            int(records.at_s.size * (records.at_s[1] - records.at_s[0]) // units.S_PER_DAY)
            if records.at_s.size > 1
            else 0
        )
        if days < DAYS_MIN:
            raise TooShort(days=days)
        self.records = records
        self.corrections = corrections
        self.project = epanet.EpanetProject(text)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        """Read the network and bind it to the records."""
        records, project = self.records, self.project
        project.remove_controls()
        project.set_accuracy(1e-3)
        self.demands = self._corrected(project.base_demands_m3s())
        # Read before any run: a run sets the pattern step to that of the records.
        self.pattern_step_s = project.pattern_step_s()
        self.week = self._nominal_patterns()
        self.sensors = [project.node(name) for name in records.pressure_nodes]
        self.meters = [project.node(name) for name in records.meter_nodes]
        links = np.array([project.link(name) for name in records.flow_links], dtype=np.int64)
        tanks = np.array([project.node(name) for name in records.tanks], dtype=np.int64)
        length = 1.0 if project.is_metric else units.M_PER_FOOT
        self.lowest_m = project.raw_nodes("MINLEVEL")[tanks] * length + JUST_M
        self.highest_m = project.raw_nodes("MAXLEVEL")[tanks] * length - JUST_M
        self.area_of = metered_areas.areas_between_meters(
            n_nodes=len(project.node_ids), link_nodes=project.link_nodes, metered_links=links
        )
        self.areas = self._areas(links, tanks)
        self.phase_s = self._phases()
        self._bind(links)

    def close(self) -> None:
        """Free the engine."""
        self.project.close()

    def _corrected(
        self, demands: dict[str, list[tuple[float, str]]]
    ) -> dict[str, list[tuple[float, str]]]:
        """Return demands with the corrections, having given the pipes theirs."""
        wrong, project = self.corrections, self.project
        if wrong is None:
            return demands
        factor = np.exp(-wrong.resistance / FLOW_EXPONENT)
        is_wrong = wrong.resistance != 0
        project.set_roughness(np.where(is_wrong, project.roughness() * factor, np.nan))
        return {
            name: [(base * float(np.exp(wrong.demand[project.node(name)])), p) for base, p in given]
            for name, given in demands.items()
        }

    # -- what the areas took

    def _nominal_patterns(self) -> dict[str, Array]:
        names = {pattern for given in self.demands.values() for _, pattern in given if pattern}
        return {name: self.project.pattern_values(name) for name in sorted(names)}

    def _pattern_at(self, name: str, at_s: Array) -> Array:
        """Return a pattern's multipliers at moments counted from its own beginning."""
        if not name:
            return np.ones(at_s.shape)
        values = self.week[name]
        place = (at_s // self.pattern_step_s).astype(np.int64) % values.size
        found: Array = values[place]
        return found

    def _nominal(self, nodes: Sequence[int], at_s: Array) -> Array:
        """Return what the file says some nodes take together. [m³ s⁻¹]"""
        sums: dict[str, float] = {}
        for node in nodes:
            for base, pattern in self.demands.get(self.project.node_ids[node], ()):
                sums[pattern] = sums.get(pattern, 0.0) + base
        total = np.zeros(at_s.shape)
        for pattern, base in sums.items():
            total += base * self._pattern_at(pattern, at_s)
        return total

    def _phases(self) -> Array:
        """Return the moment within the file's patterns of each time; (n_times,). [s]

        The phase of the week is the one that fits the first fortnight's inflow best. Some
        utilities begin their year of records with the pattern's first day: at each new year both
        are compared on what was measured since, so that nothing looks ahead.
        """
        at = self.records.at_s
        shape = np.sum([area.inflow_m3s for area in self.areas if area.is_scaled], axis=0)
        everyone = [int(n) for area in self.areas if area.is_scaled for n in area.nodes]
        first = at < at[0] + 14 * units.S_PER_DAY
        shifts = np.arange(168) * 3600.0
        fits = [
            _likeness(shape[first], self._nominal(everyone, at[first] - at[0] + shift))
            for shift in shifts
        ]
        phase = at - at[0] + shifts[int(np.argmax(fits))]
        years = (at.astype("datetime64[s]")).astype("datetime64[Y]").astype(np.int64)
        for year in np.unique(years)[1:]:
            here = np.flatnonzero(years == year)
            again = at[here] - at[here[0]]
            day = (again // units.S_PER_DAY).astype(np.int64)
            wrong = []
            for moments in (phase[here], again):
                nominal = self._nominal(everyone, moments)
                error = (_by_day(shape[here], day) - _by_day(nominal, day)) ** 2
                wrong.append(np.cumsum(np.bincount(day, weights=np.nan_to_num(error))))
            better = (wrong[1] < wrong[0])[day]
            phase[here] = np.where(better, again, phase[here])
        found: Array = phase
        return found

    def _areas(self, links: Indices, tanks: Indices) -> list[Area]:
        records, project = self.records, self.project
        step_s = float(records.at_s[1] - records.at_s[0])
        sizes = [np.pi / 4 * project.tank_diameter_m(name) ** 2 for name in records.tanks]
        areas = []
        for label in np.unique(self.area_of):
            nodes = np.flatnonzero(self.area_of == label)
            taken = [n for n in nodes if self.base_m3s(n) > 0]
            if not taken:
                continue
            inflow, taken_up = np.zeros(records.at_s.size), np.zeros(records.at_s.size)
            brought = np.zeros(len(links))
            for column, link in enumerate(links):
                start, end = project.link_nodes[link]
                sign = float(self.area_of[end] == label) - float(self.area_of[start] == label)
                inflow += records.flows_m3s[:, column] * sign
                brought[column] = sign * float(np.nanmean(records.flows_m3s[:96, column]))
            for column, tank in enumerate(tanks):
                if self.area_of[tank] == label:
                    # Backwards: the level that comes is not known yet.
                    rise = np.diff(records.levels_m[:, column], prepend=np.nan) / step_s
                    rise[0] = 0.0
                    inflow -= sizes[column] * rise
                    taken_up += sizes[column] * (np.append(rise[1:], rise[-1]) - rise)
            metered = [c for c, n in enumerate(self.meters) if self.area_of[n] == label]
            use = records.uses_m3s[:, metered].sum(axis=1) if metered else np.zeros(inflow.shape)
            rest = [n for n in taken if n not in self.meters]
            share = sum(self.base_m3s(n) for n in rest) / sum(self.base_m3s(n) for n in taken)
            areas.append(
                Area(
                    nodes,
                    inflow,
                    inflow - use,
                    inflow - taken_up,
                    is_scaled=share > 0.1,
                    largest_inlet=int(np.argmax(brought)),
                )
            )
        return areas

    def base_m3s(self, node: int | np.integer[Any]) -> float:
        """Return what the file says a node takes at multiplier one. [m³ s⁻¹]"""
        return sum(base for base, _ in self.demands.get(self.project.node_ids[node], ()))

    # -- binding the engine to it

    def _bind(self, links: Indices) -> None:
        """Give every customer a pattern that is set block by block, and cut the metered links."""
        project, records = self.project, self.records
        self.unmetered: list[dict[str, float]] = []
        demands: dict[str, list[tuple[float, str]]] = {}
        patterns: set[str] = set()
        metered = set(self.meters)
        for number, area in enumerate(self.areas):
            sums: dict[str, float] = {}
            for node in area.nodes:
                name = project.node_ids[node]
                if name not in self.demands:
                    continue
                demands[name] = []
                if node in metered:
                    demands[name] = [(1e-3, f"use{self.meters.index(int(node))}")]
                elif area.is_scaled:
                    demands[name] = [
                        (base, f"a{number}{pattern}")
                        for base, pattern in self.demands[name]
                        if base
                    ]
                    for base, pattern in demands[name]:
                        pattern = pattern.removeprefix(f"a{number}")
                        sums[pattern] = sums.get(pattern, 0.0) + base
            self.unmetered.append(sums)
            patterns |= {f"a{number}{pattern}" for pattern in sums}
        self.cut: list[int] = []
        for column, link in enumerate(links):
            start, end = project.link_nodes[link]
            labels = {int(self.area_of[start]), int(self.area_of[end])}
            inside = [a for a in self.areas if set(a.nodes) & {int(start), int(end)}]
            if len(labels) == 2 and len(inside) == 2:
                self.cut.append(column)
                project.set_link_open(records.flow_links[column], is_open=False)
                for node, sign in ((start, 1e-3), (end, -1e-3)):
                    name = project.node_ids[node]
                    if name in self.demands or name not in records.tanks:
                        demands.setdefault(name, []).append((sign, f"cut{column}"))
        for name in sorted({pattern for given in demands.values() for _, pattern in given}):
            project.add_pattern(name, np.ones(1))
        project.set_demands(demands)
        self._bound, self._leaking = demands, set[str]()
        self._lost_m3s = np.zeros(len(self.areas))

    def set_leaks(self, leaks_m3s: Mapping[str, float]) -> None:
        """Let links lose water day and night in the runs that follow, half at each end.

        What is lost in an area is no longer its customers' use; the leaks set before are gone.

        Parameters
        ----------
        leaks_m3s : mapping of str to float
            By link; the ends that are tanks or reservoirs lose nothing. [m³ s⁻¹]
        """
        project = self.project
        tanks = {project.node(name) for name in self.records.tanks}
        lost: dict[str, float] = {}
        self._lost_m3s = np.zeros(len(self.areas))
        for link, flow in leaks_m3s.items():
            ends = {int(node) for node in project.link_nodes[project.link(link)]} - tanks
            inside = [
                (node, number)
                for node in sorted(ends)
                for number, area in enumerate(self.areas)
                if node in area.nodes
            ]
            for node, number in inside:
                name = project.node_ids[node]
                lost[name] = lost.get(name, 0.0) + flow / len(inside)
                self._lost_m3s[number] += flow / len(inside)
        changed = self._leaking | set(lost)
        project.set_demands(
            {
                name: [*self._bound.get(name, ()), *([(lost[name], "")] if name in lost else [])]
                for name in sorted(changed)
            }
        )
        self._leaking = set(lost)

    def _set_block(self, rows: slice) -> None:
        """Set what every customer takes at some rows of the records."""
        project, records = self.project, self.records
        phase = self.phase_s[rows]
        for number, (area, sums) in enumerate(zip(self.areas, self.unmetered, strict=True)):
            left = area.unmetered_m3s[rows] - self._lost_m3s[number]
            if not sums:
                continue
            shapes = {name: self._pattern_at(name, phase) for name in sums}
            nominal = sum(base * shapes[name] for name, base in sums.items())
            scale = np.nan_to_num(np.maximum(left / nominal, 0.0), nan=1.0)
            for name, shape in shapes.items():
                project.set_pattern(f"a{number}{name}", shape * scale)
        for column in range(len(self.meters)):
            use = np.nan_to_num(records.uses_m3s[rows, column])
            project.set_pattern(f"use{column}", 1e3 * use)
        for column in self.cut:
            flow = np.nan_to_num(records.flows_m3s[rows, column])
            project.set_pattern(f"cut{column}", 1e3 * flow)

    def use_at(self, row: int) -> Array:
        """Return what each node takes that has no meter, at one row; (n_nodes,). [m³ s⁻¹]"""
        taken = np.zeros(len(self.project.node_ids))
        moment = self.phase_s[row : row + 1]
        metered = set(self.meters)
        for area, sums in zip(self.areas, self.unmetered, strict=True):
            shapes = {name: float(self._pattern_at(name, moment)[0]) for name in sums}
            nominal = sum(base * shapes[name] for name, base in sums.items())
            left = max(float(area.unmetered_m3s[row]), 0.0)
            if not nominal > 0 or not np.isfinite(left):
                continue
            for node in area.nodes:
                if node in metered:
                    continue
                for base, name in self.demands.get(self.project.node_ids[node], ()):
                    taken[node] += base * shapes.get(name, 0.0) * left / nominal
        return taken

    def solve_at(self, row: int) -> None:
        """Solve the steady state of one row of the records."""
        self._set_block(slice(row, row + 1))
        self.project.set_times(duration_s=0, step_s=300)
        self.project.start()
        self._set_levels(row)
        self.project.solve()

    def expected_pressures_m(
        self, *, block: int = 2880, begin: int = 0, until: int | None = None
    ) -> Array:
        """Return what the sensors should read at every moment; (n_times, n_sensors). [m]

        With ``begin`` and ``until``, at the moments from the one to before the other only.
        """
        records, project = self.records, self.project
        end, step_s = until or records.at_s.size, int(records.at_s[1] - records.at_s[0])
        expected = np.full((end - begin, len(self.sensors)), np.nan)
        for first in range(begin, end, block):
            rows = slice(first, min(first + block, end))
            self._set_block(rows)
            project.set_times(duration_s=(rows.stop - rows.start - 1) * step_s, step_s=step_s)
            moment = 0.0
            project.start()
            while True:
                row, between = divmod(int(moment), step_s)
                self._set_levels(first + row)
                project.solve()
                if not between:
                    expected[first - begin + row] = project.pressures_m()[self.sensors]
                gone = project.advance()
                if gone <= 0:
                    break
                moment += gone
        return expected

    def _set_levels(self, row: int) -> None:
        for column, tank in enumerate(self.records.tanks):
            level = self.records.levels_m[row, column]
            if np.isfinite(level):
                low, high = self.lowest_m[column], self.highest_m[column]
                self.project.set_tank_level(tank, float(np.clip(level, low, high)))

    # -- what a leak would do

    def signatures(
        self, rows: Sequence[int], *, leak_m3s: float = UNIT_LEAK_M3S
    ) -> tuple[Array, Indices]:
        """Return how much the sensors fall for a leak at every node, at some moments.

        Parameters
        ----------
        rows : sequence of int
            Places in the records whose use and levels are taken.
        leak_m3s : float
            Size of the trial leak; the answer is per unit of it. [m³ s⁻¹]

        Returns
        -------
        ndarray, shape (n_rows, n_nodes, n_sensors)
            Residual per unit of leak, mostly negative, with the customers of the area scaled down
            by what leaks, as the model itself would do. [m per m³ s⁻¹]
        ndarray of int, shape (n_nodes,)
            Number of the area of each node; -1 for reservoirs and tanks.
        """
        project = self.project
        number_of = np.full(len(project.node_ids), -1, dtype=np.int64)
        for number, area in enumerate(self.areas):
            number_of[area.nodes] = number
        for name in self.records.tanks:
            number_of[project.node(name)] = -1
        found = np.zeros((len(rows), number_of.size, len(self.sensors)))
        for place, row in enumerate(rows):
            self.solve_at(row)
            base = project.pressures_m()
            for number, (area, sums) in enumerate(zip(self.areas, self.unmetered, strict=True)):
                nodes = [int(n) for n in area.nodes if number_of[n] == number]
                shapes = {n: self._pattern_at(n, self.phase_s[row : row + 1]) for n in sums}
                nominal = sum(b * float(shapes[n][0]) for n, b in sums.items())
                left = float(area.unmetered_m3s[row])
                scale = max(left - leak_m3s, 0.0) / nominal if sums else 0.0
                for name, shape in shapes.items():
                    project.set_pattern(f"a{number}{name}", shape * scale)
                for node in nodes:
                    pressure = max(float(base[node]), 1.0)
                    name = project.node_ids[node]
                    project.set_emitters({name: leak_m3s / pressure**0.5})
                    project.solve()
                    after = project.pressures_m()
                    flow = leak_m3s * (max(float(after[node]), 0.0) / pressure) ** 0.5
                    found[place, node] = (after - base)[self.sensors] / max(flow, 1e-9)
                    project.set_emitters({name: 0.0})
                for name, shape in shapes.items():
                    project.set_pattern(f"a{number}{name}", shape * max(left, 0.0) / nominal)
                project.solve()
        return found, number_of


def _by_day(values: Array, day: Indices) -> Array:
    """Return values over the mean of their own day."""
    known = np.isfinite(values)
    sums = np.bincount(day[known], weights=values[known], minlength=int(day[-1]) + 1)
    counts = np.bincount(day[known], minlength=int(day[-1]) + 1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), 1.0)
    found: Array = values / np.where(means == 0, 1.0, means)[day]
    return found


def _likeness(one: Array, other: Array) -> float:
    """Return the correlation of two series where both are known."""
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < 3 or np.std(one[known]) == 0 or np.std(other[known]) == 0:
        return -1.0
    return float(np.corrcoef(one[known], other[known])[0, 1])
