"""Reads of calls."""

from __future__ import annotations

from django.db.models import QuerySet

from huoshui.areas.hotline import contracts
from huoshui.areas.hotline.models import Call


def call_rows() -> QuerySet[Call]:
    """Return all calls for a list."""
    return Call.objects.all()


def calls() -> list[contracts.Call]:
    """Return all calls by code."""
    return [contract(row) for row in Call.objects.order_by("code")]


def contract(row: Call) -> contracts.Call:
    """Return what others may know of one row."""
    return contracts.Call(id=row.pk, code=row.code, name=row.name, added_at=row.added_at)
