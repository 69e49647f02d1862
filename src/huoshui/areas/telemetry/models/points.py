"""Tables of points and of codes nobody declared."""

from __future__ import annotations

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
    # Checks: empty means as usual for the kind (checks.py), 0 switches one off.
    flat_after_s = models.PositiveIntegerField(null=True, help_text="Unchanged so long is odd.")
    flat_band = models.FloatField(default=0, help_text="Changes up to this count as none.")
    spike_min = models.FloatField(null=True, help_text="The least jump that may be a spike.")
    retention = models.ForeignKey(
        "telemetry.RetentionClass", models.PROTECT, null=True, related_name="+"
    )
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
