"""How a file of readings is laid out: guessed from its headings and first rows, and said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel.intake import moments
from huoshui.kernel.intake.problems import Problem
from huoshui.kernel.intake.tables import Table

FIRST_ROWS = 2_000
SAMPLED_ROWS = 200_000
SAMPLED_CELLS = 2_000_000
MOMENTS_SHARE_FRAC = 0.6

TIME = frozenset(
    {"time", "datetime", "date_time", "timestamp", "local_time", "moment", "at", "ts", "date"}
    | {"utc_time", "readingtime", "reading_time", "data_ora", "dataora", "ora", "时间", "日期时间"}
    | {"采集时间", "数据时间", "记录时间", "上报时间", "监测时间", "日期", "时刻"}
)
DATE = frozenset({"date", "day", "日期", "data"})
CLOCK = frozenset({"time", "hour", "ora", "时间", "时刻", "clock"})
POINT = frozenset(
    {"point", "point_code", "tag", "tagname", "tag_name", "code", "sensor", "sensor_id"}
    | {"point_id", "series", "name", "id", "测点", "测点编号", "测点编码", "点号", "编号"}
    | {"标签", "位号", "点名"}
)
VALUE = frozenset(
    {"value", "reading", "val", "v", "值", "数值", "读数", "测值", "监测值", "采集值"}
)
UNIT = frozenset({"unit", "units", "单位"})
QUALITY = frozenset({"quality", "q", "质量", "数据质量"})


@dataclass(frozen=True)
class Layout:
    """Where a file keeps what. In a long file ``point`` and ``value`` are columns; in a wide one
    every column of ``wide`` is a point."""

    form: str
    time: tuple[int, ...]
    moment_form: str
    newest_first: bool = False
    point: int | None = None
    value: int | None = None
    unit: int | None = None
    quality: int | None = None
    wide: tuple[int, ...] = ()


def _plain(heading: str) -> str:
    return heading.strip().lower().replace(" ", "_")


def understand(
    table: Table, name: str, said: Mapping[str, str], knows: Any
) -> tuple[Layout | None, Iterator[tuple[int, list[Any]]]]:
    """Return the layout, or nothing and a fatal problem; and all rows from the first.

    ``said`` is what a person decided: layout, time_column, point_column, value_column, day_order.
    ``knows`` tells whether a heading names a point.
    """
    rows = min(SAMPLED_ROWS, SAMPLED_CELLS // max(1, len(table.columns)))
    sample = list(islice(table.records, min(rows, FIRST_ROWS)))
    plain = [_plain(heading) for heading in table.columns]
    problem = _Problems(table, name)
    time = _time_columns(table, plain, sample, said, problem)
    if not time:
        return None, chain(sample, table.records)
    guess = moments.guess(_cells(sample, time))
    if guess.form is None and guess.readings:
        # Only a day beyond the twelfth decides; it may come much later.
        sample += islice(table.records, max(0, rows - len(sample)))
        guess = moments.guess(_cells(sample, time))
    everything = chain(sample, table.records)
    form = said.get("day_order") or guess.form
    if said.get("day_order") and guess.form not in (None, "day_first", "month_first"):
        form = guess.form
    if form is None:
        problem.moments(table.columns[time[0]], guess)
        return None, everything
    newest_first = _newest_first(sample, time, form)
    point = _named(table, plain, POINT, said.get("point_column"))
    value = _named(table, plain, VALUE, said.get("value_column"))
    wide = tuple(n for n in range(len(plain)) if n not in time)
    is_long = said.get("layout") == "long" or (
        said.get("layout") != "wide"
        and point is not None
        and value is not None
        and not (knows(table.columns[value]) and knows(table.columns[point]))
    )
    if is_long and (point is None or value is None):
        problem.columns(_("A long file needs a column of points and one of values."))
        return None, everything
    if is_long:
        unit, quality = (_named(table, plain, one, None) for one in (UNIT, QUALITY))
        return (
            Layout("long", time, form, newest_first, point, value, unit, quality),
            everything,
        )
    if not wide:
        problem.columns(_("Beside the time there is no column with values."))
        return None, everything
    return Layout("wide", time, form, newest_first, wide=wide), everything


def joined(cells: list[Any], time: tuple[int, ...]) -> Any:
    """Return the moment of a row; where day and time are two columns, both as one text."""
    if len(time) == 1:
        return cells[time[0]] if time[0] < len(cells) else ""
    parts = [cells[place] if place < len(cells) else "" for place in time]
    day = parts[0].date() if hasattr(parts[0], "date") else parts[0]
    return f"{day} {parts[1]}".strip()


def _cells(sample: list[tuple[int, list[Any]]], time: tuple[int, ...]) -> Iterator[Any]:
    return (joined(cells, time) for _line, cells in sample)


def _named(table: Table, plain: list[str], names: frozenset[str], said: str | None) -> int | None:
    if said:
        return table.columns.index(said) if said in table.columns else None
    for place, heading in enumerate(plain):
        if heading in names:
            return place
    return None


def _time_columns(
    table: Table, plain: list[str], sample: list[tuple[int, list[Any]]], said: Mapping[str, str],
    problem: _Problems,
) -> tuple[int, ...]:  # fmt: skip
    wanted = said.get("time_column")
    if wanted:
        if wanted not in table.columns:
            problem.columns(_("There is no column of this name."), wanted)
            return ()
        return (table.columns.index(wanted),)
    dates = [n for n, one in enumerate(plain) if one in DATE]
    clocks = [n for n, one in enumerate(plain) if one in CLOCK]
    if dates and clocks and dates[0] != clocks[0]:
        return (dates[0], clocks[0])
    named = [n for n, one in enumerate(plain) if one in TIME]
    for place in [*named, *range(min(len(plain), 20))]:
        guess = moments.guess(_cells(sample, (place,)))
        if (guess.form or guess.readings) and guess.share_frac >= MOMENTS_SHARE_FRAC:
            # Numbers alone are no moments: a column of values may look like days of Excel.
            if guess.form in ("excel_days", "epoch_s", "epoch_ms", "compact") and (
                place not in named
            ):
                continue
            return (place,)
    problem.columns(_("No column with moments was found."))
    return ()


def _newest_first(sample: list[tuple[int, list[Any]]], time: tuple[int, ...], form: str) -> bool:
    read = moments.Column(form).read([*_cells(sample[:FIRST_ROWS], time)])
    read = read[read != moments.NONE]
    if len(read) < 2:
        return False
    steps = read[1:] - read[:-1]
    return bool((steps < 0).sum() > (steps > 0).sum())


class _Problems:
    """The fatal ones: a file that cannot be understood."""

    def __init__(self, table: Table, name: str) -> None:
        self.table, self.name = table, name

    def columns(self, words: Any, column: str = "") -> None:
        """Say that a column is missing, and which there are."""
        self.table.problems.add(
            Problem("telemetry.columns_missing", words, True, file=self.name,
                    line=self.table.header_line, column=column,
                    value=", ".join(self.table.columns[:12]),
                    remedy=_("Say which column holds time, point and value."))
        )  # fmt: skip

    def moments(self, column: str, guess: moments.Guess) -> None:
        """Say that the moments can be read two ways, or not at all."""
        if not guess.readings:
            self.columns(_("The moments of this column cannot be read."), column)
            return
        ways = dict(guess.readings)
        self.table.problems.add(
            Problem(
                "telemetry.moments_ambiguous",
                _("The days can be read two ways, and nothing in the file decides."), True,
                file=self.name, column=column, value=guess.example,
                remedy=_("Say whether it is %(day_first)s (day first) or %(month_first)s "
                         "(month first).")
                % {"day_first": ways.get("day_first", "–"),
                   "month_first": ways.get("month_first", "–")},
            )
        )  # fmt: skip
