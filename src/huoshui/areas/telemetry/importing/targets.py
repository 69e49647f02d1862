"""Which point each column or code of a file belongs to, and by what its values are multiplied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import contracts, queries, rules
from huoshui.kernel.intake.problems import Found, Problem
from huoshui.lab.units import written

HINTS = (
    ("pressure", re.compile(r"press|压力|水压|压强", re.IGNORECASE)),
    ("level", re.compile(r"level|液位|水位|池位", re.IGNORECASE)),
    ("use", re.compile(r"use|demand|consum|用水", re.IGNORECASE)),
    ("flow", re.compile(r"flow|流量|inflow|outflow", re.IGNORECASE)),
    ("running_hours", re.compile(r"running.?(hours|time)|运行(小时|时间|时长)", re.IGNORECASE)),
    ("temperature", re.compile(r"temp|温", re.IGNORECASE)),
    ("vibration", re.compile(r"vibr|振动", re.IGNORECASE)),
    ("power", re.compile(r"power|功率", re.IGNORECASE)),
    ("current", re.compile(r"current|电流", re.IGNORECASE)),
)
PRESSURE_UNITS = {"Pa", "kPa", "MPa", "bar", "mbar", "kgf/cm²", "psi"}
NOT_IN_CODES = re.compile(r"[^A-Za-z0-9_.:/-]+")


@dataclass(frozen=True)
class Target:
    """Where a file's values go: a point (perhaps still to be declared) and the factor.

    ``counter`` says that the values are a counter's and become flows by their differences.
    """

    code: str
    name: str
    kind: str
    unit: str
    factor: float
    is_new: bool = False
    counter: bool = False


@dataclass
class Targets:
    """Finds targets for the names in a file, each looked up once.

    ``mapping`` is what a person said ("inflow_3=DMA3.flow"); ``unit`` holds for what states none.
    """

    name: str
    mapping: Mapping[str, str]
    unit: str
    declare: bool
    counters: bool
    problems: Found
    list: list[Target] = field(default_factory=list)
    assumed: set[str] = field(default_factory=set)
    _slots: dict[tuple[str, str], int] = field(default_factory=dict)
    _known: dict[str, contracts.Point] = field(default_factory=dict)
    _lower: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {point.code: point for point in queries.points()}
        self._lower = {code.lower(): code for code in self._known}

    def slot(self, heading: str, unit: str = "", line: int | None = None) -> int:
        """Return the place of a target in ``list``, or -1 where the name can go nowhere.

        Says why, once for each name.
        """
        key = (heading, unit)
        found = self._slots.get(key)
        if found is None:
            target = self._target(heading, unit, line)
            if target is None:
                found = -1
            else:
                same = [n for n, one in enumerate(self.list) if one == target]
                found = same[0] if same else len(self.list)
                if not same:
                    self.list.append(target)
            if len(self._slots) < 1_000_000:
                self._slots[key] = found
        return found

    def knows(self, heading: str) -> bool:
        """Tell whether a heading names a declared point or one that a person mapped."""
        return heading in self.mapping or self._known_code(heading, None) is not None

    def _known_code(self, heading: str, unit: written.Unit | None) -> str | None:
        stem, found = written.split_heading(heading)
        unit = unit or found
        names = [self.mapping.get(heading), self.mapping.get(stem), heading, stem]
        names += [f"{one}.{kind}" for one in (stem, _code(stem)) for kind in _kinds(stem, unit)]
        for one in names:
            if one and one in self._known:
                return one
        for one in names:
            if one and one.lower() in self._lower:
                return self._lower[one.lower()]
        return None

    def _target(self, heading: str, stated: str, line: int | None) -> Target | None:
        _stem, unit = written.split_heading(heading)
        if stated:
            unit = written.find(stated)
            if unit is None:
                self._say("telemetry.unit_unknown", _("This unit is not known."), heading, stated,
                          _("Write it as L/s, m³/h, kPa, MPa, bar or m."), line)  # fmt: skip
                return None
        if unit is None and self.unit:
            unit = written.find(self.unit)
        code = self._known_code(heading, unit)
        if code is not None:
            point = self._known[code]
            return self._fit(heading, point.code, point.name_zh, point.kind, unit, line)
        wanted = self.mapping.get(heading)
        kinds = _kinds(heading, unit)
        new = wanted or _new_code(heading, kinds)
        if len(kinds) != 1 or not rules.CODE_PATTERN.fullmatch(new or ""):
            self._say(
                "telemetry.column_unknown", _("No point is declared for this column."), heading, "",
                _("Name its point (column=point), or import the point first."), line,
            )  # fmt: skip
            return None
        if not self.declare:
            self._say(
                "telemetry.column_unknown", _("No point is declared for this column."), heading, "",
                _("Let the import declare it as %(code)s (%(kind)s), or name its point.")
                % {"code": new, "kind": kinds[0]}, line,
            )  # fmt: skip
            return None
        stem = written.split_heading(heading)[0] or new
        return self._fit(heading, new, stem, kinds[0], unit, line, is_new=True)

    def _fit(
        self, heading: str, code: str, name: str, kind: str, unit: written.Unit | None,
        line: int | None, *, is_new: bool = False,
    ) -> Target | None:  # fmt: skip
        own = written.find(contracts.KINDS[kind].unit)
        if own is None or unit is None:
            self.assumed.add(code)
            return Target(code, name, kind, contracts.KINDS[kind].unit, 1.0, is_new)
        if unit.quantity == "volume" and own.quantity == "flow":
            if self.counters:
                hourly = written.UNITS["m3/h"]
                hourly_factor = unit.factor * written.factor(hourly, own)
                return Target(code, name, kind, unit.symbol, hourly_factor, is_new, counter=True)
            self._say(
                "telemetry.counter", _("This column counts a volume; the point is a flow."),
                heading, unit.symbol, _("Let the import make flows of counters."), line,
            )  # fmt: skip
            return None
        try:
            factor = written.factor(unit, own)
        except ValueError:
            self._say(
                "telemetry.unit_of_another_kind",
                _("The unit does not measure what the point measures."), heading, unit.symbol,
                _("%(code)s is kept in %(unit)s. Correct the unit or the point.")
                % {"code": code, "unit": contracts.KINDS[kind].unit}, line,
            )  # fmt: skip
            return None
        return Target(code, name, kind, unit.symbol, factor, is_new)

    def _say(
        self, code: str, words: Any, column: str, value: str, remedy: Any, line: int | None
    ) -> None:
        self.problems.add(
            Problem(code, words, False, file=self.name, line=line, column=column, value=value,
                    remedy=remedy)
        )  # fmt: skip


def _kinds(heading: str, unit: written.Unit | None) -> list[str]:
    """Return what a column can measure, by its unit and its name."""
    hinted = [kind for kind, pattern in HINTS if pattern.search(heading)][:1]
    if unit is None:
        return hinted
    if unit.quantity in ("flow", "volume"):
        return ["use"] if hinted == ["use"] else ["flow"]
    if unit.quantity == "height":
        if unit.symbol in PRESSURE_UNITS and hinted != ["level"]:
            return ["pressure"]
        return hinted if hinted in (["pressure"], ["level"]) else []
    return [rules.OF_QUANTITY[unit.quantity]] if unit.quantity in rules.OF_QUANTITY else []


def _code(heading: str) -> str:
    return NOT_IN_CODES.sub("_", heading).strip("_.:/-")


def _new_code(heading: str, kinds: list[str]) -> str:
    """Return the code a new point would get, by custom what it belongs to and its kind."""
    stem = _code(written.split_heading(heading)[0])
    if not kinds or not stem:
        return ""
    return stem if stem.endswith(f".{kinds[0]}") else f"{stem}.{kinds[0]}"
