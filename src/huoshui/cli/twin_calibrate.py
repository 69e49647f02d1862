"""Fit a model to its pressures, and say what the sensors cannot tell."""

from __future__ import annotations

import argparse
import json
import math
import sys
from typing import Any

from huoshui.cli import twin_inputs
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab.hydraulics import calibration
from huoshui.lab.hydraulics.friction import FLOW_EXPONENT

DOUBTED_FRAC = 0.05


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the files and how finely to fit."""
    twin_inputs.add_arguments(parser)
    parser.add_argument(
        "--groups", type=int, default=12, help=_("pipe groups of like roughness at most")
    )
    parser.add_argument("--moments", type=int, default=96, help=_("measured moments used at most"))
    parser.add_argument("--without-demands", action="store_true", help=_("fit roughness alone"))


def run(options: argparse.Namespace) -> int:
    """Print the factors found, how well they are known, and what cannot be known."""
    if options.groups < 1 or options.moments < 1:
        raise errors.Refused(
            "cli.nothing_to_fit",
            _("Nothing to fit with %(groups)d groups and %(moments)d moments.")
            % {"groups": options.groups, "moments": options.moments},
            data={"groups": options.groups, "moments": options.moments},
            next_step=_("Give both as 1 or more."),
        )
    inputs = twin_inputs.read(options)
    try:
        found = calibration.calibrate(
            inputs.network,
            demands=inputs.demands,
            boundaries=inputs.boundaries,
            tank_areas_m2=inputs.tank_areas_m2,
            start_s=inputs.start_s,
            sensors=inputs.pressures,
            pressures_m=inputs.pressures_m,
            groups=calibration.groups_by_roughness(inputs.network, most=options.groups),
            with_demands=not options.without_demands,
            moments=options.moments,
        )
    except ValueError as nothing:
        raise errors.Refused(
            "cli.nothing_to_fit",
            _("No moment has all its flows and levels and a pressure."),
            data={"columns": list(inputs.pressures)},
            next_step=_("Look for gaps: ./huoshui twin compare."),
        ) from nothing
    names = {one.name: _named(one, inputs) for one in found.parameters}
    if options.json:
        answer = _as_json(found, inputs, names)
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    else:
        _say(found, inputs, names)
    return 0


def _named(one: calibration.Parameter, inputs: twin_inputs.Inputs) -> str:
    if one.kind == "resistance":
        return _("pipes of roughness %(value)s") % {"value": one.name}
    pattern, area = (int(part) for part in one.name.split("@"))
    name = inputs.demands.names[pattern] or _("no pattern")
    return _("demand by pattern %(pattern)s, area %(area)d") % {"pattern": name, "area": area}


def _roughness(one: calibration.Parameter, inputs: twin_inputs.Inputs) -> float | None:
    """Return the factor of a Hazen-Williams coefficient."""
    if one.kind != "resistance" or inputs.network.exponent != FLOW_EXPONENT:
        return None
    return float(one.factor ** (-1 / FLOW_EXPONENT))


def _as_json(
    found: calibration.Calibration, inputs: twin_inputs.Inputs, names: dict[str, str]
) -> dict[str, Any]:
    return {
        "rmse_before_m": round(found.rmse_before_m, 4),
        "rmse_after_m": round(found.rmse_after_m, 4),
        "noise_m": round(found.noise_m, 4),
        "known_combinations": int((found.singular_values >= 1).sum()),
        "parameters": [
            {
                "name": names[one.name],
                "kind": one.kind,
                "factor": round(one.factor, 4),
                "low": round(one.low, 4),
                "high": round(one.high, 4),
                "roughness_factor": _rounded(_roughness(one, inputs)),
                "resolution": round(one.resolution, 3),
                "known": one.is_known,
            }
            for one in found.parameters
        ],
        "cannot_be_told_apart": [
            {"one": names[a], "other": names[b], "correlation": round(value, 3)}
            for a, b, value in found.confounded
        ],
        "nothing_known_of": [
            [{"name": names[name], "share": round(share, 3)} for name, share in combination]
            for combination in found.combinations
        ],
        "offsets_m": {
            name: round(float(offset), 3)
            for name, offset in zip(inputs.pressures, found.offsets_m, strict=True)
        },
        "doubted_pct": {
            name: _rounded(100 * float(share))
            for name, share in zip(inputs.pressures, found.doubted_frac, strict=True)
        },
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 4)


def _say(found: calibration.Calibration, inputs: twin_inputs.Inputs, names: dict[str, str]) -> None:
    def say(line: str = "") -> None:
        sys.stdout.write(line + "\n")

    say(
        _("Pressures lie %(before).3f m from the model before and %(after).3f m after, offsets of "
          "the sensors taken out.")
        % {"before": found.rmse_before_m, "after": found.rmse_after_m}
    )  # fmt: skip
    for name, share in zip(inputs.pressures, found.doubted_frac.tolist(), strict=True):
        if share >= DOUBTED_FRAC:
            say(
                _("%(sensor)s: %(share).0f %% of its readings lie far from all the model can do "
                  "and hardly counted.") % {"sensor": name, "share": 100 * share}
            )  # fmt: skip
    say()
    for one in found.parameters:
        what = (
            _("resistance ×%(factor).2f") if one.kind == "resistance" else _("demand ×%(factor).2f")
        )
        words = [
            f"{names[one.name]}{_(': ')}{what % {'factor': one.factor}}",
            _("(95 %%: %(low).2f to %(high).2f)") % {"low": one.low, "high": one.high},
        ]
        rough = _roughness(one, inputs)
        if rough is not None:
            words.append(_("C ×%(factor).2f") % {"factor": rough})
        words.append(
            _("%(share).0f %% from the measurements") % {"share": 100 * one.resolution}
            if one.is_known
            else _("not known: %(share).0f %% from the measurements")
            % {"share": 100 * one.resolution}
        )
        say("  ".join(words))
    say()
    say(
        _("%(known)d of %(all)d combinations are known from these sensors.")
        % {"known": int((found.singular_values >= 1).sum()), "all": len(found.parameters)}
    )
    for a, b, value in found.confounded:
        words_of = (
            _("Only together: %(one)s and %(other)s.")
            if value < 0
            else _("Only their ratio: %(one)s and %(other)s.")
        )
        say(words_of % {"one": names[a], "other": names[b]})
