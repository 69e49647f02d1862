"""Run every source that is set up, each in a thread of its own, and follow changes while running.

A source that stops by itself is started again, after a wait that doubles up to a minute: one
broken device must not stop the others.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from huoshui.areas.telemetry.contracts import ConnectorHealth, Source
from huoshui.connecting.feed import Backoff, Report, Store
from huoshui.connecting.health import Health

log = logging.getLogger(__name__)

STOP_S = 10.0
# Who worked this long without a fault begins with the short wait again.
WELL_AFTER_S = 120.0


class Running(Protocol):
    """A connector at work on one source."""

    def run(self) -> None:
        """Work in the calling thread until ``stop``."""
        ...

    def stop(self) -> None:
        """End ``run`` soon."""
        ...


Open = Callable[[Source, Store, Report], Running]


@dataclass(slots=True)
class _Work:
    """One source at work: its thread, and the connector of the present attempt."""

    source: Source
    stopping: threading.Event = field(default_factory=threading.Event)
    connector: Running | None = None
    thread: threading.Thread | None = None


class Supervisor:
    """Keeps the threads of the sources in step with what is set up."""

    def __init__(
        self,
        store: Store,
        report: Report,
        openers: Mapping[str, Open],
        *,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self._store, self._report, self._openers = store, report, openers
        self._backoff = backoff
        self._works: dict[str, _Work] = {}

    def follow(self, sources: Sequence[Source]) -> None:
        """Start what is new, restart what changed, stop what is gone or paused."""
        wanted = {
            one.code: one for one in sources if one.is_enabled and one.connector in self._openers
        }
        for code, work in list(self._works.items()):
            if wanted.get(code) != work.source:
                self._ask_to_stop(work)
        for code, work in list(self._works.items()):
            if wanted.get(code) != work.source:
                self._wait_for(work)
                del self._works[code]
        for code, source in wanted.items():
            if code not in self._works:
                self._works[code] = self._start(source)

    def close(self) -> None:
        """Stop every source and wait for it."""
        self.follow(())

    def _start(self, source: Source) -> _Work:
        work = _Work(source)
        work.thread = threading.Thread(
            target=self._run, args=(work,), name=f"source-{source.code}", daemon=True
        )
        work.thread.start()
        return work

    def _run(self, work: _Work) -> None:
        source = work.source
        backoff = self._backoff()
        while not work.stopping.is_set():
            began_s = time.monotonic()
            try:
                work.connector = self._openers[source.connector](source, self._store, self._report)
                if work.stopping.is_set():
                    return
                work.connector.run()
                if work.stopping.is_set():
                    return
                fault = "it ended without being told to"
            except Exception as problem:
                log.exception("The source %s stopped by itself", source.code)
                fault = f"{type(problem).__name__}: {problem}"[:200]
            if time.monotonic() - began_s > WELL_AFTER_S:
                backoff.reset()
            self._report_fault(source, fault)
            work.stopping.wait(backoff.next_s())

    def _report_fault(self, source: Source, fault: str) -> None:
        health = Health(name=source.code, address="", connector=source.connector)
        health.lost("source.stopped_by_fault")
        health.problem("source.stopped_by_fault", "", fault)
        report: ConnectorHealth = health.report()
        try:
            self._report(report)
        except OSError:
            log.exception("The health report of %s could not be written", source.code)

    def _ask_to_stop(self, work: _Work) -> None:
        work.stopping.set()
        if work.connector is not None:
            work.connector.stop()

    def _wait_for(self, work: _Work) -> None:
        if work.thread is not None:
            work.thread.join(STOP_S)
            if work.thread.is_alive():
                # It is a daemon and confirms nothing that is not stored; the new one may begin.
                log.error("The source %s did not stop within %.0f s", work.source.code, STOP_S)
