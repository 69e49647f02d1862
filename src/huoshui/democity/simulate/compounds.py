"""Housing compounds behind a master meter: what homes, gardens and hidden leaks take by the hour.

    street main --(master meter)--+--(home)--(home)-- ...     each home read once a day,
                                  +-- garden tap, hidden leak      some days or never

Everything a detector finds hard is in it: drips inside of homes that come and go, the garden
watered in the evenings of summer, a Spring Festival, one night a year when a tank is cleaned and
filled, meters that miss water, gaps, and homes that nobody reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HOURS = 24
L_PER_PERSON_DAY = 105.0
LITRES_PER_USE = 18.0
# Share of the day's uses by the hour, Monday to Friday and at the weekend; a guess of the house.
WORKDAY = np.array(
    [0.8, 0.4, 0.3, 0.3, 0.4, 1.2, 4.0, 7.0, 6.0, 4.0, 3.5, 4.5, 5.5, 4.0, 3.0, 3.0, 3.5, 5.5,
     8.5, 9.5, 9.0, 8.0, 5.5, 2.6]
)  # fmt: skip
WEEKEND = np.array(
    [1.2, 0.6, 0.4, 0.3, 0.4, 0.8, 2.0, 4.0, 6.5, 7.5, 7.0, 6.5, 6.5, 5.0, 4.5, 4.5, 4.5, 5.5,
     7.5, 8.5, 8.5, 7.5, 5.5, 3.0]
)  # fmt: skip


@dataclass(frozen=True)
class HiddenLeak:
    """A leak between the master meter and the homes: hours from the start, and its full size."""

    from_hour: int
    until_hour: int
    size_m3h: float
    growth_hours: int


@dataclass(frozen=True)
class Compound:
    """A year of one compound, and the truth of it.

    Attributes
    ----------
    homes : int
    hour_s : ndarray, shape (n_hours,)
        [local s]
    master_m3h : ndarray, shape (n_hours,)
        As its master meter counts it, in whole pulses; NaN in gaps. [m³/h]
    day_s : ndarray, shape (n_days + 1,)
        Midnights of the readings. [local s]
    registers_m3 : ndarray, shape (n_days + 1, homes)
        As the homes' meters show; NaN where not read. [m³]
    leaks : tuple of HiddenLeak
    lost_m3h : ndarray, shape (n_hours,)
        What truly was lost, background included. [m³/h]
    public_m3h : ndarray, shape (n_hours,)
        What gardens and the cleaned tank took, which a caretaker could tell. [m³/h]
    """

    homes: int
    hour_s: Array
    master_m3h: Array
    day_s: Array
    registers_m3: Array
    leaks: tuple[HiddenLeak, ...]
    lost_m3h: Array
    public_m3h: Array


def compound(seed: int, *, days: int = 365, leaks: int = 3, start_s: float = 1_735_689_600.0
             ) -> Compound:  # fmt: skip
    """Make a compound; another seed is another one. The first 45 days have no new leak."""
    rng = np.random.default_rng([seed, 31])
    homes = int(rng.integers(80, 700))
    people = 1 + rng.binomial(4, 0.45, homes)
    lived_in = rng.random(homes) > 0.08
    hours = days * HOURS
    day = np.arange(days)
    weekday = (day + int(start_s // 86400) + 3) % 7
    season = 1 + 0.12 * np.cos(2 * np.pi * (day - 205) / 365) + 0.03 * rng.normal(size=days)
    feast = np.where((day >= 27) & (day < 35), 0.65, 1.0)
    profile = np.where((weekday >= 5)[:, None], WEEKEND / WEEKEND.sum(), WORKDAY / WORKDAY.sum())
    uses = (season * feast)[:, None] * profile * L_PER_PERSON_DAY / LITRES_PER_USE
    count = rng.poisson(uses.reshape(-1, 1) * (people * lived_in))
    home_l = rng.gamma(np.maximum(count, 1e-12), LITRES_PER_USE)
    home_l[count == 0] = 0.0
    home_l += _drips(rng, homes, hours)
    lost = np.full(hours, homes * rng.uniform(0.4, 1.5) / 1000)
    found = []
    for _number in range(leaks):
        begin = int(rng.integers(45 * HOURS, max(hours - 20 * HOURS, 45 * HOURS + 1)))
        until = min(begin + int(rng.integers(10, 40)) * HOURS, hours)
        size = float(np.exp(rng.uniform(np.log(0.3), np.log(8.0))))
        growth = 0 if rng.random() < 0.7 else int(rng.integers(5, 20)) * HOURS
        run = np.arange(until - begin)
        lost[begin:until] += size * np.minimum(1.0, (run + 1) / max(growth, 1))
        found.append(HiddenLeak(begin, until, size, growth))
    public = _public(rng, days)
    taken = home_l.sum(axis=1) / 1000 + lost + public
    pulse = 0.01 if rng.random() < 0.5 else 0.1
    master = np.diff(np.floor(np.cumsum(taken * (1 + 0.005 * rng.normal())) / pulse), prepend=0)
    master = master * pulse
    for _number in range(2):
        gap = int(rng.integers(0, hours - 72))
        master[gap : gap + int(rng.integers(6, 60))] = np.nan
    registers = _registers(rng, home_l, days)
    return Compound(
        homes=homes,
        hour_s=start_s + 3600.0 * np.arange(hours, dtype=np.float64),
        master_m3h=master,
        day_s=start_s + 86400.0 * np.arange(days + 1, dtype=np.float64),
        registers_m3=registers,
        leaks=tuple(found),
        lost_m3h=lost,
        public_m3h=public,
    )


def _drips(rng: np.random.Generator, homes: int, hours: int) -> Array:
    """Return what taps and cisterns drip inside of homes, behind their meters. [L/h]"""
    drip = np.zeros((hours, homes))
    for home in np.flatnonzero(rng.random(homes) < 0.2 * hours / 8760):
        begin = int(rng.integers(0, hours))
        until = begin + int(rng.integers(5, 90)) * HOURS
        drip[begin:until, home] = rng.lognormal(np.log(6), 0.8)
    return drip


def _public(rng: np.random.Generator, days: int) -> Array:
    """Return gardens on evenings of summer, and one night of a cleaned tank. [m³/h]"""
    flow = np.zeros((days, HOURS))
    for day in range(days):
        if 100 <= day < 280 and rng.random() < 0.3:
            flow[day, 18:21] = rng.uniform(0.5, 2.0)
    flat = flow.ravel()
    begin = int(rng.integers(50, max(days - 2, 51))) * HOURS + 22
    flat[begin : begin + 6] += rng.uniform(2.0, 6.0)
    return flat


def _registers(rng: np.random.Generator, home_l: Array, days: int) -> Array:
    homes = home_l.shape[1]
    missed = 1 - np.clip(rng.normal(0.025, 0.015, homes), 0, 0.1)
    daily = home_l.reshape(days, HOURS, homes).sum(axis=1) / 1000 * missed
    total = np.concatenate([np.zeros((1, homes)), np.cumsum(daily, axis=0)])
    shown = np.floor((rng.uniform(0, 900, homes) + total) * 100) / 100
    shown[rng.random(shown.shape) < 0.03] = np.nan
    for home in np.flatnonzero(rng.random(homes) < 0.05):
        begin = int(rng.integers(0, days))
        shown[begin : begin + 25, home] = np.nan
    shown[:, rng.random(homes) < 0.02] = np.nan
    return shown


def write(folder: Path, made: Compound) -> None:
    """Write the master meter, the homes' meters, the leaks and told events as plain files."""
    _table(folder / "master.csv", made.hour_s, ["master"], made.master_m3h[:, None])
    homes = [f"home-{number + 1}" for number in range(made.homes)]
    _table(folder / "homes.csv", made.day_s, homes, made.registers_m3)
    leaks = [
        f"{_when(made.hour_s[one.from_hour])},{_when(made.hour_s[one.until_hour - 1] + 3600)},"
        f"{one.size_m3h:.2f}"
        for one in made.leaks
    ]
    (folder / "leaks.csv").write_text("\n".join(["start,end,size_m3h", *leaks]) + "\n")
    used = [
        f"{_when(at)},{_when(at + 3600)},garden or tank" for at in made.hour_s[made.public_m3h > 0]
    ]
    (folder / "events.csv").write_text("\n".join(["from,until,what", *used]) + "\n")


def _when(moment_s: float) -> str:
    return f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M}"


def _table(path: Path, at: Array, names: list[str], values: Array) -> None:
    rows = [
        ",".join([_when(moment), *("" if np.isnan(one) else f"{one:.2f}" for one in row)])
        for moment, row in zip(at, values, strict=True)
    ]
    path.write_text("\n".join([",".join(["time", *names]), *rows]) + "\n")
