"""The network of past days: what a change replaced, who made it, why, and from when it holds."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from huoshui.areas.network.models.assets import Asset
from huoshui.areas.network.models.changes import ChangeSet


class AssetVersion(models.Model):
    """One change of one asset: the values it replaced, and those that held from then on.

    Written once, never edited: a mistake is put right by a later version. Present values stand
    in `Asset`; taking ``before`` of every version later than a moment gives the asset of that
    moment. What was never changed has no version, so that an import costs no history.
    """

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="versions")
    valid_from = models.DateTimeField(help_text="From when the new values hold in the street.")
    before = models.JSONField(help_text="Replaced values by column.")
    after = models.JSONField(help_text="New values by column.")
    why = models.CharField(max_length=300, blank=True)
    change_set = models.ForeignKey(ChangeSet, models.PROTECT, null=True, related_name="versions")
    recorded_at = models.DateTimeField(help_text="When we learned of it.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-valid_from", "-id")
        indexes = [
            models.Index(fields=["asset", "valid_from"], name="assetversion_by_asset"),
            models.Index(fields=["valid_from"], name="assetversion_by_day"),
        ]

    def __str__(self) -> str:
        return f"version {self.pk} of asset {self.asset_id}"
