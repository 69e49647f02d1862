"""Volumes of a balance from files of readings: summed, their holes filled and counted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel.intake import values
from huoshui.lab import units
from huoshui.lab.leakage import components, iwa, volumes
from huoshui.lab.series import scada_files
from huoshui.lab.units import written

KEYS = frozenset({"readings", "column", "columns", "unit", "error_pct"})
NORMAL_95 = 1.96


class BadReadings(Exception):
    """Readings that cannot stand for a volume: what is wrong, with which term, what to do."""

    def __init__(self, code: str, words: str, remedy: str, *, term: str, value: Any = "") -> None:
        super().__init__(code)
        self.code, self.words, self.remedy, self.term, self.value = code, words, remedy, term, value


@dataclass(frozen=True)
class Term:
    """A volume from readings, with half of its band, what is known of it and what estimated."""

    volume_m3: float
    half_width_m3: float
    data_frac: float
    estimated_m3: float


@dataclass(frozen=True)
class Measured:
    """The terms, and the usual night flow where all of what is supplied is measured."""

    terms: Mapping[str, Term]
    night_m3s: float | None = None
    night_width_m3s: float = 0.0


def measured(
    folder: Path, said: Mapping[str, Mapping[str, Any]], period: tuple[date, date]
) -> Measured:
    """Return the volumes of a period from `{readings = "flows.csv", column = "p1", unit = "L/s"}`.

    A file is looked for beside the balance. Raises `BadReadings`.
    """
    terms, flows, steps = {}, {}, set()
    for term, one in said.items():
        if term == "storage_rise":
            raise BadReadings(
                "balance.key_unknown", _("There is no such value in a balance."),
                _("Write the rise of what tanks hold as a volume."), term=term, value="readings",
            )  # fmt: skip
        flow, step_s = _flow(folder, term, one, period)
        found = volumes.period_volumes(
            flows_m3s=flow, step_s=step_s, days=[(period[1] - period[0]).days]
        )
        volume = float(found.volume_m3[0, 0])
        if math.isnan(volume):
            raise BadReadings(
                "balance.no_readings", _("There are no readings in the period."),
                _("Look at the period and at the times in the file."), term=term,
                value=one["readings"],
            )  # fmt: skip
        error = _share(term, one)
        width = float(found.half_width_m3[0, 0])
        # With fewer than two whole days nobody knows how much days differ.
        width = volume if math.isnan(width) else width
        terms[term] = Term(
            volume,
            math.hypot(width, volume * error),
            float(found.completeness_frac[0, 0]),
            float(found.estimated_m3[0, 0]),
        )
        flows[term] = flow
        steps.add(step_s)
    supplied = [term for term in flows if term in iwa.SUPPLIED]
    if not supplied or len(steps) > 1:
        return Measured(terms)
    net = sum(iwa.SUPPLIED[term] * flows[term] for term in supplied)
    nights, _share_known = components.night_flows(flows_m3s=net, step_s=steps.pop())
    known = nights[np.isfinite(nights)]
    if len(known) < 2:
        return Measured(terms)
    width = NORMAL_95 * float(known.std(ddof=1)) / math.sqrt(len(known))
    return Measured(terms, float(known.mean()), width)


def _share(term: str, one: Mapping[str, Any]) -> float:
    try:
        share = values.number(one.get("error_pct", 0)) / 100
    except (ValueError, OverflowError):
        share = math.nan
    if not 0 <= share <= 1:
        raise BadReadings(
            "balance.impossible", _("This value is not possible."),
            _("It must lie between %(low)g and %(high)g.") % {"low": 0, "high": 100},
            term=term, value=one.get("error_pct"),
        )  # fmt: skip
    return share


def _flow(
    folder: Path, term: str, one: Mapping[str, Any], period: tuple[date, date]
) -> tuple[NDArray[np.float64], float]:
    """Return a flow on the grid of its period, NaN where nothing is known, and the step."""
    unknown = sorted(set(one) - KEYS)
    if unknown:
        raise BadReadings(
            "balance.key_unknown", _("There is no such value in a balance."),
            _("With readings go column or columns, unit and error_pct."), term=term,
            value=unknown[0],
        )  # fmt: skip
    try:
        table = scada_files.read(folder / str(one["readings"]))
    except (scada_files.UnreadableFile, OSError) as problem:
        refused = plain_files.refusal(problem)
        raise BadReadings(
            refused.code, str(refused.message), str(refused.next_step), term=term
        ) from problem
    names = one.get("columns", [one["column"]] if "column" in one else list(table.names))
    names = names if isinstance(names, list) else [names]
    missing = [name for name in names if name not in table.names]
    if missing or not names:
        raise BadReadings(
            "balance.column_unknown", _("The readings have no such column."),
            _("There are: %(columns)s.") % {"columns": ", ".join(table.names[:20])},
            term=term, value=missing[0] if missing else "",
        )  # fmt: skip
    flow = sum(table.column(name) * _factor(term, one, name) for name in names)
    return _on_grid(term, one, table, np.asarray(flow, dtype=float), period)


def _factor(term: str, one: Mapping[str, Any], name: str) -> float:
    unit = written.find(str(one["unit"])) if "unit" in one else written.split_heading(name)[1]
    if unit is None or unit.quantity != "flow":
        raise BadReadings(
            "balance.flow_unit_unknown", _("The unit of the flow is not known."),
            _("Write unit as m³/h, L/s or another unit of flow."), term=term,
            value=one.get("unit", name),
        )  # fmt: skip
    return unit.factor


def _on_grid(
    term: str, one: Mapping[str, Any], table: scada_files.Measurements,
    flow: NDArray[np.float64], period: tuple[date, date],
) -> tuple[NDArray[np.float64], float]:  # fmt: skip
    step_s = table.step_s
    steps = units.S_PER_DAY / step_s if step_s > 0 else math.nan
    if not steps >= 1 or abs(steps - round(steps)) > 1e-9:
        raise BadReadings(
            "balance.uneven_step", _("The readings have no even step within a day."),
            _("Bring them to 5, 15 or 60 minutes."), term=term, value=one["readings"],
        )  # fmt: skip
    start = datetime.combine(period[0], datetime.min.time(), UTC).timestamp()
    count = (period[1] - period[0]).days * round(steps)
    place = np.floor((table.at_s - start) / step_s + 0.5).astype(np.int64)
    inside = (place >= 0) & (place < count)
    grid = np.full(count, np.nan)
    grid[place[inside]] = flow[inside]
    return grid, step_s
