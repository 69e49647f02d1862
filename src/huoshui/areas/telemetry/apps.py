"""What telemetry tells the kernel when the program starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

EVERYBODY = ("manager", "dispatcher", "leakage_engineer", "crew_leader", "crew", "viewer")


class TelemetryConfig(AppConfig):
    """The area of points, readings, quality flags and alarms."""

    name = "huoshui.areas.telemetry"
    label = "telemetry"
    verbose_name = _("Measurements")

    def ready(self) -> None:
        """Declare permissions, then what the pages offer."""
        from huoshui.kernel.accounts import permissions

        permissions.declare("telemetry.read", _("See measurements and alarms"), posts=EVERYBODY)
        permissions.declare(
            "telemetry.acknowledge_alarm",
            _("Acknowledge alarms"),
            posts=("manager", "dispatcher", "leakage_engineer", "crew_leader"),
        )
        permissions.declare(
            "telemetry.declare_points",
            _("Declare points and change their limits"),
            posts=("manager", "leakage_engineer"),
        )
        from huoshui.areas.telemetry.web import registration

        registration.register()
