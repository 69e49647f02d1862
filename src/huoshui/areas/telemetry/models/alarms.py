"""Tables of alarms, and how far the journal's transitions have become alarms."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.telemetry.models.points import Point


class AlarmQuerySet(models.QuerySet["Alarm"]):
    """Alarms, by what people ask of them."""

    def standing(self) -> AlarmQuerySet:
        """Keep alarms not cleared yet."""
        return self.filter(cleared_at__isnull=True)

    def waiting(self) -> AlarmQuerySet:
        """Keep standing alarms nobody has acknowledged."""
        return self.standing().filter(acknowledged_at__isnull=True)


class Alarm(models.Model):
    """One time that something was wrong with a point or a zone, from raising to clearing.

    Born raised; cleared once by the condition going away, acknowledged at most once by a person.
    Never deleted: the next time is a new row. The states of ISA-18.2 follow from the moments:
    raised and neither acknowledged nor cleared is *unacknowledged*, and so on.
    """

    point = models.ForeignKey(Point, models.PROTECT, null=True, related_name="alarms")
    zone = models.ForeignKey(
        "network.Zone", models.PROTECT, to_field="code", null=True, related_name="+"
    )
    rule = models.CharField(max_length=20, help_text="limit_high, no_data, deviation ...")
    code = models.CharField(
        max_length=64, blank=True, help_text="Tells deviations of one subject apart."
    )
    priority = models.CharField(max_length=10)
    raised_at = models.DateTimeField(db_index=True)
    cleared_at = models.DateTimeField(null=True, db_index=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    message = models.CharField(max_length=300, help_text="English msgid with %(name)s places.")
    data = models.JSONField(default=dict)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(point__isnull=True) ^ Q(zone__isnull=True),
                name="alarm_of_either_a_point_or_a_zone",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="alarm_acknowledged_by_somebody",
            ),
            models.UniqueConstraint(
                fields=("point", "rule", "code"),
                condition=Q(cleared_at__isnull=True, point__isnull=False),
                name="alarm_stands_once_per_point",
            ),
            models.UniqueConstraint(
                fields=("zone", "rule", "code"),
                condition=Q(cleared_at__isnull=True, zone__isnull=False),
                name="alarm_stands_once_per_zone",
            ),
        ]

    def __str__(self) -> str:
        return f"alarm {self.pk} ({self.rule}) of {self.subject}"

    @property
    def subject(self) -> str:
        """The code of the point or the zone."""
        return self.zone_id or (self.point.code if self.point else "")


class TransitionCursor(models.Model):
    """How far the journal's alarm transitions have become alarms: one row.

    Moves in the same transaction as the alarms, so that a crash neither loses nor repeats one.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reached = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="transitioncursor_is_one_row")
        ]

    def __str__(self) -> str:
        return f"transitions up to {self.reached}"
