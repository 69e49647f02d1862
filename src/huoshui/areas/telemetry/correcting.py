"""Corrections of readings: made and undone by people, applied when reading."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import contracts, models, queries, refusals
from huoshui.areas.telemetry.store import corrections as store
from huoshui.kernel import audit, clock, events

# A line is drawn from the nearest good reading on either side, if there is one so near.
LINE_REACH = timedelta(days=2)
LONGEST = timedelta(days=366)


def correct(
    code: str,
    from_at: datetime,
    until: datetime,
    *,
    how: str,
    reason: str,
    by_id: int,
    value: float | None = None,
    offset: float = 0.0,
) -> contracts.Correction:
    """Correct what is seen of a point's readings in [from_at, until); the originals stay.

    Refuses with ``telemetry.not_correctable`` a span without readings, in the future or too long, a
    missing reason or value, and a line without a good reading on both sides. Audited; publishes
    ``ReadingsCorrected``. Charts, exports and calculations follow at once.
    """
    point = queries.point(code)
    _refuse_faults(from_at, until, how, reason, value, offset)
    found = queries.readings([code], from_at, until)[code]
    if not len(found):
        raise refusals.NotCorrectable(
            "of_nothing",
            _("There is no reading in this time."),
            _("Choose a time in which the point has readings; the chart shows them."),
        )
    line = _line(code, from_at, until) if how == store.INTERPOLATE else None
    with transaction.atomic():
        row = models.Correction.objects.create(
            revision=_next_revision(),
            point_id=point.id,
            from_at=from_at,
            until=until,
            how=how,
            value=value if how in {store.VALUE, store.SCALE} else None,
            offset=offset if how == store.SCALE else 0.0,
            **(line or {}),
            readings=len(found),
            reason=reason.strip()[:500],
            made_at=clock.now(),
            made_by_id=by_id,
        )
        audit.record(
            by_id,
            "telemetry.readings_corrected",
            f"point:{code}",
            {
                "correction": row.pk,
                "how": how,
                "from_at": from_at,
                "until": until,
                "value": row.value,
                "offset": row.offset,
                "readings": row.readings,
                "reason": row.reason,
            },
        )
        events.publish(contracts.ReadingsCorrected(code, from_at, until))
    return _contract(row, code)


def undo(number: int, by_id: int) -> contracts.Correction:
    """Undo a correction, so that its span is seen as if it had never been made.

    Refuses an unknown one, one undone before, and one whose readings were deleted since: only its
    roll-ups are left, and nothing could make them anew. Audited; publishes ``ReadingsCorrected``.
    """
    with transaction.atomic():
        row = models.Correction.objects.select_for_update(of=("self",)).filter(pk=number).first()
        if row is None:
            raise refusals.NoSuchCorrection(number)
        if row.undone_at is not None:
            raise refusals.CorrectionAlreadyUndone(number)
        code = row.point.code
        left = queries.readings([code], row.from_at, row.until, version="raw")[code]
        if len(left) < row.readings:
            raise refusals.CorrectionPastKeeping(number)
        row.undone_at, row.undone_by_id = clock.now(), by_id
        row.revision = _next_revision()
        row.save(update_fields=["undone_at", "undone_by", "revision"])
        audit.record(by_id, "telemetry.correction_undone", f"point:{code}", {"correction": row.pk})
        events.publish(contracts.ReadingsCorrected(code, row.from_at, row.until))
    return _contract(row, code)


def corrections(code: str | None = None) -> list[contracts.Correction]:
    """Return the corrections of a point, or all, the latest first."""
    rows = models.Correction.objects.select_related("point").order_by("-id")
    if code is not None:
        rows = rows.filter(point_id=queries.point(code).id)
    return [_contract(row, row.point.code) for row in rows]


def _contract(row: models.Correction, code: str) -> contracts.Correction:
    return contracts.Correction(
        number=row.pk,
        point_code=code,
        from_at=row.from_at,
        until=row.until,
        how=row.how,
        value=row.value,
        offset=row.offset,
        readings=row.readings,
        reason=row.reason,
        made_at=row.made_at,
        made_by_id=row.made_by_id,
        undone_at=row.undone_at,
        undone_by_id=row.undone_by_id,
    )


def _next_revision() -> int:
    """Return the number of the next making or undoing; called while the database is ours."""
    newest = models.Correction.objects.aggregate(newest=Max("revision"))["newest"]
    return int(newest or 0) + 1


def _refuse_faults(
    from_at: datetime, until: datetime, how: str, reason: str, value: float | None, offset: float
) -> None:
    if how not in store.HOWS:
        raise refusals.NotCorrectable(
            "unknown_way", _("There is no such correction."), _("Choose one of those offered.")
        )
    if not from_at < until:
        raise refusals.NotCorrectable(
            "span", _("The end is not behind the beginning."), _("Choose a later end.")
        )
    if until > clock.now() + timedelta(minutes=1):
        raise refusals.NotCorrectable(
            "future",
            _("Readings that have not come yet cannot be corrected."),
            _("Choose an end that has passed."),
        )
    if until - from_at > LONGEST:
        raise refusals.NotCorrectable(
            "too_long",
            _("A correction covers a year at most."),
            _("Make several corrections, one for each year."),
        )
    if not reason.strip():
        raise refusals.NotCorrectable(
            "reason",
            _("A correction needs a reason."),
            _("Say what was wrong and how you know."),
        )
    needs_value = how in {store.VALUE, store.SCALE}
    if needs_value and (value is None or not math.isfinite(value) or not math.isfinite(offset)):
        raise refusals.NotCorrectable(
            "value", _("This correction needs a number."), _("Give the value or the factor.")
        )


def _line(code: str, from_at: datetime, until: datetime) -> dict[str, object]:
    """Return the good readings nearest before and behind the span."""
    found = queries.readings([code], from_at - LINE_REACH, until + LINE_REACH)[code]
    good = (found.quality < contracts.Quality.DOUBTFUL) & ~np.isnan(found.value)
    at_us, value = found.at_us[good], found.value[good]
    before = int(np.searchsorted(at_us, contracts.to_us(from_at))) - 1
    behind = int(np.searchsorted(at_us, contracts.to_us(until)))
    if before < 0 or behind >= len(at_us):
        raise refusals.NotCorrectable(
            "line",
            _("There is no good reading within two days on both sides."),
            _("Give a value instead, or mark these readings as bad."),
        )
    return {
        "line_from_at": contracts.from_us(int(at_us[before])),
        "line_from": float(value[before]),
        "line_until": contracts.from_us(int(at_us[behind])),
        "line_to": float(value[behind]),
    }
