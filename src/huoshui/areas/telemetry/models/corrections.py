"""Corrections of readings: who changed what is seen of a span, how, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.telemetry.store import corrections


class Correction(models.Model):
    """One correction of the readings of a point in [from_at, until).

    The readings themselves stay as they came. Made by a person, with a reason; undone at most
    once, also by a person, and never deleted. ``revision`` grows with every making and undoing.
    """

    revision = models.BigIntegerField(unique=True)
    point = models.ForeignKey("telemetry.Point", models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until = models.DateTimeField()
    how = models.CharField(max_length=20)
    value = models.FloatField(null=True, help_text="The new value, or the factor.")
    offset = models.FloatField(default=0, help_text="Added after the factor.")
    line_from_at = models.DateTimeField(null=True)
    line_from = models.FloatField(null=True)
    line_until = models.DateTimeField(null=True)
    line_to = models.FloatField(null=True)
    readings = models.PositiveIntegerField(help_text="How many there were when it was made.")
    reason = models.CharField(max_length=500)
    made_at = models.DateTimeField(db_index=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(how__in=corrections.HOWS), name="correction_of_a_known_way"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("from_at")), name="correction_until_behind_from"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="correction_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk} of point {self.point_id}"
