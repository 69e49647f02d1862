"""The round that ingest makes once a second beside the readings: shelving, escalation, formulas.

In a thread of its own, because folding alarms of a great network may take longer than a value may
wait. Everything here leaves its mark in a table: a kill in between repeats and loses nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from huoshui.areas.telemetry import (
    actions,
    calculated,
    conditions,
    contracts,
    queries,
    queries_bands,
    queries_rules,
)
from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.ingest import Historian
from huoshui.kernel import clock

BANDS_EVERY_S = 600.0
VALUE_HOLDS_US = 3_600_000_000


class Rounds:
    """What is due beside the readings of one historian."""

    def __init__(self, historian: Historian) -> None:
        self.historian = historian
        self.calculator = calculated.Calculator(historian)
        self._mark: tuple[Any, ...] | None = None
        self._ids: dict[str, int] = {}
        self._bands_at = 0.0
        self._bands_hour = 0

    def due(self) -> tuple[tuple[str, Callable[[], Any]], ...]:
        """Return what to do in one round, with the words for the log."""
        return (
            ("take over formulas", self.refresh),
            ("work out calculated points", self.calculator.calculate),
            ("tend alarms", self.tend),
            ("expect values", self.expect),
        )

    def refresh(self) -> None:
        """Take over rules and formulas when they changed."""
        mark = queries_rules.rules_mark()
        if mark != self._mark:
            self._ids = queries.point_ids()
            self.calculator.refresh()
            self._bands_at = 0.0
            self._mark = mark

    def tend(self) -> int:
        """Let the clock do its part with alarms."""
        return actions.tend_alarms(self.values)

    def values(self, codes: Sequence[str]) -> Mapping[str, float]:
        """Return present values, NaN where none is known or it cannot be trusted."""
        now_us = contracts.to_us(clock.now())
        newest = self.historian.newest.of([self._ids.get(code, -1) for code in codes])
        return {
            code: value
            if quality <= Quality.ESTIMATED and now_us - at_us <= VALUE_HOLDS_US
            else math.nan
            for code, (at_us, value, quality) in zip(codes, newest, strict=True)
        }

    def expect(self) -> None:
        """Work out what is usual in the hours around now, for rules that compare with it."""
        now = clock.now()
        hour = contracts.to_us(now) // conditions.HOUR_US
        if hour == self._bands_hour and time.monotonic() - self._bands_at < BANDS_EVERY_S:
            return
        self._bands_at, self._bands_hour = time.monotonic(), hour
        self.historian.expect(bands_of(queries_rules.expected_points(), now))


def bands_of(points: Sequence[Any], now: Any) -> dict[int, conditions.Band]:
    """Return what is expected of points from an hour ago to three hours ahead."""
    found = {}
    for point in points:
        band = queries_bands.expected_band(
            point.code, now - timedelta(hours=1), now + timedelta(hours=3)
        )
        if len(band.hour_us):
            found[point.pk] = conditions.Band(int(band.hour_us[0]), band.low, band.high)
    return found
