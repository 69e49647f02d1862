"""What the connector can say about itself: state, counts, rates and the latest problems."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from huoshui.areas.telemetry.contracts import (
    ConnectorHealth,
    ConnectorProblem,
    Receipt,
    to_us,
)
from huoshui.connecting.columns import Columns
from huoshui.kernel import clock

RATE_OVER_S = 60
DELAYS_KEPT = 101
PROBLEMS_KEPT = 20


def _now() -> datetime:
    # Of the machine, not of the demo: this is about our own connection.
    return datetime.now(UTC)


class Health:
    """Counts of one connector since it started; safe to write from two threads."""

    def __init__(
        self,
        name: str,
        address: str,
        *,
        connector: str = "",
        city_now: Callable[[], datetime] = clock.now,
        monotonic_s: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.name = name
        self.address = address
        self.monotonic_s = monotonic_s
        self.state = "connecting"
        self.waiting = 0
        self._connector = connector
        self._now = now
        self._city_now = city_now
        self._lock = threading.Lock()
        self._started_at = now()
        self._state_since = now()
        self._note = ""
        self._latest_at: datetime | None = None
        self._counts: Counter[str] = Counter()
        self._per_second: deque[tuple[int, int, int]] = deque(maxlen=RATE_OVER_S + 1)
        self._problems: deque[ConnectorProblem] = deque(maxlen=PROBLEMS_KEPT)
        self._delays_s: deque[float] = deque(maxlen=DELAYS_KEPT)
        self._latest_us: int | None = None

    def connected(self) -> None:
        with self._lock:
            self._counts["connections"] += 1
            self._set_state("connected", "")

    def lost(self, why: str) -> None:
        """Note that there is no connection; ``why`` is a code that pages have words for."""
        with self._lock:
            self._set_state("disconnected", why)

    def store_failed(self, error: BaseException) -> None:
        with self._lock:
            self._counts["store_failures"] += 1
            self._problem("historian.not_stored", "", f"{type(error).__name__}: {error}"[:200])

    def problem(self, code: str, where: str, message: str) -> None:
        """Note something that a person may have to mend."""
        with self._lock:
            self._problem(code, where, message)

    def arrived(self, columns: Columns, *, where: str = "", again: bool = False) -> None:
        """Count one message (or answer, or file) as read, with what was wrong in it."""
        second = int(self.monotonic_s())
        newest_us = int(columns.at_us.max()) if len(columns) else None
        delay_s = self._delay_s(newest_us)
        with self._lock:
            self._latest_at = self._now()
            if newest_us is not None:
                self._latest_us = max(newest_us, self._latest_us or newest_us)
            if delay_s is not None:
                self._delays_s.append(delay_s)
            self._counts["messages"] += 1
            self._counts["again"] += again
            self._counts["unread"] += columns.refused
            self._counts["unknown"] += sum(one.count for one in columns.unknown.values())
            self._counts["messages_refused"] += bool(columns.problems and not len(columns))
            if self._per_second and self._per_second[-1][0] == second:
                _, messages, readings = self._per_second.pop()
                self._per_second.append((second, messages + 1, readings + len(columns)))
            else:
                self._per_second.append((second, 1, len(columns)))
            for problem in columns.problems:
                self._problem(problem.code, f"{where} {problem.where}", problem.message)

    def stored(self, receipts: Sequence[Receipt]) -> None:
        with self._lock:
            self._counts["accepted"] += sum(receipt.accepted for receipt in receipts)
            self._counts["refused"] += sum(receipt.refused for receipt in receipts)
            self._counts["commits"] += 1

    def report(self) -> ConnectorHealth:
        """Return the present state as one value."""
        second = int(self.monotonic_s())
        with self._lock:
            recent = [one for one in self._per_second if second - one[0] < RATE_OVER_S]
            over_s = max(1, min(RATE_OVER_S, second - recent[0][0] + 1)) if recent else 1
            return ConnectorHealth(
                name=self.name,
                address=self.address,
                state=self.state,
                state_since=self._state_since,
                note=self._note,
                started_at=self._started_at,
                reported_at=self._now(),
                latest_message_at=self._latest_at,
                messages=self._counts["messages"],
                messages_again=self._counts["again"],
                messages_refused=self._counts["messages_refused"],
                messages_waiting=self.waiting,
                readings_accepted=self._counts["accepted"],
                readings_refused=self._counts["unread"] + self._counts["refused"],
                messages_per_s=sum(one[1] for one in recent) / over_s,
                readings_per_s=sum(one[2] for one in recent) / over_s,
                commits=self._counts["commits"],
                store_failures=self._counts["store_failures"],
                problems=tuple(reversed(self._problems)),
                connector=self._connector,
                latest_reading_us=self._latest_us,
                readings_unknown=self._counts["unknown"],
                delay_s=statistics.median(self._delays_s) if self._delays_s else None,
            )

    def _delay_s(self, newest_us: int | None) -> float | None:
        if newest_us is None:
            return None
        try:
            return (to_us(self._city_now()) - newest_us) / 1e6
        except Exception:
            # The clock is in the database, which may be busy; readings are stored all the same.
            return None

    def _set_state(self, state: str, note: str) -> None:
        if state != self.state:
            self.state = state
            self._state_since = self._now()
        self._note = note

    def _problem(self, code: str, where: str, message: str) -> None:
        latest = self._problems[-1] if self._problems else None
        if latest is not None and (latest.code, latest.where) == (code, where):
            self._problems.pop()
            count = latest.count + 1
        else:
            count = 1
        self._problems.append(
            ConnectorProblem(code, where.strip(), message, count=count, seen_at=self._now())
        )
