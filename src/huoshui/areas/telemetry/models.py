"""Tables of telemetry: points, alarms, codes nobody declared. Readings live in the store."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.telemetry import contracts

# The codes of assets and zones are stable for ever, so they serve as keys here and "which asset"
# needs no look into another area's tables.
CODE_LENGTH = 64


class Point(models.Model):
    """A place where something is measured, declared once; its number is what the store keeps.

    Born before its first reading. Limits and names may change, code and kind never. It may wait
    without an asset until somebody adopts it.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, help_text="A code of contracts.KINDS, with its unit.")
    asset = models.ForeignKey(
        "network.Asset", models.PROTECT, to_field="code", null=True, related_name="+"
    )
    zone = models.ForeignKey(
        "network.Zone", models.PROTECT, to_field="code", null=True, related_name="+"
    )
    limit_low_low = models.FloatField(null=True)
    limit_low = models.FloatField(null=True)
    limit_high = models.FloatField(null=True)
    limit_high_high = models.FloatField(null=True)
    dead_band = models.FloatField(default=0, help_text="How far back inside before it is over.")
    delay_s = models.PositiveIntegerField(default=0, help_text="How long beyond before it counts.")
    range_min = models.FloatField(null=True, help_text="Least the instrument can measure.")
    range_max = models.FloatField(null=True, help_text="Most the instrument can measure.")
    rate_max_per_s = models.FloatField(null=True)
    expected_every_s = models.PositiveIntegerField(null=True)
    declared_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=tuple(contracts.KINDS)), name="point_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(range_min__isnull=True)
                | Q(range_max__isnull=True)
                | Q(range_min__lt=F("range_max")),
                name="point_range_min_below_range_max",
            ),
        ]

    def __str__(self) -> str:
        return f"point {self.code}"


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


class UnknownPoint(models.Model):
    """A code that a source sends and nobody has declared, with how often and a sample.

    Born at the first such reading, counted on until somebody declares the code.
    """

    source = models.CharField(max_length=100)
    code = models.CharField(max_length=200)
    count = models.BigIntegerField(default=0)
    earliest_at = models.DateTimeField()
    latest_at = models.DateTimeField()
    sample = models.FloatField(null=True)

    class Meta:
        ordering = ("-latest_at",)
        constraints = [
            models.UniqueConstraint(fields=("source", "code"), name="unknownpoint_once_per_source")
        ]

    def __str__(self) -> str:
        return f"unknown code {self.code} from {self.source}"
