"""What telemetry offers to the rest of the product: streams, menu lines, map layers, panels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import facade as network
from huoshui.areas.network.contracts import LegendEntry, MapLayer
from huoshui.areas.telemetry import area_lines
from huoshui.areas.telemetry.web import live as streams
from huoshui.areas.telemetry.web import mimics, panels
from huoshui.kernel import live, slots
from huoshui.kernel.pages import menu

# Kind, whether it is drawn at first, and its place in the list of layers.
LAYERS = (
    ("pressure", _("Pressure sensors"), True, 10),
    ("flow", _("Flow meters"), True, 20),
    ("level", _("Tank levels"), True, 30),
    ("use", _("Customer meters"), False, 40),
)


def register() -> None:
    """Offer everything; called once when the program starts."""
    live.stream("values", streams.values, "telemetry.read")
    live.stream("alarms", streams.alarms, "telemetry.read")
    menu.add("watch", _("Alarms"), "telemetry:alarms", "telemetry.read", icon="bell", order=10)
    menu.add("watch", _("Points"), "telemetry:points", "telemetry.read", icon="gauge", order=40)
    menu.add(
        "watch", _("Trends"), "telemetry:trends", "telemetry.read", icon="chart-line", order=30
    )
    menu.add(
        "watch", _("Data sources"), "telemetry:sources", "telemetry.read", icon="plug", order=50
    )
    menu.add("watch", _("Remarks"), "telemetry:remarks", "telemetry.read", icon="flag", order=35)
    menu.add(
        "watch",
        _("Mimic pages"),
        "telemetry:mimics",
        "telemetry.read",
        icon="device-analytics",
        order=20,
    )
    menu.add(
        "system",
        _("Retention"),
        "telemetry:retention",
        "telemetry.retain",
        icon="database",
        order=20,
    )
    menu.add("watch", _("Corrections"), "telemetry:corrections", "telemetry.read", "edit", 60)
    for kind, label, shown, order in LAYERS:
        network.register_map_layer(
            MapLayer(
                id=f"telemetry.{kind}",
                label=label,
                kind="points",
                url=f"/api/v1/telemetry/map/{kind}.geojson",
                stream="values",
                permission="telemetry.read",
                order=order,
                shown=shown,
                legend=(LegendEntry(colour="", label=label, shape="dot"),),
            )
        )
    network.register_map_layer(
        MapLayer(
            id="telemetry.alarms",
            label=_("Alarms"),
            kind="pulses",
            url="/api/v1/telemetry/alarms/map.geojson",
            permission="telemetry.read",
            order=5,
            refresh_s=10,
            legend=(LegendEntry(colour="#c92a2a", label=_("Alarms"), shape="pulse"),),
        )
    )
    slots.declare(
        "telemetry.alarm.panels", "At the head of an alarm's page; receives alarm (an Alarm)."
    )
    network.register_card_lines(area_lines.LINES)
    slots.fill("pages.top", panels.alarm_bell, permission="telemetry.read", order=10)
    slots.fill("network.asset.panels", panels.asset_points, permission="telemetry.read", order=10)
    slots.fill("network.zone.panels", panels.zone_points, permission="telemetry.read", order=20)
    slots.fill("network.asset.panels", mimics.asset_panel, permission="telemetry.read", order=5)
