"""Table of remarks that people leave on trends."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.telemetry.models.points import Point


class Remark(models.Model):
    """What somebody knows of a moment or a span of a point: a flushing, a visit, a broken cable.

    Born when it is written; its author may change it. Removing it sets ``removed_at``, so that it
    can come back and the audit trail still points somewhere.
    """

    point = models.ForeignKey(Point, models.PROTECT, related_name="+")
    from_at = models.DateTimeField(db_index=True)
    until = models.DateTimeField(null=True, help_text="Excluded; empty for a moment.")
    text = models.CharField(max_length=500)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-from_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("from_at")),
                name="remark_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="remark_says_something"),
        ]

    def __str__(self) -> str:
        return f"remark {self.pk} on point {self.point_id}"
