"""What the alarms of a period ask of those who watch: our rows, the laboratory's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Q

from huoshui.areas.telemetry import models, rules
from huoshui.kernel import clock
from huoshui.lab.series import alarm_load

SHIFT_H = 8


@dataclass(frozen=True)
class Often:
    """A condition that came often, and how often."""

    alarm: models.Alarm
    count: int
    chatters: bool


@dataclass(frozen=True)
class ShiftCount:
    """Alarms of one day by shift."""

    day: date
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of the day."""
        return sum(self.counts)


@dataclass(frozen=True)
class Figures:
    """The figures of a period, and the alarms behind them."""

    load: alarm_load.Load
    priorities: tuple[tuple[str, int, float], ...]
    top: tuple[Often, ...]
    chattering: tuple[models.Alarm, ...]
    stale: tuple[models.Alarm, ...]
    shifts: tuple[ShiftCount, ...]


def figures(from_at: datetime, until: datetime, operators: float) -> Figures:
    """Return the figures of the alarms of [from_at, until) that called somebody.

    What was shelved or out of service when it came did not call, and is left out.
    """
    rows = list(
        models.Alarm.objects.filter(
            Q(cleared_at__isnull=True) | Q(cleared_at__gt=from_at), raised_at__lt=until
        )
        .exclude(entries__what="suppressed", suppression__isnull=False)
        .select_related("point", "zone")
        .order_by("raised_at", "pk")
    )
    names: dict[tuple[int | None, str | None, str, str], int] = {}
    sample: dict[int, models.Alarm] = {}
    kind = []
    for row in rows:
        key = (row.point_id, row.zone_id, row.rule, row.code)
        number = names.setdefault(key, len(names))
        sample[number] = row
        kind.append(number)
    load = alarm_load.load(
        raised_s=_seconds([row.raised_at for row in rows]),
        cleared_s=_seconds([row.cleared_at for row in rows]),
        acknowledged_s=_seconds([row.acknowledged_at for row in rows]),
        kind=np.array(kind, np.int64),
        from_s=from_at.timestamp(),
        until_s=until.timestamp(),
        operators=operators,
    )
    inside = [row for row in rows if row.raised_at >= from_at]
    return Figures(
        load=load,
        priorities=_priorities(inside),
        top=tuple(
            Often(sample[number], count, number in load.chattering)
            for number, count in load.top_ten
        ),
        chattering=tuple(sample[number] for number in load.chattering),
        stale=tuple(rows[place] for place in load.stale),
        shifts=_shifts(inside, from_at, until),
    )


def _seconds(moments: Sequence[datetime | None]) -> np.ndarray:
    return np.array([np.nan if at is None else at.timestamp() for at in moments], np.float64)


def _priorities(rows: Sequence[models.Alarm]) -> tuple[tuple[str, int, float], ...]:
    found = []
    for priority in rules.PRIORITY_ORDER:
        count = sum(row.priority == priority for row in rows)
        found.append((priority, count, count / len(rows) if rows else float("nan")))
    return tuple(found)


def _shifts(
    rows: Sequence[models.Alarm], from_at: datetime, until: datetime
) -> tuple[ShiftCount, ...]:
    """Count alarms by day and shift of eight hours, from midnight, on the city's clock."""
    first, last = clock.local(from_at).date(), clock.local(until - timedelta(microseconds=1)).date()
    count = (last - first).days + 1
    days = {first + timedelta(days=n): [0] * (24 // SHIFT_H) for n in range(count)}
    for row in rows:
        at = clock.local(row.raised_at)
        days[at.date()][at.hour // SHIFT_H] += 1
    return tuple(ShiftCount(day, tuple(counts)) for day, counts in days.items())
