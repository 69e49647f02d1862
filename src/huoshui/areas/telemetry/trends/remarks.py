"""Remarks on trends: writing, changing, taking away and bringing back, and finding them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import models, queries
from huoshui.kernel import audit, clock, errors

CHARS_MAX = 500


class RemarkEmpty(errors.Refused):
    """A remark says something, and ends after it begins."""

    def __init__(self) -> None:
        super().__init__(
            "telemetry.remark_impossible",
            _("A remark needs words, at most 500 characters, and an end after its beginning."),
            status=422,
            next_step=_("Write what happened, and look at the period again."),
        )


class NoSuchRemark(errors.Refused):
    """It is not there, or somebody else wrote it."""

    def __init__(self) -> None:
        super().__init__(
            "telemetry.no_such_remark",
            _("There is no such remark of yours."),
            status=404,
            next_step=_("Load the chart again; only its author changes a remark."),
        )


def standing() -> QuerySet[models.Remark]:
    """Return the remarks that were not taken away."""
    return models.Remark.objects.filter(removed_at__isnull=True).select_related(
        "point", "written_by"
    )


def of_points(
    codes: Sequence[str], from_at: datetime, until: datetime, *, limit: int = 500
) -> list[models.Remark]:
    """Return what is said of these points within [from_at, until), the newest first."""
    rows = standing().filter(point__code__in=list(codes), from_at__lt=until)
    return list(rows.filter(Q(from_at__gte=from_at) | Q(until__gt=from_at))[:limit])


def write(
    code: str, text: str, *, from_at: datetime, until: datetime | None, by_id: int
) -> models.Remark:
    """Leave a remark on a point.

    Refuses with `telemetry.remark_impossible` and `telemetry.no_such_point`.
    """
    words = _checked(text, from_at, until)
    with transaction.atomic():
        row = models.Remark.objects.create(
            point_id=queries.point(code).id,
            from_at=from_at,
            until=until,
            text=words,
            written_at=clock.now(),
            written_by_id=by_id,
        )
        audit.record(by_id, "telemetry.remark_written", f"point:{code}", {"text": words})
    return row


def change(remark_id: int, text: str, *, by_id: int) -> models.Remark:
    """Change the words of one's own remark. Refuses with `telemetry.no_such_remark`."""
    with transaction.atomic():
        row = _own(remark_id, by_id)
        before, row.text = row.text, _checked(text, row.from_at, row.until)
        row.save(update_fields=["text"])
        detail = {"before": before, "text": row.text}
        audit.record(by_id, "telemetry.remark_changed", f"point:{row.point.code}", detail)
    return row


def remove(remark_id: int, *, by_id: int, back: bool = False) -> models.Remark:
    """Take one's own remark away, or with ``back`` bring it back."""
    with transaction.atomic():
        row = _own(remark_id, by_id)
        row.removed_at = None if back else clock.now()
        row.save(update_fields=["removed_at"])
        deed = "telemetry.remark_brought_back" if back else "telemetry.remark_removed"
        audit.record(by_id, deed, f"point:{row.point.code}", {"text": row.text})
    return row


def _own(remark_id: int, by_id: int) -> models.Remark:
    row = models.Remark.objects.select_related("point").filter(pk=remark_id).first()
    if row is None or row.written_by_id != by_id:
        raise NoSuchRemark
    return row


def _checked(text: str, from_at: datetime, until: datetime | None) -> str:
    words = " ".join(text.split())
    if not words or len(words) > CHARS_MAX or (until is not None and until <= from_at):
        raise RemarkEmpty
    return words
