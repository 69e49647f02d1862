"""Reads of announcements."""

from __future__ import annotations

from django.db.models import QuerySet

from huoshui.areas.announcements import contracts
from huoshui.areas.announcements.models import Announcement


def announcement_rows() -> QuerySet[Announcement]:
    """Return all announcements for a list."""
    return Announcement.objects.all()


def announcements() -> list[contracts.Announcement]:
    """Return all announcements by code."""
    return [contract(row) for row in Announcement.objects.order_by("code")]


def contract(row: Announcement) -> contracts.Announcement:
    """Return what others may know of one row."""
    return contracts.Announcement(id=row.pk, code=row.code, name=row.name, added_at=row.added_at)
