"""Find leaks in files of measurements, without the platform."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab import units

if TYPE_CHECKING:
    from huoshui.lab.leakage.detection import Found, Series, ZoneLosses
    from huoshui.lab.series.scada_files import Measurements

LPH = 1e-3 / 3600
"""Litres an hour, the unit of customers' meters in these files. [m³ s⁻¹]"""


class Given(TypedDict):
    """What the meters said, SI, as the laboratory asks for it."""

    flows: Series
    levels: Series
    uses: Series


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the files."""
    repeated: dict[str, Any] = {"type": Path, "action": "append", "default": []}
    parser.add_argument(
        "--flows", **repeated, required=True, help=_("flow meters, m³/h; one file for each year")
    )
    parser.add_argument("--levels", **repeated, help=_("tank levels, m"))
    parser.add_argument("--pressures", **repeated, help=_("pressure sensors, m"))
    parser.add_argument("--demands", **repeated, help=_("customers' meters, L/h"))
    parser.add_argument("--network", type=Path, help=_("the network, an INP file"))
    parser.add_argument(
        "--train-until", default="", metavar="TIME", help=_("reports begin here: 2019-01-01 00:00")
    )
    parser.add_argument("--out", type=Path, required=True, help=_("the reports: link, time known"))
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help=_("the same with size, confidence and evidence, and the losses of each month"),
    )


def run(options: argparse.Namespace) -> int:
    """Find leaks, print them, and write them as BattLeDIM wrote results."""
    from huoshui.lab.hydraulics import epanet
    from huoshui.lab.leakage import zone_model
    from huoshui.lab.series import scada_files

    try:
        flows = scada_files.read(options.flows)
        others = [
            scada_files.read(paths) if paths else None
            for paths in (options.levels, options.pressures, options.demands)
        ]
        text = (
            options.network.read_text(encoding="utf-8", errors="replace") if options.network else ""
        )
    except (scada_files.UnreadableFile, OSError) as problem:
        raise plain_files.refusal(problem) from problem
    levels, pressures, demands = others
    if pressures is not None and not text:
        raise errors.Refused(
            "cli.pressures_without_network",
            _("Pressures say where a leak is only beside a model of the network."),
            next_step=_("Give the network with --network, or leave --pressures out."),
        )
    start_s = _moment(options.train_until)
    try:
        if pressures is not None:
            found, losses = _by_pressures(text, flows, levels, pressures, demands, start_s)
        else:
            found, losses = _by_inflow(text, flows, levels, demands, start_s)
    except epanet.UnknownObject as unknown:
        raise errors.Refused(
            "cli.column_not_in_network",
            _("A column has no counterpart in the network: %(why)s") % {"why": unknown.args[0]},
            next_step=_("Head it as the network file names it; capital letters count."),
        ) from unknown
    except epanet.EpanetRefused as refused:
        raise errors.Refused(
            "cli.network_refused",
            _("EPANET cannot read %(file)s: %(why)s")
            % {"file": options.network, "why": "; ".join(refused.details) or str(refused)},
            next_step=_("Correct the lines it names."),
        ) from refused
    except zone_model.TooShort as short:
        raise errors.Refused(
            "cli.records_too_short",
            _("The measurements span %(days)d whole days; %(needed)d are needed.")
            % {"days": short.days, "needed": short.needed},
            next_step=_("Give more of them; a file for each year may be repeated."),
        ) from short
    lines = ["# linkID, startTime", *(f"{one.link}, {_when(one.known_s)}" for one in found)]
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if options.json:
        answer = {
            "leaks": [_as_json(one) for one in found],
            "losses": [_losses_as_json(one) for one in losses],
        }
        body = json.dumps(answer, ensure_ascii=False, indent=1)
        options.json.write_text(body + "\n", encoding="utf-8")
    _say(found)
    return 0


def _by_pressures(
    text: str,
    flows: Measurements,
    levels: Measurements | None,
    pressures: Measurements,
    demands: Measurements | None,
    start_s: float | None,
) -> tuple[list[Found], list[ZoneLosses]]:
    from huoshui.lab.leakage import detection

    given = _given(flows, levels, demands)
    records = detection.on_one_grid(pressures=_series(pressures, 1.0), **given)
    found = detection.detect(text, records, report_from_s=start_s)
    return found, detection.losses_of_areas(text, **given)


def _by_inflow(
    text: str,
    flows: Measurements,
    levels: Measurements | None,
    demands: Measurements | None,
    start_s: float | None,
) -> tuple[list[Found], list[ZoneLosses]]:
    """Look at each area between meters; without a network, at all flows together."""
    import numpy as np

    from huoshui.lab.leakage import detection, zone_model

    if not text:
        total = flows.values.sum(axis=1) * units.M3S_PER_M3H
        link = flows.names[0]
        found = detection.detect_by_inflow(
            at_s=flows.at_s, inflow_m3s=total, link=link, report_from_s=start_s
        )
        lost = detection.losses_by_inflow(at_s=flows.at_s, inflow_m3s=total, link=link)
        return found, [lost]
    nowhere = detection.Series(flows.at_s, (), np.zeros((len(flows.at_s), 0)))
    given = _given(flows, levels, demands)
    records = detection.on_one_grid(pressures=nowhere, **given)
    model = zone_model.ZoneModel(text, records)
    try:
        found = []
        for area in model.areas:
            found += detection.detect_by_inflow(
                at_s=records.at_s,
                inflow_m3s=area.inflow_m3s if area.is_scaled else area.unmetered_m3s,
                link=flows.names[area.largest_inlet],
                report_from_s=start_s,
                level_m3s=float(np.nanmedian(area.inflow_m3s[: 14 * 96])),
            )
    finally:
        model.close()
    found.sort(key=lambda one: one.known_s)
    return found, detection.losses_of_areas(text, **given)


def _given(flows: Measurements, levels: Measurements | None, demands: Measurements | None) -> Given:
    return {
        "flows": _series(flows, units.M3S_PER_M3H),
        "levels": _series(levels, 1.0),
        "uses": _series(demands, LPH),
    }


def _series(table: Measurements | None, unit: float) -> Series:
    """Return a table in SI, an empty one where nothing was given."""
    from huoshui.lab.leakage import detection

    if table is None:
        return detection.NO_METERS
    return detection.Series(table.at_s, table.names, table.values * unit)


def _moment(word: str) -> float | None:
    if not word:
        return None
    try:
        return datetime.fromisoformat(word).replace(tzinfo=UTC).timestamp()
    except ValueError as wrong:
        raise errors.Refused(
            "cli.not_a_moment",
            _("%(word)s is no time.") % {"word": word},
            next_step=_("Write it as 2019-01-31 13:05."),
        ) from wrong


def _when(moment_s: float) -> str:
    return f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M}"


def _figure(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def _as_json(one: Found) -> dict[str, Any]:
    return {
        "link": one.link,
        "known_at": _when(one.known_s),
        "since": _when(one.since_s),
        "size_m3h": round(one.size_m3s / units.M3S_PER_M3H, 2),
        "confidence_frac": _figure(one.confidence_frac, 3),
        "evidence": one.evidence,
        "departures": round(one.departures, 1),
        "ended_seen_at": None if one.ended_s is None else _when(one.ended_s),
        "walk_m_50": _figure(one.walk_m_50, 0),
        "walk_m_90": _figure(one.walk_m_90, 0),
        "ranked": [
            {"link": link, "probability_frac": round(chance, 4)} for link, chance in one.ranked
        ],
    }


def _losses_as_json(one: ZoneLosses) -> dict[str, Any]:
    return {
        "link": one.link,
        "evidence": one.evidence,
        "months": [
            {
                "from": _when(month.from_s),
                "known_at": _when(month.until_s),
                "loss_m3h": _figure(month.loss_m3s / units.M3S_PER_M3H, 2),
                "half_width_m3h": _figure(month.half_width_m3s / units.M3S_PER_M3H, 2),
                "use_m3h": _figure(month.use_m3s / units.M3S_PER_M3H, 2),
                "days": month.days,
            }
            for month in one.months
        ],
    }


def _say(found: Sequence[Found]) -> None:
    for one in found:
        words = _("%(known)s  %(link)s  %(size).1f m³/h, probably since %(since)s") % {
            "known": _when(one.known_s),
            "link": one.link,
            "size": one.size_m3s / units.M3S_PER_M3H,
            "since": _when(one.since_s),
        }
        if math.isfinite(one.confidence_frac):
            words += "; " + _(
                "%(share).0f %% within 300 m; %(half).1f km of pipe to walk for 50 %%, "
                "%(most).1f km for 90 %%"
            ) % {
                "share": 100 * one.confidence_frac,
                "half": one.walk_m_50 / 1000,
                "most": one.walk_m_90 / 1000,
            }
        sys.stdout.write(words + "\n")
    sys.stdout.write(_("%(count)d leaks reported.") % {"count": len(found)} + "\n")
