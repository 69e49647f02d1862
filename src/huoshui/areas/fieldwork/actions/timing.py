"""The moments of a repair: when it was repaired, and when water was back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.areas.fieldwork import contracts, models, refusals
from huoshui.areas.fieldwork.actions import jobs as job_actions
from huoshui.kernel import clock

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

FIELDS = {"set_off": "set_off_at", "repaired": "repaired_at", "water_back": "water_back_at"}


def note(job: models.Job, what: str, *, at: datetime) -> None:
    """Take over a moment that a phone has kept as a step already; the first one told counts."""
    field = FIELDS.get(what)
    if field is None or job.state == contracts.JobState.CANCELLED:
        return
    if getattr(job, field) is None:
        setattr(job, field, min(at, clock.now()))
        job.save(update_fields=[field])


@transaction.atomic
def tell(
    number: str, *, repaired_at: datetime | None, water_back_at: datetime | None, cause: str,
    by: User,
) -> models.Job:  # fmt: skip
    """Put the moments and the cause of a repair right from the office.

    What stood there before stays readable in the trail; where nothing differs nothing is written.
    Refuses a job that was cancelled, water that is back before the call, and moments that have
    not been yet.
    """
    job = job_actions.locked(number, by.pk, "fieldwork.close_job")
    if job.state == contracts.JobState.CANCELLED:
        raise refusals.NotInThisState(job, contracts.JobState.DONE)
    begin, now = job.called_at or job.requested_at, clock.now()
    for moment in (repaired_at, water_back_at):
        if moment is not None and not begin <= moment <= now:
            raise refusals.MomentImpossible(moment)
    before = _said(job)
    job.repaired_at = _to_the_second(job.repaired_at, repaired_at)
    job.water_back_at = _to_the_second(job.water_back_at, water_back_at)
    job.cause = cause
    after = _said(job)
    if before == after:
        return job
    job.save(update_fields=["repaired_at", "water_back_at", "cause"])
    changed = {"before": before, "after": after}
    job_actions.note_step(job, "timed", at=now, by_id=by.pk, note="", changed=changed)
    return job


def _to_the_second(known: datetime | None, told: datetime | None) -> datetime | None:
    # The form knows minutes only: what somebody left as it was must not lose its seconds.
    same = known and told and known.replace(second=0, microsecond=0) == told
    return known if same else told


def _said(job: models.Job) -> dict[str, str]:
    moments = {"repaired_at": job.repaired_at, "water_back_at": job.water_back_at}
    said = {name: at.astimezone(UTC).isoformat() if at else "" for name, at in moments.items()}
    return {**said, "cause": str(job.cause)}
