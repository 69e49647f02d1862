"""Registers the twin with the kernel and the map."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

EVERYBODY = ("manager", "dispatcher", "leakage_engineer", "crew_leader", "crew", "viewer")


class TwinConfig(AppConfig):
    name = "huoshui.areas.twin"
    label = "twin"
    verbose_name = _("Network model")

    def ready(self) -> None:
        from huoshui.areas.network import contracts as network_contracts
        from huoshui.areas.network import facade as network
        from huoshui.areas.twin import tasks
        from huoshui.areas.twin.web import panels
        from huoshui.kernel import jobs, slots
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.pages import menu

        permissions.declare("twin.read", _("See the network model"), posts=EVERYBODY, in_house=True)
        jobs.schedule(
            "twin.present",
            every=tasks.EVERY,
            run=tasks.solve_present,
            catch_up=False,
            label=_("Compute the present state of the network"),
        )
        menu.add("analysis", _("Network model"), "twin:runs", "twin.read", "hexagons", 40)
        slots.fill("network.asset.panels", panels.asset_model, permission="twin.read", order=30)
        for coloring in (
            network_contracts.PipeColoring(
                id="present_flow",
                label=_("Present flow (model)"),  # type: ignore[arg-type]
                unit="m³/h",
                url="/api/v1/twin/present?of=flow",
                breaks=(1.0, 5.0, 20.0, 50.0, 100.0),
                decimals=1,
                permission="twin.read",
                order=10,
            ),
            network_contracts.PipeColoring(
                id="present_velocity",
                label=_("Present velocity (model)"),  # type: ignore[arg-type]
                unit="m/s",
                url="/api/v1/twin/present?of=velocity",
                breaks=(0.05, 0.1, 0.3, 0.6, 1.0),
                decimals=2,
                permission="twin.read",
                order=20,
            ),
        ):
            network.register_pipe_coloring(coloring)
