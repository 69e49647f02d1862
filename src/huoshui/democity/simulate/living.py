"""The city through time: one EPANET project, a day at a time, taken up again where it stopped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from huoshui.democity.simulate import demand, leaks, machines, sensors
from huoshui.democity.simulate.state import State
from huoshui.democity.worlds import World
from huoshui.lab import units
from huoshui.lab.hydraulics import epanet

Array = NDArray[np.float64]

ACCURACY = 1e-3
STEP = timedelta(seconds=demand.STEP_S)
SEED = 20260301
ROUGHNESS_ERROR_FRAC = 0.10
DIAMETER_ERROR_FRAC = 0.03
DEMAND_ERROR_FRAC = 0.10
USUAL_PRESSURE_M = 40.0


@dataclass(frozen=True)
class Block:
    """Readings of several points at equal steps.

    ``values`` and ``quality`` have the shape (n_points, n_steps); NaN is no reading.
    """

    codes: tuple[str, ...]
    from_at: datetime
    step_s: int
    values: Array
    quality: NDArray[np.uint8]

    @property
    def until(self) -> datetime:
        """Return the moment after the last step."""
        return self.from_at + timedelta(seconds=self.step_s * self.values.shape[1])


class LiveCity:
    """A city whose time is moved on by ``step``; what it returns is what its instruments send.

    Same world, seed and state: same readings. Between two steps leaks may start or be repaired.
    """

    def __init__(
        self,
        world: World,
        state: State,
        *,
        zone: ZoneInfo,
        plan: leaks.Plan | None = None,
        seed: int = SEED,
    ) -> None:
        self.world = world
        self.state = state
        self._seed = seed
        self._plan = plan
        self._project = epanet.EpanetProject(world.inp_text)
        self._links = [self._project.link(link) for link in world.flow_links]
        self._nodes = [self._project.node(node) for node in world.pressure_nodes]
        self._tanks = [self._project.node(tank) for tank in world.level_tanks]
        self._next_leak = self._coming()
        self._pumps = [name for name in world.flow_links if name in _pumps_of(world.inp_text)]
        self._bases, self._habits, self._stream = _true_demand(self._project, world, zone, seed)
        _disturb_pipes(self._project, seed)
        _declare_demands(self._project, self._bases, self._stream, self._habits)
        self._project.set_accuracy(ACCURACY)
        self.codes = (
            *(f"{node}.pressure" for node in world.pressure_nodes),
            *(f"{link}.flow" for link in world.flow_links),
            *(f"{tank}.level" for tank in world.level_tanks),
        )
        self._kinds = [code.rpartition(".")[2] for code in self.codes]
        watched = tuple(pump for pump in self._pumps if pump in machines.WATCHED)
        self._machines = machines.Machines(watched, state.machines)
        self.machine_codes = self._machines.codes
        self.meter_codes = tuple(f"{node}.use" for node in world.meter_nodes)
        self._today: _Day | None = None

    def close(self) -> None:
        """Free the hydraulic engine."""
        self._project.close()

    def step(self, to: datetime) -> Iterator[Block]:
        """Move the city on to a moment and give what was measured, at most a day at a time.

        The steps of five minutes up to but not including ``to``. Meters send a whole hour when
        it is over. Nothing happens while ``to`` is not later than the city's own time.
        """
        while self.state.at + STEP <= to:
            day = demand.epoch_day(self.state.at)
            if self._today is None or self._today.number != day:
                self._begin_day(day)
            until = min(to, demand.day_start(day + 1))
            yield from self._advance(until)

    def start_leak(self, leak: leaks.Leak) -> None:
        """Let a leak come; it runs from its own moment on."""
        self.state.leaks.append(leak)

    def repair_leak(self, pipe: str, at: datetime | None = None) -> bool:
        """Close the leaks of a pipe from a moment on (now by default); False if it has none."""
        moment = at or self.state.at
        found = False
        for place, leak in enumerate(self.state.leaks):
            if leak.pipe == pipe and leak.repaired_at is None and leak.start_at <= moment:
                self.state.leaks[place] = leak.repaired(moment)
                found = True
        return found

    def mend_machine(self, pump: str, at: datetime | None = None) -> None:
        """Give a pump new bearings from a moment on (now by default)."""
        self._machines.mend(pump, at or self.state.at)

    def running_leaks(self, at: datetime | None = None) -> list[leaks.Leak]:
        """Return the leaks that lose water at a moment (now by default), earliest first."""
        moment = at or self.state.at
        running = [
            leak
            for leak in self.state.leaks
            if leak.start_at <= moment and (leak.repaired_at is None or leak.repaired_at > moment)
        ]
        return sorted(running, key=lambda leak: leak.start_at)

    def _begin_day(self, day: int) -> None:
        """Draw the day's demand and start the engine at the present moment."""
        factors = self._habits.factors(day)
        start = demand.day_start(day)
        first = (self.state.at - start) // STEP
        for group in range(factors.shape[0]):
            for number in range(factors.shape[1]):
                self._project.set_pattern(_pattern(group, number), factors[group, number, first:])
        for tank, level in self.state.levels_m.items():
            self._project.set_tank_level(tank, level)
        for pump, on in self.state.pumps_on.items():
            self._project.set_link_open(pump, is_open=on)
        steps = demand.STEPS_A_DAY - first
        self._project.set_times(duration_s=steps * demand.STEP_S, step_s=demand.STEP_S)
        self._project.start()
        self._today = _Day(
            number=day,
            truth=np.full((len(self.codes), demand.STEPS_A_DAY), np.nan),
            use=self._true_use(factors),
            machines=np.full((len(self.machine_codes), demand.STEPS_A_DAY), np.nan),
        )

    def _advance(self, until: datetime) -> Iterator[Block]:
        """Run the day on to a moment and measure what came."""
        today = self._today
        if today is None:
            return
        from_at = self.state.at
        start = demand.day_start(today.number)
        first = (from_at - start) // STEP
        last = first
        while self.state.at + STEP <= until:
            self._let_leaks_come()
            self._apply_leaks(today)
            self._project.solve()
            today.truth[:, last] = self._read()
            today.machines[:, last] = self._machines.step(
                self.state.at, self._pumped(today.truth[:, last]), demand.STEP_S
            )
            self._to_next_step()
            self.state.at += STEP
            last += 1
        self._remember()
        values, quality = sensors.measure(
            np.nan_to_num(today.truth), self._kinds, day=today.number, seed=self._seed
        )
        yield Block(
            self.codes, from_at, demand.STEP_S, values[:, first:last], quality[:, first:last]
        )
        yield from self._of_machines(today, from_at, slice(first, last))
        yield from self._meters(today, from_at)
        if last == demand.STEPS_A_DAY:
            self._today = None

    def _pumped(self, truth: Array) -> dict[str, float]:
        """Return the flow of each pump out of a step's truth. [m³/h]"""
        row = {code: number for number, code in enumerate(self.codes)}
        return {pump: float(truth[row[f"{pump}.flow"]]) for pump in self._pumps}

    def _of_machines(self, today: _Day, from_at: datetime, steps: slice) -> Iterator[Block]:
        """Give what was measured at the machines, since there is something to measure with."""
        if not self.machine_codes or from_at < machines.INSTALLED_AT:
            return
        values = self._machines.measure(
            np.nan_to_num(today.machines), day=today.number, seed=self._seed
        )[:, steps]
        quality = np.zeros(values.shape, np.uint8)
        yield Block(self.machine_codes, from_at, demand.STEP_S, values, quality)

    def _to_next_step(self) -> None:
        """Let the tanks fill and empty for five minutes, through the events on the way."""
        passed = self._project.advance()
        while passed > 0 and passed % demand.STEP_S != 0:
            self._project.solve()
            passed += self._project.advance()

    def _read(self) -> Array:
        """Return the truth at the points, in their units."""
        pressures, flows = self._project.pressures_m(), self._project.flows_m3s()
        return np.concatenate(
            [pressures[self._nodes], flows[self._links] / units.M3S_PER_M3H, pressures[self._tanks]]
        )

    def _remember(self) -> None:
        """Keep what a later start needs: the levels as they are at the present moment."""
        levels = self._project.pressures_m()[self._tanks]
        self.state.levels_m = dict(zip(self.world.level_tanks, levels.tolist(), strict=True))
        self.state.pumps_on = {pump: self._project.is_open(pump) for pump in self._pumps}

    def _let_leaks_come(self) -> None:
        """Start the hidden leaks that are due; not more at a time than a city can bear."""
        while self._next_leak is not None and self._next_leak.start_at <= self.state.at:
            if len(self.running_leaks()) < leaks.RUNNING_MAX:
                self.start_leak(self._next_leak)
            self.state.coming += 1
            self._next_leak = self._coming()

    def _coming(self) -> leaks.Leak | None:
        """Return the next hidden leak of the plan."""
        return None if self._plan is None else self._plan.coming(self.state.coming)

    def _apply_leaks(self, today: _Day) -> None:
        """Open each leak as far as it has grown."""
        wanted: dict[str, float] = {}
        for leak in self.state.leaks:
            flow = leak.size_m3h * units.M3S_PER_M3H * leak.share(self.state.at)
            usual = self._usual_pressure_m(leak.node)
            wanted[leak.node] = wanted.get(leak.node, 0.0) + flow / math.sqrt(usual)
        for node, value in wanted.items():
            if today.emitters.get(node) != value:
                self._project.set_emitters({node: value})
                today.emitters[node] = value

    def _usual_pressure_m(self, node: str) -> float:
        """Return a pressure at which a leak of this node has its stated size."""
        elevation = float(self._project.elevations_m[self._project.node(node)])
        return max(20.0, USUAL_PRESSURE_M + 40.0 - elevation)

    def _true_use(self, factors: Array) -> Array:
        """Return the true hourly use of each meter on the day. [L/h]"""
        use = np.zeros((len(self.world.meter_nodes), 24))
        for row, node in enumerate(self.world.meter_nodes):
            for base, number in self._bases[node]:
                steps = base * factors[self._stream[node], number]
                use[row] += steps.reshape(24, -1).mean(axis=1) / units.M3S_PER_LH
        return use

    def _meters(self, today: _Day, from_at: datetime) -> Iterator[Block]:
        """Give the hours that were completed, of each meter."""
        start = demand.day_start(today.number)
        hour = timedelta(hours=1)
        # An hour is sent when it is over, whether or not it began in this step.
        first, last = (from_at - start) // hour, (self.state.at - start) // hour
        if last <= first or not self.meter_codes:
            return
        values, quality = sensors.measure(
            today.use, ["use"] * len(self.meter_codes), day=today.number, seed=self._seed + 1
        )
        yield Block(
            self.meter_codes,
            start + first * hour,
            3600,
            values[:, first:last],
            quality[:, first:last],
        )


