"""Sets of changes: drawn by one person, approved by another, applied as one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.network import contracts


class ChangeSet(models.Model):
    """Changes of the network that belong together, such as one day's as-built drawing.

    Born as a draft. Once approved it is applied and never changes again; what it did is undone
    by another set that ``undoes`` it.
    """

    title = models.CharField(max_length=200)
    why = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=20, default=contracts.ChangeState.DRAFT)
    valid_from = models.DateTimeField(null=True, help_text="None: the moment of approval.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True, help_text="Words of who decided.")
    created = models.JSONField(default=list, help_text="Codes of the assets that it made.")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["state", "-id"], name="changeset_by_state")]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="changeset_has_a_title"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(contracts.ChangeState)),
                name="changeset_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state=contracts.ChangeState.APPROVED)
                | Q(made_by__isnull=True)
                | ~Q(decided_by=F("made_by")),
                name="changeset_is_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"change set {self.pk}"


class ChangeItem(models.Model):
    """One step of a set of changes, in the order in which they are done.

    Changed only while its set is a draft: undoing marks the last step, redoing clears the mark.
    """

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    deed = models.CharField(max_length=20)
    asset_code = models.CharField(max_length=64, help_text="The asset it is about, known or new.")
    wanted = models.JSONField(default=dict, help_text="What the deed needs to know.")
    is_undone = models.BooleanField(default=False)

    class Meta:
        ordering = ("change_set", "position")
        constraints = [
            models.UniqueConstraint(
                fields=["change_set", "position"], name="changeitem_has_its_own_position"
            ),
            models.CheckConstraint(
                condition=Q(deed__in=sorted(contracts.ChangeDeed)), name="changeitem_deed_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.asset_code}"
