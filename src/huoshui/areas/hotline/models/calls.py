"""Calls as the telephone system tells them, and what our people make of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.hotline import contracts
from huoshui.areas.hotline.models.topics import Topic


def no_tags() -> list[Any]:
    """Return what a fresh call is marked with."""
    return []


class AgentSeat(models.Model):
    """Where one agent sits: the extension that rings there, and whether they take calls.

    Born when an agent first names an extension; only its state and extension change.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    extension = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=20, default=contracts.SeatState.AWAY)
    since_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(one) for one in contracts.SeatState]),
                name="agentseat_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.extension


class Call(models.Model):
    """One telephone call.

    Born with the first event that names it. What the telephone system says of it is computed anew
    from all its events each time one comes; what the agent notes is changed by agents only.
    """

    ref = models.CharField(max_length=100, unique=True, help_text="The telephone system's own.")
    caller_number = models.CharField(max_length=40, blank=True, help_text="Empty: withheld.")
    caller_key = models.CharField(max_length=20, blank=True, help_text="Its digits, to look up.")
    state = models.CharField(max_length=20)
    extension = models.CharField(max_length=20, blank=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    wait_s = models.FloatField(null=True, help_text="Until somebody answered; empty: nobody yet.")
    held_s = models.FloatField(default=0)
    transfers = models.PositiveIntegerField(default=0)
    recording_url = models.CharField(max_length=500, blank=True)

    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(
        max_length=20, blank=True, help_text="Kind of the topic when it was given."
    )
    account_code = models.CharField(max_length=40, blank=True, db_index=True)
    estate_code = models.CharField(max_length=40, blank=True, db_index=True)
    zone_code = models.CharField(max_length=64, blank=True)
    place = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    case_number = models.CharField(max_length=40, blank=True, db_index=True)
    note = models.TextField(blank=True)
    tags = models.JSONField(default=no_tags, blank=True)
    wrapped_at = models.DateTimeField(null=True, help_text="When the agent noted what it was.")

    class Meta:
        indexes = [
            models.Index(fields=["began_at"], name="call_began"),
            models.Index(fields=["caller_key", "began_at"], name="call_caller_began"),
            models.Index(fields=["agent", "began_at"], name="call_agent_began"),
            models.Index(fields=["topic", "began_at"], name="call_topic_began"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(one) for one in contracts.CallState]),
                name="call_state_known",
            ),
            models.CheckConstraint(
                condition=(Q(lon__isnull=True) & Q(lat__isnull=True))
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="call_spot_whole_and_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class CallEvent(models.Model):
    """One thing the telephone system told about a call. Written once, never changed."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="events")
    event_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField(help_text="When it happened, by the telephone system's clock.")
    received_at = models.DateTimeField()
    extension = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20, blank=True, help_text="To whom it was transferred.")
    recording_url = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call", "event_id"], name="callevent_once_for_each_call"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[str(one) for one in contracts.EventKind]),
                name="callevent_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of call {self.call_id}"
