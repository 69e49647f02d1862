"""What people call about, in two levels."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.areas.hotline import contracts


class Topic(models.Model):
    """One thing people call about; below another one it is of the second level.

    Calls are given topics of the second level only. A topic that is not offered any more is
    retired and stays, because calls of before were about it.
    """

    code = models.CharField(max_length=40, unique=True)
    above = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="below")
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    case_type = models.CharField(max_length=80, default="hotline.enquiry")
    priority = models.CharField(max_length=20, default="normal")
    limit_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Until somebody must be there; empty: the case type's."
    )
    unit_code = models.CharField(
        max_length=40, blank=True, help_text="Code of the unit that is responsible."
    )
    job_type_code = models.CharField(
        max_length=40, blank=True, help_text="Type of the job that a crew is sent with."
    )
    is_folded = models.BooleanField(
        default=False, help_text="Whether many calls near each other may be one incident."
    )
    guidance_zh = models.TextField(blank=True)
    guidance_en = models.TextField(blank=True)
    questions_zh = models.TextField(blank=True, help_text="What to ask, one question a line.")
    questions_en = models.TextField(blank=True)
    chat_words = models.TextField(
        blank=True, help_text="Words by which a message of a chat group is proposed, one a line."
    )
    order = models.PositiveIntegerField(default=100)
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[str(one) for one in contracts.TopicKind]),
                name="topic_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.code
