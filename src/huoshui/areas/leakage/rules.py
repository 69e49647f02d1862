"""What may become of a suspected leak, and what water lost and saved is worth here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from huoshui.areas.leakage.contracts import LeakState

STANDING_STATES = (LeakState.OPEN, LeakState.JOB_MADE, LeakState.VERIFYING)
"""States in which a suspected leak still runs, or may."""

TRANSITIONS: dict[LeakState, frozenset[LeakState]] = {
    LeakState.OPEN: frozenset({LeakState.JOB_MADE, LeakState.VERIFYING, LeakState.DISMISSED}),
    LeakState.JOB_MADE: frozenset({LeakState.OPEN, LeakState.VERIFYING, LeakState.DISMISSED}),
    LeakState.VERIFYING: frozenset({LeakState.OPEN, LeakState.REPAIRED}),
    LeakState.REPAIRED: frozenset(),
    LeakState.DISMISSED: frozenset({LeakState.OPEN}),
}

NIGHT_FROM_H = 2
NIGHT_UNTIL_H = 4

# The night is judged a little after its window, when the slowest logger has reported.
JUDGED_AFTER_WINDOW = timedelta(minutes=20)

# Nights that were incomplete when judged are looked at again for so many days: loggers with
# a poor signal deliver late.
LOOKED_AT_AGAIN_DAYS = 3

# So many nights after a repair decide whether the flow stepped down. One night is too few:
# a single quiet night would prove a repair that was none.
VERIFYING_NIGHTS = 3

# A crew that found nothing is not sent again by the next night's small change.
SECOND_STEP_FRAC = 0.5


def may_become(now: LeakState, then: LeakState) -> bool:
    """Say whether a suspected leak in state ``now`` may go to ``then`` in one step."""
    return then in TRANSITIONS[now]


def window(
    night: date, zone: ZoneInfo, *, from_h: int = NIGHT_FROM_H, until_h: int = NIGHT_UNTIL_H
) -> tuple[datetime, datetime]:
    """Return the moments a night's window begins and ends, in UTC."""
    start = datetime.combine(night, time(from_h), tzinfo=zone)
    end = datetime.combine(night, time(until_h), tzinfo=zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def latest_finished_night(now: datetime, zone: ZoneInfo, *, until_h: int = NIGHT_UNTIL_H) -> date:
    """Return the latest night whose window is over and reported."""
    local = (now - JUDGED_AFTER_WINDOW).astimezone(zone)
    return local.date() if local.hour >= until_h else local.date() - timedelta(days=1)


def lost_m3(excess_m3h: Iterable[float | None]) -> float:
    """Return the water lost over nights, taking each night's excess for its whole day.

    V = Σ max(excess, 0) · 24 h. Nights without a figure count as nothing, and at night the
    pressure and so the leak is at its highest, so the sum is an estimate, not a meter reading.
    """
    return sum(max(value, 0.0) for value in excess_m3h if value is not None) * 24.0


def saved_m3(saved_m3h: float, *, repaired_at: datetime, now: datetime) -> float:
    """Return the water saved since a repair: V = saved flow · hours since."""
    return max(saved_m3h, 0.0) * max((now - repaired_at).total_seconds() / 3600.0, 0.0)


def money_yuan(volume_m3: float, *, price_cents_per_m3: int) -> float:
    """Return what a volume of water is worth at the zone's price."""
    return volume_m3 * price_cents_per_m3 / 100.0
