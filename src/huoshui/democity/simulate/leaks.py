"""Leaks of the demo city: where, since when, how large. The truth that nobody measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import numpy as np

RUNNING_MAX = 3


@dataclass(frozen=True)
class Leak:
    """One hole in one pipe.

    Attributes
    ----------
    pipe, node, zone : str
        The pipe that leaks, the junction at which the model lets the water out, their zone.
    size_m3h : float
        What it loses when fully grown, at the usual pressure of that place. [m³/h]
    start_at : datetime
        When it begins.
    grows_d : float
        Days until it is fully grown; 0 for a burst. The hole's width grows evenly, so its flow
        grows with the square of time. [d]
    repaired_at : datetime or None
        From when on it loses nothing.
    """

    pipe: str
    node: str
    zone: str
    size_m3h: float
    start_at: datetime
    grows_d: float = 0.0
    repaired_at: datetime | None = None

    def share(self, moment: datetime) -> float:
        """Return how much of its full size it has at a moment, from 0 to 1."""
        if moment < self.start_at or (self.repaired_at is not None and moment >= self.repaired_at):
            return 0.0
        if self.grows_d <= 0:
            return 1.0
        age_d = (moment - self.start_at) / timedelta(days=1)
        return min(1.0, age_d / self.grows_d) ** 2

    def repaired(self, moment: datetime) -> Leak:
        """Return it as it is after a repair."""
        return replace(self, repaired_at=moment)

    def as_record(self) -> dict[str, object]:
        """Return it as plain values for a file."""
        record = asdict(self)
        for name in ("start_at", "repaired_at"):
            record[name] = record[name].isoformat() if record[name] else None
        return record

    @classmethod
    def of_record(cls, record: dict[str, object]) -> Leak:
        """Return the leak of such a record."""
        known = dict(record)
        for name in ("start_at", "repaired_at"):
            known[name] = datetime.fromisoformat(str(known[name])) if known[name] else None
        return cls(**known)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Spot:
    """A place where a leak may come: a pipe, its junction and its zone."""

    pipe: str
    node: str
    zone: str


@dataclass(frozen=True)
class Plan:
    """When leaks come: two in the history, found and repaired, and more without end once shown.

    Attributes
    ----------
    spots : sequence of Spot
        Where they may come.
    shown_from : datetime
        When the demo begins; what lies before is history.
    seed : int
        Decides place, size and moment of all of them.
    """

    spots: Sequence[Spot]
    shown_from: datetime
    seed: int

    def past(self) -> list[Leak]:
        """Return the leaks of the history; the last is repaired over eight weeks before the end."""
        burst = self.shown_from - timedelta(days=208, hours=9)
        creeping = self.shown_from - timedelta(days=118)
        return [
            self._leak(
                0, "AB", burst, size_m3h=14.5, repaired_at=burst + timedelta(days=6, hours=12)
            ),
            self._leak(
                1,
                "C",
                creeping,
                size_m3h=5.5,
                grows_d=30,
                repaired_at=creeping + timedelta(days=41, hours=3),
            ),
        ]

    def coming(self, number: int) -> Leak:
        """Return the hidden leak with a number, from 0, that comes after the demo has begun.

        The first is a burst in the first night, so that whoever watches sees one soon; the
        second creeps up in the other zone a week later.
        """
        if number == 0:
            return self._leak(
                10, "AB", self.shown_from + timedelta(hours=5, minutes=30), size_m3h=16.0
            )
        if number == 1:
            return self._leak(
                11, "C", self.shown_from + timedelta(days=7, hours=4), size_m3h=5.0, grows_d=12
            )
        rng = np.random.default_rng((self.seed, number, 5))
        days = 17 + 11 * (number - 2) + float(rng.uniform(-3, 3))
        burst = number % 2 == 0
        return self._leak(
            10 + number,
            "AB" if rng.random() < 0.7 else "C",
            self.shown_from + timedelta(days=days),
            size_m3h=float(rng.uniform(9, 20)) if burst else float(rng.uniform(5, 12)),
            grows_d=0.0 if burst else float(rng.uniform(10, 30)),
        )

    def _leak(
        self,
        number: int,
        zone: str,
        start_at: datetime,
        *,
        size_m3h: float,
        grows_d: float = 0.0,
        repaired_at: datetime | None = None,
    ) -> Leak:
        here = [spot for spot in self.spots if spot.zone == zone]
        spot = here[int(np.random.default_rng((self.seed, number, 6)).integers(len(here)))]
        return Leak(
            pipe=spot.pipe,
            node=spot.node,
            zone=spot.zone,
            size_m3h=round(size_m3h, 1),
            start_at=start_at,
            grows_d=round(grows_d, 1),
            repaired_at=repaired_at,
        )
