"""What the checks of the network found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.network.models.assets import Asset, Zone


class Finding(models.Model):
    """One thing that looks wrong with the network, found by one check.

    Born in the run that first finds it and deleted by the run that no longer does. Somebody may
    accept it as it is, with a reason; that lasts as long as the finding.
    """

    check_code = models.CharField(max_length=40)
    level = models.CharField(max_length=10, help_text="error, warning or notice")
    asset = models.ForeignKey(Asset, models.CASCADE, null=True, related_name="findings")
    other = models.ForeignKey(Asset, models.CASCADE, null=True, related_name="+")
    subject = models.CharField(max_length=200, help_text="Tells it from others of its check.")
    value = models.FloatField(null=True)
    expected = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    zone = models.ForeignKey(Zone, models.SET_NULL, null=True, related_name="+")
    found_at = models.DateTimeField(help_text="By the first run that saw it.")
    seen_at = models.DateTimeField(help_text="By the newest run.")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("check_code", "id")
        indexes = [
            models.Index(fields=["check_code", "id"], name="finding_by_check"),
            models.Index(fields=["level", "id"], name="finding_by_level"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["check_code", "subject"], name="finding_is_said_once"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | ~Q(reason=""),
                name="finding_is_accepted_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_code} {self.subject}"
