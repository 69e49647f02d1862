"""Tables of the notices: what was said, and who has read it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q


class NoticeQuerySet(models.QuerySet["Notice"]):
    def standing_at(self, moment: datetime) -> NoticeQuerySet:
        """Keep the notices that had not expired at ``moment``."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=moment))


class Notice(models.Model):
    """One message of the product, in the words of both languages, since each reader has their own.

    Born when an area sends it; never changed, but may be made to expire earlier; removed some
    months after.
    """

    class Level(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        CRITICAL = "critical"

    key = models.CharField(
        max_length=200, blank=True, help_text="The sender's own name for it; a second is not sent."
    )
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.INFO)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    text_en = models.TextField(blank=True)
    text_zh = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True, help_text="Page of ours where it goes on.")
    sent_at = models.DateTimeField(help_text="Time that the product's clock showed.")
    expires_at = models.DateTimeField(null=True, help_text="From then on nobody is told any more.")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="notice_one_of_each_key"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gte=F("sent_at")),
                name="notice_not_expired_before_it_was_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.title_en}"


class Receipt(models.Model):
    """One notice in the inbox of one person: unread until they open it."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="receipts")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True, help_text="Real time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "user"], name="receipt_once_per_person"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="receipt_of_user"),
            models.Index(
                fields=["user"], name="receipt_unread", condition=models.Q(read_at__isnull=True)
            ),
            models.Index(fields=["read_at"], name="receipt_by_reading"),
        ]

    def __str__(self) -> str:
        return f"notice {self.notice_id} for user {self.user_id}"
