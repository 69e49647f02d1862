"""Tables of mimic pages and the drawings they had before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Mimic(models.Model):
    """A drawing whose parts follow points: one page, or a template for all assets of a kind.

    Born when somebody draws it, or changes a standard template of the same code. Its drawing has
    been through the sieve of ``mimics.drawing``; nothing else may write it.
    """

    code = models.CharField(max_length=64, unique=True)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    asset_kind = models.CharField(
        max_length=20, blank=True, help_text="Kind of asset of a template; empty for a page."
    )
    svg = models.TextField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("code",)
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="mimic_has_a_code")]

    def __str__(self) -> str:
        return f"mimic {self.code}"


class MimicVersion(models.Model):
    """A drawing as it was after one change; kept so that any of them can be brought back."""

    mimic = models.ForeignKey(Mimic, models.CASCADE, related_name="versions")
    svg = models.TextField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"version {self.pk} of mimic {self.mimic_id}"
