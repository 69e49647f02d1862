"""What may become of a suspected leak, and what water lost and saved is worth here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from huoshui.areas.leakage.contracts import LeakState

STANDING_STATES = (LeakState.OPEN, LeakState.JOB_MADE, LeakState.VERIFYING)
"""States in which a suspected leak still runs, or may."""

TRANSITIONS: dict[LeakState, frozenset[LeakState]] = {
    LeakState.OPEN: frozenset({LeakState.JOB_MADE, LeakState.DISMISSED, LeakState.ENDED}),
    LeakState.JOB_MADE: frozenset({LeakState.OPEN, LeakState.VERIFYING}),
    LeakState.VERIFYING: frozenset({LeakState.OPEN, LeakState.REPAIRED}),
    LeakState.REPAIRED: frozenset(),
    LeakState.DISMISSED: frozenset(),
    LeakState.ENDED: frozenset(),
}

NIGHT_FROM_H = 2
NIGHT_UNTIL_H = 4

# The night is judged a little after its window, when the slowest logger has reported.
JUDGED_AFTER_WINDOW = timedelta(minutes=20)

# So long after its window a night's readings may still be on their way.
STILL_COMING_IN = timedelta(hours=6)

# Nights that were incomplete when judged are looked at again for so many days: loggers with
# a poor signal deliver late.
LOOKED_AT_AGAIN_DAYS = 3

# So many known nights after a repair prove it if the flow stepped down ...
NIGHTS_TO_PROVE = 2
# ... and so many without a step disprove it.
NIGHTS_TO_DISPROVE = 3
# The saved flow is measured anew for so many nights, then it stays as it is.
NIGHTS_TO_MEASURE_SAVING = 14
# Nights with the leak at its latest size that the step is measured from.
NIGHTS_BEFORE_REPAIR = 5

# After a person has said that a higher flow is no leak, the zone's new level is learned for
# so many nights; without this the very next night would raise the same suspicion again.
NEW_LEVEL_LEARNED_NIGHTS = 14

# What is judged is at most so long.
HISTORY_NIGHTS = 730
# The laboratory's band remembers 182 nights and the errors of 365; where the history is cut, only
# nights with all of that before them are judged anew, older ones keep their judgement.
REJUDGED_NIGHTS = HISTORY_NIGHTS - 182 - 365


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


def first_night_after(moment: datetime, zone: ZoneInfo, *, from_h: int = NIGHT_FROM_H) -> date:
    """Return the first night whose window begins at or after a moment."""
    local = moment.astimezone(zone)
    return local.date() if local.time() <= time(from_h) else local.date() + timedelta(days=1)


def money_yuan(volume_m3: float, *, price_cents_per_m3: int) -> float:
    """Return what a volume of water is worth at the zone's price."""
    return volume_m3 * price_cents_per_m3 / 100.0
