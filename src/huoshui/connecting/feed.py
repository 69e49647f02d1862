"""The way of readings from a connector into the store: durable, however long the store refuses.

A connector reads something from its device into `Columns`, hands it to `Feed.give` and confirms to
the device only when that returned True. Readings of codes that nobody declared are kept beside the
store, on disk as well, until somebody adopts them.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from huoshui.areas.telemetry.contracts import Batch, ConnectorHealth, Receipt, UnknownReadings
from huoshui.connecting.columns import Columns
from huoshui.connecting.health import Health
from huoshui.kernel import errors

log = logging.getLogger(__name__)

REPORT_EVERY_S = 1.0
RETRY_S_MAX = 30.0

Report = Callable[[ConnectorHealth], None]


class Store(Protocol):
    """What a connector needs of the historian; `telemetry.facade.receiving` gives it."""

    def id_of(self, source: str, code: str) -> int:
        """Return the number of the point that a source means, negative where nobody knows."""
        ...

    def keep_unknown(self, readings: Sequence[UnknownReadings]) -> None:
        """Keep readings of codes nobody declared, safely on disk."""
        ...

    def accept_many(self, batches: Sequence[Batch]) -> Sequence[Receipt]:
        """Store batches and return when they are safe on disk."""
        ...


class Feed:
    """One connector's way into the store, with its health and its stop signal."""

    def __init__(
        self, store: Store, health: Health, report: Report, *, retry_s_max: float = RETRY_S_MAX
    ) -> None:
        self.store = store
        self.health = health
        self.stopping = threading.Event()
        self._report = report
        self._reported_s = 0.0
        self._retry_s_max = retry_s_max

    def give(self, source: str, columns: Columns, *, where: str = "") -> bool:
        """Count and store what was read once from a device; False only when stopped meanwhile."""
        self.health.arrived(columns, where=where)
        return self.commit(batches_of([(source, columns)]), unknown_of(source, columns))

    def commit(self, batches: Sequence[Batch], unknown: Sequence[UnknownReadings]) -> bool:
        """Store, trying again while the store refuses; False only when stopped meanwhile."""
        wait_s = min(0.25, self._retry_s_max)
        while batches or unknown:
            try:
                if unknown:
                    self.store.keep_unknown(unknown)
                    unknown = ()
                receipts = self.store.accept_many(batches) if batches else ()
            except (errors.Unavailable, OSError, sqlite3.OperationalError) as error:
                # Disk full, locked, gone. Nothing is confirmed to the device, so nothing is lost.
                log.exception("The historian did not take %d batches; trying again", len(batches))
                self.health.store_failed(error)
                self.publish_health(force=True)
                if self.stopping.wait(wait_s):
                    return False
                wait_s = min(wait_s * 2, self._retry_s_max)
            else:
                self.health.stored(receipts)
                return True
        return True

    def publish_health(self, *, force: bool = False) -> None:
        """Report, at most once a second unless forced."""
        now_s = time.monotonic()
        if not force and now_s - self._reported_s < REPORT_EVERY_S:
            return
        self._reported_s = now_s
        try:
            self._report(self.health.report())
        except OSError:
            # A report that cannot be written must not stop readings from being stored.
            log.exception("The health report of %s could not be written", self.health.name)

    def rest(self, seconds: float) -> bool:
        """Wait, reporting meanwhile; True when told to stop."""
        until = time.monotonic() + seconds
        while not self.stopping.is_set():
            self.publish_health()
            left = until - time.monotonic()
            if left <= 0:
                return False
            self.stopping.wait(min(left, REPORT_EVERY_S))
        return True


def batches_of(parts: Sequence[tuple[str, Columns]]) -> list[Batch]:
    """Return one batch for each part that has readings."""
    return [
        Batch(source, one.point_id, one.at_us, one.value, one.quality)
        for source, one in parts
        if len(one)
    ]


def unknown_of(source: str, columns: Columns) -> list[UnknownReadings]:
    """Return the readings of codes that nobody declared."""
    return [
        UnknownReadings(source, code, one.at_us, one.value, one.quality)
        for code, one in columns.unknown.items()
    ]


class Backoff:
    """How long to wait before trying again: twice as long each time, up to a limit."""

    def __init__(self, first_s: float = 1.0, most_s: float = 60.0) -> None:
        self._first_s, self._most_s = first_s, most_s
        self._next_s = first_s

    def next_s(self) -> float:
        """Return the wait before the next attempt."""
        now_s, self._next_s = self._next_s, min(self._next_s * 2, self._most_s)
        return now_s

    def reset(self) -> None:
        """Begin with the shortest wait again, after success."""
        self._next_s = self._first_s
