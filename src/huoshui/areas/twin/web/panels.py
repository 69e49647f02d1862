"""What the twin shows on the pages of other areas."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import facade as telemetry
from huoshui.areas.twin import contracts, queries
from huoshui.kernel.pages import kit
from huoshui.lab import units
from huoshui.lab.hydraulics import friction


def asset_model(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show what the newest model run says of an asset, labelled as a model's value."""
    found = queries.present()
    if found is None:
        return None
    facts = []
    if link := found.links.get(asset_code):
        facts += [
            kit.Fact(_("Flow"), abs(link.flow_m3h), "m³/h", format=".2f"),
            *_measured(asset_code, "flow", _("Measured flow")),
            kit.Fact(_("Velocity"), link.velocity_ms, "m/s", format=".2f"),
            *_friction_loss(asset_code, link),
        ]
    if (pressure_m := found.pressures_m.get(asset_code)) is not None:
        facts += [
            kit.Fact(_("Pressure"), pressure_m, "m", format=".2f"),
            *_measured(asset_code, "pressure", _("Measured pressure")),
        ]
    if not facts:
        return None
    facts += [
        kit.Fact(
            _("Stands for"),
            found.at,
            format="moment",
            href=reverse("twin:run", args=[found.run_id]),
        ),
        kit.Fact(_("Mean pressure error of this run"), found.pressure_error_m, "m", format=".2f"),
    ]
    return kit.facts_card(_("Network model, not a measurement"), facts)


def _measured(asset_code: str, kind: str, label: Any) -> list[kit.Fact]:
    """Return the newest reading of the asset's own sensor beside the model's value, if any."""
    points = telemetry.points(asset_code=asset_code, kind=kind)
    latest = telemetry.latest([point.code for point in points])
    return [
        kit.Fact(label, latest[point.code].value, point.unit, format=f".{point.decimals}f")
        for point in points
        if point.code in latest
    ]


def _friction_loss(asset_code: str, link: contracts.Link) -> list[kit.Fact]:
    """Return what a pipe of known roughness loses at the model's flow, for each kilometre."""
    asset = network.asset(asset_code)
    if asset is None or not asset.diameter_mm or not asset.roughness_c:
        return []
    loss_m = friction.headloss_hazen_williams(
        flow_m3s=abs(link.flow_m3h) * units.M3S_PER_M3H,
        diameter_m=asset.diameter_mm / 1000,
        length_m=1000.0,
        roughness_c=asset.roughness_c,
    )
    return [kit.Fact(_("Friction loss (Hazen-Williams)"), float(loss_m), "m/km", format=".2f")]
