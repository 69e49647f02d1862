"""Tables of announcements."""

from __future__ import annotations

from django.db import models

from huoshui.areas.announcements import rules


class Announcement(models.Model):
    """One announcement. Born when it is added; its code never changes."""

    code = models.CharField(max_length=rules.CODE_LENGTH_MAX, unique=True)
    name = models.CharField(max_length=200)
    added_at = models.DateTimeField(help_text="When we learned of it.")

    def __str__(self) -> str:
        return self.code
