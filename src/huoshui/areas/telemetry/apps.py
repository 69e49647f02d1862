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
        permissions.declare(
            "telemetry.draw", _("Draw mimic pages"), posts=("manager", "dispatcher")
        )
        audit.name_deed("telemetry.mimic_saved", _("Mimic page drawn"))
        audit.name_deed("telemetry.mimic_restored", _("Earlier drawing brought back"))
        audit.name_deed("telemetry.mimic_removed", _("Mimic page removed"))
        audit.name_subject("mimic", _("Mimic page"))
        permissions.declare(
            "telemetry.import",
            _("Import points and readings"),
            posts=("manager", "dispatcher", "leakage_engineer"),
        )
        audit.name_deed("telemetry.readings_imported", _("Readings imported"))
        audit.name_deed("telemetry.points_declared", _("Points declared"))
        permissions.declare(
            "telemetry.correct",
            _("Correct readings"),
            posts=("manager", "dispatcher", "leakage_engineer"),
        )
        audit.name_deed("telemetry.readings_corrected", _("Readings corrected"))
        audit.name_deed("telemetry.correction_undone", _("Correction undone"))
        audit.name_subject("point", _("Point"))
        audit.name_deed("telemetry.readings_handed_in", _("Readings handed in"))
        audit.name_deed("telemetry.alarm_acknowledged", _("Alarm acknowledged"))
        audit.name_subject("alarm", _("Alarm"))
        audit.name_subject("telemetry", _("Points"))
        health.expect_part("ingest", _("The receiving of measurements"), "./huoshui ingest")
        permissions.declare(
            "telemetry.sources", _("Set up data sources and adopt codes"), posts=("manager",)
        )
        permissions.declare("telemetry.push", _("Send readings over HTTP"))
        audit.name_deed("telemetry.source_added", _("Data source added"))
        audit.name_deed("telemetry.source_changed", _("Data source changed"))
        audit.name_deed("telemetry.source_paused", _("Data source paused"))
        audit.name_deed("telemetry.source_resumed", _("Data source resumed"))
        audit.name_deed("telemetry.source_removed", _("Data source removed"))
        audit.name_deed("telemetry.codes_adopted", _("Unknown codes adopted"))
        audit.name_deed("telemetry.codes_forgotten", _("Unknown codes forgotten"))
        audit.name_subject("source", _("Data source"))
        from huoshui.areas.telemetry import connector_health

        health.declare("telemetry.sources", _("Data sources"), connector_health.findings)
        from huoshui.areas.telemetry.importing import offers
        from huoshui.areas.telemetry.web import registration

        offers.declare()
        registration.register()
