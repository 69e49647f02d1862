"""The smallest store that keeps the historian's promise, a clock that stands, and waiting."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from huoshui.areas.telemetry.contracts import Batch, ConnectorHealth, Receipt, UnknownReadings
from huoshui.kernel import clock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def standing_clock() -> Iterator[None]:
    """Connectors are tested without a database: the city's clock stands at a known moment."""
    with clock.frozen(NOW):
        yield


class Store:
    """Readings by code and moment; points are declared by naming them."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)
        self.rows: list[tuple[str, int, float, int]] = []
        self.unknown: list[UnknownReadings] = []
        self.reports: list[ConnectorHealth] = []
        self.failures: list[Exception] = []
        self._lock = threading.Lock()

    def id_of(self, source: str, code: str) -> int:
        return self.codes.index(code) if code in self.codes else -1

    def keep_unknown(self, readings: Sequence[UnknownReadings]) -> None:
        self.unknown += readings

    def accept_many(self, batches: Sequence[Batch]) -> list[Receipt]:
        if self.failures:
            raise self.failures.pop(0)
        with self._lock:
            for one in batches:
                columns = (one.point_id, one.at_us, one.value, one.quality)
                for number, at_us, value, quality in zip(*columns, strict=True):
                    self.rows.append((self.codes[number], int(at_us), float(value), int(quality)))
        return [Receipt(1, len(one), 0) for one in batches]

    def report(self, health: ConnectorHealth) -> None:
        self.reports.append(health)

    def values(self, code: str) -> list[float]:
        with self._lock:
            return [value for name, _at, value, _q in self.rows if name == code]

    def latest(self, code: str) -> float | None:
        found = self.values(code)
        return found[-1] if found and not math.isnan(found[-1]) else None


class Working:
    """A connector in a thread of its own, stopped at the end of a block."""

    def __init__(self, connector: object) -> None:
        self.connector = connector
        self.thread = threading.Thread(target=connector.run)  # type: ignore[attr-defined]

    def __enter__(self) -> Working:
        self.thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.connector.stop()  # type: ignore[attr-defined]
        self.thread.join(10)
        assert not self.thread.is_alive(), "the connector does not stop"


def eventually(condition: Callable[[], object], within_s: float = 15) -> None:
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
