"""When the demo city's story begins, and how its truth is put together."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta

from huoshui.democity import worlds
from huoshui.democity.simulate import leaks, living
from huoshui.kernel import clock

SHOWN_FROM = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
"""18:00 of Sunday 1 March 2026 in the city: a quiet evening before a night with a burst."""
SPEED = 600.0
HISTORY_DAYS = 365
LEVEL_M_FIRST = 3.0


@functools.cache
def plan() -> leaks.Plan:
    """Return when which leaks come."""
    return leaks.Plan(living.spots_of(worlds.l_town()), SHOWN_FROM, living.SEED)


def first_state(history_days: int) -> living.State:
    """Return the city as it is before its first measurement."""
    world = worlds.l_town()
    start = SHOWN_FROM - timedelta(days=history_days)
    past = [leak for leak in plan().past() if leak.start_at >= start]
    return living.State(
        at=start, levels_m=dict.fromkeys(world.level_tanks, LEVEL_M_FIRST), leaks=past
    )


def city(state: living.State) -> living.LiveCity:
    """Wake the city in a state."""
    return living.LiveCity(worlds.l_town(), state, zone=clock.local_zone(), plan=plan())
