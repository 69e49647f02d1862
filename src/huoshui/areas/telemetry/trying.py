"""A rule tried on the past before it goes live: where it would have called, how often, how badly.

The engine is the live one (watch.py), fed with the stored readings in the order of their moments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from huoshui.areas.telemetry import (
    conditions,
    contracts,
    models,
    queries,
    queries_bands,
    queries_rules,
    rules,
    validation,
    watch,
)
from huoshui.areas.telemetry.contracts import Series
from huoshui.areas.telemetry.store.journal import Transition
from huoshui.kernel import clock
from huoshui.lab.series import alarm_load

POINTS_MAX = 50
READINGS_MAX = 3_000_000
CHUNK = 20_000
NAN = math.nan


@dataclass(frozen=True)
class Episode:
    """One alarm that would have been: of which point, from when until when (None: still)."""

    point_code: str
    from_at: datetime
    until: datetime | None
    value: float | None


@dataclass(frozen=True)
class Silent:
    """A point where the rule does not have the say, and how often it would have called there.

    ``limit`` is the point's own limit, which comes first; without one ``rule_code`` names the
    narrower rule that does.
    """

    point_code: str
    limit: float | None
    rule_code: str
    alarms: int


@dataclass(frozen=True)
class Trial:
    """What a rule would have done over a period; ``left_out`` counts points not tried for size.

    Episodes are what would have been live: at a point with a limit of its own, by that limit.
    """

    from_at: datetime
    until: datetime
    points: tuple[str, ...]
    left_out: int
    readings: int
    episodes: tuple[Episode, ...]
    per_day: tuple[tuple[date, int], ...]
    chattering: tuple[str, ...]
    standing_s: float
    silent: tuple[Silent, ...] = ()


def try_rule(rule: models.AlarmRule, from_at: datetime, until: datetime) -> Trial:
    """Return what a rule would have done in [from_at, until), whatever its state is now."""
    points = queries_rules.points_of(rule)
    wanted = queries_rules.watched_rules(points, [rule])
    ids = {one.point_id for one in wanted}
    tried = [point for point in points if point.pk in ids]
    chosen, total = _fitting(tried[:POINTS_MAX], from_at, until)
    codes = {point.pk: point.code for point in chosen}
    wanted = [one for one in wanted if one.point_id in codes]
    series = _inputs(wanted, from_at, until)
    narrower = queries_rules.coming_before(rule, chosen)
    own = [one for one in wanted if one.point_id not in narrower]
    found = transitions(own, series, from_at, until)
    episodes = _episodes(found, codes)
    written = _as_written(rule, wanted, narrower)
    limits = {one.point_id: one.threshold for one in wanted}
    by_rule = _episodes(transitions(written, series, from_at, until), codes)
    return Trial(
        from_at=from_at,
        until=until,
        points=tuple(codes.values()),
        left_out=len(tried) - len(chosen),
        readings=total,
        episodes=episodes,
        per_day=_per_day(episodes, from_at, until),
        chattering=_chattering(episodes, from_at, until),
        standing_s=sum(((one.until or until) - one.from_at).total_seconds() for one in episodes),
        silent=tuple(
            Silent(
                point_code=codes[one.point_id],
                limit=None if one.point_id in narrower else limits[one.point_id],
                rule_code=narrower.get(one.point_id, ""),
                alarms=_unheard(codes[one.point_id], by_rule, episodes),
            )
            for one in written
        ),
    )


def _as_written(
    rule: models.AlarmRule, wanted: Sequence[conditions.WatchedRule], narrower: Mapping[int, str]
) -> list[conditions.WatchedRule]:
    """Return the rule with its own threshold, for the points where something else comes first."""
    limit = rule.threshold if rule.kind in rules.LIMIT_KINDS else None
    return [
        one if limit is None else replace(one, threshold=limit)
        for one in wanted
        if one.point_id in narrower or (limit is not None and one.threshold != limit)
    ]


def _unheard(code: str, by_rule: Sequence[Episode], live: Sequence[Episode]) -> int:
    """Count the alarms of a point by the rule as written during which nothing calls live."""
    heard = [one for one in live if one.point_code == code]
    return sum(
        not any(_overlap(one, other) for other in heard)
        for one in by_rule
        if one.point_code == code
    )


def _overlap(one: Episode, other: Episode) -> bool:
    begins_before_end = other.until is None or one.from_at <= other.until
    return begins_before_end and (one.until is None or other.from_at <= one.until)


def _fitting(
    points: Sequence[models.Point], from_at: datetime, until: datetime
) -> tuple[list[models.Point], int]:
    """Return as many points as one answer can carry, and how many readings they have."""
    chosen: list[models.Point] = []
    total = 0
    for point in points:
        count = queries.readings_count([point.code], from_at, until)
        if chosen and total + count > READINGS_MAX:
            break
        chosen.append(point)
        total += count
    return chosen, total


def _inputs(
    wanted: Sequence[conditions.WatchedRule], from_at: datetime, until: datetime
) -> dict[int, Series]:
    numbers = {one.point_id for one in wanted}
    numbers |= {one.reference_id for one in wanted if one.reference_id >= 0}
    numbers |= {number for one in wanted for _name, number in one.inputs}
    code_of = dict(models.Point.objects.filter(pk__in=numbers).values_list("id", "code"))
    if not code_of:
        return {}
    read = queries.readings(list(code_of.values()), from_at, until)
    return {number: read[code] for number, code in code_of.items()}


def transitions(
    wanted: Sequence[conditions.WatchedRule],
    series: Mapping[int, Series],
    from_at: datetime,
    until: datetime,
) -> list[Transition]:
    """Return what the engine finds in these series, in ascending time."""
    table = validation.PointTable([_bare(number) for number in series])
    engine = watch.Watch(table, (), wanted)
    for one in wanted:
        if one.kind == rules.DEVIATION and one.reference_id < 0:
            engine.bands.update(_band(one.point_id, from_at, until))
    found = _silences(wanted, series, until)
    if not series:
        return found
    slot = np.concatenate(
        [np.full(len(one), place, np.int64) for place, one in enumerate(series.values())]
    )
    at_us = np.concatenate([one.at_us for one in series.values()])
    value = np.concatenate([one.value for one in series.values()])
    quality = np.concatenate([one.quality for one in series.values()])
    order = np.argsort(at_us, kind="stable")
    for begin in range(0, len(order), CHUNK):
        part = order[begin : begin + CHUNK]
        outcome = engine.judge(slot[part], at_us[part], value[part], quality[part])
        engine.adopt(outcome)
        found += outcome.transitions
    return sorted(found, key=lambda one: one.at_us)


def _bare(number: int) -> validation.WatchedPoint:
    """Return a point with no limits of its own: the rule alone is tried."""
    return validation.WatchedPoint(number, NAN, NAN, NAN, (NAN, NAN, NAN, NAN), 0.0, 0, 0)


def _band(point_id: int, from_at: datetime, until: datetime) -> dict[int, conditions.Band]:
    code = models.Point.objects.values_list("code", flat=True).get(pk=point_id)
    band = queries_bands.expected_band(code, from_at, until)
    if not len(band.hour_us):
        return {}
    return {point_id: conditions.Band(int(band.hour_us[0]), band.low, band.high)}


def _silences(
    wanted: Sequence[conditions.WatchedRule], series: Mapping[int, Series], until: datetime
) -> list[Transition]:
    """Return where a point kept silent for longer than its rule allows, as `Watch.silence` does.

    A report without a value is none, and a reading may be under way for a while.
    """
    found = []
    now_us = min(contracts.to_us(until), contracts.to_us(clock.now()))
    for one in wanted:
        if one.kind != watch.NO_DATA:
            continue
        own = series[one.point_id]
        at_us = np.append(own.at_us[own.quality != contracts.Quality.MISSING], now_us)
        allowed_us = round(one.threshold * 1e6) + watch.grace_us(clock.speed())
        for place in np.flatnonzero(np.diff(at_us) > allowed_us).tolist():
            began_us = int(at_us[place]) + allowed_us
            make = (one.point_id, watch.NO_DATA)
            found.append(Transition(*make, True, began_us, None, one.threshold))
            if place + 1 < len(at_us) - 1:
                ended_us = int(at_us[place + 1])
                found.append(Transition(*make, False, ended_us, None, one.threshold))
    return found


def _episodes(found: Sequence[Transition], codes: Mapping[int, str]) -> tuple[Episode, ...]:
    begun: dict[int, Transition] = {}
    episodes = []
    for item in found:
        if item.raised:
            begun[item.point_id] = item
        elif item.point_id in begun:
            episodes.append(_episode(begun.pop(item.point_id), item.at_us, codes))
    episodes += [_episode(item, None, codes) for item in begun.values()]
    return tuple(sorted(episodes, key=lambda one: one.from_at))


def _episode(item: Transition, until_us: int | None, codes: Mapping[int, str]) -> Episode:
    return Episode(
        codes[item.point_id],
        contracts.from_us(item.at_us),
        None if until_us is None else contracts.from_us(until_us),
        None if item.value is None or math.isnan(item.value) else item.value,
    )


def _per_day(
    episodes: Sequence[Episode], from_at: datetime, until: datetime
) -> tuple[tuple[date, int], ...]:
    counts: dict[date, int] = {}
    day, last = clock.local(from_at).date(), clock.local(until).date()
    while day <= last:
        counts[day] = 0
        day += timedelta(days=1)
    for one in episodes:
        counts[clock.local(one.from_at).date()] += 1
    return tuple(counts.items())


def _chattering(episodes: Sequence[Episode], from_at: datetime, until: datetime) -> tuple[str, ...]:
    names = sorted({one.point_code for one in episodes})
    if not episodes:
        return ()
    raised = np.array([one.from_at.timestamp() for one in episodes])
    none = np.full(len(raised), NAN)
    found = alarm_load.load(
        raised_s=raised,
        cleared_s=none,
        acknowledged_s=none,
        kind=np.array([names.index(one.point_code) for one in episodes], np.int64),
        from_s=from_at.timestamp(),
        until_s=until.timestamp(),
    )
    return tuple(names[place] for place in found.chattering)
