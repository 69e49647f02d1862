"""The files the network came from, and which state of it the map shows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class NetworkFile(models.Model):
    """A network file as it was imported, kept whole: the twin calculates from this text.

    Written once, never changed. The newest one is the present model of the network.
    """

    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    text = models.TextField()
    crs = models.TextField(help_text="What the file's coordinates mean, as PROJ understands it.")
    nodes = models.PositiveIntegerField()
    links = models.PositiveIntegerField()
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"network file {self.name}"


class MapRevision(models.Model):
    """The one row that says which state of the network the map's tiles must show.

    Changed by every action that changes what a tile contains, in the same transaction.
    """

    token = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="maprevision_is_a_single_row"),
        ]

    def __str__(self) -> str:
        return self.token


class MapStep(models.Model):
    """What changed on the map from one revision to the next, so that it need not be read anew.

    Born with its revision, never changed. Only the latest are kept; a revision that changed much
    has none, and then the whole network is read.
    """

    before = models.CharField(max_length=32)
    after = models.CharField(max_length=32, unique=True)
    assets = models.JSONField(default=list, help_text="Numbers of the assets.")
    connections = models.JSONField(default=list, help_text="Numbers of the connections.")

    def __str__(self) -> str:
        return f"map step to {self.after}"
