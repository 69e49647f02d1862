"""Papers and photos of assets, and what passers-by report through the code on an asset."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.network import contracts
from huoshui.areas.network.models.assets import Asset


class Attachment(models.Model):
    """A photo or a document that belongs to an asset.

    Born when somebody hands it in; removed from the asset by setting ``removed_at``.
    """

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="attachments")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    caption = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"attachment {self.pk} of asset {self.asset_id}"


class AssetReport(models.Model):
    """What somebody without an account reported about an asset through its printed code.

    The telephone number is optional and seen by staff only; of the sender's address only a keyed
    hash is kept, to limit how much one sender can send.
    """

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="reports")
    trouble = models.CharField(max_length=20)
    text = models.CharField(max_length=1000, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    photo = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, related_name="+")
    sender = models.CharField(max_length=32, help_text="Keyed hash of the sender's address.")
    state = models.CharField(max_length=20, default=contracts.ReportState.NEW)
    reported_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answer = models.CharField(max_length=300, blank=True, help_text="What staff noted.")

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["asset", "reported_at"], name="assetreport_by_asset"),
            models.Index(fields=["sender", "reported_at"], name="assetreport_by_sender"),
            models.Index(fields=["state", "-id"], name="assetreport_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(contracts.ReportState)),
                name="assetreport_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(trouble__in=sorted(contracts.Trouble)),
                name="assetreport_trouble_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk} about asset {self.asset_id}"
