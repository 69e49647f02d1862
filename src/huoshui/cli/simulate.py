"""Run a network file over time and write what it does."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huoshui.cli import networks, simulate_file
from huoshui.cli.speaking import gettext as _
from huoshui.cli.speaking import mark as gettext_noop
from huoshui.kernel import errors
from huoshui.lab import units

if TYPE_CHECKING:
    from huoshui.lab.hydraulics.simulation import Simulation

QUALITIES = ("none", "age", "chlorine", "file")
TROUBLES = {
    1: gettext_noop("flows and heads do not balance"),
    2: gettext_noop("the solution is not stable"),
    3: gettext_noop("nodes with demand are cut off"),
    4: gettext_noop("a pump cannot deliver what is asked of it"),
    5: gettext_noop("a valve cannot hold its setting"),
    6: gettext_noop("negative pressure at a node with demand"),
}
BAR = 30
TOO_FEW = (223, 224)
"""EPANET's words for a file without nodes, or without a tank or reservoir."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the run."""
    parser.add_argument("network", type=Path, help=_("the network, an INP file"))
    parser.add_argument(
        "--hours", type=float, help=_("how long to run; as the file says without, 0: one moment")
    )
    parser.add_argument(
        "--out",
        type=Path,
        help=_("write every node and link at every report step, .csv, .parquet or .xlsx"),
    )
    parser.add_argument(
        "--quality", choices=QUALITIES, default="file",
        help=_("what to follow in the water besides; as the file says without"),
    )  # fmt: skip
    parser.add_argument("--accuracy", type=float, default=1e-4, help=_("convergence bound"))
    parser.add_argument("--json", action="store_true", help=_("answer for programs"))


def run(options: argparse.Namespace) -> int:
    """Run the network; exit status 1 when its flows and heads did not balance."""
    _check(options)
    from huoshui.lab.hydraulics import epanet, simulation

    kinds = {
        "file": None,
        "none": epanet.Quality.NOTHING,
        "age": epanet.Quality.AGE,
        "chlorine": epanet.Quality.SUBSTANCE,
    }
    with networks.opened(options.network) as project:
        project.set_accuracy(options.accuracy)
        shown = None if options.json or not sys.stderr.isatty() else _progress
        try:
            found = simulation.simulate(
                project,
                duration_s=None if options.hours is None else options.hours * units.S_PER_HOUR,
                quality=kinds[options.quality],
                progress=shown,
            )
        except epanet.EpanetRefused as refused:
            if refused.code in TOO_FEW:
                raise networks.refusal(options.network, refused) from refused
            raise errors.Refused(
                "cli.network_not_solved",
                _("EPANET cannot solve %(file)s: %(why)s")
                % {"file": options.network, "why": str(refused)},
                data={"file": str(options.network), "code": refused.code},
                next_step=_(
                    "Look for parts without a reservoir or tank and for pumps on no curve."
                ),
            ) from refused
        finally:
            if shown:
                sys.stderr.write("\r" + " " * (BAR + 20) + "\r")
    if options.out is not None:
        simulate_file.write(found, options.out)
    if options.json:
        sys.stdout.write(json.dumps(_as_json(found), ensure_ascii=False, indent=1) + "\n")
    else:
        _say(found, options)
    return 1 if any(one.trouble == simulation.Trouble.NOT_BALANCED for one in found.warned) else 0


def _check(options: argparse.Namespace) -> None:
    if options.hours is not None and not 0 <= options.hours < math.inf:
        raise errors.Refused(
            "cli.hours_not_possible",
            _("A run cannot last %(hours)g hours.") % {"hours": options.hours},
            data={"hours": options.hours},
            next_step=_("Say --hours 24, or leave it out."),
        )
    if not 1e-10 <= options.accuracy <= 0.1:
        raise errors.Refused(
            "cli.accuracy_not_possible",
            _("The accuracy must lie between 1e-10 and 0.1."),
            data={"accuracy": options.accuracy},
            next_step=_("Leave it out: 1e-4 is fine for most questions."),
        )
    if options.out is not None and options.out.suffix.lower() not in simulate_file.SUFFIXES:
        raise errors.Refused(
            "cli.file_kind_unknown",
            _("%(file)s: the ending says neither CSV nor Parquet nor Excel.")
            % {"file": options.out},
            data={"file": str(options.out)},
            next_step=_("Name a file that ends in .csv, .parquet or .xlsx."),
        )


def _progress(now_s: float, whole_s: float) -> None:
    done = 1.0 if whole_s <= 0 else min(now_s / whole_s, 1.0)
    full = int(done * BAR)
    sys.stderr.write(f"\r[{'#' * full}{'.' * (BAR - full)}] {100 * done:3.0f} % ")
    sys.stderr.flush()


