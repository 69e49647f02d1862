"""What the twin shows on the pages of other areas."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.twin import queries
from huoshui.kernel.pages import kit


def asset_model(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show what the newest model run says of an asset, labelled as a model's value."""
    found = queries.present()
    if found is None:
        return None
    facts = []
    if link := found.links.get(asset_code):
        facts += [
            kit.Fact(_("Flow"), abs(link.flow_m3h), "m³/h", format=".2f"),
            kit.Fact(_("Velocity"), link.velocity_ms, "m/s", format=".2f"),
        ]
    if (pressure_m := found.pressures_m.get(asset_code)) is not None:
        facts.append(kit.Fact(_("Pressure"), pressure_m, "m", format=".2f"))
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
