"""What comes again and again: planned maintenance and patrol rounds."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork.models.jobs import Job
from huoshui.areas.fieldwork.models.lengths import ASSET_LENGTH, CODE_LENGTH, NAME_LENGTH
from huoshui.areas.fieldwork.models.types import JobType


class MaintenancePlan(models.Model):
    """Work on one asset that is due again after so many days or running hours, whichever first.

    Each time it falls due it asks for a job. Retired, never deleted.
    """

    name = models.CharField(max_length=200)
    asset_code = models.CharField(max_length=ASSET_LENGTH, db_index=True)
    job_type = models.ForeignKey(JobType, models.PROTECT, related_name="+")
    every_days = models.PositiveIntegerField(null=True)
    every_hours = models.PositiveIntegerField(null=True)
    hours_point = models.CharField(
        max_length=100, blank=True, help_text="The point that counts running hours."
    )
    ahead_days = models.PositiveIntegerField(default=7, help_text="Ask so many days before.")
    done_date = models.DateField(help_text="When it was done last.")
    done_hours = models.FloatField(null=True, help_text="Running hours when it was done last.")
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_days__gt=0) | Q(every_hours__gt=0),
                name="maintenanceplan_comes_again",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MaintenanceDone(models.Model):
    """One time a maintenance was due and what became of it. Never changes."""

    plan = models.ForeignKey(MaintenancePlan, models.PROTECT, related_name="history")
    due_date = models.DateField()
    done_date = models.DateField(null=True)
    done_hours = models.FloatField(null=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-due_date", "-id"]

    def __str__(self) -> str:
        return f"{self.plan_id} due {self.due_date}"


class PatrolRound(models.Model):
    """A way to walk again and again: the pipes to pass and the things to look at."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    zone_code = models.CharField(max_length=ASSET_LENGTH, blank=True)
    asset_codes = models.JSONField(help_text="Pipes to walk along, valves and hydrants to look at.")
    every_days = models.PositiveIntegerField()
    near_m = models.FloatField(default=25.0, help_text="Walked within this distance counts.")
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class PatrolWalk(models.Model):
    """One walk of a round, as the phone recorded it, and what it covered. Never changes."""

    round = models.ForeignKey(PatrolRound, models.PROTECT, related_name="walks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    began_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField()
    track = models.JSONField(help_text="Longitude, latitude and seconds since the beginning.")
    length_m = models.FloatField(help_text="Of the pipes of the round.")
    covered_m = models.FloatField()
    missed = models.JSONField(help_text="Missed pieces: asset, metres, from and to.")
    key = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="patrolwalk_once_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"walk {self.pk} of {self.round_id}"


class PatrolFinding(models.Model):
    """Something a patroller found on the way. Never changes; what comes of it is a job."""

    walk = models.ForeignKey(PatrolWalk, models.PROTECT, null=True, related_name="findings")
    kind = models.CharField(max_length=CODE_LENGTH)
    asset_code = models.CharField(max_length=ASSET_LENGTH, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    note = models.TextField(blank=True)
    found_at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-found_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
