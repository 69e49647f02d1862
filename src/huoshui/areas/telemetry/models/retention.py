"""How long readings are kept, and what was deleted; what was found wrong with readings, counted."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class RetentionClass(models.Model):
    """A class of points whose readings are kept equally long; their hours are kept for ever.

    The classes are made by the program; only how long may change. Nothing is deleted until
    somebody says how long.
    """

    code = models.SlugField(max_length=30, unique=True)
    name_en = models.CharField(max_length=100)
    name_zh = models.CharField(max_length=100)
    keep_days = models.PositiveIntegerField(null=True, help_text="Empty: for ever.")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(keep_days__isnull=True) | Q(keep_days__gte=31),
                name="retentionclass_keeps_a_month_at_least",
            )
        ]

    def __str__(self) -> str:
        return f"retention class {self.code}"


class Deletion(models.Model):
    """Readings of one class that were deleted because their time was over.

    Born before anything is deleted; what was deleted is filled in when it is done.
    """

    retention = models.ForeignKey(RetentionClass, models.PROTECT, related_name="+")
    before_date = models.DateField(help_text="Days before this one (UTC) were deleted.")
    begun_at = models.DateTimeField(db_index=True)
    done_at = models.DateTimeField(null=True)
    days = models.PositiveIntegerField(default=0)
    readings = models.BigIntegerField(default=0)
    bytes_freed = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_at__gte=F("begun_at")),
                name="deletion_done_after_its_beginning",
            )
        ]

    def __str__(self) -> str:
        return f"deletion {self.pk} of {self.retention_id}"


class MarkCount(models.Model):
    """How many readings of a point got a mark of one reason on one day (UTC).

    Counted by the ingest process and added every few seconds; a crash may lose the last of it.
    """

    point = models.ForeignKey("telemetry.Point", models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    reason = models.CharField(max_length=30)
    count = models.BigIntegerField()

    class Meta:
        ordering = ("-day",)
        constraints = [
            models.UniqueConstraint(
                fields=("point", "day", "reason"), name="markcount_once_per_day_and_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.reason} of point {self.point_id} on {self.day}"
