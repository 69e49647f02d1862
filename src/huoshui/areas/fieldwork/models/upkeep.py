"""What comes again and again: planned maintenance and patrol rounds."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from huoshui.areas.fieldwork.models.crews import Crew
from huoshui.areas.fieldwork.models.jobs import Job
from huoshui.areas.fieldwork.models.lengths import ASSET_LENGTH, CODE_LENGTH, NAME_LENGTH
from huoshui.areas.fieldwork.models.types import JobType


class MaintenancePlan(models.Model):
    """Work on one asset that is due again after so many days or running hours, whichever first.

    Each time it falls due it asks for a job. ``due_date`` is computed whenever something changes;
    while a job is open it stands still. Retired, never deleted.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=200)
    asset_code = models.CharField(max_length=ASSET_LENGTH, db_index=True)
    asset_kind = models.CharField(max_length=CODE_LENGTH, blank=True)
    job_type = models.ForeignKey(JobType, models.PROTECT, related_name="+")
    crew = models.ForeignKey(Crew, models.PROTECT, null=True, related_name="+")
    instructions = models.TextField(blank=True, help_text="Beyond the steps of the type of job.")
    every_days = models.PositiveIntegerField(null=True)
    every_hours = models.PositiveIntegerField(null=True)
    hours_point = models.CharField(
        max_length=100, blank=True, help_text="The point that counts running hours."
    )
    runs_above = models.FloatField(
        null=True, help_text="It runs while the point reads more; empty: the point counts hours."
    )
    from_month = models.PositiveSmallIntegerField(default=1)
    until_month = models.PositiveSmallIntegerField(default=12)
    window_from = models.TimeField(null=True, help_text="Not before, on the wall of the city.")
    window_until = models.TimeField(null=True, help_text="To be begun before.")
    heat_from = models.TimeField(null=True, help_text="No work outside from here in the heat.")
    heat_until = models.TimeField(null=True)
    heat_limit_c = models.FloatField(null=True)
    heat_point = models.CharField(max_length=100, blank=True, help_text="Empty: by hours alone.")
    is_routine = models.BooleanField(default=False, help_text="A missed day is not caught up.")
    wants_photos = models.BooleanField(default=False, help_text="One before and one after.")
    ahead_days = models.PositiveIntegerField(default=7, help_text="Ask so many days before.")
    done_date = models.DateField(help_text="When it was done last.")
    done_hours = models.FloatField(null=True, help_text="Running hours when it was done last.")
    due_date = models.DateField(null=True, db_index=True, help_text="Empty: not known yet.")
    due_by = models.CharField(max_length=CODE_LENGTH, blank=True, help_text="Days or hours.")
    hours_now = models.FloatField(null=True)
    hours_read_at = models.DateTimeField(null=True)
    hours_a_day = models.FloatField(null=True, help_text="Mean of the last weeks.")
    hours_a_day_min = models.FloatField(null=True, help_text="Of the least busy week.")
    hours_a_day_max = models.FloatField(null=True, help_text="Of the busiest week.")
    trouble = models.CharField(max_length=80, blank=True, help_text="Why no job was asked for.")
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_days__gt=0) | Q(every_hours__gt=0),
                name="maintenanceplan_comes_again",
            ),
            models.CheckConstraint(
                condition=Q(from_month__range=(1, 12), until_month__range=(1, 12)),
                name="maintenanceplan_months_of_the_year",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MaintenanceDone(models.Model):
    """One time a maintenance was due and what became of it.

    Born with the job that is asked for, or as missed; filled once, when the job ends. A plan has
    one row for a due date, so that nothing is ever asked for twice.
    """

    plan = models.ForeignKey(MaintenancePlan, models.PROTECT, related_name="history")
    due_date = models.DateField(db_index=True)
    outcome = models.CharField(max_length=CODE_LENGTH)
    asked_at = models.DateTimeField(null=True)
    done_date = models.DateField(null=True)
    done_hours = models.FloatField(null=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="upkeep")

    class Meta:
        ordering = ["-due_date", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "due_date"], name="maintenancedone_once_a_due_date"
            ),
            models.CheckConstraint(
                condition=Q(outcome="done", done_date__isnull=False)
                | (~Q(outcome="done") & Q(done_date__isnull=True)),
                name="maintenancedone_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} due {self.due_date}"


class PatrolRound(models.Model):
    """A way to walk again and again: the pipes to pass and the things to look at."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    name_en = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="Empty: as the name.")
    zone_code = models.CharField(max_length=ASSET_LENGTH, blank=True)
    asset_codes = models.JSONField(help_text="Pipes to walk along, valves and hydrants to look at.")
    every_days = models.PositiveIntegerField()
    begin_date = models.DateField(null=True, help_text="First day of its first period.")
    from_month = models.PositiveSmallIntegerField(default=1, help_text="First month of its season.")
    until_month = models.PositiveSmallIntegerField(default=12, help_text="Latest month, included.")
    purpose = models.CharField(max_length=CODE_LENGTH, default="patrol")
    walker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
        help_text="Who walks it; nobody: every crew may.",
    )  # fmt: skip
    near_m = models.FloatField(default=25.0, help_text="Walked within this distance counts.")
    is_retired = models.BooleanField(default=False)
    check_lists = models.JSONField(
        default=list, help_text="Lists that go before those that stand for kinds, by code."
    )
    rhythm_from_date = models.DateField(
        null=True, help_text="Its periods that end later count; nothing: it was never changed."
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def shown_name(self) -> str:
        """Its name in the reader's language."""
        english = (get_language() or "").startswith("en")
        return (english and self.name_en) or self.name


class PatrolRhythm(models.Model):
    """How often a round was due before that was changed. Never changes.

    Of its periods those count that end after ``from_date`` and not after ``until_date``.
    """

    round = models.ForeignKey(PatrolRound, models.PROTECT, related_name="rhythms")
    begin_date = models.DateField()
    every_days = models.PositiveIntegerField()
    from_month = models.PositiveSmallIntegerField()
    until_month = models.PositiveSmallIntegerField()
    from_date = models.DateField(null=True)
    until_date = models.DateField(help_text="The day of the change.")
    asset_codes = models.JSONField(null=True, help_text="What was on the round until then.")

    class Meta:
        ordering = ["round", "until_date", "id"]

    def __str__(self) -> str:
        return f"{self.round_id} until {self.until_date}"


class PatrolWalk(models.Model):
    """One walk of a round, as the phone recorded it, and what it covered. Never changes."""

    round = models.ForeignKey(PatrolRound, models.PROTECT, related_name="walks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    began_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField()
    track = models.JSONField(
        help_text="Longitude, latitude, seconds since the beginning, accuracy [m] or null."
    )
    source = models.CharField(max_length=CODE_LENGTH, default="phone")
    walked_m = models.FloatField(default=0.0, help_text="Length of the track where it is joined.")
    gaps = models.PositiveIntegerField(default=0, help_text="Where the track was not joined.")
    inaccurate = models.PositiveIntegerField(default=0, help_text="Fixes that were left out.")
    pipes = models.JSONField(default=dict, help_text="Length of each pipe of the round then.")
    seen = models.JSONField(default=list, help_text="Valves and hydrants that were looked at.")
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
    """Something a patroller found on the way. What comes of it is a job; nothing else changes.

    It may arrive before its walk, which is longer and comes in pieces; ``walk`` is filled then.
    """

    walk = models.ForeignKey(PatrolWalk, models.PROTECT, null=True, related_name="findings")
    kind = models.CharField(max_length=CODE_LENGTH)
    asset_code = models.CharField(max_length=ASSET_LENGTH, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    note = models.TextField(blank=True)
    found_at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    round = models.ForeignKey(PatrolRound, models.PROTECT, null=True, related_name="+")
    walk_key = models.CharField(max_length=100, blank=True, db_index=True)
    key = models.CharField(max_length=100, blank=True, help_text="Of the phone's entry.")
    photo_hash = models.CharField(max_length=64, blank=True, help_text="Of the phone's photo.")

    class Meta:
        ordering = ["-found_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="patrolfinding_once_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
