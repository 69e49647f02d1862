"""What is looked at in plants: lists by kind of asset, their items, and every check."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork.models.lengths import ASSET_LENGTH, CODE_LENGTH, NAME_LENGTH


class CheckList(models.Model):
    """What is looked at in assets of one kind, or of one type of it. Retired, never deleted.

    One stands for a kind, and one for each type; besides there may be lists that are asked only
    on rounds that name them, such as that of a monthly look at a pump.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name_zh = models.CharField(max_length=NAME_LENGTH)
    name_en = models.CharField(max_length=NAME_LENGTH, blank=True)
    asset_kind = models.CharField(max_length=CODE_LENGTH)
    asset_type = models.CharField(
        max_length=CODE_LENGTH, blank=True, help_text="A type of the kind; empty: the whole kind."
    )
    only_named = models.BooleanField(
        default=False, help_text="Asked only on rounds that name it; it stands for no kind."
    )
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset_kind", "asset_type"],
                condition=Q(is_retired=False, only_named=False),
                name="checklist_one_for_a_type",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class CheckItem(models.Model):
    """One thing to look at. Changed with its list; what was answered before keeps its words."""

    check_list = models.ForeignKey(CheckList, models.CASCADE, related_name="items")
    code = models.CharField(max_length=CODE_LENGTH)
    position = models.PositiveSmallIntegerField()
    name_zh = models.CharField(max_length=NAME_LENGTH)
    name_en = models.CharField(max_length=NAME_LENGTH, blank=True)
    kind = models.CharField(max_length=CODE_LENGTH)
    unit = models.CharField(max_length=20, blank=True)
    low = models.FloatField(null=True, help_text="A number below is out of limits.")
    high = models.FloatField(null=True, help_text="A number above is out of limits.")
    is_needed = models.BooleanField(default=True, help_text="A check without it is not whole.")
    wants_job = models.BooleanField(default=False, help_text="What is wrong asks for a job.")

    class Meta:
        ordering = ["check_list", "position"]
        constraints = [
            models.UniqueConstraint(fields=["check_list", "code"], name="checkitem_once_a_list"),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lt=models.F("high")),
                name="checkitem_low_below_high",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_list_id} {self.code}"


class Check(models.Model):
    """One look at one asset by its list. Never changes.

    ``answers`` carry the words and limits of their items as they were then, in both languages.
    """

    round = models.ForeignKey("fieldwork.PatrolRound", models.PROTECT, null=True, related_name="+")
    check_list = models.ForeignKey(CheckList, models.PROTECT, related_name="+")
    asset_code = models.CharField(max_length=ASSET_LENGTH)
    checked_at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answers = models.JSONField(help_text="Item, words, kind, value, unit, limits and verdict.")
    wrong = models.PositiveSmallIntegerField(default=0, help_text="How many are not in order.")
    missing = models.PositiveSmallIntegerField(default=0, help_text="Needed, and not answered.")
    note = models.TextField(blank=True)
    finding = models.ForeignKey(
        "fieldwork.PatrolFinding", models.PROTECT, null=True, related_name="+"
    )
    key = models.CharField(max_length=100, blank=True, help_text="Of the phone's entry.")

    class Meta:
        ordering = ["-checked_at", "-id"]
        indexes = [
            models.Index(fields=["asset_code", "checked_at"], name="check_asset_at"),
            models.Index(fields=["round", "checked_at"], name="check_round_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="check_once_a_key"),
        ]

    def __str__(self) -> str:
        return f"check of {self.asset_code} at {self.checked_at}"
