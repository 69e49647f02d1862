"""Corrections: what readers see instead of the original readings, which stay as they came.

A correction is a rule about a span of one point: another value, a factor and an offset, a line
between two good readings, a mark of quality, or the original again. It is applied when reading, so
that no repeat of the raw readings, however late, can override it, and taking it back needs no
undoing of data. Later corrections work on what earlier ones made. Each making or undoing has a
``revision`` of its own, by which the roll-ups know what they do not contain yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.store import columns

VALUE, SCALE, INTERPOLATE = "value", "scale", "interpolate"
BAD, GOOD, RESTORE = "bad", "good", "restore"
HOWS = (VALUE, SCALE, INTERPOLATE, BAD, GOOD, RESTORE)


@dataclass(frozen=True)
class Correction:
    """One correction of the readings of a point in [from_us, until_us).

    ``value`` is the new value or the factor, ``offset`` is added after the factor. For a line,
    ``line`` has moment and value of the good readings before and behind the span. One that was
    undone (``stands`` is False) is kept, because roll-ups may still contain it.
    """

    number: int
    revision: int
    point_id: int
    from_us: int
    until_us: int
    how: str
    value: float = np.nan
    offset: float = 0.0
    line: tuple[int, float, int, float] = (0, np.nan, 0, np.nan)
    stands: bool = True

    def days(self) -> range:
        """Return the UTC days that it touches, counted from 1970."""
        return range(self.from_us // columns.DAY_US, (self.until_us - 1) // columns.DAY_US + 1)


class Corrections:
    """The corrections of some points, or of all."""

    def __init__(self, rows: Sequence[Correction] = ()) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: row.number))
        self.revision = max((row.revision for row in rows), default=0)

    def behind(self, revision: int) -> Corrections:
        """Return those made or undone since a revision."""
        return Corrections([row for row in self.rows if row.revision > revision])

    def days(self) -> dict[int, set[int]]:
        """Return the points touched on each day."""
        found: dict[int, set[int]] = {}
        for row in self.rows:
            for day in row.days():
                found.setdefault(day, set()).add(row.point_id)
        return found

    def apply(self, raw: columns.Columns) -> columns.Columns:
        """Return readings, sorted by (point, time), as they are seen with all that stand."""
        value: NDArray[np.float64] | None = None
        quality = raw.quality
        for row in self.rows:
            place = _span(raw, row) if row.stands else slice(0, 0)
            if place.start == place.stop:
                continue
            if value is None:
                value, quality = raw.value.copy(), raw.quality.copy()
            _apply(row, place, raw, value, quality)
        if value is None:
            return raw
        return columns.Columns(raw.point_id, raw.at_us, value, quality, raw.rank)


NONE = Corrections()


def _span(raw: columns.Columns, row: Correction) -> slice:
    first, last = np.searchsorted(raw.point_id, (row.point_id, row.point_id + 1))
    at = raw.at_us[first:last]
    start, stop = np.searchsorted(at, (row.from_us, row.until_us))
    return slice(int(first + start), int(first + stop))


def _apply(
    row: Correction,
    place: slice,
    raw: columns.Columns,
    value: NDArray[np.float64],
    quality: NDArray[np.uint8],
) -> None:
    """Write one correction into copies of value and quality."""
    if row.how == RESTORE:
        value[place], quality[place] = raw.value[place], raw.quality[place]
    elif row.how == BAD:
        quality[place] = np.maximum(quality[place], np.uint8(Quality.BAD))
    elif row.how == GOOD:
        there = ~np.isnan(value[place])
        quality[place] = np.where(there, np.uint8(Quality.GOOD), quality[place])
    elif row.how == SCALE:
        # What an instrument did not say stays unsaid; a bad value stays bad in another unit.
        value[place] = value[place] * row.value + row.offset
        usable = quality[place] < Quality.BAD
        estimated = np.maximum(quality[place], np.uint8(Quality.ESTIMATED))
        quality[place] = np.where(usable, estimated, quality[place])
    else:
        if row.how == VALUE:
            value[place] = row.value
        else:
            before_us, before, after_us, after = row.line
            value[place] = np.interp(raw.at_us[place], (before_us, after_us), (before, after))
        quality[place] = Quality.ESTIMATED
