"""Everything that may be done to suspected leaks, by a person or by the nights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import contracts, models, queries, refusals, rules
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import audit, clock, events

DEVIATION = "leakage.night_flow"
ORIGIN = "leakage.suspected_leak:"
DEVIATION_MESSAGE = gettext_noop("Night flow is %(size)s m³/h above expectation")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the nights say of one leak; ``until_date`` is the first night without it."""

    since_date: date
    called_date: date
    until_date: date | None
    size_m3h: float
    low_m3h: float
    high_m3h: float
    model_version: str


def suspect_leak(
    setup: models.ZoneSetup, estimate: Estimate, *, present: bool
) -> models.SuspectedLeak:
    """Write down a leak that the nights show.

    One that still runs and is ``present`` (not a reading of old history) raises the zone's
    deviation alarm and publishes ``LeakSuspected``. One that is over is kept as ended.
    """
    _from_at, window_end = rules.window(
        estimate.called_date,
        clock.local_zone(),
        from_h=setup.night_from_h,
        until_h=setup.night_until_h,
    )
    runs = estimate.until_date is None
    leak = models.SuspectedLeak.objects.create(
        setup=setup,
        state=contracts.LeakState.OPEN if runs else contracts.LeakState.ENDED,
        since_date=estimate.since_date,
        called_date=estimate.called_date,
        ended_date=estimate.until_date,
        detected_at=window_end + rules.JUDGED_AFTER_WINDOW,
        size_m3h=estimate.size_m3h,
        low_m3h=estimate.low_m3h,
        high_m3h=estimate.high_m3h,
        model_version=estimate.model_version,
    )
    _note(leak, "detected", at=leak.detected_at, size_m3h=leak.size_m3h)
    if not runs:
        ended_at, _until = rules.window(estimate.until_date or date.max, clock.local_zone())
        _note(leak, "ended", at=ended_at)
    elif present:
        _raise_alarm(leak)
        events.publish(
            contracts.LeakSuspected(
                leak_id=leak.pk,
                zone_code=setup.zone_code,
                since_date=leak.since_date.isoformat(),
                size_m3h=leak.size_m3h,
                low_m3h=leak.low_m3h,
                high_m3h=leak.high_m3h,
                at=clock.now(),
            )
        )
    return leak


def follow_leak(leak: models.SuspectedLeak, estimate: Estimate, *, present: bool) -> None:
    """Bring the size of a running leak up to date, or write down that it ended by itself."""
    if leak.state not in (contracts.LeakState.OPEN, contracts.LeakState.JOB_MADE):
        return
    leak.since_date = estimate.since_date
    leak.size_m3h = estimate.size_m3h
    leak.low_m3h = estimate.low_m3h
    leak.high_m3h = estimate.high_m3h
    leak.model_version = estimate.model_version
    fields = ["since_date", "size_m3h", "low_m3h", "high_m3h", "model_version"]
    # With a job under way the crew's report decides, not the quiet nights before it.
    if estimate.until_date is not None and leak.state == contracts.LeakState.OPEN:
        leak.state = contracts.LeakState.ENDED
        leak.ended_date = estimate.until_date
        fields += ["state", "ended_date"]
        _note(leak, "ended", at=clock.now())
        _clear_alarm(leak)
    elif present and estimate.until_date is None:
        _raise_alarm(leak)
    leak.save(update_fields=fields)


def withdraw(leak: models.SuspectedLeak) -> None:
    """Take a suspicion back because its nights, measured anew, no longer show it."""
    _move(leak, contracts.LeakState.ENDED)
    leak.ended_date = leak.since_date
    leak.save(update_fields=["state", "ended_date"])
    _note(leak, "withdrawn", at=clock.now())
    _clear_alarm(leak)


def make_job(
    *, leak_id: int, by_id: int, priority: fieldwork_contracts.Priority | None = None
) -> fieldwork_contracts.Job:
    """Ask fieldwork for a job to find and repair the leak.

    Refuses when the leak is not open. Asking twice gives the same job.
    """
    with transaction.atomic():
        leak = _leak(leak_id)
        if leak.state == contracts.LeakState.JOB_MADE and leak.job_number:
            made = fieldwork.job(leak.job_number)
            if made is not None:
                return made
        _move(leak, contracts.LeakState.JOB_MADE)
        place = _place(leak)
        job = fieldwork.request_job(
            title="",
            place=place,
            by_id=by_id,
            kind=fieldwork_contracts.JobKind.LEAK_SEARCH,
            priority=priority or fieldwork_contracts.Priority.HIGH,
            origin=f"{ORIGIN}{leak.pk}",
        )
        leak.job_number = job.number
        leak.save(update_fields=["state", "job_number"])
        _note(leak, "job_made", at=clock.now(), by_id=by_id, note=job.number)
        _audit(by_id, "job_made", leak, {"job": job.number})
    return job


