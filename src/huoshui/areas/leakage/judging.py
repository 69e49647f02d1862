"""Judge nights: measure them, compare them with the band, and draw the consequences.

Reading and calculating happen outside the transaction; only the consequences are written in
one. Judging the same nights again changes nothing, so a missed or doubled run does no harm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction

from huoshui.areas.leakage import actions, balance, contracts, models, queries, rules
from huoshui.kernel import clock
from huoshui.lab.leakage import decision, saving

BATCH = 500
GOOD_COMPLETENESS_FRAC = 0.95

NIGHT_STATES = {
    decision.NightState.MISSING: contracts.NightState.NO_DATA,
    decision.NightState.LEARNING: contracts.NightState.LEARNING,
    decision.NightState.NORMAL: contracts.NightState.INSIDE,
    decision.NightState.WATCHED: contracts.NightState.WATCHED,
    decision.NightState.LEAKING: contracts.NightState.LEAKING,
}
JUDGED_FIELDS = (
    "state",
    "expected_m3h",
    "low_m3h",
    "high_m3h",
    "excess_m3h",
    "excess_m3h_low",
    "excess_m3h_high",
    "model_version",
)


def judge_due_nights() -> int:
    """Judge the nights that are over and not judged yet, in every zone; return how many.

    Cheap when nothing is due. The latest night is looked at again while readings of it may
    still be on their way, and with each new night the incomplete ones of the days before.
    """
    count, now = 0, clock.now()
    for setup in queries.setups():
        latest = rules.latest_finished_night(now, clock.local_zone(), until_h=setup.night_until_h)
        start = queries.next_night_date(setup)
        if start > latest and not _still_coming_in(setup, latest, now):
            continue
        start = _with_incomplete(setup, start)
        count += _judge_zone(setup, start, latest + timedelta(days=1), anew=False)
    return count


def _still_coming_in(setup: models.ZoneSetup, night: date, now: datetime) -> bool:
    """Say whether a judged night was incomplete and is so fresh that more may come."""
    _from_at, end = rules.window(night, clock.local_zone(), until_h=setup.night_until_h)
    return (
        now - end < rules.STILL_COMING_IN
        and models.NightFlow.objects.filter(
            setup=setup, night_date=night, completeness_frac__lt=GOOD_COMPLETENESS_FRAC
        ).exists()
    )


def judge(*, from_date: date, until_date: date, zone_code: str = "", anew: bool = True) -> int:
    """Measure every finished night of a period; judge it anew, or only where it differs."""
    count, now = 0, clock.now()
    for setup in queries.setups():
        if zone_code and setup.zone_code != zone_code:
            continue
        latest = rules.latest_finished_night(now, clock.local_zone(), until_h=setup.night_until_h)
        start = max(from_date, setup.watched_since)
        count += _judge_zone(setup, start, min(until_date, latest + timedelta(days=1)), anew=anew)
    return count


def _with_incomplete(setup: models.ZoneSetup, start: date) -> date:
    """Return the earliest night to measure: incomplete ones of the latest days come again."""
    earliest = (
        models.NightFlow.objects.filter(
            setup=setup,
            night_date__gte=start - timedelta(days=rules.LOOKED_AT_AGAIN_DAYS),
            completeness_frac__lt=GOOD_COMPLETENESS_FRAC,
        )
        .order_by("night_date")
        .values_list("night_date", flat=True)
        .first()
    )
    return min(start, earliest) if earliest else start


def _judge_zone(
    setup: models.ZoneSetup, from_date: date, until_date: date, *, anew: bool = True
) -> int:
    """Measure nights and judge the zone; without ``anew`` only if they tell something new."""
    if from_date >= until_date:
        return 0
    nights = balance.measure(queries.balance_of(setup), from_date, until_date, clock.local_zone())
    measured = _known_so_far(nights, queries.latest_night_date(setup.pk) or date.min)
    if not measured or not (anew or _tells_something_new(setup, measured)):
        return 0
    _keep(setup, measured)
    rejudge(setup)
    return len(measured)


def _known_so_far(measured: Iterable[balance.Measured], judged: date) -> list[balance.Measured]:
    """Leave out nights after the newest reading: they are still to come, unless judged before."""
    nights = list(measured)
    while nights and nights[-1].completeness_frac == 0 and nights[-1].night > judged:
        nights.pop()
    return nights


def _tells_something_new(setup: models.ZoneSetup, measured: list[balance.Measured]) -> bool:
    """Say whether nights differ from what is kept and judged of them."""
    kept = models.NightFlow.objects.filter(
        setup=setup, night_date__in=[one.night for one in measured], model_version__gt=""
    ).values_list("night_date", "inflow_m3h", "use_m3h", "completeness_frac")
    fresh = {
        (one.night, _known(one.inflow_m3h), _known(one.use_m3h), one.completeness_frac)
        for one in measured
    }
    return fresh != set(kept)


def _keep(setup: models.ZoneSetup, measured: list[balance.Measured]) -> None:
    now = clock.now()
    rows = [
        models.NightFlow(
            setup=setup,
            night_date=one.night,
            state=contracts.NightState.LEARNING,
            inflow_m3h=_known(one.inflow_m3h),
            use_m3h=_known(one.use_m3h),
            flow_m3h=_known(one.flow_m3h),
            completeness_frac=one.completeness_frac,
            quality=_quality(one),
            model_version="",
            inputs=dict(one.inputs),
            judged_at=now,
        )
        for one in measured
    ]
    models.NightFlow.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["setup", "night_date"],
        update_fields=[
            "inflow_m3h",
            "use_m3h",
            "flow_m3h",
            "completeness_frac",
            "quality",
            "inputs",
            "judged_at",
        ],
    )


def rejudge(setup: models.ZoneSetup) -> None:
    """Judge all kept nights of a zone against each other and draw the consequences."""
    nights = list(
        models.NightFlow.objects.filter(setup=setup)
        .defer("inputs")
        .order_by("-night_date")[: rules.HISTORY_NIGHTS]
    )[::-1]
    if not nights:
        return
    leaks = queries.leaks_of(setup.pk)
    judgement = decision.judge_nights(
        nights=[row.night_date.toordinal() for row in nights],
        flows_m3s=_flows_m3s(nights),
        repaired_nights=_repaired_nights(setup, leaks),
        not_leaks=_not_leaks(leaks),
    )
    settled = _settled(nights)
    with transaction.atomic():
        _write_judgement(nights, judgement, settled)
        reopened = _prove_repairs(setup, judgement)
        if not reopened:
            _follow_leaks(setup, judgement, nights, settled)
    if reopened:
        # What looked like a repair was none: the nights read differently without it.
        rejudge(setup)


def _settled(nights: list[models.NightFlow]) -> set[int]:
    """Return the nights that keep their judgement: less is known before them than at the time."""
    if len(nights) < rules.HISTORY_NIGHTS:
        return set()
    early = nights[: -rules.REJUDGED_NIGHTS]
    return {row.night_date.toordinal() for row in early if row.model_version}


def _flows_m3s(nights: list[models.NightFlow]) -> list[float]:
    return [
        math.nan if row.flow_m3h is None else row.flow_m3h * balance.M3S_PER_M3H for row in nights
    ]


def _repaired_nights(
    setup: models.ZoneSetup, leaks: Iterable[models.SuspectedLeak]
) -> tuple[int, ...]:
    return tuple(
        _first_night_after(setup, leak.repaired_at).toordinal()
        for leak in leaks
        if leak.repaired_at is not None
    )


def _not_leaks(leaks: Iterable[models.SuspectedLeak]) -> tuple[decision.Period, ...]:
    return tuple(
        decision.Period(
            from_night=leak.since_date.toordinal(),
            until_night=leak.ended_date.toordinal(),
        )
        for leak in leaks
        if leak.state == contracts.LeakState.DISMISSED and leak.ended_date is not None
    )


def _first_night_after(setup: models.ZoneSetup, moment: datetime) -> date:
    return rules.first_night_after(moment, clock.local_zone(), from_h=setup.night_from_h)


def _write_judgement(
    nights: list[models.NightFlow], judgement: decision.Judgement, settled: set[int]
) -> None:
    changed = []
    for row, judged in zip(nights, judgement.nights, strict=True):
        if judged.night in settled:
            continue
        before = tuple(getattr(row, name) for name in JUDGED_FIELDS)
        _set_judgement(row, judged, judgement.version)
        if tuple(getattr(row, name) for name in JUDGED_FIELDS) != before:
            changed.append(row)
    models.NightFlow.objects.bulk_update(changed, JUDGED_FIELDS, batch_size=BATCH)


def _set_judgement(row: models.NightFlow, judged: decision.JudgedNight, version: str) -> None:
    expected = judged.expected
    row.state = NIGHT_STATES[judged.state]
    row.expected_m3h = None if expected is None else _m3h(expected.expected_m3s)
    row.low_m3h = None if expected is None else _m3h(expected.low_m3s)
    row.high_m3h = None if expected is None else _m3h(expected.high_m3s)
    row.excess_m3h = _m3h(judged.excess_m3s)
    row.excess_m3h_low = _m3h(judged.excess_low_m3s)
    row.excess_m3h_high = _m3h(judged.excess_high_m3s)
    row.model_version = version


def _prove_repairs(setup: models.ZoneSetup, judgement: decision.Judgement) -> bool:
    """Prove or disprove repairs by the nights since; say whether one was disproved."""
    reopened = False
    for row in queries.leaks_of(setup.pk):
        if row.state == contracts.LeakState.VERIFYING:
            _verify(row, setup, judgement)
            reopened |= row.state == contracts.LeakState.OPEN
        elif row.state == contracts.LeakState.REPAIRED:
            _measure_saving_again(row, setup, judgement)
    return reopened


def _follow_leaks(
    setup: models.ZoneSetup,
    judgement: decision.Judgement,
    nights: list[models.NightFlow],
    settled: set[int],
) -> None:
    """Bring the suspected leaks in line with what the nights say."""
    finished = rules.latest_finished_night(
        clock.now(), clock.local_zone(), until_h=setup.night_until_h
    )
    present = nights[-1].night_date >= finished - timedelta(days=1)
    rows = queries.leaks_of(setup.pk)
    verifying = any(row.state == contracts.LeakState.VERIFYING for row in rows)
    unseen = {
        row.pk: row
        for row in rows
        if row.state == contracts.LeakState.OPEN
        and row.called_date >= nights[0].night_date
        and row.called_date.toordinal() not in settled
    }
    for found in judgement.leaks:
        row = _same_leak(rows, found)
        if row is not None:
            unseen.pop(row.pk, None)
            actions.follow_leak(row, _estimate(found), present=present)
        elif found.called_night not in settled and (not verifying or not present):
            # While a repair waits for its proof a high night may still be the old leak.
            actions.suspect_leak(setup, _estimate(found), present=present)
    for row in unseen.values():
        actions.withdraw(row)


def _same_leak(
    rows: Iterable[models.SuspectedLeak], found: decision.FoundLeak
) -> models.SuspectedLeak | None:
    """Return the row that tells of the same run of nights."""
    since = date.fromordinal(found.since_night)
    until = date.max if found.until_night is None else date.fromordinal(found.until_night)
    for row in rows:
        end = row.ended_date or date.max
        if row.repaired_at is not None:
            end = _first_night_after(row.setup, row.repaired_at)
        if row.since_date < until and since < end:
            return row
    return None


def _estimate(found: decision.FoundLeak) -> actions.Estimate:
    return actions.Estimate(
        since_date=date.fromordinal(found.since_night),
        called_date=date.fromordinal(found.called_night),
        until_date=None if found.until_night is None else date.fromordinal(found.until_night),
        size_m3h=found.size_m3s / balance.M3S_PER_M3H,
        low_m3h=found.size_low_m3s / balance.M3S_PER_M3H,
        high_m3h=found.size_high_m3s / balance.M3S_PER_M3H,
        model_version=decision.VERSION,
    )


def _verify(
    row: models.SuspectedLeak, setup: models.ZoneSetup, judgement: decision.Judgement
) -> None:
    """Say whether the flow stepped down after a repair, once enough nights have passed."""
    if row.reported_at and row.since_date >= _first_night_after(setup, row.reported_at):
        # Told of the repair late: meanwhile the nights of another leak were taken for this one.
        actions.reopen_began_later(row)
        return
    step = _step_down(row, setup, judgement)
    if step is None:
        return
    if step.verified and step.after_count >= rules.NIGHTS_TO_PROVE:
        actions.verify_repair(row, asdict(step))
    elif step.after_count >= rules.NIGHTS_TO_DISPROVE:
        actions.reopen_unverified(row, asdict(step))


def _measure_saving_again(
    row: models.SuspectedLeak, setup: models.ZoneSetup, judgement: decision.Judgement
) -> None:
    before = row.step_down or {}
    if before.get("after_count", 0) >= rules.NIGHTS_TO_MEASURE_SAVING:
        return
    step = _step_down(row, setup, judgement)
    if step is not None and step.verified and step.after_count > before.get("after_count", 0):
        actions.measure_saving_again(row, asdict(step))


def _step_down(
    row: models.SuspectedLeak, setup: models.ZoneSetup, judgement: decision.Judgement
) -> saving.StepDown | None:
    """Compare the latest leaking nights with those since the repair.

    Nights between the crew's report and its confirmation count on neither side.
    """
    if row.reported_at is None or row.repaired_at is None:
        return None
    reported = _first_night_after(setup, row.reported_at).toordinal()
    confirmed = _first_night_after(setup, row.repaired_at).toordinal()
    since = row.since_date.toordinal()
    known = [one for one in judgement.nights if math.isfinite(one.excess_m3s)]
    before = [one for one in known if since <= one.night < reported]
    after = [one for one in known if one.night >= confirmed]
    before = before[-rules.NIGHTS_BEFORE_REPAIR :]
    after = after[: rules.NIGHTS_TO_MEASURE_SAVING]
    if not before or not after:
        return None
    scales = [one.expected for one in (*before, *after) if one.expected is not None]
    return saving.step_down(
        before_m3s=np.asarray([one.excess_m3s for one in before]),
        after_m3s=np.asarray([one.excess_m3s for one in after]),
        night_scale_m3s=max(one.scale_m3s for one in scales),
        scale_count=max(min(one.errors_used for one in scales), 2),
    )


def _m3h(flow_m3s: float) -> float | None:
    return _known(flow_m3s / balance.M3S_PER_M3H)


def _known(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _quality(one: balance.Measured) -> str:
    if one.clock_change or not math.isfinite(one.flow_m3h):
        return "clock_change" if one.clock_change else "insufficient"
    complete = one.completeness_frac >= GOOD_COMPLETENESS_FRAC
    all_meters = one.meters_read == one.meters_total
    return "good" if complete and all_meters else "doubtful"
