"""The table of measured sizes, from which growth is told."""

from __future__ import annotations

from django.db import models


class Sample(models.Model):
    """How large something was at a moment: free disk, database, files.

    Born once an hour; removed after a few months.
    """

    name = models.CharField(max_length=60)
    at = models.DateTimeField(help_text="Real time.")
    size_bytes = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "at"], name="sample_one_size_per_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.size_bytes} at {self.at}"
