"""Receiving in each process: what the ingest process and the web process give to connectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import (
    actions,
    connector_health,
    contracts,
    handing,
    queries,
    sources,
)
from huoshui.areas.telemetry.receiving import Receiving
from huoshui.areas.telemetry.unadopted import Unadopted

if TYPE_CHECKING:
    from huoshui.areas.telemetry.ingest import Historian

LOOK_EVERY_S = 1.0

Report = Callable[[contracts.ConnectorHealth], None]
Open = Callable[[contracts.Source, Receiving, Report], sources.Running]


def openers() -> Mapping[str, Open]:
    """Return how a source of each connector is opened; those that wait for callers have none."""
    found: dict[str, Open] = {}
    for name, manifest in sources.connectors().items():
        if manifest.facts.get("runs", True) and manifest.is_offered:
            found[name] = _Opener(manifest)
    return found


class _Opener:
    """Loads a connector's libraries only when a source of it is set up."""

    def __init__(self, manifest: sources.Manifest) -> None:
        self._manifest = manifest

    def __call__(
        self, source: contracts.Source, store: Receiving, report: Report
    ) -> sources.Running:
        opened: sources.Running = self._manifest.entry().open_source(source, store, report)
        return opened


def open_receiving(historian: Historian) -> Receiving:
    """Return the store as the connectors of the ingest process see it."""

    def note(one: contracts.UnknownReadings) -> None:
        for at_us, value in ((one.at_us[0], one.value[0]), (one.at_us[-1], one.value[-1])):
            historian.note_unknown(one.source, one.code, int(at_us), float(value), 0)
        latest = (int(one.at_us[-1]), float(one.value[-1]))
        historian.note_unknown(one.source, one.code, *latest, len(one.at_us))

    receiving = Receiving(
        ids=historian.ids,
        accept=historian.accept_many,
        note=note,
        unadopted=Unadopted(queries.folder()),
    )
    receiving.know(sources.sent_names())
    return receiving


class NameFollower:
    """Takes over adopted names within a second, then the readings kept for them."""

    def __init__(self, receiving: Receiving) -> None:
        self._receiving = receiving
        self._seen: tuple[object, ...] | None = None

    def step(self) -> int:
        """Look once; return how many kept readings went into the store."""
        mark = sources.names_mark()
        if mark != self._seen:
            self._receiving.know(sources.sent_names())
            self._seen = mark
        return self._receiving.take_in_adopted()


class HandingIn:
    """The store as a process sees it that does not write the historian: by durable hand-over."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._looked_s = -LOOK_EVERY_S
        self._seen: tuple[object, ...] | None = None
        self.receiving = Receiving(
            ids=self._numbers,
            accept=self._accept,
            note=self._note,
            unadopted=Unadopted(queries.folder()),
        )

    def look(self) -> Receiving:
        """Return the store, with points and names not older than a second."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            mark = sources.names_mark()
            if mark != self._seen:
                self._ids = queries.point_ids()
                self.receiving.know(sources.sent_names())
                self._seen = mark
            self._looked_s = now_s
        return self.receiving

    def _numbers(self, codes: Sequence[str]) -> NDArray[np.int32]:
        return np.array([self._ids.get(code, -1) for code in codes], np.int32)

    def _accept(self, batches: Sequence[contracts.Batch]) -> Sequence[contracts.Receipt]:
        handing.hand_in(batches)
        # The ingest process judges them; until then all of them count as taken.
        return [contracts.Receipt(0, len(batch), 0) for batch in batches]

    def _note(self, one: contracts.UnknownReadings) -> None:
        actions.keep_unknown(
            [
                contracts.UnknownCode(
                    one.source,
                    one.code,
                    len(one.at_us),
                    int(min(one.at_us)),
                    int(max(one.at_us)),
                    float(one.value[-1]),
                )
            ]
        )


def report(health: contracts.ConnectorHealth) -> None:
    """Keep what a connector says about itself."""
    connector_health.keep(health)
