"""Jobs, their history, reports and photos."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.fieldwork import contracts, rules
from huoshui.areas.fieldwork.models.crews import Crew, Skill
from huoshui.areas.fieldwork.models.lengths import CODE_LENGTH
from huoshui.areas.fieldwork.models.types import JobType


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, by what people ask of them."""

    def open(self) -> JobQuerySet:
        """Keep jobs that still need somebody."""
        return self.filter(state__in=rules.OPEN_STATES)

    def overdue(self, now: datetime) -> JobQuerySet:
        """Keep jobs that wait for their crew past the agreed moment."""
        waiting = (contracts.JobState.REQUESTED, contracts.JobState.ASSIGNED)
        return self.filter(state__in=waiting, due_at__lt=now)


class Job(models.Model):
    """One piece of work in the street.

    Born when somebody asks for it. Only its state, its crew and its place in the day change, and
    every change leaves a ``JobEvent``. Never deleted: a job nobody does is cancelled with a reason.
    """

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(
        max_length=200, blank=True, help_text="Empty: kind and place are shown instead."
    )
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=CODE_LENGTH)
    asset_code = models.CharField(max_length=64, blank=True, db_index=True)
    zone_code = models.CharField(max_length=64, blank=True, db_index=True)
    lon = models.FloatField(null=True, help_text="Longitude, WGS 84, in degrees.")
    lat = models.FloatField(null=True, help_text="Latitude, WGS 84, in degrees.")
    origin = models.CharField(
        max_length=100, blank=True, db_index=True, help_text="What asked, as area.thing:id."
    )
    priority = models.CharField(max_length=CODE_LENGTH)
    state = models.CharField(max_length=CODE_LENGTH)
    due_at = models.DateTimeField()
    requested_at = models.DateTimeField(db_index=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    job_type = models.ForeignKey(JobType, models.PROTECT, null=True, related_name="+")
    skills = models.ManyToManyField(Skill, related_name="+")
    duration_minutes = models.PositiveIntegerField(default=rules.USUAL_MINUTES)
    window_from_at = models.DateTimeField(null=True, help_text="Not before this moment.")
    window_until = models.DateTimeField(null=True, help_text="To be begun before this moment.")
    crew = models.ForeignKey(Crew, models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField(null=True, help_text="When the crew is to begin.")
    planned_order = models.PositiveIntegerField(null=True, help_text="Place among the crew's jobs.")
    planned_drive_s = models.PositiveIntegerField(null=True, help_text="From the place before.")
    set_off_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    account_code = models.CharField(
        max_length=64, blank=True, help_text="Whose water it is about, if one customer's."
    )
    called_at = models.DateTimeField(
        null=True, help_text="When somebody told of it first, where that was before it was asked."
    )
    repaired_at = models.DateTimeField(null=True)
    water_back_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=CODE_LENGTH, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="job_state_due"),
            models.Index(fields=["crew", "state"], name="job_crew_state"),
            models.Index(fields=["kind", "requested_at"], name="job_kind_requested"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in contracts.JobState]),
                name="job_state_known",
            ),
            models.CheckConstraint(
                condition=(Q(lon__isnull=True) & Q(lat__isnull=True))
                | Q(
                    lon__isnull=False,
                    lat__isnull=False,
                    lon__range=(-180, 180),
                    lat__range=(-90, 90),
                ),
                name="job_spot_whole_and_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(window_from_at__isnull=True)
                | Q(window_until__isnull=True)
                | Q(window_until__gt=F("window_from_at")),
                name="job_window_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class JobEvent(models.Model):
    """One step in the life of a job: who did what, when, and why. Never changes."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="events")
    what = models.CharField(max_length=CODE_LENGTH)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    to_whom = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    crew_before = models.ForeignKey(
        "fieldwork.Crew",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The crew that lost the job by this step.",
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.what} of job {self.job_id}"


class JobReport(models.Model):
    """What a crew found and did. Never changes; a returned job gets a further report."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="reports")
    found = models.CharField(max_length=CODE_LENGTH)
    found_asset_code = models.CharField(max_length=64, blank=True)
    found_size_m3h = models.FloatField(null=True, help_text="Estimated by the crew, if at all.")
    note = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_by = models.CharField(
        max_length=CODE_LENGTH,
        default=contracts.ReportMadeBy.PERSON,
        help_text="Who put it together: the one who reported, the rule, or who closed the job.",
    )

    class Meta:
        ordering = ["reported_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(found_size_m3h__isnull=True) | Q(found_size_m3h__gte=0),
                name="jobreport_size_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk} of job {self.job_id}"


class JobPhoto(models.Model):
    """One photo that belongs to a report. Never changes."""

    report = models.ForeignKey(JobReport, models.PROTECT, related_name="photos")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"photo {self.pk} of report {self.report_id}"
