"""Years of L-Town as a control room recorded them, with leaks that nobody else knows.

Made to judge leak detectors: the network file is public, but every world has pipes and customers
of its own that the file does not show, and leaks drawn afresh. The kinds of leaks follow the
published facts of BattLeDIM (Vrachimis et al., 2020): in the first year leaks are found and
repaired but for four, in the second nineteen more begin, half of them at once, half growing.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huoshui.democity.worlds import ltown
from huoshui.lab.hydraulics import epanet, metered_areas

Array = NDArray[np.float64]

STEP_S = 300
STEPS_A_DAY = 288
STEPS_AN_HOUR = 12
WEEK_STEPS = 7 * STEPS_A_DAY
DAYS_A_BLOCK = 5
YEARS = (2018, 2019)
DAYS = 730
GROUPS = 60
USUAL_PRESSURE_M = 45.0
WEAK_M3H = 7.0
DISCHARGE = 0.75
M3H = 1 / 3600.0
PATTERNS = ("P-Residential", "P-Commercial", "P-Industrial")


@dataclass(frozen=True)
class Hole:
    """One leak: a hole in the middle of a pipe.

    Attributes
    ----------
    pipe : str
    start_step, end_step : int
        First step with and first step without it, five-minute steps since the first midnight.
    grown_step : int
        When it is fully grown; `start_step` for a burst. Its width grows evenly till then.
    size_m3h : float
        What it loses when fully grown, at a pressure of 45 m. [m³/h]
    """

    pipe: str
    start_step: int
    grown_step: int
    end_step: int
    size_m3h: float

    def share(self, step: int) -> float:
        """Return how much of its full area it has at a step, from 0 to 1."""
        if not self.start_step <= step < self.end_step:
            return 0.0
        if step >= self.grown_step:
            return 1.0
        return ((step - self.start_step) / (self.grown_step - self.start_step)) ** 2


@dataclass(frozen=True)
class Hidden:
    """How far the true network lies from its file, as standard deviations of shares. [-]"""

    roughness: float = 0.06
    diameter: float = 0.03
    node_demand: float = 0.10
    group_noise: float = 0.06


# A town whose file is a poor picture of it.
WORSE = Hidden(roughness=0.12, diameter=0.05, node_demand=0.18)


def draw_holes(
    pipes: Sequence[str], rng: np.random.Generator, *, weak: frozenset[str] = frozenset()
) -> list[Hole]:
    """Draw the leaks of two years: fourteen, of which four go on, and nineteen more.

    Pipes of ``weak`` areas, whose pump could not feed a large leak, leak `WEAK_M3H` at most.
    """
    chosen = iter(rng.choice(np.asarray(pipes), size=33, replace=False).tolist())
    holes = []

    def add(start_d: float, *, grows_d: float, lasts_d: float | None, size_m3h: float) -> None:
        start = int(start_d * STEPS_A_DAY)
        end = DAYS * STEPS_A_DAY if lasts_d is None else start + int(lasts_d * STEPS_A_DAY)
        grown = start + int(grows_d * STEPS_A_DAY)
        pipe = next(chosen)
        most = WEAK_M3H if pipe in weak else np.inf
        holes.append(Hole(pipe, start, grown, end, float(min(size_m3h, most))))

    for start_d in (rng.uniform(8, 16), rng.uniform(40, 110), *rng.uniform(110, 230, 2)):
        add(start_d, grows_d=rng.uniform(20, 100), lasts_d=None, size_m3h=rng.uniform(5, 7.5))
    for start_d in np.sort(rng.uniform(20, 325, 10)):
        burst = rng.random() < 0.6
        lasts_d = rng.uniform(9, 30) if burst else rng.uniform(20, 75)
        add(
            start_d,
            grows_d=0.0 if burst else 0.9 * lasts_d,
            lasts_d=min(lasts_d, 363 - start_d),
            size_m3h=rng.uniform(15, 34),
        )
    for start_d in np.linspace(378, 690, 19) + rng.uniform(-7, 7, 19):
        burst = rng.random() < 0.5
        large = rng.random() < 0.42 and start_d < 640
        if large:
            days = rng.uniform(13, 50) if burst else rng.uniform(46, 63)
            grows_d = 0.0 if burst else 0.9 * days
            add(start_d, grows_d=grows_d, lasts_d=days, size_m3h=rng.uniform(15, 29))
        else:
            size = rng.uniform(5, 14)
            grows_d = 0.0 if burst else rng.uniform(25, 90)
            add(start_d, grows_d=grows_d, lasts_d=None, size_m3h=size)
    return sorted(holes, key=lambda hole: hole.start_step)


def with_leak_nodes(text: str, pipes: Sequence[str]) -> str:
    """Return a network file in which each named pipe is cut by a junction ``leak_PIPE``."""
    wanted, elevations = set(pipes), _elevations(text)
    lines, section, junctions = [], "", []
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip().upper()
        words = line.split(";")[0].split()
        if section == "[PIPES]" and words and words[0] in wanted:
            name, start, end, length = words[:4]
            height = (elevations[start] + elevations[end]) / 2
            junctions.append(f" leak_{name} {height:.4f} 0 ;")
            rest = " ".join(words[4:])
            half = f"{float(length) / 2:.4f}"
            lines.append(f" {name} {start} leak_{name} {half} {rest} ;")
            lines.append(f" {name}_b leak_{name} {end} {half} {rest} ;")
            continue
        lines.append(line)
    at = lines.index("[JUNCTIONS]") + 1
    return "\n".join([*lines[:at], *junctions, *lines[at:]]) + "\n"


def _elevations(text: str) -> dict[str, float]:
    """Read the elevation of junctions, and the floors and heads of tanks and reservoirs."""
    found, section = {}, ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip().upper()
        words = line.split(";")[0].split()
        if section in ("[JUNCTIONS]", "[TANKS]", "[RESERVOIRS]") and len(words) > 1:
            found[words[0]] = float(words[1])
    return found


def _behind(project: epanet.EpanetProject, pump: str) -> frozenset[str]:
    """Return the links that a pump lifts water to."""
    link = project.link(pump)
    area = metered_areas.areas_between_meters(
        n_nodes=len(project.node_ids), link_nodes=project.link_nodes, metered_links=[link]
    )
    lifted = area == area[project.link_nodes[link, 1]]
    return frozenset(
        name
        for name, ends in zip(project.link_ids, project.link_nodes, strict=True)
        if lifted[ends].all()
    )


class Town:
    """L-Town through two years with hidden pipes, customers and leaks."""

    def __init__(
        self, seed: int, hidden: Hidden | None = None, *, holes: Sequence[Hole] | None = None
    ) -> None:
        """Draw everything hidden from the seed, the leaks too where none are given."""
        self.seed = seed
        self.hidden = hidden or Hidden()
        self.rng = np.random.default_rng((seed, 6101))
        text = ltown.network_path().read_text(encoding="utf-8", errors="replace")
        with epanet.EpanetProject(text) as plain:
            pipes = [name for name in plain.link_ids if name.startswith("p")]
            lifted = _behind(plain, "PUMP_1")
        drawn = draw_holes(pipes, self.rng, weak=lifted)
        self.holes = drawn if holes is None else list(holes)
        self.project = epanet.EpanetProject(
            with_leak_nodes(text, [hole.pipe for hole in self.holes])
        )
        self.weeks = {n: np.resize(self.project.pattern_values(n), WEEK_STEPS) for n in PATTERNS}
        self._perturb()
        self.city = self._city_factors()

    def close(self) -> None:
        """Free the engine."""
        self.project.close()

    def _perturb(self) -> None:
        """Give pipes a roughness and width of their own, and customers a use and a group."""
        hidden, rng, project = self.hidden, self.rng, self.project
        count = len(project.link_ids)
        roughness = project.roughness() * (1 + hidden.roughness * rng.normal(size=count))
        pumps = np.array([not name.startswith("p") for name in project.link_ids])
        project.set_roughness(np.where(pumps, np.nan, roughness))
        widths = project.diameters_m() * np.clip(
            1 + hidden.diameter * rng.normal(size=count), 0.85, 1.15
        )
        project.set_diameters(np.where(pumps, np.nan, widths))
        demands = {}
        for node, given in project.base_demands_m3s().items():
            group = int(rng.integers(GROUPS))
            own = max(0.3, 1 + hidden.node_demand * rng.normal())
            demands[node] = [
                (base * own * (1 + hidden.node_demand * rng.normal() / 2), f"g{group}{pattern}")
                for base, pattern in given
                if base > 0 and pattern in PATTERNS
            ]
        for group in range(GROUPS):
            for pattern in PATTERNS:
                project.add_pattern(f"g{group}{pattern}", np.ones(1))
        project.set_demands(demands)
        project.set_accuracy(1e-3)

    def _city_factors(self) -> Array:
        """Return the season and the days of chance, common to all customers; (n_days,)."""
        rng, days = self.rng, np.arange(DAYS)
        season = rng.uniform(0.05, 0.11) * np.cos(2 * np.pi * (days - rng.uniform(185, 225)) / 365)
        season += rng.uniform(0.01, 0.03) * np.cos(4 * np.pi * (days - rng.uniform(0, 180)) / 365)
        drift = np.zeros(DAYS)
        for day in range(1, DAYS):
            drift[day] = 0.8 * drift[day - 1] + 0.006 * rng.normal()
        factor: Array = 1 + season + drift
        return factor

    def _patterns(self, day: int) -> Iterator[tuple[str, Array]]:
        """Yield each group's patterns for a block of days; chance belongs to (seed, block)."""
        steps = DAYS_A_BLOCK * STEPS_A_DAY
        rng = np.random.default_rng((self.seed, day, 6102))
        city = np.repeat(self.city[day : day + DAYS_A_BLOCK], STEPS_A_DAY)[:steps]
        city = np.pad(city, (0, steps - city.size), mode="edge")
        # The week begins anew on 1 January of each year, as in the published records.
        at = (np.arange(steps) + day % 365 * STEPS_A_DAY) % WEEK_STEPS
        hours = np.arange(steps) / STEPS_AN_HOUR
        for group in range(GROUPS):
            knots = rng.normal(size=DAYS_A_BLOCK * 12 + 1)
            slow = np.interp(hours, np.arange(knots.size) * 2.0, knots)
            quick = rng.normal(0, 0.05, steps)
            chance = 1 + self.hidden.group_noise * slow + quick
            for pattern in PATTERNS:
                yield f"g{group}{pattern}", np.maximum(self.weeks[pattern][at] * city * chance, 0)

    def run(self, days: int = DAYS) -> dict[str, Array]:
        """Run the years and return what is true at every step, in the units of the records."""
        project, steps = self.project, days * STEPS_A_DAY
        pressure_at = [project.node(name) for name in ltown.PRESSURE_NODES]
        meter_at = [project.node(name) for name in ltown.METER_NODES]
        leak_at = [project.node(f"leak_{hole.pipe}") for hole in self.holes]
        flow_at = [project.link(name) for name in ltown.FLOW_LINKS]
        tank = project.node(ltown.TANK)
        wanted = {"pressures": 33, "flows": 3, "levels": 1, "demands": 82, "leaks": len(leak_at)}
        found = {name: np.full((steps, count), np.nan) for name, count in wanted.items()}
        full = np.array([hole.size_m3h for hole in self.holes]) * M3H / USUAL_PRESSURE_M**0.5
        project.set_times(duration_s=days * 86400, step_s=STEP_S)
        coefficients = np.zeros(len(self.holes))
        project.set_emitters({f"leak_{hole.pipe}": 0.0 for hole in self.holes})
        self._open(0)
        project.start()
        moment = 0.0
        while True:
            step, inside = divmod(int(moment), STEP_S)
            if not inside and step < steps:
                if step and step % (DAYS_A_BLOCK * STEPS_A_DAY) == 0:
                    self._open(step // STEPS_A_DAY)
                coefficients = self._set_holes(step, coefficients, full)
            project.solve()
            if not inside and step < steps:
                pressures, outflow = project.pressures_m(), project.demands_m3s()
                found["pressures"][step] = pressures[pressure_at]
                found["levels"][step] = pressures[tank]
                found["flows"][step] = project.flows_m3s()[flow_at] / M3H
                found["demands"][step] = outflow[meter_at] / M3H * 1000
                found["leaks"][step] = (
                    coefficients * np.sqrt(np.maximum(pressures[leak_at], 0)) / M3H
                )
            gone = project.advance()
            if gone <= 0:
                return found
            moment += gone

    def _open(self, day: int) -> None:
        for name, values in self._patterns(day):
            self.project.set_pattern(name, values)

    def _set_holes(self, step: int, before: Array, full: Array) -> Array:
        """Open, widen or close the holes; a growing one once an hour."""
        now = before.copy()
        for place, hole in enumerate(self.holes):
            grows = hole.start_step < step <= hole.grown_step and step % STEPS_AN_HOUR == 0
            if step in (hole.start_step, hole.end_step, hole.grown_step) or grows:
                now[place] = full[place] * hole.share(step)
        changed = np.flatnonzero(now != before)
        self.project.set_emitters({f"leak_{self.holes[i].pipe}": now[i] for i in changed})
        return now


def write_world(folder: Path, town: Town, found: Mapping[str, Array]) -> None:
    """Write the records of both years and the truth into a folder, as the battle gave them."""
    for place, year in enumerate(YEARS):
        part = slice(place * 365 * STEPS_A_DAY, (place + 1) * 365 * STEPS_A_DAY)
        if not len(found["flows"][part]):
            break
        home, start = folder / str(year), datetime(year, 1, 1, tzinfo=UTC)
        home.mkdir(parents=True, exist_ok=True)
        pressures, flows = found["pressures"][part], found["flows"][part]
        _write(home / "SCADA_Pressures.csv.gz", start, ltown.PRESSURE_NODES, pressures, 2)
        _write(home / "SCADA_Flows.csv.gz", start, ltown.FLOW_LINKS, flows, 2)
        _write(home / "SCADA_Levels.csv.gz", start, ("T1",), found["levels"][part], 2)
        hourly = found["demands"][part].reshape(-1, STEPS_AN_HOUR, 82).mean(axis=1)
        _write(home / "SCADA_Demands_hourly.csv.gz", start, ltown.METER_NODES, hourly, 1, 3600)
        ran = np.flatnonzero(found["leaks"][part].max(axis=0) > 0)
        hours = len(pressures) // STEPS_AN_HOUR
        leaks = found["leaks"][part][:, ran]
        leaks = leaks.reshape(hours, STEPS_AN_HOUR, ran.size).mean(axis=1)
        pipes = tuple(town.holes[column].pipe for column in ran)
        _write(home / "truth_leak_flows_m3h_hourly.csv.gz", start, pipes, leaks, 3, 3600)
    begin = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    lines = ["link,start,end"]
    for hole in town.holes:
        edges = (begin + timedelta(seconds=STEP_S * s) for s in (hole.start_step, hole.end_step))
        lines.append(",".join([hole.pipe, *(f"{edge:%Y-%m-%d %H:%M}" for edge in edges)]))
    (folder / "leaks.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write(
    path: Path,
    start: datetime,
    names: Sequence[str],
    values: Array,
    decimals: int,
    step_s: int = STEP_S,
) -> None:
    """Write a table with semicolons and decimal commas, compressed."""
    form = ";".join([f"%.{decimals}f"] * len(names))
    with gzip.open(path, "wt", compresslevel=4, encoding="utf-8", newline="\n") as file:
        file.write(";".join(["Timestamp", *names]) + "\n")
        for place, row in enumerate(values.tolist()):
            moment = start + timedelta(seconds=step_s * place)
            file.write(
                f"{moment:%Y-%m-%d %H:%M:%S};" + (form % tuple(row)).replace(".", ",") + "\n"
            )
