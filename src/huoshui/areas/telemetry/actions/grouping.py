"""Alarms of one cause, folded into one group: near in time, and near along the pipes.

The cause is a guess by plain rules, named as one: a high flow among low pressures looks like a
burst, a tank or pump among them comes before what hangs on it, and of pressures alone the one
nearest to the source along the pipes leads. Points that fall silent together have lost their line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import models

WITHIN = timedelta(minutes=15)
REACH_M = 2000.0
# What is looked at of one moment; a city in ruins has more, and then the map says it better.
ALARMS_MAX = 2000

LOSING = {
    ("pressure", "limit_low"), ("pressure", "limit_low_low"), ("level", "limit_low"),
    ("level", "limit_low_low"), ("flow", "limit_high"), ("flow", "limit_high_high"),
}  # fmt: skip
RISING = {
    ("pressure", "limit_high"), ("pressure", "limit_high_high"), ("level", "limit_high"),
    ("level", "limit_high_high"), ("flow", "limit_low"), ("flow", "limit_low_low"),
}  # fmt: skip

# What was looked at last, so that alarms that stand alone cost one question a second, not a search.
_seen: list[frozenset[tuple[Any, ...]]] = [frozenset()]


def family_of(alarm: models.Alarm) -> str:
    """Return what an alarm is a sign of: losing, rising, silent, or nothing to fold."""
    if alarm.point is None:
        return ""
    if alarm.rule == "no_data":
        return "silent"
    sign = (alarm.point.kind, alarm.rule)
    if sign in LOSING:
        return "losing"
    return "rising" if sign in RISING else ""


def group_alarms(now: datetime) -> int:
    """Fold new alarms into groups and close groups that are over; return how many changed."""
    done = _close_groups(now)
    rows = list(
        models.Alarm.objects.open()
        .filter(point__isnull=False, raised_at__gte=now - timedelta(days=1))
        .select_related("point", "group")
        .order_by("raised_at", "pk")[:ALARMS_MAX]
    )
    free = _alone(rows)
    if not free or free == _seen[0]:
        return done
    for family in ("losing", "rising", "silent"):
        members = [row for row in rows if family_of(row) == family]
        if any(row.group_id is None for row in members):
            done += _fold(family, members)
    _seen[0] = _alone(rows)
    return done


def _alone(rows: Sequence[models.Alarm]) -> frozenset[tuple[Any, ...]]:
    """Return what tells the alarms without a group from those of another look."""
    return frozenset(
        (row.pk, row.point_id, row.rule, row.raised_at) for row in rows if row.group_id is None
    )


def _close_groups(now: datetime) -> int:
    over = models.AlarmGroup.objects.filter(closed_at__isnull=True).exclude(
        pk__in=models.Alarm.objects.open().filter(group__isnull=False).values("group")
    )
    return over.update(closed_at=now)


def _fold(family: str, members: Sequence[models.Alarm]) -> int:
    from huoshui.lab.graph import nearness

    at_s = np.array([row.raised_at.timestamp() for row in members])
    if family == "silent":
        distance = np.zeros((len(members), len(members)))
        source = np.full(len(members), np.inf)
    else:
        codes = [(row.point.asset_id or "") if row.point else "" for row in members]
        distance, source = network.distances(codes, reach_m=REACH_M)
        np.fill_diagonal(distance, 0.0)
    labels = nearness.together(
        at_s=at_s, distance_m=distance, within_s=WITHIN.total_seconds(), within_m=REACH_M
    )
    done = 0
    for label in np.unique(labels).tolist():
        places = np.flatnonzero(labels == label).tolist()
        if len(places) > 1 and any(members[place].group_id is None for place in places):
            done += _keep(family, [members[place] for place in places], source[places])
    return done


def _keep(family: str, members: list[models.Alarm], source_m: np.ndarray) -> int:
    """Make the group of these alarms, or let the new ones join the one that is there."""
    cause, lead = _cause(family, members, source_m)
    first = members[0]
    latest_at = max(row.raised_at for row in members)
    group = next((row.group for row in members if row.group is not None), None)
    if group is None:
        group = models.AlarmGroup.objects.create(
            family=family,
            cause=cause,
            first=first,
            lead=lead,
            started_at=first.raised_at,
            latest_at=latest_at,
        )
    else:
        group.cause, group.lead, group.latest_at, group.closed_at = cause, lead, latest_at, None
        group.save(update_fields=["cause", "lead", "latest_at", "closed_at"])
    joined = 0
    for row in members:
        if row.group_id is None:
            row.group = group
            row.save(update_fields=["group"])
            joined += 1
    return joined


def _cause(
    family: str, members: list[models.Alarm], source_m: np.ndarray
) -> tuple[str, models.Alarm]:
    if family == "silent":
        return "line_lost", members[0]
    for kind, cause in (("flow", "burst"), ("level", "tank")):
        if family == "rising" and kind == "flow":
            cause = "demand_gone"
        found = [row for row in members if row.point and row.point.kind == kind]
        if found:
            return cause, found[0]
    if np.isfinite(source_m).any():
        return "upstream", members[int(np.argmin(source_m))]
    return "first", members[0]
