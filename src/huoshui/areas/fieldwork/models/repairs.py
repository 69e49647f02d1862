"""Breakdowns and small retrofits: what belongs to their cases and has no place in a field."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork.models.jobs import Job
from huoshui.areas.fieldwork.models.lengths import ASSET_LENGTH, CODE_LENGTH

CASE_LENGTH = 20


class Breakdown(models.Model):
    """The two jobs of one breakdown: what keeps it going, and what mends it for good.

    Born with its case; the jobs are added once and stay. The well is described where water rises
    while a pump stands still.
    """

    case_number = models.CharField(max_length=CASE_LENGTH, unique=True)
    asset_code = models.CharField(max_length=ASSET_LENGTH, db_index=True)
    stop_gap = models.OneToOneField(Job, models.PROTECT, null=True, related_name="+")
    permanent = models.OneToOneField(Job, models.PROTECT, null=True, related_name="+")
    well_area_m2 = models.FloatField(null=True, help_text="Mean surface up to the edge.")
    edge_level_m = models.FloatField(null=True, help_text="Level at which it runs over.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(well_area_m2__isnull=True) | Q(well_area_m2__gt=0),
                name="breakdown_well_has_a_surface",
            ),
        ]

    def __str__(self) -> str:
        return self.case_number


class BreakdownMeasure(models.Model):
    """What was done at one moment of a breakdown, and how long the water has then. Never changes.

    ``minutes_left`` is empty where the water does not rise, or nothing was measured.
    """

    breakdown = models.ForeignKey(Breakdown, models.PROTECT, related_name="measures")
    at = models.DateTimeField()
    what = models.CharField(max_length=500)
    level_m = models.FloatField(null=True)
    inflow_m3h = models.FloatField(null=True)
    outflow_m3h = models.FloatField(null=True)
    volume_m3 = models.FloatField(null=True, help_text="Room up to the edge.")
    minutes_left = models.FloatField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.what} at {self.at}"


class CaseLine(models.Model):
    """One line of a breakdown or retrofit: a quote, an option, hours, goods, an observation.

    ``is_good`` says of an observation whether all was well, of an option whether it was chosen.
    Never changes; what was wrong is struck out by whoever finds it, and stays to be read.
    """

    case_number = models.CharField(max_length=CASE_LENGTH, db_index=True)
    kind = models.CharField(max_length=CODE_LENGTH)
    at = models.DateTimeField()
    text = models.CharField(max_length=500)
    who = models.CharField(max_length=100, blank=True, help_text="The firm, or the people.")
    hours = models.FloatField(null=True)
    yuan = models.FloatField(null=True, help_text="In all; of hours, of one hour.")
    is_good = models.BooleanField(null=True)
    asset_code = models.CharField(max_length=ASSET_LENGTH, blank=True)
    is_struck = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(yuan__isnull=True) | Q(yuan__gte=0))
                & (Q(hours__isnull=True) | Q(hours__gt=0)),
                name="caseline_figures_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_number}"
