"""The table of imports: which file, who brought it, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class State(models.TextChoices):
    """How far an import is. Checked ones wait for a person; the last two are final."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"


class Import(models.Model):
    """One file that somebody brought, with the answers given about it.

    Born when the file arrives and is checked in the background; carried out when a person says so.
    Other answers about the same file are a new row; the file lies once, under its own hash.
    """

    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=20, default=State.CHECKING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    brought_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    created = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    left_out = models.PositiveBigIntegerField(default=0)
    problems_total = models.PositiveBigIntegerField(default=0)
    is_fatal = models.BooleanField(default=False)
    outcome = models.JSONField(default=dict, help_text="What was found, once in each language.")

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["checking", "checked", "importing", "done", "failed"]),
                name="import_in_a_known_state",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.kind}"
