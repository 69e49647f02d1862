"""The table of rehearsals."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

STATES = ("idle", "preparing", "running", "held", "over", "stopped")
WANTED = ("", "start", "hold", "go_on", "stop")


def nothing() -> list[Any]:
    """Return what is told of a rehearsal before it began."""
    return []


class Rehearsal(models.Model):
    """One rehearsal that can be played here, and how far it is; changed by its player and its page.

    Born when a player first offers it. ``wanted`` is what people ask and the player takes away.
    """

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    text_zh = models.TextField(blank=True, help_text="What happens in it.")
    text_en = models.TextField(blank=True)
    parts = models.JSONField(default=nothing, help_text="What a person may do in it themselves.")

    wanted = models.CharField(max_length=20, blank=True)
    speed = models.FloatField(default=60, help_text="Shown seconds in one real second.")
    played_by_person = models.JSONField(default=nothing, help_text="Parts that people play.")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    state = models.CharField(max_length=20, default="idle")
    begins_at = models.DateTimeField(null=True, help_text="Shown moment of its beginning.")
    done_frac = models.FloatField(default=0)
    figures = models.JSONField(default=nothing, help_text="What the script says and what is there.")
    told = models.JSONField(default=nothing, help_text="What happened last, the latest first.")
    links = models.JSONField(default=nothing, help_text="Pages on which it is seen.")
    seen_at = models.DateTimeField(null=True, help_text="Real moment at which its player lived.")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="rehearsal_state_known"),
            models.CheckConstraint(condition=Q(wanted__in=WANTED), name="rehearsal_wanted_known"),
        ]

    def __str__(self) -> str:
        return self.code
