"""Lines of a model made from rows of the register, and the names in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pyproj

from huoshui.areas.network.contracts import Kind, ValveKind
from huoshui.areas.network.exporting.rows import Row
from huoshui.areas.network.importing import inp as reader
from huoshui.areas.network.importing import inp_lines

DEFAULT_C, DEFAULT_ROUGHNESS_MM, DEFAULT_N = 120.0, 0.1, 0.011
DEFAULT_DIAMETER_MM = 100.0
DEFAULT_TANK = {"level_m_min": 0.0, "level_m_max": 5.0, "tank_diameter_m": 20.0}
SHORTEST_M = 0.1
CONTROLLING = frozenset(reader.VALVE_KIND.values()) - {ValveKind.THROTTLE}
UNFIT = re.compile(r'[\s;",\[\]]+')


def figure(value: float) -> str:
    """Return a number with all the digits that matter to a calculation."""
    return f"{value:.12g}"


class Names:
    """Names that EPANET takes: short, without blanks, one for each asset."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self.by_code: dict[str, str] = {}

    def of(self, code: str) -> str:
        """Return the name of an asset in the model."""
        if code not in self.by_code:
            name = base = UNFIT.sub("_", code)[:31] or "_"
            while len(name.encode()) > inp_lines.ID_LENGTH_MAX:
                name = base = base[:-1]
            number = 2
            while name in self.taken:
                name = f"{base[:27]}_{number}"
                number += 1
            self.taken.add(name)
            self.by_code[code] = name
        return self.by_code[code]


def standing(row: Row) -> str:
    """Return EPANET's word for how a pipe lets water pass."""
    if row["stands"] == "closed":
        return "Closed"
    return "CV" if (row["details"] or {}).get("has_check_valve") else "Open"


class Maker:
    """Lines of a model from rows of the register, in the units of a file."""

    def __init__(self, scale: Any, assumed: dict[str, int]) -> None:
        self.scale, self.assumed = scale, assumed
        self.of_line: list[str] = []

    def _known(self, row: Row, column: str, default: float) -> float:
        if row[column] is not None:
            return float(row[column])
        self.assumed[column] = self.assumed.get(column, 0) + 1
        self.of_line.append(column)
        return default

    def _said(self, line: str) -> str:
        """Return a line with the columns that were assumed for it, so that none comes back."""
        noted, self.of_line = self.of_line, []
        return f"{line} {inp_lines.ASSUMED} {' '.join(noted)}" if noted else line

    def node(self, name: str, row: Row, demand: float) -> str:
        """Return the line of a node."""
        return self._said(self._node(name, row, demand))

    def _node(self, name: str, row: Row, demand: float) -> str:
        metre = self.scale.length_m
        level = figure(self._known(row, "elevation_m", 0.0) / metre)
        if row["kind"] == Kind.RESERVOIR:
            return f" {name} {level}"
        if row["kind"] != Kind.TANK:
            return f" {name} {level} {figure(demand)}"
        low, high, wide = (
            self._known(row, column, default) / metre for column, default in DEFAULT_TANK.items()
        )
        return (
            f" {name} {level} {figure((low + high) / 2)} {figure(low)} {figure(high)} "
            f"{figure(wide)} 0"
        )

    def link(self, name: str, row: Row, start: str, end: str) -> str:
        """Return the line of a link."""
        return self._said(self._link(name, row, start, end))

    def _link(self, name: str, row: Row, start: str, end: str) -> str:
        scale = self.scale
        size = figure(self._known(row, "diameter_mm", DEFAULT_DIAMETER_MM) / scale.diameter_mm)
        if row["kind"] == Kind.PIPE:
            length = max(self._known(row, "length_m", drawn_m(row)), SHORTEST_M) / scale.length_m
            defaults = {"roughness_c": DEFAULT_C, "roughness_mm": DEFAULT_ROUGHNESS_MM,
                        "roughness_n": DEFAULT_N}  # fmt: skip
            rough = self._known(row, scale.roughness, defaults[scale.roughness]) / scale.rough
            return (
                f" {name} {start} {end} {figure(length)} {size} {figure(rough)} 0 {standing(row)}"
            )
        if row["kind"] == Kind.VALVE:
            # The register knows no settings; an open valve is the least that can be said of one.
            if row["valve_kind"] in CONTROLLING:
                self.assumed["valve_setting"] = self.assumed.get("valve_setting", 0) + 1
            return f" {name} {start} {end} {size} TCV 0 0"
        power = (row["details"] or {}).get("rated_power_kw")
        if power is None:
            self.assumed["rated_power_kw"] = self.assumed.get("rated_power_kw", 0) + 1
            power = 1.0
        unit = 1.0 if scale.metric else 0.745699872
        return f" {name} {start} {end} POWER {figure(power / unit)}"


def drawn_m(row: Row) -> float:
    """Return how long a link is drawn. [m]"""
    if not row["line"]:
        return SHORTEST_M
    lon, lat = zip(*row["line"], strict=True)
    return float(pyproj.Geod(ellps="WGS84").line_length(lon, lat))
