"""What a pump shows of itself: hours, warmth, vibration and power; and a bearing that wears out.

It runs beside the network and takes its flow from there; nothing of the network depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

KINDS = ("hours", "bearing", "room", "vibration", "power")
"""What is told of each pump, by the last word of the point's code."""
WATCHED = ("PUMP_1",)
INSTALLED_AT = datetime(2025, 11, 1, tzinfo=UTC)
"""Before that day nobody measured it."""
HOURS_THEN = 11_840.0
RUNS_ABOVE_M3H = 1.0
WARMS_UP_S = 1500.0
RISE_SOUND_C = 27.0
"""A sound bearing above its room, when it has run for long."""
POWER_STILL_KW = 0.1
NOISE = {"hours": 0.0, "bearing": 0.35, "room": 0.2, "vibration": 0.12, "power": 0.08}
# What a whole day has of its own: load, air, whoever greased it.
DAY_NOISE = {"hours": 0.0, "bearing": 0.7, "room": 0.0, "vibration": 0.11, "power": 0.06}
DECIMALS = {"hours": 2, "bearing": 1, "room": 1, "vibration": 2, "power": 2}


@dataclass(frozen=True)
class Wear:
    """A bearing that begins to run dry on a day, and what each day after it adds."""

    pump: str
    from_at: datetime
    rise_c_a_day: float
    vibration_mms_a_day: float

    def days(self, at: datetime) -> float:
        """Return for how many days it has been going on."""
        return max(0.0, (at - self.from_at) / timedelta(days=1))


BEARING = Wear("PUMP_1", datetime(2026, 1, 14, tzinfo=UTC), 0.22, 0.028)


@dataclass
class Machine:
    """What is remembered of a pump: its hours, how warm its bearing is, when it was mended."""

    hours: float = HOURS_THEN
    warm_c: float = 0.0
    mended_at: datetime | None = None

    def as_record(self) -> dict[str, object]:
        """Return it as plain values for a file."""
        mended = self.mended_at.isoformat() if self.mended_at else None
        return {"hours": self.hours, "warm_c": self.warm_c, "mended_at": mended}

    @classmethod
    def of_record(cls, record: Mapping[str, object]) -> Machine:
        """Return the machine of such a record."""
        mended = record.get("mended_at")
        return cls(float(str(record["hours"])), float(str(record["warm_c"])),
                   datetime.fromisoformat(str(mended)) if mended else None)  # fmt: skip


@dataclass
class Machines:
    """The pumps of a city, moved on step by step. ``states`` are kept with the city."""

    pumps: tuple[str, ...]
    states: dict[str, Machine]
    wears: tuple[Wear, ...] = (BEARING,)
    codes: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.codes = tuple(f"{pump}.{kind}" for pump in self.pumps for kind in KINDS)
        for pump in self.pumps:
            self.states.setdefault(pump, Machine())

    def step(self, at: datetime, flow_m3h: Mapping[str, float], step_s: float) -> Array:
        """Let a step go by with the flows of the pumps; return the truth of ``codes``."""
        return np.array([value for pump in self.pumps
                         for value in self._pump(pump, at, flow_m3h[pump], step_s)])  # fmt: skip

    def _pump(
        self, pump: str, at: datetime, flow_m3h: float, step_s: float
    ) -> tuple[float, float, float, float, float]:
        state = self.states[pump]
        runs = flow_m3h > RUNS_ABOVE_M3H
        worn = next((one for one in self.wears if one.pump == pump), None)
        is_worn = worn is not None and (state.mended_at is None or state.mended_at < worn.from_at)
        days = worn.days(at) if worn is not None and is_worn else 0.0
        rise = RISE_SOUND_C + days * (worn.rise_c_a_day if worn else 0.0) if runs else 0.0
        # A body warms towards what its friction and its room hold in balance.
        state.warm_c += (rise - state.warm_c) * (1 - math.exp(-step_s / WARMS_UP_S))
        if runs and at >= INSTALLED_AT:
            state.hours += step_s / 3600
        room = room_c(at)
        shaking = 1.6 + days * (worn.vibration_mms_a_day if worn else 0.0) if runs else 0.05
        power = 12.4 * (0.55 + 0.45 * flow_m3h / 44.0) if runs else POWER_STILL_KW
        return state.hours, room + state.warm_c, room, shaking, power

    def mend(self, pump: str, at: datetime) -> None:
        """Give a pump new bearings."""
        if pump in self.states:
            self.states[pump].mended_at = at

    def measure(self, truth: Array, *, day: int, seed: int) -> Array:
        """Return what the instruments send of a day's truth; the chance is of the day alone."""
        rng = np.random.default_rng((seed, day, 21))
        chance = rng.normal(size=truth.shape)
        of_day = rng.normal(size=len(self.codes))
        found = truth.copy()
        for row, code in enumerate(self.codes):
            kind = code.rpartition(".")[2]
            found[row] = np.round(
                truth[row] + chance[row] * NOISE[kind] + of_day[row] * DAY_NOISE[kind],
                DECIMALS[kind],
            )
        return np.maximum(found, 0.0) if found.size else found


def room_c(at: datetime) -> float:
    """Return how warm the pump house is: by the season, some days of weather, and the hour."""
    day = (at - datetime(2025, 1, 1, tzinfo=UTC)) / timedelta(days=1)
    season = -math.cos(2 * math.pi * (day - 20) / 365.25)
    weather = math.sin(day / 2.9) + 0.6 * math.sin(day / 1.3 + 1)
    hour = math.sin(2 * math.pi * (day % 1.0 - 0.1))
    return 16.0 + 9.0 * season + 1.5 * weather + 1.0 * hour
