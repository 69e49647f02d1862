"""Tables of the places readings come from, and of the names they use for points."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.areas.telemetry.models.points import Point


class Source(models.Model):
    """One connection to a device, a broker, a folder or a sender, as a person set it up.

    Born on the page of data sources. The code is stable, because readings carry it; everything
    else may change. What is secret lies in files of the home's ``secrets`` folder, never here.
    """

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=100)
    connector = models.CharField(max_length=40, help_text="The name in a connector's manifest.")
    options = models.JSONField(default=dict, help_text="Named by the connector's manifest.")
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return f"source {self.code}"


class SentCode(models.Model):
    """What a source calls a point, where that is not the point's own code or unit.

    Born when somebody adopts an unknown code; the stored value is ``value * factor + offset`` in
    the unit of the point's kind.
    """

    source = models.CharField(max_length=100)
    code = models.CharField(max_length=200)
    point = models.ForeignKey(Point, models.CASCADE, related_name="sent_codes")
    factor = models.FloatField(default=1.0)
    offset = models.FloatField(default=0.0)
    adopted_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("source", "code")
        constraints = [
            models.UniqueConstraint(fields=("source", "code"), name="sentcode_once_per_source"),
            models.CheckConstraint(condition=~Q(factor=0), name="sentcode_factor_not_zero"),
        ]

    def __str__(self) -> str:
        return f"code {self.code} of {self.source}"


class Push(models.Model):
    """One body that was pushed under a key of the sender's choice, and what we answered.

    Born when its readings are safe; a repeated push of the same key gets the same answer. Let go
    after a week, when nobody repeats any more.
    """

    source = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body.")
    answer = models.JSONField()
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-received_at",)
        constraints = [models.UniqueConstraint(fields=("source", "key"), name="push_once_per_key")]

    def __str__(self) -> str:
        return f"push {self.key} of {self.source}"
