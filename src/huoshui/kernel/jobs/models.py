"""Tables of background work: progress of tasks, and what is due when."""

from __future__ import annotations

from django.db import models


class Progress(models.Model):
    """How far one background task has come, in its own words.

    Born when a person starts the task, or when it first reports; overwritten as it goes on; kept
    with the task's result.
    """

    task_id = models.UUIDField(primary_key=True, help_text="Key of the task's result.")
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", help_text="Who started it."
    )
    cancel_asked_at = models.DateTimeField(
        null=True, help_text="Real time; the task ends at its next report."
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="0: not known yet.")
    note = models.CharField(max_length=200, blank=True)
    reported_at = models.DateTimeField(help_text="Real time.")

    def __str__(self) -> str:
        return f"{self.done}/{self.total} {self.note}"


class Schedule(models.Model):
    """One recurring task and the latest due time that was run, by the product's clock.

    Born when the worker first sees the schedule declared; moved on by one due time per run.
    """

    name = models.CharField(max_length=120, unique=True)
    latest_due_at = models.DateTimeField(help_text="Latest due time that was run.")
    ran_at = models.DateTimeField(null=True, help_text="Real time of the latest run.")
    duration_s = models.FloatField(default=0.0)
    runs = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, until one succeeds.")
    retry_at = models.DateTimeField(null=True, help_text="Real time before which not to retry.")
    asked_at = models.DateTimeField(null=True, help_text="Real time: a person wants a run now.")
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.name} up to {self.latest_due_at}"
