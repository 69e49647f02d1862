"""Many calls about one thing."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from huoshui.areas.hotline.models.calls import Call
from huoshui.areas.hotline.models.topics import Topic


class Incident(models.Model):
    """One thing in the city that many people call about.

    Born when a second call is folded with a first one. What is ``known`` is said to the next
    caller. Ends with its leading case; then everybody who called is called back.
    """

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+")
    case_number = models.CharField(max_length=40, blank=True, db_index=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    estate_code = models.CharField(max_length=40, blank=True)
    zone_code = models.CharField(max_length=64, blank=True)
    place = models.CharField(max_length=200, blank=True)
    known = models.TextField(blank=True, help_text="What the next caller is told.")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["closed_at", "opened_at"], name="incident_closed_opened")]

    def __str__(self) -> str:
        return f"incident {self.pk}"


class IncidentCall(models.Model):
    """One caller of an incident; taken out again it stays on record with ``unfolded_at``."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="members")
    call = models.ForeignKey(Call, models.PROTECT, related_name="+")
    folded_at = models.DateTimeField()
    folded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    unfolded_at = models.DateTimeField(null=True)
    called_back_at = models.DateTimeField(null=True)
    called_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    score = models.PositiveSmallIntegerField(null=True, help_text="How content, 1 to 5.")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call"],
                condition=models.Q(unfolded_at__isnull=True),
                name="incidentcall_in_one_incident",
            ),
        ]

    def __str__(self) -> str:
        return f"call {self.call_id} of incident {self.incident_id}"
