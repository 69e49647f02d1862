"""Import of roads: a layer of lines with a class or a speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import roads
from huoshui.areas.fieldwork.actions import roads as deeds
from huoshui.areas.fieldwork.queries import ways
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel.intake import Problem, kinds
from huoshui.lab.planning import roads as graphs

WRONG = {
    "class_unknown": (
        _("This class of road is not known; a usual speed in towns is taken."),
        _("Name the class as OpenStreetMap or CJJ 37 does, or add a field with the speed."),
    ),
    "speed_impossible": (
        _("This is no speed in kilometres an hour; that of the class is taken."),
        _("Correct the speed in the file."),
    ),
}


@dataclass
class Plan:
    """The roads that would be kept; nothing is written yet."""

    outcome: kinds.Outcome
    lines: network_contracts.FileLines
    kept: list[int]
    roads: list[roads.Road]


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say what roads a file has, and what is wrong with it; changes nothing."""
    return _plan(path, name, options).outcome


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Keep the roads of a file in place of those before. Audited."""
    plan = _plan(path, name, options)
    if plan.outcome.problems.fatal or not plan.outcome.created:
        return plan.outcome
    courses = plan.lines.courses
    bends = []
    for number, road in zip(plan.kept, plan.roads, strict=True):
        own = np.arange(courses.offsets[number], courses.offsets[number + 1])
        bends.append(own[::-1] if road.sense < 0 else own)
    order = np.concatenate(bends)
    deeds.keep_roads(
        file_name=name,
        content_hash=courses.version,
        lon=courses.lon[order],
        lat=courses.lat[order],
        offsets=np.concatenate([[0], np.cumsum([len(one) for one in bends])]),
        speed_kmh=np.array([one.speed_kmh for one in plan.roads]),
        one_way=np.array([one.sense != 0 for one in plan.roads]),
        by_id=by_id,
    )
    return plan.outcome


def _plan(path: Path, name: str, options: Mapping[str, str]) -> Plan:
    lines = network.read_lines(path, name=name, crs=_crs(options.get("crs") or ""))
    outcome = kinds.Outcome()
    outcome.problems.extend(network.import_problem(one, name) for one in lines.problems)
    plan = Plan(outcome, lines, [], [])
    if outcome.problems.fatal:
        return plan
    columns = roads.Columns.of(lines.fields)
    fields = [one for one in vars_of(columns) if one]
    closed = one_way = 0
    for number, (layer, row) in enumerate(lines.rows):
        said = {one: lines.fields[one][number] for one in fields}
        road, wrong = roads.road_of(said, columns)
        for code, field in wrong:
            words, remedy = WRONG[code]
            outcome.problems.add(
                Problem(f"fieldwork.road_{code}", words, False, subject=layer, file=name, line=row,
                        column=field, value=str(said[field]), remedy=remedy)
            )  # fmt: skip
        if not road.speed_kmh:
            closed += 1
            continue
        one_way += road.sense != 0
        plan.kept.append(number)
        plan.roads.append(road)
    outcome.left_out = closed + sum(one.line is not None and one.fatal for one in lines.problems)
    _compare(plan, columns, closed, one_way)
    return plan


def vars_of(columns: roads.Columns) -> tuple[str, str, str, str]:
    """Return the fields that say something, in the order of `roads.Columns`."""
    return columns.road_class, columns.speed, columns.limit, columns.one_way


def _compare(plan: Plan, columns: roads.Columns, closed: int, one_way: int) -> None:
    """Say how the file was understood, and whether it is what is known already."""
    outcome, before = plan.outcome, ways.present_roads()
    if not plan.kept:
        outcome.problems.add(
            Problem("fieldwork.road_none", _("No line of the file is a road for vehicles."), True,
                    remedy=_("Check that it is the right layer."))
        )  # fmt: skip
        return
    if before is not None and before.content_hash == plan.lines.courses.version:
        outcome.unchanged = len(plan.kept)
    else:
        outcome.created = len(plan.kept)
        if before is not None:
            outcome.differ(before.file_name, _("Roads"), before.lines, len(plan.kept))
    courses = plan.lines.courses
    graph = graphs.of_lines(
        lon=courses.lon, lat=courses.lat, offsets=courses.offsets,
        speed_kmh=np.ones(len(plan.lines.rows)),
    )  # fmt: skip
    labels = (_("Field with the class"), _("Field with the speed"), _("Field with the limit"),
              _("Field with one-way roads"))  # fmt: skip
    said: list[tuple[Any, Any]] = [
        (_("Roads"), len(plan.kept)),
        (_("Length [km]"), round(float(np.sum(graph.length_m)) / 1000, 1)),
        (_("Junctions and ends"), graph.nodes),
        (_("One-way"), one_way),
        (_("Not for vehicles, left out"), closed),
        *(pair for pair in zip(labels, vars_of(columns), strict=True) if pair[1]),
    ]
    outcome.facts += said


def _crs(text: str) -> str:
    """Return a coordinate system; a bare number is one of EPSG's."""
    text = text.strip()
    return f"EPSG:{text}" if text.isdigit() else text
