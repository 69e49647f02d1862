"""Owners' chat groups of estates, and the messages that somebody copied out of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.hotline.contracts import MessageState
from huoshui.areas.hotline.models.knowledge import Article
from huoshui.areas.hotline.models.topics import Topic


def no_lines() -> list[Any]:
    """Return that no line was left out."""
    return []


class ChatGroup(models.Model):
    """One chat group of the owners of an estate, in which a specialist of ours answers.

    Born when somebody registers it. One in which we are no more is retired and stays, with what
    was asked in it.
    """

    name = models.CharField(max_length=100, unique=True)
    estate_code = models.CharField(max_length=40, db_index=True)
    specialist = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    property_manager = models.CharField(max_length=100, blank=True)
    property_phone = models.CharField(max_length=40, blank=True)
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="chatgroup_has_a_name")]

    def __str__(self) -> str:
        return self.name


class ChatPaste(models.Model):
    """One text, or file, of messages that somebody brought in. Written once.

    ``bad`` lists each line that could not be taken: its number, why, and how it begins.
    """

    group = models.ForeignKey(ChatGroup, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    taken = models.PositiveIntegerField()
    known = models.PositiveIntegerField(help_text="Messages that were taken before.")
    bad = models.JSONField(default=no_lines)

    def __str__(self) -> str:
        return f"paste {self.pk}"


class ChatMessage(models.Model):
    """One message of a chat group. What was said never changes; what became of it is kept once."""

    group = models.ForeignKey(ChatGroup, models.PROTECT, related_name="+")
    paste = models.ForeignKey(ChatPaste, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    sender = models.CharField(max_length=80)
    text = models.TextField()
    fingerprint = models.CharField(
        max_length=64, unique=True, help_text="Of group, minute, sender and text."
    )
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+")
    hit_words = models.CharField(
        max_length=200, blank=True, help_text="The words for which the topic was proposed."
    )
    state = models.CharField(max_length=20, default=MessageState.WAITING)
    case_number = models.CharField(max_length=40, blank=True, db_index=True)
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    handled_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["state", "sent_at"], name="chatmessage_state_sent"),
            models.Index(fields=["group", "sent_at"], name="chatmessage_group_sent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(one) for one in MessageState]),
                name="chatmessage_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", handled_at__isnull=True)
                | (~Q(state="waiting") & Q(handled_at__isnull=False)),
                name="chatmessage_handled_once",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"
