"""Rank pipes by what pressures did from a moment on, without a hydraulic model."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huoshui.cli import leaks_by_pipes, plain_files
from huoshui.cli.leaks_detect import moment, when
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab import units

if TYPE_CHECKING:
    from huoshui.lab.leakage.by_pipes import Ranked

LISTED = 10
DAYS_MIN = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the files."""
    repeated: dict[str, Any] = {
        "type": Path, "action": "append", "metavar": "CSV", "default": []
    }  # fmt: skip
    parser.add_argument("--flows", **repeated, required=True, help=_("flow meters, m³/h"))
    parser.add_argument("--pressures", **repeated, required=True, help=_("pressure sensors, m"))
    leaks_by_pipes.add_pipes(parser, required=True)
    parser.add_argument(
        "--inlet", action="append", default=[], metavar="NAME",
        help=_("only this flow enters the zone; may be repeated (all)"),
    )  # fmt: skip
    parser.add_argument(
        "--since", required=True, metavar="TIME", help=_("when the leak began: 2019-01-31 13:00")
    )
    parser.add_argument(
        "--until", default="", metavar="TIME",
        help=_("nothing later is looked at (a day after, or the end of the records)"),
    )  # fmt: skip
    parser.add_argument(
        "--events", **repeated, help=_("hours not to judge, such as fills, flushing, works")
    )
    parser.add_argument("--json", action="store_true", help=_("answer for programs"))


def run(options: argparse.Namespace) -> int:
    """Print the likeliest pipes and how much pipe to walk; exit status 1 when nothing fell."""
    from huoshui.cli import leaks_by_flow
    from huoshui.lab.leakage import silences
    from huoshui.lab.series import scada_files

    since_s = moment(options.since) or 0.0
    until_s = moment(options.until) or since_s + units.S_PER_DAY
    try:
        flows = scada_files.read(options.flows)
        pressures = scada_files.read(options.pressures)
        events = [one for path in options.events for one in silences.read_events(path)]
    except (scada_files.UnreadableFile, OSError) as problem:
        raise plain_files.refusal(problem) from problem
    until_s = min(until_s, float(pressures.at_s[-1]) + 1.0, float(flows.at_s[-1]) + 1.0)
    if until_s - since_s < 3600:
        raise errors.Refused(
            "cli.too_few_hours",
            _("From %(since)s on there is no whole hour of pressures and flows.")
            % {"since": options.since},
            next_step=_("Choose an earlier --since or a later --until; the records reach until "
                        "%(last)s.")
            % {"last": when(min(float(pressures.at_s[-1]), float(flows.at_s[-1])))},
        )  # fmt: skip
    if since_s - max(pressures.at_s[0], flows.at_s[0]) < DAYS_MIN * units.S_PER_DAY:
        raise errors.Refused(
            "cli.records_too_short",
            _("Before %(since)s there are less than four days of pressures and flows.")
            % {"since": options.since},
            next_step=_("Give more of them; a file for each year may be repeated."),
        )
    ranking = leaks_by_pipes.ranker(options, pressures.names)
    _used, inflow = leaks_by_flow.zone_inflow(flows, options.inlet, events)
    falls = leaks_by_pipes.fallen(pressures, flows, inflow, since_s, until_s, events)
    where = ranking.rank(falls)
    if options.json:
        sys.stdout.write(json.dumps(_as_json(where), ensure_ascii=False, indent=1) + "\n")
    elif where is None:
        sys.stdout.write(_("No sensor fell: nothing says where to walk.") + "\n")
    else:
        _say(where)
    return 1 if where is None else 0


def _as_json(where: Ranked | None) -> dict[str, Any]:
    if where is None:
        return {"link": None, "ranked": []}
    return {
        "link": where.link,
        "confidence_frac": round(where.confidence_frac, 3),
        "walk_m_50": round(where.walk_m_50),
        "walk_m_90": round(where.walk_m_90),
        "falls_m": {name: round(fall, 3) for name, fall in where.falls_m.items()},
        "ranked": [
            {"link": link, "probability_frac": round(chance, 4)} for link, chance in where.pipes
        ],
    }


def _say(where: Ranked) -> None:
    most = sorted(where.falls_m.items(), key=lambda one: -one[1])[:5]
    words = ", ".join(
        _("%(sensor)s %(fall).2f m") % {"sensor": name, "fall": fall} for name, fall in most
    )
    sys.stdout.write(
        _("Fell most, beyond what the flow explains: %(sensors)s.") % {"sensors": words} + "\n"
    )
    sys.stdout.write(_("In the order to walk:") + "\n")
    for link, chance in where.pipes[:LISTED]:
        sys.stdout.write(f"{link}  {100 * chance:.1f} %\n")
    sys.stdout.write(
        _("%(share).0f %% within 300 m of %(link)s; %(half).1f km of pipe to walk for 50 %%, "
          "%(most).1f km for 90 %%.")
        % {"share": 100 * where.confidence_frac, "link": where.link,
           "half": where.walk_m_50 / 1000, "most": where.walk_m_90 / 1000}
        + "\n"
    )  # fmt: skip
