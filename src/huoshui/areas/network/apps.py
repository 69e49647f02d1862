"""What the network tells the kernel when the program starts."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SERVICE = ("service_manager", "hotline_agent", "grid_specialist")
EVERYBODY = ("manager", "dispatcher", "leakage_engineer", "crew_leader", "crew", "viewer", *SERVICE)

DEEDS = {
    "network.report_turn": _("Turn of a valve reported"),
    "network.report_condition": _("Condition of a valve reported"),
    "network.give_zone": _("Unit put in charge of a zone"),
    "network.give_team": _("Team made responsible for an area"),
    "network.team_read": _("Telephone numbers of an area's team seen"),
    "network.run_checks": _("Checks of the network run"),
    "network.accept_findings": _("Findings accepted as they are"),
    "network.reopen_finding": _("Finding opened again"),
    "network.make_change": _("Set of changes begun"),
    "network.edit_change": _("Set of changes edited"),
    "network.submit_change": _("Set of changes submitted"),
    "network.withdraw_change": _("Set of changes withdrawn"),
    "network.approve_change": _("Set of changes approved and applied"),
    "network.refuse_change": _("Set of changes refused"),
    "network.attach": _("File attached to an asset"),
    "network.detach": _("File removed from an asset"),
    "network.receive_report": _("Report received from a passer-by"),
    "network.report_read": _("Telephone number of a passer-by seen"),
    "network.settle_report": _("Report settled"),
    "network.choose_pipe": _("Pipe of a connection chosen by hand"),
    "network.connections_listed": _("List of connections read"),
    "network.connection_read": _("Connection read"),
    "network.connect": _("Connections joined to their nearest pipes"),
}


def _known_word(known: Mapping[str, Any], code: str) -> Any:
    """Return what a code is called; one of an older version stays a code."""
    return known.get(code, code)


class NetworkConfig(AppConfig):
    """The area of pipes, valves, nodes and zones."""

    name = "huoshui.areas.network"
    label = "network"
    verbose_name = _("Network")

    def ready(self) -> None:
        """Declare permissions, menu lines and slots."""
        from huoshui.areas.network import area_cards, contracts, given_out, indexed, tasks
        from huoshui.areas.network.importing import declared
        from huoshui.kernel import audit, events, jobs, search, slots
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.files import store as files
        from huoshui.kernel.pages import menu

        search.declare(indexed.ASSETS)
        search.declare(indexed.CONNECTIONS)
        permissions.declare(
            "network.read", _("See the network and the map"), posts=EVERYBODY, in_house=True
        )
        permissions.declare(
            "network.customers",
            _("See customers, addresses and use of connections"),
            posts=("manager", "dispatcher", "leakage_engineer", "crew_leader", "crew"),
        )
        permissions.declare(
            "network.edit",
            _("Change the network: import files, set attributes"),
            posts=("manager", "leakage_engineer"),
        )
        permissions.declare(
            "network.give_teams",
            _("Say which team is responsible for an area"),
            posts=("manager",),
        )
        permissions.declare(
            "network.turn",
            _("Report turns and conditions of valves"),
            posts=("manager", "dispatcher", "leakage_engineer", "crew_leader", "crew"),
        )
        permissions.declare(
            "network.approve",
            _("Approve or refuse sets of changes that others made"),
            posts=("manager",),
            by_unit=True,
        )
        permissions.declare(
            "network.reports",
            _("See and settle what passers-by report about assets"),
            posts=("manager", "dispatcher", "crew_leader"),
        )
        permissions.declare(
            "network.export",
            _("Take the network out as a file"),
            posts=("manager", "leakage_engineer"),
        )
        audit.name_deed("network.export", _("Network given out as a file"))
        jobs.schedule(
            "network.exports",
            every=timedelta(days=1),
            offset=timedelta(hours=4),
            run=given_out.tidy,
            catch_up=False,
            label=_("Remove old files of the network"),
        )
        declared.declare()
        for code, label in DEEDS.items():
            audit.name_deed(code, label)
        audit.name_details({"pipe": _("Pipe")})
        name_events()
        from huoshui.areas.network import choices

        for key, known in (
            ("trouble", choices.TROUBLES),
            ("state", choices.REPORT_STATES),
            ("operability", choices.OPERABILITIES),
            ("deed", choices.CHANGE_DEEDS),
            ("duty", choices.DUTIES),
        ):
            audit.name_values(f"network.{key}", functools.partial(_known_word, known))
        audit.name_subject("network.findings", _("Findings"))
        audit.name_subject("network.change", _("Set of changes"))
        audit.name_subject("network.connection", _("Service connection"))
        audit.name_subject("network.report", _("Report"))
        from huoshui.areas.network.tables_in import offers

        offers.declare()
        audit.name_deed("network.customers_imported", _("Customers imported"))
        audit.name_deed("network.valves_imported", _("Valve facts imported"))
        audit.name_subject("network.connections", _("Service connections"))
        audit.name_deed("network.import_inp", _("Network imported"))
        audit.name_deed("network.import_network", _("Network imported"))
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
        menu.add(
            "city",
            _("Area cards"),
            "network:areas",
            "network.read",
            icon="clipboard-data",
            order=32,
        )
        area_cards.register(area_cards.OWN)
        menu.add(
            "city",
            _("Service connections"),
            "network:connections",
            "network.customers",
            icon="bucket-droplet",
            order=40,
        )
        menu.add(
            "work",
            _("Reports by code"),
            "network:reports",
            "network.reports",
            icon="message-report",
            order=20,
        )
        menu.add("work", _("Changes"), "network:changes", "network.read", icon="versions", order=30)
        menu.add(
            "work", _("Checks"), "network:findings", "network.read", icon="stethoscope", order=40
        )
        files.declare_kind("network.asset", permission="network.read")
        files.declare_kind("network.report", permission="network.reports")
        jobs.schedule(
            "network.check",
            every=timedelta(days=1),
            offset=timedelta(hours=3, minutes=30),
            run=tasks.check_nightly,
            catch_up=False,
            label=_("Check the network"),
        )
        events.listen(
            contracts.NetworkImported,
            tasks.warm_map,
            name="network.warm_map",
            label=_("Draw the map from afar"),
        )
        slots.declare(
            "network.asset.panels", "Below the facts of an asset's page; receives asset_code."
        )
        slots.declare(
            "network.zone.panels", "Below the facts of a zone's page; receives zone_code."
        )
        slots.declare("network.map.side", "At the foot of the map's side panel; receives nothing.")
        from huoshui.areas.network.web import case_maps

        case_maps.register()


def name_events() -> None:
    """Say what the events of the network are called, and what they say."""
    from huoshui.areas.network import contracts
    from huoshui.kernel import audit, events

    events.name_event(contracts.NetworkImported, _("Network imported"))
    events.name_event(contracts.NetworkChanged, _("Network changed"))
    events.name_event(contracts.ValveTurned, _("Valve turned"))
    events.name_event(contracts.AssetReported, _("Asset reported by a passer-by"))
    events.name_event(contracts.AssetJobWanted, _("Job wanted for a report"))
    audit.name_details(
        {
            "asset_code": _("Asset"),
            "zone_code": _("Zone"),
            "network.report_id": _("Report"),
            "network.change_set_id": _("Set of changes"),
            "network.nodes": _("Nodes"),
            "duty": _("Duty"),
            "person": _("Person in charge"),
            "network.links": _("Links"),
        }
    )