@dataclass
class _Day:
    """The day that is running."""

    number: int
    truth: Array
    use: Array
    machines: Array
    emitters: dict[str, float] = field(default_factory=dict)


def _pattern(group: int, number: int) -> str:
    return f"G{group}-{number}"


def _pumps_of(text: str) -> set[str]:
    """Return the names in the section of pumps."""
    names: set[str] = set()
    inside = False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.upper().startswith("[PUMPS]")
        elif inside and line.split(";")[0].split():
            names.add(line.split()[0])
    return names


Bases = dict[str, list[tuple[float, int]]]


def _true_demand(
    project: epanet.EpanetProject, world: World, zone: ZoneInfo, seed: int
) -> tuple[Bases, demand.Habits, dict[str, int]]:
    """Return what customers truly take: like the file, but not quite."""
    names = sorted(project.patterns)
    place = {name: number for number, name in enumerate(names)}
    week = 7 * demand.STEPS_A_DAY
    patterns = [_a_week(project.pattern_values(name), week) for name in names]
    patterns.append(np.ones(week))
    constant = len(names)
    rng = np.random.default_rng((seed, 0, 9))
    bases: Bases = {}
    for node, demands in project.base_demands_m3s().items():
        truth = float(np.clip(rng.normal(1, DEMAND_ERROR_FRAC), 0.7, 1.3))
        bases[node] = [
            (base * truth, place.get(pattern, constant)) for base, pattern in demands if base > 0
        ]
    stream, own = demand.streams(project.node_ids, own=world.meter_nodes, seed=seed)
    habits = demand.Habits(patterns=np.asarray(patterns), own_stream=own, zone=zone, seed=seed)
    return bases, habits, stream


