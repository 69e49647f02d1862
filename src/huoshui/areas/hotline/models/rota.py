"""Who sits at the hotline when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Shift(models.Model):
    """One stretch of time for which one agent is on duty.

    May be offered to a colleague; it is theirs once they agree. Cancelled shifts stay on record.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until = models.DateTimeField()
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True)
    planned_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["from_at", "id"]
        indexes = [models.Index(fields=["from_at", "until"], name="shift_from_until")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("from_at")), name="shift_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"shift {self.pk} of {self.user_id}"
