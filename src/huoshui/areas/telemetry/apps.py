"""What telemetry tells the kernel when the program starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

EVERYBODY = (
    "manager",
    "dispatcher",
    "leakage_engineer",
    "crew_leader",
    "crew",
    "service_manager",
    "viewer",
)


class TelemetryConfig(AppConfig):
    """The area of points, readings, quality flags and alarms."""

    name = "huoshui.areas.telemetry"
    label = "telemetry"
    verbose_name = _("Measurements")

    def ready(self) -> None:
        """Declare permissions, then what the pages offer."""
        from huoshui.areas.telemetry import backing_up
        from huoshui.kernel import audit, backup, health
        from huoshui.kernel.accounts import permissions

        permissions.declare(
            "telemetry.read", _("See measurements and alarms"), posts=EVERYBODY, in_house=True
        )
        permissions.declare(
            "telemetry.acknowledge_alarm",
            _("Acknowledge alarms"),
            posts=("manager", "dispatcher", "leakage_engineer", "crew_leader"),
            by_unit=True,
        )
        permissions.declare(
            "telemetry.annotate",
            _("Leave remarks on trends"),
            posts=("manager", "dispatcher", "leakage_engineer", "crew_leader", "crew"),
        )
        audit.name_deed("telemetry.remark_written", _("Remark left"))
        audit.name_deed("telemetry.remark_changed", _("Remark changed"))
        audit.name_deed("telemetry.remark_removed", _("Remark removed"))
        audit.name_deed("telemetry.remark_brought_back", _("Remark brought back"))
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
        permissions.declare(
            "telemetry.points",
            _("Change points"),
            posts=("manager", "dispatcher", "leakage_engineer"),
        )
        name_point_changes()
        permissions.declare(
            "telemetry.retain", _("Say how long readings are kept"), posts=("manager",)
        )
        audit.name_deed("telemetry.retention_changed", _("Retention of readings changed"))
        audit.name_deed("telemetry.readings_deleted", _("Readings deleted, their time was over"))
        audit.name_subject("retention", _("Retention class"))
        audit.name_deed("telemetry.readings_corrected", _("Readings corrected"))
        audit.name_deed("telemetry.correction_undone", _("Correction undone"))
        audit.name_subject("point", _("Point"))
        name_events()
        audit.name_deed("telemetry.readings_handed_in", _("Readings handed in"))
        alarm_permissions()
        audit.name_subject("telemetry", _("Points"))
        backup.first(*backing_up.ORDER)
        backup.declare_check("historian", backing_up.missing_from_the_lake)
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
        from huoshui.areas.telemetry import connector_health, retention, store_health

        health.declare("telemetry.retention", _("Disk for readings"), retention.findings)
        health.declare("telemetry.store", _("Store of readings"), store_health.findings)
        health.declare("telemetry.sources", _("Data sources"), connector_health.findings)
        from huoshui.areas.telemetry.importing import offers
        from huoshui.areas.telemetry.web import registration

        offers.declare()
        registration.register()


def name_point_changes() -> None:
    """Say how a change of points reads in the record."""
    from huoshui.kernel import audit

    def class_name(code: object) -> object:
        from huoshui.areas.telemetry import models
        from huoshui.areas.telemetry.web import retention

        row = models.RetentionClass.objects.filter(code=code).first()
        return retention.name_of(row) if row else code

    audit.name_deed("telemetry.points_changed", _("Points changed"))
    audit.name_values("telemetry.retention", class_name)
    names = {
        "asset_code": _("Asset"),
        "zone_code": _("Zone"),
        "expected_every_s": _("A reading is expected every [s]"),
        "range_min": _("Instrument measures from"),
        "range_max": _("Instrument measures to"),
        "rate_max_per_s": _("Fastest possible change in a second"),
        "flat_after_s": _("Unchanged for so many seconds is doubtful"),
        "flat_band": _("Changes up to this count as none"),
        "spike_min": _("The least jump that may be a spike"),
        "retention": _("Retention class"),
    }
    audit.name_details({f"telemetry.{key}": label for key, label in names.items()})


def alarm_permissions() -> None:
    """Declare what may be done with alarms and rules, and how it is called in the record."""
    from huoshui.kernel import audit
    from huoshui.kernel.accounts import permissions

    room = ("manager", "dispatcher")
    declared = (
        ("telemetry.shelve_alarm", _("Shelve alarms"), (*room, "leakage_engineer")),
        ("telemetry.out_of_service", _("Take alarms out of service"), room),
        (
            "telemetry.manage_rules",
            _("Write alarm rules and formulas"),
            ("manager", "leakage_engineer"),
        ),
        ("telemetry.set_limits", _("Change limits of alarms"), (*room, "leakage_engineer")),
        (
            "telemetry.approve_limits",
            _("Approve changes of limits"),
            ("manager", "leakage_engineer"),
        ),
    )
    for code, label, posts in declared:
        by_unit = code in ("telemetry.shelve_alarm", "telemetry.out_of_service")
        permissions.declare(code, label, posts=posts, by_unit=by_unit)
    deeds = {
        "alarm_acknowledged": _("Alarm acknowledged"),
        "alarm_commented": _("Remark on an alarm"),
        "alarm_shelved": _("Alarm shelved"),
        "alarm_unshelved": _("Shelving ended"),
        "alarm_reset": _("Alarm reset"),
        "out_of_service": _("Alarms taken out of service"),
        "in_service": _("Alarms put back into service"),
        "sound_muted": _("Sound of the control room muted"),
        "rule_made": _("Alarm rule made"),
        "rule_changed": _("Alarm rule changed"),
        "limit_asked": _("Change of a limit asked for"),
        "limit_set": _("Limit changed"),
        "limit_refused": _("Change of a limit turned down"),
        "formula_set": _("Formula of a calculated point set"),
        "past_calculated": _("Past of a calculated point worked out"),
    }
    for code, label in deeds.items():
        audit.name_deed(f"telemetry.{code}", label)
    audit.name_subject("alarm", _("Alarm"))
    audit.name_subject("alarm_rule", _("Alarm rule"))
    audit.name_subject("point", _("Point"))


def name_events() -> None:
    """Say what the events of measurements are called, and what they say."""
    from huoshui.areas.telemetry import contracts
    from huoshui.kernel import audit, events

    events.name_event(contracts.AlarmRaised, _("Alarm raised"))
    events.name_event(contracts.AlarmCleared, _("Alarm over"))
    events.name_event(contracts.AlarmAcknowledged, _("Alarm acknowledged"))
    events.name_event(contracts.ReadingsCorrected, _("Readings corrected"))
    events.name_event(contracts.UnknownPointSeen, _("Unknown code seen for the first time"))
    audit.name_details(
        {
            "alarm_id": _("Alarm"),
            "point_code": _("Point"),
            "telemetry.acknowledged_at": _("Acknowledged at"),
            "telemetry.acknowledged_by_id": _("Acknowledged by"),
            "telemetry.cleared_at": _("Over since"),
            "telemetry.raised_at": _("Raised at"),
            "telemetry.secrets_dropped": _("Secrets forgotten, as it leads elsewhere"),
        }
    )
