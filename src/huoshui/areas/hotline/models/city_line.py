"""Tickets of the city's own line, 12345."""

from __future__ import annotations

from django.db import models

from huoshui.areas.hotline.models.topics import Topic


class CityTicket(models.Model):
    """One ticket that the city's line gave us to answer by its own deadline.

    Born with the import of a file; a later file may change what the city says of it, never what we
    answered.
    """

    number = models.CharField(max_length=60, unique=True, help_text="The city's own number.")
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    caller_name = models.CharField(max_length=80, blank=True)
    caller_number = models.CharField(max_length=40, blank=True)
    caller_key = models.CharField(max_length=20, blank=True, db_index=True)
    address = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+")
    case_number = models.CharField(max_length=40, blank=True, db_index=True)
    issue_key = models.CharField(
        max_length=120, blank=True, db_index=True, help_text="What repeats: topic and place."
    )
    survey = models.TextField(blank=True, help_text="What was found on site.")
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    satisfaction = models.CharField(max_length=20, blank=True)
    imported_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["replied_at", "due_at"], name="cityticket_replied_due")]

    def __str__(self) -> str:
        return self.number
