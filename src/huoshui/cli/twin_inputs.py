"""A network file and its measurements, made ready for a model of every measured moment."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huoshui.cli import networks, plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import compiling, errors
from huoshui.lab import units
from huoshui.lab.hydraulics import epanet, frozen, hindcast, native, steady
from huoshui.lab.series import scada_files

FLOW_UNITS = {"m3h": units.M3S_PER_M3H, "lps": units.M3S_PER_LPS}
DAY_S = 86_400.0


@dataclass(frozen=True)
class Inputs:
    """What a comparison or calibration starts from."""

    network: frozen.FrozenNetwork
    solver: steady.SteadySolver
    demands: hindcast.DemandModel
    boundaries: hindcast.Boundaries
    tank_areas_m2: dict[str, float]
    start_s: float
    pressures: tuple[str, ...]
    pressures_m: Any
    flows: tuple[str, ...]
    flow_unit_m3s: float
    ignored: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the files."""
    parser.add_argument("network", type=Path, help=_("the network, an INP file"))
    parser.add_argument(
        "--measurements", type=Path, required=True, action="append",
        help=_("columns named as nodes (pressure or level, m) and links (flow); may be repeated"),
    )  # fmt: skip
    parser.add_argument(
        "--flow-unit", choices=sorted(FLOW_UNITS), default="m3h", help=_("unit of measured flows")
    )
    parser.add_argument(
        "--pattern-start", metavar="TIME",
        help=_("when the file's demand patterns begin; the first measured midnight without"),
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help=_("answer for programs"))


def read(options: argparse.Namespace) -> Inputs:
    """Read the files, or say what is wrong with them."""
    measured = _measurements(options)
    with networks.opened(options.network) as project:
        project.set_accuracy(1e-6)
        try:
            project.start()
            project.solve()
            network = frozen.freeze(project)
        except epanet.EpanetRefused as refused:
            raise networks.refusal(options.network, refused) from refused
        except frozen.NotSupported as refused:
            raise errors.Refused(
                "cli.network_not_supported",
                _("%(file)s cannot be solved by our own solver: %(why)s.")
                % {"file": options.network, "why": refused},
                data={"file": str(options.network)},
                next_step=_("Run it in EPANET: ./huoshui simulate."),
            ) from refused
        demands = hindcast.demand_model(project)
        kinds = dict(zip(project.node_ids, project.node_types().tolist(), strict=True))
        links = set(project.link_ids)
        levels = [name for name in measured.names if kinds.get(name) == 2]
        areas = {name: math.pi / 4 * project.tank_diameter_m(name) ** 2 for name in levels}
    pressures = tuple(name for name in measured.names if kinds.get(name) == 0)
    flows = tuple(name for name in measured.names if name in links and name not in kinds)
    known = {*pressures, *flows, *levels}
    if not pressures:
        raise errors.Refused(
            "cli.no_sensor_of_network",
            _("No column is named as a junction of %(file)s.") % {"file": options.network},
            data={"columns": list(measured.names[:50])},
            next_step=_("Head the columns of pressures as the network names the nodes."),
        )
    compiling.ensure(native.SOURCE, native.library_path())
    unit = FLOW_UNITS[options.flow_unit]
    return Inputs(
        network=network,
        solver=steady.SteadySolver(network),
        demands=demands,
        boundaries=hindcast.Boundaries(
            at_s=measured.at_s,
            flows_m3s={name: measured.column(name) * unit for name in flows},
            levels_m={name: measured.column(name) for name in levels},
        ),
        tank_areas_m2=areas,
        start_s=_start_s(options, measured),
        pressures=pressures,
        pressures_m=measured.values[:, [measured.names.index(name) for name in pressures]],
        flows=flows,
        flow_unit_m3s=unit,
        ignored=tuple(name for name in measured.names if name not in known),
    )


def _measurements(options: argparse.Namespace) -> scada_files.Measurements:
    try:
        parts = [scada_files.read(path) for path in options.measurements]
        if len({part.names for part in parts}) == 1:
            return scada_files.read(options.measurements)
    except (scada_files.UnreadableFile, OSError) as problem:
        raise plain_files.refusal(problem) from problem
    return _beside(parts)


def _beside(parts: list[scada_files.Measurements]) -> scada_files.Measurements:
    """Join files of different sensors at the moments that any of them has."""
    import numpy as np

    at = np.unique(np.concatenate([part.at_s for part in parts]))
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    values = np.full((len(at), len(names)), np.nan)
    for part in parts:
        rows = np.searchsorted(at, part.at_s)
        for name in part.names:
            column, seen = names.index(name), part.column(name)
            values[rows, column] = np.where(np.isfinite(seen), seen, values[rows, column])
    return scada_files.Measurements(at, names, values)


def _start_s(options: argparse.Namespace, measured: scada_files.Measurements) -> float:
    if options.pattern_start is None:
        first = float(measured.at_s[0]) if len(measured.at_s) else 0.0
        return first - first % DAY_S
    try:
        at = datetime.fromisoformat(options.pattern_start)
    except ValueError as problem:
        raise errors.Refused(
            "cli.not_a_time",
            _("%(words)s is no time.") % {"words": options.pattern_start},
            data={"words": options.pattern_start},
            next_step=_("Write it as 2019-01-31 13:05."),
        ) from problem
    return at.replace(tzinfo=UTC).timestamp()


def when(moment_s: float) -> str:
    """Return a moment as the files' clock showed it."""
    return f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M}"