def dismiss(*, leak_id: int, by_id: int, reason: str) -> models.SuspectedLeak:
    """Say that a suspected leak is none, and let the zone's higher flow become its normal one.

    Refuses without a reason, and while a job for it is open.
    """
    reason = reason.strip()
    if not reason:
        raise refusals.ReasonMissing
    with transaction.atomic():
        leak = _leak(leak_id)
        if leak.state == contracts.LeakState.JOB_MADE:
            raise refusals.JobRunning(leak.pk, leak.job_number)
        _move(leak, contracts.LeakState.DISMISSED)
        now = clock.now()
        today = clock.local(now).date()
        leak.reason = reason
        leak.ended_date = today + timedelta(days=rules.NEW_LEVEL_LEARNED_NIGHTS)
        leak.save(update_fields=["state", "reason", "ended_date"])
        _note(leak, "dismissed", at=now, by_id=by_id, note=reason)
        _audit(by_id, "leak_dismissed", leak, {"reason": reason})
        _clear_alarm(leak)
        events.publish(
            contracts.LeakDismissed(
                leak_id=leak.pk,
                zone_code=leak.setup.zone_code,
                reason=reason,
                at=now,
                by_id=by_id,
            )
        )
    return leak


def on_job_closed(event: fieldwork_contracts.JobClosed) -> None:
    """Take in what a crew found; a repair waits for its proof by the following nights."""
    leak_id = leak_of(event.origin)
    if leak_id is None:
        return
    with transaction.atomic():
        leak = _leak(leak_id)
        repaired = event.result == fieldwork_contracts.Found.LEAK_REPAIRED
        if not _note_once(
            leak,
            f"job_closed_{event.result}",
            source=f"fieldwork.job_closed:{event.job_id}",
            at=event.at,
            by_id=event.by_id,
            note=event.found_asset_code,
            size_m3h=event.found_size_m3h,
        ):
            return
        if leak.state != contracts.LeakState.JOB_MADE:
            return
        leak.found_asset_code = event.found_asset_code
        if repaired:
            leak.state = contracts.LeakState.VERIFYING
            leak.reported_at = event.done_at
            leak.repaired_at = event.at
        else:
            leak.state = contracts.LeakState.OPEN
        leak.save(update_fields=["state", "found_asset_code", "reported_at", "repaired_at"])
        _audit(event.by_id, "job_result_taken_in", leak, {"result": event.result})
        if not repaired:
            _tell_reopened(leak, event.result)


def on_job_cancelled(event: fieldwork_contracts.JobCancelled) -> None:
    """Open the suspicion again when its job is given up."""
    leak_id = leak_of(event.origin)
    if leak_id is None:
        return
    with transaction.atomic():
        leak = _leak(leak_id)
        fresh = _note_once(
            leak,
            "job_cancelled",
            source=f"fieldwork.job_cancelled:{event.job_id}",
            at=event.at,
            by_id=event.by_id,
            note=event.reason,
        )
        if fresh and leak.state == contracts.LeakState.JOB_MADE:
            leak.state = contracts.LeakState.OPEN
            leak.save(update_fields=["state"])
            _tell_reopened(leak, "job_cancelled")


def verify_repair(leak: models.SuspectedLeak, step: Mapping[str, Any]) -> None:
    """Write down that the nights prove a repair; called with the laboratory's step."""
    _move(leak, contracts.LeakState.REPAIRED)
    leak.verified_at = clock.now()
    fields = [*_set_saving(leak, step), "state", "verified_at"]
    leak.save(update_fields=fields)
    _note(leak, "verified", at=leak.verified_at, size_m3h=leak.saved_m3h)
    _audit(None, "repair_verified", leak, {"saved_m3h": leak.saved_m3h})
    _clear_alarm(leak)
    events.publish(
        contracts.LeakVerified(
            leak_id=leak.pk,
            zone_code=leak.setup.zone_code,
            saved_m3h=leak.saved_m3h or 0.0,
            low_m3h=leak.saved_m3h_low or 0.0,
            high_m3h=leak.saved_m3h_high or 0.0,
            at=leak.verified_at,
        )
    )


def measure_saving_again(leak: models.SuspectedLeak, step: Mapping[str, Any]) -> None:
    """Sharpen the saved flow of a proven repair with the nights that came since."""
    leak.save(update_fields=_set_saving(leak, step))


