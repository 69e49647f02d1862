"""The table of kept files; their bytes lie in the home folder under their own hash."""

from __future__ import annotations

from django.db import models
from django.urls import reverse


class StoredFile(models.Model):
    """One file somebody handed in, checked and stored under the hash of its content.

    Never changed. The same content handed in twice lies on disk once.
    """

    key = models.UUIDField(unique=True, help_text="Name in addresses; cannot be guessed.")
    content_hash = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=20)
    media_type = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True, help_text="As the giver called it.")
    size_bytes = models.PositiveBigIntegerField()
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    permission = models.CharField(max_length=80, help_text="What a reader must hold.")
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    kept_at = models.DateTimeField(help_text="Time that the product's clock showed.")

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def url(self) -> str:
        """The address where readers with the permission see it."""
        return reverse("files:show", args=[self.key])
