"""Chart answers: columns of numbers for the trend chart, as compact as JSON allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import ChartSeries, Point, Quality

HALF_HOUR_MS = 1_800_000
RUNS_MAX = 300


def encode(answer: Any) -> bytes:
    """Return an answer as JSON; NaN becomes null."""
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


def facts_of(point: Point, language: str) -> dict[str, Any]:
    """Return what a chart writes beside a point's line."""
    return {
        "code": point.code,
        "name": point.name(language),
        "kind": point.kind,
        "unit": point.unit,
        "decimals": point.decimals,
        "expected_every_s": point.expected_every_s,
        "limits": {
            "low_low": point.limit_low_low,
            "low": point.limit_low,
            "high": point.limit_high,
            "high_high": point.limit_high_high,
        },
    }


def columns(decimals: int, series: ChartSeries) -> dict[str, Any]:
    """Return one line as columns.

    ``start_ms`` and ``step_ms`` give the moments: each step leads to the next. What stands for
    hours is drawn at its middle. ``low`` and ``high`` exist where a value stands for many
    readings; ``runs`` are
    stretches of readings that are not good, as (from, until, quality).
    """
    at_ms = series.at_us // 1000
    hourly = series.resolution == "hourly"
    if hourly:
        # Where a long period was thinned, a point stands for several hours.
        step_ms = int(np.median(np.diff(at_ms))) if len(at_ms) > 1 else 2 * HALF_HOUR_MS
        at_ms = at_ms + step_ms // 2
    digits = decimals + 1
    found: dict[str, Any] = {
        "resolution": series.resolution,
        "readings_total": series.readings_total,
        "start_ms": int(at_ms[0]) if len(at_ms) else None,
        "step_ms": np.diff(at_ms),
        "value": np.round(series.value, digits),
        "runs": [] if hourly else quality_runs(at_ms, series.quality),
    }
    if hourly:
        found["low"] = np.round(series.value_min, digits)
        found["high"] = np.round(series.value_max, digits)
    return found


def quality_runs(
    at_ms: NDArray[np.int64], quality: NDArray[np.uint8]
) -> list[tuple[int, int, int]]:
    """Return stretches of equal quality other than good, each with its first and last moment.

    Of more than ``RUNS_MAX`` the longest are kept: a chart with more is grey anyway.
    """
    if not len(quality) or not quality.any():
        return []
    begins = np.flatnonzero(np.diff(quality, prepend=np.uint8(255)) != 0)
    ends = np.append(begins[1:], len(quality)) - 1
    marked = quality[begins] != Quality.GOOD
    begins, ends = begins[marked], ends[marked]
    if len(begins) > RUNS_MAX:
        longest = np.sort(np.argsort(at_ms[begins] - at_ms[ends])[:RUNS_MAX])
        begins, ends = begins[longest], ends[longest]
    return [
        (int(at_ms[begin]), int(at_ms[end]), int(quality[begin]))
        for begin, end in zip(begins, ends, strict=True)
    ]


def answer(
    points: Sequence[Point],
    series: Sequence[ChartSeries],
    from_at: datetime,
    until: datetime,
    language: str,
) -> bytes:
    """Return the whole answer for several points over one period."""
    return encode(
        {
            "from_ms": int(from_at.timestamp() * 1000),
            "until_ms": int(until.timestamp() * 1000),
            "series": [
                {**facts_of(point, language), **columns(point.decimals, one)}
                for point, one in zip(points, series, strict=True)
            ],
        }
    )