def reopen_unverified(leak: models.SuspectedLeak, step: Mapping[str, Any]) -> None:
    """Open a suspicion again because the night flow did not step down after the repair."""
    _move(leak, contracts.LeakState.OPEN)
    leak.reported_at = None
    leak.repaired_at = None
    leak.reason = "no_step_down"
    leak.save(update_fields=["state", "reported_at", "repaired_at", "reason"])
    _note(leak, "not_verified", at=clock.now(), size_m3h=float(step["saved_m3s"]) * 3600.0)
    _tell_reopened(leak, "no_step_down")


def reopen_began_later(leak: models.SuspectedLeak) -> None:
    """Open a suspicion again whose nights began after the repair: that repair cannot prove it."""
    _move(leak, contracts.LeakState.OPEN)
    leak.reported_at = None
    leak.repaired_at = None
    leak.reason = "began_later"
    leak.save(update_fields=["state", "reported_at", "repaired_at", "reason"])
    _note(leak, "began_later", at=clock.now(), size_m3h=leak.size_m3h)
    _tell_reopened(leak, "began_later")


def _set_saving(leak: models.SuspectedLeak, step: Mapping[str, Any]) -> list[str]:
    leak.step_down = dict(step)
    leak.saved_m3h = float(step["saved_m3s"]) * 3600.0
    leak.saved_m3h_low = float(step["low_m3s"]) * 3600.0
    leak.saved_m3h_high = float(step["high_m3s"]) * 3600.0
    return ["step_down", "saved_m3h", "saved_m3h_low", "saved_m3h_high"]


def _tell_reopened(leak: models.SuspectedLeak, reason: str) -> None:
    events.publish(
        contracts.LeakReopened(
            leak_id=leak.pk, zone_code=leak.setup.zone_code, reason=reason, at=clock.now()
        )
    )


def _leak(leak_id: int) -> models.SuspectedLeak:
    leak = queries.leak(leak_id)
    if leak is None:
        raise refusals.NoSuchLeak(leak_id)
    return leak


def leak_of(origin: str) -> int | None:
    """Return the number of the suspected leak a job was made for, or None for other jobs."""
    number = origin.removeprefix(ORIGIN)
    return int(number) if origin.startswith(ORIGIN) and number.isdecimal() else None


def _place(leak: models.SuspectedLeak) -> fieldwork_contracts.Place:
    bounds = network.zone_bounds(leak.setup.zone_code)
    if bounds is None:
        return fieldwork_contracts.Place(zone_code=leak.setup.zone_code)
    west, south, east, north = bounds
    return fieldwork_contracts.Place(
        zone_code=leak.setup.zone_code, lon=(west + east) / 2, lat=(south + north) / 2
    )


def _move(leak: models.SuspectedLeak, then: contracts.LeakState) -> None:
    if not rules.may_become(contracts.LeakState(leak.state), then):
        raise refusals.NotInThisState(leak.pk, leak.state, then)
    leak.state = then


def _note(
    leak: models.SuspectedLeak,
    what: str,
    *,
    at: datetime,
    by_id: int | None = None,
    note: str = "",
    size_m3h: float | None = None,
) -> None:
    models.LeakEvent.objects.create(
        leak=leak, what=what, at=at, by_id=by_id, note=note, size_m3h=size_m3h
    )


def _note_once(
    leak: models.SuspectedLeak,
    what: str,
    *,
    source: str,
    at: datetime,
    by_id: int | None,
    note: str,
    size_m3h: float | None = None,
) -> bool:
    """Write a step that another area caused; False when it was written before."""
    _row, fresh = models.LeakEvent.objects.get_or_create(
        leak=leak,
        source=source,
        defaults={"what": what, "at": at, "by_id": by_id, "note": note, "size_m3h": size_m3h},
    )
    return fresh


def _audit(
    by_id: int | None, what: str, leak: models.SuspectedLeak, detail: Mapping[str, Any]
) -> None:
    audit.record(by_id, f"leakage.{what}", f"leakage.suspected_leak:{leak.pk}", dict(detail))


def _raise_alarm(leak: models.SuspectedLeak) -> None:
    telemetry.raise_deviation(
        code=DEVIATION,
        message=DEVIATION_MESSAGE,
        at=clock.now(),
        zone_code=leak.setup.zone_code,
        size=round(leak.size_m3h, 1),
        unit="m³/h",
        data={"leak_id": leak.pk},
    )


def _clear_alarm(leak: models.SuspectedLeak) -> None:
    """Take the zone's alarm back, unless another of its leaks still runs."""
    others = models.SuspectedLeak.objects.filter(
        setup=leak.setup, state__in=(contracts.LeakState.OPEN, contracts.LeakState.JOB_MADE)
    ).exclude(pk=leak.pk)
    if others.exists():
        return
    telemetry.clear_deviation(code=DEVIATION, at=clock.now(), zone_code=leak.setup.zone_code)
