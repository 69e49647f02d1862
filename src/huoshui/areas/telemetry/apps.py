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
        from huoshui.kernel import audit, health
        from huoshui.kernel.accounts import permissions

        permissions.declare("telemetry.read", _("See measurements and alarms"), posts=EVERYBODY)
        permissions.declare(
            "telemetry.acknowledge_alarm",
            _("Acknowledge alarms"),
            posts=("manager", "dispatcher", "leakage_engineer", "crew_leader"),
        )
        audit.name_deed("telemetry.points_declared", _("Points declared"))
        audit.name_deed("telemetry.readings_handed_in", _("Readings handed in"))
        audit.name_deed("telemetry.alarm_acknowledged", _("Alarm acknowledged"))
        audit.name_subject("alarm", _("Alarm"))
        audit.name_subject("telemetry", _("Points"))
        health.expect_part("ingest", _("The receiving of measurements"), "./huoshui ingest")
        from huoshui.areas.telemetry.web import registration

        registration.register()
