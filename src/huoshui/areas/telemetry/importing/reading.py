"""From the rows of a table to staged readings: moments, numbers, units, clock changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from huoshui.areas.telemetry import validation
from huoshui.areas.telemetry.contracts import QUALITY_CODES, Quality
from huoshui.areas.telemetry.importing import layout as layouts
from huoshui.areas.telemetry.importing.staging import Stage
from huoshui.areas.telemetry.importing.targets import Targets
from huoshui.kernel.intake import moments, values
from huoshui.kernel.intake.problems import Found, Problem
from huoshui.lab.series.wall_clock import Hour, WallClock

CHUNK_CELLS = 400_000
CHUNK_ROWS = 20_000
# 192 is OPC's "good"; the rest of OPC's codes are not for guessing.
QUALITIES = {code: quality for quality, code in QUALITY_CODES.items()} | {
    "192": Quality.GOOD, "良好": Quality.GOOD, "正常": Quality.GOOD, "好": Quality.GOOD,
    "估计": Quality.ESTIMATED, "可疑": Quality.DOUBTFUL, "坏": Quality.BAD, "异常": Quality.BAD,
}  # fmt: skip


@dataclass
class Seen:
    """What was met on the way."""

    rows: int = 0
    readings: int = 0
    empty: int = 0
    left_out: int = 0
    missing_hour: int = 0
    doubled_hour: int = 0
    codes: dict[str, int] = field(default_factory=dict)


class Reader:
    """Reads the rows of one file into a stage and says what could not be read."""

    def __init__(
        self, name: str, layout: layouts.Layout, targets: Targets, zone: ZoneInfo, decimal: str,
        now_us: int, problems: Found,
    ) -> None:  # fmt: skip
        self.name, self.layout, self.targets, self.decimal = name, layout, targets, decimal
        self.latest_us = now_us + validation.FUTURE_REFUSED_US
        self.problems = problems
        self.seen = Seen()
        self._moments = moments.Column(layout.moment_form)
        self._is_utc = layout.moment_form in moments.UTC_FORMS
        self._clock = WallClock(zone, newest_first=layout.newest_first)

    def read(
        self, columns: tuple[str, ...], records: Iterator[tuple[int, list[Any]]], stage: Stage
    ) -> None:
        """Read all rows, some ten thousand at once."""
        width = max(1, len(columns))
        size = max(50, min(CHUNK_ROWS, CHUNK_CELLS // width))
        slots = [
            (place, self.targets.slot(columns[place])) for place in self.layout.wide
        ]  # what a column is, is asked once
        while chunk := list(islice(records, size)):
            lines = np.array([line for line, _cells in chunk], np.int64)
            rows = [cells for _line, cells in chunk]
            self.seen.rows += len(rows)
            if self.layout.form == "wide":
                self._wide(lines, rows, slots, columns, stage)
            else:
                self._long(lines, rows, columns, stage)

    def _wide(
        self, lines: NDArray[np.int64], rows: list[list[Any]], slots: list[tuple[int, int]],
        columns: tuple[str, ...], stage: Stage,
    ) -> None:  # fmt: skip
        time = [layouts.joined(cells, self.layout.time) for cells in rows]
        at_us, usable = self._at(time, lines, None)
        by_column = list(zip_longest(*rows, fillvalue=""))
        for place, slot in slots:
            if slot < 0 or place >= len(by_column):
                continue
            value, given = self._numbers(by_column[place], lines, columns[place])
            keep = given & usable
            self._stage(stage, np.full(len(lines), slot, np.int32), at_us, value, None, lines, keep)

    def _long(
        self, lines: NDArray[np.int64], rows: list[list[Any]], columns: tuple[str, ...],
        stage: Stage,
    ) -> None:  # fmt: skip
        layout = self.layout
        assert layout.point is not None and layout.value is not None  # noqa: PT018 - long
        names = [values.text(_at(cells, layout.point)) for cells in rows]
        units = [values.text(_at(cells, layout.unit)) for cells in rows]
        slot = np.array(
            [
                self.targets.slot(name, unit, int(line)) if name else -1
                for name, unit, line in zip(names, units, lines, strict=True)
            ],
            np.int32,
        )
        for name, one in zip(names, slot, strict=True):
            if one < 0:
                self._unknown(name)
        time = [layouts.joined(cells, layout.time) for cells in rows]
        at_us, usable = self._at(time, lines, slot)
        cells = [_at(one, layout.value) for one in rows]
        value, given = self._numbers(cells, lines, columns[layout.value])
        quality = None
        if layout.quality is not None:
            quality = np.array([self._quality(_at(one, layout.quality)) for one in rows], np.uint8)
        self._stage(stage, slot, at_us, value, quality, lines, given & usable & (slot >= 0))

    def _unknown(self, name: str) -> None:
        self.seen.left_out += 1
        if name in self.seen.codes or len(self.seen.codes) < 10_000:
            self.seen.codes[name] = self.seen.codes.get(name, 0) + 1

    def _stage(
        self, stage: Stage, slot: NDArray[np.int32], at_us: NDArray[np.int64],
        value: NDArray[np.float64], quality: NDArray[np.uint8] | None, lines: NDArray[np.int64],
        keep: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        if not keep.any():
            return
        slot, at_us, lines = slot[keep], at_us[keep], lines[keep]
        factors = np.array([one.factor for one in self.targets.list])
        value = value[keep] * factors[slot]
        quality = np.zeros(len(slot), np.uint8) if quality is None else quality[keep]
        stage.add(slot, at_us, value, quality, lines)
        self.seen.readings += len(slot)

    def _at(
        self, time: list[Any], lines: NDArray[np.int64], series: NDArray[np.int32] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return moments in UTC and which of them are usable; say why the others are not."""
        wall_us = self._moments.read(time)
        usable = wall_us != moments.NONE
        for place in np.flatnonzero(~usable):
            self._say("telemetry.moment_unreadable", _("The moment cannot be read."),
                      lines[place], str(time[place]),
                      _("Write it as in the other rows, or leave the row out."))  # fmt: skip
        at_us = np.where(usable, wall_us, 0)
        if not self._is_utc:
            keys = None if series is None else series.astype(np.int64)
            shown, hour = np.zeros_like(at_us), np.zeros(len(at_us), np.uint8)
            shown[usable], hour[usable] = self._clock.utc(
                at_us[usable], None if keys is None else keys[usable]
            )
            at_us = shown
            self.seen.doubled_hour += int((hour >= Hour.FIRST_OF_TWO).sum())
            missing = hour == Hour.MISSING
            self.seen.missing_hour += int(missing.sum())
            for place in np.flatnonzero(missing):
                self._say("telemetry.missing_hour",
                          _("This hour did not exist: the clocks were put forward."),
                          lines[place], str(time[place]),
                          _("Check the time zone, or correct the moment."))  # fmt: skip
            usable &= ~missing
        impossible = usable & ((at_us < validation.EARLIEST_US) | (at_us > self.latest_us))
        for place in np.flatnonzero(impossible):
            self._say("telemetry.moment_impossible",
                      _("The moment lies in the future, or before the year 2000."),
                      lines[place], str(time[place]), _("Correct the moment."))  # fmt: skip
        return at_us, usable & ~impossible

    def _numbers(
        self, cells: Any, lines: NDArray[np.int64], column: str
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return values and which cells hold one; say which hold something else."""
        quick = _quick(cells) if self.decimal == "." else None
        if quick is not None:
            given = ~np.isnan(quick)
            self.seen.empty += int((~given).sum())
            return quick, given
        out = np.full(len(cells), np.nan)
        for place, cell in enumerate(cells):
            if values.is_nothing(cell):
                self.seen.empty += 1
                continue
            try:
                out[place] = values.number(cell, self.decimal)
            except ValueError:
                self.seen.left_out += 1
                self.problems.add(
                    Problem("telemetry.not_a_number", _("This is not a number."), False,
                            file=self.name, line=int(lines[place]), column=column, value=cell,
                            remedy=_("Correct the value, or leave the cell empty."))
                )  # fmt: skip
        return out, ~np.isnan(out)

    def _quality(self, cell: Any) -> int:
        text = values.text(cell).lower()
        if not text:
            return int(Quality.GOOD)
        # What we do not understand is not called good.
        return int(QUALITIES.get(text, Quality.DOUBTFUL))

    def _say(self, code: str, words: Any, line: Any, value: str, remedy: Any) -> None:
        self.seen.left_out += 1
        self.problems.add(
            Problem(code, words, False, file=self.name, line=int(line), value=value, remedy=remedy)
        )


def _at(cells: list[Any], place: int | None) -> Any:
    return cells[place] if place is not None and place < len(cells) else ""


def _quick(cells: Any) -> NDArray[np.float64] | None:
    """Return numbers at C speed, or nothing where a cell needs a closer look."""
    try:
        read = np.array([cell if cell not in ("", None) else "nan" for cell in cells], object)
        out = read.astype(np.float64)
    except (TypeError, ValueError):
        return None
    if np.isinf(out).any():
        return None
    texts = [cell for cell in cells if isinstance(cell, str)]
    # Python reads 1_000 as a number; people who write it mean something else.
    if any(isinstance(cell, bool) for cell in cells) or "_" in "".join(texts):
        return None
    return out
