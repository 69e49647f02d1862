"""Proposals of a plan: which crew does which jobs in which order, and what had to stay out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork.models.crews import Crew
from huoshui.areas.fieldwork.models.jobs import Job
from huoshui.areas.fieldwork.models.lengths import CODE_LENGTH


class Plan(models.Model):
    """One proposal. Computed in the background, changed by a person, accepted or put aside.

    Figures of driving are of the proposal as it was computed; its stops are as they are now.
    """

    from_at = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=CODE_LENGTH, default=contracts.PlanState.COMPUTING)
    asked_at = models.DateTimeField(db_index=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    drive_s = models.FloatField(null=True)
    nearest_drive_s = models.FloatField(null=True, help_text="Of the same jobs, nearest first.")
    nearest_placed = models.PositiveIntegerField(null=True)
    drive_m = models.FloatField(null=True)
    took_s = models.FloatField(null=True, help_text="How long the computation took.")
    travel = models.CharField(max_length=CODE_LENGTH, blank=True, help_text="What it drives over.")
    legs_by_line = models.PositiveIntegerField(
        null=True, help_text="Legs that no graph has: the straight line times a factor."
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in contracts.PlanState]),
                name="plan_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanStop(models.Model):
    """One job in a proposal: with a crew at its place, or without one and why."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="stops")
    job = models.ForeignKey(Job, models.PROTECT, related_name="+")
    crew = models.ForeignKey(Crew, models.PROTECT, null=True, related_name="+")
    order = models.PositiveIntegerField(default=0)
    begin_at = models.DateTimeField(null=True)
    drive_s = models.FloatField(null=True)
    drive_m = models.FloatField(null=True)
    reason = models.CharField(max_length=CODE_LENGTH, blank=True, help_text="Why nobody can.")
    broken = models.JSONField(default=list, help_text="Rules that a person's change breaks.")

    class Meta:
        ordering = ["plan", "crew", "order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "job"], name="planstop_once_a_job"),
        ]

    def __str__(self) -> str:
        return f"job {self.job_id} in plan {self.plan_id}"
