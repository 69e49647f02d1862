"""Watch a compound behind its master meter, and balance it against its homes."""

from __future__ import annotations

import argparse
import json
import math
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab import units

if TYPE_CHECKING:
    from huoshui.lab.leakage.compound import CompoundAlarm, CompoundLoss
    from huoshui.lab.series.scada_files import Measurements


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the files."""
    repeated: dict[str, Any] = {"type": Path, "action": "append", "default": [], "metavar": "CSV"}
    parser.add_argument(
        "--master", **repeated, required=True, help=_("the master meter's flow, m³/h, one column")
    )
    parser.add_argument(
        "--homes", **repeated,
        help=_("what the homes' meters show, m³: a column for each home, a row for each reading"),
    )  # fmt: skip
    parser.add_argument(
        "--events", **repeated, help=_("hours not to judge, such as gardens watered, a tank filled")
    )
    parser.add_argument("--json", action="store_true", help=_("answer for programs"))


def run(options: argparse.Namespace) -> int:
    """Print alarms and the loss of each month; exit status 1 when something still runs."""
    import numpy as np

    from huoshui.lab.leakage import compound, inflow_watch, silences
    from huoshui.lab.series import scada_files

    try:
        master = scada_files.read(options.master)
        homes = scada_files.read(options.homes) if options.homes else None
        events = [one for path in options.events for one in silences.read_events(path)]
    except (scada_files.UnreadableFile, OSError) as problem:
        raise plain_files.refusal(problem) from problem
    if len(master.names) != 1:
        raise errors.Refused(
            "cli.one_column_needed",
            _("The master meter is one column; there are %(count)d.")
            % {"count": len(master.names)},
            data={"columns": list(master.names[:50])},
            next_step=_("Take the others out of the file."),
        )
    days = int((master.at_s[-1] - master.at_s[0]) // 86400)
    needed = compound.CompoundRule().learning_days + 1
    if days < needed:
        raise errors.Refused(
            "cli.records_too_short",
            _("The measurements span %(days)d whole days; %(needed)d are needed.")
            % {"days": days, "needed": needed},
            next_step=_("Give more of them; a file for each year may be repeated."),
        )
    hour, flow = inflow_watch.hourly(
        at_s=master.at_s, flow_m3s=master.values[:, 0] * units.M3S_PER_M3H
    )
    known = np.where(silences.inside(hour, events), np.nan, flow)
    watched = compound.watch(hour_s=hour, flow_m3s=known)
    months = _months(hour, flow, homes) if homes is not None else []
    count = len(homes.names) if homes is not None else 0
    if options.json:
        answer = {
            "homes": count or None,
            "alarms": [_alarm_json(one) for one in watched.alarms],
            "months": [{"from": _when(at), **_loss_json(one)} for at, one in months],
            "nights": [
                {"night": _when(at)[:10], "lowest_m3h": _figure(flow / units.M3S_PER_M3H, 3),
                 "l_home_h": _figure(flow / units.M3S_PER_M3H * 1000 / count, 2) if count else None}
                for at, flow in zip(watched.night_s, watched.night_m3s, strict=True)
            ],
        }  # fmt: skip
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    else:
        _say(watched.alarms, months, watched.night_m3s, count)
    return 1 if any(one.ended_s is None for one in watched.alarms) else 0


def _months(hour: Any, flow: Any, homes: Measurements) -> list[tuple[float, CompoundLoss]]:
    """Balance each calendar month that the readings of the homes span."""
    import numpy as np

    from huoshui.lab.leakage import compound

    first, last = max(hour[0], homes.at_s[0]), min(hour[-1] + 3600.0, homes.at_s[-1])
    begin = np.datetime64(int(first), "s").astype("datetime64[M]")
    found: list[tuple[float, CompoundLoss]] = []
    while True:
        edges = [
            float(one.astype("datetime64[s]").astype(np.int64))
            for one in (begin, begin + np.timedelta64(1, "M"))
        ]
        if edges[0] >= last:
            return found
        if edges[0] >= first - 86400 and edges[1] <= last + 86400:
            one = compound.loss(
                hour_s=hour, flow_m3s=flow, reading_s=homes.at_s, registers_m3=homes.values,
                from_s=max(edges[0], first), until_s=min(edges[1], last),
            )  # fmt: skip
            found.append((edges[0], one))
        begin = begin + np.timedelta64(1, "M")


def _when(moment_s: float) -> str:
    return f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M}"


def _figure(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _alarm_json(one: CompoundAlarm) -> dict[str, Any]:
    return {
        "known_at": _when(one.known_s),
        "since": _when(one.since_s),
        "size_m3h": round(one.size_m3s / units.M3S_PER_M3H, 2),
        "evidence": one.evidence,
        "departures": round(one.departures, 1),
        "grown_at": None if one.grown_s is None else _when(one.grown_s),
        "ended_seen_at": None if one.ended_s is None else _when(one.ended_s),
    }


def _loss_json(one: CompoundLoss) -> dict[str, Any]:
    return {
        "supplied_m3": _figure(one.supplied_m3, 1),
        "read_m3": _figure(one.read_m3, 1),
        "estimated_m3": _figure(one.estimated_m3, 1),
        "homes_read": one.homes_read,
        "loss_m3": _figure(one.loss_m3, 1),
        "half_width_m3": _figure(one.half_width_m3, 1),
        "known_frac": round(one.known_frac, 3),
    }


def _say(
    alarms: list[CompoundAlarm], months: list[tuple[float, CompoundLoss]], nights: Any, homes: int
) -> None:
    import numpy as np

    say = sys.stdout.write
    for one in alarms:
        words = _(
            "%(known)s  %(size).2f m³/h behind the master meter, probably since %(since)s"
        ) % {
            "known": _when(one.known_s),
            "size": one.size_m3s / units.M3S_PER_M3H,
            "since": _when(one.since_s),
        }
        end = (
            _("over at %(end)s") % {"end": _when(one.ended_s)}
            if one.ended_s is not None
            else _("still runs")
        )
        say(f"{words}{_('; ')}{end}\n")
    say(_("%(count)d alarms.") % {"count": len(alarms)} + "\n")
    known = nights[np.isfinite(nights)]
    if known.size and homes:
        usual = float(np.median(known[-28:])) / units.M3S_PER_M3H * 1000 / homes
        say(
            _("Lowest hour of the last nights: %(usual).2f L/h for each of %(homes)d homes.")
            % {"usual": usual, "homes": homes}
            + "\n"
        )
    for at, month in months:
        if not math.isfinite(month.loss_m3):
            words = _("%(month)s: no balance: %(share).0f %% of the hours known, %(read)d of "
                      "%(homes)d homes read.")  # fmt: skip
        else:
            words = _("%(month)s: lost %(loss).0f ± %(width).0f m³ of %(supplied).0f m³; "
                      "%(read)d of %(homes)d homes read, %(guess).0f m³ estimated.")  # fmt: skip
        say(
            words
            % {
                "month": _when(at)[:7], "share": 100 * month.known_frac,
                "read": month.homes_read, "homes": month.homes, "loss": month.loss_m3,
                "width": month.half_width_m3, "supplied": month.supplied_m3,
                "guess": month.estimated_m3,
            }
            + "\n"
        )  # fmt: skip
    if any(not math.isfinite(month.loss_m3) for _at, month in months):
        say(_("A balance needs three quarters of the hours, and half of the homes but two at "
              "least.") + "\n")  # fmt: skip
