"""Bursts and losses of areas by what they take in, without pressures: flows, and tank levels.

areas = by_inflow.inflows_of_areas(text, flows=..., levels=..., uses=...)
found = by_inflow.bursts_of_areas(areas)          # steps of a day or of six hours
lost = by_inflow.losses_of_areas(areas)           # month by month
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab import units
from huoshui.lab.leakage import inflow_watch, monthly_loss, silences, zone_model
from huoshui.lab.leakage.detection import GRID_S, Found, Series, on_one_grid

Array = NDArray[np.float64]

LEARNING_DAYS = inflow_watch.StepRule().learning_days


def detect_by_inflow(
    *,
    at_s: Array,
    inflow_m3s: Array,
    link: str,
    report_from_s: float | None = None,
    level_m3s: float | None = None,
) -> list[Found]:
    """Find the bursts of a zone, or of a compound behind a master meter, by what it takes in."""
    hour, flow = inflow_watch.hourly(at_s=at_s, flow_m3s=inflow_m3s)
    steps = inflow_watch.find_steps(hour_s=hour, flow_m3s=flow, level_m3s=level_m3s)
    returned = inflow_watch.returns(steps)
    found = []
    for number, step in enumerate(steps):
        if not step.is_rise or number in returned:
            continue
        if report_from_s is not None and step.known_s < report_from_s:
            continue
        falls = [
            later.known_s
            for later in steps[number + 1 :]
            if not later.is_rise and -later.size_m3s > 0.5 * step.size_m3s
        ]
        found.append(
            Found(
                link=link,
                known_s=step.known_s,
                since_s=step.since_s,
                size_m3s=step.size_m3s,
                confidence_frac=np.nan,
                evidence="inflow",
                departures=step.departures,
                ended_s=falls[0] if falls else None,
            )
        )
    return found


@dataclass(frozen=True)
class ZoneLosses:
    """What one area lost month by month, beyond what it lost on the first days.

    Attributes
    ----------
    link : str
        The area's largest inlet.
    evidence : str
        ``inflow``, or ``meters`` where the meters of all customers were taken off.
    months : tuple of MonthLoss
    """

    link: str
    evidence: str
    months: tuple[monthly_loss.MonthLoss, ...]


def losses_by_inflow(*, at_s: Array, inflow_m3s: Array, link: str) -> ZoneLosses:
    """Give the losses of a zone from its inflow alone."""
    hour, flow = inflow_watch.hourly(at_s=at_s, flow_m3s=inflow_m3s)
    months = monthly_loss.monthly_losses(hour_s=hour, flow_m3s=flow)
    return ZoneLosses(link, "inflow", tuple(months))


@dataclass(frozen=True)
class AreaInflow:
    """What one area between meters took in, as fine as its flows were measured.

    Attributes
    ----------
    link : str
        The area's largest inlet.
    at_s : ndarray, shape (n_times,)
        Moments. [local s]
    inflow_m3s, use_m3s : ndarray, shape (n_times,)
        What it took in less what its tanks kept until the next reading, and what its customers'
        meters counted. [m³ s⁻¹]
    is_metered : bool
        Whether the meters of all customers count: then what is left is loss.
    """

    link: str
    at_s: Array
    inflow_m3s: Array
    use_m3s: Array
    is_metered: bool


def inflows_of_areas(
    text: str,
    *,
    flows: Series,
    levels: Series,
    uses: Series,
    silent: Sequence[silences.Span] = (),
) -> list[AreaInflow]:
    """Give what each area between meters took in, from flows, tank levels and meters.

    Parameters
    ----------
    text : str
        The network as an INP file; it only says where areas lie and how wide tanks are.
    flows, levels, uses : Series
        Flow meters, tank levels and customers' meters, columns named as in the network.
    silent : sequence of Span
        Hours that are not counted.
    """
    usual_s = float(np.median(np.diff(flows.at_s))) if len(flows.at_s) > 1 else GRID_S
    # As fine as the flows: a pump that switches in between would be counted wrong.
    step_s = int(usual_s) if units.S_PER_DAY % int(max(usual_s, 1)) == 0 else GRID_S
    bare = Series(flows.at_s, (), np.zeros((len(flows.at_s), 0)))
    records = on_one_grid(pressures=bare, flows=flows, levels=levels, uses=uses, step_s=step_s)
    model = zone_model.ZoneModel(text, records)
    model.close()
    unknown = silences.inside(records.at_s, silent)
    found = []
    for area in model.areas:
        inflow = np.where(unknown, np.nan, area.hindsight_m3s)
        if not np.array_equal(area.hindsight_m3s, area.inflow_m3s, equal_nan=True):
            inflow[-1] = np.nan  # its tanks' next reading is not known yet
        found.append(
            AreaInflow(
                link=flows.names[area.largest_inlet],
                at_s=records.at_s,
                inflow_m3s=inflow,
                use_m3s=area.inflow_m3s - area.unmetered_m3s,
                is_metered=not area.is_scaled,
            )
        )
    return found


def bursts_of_areas(
    areas: Sequence[AreaInflow], *, report_from_s: float | None = None
) -> list[Found]:
    """Find the bursts of each area by what it takes in, by the moment they were known."""
    found = []
    for area in areas:
        first = area.at_s < area.at_s[0] + LEARNING_DAYS * units.S_PER_DAY
        known = area.inflow_m3s[first & np.isfinite(area.inflow_m3s)]
        found += detect_by_inflow(
            at_s=area.at_s,
            inflow_m3s=area.inflow_m3s - (area.use_m3s if area.is_metered else 0.0),
            link=area.link,
            report_from_s=report_from_s,
            level_m3s=float(np.median(known)) if known.size else None,
        )
    return sorted(found, key=lambda one: one.known_s)


def losses_of_areas(areas: Sequence[AreaInflow]) -> list[ZoneLosses]:
    """Give the losses of each area month by month."""
    found = []
    for area in areas:
        if not area.is_metered:
            one = losses_by_inflow(at_s=area.at_s, inflow_m3s=area.inflow_m3s, link=area.link)
            found.append(one)
            continue
        rest_m3s = area.inflow_m3s - area.use_m3s
        hour, rest = inflow_watch.hourly(at_s=area.at_s, flow_m3s=rest_m3s)
        months = monthly_loss.metered_losses(hour_s=hour, unmetered_m3s=rest)
        found.append(ZoneLosses(area.link, "meters", tuple(months)))
    return found
