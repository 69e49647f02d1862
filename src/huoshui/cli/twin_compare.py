"""Say how far a model and its sensors lie apart, when most, and which sensor stands alone."""

from __future__ import annotations

import argparse
import json
import math
import sys
from typing import Any

from huoshui.cli import twin_inputs
from huoshui.cli.speaking import gettext as _
from huoshui.cli.speaking import mark as gettext_noop
from huoshui.lab.hydraulics import comparison, hindcast

SUSPICIONS = {
    comparison.Suspicion.STUCK: gettext_noop("stands still while the model moves"),
    comparison.Suspicion.OFFSET: gettext_noop("offset unlike the others: check height and zero"),
    comparison.Suspicion.DRIFT: gettext_noop("drifts unlike the others"),
    comparison.Suspicion.NOISE: gettext_noop(
        "deviates more than the others: sensor or model there"
    ),
    comparison.Suspicion.MISSING: gettext_noop("hardly any values"),
}
WORST = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the files."""
    twin_inputs.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print bias, error and worst hour of each sensor; exit status 1 when one is suspected."""
    inputs = twin_inputs.read(options)
    found = hindcast.hindcast(
        inputs.solver,
        demands=inputs.demands,
        boundaries=inputs.boundaries,
        tank_areas_m2=inputs.tank_areas_m2,
        start_s=inputs.start_s,
        nodes=inputs.network.nodes(inputs.pressures),
        links=inputs.network.links(inputs.flows),
    )
    places = inputs.network.nodes(inputs.pressures)
    pressures = comparison.compare(
        at_s=inputs.boundaries.at_s,
        names=inputs.pressures,
        measured=inputs.pressures_m,
        modelled=found.heads_m - inputs.network.elevations_m[places],
    )
    flows = _flows(inputs, found)
    if options.json:
        answer = _as_json(inputs, found, pressures, flows)
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    else:
        _say(inputs, found, pressures, flows, options)
    suspected = [one for one in pressures.sensors if one.suspicion is not None]
    return 1 if suspected else 0


def _flows(inputs: twin_inputs.Inputs, found: hindcast.Hindcast) -> comparison.Comparison:
    """Compare flows; those of replaced pumps are boundaries and tell nothing."""
    import numpy as np

    kept = [name for name in inputs.flows if name not in found.replaced_pumps]
    at = [inputs.flows.index(name) for name in kept]
    seen = [inputs.boundaries.flows_m3s[name] / inputs.flow_unit_m3s for name in kept]
    return comparison.compare(
        at_s=inputs.boundaries.at_s,
        names=kept,
        measured=np.stack(seen, axis=1) if seen else np.zeros((len(inputs.boundaries.at_s), 0)),
        modelled=found.flows_m3s[:, at] / inputs.flow_unit_m3s,
    )


def _number(value: float, digits: int = 4) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def _fit(one: comparison.SensorFit) -> dict[str, Any]:
    return {
        "sensor": one.name,
        "moments": one.count,
        "bias": _number(one.bias),
        "rmse": _number(one.rmse),
        "spread": _number(one.spread),
        "trend_per_day": _number(one.trend_per_day, 6),
        "correlation": _number(one.correlation),
        "worst_hour": twin_inputs.when(one.worst_hour_s) if one.count else None,
        "worst": _number(one.worst),
        "suspicion": None if one.suspicion is None else str(one.suspicion),
    }


def _as_json(
    inputs: twin_inputs.Inputs,
    found: hindcast.Hindcast,
    pressures: comparison.Comparison,
    flows: comparison.Comparison,
) -> dict[str, Any]:
    return {
        "moments": len(found.converged),
        "solved": int(found.converged.sum()),
        "pressures_m": [_fit(one) for one in pressures.sensors],
        "flows": [_fit(one) for one in flows.sensors],
        "worst_hours": [
            {"hour": twin_inputs.when(at), "times_usual": round(times, 2)}
            for at, times in pressures.worst_hours(WORST)
        ],
        "replaced_pumps": list(found.replaced_pumps),
        "ignored_columns": list(inputs.ignored),
    }


def _say(
    inputs: twin_inputs.Inputs,
    found: hindcast.Hindcast,
    pressures: comparison.Comparison,
    flows: comparison.Comparison,
    options: argparse.Namespace,
) -> None:
    def say(line: str = "") -> None:
        sys.stdout.write(line + "\n")

    say(
        _("%(solved)d of %(moments)d moments solved, %(pressures)d pressures and %(flows)d flows "
          "compared: measured less modelled.")
        % {
            "solved": int(found.converged.sum()), "moments": len(found.converged),
            "pressures": len(pressures.sensors), "flows": len(flows.sensors),
        }
    )  # fmt: skip
    for title, fits in (
        (_("pressure, m"), pressures.sensors),
        (_("flow, %(unit)s") % {"unit": {"m3h": "m³/h", "lps": "L/s"}[options.flow_unit]},
         flows.sensors),
    ):  # fmt: skip
        if not fits:
            continue
        say()
        heads = (_("bias"), _("RMSE"), _("worst hour"))
        say(f"{_padded(title, 14)}{_padded(heads[0], 9)}{_padded(heads[1], 9)}{heads[2]}")
        for one in fits:
            if not one.count:
                say(f"{_padded(one.name, 14)}{_('no common moment')}")
                continue
            reason = f"  ← {_(SUSPICIONS[one.suspicion])}" if one.suspicion else ""
            say(
                f"{_padded(one.name, 14)}{_padded(f'{one.bias:+.3f}', 9)}"
                f"{_padded(f'{one.rmse:.3f}', 9)}{twin_inputs.when(one.worst_hour_s)}"
                f"  {one.worst:+.3f}{reason}"
            )
    hours = pressures.worst_hours(WORST)
    if hours:
        say()
        say(_("Hours furthest from the usual, all sensors together (times their usual spread):"))
        for at, times in hours:
            say(f"  {twin_inputs.when(at)}  {times:.1f}")
    if found.replaced_pumps:
        say(
            _("Measured flow in place of the pump: %(pumps)s.")
            % {"pumps": _(", ").join(found.replaced_pumps)}
        )
    if inputs.ignored:
        say(
            _("Columns that are neither node nor link of the network: %(names)s.")
            % {"names": _(", ").join(inputs.ignored[:10])}
        )


def _padded(words: str, width: int) -> str:
    """Fill up to a width in which a Chinese character counts as two."""
    import unicodedata

    taken = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in words)
    return words + " " * max(width - taken, 1)