def _a_week(values: Array, length: int) -> Array:
    """Stretch or repeat a pattern to a week of five-minute steps."""
    if values.size in (24, 168):
        values = np.repeat(values, length // 168)
    return np.resize(values, length)


def _disturb_pipes(project: epanet.EpanetProject, seed: int) -> None:
    """Make pipes a little different from what the file says, as they are."""
    rng = np.random.default_rng((seed, 0, 10))
    roughness, diameters = project.roughness(), project.diameters_m()
    is_pipe = project.lengths_m() > 0
    rough = roughness * rng.normal(1, ROUGHNESS_ERROR_FRAC, roughness.size).clip(0.7, 1.3)
    wide = diameters * rng.normal(1, DIAMETER_ERROR_FRAC, diameters.size).clip(0.9, 1.1)
    project.set_roughness(np.where(is_pipe, rough, np.nan))
    project.set_diameters(np.where(is_pipe, wide, np.nan))


def _declare_demands(
    project: epanet.EpanetProject, bases: Bases, stream: dict[str, int], habits: demand.Habits
) -> None:
    """Let every node follow its stream's patterns."""
    for group in range(habits.own_stream.size):
        for number in range(len(habits.patterns)):
            project.add_pattern(_pattern(group, number), [1.0])
    project.set_demands(
        {
            node: [(base, _pattern(stream[node], number)) for base, number in demands]
            for node, demands in bases.items()
        }
    )


def spots_of(world: World) -> list[leaks.Spot]:
    """Return where leaks may come: pipes of some length that end at an ordinary junction."""
    with epanet.EpanetProject(world.inp_text) as project:
        lengths, diameters = project.lengths_m(), project.diameters_m()
        ends = [(project.node_ids[a], project.node_ids[b]) for a, b in project.link_nodes]
        found = []
        for link, length, diameter, (start, end) in zip(
            project.link_ids, lengths, diameters, ends, strict=True
        ):
            zone = world.zone_of(link)
            sound = length >= 40 and diameter <= 0.2 and zone is not None
            if sound and world.zone_of(start) == world.zone_of(end) == zone:
                found.append(leaks.Spot(pipe=link, node=end, zone=str(zone)))
    return found


def utc(moment: datetime) -> datetime:
    """Return an aware moment in UTC, cut to the five-minute grid."""
    whole = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return whole - timedelta(minutes=whole.minute % 5)
