"""What the pages themselves remember."""

from __future__ import annotations

from django.db import models


class SentForm(models.Model):
    """A form that was sent and done: its fingerprint, and where it led.

    Born with the deed in one transaction, never changed, taken away after `sending.KEPT`.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    led_to = models.CharField(max_length=500)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.led_to} at {self.at}"
