"""The door of the hotline: what the telephone system told, for other areas and the demo city."""

from __future__ import annotations

from datetime import datetime

from huoshui.areas.hotline import contracts
from huoshui.areas.hotline.actions import telling


def take_event(ref: str, event: contracts.ToldEvent, *, caller_number: str = "") -> int:
    """Keep one event of a call, as if the telephone system had told it; return the call's number.

    Refuses as the endpoint does. The same event may come again.
    """
    return telling.take_event(ref, event, caller_number=caller_number)[0].pk


def figures(from_at: datetime, until: datetime) -> dict[str, int]:
    """Return the counts of the calls that began in a stretch of time."""
    from huoshui.areas.hotline import queries

    return queries.day_figures(from_at, until).counts
