"""The roads that crews drive on, as they were brought in."""

from __future__ import annotations

from django.conf import settings
from django.db import models

NAME_LENGTH = 200


class RoadMap(models.Model):
    """One import of roads, whole. Never changed: the newest one counts.

    ``content`` is a compressed NumPy archive: bends, offsets of the lines, speeds, one-way marks.
    """

    file_name = models.CharField(max_length=NAME_LENGTH)
    content_hash = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lines = models.PositiveIntegerField()
    length_m = models.FloatField()
    content = models.BinaryField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"roads of {self.file_name}"
