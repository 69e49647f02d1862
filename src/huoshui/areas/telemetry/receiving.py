"""What connectors get of the store: points by the names a source uses, and a place for the rest.

A source may call a point otherwise than we do and measure in another unit; whoever adopted the
code said so. Connectors work with numbers only: a point's own, or beyond `ALIAS` the number of an
adopted name, which is replaced by its point and unit on the way in.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Batch, Receipt, UnknownReadings
from huoshui.areas.telemetry.unadopted import Unadopted

log = logging.getLogger(__name__)

ALIAS = 1 << 30


@dataclass(frozen=True)
class SentName:
    """What a source calls a point, and how its values become values of the point's unit."""

    source: str
    code: str
    point_id: int
    factor: float = 1.0
    offset: float = 0.0


class Receiving:
    """The store as connectors see it; safe from several threads."""

    def __init__(
        self,
        *,
        ids: Callable[[Sequence[str]], NDArray[np.int32]],
        accept: Callable[[Sequence[Batch]], Sequence[Receipt]],
        note: Callable[[UnknownReadings], None],
        unadopted: Unadopted,
    ) -> None:
        self._ids, self._accept, self._note = ids, accept, note
        self.unadopted = unadopted
        self._lock = threading.Lock()
        # Grows only: a number given to a batch that is under way keeps its meaning.
        self._names: list[SentName] = []
        self._place: dict[tuple[str, str], int] = {}
        self._columns = (np.empty(0, np.int32), np.empty(0), np.empty(0))

    def know(self, names: Sequence[SentName]) -> None:
        """Take over the adopted names; called at the start and whenever they change."""
        with self._lock:
            place: dict[tuple[str, str], int] = {}
            for one in names:
                key = (one.source, one.code)
                before = self._place.get(key)
                if before is not None and self._names[before] == one:
                    place[key] = before
                else:
                    place[key] = len(self._names)
                    self._names.append(one)
            self._columns = (
                np.array([one.point_id for one in self._names], np.int32),
                np.array([one.factor for one in self._names], np.float64),
                np.array([one.offset for one in self._names], np.float64),
            )
            self._place = place

    def id_of(self, source: str, code: str) -> int:
        """Return the number a source's code has in a batch, negative where nobody knows it."""
        place = self._place.get((source, code))
        return ALIAS + place if place is not None else int(self._ids((code,))[0])

    def accept_many(self, batches: Sequence[Batch]) -> Sequence[Receipt]:
        """Store batches durably, adopted names replaced by their points."""
        return self._accept([self._translated(batch) for batch in batches])

    def _translated(self, batch: Batch) -> Batch:
        named = batch.point_id >= ALIAS
        if not named.any():
            return batch
        points, factors, offsets = self._columns
        place = batch.point_id[named] - ALIAS
        ids, values = batch.point_id.copy(), np.array(batch.value, np.float64)
        ids[named] = points[place]
        values[named] = values[named] * factors[place] + offsets[place]
        return replace(batch, point_id=ids, value=values)

    def keep_unknown(self, readings: Sequence[UnknownReadings]) -> None:
        """Keep readings of codes nobody declared until somebody does, safely on disk."""
        if not readings:
            return
        self.unadopted.keep(readings)
        for one in readings:
            self._note(one)

    def take_in_adopted(self) -> int:
        """Move kept readings of codes that are known by now into the store; return how many.

        Repeatable: killed in between, the same readings go in once more and replace themselves.
        """
        moved = 0
        for source, code in self.unadopted.codes():
            number = self.id_of(source, code)
            while number >= 0:
                mark, (at_us, value, quality) = self.unadopted.read(source, code)
                if not mark:
                    self.unadopted.forget(source, code)
                    break
                ids = np.full(len(at_us), number, np.int32)
                self.accept_many([Batch(source, ids, at_us, value, quality)])
                self.unadopted.forget(source, code, mark)
                moved += len(at_us)
        if moved:
            log.info("Took in %d kept readings of adopted codes", moved)
        return moved
