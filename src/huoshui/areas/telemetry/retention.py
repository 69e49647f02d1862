"""How long readings are kept: deleting what is over, and how long the disk will last.

Only readings are deleted, of whole days, after they were rolled up; hours stay for ever. Every
deletion has a record from before it begins.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.telemetry import contracts, models, queries, refusals
from huoshui.kernel import audit, clock, health
from huoshui.kernel.pages import formats

if TYPE_CHECKING:
    from huoshui.areas.telemetry.ingest import Historian

METERS, PROCESS, CALCULATED = "meters", "process", "calculated"
LEAST_DAYS = 31
DAYS_AT_ONCE = 31
# Growth is that of so many closed days, and looked at anew so often.
GROWTH_DAYS = 7
SIZES_FOR_S = 600.0
WARN_DAYS, FAIL_DAYS = 60, 14


@dataclass(frozen=True)
class ClassSize:
    """What one class takes of the disk. ``days_left`` until it is full; None: it never will be.

    ``bytes_in_the_end`` is what it grows to when its time is limited.
    """

    code: str
    points: int
    keep_days: int | None
    bytes_now: int
    bytes_per_day: float
    readings_per_day: float
    bytes_in_the_end: float | None
    days_left: float | None


@dataclass(frozen=True)
class Sizes:
    """All classes, the free disk, and how many days it lasts; None: for ever."""

    classes: tuple[ClassSize, ...]
    bytes_free: int
    days_left: float | None


def class_of(point: models.Point, *, is_calculated: bool) -> str:
    """Return the class of a point: its own, or by its kind and how it comes about."""
    if point.retention is not None:
        return point.retention.code
    if is_calculated:
        return CALCULATED
    return METERS if point.kind == "use" else PROCESS


def points_by_class() -> dict[str, list[int]]:
    """Return the points' numbers of each class."""
    found: dict[str, list[int]] = {row.code: [] for row in models.RetentionClass.objects.all()}
    calculated = set(models.CalculatedPoint.objects.values_list("point_id", flat=True))
    for row in models.Point.objects.select_related("retention").only("kind", "retention__code"):
        found[class_of(row, is_calculated=row.pk in calculated)].append(row.pk)
    return found


def keep_for(code: str, keep_days: int | None, by_id: int) -> None:
    """Say how long the readings of a class are kept; None for ever. Audited.

    Refuses an unknown class and less than a month.
    """
    with transaction.atomic():
        row = models.RetentionClass.objects.select_for_update().filter(code=code).first()
        if row is None:
            raise refusals.NoSuchRetentionClass(code)
        if keep_days is not None and keep_days < LEAST_DAYS:
            raise refusals.KeptTooShort(LEAST_DAYS)
        before, row.keep_days, row.changed_at = row.keep_days, keep_days, clock.now()
        row.save(update_fields=["keep_days", "changed_at"])
        audit.record(
            by_id,
            "telemetry.retention_changed",
            f"retention:{code}",
            {"before": before, "keep_days": keep_days},
        )


def delete_due(historian: Historian) -> int:
    """Delete the readings whose time is over, a month of days at a time; return how many went."""
    gone = 0
    numbers = points_by_class()
    today = contracts.to_us(clock.now()) // DAY_US
    for row in models.RetentionClass.objects.filter(keep_days__isnull=False):
        points = numbers[row.code]
        before = today - int(row.keep_days or 0)
        days = historian.keeper.cut_due(row.pk, before)[:DAYS_AT_ONCE] if points else []
        if days:
            gone += _delete(historian, row, days, points)
    return gone


def _delete(
    historian: Historian, row: models.RetentionClass, days: Sequence[int], points: Sequence[int]
) -> int:
    record = models.Deletion.objects.create(
        retention=row,
        before_date=date(1970, 1, 1) + timedelta(days=max(days) + 1),
        begun_at=clock.now(),
    )
    gone, freed = historian.keeper.cut(row.pk, days, points)
    with transaction.atomic():
        record.days, record.readings, record.bytes_freed = len(days), gone, max(freed, 0)
        record.done_at = max(clock.now(), record.begun_at)
        record.save()
        if gone:
            audit.record(
                None,
                "telemetry.readings_deleted",
                f"retention:{row.code}",
                {"before_date": record.before_date, "readings": gone, "bytes": freed},
            )
    return gone


# Sizes ------------------------------------------------------------------------------------

DAY_US = 86_400_000_000
_lock = threading.Lock()
_known: tuple[float, Sizes] | None = None


def sizes(*, fresh: bool = False) -> Sizes:
    """Return what the classes take of the disk, at most ten minutes old."""
    global _known
    with _lock:
        if fresh or _known is None or time.monotonic() - _known[0] > SIZES_FOR_S:
            _known = (time.monotonic(), _sizes())
        return _known[1]


def _sizes() -> Sizes:
    from huoshui.areas.telemetry.store import sizes as store_sizes

    today = contracts.to_us(clock.now()) // DAY_US
    stored = store_sizes.stored(queries.reader(), GROWTH_DAYS, today)
    numbers = points_by_class()
    free = shutil.disk_usage(_existing(queries.folder())).free
    rows = []
    for row in models.RetentionClass.objects.all():
        share = stored.share_of(numbers[row.code])
        per_day = stored.bytes_per_day * share
        now = int(stored.bytes_now * share)
        # It never shrinks below what it is: days over their time are deleted day by day.
        end = None if row.keep_days is None else max(per_day * row.keep_days, float(now))
        growing = (per_day, None if end is None else end - now)
        rows.append((row, now, share, end, growing))
    return Sizes(
        tuple(
            ClassSize(
                code=row.code,
                points=len(numbers[row.code]),
                keep_days=row.keep_days,
                bytes_now=now,
                bytes_per_day=growing[0],
                readings_per_day=stored.readings_per_day * share,
                bytes_in_the_end=end,
                days_left=days_until_full(free, [growing]),
            )
            for row, now, share, end, growing in rows
        ),
        free,
        days_until_full(free, [growing for *_rest, growing in rows]),
    )


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def days_until_full(free: float, growing: Sequence[tuple[float, float | None]]) -> float | None:
    """Return after how many days ``free`` bytes are used up, None for never.

    Each grows by so many bytes a day, until it has grown by so many in all (None: without end).
    """
    left, day = float(free), 0.0
    running = sorted(
        (room / per_day if room is not None else float("inf"), per_day)
        for per_day, room in growing
        if per_day > 0
    )
    while running:
        rate = sum(per_day for _until, per_day in running)
        until = running[0][0]
        if left <= rate * (until - day):
            return day + left / rate
        left -= rate * (until - day)
        day = until
        running = [one for one in running if one[0] > until]
    return None


def findings() -> Iterator[health.Finding]:
    """Say how long the disk will last for readings, and of deletions that were cut off."""
    found = sizes()
    if found.days_left is None or found.days_left > 3650:
        yield health.Finding("ok", _("The disk is large enough for the readings of ten years."))
    else:
        level = (
            "failing"
            if found.days_left < FAIL_DAYS
            else "warning"
            if found.days_left < WARN_DAYS
            else "ok"
        )
        yield health.Finding(
            level,
            _("The disk is full of readings in %(span)s, at the growth of the last week.")
            % {"span": formats.duration(timedelta(days=found.days_left))},
            "" if level == "ok" else _("Add disk space, or keep readings for a shorter time."),
        )
