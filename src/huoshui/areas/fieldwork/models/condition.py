"""Signs of wear: what is watched at a machine, where it leads, and what was suggested of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork.models.crews import Crew
from huoshui.areas.fieldwork.models.jobs import Job
from huoshui.areas.fieldwork.models.lengths import ASSET_LENGTH, CODE_LENGTH
from huoshui.areas.fieldwork.models.types import JobType

POINT_LENGTH = 100


class ConditionIndicator(models.Model):
    """One sign of wear at a machine: a reading, or one reading set against another, and its limit.

    What was found at the latest look is kept beside it. Retired, never deleted.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=200)
    asset_code = models.CharField(max_length=ASSET_LENGTH, db_index=True)
    point = models.CharField(max_length=POINT_LENGTH)
    how = models.CharField(max_length=CODE_LENGTH, help_text="Alone, above or per another point.")
    other_point = models.CharField(max_length=POINT_LENGTH, blank=True)
    while_point = models.CharField(
        max_length=POINT_LENGTH, blank=True, help_text="Only hours count in which this point is so."
    )
    while_min = models.FloatField(null=True)
    while_max = models.FloatField(null=True)
    limit = models.FloatField()
    is_upper = models.BooleanField(default=True, help_text="Wear raises it; else it lowers it.")
    window_days = models.PositiveIntegerField(default=60)
    warn_days = models.PositiveIntegerField(default=60)
    lead_days = models.PositiveIntegerField(default=7)
    job_type = models.ForeignKey(JobType, models.PROTECT, related_name="+")
    crew = models.ForeignKey(Crew, models.PROTECT, null=True, related_name="+")
    instructions = models.TextField(blank=True)
    since_date = models.DateField(null=True, help_text="Days before say nothing: work was done.")
    looked_at = models.DateTimeField(null=True)
    days = models.PositiveIntegerField(default=0, help_text="Days that are known.")
    level_now = models.FloatField(null=True)
    slope_a_day = models.FloatField(null=True)
    slope_a_day_min = models.FloatField(null=True)
    slope_a_day_max = models.FloatField(null=True)
    limit_date = models.DateField(null=True, help_text="When it is reached, by the trend.")
    limit_date_min = models.DateField(null=True)
    limit_date_max = models.DateField(null=True, help_text="Empty: perhaps never.")
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(how="alone", other_point="")
                | (Q(how__in=("above", "per")) & ~Q(other_point="")),
                name="conditionindicator_has_what_it_is_set_against",
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=14, warn_days__gte=1),
                name="conditionindicator_looks_long_enough",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConditionSuggestion(models.Model):
    """One time that a trend said: look after this machine before that day.

    Born by a look, with the days it rests on; decided once by a person, or it lapses by itself.
    ``verdict`` says afterwards whether there was wear.
    """

    indicator = models.ForeignKey(ConditionIndicator, models.PROTECT, related_name="suggestions")
    made_at = models.DateTimeField(db_index=True)
    due_date = models.DateField(help_text="Until when the work should be done.")
    limit = models.FloatField()
    level = models.FloatField()
    slope_a_day = models.FloatField()
    slope_a_day_min = models.FloatField()
    slope_a_day_max = models.FloatField()
    limit_date = models.DateField(null=True)
    limit_date_min = models.DateField()
    limit_date_max = models.DateField(null=True)
    likeness = models.FloatField(default=0.0)
    evidence = models.JSONField(help_text="First day, and the value of each day or null.")
    state = models.CharField(max_length=CODE_LENGTH, default="open", db_index=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=CODE_LENGTH, blank=True)
    note = models.TextField(blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="condition")
    verdict = models.CharField(max_length=CODE_LENGTH, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator"], condition=Q(state="open"),
                name="conditionsuggestion_one_open_at_a_time",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"suggestion {self.pk} of {self.indicator_id}"
