"""Work that no person starts: look at the weather, tell the walls that something changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from huoshui.areas.surge.actions import preparing
from huoshui.kernel.audit.models import AuditHead


def look_at_weather(_due_at: datetime) -> None:
    """Propose to declare where a plan's trigger is reached."""
    preparing.propose()


def changed(cursor: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Tell the walls that something was done; they ask for their figures themselves.

    Whatever changes a figure is a deed, and each deed is in the audit trail: its length is all
    that has to be looked at.
    """
    newest = AuditHead.objects.values_list("sequence", flat=True).get(id=1)
    if cursor is None or newest == cursor:
        return newest, []
    return newest, [{"key": "changed", "at": newest}]
