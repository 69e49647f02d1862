"""What the network tells the kernel when the program starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

EVERYBODY = ("manager", "dispatcher", "leakage_engineer", "crew_leader", "crew", "viewer")


class NetworkConfig(AppConfig):
    """The area of pipes, valves, nodes and zones."""

    name = "huoshui.areas.network"
    label = "network"
    verbose_name = _("Network")

    def ready(self) -> None:
        """Declare permissions, menu lines and slots."""
        from huoshui.kernel import audit, slots
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.pages import menu

        permissions.declare("network.read", _("See the network and the map"), posts=EVERYBODY)
        permissions.declare(
            "network.edit",
            _("Change the network: import files, set attributes"),
            posts=("manager", "leakage_engineer"),
        )
        audit.name_deed("network.import_inp", _("Network imported"))
        audit.name_deed("network.assign_zones", _("Assets assigned to zones"))
        audit.name_deed("network.set_attributes", _("Asset attributes changed"))
        audit.name_subject("network.asset", _("Asset"))
        audit.name_subject("network.assets", _("Assets"))
        audit.name_subject("network.zones", _("Zones"))
        menu.add("city", _("Map"), "network:map", "network.read", icon="map", order=10)
        menu.add(
            "city", _("Assets"), "network:assets", "network.read", icon="list-details", order=20
        )
        menu.add("city", _("Zones"), "network:zones", "network.read", icon="layout-grid", order=30)
        slots.declare(
            "network.asset.panels", "Below the facts of an asset's page; receives asset_code."
        )
        slots.declare(
            "network.zone.panels", "Below the facts of a zone's page; receives zone_code."
        )
        slots.declare("network.map.side", "At the foot of the map's side panel; receives nothing.")
