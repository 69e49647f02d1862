"""Find leaks in files of measurements, without the platform."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huoshui.cli import leaks_by_pipes, plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab import units

if TYPE_CHECKING:
    from huoshui.cli.leaks_by_flow import Given
    from huoshui.lab.leakage.by_inflow import ZoneLosses
    from huoshui.lab.leakage.detection import Found
    from huoshui.lab.leakage.silences import Span
    from huoshui.lab.series.scada_files import Measurements


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
    leaks_by_pipes.add_pipes(parser, required=False)
    parser.add_argument(
        "--events", **repeated, metavar="CSV",
        help=_("hours not to judge, such as fills, flushing, works: from,until,what"),
    )  # fmt: skip
    parser.add_argument(
        "--inlet", action="append", default=[], metavar="NAME",
        help=_("without a network: only this flow enters the zone; may be repeated (all)"),
    )  # fmt: skip
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
    from huoshui.cli import leaks_by_flow, networks
    from huoshui.lab.hydraulics import epanet
    from huoshui.lab.leakage import detection, silences, zone_model
    from huoshui.lab.series import scada_files

    try:
        flows = scada_files.read(options.flows)
        others = [
            scada_files.read(paths) if paths else None
            for paths in (options.levels, options.pressures, options.demands)
        ]
        events = [one for path in options.events for one in silences.read_events(path)]
        text = (
            options.network.read_text(encoding="utf-8", errors="replace") if options.network else ""
        )
    except (scada_files.UnreadableFile, OSError) as problem:
        raise plain_files.refusal(problem) from problem
    levels, pressures, demands = others
    if pressures is not None and not text and not options.pipes:
        raise errors.Refused(
            "cli.pressures_without_network",
            _("Pressures say where a leak is only beside a model of the network, or a plan of "
              "its pipes."),
            next_step=_("Give a model with --network or pipes with --pipes, or leave --pressures "
                        "out."),
        )  # fmt: skip
    if options.pipes and (text or pressures is None):
        raise errors.Refused(
            "cli.pipes_need_pressures",
            _("Pipes without a model place leaks by pressures; a model needs no pipes beside it."),
            next_step=_("Give --pipes together with --pressures and without --network."),
        )
    start_s = moment(options.train_until)
    leaks_by_flow.doubt(flows)
    silent = [*events, *silences.gaps(at_s=flows.at_s, values=flows.values)]
    leaks_by_flow.told_silence(silent)
    unused = [name for name, table in (("--levels", levels), ("--demands", demands)) if table]
    if unused and not text:
        words = _("Without --network nothing is made of %(options)s.")
        sys.stderr.write(words % {"options": ", ".join(unused)} + "\n")
    unused = [name for name in ("--source", "--crs") if getattr(options, name[2:])]
    if unused and not options.pipes:
        words = _("Without --pipes nothing is made of %(options)s.")
        sys.stderr.write(words % {"options": ", ".join(unused)} + "\n")
    if start_s is not None and start_s > flows.at_s[-1]:
        words = _("The records end before %(moment)s: nothing can be reported.")
        sys.stderr.write(words % {"moment": options.train_until} + "\n")
    try:
        if not text:
            found, losses = leaks_by_flow.as_one_zone(flows, options.inlet, silent, start_s)
            if pressures is not None:
                found = leaks_by_pipes.placed(found, options, flows, pressures, silent)
        elif pressures is not None:
            measured = leaks_by_flow.given(flows, levels, demands)
            found, losses = _by_pressures(text, measured, pressures, silent, start_s)
        else:
            measured = leaks_by_flow.given(flows, levels, demands)
            found, losses = leaks_by_flow.by_areas(text, measured, silent, start_s)
    except epanet.UnknownObject as unknown:
        raise errors.Refused(
            "cli.column_not_in_network",
            _("A column has no counterpart in the network: %(why)s") % {"why": unknown.args[0]},
            next_step=_("Head it as the network file names it; capital letters count."),
        ) from unknown
    except epanet.EpanetRefused as refused:
        raise networks.refusal(options.network, refused, text) from refused
    except zone_model.TooShort as short:
        raise errors.Refused(
            "cli.records_too_short",
            _("The measurements span %(days)d whole days; %(needed)d are needed.")
            % {"days": short.days, "needed": short.needed},
            next_step=_("Give more of them; a file for each year may be repeated."),
        ) from short
    lines = ["# linkID, startTime", *(f"{one.link}, {when(one.known_s)}" for one in found)]
    _write(options.out, "\n".join(lines) + "\n")
    if options.json:
        answer = {
            "version": detection.VERSION,
            "leaks": [_as_json(one) for one in found],
            "losses": [_losses_as_json(one) for one in losses],
        }
        body = json.dumps(answer, ensure_ascii=False, indent=1)
        _write(options.json, body + "\n")
    _say(found)
    return 0


def _by_pressures(
    text: str,
    measured: Given,
    pressures: Measurements,
    silent: Sequence[Span],
    start_s: float | None,
) -> tuple[list[Found], list[ZoneLosses]]:
    import numpy as np

    from huoshui.cli import leaks_by_flow
    from huoshui.lab.leakage import by_inflow, detection, silences

    told = silences.inside(pressures.at_s, [one for one in silent if one.what])
    seen = detection.Series(
        pressures.at_s, pressures.names, np.where(told[:, None], np.nan, pressures.values)
    )
    measured["flows"] = leaks_by_flow.bridged(measured["flows"], silent)
    records = detection.on_one_grid(pressures=seen, **measured)
    found = detection.detect(text, records, report_from_s=start_s)
    areas = by_inflow.inflows_of_areas(text, **measured, silent=silent)
    return found, by_inflow.losses_of_areas(areas)


def _write(path: Path, words: str) -> None:
    try:
        path.write_text(words, encoding="utf-8")
    except OSError as problem:
        raise plain_files.not_written(path, problem) from problem


def moment(word: str) -> float | None:
    """Return a time of the wall clock as local seconds; nothing for no word, refusing others."""
    if not word:
        return None
    with contextlib.suppress(ValueError):
        said = datetime.fromisoformat(word)
        if said.tzinfo is None:  # a wall clock has no zone
            return said.replace(tzinfo=UTC).timestamp()
    raise errors.Refused(
        "cli.not_a_moment",
        _("%(word)s is no time.") % {"word": word},
        next_step=_("Write it as 2019-01-31 13:05."),
    )


def when(moment_s: float) -> str:
    """Return a moment as the files' clock showed it."""
    return f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M}"


def _figure(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def _as_json(one: Found) -> dict[str, Any]:
    return {
        "link": one.link,
        "known_at": when(one.known_s),
        "since": when(one.since_s),
        "size_m3h": round(one.size_m3s / units.M3S_PER_M3H, 2),
        "confidence_frac": _figure(one.confidence_frac, 3),
        "evidence": one.evidence,
        "departures": round(one.departures, 1),
        "ended_seen_at": None if one.ended_s is None else when(one.ended_s),
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
                "from": when(month.from_s),
                "known_at": when(month.until_s),
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
            "known": when(one.known_s),
            "link": one.link,
            "size": one.size_m3s / units.M3S_PER_M3H,
            "since": when(one.since_s),
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
