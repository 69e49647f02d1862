"""Leaders who listen to calls."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from huoshui.areas.hotline.models.calls import Call


def no_scores() -> dict[str, Any]:
    """Return an empty score sheet."""
    return {}


class Listening(models.Model):
    """One call that somebody listened to and judged.

    Scores and the root of the trouble are written once; the improvement it led to is closed later.
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="+")
    listened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    listened_at = models.DateTimeField()
    scores = models.JSONField(default=no_scores)
    mean = models.FloatField(help_text="Mean of the scores, 1 to 5.")
    root = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    improvement = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    due_date = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["listened_at"], name="listening_listened")]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "listened_by"], name="listening_once_for_each_listener"
            ),
        ]

    def __str__(self) -> str:
        return f"listening {self.pk} to call {self.call_id}"
