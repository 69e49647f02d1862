"""Hours that must not be judged: told events, and hours of which nothing was measured.

    flow    ....::::....::::      ######....::::          a main is filled: told, so not judged
                        |  gap  | told |                  a gap: the last reading says nothing of it

What was told of, or not measured, is taken as not known. Where a model needs some flow to run on,
it is given what is usual at that time of day.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.series.scada_files import UnreadableFile

Array = NDArray[np.float64]

S_PER_DAY = 86400.0
LONGEST_S = 3600.0
STEPS_SILENT = 3
DAYS_BACK = 14
HEADINGS = frozenset({"from", "start", "begin", "开始", "开始时间", "起"})


@dataclass(frozen=True, slots=True)
class Span:
    """Hours that are not judged, from a moment until another, and why.

    Attributes
    ----------
    from_s, until_s : float
        Local seconds since 1970, the end not included. [s]
    what : str
        As it was told: fill of a main, flushing, works; nothing for a gap.
    """

    from_s: float
    until_s: float
    what: str = ""


def read_events(path: str | Path) -> list[Span]:
    """Read told events: ``from,until,what`` in each line, separated by commas or semicolons.

    A day without a time means its first moment as ``from`` and its whole length as ``until``.

    Raises
    ------
    UnreadableFile
        If a line is no event; all such lines are listed.
    """
    path = Path(path)
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    found: list[Span] = []
    wrong: list[UnreadableFile] = []
    for line, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        separator = next((sign for sign in (";", "\t", ",") if sign in row), ",")
        cells = [cell.strip() for cell in next(csv.reader([row], delimiter=separator))]
        if cells[0].lower() in HEADINGS:
            continue
        if len(cells) < 2:
            wrong.append(UnreadableFile("no_event", path=path, line=line, value=row[:80]))
            continue
        ends = []
        for column, cell in zip(("from", "until"), cells, strict=False):
            moment = _moment(cell, is_end=column == "until")
            if moment is None:
                wrong.append(
                    UnreadableFile(
                        "not_a_moment", path=path, line=line, column=column, value=cell[:80]
                    )
                )
            else:
                ends.append(moment)
        if len(ends) == 2 and ends[1] <= ends[0]:
            wrong.append(
                UnreadableFile(
                    "event_ends_before", path=path, line=line, column="until", value=cells[1]
                )
            )
        elif len(ends) == 2:
            found.append(Span(ends[0], ends[1], cells[2] if len(cells) > 2 else ""))
    if wrong:
        raise UnreadableFile.of_all(wrong)
    return found


def _moment(cell: str, *, is_end: bool) -> float | None:
    with contextlib.suppress(ValueError):
        said = datetime.fromisoformat(cell.replace("/", "-"))
        if said.tzinfo is None:
            whole_day = is_end and len(cell) <= len("2019-01-31")
            return (said + timedelta(days=whole_day)).replace(tzinfo=UTC).timestamp()
    return None


def gaps(*, at_s: ArrayLike, values: ArrayLike, longest_s: float = LONGEST_S) -> list[Span]:
    """Return the hours in which some column gave nothing for longer than usual.

    Parameters
    ----------
    at_s : array_like, shape (n,)
        Moments of the rows, rising. [s]
    values : array_like, shape (n, n_columns)
        NaN is not known.
    longest_s : float
        A silence up to this long, or up to three usual steps, is bridged by the last reading. [s]
    """
    at, table = np.asarray(at_s, dtype=float), np.asarray(values, dtype=float)
    if at.size < 2:
        return []
    longest = max(longest_s, STEPS_SILENT * float(np.median(np.diff(at))))
    found = []
    for column in table.T:
        known = at[np.isfinite(column)]
        if not known.size:
            continue
        for place in np.flatnonzero(np.diff(known) > longest):
            found.append(Span(float(known[place]), float(known[place + 1])))
        if at[-1] - known[-1] > longest:
            found.append(Span(float(known[-1]), float(at[-1]) + 1.0))
    return found


def inside(at_s: ArrayLike, spans: Sequence[Span]) -> NDArray[np.bool_]:
    """Tell which moments lie within one of the spans; shape of ``at_s``."""
    at = np.asarray(at_s, dtype=float)
    found = np.zeros(at.shape, dtype=bool)
    for one in spans:
        found |= (at >= one.from_s) & (at < one.until_s)
    return found


def bridged(*, at_s: ArrayLike, values: ArrayLike, spans: Sequence[Span]) -> tuple[Array, Array]:
    """Return a table on an even grid, with what is usual at that time in place of the spans.

    Usual is the median of the same time on up to fourteen days before; nothing later is used.
    What was not known outside of the spans stays NaN.

    Returns
    -------
    at_s : ndarray, shape (m,)
        Moments, evenly spaced by the usual step. [s]
    values : ndarray, shape (m, n_columns)
    """
    at, table = np.asarray(at_s, dtype=float), np.asarray(values, dtype=float)
    if at.size < 2 or not spans:
        return at, table
    step = float(np.median(np.diff(at)))
    place = np.rint((at - at[0]) / step).astype(np.int64)
    grid = at[0] + step * np.arange(place[-1] + 1)
    full = np.full((grid.size, table.shape[1]), np.nan)
    full[place] = table
    silent = inside(grid, spans)
    full[silent] = np.nan
    a_day = max(round(S_PER_DAY / step), 1)
    rows = np.flatnonzero(silent)
    back = rows[None, :] - a_day * np.arange(1, DAYS_BACK + 1)[:, None]
    earlier = np.where((back >= 0)[:, :, None], full[np.maximum(back, 0)], np.nan)
    some = np.isfinite(earlier).any(axis=0)
    usual = np.full(some.shape, np.nan)
    usual[some] = np.nanmedian(earlier[:, some], axis=0)
    full[rows] = usual
    return grid, full
