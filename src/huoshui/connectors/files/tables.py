"""Read the readings of one table: a row for each reading, or a column for each point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry.contracts import Quality
from huoshui.connecting import columns as columns_of
from huoshui.connecting.columns import Collector, Columns
from huoshui.connecting.messages import IdOf
from huoshui.kernel.intake import moments, tables, values
from huoshui.kernel.intake.problems import Found, Problem
from huoshui.lab.series.wall_clock import WallClock

ROWS_AT_ONCE = 20_000
SAMPLES = 500
TIME_NAMES = ("time", "timestamp", "datetime", "date", "at", "moment", "时间", "日期", "采集时间")
POINT_NAMES = ("point", "tag", "code", "测点", "点号", "测点编码", "编码", "测点编号", "代码")
VALUE_NAMES = ("value", "reading", "数值", "值", "读数")
QUALITY_NAMES = ("quality", "flag", "质量", "状态")


@dataclass(frozen=True)
class Mapping:
    """Which column is what; empty names are found by their usual words."""

    time: str = ""
    point: str = ""
    value: str = ""
    quality: str = ""
    zone: str = "Asia/Shanghai"
    code: str = "{column}"
    sheet: str = ""


@dataclass(frozen=True)
class Layout:
    """Where everything stands in one table: numbers of columns."""

    time: int
    point: int | None
    values: tuple[tuple[int, str], ...]
    quality: int | None


class TableFile:
    """One table, read once from the top in parts of bounded size."""

    def __init__(self, path: Path, name: str, mapping: Mapping) -> None:
        self._name, self._mapping = name, mapping
        self._table = tables.open_table(path, sheet=mapping.sheet or None, name=name)
        self.problems: Found = self._table.problems
        self._clock = WallClock(ZoneInfo(mapping.zone))
        self.read = 0

    def parts(self, id_of: IdOf) -> Iterator[Columns]:
        """Return the readings in parts; whatever is wrong is in ``problems``."""
        if self.problems.fatal:
            return
        layout = self._layout()
        if layout is None:
            return
        rows = iter(self._table.records)
        first = list(itertools.islice(rows, SAMPLES))
        guess = moments.guess(
            cells[layout.time] for _line, cells in first if self._has(cells, layout)
        )
        if guess.form is None:
            self._fatal(
                "files.time_unreadable",
                _("The moments of this column cannot be read, or in two ways."),
                column=self._table.columns[layout.time],
                value=guess.example,
                remedy=_("Write them year first, such as 2026-03-01 08:00:00."),
            )
            return
        column = moments.Column(guess.form)
        everything = itertools.chain(first, rows)
        while part := list(itertools.islice(everything, ROWS_AT_ONCE)):
            yield self._part(part, layout, column, id_of)

    def _has(self, cells: Sequence[Any], layout: Layout) -> bool:
        return len(cells) > layout.time

    def _layout(self) -> Layout | None:
        names = self._table.columns
        time = self._find(self._mapping.time, TIME_NAMES)
        if time is None:
            self._fatal(
                "files.no_time",
                _("No column holds the moments."),
                value=", ".join(names[:8]),
                remedy=_("Name the column of moments in the data source."),
            )
            return None
        point = self._find(self._mapping.point, POINT_NAMES)
        value = self._find(self._mapping.value, VALUE_NAMES)
        quality = self._find(self._mapping.quality, QUALITY_NAMES)
        if point is not None and value is not None:
            return Layout(time, point, ((value, ""),), quality)
        code = self._mapping.code or "{column}"
        wide = tuple(
            (number, code.replace("{column}", name.strip()))
            for number, name in enumerate(names)
            if number not in (time, quality) and name.strip() and not name.startswith("#")
        )
        return Layout(time, None, wide, None)

    def _find(self, wanted: str, usual: Sequence[str]) -> int | None:
        names = [name.strip().lower() for name in self._table.columns]
        if wanted:
            return names.index(wanted.strip().lower()) if wanted.strip().lower() in names else None
        return next((names.index(name) for name in usual if name in names), None)

    def _part(
        self,
        rows: list[tuple[int, list[Any]]],
        layout: Layout,
        column: moments.Column,
        id_of: IdOf,
    ) -> Columns:
        found = Collector()
        whole = [(line, cells) for line, cells in rows if self._has(cells, layout)]
        at_us = column.read([cells[layout.time] for _line, cells in whole])
        there = at_us != moments.NONE
        if column.form not in moments.UTC_FORMS and there.any():
            at_us = at_us.copy()
            at_us[there], _kinds = self._clock.utc(at_us[there])
        for (line, cells), moment, is_there in zip(whole, at_us.tolist(), there, strict=True):
            usual = columns_of.EARLIEST_US <= moment < columns_of.LATEST_US
            if not is_there or not usual:
                found.refused += 1
                self._wrong("files.time_wrong", _("This is no moment of our times."), line,
                            self._table.columns[layout.time], cells[layout.time])  # fmt: skip
                continue
            self._row(line, cells, moment, layout, id_of, found)
        return found.columns()

    def _row(
        self,
        line: int,
        cells: Sequence[Any],
        at_us: int,
        layout: Layout,
        id_of: IdOf,
        found: Collector,
    ) -> None:
        quality = self._quality(cells, layout)
        for number, code in layout.values:
            cell = cells[number] if number < len(cells) else None
            if values.is_nothing(cell):
                found.empty += 1
                continue
            try:
                value = values.number(cell, self._table.decimal)
            except ValueError:
                value = math.nan
            if not abs(value) <= columns_of.LARGEST:
                found.refused += 1
                self._wrong("files.value_wrong", _("This is no number."), line,
                            self._table.columns[number], cell)  # fmt: skip
                continue
            name = code
            if layout.point is not None:
                name = values.text(cells[layout.point]) if layout.point < len(cells) else ""
            if not columns_of.is_code(name):
                found.refused += 1
                self._wrong("files.point_wrong", _("The code of the point is empty or too long."),
                            line, self._table.columns[layout.point or number], name)  # fmt: skip
                continue
            self.read += 1
            found.row(id_of(name), name, at_us, value, quality)

    def _quality(self, cells: Sequence[Any], layout: Layout) -> int:
        if layout.quality is None or layout.quality >= len(cells):
            return int(Quality.GOOD)
        word = values.text(cells[layout.quality]).lower()
        ours = columns_of.quality_of(word)
        if ours is not None:
            return ours
        return int(Quality.GOOD if word in ("", "ok", "0", "192") else Quality.DOUBTFUL)

    def _wrong(self, code: str, words: Any, line: int, column: str, value: Any) -> None:
        self.problems.add(
            Problem(code, words, False, file=self._name, line=line, column=column,
                    value=str(value)[:200])
        )  # fmt: skip

    def _fatal(
        self, code: str, words: Any, *, column: str = "", value: str = "", remedy: Any = ""
    ) -> None:
        self.problems.add(
            Problem(code, words, True, file=self._name, column=column, value=value, remedy=remedy)
        )
