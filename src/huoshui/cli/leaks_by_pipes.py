"""Leaks placed along pipes by pressures, where there is no hydraulic model."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab import units

if TYPE_CHECKING:
    from huoshui.lab.leakage.by_pipes import PipeRanker, Ranked
    from huoshui.lab.leakage.detection import Found
    from huoshui.lab.leakage.pipe_plan import PipePlan
    from huoshui.lab.leakage.sensor_falls import Falls
    from huoshui.lab.leakage.silences import Span
    from huoshui.lab.series.scada_files import Measurements

BEFORE_DAYS = 45
FEW_SENSORS = 3


def add_pipes(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Describe the plan of the pipes."""
    parser.add_argument(
        "--pipes", type=Path, metavar="FILE", required=required,
        help=_("pipes without a model: a table id,from,to,length_m,diameter_mm,kind, an INP "
               "file of which only pipes, pumps and valves are used, or a GeoPackage, Shapefile, "
               "GeoJSON or DXF"),
    )  # fmt: skip
    parser.add_argument(
        "--crs", default="", metavar="EPSG",
        help=_("with --pipes: the coordinate system, where such a file does not say it"),
    )  # fmt: skip
    parser.add_argument(
        "--source", action="append", default=[], metavar="NODE",
        help=_("with --pipes: a node where water comes in; may be repeated (reservoirs and tanks "
               "of a file that has them)"),
    )  # fmt: skip


def ranker(options: argparse.Namespace, sensors: Sequence[str]) -> PipeRanker:
    """Return what ranks the pipes of a file; says what it cannot know."""
    import numpy as np

    from huoshui.lab.leakage import by_pipes, pipe_plan

    path: Path = options.pipes
    try:
        plan = _plan(path, options.source, sensors, options.crs)
        found = by_pipes.PipeRanker(plan, sensors)
    except pipe_plan.UnknownNode as unknown:
        raise errors.Refused(
            "cli.no_such_node",
            _("No pipe of %(file)s ends at %(name)s.") % {"file": path, "name": unknown.args[0]},
            data={"file": str(path), "name": unknown.args[0]},
            next_step=_("Name sensors and sources as the pipes name their ends; capital letters "
                        "count."),
        ) from unknown  # fmt: skip
    if not plan.sources:
        raise errors.Refused(
            "cli.no_source",
            _("Nothing says where water enters the pipes of %(file)s.") % {"file": path},
            next_step=_("Name the node of each inlet with --source."),
        )
    if len(sensors) < FEW_SENSORS:
        _say(_("%(count)d sensors say little about a place.") % {"count": len(sensors)})
    if not np.isfinite(plan.diameters_m[plan.pipes]).any():
        _say(_("No pipe has a diameter: the ranking is hardly better than the nearest sensor."))
    if plan.unfed_m() > 0:
        _say(_("%(length).1f km of pipe hang on no source; a leak there is not looked for.")
             % {"length": plan.unfed_m() / 1000})  # fmt: skip
    return found


def _plan(path: Path, sources: Sequence[str], sensors: Sequence[str], crs: str) -> PipePlan:
    from huoshui.cli import networks, pipes_of_gis
    from huoshui.lab.hydraulics import epanet
    from huoshui.lab.leakage import pipe_plan
    from huoshui.lab.series import scada_files

    if path.suffix.lower() == ".inp":
        text = networks.read(path)
        try:
            plan = pipe_plan.from_inp(text)
        except epanet.EpanetRefused as refused:
            raise networks.refusal(path, refused, text) from refused
        return plan.with_sources(sources) if sources else plan
    if path.suffix.lower() in pipes_of_gis.SUFFIXES:
        plan = pipes_of_gis.read(path, crs=crs, named=[*sensors, *sources])
        return plan.with_sources(sources) if sources else plan
    try:
        return pipe_plan.read(path, sources=sources)
    except (scada_files.UnreadableFile, OSError) as problem:
        raise plain_files.refusal(problem) from problem


def fallen(
    table: Measurements, flows: Measurements, inflow: object, since_s: float, until_s: float,
    silent: Sequence[Span],
) -> Falls:  # fmt: skip
    """Return by how much the sensors fell; told hours are not looked at."""
    import numpy as np

    from huoshui.lab.leakage import sensor_falls, silences

    near = [
        slice(*np.searchsorted(at, [since_s - BEFORE_DAYS * units.S_PER_DAY, until_s]))
        for at in (table.at_s, flows.at_s)
    ]
    at = table.at_s[near[0]]
    told = silences.inside(at, [one for one in silent if one.what])
    return sensor_falls.falls(
        at_s=at,
        pressures_m=np.where(told[:, None], np.nan, table.values[near[0]]),
        flow_at_s=flows.at_s[near[1]],
        flow_m3s=np.asarray(inflow)[near[1]],
        since_s=since_s,
        until_s=until_s,
    )


def placed(
    found: Sequence[Found],
    options: argparse.Namespace,
    flows: Measurements,
    pressures: Measurements,
    silent: Sequence[Span],
) -> list[Found]:
    """Give leaks that the flow called a place along the pipes, by what was measured until then."""
    from huoshui.cli import leaks_by_flow, leaks_detect

    ranking = ranker(options, pressures.names)
    _used, inflow = leaks_by_flow.zone_inflow(flows, options.inlet, silent)
    answer = []
    for one in found:
        falls = fallen(pressures, flows, inflow, one.since_s, one.known_s, silent)
        where = ranking.rank(falls)
        answer.append(one if where is None else _with_place(one, where))
        if where is None:
            _say(_("%(known)s: no sensor fell, the leak stays without a place.")
                 % {"known": leaks_detect.when(one.known_s)})  # fmt: skip
    return answer


def _with_place(one: Found, where: Ranked) -> Found:
    return dataclasses.replace(
        one,
        link=where.link,
        confidence_frac=where.confidence_frac,
        evidence="pipes",
        ranked=where.pipes[:10],
        walk_m_50=where.walk_m_50,
        walk_m_90=where.walk_m_90,
    )


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")
