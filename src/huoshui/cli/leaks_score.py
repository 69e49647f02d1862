"""Value reported leaks by the water they save and the crews they cost."""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.cli.speaking import mark as gettext_noop
from huoshui.kernel import errors
from huoshui.lab import units
from huoshui.lab.leakage import battle, battle_files
from huoshui.lab.leakage.battle_files import Leak, Report
from huoshui.lab.series import scada_files

OUTCOMES = {
    battle.Outcome.HIT: gettext_noop("leak found"),
    battle.Outcome.REPEAT: gettext_noop("found before"),
    battle.Outcome.FALSE: gettext_noop("false report"),
    battle.Outcome.TOO_EARLY: gettext_noop("before the first step"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the files."""
    parser.add_argument(
        "--results",
        type=Path,
        required=True,
        metavar="FILE",
        help=_("the reports: link, start in each line"),
    )
    parser.add_argument(
        "--leaks",
        type=Path,
        required=True,
        metavar="CSV",
        help=_("the true leaks: link,start,end in each line"),
    )
    parser.add_argument(
        "--leak-flows", type=Path, required=True, action="append", metavar="CSV",
        help=_("what each leak lost, m³/h by link and time step; may be repeated"),
    )  # fmt: skip
    parser.add_argument(
        "--network", type=Path, required=True, metavar="INP", help=_("the network, an INP file")
    )
    parser.add_argument("--json", action="store_true", help=_("answer for programs"))


def run(options: argparse.Namespace) -> int:
    """Print the score with hits, false reports and delays."""
    try:
        reports = battle_files.read_reports(options.results)
        leaks = battle_files.read_leaks(options.leaks)
        flows = scada_files.read(options.leak_flows)
        network = options.network.read_text(encoding="utf-8", errors="replace")
    except (scada_files.UnreadableFile, OSError) as problem:
        raise plain_files.refusal(problem) from problem
    # A list of two years beside the flows of one: what ran in the other is not judged.
    elsewhen = [one for one in leaks if one.link not in flows.names and _elsewhen(one, flows)]
    leaks = [one for one in leaks if one not in elsewhen]
    if elsewhen:
        words = _("%(count)d leaks ran outside of the time of the leak flows and are left out.")
        sys.stderr.write(words % {"count": len(elsewhen)} + "\n")
    missing = [one.link for one in leaks if one.link not in flows.names]
    if missing:
        raise errors.Refused(
            "cli.leak_without_flow",
            _("%(links)s: there is no column with the flow of this leak.")
            % {"links": ", ".join(missing)},
            data={"links": missing},
            next_step=_("Add the column to the leak flows, or take the leak out of the list."),
        )
    found = battle.score(
        reports=reports, leaks=leaks, at_s=flows.at_s,
        leak_flows_m3s=_flows_m3s(flows, leaks), distance_m=_distances(network, options, leaks,
                                                                       reports),
    )  # fmt: skip
    if options.json:
        sys.stdout.write(json.dumps(_as_json(found, leaks), ensure_ascii=False, indent=1) + "\n")
    else:
        _say(found, leaks)
    return 0


def _elsewhen(leak: Leak, flows: scada_files.Measurements) -> bool:
    """Tell whether a leak ended before the flows begin, or began after they end."""
    step_s = flows.step_s if math.isfinite(flows.step_s) else 0.0
    return leak.end_s <= flows.at_s[0] or leak.start_s >= flows.at_s[-1] + step_s


def _flows_m3s(flows: scada_files.Measurements, leaks: Sequence[Leak]) -> Any:
    """Return what each leak lost; of two leaks of one link each has its own part of the column."""
    import numpy as np

    columns = []
    links = [one.link for one in leaks]
    for leak in leaks:
        flow = flows.column(leak.link) * units.M3S_PER_M3H
        if links.count(leak.link) > 1:
            ends = flows.at_s + flows.step_s
            flow = np.where((ends > leak.start_s) & (flows.at_s <= leak.end_s), flow, 0.0)
        columns.append(flow)
    return np.column_stack(columns) if columns else np.zeros((len(flows.at_s), 0))


def _distances(
    text: str, options: argparse.Namespace, leaks: Sequence[Leak], reports: Sequence[Report]
) -> Any:
    from huoshui.cli import networks
    from huoshui.lab.hydraulics import epanet

    try:
        with epanet.EpanetProject(text) as project:
            known = {name: number for number, name in enumerate(project.link_ids)}
            return battle.centre_distances(
                link_nodes=project.link_nodes,
                length_m=project.lengths_m(),
                n_nodes=len(project.node_ids),
                from_links=battle.places([one.link for one in leaks], known),
                to_links=battle.places([one.link for one in reports], known),
            )
    except epanet.EpanetRefused as refused:
        raise networks.refusal(options.network, refused, text) from refused
    except battle.UnknownLink as unknown:
        raise _unknown_link(str(unknown.args[0]), options, reports) from unknown


def _unknown_link(
    name: str, options: argparse.Namespace, reports: Sequence[Report]
) -> errors.Refused:
    line = next((one.line for one in reports if one.link == name), None)
    file = options.results if line else options.leaks
    return errors.Refused(
        "cli.link_unknown",
        _("%(place)s: the network has no link %(link)s.")
        % {"place": plain_files.place(file, line), "link": name},
        data={"link": name, "file": str(file), "line": line},
        next_step=_("Write it as it stands in the network file; capital letters count."),
    )


def _median_delay_h(found: battle.Score) -> float:
    """Return the middle delay of the hits, NaN without any. [h]"""
    delays = [one.delay_s for one in found.judged if one.outcome == battle.Outcome.HIT]
    return statistics.median(delays) / units.S_PER_HOUR if delays else math.nan


def _when(moment_s: float) -> str:
    return f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M}"


def _figure(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def _as_json(found: battle.Score, leaks: Sequence[Leak]) -> dict[str, Any]:
    return {
        "score_eur": round(found.score_eur, 2),
        "best_eur": round(found.best_eur, 2),
        "leaks": len(leaks),
        "hits": found.count(battle.Outcome.HIT),
        "false_reports": found.count(battle.Outcome.FALSE),
        "repeats": found.count(battle.Outcome.REPEAT),
        "not_judged": found.count(battle.Outcome.TOO_EARLY),
        "delay_h_median": _figure(_median_delay_h(found), 2),
        "missed": [
            {"link": leaks[number].link, "start": _when(leaks[number].start_s)}
            for number in found.missed
        ],
        "reports": [
            {
                "link": one.report.link,
                "start": _when(one.report.at_s),
                "outcome": str(one.outcome),
                "leak": None if one.leak is None else leaks[one.leak].link,
                "distance_m": _figure(one.distance_m, 1),
                "delay_h": _figure(one.delay_s / units.S_PER_HOUR, 2),
                "saved_m3": round(one.saved_m3, 2),
                "score_eur": round(one.score_eur, 4),
            }
            for one in found.judged
        ],
    }


def _say(found: battle.Score, leaks: Sequence[Leak]) -> None:
    say = sys.stdout.write
    for one in found.judged:
        words = [f"{_when(one.report.at_s)}  {one.report.link:<10}", _(OUTCOMES[one.outcome])]
        if one.leak is not None:
            words.append(
                _("%(leak)s at %(way).0f m, after %(hours).1f h, %(volume).0f m³ saved")
                % {
                    "leak": leaks[one.leak].link,
                    "way": one.distance_m,
                    "hours": one.delay_s / units.S_PER_HOUR,
                    "volume": one.saved_m3,
                }
            )
        say("  ".join([*words, f"{one.score_eur:,.2f} EUR"]) + "\n")
    for number in found.missed:
        leak = leaks[number]
        say(
            _("Not found: %(leak)s, since %(start)s.")
            % {"leak": leak.link, "start": _when(leak.start_s)}
            + "\n"
        )
    say(
        _(
            "Score %(score)s EUR of at most %(best)s, with %(false)d false reports: "
            "%(hits)d of %(leaks)d leaks found, %(repeats)d reported again."
        )
        % {
            "score": f"{found.score_eur:,.2f}",
            "best": f"{found.best_eur:,.2f}",
            "false": found.count(battle.Outcome.FALSE),
            "hits": found.count(battle.Outcome.HIT),
            "leaks": len(leaks),
            "repeats": found.count(battle.Outcome.REPEAT),
        }
        + "\n"
    )