def _clock(moment_s: float) -> str:
    minutes = round(moment_s / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _pressures(found: Simulation) -> tuple[float, str, float, str, float]:
    """Return lowest and highest pressure of junctions with their nodes, and when the lowest was."""
    import numpy as np

    # Reservoirs and tanks have no pressure in this sense; a tank's is its level.
    takes = np.isfinite(found.pressures_m).all(axis=0) & ~found.is_fixed
    if not takes.any():
        return math.nan, "", math.nan, "", math.nan
    inside = np.flatnonzero(takes)
    values = found.pressures_m[:, inside]
    low, high = np.unravel_index(values.argmin(), values.shape), values.max(axis=0).argmax()
    return (
        float(values[low]), found.node_ids[inside[low[1]]], float(values.max()),
        found.node_ids[inside[high]], float(found.at_s[low[0]]),
    )  # fmt: skip


def _as_json(found: Simulation) -> dict[str, Any]:
    low, low_node, high, high_node, low_at = _pressures(found)
    finite = {name: value if math.isfinite(value) else None
              for name, value in (("low", low), ("high", high), ("at", low_at))}  # fmt: skip
    return {
        "nodes": len(found.node_ids),
        "links": len(found.link_ids),
        "hours": round(float(found.at_s[-1] - found.at_s[0]) / units.S_PER_HOUR, 4),
        "report_steps": len(found.at_s),
        "supplied_m3": round(found.supplied_m3, 3),
        "leaked_m3": round(found.leaked_m3, 3),
        "energy_kwh": {name: round(used, 3) for name, used in found.energy_kwh.items()},
        "pressure_m_min": finite["low"],
        "pressure_m_min_node": low_node,
        "pressure_m_min_at_s": finite["at"],
        "pressure_m_max": finite["high"],
        "pressure_m_max_node": high_node,
        "warnings": [
            {
                "code": int(one.trouble),
                "first_s": one.first_s,
                "latest_s": one.latest_s,
                "moments": one.moments,
            }
            for one in found.warned
        ],
    }


def _say(found: Simulation, options: argparse.Namespace) -> None:
    def say(line: str) -> None:
        sys.stdout.write(line + "\n")

    low, low_node, high, high_node, low_at = _pressures(found)
    hours = float(found.at_s[-1] - found.at_s[0]) / units.S_PER_HOUR
    say(
        _("%(file)s: %(nodes)d nodes, %(links)d links, %(hours)g h in %(steps)d report steps.")
        % {
            "file": options.network.name, "nodes": len(found.node_ids),
            "links": len(found.link_ids), "hours": hours, "steps": len(found.at_s),
        }
    )  # fmt: skip
    if math.isfinite(low):
        say(
            _("Pressure: lowest %(low).1f m at %(node)s (%(at)s h), highest %(high).1f m at "
              "%(other)s.")
            % {"low": low, "node": low_node, "at": _clock(low_at), "high": high,
               "other": high_node}
        )  # fmt: skip
    if hours:
        say(
            _("Delivered: %(supplied)s m³, of it %(leaked)s m³ leaked.")
            % {"supplied": f"{found.supplied_m3:,.0f}", "leaked": f"{found.leaked_m3:,.0f}"}
        )
    if found.energy_kwh and hours:
        worst = sorted(found.energy_kwh.items(), key=lambda one: -one[1])[:5]
        say(
            _("Energy: %(sum)s kWh; %(pumps)s.")
            % {
                "sum": f"{sum(found.energy_kwh.values()):,.0f}",
                "pumps": _(", ").join(f"{name} {used:,.0f}" for name, used in worst),
            }
        )
    if found.quality_kind:
        import numpy as np

        place = int(np.nanargmax(found.quality[-1]))
        words = {
            1: _("At the end: from %(low).2f to %(high).2f mg/L, most at %(node)s."),
            2: _("At the end: water is %(low).1f to %(high).1f h old, oldest at %(node)s."),
            3: _("At the end: from %(low).0f to %(high).0f %% of the source, most at %(node)s."),
        }[int(found.quality_kind)]
        ends = {"low": float(np.nanmin(found.quality[-1])), "high": float(found.quality[-1, place])}
        say(words % {**ends, "node": found.node_ids[place]})
    for one in found.warned:
        say(
            _("Warning: %(what)s, %(count)d moments from %(first)s to %(latest)s h.")
            % {
                "what": _(TROUBLES[int(one.trouble)]), "count": one.moments,
                "first": _clock(one.first_s), "latest": _clock(one.latest_s),
            }
        )  # fmt: skip
    if options.out is not None:
        say(_("Written: %(file)s.") % {"file": options.out})
