"""Units as people write them in headings and files, and the factors between them.

Pressure and head are metres of water at 1000 kg m⁻³ and standard gravity, 9.806 65 m s⁻²
(ISO 80000-3:2019, item 3-8); the other factors are exact by definition (NIST SP 811, 2008, app. B).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from huoshui.lab import units

PA_PER_M = 9806.65


@dataclass(frozen=True)
class Unit:
    """A unit: what it measures, and how many of the laboratory's unit one of it is."""

    symbol: str
    quantity: str
    factor: float


_TABLE = (
    ("m³/s", "flow", 1.0, "m3s m3ps cms cumec 立方米/秒"),
    ("m³/h", "flow", units.M3S_PER_M3H, "m3h m3ph cmh m3/hr cbm/h 立方米/时 立方米/小时 方/时"),
    ("m³/d", "flow", 1 / units.S_PER_DAY, "m3d m3pd cmd m3/day 立方米/日 立方米/天 方/日 吨/日"),
    ("L/s", "flow", units.M3S_PER_LPS, "lps l/sec 升/秒"),
    ("L/min", "flow", 1e-3 / 60, "lpm 升/分"),
    ("L/h", "flow", units.M3S_PER_LH, "lph 升/时 升/小时"),
    ("ML/d", "flow", 1e3 / units.S_PER_DAY, "mld ml/day 千立方米/日"),
    ("万m³/d", "flow", 1e4 / units.S_PER_DAY, "万立方米/日 万方/日 万吨/日"),
    ("gpm", "flow", units.M3_PER_US_GALLON / 60, "usgpm gal/min"),
    ("MGD", "flow", units.M3_PER_US_GALLON * 1e6 / units.S_PER_DAY, "usmgd"),
    ("ft³/s", "flow", units.M3_PER_FOOT3, "cfs ft3/s"),
    ("m", "height", 1.0, "mh2o mwc mwg mca metre metres meter meters 米 米水柱"),
    ("cm", "height", 0.01, "厘米"),
    ("mm", "height", 0.001, "毫米"),
    ("ft", "height", units.M_PER_FOOT, "feet foot 英尺"),
    ("Pa", "height", 1 / PA_PER_M, "帕"),
    ("kPa", "height", 1e3 / PA_PER_M, "千帕"),
    ("MPa", "height", 1e6 / PA_PER_M, "兆帕"),
    ("bar", "height", 1e5 / PA_PER_M, "巴"),
    ("mbar", "height", 1e2 / PA_PER_M, "毫巴"),
    ("kgf/cm²", "height", 10.0, "kg/cm2 kgf/cm2 公斤 公斤力/平方厘米"),
    ("psi", "height", 6894.757293168361 / PA_PER_M, "磅"),
    ("m³", "volume", 1.0, "m3 cbm 立方米 方 吨"),
    ("L", "volume", 1e-3, "升 litre litres liter"),
    ("万m³", "volume", 1e4, "万m3 万立方米 万方 万吨 10^4m3 10⁴m³"),
    ("千m³", "volume", 1e3, "千m3 千立方米 千方 千吨 10^3m3"),
    ("h", "time", 3600.0, "hr hrs hour hours 小时 时"),
    ("°C", "temperature", 1.0, "degc celsius 摄氏度"),
    ("mm/s", "speed", 1e-3, "mmps 毫米/秒"),
    ("kW", "power", 1e3, "千瓦"),
    ("W", "power", 1.0, "瓦"),
    ("A", "current", 1.0, "安培"),
    ("mA", "current", 1e-3, "毫安"),
)  # fmt: skip


def _plain(written: str) -> str:
    text = unicodedata.normalize("NFKC", written).strip().strip("[]()（）").lower()
    return re.sub(r"[\s·.^]", "", text).replace("每", "/")


UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        _plain(name): Unit(symbol, quantity, factor)
        for symbol, quantity, factor, others in _TABLE
        for name in (symbol, *others.split())
    }
)
# As the last word of a column's name only unmistakable spellings count: "_l" may be anything.
SUFFIXES = frozenset(
    {"m3s", "m3h", "m3d", "cmh", "cmd", "lps", "lpm", "lph", "mld", "gpm", "mgd", "cfs"}
    | {"kpa", "mpa", "bar", "mbar", "psi", "mh2o", "mwc", "m"}
)
BRACKETED = re.compile(r"^(.*?)\s*[\[(（]([^\])）]{1,12})[\])）]\s*$")


def find(written: str) -> Unit | None:
    """Return the unit somebody wrote, or nothing if it is not known."""
    return UNITS.get(_plain(written)) if len(written) <= 24 else None


def split_heading(heading: str) -> tuple[str, Unit | None]:
    """Return a heading without its unit, and the unit: ``inflow [L/s]``, ``inflow_lps``."""
    found = BRACKETED.match(heading)
    if found and (unit := find(found[2])):
        return found[1].strip(), unit
    for mark in ("_", " ", "-"):
        stem, _, last = heading.rpartition(mark)
        if stem and last.lower() in SUFFIXES:
            return stem.strip(), find(last)
    return heading.strip(), None


def factor(unit: Unit, wanted: Unit) -> float:
    """Return by what a value in ``unit`` is multiplied to be in ``wanted``.

    Raises
    ------
    ValueError
        If the two do not measure the same.
    """
    if unit.quantity != wanted.quantity:
        msg = f"{unit.symbol} cannot become {wanted.symbol}"
        raise ValueError(msg)
    return unit.factor / wanted.factor
