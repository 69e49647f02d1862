"""Pieces of long tracks, and construction sites near pipes with what happens there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork.models.jobs import Job
from huoshui.areas.fieldwork.models.lengths import ASSET_LENGTH, CODE_LENGTH, NAME_LENGTH

KEY_LENGTH = 100


class PatrolPiece(models.Model):
    """One piece of a walk as a phone handed it in. Never changes; the last one makes the walk."""

    walk_key = models.CharField(max_length=KEY_LENGTH)
    part = models.PositiveSmallIntegerField()
    parts = models.PositiveSmallIntegerField()
    entry = models.ForeignKey("fieldwork.PhoneEntry", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["walk_key", "part"]
        constraints = [
            models.UniqueConstraint(fields=["walk_key", "part"], name="patrolpiece_once_a_part"),
        ]

    def __str__(self) -> str:
        return f"piece {self.part} of {self.parts} of {self.walk_key}"


class PatrolProposal(models.Model):
    """Pipes worth walking, as another part of the house proposed them, and what a leader said.

    One stands for each origin at a time; while it stands its figures follow. ``figures`` are what
    it rests on, by code.
    """

    origin = models.CharField(max_length=NAME_LENGTH, help_text="Who proposes, and what for.")
    zone_code = models.CharField(max_length=ASSET_LENGTH, blank=True)
    pipes = models.JSONField(help_text="Numbers of the pipes, the worst first.")
    length_m = models.FloatField()
    reason = models.CharField(max_length=CODE_LENGTH)
    purpose = models.CharField(max_length=CODE_LENGTH, default="leak_survey")
    size = models.FloatField(help_text="What they are ranked by, the greatest first.")
    figures = models.JSONField(default=dict)
    every_days = models.PositiveIntegerField()
    proposed_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    state = models.CharField(max_length=CODE_LENGTH, default="open", db_index=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    round = models.ForeignKey("fieldwork.PatrolRound", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-size", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["origin"], condition=Q(state="open"), name="patrolproposal_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"proposal of {self.origin}"


class ConstructionSite(models.Model):
    """A place where others dig near our pipes. Never deleted: it is over when it is finished.

    ``near`` is what lay near it when place or dangers were last said; every change leaves a
    ``SiteEvent``.
    """

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    builder = models.CharField(max_length=200)
    contact = models.CharField(max_length=NAME_LENGTH, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    permit = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="Number of the permit.")
    lon = models.FloatField()
    lat = models.FloatField()
    near_m = models.FloatField(help_text="Pipes within this distance are listed.")
    machine = models.CharField(max_length=CODE_LENGTH)
    depth_m = models.FloatField(null=True, help_text="How deep they dig.")
    begin_date = models.DateField()
    end_date = models.DateField(null=True, help_text="Expected.")
    near = models.JSONField(
        default=list, help_text="Pipe, distance in metres, bore in millimetres."
    )
    risk = models.CharField(max_length=CODE_LENGTH)
    visit_every_days = models.PositiveSmallIntegerField()
    visited_at = models.DateTimeField(null=True, help_text="The latest visit.")
    disclosed_at = models.DateTimeField(null=True, help_text="When the pipes were shown to them.")
    finished_at = models.DateTimeField(null=True, db_index=True)
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return self.number


class SiteEvent(models.Model):
    """One thing that happened at a construction site. Never changes."""

    site = models.ForeignKey(ConstructionSite, models.PROTECT, related_name="events")
    what = models.CharField(max_length=CODE_LENGTH)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    person = models.CharField(
        max_length=NAME_LENGTH, blank=True, help_text="Of the builder: who was told, who signed."
    )
    asset_code = models.CharField(max_length=ASSET_LENGTH, blank=True)
    amount_yuan = models.FloatField(null=True, help_text="Damage, what is claimed, what was paid.")
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    photos = models.ManyToManyField("files.StoredFile", related_name="+")
    photo_hash = models.CharField(max_length=64, blank=True, help_text="Of the phone's photo.")
    key = models.CharField(
        max_length=KEY_LENGTH, blank=True, help_text="Of the form; sent twice it counts once."
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="siteevent_once_a_key"
            ),
            models.CheckConstraint(
                condition=Q(amount_yuan__isnull=True) | Q(amount_yuan__gte=0),
                name="siteevent_amount_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} at site {self.site_id}"
