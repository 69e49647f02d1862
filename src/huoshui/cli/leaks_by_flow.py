"""The flows of leaks detect: what is wrong with them is said, and each area is watched."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab import units
from huoshui.lab.hydraulics import epanet, metered_areas
from huoshui.lab.leakage import by_inflow, detection, silences, zone_model
from huoshui.lab.leakage.by_inflow import ZoneLosses
from huoshui.lab.leakage.detection import Found, Series
from huoshui.lab.leakage.inflow_watch import StepRule

if TYPE_CHECKING:
    from huoshui.lab.series.scada_files import Measurements

LPH = 1e-3 / 3600
"""Litres an hour, the unit of customers' meters in these files. [m³ s⁻¹]"""
DAYS_MIN = StepRule().learning_days + 1
DOUBTFUL_FRAC = 0.001
TANK = 2  # as EPANET numbers its kinds of nodes


class Given(TypedDict):
    """What the meters said, SI, as the laboratory asks for it."""

    flows: Series
    levels: Series
    uses: Series


def given(flows: Measurements, levels: Measurements | None, demands: Measurements | None) -> Given:
    """Return the tables in SI."""
    return {
        "flows": series(flows, units.M3S_PER_M3H),
        "levels": series(levels, 1.0),
        "uses": series(demands, LPH),
    }


def series(table: Measurements | None, unit: float) -> Series:
    """Return a table in SI, an empty one where nothing was given."""
    if table is None:
        return detection.NO_METERS
    return Series(table.at_s, table.names, table.values * unit)


def doubt(flows: Measurements) -> None:
    """Say which columns look wrong, and go on: a flow may turn round."""
    for column, name in enumerate(flows.names):
        values = flows.values[:, column]
        known = np.isfinite(values)
        below = int((values[known] < 0).sum())
        if not known.any():
            _say(_("%(name)s: the column is empty.") % {"name": name})
        elif not values[known].any():
            _say(_("%(name)s: nothing flows, all values are zero.") % {"name": name})
        elif below > DOUBTFUL_FRAC * known.sum():
            _say(
                _("%(name)s: %(count)d of %(all)d values are below zero; is the meter the right "
                  "way round?")
                % {"name": name, "count": below, "all": int(known.sum())}
            )  # fmt: skip


def told_silence(silent: Sequence[silences.Span]) -> None:
    """Say which hours are not judged."""
    held = {(one.from_s, one.until_s) for one in silent if not one.what}
    hours = sum(until_s - from_s for from_s, until_s in held) / 3600
    if held:
        _say(
            _("%(count)d gaps of together %(hours).0f h are not judged.")
            % {"count": len(held), "hours": hours}
        )


def as_one_zone(
    flows: Measurements,
    inlets: Sequence[str],
    silent: Sequence[silences.Span],
    start_s: float | None,
) -> tuple[list[Found], list[ZoneLosses]]:
    """Watch the sum of the inlets as one zone, where there is no network to tell areas."""
    _enough(flows)
    used, total = zone_inflow(flows, inlets, silent)
    if len(used) > 1:
        _say(_("Without a network one zone takes the sum of %(names)s.")
             % {"names": ", ".join(used)})  # fmt: skip
    found = by_inflow.detect_by_inflow(
        at_s=flows.at_s, inflow_m3s=total, link=used[0], report_from_s=start_s
    )
    lost = by_inflow.losses_by_inflow(at_s=flows.at_s, inflow_m3s=total, link=used[0])
    return found, [lost]


def zone_inflow(
    flows: Measurements, inlets: Sequence[str], silent: Sequence[silences.Span]
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the columns that enter a zone and their sum, NaN in hours that are not judged."""
    missing = [name for name in inlets if name not in flows.names]
    if missing:
        raise errors.Refused(
            "cli.no_such_column",
            _("The flows have no column %(name)s.") % {"name": missing[0]},
            data={"name": missing[0], "columns": list(flows.names[:50])},
            next_step=_("There are: %(columns)s.") % {"columns": ", ".join(flows.names[:20])},
        )
    used = list(inlets) or list(flows.names)
    total = sum(flows.column(name) for name in used) * units.M3S_PER_M3H
    total = np.where(silences.inside(flows.at_s, silent), np.nan, total)
    if np.isfinite(total).any() and float(np.nanmedian(total)) < 0:
        raise errors.Refused(
            "cli.zone_runs_out",
            _("The flows together run out of the zone: %(names)s.") % {"names": ", ".join(used)},
            data={"columns": used},
            next_step=_("Turn their sign round, or choose inlets with --inlet."),
        )
    return used, total


def by_areas(
    text: str, measured: Given, silent: Sequence[silences.Span], start_s: float | None
) -> tuple[list[Found], list[ZoneLosses]]:
    """Watch each area between meters, less what its tanks and customers' meters take."""
    measured = _without_blind_areas(text, measured)
    measured["flows"] = bridged(measured["flows"], silent)
    areas = by_inflow.inflows_of_areas(text, **measured, silent=silent)
    found = by_inflow.bursts_of_areas(areas, report_from_s=start_s)
    return found, by_inflow.losses_of_areas(areas)


def bridged(flows: Series, silent: Sequence[silences.Span]) -> Series:
    """Return the flows with what is usual in place of hours that are not judged."""
    at, values = silences.bridged(at_s=flows.at_s, values=flows.values, spans=silent)
    return Series(at, flows.names, values)


def _enough(flows: Measurements) -> None:
    days = int((flows.at_s[-1] - flows.at_s[0]) // 86400) if len(flows.at_s) else 0
    if days < DAYS_MIN:
        raise zone_model.TooShort(days=days, needed=DAYS_MIN)


def _without_blind_areas(text: str, measured: Given) -> Given:
    """Join areas whose tanks have no level to their neighbours: a pump that fills is no use.

    The meters on the border of such an area are left out, as long as one remains.
    """
    flows = measured["flows"]
    with epanet.EpanetProject(text) as project:
        links = [project.link(name) for name in flows.names]
        area = metered_areas.areas_between_meters(
            n_nodes=len(project.node_ids), link_nodes=project.link_nodes, metered_links=links
        )
        kinds = project.node_types()
        blind = {
            int(area[place])
            for place, name in enumerate(project.node_ids)
            if kinds[place] == TANK and name not in measured["levels"].names
        }
        ends = area[project.link_nodes[links]]
    kept = [
        column for column in range(len(links))
        if not blind.intersection(int(one) for one in ends[column])
    ]  # fmt: skip
    dropped = [name for column, name in enumerate(flows.names) if column not in kept]
    if not dropped or not kept:
        return measured
    _say(
        _("Behind %(names)s stands a tank whose level was not given: its area is watched together "
          "with the next one.")
        % {"names": ", ".join(dropped)}
    )  # fmt: skip
    rest = Series(flows.at_s, [flows.names[column] for column in kept], flows.values[:, kept])
    return {**measured, "flows": rest}


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")
